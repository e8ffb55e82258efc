"""`python -m tests.cloud --logs FILE... --project P`: both servers in the foreground, for trials by hand."""

import argparse
import sys
import threading
from pathlib import Path

from tests.cloud.faults import NAMED, Plan
from tests.cloud.grpc_server import GrpcServer
from tests.cloud.http_server import HttpServer
from tests.cloud.logs import Logs, read_entries


def main() -> int:
    """The servers ran until they were interrupted; the exit code is returned."""
    parser = argparse.ArgumentParser(prog="python -m tests.cloud", description=__doc__)
    parser.add_argument("--logs", type=Path, nargs="+", required=True, help="NDJSON, or that in gzip")
    parser.add_argument("--project", default="demo")
    parser.add_argument("--grpc-port", type=int, default=0)
    parser.add_argument("--http-port", type=int, default=0)
    parser.add_argument(
        "--fault", choices=sorted(NAMED), nargs="+", default=[], help="what goes wrong, in this order"
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
