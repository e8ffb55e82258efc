"""Tidewatch: the assistant behind a bare `websockets` server; HTTP is what its handshake hook answers."""
