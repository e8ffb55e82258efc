"""One query to its end, whatever the API does in between: rca/sources/cloud/reading.py."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from google.api_core import exceptions
from hypothesis import given, settings, strategies as st

from rca.errors import AccessError, QuotaError, RcaError, SourceError
from rca.model import Window
from rca.normalize.times import in_ns, nanoseconds
from rca.questions import LONGEST_REQUEST
from rca.sources.cloud.reading import Reader
from rca.sources.cloud.wire import Call, Page
from rca.sources.origin import Origin
from tests.cloud.world import World
from tests.examples import examples
from tests.sources.exporting import START, Raw, line

api: Any = exceptions  # their constructors carry no types
QUERY = 'severity>="ERROR"\n'
WINDOW = Window(START, START + timedelta(minutes=10), "the test's")
BUSY = api.ServiceUnavailable("busy")
SLOW = api.DeadlineExceeded("slow")
LOST = api.InvalidArgument("page_token is not valid")
DENIED = api.PermissionDenied("no")


@dataclass
class Scripted:
    """A wire that gives its answers one after the other, and raises those that are exceptions."""

    answers: list[Page | BaseException]
    world: World = field(default_factory=World)
    calls: list[Call] = field(default_factory=list)
    timeouts: list[float] = field(default_factory=list)

    def list(self, call: Call, timeout_s: float) -> Page:
        """The next answer; one that does not come in time takes all its time."""
        self.calls.append(call)
        self.timeouts.append(timeout_s)
        answer = self.answers.pop(0)
        if isinstance(answer, Page):
            return answer
        self.world.at_s += timeout_s if answer is SLOW else 0
        raise answer


def page(*raws: Raw, more: str = "") -> Page:
    """A page of these entries; `more` is the token that leads to the next."""
    return Page(raws, more)


def reading(*answers: Page | BaseException, most_calls: int = 200) -> tuple[Reader, Scripted]:
    """A reader, and the wire that it reads from."""
    wire = Scripted(list(answers))
    return Reader(wire, Origin(("shop-stg",)), wire.world.outside, most_calls), wire


def ids(raws: Sequence[Mapping[str, Any]]) -> list[int]:
    """The numbers of the entries, in the order they came."""
    return [int(raw["insertId"][2:]) for raw in raws]


def at(after_s: float) -> str:
    """A moment of the test's day, as Logging spells it."""
    return f"{START + timedelta(seconds=after_s):%Y-%m-%dT%H:%M:%SZ}"


def ns(spelled: str) -> int:
    """A time in nanoseconds: as text, times do not compare."""
    at_ns = nanoseconds(spelled)
    assert at_ns is not None
    return at_ns


A, B, C, D = (line(number, after_s=number) for number in range(4))


# --- pages -----------------------------------------------------------------------------------------------


def test_pages_are_followed_to_the_last() -> None:
    """Each call has the same words, and the token of the page before it."""
    reader, wire = reading(page(A, more="t1"), page(B, more="t2"), page(C))
    read = reader.read(QUERY, WINDOW)
    assert (ids(read.raws), read.gap) == ([0, 1, 2], None)
    assert [call.token for call in wire.calls] == ["", "t1", "t2"]
    assert {(call.query, call.resources, call.size) for call in wire.calls} == {
        (QUERY, ("projects/shop-stg",), 1000)
    }


def test_an_empty_page_with_a_token_is_no_end() -> None:
    """Logging had no time to search all; the token leads on."""
    reader, _ = reading(page(more="t1"), page(more="t2"), page(A, more="t3"), page())
    read = reader.read(QUERY, WINDOW)
    assert (ids(read.raws), read.gap, reader.calls) == ([0], None, 4)


def test_copies_are_dropped() -> None:
    """An entry that comes twice is there once, in its first place."""
    reader, _ = reading(page(A, B, more="t1"), page(B, C, A))
    assert ids(reader.read(QUERY, WINDOW).raws) == [0, 1, 2]


