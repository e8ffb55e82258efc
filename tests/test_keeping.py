"""What is kept on disk is whole, or as it was: rca/keeping.py."""

import os
import stat
import threading
import time
from pathlib import Path
from typing import NoReturn

import pytest

from rca import keeping


def test_a_named_file_keeps_its_rights_and_its_link(tmp_path: Path) -> None:
    """What is written over a file has that file's rights; through a link, it is the link's file that changes."""
    kept, link = tmp_path / "kept", tmp_path / "link"
    kept.write_text("before")
    kept.chmod(0o640)
    link.symlink_to(kept)
    keeping.put(link, b"after")
    assert (kept.read_text(), stat.S_IMODE(kept.stat().st_mode)) == ("after", 0o640)
    assert link.is_symlink()
    assert sorted(one.name for one in tmp_path.iterdir()) == ["kept", "link"]


def test_what_a_killed_run_left_is_removed_by_the_next(tmp_path: Path) -> None:
    """A file that was begun over an hour ago is gone; a younger one, another's and a folder of such a name stay."""
    began = time.time() - 3_700
    for name in (".rca-k1lled_7", ".rca-y0unger_", ".rca-notes.md", "x.rca-k1lled_7", ".rca-abcdefgh.md"):
        (tmp_path / name).write_text("in part")
        os.utime(tmp_path / name, (began, began + 200 * ("y0unger" in name)))
    (tmp_path / ".rca-folder_1").mkdir()
    os.utime(tmp_path / ".rca-folder_1", (began, began))
    (tmp_path / ".rca-a_link_1").symlink_to("x.rca-k1lled_7")
    os.utime(tmp_path / ".rca-a_link_1", (began, began), follow_symlinks=False)
    before = {one.name for one in tmp_path.iterdir()}
    keeping.put(tmp_path / "report.md", b"whole")
    assert {one.name for one in tmp_path.iterdir()} == before - {".rca-k1lled_7"} | {"report.md"}


def test_what_begins_a_file_can_be_told_from_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run that is killed before its file is in place leaves one that the next removes, whatever it was called."""

    def killed(_: Path, __: Path) -> NoReturn:
        raise SystemExit

    with monkeypatch.context() as patched:
        patched.setattr(Path, "replace", killed)
        patched.setattr(Path, "unlink", lambda *_, **__: None)
        with pytest.raises(SystemExit):
            keeping.replace(tmp_path / "report.md", b"whole")
    (left,) = tmp_path.iterdir()
    os.utime(left, (0, 0))
    keeping.replace(tmp_path / "report.md", b"whole")
    assert [one.name for one in tmp_path.iterdir()] == ["report.md"]


def test_what_is_no_file_is_written_to(tmp_path: Path) -> None:
    """A device stays one."""
    link = tmp_path / "nowhere"
    link.symlink_to("/dev/null")
    keeping.put(link, b"gone")
    assert link.is_char_device()


def test_who_holds_a_folder_is_waited_for(tmp_path: Path) -> None:
    """A second run goes on when the first is done; those that only read do not wait for each other."""
    order: list[str] = []

    def second() -> None:
        with keeping.held(tmp_path):
            order.append("second")

    with keeping.held(tmp_path, shared=True), keeping.held(tmp_path, shared=True):
        waiting = threading.Thread(target=second)
        waiting.start()
        waiting.join(0.05)
        order.append("first")
    waiting.join()
    assert order == ["first", "second"]
