"""Frames of a container's stack trace are looked up in the checkout, and never guessed."""

from pathlib import Path
from textwrap import dedent

import pytest

from rca.model import Frame
from rca.repo import Located
from tests.repo.checkouts import found

CODE = "plan = message['plan']"
FILE = f"import json\n\n\ndef on_run(message):\n    {CODE}\n    return plan\n\n\ndef other():\n    return 1\n"


def frame(file: str, line: int | None = 5, function: str | None = "on_run", code: str | None = CODE) -> Frame:
    """A frame as a trace tells it."""
    return Frame(file, line, function, code, in_app=True)


def located(root: Path, files: dict[str, str], *frames: Frame) -> tuple[Located, ...]:
    """Where the frames lie."""
    return found(root, files, frames=frames).frames


MOUNTS = {
    "/app/svc/handlers.py": "svc/handlers.py",
    "/workspace/svc/handlers.py": "svc/handlers.py",
    "/usr/src/app/svc/handlers.py": "svc/handlers.py",
    "svc/handlers.py": "svc/handlers.py",
    "./svc/handlers.py": "svc/handlers.py",
    "handlers.py": "svc/handlers.py",
    "/app/handlers.py": "handlers.py",
    "/app/svc/../svc/handlers.py": "svc/handlers.py",
    "C:\\app\\svc\\handlers.py": "services/live/svc/handlers.py",
    "file:///app/svc/handlers.py": "src/svc/handlers.py",
    "/app/backend/svc/handlers.py": "src/svc/handlers.py",
}


@pytest.mark.parametrize(("file", "path"), MOUNTS.items())
def test_the_container_s_folders_are_stripped(file: str, path: str, tmp_path: Path) -> None:
    """A file is known by the end of its path, wherever the container and the checkout keep it."""
    (one,) = located(tmp_path, {path: FILE, "svc/wire.py": FILE}, frame(file))
    assert (one.path, one.line, one.confirmed, one.note) == (path, 5, True, "")
    assert one.snippet is not None
    assert one.snippet.first == 3
    assert one.snippet.lines[2] == f"    {CODE}"


def test_the_longest_end_wins(tmp_path: Path) -> None:
    """Of files of one name, the one that shares more of the path is meant."""
    files = {"a/svc/run.py": FILE, "b/run.py": FILE, "run.py": FILE}
    assert [one.path for one in located(tmp_path, files, frame("/app/a/svc/run.py"))] == ["a/svc/run.py"]
    assert [one.path for one in located(tmp_path, files, frame("/app/b/run.py"))] == ["b/run.py"]


def test_several_files_that_could_be_meant_are_all_named(tmp_path: Path) -> None:
    """Where neither path nor code tells two files apart, none is chosen."""
    (one,) = located(tmp_path, {"a/run.py": FILE, "b/run.py": FILE}, frame("/app/run.py"))
    assert (one.path, one.line, one.snippet) == (None, None, None)
    assert one.candidates == ("a/run.py", "b/run.py")
    assert one.note == "2 files of the checkout could be this one"


def test_the_code_tells_two_files_apart(tmp_path: Path) -> None:
    """Of two files that fit by path, the one whose line holds the trace's code is meant."""
    (one,) = located(tmp_path, {"a/run.py": FILE, "b/run.py": "pass\n" * 9}, frame("/app/run.py"))
    assert (one.path, one.confirmed) == ("a/run.py", True)


def test_another_frame_s_folder_tells_two_files_apart(tmp_path: Path) -> None:
    """Where one frame shows which folder of the checkout the container's is, the others lie there, too."""
    files = {"live/run.py": FILE, "live/only.py": FILE, "batch/run.py": FILE}
    ambiguous, sure = located(tmp_path, files, frame("/app/run.py"), frame("/app/only.py"))
    assert (ambiguous.path, sure.path) == ("live/run.py", "live/only.py")


@pytest.mark.parametrize("file", ["/app/svc/handlers.py", "<string>", "", "/", "/app"])
def test_a_name_alone_in_another_folder_is_no_match(file: str, tmp_path: Path) -> None:
    """A file of the same name in a folder of another name is somebody else's, unless that very line holds the code."""
    for code in (None, "plan = message['bed']", "x"):
        (one,) = located(tmp_path, {"tools/handlers.py": FILE}, frame(file, code=code))
        assert (one.path, one.candidates, one.note) == (None, (), "not in the checkout")
    (one,) = located(tmp_path, {"tools/handlers.py": FILE}, frame("/srv/x/handlers.py"))
    assert (one.path, one.line, one.confirmed) == ("tools/handlers.py", 5, True)


