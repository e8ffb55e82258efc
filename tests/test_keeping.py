"""What is kept on disk is whole, or as it was: rca/keeping.py."""

import stat
import threading
from pathlib import Path

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
