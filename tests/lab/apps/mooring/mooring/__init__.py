"""Mooring: the assistant on Starlette alone; class-based endpoints, services by constructor."""
