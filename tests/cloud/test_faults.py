"""Each fault as a client meets it: what goes wrong on the wire, when, and what the record says of it."""

import contextlib
import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import TypeVar

import pytest
import requests
from google.api_core import exceptions
from google.auth.exceptions import InvalidOperation

from tests.cloud import effects
from tests.cloud.__main__ import NAMED
from tests.cloud.calls import GIVEN_UP, PENDING, Request
from tests.cloud.clients import CLIENTS, SERVERS, asking, ids, lines, over_grpc, over_http, whole
from tests.cloud.effects import (
    ABORTED,
    CUT,
    EMPTY_LAST,
    FULL_LAST,
    GARBLED,
    INTERNAL,
    PERMISSION_DENIED,
    RESOURCE_EXHAUSTED,
    SILENT,
    UNAVAILABLE,
    Status,
    empty_pages,
    repeats,
    short_pages,
    slow,
)
from tests.cloud.faults import (
    Fault,
    Plan,
    Verdict,
    after,
    always,
    expired_token,
    first,
    for_resource,
    on_page,
    rate_limit,
    wider_than,
)
from tests.cloud.grpc_server import GrpcServer
from tests.cloud.http_server import HttpServer
from tests.cloud.listing import Server
from tests.cloud.logs import Logs, everything
from tests.cloud.wire import closed_port, silent_port

pytestmark = pytest.mark.slow

STATUSES: list[tuple[Status, type[Exception], type[Exception]]] = [
    (effects.INVALID_ARGUMENT, exceptions.InvalidArgument, exceptions.BadRequest),
    (effects.PERMISSION_DENIED, exceptions.PermissionDenied, exceptions.Forbidden),
    (effects.SERVICE_DISABLED, exceptions.PermissionDenied, exceptions.Forbidden),
    (effects.NOT_FOUND, exceptions.NotFound, exceptions.NotFound),
    (effects.ABORTED, exceptions.Aborted, exceptions.Conflict),
    (effects.RESOURCE_EXHAUSTED, exceptions.ResourceExhausted, exceptions.TooManyRequests),
    (effects.CANCELLED, exceptions.Cancelled, exceptions.Cancelled),
    (effects.INTERNAL, exceptions.InternalServerError, exceptions.InternalServerError),
    (effects.UNKNOWN, exceptions.Unknown, exceptions.InternalServerError),
    (effects.UNIMPLEMENTED, exceptions.MethodNotImplemented, exceptions.MethodNotImplemented),
    (effects.UNAVAILABLE, exceptions.ServiceUnavailable, exceptions.ServiceUnavailable),
    (effects.DEADLINE_EXCEEDED, exceptions.DeadlineExceeded, exceptions.GatewayTimeout),
]


@pytest.mark.parametrize(
    ("status", "of_grpc", "of_http"), STATUSES, ids=[f"{one.name}-{one.reason}" for one, _, _ in STATUSES]
)
def test_each_status_is_the_clients_exception(
    transport: str, status: Status, of_grpc: type[Exception], of_http: type[Exception]
) -> None:
    """The class, the message and the reason that google-api-core makes of it; one call, on record."""
    with asking(transport, Logs(lines(1)), first(1, status)) as (ask, server):
        with pytest.raises(exceptions.GoogleAPICallError) as caught:
            ask()
        assert type(caught.value) is {"grpc": of_grpc, "http": of_http}[transport]
        assert status.message in str(caught.value)
        assert caught.value.reason == (status.reason or None)
        assert ask()[0] == lines(1)
        assert [call.outcome for call in server.calls] == [status.name, "OK"]


def test_a_refusal_may_say_how_long_to_wait(transport: str) -> None:
    """RetryInfo stands among the details, beside ErrorInfo; over HTTP there is a header in whole seconds, too."""
    wordy = replace(effects.RESOURCE_EXHAUSTED, retry_after_s=2.5)
    with (
        asking(transport, Logs(lines(1)), first(1, wordy)) as (ask, _),
        pytest.raises(exceptions.GoogleAPICallError) as caught,
    ):
        ask()
    assert caught.value.reason == "RATE_LIMIT_EXCEEDED"
    if transport == "grpc":
        assert [detail.retry_delay.ToMilliseconds() for detail in caught.value.details[1:]] == [2500]
    else:
        assert [detail["retryDelay"] for detail in caught.value.details[1:]] == ["2.500s"]
        assert caught.value.response.headers["Retry-After"] == "3"


