"""A gRPC server that speaks google.logging.v2.LoggingServiceV2, as far as reading entries goes.

with GrpcServer(Logs(entries, project="demo"), Plan(first(1, UNAVAILABLE))) as server:
    channel = grpc.insecure_channel(server.endpoint.removeprefix("grpc://"))
    ...
    assert [call.outcome for call in server.calls] == ["UNAVAILABLE", "OK"]
"""

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NoReturn, Self

import grpc
from google.cloud.logging_v2.types import ListLogEntriesRequest, ListLogEntriesResponse
from google.rpc import code_pb2, status_pb2  # type: ignore[import-untyped] # as they are shipped
from grpc_status import rpc_status  # type: ignore[import-untyped] # has no types

from tests.cloud.calls import Request
from tests.cloud.effects import CUT, GARBLED, SILENT, Status
from tests.cloud.listing import Page, Server
from tests.cloud.wire import LOOPBACK, Relay

_SERVICE = "google.logging.v2.LoggingServiceV2"
_RequestMessage: Any = ListLogEntriesRequest.pb()
_ResponseMessage: Any = ListLogEntriesResponse.pb()
_ENTRIES_TAG = bytes([1 << 3 | 2])
"""Field 1 of ListLogEntriesResponse, with a length before its content."""

_NO_FIELD = b"\x07"
"""No field begins so: half a message that ends between two fields would be a whole one."""

_AT_ONCE = 32
_NO_TIMEOUT_S = 1e8  # gRPC tells of a call without a deadline as one in the far future


class GrpcServer(Server):
    """A server that runs while the context lasts."""

    transport = "grpc"

    @property
    def endpoint(self) -> str:
        """Where it listens: grpc://127.0.0.1:PORT."""
        return f"grpc://{LOOPBACK}:{self._relay.port}"

    def __enter__(self) -> Self:
        self._threads = ThreadPoolExecutor(_AT_ONCE)
        self._server = grpc.server(self._threads, options=[("grpc.max_send_message_length", -1)])
        method: grpc.RpcMethodHandler[Any, bytes] = grpc.unary_unary_rpc_method_handler(
            self._list_log_entries, request_deserializer=_RequestMessage.FromString
        )  # without a serializer of answers: they are bytes already
        handlers = grpc.method_handlers_generic_handler(_SERVICE, {"ListLogEntries": method})
        self._server.add_generic_rpc_handlers((handlers,))
        port = self._server.add_insecure_port(f"{LOOPBACK}:0")
        self._server.start()
        self._relay = Relay(port, self._wanted_port)
        return self

    def __exit__(self, *_: object) -> None:
        self._server.stop(grace=None).wait()
        self._relay.stop()
        self._threads.shutdown()

    def _list_log_entries(self, asked: Any, context: grpc.ServicerContext) -> bytes:  # noqa: ANN401 - a generated message
        request = Request(
            resource_names=tuple(asked.resource_names),
            filter=asked.filter,
            order_by=asked.order_by,
            page_size=asked.page_size,
            page_token=asked.page_token,
        )
        given_up = threading.Event()
        context.add_callback(given_up.set)
        left_s = context.time_remaining()
        timeout_s = left_s if left_s is not None and left_s < _NO_TIMEOUT_S else None
        answer = self._listing.answer(request, self.transport, timeout_s, given_up.wait)
        if isinstance(answer.ending, Status):
            _abort(context, answer.ending)
        if answer.ending is SILENT:
            given_up.wait()
        message = _message(answer.page)
        if answer.ending is CUT:
            self._relay.cut(int(context.peer().rpartition(":")[2]), after=len(message) // 2)
        if answer.ending is GARBLED:
            return message[: len(message) // 2] + _NO_FIELD
        return message


def _message(page: Page) -> bytes:
    """The answer as ListLogEntriesResponse is serialized; entries keep the bytes that they were encoded to once."""
    rest = _ResponseMessage(next_page_token=page.next_page_token).SerializeToString()
    parts: list[bytes] = []
    for record in page.records:
        parts += (_ENTRIES_TAG, _varint(len(record.proto)), record.proto)
    return b"".join(parts) + bytes(rest)


def _varint(number: int) -> bytes:
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def _abort(context: grpc.ServicerContext, status: Status) -> NoReturn:
    told = status_pb2.Status(
        code=code_pb2.Code.Value(status.name), message=status.message, details=status.details
    )
    context.abort_with_status(rpc_status.to_status(told))
