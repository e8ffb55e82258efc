"""What comparisons accept of a single value: operators and constants become one quick function.

In: pairs of operator and value, joined by OR, and the kind of the field. Out: a function of the value. Several pairs
at once, because filters list alternatives: the value is folded once for all of them.
Decides how each operator reads each type. Text compares folded, in the order of code points; `:` finds a part of a
text, and of anything else asks what `=` asks; patterns see the text as it is, and text only; a value that does not
convert makes its comparison fail, also `!=`.
Source: "Logging query language", Values and conversions, Comparison operators, Object and array types, Using
regular expressions; AIP-160 for `:` on objects (a key, or a value inside).
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from rca.lql import patterns
from rca.lql.folding import fold
from rca.lql.schema import Kind
from rca.lql.tree import Operator, Special, Value
from rca.lql.values import OF_JSON, OF_TEXT, RELATIONS

Asked = tuple[Operator, Value]
Check = Callable[[Any], bool]
TextCheck = Callable[[str], bool]

_PATTERNS = frozenset({Operator.MATCHES, Operator.MATCHES_NOT})

_MANY = 24
"""Above this one automaton finds texts quicker than a search for each."""

_IN_PROTOS = (Kind.INT64, Kind.TIMESTAMP, Kind.DURATION)
"""Types that JSON writes as strings. In protoPayload only "@type" knows them; here both sides must read as one."""


def never(_: object) -> bool:
    """No value is accepted."""
    return False


def any_of(checks: Sequence[Check]) -> Check:
    """Whether one of the checks accepts the value."""
    if len(checks) < 2:  # noqa: PLR2004 - one needs no loop
        return checks[0] if checks else never

    def check(value: Any) -> bool:  # noqa: ANN401 - JSON
        return any(accepts(value) for accepts in checks)

    return check


def text_check(asked: Sequence[Asked]) -> TextCheck:
    """Whether a text is accepted; raises `PatternError` where RE2 refuses a pattern."""
    texts = [(op, value) for op, value in asked if isinstance(value, str)]
    checks: list[TextCheck] = []
    needles = tuple(dict.fromkeys(fold(value) for op, value in texts if op is Operator.HAS))
    equals = frozenset(fold(value) for op, value in texts if op is Operator.EQUAL)
    if equals:
        checks.append(_equal(equals))
    if needles:
        checks.append(_holding(needles))
    for op, value in texts:
        if op in _PATTERNS:
            checks.append(_matching(patterns.finder(value), wanted=op is Operator.MATCHES))
        elif op not in {Operator.HAS, Operator.EQUAL}:
            checks.append(_ordered(op, fold(value)))
    return any_of(checks)


def _equal(wanted: frozenset[str]) -> TextCheck:
    def check(text: str) -> bool:
        """Whether the text is one of those wanted, whatever its case."""
        return (text.lower() if text.isascii() else fold(text)) in wanted

    return check


def _holding(needles: tuple[str, ...]) -> TextCheck:
    if len(needles) == 1:
        (needle,) = needles

        def check_one(text: str) -> bool:
            """Whether the text holds the needle, whatever its case."""
            return needle in (text.lower() if text.isascii() else fold(text))

        return check_one
    if len(needles) > _MANY:
        found = patterns.finder(patterns.any_of_texts(needles))
        return lambda text: found(fold(text))

    def check(text: str) -> bool:
        """Whether the text holds one of the needles, whatever its case."""
        folded = text.lower() if text.isascii() else fold(text)
        for needle in needles:  # noqa: SIM110 - any() with a generator takes twice as long here
            if needle in folded:
                return True
        return False

    return check


def _matching(found: TextCheck, *, wanted: bool) -> TextCheck:
    return found if wanted else lambda text: not found(text)


def _ordered(op: Operator, constant: str) -> TextCheck:
    holds = RELATIONS[op]

    def check(text: str) -> bool:
        """Whether the text stands so beside the constant, letter by letter, whatever its case."""
        return holds(text.lower() if text.isascii() else fold(text), constant)

    return check


def value_check(kind: Kind, asked: Sequence[Asked]) -> Check:
    """Whether a value that is of the kind already is accepted: what a function gives, or a default."""
    if kind is Kind.STRING:
        return text_check(asked)
    return any_of([_related(op, constant) for op, constant in _constants(kind, asked)])


def _constants(kind: Kind, asked: Sequence[Asked]) -> list[tuple[Operator, Any]]:
    """What was asked, converted; without what does not convert, and so never holds."""
    texts = [(op, value) for op, value in asked if isinstance(value, str) and op not in _PATTERNS]
    converted = [(op, OF_TEXT[kind](value)) for op, value in texts]
    return [(op, constant) for op, constant in converted if constant is not None]


def _related(op: Operator, constant: Any) -> Check:  # noqa: ANN401 - one type a kind
    holds = RELATIONS[op]
    return lambda value: holds(value, constant)


def raw_check(kind: Kind, asked: Sequence[Asked]) -> Check:
    """Whether the JSON of a value of the kind is accepted."""
    accepts, read = value_check(kind, asked), OF_JSON[kind]
    if accepts is never:
        return never
    if kind is Kind.STRING:
        return lambda raw: type(raw) is str and accepts(raw)
    constants = _constants(kind, asked)
    if len(constants) == 1:
        op, constant = constants[0]
        holds = RELATIONS[op]

        def check_one(raw: Any) -> bool:  # noqa: ANN401 - JSON
            value = read(raw)
            return value is not None and holds(value, constant)

        return check_one

    def check(raw: Any) -> bool:  # noqa: ANN401 - JSON
        value = read(raw)
        return value is not None and accepts(value)

    return check


def json_check(asked: Sequence[Asked], *, proto: bool = False) -> Check:
    """Whether a value inside a payload is accepted, by the type that JSON gives it; of a list, any element."""
    text = _proto_text(asked) if proto else text_check(asked)
    by_type: dict[type, Check] = {str: text, bool: value_check(Kind.BOOL, asked)}
    by_type[int] = by_type[float] = raw_check(Kind.DOUBLE, asked)
    if any(value is Special.NULL and op in {Operator.EQUAL, Operator.HAS} for op, value in asked):
        by_type[type(None)] = lambda _: True
    by_type[dict] = _object(asked, proto=proto)
    if (Operator.UNEQUAL, Special.NULL) in asked:
        by_type.update(dict.fromkeys((str, bool, int, float, dict), lambda _: True))

    def check(raw: Any) -> bool:  # noqa: ANN401 - JSON
        if type(raw) is list:
            return any(by_type.get(type(one), never)(one) for one in elements(raw))
        return by_type.get(type(raw), never)(raw)

    return check


def _proto_text(asked: Sequence[Asked]) -> TextCheck:
    """Whether a text in a protocol buffer is accepted: as the number, time or duration that it may stand for."""
    plain = [(op, value) for op, value in asked if op in _PATTERNS or op is Operator.HAS]
    checks: list[TextCheck] = [text_check(plain)] if plain else []
    for op, value in asked:
        if (op, value) in plain or not isinstance(value, str):
            continue
        kind = next((kind for kind in _IN_PROTOS if OF_TEXT[kind](value) is not None), None)
        as_text = text_check([(op, value)])
        checks.append(as_text if kind is None else _read_as(kind, op, OF_TEXT[kind](value), as_text))
    return any_of(checks)


def _read_as(kind: Kind, op: Operator, constant: int, as_text: TextCheck) -> TextCheck:
    read, holds = OF_TEXT[kind], RELATIONS[op]

    def check(text: str) -> bool:
        """Whether the text's value stands so beside the constant; what cannot be read as one is compared as a text."""
        value = read(text)
        return as_text(text) if value is None else holds(value, constant)

    return check