def test_a_refused_login_looks_different_over_http() -> None:
    """Over gRPC it is Unauthenticated; over HTTP Google's client tries to renew credentials that it does not have."""
    with asking("grpc", Logs(lines(1)), always(effects.UNAUTHENTICATED)) as (ask, _):
        with pytest.raises(exceptions.Unauthenticated) as caught:
            ask()
        assert caught.value.reason == "ACCESS_TOKEN_EXPIRED"
    with asking("http", Logs(lines(1)), always(effects.UNAUTHENTICATED)) as (ask, server):
        with pytest.raises(InvalidOperation):
            ask()
        assert [call.outcome for call in server.calls] == ["UNAUTHENTICATED"]


# --- broken answers --------------------------------------------------------------------------------------


def taken(server: Server) -> None:
    """The server has taken a call."""
    until = time.monotonic() + 20
    while not server.calls:
        assert time.monotonic() < until
        time.sleep(0.001)


Answer = TypeVar("Answer")


def reconnected(ask: Callable[[], Answer]) -> Answer:
    """The answer, once gRPC has noticed that its old connection is gone: until then it writes to nobody."""
    until = time.monotonic() + 20
    while True:
        try:
            return ask()
        except exceptions.ServiceUnavailable:
            assert time.monotonic() < until
            time.sleep(0.01)


def test_a_cut_connection_breaks_one_answer(transport: str) -> None:
    """Amid the second page the connection is gone: another error than a status; asked again, the page comes."""
    with asking(transport, Logs(lines(25)), on_page(2, CUT)) as (ask, server):
        _, token = ask(pageSize=10)
        with pytest.raises((exceptions.ServiceUnavailable, requests.exceptions.ChunkedEncodingError)):
            ask(pageSize=10, pageToken=token)
        page, _ = reconnected(lambda: ask(pageSize=10, pageToken=token))
        assert [entry["insertId"] for entry in page] == ids(*range(10, 20))
        assert [call.outcome for call in server.calls] == ["OK", "CUT", "OK"]


def test_a_cut_connection_leaves_others_alone(transport: str) -> None:
    """Only the connection of the call is severed: a call that is slow on another one gets its answer."""
    logs = Logs(lines(1)).add(lines(1), to="projects/other")
    with (
        asking(
            transport, logs, for_resource("projects/other", slow(0.3)), for_resource("projects/demo", CUT)
        ) as (ask, server),
        ThreadPoolExecutor() as threads,
        CLIENTS[transport](server.endpoint) as ask_other,
    ):
        waiting = threads.submit(ask_other, resourceNames=["projects/other"])
        while not server.calls:
            time.sleep(0.001)
        with pytest.raises((exceptions.ServiceUnavailable, requests.exceptions.ChunkedEncodingError)):
            ask()
        assert waiting.result()[0] == lines(1)


@pytest.mark.parametrize("entries", range(4))
def test_half_an_answer_does_not_parse(transport: str, entries: int) -> None:
    """It comes whole as HTTP and gRPC see it, and is half a message, however many entries it should have had."""
    with asking(transport, Logs(lines(entries)), first(1, GARBLED)) as (ask, server):
        with pytest.raises((exceptions.InternalServerError, requests.exceptions.JSONDecodeError)):
            ask()
        assert len(ask()[0]) == entries
        assert [call.outcome for call in server.calls] == ["GARBLED", "OK"]


def test_a_client_that_leaves_a_slow_call_is_noticed(transport: str) -> None:
    """Its deadline ends the call on both sides, a minute before the answer would have come."""
    with asking(transport, Logs(lines(1)), always(slow(60)), timeout_s=0.2) as (ask, server):
        with pytest.raises((exceptions.DeadlineExceeded, requests.exceptions.ReadTimeout)):
            ask()
        until = time.monotonic() + 10
        while (outcome := server.calls[0].outcome) == PENDING and time.monotonic() < until:
            time.sleep(0.01)
        assert outcome == GIVEN_UP


