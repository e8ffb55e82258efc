"""`python -m tests.cloud --logs FILE... --project P`: both servers in the foreground, for trials by hand."""

import argparse
import sys
import threading
from pathlib import Path

from tests.cloud.effects import (
    ABORTED,
    CUT,
    DEADLINE_EXCEEDED,
    DOUBLES,
    EMPTY_LAST,
    FULL_LAST,
    GARBLED,
    INTERNAL,
    INVALID_ARGUMENT,
    NOT_FOUND,
    PERMISSION_DENIED,
    RESOURCE_EXHAUSTED,
    SERVICE_DISABLED,
    SILENT,
    UNAUTHENTICATED,
    UNAVAILABLE,
    UNKNOWN,
    empty_pages,
    repeats,
    short_pages,
    slow,
)
from tests.cloud.faults import Fault, Plan, always, expired_token, first, on_page, rate_limit, wider_than
from tests.cloud.grpc_server import GrpcServer
from tests.cloud.http_server import HttpServer
from tests.cloud.logs import Logs, read_entries

NAMED: dict[str, Fault] = {
    "quota-first": first(3, RESOURCE_EXHAUSTED),
    "quota": rate_limit(60, per_s=60),
    "unavailable-first": first(3, UNAVAILABLE),
    "unavailable": always(UNAVAILABLE),
    "unavailable-page-2": on_page(2, UNAVAILABLE, times=3),
    "internal-first": first(1, INTERNAL),
    "unknown-first": first(1, UNKNOWN),
    "aborted-first": first(1, ABORTED),
    "deadline-first": first(1, DEADLINE_EXCEEDED),
    "wide": wider_than(3600),
    "slow": always(slow(2)),
    "silent": always(SILENT),
    "cut-page-2": on_page(2, CUT),
    "garbled-page-2": on_page(2, GARBLED),
    "expired-token": expired_token(),
    "denied": always(PERMISSION_DENIED),
    "unauthenticated": always(UNAUTHENTICATED),
    "not-found": always(NOT_FOUND),
    "disabled": always(SERVICE_DISABLED),
    "invalid": always(INVALID_ARGUMENT),
    "empty-pages": always(empty_pages(2), EMPTY_LAST),
    "full-last": always(FULL_LAST),
    "short-pages": always(short_pages(7)),
    "repeats": always(repeats(3)),
    "doubles": always(DOUBLES),
}
"""Faults to be asked for by name on the command line ."""


def main() -> int:
    """The servers ran until they were interrupted; the exit code is returned."""
    parser = argparse.ArgumentParser(prog="python -m tests.cloud", description=__doc__)
    parser.add_argument("--logs", type=Path, nargs="+", required=True, help="NDJSON, or that in gzip")
    parser.add_argument("--project", default="demo")
    parser.add_argument("--grpc-port", type=int, default=0)
    parser.add_argument("--http-port", type=int, default=0)
    known = ", ".join(sorted(NAMED))
    parser.add_argument(
        "--fault", choices=NAMED, nargs="+", default=[], metavar="NAME", help=f"in this order, of: {known}"
    )
    options = parser.parse_args()
    logs = Logs((entry for path in options.logs for entry in read_entries(path)), project=options.project)
    plan = Plan(*(NAMED[name] for name in options.fault))
    with (
        GrpcServer(logs, plan, port=options.grpc_port) as grpc_server,
        HttpServer(logs, plan, port=options.http_port) as http_server,
    ):
        sys.stdout.write(f"{len(logs)} entries of projects/{options.project}, until Ctrl-C\n")
        sys.stdout.write(f"{grpc_server.endpoint}\n{http_server.endpoint}\n")
        sys.stdout.flush()
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            return 0
    return 0


if __name__ == "__main__":
    sys.exit(main())
