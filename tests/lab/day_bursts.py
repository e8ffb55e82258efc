"""Bursts that have nothing to do with a cycle, told in its service's own dialect.

Each is made of the recording: of its sound pieces, its decoys (whose words are replaced), the suite's requests. What
a burst would have one blame goes to the label as a red herring.
"""

import json
import random
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from tests.lab.day_units import Case, Piece
from tests.lab.entries import LogEntry
from tests.lab.fill import Era, answered, requests_of
from tests.lab.mould import Line, Mould, Part, Setting
from tests.lab.ties import instance_of, span_of, text_of

_MINUTE_NS = 60_000_000_000
_MS = 1_000_000
_ANOTHER_RUN = (0.7, 1.6)
"""How much longer each pause of another run is: no two take the same time."""

_EXCEPTION = re.compile(
    r"^(?:\x1b\[[\d;]*m)*(?P<name>(?:\w+\.)*[A-Z]\w*(?:Error|Exception))(?:\x1b\[[\d;]*m)*:"
    r"(?:\x1b\[[\d;]*m)* (?P<message>[^\n\x1b]+)",
    re.MULTILINE,
)
_REST = r"[^=\":\\\n\x1b|\[\]{}]*?(?=\s+\w+[=:]|\s*[\"\\\n\x1b|\[\]{}]|$)"
_FRAME = re.compile(r"(?P<in>(?:, in |    at (?:async )?))(?P<name>\w+)\b")
_CLIENT = re.compile(r'"remoteIp": "([^"]+)"')


@dataclass(frozen=True, slots=True)
class Words:
    """What an error says: its line, its exception with a message, the function that it came from."""

    says: str
    exception: str
    message: str
    function: str


@dataclass(frozen=True, slots=True)
class Burst:
    """Some minutes of something else."""

    kind: str
    at_ns: int
    end_ns: int
    lines: tuple[Line, ...]
    told: str
    """For a reader."""

    herrings: tuple[str, ...]
    """What a wrong answer would say."""


_PAGES = (
    Words("ledger page not drawn up", "ZeroDivisionError", "float division by zero", "_draw_ledger"),
    Words(
        "label sheet not printed",
        "UnicodeEncodeError",
        "'ascii' codec can't encode character",
        "_print_labels",
    ),
    Words(
        "yearbook index broken",
        "RecursionError",
        "maximum recursion depth exceeded in comparison",
        "_index_year",
    ),
)
_OUTAGES = tuple(
    Words(f"{name} gave no answer", "ConnectionRefusedError", f"connect to {address} refused", f"_ask_{name}")
    for name, address in (
        ("pantry", "10.61.3.9:5432"),
        ("signpost", "10.61.4.17:6380"),
        ("weighbridge", "10.61.7.2:9092"),
    )
)
_EXPIRED = (
    "pass of visitor long past its time",
    "ticket ran out, visitor turned away",
    "visitor came with a spent pass",
)


class Decoys:
    """The recording's decoys, as forms for other words."""

    def __init__(self, case: Case) -> None:
        self._herrings = case.label["red_herrings"]
        self._any = next(
            (entry for entry in case.entries if "run.googleapis.com%2Fstd" in entry["logName"]), None
        )
        found = [piece for piece in case.pieces if piece.decoy and not piece.requests]
        self._traced = [piece for piece in found if _EXCEPTION.search(_text(piece))]
        self._plain = [
            piece for piece in found if len(piece.entries) == 1 and not _EXCEPTION.search(_text(piece))
        ]

    def error(self, words: Words, dice: random.Random) -> tuple[LogEntry, ...]:
        """An error that says these words, as this service logs errors; in plain lines where it logged none."""
        if not self._traced:
            return self._by_hand(
                f"ERROR: {words.says}\nTraceback (most recent call last):\n"
                f'  File "/app/{words.function.strip("_")}.py", line 41, in {words.function}\n'
                f"{words.exception}: {words.message}"
            )
        piece = dice.choice(self._traced)
        text = _text(piece)
        told = _EXCEPTION.search(text)
        assert told is not None
        frames = [found["name"] for found in _FRAME.finditer(text) if found["name"] in self._herrings]
        swap = {told["message"].strip(): words.message, told["name"]: words.exception}
        swap |= dict.fromkeys(frames, words.function)
        return self._reworded(piece, words.says, swap)

    def warning(self, says: str, dice: random.Random) -> tuple[LogEntry, ...]:
        """One line that says so."""
        if not self._plain:
            return self._by_hand(f"WARNING: {says}")
        return self._reworded(dice.choice(self._plain), says, {})

    def _reworded(self, piece: Piece, says: str, swap: Mapping[str, str]) -> tuple[LogEntry, ...]:
        """The piece with what is to be swapped swapped, and a decoy's words replaced."""
        phrases = [one for one in self._herrings if one not in swap]

        def told(text: str) -> str:
            for old, new in swap.items():
                text = text.replace(old, new)
            for phrase in phrases:
                text = re.sub(re.escape(phrase) + _REST, lambda _: says, text)
            return text

        return tuple(_retold(entry, told) for entry in piece.entries)

    def _by_hand(self, text: str) -> tuple[LogEntry, ...]:
        if self._any is None:
            return ()
        kept = {
            key: value for key, value in self._any.items() if key not in ("jsonPayload", "trace", "spanId")
        }
        return tuple({**kept, "textPayload": line} for line in text.split("\n"))