@pytest.mark.parametrize("effect", [SILENT, slow(60)], ids=["silent", "slow"])
def test_a_server_stops_amid_calls_without_an_answer(transport: str, effect: effects.Effect) -> None:
    """It does not wait for what it holds back; the client's call ends with an error."""
    with ThreadPoolExecutor() as threads, contextlib.ExitStack() as clients:
        with SERVERS[transport](Logs(lines(1)), Plan(always(effect))) as server:
            ask = clients.enter_context(CLIENTS[transport](server.endpoint, 30))
            waiting = threads.submit(ask, resourceNames=["projects/demo"])
            taken(server)
            began = time.monotonic()
        with pytest.raises((exceptions.GoogleAPICallError, requests.exceptions.ConnectionError)):
            waiting.result()
        assert time.monotonic() - began < 10


def test_a_slow_answer_is_still_an_answer(transport: str) -> None:
    """Within the deadline it comes, late; delays of several faults add up."""
    with asking(transport, Logs(lines(1)), always(slow(0.05)), always(slow(0.05))) as (ask, server):
        assert ask()[0] == lines(1)
    [call] = server.calls
    assert call.ended_s is not None
    assert call.ended_s - call.at_s >= 0.1


def test_the_record_knows_how_long_a_grpc_client_waits() -> None:
    """The deadline travels with a gRPC call, and does not with an HTTP request."""
    with asking("grpc", Logs(lines(1)), timeout_s=7) as (ask, server):
        ask()
    assert server.calls[0].timeout_s == pytest.approx(7, abs=2)
    with asking("http", Logs(lines(1)), timeout_s=7) as (ask, server):
        ask()
    assert server.calls[0].timeout_s is None


def test_a_port_that_takes_connections_and_never_answers() -> None:
    """Both clients wait until their deadline."""
    with silent_port() as address:
        with over_grpc(address, 0.3) as ask, pytest.raises(exceptions.GoogleAPICallError):
            ask(resourceNames=["projects/demo"])
        with over_http(f"http://{address}", 0.3) as ask, pytest.raises(requests.exceptions.ReadTimeout):
            ask(resourceNames=["projects/demo"])


def test_a_closed_port() -> None:
    """Both clients are refused at once."""
    with closed_port() as address:
        with over_grpc(address) as ask, pytest.raises(exceptions.ServiceUnavailable, match="refused"):
            ask(resourceNames=["projects/demo"])
        with (
            over_http(f"http://{address}") as ask,
            pytest.raises(requests.exceptions.ConnectionError, match="refused"),
        ):
            ask(resourceNames=["projects/demo"])


# --- pages in odd shapes ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("shape", "sizes"),
    [
        (empty_pages(2), [0, 0, 2, 0, 0, 2]),
        (EMPTY_LAST, [2, 2, 0]),
        (FULL_LAST, [2, 2, 0]),
        (short_pages(1), [1, 1, 1, 1]),
        (repeats(1), [2, 2, 2]),
    ],
    ids=["empty", "empty last", "full last", "short", "repeats"],
)
def test_pages_take_the_shape_that_is_asked_for(
    transport: str, shape: effects.Shape, sizes: list[int]
) -> None:
    """Four entries in pages of two, laid out oddly: none is lost, none out of order."""
    with asking(transport, Logs(lines(4)), always(shape)) as (ask, _):
        pages = whole(ask, pageSize=2)
    assert [len(page) for page in pages] == sizes
    assert sorted({*chain(*pages)}) == ids(0, 1, 2, 3)
    assert list(chain(*pages)) == sorted(chain(*pages))


