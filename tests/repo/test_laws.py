"""Laws of reading source: anything can be read, a site is found wherever it stands, a moved line is found again."""

import re
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, strategies as st

from rca.model import Frame
from rca.repo import Match, RepoFindings, Says, look

PIECES = (
    *(
        "async def live(ws):",
        "def f(self, why='x', *a):",
        "class A(B):",
        "try:",
        "except Exception as exc:",
        "except:",
        "finally:",
    ),
    *(
        "    ",
        "\t",
        "\n",
        "\r\n",
        "\r",
        "(",
        ")",
        "[",
        "]",
        "{",
        "}",
        "`",
        "${",
        "'",
        '"',
        "'''",
        "\\",
        "/",
        "//",
        "/*",
        "*/",
        "#",
    ),
    *(
        "await ws.close(1011, 'torn')",
        "ws.close(code=CODE, reason=f'{exc} torn')",
        "raise WebSocketException(1011)",
        "return",
        "pass",
    ),
    *(
        "CODE = 1011",
        "from a import CODE",
        "self.fail('torn')",
        "log.error('torn', exc_info=True)",
        "with suppress(Exception):",
        "if x:",
    ),
    *(
        "catch (err) {",
        "catch {",
        ".catch(err => ",
        "function f(a = 1, ...b) {",
        "=>",
        "const a = ",
        "import { a as b } from './a';",
    ),
    *(
        "ws.close(1011, `torn ${err}`);",
        "console.error(err);",
        "throw err;",
        "? a : b",
        "a?.b",
        "/[/]/",
        "1011",
        "ä",
        "\0",
        "\u2028",
    ),
)
SOURCES = st.one_of(
    st.binary(max_size=300),
    st.lists(st.sampled_from(PIECES), max_size=40).map(lambda pieces: "".join(pieces).encode()),
    st.lists(st.sampled_from(PIECES), max_size=40).map(lambda pieces: "\n".join(pieces).encode()),
)
NAMES = st.sampled_from(["a.py", "b.py", "svc/a.py", "a.js", "a.ts", "lib/b.mjs", "c.tsx"])


def looked(files: dict[str, bytes], *reasons: str, frames: tuple[Frame, ...] = ()) -> RepoFindings:
    """What is found in these files."""
    with TemporaryDirectory() as folder:
        for name, raw in files.items():
            path = Path(folder, name)
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(raw)
        return look(Path(folder), 1011, reasons, frames)


@given(
    st.dictionaries(NAMES, SOURCES, max_size=4),
    st.lists(st.sampled_from(["torn", "", "ä torn", "x" * 123]), max_size=3),
)
def test_anything_can_be_read(files: dict[str, bytes], reasons: list[str]) -> None:
    """No source stops the reading, and the same files give the same findings."""
    asked = tuple(Frame(f"/app/{name}", 2, "live", "pass", in_app=True) for name in files)
    result = looked(files, *reasons, frames=asked)
    assert result == looked(files, *reasons, frames=asked)
    assert result.files == len(files)
    assert [one.frame for one in result.frames] == list(asked)


LINES = st.lists(
    st.sampled_from(["x = 1", "", "# text", "def other():\n    return 1", "class B:\n    y = 2"]), max_size=6
)


@given(LINES, LINES, st.sampled_from(["\n", "\r\n"]))
def test_a_site_is_found_wherever_it_stands(above: list[str], below: list[str], end: str) -> None:
    """Its line is the call's, whatever stands around; its handler says nothing."""
    close = "async def live(ws):\n    try:\n        go()\n    except Exception:\n        await ws.close(1011, 'torn')"
    text = "\n".join([*above, close, *below])
    site = looked({"a.py": text.replace("\n", end).encode()}, "torn").sites[0]
    assert text.split("\n")[site.line - 1] == "        await ws.close(1011, 'torn')"
    assert (site.match, site.says) == (Match.EXACT, Says.NOTHING)
    assert site.snippet.lines[site.line - site.snippet.first] == "        await ws.close(1011, 'torn')"


@given(LINES, LINES, st.integers(1, 60))
def test_a_moved_line_is_found_again(above: list[str], inside: list[str], line: int) -> None:
    """Wherever its function was moved to, the trace's code is found, and a move is told."""
    body = re.sub(r"(?m)^", "    ", "\n".join([*inside, "plan = message['plan']"]))
    text = "\n".join([*above, "def on_run(message):", body, "    return plan"])
    asked = Frame("/app/svc/a.py", line, "on_run", "plan = message['plan']", in_app=True)
    (one,) = looked({"svc/a.py": text.encode()}, frames=(asked,)).frames
    assert one.line is not None
    assert text.split("\n")[one.line - 1].strip() == "plan = message['plan']"
    assert one.confirmed
    assert (one.note == "") is (one.line == line)
