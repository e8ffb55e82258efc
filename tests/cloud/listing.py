"""What entries.list does, the same for both transports.

In: a request. Out: an answer - a page, an error, or another ending that the server has to carry out - and the call's
record in the plan. Decides which requests are refused, and what stands on which page.

Source: the reference of entries.list (v2).
"""

import re
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import islice
from typing import ClassVar, Self

from tests.cloud import tokens
from tests.cloud.calls import GIVEN_UP, OK, Call, Request
from tests.cloud.effects import (
    EXPIRED_TOKEN,
    INVALID_ARGUMENT,
    PERMISSION_DENIED,
    SILENT,
    Ending,
    Shape,
    Status,
)
from tests.cloud.faults import Plan
from tests.cloud.logs import FilterError, Logs, Query, Record, Visit

DAY_S = 24 * 3600.0
_MOST_NAMES, _LONGEST_FILTER, _MOST_ENTRIES, _DEFAULT_ENTRIES = 100, 20_000, 1000, 50
_ORDERS = {"": False, "timestamp asc": False, "timestamp desc": True}
_NAME = re.compile(
    r"""
    ((?:projects|organizations|billingAccounts|folders)/[^/]+)
    (?:/locations/[^/]+/buckets/[^/]+/views/[^/]+)?
    """,
    re.VERBOSE,
)
_OF_THE_PROJECT = re.compile(
    r"(projects/[^/]+)/locations/global/buckets/_Default/views/(?:_Default|_AllLogs)"
)


@dataclass(frozen=True, slots=True)
class Page:
    """What an answer holds."""

    records: tuple[Record, ...] = ()
    next_page_token: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """How a call ends; the server sends it so."""

    page: Page = Page()
    ending: Ending | None = None


class Refused(Exception):  # noqa: N818 - the answer to a request, no error of ours
    """The request is answered with this status."""

    def __init__(self, status: Status) -> None:
        super().__init__(status.message)
        self.status = status


def _invalid(message: str) -> Refused:
    return Refused(replace(INVALID_ARGUMENT, message=message))


class Listing:
    """entries.list over some logs, following a plan."""

    def __init__(self, logs: Logs, plan: Plan, token_life_s: float) -> None:
        self._logs = logs
        self.plan = plan
        self._token_life_s = token_life_s

    def answer(
        self,
        request: Request,
        transport: str,
        timeout_s: float | None,
        left_within: Callable[[float], bool],
    ) -> Answer:
        """What this call gets, after the delay that the plan asks for; the plan's record has its outcome.

        `left_within` waits so many seconds, and returns early, and true, if the client does not wait any longer.
        """
        call, verdict = self.plan.begin(request, transport, tokens.page_of(request), timeout_s)
        if verdict.delay_s and left_within(verdict.delay_s):
            self.plan.end(call, GIVEN_UP)
            return Answer(ending=SILENT)
        page, ending = Page(), verdict.ending
        if not isinstance(ending, Status) and ending is not SILENT:
            try:
                page = self._page(call, verdict.shape)
            except Refused as refused:
                ending = refused.status
        # Recorded before it is sent: whoever has the answer finds its record complete.
        outcome = ending.name if ending else OK
        self.plan.end(call, outcome, len(page.records), page.next_page_token)
        return Answer(page, ending)

    def _page(self, call: Call, shape: Shape) -> Page:
        request = call.request
        size, token = _size(request), self._token(call)
        query = Query(self._resources(request), request.filter, _newest_first(request), shape.doubles)
        try:
            found = self._logs.find(query, Visit(call.number - 1, self.plan.elapsed_s(call)), token.after)
        except FilterError as error:
            raise _invalid(f"Unparseable filter: {error}") from error
        onwards = replace(token, page=token.page + 1, issued_s=call.at_s)
        if token.empties < shape.empty_before:
            return Page((), replace(onwards, empties=token.empties + 1).written())
        limit = min(size, shape.at_most or size)
        looked_at = tuple(islice(found, limit + 1))
        records, more = looked_at[:limit], len(looked_at) > limit
        trailing = shape.empty_last or (shape.token_when_full and len(records) == limit)
        if not records or not (more or trailing):
            return Page(records)
        # One step back for each entry that the next page is to repeat, and at least one forward.
        back = min(shape.repeated, len(records) - 1) if more else 0
        last = records[-1 - back].place(newest_first=query.newest_first)
        return Page(records, replace(onwards, after=last, empties=0).written())

    def _token(self, call: Call) -> tokens.Token:
        bound_to, text = tokens.digest(call.request), call.request.page_token
        if not text:
            return tokens.Token(bound_to, page=1, issued_s=call.at_s, after=None)
        try:
            token = tokens.read(text)
        except tokens.TokenError as error:
            raise _invalid("page_token is malformed") from error
        if token.bound_to != bound_to:
            raise _invalid("page_token doesn't match arguments from the request")
        if call.at_s - token.issued_s > self._token_life_s:
            raise Refused(EXPIRED_TOKEN)
        return token

    def _resources(self, request: Request) -> frozenset[str]:
        names = request.resource_names
        if not 1 <= len(names) <= _MOST_NAMES:
            raise _invalid(f"resource_names must hold 1 to {_MOST_NAMES} names")
        if malformed := [name for name in names if not _NAME.fullmatch(name)]:
            raise _invalid(f"Invalid resource name: {malformed[0]}")
        return frozenset(self._held(name) for name in names)

    def _held(self, name: str) -> str:
        """A project is also known as the views of its default bucket."""
        default = _OF_THE_PROJECT.fullmatch(name)
        for known in (name, default[1] if default else name):
            if self._logs.holds(known):
                return known
        raise Refused(replace(PERMISSION_DENIED, metadata=(*PERMISSION_DENIED.metadata, ("resource", name))))


def _size(request: Request) -> int:
    if not 0 <= request.page_size <= _MOST_ENTRIES:
        raise _invalid(f"page_size must be between 0 and {_MOST_ENTRIES}")
    return request.page_size or _DEFAULT_ENTRIES


def _newest_first(request: Request) -> bool:
    if len(request.filter) > _LONGEST_FILTER:
        raise _invalid(f"The filter is longer than {_LONGEST_FILTER} characters")
    if request.order_by not in _ORDERS:
        raise _invalid(f"Unsupported order_by: {request.order_by}")
    return _ORDERS[request.order_by]


class Server(ABC):
    """What both servers have in common; each runs while its context lasts."""

    transport: ClassVar[str]

    def __init__(
        self, logs: Logs, plan: Plan | None = None, *, port: int = 0, token_life_s: float = DAY_S
    ) -> None:
        self.plan = plan or Plan()
        self._listing = Listing(logs, self.plan, token_life_s)
        self._wanted_port = port

    @property
    @abstractmethod
    def endpoint(self) -> str:
        """Where it listens: transport://127.0.0.1:PORT."""

    @property
    def calls(self) -> tuple[Call, ...]:
        """The calls that this server took, oldest first, also when it shares its plan with another."""
        return tuple(call for call in self.plan.calls if call.transport == self.transport)

    @abstractmethod
    def __enter__(self) -> Self:
        """The server listens."""

    @abstractmethod
    def __exit__(self, *_: object) -> None:
        """It has stopped, its connections are closed."""
