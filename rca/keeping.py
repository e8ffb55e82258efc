"""What is kept on disk: whole or not there, and for its owner alone.

In: a folder or a path, and bytes. Out: the file. Decides its rights, and what git sees of it.
"""

import os
import tempfile
from pathlib import Path


def own_folder(folder: Path) -> None:
    """The folder is there for its owner alone, and git looks past all that lies beside it."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if folder.parent.name.startswith("."):  # .rca, not a folder of the user's own
        folder.parent.chmod(0o700)
        ignore = folder.parent / ".gitignore"
        if not ignore.exists():
            ignore.write_text("*\n", encoding="utf-8")


def replace(path: Path, content: bytes) -> None:
    """The file holds the content, or is as it was before, at whatever moment the program or the machine stops."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")  # mode 0600 from the start
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
