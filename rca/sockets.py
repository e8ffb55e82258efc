"""Sockets from entries: each WebSocket connection or request, its life, its own lines and how it ended.

In: the entries of the windows, sorted. Out: `Socket`s sorted by start. Decides what a connection is (the
request log says so; without one the lines of acceptance do), and which lines are its own: by Cloud Trace id,
or by an identifier (session, run, port) that only this connection's lines carry. Does not decide which test
used it.
"""

import re
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from operator import itemgetter

from rca import closes
from rca.identifiers import identifiers
from rca.model import Close, Entry, Initiator, Socket
from rca.platform import recognize
from rca.weights import TieWeights, weights

_WS_PATH = re.compile(r"(?i)(?:^|/)(?:ws|wss|websockets?|sockets?|socket\.io)(?:/|$)")
"""Paths by whose name a refused handshake is told from a refused request."""

_LONGEST = 600
"""A peer address stands at the front of a line."""

_REFUSED = 400
_SWITCHING = 101


def detect(entries: Sequence[Entry]) -> tuple[Socket, ...]:
    """Every WebSocket connection, refused handshake and plain request of the entries, sorted by start.

    From the request log where there is one (an entry of status 101 is stamped at the handshake and lasts its
    latency); else from lines that tell of acceptance and end.
    """
    requests = [entry for entry in entries if entry.request is not None]
    ws_paths = {e.request.path for e in requests if e.request and e.request.status == _SWITCHING}
    ws_paths |= {path for entry in entries if entry.message and (path := closes.refused_path(entry.message))}
    found = [_from_request(entry, ws_paths) for entry in requests]
    if not any(socket.websocket for socket in found):
        found += _from_lines(entries)
    found.sort(key=lambda socket: (socket.start, socket.id))
    return _with_lines(found, entries)


def _from_request(entry: Entry, ws_paths: set[str]) -> Socket:
    request = entry.request
    assert request is not None  # noqa: S101 - the caller selects request entries
    message = recognize(entry)
    cut_off = message is not None and message.tag == "request_timeout"
    refused = request.status is not None and request.status >= _REFUSED and not cut_off
    upgraded = request.status == _SWITCHING
    websocket = upgraded or (
        (refused or cut_off) and (request.path in ws_paths or bool(_WS_PATH.search(request.path)))
    )
    client = request.remote_ip or request.user_agent
    return Socket(
        id=_name(entry),
        start=entry.at,
        end=None if request.latency_s is None else entry.at + timedelta(seconds=request.latency_s),
        entry=entry,
        websocket=websocket,
        accepted=not refused,
        status=request.status,
        instance=entry.instance,
        revision=entry.revision,
        trace_id=entry.trace_id,
        client=client,
        path=request.path,
        close=None,
    )


def _from_lines(entries: Sequence[Entry]) -> list[Socket]:
    """Sockets where there is no request log: a line of acceptance or refusal opens each."""
    told = [(entry, opening) for entry in entries if (opening := closes.opened(entry.message))]
    exact = min((rank for _, (rank, _path) in told), default=0)
    found = [_from_line(entry, path, None) for entry, (rank, path) in told if rank == exact]
    for entry in entries:
        refusal = closes.refused(entry.message)
        if refusal:
            found.append(_from_line(entry, *refusal))
    return found


def _from_line(entry: Entry, path: str, status: int | None) -> Socket:
    peer = re.search(r"\d{1,3}(?:\.\d{1,3}){3}", entry.message[:_LONGEST])
    return Socket(
        id=_name(entry),
        start=entry.at,
        end=entry.at if status else None,
        entry=entry,
        websocket=True,
        accepted=status is None,
        status=status,
        instance=entry.instance,
        revision=entry.revision,
        trace_id=entry.trace_id,
        client=peer.group() if peer else None,
        path=path,
        close=None,
    )


def _name(entry: Entry) -> str:
    return entry.ref.insert_id or f"{entry.ref.file}:{entry.ref.line}"


# --- whose lines are whose -------------------------------------------------------------------------------


def _with_lines(sockets: list[Socket], entries: Sequence[Entry]) -> tuple[Socket, ...]:
    """The sockets with their own lines, ids, and the close that their own lines tell."""
    ties = weights().tie
    by_trace: dict[str, list[Entry]] = defaultdict(list)
    by_id: dict[str, list[Entry]] = defaultdict(list)
    for entry in entries:
        if entry.request is not None:
            continue
        if entry.trace_id:
            by_trace[entry.trace_id].append(entry)
        for token in identifiers(entry):
            by_id[token].append(entry)
    owners = _owners(sockets, by_id, ties)
    lined = []
    for socket in sockets:
        ids = owners.get(socket.id, frozenset())
        own = {id(e): e for e in by_trace.get(socket.trace_id or "", ())}
        own |= {id(e): e for token in ids for e in by_id[token]}
        lines = tuple(sorted(own.values(), key=lambda e: (e.at_ns, e.ref.insert_id or "")))
        lined.append(replace(socket, lines=lines, ids=ids) if lines or ids else socket)
    unowned = _unowned_codes(lined, entries, ties)
    return tuple(_ended(socket, unowned) for socket in lined)


