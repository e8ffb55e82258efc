"""The WebSocket side of Parley."""
