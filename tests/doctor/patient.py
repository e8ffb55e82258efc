"""What the doctor's tests examine: some days of logs on a loopback server, a cycle amid them, and a wire of our own.

The servers tell the real time in their Date headers, so these tests live in the present: times are days before now,
however long the tests have been running.
"""

import time
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from typing import Any

from rca.doctor import Finding, Mark, Subject, examine
from rca.doctor.examination import Means
from rca.doctor.login import Login
from rca.model import Cycle, Window
from rca.sources.cloud.wire import Call, Page
from rca.sources.origin import Origin
from rca.sources.outside import Outside
from tests.cloud.clients import SERVERS
from tests.cloud.faults import Fault, Plan
from tests.cloud.listing import Server
from tests.cloud.logs import Entry, Logs

OVENS, TILL = "ovens", "till"
OVENS_HOST, TILL_HOST = "ovens.bakery.example", "till-abcdefghij-ew.a.run.app"
CYCLE = Cycle(1, (), (), target=f"https://{OVENS_HOST}/ws", revision="ovens-00007-abc")


def days_ago(days: float) -> datetime:
    """The moment so many days before now."""
    return datetime.now(UTC) - timedelta(days=days)


SPAN = Window(days_ago(4), days_ago(2), "the cycle's days")


def entry(
    days: float, service: str = OVENS, host: str = OVENS_HOST, *, received: float | None = None
) -> Entry:
    """A request so many days ago."""

    def spelled(at: float) -> str:
        return days_ago(at).isoformat().replace("+00:00", "Z")

    return {
        "insertId": f"{service}-{days:012.6f}",
        "timestamp": spelled(days),
        "receiveTimestamp": spelled(days if received is None else received),
        "logName": "projects/demo/logs/run.googleapis.com%2Frequests",
        "resource": {
            "type": "cloud_run_revision",
            "labels": {
                "service_name": service,
                "revision_name": f"{service}-00007-abc",
                "location": "europe-west6",
            },
        },
        "httpRequest": {"requestUrl": f"https://{host}/ws", "status": 101, "latency": "3s"},
    }


def logs() -> Logs:
    """Two services over twenty days; deploys older than that, which another bucket keeps."""
    deploy = entry(300) | {"logName": "projects/demo/logs/cloudaudit.googleapis.com%2Factivity"}
    del deploy["httpRequest"]
    told = [
        entry(20),
        entry(3),
        entry(2.5, TILL, TILL_HOST),
        entry(0.5),
        entry(0.001, TILL, TILL_HOST),
        deploy,
    ]
    return Logs(told)


def serving(transport: str, *faults: Fault, holding: Logs | None = None) -> AbstractContextManager[Server]:
    """A server of these logs with these faults."""
    return SERVERS[transport](logs() if holding is None else holding, Plan(*faults))


def outside(told: list[str] | None = None, ahead: timedelta = timedelta()) -> Outside:
    """The real world; its clock may be ahead of the servers'."""
    return Outside(
        now=lambda: datetime.now(UTC) + ahead,
        monotonic=time.monotonic,
        sleep=time.sleep,
        chance=lambda: 0.5,
        tell=(told if told is not None else []).append,
    )


def subject(endpoint: str | None, **more: Any) -> Subject:  # noqa: ANN401 - fields of Subject and Origin
    """The cycle at this endpoint; fields of the subject or its origin as named."""
    fields: dict[str, Any] = {"cycle": CYCLE, "host": OVENS_HOST, "span": SPAN}
    fields |= {name: more.pop(name) for name in (*fields, "told_by") if name in more}
    return Subject(Origin(more.pop("projects", ("demo",)), endpoint=endpoint, **more), **fields)


def examined(server: Server, **more: Any) -> dict[str, Finding]:  # noqa: ANN401 - as above
    """What is found at a server, by the check's name."""
    return found(examine(subject(server.endpoint, **more), outside()))


def found(findings: Sequence[Finding]) -> dict[str, Finding]:
    """The findings by the check's name, each of which occurs once."""
    named = {finding.check: finding for finding in findings}
    assert len(named) == len(findings)
    return named


def wrong(findings: Mapping[str, Finding]) -> list[str]:
    """The checks that are not ok."""
    return [check for check, finding in findings.items() if finding.mark is Mark.NOT_OK]


class Told:
    """A wire that gives what it is told: a page, an exception, one after the other; the last again and again."""

    def __init__(self, *answers: Page | Exception) -> None:
        self.calls: list[Call] = []
        self._answers = answers

    def list(self, call: Call, timeout_s: float) -> Page:
        """The next answer."""
        assert timeout_s > 0
        self.calls.append(call)
        answer = self._answers[min(len(self.calls), len(self._answers)) - 1]
        if isinstance(answer, Exception):
            raise answer
        return answer


LOGIN = Login("user baker@bakery.example", "user:baker@bakery.example")


def of_told(wire: Told, **more: Any) -> dict[str, Finding]:  # noqa: ANN401 - as above
    """What is found at Google's own endpoint, where the wire answers, and credentials are in order."""
    means = Means(opened=lambda _: wire, sign_in=lambda _: LOGIN, environ={})
    return found(examine(subject(None, **more), outside(), means))
