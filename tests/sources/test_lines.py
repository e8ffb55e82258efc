"""Lines as tools print them are entries, each layout by its own sample."""

from datetime import UTC, datetime

import pytest

from rca.model import EntryRef
from rca.normalize import normalize
from rca.sources.clocks import Clock, latest_date
from rca.sources.damage import Lost
from rca.sources.items import Found, Item, Note
from rca.sources.lines import NO_YEAR, NO_ZONE, Layout, entries, layouts, zones

CLOCK = Clock(datetime(2026, 3, 9, tzinfo=UTC), zones())


def read(text: str, clock: Clock = CLOCK) -> list[Item]:
    """What the lines of a text give."""
    return list(entries(text.split("\n"), clock))


def raws(text: str) -> list[dict[str, object]]:
    """The raw entries of a text."""
    return [dict(item.raw) for item in read(text) if isinstance(item, Found)]


@pytest.mark.parametrize("layout", layouts(), ids=lambda layout: layout.name)
def test_each_layout_reads_its_sample(layout: Layout) -> None:
    """The layout is the first that fits its sample, and tells time, place, level and words as it says."""
    assert next(one for one in layouts() if one.pattern.match(layout.sample)) is layout
    (raw,) = raws(layout.sample)
    entry = normalize(raw, EntryRef(None, "a", 1))
    assert entry.at.replace(microsecond=0) == datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
    request = entry.request
    found = {
        "severity": entry.severity.name,
        "service": entry.service,
        "instance": entry.instance,
        "stream": entry.log,
        "text": entry.text,
        "zone": layout.pattern.match(layout.sample).groupdict().get("zone"),  # type: ignore[union-attr] # matched above
        "method": request and request.method,
        "status": request and str(request.status),
        "url": request and request.url,
        "client": request and request.remote_ip,
        "agent": request and request.user_agent,
        "latency": request and f"{request.latency_s or 0:.3f}",
    }
    assert {name: found[name] for name in layout.expected} == layout.expected


def test_a_line_without_a_time_goes_on_with_the_one_above() -> None:
    """A traceback of many lines is one entry; a line with a level of its own is another of the same time."""
    text = (
        "2026-03-04T05:06:07Z Traceback (most recent call last):\n"
        '  File "/srv/cart.py", line 41, in add\n\nKeyError: 12\n'
        "ERROR:    Exception in ASGI application\n\n"
    )
    first, second = raws(text)
    assert (
        first["textPayload"]
        == 'Traceback (most recent call last):\n  File "/srv/cart.py", line 41, in add\n\nKeyError: 12'
    )
    assert (second["textPayload"], second["timestamp"]) == (
        "ERROR:    Exception in ASGI application",
        first["timestamp"],
    )


def test_a_level_above_a_time_is_its_own() -> None:
    """A console's copied rows hold level, time and words on lines of their own."""
    above = "Default\n2026-03-04 06:06:07.089 CET\nbasket 11\n"
    first, second = raws(f"{above}ERROR\n2026-03-04 06:06:08.089 CET\nbasket 12 is gone\ngone")
    assert (first["textPayload"], first["severity"]) == ("basket 11", "DEFAULT")
    assert (second["textPayload"], second["severity"]) == ("basket 12 is gone\ngone", "ERROR")


def test_printed_values_keep_their_cells() -> None:
    """Tabs part the values: a severity is told by its name, the last is what was logged, others keep their place."""
    (raw,) = raws("2026-03-04T05:06:07Z\tERROR\tcart\tbasket 12\nis gone")
    assert raw == {
        "timestamp": "2026-03-04T05:06:07Z",
        "severity": "ERROR",
        "labels": {"column 3": "cart"},
        "textPayload": "basket 12\nis gone",
    }


def test_a_json_line_behind_a_time_is_a_payload() -> None:
    """What a collector printed before a logger's JSON does not hide it."""
    (raw,) = raws('2026-03-04T05:06:07Z {"level": "error", "message": "basket 12 is gone"}')
    assert raw["jsonPayload"] == {"level": "error", "message": "basket 12 is gone"}


def test_a_line_cut_by_the_container_runtime_is_whole_again() -> None:
    """P marks a part: the next of the same stream goes on without a break."""
    parts = "2026-03-04T05:06:07Z stderr P basket 12 \n2026-03-04T05:06:07.1Z stderr F is gone\n"
    text = f"{parts}2026-03-04T05:06:08Z stdout F next"
    assert [raw["textPayload"] for raw in raws(text)] == ["basket 12 is gone", "next"]


def test_what_a_time_lacks_is_said() -> None:
    """No zone means UTC, no year the latest before the file's own: that is said; with none, nothing is read."""
    assert Note(NO_ZONE) in read("2026-03-04 05:06:07 basket")
    yearless = "Dec 24 05:06:07 node-7 cart[12]: basket"
    assert Note(NO_YEAR) in read(yearless)
    assert raws(yearless)[0]["timestamp"] == "2025-12-24T05:06:07"
    assert read(yearless, Clock(None, zones())) == []
    assert latest_date("of 2026-03-04, and 2026-02-11") == datetime(2026, 3, 4, tzinfo=UTC)


def test_a_leveled_line_that_tells_no_time_is_lost_not_dropped() -> None:
    """It is a log line, and can be tied to nothing: it is counted."""
    (lost,) = read("so it went:\nERROR basket 12 is gone")
    assert isinstance(lost, Lost)
    assert (lost.line, "no time" in lost.reason) == (2, True)


@pytest.mark.parametrize(
    "text", ["a=b", "see msg=1 in the manual", "level = 3, msg = none", "x" * 100 + "=1 msg=2"]
)
def test_an_equals_sign_is_no_logfmt(text: str) -> None:
    """Pairs make an entry only with a time and something said."""
    assert raws(text) == []
