"""Both servers when all is well, asked by Google's own clients: pages, order, tokens, fields, refusals."""

import json
from collections.abc import Callable
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
from google.api_core import exceptions
from google.cloud.logging_v2.types import LogEntry
from google.protobuf import json_format

from tests.cloud.clients import AUDIT, CLIENTS, FULL, SERVERS, asking, ids, line, lines, whole
from tests.cloud.effects import DOUBLES
from tests.cloud.faults import Plan, always
from tests.cloud.logs import Entry, Logs, everything

pytestmark = pytest.mark.slow

FIXTURES = Path(__file__).parents[2] / "fixtures"

# --- what a healthy server gives -------------------------------------------------------------------------


def test_pages_hold_every_entry_once_in_order(transport: str) -> None:
    """The pages of a result are full but for the last, oldest entry first, and nothing is missing or doubled."""
    with asking(transport, Logs(reversed(lines(25)))) as (ask, server):
        assert whole(ask, pageSize=10) == [ids(*range(10)), ids(*range(10, 20)), ids(*range(20, 25))]
        assert [(call.page, call.entries, call.outcome) for call in server.calls] == [
            (1, 10, "OK"),
            (2, 10, "OK"),
            (3, 5, "OK"),
        ]


def test_a_result_that_fills_its_pages_ends_without_an_empty_one(transport: str) -> None:
    """Twenty entries in pages of ten are two pages; nothing at all is one empty page without a token."""
    with asking(transport, Logs(lines(20)).add([], to="projects/bare")) as (ask, _):
        assert [len(page) for page in whole(ask, pageSize=10)] == [10, 10]
        assert whole(ask, resourceNames=["projects/bare"]) == [[]]


@pytest.mark.parametrize(("order", "expected"), [("asc", "cab"), ("desc", "abc"), ("", "cab")])
def test_entries_of_one_time_come_by_insert_id(transport: str, order: str, expected: str) -> None:
    """In either direction of time; text that sorts otherwise than time ("00.5Z" before "00Z") does not mislead."""
    entries = [
        line(0, insertId="b", timestamp="2026-03-01T12:00:00.500Z"),
        line(0, insertId="a", timestamp="2026-03-01T13:00:00.5+01:00"),
        line(0, insertId="c", timestamp="2026-03-01T12:00:00Z"),
    ]
    with asking(transport, Logs(entries)) as (ask, _):
        found = whole(ask, orderBy=f"timestamp {order}" if order else "", pageSize=1)
        assert "".join(page[0] for page in found) == expected


def test_a_page_holds_fifty_entries_unless_told(transport: str) -> None:
    """Fifty is the default page size, a thousand the largest."""
    with asking(transport, Logs(lines(1001))) as (ask, _):
        assert [len(ask()[0]), len(ask(pageSize=0)[0]), len(ask(pageSize=1000)[0])] == [50, 50, 1000]


def test_both_servers_give_the_same_entries() -> None:
    """Every field of a recorded cycle and of a full entry, nanoseconds too, is the same over gRPC and HTTP."""
    recorded = [json.loads(row) for row in (FIXTURES / "cycle-5" / "logs.ndjson").read_bytes().splitlines()]
    logs = Logs([FULL, AUDIT, *recorded])
    with asking("grpc", logs) as (ask_grpc, _), asking("http", logs) as (ask_http, _):
        token_grpc = token_http = ""
        while True:
            over_one, token_grpc = ask_grpc(pageSize=1000, pageToken=token_grpc)
            over_other, token_http = ask_http(pageSize=1000, pageToken=token_http)
            assert over_one == [as_sent_by_grpc(entry) for entry in over_other]
            assert bool(token_grpc) == bool(token_http)
            if not token_grpc:
                break


def as_sent_by_grpc(entry: Entry) -> Entry:
    """The entry as it survives the proto: what the API's own JSON mapping leaves of it."""
    message = json_format.ParseDict(entry, LogEntry.pb()(), ignore_unknown_fields=True)
    return json_format.MessageToDict(message)


def test_a_full_entry_survives_as_it_is(transport: str) -> None:
    """Times to the nanosecond, split, labels, request, source, operation, payload: as they were stored."""
    with asking(transport, Logs([FULL, AUDIT])) as (ask, _):
        assert ask()[0] == [FULL, AUDIT]


def test_only_http_has_what_the_proto_lacks() -> None:
    """Error groups are in the REST form alone."""
    logs = Logs([line(0, errorGroups=[{"id": "g"}])])
    with asking("grpc", logs) as (ask_grpc, _), asking("http", logs) as (ask_http, _):
        assert ask_grpc()[0] == [line(0)]
        assert ask_http()[0] == [line(0, errorGroups=[{"id": "g"}])]


def test_duplicates_are_removed_across_pages_too(transport: str) -> None:
    """The same project, time and insertId count once; another project's entry is no duplicate."""
    foreign = line(1, logName="projects/other/logs/x")
    logs = Logs([*lines(3), *lines(3), foreign])
    with asking(transport, logs) as (ask, _):
        assert whole(ask, pageSize=1) == [ids(0), ids(1), ids(1), ids(2)]
    with asking(transport, logs, always(DOUBLES)) as (ask, _):
        assert [*chain(*whole(ask, pageSize=2))] == ids(0, 0, 1, 1, 1, 2, 2)


def test_projects_and_views_are_kept_apart_and_read_together(transport: str) -> None:
    """Each resource has its own entries; several are merged by time; a project's default view is the project."""
    view = "projects/hub/locations/eu/buckets/central/views/web"
    logs = Logs([line(1)]).add([line(0)], to="projects/other").add([line(2)], to=view)
    default = "projects/demo/locations/global/buckets/_Default/views/_AllLogs"
    with asking(transport, logs) as (ask, _):
        assert whole(ask) == [ids(1)]
        assert whole(ask, resourceNames=[view, "projects/demo", "projects/other"]) == [ids(0, 1, 2)]
        assert whole(ask, resourceNames=[default]) == [ids(1)]


