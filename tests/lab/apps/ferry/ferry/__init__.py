"""Ferry: the assistant as a bare ASGI callable under granian; no framework."""
