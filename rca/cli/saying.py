"""What a command says beside its output: on standard error, every character of it showing."""

import click


def say(what: str, *, as_what: str = "rca") -> None:
    """A line on standard error that begins with the program's name, and neither colors nor turns what follows."""
    from rca.render.inert import visible  # noqa: PLC0415 - heavy: whoever reads the help need not load it

    click.echo(f"{as_what}: {visible(what)}", err=True)