def test_the_filter_decides(transport: str) -> None:
    """Filters are understood as rca.lql does; one that it refuses is an INVALID_ARGUMENT."""
    logs = Logs([line(0, severity="ERROR"), line(1), line(2, severity="CRITICAL")])
    with asking(transport, logs) as (ask, _):
        assert whole(ask, filter="severity>=ERROR", pageSize=1) == [ids(0), ids(2)]
        with pytest.raises(exceptions.BadRequest, match="Unparseable filter"):
            ask(filter="severity>=")


def test_entries_outside_the_filters_time_are_not_looked_at(transport: str) -> None:
    """A narrow slice of a large store is quick: the filter is tried within its bounds only."""
    tried: list[str] = []

    def matcher(_text: str) -> Callable[[Entry], bool]:
        def matches(entry: Entry) -> bool:
            tried.append(entry["insertId"])
            return True

        return matches

    bounds = 'timestamp>="2026-03-01T12:00:03Z" AND timestamp<"2026-03-01T12:00:05Z"'
    with asking(transport, Logs(lines(60), matcher=matcher)) as (ask, _):
        for order in ("asc", "desc"):
            ask(filter=bounds, orderBy=f"timestamp {order}")
    assert tried == [*ids(3, 4), *ids(4, 3)]


def test_late_entries_appear_after_so_many_calls(transport: str) -> None:
    """What arrives late is not there at first; paging on meets it only where it lies ahead."""
    logs = Logs(lines(4)).add(
        [line(0, insertId="behind"), line(3, insertId="zz-ahead")], to="projects/demo", after_calls=1
    )
    with asking(transport, logs) as (ask, _):
        assert [*chain(*whole(ask, pageSize=2))] == [*ids(0, 1, 2, 3), "zz-ahead"]
        assert [*chain(*whole(ask))].count("behind") == 1


def test_late_entries_appear_after_some_time(transport: str) -> None:
    """Seconds count from the first call."""
    now = [100.0]
    logs = Logs(lines(1)).add([line(1)], to="projects/demo", after_s=30)
    plan = Plan(clock=lambda: now[0])
    with SERVERS[transport](logs, plan) as server, CLIENTS[transport](server.endpoint) as ask:
        seen = []
        for now[0] in (100.0, 129.0, 130.0):
            seen.append(len(ask(resourceNames=["projects/demo"])[0]))
    assert seen == [1, 1, 2]


# --- what is refused -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "fields",
    [
        {"resourceNames": []},
        {"resourceNames": ["projects/demo"] * 101},
        {"resourceNames": ["demo"]},
        {"resourceNames": ["projects/demo/logs/x"]},
        {"orderBy": "severity desc"},
        {"orderBy": "timestamp"},
        {"pageSize": -1},
        {"pageSize": 1001},
        {"pageToken": "!"},
        {"pageToken": "bm90IG91cnM="},
        {"filter": "x" * 20_001},
    ],
    ids=str,
)
def test_requests_that_the_api_refuses_are_refused(transport: str, fields: dict[str, Any]) -> None:
    """Missing, malformed or too many names, other orders, sizes and tokens, too long a filter: INVALID_ARGUMENT."""
    with asking(transport, Logs(lines(1), matcher=everything)) as (ask, server):
        with pytest.raises(exceptions.BadRequest):
            ask(**fields)
        assert [call.outcome for call in server.calls] == ["INVALID_ARGUMENT"]


def test_a_project_that_is_not_there_is_denied(transport: str) -> None:
    """As if it were forbidden: the API does not tell the two apart."""
    with asking(transport, Logs(lines(1))) as (ask, _), pytest.raises(exceptions.Forbidden) as denied:
        ask(resourceNames=["projects/demo", "projects/nowhere"])
    assert "(or it may not exist)" in str(denied.value)
    assert denied.value.reason == "IAM_PERMISSION_DENIED"
    assert denied.value.metadata["resource"] == "projects/nowhere"


@pytest.mark.parametrize(
    "other",
    [{"pageSize": 3}, {"filter": "a"}, {"orderBy": "timestamp desc"}, {"resourceNames": ["projects/other"]}],
    ids=str,
)
def test_a_token_is_bound_to_its_request(transport: str, other: dict[str, Any]) -> None:
    """With any other argument it is refused; with the same ones it works, also twice."""
    logs = Logs(lines(5), matcher=everything).add(lines(5), to="projects/other")
    with asking(transport, logs) as (ask, _):
        _, token = ask(pageSize=2)
        with pytest.raises(exceptions.BadRequest, match="page_token doesn't match arguments"):
            ask(**{"pageSize": 2, "pageToken": token, **other})
        assert [ask(pageSize=2, pageToken=token)[0] for _ in range(2)] == [lines(5)[2:4]] * 2


def test_a_token_does_not_live_for_ever(transport: str) -> None:
    """After its life it is refused, and the query can begin anew."""
    now = [0.0]
    plan = Plan(clock=lambda: now[0])
    with (
        SERVERS[transport](Logs(lines(5)), plan, token_life_s=60) as server,
        CLIENTS[transport](server.endpoint) as ask,
    ):
        fields = {"resourceNames": ["projects/demo"], "pageSize": 2}
        _, token = ask(**fields)
        now[0] = 60.0
        assert ask(**fields, pageToken=token)[0]
        now[0] = 61.0
        with pytest.raises(exceptions.BadRequest, match="expired"):
            ask(**fields, pageToken=token)
        assert ask(**fields)[0]
