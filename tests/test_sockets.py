"""Sockets from entries: which connections there were, whose lines are whose, how each ended (rca/sockets.py)."""

import random
from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given, strategies as st

from rca import sockets
from rca.model import Close, Entry, Initiator, Socket
from tests import build


def found(*entries: Entry) -> tuple[Socket, ...]:
    """The sockets of these entries, given as a source gives them."""
    return sockets.detect(build.in_order(entries))


def only(*entries: Entry) -> Socket:
    """The one socket of these entries."""
    (one,) = found(*entries)
    return one


# --- what a connection is --------------------------------------------------------------------------------


def test_a_switched_request_is_a_connection_that_lasts_its_latency() -> None:
    """A request entry of status 101 is stamped at the handshake; its latency is the connection's life."""
    one = only(build.request(10.0, 2.5, trace_id="aa11"))
    assert (one.websocket, one.accepted, one.start, one.end) == (
        True,
        True,
        build.after(10),
        build.after(12.5),
    )
    assert (one.trace_id, one.instance, one.path, one.client) == ("aa11", "i-1", "/ws", build.CLIENT)


def test_a_plain_request_is_no_websocket() -> None:
    """A request that was answered in HTTP is kept, as a plain one."""
    one = only(build.request(0, 0.1, path="/health", status=200))
    assert (one.websocket, one.accepted) == (False, True)


@pytest.mark.parametrize("path", ["/ws", "/v1/websocket/", "/socket.io/x"])
def test_a_refused_request_on_a_websocket_s_path_is_a_refused_handshake(path: str) -> None:
    """A path that is named like a WebSocket's tells what a refused request was for."""
    one = only(build.request(0, 0.1, path=path, status=503))
    assert (one.websocket, one.accepted, one.status) == (True, False, 503)


def test_a_path_that_was_switched_once_is_a_websocket_s_path() -> None:
    """Where other requests to `/live` were switched, a refused one was a handshake too."""
    refused, switched = found(
        build.request(0, 0.1, path="/live", status=403), build.request(5, 1, path="/live")
    )
    assert (refused.websocket, switched.websocket) == (True, True)
    assert only(build.request(0, 0.1, path="/live", status=403)).websocket is False


def test_without_a_latency_the_end_is_not_told() -> None:
    """No end is made up."""
    assert only(build.request(0, None)).end is None


def test_without_a_request_log_lines_of_acceptance_open_sockets() -> None:
    """The server's access line tells of a connection, its path and its peer."""
    one = only(build.line('203.0.113.9:51234 - "WebSocket /ws/oven" [accepted]', 3.0, severity="INFO"))
    assert (one.websocket, one.accepted, one.path, one.client) == (True, True, "/ws/oven", "203.0.113.9")
    assert one.start == build.after(3)


def test_one_opening_told_in_two_wordings_is_one_socket() -> None:
    """The server's line and the application's own tell of the same connection: the more exact one counts."""
    entries = [
        build.line('203.0.113.9:0 - "WebSocket /ws" [accepted]', 0.0, severity="INFO"),
        build.line("websocket connected session=ses_0a1b2c3d4e", 0.01, severity="INFO"),
    ]
    assert only(*entries).entry == entries[0]


def test_a_refusal_without_a_request_log_is_a_refused_handshake() -> None:
    """The access line of a refusal gives its status and ends where it starts."""
    one = only(build.line('203.0.113.9:0 - "WebSocket /ws" 401', 2.0, severity="INFO"))
    assert (one.accepted, one.status, one.end) == (False, 401, one.start)


def test_lines_open_no_socket_beside_a_request_log() -> None:
    """Where request entries tell of WebSockets, lines of acceptance do not count them twice."""
    entries = [build.request(0, 1), build.line('x - "WebSocket /ws" [accepted]', 0.01, severity="INFO")]
    assert only(*entries).entry.request is not None


# --- whose lines are whose -------------------------------------------------------------------------------


def test_lines_with_the_request_s_trace_id_are_its_own() -> None:
    """The same Cloud Trace id makes a line the connection's, on whatever instance and whenever it came."""
    own = build.line("greeted", 0.5, trace_id="aa11")
    one, other = found(
        build.request(0, 1, trace_id="aa11"),
        build.request(0.2, 1, trace_id="bb22"),
        own,
        build.line("greeted", 0.6, trace_id="cc33"),
    )
    assert (one.lines, other.lines) == ((own,), ())


def test_an_id_that_shows_right_after_an_opening_names_the_connection() -> None:
    """A session id that several lines carry within one socket's life makes them that socket's lines."""
    own = [build.line(f"ses_0a1b2c3d4e {what}", at) for what, at in (("hello", 0.1), ("bake", 0.7))]
    one, other = found(build.request(0, 1), build.request(30, 1), *own)
    assert (one.lines, one.ids) == (tuple(own), frozenset({"ses_0a1b2c3d4e"}))
    assert other.ids == frozenset()


def test_an_id_that_shows_once_names_nothing() -> None:
    """One line alone proves nothing: a background job's id shows once, too."""
    assert only(build.request(0, 1), build.line("ses_0a1b2c3d4e hello", 0.1)).ids == frozenset()


def test_an_id_on_two_instances_is_no_connection_s() -> None:
    """A user who is served by two instances is not one connection."""
    lines = [build.line("usr_0a1b2c3d hello", 0.1), build.line("usr_0a1b2c3d hello", 0.2, instance="i-2")]
    assert only(build.request(0, 1), *lines).ids == frozenset()


def test_an_id_that_opens_the_next_connection_too_is_a_user_s() -> None:
    """An id that shows again right where a later connection opens names who connects, not a connection."""
    lines = [build.line("usr_0a1b2c3d hello", at) for at in (0.1, 0.6, 30.1, 30.6)]
    one, other = found(build.request(0, 1), build.request(30, 1), *lines)
    assert (one.ids, other.ids) == (frozenset(), frozenset())


