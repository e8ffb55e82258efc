"""Calls by gRPC, through the generated client: it keeps nanoseconds, receiveTimestamp and split."""

import socket
from typing import Any, cast
from urllib.parse import urlsplit

import grpc
from google.cloud.logging_v2.services.logging_service_v2 import LoggingServiceV2Client
from google.cloud.logging_v2.services.logging_service_v2.transports import LoggingServiceV2GrpcTransport
from google.cloud.logging_v2.types import ListLogEntriesResponse

from rca.sources.cloud.credentials import found
from rca.sources.cloud.entries import as_rest
from rca.sources.cloud.wire import CONNECT_S, Call, Page, UnreachedError

# A page of a thousand large entries is more than gRPC's default of 4 MiB.
_OPTIONS = (("grpc.max_receive_message_length", -1), ("grpc.enable_http_proxy", 0))


class GrpcWire:
    """Carries calls to `host:port` as they are, or with TLS and the user's credentials to Google."""

    def __init__(self, target: str | None) -> None:
        self._plain = None if target is None else _address(target)
        if target is None:
            self._client = LoggingServiceV2Client(credentials=found())
            transport = cast("LoggingServiceV2GrpcTransport", self._client.transport)
        else:
            # Handing in the channel is what keeps the client from TLS, and from looking for credentials.
            channel = grpc.insecure_channel(target, options=_OPTIONS)
            transport = LoggingServiceV2GrpcTransport(channel=channel)
            self._client = LoggingServiceV2Client(transport=transport)
        self._target = target or "logging.googleapis.com"
        self._channel: Any = transport.grpc_channel
        self._reached = False

    def list(self, call: Call, timeout_s: float) -> Page:
        """One page; raises google.api_core's exceptions. Its own retries are off: they would hide the quota."""
        if not self._reached:
            self._reach()
        pager = self._client.list_log_entries(
            request={
                "resource_names": list(call.resources),
                "filter": call.query,
                "order_by": call.order,
                "page_size": call.size,
                "page_token": call.token,
            },
            retry=None,
            timeout=timeout_s,
        )
        response = ListLogEntriesResponse.pb(next(iter(pager.pages)))
        return Page(tuple(as_rest(entry) for entry in response.entries), response.next_page_token)

    def _reach(self) -> None:
        """The channel stands. Without this, a machine without a network would sit through a whole call's time."""
        if self._plain is not None:
            # gRPC tries for all of the time even where the port is closed; this says at once what is wrong.
            try:
                socket.create_connection(self._plain, CONNECT_S).close()
            except OSError as error:
                raise UnreachedError(error.strerror or str(error)) from error
        try:
            grpc.channel_ready_future(self._channel).result(timeout=CONNECT_S)
        except grpc.FutureTimeoutError as error:
            raise UnreachedError(f"no connection in {CONNECT_S:.0f} s") from error
        self._reached = True


def _address(target: str) -> tuple[str, int]:
    parts = urlsplit(f"//{target}")
    return parts.hostname or "", parts.port or 0
