"""A probe keeps what could show where a failure lies, and little else."""

from typing import Any

import pytest

from rca.sources.probe import matters
from tests.sources.exporting import line, request
from tests.sources.test_files import ndjson, pulled

AUDIT = {
    "@type": "type.googleapis.com/google.cloud.audit.AuditLog",
    "methodName": "google.cloud.run.v1.Services.ReplaceService",
}


def logged(log: str, **more: Any) -> dict[str, Any]:  # noqa: ANN401 - any JSON
    """A line of another log."""
    return line(1, text="x", logName=f"projects/shop-stg/logs/{log}", **more)


@pytest.mark.parametrize(
    "raw",
    [
        request(1, url="https://shop.example/live", status=101),
        request(1, url="https://shop.example/ws?x=1", status=200),
        request(1, url="https://shop.example/socket.io/", status=404),
        request(1, url="https://shop.example/cart", status=500),
        request(1, url="https://shop.example/cart", status=403),
        logged("run.googleapis.com%2Fvarlog%2Fsystem"),
        logged("cloudaudit.googleapis.com%2Factivity"),
        line(1, textPayload=None, protoPayload=AUDIT),
        line(1, textPayload=None, jsonPayload=AUDIT),
        line(1, severity="WARNING"),
        line(1, text="Traceback (most recent call last):"),
        line(1, text="shop.errors.CartError: gone"),
        line(1, text="2026-03-04 05:06:07,089 - shop.cart - WARNING - low"),
        line(1, text="x" * 100_000 + "\nKeyError: 12"),
        line(1, textPayload=None, jsonPayload={"level": 50, "msg": "gone"}),
        line(1, textPayload=None, jsonPayload={"msg": "gone", "exception": "trace"}),
        line(1, textPayload=None, json_payload={"msg": "handshake failed"}),
    ],
)
def test_what_matters_is_kept(raw: dict[str, Any]) -> None:
    """Sockets, failures, the platform, deploys, bad levels and bad words."""
    assert matters(raw)


@pytest.mark.parametrize(
    "raw",
    [
        line(1, text="basket emptied", severity="INFO"),
        request(1, url="https://shop.example/cart", status=200),
        request(1, url="https://shop.example/favicon.ico", status=404) | {"severity": "WARNING"},
        line(1, textPayload=None, jsonPayload={"level": 30, "msg": "basket emptied"}),
        logged("cloudaudit.googleapis.com%2Fdata_access", protoPayload=AUDIT),
    ],
)
def test_everyday_lines_are_left(raw: dict[str, Any]) -> None:
    """Ordinary requests, 404s and information do not answer to a probe."""
    assert not matters(raw)


def test_every_request_to_a_path_that_opens_sockets_is_kept(tmp_path: Any) -> None:  # noqa: ANN401 - pytest's Path
    """Also those before the first 101: a path is known only once it has answered so."""
    raws = [
        request(1, url="https://shop.example/live", status=200, after_s=1),
        request(2, url="https://shop.example/live?x=2", status=101, after_s=2),
        request(3, url="https://shop.example/live", status=404, after_s=3),
        request(4, url="https://shop.example/cart", status=200, after_s=4),
    ]
    given = pulled(tmp_path, ndjson(raws), probe=True)
    assert [entry.ref.insert_id for entry in given.entries] == ["id00001", "id00002", "id00003"]
    assert given.read == 4
