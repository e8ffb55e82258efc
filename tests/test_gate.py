"""A gate rules out only what cannot match."""

import re
from collections.abc import Callable, Iterator

import pytest
from hypothesis import example, given, strategies as st

from rca import closes, faults, platform
from rca.gate import gate
from rca.traces import one_line
from tests.hostile.attacks import attacks


def _gates() -> Iterator[tuple[str, list[str], Callable[[str], object]]]:
    for kind, wordings in closes._patterns().items():  # noqa: SLF001 - its gates are what is tested
        yield f"closes.{kind}", [one.source for one in wordings], closes._gate(kind)  # noqa: SLF001 - as above
    texts = [known.source for known in one_line.library_texts()]
    yield "library texts", texts, gate(texts)
    words = [faults._ERROR_WORDS.pattern]  # noqa: SLF001 - as above
    yield "error words", words, gate(words)
    messages = [one.source for one in platform.messages() if "stdio" in one.where]
    yield "platform", messages, gate(messages)


_GATES = {name: (patterns, may_hold) for name, patterns, may_hold in _gates()}


def _samples() -> Iterator[tuple[str, str]]:
    for known in one_line.library_texts():
        for sample in known.samples:
            yield "library texts", sample
    for message in platform.messages():
        if "stdio" in message.where:
            yield "platform", message.sample
    for kind, patterns in closes._patterns().items():  # noqa: SLF001 - as above
        for one in patterns:
            yield f"closes.{kind}", str(one.spec["sample"])


@pytest.mark.parametrize(("name", "sample"), list(_samples()))
def test_a_gate_lets_its_own_samples_pass(name: str, sample: str) -> None:
    """What a pattern is shipped to match gets through the gate of its group."""
    patterns, may_hold = _GATES[name]
    if any(re.search(pattern, sample) for pattern in patterns):
        assert may_hold(sample)


@pytest.mark.parametrize("name", list(_GATES))
def test_a_gate_lets_pass_what_is_made_from_its_patterns(name: str) -> None:
    """Each branch and each repeated piece of a pattern, written out, gets through wherever the pattern matches it."""
    patterns, may_hold = _GATES[name]
    made = {
        text
        for pattern in patterns
        for attack in attacks(re.compile(pattern))
        for text in (attack.text(1), attack.text(60))
        if re.search(pattern, text)
    }
    assert made
    assert [text for text in made if not may_hold(text)] == []


_PIECES = st.sampled_from(
    [
        "error",
        "Error",
        "closed",
        "1011",
        "code",
        "=",
        ":",
        " ",
        "\n",
        "\v",
        "\x1c",
        "\u017f",
        "K",
        "é",
        "٣",
        "\u2028",
        "(",
        "'",
    ]
)


@pytest.mark.parametrize("name", list(_GATES))
@given(st.lists(_PIECES | st.text(max_size=4), max_size=12).map("".join))
@example("an error\n")
@example("error\u017f")
@example("it was\x1cclosed with 1011")
def test_what_matches_gets_through(name: str, text: str) -> None:
    """A text that holds a match is never ruled out, whatever its letters, blanks and line breaks."""
    patterns, may_hold = _GATES[name]
    if any(re.search(pattern, text) for pattern in patterns):
        assert may_hold(text)


def test_most_lines_are_ruled_out() -> None:
    """A gate that lets everything pass would be none."""
    line = '127.0.0.1:80 - - "GET /healthz 1.1" 200 33 "-" "uptime-probe/1.9"'
    assert [name for name, (_, may_hold) in _GATES.items() if may_hold(line)] == []


def test_a_pattern_that_re2_does_not_know_opens_the_gate() -> None:
    """Where RE2 has no such construct, everything has to be looked at."""
    assert gate([r"(?<=a)b"])("zzz")
    assert not gate([r"\bab\b"])("zzz")
