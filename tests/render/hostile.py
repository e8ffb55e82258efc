"""Log text that tries to do something, and a reader of Markdown that tells whether it could."""

import re

from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from rca.quote import CLOSE, OPEN

ATTACKS = [
    "`",
    "``",
    "```",
    "~~~",
    "```mermaid\ngraph",
    "\n```\n# owned\n",
    "|",
    "\\|",
    "\\\\|",
    " | a | b |\n| --- | --- |\n",
    "<img src=x onerror=alert(1)>",
    "<script>alert(1)</script>",
    "<!-- hidden",
    "-->",
    "</details>",
    "<b>",
    "![x](https://evil.example/p.png)",
    "[x](javascript:alert(1))",
    "[E1](javascript:alert(1))",
    "[E1]: https://evil.example",
    "[E1][x]",
    "[x][E1]",
    "![E1]",
    "https://evil.example/login",
    "www.evil.example",
    "ftp://evil.example",
    "mailto:a@evil.example",
    "a@evil.example",
    "@everyone",
    "(@ops)",
    "#12",
    "fixes #3",
    "closes octo/repo#4",
    "GH-7",
    "9fceb02d0ae598e95dc970b74767f19372d61af8",
    ":rocket:",
    "{{ 7*7 }}",
    "{% raw %}",
    "${7*7}",
    "$x^2$",
    "$`x`$",
    "**bold**",
    "__init__",
    "_em_",
    "~~gone~~",
    "# head",
    "> quote",
    "- item",
    "1. item",
    "---",
    "===",
    "\x1b[31mred\x1b[0m",
    "\u202eevil",
    "\u200b",
    "\x00",
    "\r\n",
    "\n\n",
    "\t",
    "    code",
    "&lt;b&gt;",
    "&#64;ops",
    "\\",
    "\\`",
    OPEN,
    CLOSE,
    f"{OPEN}a{CLOSE}",
    "\ud83d",
    "\u2028",
    "[^1]",
    "[ ]",
    "x" * 300,
]

texts = st.lists(st.sampled_from(ATTACKS) | st.text(max_size=8), max_size=8).map("".join)

_ALLOWED = {
    "inline", "text", "code_inline", "fence", "softbreak", "strong_open", "strong_close", "link_open", "link_close",
    "paragraph_open", "paragraph_close", "heading_open", "heading_close", "blockquote_open", "blockquote_close",
    "bullet_list_open", "bullet_list_close", "ordered_list_open", "ordered_list_close", "list_item_open",
    "list_item_close", "table_open", "table_close", "thead_open", "thead_close", "tbody_open", "tbody_close",
    "tr_open", "tr_close", "th_open", "th_close", "td_open", "td_close",
}  # fmt: skip

_DOES_SOMETHING = re.compile(r"@\w|#\d|\bGH-\d|://|www\.|mailto:|\b[0-9a-f]{7,40}\b", re.IGNORECASE)
_UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufeff]"
)


def parsed(markdown: str) -> list[Token]:
    """Return the block tokens of a text as GitHub reads it; HTML is on, so that a breach shows."""
    return MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"]).parse(markdown)


def flat(tokens: list[Token]) -> list[Token]:
    """Return block and inline tokens in one list."""
    return [one for token in tokens for one in (token, *(token.children or ()))]


def assert_inert(markdown: str) -> list[Token]:
    """Assert that a text holds nothing but words, code and what the template itself writes; return its tokens."""
    assert not _UNSEEN.search(markdown)
    tokens = flat(parsed(markdown))
    assert {token.type for token in tokens} <= _ALLOWED
    for token in tokens:
        if token.type == "text":
            assert not _DOES_SOMETHING.search(token.content), token.content
        if token.type == "link_open":
            assert str(token.attrs["href"]).startswith("https://console.cloud.google.com/logs/query;query=")
        if token.type == "fence":
            assert token.info == ""
    return tokens
