"""What the logs hold: how far back they reach, whose they are, and whether the cycle is in them."""

from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from hypothesis import given, strategies as st

from rca.doctor import Mark, as_text
from rca.doctor.examination import CHECKS
from rca.model import Window
from rca.sources.cloud.wire import Page
from tests.cloud.logs import Logs
from tests.doctor.patient import (
    CYCLE,
    OVENS_HOST,
    SPAN,
    TILL,
    TILL_HOST,
    Told,
    days_ago,
    entry,
    examined,
    of_told,
    serving,
    wrong,
)

pytestmark = pytest.mark.slow

OK, NOT_OK, UNKNOWN = Mark.OK, Mark.NOT_OK, Mark.UNKNOWN


@dataclass(frozen=True)
class Case:
    """What is examined, and how one check must end."""

    check: str
    mark: Mark
    says: str
    remedy: str = ""
    more: dict[str, Any] = field(default_factory=dict)
    """Fields of the subject or its origin that differ from the healthy one."""


def days(first: float, last: float) -> Window:
    """A cycle that must lie so many days ago."""
    return Window(days_ago(first), days_ago(last), "the test's")


LISTED = "gcloud run services list --project=demo"
CASES = {
    # --- retention
    "kept": Case("retention", OK, "before the cycle"),
    "no cycle's time to compare": Case("retention", OK, "no time of a cycle", more={"span": None}),
    "older than the oldest": Case(
        "retention",
        NOT_OK,
        "30 days are the default",
        "gcloud logging buckets describe _Default --location=global --project=demo --format='value(retentionDays)'",
        {"span": days(60, 58)},
    ),
    "older, in a bucket": Case(
        "retention",
        NOT_OK,
        "after the cycle",
        "gcloud logging buckets describe _Default --location=global --project=demo",
        {"span": days(60, 58), "view": "_Default"},
    ),
    "about as old as the oldest": Case(
        "retention", UNKNOWN, "amid", "gcloud logging buckets describe", {"span": days(21, 19)}
    ),
    "in the future": Case("retention", UNKNOWN, "in the future", "curl -sI", {"span": days(-2, -3)}),
    # --- the service
    "by its host": Case("service", OK, "ovens: requests to"),
    "by its name": Case("service", OK, "ovens: in the logs", more={"services": ("ovens",)}),
    "by the name in its address": Case("service", OK, "till: in the logs", more={"host": TILL_HOST}),
    "several": Case("service", OK, "ovens, till: in the logs", more={"services": ("ovens", "till")}),
    "one of several is not there": Case(
        "service", NOT_OK, "no entry of mill", LISTED, {"services": ("ovens", "mill")}
    ),
    "not there": Case("service", NOT_OK, "no entry of mill", LISTED, {"services": ("mill",)}),
    "not there in the cycle's days": Case(
        "service", NOT_OK, "no entry of till", LISTED, {"services": ("till",), "span": days(1, 0.1)}
    ),
    "no request to the host": Case(
        "service", NOT_OK, "no request to mill.example", LISTED, {"host": "mill.example"}
    ),
    "nobody at the address": Case(
        "service", NOT_OK, "no request to mill-", LISTED, {"host": "mill-0123456789.europe-west6.run.app"}
    ),
    "none named, no cycle": Case(
        "service", OK, "all are read", more={"host": None, "cycle": None, "span": None}
    ),
    "the cycle's logs are gone": Case(
        "service", OK, "in the last 7 days", more={"span": days(60, 58), "services": ("ovens",)}
    ),
    # --- the target
    "answered by it": Case("target", OK, "is answered by ovens"),
    "its address": Case("target", OK, "is the address of till", more={"host": TILL_HOST}),
    "another's host": Case(
        "target",
        NOT_OK,
        "which is of ovens, not of till",
        "rca why --cycle 1 --project demo --endpoint",
        {"services": ("till",)},
    ),
    "another's address": Case(
        "target",
        NOT_OK,
        "which is of mill, not of till",
        "rca why --cycle 1 --project demo",
        {"services": ("till",), "host": "mill-abcdefghij-ew.a.run.app"},
    ),
    "a host of nobody": Case(
        "target", UNKNOWN, "no request to", more={"services": ("till",), "host": "mill.example"}
    ),
    "a name cut short": Case(
        "target",
        UNKNOWN,
        "no request to",
        more={"services": ("till",), "host": f"{'m' * 52}-0123456789.europe-west6.run.app"},
    ),
    "no host": Case("target", UNKNOWN, "no cycle is named", more={"host": None, "services": ("till",)}),
    # --- the revision
    "in the logs": Case("revision", OK, "ovens-00007-abc: in the logs"),
    "another's": Case(
        "revision",
        NOT_OK,
        "a revision of ovens, not of till",
        "rca why --cycle 1",
        {"services": ("till",), "host": TILL_HOST},
    ),
    "not in the logs": Case(
        "revision",
        NOT_OK,
        "no entry of ovens-00008-xyz",
        "gcloud run revisions list --service=ovens --region=europe-west6 --project=demo",
        {"cycle": replace(CYCLE, revision="ovens-00008-xyz")},
    ),
    "not in the last days, which may be too late": Case(
        "revision",
        UNKNOWN,
        "no entry of ovens-00008-xyz",
        "gcloud run revisions list",
        {"cycle": replace(CYCLE, revision="ovens-00008-xyz"), "span": None},
    ),
    "no name of one": Case(
        "revision", UNKNOWN, "is no name", more={"cycle": replace(CYCLE, revision="v2 (latest)")}
    ),
    "none told": Case("revision", UNKNOWN, "no cycle", more={"cycle": replace(CYCLE, revision=None)}),
    "of a cycle whose logs are gone": Case("revision", OK, "in the last 7 days", more={"span": days(60, 58)}),
}


