"""A piece of recorded life -> a mould that casts it again: at another time, on other instances, with fresh ids.

What was written in one go stays so, answers are a little quicker or slower, pauses grow or shrink. Ids, tokens and
addresses are new, the same new one for the same old one; times told in the text move along. A cast costs some
microseconds an entry, so that a day of millions can be made of a minute.
"""

import base64
import json
import random
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from itertools import pairwise
from typing import Any

from tests.lab.entries import LogEntry, nanoseconds, stamp
from tests.lab.ties import ID, ids_in, span_of, strings

Line = tuple[int, str]
"""When Logging got it, and the entry as a line of JSON."""

_S = 1_000_000_000
_MOMENT_NS = 60_000_000
_AT_ONCE_NS = 1_000_000
_BRISK = (0.8, 1.7)
_TOLD_WITHIN_NS = 600 * _S
_LEAST_LAG_NS = 2_000_000
_TOKEN_LIVES_S = 900
_TIME = re.compile(
    r"(?P<date>\d{4}-\d\d-\d\d)(?P<between>[ T])(?P<time>\d\d:\d\d:\d\d)(?:(?P<dot>[.,])(?P<part>\d{1,9}))?"
    r"|(?P<clf>\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d)"
    r"|(?<![\w:.])(?P<only>\d\d:\d\d:\d\d)(?:(?P<only_dot>[.,])(?P<only_part>\d{1,9}))?(?![\w:])"
)
_SPLIT = re.compile('"\ue002(\\d+)\ue003"|\ue000(\\d+)\ue001')
_AT, _GOT, _INSERT, _LATENCY, _INSTANCE, _REVISION, _FRESH, _TOLD = range(8)


@dataclass(frozen=True, slots=True)
class Part:
    """An entry of a piece, and how much later than recorded it is."""

    entry: LogEntry
    shift_ns: int = 0


@dataclass(frozen=True, slots=True)
class Setting:
    """Where a piece is cast."""

    at_ns: int
    revision: str
    instances: Sequence[str]
    pauses: tuple[float, float] = (1.0, 1.0)
    """How much longer each of its pauses is than recorded: at least, at most."""


@dataclass(frozen=True, slots=True)
class _Form:
    """One entry: a text with gaps, and what fills them."""

    text: str
    gaps: tuple[tuple[int, Any], ...]
    at: int
    end: int
    lag_ns: int


@lru_cache(maxsize=4096)
def _second(at_s: int) -> tuple[str, str]:
    """A second as ISO 8601 and as access logs tell it."""
    at = datetime.fromtimestamp(at_s, UTC)
    return at.strftime("%Y-%m-%dT%H:%M:%S"), at.strftime("%d/%b/%Y:%H:%M:%S")


def _iso(at_ns: int) -> str:
    return f"{_second(at_ns // _S)[0]}.{at_ns // 1000 % 1_000_000:06d}Z"


