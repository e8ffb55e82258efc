"""Jukebox: the assistant on Sanic, a blueprint a concern."""
