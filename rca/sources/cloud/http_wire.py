"""Calls by HTTP: JSON there and back, as `entries.list` documents it.

By hand over google-auth's session: the client library's own HTTP client cuts times to microseconds and drops
receiveTimestamp and split.
"""

import orjson
import requests
from google.api_core.exceptions import from_http_response
from google.auth.transport.requests import AuthorizedSession
from urllib3.exceptions import ConnectTimeoutError, NameResolutionError, NewConnectionError

from rca.normalize import shallow
from rca.sources.cloud.credentials import found
from rca.sources.cloud.wire import CONNECT_S, Call, Page, UnreachedError, clock_of


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
        try:
            answer = orjson.loads(response.content)
            entries = answer.get("entries", ())
            if not isinstance(entries, list | tuple):
                raise ConnectionError("the answer is JSON, but no page of entries")
        except (ValueError, AttributeError) as error:
            raise ConnectionError(f"the answer is no page of entries: {error}") from error
        token = str(answer.get("nextPageToken") or "")
        raws = tuple(shallow(one) for one in entries if isinstance(one, dict))
        return Page(raws, token, clock_of(response.headers))


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