class Mould:
    """Casts one piece, as often as wanted."""

    def __init__(self, parts: Sequence[Part]) -> None:
        spans = [
            (start + part.shift_ns, end + part.shift_ns)
            for part in parts
            for start, end in [span_of(part.entry)]
        ]
        events = sorted({at for span in spans for at in span})
        self._gaps = [after - before for before, after in pairwise(events)]
        index = {at: number for number, at in enumerate(events)}
        self._instances: dict[str, int] = {}
        self._old_ids: dict[str, int] = {}
        self._makers: list[Callable[[random.Random], str]] = []
        self._tokens: list[tuple[int, Callable[[random.Random, list[str], int], str]]] = []
        own = "\n".join(strings([part.entry["resource"] for part in parts[:1]]))
        self._forms = [
            self._form(part, own, index[start], index[end])
            for part, (start, end) in zip(parts, spans, strict=True)
        ]

    def __len__(self) -> int:
        return len(self._forms)

    def cast(self, setting: Setting, dice: random.Random) -> list[Line]:
        """The piece's entries as they would have been logged there, in the order of their recording."""
        times = [setting.at_ns]
        brisk = dice.uniform(*_BRISK)
        for gap in self._gaps:
            factor = brisk if gap > _AT_ONCE_NS else 1.0
            if gap > _MOMENT_NS:
                factor = dice.uniform(*setting.pauses)
            times.append(times[-1] + int(gap * factor))
        fresh = [make(dice) for make in self._makers]
        for number, token in self._tokens:
            fresh[number] = token(dice, fresh, setting.at_ns)
        places = [dice.choice(setting.instances) for _ in self._instances]
        if len(places) > 1 and len(setting.instances) >= len(places):
            places = dice.sample(setting.instances, len(places))
        return [_filled(form, times, fresh, (setting.revision, places), dice) for form in self._forms]

    def _form(self, part: Part, own: str, at: int, end: int) -> _Form:
        entry = part.entry
        at_ns, end_ns = span_of(entry)
        gaps: list[tuple[int, Any]] = []

        def gap(kind: int, value: Any = None) -> str:  # noqa: ANN401 - what fills a gap depends on its kind
            gaps.append((kind, value))
            return f"\ue000{len(gaps) - 1}\ue001"

        def marked(value: Any) -> Any:  # noqa: ANN401 - any JSON
            if isinstance(value, str):
                return self._marked(value, own, at_ns, gap)
            if isinstance(value, dict):
                return {key: marked(one) for key, one in value.items()}
            if isinstance(value, list):
                return [marked(one) for one in value]
            told = _clock(value, at_ns)
            return value if told is None else f"\ue002{gap(_TOLD, told)[1:-1]}\ue003"

        new: LogEntry = {
            **entry,
            "insertId": gap(_INSERT),
            "timestamp": gap(_AT),
            "receiveTimestamp": gap(_GOT),
        }
        new |= {key: marked(entry[key]) for key in ("textPayload", "jsonPayload") if key in entry}
        new |= self._named(entry, gap)
        if "httpRequest" in entry:
            new["httpRequest"] = request = {**entry["httpRequest"], "latency": gap(_LATENCY)}
            address, mark, query = request["requestUrl"].partition("?")
            request["requestUrl"] = address + mark + marked(query)
            request["remoteIp"] = marked(request["remoteIp"])
        text, order = _gapped(json.dumps(new, ensure_ascii=False))
        lag = max(nanoseconds(entry["receiveTimestamp"]) - end_ns, _LEAST_LAG_NS)
        return _Form(text, tuple(gaps[number] for number in order), at, end, lag)

    def _named(self, entry: LogEntry, gap: Callable[..., str]) -> LogEntry:
        """Revision, instance, trace and span of an entry, as gaps, as far as it has them."""
        found: LogEntry = {}
        labels = entry["resource"]["labels"]
        if labels.get("revision_name"):
            found["resource"] = {**entry["resource"], "labels": {**labels, "revision_name": gap(_REVISION)}}
        if "instanceId" in entry.get("labels", {}):
            number = self._instances.setdefault(entry["labels"]["instanceId"], len(self._instances))
            found["labels"] = {**entry["labels"], "instanceId": gap(_INSTANCE, number)}
        for key in ("trace", "spanId"):
            if key in entry:
                head, slash, id_ = entry[key].rpartition("/")
                found[key] = head + slash + self._fresh(id_, gap)
        return found

    def _marked(self, text: str, own: str, at_ns: int, gap: Callable[..., str]) -> str:
        """A text with gaps for the times and the ids that it tells."""
        told = []
        for found in _TIME.finditer(text):
            style = _style(found, at_ns)
            if style is not None:
                told.append((found.span(), gap(_TOLD, style)))
        for (start, end), mark in reversed(told):
            text = text[:start] + mark + text[end:]
        ids = ids_in(text, own)
        return ID.sub(lambda found: self._fresh(found[0], gap) if found[0] in ids else found[0], text)

    def _fresh(self, old: str, gap: Callable[..., str]) -> str:
        if old not in self._old_ids:
            self._old_ids[old] = number = len(self._makers)
            self._makers.append(_maker(old))
            if old.startswith("eyJ"):
                # Made last: it names whom it was given to.
                self._tokens.append((number, self._token_maker(old)))
        return gap(_FRESH, self._old_ids[old])

    def _token_maker(self, old: str) -> Callable[[random.Random, list[str], int], str]:
        """What makes tokens with the same claims, but for whose and until when."""
        head, body, signature = old.split(".")
        try:
            claims = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
        except ValueError:
            claims = None
        width = len(signature) // 4 * 3

        def make(dice: random.Random, fresh: list[str], at_ns: int) -> str:
            signed = base64.urlsafe_b64encode(dice.randbytes(width)).decode().rstrip("=")
            if not isinstance(claims, dict):
                return f"{head}.{body}.{signed}"
            number = self._old_ids.get(str(claims.get("sub")))
            new = claims | {"exp": at_ns // _S + _TOKEN_LIVES_S}
            if number is not None:
                new["sub"] = fresh[number]
            told = base64.urlsafe_b64encode(json.dumps(new).encode()).decode().rstrip("=")
            return f"{head}.{told}.{signed}"

        return make


def _maker(old: str) -> Callable[[random.Random], str]:
    """What makes ids of the old one's form; a token is made otherwise."""
    if old.startswith("eyJ"):
        return lambda _: ""
    if old.count(".") == 3:
        # The range for benchmarks, for the three for examples are few enough that strangers would share an address.
        return lambda dice: f"198.{dice.randrange(18, 20)}.{dice.randrange(256)}.{dice.randrange(1, 255)}"
    head, tail = _head_and_tail(old)
    width = len(tail.replace("-", ""))
    if tail.isdigit():
        low = 10 ** (width - 1)
        return lambda dice: f"{head}{dice.randrange(low, 10 * low)}"
    if "-" in tail:
        return lambda dice: f"{head}{_dashed(f'{dice.getrandbits(4 * width):0{width}x}')}"
    return lambda dice: f"{head}{dice.getrandbits(4 * width):0{width}x}"


def _head_and_tail(old: str) -> tuple[str, str]:
    """`ses_0a1b` -> `ses_`, `0a1b`; `w3867` -> `w`, `3867`; bare hex has no head."""
    found = re.fullmatch(r"([A-Za-z]{1,12}[-_]|[A-Za-z](?=\d+$))?([0-9a-f-]+)", old)
    assert found is not None, old
    return found[1] or "", found[2]


def _dashed(digits: str) -> str:
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))


