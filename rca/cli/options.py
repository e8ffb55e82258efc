"""Options that several commands share, and what they become."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from rca.asking import Asked

Command = Callable[..., None]

_QUESTION = (
    click.option("--cycle", type=int, metavar="N", help="The cycle to explain, by its number."),
    click.option(
        "--cycles-dir", metavar="DIR", help="Where the cycles' files lie (default: rca.toml, else here)."
    ),
    click.option("--date", "on", metavar="YYYY-MM-DD", help="Which cycle N, where several bear the number."),
    click.option(
        "--tz", metavar="ZONE", help="Time zone of the runner, where a report or a time gives none."
    ),
    click.option(
        "--at",
        metavar="TIME",
        help="Look around a moment (RFC 3339; UTC where neither it nor --tz gives a zone).",
    ),
    click.option("--since", metavar="TIME", help="Look at a span: its start."),
    click.option("--until", metavar="TIME", help="Look at a span: its end."),
)
_FILES = (
    click.option(
        "--logs",
        multiple=True,
        metavar="FILE",
        help="Log export, recording, folder, or - for stdin; repeatable.",
    ),
    click.option(
        "--exhaustive",
        is_flag=True,
        help="Look at every entry of a large export, also where its order tells where to look.",
    ),
)
_SELECTION = (
    click.option("--service", multiple=True, metavar="NAME", help="Only this Cloud Run service; repeatable."),
    click.option("--filter", "wanted", metavar="LQL", help="Only entries that meet this Logging query, too."),
)
_API = (
    click.option(
        "--project", multiple=True, metavar="P", help="Read Cloud Logging of this project, live; repeatable."
    ),
    click.option("--bucket", metavar="B", help="A log bucket, instead of all that the project's logs hold."),
    click.option("--location", metavar="L", help="The bucket's location (default: global)."),
    click.option("--view", metavar="V", help="A view of the bucket (default: _AllLogs)."),
    click.option(
        "--endpoint",
        metavar="URL",
        help="Another Cloud Logging API: grpc://HOST:PORT or http://HOST:PORT, without TLS and credentials.",
    ),
    click.option(
        "--max-calls",
        type=click.IntRange(min=1),
        metavar="N",
        help="Read calls at most; 1,000 entries each (200).",
    ),
    click.option(
        "--refresh",
        is_flag=True,
        help="Pull again, although a recording is there; a broken pull is gone on with.",
    ),
)
_CHECKOUT = (
    click.option(
        "--repo",
        metavar="DIR",
        help="A checkout of the service: shows the lines of the frames, and who closes without logging why.",
    ),
)
_SOURCE = (
    click.option(
        "--source",
        type=click.Choice(["files", "cloud"]),
        help="Insist on one kind of source (default: what is there).",
    ),
)


def question(command: Command) -> Command:
    """What is asked, and of which logs: the same for `why`, `timeline` and `queries`."""
    return _with(command, (*_QUESTION, *_FILES, *_SELECTION, *_SOURCE, *_API))


def checkout(command: Command) -> Command:
    """The service's own source: for `why`."""
    return _with(command, _CHECKOUT)


def live_question(command: Command) -> Command:
    """What is asked of Cloud Logging: for `pull`, which reads nothing else."""
    return _with(command, (*_QUESTION, *_SELECTION, *_API))


def visit(command: Command) -> Command:
    """Whose logs are examined, and for which cycle: for `doctor`."""
    return _with(command, (*_QUESTION[:4], _SELECTION[0], *_API[:5]))


def cycles_logs(command: Command) -> Command:
    """Where several cycles and their logs are: for `diff`, which names the cycles itself."""
    return _with(command, (_QUESTION[1], _QUESTION[3], *_FILES, *_SELECTION, *_SOURCE, *_API))


def cycles_files(command: Command) -> Command:
    """Where cycles and their logs are as files: for `history`, which reads nothing live."""
    return _with(command, (_QUESTION[1], _QUESTION[3], *_FILES, *_SELECTION))


def formatted(*formats: str) -> Callable[[Command], Command]:
    """Where text goes, and in which of these formats, the first where none is named."""
    return lambda command: _with(
        command,
        (
            click.option(
                "--format", "fmt", type=click.Choice(formats), default=formats[0], show_default=True
            ),
            click.option(
                "-o",
                "--output",
                type=click.Path(dir_okay=False),
                help="Write to a file instead; - for standard output.",
            ),
        ),
    )


def output(command: Command) -> Command:
    """Where a report goes, in which format, and where its picture does."""
    return _with(
        command,
        (
            click.option(
                "--format", "fmt", type=click.Choice(["md", "json", "html"]), default="md", show_default=True
            ),
            click.option(
                "-o",
                "--output",
                type=click.Path(dir_okay=False),
                help="Write to a file instead; - for standard output.",
            ),
            click.option(
                "--plot",
                "picture",
                type=click.Path(dir_okay=False),
                metavar="FILE",
                callback=_drawable,
                help="Draw the timeline as well, as .svg or .png.",
            ),
        ),
    )


def fit(command: Command) -> Command:
    """Where a report will be pasted, which sets how long it may be."""
    option = click.option(
        "--fit",
        "target",
        type=click.Choice(["github", "jira", "slack"]),
        help="Keep to what a GitHub comment, a Jira field or a Slack message (as JSON blocks) takes.",
    )
    return option(command)


def _drawable(_context: click.Context, _option: click.Parameter, name: str | None) -> str | None:
    """The picture's file, where its name says how to draw it: told before logs are read for nothing."""
    if name is not None and Path(name).suffix.lower() not in {".svg", ".png"}:
        raise click.BadParameter("a picture is .svg or .png", param_hint="--plot")
    return name


def _with(command: Command, options: tuple[Callable[[Command], Command], ...]) -> Command:
    for option in reversed(options):
        command = option(command)
    return command


def no_redact(command: Command) -> Command:
    """Whether secrets stay, for whoever needs to see them: for what shows a report on this machine."""
    option = click.option(
        "--no-redact",
        is_flag=True,
        help="Mask nothing: the report then holds secrets as they were logged, and says so first.",
    )
    return option(command)


def asked(**typed: Any) -> "Asked":  # noqa: ANN401 - click's options
    """The options of a question as one value; those that a command does not have stay at their defaults."""
    from dataclasses import fields  # noqa: PLC0415 - only where something is asked

    from rca.asking import Asked  # noqa: PLC0415 - heavy
    from rca.logs import Places  # noqa: PLC0415 - as above

    named = {one.name for one in fields(Places)}
    places = Places(**{name: value for name, value in typed.items() if name in named})
    return Asked(**{name: value for name, value in typed.items() if name not in named}, places=places)
