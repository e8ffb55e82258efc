"""What a call over HTTP was refused with -> what it has done, and what to tell the user.

In: an answer's status and headers, or an exception of the transport. Out: a `Refused`. Decides whether trying
again can help or harm. No text of an exception is repeated: it may hold the address or the token.
Sources: GitHub, "Rate limits for the REST API" (Retry-After, x-ratelimit-reset, else a minute) and "Troubleshooting the
REST API"; the exceptions as requests 2.34 and urllib3 2.8 raise them.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime

import requests
from urllib3 import exceptions as transport

from rca.attach.place import Refused, Way
from rca.errors import QuotaError, RcaError

_FORBIDDEN, _TOO_MANY, _SERVER_ERRORS = 403, 429, range(500, 600)
_MINUTE_S = 60.0
_LONGEST_S = 86_400.0
_LONGEST_WORD = 300


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer that is no success: `headers` in lower case, `said` the server's own word, made printable."""

    status: int
    headers: Mapping[str, str]
    said: str = ""


def of_answer(name: str, answer: Answer, now: datetime) -> Refused | None:
    """Return what an answer means that may pass; None for one that means no for good, in words that the place has."""
    status, headers = answer.status, answer.headers
    told = f"({status}){': ' if answer.said else ''}{answer.said}"
    if status == _TOO_MANY or (status == _FORBIDDEN and _is_limit(headers, answer.said)):
        error = QuotaError(f"{name} is asked too often {told}", "try again later")
        return Refused(Way.LATER, error, _asked_to_wait(headers, now))
    if status in _SERVER_ERRORS:
        return Refused(
            Way.UNSURE,
            RcaError(f"{name} failed to answer {told}", "try again later"),
            _retry_after(headers, now),
        )
    return None


def of_exception(name: str, error: Exception) -> Refused:
    """What an exception of requests means: what was surely not sent, what may have arrived, what may yet."""
    kind = type(error).__name__
    if isinstance(error, requests.exceptions.SSLError):
        return Refused(
            Way.NEVER,
            RcaError(f"{name} has no certificate that is trusted here", "REQUESTS_CA_BUNDLE names others"),
        )
    if isinstance(error, requests.exceptions.ProxyError | requests.exceptions.ConnectTimeout) or _unconnected(
        error
    ):
        return Refused(
            Way.LATER, RcaError(f"{name} cannot be reached ({kind})", "look at the network and the address")
        )
    if isinstance(error, requests.exceptions.Timeout):
        return Refused(Way.PENDING, RcaError(f"{name} did not answer in time", "try again later"))
    if isinstance(error, requests.exceptions.ConnectionError | requests.exceptions.ChunkedEncodingError):
        return Refused(Way.UNSURE, RcaError(f"{name} cut the connection ({kind})", "try again later"))
    if isinstance(error, ValueError) and isinstance(error, requests.exceptions.RequestException):
        return Refused(
            Way.NEVER, RcaError(f"{name} has an address that cannot be called ({kind})", "look at it")
        )
    return Refused(
        Way.UNSURE, RcaError(f"{name} gave an answer that cannot be read ({kind})", "try again later")
    )


def printable(text: str, secret: str = "") -> str:
    """Return what a server said, on one line, without signs that move a cursor and without what must not be told."""
    some = text[: 100 * _LONGEST_WORD]
    hidden = some.replace(secret, "(token)") if secret else some
    line = " ".join("".join(sign if sign.isprintable() else " " for sign in hidden).split())
    return line if len(line) <= _LONGEST_WORD else f"{line[:_LONGEST_WORD]}…"


def _unconnected(error: Exception) -> bool:
    """Whether no connection came about, so that nothing was sent."""
    cause = getattr(error.args[0], "reason", None) if error.args else None
    return isinstance(cause, transport.NewConnectionError | transport.ConnectTimeoutError)


def _is_limit(headers: Mapping[str, str], said: str) -> bool:
    """Whether a 403 speaks of a limit: by its headers, else by its words, as for the secondary limits."""
    spent = headers.get("x-ratelimit-remaining", "").strip() == "0"
    return "retry-after" in headers or spent or "rate limit" in said.lower() or "abuse" in said.lower()


def _asked_to_wait(headers: Mapping[str, str], now: datetime) -> float:
    after_s = _retry_after(headers, now)
    if after_s is not None:
        return after_s
    reset = _number(headers.get("x-ratelimit-reset", ""))
    if reset is not None and headers.get("x-ratelimit-remaining", "").strip() == "0":
        return _bounded(reset - now.timestamp())
    return _MINUTE_S


def _retry_after(headers: Mapping[str, str], now: datetime) -> float | None:
    """Seconds, or a date; None where there is neither."""
    told = headers.get("retry-after", "")
    seconds = _number(told)
    if seconds is not None:
        return _bounded(seconds)
    try:
        return _bounded((parsedate_to_datetime(told) - now).total_seconds())
    except (ValueError, TypeError, OverflowError):  # no date, or one without a zone
        return None


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _bounded(seconds: float) -> float:
    return min(max(seconds, 0.0), _LONGEST_S)
