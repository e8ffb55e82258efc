r"""Names of tests: which words are one, and when two are the same test.

In: text. Out: identifiers found in it, a key for equality, the kind of a test. Decides that names are equal only
when nothing but spelling differs ("Agent Pipeline", `test_agent_pipeline`): likeness never counts, so "WebSocket
Connect" is not "WebSocket Connection" and `test_echo[a]` is not `test_echo[b]`.
"""

import re
import tomllib
from dataclasses import dataclass
from importlib.resources import files

from rca.model import Kind

_TABLE = tomllib.loads(files("rca.cycles").joinpath("names.toml").read_text(encoding="utf-8"))
_KINDS = tuple((Kind(row["kind"]), re.compile(row["pattern"], re.IGNORECASE)) for row in _TABLE["kind"])
_ERROR_KINDS = tuple(
    (Kind(row["kind"]), re.compile(row["pattern"], re.IGNORECASE)) for row in _TABLE["error_kind"]
)
_WHOLE = frozenset(_TABLE["not_a_test"]["whole"])
_WORDS = frozenset(_TABLE["not_a_test"]["words"])

# tests/e2e/test_a.py::TestB::test_c[param with spaces] · test_a.py::test_c · test_c[x]
_IDENTIFIER = re.compile(
    r"""
    (?<![\w./\\-])                              # not the tail of a longer word or of a path
    (?P<path>[\w./\\:~-]{0,300}?\.py::)?        # the file, as pytest prints it
    (?P<classes>(?:[A-Za-z_]\w{0,150}::){0,4})  # classes within it
    (?P<name>test_\w{1,200}                     # the function; a bare word must start with test_
        | (?<=::)[A-Za-z_]\w{0,200})            # (after :: any name will do)
    (?P<param>\[[^\[\]\n]{0,200}\])?            # one parameter set
    (?!\w)
    """,
    re.VERBOSE,
)
_FILE = re.compile(r"(?<![\w-])[\w-]{1,200}\.(?:py|[jt]sx?)\b")
_ORDINAL = re.compile(r"^\s*(?:#?\d{1,4}[.):]|[-*+•])\s+")
_TEST_PREFIX = re.compile(r"^tests?[\W_]+", re.IGNORECASE)
_COUNT = re.compile(r"\d\s*/\s*\d|\d%|^\d+$")
_LONGEST_NAME = 90
_MOST_WORDS = 10


@dataclass(frozen=True, slots=True)
class Identifier:
    """A test function's name as it stands in a line."""

    name: str
    """With its parameter set: `test_echo[a]`."""

    file: str | None
    """The file's name without folders, where the identifier carries one."""

    classes: tuple[str, ...]
    start: int
    end: int


def identifiers_in(text: str) -> tuple[Identifier, ...]:
    """The test functions named in the line, in order; files and modules with `.py` are not among them."""
    if "test_" not in text and "::" not in text:
        return ()
    found = []
    for match in _IDENTIFIER.finditer(text):
        path, after = match["path"], text[match.end() : match.end() + 2]
        if after[:1] in {"/", "\\"} or (after[:1] == "." and after[1:].isalnum()):
            continue  # test_results/…, test_a.py: a folder or a file, not a function
        if path is None and not match["name"].startswith("test_"):
            continue  # std::move
        found.append(
            Identifier(
                name=match["name"] + (match["param"] or ""),
                file=re.split(r"[/\\]", path[:-2])[-1] if path else None,
                classes=tuple(part for part in match["classes"].split("::") if part),
                start=match.start(),
                end=match.end(),
            )
        )
    return tuple(found)


def files_in(text: str) -> tuple[str, ...]:
    """The names of source files mentioned in the text."""
    return tuple(_FILE.findall(text))


def key_of(name: str) -> str:
    """What two spellings of one test share: letters and digits only, no `test` in front, no file or class."""
    bare, _, param = name.partition("[")
    bare = _ORDINAL.sub("", bare.split("::")[-1])
    letters = re.sub(r"[\W_]+", "", _TEST_PREFIX.sub("", bare)).lower()
    return letters + (f"[{param.lower()}" if param else "")


def kind_of(name: str, error: str | None, *, closed: bool) -> Kind:
    """What the test speaks, by its name, then by its error; a close code makes it a WebSocket test."""
    if closed:
        return Kind.WEBSOCKET
    spelled = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name) if "_" in name else name
    for kind, pattern in _KINDS:
        if pattern.search(spelled.replace("_", " ")):
            return kind
    for kind, pattern in _ERROR_KINDS:
        if error and pattern.search(error):
            return kind
    return Kind.UNKNOWN


def is_prose_name(text: str) -> bool:
    """Whether words could name one test: short, no count, no total, no field's name."""
    words = re.findall(r"[a-z0-9]+", text.lower())
    return bool(
        0 < len(words) <= _MOST_WORDS
        and len(text) <= _LONGEST_NAME
        and any(len(word) > 1 for word in words)
        and "?" not in text
        and not _COUNT.search(text)
        and " ".join(words) not in _WHOLE
        and not _WORDS.intersection(words)
    )