def _text(piece: Piece) -> str:
    return "\n".join(text_of(entry) for entry in piece.entries)


def _retold(entry: LogEntry, told: Callable[[str], str]) -> LogEntry:
    """The entry with each text of its own through `told`."""

    def through(value: Any) -> Any:  # noqa: ANN401 - any JSON
        if isinstance(value, str):
            return told(value)
        if isinstance(value, dict):
            return {key: through(one) for key, one in value.items()}
        return [through(one) for one in value] if isinstance(value, list) else value

    return {**entry, **{key: through(entry[key]) for key in ("textPayload", "jsonPayload") if key in entry}}


def _at(entries: Sequence[LogEntry], at_ns: int, instance: str) -> list[Part]:
    """The entries as logged from then on by that instance."""
    if not entries:
        return []
    first = span_of(entries[0])[0]
    return [
        Part(
            {**entry, "labels": {**entry.get("labels", {}), "instanceId": instance}} if instance else entry,
            at_ns - first,
        )
        for entry in entries
    ]


class Bursts:
    """Makes the bursts of one day round a case; without its requests where the recording holds none of the kind."""

    def __init__(self, case: Case, dice: random.Random) -> None:
        self._case = case
        self._dice = dice
        self._decoys = Decoys(case)
        self._kinds: dict[str, Callable[[int, Era], Burst | None]] = {
            "errors": self._errors,
            "expired": self._expired,
            "outage": self._outage,
            "client": self._client,
        }

    def make(self, kind: str, at_ns: int, era: Era) -> Burst | None:
        """The burst; None where the recording does not hold what it is made of, or the true cause says the same."""
        burst = self._kinds[kind](at_ns, era)
        true = [text.lower() for text in self._case.label["message_contains"]]
        if burst is None or not burst.lines:
            return None
        low = [one.lower() for one in burst.herrings]
        return None if any(one in other or other in one for one in low for other in true) else burst

    def _strewn(
        self, moulds: Sequence[Mould], at_ns: int, era: Era, many: tuple[int, int]
    ) -> tuple[Line, ...]:
        """So many casts within some minutes, most of them early."""
        length = self._dice.randrange(2, 9) * _MINUTE_NS
        found: list[Line] = []
        for _ in range(self._dice.randrange(*many) if moulds else 0):
            at = at_ns + int(length * self._dice.betavariate(1, 1.7))
            setting = Setting(at, era.revision, era.instances, (0.8, 1.6))
            found += self._dice.choice(moulds).cast(setting, self._dice)
        return tuple(sorted(found))

    def _burst(
        self, kind: str, at_ns: int, lines: tuple[Line, ...], told: str, herrings: tuple[str, ...]
    ) -> Burst:
        return Burst(kind, at_ns, max((got for got, _ in lines), default=at_ns), lines, told, herrings)

    def _errors(self, at_ns: int, era: Era) -> Burst:
        """Pages that fail: a traceback in the midst of a plain request, answered with 500."""
        words = self._dice.choice(_PAGES)
        moulds = []
        for entry in self._pages():
            request = answered(entry, "/api/" + words.function.strip("_").replace("_", "/"), 500)
            end = span_of(request)[1]
            error = self._decoys.error(words, self._dice)
            moulds.append(Mould([Part(request), *_at(error, end - 3 * _MS, instance_of(entry))]))
        moulds = moulds or self._alone(self._decoys.error(words, self._dice))
        told = f"pages fail with {words.exception} ({words.says}), plain requests get 500"
        lines = self._strewn(moulds, at_ns, era, (30, 90))
        return self._burst("errors", at_ns, lines, told, (words.says, words.message, words.function))

    def _expired(self, at_ns: int, era: Era) -> Burst:
        """Somebody's client comes with a token past its time, again and again."""
        says = self._dice.choice(_EXPIRED)
        moulds = []
        for entry in [entry for piece in self._case.pieces for entry in piece.sockets][:8]:
            path = entry["httpRequest"]["requestUrl"].split("/", 3)[3]
            request = answered(entry, f"/{path}", 401)
            warning = self._decoys.warning(says, self._dice)
            moulds.append(
                Mould([Part(request), *_at(warning, span_of(request)[1] - _MS, instance_of(entry))])
            )
        moulds = moulds or self._alone(self._decoys.warning(says, self._dice))
        lines = self._strewn(moulds, at_ns, era, (20, 40))
        return self._burst("expired", at_ns, lines, f"handshakes with spent tokens get 401 ({says})", (says,))

    def _outage(self, at_ns: int, era: Era) -> Burst:
        """Something that other people's sessions need is away: their sockets end early, after an error."""
        words = self._dice.choice(_OUTAGES)
        moulds = []
        for socket, before in self._begun():
            start = span_of(socket)[0]
            end = start + self._dice.randrange(180, 900) * _MS
            broken = {
                **socket,
                "httpRequest": {**socket["httpRequest"], "latency": f"{(end - start) / 1e9:.9f}s"},
            }
            error = self._decoys.error(words, self._dice)
            moulds.append(Mould([*before, Part(broken), *_at(error, end - 6 * _MS, instance_of(socket))]))
        moulds = moulds or self._alone(self._decoys.error(words, self._dice))
        told = f"{words.message}: other people's sessions broke off ({words.says})"
        herrings = (words.says, words.message, words.function)
        return self._burst("outage", at_ns, self._strewn(moulds, at_ns, era, (24, 60)), told, herrings)

    def _client(self, at_ns: int, era: Era) -> Burst | None:
        """The suite's requests by another client, all good, as if its run had passed."""
        suite = self._case.suite
        if not suite:
            return None
        entries: list[LogEntry] = []
        for piece in suite:
            if self._case.sound(piece):
                entries += piece.entries
            else:
                entries += [one for request in piece.requests for one in self._mended(request)]
        setting = Setting(at_ns, era.revision, era.instances, _ANOTHER_RUN)
        lines = tuple(sorted(Mould([Part(entry) for entry in entries]).cast(setting, self._dice)))
        ip = next(found[1] for _, text in lines if (found := _CLIENT.search(text)))
        return self._burst("client", at_ns, lines, f"another client's run of the suite passed ({ip})", (ip,))

    def _mended(self, entry: LogEntry) -> list[LogEntry]:
        """A request of the suite's that broke, as it would have gone well: a socket as another one did."""
        request = entry["httpRequest"]
        if request["status"] != 101:
            status = request["status"] if request["status"] < 400 else 200
            return [answered(entry, "/" + request["requestUrl"].split("/", 3)[3], status)]
        good = self._good_sockets
        if not good:
            lasts = f"{self._dice.uniform(0.4, 1.4):.9f}s"
            return [{**entry, "httpRequest": {**request, "latency": lasts}}]
        setting = Setting(span_of(entry)[0], self._case.revision, (instance_of(entry),))
        # Cast and read again, so that two of them share no id; but they are one client's.
        texts = [text for _, text in self._dice.choice(good).cast(setting, self._dice)]
        ip = next(found[1] for text in texts if (found := _CLIENT.search(text)))
        return [json.loads(text.replace(ip, self._case.suite_ip)) for text in texts]

    @cached_property
    def _good_sockets(self) -> list[Mould]:
        """Sockets that went well, each with its lines: the suite's, else other people's."""
        for pieces in (self._case.suite, self._case.life):
            good = [piece for piece in pieces if len(piece.sockets) == 1 and self._case.sound(piece)]
            if good:
                return [Mould([Part(entry) for entry in (*one.sockets, *one.lines)]) for one in good]
        return []

    @staticmethod
    def _alone(entries: Sequence[LogEntry]) -> list[Mould]:
        """What is left of a burst where the logs hold no such requests: its lines."""
        return [Mould([Part(entry) for entry in entries])] if entries else []

    def _pages(self) -> list[LogEntry]:
        """Plain requests of other people."""
        pages = [
            entry for entry in requests_of(self._case.life) if entry["httpRequest"]["requestMethod"] == "GET"
        ]
        return (pages or requests_of(self._case.pieces))[:8]

    def _begun(self) -> Iterator[tuple[LogEntry, list[Part]]]:
        """Sockets of other people, each with what came before it was open; where all broke, bare."""
        sound = [(piece, entry) for piece in self._case.life for entry in piece.sockets][:8]
        for piece, socket in sound:
            opened = span_of(socket)[0] + 60 * _MS
            before = [e for e in piece.entries if e not in piece.sockets and span_of(e)[0] <= opened]
            yield socket, [Part(entry) for entry in before]
        if not sound:
            yield from ((socket, []) for piece in self._case.pieces for socket in piece.sockets[:1])
