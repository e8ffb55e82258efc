"""The live source against real servers on the loopback: every fault ends in the whole set, or in a stated gap."""

import math
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from rca import questions
from rca.errors import AccessError, QuotaError, RcaError, SourceError
from rca.model import Pulled, Window
from rca.sources.cloud import reading, wire
from rca.sources.cloud.source import CloudLogging, Wanted
from rca.sources.origin import Origin
from tests.cloud import effects as e
from tests.cloud.clients import SERVERS
from tests.cloud.faults import (
    Fault,
    Plan,
    after,
    always,
    expired_token,
    first,
    for_resource,
    on_page,
    rate_limit,
    wider_than,
)
from tests.cloud.hurried import FASTER, NOW, hurried
from tests.cloud.listing import Server
from tests.cloud.logs import Entry, Logs
from tests.sources.exporting import START, line, request

pytestmark = pytest.mark.slow

WINDOW = Window(START, START + timedelta(minutes=10), "the test's")
WHOLE = questions.everything(WINDOW)
SMALL_PAGES = e.Shape(at_most=100)
COMPLETE, GAP = "complete", "gap"


def entries(count: int = 950) -> list[Entry]:
    """Lines over the window, some of one instant; and a WebSocket that was opened before it and ended in it."""
    told = [line(number, after_s=number // 2) for number in range(count)]
    return [
        *told,
        request(count, url="https://cart.example/ws", status=101, after_s=-1200, latency="1230.5s"),
    ]


def source(
    server: Server,
    *projects: str,
    now: datetime = NOW,
    told: list[str] | None = None,
    **wanted: Any,  # noqa: ANN401 - fields of Wanted
) -> CloudLogging:
    """The source under test, pointed at a server."""
    origin = Origin(
        projects or ("demo",), endpoint=server.endpoint, services=wanted.pop("services", ("cart",))
    )
    return CloudLogging(wire.opened(server.endpoint), Wanted(origin, **wanted), hurried(now, told))


def serving(transport: str, logs: Logs | None = None, *faults: Fault) -> AbstractContextManager[Server]:
    """A server of the transport with these faults."""
    return SERVERS[transport](logs or Logs(entries()), Plan(*faults))


def ids(pulled: Pulled) -> list[str]:
    """The insertIds in order."""
    return sorted(entry.ref.insert_id or "" for entry in pulled.entries)


ALL = sorted(str(entry["insertId"]) for entry in entries())


# --- when all is well ------------------------------------------------------------------------------------


def test_the_window_and_what_reaches_into_it_come_whole(transport: str) -> None:
    """Every entry of the window is there once, and the WebSocket that was opened twenty minutes before it."""
    with serving(transport) as server:
        pulled = source(server).pull(WHOLE)
    assert ids(pulled) == ALL
    assert pulled.complete is True
    assert pulled.gaps == pulled.warnings == ()


def test_calls_are_no_more_than_the_pages(transport: str) -> None:
    """2,400 entries cost three calls, and the report's queries say so."""
    with serving(transport, Logs(entries(2400)[:-1])) as server:
        pulled = source(server).pull(replace(WHOLE, window=replace(WINDOW, end=START + timedelta(hours=1))))
        assert len(pulled.entries) == 2400
        assert len(server.calls) == 3
    assert [query.calls for query in pulled.queries] == [3]
    assert {call.request.page_size for call in server.calls} == {1000}


def test_only_the_first_are_asked_for(transport: str) -> None:
    """A question for the first ten entries costs one small page."""
    with serving(transport) as server:
        pulled = source(server).pull(replace(WHOLE, first=10))
    assert len(pulled.entries) == 10
    assert [call.request.page_size for call in server.calls] == [10]


# --- faults ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Case:
    """What goes wrong, and how the pull must end."""

    faults: tuple[Fault, ...]
    ends: str | type[RcaError]
    says: str = ""


CASES = {
    "429 for the first calls": Case((first(3, e.RESOURCE_EXHAUSTED),), COMPLETE),
    "429 above 4 calls a minute": Case((rate_limit(4, 60 / FASTER), always(SMALL_PAGES)), COMPLETE),
    "429 for ever": Case((always(e.RESOURCE_EXHAUSTED),), QuotaError, "quota"),
    "429 for ever after 3 pages": Case((after(3, e.RESOURCE_EXHAUSTED), always(SMALL_PAGES)), GAP, "quota"),
    "UNAVAILABLE amid paging": Case((on_page(3, e.UNAVAILABLE, times=2), always(SMALL_PAGES)), COMPLETE),
    "INTERNAL amid paging": Case((on_page(2, e.INTERNAL, times=2), always(SMALL_PAGES)), COMPLETE),
    "UNKNOWN, then ABORTED": Case((first(1, e.UNKNOWN), on_page(1, e.ABORTED)), COMPLETE),
    "UNAVAILABLE for ever": Case((always(e.UNAVAILABLE),), SourceError, "does not answer"),
    "UNAVAILABLE for ever after 5 pages": Case(
        (after(5, e.UNAVAILABLE), always(SMALL_PAGES)), GAP, "missing: the entries, from"
    ),
    "DEADLINE_EXCEEDED twice": Case((first(2, e.DEADLINE_EXCEEDED),), COMPLETE),
    "DEADLINE_EXCEEDED for wide spans": Case((wider_than(400),), COMPLETE),
    "slow pages": Case((always(e.slow(0.05), SMALL_PAGES),), COMPLETE),
    "a page token that expires": Case((expired_token(), always(SMALL_PAGES)), COMPLETE),
    "page tokens that expire again and again": Case((expired_token(5), always(SMALL_PAGES)), COMPLETE),
    "every page token is refused": Case((expired_token(1000), always(SMALL_PAGES)), COMPLETE),
    "PERMISSION_DENIED": Case((always(e.PERMISSION_DENIED),), AccessError, "not allowed"),
    "PERMISSION_DENIED after 3 pages": Case(
        (after(3, e.PERMISSION_DENIED), always(SMALL_PAGES)), GAP, "not allowed"
    ),
    "the API is not enabled": Case((always(e.SERVICE_DISABLED),), AccessError, "not enabled"),
    "UNAUTHENTICATED": Case((always(e.UNAUTHENTICATED),), AccessError, "credentials"),
    "NOT_FOUND": Case((always(e.NOT_FOUND),), AccessError, "there is no"),
    "INVALID_ARGUMENT": Case((always(e.INVALID_ARGUMENT),), SourceError, "refuses the query"),
    "UNIMPLEMENTED": Case((always(e.UNIMPLEMENTED),), SourceError, "does not know"),
    "empty pages with a token": Case((always(e.empty_pages(3), SMALL_PAGES),), COMPLETE),
    "an empty last page": Case((always(e.EMPTY_LAST),), COMPLETE),
    "copies across pages": Case((always(e.Shape(repeated=20), SMALL_PAGES),), COMPLETE),
    "a connection cut amid an answer": Case(
        (on_page(1, e.CUT), on_page(4, e.CUT), always(SMALL_PAGES)), COMPLETE
    ),
    "a garbled answer": Case((on_page(2, e.GARBLED), always(SMALL_PAGES)), COMPLETE),
    "connections cut for ever": Case((after(2, e.CUT), always(SMALL_PAGES)), GAP, "does not answer"),
}


@pytest.mark.parametrize("name", CASES)
def test_a_fault_ends_in_the_whole_set_or_in_a_stated_gap(
    name: str, transport: str, record_property: Callable[[str, object], None]
) -> None:
    """What passes is waited out; what does not is an error with a remedy, or a gap that is said in words."""
    case = CASES[name]
    with serving(transport, None, *case.faults) as server:
        if isinstance(case.ends, type):
            with pytest.raises(case.ends) as refused:
                source(server).pull(WHOLE)
            ended, says = case.ends.__name__, refused.value.message
            assert refused.value.hint
        else:
            pulled = source(server).pull(WHOLE)
            ended, says = COMPLETE if pulled.complete else GAP, "; ".join(pulled.gaps)
            assert ended == case.ends
            assert (ids(pulled) == ALL) == (ended == COMPLETE)
            assert set(ids(pulled)) <= set(ALL)
            assert len(ids(pulled)) == len(set(ids(pulled))) > 0
        assert case.says in says
        record_property("fault", (name, transport, ended, len(server.calls), says))


def test_a_server_that_never_answers_is_given_up(monkeypatch: pytest.MonkeyPatch, transport: str) -> None:
    """Its silence ends in an error, within the patience for addresses that never answered."""
    monkeypatch.setattr(reading, "_CALL_S", (0.3, 0.5))
    with (
        serving(transport, None, always(e.SILENT)) as server,
        pytest.raises(SourceError, match="does not answer"),
    ):
        source(server).pull(WHOLE)


def test_nothing_listens_at_the_address(monkeypatch: pytest.MonkeyPatch, transport: str) -> None:
    """A closed port is said to be out of reach, with what to look at."""
    monkeypatch.setattr("rca.sources.cloud.grpc_wire.CONNECT_S", 0.3)
    with serving(transport) as server:
        gone = server.endpoint
    nobody = CloudLogging(wire.opened(gone), Wanted(Origin(("demo",), endpoint=gone)), hurried())
    with pytest.raises(SourceError, match="does not answer") as refused:
        nobody.pull(WHOLE)
    assert "network" in refused.value.hint


def test_no_more_than_fifty_calls_a_minute(transport: str) -> None:
    """However many pages there are, the quota of sixty is kept, with room for others.

    Calls that wait for the next minute come ten seconds after any stretch of fifty, whatever a busy machine delays.
    """
    with serving(transport, None, always(e.Shape(at_most=8))) as server:
        pulled = source(server).pull(WHOLE)
        times = [call.at_s for call in server.calls]
    assert pulled.complete
    assert len(times) == math.ceil(len(ALL) / 8)
    busiest = max(sum(1 for one in times if start <= one < start + 50 / FASTER) for start in times)
    assert busiest <= 50


def test_the_budget_of_a_run_is_kept(transport: str) -> None:
    """Where the calls allowed are used up the pull ends, and says how it can go on."""
    with serving(transport, None, always(SMALL_PAGES)) as server:
        pulled = source(server, most_calls=4).pull(WHOLE)
        assert len(server.calls) == 4
    assert pulled.complete is False
    assert "budget of 4 read calls" in pulled.gaps[0]


# --- several projects, services, late arrivals, interruptions --------------------------------------------------


def test_one_of_two_projects_that_may_not_be_read_is_a_gap(transport: str) -> None:
    """The other's entries come, and the report says whose do not."""
    logs = Logs(entries(), project="shop").add([], to="projects/secret")
    with serving(transport, logs, for_resource("projects/secret", e.PERMISSION_DENIED)) as server:
        pulled = source(server, "shop", "secret").pull(WHOLE)
    assert ids(pulled) == ALL
    assert pulled.complete is False
    assert "project secret" in pulled.gaps[0]


def test_two_projects_are_one_query(transport: str) -> None:
    """Entries of both come from the same calls; those with one id and time in both are two."""
    logs = Logs(entries(3)[:3], project="shop").add(entries(2)[:2], to="projects/bar")
    with serving(transport, logs) as server:
        pulled = source(server, "shop", "bar").pull(WHOLE)
        assert len(server.calls) == 1
    assert len(pulled.entries) == 3  # the copies say the same project in their logName: one each


def test_the_service_is_known_from_its_address(transport: str) -> None:
    """The host that Cloud Run gave names it: no call is needed."""
    with serving(transport) as server:
        live = source(server, services=(), host="cart-318204775610.europe-west4.run.app")
        assert ids(live.pull(WHOLE)) == ALL
        assert len(server.calls) == 1
    assert live.origin.services == ("cart",)


def test_the_service_behind_a_domain_of_ones_own_is_found_by_its_requests(transport: str) -> None:
    """One call asks which service answered on the host; the report's queries show it."""
    other = [
        line(number, after_s=1, resource={"type": "cloud_run_revision", "labels": {"service_name": "bar"}})
        for number in range(5000, 5004)
    ]
    with serving(transport, Logs([*entries(), *other])) as server:
        live = source(server, services=(), host="cart.example")
        pulled = live.pull(WHOLE)
        assert ids(pulled) == ALL
        assert len(server.calls) == 2
    assert live.origin.services == ("cart",)
    assert len(pulled.queries) == 2


def test_a_name_cut_short_in_an_address_is_found_by_its_requests(transport: str) -> None:
    """Where the service that the address names has no entries, the requests to the host tell which it is."""
    host = "cart-and-more-abcdefghij-uc.a.run.app"
    told = [*entries(10)[:-1], request(10, url=f"https://{host}/ws", status=101, after_s=3)]
    with serving(transport, Logs(told)) as server:
        live = source(server, services=(), host=host)
        assert len(live.pull(WHOLE).entries) == 11
    assert live.origin.services == ("cart",)


def test_late_arrivals_are_looked_for_where_the_window_is_recent(transport: str) -> None:
    """What arrives while the pages are read comes with the second look, for one call more."""
    late = [line(7000 + n, after_s=n, receiveTimestamp="2026-03-04T05:30:00Z") for n in range(3)]
    logs = Logs(entries()).add(late, to="projects/demo", after_calls=1)
    with serving(transport, logs) as server:
        pulled = source(server, now=datetime(2026, 3, 4, 5, 30, tzinfo=UTC)).pull(WHOLE)
        assert len(server.calls) == 2
    assert len(pulled.entries) == len(ALL) + 3
    assert "receiveTimestamp" in pulled.queries[1].lql


def test_an_old_window_is_not_looked_at_twice(transport: str) -> None:
    """Days later nothing arrives any more: the call is saved."""
    with serving(transport) as server:
        source(server).pull(WHOLE)
        assert len(server.calls) == 1


def test_a_stop_by_hand_keeps_what_was_read(monkeypatch: pytest.MonkeyPatch, transport: str) -> None:
    """Ctrl-C in the third call: two pages stand, the gap is stated, and no further call is made."""
    with serving(transport, None, always(SMALL_PAGES)) as server:
        live = source(server)
        carried = live._wire.list  # noqa: SLF001 - the wire that is cut by hand

        def stopping(call: wire.Call, timeout_s: float) -> wire.Page:
            if len(server.calls) == 2:
                raise KeyboardInterrupt
            return carried(call, timeout_s)

        monkeypatch.setattr(live._wire, "list", stopping)  # noqa: SLF001 - as above
        pulled = live.pull(WHOLE)
        again = live.pull(replace(WHOLE, window=replace(WINDOW, end=START + timedelta(minutes=1))))
        assert len(server.calls) == 2
    assert len(pulled.entries) == 200
    assert "stopped by hand" in pulled.gaps[0]
    assert again.complete is False
    assert again.entries  # what the first question brought answers the second in part


def test_a_broken_pull_is_gone_on_with(transport: str) -> None:
    """The second run asks from the last entry on, and ends with the whole set."""
    with serving(transport, None, after(4, e.UNAVAILABLE, times=200), always(SMALL_PAGES)) as server:
        broken = source(server)
        assert broken.pull(WHOLE).complete is False
    with serving(transport, None, always(SMALL_PAGES)) as server:
        pulled = source(server, left=broken.fetches).pull(WHOLE)
        assert len(server.calls) <= math.ceil(len(ALL) / 100) - 4 + 1
    assert ids(pulled) == ALL
    assert pulled.complete is True


def test_what_arrived_between_two_runs_is_found_by_the_second(transport: str) -> None:
    """A broken pull of a recent window is gone on with days later: what came late to its first part is there, too."""
    soon, days_later = datetime(2026, 3, 4, 5, 12, tzinfo=UTC), datetime(2026, 3, 8, tzinfo=UTC)
    logs = Logs(entries())
    with serving(transport, logs, after(4, e.UNAVAILABLE, times=200), always(SMALL_PAGES)) as server:
        broken = source(server, now=soon)
        assert broken.pull(WHOLE).complete is False
    late = [line(7000 + n, after_s=n, receiveTimestamp="2026-03-04T05:40:00Z") for n in range(3)]
    logs.add(late, to="projects/demo")
    with serving(transport, logs, always(SMALL_PAGES)) as server:
        pulled = source(server, now=days_later, left=broken.fetches).pull(WHOLE)
    assert len(pulled.entries) == len(ALL) + 3


def test_a_hiccup_while_finding_out_which_project_is_denied_changes_nothing(transport: str) -> None:
    """What passes is waited out there, too; and the calls are counted with the others."""
    logs = Logs(entries(), project="shop").add([], to="projects/secret")
    denied = for_resource("projects/secret", e.PERMISSION_DENIED)
    with serving(transport, logs, after(1, e.RESOURCE_EXHAUSTED, times=1), denied) as server:
        pulled = source(server, "shop", "secret").pull(WHOLE)
        calls = len(server.calls)
    assert ids(pulled) == ALL
    assert [query.calls for query in pulled.queries] == [calls]
    assert "missing: all of project secret" in pulled.gaps[0]


def test_a_service_without_entries_is_named(transport: str) -> None:
    """A mistyped name must not look like a quiet service."""
    with serving(transport) as server:
        pulled = source(server, services=("kart",)).pull(WHOLE)
    assert pulled.entries == ()
    assert "no entry of service kart lies in" in pulled.warnings[0]


def test_a_view_of_a_bucket_is_read_instead_of_the_project(transport: str) -> None:
    """Its resource name is asked for, and what lies beside it in the project does not come."""
    view = "projects/hub/locations/eu/buckets/central/views/web"
    logs = Logs([line(9, after_s=9)], project="hub").add(entries(5)[:5], to=view)
    with serving(transport, logs) as server:
        origin = Origin(("hub",), server.endpoint, "central", "eu", "web", services=("cart",))
        pulled = CloudLogging(wire.opened(server.endpoint), Wanted(origin), hurried()).pull(WHOLE)
        assert [call.request.resource_names for call in server.calls] == [(view,)]
    assert len(pulled.entries) == 5
    assert pulled.source == "Cloud Logging, project hub, view web of bucket central"