def test_entries_without_an_id_are_copies_only_when_they_say_the_same() -> None:
    """Of two entries that have no insertId, both stay unless they are equal."""
    bare = {"timestamp": at(1), "textPayload": "x"}
    reader, _ = reading(page(bare, bare | {"textPayload": "y"}, dict(bare)))
    assert [raw["textPayload"] for raw in reader.read(QUERY, WINDOW).raws] == ["x", "y"]


# --- refusals that pass ----------------------------------------------------------------------------------


@pytest.mark.parametrize("refusal", [BUSY, api.ResourceExhausted("slow down"), ConnectionResetError("torn")])
def test_after_a_refusal_that_passes_the_same_page_is_asked_for(refusal: Exception) -> None:
    """Nothing is lost or begun anew, and every call counts."""
    reader, wire = reading(page(A, more="t1"), refusal, refusal, page(B))
    read = reader.read(QUERY, WINDOW)
    assert (ids(read.raws), read.gap, reader.calls) == ([0, 1], None, 4)
    assert [call.token for call in wire.calls] == ["", "t1", "t1", "t1"]


def test_a_pause_that_is_noticed_is_told() -> None:
    """What is waited for, how long, and what is there already; half a second passes without a word."""
    reader, wire = reading(page(A, more="t1"), BUSY, BUSY, page(B))
    reader.read(QUERY, WINDOW)
    assert wire.world.waits == [0.5, 1.0]
    (told,) = wire.world.told
    assert "busy; trying again in 1 s; entries so far: 1" in told


def test_a_call_that_took_too_long_is_given_twice_the_time() -> None:
    """The same call once more, with a minute instead of half of one."""
    reader, wire = reading(SLOW, page(A))
    assert reader.read(QUERY, WINDOW).gap is None
    assert wire.timeouts == [30.0, 60.0]
    assert len(set(wire.calls)) == 1


def test_progress_is_told_every_few_seconds() -> None:
    """A reading that takes its time says how far it is."""
    reader, wire = reading(page(A, more="t1"), SLOW, page(B))
    reader.read(QUERY, WINDOW)
    assert wire.world.told[-1] == "entries so far: 2, read calls: 3"


# --- a page token that is lost ---------------------------------------------------------------------------


def test_a_lost_token_is_no_loss() -> None:
    """The query goes on from the last entry's moment, without a token, and what comes again is dropped."""
    reader, wire = reading(page(A, B, more="t1"), LOST, page(B, C))
    read = reader.read(QUERY, WINDOW)
    assert (ids(read.raws), read.gap) == ([0, 1, 2], None)
    assert wire.calls[-1] == Call(("projects/shop-stg",), f'{QUERY}timestamp>="{at(1)}"\n')


def test_a_token_lost_before_the_first_entry_begins_from_the_start() -> None:
    """There is nothing to go on from yet."""
    reader, wire = reading(page(more="t1"), LOST, page(A))
    assert ids(reader.read(QUERY, WINDOW).raws) == [0]
    assert wire.calls[-1] == wire.calls[0]


def test_the_latest_moment_is_what_is_gone_on_from() -> None:
    """An entry whose time cannot be read, or that stands out of order, does not lead back."""
    odd = {"insertId": "id00009", "timestamp": "tomorrow"}
    reader, wire = reading(page(A, C, B, odd, more="t1"), LOST, page(D))
    assert ids(reader.read(QUERY, WINDOW).raws) == [0, 2, 1, 9, 3]
    assert f'timestamp>="{at(2)}"' in wire.calls[-1].query


def test_a_token_that_is_refused_for_ever_ends_in_a_gap() -> None:
    """Where beginning anew brings nothing new three times, what was read stands."""
    reader, _ = reading(*[page(A, more="t1"), LOST] * 4)
    read = reader.read(QUERY, WINDOW)
    assert ids(read.raws) == [0]
    assert (read.gap, read.upto) == ("the page token is refused again and again", at(0))


