"""The catalogue of known causes: listed, shown, and tried."""

import difflib
import sys
from typing import TYPE_CHECKING

import click

from rca.cli import running
from rca.cli.group import main
from rca.errors import Exit, UsageError

if TYPE_CHECKING:
    from rca.known import Known


@main.command(
    epilog="\b\n"
    "  rca causes                       # id, category and title of each\n"
    "  rca causes hypercorn-returned    # one of them, whole\n"
    "  rca causes --check               # try every sample, of the shipped ones and of rca.toml's `catalogue`\n"
    "  rca causes --check my-causes     # and of this folder\n"
)
@click.argument("names", nargs=-1, metavar="[ID | FOLDER...]")
@click.option("--check", is_flag=True, help="Try every sample of every entry, and print what is wrong.")
def causes(names: tuple[str, ...], *, check: bool) -> None:
    """List the known causes, show one in plain words, or check a catalogue of your own."""
    from rca import known  # noqa: PLC0415 - heavy: only where the catalogue is read

    folders = running.settings().catalogue
    if check:
        _check((*folders, *names))
        return
    entries = known.catalogue(folders)
    if not names:
        running.write(known.as_list(entries), None)
        return
    running.write("\n".join(known.as_text(_named(name, entries)) for name in names), None)


def _named(name: str, entries: "tuple[Known, ...]") -> "Known":
    found = next((one for one in entries if one.id == name), None)
    if found is None:
        near = difflib.get_close_matches(name[:60], [one.id for one in entries], cutoff=0.5)
        hint = f"near it: {', '.join(near)}" if near else "`rca causes` lists them all"
        raise UsageError(f'no known cause has the id "{name}"', hint)
    return found


def _check(folders: tuple[str, ...]) -> None:
    from rca import known  # noqa: PLC0415 - as above

    findings = known.check(folders)
    if findings:
        running.write(known.as_findings(findings), None)
        click.echo(f"rca: {len(findings)} found", err=True)
        sys.exit(int(Exit.FAILED))
    entries = known.catalogue(folders)
    samples = sum(len(one.matches) + len(one.misses) for one in entries)
    click.echo(f"{len(entries)} entries, {samples} samples: all as they say")
