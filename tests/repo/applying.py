"""A diff is held to what it says by those who judge it: git applies it, and the language's parser reads the result."""

import subprocess
from pathlib import Path

from rca.repo import Change


def applied(root: Path, path: str, change: Change | None) -> str:
    """The file's text with the change made to it."""
    assert change is not None
    command = ["git", "apply", "--whitespace=nowarn", "-"]
    made = subprocess.run(  # noqa: S603 - git, in the test's own folder
        command, cwd=root, input=change.diff.encode(), capture_output=True, check=False
    )
    assert made.returncode == 0, made.stderr.decode() + change.diff
    return (root / path).read_bytes().decode()
