"""The command line: options in, exit code out; no thinking here.

The report goes to standard output, progress and advice to standard error.
"""

import io
import os
import shutil
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from rca import __version__
from rca.errors import Exit, RcaError, UsageError

if TYPE_CHECKING:
    from rca.contract import Report

_Command = Callable[..., None]
_ASKS = """\b
  rca why --cycle 1                              # a cycle, and the logs beside its report
  rca why --cycle 1 --logs export.json           # a cycle, and an export
  rca why --at 2026-11-08T14:33:37Z --logs X     # no cycle at hand: look around a moment
  rca why --logs export.json                     # neither: whatever failed in the file
"""


class _Group(click.Group):
    """Commands whose errors say what failed and what to try, and never show a traceback."""

    def main(self, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - click's own signature
        """Run a command; any error becomes one line, one hint and an exit code."""
        for stream in (sys.stdout, sys.stderr):
            if isinstance(stream, io.TextIOWrapper):
                # A terminal of another encoding shows what it cannot as escapes, rather than nothing at all.
                stream.reconfigure(errors="backslashreplace")
        try:
            return super().main(*args, **kwargs)
        except RcaError as error:
            _complain(error)
            sys.exit(int(error.exit_code))
        except BrokenPipeError:
            # The reader of a pipe (head, less) has seen enough; Python would complain once more at exit.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            sys.exit(int(Exit.OK))
        except OSError as error:
            _complain(
                RcaError(
                    f"cannot read or write: {error}", "look at the disk, the file's rights and its folder"
                )
            )
            sys.exit(int(Exit.FAILED))
        except Exception as error:  # the last line of defence: an on-call gets a sentence, not our stack
            if os.environ.get("RCA_DEBUG"):
                raise
            click.echo(f"rca: internal error: {type(error).__name__}: {error}", err=True)
            click.echo("try: RCA_DEBUG=1 shows where; please report it with that output", err=True)
            sys.exit(int(Exit.FAILED))


def _complain(error: RcaError) -> None:
    click.echo(f"rca: {error.message}", err=True)
    if error.hint:
        click.echo(f"try: {error.hint}", err=True)


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, "-V", "--version", package_name="cloudrun-rca", message="rca %(version)s")
def main() -> None:
    """Why did this test cycle fail? From Cloud Run logs to a cited five-whys report.

    Exit codes: 0 cause found or nothing failed, 1 could not do it, 2 wrong usage, 3 analysed but unknown,
    4 logs known to be incomplete.
    """


def _question(command: _Command) -> _Command:
    """The options that say what is asked, and of which logs: the same for `why` and `timeline`."""
    options = [
        click.option("--cycle", type=int, metavar="N", help="The cycle to explain, by its number."),
        click.option(
            "--cycles-dir", metavar="DIR", help="Where the cycles' files lie (default: rca.toml, else here)."
        ),
        click.option(
            "--date", "on", metavar="YYYY-MM-DD", help="Which cycle N, where several bear the number."
        ),
        click.option("--tz", metavar="ZONE", help="Time zone of the runner, where a report gives none."),
        click.option(
            "--logs", multiple=True, metavar="FILE", help="Log export, folder, or - for stdin; repeatable."
        ),
        click.option(
            "--service", multiple=True, metavar="NAME", help="Only this Cloud Run service; repeatable."
        ),
        click.option(
            "--at", metavar="TIME", help="Look around a moment (RFC 3339; UTC where no zone is given)."
        ),
        click.option("--since", metavar="TIME", help="Look at a span: its start."),
        click.option("--until", metavar="TIME", help="Look at a span: its end."),
    ]
    for option in reversed(options):
        command = option(command)
    return command


def _output(command: _Command) -> _Command:
    command = click.option(
        "-o", "--output", type=click.Path(dir_okay=False), help="Write to a file instead."
    )(command)
    return click.option(
        "--format", "fmt", type=click.Choice(["md", "json"]), default="md", show_default=True
    )(command)


@main.command(epilog=_ASKS)
@_question
@_output
@click.option(
    "--allow-incomplete", is_flag=True, help="Exit 0 or 3 although the logs are known to have a gap."
)
def why(fmt: str, output: str | None, *, allow_incomplete: bool, **asked: Any) -> None:  # noqa: ANN401 - click's options
    """Explain why a cycle failed: a five-whys report, every statement cited."""
    from rca.render import renderer  # noqa: PLC0415 - heavy: only where a report is made

    report = _investigate(**asked)
    _write(renderer(fmt).render(report), output)
    sys.exit(int(_exit_code(report, allow_incomplete=allow_incomplete)))


