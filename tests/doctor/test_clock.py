"""This machine's clock against the server's."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from google.api_core.exceptions import Forbidden
from hypothesis import given, strategies as st

from rca.doctor import Mark, examine
from rca.doctor.clock import SET, Reading, examined
from rca.doctor.examination import Means
from rca.sources.cloud.wire import Page, clock_of
from tests.cloud.logs import Logs
from tests.doctor.patient import LOGIN, Told, entry, found, of_told, outside, serving, subject, wrong

pytestmark = pytest.mark.slow

AT = datetime(2026, 3, 4, 5, 0, tzinfo=UTC)
SPANS = st.integers(-100_000, 100_000).map(lambda tenths: timedelta(seconds=tenths / 10))
DURATIONS = st.integers(0, 300).map(lambda tenths: timedelta(seconds=tenths / 10))


@pytest.mark.parametrize("hours", [-1, 1])
def test_a_wrong_clock_is_said_with_the_command_that_sets_it(hours: int) -> None:
    """An hour ahead or behind is told by the Date header of an HTTP answer."""
    with serving("http") as server:
        findings = found(examine(subject(server.endpoint), outside(ahead=timedelta(hours=hours))))
    assert "clock" in wrong(findings)
    side = "ahead of" if hours > 0 else "behind"
    assert side in findings["clock"].what
    assert "60 min" in findings["clock"].what
    assert findings["clock"].remedies == (SET,)


def test_a_right_clock_is_ok() -> None:
    """A few seconds are none."""
    with serving("http") as server:
        findings = found(examine(subject(server.endpoint), outside(ahead=timedelta(seconds=20))))
    assert findings["clock"].mark is Mark.OK


def test_an_entry_received_in_the_future_shows_a_clock_that_is_behind() -> None:
    """By gRPC, where no answer tells the time, the newest entry does: it cannot have been received later than now."""
    with serving("grpc", holding=Logs([entry(20), entry(3), entry(0.5, received=-0.01)])) as server:
        findings = found(examine(subject(server.endpoint), outside()))
    assert wrong(findings) == ["clock"]
    assert "at least 14 min behind" in findings["clock"].what


def test_an_old_entry_shows_nothing() -> None:
    """By gRPC, that the newest entry was received before now tells neither of a clock ahead nor of a right one."""
    with serving("grpc") as server:
        findings = found(examine(subject(server.endpoint), outside()))
    assert findings["clock"].mark is Mark.UNKNOWN
    assert findings["clock"].remedies


def test_without_entries_nothing_tells_the_time() -> None:
    """Neither a header nor an entry: unknown."""
    assert of_told(Told(Page((), "")))["clock"].mark is Mark.UNKNOWN


def test_a_wrong_clock_is_said_beside_a_refusal() -> None:
    """The token server tells the time where Logging answers nothing; what was not asked is not laid to the clock."""
    now = datetime.now(UTC)
    login = replace(LOGIN, readings=(Reading(now, now - timedelta(hours=3), now),))
    error = Forbidden("no")  # type: ignore[no-untyped-call] # api-core is typed in part
    means = Means(opened=lambda _: Told(error), sign_in=lambda _: login, environ={})
    findings = found(examine(subject(None), outside(), means))
    assert wrong(findings) == ["permission", "clock"]
    assert findings["service"].what == "not asked: see permission"


@given(ahead=SPANS, before_s=DURATIONS, after_s=DURATIONS)
def test_a_reading_never_overstates(ahead: timedelta, before_s: timedelta, after_s: timedelta) -> None:
    """However long the answer took, a clock is said to be off by no more than it is, and by the travel time less."""
    server = AT.replace(microsecond=700_000)
    here = server + ahead
    reading = Reading(here - before_s, server.replace(microsecond=0), here + after_s)
    if ahead >= timedelta():
        assert timedelta() <= reading.ahead <= ahead + timedelta()
    else:
        assert ahead <= reading.ahead <= timedelta()
    assert abs(reading.ahead - ahead) <= max(before_s, after_s) + timedelta(seconds=1)


@given(ahead=SPANS)
def test_the_verdict_follows_the_difference(ahead: timedelta) -> None:
    """Up to a minute either way is ok, beyond it and a second is not."""
    reading = Reading(AT + ahead, AT, AT + ahead)
    finding = examined([reading], None, AT)
    if abs(ahead) < timedelta(minutes=1):
        assert finding.mark is Mark.OK
    if abs(ahead) > timedelta(seconds=61):
        assert finding.mark is Mark.NOT_OK


@given(date=st.text(st.characters(max_codepoint=255), max_size=40))
def test_any_date_header_is_a_time_or_none(date: str) -> None:
    """What a server writes there cannot break the call."""
    at = clock_of({"Date": date})
    assert at is None or at.tzinfo is UTC


def test_a_date_header_is_read() -> None:
    """RFC 9110's form, which is in GMT."""
    assert clock_of({"Date": "Wed, 04 Mar 2026 05:00:00 GMT"}) == AT
    assert clock_of({}) is None
