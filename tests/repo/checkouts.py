"""Checkouts as small as they can be: files by path, and what is found in them."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from textwrap import dedent

from rca.model import Frame
from rca.repo import RepoFindings, Site, look


def laid_out(root: Path, files: Mapping[str, str]) -> Path:
    """The files stand below the folder."""
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dedent(text), encoding="utf-8")
    return root


def found(
    root: Path,
    files: Mapping[str, str],
    *reasons: str,
    code: int = 1011,
    frames: Sequence[Frame] = (),
) -> RepoFindings:
    """What is found in these files."""
    return look(laid_out(root, files), code, reasons, frames)


def only_site(root: Path, text: str, *reasons: str, name: str = "app/live.py", code: int = 1011) -> Site:
    """The one site of a single file."""
    sites = found(root, {name: text}, *reasons, code=code).sites
    assert len(sites) == 1, [f"{one.path}:{one.line} {one.call}" for one in sites]
    return sites[0]
