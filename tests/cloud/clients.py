"""Google's own clients of both servers, asked for one page at a time, and small logs to ask for.

with asking("grpc", Logs(lines(25)), first(1, UNAVAILABLE)) as (ask, server):
    entries, token = ask(pageSize=10)
"""

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

import grpc
from google.auth.credentials import AnonymousCredentials
from google.cloud import logging_v2
from google.cloud.logging_v2.services.logging_service_v2 import LoggingServiceV2Client
from google.cloud.logging_v2.services.logging_service_v2.transports import LoggingServiceV2GrpcTransport
from google.cloud.logging_v2.types import LogEntry
from google.protobuf import json_format

from tests.cloud.faults import Fault, Plan
from tests.cloud.grpc_server import GrpcServer
from tests.cloud.http_server import HttpServer
from tests.cloud.listing import Server
from tests.cloud.logs import Entry, Logs

Answered = tuple[list[Entry], str]
Ask = Callable[..., Answered]
"""The fields of a request, as REST names them -> the entries of a page as REST spells them, and the next token."""

FULL: Entry = {
    "insertId": "everything",
    "logName": "projects/demo/logs/run.googleapis.com%2Frequests",
    "resource": {
        "type": "cloud_run_revision",
        "labels": {"service_name": "chat", "location": "europe-west1"},
    },
    "timestamp": "2026-03-01T12:00:00.123456789Z",
    "receiveTimestamp": "2026-03-01T12:00:05.000000001Z",
    "severity": "ERROR",
    "labels": {"instanceId": "00f4", "commit-sha": "abc"},
    "httpRequest": {
        "requestMethod": "GET",
        "requestUrl": "https://chat.example/ws",
        "requestSize": "754",
        "status": 101,
        "latency": "60.369159188s",
    },
    "operation": {"id": "op", "producer": "chat", "first": True},
    "trace": "projects/demo/traces/0af7651916cd43dd8448eb211c80319c",
    "spanId": "b7ad6b7169203331",
    "traceSampled": True,
    "sourceLocation": {"file": "main.py", "line": "142", "function": "serve"},
    "split": {"uid": "u", "index": 1, "totalSplits": 3},
    "jsonPayload": {"message": 'späť \u2028 "quoted"', "tags": ["a", None, {"deep": 1.5}], "ok": False},
}
AUDIT: Entry = {
    "insertId": "audit",
    "logName": "projects/demo/logs/cloudaudit.googleapis.com%2Factivity",
    "resource": {"type": "cloud_run_revision", "labels": {"service_name": "chat"}},
    "timestamp": "2026-03-01T12:00:01Z",
    "severity": "NOTICE",
    "protoPayload": {
        "@type": "type.googleapis.com/google.cloud.audit.AuditLog",
        "serviceName": "run.googleapis.com",
        "methodName": "google.cloud.run.v1.Services.ReplaceService",
        "status": {"code": 9, "message": "not ready"},
    },
}


def line(number: int, **more: object) -> Entry:
    """One entry a second."""
    return {
        "insertId": f"id-{number:04}",
        "logName": "projects/demo/logs/run.googleapis.com%2Fstdout",
        "timestamp": f"2026-03-01T12:{number // 60:02}:{number % 60:02}Z",
        "textPayload": f"line {number}",
        **more,
    }


def lines(count: int) -> list[Entry]:
    """So many entries, a second apart."""
    return [line(number) for number in range(count)]


_ALONE = [("grpc.use_local_subchannel_pool", 1)]
"""Channels of a process to the same address share a connection, unless they are told not to."""


@contextlib.contextmanager
def over_grpc(address: str, timeout_s: float = 10) -> Iterator[Ask]:
    """Google's generated client on a plain channel, without its retries."""
    with grpc.insecure_channel(address.removeprefix("grpc://"), _ALONE) as channel:
        client = LoggingServiceV2Client(transport=LoggingServiceV2GrpcTransport(channel=channel))

        def ask(**fields: Any) -> Answered:  # noqa: ANN401 - the fields of a request
            request = json_format.ParseDict(fields, logging_v2.types.ListLogEntriesRequest.pb()())
            pager = client.list_log_entries(request=request, retry=None, timeout=timeout_s)
            page = next(iter(pager.pages))
            return [
                json_format.MessageToDict(LogEntry.pb(entry)) for entry in page.entries
            ], page.next_page_token

        yield ask


@contextlib.contextmanager
def over_http(address: str, timeout_s: float = 10) -> Iterator[Ask]:
    """Google's hand-written client, which retries nothing over HTTP."""
    client = logging_v2.Client(  # type: ignore[no-untyped-call] # Google's has no types
        project="demo",
        credentials=AnonymousCredentials(),  # type: ignore[no-untyped-call] # as above
        _use_grpc=False,
        client_options={"api_endpoint": address},
    )

    def ask(**fields: Any) -> Answered:  # noqa: ANN401 - the fields of a request
        answer = client._connection.api_request(  # type: ignore[no-untyped-call] # noqa: SLF001 - what list_entries calls for a page
            "POST", "/entries:list", data=fields, timeout=timeout_s
        )
        return answer.get("entries", []), answer.get("nextPageToken", "")

    with contextlib.closing(client._http):  # noqa: SLF001 - the client's own close() leaves its session open
        yield ask


CLIENTS = {"grpc": over_grpc, "http": over_http}
SERVERS: dict[str, type[Server]] = {"grpc": GrpcServer, "http": HttpServer}


@contextlib.contextmanager
def asking(
    transport: str, logs: Logs, *faults: Fault, timeout_s: float = 10, token_life_s: float = 3600
) -> Iterator[tuple[Ask, Server]]:
    """A server with these faults, and a client of it that asks for projects/demo unless told otherwise."""
    with (
        SERVERS[transport](logs, Plan(*faults), token_life_s=token_life_s) as server,
        CLIENTS[transport](server.endpoint, timeout_s) as ask,
    ):
        yield lambda **fields: ask(**{"resourceNames": ["projects/demo"], **fields}), server


def whole(ask: Ask, **fields: object) -> list[list[str]]:
    """The insertIds of all pages, page by page."""
    pages, token = [], ""
    while True:
        entries, token = ask(**fields, **({"pageToken": token} if token else {}))
        pages.append([entry["insertId"] for entry in entries])
        if not token:
            return pages


def ids(*numbers: int) -> list[str]:
    """The insertIds of these lines."""
    return [f"id-{number:04}" for number in numbers]
