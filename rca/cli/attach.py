"""Attaching a report to the incident ticket: kept on disk first, then posted once."""

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from rca import keeping
from rca.cli import options, running
from rca.cli.group import main
from rca.cli.saying import say
from rca.errors import RcaError, UsageError

if TYPE_CHECKING:
    from rca.attach import Draft, Sink, Target
    from rca.contract import Report
    from rca.sources.outside import Outside


@main.command(
    epilog="\b\n"
    "  rca attach --cycle 1 --to github:owner/repo#12            # comment on issue 12; again: the same comment\n"
    "  rca attach --cycle 1 --to github:owner/repo --new         # an issue of its own; again: the same issue\n"
    "  rca attach --cycle 1 --to github:owner/repo#12 --dry-run  # send nothing, show what would be sent\n"
)
@options.question
@options.checkout
@click.option(
    "--to",
    "place",
    required=True,
    metavar="PLACE",
    help="github:OWNER/REPO#12, github:OWNER/REPO (with --new), or webhook:URL, which gets the report as JSON.",
)
@click.option("--new", is_flag=True, help="Open an issue, unless one of this cycle is open.")
@click.option("--label", multiple=True, metavar="NAME", help="A label of the new issue; repeatable.")
@click.option("--dry-run", is_flag=True, help="Send nothing: print what would be sent.")
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Keep the whole report in this file (default: under .rca/reports).",
)
@click.option("--no-redact", is_flag=True, hidden=True, help="Refused: what is sent to others is masked.")
@click.option(
    "--allow-incomplete", is_flag=True, help="Exit 0 or 3 although the logs are known to have a gap."
)
def attach(  # noqa: PLR0913 - click hands over one argument an option
    place: str,
    label: tuple[str, ...],
    output: Path | None,
    *,
    new: bool,
    dry_run: bool,
    no_redact: bool,
    allow_incomplete: bool,
    **typed: Any,  # noqa: ANN401 - click's options
) -> None:
    """Attach the report on a cycle to its ticket, or write it over the one attached before.

    The whole report is kept on disk first (with --dry-run, only where -o names a file). The token is that of
    GH_TOKEN, GITHUB_TOKEN or the keyring.
    """
    from rca import attach as attaching  # noqa: PLC0415 - heavy: jinja2

    if no_redact:
        raise UsageError(
            "what is attached is always masked",
            "leave --no-redact away; `rca why --no-redact -o FILE` keeps an unmasked report on this machine",
        )
    target = attaching.target_of(place, new=new, labels=label)
    if typed["cycle"] is None:
        raise UsageError("no cycle is named", "add --cycle N: by its number the report is found again")
    report = running.investigated(**typed).report
    kept = output or _own_place(report, typed["cycle"], target)
    if output is not None or not dry_run:  # a dry run writes what it is asked for
        _keep(report, target, kept, own=output is None)
        say(f"the whole report is in {kept}")
    draft = (
        attaching.draft(report, typed["cycle"], labels=label)
        if isinstance(target, attaching.GitHubTarget)
        else attaching.as_json(report)
    )
    if dry_run:
        _show(draft, target)
    else:
        outside = running.outside()
        with keeping.held(kept.parent):  # of two runs at once the second finds the first's comment
            delivered = attaching.deliver(_sink(target, outside), draft, outside)
        say(f"{delivered.how}: {target}")
        if delivered.post.url:
            click.echo(delivered.post.url)
    sys.exit(int(running.exit_code(report, allow_incomplete=allow_incomplete)))


def _sink(target: "Target", outside: "Outside") -> "Sink":
    """The place that a target names, and who may write there.

    Raises:
        RcaError: the client of the place is not installed, or there is no token for it.
    """
    from rca import attach as attaching  # noqa: PLC0415 - heavy: jinja2

    if isinstance(target, attaching.WebhookTarget):
        from rca.attach.webhook import Webhook  # noqa: PLC0415 - heavy: requests

        return Webhook(target, outside)
    from rca.attach.tokens import github_api  # noqa: PLC0415 - only here

    api = github_api(os.environ)
    try:
        from rca.attach.github import GitHub  # noqa: PLC0415 - the client is an extra
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] != "github":
            raise
        raise RcaError("GitHub needs a package that is not installed", "pip install PyGithub") from error
    return GitHub(target, api, outside)


def _show(draft: "Draft", target: "Target") -> None:
    """What would be sent is on standard output, to the last character; what else there is to it, beside."""
    say(f"nothing is sent; this would go to {target}, {len(draft.body):,} characters")
    if draft.marker and "#" not in str(target):
        say(f"as an issue with the title: {draft.title}")
    if draft.labels:
        say(f"its labels: {', '.join(draft.labels)}")
    click.echo(draft.body)


def _own_place(report: "Report", cycle: int, target: "Target") -> Path:
    """The file of ours that holds the whole report on a cycle, in the form that the target takes."""
    day = report.cycle.date if report.cycle is not None else None
    name = f"cycle-{cycle}{'' if day is None else f'-{day}'}.{_form(target)}"
    return Path(running.settings().home) / ".rca" / "reports" / name


def _form(target: "Target") -> str:
    from rca.attach import GitHubTarget  # noqa: PLC0415 - heavy: jinja2

    return "md" if isinstance(target, GitHubTarget) else "json"


def _keep(report: "Report", target: "Target", path: Path, *, own: bool) -> None:
    """The file holds the whole report, or what it held before; `own`: its folder is ours, and is made.

    Raises:
        RcaError: it cannot be written.
    """
    try:
        if own:
            keeping.own_folder(path.parent)
        keeping.replace(path, running.rendered(report, _form(target)).encode())
    except OSError as error:
        raise RcaError(
            f"cannot keep the report in {path}: {error.strerror}", "name another file with -o"
        ) from error
