"""What is kept on disk: whole or as it was before, and for its owner alone where it is not the user who names it.

In: a folder or a path, and bytes. Out: the file. Decides its rights, and what git sees of it.
"""

import contextlib
import errno
import fcntl
import os
import re
import stat
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

_CLOSED = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})
"""A folder takes no new file; one that is in it may still be written."""

_BEGUN = ".rca-"
_LEFT = re.compile(re.escape(_BEGUN) + r"[a-z0-9_]{8}")
"""As `tempfile` names what is begun; one that is killed meanwhile leaves it."""

_STALE_S = 3600
"""None takes so long to write."""


def own_folder(folder: Path) -> None:
    """The folder is there for its owner alone, and git looks past all that lies beside it."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if folder.parent.name.startswith("."):  # .rca, not a folder of the user's own
        folder.parent.chmod(0o700)
        ignore = folder.parent / ".gitignore"
        if not ignore.exists():
            ignore.write_text("*\n", encoding="utf-8")


def replace(path: Path, content: bytes | Iterable[bytes], mode: int = 0o600) -> None:
    """The file holds the content, or is as it was before, at whatever moment the program or the machine stops.

    The content may come in pieces. What a run that was killed here left beside it an hour ago, or longer, is gone.
    """
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=_BEGUN)  # mode 0600 from the start
    try:
        with os.fdopen(handle, "wb") as stream:
            _tidied(path.parent, os.fstat(handle).st_mtime)
            stream.writelines((content,) if isinstance(content, bytes) else content)
            stream.flush()
            os.fsync(stream.fileno())
            os.fchmod(stream.fileno(), mode)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _tidied(folder: Path, now_s: float) -> None:
    """No file that was begun lies in the folder since an hour; `now_s` is what its file system says of a new file."""
    with (
        contextlib.suppress(OSError),
        os.scandir(folder) as found,
    ):  # a folder may be written to and not be listed
        for one in found:
            if _LEFT.fullmatch(one.name) and one.is_file(follow_symlinks=False):
                with contextlib.suppress(OSError):  # another's, or another run was quicker
                    if now_s - one.stat(follow_symlinks=False).st_mtime > _STALE_S:
                        Path(one).unlink()


def put(path: Path, content: bytes) -> None:
    """The file that the user named holds the content, or is as it was before; its rights, or a link to it, stay.

    What is no file (a terminal, a pipe) is written to. So is a file in a folder that takes no other beside it: the one
    case in which it can be left in part.
    """
    if (path.exists() or path.is_symlink()) and not path.is_file():
        path.write_bytes(content)
        return
    path = path.resolve()
    try:
        replace(path, content, stat.S_IMODE(path.stat().st_mode) if path.exists() else 0o666 & ~_umask())
    except OSError as error:
        if error.errno not in _CLOSED or not path.exists():
            raise
        path.write_bytes(content)


def _umask() -> int:
    """What a new file is not to let others do; it can only be read by being set."""
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


@contextlib.contextmanager
def held(folder: Path, *, shared: bool = False) -> Iterator[None]:
    """Nobody else changes what lies in the folder meanwhile, or reads it, where it is not `shared`.

    Whoever is killed holds it no longer. Where a file system knows no locks, nothing is held.
    """
    with contextlib.ExitStack() as stack:
        with contextlib.suppress(OSError):
            handle = os.open(folder, os.O_RDONLY)
            stack.callback(os.close, handle)
            fcntl.flock(handle, fcntl.LOCK_SH if shared else fcntl.LOCK_EX)
        yield
