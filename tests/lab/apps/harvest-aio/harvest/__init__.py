"""Harvest: the assistant on aiohttp, with middlewares and a room of sessions."""
