"""Everything in the entries that could be a cause: rca/faults.py."""

from collections.abc import Sequence

import pytest
from hypothesis import given, strategies as st

from rca import faults
from rca.model import Entry, Event, EventKind
from rca.traces import reassemble
from tests import build

TRACEBACK = """\
order failed
Traceback (most recent call last):
  File "/srv/ovens/bake.py", line 12, in bake
    heat = HEAT[bread]
KeyError: 'brioche is out of season'"""


def events(*entries: Entry) -> Sequence[Event]:
    """The faults of these entries, with their traces put together."""
    ordered = build.in_order(entries)
    return faults.detect(ordered, reassemble(ordered))


def worded(text: str, severity: str | None) -> bool:
    """Whether a line of this severity is an error line."""
    return faults.is_error_line(build.line(text, severity=severity))


# --- error lines -----------------------------------------------------------------------------------------


def test_whatever_is_logged_as_an_error_is_one() -> None:
    """The severity of the entry, ERROR and above, needs no words."""
    assert worded("oven 3", "ERROR")
    assert worded("oven 3", "CRITICAL")


@pytest.mark.parametrize(
    ("text", "severity", "expected"),
    [
        ("cannot reach the mill", "WARNING", True),
        ("the mill is slow", "WARNING", True),
        ("cannot reach the mill", None, True),
        ("the mill is slow", None, False),
        ("KeyError: 'crust'", None, True),
        ("cannot reach the mill", "INFO", False),
        ("baked with 0 errors", None, False),
        ("finished without errors", "WARNING", True),
    ],
)
def test_words_of_failure_count_where_the_severity_leaves_it_open(
    text: str, severity: str | None, *, expected: bool
) -> None:
    """A line without a severity counts where it says that something failed; a warning always does; INFO does not."""
    assert worded(text, severity) is expected


@pytest.mark.parametrize(
    ("text", "severity", "mild"),
    [
        ("the mill is slow", "WARNING", True),
        ("finished without errors", "WARNING", True),
        ("cannot reach the mill", "WARNING", False),
        ("giving up: KeyError('crust')", "WARNING", False),
        ("no flour status=503 from=mill", "WARNING", False),
        ("no flour status=200 from=mill", "WARNING", True),
        ("the mill is slow", "ERROR", False),
    ],
)
def test_a_warning_without_a_word_of_failure_is_mild(text: str, severity: str, *, mild: bool) -> None:
    """A mild warning is kept apart: it can only be the cause where clients are turned away on purpose."""
    assert faults.is_mild(build.line(text, severity=severity)) is mild


def test_words_in_quotes_are_somebody_else_s() -> None:
    """What a user typed into a chat is no error of the service, where the line has no severity."""
    said = build.line('chat message from u-7: "help, ValueError: cannot open the door"', severity=None)
    assert not faults.is_error_line(said)


def test_what_the_payload_says_beside_the_message_belongs_to_it() -> None:
    """A reason in a field of its own is read with the message it stands beside."""
    line = build.line({"message": "stream refused", "why": "token has expired"}, severity="WARNING")
    (event,) = faults.detect([line], ())
    assert event.title == "stream refused: token has expired"


def test_the_fields_of_rust_s_tracing_are_read_as_the_payload_s_own() -> None:
    """`tracing_subscriber` puts message and error one level down, and the module under `target`."""
    fields = {"message": "session ended", "error": "pool is empty"}
    line = build.line({"level": "ERROR", "fields": fields, "target": "shop::ws"}, severity=None)
    (event,) = faults.detect([line], ())
    assert (event.title, line.logger) == ("session ended: pool is empty", "shop::ws")


@pytest.mark.parametrize(
    "text",
    [
        "connection closed with 1011",
        "websocket disconnected code=1011",
        build.SERVER_CLOSED,
        "",
        "   ",
        "DeprecationWarning: oven_v1 will be removed",
    ],
)
def test_the_echo_of_a_close_is_a_symptom(text: str) -> None:
    """A line that only tells that a connection closed, or tells nothing, is no cause, however it was logged."""
    assert not worded(text, "ERROR")


