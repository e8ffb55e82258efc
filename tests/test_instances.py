"""Instances that died, counted like sockets that failed: rca/instances.py."""

from collections.abc import Sequence

from rca import cloudrun, instances
from rca.model import Entry, Socket
from tests import build

SYSTEM = "varlog%2Fsystem"


def deaths(*entries: Entry) -> Sequence[Socket]:
    """The deaths that these entries tell of."""
    ordered = build.in_order(entries)
    return instances.deaths(ordered, cloudrun.detect(ordered))


def test_a_death_lasts_from_the_instance_s_first_line_to_its_exit() -> None:
    """It has no path, was not accepted, and is no WebSocket."""
    (one,) = deaths(
        build.line("starting", 0.0, severity="INFO"),
        build.line("Container called exit(3).", 4.0, log=SYSTEM),
    )
    assert (one.start, one.end, one.instance) == (build.after(0), build.after(4), "i-1")
    assert (one.path, one.accepted, one.websocket) == (None, False, False)


def test_several_messages_of_one_death_count_once() -> None:
    """A worker's failure to boot and the container's exit some seconds later are one death."""
    assert (
        len(
            deaths(
                build.line("Worker failed to boot.", 1.0),
                build.line("Container called exit(3).", 4.0, log=SYSTEM),
            )
        )
        == 1
    )


def test_an_instance_may_die_again() -> None:
    """A later death is another one, from the first death to it."""
    first, second = deaths(
        build.line("Container called exit(3).", 1.0, log=SYSTEM),
        build.line("Container called exit(3).", 60.0, log=SYSTEM),
    )
    assert second.start == first.end


def test_the_same_message_again_is_the_next_death() -> None:
    """However soon: a crash loop whose entries name no instance ends three times in six seconds."""
    exits = [build.line("Container called exit(3).", at, log=SYSTEM, instance=None) for at in (1.0, 4.0, 7.0)]
    assert [one.end for one in deaths(*exits)] == [build.after(at) for at in (1.0, 4.0, 7.0)]


def test_two_instances_die_two_deaths() -> None:
    """Deaths are told apart by instance, sorted by when they died."""
    found = deaths(
        build.line("Container called exit(3).", 2.0, log=SYSTEM, instance="i-2"),
        build.line("Container called exit(3).", 1.0, log=SYSTEM, instance="i-1"),
    )
    assert [one.instance for one in found] == ["i-1", "i-2"]


def test_starts_and_clean_exits_are_no_deaths() -> None:
    """An instance that starts, is ready or ends with 0 did not die."""
    assert not deaths(
        build.line("Starting new instance. Reason: AUTOSCALING - traffic.", 0.0, log=SYSTEM),
        build.line("Application startup complete.", 1.0),
        build.line("Container called exit(0).", 9.0, log=SYSTEM),
    )


def test_a_death_whose_entry_names_no_instance_is_a_death_all_the_same() -> None:
    """Exports that lost their labels still tell that something exited."""
    (one,) = deaths(build.line("Container called exit(3).", 1.0, log=SYSTEM, instance=None))
    assert (one.instance, one.end) == (None, build.after(1))
