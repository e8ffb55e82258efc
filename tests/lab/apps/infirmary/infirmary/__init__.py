"""Infirmary: the assistant on FastAPI; all that a route needs comes by Depends."""
