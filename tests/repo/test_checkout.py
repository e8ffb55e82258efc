"""A checkout is read within bounds: nothing in it is followed outside, run, or can stop the reading."""

import os
from pathlib import Path
from tempfile import TemporaryDirectory
from time import process_time

import msgspec
import pytest

from rca.errors import RcaError
from rca.model import Frame
from rca.repo import RepoFindings, look
from tests.repo.checkouts import found, laid_out

CLOSE = 'async def live(ws):\n    await ws.close(1011, "torn")\n'


def told(result: RepoFindings) -> dict[str, tuple[int, str]]:
    """What was passed over: reason -> how many, and the example."""
    return {one.why: (one.count, one.example) for one in result.skipped}


def test_what_is_not_the_service_s_own_is_passed_over(tmp_path: Path) -> None:
    """Installed packages, build output and hidden folders are not read, and are counted."""
    folders = (
        "node_modules/a",
        ".git",
        ".venv/lib",
        "venv",
        "x/site-packages",
        "build",
        "dist",
        "a.egg-info",
        "env",
    )
    files = {f"{folder}/live.py": CLOSE for folder in folders} | {"env/pyvenv.cfg": "", "app/live.py": CLOSE}
    result = found(tmp_path, files, "torn")
    assert (result.files, [one.path for one in result.sites]) == (1, ["app/live.py"])
    assert told(result) == {
        "installed packages": (5, "a.egg-info"),
        "build output": (2, "build"),
        "hidden folder": (2, ".git"),
    }


def test_links_are_not_followed(tmp_path: Path) -> None:
    """A link out of the folder, or in circles, is counted and leads nowhere."""
    outside = laid_out(tmp_path / "outside", {"secret.py": CLOSE})
    root = laid_out(tmp_path / "repo", {"app/live.py": CLOSE})
    (root / "out").symlink_to(outside)
    (root / "app" / "secret.py").symlink_to(outside / "secret.py")
    (root / "app" / "round").symlink_to(root)
    result = look(root, 1011, ["torn"], [Frame("/app/secret.py", 1, None, None, in_app=True)])
    assert [one.path for one in result.sites] == ["app/live.py"]
    assert told(result) == {"symbolic link": (3, "out")}
    assert result.frames[0].path is None


def test_a_link_to_the_checkout_is_one(tmp_path: Path) -> None:
    """The folder that is asked about may itself be a link."""
    laid_out(tmp_path / "repo", {"live.py": CLOSE})
    (tmp_path / "link").symlink_to(tmp_path / "repo")
    assert look(tmp_path / "link", 1011, ["torn"], []).files == 1


@pytest.mark.parametrize("name", ["nothing", "file", "round", "nul\0"])
def test_no_checkout_is_said_to_be_none(name: str, tmp_path: Path) -> None:
    """A path that is no folder is refused with what to try."""
    (tmp_path / "file").write_text("", encoding="utf-8")
    (tmp_path / "round").symlink_to(tmp_path / "round")
    with pytest.raises(RcaError, match="no checkout at") as raised:
        look(tmp_path / name, 1011, [], [])
    assert raised.value.hint


HOSTILE = {
    "syntax error": b"def live(ws:\n    ws.close(1011)\n",
    "null byte": b"ws.close(1011)\0",
    "nested brackets": b"ws.close(1011," + b"(" * 90_000,
    "nested operators": b"x = " + b"-" * 90_000 + b"1  # 1011",
    "nested attributes": b"x = a" + b".b" * 90_000 + b"  # 1011",
    "nested calls": b"x = a" + b"()" * 90_000 + b"  # 1011",
    "not UTF-8": "größe = 1011".encode("latin-1"),
    "no such encoding": b"# coding: klingon\nx = 1011\n",
    "an encoding that is a program": b"# coding: zlib_codec\nx = 1011\n",
    "too large to be parsed": b"x = 1011\n" * 50_000,
}


@pytest.mark.slow
@pytest.mark.parametrize("raw", HOSTILE.values(), ids=HOSTILE)
def test_a_file_that_cannot_be_parsed_is_counted(raw: bytes, tmp_path: Path) -> None:
    """It neither stops the reading nor hides the other files, and is named once."""
    (tmp_path / "bad.py").write_bytes(raw)
    result = found(tmp_path, {"live.py": CLOSE}, "torn", frames=[Frame("bad.py", 1, "f", "x", in_app=True)])
    assert [one.path for one in result.sites] == ["live.py"]
    assert [(one.count, one.example) for one in result.skipped] == [(1, "bad.py")]


