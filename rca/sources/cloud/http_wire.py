"""Calls by HTTP: JSON there and back, as `entries.list` documents it.

By hand over google-auth's session: the client library's own HTTP client cuts times to microseconds and drops
receiveTimestamp and split.
"""

from collections.abc import Mapping
from typing import Any

import orjson
import requests
from google.api_core.exceptions import from_http_response
from google.auth.transport.requests import AuthorizedSession
from urllib3.exceptions import ConnectTimeoutError, NameResolutionError, NewConnectionError

from rca.normalize import shallow
from rca.sources.cloud.credentials import found
from rca.sources.cloud.wire import CONNECT_S, Call, Page, UnreachedError, clock_of
from rca.sources.damage import as_json, mended, quoted
from rca.sources.shapes import is_page


class HttpWire:
    """Carries calls to a base address; `signed` with the user's credentials, else as they are."""

    def __init__(self, base: str, *, signed: bool) -> None:
        self._address = f"{base}/v2/entries:list"
        if signed:
            self._session: requests.Session = AuthorizedSession(found())  # type: ignore[no-untyped-call] # google-auth is typed in part
        else:
            self._session = requests.Session()
            self._session.trust_env = False  # no proxy between this machine and an endpoint named by hand

    def list(self, call: Call, timeout_s: float) -> Page:
        """One page; raises google.api_core's exceptions, those of requests, and ConnectionError for a broken answer."""
        body = {
            "resourceNames": list(call.resources),
            "filter": call.query,
            "orderBy": call.order,
            "pageSize": call.size,
            **({"pageToken": call.token} if call.token else {}),
        }
        try:
            response = self._session.post(
                self._address,
                data=orjson.dumps(body),
                headers={"Content-Type": "application/json"},
                timeout=(CONNECT_S, timeout_s),
            )
        except requests.exceptions.ConnectionError as error:
            nobody = _unreached(error)
            if nobody is None:
                raise
            raise UnreachedError(nobody) from error
        if response.status_code != requests.codes.ok:
            raise from_http_response(response)  # type: ignore[no-untyped-call] # as above
        answer = _page_in(response.content)
        token = str(answer.get("nextPageToken") or "")
        # What is no entry stands where one belongs: it is handed on, to be counted as unreadable.
        raws = tuple(
            shallow(one if isinstance(one, dict) else {"entry": one}) for one in answer.get("entries", ())
        )
        return Page(raws, token, clock_of(response.headers))


def _page_in(content: bytes) -> Mapping[str, Any]:
    """The page in an answer. Raises `ConnectionError` for anything else, an error in a 200 among it."""
    try:
        answer = _read(content)
    except ValueError as error:
        raise ConnectionError(f"the answer is no JSON: {error}") from error
    # Either key may be absent, and both are where nothing was found. Source: entries.list reference.
    if not is_page(answer) or not isinstance(answer.get("entries", []), list):
        raise ConnectionError(f"the answer is JSON, but no page of entries: {quoted(as_json(answer))}")
    page: Mapping[str, Any] = answer
    return page


def _read(content: bytes) -> Any:  # noqa: ANN401 - any JSON value
    try:
        return orjson.loads(content)
    except ValueError:
        return mended(
            content.decode("utf-8", "replace")
        )  # NaN, a lone surrogate: one entry's, not the page's


def _unreached(error: BaseException) -> str | None:
    """The operating system's word for a connection that never came about; None for one that broke later."""
    inner: BaseException | None = error
    while inner is not None:
        if isinstance(inner, ConnectTimeoutError) and inner.__context__ is None:
            return f"no connection in {CONNECT_S:.0f} s"
        before, inner = inner, inner.__cause__ or inner.__context__
        if isinstance(before, NewConnectionError | NameResolutionError) and isinstance(inner, OSError):
            return inner.strerror or str(inner)
    return None