def test_an_upstream_s_close_is_more_than_an_echo() -> None:
    """A close whose reason an upstream service wrote tells what failed there."""
    text = "received 1011 (internal error) Internal error occurred.; then sent 1011 (internal error)"
    assert worded(text, "ERROR")


def test_a_coroutine_that_was_never_awaited_is_a_fault() -> None:
    """A RuntimeWarning of this kind is a bug, whatever its severity."""
    assert worded("RuntimeWarning: coroutine 'bake' was never awaited", "INFO")


def test_the_platform_s_own_lines_are_no_error_lines() -> None:
    """What the request log and the system log say is told by `cloudrun`, not twice."""
    assert not faults.is_error_line(build.request(0, 1, status=500, path="/x"))
    assert not faults.is_error_line(build.line("Container called exit(3).", log="varlog%2Fsystem"))


# --- events ----------------------------------------------------------------------------------------------


def test_a_stack_trace_is_one_exception() -> None:
    """A traceback is one event, named by its exception, with all its entries; its lines are no error lines."""
    (event,) = events(build.line(TRACEBACK))
    assert event.kind is EventKind.EXCEPTION
    assert event.title == "KeyError: 'brioche is out of season'"
    assert event.fingerprint == "KeyError in bake.py:bake"


def test_a_line_that_repeats_a_known_exception_is_the_same_fault() -> None:
    """The message, logged once more without its trace, has the exception's fingerprint."""
    one, other = events(
        build.line(TRACEBACK, 0.0), build.line("gave up: 'brioche is out of season'", 5.0, instance="i-2")
    )
    assert (one.kind, other.kind) == (EventKind.EXCEPTION, EventKind.ERROR_LINE)
    assert one.fingerprint == other.fingerprint


def test_lines_that_differ_in_values_only_are_one_fault() -> None:
    """Two orders that cannot be baked are one fault, a jammed door is another."""
    prints = [
        event.fingerprint
        for event in events(
            build.line("cannot bake order_8f3k", 0.0),
            build.line("cannot bake order_x91z", 3.0),
            build.line("door is jammed", 6.0),
        )
    ]
    assert prints[0] == prints[1] != prints[2]


@given(order=st.permutations(range(4)))
def test_events_come_by_time(order: list[int]) -> None:
    """Whatever order their entries are in, events are sorted by their times."""
    lines = [build.line(f"{word} failed", at) for at, word in enumerate(("dough", "oven", "mill", "till"))]
    found = faults.detect([lines[i] for i in order], ())
    assert [event.entry for event in found] == lines


# --- silences --------------------------------------------------------------------------------------------


def beat(low: int, high: int, instance: str = "i-1") -> list[Entry]:
    """A line every half second."""
    return [build.line("warm", at / 2, instance=instance, severity="INFO") for at in range(low * 2, high * 2)]


def test_an_instance_that_falls_silent_is_an_event_that_lasts() -> None:
    """A gap far above the instance's usual one is a silence from its last line to its next."""
    (event,) = events(*beat(0, 10), *beat(30, 40))
    assert event.kind is EventKind.SILENCE
    assert (event.at, event.until) == (build.after(9.5), build.after(30))


def test_what_other_instances_log_does_not_break_a_silence() -> None:
    """Each instance has its own rhythm; request entries are the platform's, not the instance's."""
    others = [*beat(0, 40, "i-2"), *(build.request(at, 0.1, path="/h", status=200) for at in range(40))]
    silences = [e for e in events(*beat(0, 10), *beat(30, 40), *others) if e.kind is EventKind.SILENCE]
    assert [event.entry.instance for event in silences] == ["i-1"]


def test_an_instance_without_a_rhythm_has_no_silence() -> None:
    """Ten lines or fewer tell no usual gap."""
    assert events(*beat(0, 3), *beat(30, 31)) == ()


def test_a_steady_instance_is_never_silent() -> None:
    """A gap is a silence only against what is usual: one line a minute is a rhythm too."""
    slow = [build.line("warm", at * 60.0, severity="INFO") for at in range(30)]
    assert events(*slow) == ()


def test_no_entries_hold_no_fault() -> None:
    """An empty log has nothing to blame."""
    assert faults.detect((), ()) == ()
