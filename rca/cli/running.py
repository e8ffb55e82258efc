"""What the commands share when they run: settings, the world outside, progress, exit codes, output."""

import codecs
import io
import random
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from rca import keeping
from rca.cli import options
from rca.cli.saying import say
from rca.errors import Exit, RcaError, UsageError

if TYPE_CHECKING:
    from rca.asking import Answer
    from rca.contract import Report
    from rca.settings import Settings
    from rca.sources.outside import Outside

_FIRST_S, _THEN_S = 1.0, 10.0


def settings() -> "Settings":
    """The settings in force in the working folder."""
    from rca import settings as stored  # noqa: PLC0415 - reads files

    try:
        here = Path.cwd()
    except OSError as error:
        raise RcaError("the working folder is gone", "change into a folder that exists") from error
    return stored.load(here)


def outside() -> "Outside":
    """The real clock, patience, dice and terminal."""
    from rca.sources.outside import Outside  # noqa: PLC0415 - only where something is read

    return Outside(
        now=lambda: datetime.now(UTC),
        monotonic=time.monotonic,
        sleep=time.sleep,
        chance=random.random,
        tell=say,
    )


def investigated(**typed: Any) -> "Answer":  # noqa: ANN401 - click's options
    """The answer to a question; a word on standard error, now and then, while it takes its time."""
    with _terminable(), _progress("reading logs"):
        from rca import asking  # noqa: PLC0415 - heavy

        stdin = sys.stdin.buffer if sys.stdin else io.BytesIO()
        return asking.report_on(options.asked(**typed), settings(), stdin, outside())


@contextmanager
def _terminable() -> Iterator[None]:
    """A polite end (SIGTERM, as a build server sends it) is taken like Ctrl-C: what was pulled is kept."""
    if threading.current_thread() is not threading.main_thread():
        yield  # only the main thread may set handlers
        return
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


@contextmanager
def _progress(what: str) -> Iterator[None]:
    """Say on standard error what takes more than a second, and again while it lasts."""
    over = threading.Event()

    def say() -> None:
        """Runs beside the work until it is over."""
        wait = _FIRST_S
        while not over.wait(wait):
            click.echo(f"rca: {what} …", err=True)
            wait = _THEN_S

    teller = threading.Thread(target=say, daemon=True)
    teller.start()
    try:
        yield
    finally:
        over.set()
        teller.join()


def exit_code(report: "Report", *, allow_incomplete: bool) -> Exit:
    """The exit code that a report gives."""
    if report.pull.complete is False and not allow_incomplete:
        return Exit.INCOMPLETE
    return Exit.UNKNOWN if report.verdict == "unknown" else Exit.OK


def read_text(path: Path) -> str:
    """The text of a saved report; a shell that wrote it may have chosen UTF-16, or put a mark before it."""
    try:
        raw = path.read_bytes()
        wide = raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
        return raw.decode("utf-16" if wide else "utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise RcaError(f"cannot read {path}: {error}", "name a report saved with --format json") from error


def saved(path: Path, *, redacted: bool = True) -> "Report":
    """The report that a file holds, masked: it may have been saved as it was, or written by somebody else.

    Raises:
        RcaError: the file cannot be read, or holds none.
    """
    from rca.redact import redact  # noqa: PLC0415 - only where a saved report is read
    from rca.render import json as stored  # noqa: PLC0415 - heavy

    report = stored.loads(read_text(path))
    return redact(report, settings().mask) if redacted else report


def warn_of(report: "Report") -> None:
    """A word on standard error, where the report is not masked."""
    if not report.masked:
        click.echo(
            "rca: NOT masked: the report holds secrets as they were logged, keep it to yourself", err=True
        )


def write(text: str, output: str | None) -> None:
    """The text is on standard output, which `-` names as well, or in the file."""
    if output in {None, "-"}:
        click.echo(text.rstrip("\n"))
        return
    _keep(text.encode(), output, "-o")


def _keep(made: bytes, name: str, option: str) -> None:
    try:
        keeping.put(Path(name), made)
    except OSError as error:
        raise RcaError(
            f"cannot write {name}: {error.strerror or error}", f"name another file with {option}"
        ) from error
    say(f"wrote {name}")


def can_draw(picture: str | None) -> None:
    """Refuse a picture that could not be drawn, before logs are read for it.

    Raises:
        RcaError: the extra is missing.
    """
    if picture is not None:
        from rca.render import plot  # noqa: PLC0415 - only where a picture is asked for

        plot.needed()


def draw(report: "Report", picture: str | None) -> None:
    """The timeline is in the file, where one is named: as SVG or PNG, as its name says."""
    if picture is None:
        return
    from rca.render import plot  # noqa: PLC0415 - as above

    drawn = plot.svg(report) if picture.lower().endswith(".svg") else plot.png(report)
    _keep(drawn, picture, "--plot")


def can_fit(fmt: str, target: str | None) -> None:
    """Refuse a target that a format is not made for, before logs are read for it.

    Raises:
        UsageError: a length is asked of what is not Markdown.
    """
    if target is not None and fmt != "md":
        raise UsageError(f"--fit {target} is for Markdown, not for {fmt}", "leave --format or --fit away")


def rendered(report: "Report", fmt: str, target: str | None = None) -> str:
    """The report in a format, or in the form and length that a target takes."""
    if target is not None:
        from rca.render import fit  # noqa: PLC0415 - as below

        return fit.render(report, target)
    from rca.render import renderer  # noqa: PLC0415 - heavy: only where a report is made

    made: Any = renderer(fmt).render(report)
    return str(made)
