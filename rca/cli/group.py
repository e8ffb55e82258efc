"""The group that all commands belong to, and what becomes of their errors."""

import gc
import io
import os
import sys
from typing import Any

import click

from rca import __version__
from rca.cli.saying import say
from rca.errors import Exit, RcaError


class _Command(click.Command):
    """A command that takes no empty text: it is what a variable leaves that a script never set."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse as click does, then refuse what was typed and is empty: it would name the working folder, or nothing.

        Raises:
            BadParameter: an option or argument is empty.
        """
        left = super().parse_args(ctx, args)
        for one in [] if ctx.resilient_parsing else self.params:
            value = ctx.params.get(one.name or "")
            if "" in (value if isinstance(value, tuple) else (value,)):
                raise click.BadParameter("it is empty; leave it away, or say which", ctx, one)
        return left


class _Closed(io.TextIOBase):
    """Stands in for a standard output that was closed before the program began."""

    def write(self, _text: str) -> int:
        """Refuse: whoever asked would take silence for an answer.

        Raises:
            RcaError: always.
        """
        raise RcaError("standard output is closed", "leave it open, or name a file with -o")


class _Group(click.Group):
    """Commands whose errors say what failed and what to try, and never show a traceback."""

    command_class = _Command

    def main(self, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - click's own signature
        """Run a command; any error becomes one line, one hint and an exit code."""
        _stand_in()
        gc.disable()  # a run is short and keeps what it read: looking through it again and again took a third of it
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
        except MemoryError:
            short = RcaError(
                "there is not enough memory",
                "read less (--service, --filter, a shorter time), or use a larger machine",
            )  # told below, when what the work held is free again
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
            say(f"internal error: {type(error).__name__}: {error}")
            say("RCA_DEBUG=1 shows where; please report it with that output", as_what="try")
            sys.exit(int(Exit.FAILED))
        _complain(short)
        sys.exit(int(short.exit_code))


def _stand_in() -> None:
    """Each standard stream is open: no file that is opened later takes its place, and is written to by mistake."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest number that is free
    if sys.stdout is None:
        sys.stdout = _Closed()


def _complain(error: RcaError) -> None:
    say(error.message)
    if error.hint:
        say(error.hint, as_what="try")


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, "-V", "--version", package_name="cloudrun-rca", message="rca %(version)s")
def main() -> None:
    """Why did this test cycle fail? From Cloud Run logs to a cited five-whys report.

    Exit codes: 0 cause found or nothing failed, 1 could not do it, 2 wrong usage, 3 analysed but unknown,
    4 logs known to be incomplete, 5 for diff: a cause of the first cycle is still there.
    """
