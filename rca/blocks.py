"""How badly a block of requests would fit a test: kind, duration, start, outcome, overlap.

In: a client's requests, and a test with the clock offset that is tried. Out: for each end of a block, the costs of the
blocks that end there, longer and longer. Each step costs the same however long the block is, so that a suite of
hundreds of tests can be laid over hundreds of requests.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from rca import closes
from rca.model import Initiator, Kind, Socket, Test
from rca.weights import weights

_LOST = 1006

_AT_ONCE_S = 0.05
"""Sockets that open so near to each other are one test's, also where no end is told."""

_EXACT_S, _ADDED_UP_S = 0.3, 0.5
"""How far a request may lie outside its test's time, by how the start is known."""

_ROUNDED_S, _WHOLE_S = 0.1, 0.6
"""By how much a block may last longer than its test: durations are rounded, and a close takes time."""

_HOPELESS_S = 5.0
"""A block that lasts so much longer than twice its test, or starts so far outside its time, is not its own."""


_EVERYWHERE = frozenset({"test", "http", "websocket", "service", "connection", "endpoint", "api", "live"})
"""Words that stand in many a test's name, and in many a path."""


class Laid:
    """A client's requests in order, as numbers: seconds after the first, and what is known of each."""

    def __init__(self, requests: Sequence[Socket]) -> None:
        w = weights().align
        origin = requests[0].start if requests else None
        self.requests = tuple(requests)
        self.origin = origin
        self.start = [(r.start - requests[0].start).total_seconds() for r in requests]
        self.end = [((r.end or r.start) - requests[0].start).total_seconds() for r in requests]
        self.websocket = [r.websocket for r in requests]
        self.status = [r.status for r in requests]
        self.refused = [not r.accepted for r in requests]
        self.good = [closes.in_order(r.close) for r in requests]
        self.bad = [_known_bad(r) for r in requests]
        self.skip = [
            w.foreign_socket if r.client is None else w.skipped_socket if r.websocket else w.skipped_request
            for r in requests
        ]
        self.ended = [r.end is not None for r in requests]
        self.words = [_words(r.path or "") for r in requests]
        self.all_words = frozenset().union(*self.words)
        self.busy = self._busy()

    def _busy(self) -> list[float]:
        """For each request, until when an earlier WebSocket was open: tests run one after the other."""
        latest, found = float("-inf"), []
        for start, end, websocket, ended in zip(
            self.start, self.end, self.websocket, self.ended, strict=True
        ):
            found.append(latest)
            if websocket:
                latest = max(latest, end if ended else start + _AT_ONCE_S)
        return found


@dataclass(slots=True)
class _Tally:  # not frozen: it grows with the block, one request a step
    """What a block holds, counted over its WebSockets, or over all its requests where it has none."""

    requests: int = 0
    bad: int = 0
    refused: int = 0
    good: int = 0
    answered: int = 0
    """Requests with the very status that the client saw."""

    def add(self, laid: Laid, i: int, status: int | None) -> None:
        """The block holds one request more; it counts as answered where its status is the one that the client saw."""
        self.requests += 1
        self.bad += laid.bad[i]
        self.refused += laid.refused[i]
        self.good += laid.good[i]
        self.answered += status is not None and laid.status[i] == status


