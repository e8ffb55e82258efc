"""Commands around the work: which cycles there are, settings to start from, completion for a shell."""

from pathlib import Path

import click

from rca.cli import running
from rca.cli.group import main
from rca.cli.saying import say
from rca.errors import RcaError, UsageError


@main.command(epilog="\b\n  rca cycles\n  rca cycles results/cycle-1.md --format json\n")
@click.argument("files", nargs=-1, type=click.Path(path_type=Path))
@click.option(
    "--cycles-dir", metavar="DIR", help="Where the cycles' files lie (default: rca.toml, else here)."
)
@click.option("--format", "fmt", type=click.Choice(["text", "json"]), default="text", show_default=True)
def cycles(files: tuple[Path, ...], cycles_dir: str | None, fmt: str) -> None:
    """List the cycles that were found, and what was read from each."""
    from rca import cycles as readers  # noqa: PLC0415 - heavy
    from rca.redact import Masks, redact_cycle  # noqa: PLC0415 - heavy
    from rca.render.cycles import as_json, as_text  # noqa: PLC0415 - heavy

    if files:
        found = tuple(readers.read_file(path) for path in files)
    else:
        found = readers.list_cycles(Path(cycles_dir or running.settings().cycles_dir), say)
    names = running.settings().mask
    masked = tuple(redact_cycle(cycle, Masks(ids=names)) for cycle in found)
    running.write(as_json(masked) if fmt == "json" else as_text(masked), None)


@main.command(epilog="\b\n  rca init && rca cycles\n")
@click.option("--force", is_flag=True, help="Write over an rca.toml that is there.")
def init(*, force: bool) -> None:
    """Write an rca.toml to start from into this folder."""
    from rca import settings  # noqa: PLC0415 - only here

    path = Path(settings.FILE)
    if path.exists() and not force:
        raise RcaError(f"{settings.FILE} is already here", "edit it, or write over it with --force")
    path.write_text(settings.TEMPLATE, encoding="utf-8")
    click.echo(f"wrote {settings.FILE}; next: rca cycles", err=True)


@main.command(epilog='\b\n  eval "$(rca completion bash)"\n')
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> None:
    """Print the script that completes rca's commands and options in a shell."""
    from click.shell_completion import get_completion_class  # noqa: PLC0415 - only here

    made = get_completion_class(shell)
    if made is None:  # click knows the three; a fourth could only be a mistake of ours
        raise UsageError(f"no completion for {shell}", "choose bash, zsh or fish")
    click.echo(made(main, {}, "rca", "_RCA_COMPLETE").source())