def test_only_a_full_last_page_has_an_empty_one_behind_it(transport: str) -> None:
    """FULL_LAST gives no token with a last page that is not full; EMPTY_LAST does."""
    with asking(transport, Logs(lines(3)), always(FULL_LAST)) as (ask, _):
        assert whole(ask, pageSize=2) == [ids(0, 1), ids(2)]
    with asking(transport, Logs(lines(3)), always(EMPTY_LAST)) as (ask, _):
        assert whole(ask, pageSize=2) == [ids(0, 1), ids(2), []]


def test_shapes_join(transport: str) -> None:
    """Several shapes hold at once."""
    with asking(transport, Logs(lines(3)), always(empty_pages(1), EMPTY_LAST), always(short_pages(2))) as (
        ask,
        _,
    ):
        assert whole(ask, pageSize=50) == [[], ids(0, 1), [], ids(2), [], []]


# --- when faults strike ----------------------------------------------------------------------------------


def outcomes(*faults: Fault, of: Iterable[Request], every_s: float = 1.0) -> list[str]:
    """What these calls, so many seconds apart, come to; the page of a call is its token's number."""
    now = [0.0]
    plan, ends = Plan(*faults, clock=lambda: now[0]), []
    for request in of:
        _, verdict = plan.begin(request, "grpc", int(request.page_token or 1), None)
        ends.append(verdict.ending.name if verdict.ending else "OK")
        now[0] += every_s
    return ends


def test_first_and_after_count_the_calls_that_reach_them() -> None:
    """The first two, and what comes after four, once; a fault behind another does not see what that one ended."""
    plain = [Request()] * 7
    assert outcomes(first(2, UNAVAILABLE), of=plain) == ["UNAVAILABLE"] * 2 + ["OK"] * 5
    assert outcomes(after(5, INTERNAL), of=plain) == ["OK"] * 5 + ["INTERNAL"] * 2
    assert outcomes(after(4, INTERNAL, times=1), of=plain) == ["OK"] * 4 + ["INTERNAL"] + ["OK"] * 2
    behind = outcomes(first(1, UNAVAILABLE), first(1, INTERNAL), of=plain[:3])
    assert behind == ["UNAVAILABLE", "INTERNAL", "OK"]


def test_on_page_strikes_amid_paging() -> None:
    """The second page fails twice, then comes; other pages are left alone."""
    calls = [Request(page_token=page) for page in ("", "2", "2", "2", "3")]
    assert outcomes(on_page(2, ABORTED, times=2), of=calls) == ["OK", "ABORTED", "ABORTED", "OK", "OK"]


def test_for_resource_strikes_one_of_several() -> None:
    """A call that names the resource is struck, whatever else it names."""
    names = [("projects/a",), ("projects/b",), ("projects/a", "projects/b")]
    calls = [Request(resource_names=one) for one in names]
    ends = outcomes(for_resource("projects/a", PERMISSION_DENIED), of=calls)
    assert ends == ["PERMISSION_DENIED", "OK", "PERMISSION_DENIED"]


def test_the_rate_limit_slides() -> None:
    """Two calls in any three seconds; a refused call costs nothing."""
    ends = outcomes(rate_limit(2, per_s=3), of=[Request()] * 8)
    assert [end == "OK" for end in ends] == [True, True, False, True, True, False, True, True]
    assert set(ends) == {"OK", "RESOURCE_EXHAUSTED"}


def test_an_expired_token_stays_expired() -> None:
    """The first token that is used once three calls are over is dead for good; others work."""
    calls = [Request(page_token=page) for page in ("", "2", "3", "4", "4", "", "2", "3")]
    ends = outcomes(expired_token(after_calls=3), of=calls)
    assert ends == ["OK", "OK", "OK", "INVALID_ARGUMENT", "INVALID_ARGUMENT", "OK", "OK", "OK"]


def test_a_query_whose_token_expired_can_begin_anew(transport: str) -> None:
    """On the wire: the token is refused, twice, and a new query comes to its end."""
    with asking(transport, Logs(lines(5)), expired_token()) as (ask, _):
        _, token = ask(pageSize=3)
        for _ in range(2):
            with pytest.raises(exceptions.BadRequest, match="expired"):
                ask(pageSize=3, pageToken=token)
        assert whole(ask, pageSize=3) == [ids(0, 1, 2), ids(3, 4)]