def test_two_connections_that_open_at_once_share_no_id() -> None:
    """Where it cannot be told whose an id is, it is nobody's."""
    lines = [build.line("ses_0a1b2c3d4e hello", at) for at in (0.1, 0.6)]
    assert all(one.ids == frozenset() for one in found(build.request(0, 1), build.request(0.02, 1), *lines))


def test_a_line_with_the_connection_s_id_may_come_late() -> None:
    """An error report that was queued still belongs to the connection whose id it carries."""
    lines = [build.line("ses_0a1b2c3d4e hello", 0.1), build.line("ses_0a1b2c3d4e lost its oven", 21.0)]
    assert only(build.request(0, 1), *lines).lines == tuple(lines)


# --- how it ended ----------------------------------------------------------------------------------------


def test_a_connection_s_own_line_tells_its_close_code() -> None:
    """The code is read from a line of the connection; who closed is not told by it."""
    told = build.line("disconnected code=1000", 0.99, trace_id="aa11")
    one = only(build.request(0, 1, trace_id="aa11"), told)
    assert one.close == Close(1000, None, Initiator.UNKNOWN, build.after(1), told)


def test_a_code_next_to_an_end_on_its_instance_is_that_socket_s() -> None:
    """A line without trace or id that tells a code belongs to the socket that ended beside it."""
    told = build.line("connection closed with 1011", 1.02)
    one, other = found(build.request(0, 1), build.request(0.1, 5), told)
    assert one.close is not None
    assert one.close.told_by == told
    assert other.close is None


@pytest.mark.parametrize(("at", "instance"), [(1.5, "i-1"), (1.02, "i-2")])
def test_a_code_elsewhere_is_nobody_s(at: float, instance: str) -> None:
    """A code that is told at another time or on another instance is not taken for the socket's."""
    assert only(build.request(0, 1), build.line("closed with 1011", at, instance=instance)).close is None


def test_two_codes_beside_one_end_tell_none() -> None:
    """Where two lines could tell the socket's code, neither is believed."""
    lines = [build.line("closed with 1011", 1.01), build.line("closed with 1000", 1.02)]
    assert only(build.request(0, 1), *lines).close is None


def test_a_request_s_own_latency_is_not_moved_by_its_lines() -> None:
    """The end is the request entry's where it tells one."""
    one = only(build.request(0, 1, trace_id="aa11"), build.line("late", 1.5, trace_id="aa11"))
    assert one.end == build.after(1)


def test_a_connection_without_an_end_ends_with_its_last_line() -> None:
    """Without a latency, the last own line is the last that is known of it."""
    one = only(build.request(0, None, trace_id="aa11"), build.line("bye", 1.5, trace_id="aa11"))
    assert one.end == build.after(1.5)


# --- laws ------------------------------------------------------------------------------------------------


def _day() -> list[Entry]:
    entries = []
    for number in range(6):
        at = 7.3 * number
        session = f"ses_{number}a1b2c3d4e"
        entries += [
            build.request(at, 2, instance=f"i-{number % 2}", trace_id=f"aa{number}" if number % 3 else None),
            build.line(f"{session} hello", at + 0.1, instance=f"i-{number % 2}", severity="INFO"),
            build.line(f"{session} bakes", at + 0.9, instance=f"i-{number % 2}", severity="INFO"),
            build.line("closed with 1011", at + 2.01, instance=f"i-{number % 2}"),
            build.line("greeted", at + 0.2, trace_id=f"aa{number}"),
            build.request(at + 1, 0.05, path="/health", status=200, client="198.51.100.4"),
        ]
    return entries


@given(seed=st.integers(0, 2**32))
def test_shuffled_entries_give_the_same_sockets(seed: int) -> None:
    """The order in which a file holds its entries does not matter."""
    entries = list(build.in_order(_day()))
    expected = sockets.detect(entries)
    random.Random(seed).shuffle(entries)  # noqa: S311 - no secret hangs on it
    assert sockets.detect(entries) == expected


@given(shift=st.floats(-1e6, 1e6))
def test_sockets_move_with_their_entries(shift: float) -> None:
    """The hour of the day decides nothing: entries that are moved give sockets that are moved."""
    moved = round(shift, 3)

    def at(offset: float) -> Sequence[Entry]:
        return [
            build.request(offset, 2),
            build.line("ses_0a1b2c3d4e hello", offset + 0.1),
            build.line("ses_0a1b2c3d4e ended with code=1011, closed", offset + 1.9),
        ]

    here, there = sockets.detect(at(0)), sockets.detect(at(moved))
    delta = there[0].start - here[0].start
    assert [one.ids for one in there] == [one.ids for one in here]
    assert [one.end - delta for one in there if one.end] == [one.end for one in here]
    assert [one.close and one.close.code for one in there] == [one.close and one.close.code for one in here]


def test_every_request_gives_one_socket_sorted_by_start() -> None:
    """Nothing is lost and nothing counted twice."""
    entries = _day()
    made = found(*entries)
    assert len(made) == sum(entry.request is not None for entry in entries)
    assert len({one.id for one in made}) == len(made)
    assert [one.start for one in made] == sorted(one.start for one in made)


def test_a_socket_without_an_insert_id_is_named_by_its_place() -> None:
    """An export without insertIds still tells its sockets apart, by file and line."""
    entry = build.request(0, 1)
    bare = replace(entry, ref=replace(entry.ref, insert_id=None, line=12))
    assert only(bare).id == "ovens.ndjson:12"


def test_no_entries_give_no_sockets() -> None:
    """An empty log holds no connection."""
    assert sockets.detect(()) == ()