def test_frames_of_others_are_not_looked_up(tmp_path: Path) -> None:
    """An installed package's file is none of the checkout's, even under the same name."""
    asked = Frame("/usr/lib/python3.11/site-packages/svc/run.py", 5, "on_run", CODE, in_app=False)
    (one,) = located(tmp_path, {"svc/run.py": FILE}, asked)
    assert (one.path, one.note) == (None, "not the service's own code")


@pytest.mark.parametrize("above", [1, 7])
def test_a_line_that_moved_is_found_again(above: int, tmp_path: Path) -> None:
    """The code is looked for in the function, and the reader is told that the checkout is of another version."""
    text = (
        FILE.replace("def on_run", "x = 1\n" * above + "def on_run") + f"\n\ndef copy(message):\n    {CODE}\n"
    )
    (one,) = located(tmp_path, {"svc/handlers.py": text}, frame("/app/svc/handlers.py"))
    assert (one.line, one.confirmed) == (5 + above, True)
    assert one.note == f"the checkout is of another version: line 5 of the trace is line {5 + above} here"


def test_code_that_stands_on_several_lines_is_not_guessed(tmp_path: Path) -> None:
    """Where the code moved and stands twice in the function, the lines are named and none is chosen."""
    text = f"\n\n\n\n\ndef on_run(message):\n    {CODE}\n    {CODE}\n"
    (one,) = located(tmp_path, {"svc/handlers.py": text}, frame("/app/svc/handlers.py"))
    assert (one.path, one.line, one.confirmed) == ("svc/handlers.py", None, False)
    assert one.note.endswith("stands on several lines here: 7, 8")


def test_code_that_is_gone_is_said_to_be(tmp_path: Path) -> None:
    """A line that the checkout no longer has is not shown as if it were the one."""
    (one,) = located(tmp_path, {"svc/handlers.py": "pass\n" * 9}, frame("/app/svc/handlers.py"))
    assert (one.path, one.line, one.snippet) == ("svc/handlers.py", None, None)
    assert one.note.endswith("stands nowhere in this file")


UNQUOTED = {
    "in its function": (
        frame("/app/h.py", code=None),
        5,
        "the trace quotes no code, so the line is not checked",
    ),
    "method, as Node names it": (
        frame("/app/h.py", code=None, function="async Seat.on_run"),
        5,
        "the trace quotes no code, so the line is not checked",
    ),
    "in another function": (
        frame("/app/h.py", line=10, code=None),
        None,
        "the checkout may be of another version: line 10 lies in other here, not in on_run",
    ),
    "beyond its end": (
        frame("/app/h.py", line=99, code=None),
        None,
        "the checkout is of another version: the file has 11 lines",
    ),
    "no line": (frame("/app/h.py", line=None), None, "the trace names no line"),
}


@pytest.mark.parametrize(("asked", "line", "note"), UNQUOTED.values(), ids=UNQUOTED)
def test_a_frame_without_code_is_checked_by_its_function(
    asked: Frame, line: int | None, note: str, tmp_path: Path
) -> None:
    """What a trace does not quote is never confirmed, and is refused where the function around is another."""
    (one,) = located(tmp_path, {"h.py": FILE}, asked)
    assert (one.path, one.line, one.confirmed, one.note) == ("h.py", line, False, note)


def test_a_node_frame_is_looked_up(tmp_path: Path) -> None:
    """Node's frames carry no code; the function around the line speaks for them."""
    text = dedent("""\
        class Seat {
          async run(message) {
            return message.plan;
          }
        }
    """)
    asked = (
        frame("/app/src/seat.js", 3, "async Seat.run", None),
        frame("file:///app/src/seat.js", 3, "Seat.open", None),
        frame("/app/dist/seat.js", 3, "Seat.run", None),
    )
    right, wrong, built = located(tmp_path, {"src/seat.js": text, "ts/seat.ts": text}, *asked)
    assert (right.path, right.line) == ("src/seat.js", 3)
    assert (wrong.path, wrong.line) == ("src/seat.js", None)
    assert (built.path, built.note) == (
        None,
        "not in the checkout; it may be built from ts/seat.ts, whose lines are others",
    )


def test_frames_keep_their_order(tmp_path: Path) -> None:
    """What was asked comes back in the order it was asked, double or not."""
    asked = [frame("/app/b.py"), frame("/app/a.py"), frame("/app/b.py")]
    assert [one.frame for one in located(tmp_path, {"a.py": FILE, "b.py": FILE}, *asked)] == asked