@main.command(epilog="\b\n  rca timeline --cycle 1\n")
@_question
def timeline(**asked: Any) -> None:  # noqa: ANN401 - click's options
    """Show what happened when, in the terminal."""
    from rca.render import timeline as drawn  # noqa: PLC0415 - heavy: only where a report is made

    report = _investigate(**asked)
    _write(drawn.render(report, shutil.get_terminal_size((100, 24)).columns), None)


@main.command(epilog="\b\n  rca cycles\n  rca cycles results/cycle-1.md --format json\n")
@click.argument("files", nargs=-1, type=click.Path(path_type=Path))
@click.option(
    "--cycles-dir", metavar="DIR", help="Where the cycles' files lie (default: rca.toml, else here)."
)
@click.option("--format", "fmt", type=click.Choice(["text", "json"]), default="text", show_default=True)
def cycles(files: tuple[Path, ...], cycles_dir: str | None, fmt: str) -> None:
    """List the cycles that were found, and what was read from each."""
    from rca import cycles as readers  # noqa: PLC0415 - heavy
    from rca.redact import redact_cycle  # noqa: PLC0415 - heavy
    from rca.render.cycles import as_json, as_text  # noqa: PLC0415 - heavy

    if files:
        found = tuple(readers.read_file(path) for path in files)
    else:
        found = readers.list_cycles(Path(cycles_dir or _settings().cycles_dir))
    masked = tuple(redact_cycle(cycle) for cycle in found)
    _write(as_json(masked) if fmt == "json" else as_text(masked), None)


@main.command(
    epilog="\b\n  rca why --cycle 1 --format json -o saved.json\n  rca render saved.json --format md\n"
)
@click.argument("saved", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@_output
def render(saved: Path, fmt: str, output: str | None) -> None:
    """Render a report that was saved as JSON again, without any logs."""
    from rca.render import json as stored, renderer  # noqa: PLC0415 - heavy

    _write(renderer(fmt).render(stored.loads(_read(saved))), output)


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


@main.command(epilog="\b\n  rca demo --format json -o demo.json\n")
@_output
def demo(fmt: str, output: str | None) -> None:
    """Explain the bundled cycle 1, recorded from local servers shaped like Cloud Run."""
    from rca import resources  # noqa: PLC0415 - heavy
    from rca.render import renderer  # noqa: PLC0415 - heavy

    folder = resources.path("fixtures", "cycle-1")
    asked = dict.fromkeys(("on", "tz", "at", "since", "until"))
    report = _investigate(cycle=1, cycles_dir=str(folder), logs=(), service=(), **asked)
    _write(renderer(fmt).render(report), output)


@main.command(epilog='\b\n  eval "$(rca completion bash)"\n')
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> None:
    """Print the script that completes rca's commands and options in a shell."""
    from click.shell_completion import get_completion_class  # noqa: PLC0415 - only here

    made = get_completion_class(shell)
    if made is None:  # click knows the three; a fourth could only be a mistake of ours
        raise UsageError(f"no completion for {shell}", "choose bash, zsh or fish")
    click.echo(made(main, {}, "rca", "_RCA_COMPLETE").source())


# --- what the commands share -----------------------------------------------------------------------------


def _settings() -> Any:  # noqa: ANN401 - imported where it is needed
    from rca import settings  # noqa: PLC0415 - reads files

    try:
        here = Path.cwd()
    except OSError as error:
        raise RcaError("the working folder is gone", "change into a folder that exists") from error
    return settings.load(here)


def _investigate(**asked: Any) -> "Report":  # noqa: ANN401 - click's options
    from rca import asking  # noqa: PLC0415 - heavy: pandas

    with _progress("reading logs"):
        return asking.report_on(
            asking.Asked(**asked), _settings(), sys.stdin.buffer if sys.stdin else io.BytesIO()
        )


@contextmanager
def _progress(what: str) -> Iterator[None]:
    """Say on standard error what takes more than a second."""
    timer = threading.Timer(1.0, lambda: click.echo(f"rca: {what} …", err=True))
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _exit_code(report: "Report", *, allow_incomplete: bool) -> Exit:
    if report.pull.complete is False and not allow_incomplete:
        return Exit.INCOMPLETE
    return Exit.UNKNOWN if report.verdict == "unknown" else Exit.OK


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise RcaError(f"cannot read {path}: {error}", "name a report saved with --format json") from error


def _write(text: str, output: str | None) -> None:
    if output is None:
        click.echo(text.rstrip("\n"))
        return
    try:
        Path(output).write_text(text, encoding="utf-8")
    except OSError as error:
        raise RcaError(f"cannot write {output}: {error.strerror}", "name another file with -o") from error
    click.echo(f"rca: wrote {output}", err=True)
