"""python -I -S launch.py OUT LIMIT_S COMMAND...: what the command cost, as one line of JSON on standard output.

A small process of its own: a child's peak begins with that of the process that starts it.
"""

import json
import os
import signal
import sys
import time


def main() -> int:
    """The command ran; its output stands in OUT, its exit code is 124 where it was stopped after LIMIT_S."""
    out, limit_s, command = sys.argv[1], int(sys.argv[2]), sys.argv[3:]
    began = time.monotonic()
    child = os.fork()
    if child == 0:
        file = os.open(out, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        os.dup2(file, 1)
        os.dup2(file, 2)
        os.execvp(command[0], command)  # noqa: S606 - without a shell on purpose
    stopped = []

    def stop(*_: object) -> None:
        stopped.append(child)
        os.kill(child, signal.SIGKILL)

    signal.signal(signal.SIGALRM, stop)
    signal.alarm(limit_s)
    _, status, used = os.wait4(child, 0)
    cost = {
        "cpu_s": used.ru_utime + used.ru_stime,
        "peak_mib": used.ru_maxrss / 1024,
        "wall_s": time.monotonic() - began,
        "code": 124 if stopped else os.waitstatus_to_exitcode(status),
    }
    sys.stdout.write(json.dumps(cost))
    return 0


if __name__ == "__main__":
    sys.exit(main())