def _object(asked: Sequence[Asked], *, proto: bool) -> Check:
    """Whether an object has what `:` asks for: as one of its keys, or as a value somewhere inside."""
    has = [(op, value) for op, value in asked if op is Operator.HAS and value is not Special.PRESENT]
    if not has:
        return never
    inside = _leaves_check(has, proto=proto)
    keys = _equal(frozenset(fold(value) for _, value in has if isinstance(value, str)))

    def check(raw: dict[str, Any]) -> bool:
        return any(keys(key) for key in raw) or inside(raw)

    return check


def _leaves_check(has: Sequence[Asked], *, proto: bool) -> Check:
    """Whether any value below an object or a list is accepted."""
    text = _proto_text(has) if proto else text_check(has)
    double, flag = raw_check(Kind.DOUBLE, has), value_check(Kind.BOOL, has)
    by_type: dict[type, Check] = {str: text, bool: flag, int: double, float: double}

    def check(raw: Any) -> bool:  # noqa: ANN401 - JSON
        return any(by_type.get(type(leaf), never)(leaf) for leaf in leaves(raw))

    return check


def elements(values: list[Any]) -> Iterator[Any]:
    """What a list holds, lists inside it opened; without recursion, whatever the depth."""
    waiting = [iter(values)]
    while waiting:
        for one in waiting[-1]:
            if type(one) is list:
                waiting.append(iter(one))
                break
            yield one
        else:
            waiting.pop()


def leaves(value: Any) -> Iterator[Any]:  # noqa: ANN401 - JSON
    """Every value below an object or a list that is neither; without recursion, whatever the depth."""
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if type(one) is dict:
            waiting.extend(one.values())
        elif type(one) is list:
            waiting.extend(one)
        else:
            yield one
