"""This machine's clock against the server's.

In: moments that a server told, or when Cloud Logging received its newest entry. Out: a finding. Decides from how far
apart two clocks are wrong; the direction tells what suffers.
"""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from rca.doctor.findings import Finding, not_ok, ok, unknown

CHECK = "clock"

_WRONG = timedelta(minutes=1)
"""From here on a cycle's times would lie beside its logs by more than tests take."""

_DATE_STEP = timedelta(seconds=1)
"""A Date header tells no fractions of a second."""

SET = {
    "darwin": "sudo sntp -sS time.google.com",
    "win32": "w32tm /resync",
}.get(sys.platform, "sudo timedatectl set-ntp true")
"""The command that sets this machine's clock by the network."""

COMPARE = "curl -sI https://www.google.com | grep -i ^date; date -u"
"""Shows the time elsewhere, and here."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A server's clock, and this machine's before the question and after the answer."""

    before: datetime
    server: datetime
    after: datetime

    @property
    def ahead(self) -> timedelta:
        """How far this machine's clock is ahead, at the least; negative where it is behind."""
        if self.server > self.after:
            return self.after - self.server
        return max(timedelta(), self.before - self.server - _DATE_STEP)


def examined(readings: Sequence[Reading], received: datetime | None, now: datetime) -> Finding:
    """By what a server told, else by `received`: when the newest entry reached Cloud Logging, by its clock.

    The newest entry tells only whether this clock is behind: an old one is no sign of a clock that is ahead.
    """
    if readings:
        ahead = min((reading.ahead for reading in readings), key=abs)
        if abs(ahead) < _WRONG:
            return ok(CHECK, "this machine's clock agrees with the server's to the minute")
        side = "ahead of" if ahead > timedelta() else "behind"
        return not_ok(CHECK, f"this machine's clock is {_told(ahead)} {side} the server's", SET)
    if received is None:
        return unknown(CHECK, "no answer tells the server's time", COMPARE)
    if received - now >= _WRONG:
        behind = f"at least {_told(received - now)} behind"
        return not_ok(
            CHECK, f"this machine's clock is {behind}: the newest entry was received in its future", SET
        )
    age = _told(max(timedelta(), now - received))
    return unknown(
        CHECK,
        f"the newest entry was received {age} ago by this machine's clock, which is not visibly behind; whether it "
        "is ahead, gRPC does not tell",
        COMPARE,
    )


def _told(span: timedelta) -> str:
    seconds = round(abs(span.total_seconds()))
    for unit, name in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= 2 * unit:
            return f"{round(seconds / unit)} {name}"
    return f"{seconds} s"
