"""Foundry: the assistant on Litestar, controllers and provided services."""