def _gapped(text: str) -> tuple[str, list[int]]:
    """A text for `%`, and the numbers of the gaps in it, in order."""
    order: list[int] = []

    def gap(found: re.Match[str]) -> str:
        order.append(int(found[1] or found[2]))
        return "%s"

    return _SPLIT.sub(gap, text.replace("%", "%%")), order


@dataclass(frozen=True, slots=True)
class _Told:
    """A time in a text: how far from its entry's, and how it is written."""

    off_ns: int
    form: str
    between: str = ""
    dot: str = ""
    digits: int = 0


def _style(found: re.Match[str], at_ns: int) -> _Told | None:
    """How a time is told, if it is one near the entry's."""
    day = stamp(at_ns)[:10]
    if found["clf"]:
        try:
            at = datetime.strptime(f"{found['clf']} +0000", "%d/%b/%Y:%H:%M:%S %z")
        except ValueError:
            return None
        told = _Told(int(at.timestamp()) * _S - at_ns, "clf")
    else:
        text = f"{found['date'] or day}T{found['time'] or found['only']}"
        part, dot = found["part"] or found["only_part"] or "", found["dot"] or found["only_dot"] or ""
        try:
            at = datetime.fromisoformat(f"{text}+00:00")
        except ValueError:
            return None
        off = int(at.timestamp()) * _S + int(part.ljust(9, "0")) - at_ns
        if not found["date"]:
            off = (off + 43_200 * _S) % (86_400 * _S) - 43_200 * _S
        told = _Told(off, "iso" if found["date"] else "only", found["between"] or "", dot, len(part))
    return told if abs(told.off_ns) < _TOLD_WITHIN_NS else None


def _clock(value: object, at_ns: int) -> _Told | None:
    """How a number tells the entry's time, if it does: seconds or milliseconds."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    for form, unit in (("s", _S), ("ms", 1_000_000)):
        off = round(value * unit) - at_ns
        if abs(off) < _TOLD_WITHIN_NS:
            return _Told(off, form, digits=6 if isinstance(value, float) else 0)
    return None


def _told(how: _Told, entry_ns: int) -> str:
    at_ns = entry_ns + how.off_ns
    if how.form in ("s", "ms"):
        return f"{at_ns / (_S if how.form == 's' else 1_000_000):.{how.digits}f}"
    iso, clf = _second(at_ns // _S)
    if how.form == "clf":
        return clf
    text = f"{iso[:10]}{how.between}{iso[11:]}" if how.form == "iso" else iso[11:]
    return f"{text}{how.dot}{at_ns % _S:09d}"[: len(text) + len(how.dot) + how.digits]


def _filled(
    form: _Form, times: list[int], fresh: list[str], places: tuple[str, list[str]], dice: random.Random
) -> Line:
    revision, instances = places
    at, end = times[form.at], times[form.end]
    got = end + form.lag_ns
    values = []
    for kind, value in form.gaps:
        if kind == _FRESH:
            values.append(fresh[value])
        elif kind == _AT:
            values.append(_iso(at))
        elif kind == _GOT:
            values.append(_iso(got))
        elif kind == _INSERT:
            values.append(f"{at // _S:08x}{at // 1000 % 1_000_000:08x}{dice.getrandbits(32):08x}")
        elif kind == _REVISION:
            values.append(revision)
        elif kind == _INSTANCE:
            values.append(instances[value])
        elif kind == _LATENCY:
            values.append(f"{(end - at) / 1e9:.9f}s")
        else:
            values.append(_told(value, at))
    return got, form.text % tuple(values)
