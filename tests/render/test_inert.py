"""Foreign text in Markdown: it can be read, and do nothing else."""

import re

import pytest
from hypothesis import given, settings, strategies as st

from rca.quote import CLOSE, OPEN, cut, quote
from rca.render.inert import Inert, block, code, definition, plain, prose, visible

from .hostile import ATTACKS, assert_inert, flat, parsed, texts


@given(texts, st.booleans())
@settings(deadline=None)
def test_a_code_span_holds_the_whole_text(text: str, cell: bool) -> None:  # noqa: FBT001 - hypothesis passes it
    """Whatever the text, its span is one code token (or says that it is empty), in prose and in a table."""
    span = code(text, 4000, cell=cell)
    markdown = f"| a | b |\n| --- | --- |\n| {span} | end |" if cell else f"so: {span} end"
    tokens = assert_inert(markdown)
    spans = [token for token in tokens if token.type == "code_inline"]
    assert len(spans) == (0 if span == "(empty)" else 1)
    assert "\n" not in span
    if cell:
        assert [token.type for token in tokens].count("td_open") == 2


@given(texts, st.booleans())
@settings(deadline=None)
def test_a_block_holds_the_whole_text(text: str, whole: bool) -> None:  # noqa: FBT001 - hypothesis passes it
    """Whatever the text, its block is one fence without a language."""
    tokens = assert_inert(f"so:\n\n{block(text, whole=whole)}\n\nend")
    assert [token.type for token in tokens].count("fence") == 1
    assert tokens[-2].content == "end"


@given(st.lists(texts | texts.map(quote), max_size=4), st.booleans())
@settings(deadline=None)
def test_a_sentence_does_nothing(pieces: list[str], cell: bool) -> None:  # noqa: FBT001 - hypothesis passes it
    """Hostile words are harmless inside the quotation marks and outside of them."""
    sentence = prose(" ".join(pieces), cell=cell)
    tokens = assert_inert(f"| a | b |\n| --- | --- |\n| {sentence} | end |" if cell else f"{sentence}\n\nend")
    assert not {token.type for token in tokens} & {
        "strong_open",
        "link_open",
        "heading_open",
        "bullet_list_open",
    }
    if cell:
        assert [token.type for token in tokens].count("td_open") == 2


@pytest.mark.parametrize("attack", ATTACKS)
def test_each_attack_is_inert_alone(attack: str) -> None:
    """Each attack is harmless at the start of a sentence, where Markdown is most willing."""
    assert_inert(prose(attack))
    assert_inert(prose(quote(attack)))
    assert_inert(code(attack))
    assert_inert(block(attack))


def test_quoted_text_becomes_code_and_citations_stay() -> None:
    """A sentence of ours reads as it was written."""
    written = f"dies in {quote('pick_berth')} (see [E1], [T1\u2013T3]): 3 of 5, p < 0.01, snake_case too"
    assert prose(written) == "dies in `pick_berth` (see [E1], [T1\u2013T3]): 3 of 5, p < 0.01, snake_case too"


def test_a_hostile_name_outside_the_marks_becomes_code() -> None:
    """A word that would mention, close or link is shown as code, its punctuation left outside."""
    assert prose("told by @ops, fixes #3.") == "told by `@ops`, fixes `#3`."


def test_a_citation_makes_no_picture() -> None:
    """Where the citation is a link, an exclamation mark before it would load what it leads to."""
    assert_inert(f"{prose('![E1] x![E1]')}\n\n[E1]: https://console.cloud.google.com/logs/query;query=x")


def test_backticks_inside_get_a_longer_fence() -> None:
    """The fence is longer than any run of backticks in the text."""
    assert code("a `b` ``c``") == "``` a `b` ``c`` ```"
    assert block("```\nx").startswith("````\n")


def test_what_cannot_be_seen_is_shown() -> None:
    """Escape sequences, text that runs backwards and characters without width are written out."""
    assert visible("\x1b[0m\u202e\u200b\x00\ud800") == r"\x1b[0m\u202e\u200b\x00\ud800"
    assert visible("naïve – ✓ 日本") == "naïve – ✓ 日本"  # noqa: RUF001 - a dash as people write it


def test_pipes_are_escaped_in_cells_alone() -> None:
    """GFM takes a pipe for a border even inside code, but only in a table."""
    assert code("a|b", cell=True) == r"`a\|b`"
    assert code("a|b") == "`a|b`"
    # cmark reads two backslashes before a pipe as an escaped backslash, then a border.
    assert code(r"a\|b", cell=True) == r"`a\\\|b`"


def test_a_long_line_says_how_much_was_left_out() -> None:
    """Both ends of a cut line survive, with the count between them."""
    text = "begin " + "x" * 500 + " end"
    shown = code(text, 60)
    found = re.search(r"…\+(\d+)…", shown)
    assert found is not None
    assert shown.startswith("`begin ")
    assert shown.endswith(" end`")
    assert len(shown.strip("`")) - len(found[0]) + int(found[1]) == len(text)


def test_a_long_block_is_folded_in_its_middle() -> None:
    """A trace of a thousand lines keeps its first and last twenty."""
    shown = block("\n".join(f"line {i}" for i in range(1000)))
    assert "\nline 19\n… 960 lines left out …\nline 980\n" in shown


def test_a_query_is_never_cut() -> None:
    """What is to be copied is printed whole."""
    query = "\n".join(f'field{i}="{"x" * 300}"' for i in range(60))
    assert block(query, whole=True) == f"```\n{query}\n```"


@given(texts, st.integers(min_value=0, max_value=200))
def test_a_quotation_has_its_marks_at_its_ends_alone(text: str, limit: int) -> None:
    """Text that holds the marks cannot end its own quotation, and a cut keeps its limit."""
    quoted = quote(text, limit)
    assert quoted[0] == OPEN
    assert quoted[-1] == CLOSE
    assert OPEN not in quoted[1:]
    assert CLOSE not in quoted[:-1]
    assert len(quoted) <= max(limit, len(f"…+{len(text) * 6}…")) + 2


def test_a_cut_keeps_both_ends() -> None:
    """Two thirds of what fits come from the beginning, one third from the end."""
    assert cut("abcdefghijklmnopqrstuvwxyz", 12) == "abcde…+19…yz"
    assert cut("short", 5) == "short"


def test_an_address_outside_the_console_is_not_defined() -> None:
    """A report read from a file cannot smuggle a link of its own into the ticket."""
    console = "https://console.cloud.google.com/logs/query;query=x?project=p"
    assert definition("E1", console) == f"[E1]: {console}"
    for url in (
        "javascript:alert(1)",
        "https://console.cloud.google.com.evil.example/",
        "https://x/\n[E2]: y",
        None,
    ):
        assert definition("E1", url) == ""
    assert definition("E1]: x", console) == ""


@given(texts)
def test_a_terminal_gets_one_harmless_line(text: str) -> None:
    """For a terminal, too, every character shows and nothing breaks the line."""
    shown = plain(quote(text))
    assert "\n" not in shown
    assert "\x1b" not in shown
    assert OPEN not in shown


def test_inert_text_is_text() -> None:
    """An `Inert` compares and prints as the string it is."""
    assert Inert("a") == "a"
    assert flat(parsed(Inert("a")))[1].content == "a"
