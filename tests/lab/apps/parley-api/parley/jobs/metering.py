"""Counts sessions for the monthly bill. Sound here; noisy in some scenarios."""

import logging

from parley.ws.session import Session

log = logging.getLogger("parley.jobs.metering")
_seen: set[str] = set()


def note_session(session: Session) -> None:
    """The session is counted."""
    _seen.add(session.id)
