"""Where the program begins: `rca`, and `python -m rca`."""

import signal


def main() -> None:
    """Run the command line; Ctrl-C before there is one ends the program without a word, and not with a traceback."""
    before = signal.getsignal(signal.SIGINT)
    if before is signal.default_int_handler:  # not where a shell has it ignored
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    from rca.cli import main as command_line  # noqa: PLC0415 - loading takes a tenth of a second, in which it is pressed

    signal.signal(signal.SIGINT, before)
    command_line()


if __name__ == "__main__":
    main()