# --- searches that take too long -------------------------------------------------------------------------


def test_a_span_that_takes_too_long_is_halved() -> None:
    """After two time-outs the halves are asked for, which are all that the query can match."""
    reader, wire = reading(SLOW, SLOW, page(A), page(B))
    read = reader.read(QUERY, WINDOW)
    assert (ids(read.raws), read.gap) == ([0, 1], None)
    first, second = (dict(re.findall(r'timestamp(>=|<)"(.*?)"', call.query)) for call in wire.calls[2:])
    assert ns(first[">="]) == in_ns(WINDOW.start - LONGEST_REQUEST)
    assert first["<"] == second[">="]
    assert ns(second["<"]) == in_ns(WINDOW.end)


def test_what_was_read_is_not_halved_again() -> None:
    """Halves are made of what is left: from the last entry on."""
    reader, wire = reading(page(A, B, more="t1"), SLOW, SLOW, page(B, C), page(D))
    assert ids(reader.read(QUERY, WINDOW).raws) == [0, 1, 2, 3]
    assert f'timestamp>="{at(1)}"' in wire.calls[3].query


def test_what_was_slow_once_is_tried_whole_again() -> None:
    """A passing phase of time-outs does not cut the next query to pieces."""
    reader, wire = reading(SLOW, SLOW, page(A), page(B), page(C, D))
    reader.read(QUERY, WINDOW)
    assert ids(reader.read("other\n", WINDOW).raws) == [2, 3]
    assert wire.timeouts == [30.0, 60.0, 30.0, 30.0, 30.0]


def test_a_day_that_takes_too_long_is_halved_after_the_first_time_out() -> None:
    """Whoever is slow to search a day is not made to try it for a minute more."""
    day = Window(START, START + timedelta(days=1), "a day")
    reader, wire = reading(SLOW, page(A), page(B))
    assert ids(reader.read(QUERY, day).raws) == [0, 1]
    assert wire.timeouts == [30.0, 30.0, 30.0]
    assert "the search takes too long: asking for a shorter stretch" in wire.world.told


def test_a_second_is_not_halved() -> None:
    """Where even the shortest span takes too long, what was read before it stands, with its gap."""
    short = Window(START, START + timedelta(seconds=3), "short")
    reader, _ = reading(page(line(1, after_s=1.5), more="t1"), SLOW, SLOW)
    read = reader.read(QUERY, short)
    assert ids(read.raws) == [1]
    assert "however short the span" in (read.gap or "")


def test_a_window_without_a_start_can_be_halved() -> None:
    """A window from the beginning of time is halved from the first moment that logs can be of."""
    ever = Window(datetime.min.replace(tzinfo=UTC), WINDOW.end, "all before")
    reader, wire = reading(SLOW, page(A), page(B))
    assert ids(reader.read(QUERY, ever).raws) == [0, 1]
    assert 'timestamp>="2000-01-01T00:00:00Z"' in wire.calls[1].query


# --- ends ------------------------------------------------------------------------------------------------


def test_the_budget_is_kept() -> None:
    """No more calls are made than allowed; what was read stands, and the gap says up to when."""
    reader, wire = reading(page(A, more="t1"), page(B, more="t2"), most_calls=2)
    read = reader.read(QUERY, WINDOW)
    assert ids(read.raws) == [0, 1]
    assert (read.gap, read.upto) == ("the budget of 2 read calls is used up", at(1))
    assert reader.read("other\n", WINDOW).gap == "the budget of 2 read calls is used up"
    assert len(wire.calls) == reader.calls == 2


def test_refused_calls_count_against_the_budget() -> None:
    """A server that fails for ever cannot make a run call for ever."""
    reader, _ = reading(page(A, more="t1"), BUSY, BUSY, most_calls=3)
    assert "budget of 3" in (reader.read(QUERY, WINDOW).gap or "")