@pytest.mark.parametrize("name", CASES)
def test_what_the_logs_hold(name: str) -> None:
    """Each check ends as the logs and the cycle have it, in words that say so and with the command that helps."""
    case = CASES[name]
    with serving("grpc") as server:
        finding = examined(server, **case.more)[case.check]
        assert len(server.calls) <= 5
    assert finding.mark is case.mark
    assert case.says in finding.what
    assert " ".join(finding.remedies).startswith(case.remedy)


def test_how_long_to_keep_logs_is_reckoned_from_the_cycle(transport: str) -> None:
    """The command that keeps logs for longer would have kept this cycle's."""
    with serving(transport) as server:
        findings = examined(server, span=days(60, 58))
    assert findings["retention"].remedies[1] == (
        "gcloud logging buckets update _Default --location=global --project=demo --retention-days=62"
    )


def test_retention_does_not_look_at_deploys(transport: str) -> None:
    """A deploy of long ago, which another bucket keeps, does not hide that the cycle's logs are gone."""
    with serving(transport) as server:
        assert wrong(examined(server, span=days(290, 289))) == ["retention"]


def test_logs_without_cloud_run_are_said_to_be_so(transport: str) -> None:
    """Where no service ever logged, the list of services is the next step."""
    with serving(transport, holding=Logs([])) as server:
        findings = examined(server, cycle=None, host=None, span=None)
    assert wrong(findings) == ["service"]
    assert findings["service"].remedies == (LISTED,)
    assert findings["retention"].mark is UNKNOWN


def test_a_long_name_is_found_by_its_requests(transport: str) -> None:
    """Where an address holds only part of the service's name, the requests to it tell the rest."""
    name = "oven-" * 10 + "x"
    host = f"{name[:49]}-abcdefghij-ew.a.run.app"
    with serving(transport, holding=Logs([entry(20), entry(3, name, host)])) as server:
        findings = examined(server, host=host, cycle=replace(CYCLE, revision=None))
    assert wrong(findings) == []
    assert f"{name}: requests to" in findings["service"].what
    assert findings["target"].mark is OK


def test_many_services_may_not_all_be_seen() -> None:
    """A service that is not among the newest entries of several may still be there: it is unknown."""
    findings = of_told(Told(Page((entry(3),), "more")), services=("ovens", TILL))
    assert findings["service"].mark is UNKNOWN
    assert "till" in findings["service"].what


def test_values_from_logs_do_not_become_commands() -> None:
    """A service's name out of the logs is quoted in the command that names it."""
    findings = of_told(Told(Page((entry(3, "x; rm -rf ~", OVENS_HOST),), "")), services=(TILL,))
    assert findings["target"].remedies[0].endswith("--service 'x; rm -rf ~'")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
FIELDS = ("timestamp", "receiveTimestamp", "resource", "logName", "httpRequest", "labels")
HOSTILE = st.dictionaries(st.sampled_from(FIELDS), JSON, max_size=6) | st.fixed_dictionaries(
    {"resource": st.fixed_dictionaries({"labels": st.dictionaries(st.just("service_name"), JSON)})}
)


@given(entries=st.lists(HOSTILE, max_size=3), token=st.sampled_from(["", "more"]), named=st.booleans())
def test_no_answer_breaks_the_visit(entries: list[dict[str, Any]], token: str, *, named: bool) -> None:
    """Whatever the entries are, each check is told once, on printable lines, in at most five calls."""
    wire = Told(Page(tuple(entries), token))
    findings = of_told(wire, services=("till",) if named else ())
    assert tuple(findings) == CHECKS
    assert len(wire.calls) <= 5
    assert all(line.isprintable() for line in as_text(tuple(findings.values())).splitlines())


def test_the_newest_entries_of_the_cycles_days_are_asked_for() -> None:
    """Service and revision are sought in the cycle's span, and what is there now in the last days and one ahead."""
    wire = Told(Page((entry(3),), ""))
    before = days_ago(7)
    of_told(wire)
    spans = [call.query for call in wire.calls]
    assert f'timestamp>="{SPAN.start.isoformat().replace("+00:00", "Z")}"' in spans[-1]
    assert any(str(at.date()) in spans[0] for at in (before, days_ago(7)))
    assert wire.calls[0].order == "timestamp desc"