def _owners(
    sockets: Sequence[Socket], by_id: Mapping[str, list[Entry]], ties: TieWeights
) -> dict[str, frozenset[str]]:
    """Socket id -> the identifiers that only its own lines carry.

    An identifier names a connection when several lines carry it, all on one instance and within the life of
    one socket, and that socket is the one that opened just before the identifier first shows. One line alone
    proves nothing: a background job's id shows once, too.
    """
    by_instance: dict[str | None, list[Socket]] = defaultdict(list)
    for socket in sockets:
        if socket.websocket and socket.accepted:
            by_instance[socket.instance].append(socket)
    # Lines that name no instance can be any's.
    by_instance[None] = sorted((s for group in by_instance.values() for s in group), key=lambda s: s.start)
    starts = {instance: [s.start for s in group] for instance, group in by_instance.items()}
    owned: dict[str, set[str]] = defaultdict(set)
    for token, lines in by_id.items():
        instances = {line.instance for line in lines}
        if len(instances) != 1 or len(lines) < 2:  # noqa: PLR2004 - see above
            continue
        instance = instances.pop()
        group = by_instance.get(instance)
        if not group:
            continue
        first, last = min(e.at for e in lines), max(e.at for e in lines)
        flush = timedelta(seconds=ties.flush_s)
        low = bisect_left(starts[instance], first - timedelta(seconds=ties.id_open_s))
        high = bisect_right(starts[instance], first + flush)
        late = timedelta(seconds=ties.late_s)
        fits = [s for s in group[low:high] if s.end is None or last <= s.end + late]
        if not fits or (len(fits) > 1 and (fits[-1].start - fits[-2].start) < flush):
            continue
        if not _opens_another(lines, fits[-1], group, ties):
            owned[fits[-1].id].add(token)
    return {socket: frozenset(tokens) for socket, tokens in owned.items()}


def _opens_another(lines: Sequence[Entry], socket: Socket, group: Sequence[Socket], ties: TieWeights) -> bool:
    """Whether an identifier also shows after the socket's end, right where a later one opened: a user, say."""
    if socket.end is None:
        return False
    after = [line.at for line in lines if line.at > socket.end + timedelta(seconds=ties.tail_s)]
    opening = timedelta(seconds=ties.id_open_s)
    return any(
        later.start <= at <= later.start + opening
        for at in after
        for later in group
        if later.start > socket.end
    )


# --- how it ended ----------------------------------------------------------------------------------------


def _unowned_codes(
    sockets: Sequence[Socket], entries: Iterable[Entry], ties: TieWeights
) -> dict[str, tuple[Entry, int]]:
    """Socket id -> the line that tells its close code, where only time and instance say that it is its own.

    Such a line belongs to the one socket that ended next to it; a line with a trace or an own id belongs elsewhere.
    """
    owned = {id(line) for socket in sockets for line in socket.lines}
    flush = timedelta(seconds=ties.flush_s)
    by_instance: dict[str | None, list[tuple[datetime, Socket]]] = defaultdict(list)
    for socket in sockets:
        if socket.websocket and socket.end is not None:
            by_instance[socket.instance].append((socket.end, socket))
    for ended in by_instance.values():
        ended.sort(key=itemgetter(0))
    ends = {instance: [end for end, _ in ended] for instance, ended in by_instance.items()}
    told: dict[str, list[tuple[Entry, int]]] = defaultdict(list)
    for entry in entries:
        if entry.request is not None or entry.trace_id or id(entry) in owned or entry.instance not in ends:
            continue
        times = ends[entry.instance]
        low, high = bisect_left(times, entry.at - flush), bisect_right(times, entry.at + flush)
        if low < high and (code := closes.read_server(entry)) is not None:
            _, nearest = min((abs(entry.at - end), at) for at, end in enumerate(times[low:high], start=low))
            told[by_instance[entry.instance][nearest][1].id].append((entry, code))
    return {socket: lines[0] for socket, lines in told.items() if len(lines) == 1}


def _ended(socket: Socket, unowned: Mapping[str, tuple[Entry, int]]) -> Socket:
    """The socket with its end and, where the logs tell a code, its close."""
    if not socket.websocket:
        return socket
    end = socket.end
    if end is None and socket.lines:
        end = max(line.at for line in socket.lines)
    own = [(line, code) for line in socket.lines if (code := closes.read_server(line)) is not None]
    found = own[-1] if own else unowned.get(socket.id)
    if found is None or end is None:
        return socket if end is socket.end else replace(socket, end=end)
    line, code = found
    return replace(socket, end=end, close=Close(code, None, Initiator.UNKNOWN, end, line))