def test_ctrl_c_in_a_call_leaves_what_was_read() -> None:
    """The reading ends, and makes no other call."""
    reader, wire = reading(page(A, more="t1"), KeyboardInterrupt())
    read = reader.read(QUERY, WINDOW)
    assert (ids(read.raws), read.gap, read.upto) == ([0], "stopped by hand", at(0))
    assert reader.read("other\n", WINDOW).gap == "stopped by hand"
    assert len(wire.calls) == 2


@pytest.mark.parametrize("refusals", [0, 1])
def test_ctrl_c_in_a_pause_leaves_what_was_read(refusals: int) -> None:
    """Whether it is waited for a server, or for the rate."""
    pages = [page(line(number, after_s=number), more="t") for number in range(50)]
    reader, wire = reading(*pages[: 50 if not refusals else 3], *[BUSY] * refusals)
    wire.world.stopped_in_wait = 0
    read = reader.read(QUERY, WINDOW)
    assert ids(read.raws) == list(range(3 if refusals else 50))
    assert (read.gap, read.upto is not None) == ("stopped by hand", True)


def test_ctrl_c_before_anything_was_read_says_so() -> None:
    """There is nothing to keep, and nothing to report on."""
    reader, _ = reading(KeyboardInterrupt())
    with pytest.raises(SourceError, match="stopped by hand"):
        reader.read(QUERY, WINDOW)


@pytest.mark.parametrize(
    ("refusal", "kind"),
    [(DENIED, AccessError), (api.InvalidArgument("bad filter"), SourceError), (OSError("odd"), SourceError)],
)
def test_what_cannot_pass_is_raised_where_nothing_was_read(refusal: Exception, kind: type[RcaError]) -> None:
    """The first call's refusal is the run's error, after that one call."""
    reader, wire = reading(refusal)
    with pytest.raises(kind):
        reader.read(QUERY, WINDOW)
    assert len(wire.calls) == 1
    assert wire.world.waits == []


def test_what_cannot_pass_leaves_what_was_read() -> None:
    """A right that is taken away amid the reading is a gap."""
    reader, _ = reading(page(A, more="t1"), DENIED)
    read = reader.read(QUERY, WINDOW)
    assert ids(read.raws) == [0]
    assert (read.gap or "").startswith("not allowed to read the logs of project shop-stg")


def test_after_an_answered_query_a_refused_one_is_a_gap() -> None:
    """What the first query brought is worth a report, although the second brought nothing."""
    reader, _ = reading(page(A), DENIED)
    reader.read(QUERY, WINDOW)
    read = reader.read("other\n", WINDOW)
    assert read.raws == ()
    assert (read.gap or "").startswith("not allowed")


def test_a_quota_that_never_recovers_is_given_up() -> None:
    """After minutes of refusals from the start, the error says which quota it is."""
    reader, wire = reading(*[api.ResourceExhausted("slow down")] * 50)
    with pytest.raises(QuotaError, match="quota of read calls of project shop-stg"):
        reader.read(QUERY, WINDOW)
    assert 60 < wire.world.at_s <= 240


def test_a_mistake_of_ours_is_not_hidden() -> None:
    """An exception that no transport raises is no gap of the logs."""
    reader, _ = reading(page(A, more="t1"), TypeError("ours"))
    with pytest.raises(TypeError, match="ours"):
        reader.read(QUERY, WINDOW)


# --- the first ones, and those of an earlier run ---------------------------------------------------------


def test_no_more_are_read_than_are_wanted() -> None:
    """The first three cost one page of three."""
    reader, wire = reading(page(A, B, C, more="t1"))
    assert ids(reader.read(QUERY, WINDOW, 3).raws) == [0, 1, 2]
    assert [call.size for call in wire.calls] == [3]


def test_the_first_are_found_over_pages_that_hold_fewer() -> None:
    """Pages are read until there are enough, and none beyond."""
    reader, _ = reading(page(A, more="t1"), page(more="t2"), page(B, C, more="t3"))
    assert ids(reader.read(QUERY, WINDOW, 2).raws) == [0, 1]