class Expected:
    """A test as it should look in the logs, under one clock offset."""

    def __init__(self, test: Test, offset_s: float | None, laid: Laid) -> None:
        self._w = weights().align
        self._test = test
        self._laid = laid
        self._failed = test.failed
        self._wording = closes.read_client(test.error) if test.failed else None
        # Whom the server closed on waits for nothing more: its connection does not outlast the test.
        self._closed_on = (
            self._wording is not None
            and self._wording.code is not None
            and self._wording.initiator is Initiator.SERVER
        )
        # When a block starts too early or too late to fit, and when at the first, at the last it can be the test's.
        self._early = self._first = float("-inf")
        self._late = last = self._longest = float("inf")
        duration = test.duration_s or 0.0
        if offset_s is not None and test.started_at is not None and laid.origin is not None:
            at = (test.started_at - laid.origin).total_seconds() - offset_s
            leeway = _EXACT_S if test.start_exact else _ADDED_UP_S
            self._early, self._late = at - leeway, at + duration + test.start_slack_s + leeway
            self._first = self._early - _HOPELESS_S
            if test.duration_s is not None:
                last = at + leeway + test.start_slack_s + 3 * duration + 2 * _HOPELESS_S
        if test.duration_s is not None:
            self._longest = 2 * duration + _HOPELESS_S
        self.ends = range(bisect_left(laid.start, self._first) + 1, bisect_right(laid.start, last) + 1)
        """Where the test's blocks can end, as `blocks` takes it."""

        self._is_socket = test.kind is Kind.WEBSOCKET
        # Where the client asked for a path that the test is named after, the test made that request.
        self._named = frozenset() if self._is_socket else _words(test.name) & laid.all_words
        self.empty = self._w.empty_socket_test if self._is_socket else self._w.empty_other_test
        self.empty += self._w.not_its_path if self._named else 0.0
        """Cost of the test without any request."""

    def blocks(self, j: int) -> Iterator[tuple[int, float]]:
        """Yield (i, cost) of the blocks requests[i:j], from the shortest on, as long as they can be the test's."""
        laid, w = self._laid, self._w
        starts, ends, websocket = laid.start, laid.end, laid.websocket
        sockets, plain = _Tally(), _Tally()
        end, first, sequels, named = float("-inf"), -1, 0, not self._named
        status = self._wording.status if self._wording else None
        for i in range(j - 1, max(-1, j - 1 - w.max_block), -1):
            start = starts[i]
            end = max(end, ends[i])
            if start < self._first or end - start > self._longest:
                return
            if websocket[i]:
                sequels += first >= 0 and laid.ended[i] and starts[first] > ends[i]
                sockets.add(laid, i, status)
                first = i
            plain.add(laid, i, status)
            named = named or not self._named.isdisjoint(laid.words[i])
            cost = self._kind(sockets, plain) + sequels * w.sequel
            if start < self._early:
                cost += w.start_weight * (self._early - start)
            elif start > self._late:
                cost += w.start_weight * (start - self._late)
            if not self._is_socket or sockets.requests or plain.answered:
                served = sockets if sockets.requests else plain
                cost += self._duration(end - start) + self._outcome(served)
            if start < laid.busy[i]:
                cost += w.overlap
            if not named:
                cost += w.not_its_path
            yield i, cost

    def _kind(self, sockets: _Tally, plain: _Tally) -> float:
        if self._is_socket and not sockets.requests:
            # A handshake that was refused left a plain request with the very status that the client saw.
            refused = self._wording is not None and self._wording.status is not None and plain.answered
            return 0.0 if refused else self._w.empty_socket_test + plain.requests * self._w.skipped_request
        if self._test.kind is Kind.HTTP:
            return self._w.wrong_kind * sockets.requests
        return self._w.unsaid_kind if self._test.kind is Kind.UNKNOWN and sockets.requests else 0.0

    def _duration(self, span: float) -> float:
        duration = self._test.duration_s
        if duration is None:
            return 0.0
        if span > duration + _ROUNDED_S:
            cost = self._w.duration_weight * (span - duration) / max(0.2, duration)
            if self._closed_on:
                unsure = _WHOLE_S if duration == int(duration) else _ROUNDED_S
                cost += self._w.outlives_weight * max(0.0, span - duration - unsure)
            return min(4.0, cost)
        return min(1.0, 0.5 * max(0.0, duration - span) / max(1.0, duration))

    def _outcome(self, served: _Tally) -> float:
        if not self._failed:
            return self._w.outcome_weight if served.bad else 0.0
        if self._wording is not None:
            # A client that saw a close code was let in; one that saw an HTTP status was not.
            if self._wording.status is not None and not served.answered:
                return self._w.outcome_weight
            if self._wording.code is not None and served.refused == served.requests:
                return self._w.outcome_weight
        return self._w.outcome_weight / 4 if served.good == served.requests else 0.0


@lru_cache(maxsize=1 << 12)  # the tests' names, and the paths of a service, come again and again
def _words(name: str) -> frozenset[str]:
    """The words of a test's name, or of a path, that tell one from another."""
    found = re.findall(r"[a-z]{4,}", re.sub(r"([a-z])([A-Z])", r"\1_\2", name).lower())
    return frozenset(word.rstrip("sz") for word in found) - _EVERYWHERE


def _known_bad(request: Socket) -> bool:
    """Whether the logs tell that it failed. A server's own 1006 only says that its peer sent no close frame."""
    if not request.accepted:
        return True
    return request.close is not None and request.close.code not in {*closes.NORMAL_CODES, _LOST, None}