@pytest.mark.parametrize(
    ("text", "ends"),
    [
        ('timestamp>="2026-03-01T12:00:00Z" timestamp<"2026-03-01T13:00:00Z"', "OK"),
        ('timestamp>="2026-03-01T12:00:00Z" timestamp<="2026-03-01T13:00:01Z"', "DEADLINE_EXCEEDED"),
        ('timestamp>="2026-03-01T12:00:00Z"', "DEADLINE_EXCEEDED"),
        ("", "DEADLINE_EXCEEDED"),
    ],
)
def test_wide_queries_exceed_the_deadline(text: str, ends: str) -> None:
    """An hour is not wider than an hour; more is, and so is an open end."""
    assert outcomes(wider_than(3600), of=[Request(filter=text)]) == [ends]


def test_both_servers_can_share_a_plan() -> None:
    """Faults count the calls of both, the record tells whose they were."""
    logs, plan = Logs(lines(3)), Plan(first(1, RESOURCE_EXHAUSTED))
    with GrpcServer(logs, plan) as over_one, HttpServer(logs, plan) as over_other:
        with over_grpc(over_one.endpoint) as ask, pytest.raises(exceptions.ResourceExhausted):
            ask(resourceNames=["projects/demo"])
        with over_http(over_other.endpoint) as ask:
            ask(resourceNames=["projects/demo"])
        assert [call.outcome for call in over_one.calls] == ["RESOURCE_EXHAUSTED"]
        assert [call.outcome for call in over_other.calls] == ["OK"]
        assert [call.number for call in plan.calls] == [1, 2]


def test_the_record_holds_what_was_asked(transport: str) -> None:
    """Every field of the request, the page, the entries, the token that was given."""
    fields = {"filter": "a", "orderBy": "timestamp desc", "pageSize": 2}
    with asking(transport, Logs(lines(3), matcher=everything)) as (ask, server):
        _, token = ask(**fields)
        ask(**fields, pageToken=token)
        one, other = server.calls
    assert one.request == Request(("projects/demo",), "a", "timestamp desc", 2, "")
    assert (one.page, one.entries, one.next_page_token, one.transport) == (1, 2, token, transport)
    assert other.request == Request(("projects/demo",), "a", "timestamp desc", 2, token)
    assert (other.page, other.entries, other.next_page_token) == (2, 1, "")
    assert other.at_s >= one.at_s


# --- by hand ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMED)
def test_every_named_fault_does_something(name: str) -> None:
    """Within a minute's worth of calls, some with a token, at least one does not get the plain answer."""
    plan = Plan(NAMED[name], clock=lambda: 0.0)
    calls = [Request(page_token=str(page)) for page in (1, 2)] * 31
    verdicts = [plan.begin(call, "grpc", int(call.page_token), None)[1] for call in calls]
    assert any(verdict != Verdict() for verdict in verdicts)


@pytest.mark.usefixtures("interruptible")
def test_the_command_runs_both_servers(tmp_path: Path) -> None:
    """It prints where they listen, gives the entries, follows the named faults, and ends when interrupted."""
    (tmp_path / "logs.ndjson").write_text("\n".join(json.dumps(one) for one in lines(3)), encoding="utf-8")
    command = [
        sys.executable,
        "-m",
        "tests.cloud",
        "--logs",
        str(tmp_path / "logs.ndjson"),
        "--fault",
        "short-pages",
    ]
    with subprocess.Popen(  # noqa: S603 - our own module
        command, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2]
    ) as running:
        assert running.stdout is not None
        told = [running.stdout.readline().strip() for _ in range(3)]
        try:
            assert told[0].startswith("3 entries of projects/demo")
            with over_grpc(told[1]) as ask:
                assert whole(lambda **more: ask(resourceNames=["projects/demo"], **more)) == [ids(0, 1, 2)]
            with over_http(told[2]) as ask:
                assert whole(lambda **more: ask(resourceNames=["projects/demo"], **more)) == [ids(0, 1, 2)]
        finally:
            running.send_signal(signal.SIGINT)
        assert running.wait(timeout=20) == 0