def test_the_first_need_no_second_half() -> None:
    """Where the earlier half holds enough, the later one costs no call."""
    reader, _ = reading(SLOW, SLOW, page(A, B, more="t1"))
    assert ids(reader.read(QUERY, WINDOW, 2).raws) == [0, 1]
    assert reader.calls == 3


def test_an_interrupted_reading_is_gone_on_with() -> None:
    """From the moment up to which it is whole; what is known is not lost, and what comes again is dropped."""
    reader, wire = reading(page(B, C))
    read = reader.read(QUERY, WINDOW, None, (A, B), at(1))
    assert (ids(read.raws), read.gap) == ([0, 1, 2], None)
    assert wire.calls[0].query == f'{QUERY}timestamp>="{at(1)}"\n'


def test_what_is_known_of_later_moments_ends_nothing_early() -> None:
    """Entries beyond the moment up to which all is known, from other questions, are not taken for the first ones."""
    reader, _ = reading(page(A, B, more="t1"))
    assert ids(reader.read(QUERY, WINDOW, 2, (A, C, D), at(0)).raws) == [0, 1]


def test_what_is_known_survives_another_interruption() -> None:
    """A second reading that fails, too, has no less to show than the first."""
    reader, _ = reading(DENIED)
    read = reader.read(QUERY, WINDOW, None, (A, D), at(0))
    assert ids(read.raws) == [0, 3]
    assert read.upto == at(0)


# --- the law ---------------------------------------------------------------------------------------------


@dataclass
class Faulty:
    """A wire to a store of entries, with what befalls each call in turn: None, or a refusal."""

    store: Sequence[Raw]
    faults: list[Exception | None]
    answers: int = 0
    world: World = field(default_factory=World)

    def list(self, call: Call, timeout_s: float) -> Page:
        """The next few entries of the query's span."""
        fault = self.faults.pop(0) if self.faults else None
        if fault is not None and (fault is not LOST or call.token):
            self.world.at_s += timeout_s if fault is SLOW else 0
            raise fault
        self.answers += 1
        bounds = dict(re.findall(r'timestamp(>=|<)"(.*?)"', call.query))
        start, end = ns(bounds.get(">=", at(-9999))), ns(bounds.get("<", at(9999)))
        found = [raw for raw in self.store if start <= ns(raw["timestamp"]) < end]
        begin = int(call.token or 0)
        ahead = begin + min(3, call.size)
        return Page(tuple(found[begin:ahead]), str(ahead) if ahead < len(found) else "")


@given(
    moments=st.lists(st.integers(-3600, 599), max_size=20).map(sorted),
    faults=st.lists(
        st.sampled_from([None, None, BUSY, SLOW, LOST, api.ResourceExhausted("no")]), max_size=12
    ),
    most_calls=st.sampled_from([3, 8, 200]),
)
@settings(max_examples=examples(100))
def test_whatever_happens_the_reading_is_whole_or_says_up_to_when(
    moments: list[int], faults: list[Exception | None], most_calls: int
) -> None:
    """Every entry is there once, in order; or a gap is stated, and all before its moment are there."""
    store = [line(number, after_s=after_s) for number, after_s in enumerate(moments)]
    wire = Faulty(store, list(faults))
    reader = Reader(wire, Origin(("shop-stg",)), wire.world.outside, most_calls)
    try:
        read = reader.read(QUERY, WINDOW)
    except RcaError:
        assert wire.answers == 0
        return
    known = ids(read.raws)
    assert known == sorted(set(known))
    if read.gap is None:
        assert known == list(range(len(store)))
    else:
        whole = [
            number for number, raw in enumerate(store) if ns(raw["timestamp"]) < ns(read.upto or at(-9999))
        ]
        assert set(whole) <= set(known)
