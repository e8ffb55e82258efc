"""Commands around Cloud Logging: `pull`, `queries`, `doctor`."""

import os
import sys
from typing import Any

import click

from rca.cli import options, running
from rca.cli.group import main
from rca.cli.saying import say
from rca.errors import Exit


@main.command(
    epilog="\b\n  rca pull --cycle 1 --project P            # then, without a network: rca why --cycle 1\n"
    "  rca pull --cycle 1 --project P --redact   # to hand it to somebody\n"
)
@options.live_question
@click.option(
    "--redact/--no-redact",
    default=None,
    help="Mask secrets in what is written, or leave them (default: as in the recording that is there; else leave).",
)
def pull(*, redact: bool | None, **typed: Any) -> None:  # noqa: ANN401 - click's options
    """Record the logs of a cycle: what `why` would read of Cloud Logging, kept under .rca/."""
    answer = running.investigated(**typed, source="cloud", record_masked=redact)
    if redact is False:
        click.echo(
            "rca: NOT masked: the recording holds secrets as they were logged, keep it to yourself", err=True
        )
    pulled = answer.report.pull
    if answer.kept is not None:
        click.echo(os.path.relpath(answer.kept))
    calls = sum(query.calls for query in pulled.queries)
    whole = "complete" if pulled.complete else "NOT complete"
    click.echo(
        f"rca: {whole}; entries of the run: {pulled.entries}, queries: {len(pulled.queries)}, read calls: {calls}",
        err=True,
    )
    for warning in pulled.warnings:
        say(warning)
    if answer.kept is None:
        sys.exit(int(Exit.FAILED))
    sys.exit(int(Exit.OK if pulled.complete else Exit.INCOMPLETE))


@main.command(epilog="\b\n  rca queries --cycle 1 --project P\n  rca queries --check\n")
@options.question
@click.option("--check", is_flag=True, help="Parse every shipped query, and print nothing else.")
def queries(*, check: bool, **typed: Any) -> None:  # noqa: ANN401 - click's options
    """Show every question that is asked of the logs, with a Logs Explorer link and what it can cost."""
    from rca import asking, query_list  # noqa: PLC0415 - heavy

    if check:
        names = query_list.check()
        click.echo(f"{len(names)} queries, all of them parsed: {', '.join(names)}")
        return
    found = asking.questions_of(options.asked(**typed), running.settings())
    click.echo(query_list.as_text(found).rstrip("\n"))


@main.command(epilog="\b\n  rca doctor --project P\n  rca doctor --project P --cycle 1\n")
@options.visit
def doctor(**typed: Any) -> None:  # noqa: ANN401 - click's options
    """Examine whether Cloud Logging can be read: each line ok or not, with the command that mends it."""
    from rca import asking, doctor as examining  # noqa: PLC0415 - heavy: google

    outside = running.outside()
    subject = asking.subject_of(options.asked(**typed), running.settings(), outside.tell)
    findings = examining.examine(subject, outside)
    click.echo(examining.as_text(findings).rstrip("\n"))
    sys.exit(int(Exit.OK if examining.well(findings) else Exit.FAILED))
