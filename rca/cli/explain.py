"""Commands that explain: `why`, `timeline`, `demo`, and `render` for what was explained before."""

import shutil
import sys
from pathlib import Path
from typing import Any

import click

from rca.cli import options, running
from rca.cli.group import main

_ASKS = """\b
  rca why --cycle 1 --project P                  # a cycle, and the logs of a project, live
  rca why --cycle 1                              # a cycle, and its recording, or the logs beside its report
  rca why --cycle 1 --logs export.json           # a cycle, and an export
  rca why --at 2026-11-08T14:33:37Z --project P  # no cycle at hand: look around a moment
  rca why --logs export.json                     # neither: whatever failed in the file
  rca why --cycle 1 --format html -o why.html    # one page to send; --plot why.png for tickets that show pictures
"""


@main.command(epilog=_ASKS)
@options.question
@options.checkout
@options.output
@options.fit
@options.no_redact
@click.option(
    "--allow-incomplete", is_flag=True, help="Exit 0 or 3 although the logs are known to have a gap."
)
def why(
    fmt: str,
    output: str | None,
    picture: str | None,
    target: str | None,
    *,
    allow_incomplete: bool,
    **typed: Any,  # noqa: ANN401 - click's options
) -> None:
    """Explain why a cycle failed: a five-whys report, every statement cited."""
    running.can_draw(picture)
    running.can_fit(fmt, target)
    answer = running.investigated(**typed)
    running.warn_of(answer.report)
    running.write(running.rendered(answer.report, fmt, target), output)
    running.draw(answer.report, picture)
    sys.exit(int(running.exit_code(answer.report, allow_incomplete=allow_incomplete)))


@main.command(epilog="\b\n  rca timeline --cycle 1\n")
@options.question
def timeline(**typed: Any) -> None:  # noqa: ANN401 - click's options
    """Show what happened when, in the terminal."""
    from rca.render import timeline as drawn  # noqa: PLC0415 - heavy: only where a report is made

    report = running.investigated(**typed).report
    running.write(drawn.render(report, shutil.get_terminal_size((100, 24)).columns), None)


@main.command(
    epilog="\b\n  rca why --cycle 1 --format json -o saved.json\n  rca render saved.json --format md\n"
)
@click.argument("saved", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@options.output
@options.fit
@options.no_redact
def render(  # noqa: PLR0913 - click hands over one argument an option
    saved: Path, fmt: str, output: str | None, picture: str | None, target: str | None, *, no_redact: bool
) -> None:
    """Render a report that was saved as JSON again, without any logs."""
    running.can_draw(picture)
    running.can_fit(fmt, target)
    report = running.saved(saved, redacted=not no_redact)
    running.warn_of(report)
    running.write(running.rendered(report, fmt, target), output)
    running.draw(report, picture)


@main.command(epilog="\b\n  rca demo --format json -o demo.json\n")
@options.output
def demo(fmt: str, output: str | None, picture: str | None) -> None:
    """Explain the bundled cycle 1, recorded from local servers shaped like Cloud Run."""
    from rca import resources  # noqa: PLC0415 - heavy

    running.can_draw(picture)
    folder = resources.path("fixtures", "cycle-1")
    answer = running.investigated(cycle=1, cycles_dir=str(folder), logs=(str(folder / "logs.ndjson.gz"),))
    running.write(running.rendered(answer.report, fmt), output)
    running.draw(answer.report, picture)