@pytest.mark.parametrize("coding", ["utf-8", "latin-1", "iso-8859-15", "cp1252", "gbk", "ascii"])
def test_a_declared_encoding_is_read(coding: str, tmp_path: Path) -> None:
    """A file is read in the encoding that its cookie names."""
    text = f"# -*- coding: {coding} -*-\nasync def live(ws):\n    await ws.close(1011, 'torn')  # na\n"
    (tmp_path / "live.py").write_bytes(text.encode(coding))
    assert len(found(tmp_path, {}, "torn").sites) == 1


def test_a_byte_order_mark_is_no_part_of_the_text(tmp_path: Path) -> None:
    """A file that begins with one is read like any other."""
    for name in ("live.py", "live.js"):
        (tmp_path / name).write_bytes(b"\xef\xbb\xbf" + b"ws.close(1011, 'torn')\n")
    assert len(found(tmp_path, {}, "torn").sites) == 2


def test_large_files_and_odd_names_are_counted(tmp_path: Path) -> None:
    """What is too large to be written by hand, or could not be cited, is not read."""
    (tmp_path / "big.py").write_bytes(b"#" * 1_000_001)
    (tmp_path / "line\nend.py").write_text(CLOSE, encoding="utf-8")
    (tmp_path / os.fsdecode(b"b\xffd.py")).write_text(CLOSE, encoding="utf-8")
    os.mkfifo(tmp_path / "pipe.py")
    result = found(tmp_path, {}, "torn")
    assert result.sites == ()
    assert told(result) == {
        "name that cannot be printed": (2, "b\ufffdd.py"),
        "not a regular file": (1, "pipe.py"),
        "too large": (1, "big.py"),
    }


def test_the_findings_go_to_json(tmp_path: Path) -> None:
    """They go to JSON and come back as they were."""
    asked = [Frame("/app/live.py", 2, "live", 'await ws.close(1011, "torn")', in_app=True)]
    result = found(tmp_path, {"live.py": CLOSE, "a.js": "ws.close(1011, `t${a}`)"}, "torn", frames=asked)
    assert msgspec.json.decode(msgspec.json.encode(result), type=RepoFindings) == result


@pytest.mark.slow
def test_many_sites_are_counted_beyond_those_shown(tmp_path: Path) -> None:
    """A generated file with a thousand closes does not fill the report."""
    result = found(tmp_path, {"live.py": CLOSE + "    await ws.close(1011)\n" * 1000}, "torn")
    assert len(result.sites) == 30
    assert len(result.sites) + result.left_out == 1001
    assert result.sites[0].line == 2


def spent(text: str, name: str) -> float:
    """CPU seconds that a checkout of one such file takes."""
    with TemporaryDirectory() as folder:
        Path(folder, name).write_text(text, encoding="utf-8")
        before = process_time()
        look(Path(folder), 1011, ["stream torn"], [])
        return process_time() - before


REPEATED = {
    "closes": ("a.py", "ws.close(1011, why)\n"),
    "handlers": ("a.py", "try:\n a()\nexcept E:\n b = 1\nif b: ws.close(1011, b)\n"),
    "callers": ("a.py", "def f(r):\n ws.close(1011, r)\nf('stream torn')\n"),
    "sums": ("a.py", "a = a + a\nws.close(1011, a)\n"),
    "names": ("a.js", "const a = a + a; ws.close(1011, a);\n"),
    "templates": ("a.js", "ws.close(1011, `${"),
    "brackets": ("a.js", "ws.close(1011, ("),
    "braces": ("a.js", "function f(a) { ws.close(1011, a); "),
    "catches": ("a.js", "try { a(); } catch (e) { ws.close(1011, e); "),
    "promises": ("a.js", "a.catch(e => ws.close(1011, "),
    "generics": ("a.ts", "a<b,"),
    "objects": ("a.ts", "{a:"),
}


@pytest.mark.slow
@pytest.mark.parametrize(("name", "piece"), REPEATED.values(), ids=REPEATED)
def test_hostile_source_is_read_in_time(name: str, piece: str) -> None:
    """Four times the text takes not much more than four times as long, whatever is repeated."""
    short, long = (
        piece * (size // len(piece)) + "// 1011" * name.endswith("s") for size in (50_000, 200_000)
    )
    assert spent(long, name) < 8 * spent(short, name) + 0.5
