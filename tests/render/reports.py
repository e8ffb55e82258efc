"""Reports written by hand, one for each opening: what the stages before rendering hand over."""

from dataclasses import replace
from datetime import UTC, date, datetime

from rca.contract import (
    Evidence,
    Moment,
    Report,
    ReportCause,
    ReportClose,
    ReportCycle,
    ReportFrame,
    ReportPull,
    ReportQuery,
    ReportTest,
    Ruled,
    StatusCheck,
    Verdict,
    Why,
)
from rca.links import entry_url
from rca.model import Initiator, Kind, Outcome, Signal, Window
from rca.quote import quote

ERROR = quote("KeyError: 'berth'")

QUERY = """resource.type="cloud_run_revision"
resource.labels.service_name="tide-gateway"
jsonPayload.exception:"KeyError: 'berth'"
timestamp<"2026-05-14T09:20:00Z\""""


def at(clock: str) -> datetime:
    """Return a time of the invented day."""
    return datetime.fromisoformat(f"2026-05-14T{clock}").replace(tzinfo=UTC)


def entry(number: int, clock: str, text: str, severity: str = "ERROR") -> Evidence:
    """Return a log entry as evidence."""
    insert_id = f"6a{number:02d}c1f000{number:02d}beef"
    return Evidence(
        id=f"E{number}",
        kind="entry",
        insert_id=insert_id,
        file="logs.ndjson",
        line=100 + number,
        timestamp=at(clock),
        log="run.googleapis.com/stderr",
        severity=severity,
        service="tide-gateway",
        revision="tide-gateway-00042-kev",
        instance="00f4a1d2c3b4a59687",
        trace=f"4bf92f3577b34da6a3ce929d0e0e47{number:02d}",
        text=text,
        url=entry_url(insert_id, at(clock).isoformat().replace("+00:00", "Z"), "harbor-stg"),
    )


TRACEBACK = """WebSocket session failed for ses_51ac
Traceback (most recent call last):
  File "/srv/harbor/ws/gateway.py", line 88, in serve
    async for reply in plan(session, message):
  File "/srv/harbor/plans/berths.py", line 31, in pick_berth
    return table[order["berth"]]
KeyError: 'berth'"""


def a_test(number: int, name: str, outcome: Outcome, error: str | None = None) -> ReportTest:
    """Return a test of the cycle."""
    return ReportTest(
        id=f"T{number}",
        name=name,
        kind=Kind.WEBSOCKET,
        outcome=outcome,
        flaky=False,
        started_at=at("09:16:02.100000"),
        duration_s=0.41,
        error=error,
        close_code=1011 if error else None,
    )


SAW = "received 1011 (internal error) session failed; then sent 1011 (internal error) session failed"


def seen_as_evidence(number: int) -> Evidence:
    """Return what the client saw as evidence."""
    return Evidence(
        id=f"T{number}",
        kind="test",
        insert_id=None,
        file="junit.xml",
        line=10 + number,
        timestamp=None,
        log=None,
        severity=None,
        service=None,
        revision=None,
        instance=None,
        trace=None,
        text=SAW,
        url=None,
    )


def a_close(
    clock: str, opened: str, tests: tuple[str, ...], evidence: str, tie: str = "same trace"
) -> ReportClose:
    """Return one socket's end."""
    return ReportClose(
        code=1011,
        reason="session failed",
        timestamp=at(clock),
        insert_id="6b01",
        trace="4bf92f3577b34da6a3ce929d0e0e4701",
        instance="00f4a1d2c3b4a59687",
        connection="4bf92f3577b34da6a3ce929d0e0e4701",
        initiator=Initiator.SERVER,
        lifetime_s=(at(clock) - at(opened)).total_seconds(),
        tests=tests,
        cause="C1",
        opened_at=at(opened),
        tie=tie,
        evidence=(evidence,),
    )


CAUSE = ReportCause(
    id="C1",
    category="application_error",
    exception="KeyError",
    message="'berth'",
    summary=(
        f"every order without a berth dies in {quote('pick_berth')} ({quote('harbor/plans/berths.py:31')}): "
        f"{ERROR}. The handler catches it and closes the socket with 1011 {quote('session failed')}."
    ),
    confidence=0.93,
    calibrated=True,
    frame=ReportFrame("harbor/plans/berths.py", 31, "pick_berth", 'return table[order["berth"]]'),
    known_cause="handler-catches-all",
    signals=(
        Signal("same trace", 2.4, contributes=True, hint="2 of 2 bad sockets carry its trace id"),
        Signal("absent from good sockets", 1.1, contributes=True, hint="0 of 6 good sockets show it"),
        Signal("new since deploy", 0.0, contributes=False, hint="only one revision in the logs"),
    ),
    tests=("test_order_flow", "test_two_orders"),
    evidence=("E1", "E2"),
    fingerprint="KeyError@harbor/plans/berths.py:pick_berth",
    occurrences=2,
    chain=("KeyError: 'berth'", "harbor.errors.PlanFailed: no berth for order 17"),
    frames=(
        ReportFrame("harbor/ws/gateway.py", 88, "serve", "async for reply in plan(session, message):"),
        ReportFrame("harbor/plans/berths.py", 31, "pick_berth", 'return table[order["berth"]]'),
    ),
)

FOUND = Report(
    verdict=Verdict.CAUSE_FOUND,
    headline=f"{ERROR} in {quote('pick_berth')}",
    cycle=ReportCycle(
        number=7,
        date=date(2026, 5, 14),
        environment="staging (europe-north1)",
        target="wss://tide-gateway-x7.run.app/ws",
        revision=None,
        sources=("junit.xml", "report.md"),
        warnings=("report.md:14: row with 3 cells under a header of 4",),
    ),
    tests=(
        a_test(1, "test_order_flow", Outcome.FAILED, SAW),
        a_test(2, "test_two_orders", Outcome.FAILED, SAW),
        a_test(3, "test_connect", Outcome.PASSED),
        a_test(4, "test_health", Outcome.PASSED),
    ),
    failing_tests=("test_order_flow", "test_two_orders"),
    windows=(Window(at("09:15:00"), at("09:20:00"), "tests of cycle 7, with a minute on either side"),),
    pull=ReportPull(
        complete=None,
        source="file logs.ndjson",
        entries=812,
        unreadable=1,
        queries=(ReportQuery('resource.type="cloud_run_revision"', at("09:15:00"), at("09:20:00"), 1),),
        warnings=('logs.ndjson:211: not JSON: `{"insertId":`',),
        first_at=at("09:15:03"),
        last_at=at("09:19:41"),
        services=("tide-gateway",),
        revisions=("tide-gateway-00042-kev",),
    ),
    clock_offset_s=0.61,
    closes=(
        a_close("09:16:02.377000", "09:16:02.310000", ("test_order_flow",), "E1"),
        a_close("09:16:03.088000", "09:16:03.000000", ("test_two_orders",), "E2"),
        a_close("09:16:03.104000", "09:16:03.008000", ("test_two_orders",), "E2"),
    ),
    root_cause=CAUSE,
    causes=(CAUSE,),
    alternatives=(
        replace(
            CAUSE,
            id="A1",
            summary=f"the audit row was dropped: {quote('disk quota exceeded')}",
            message="disk quota exceeded",
            confidence=0.02,
            tests=(),
            evidence=("E3",),
            frames=(),
            chain=(),
            why_not="36 of its 42 occurrences belong to sessions that ended with 1000",
        ),
    ),
    unexplained=(),
    whys=(
        Why(
            "Why do the tests fail?",
            f"The server closed their sockets with 1011 {quote('session failed')}, 67 to 96 ms after "
            "accepting them. [T1] [T2]",
            "answered",
            0.99,
            ("T1", "T2", "E1", "E2"),
        ),
        Why(
            "Why does the connection close after it was accepted and signed in?",
            "Each session sends an order; 51 ms later the handler fails while it works on it. [E1]",
            "answered",
            0.95,
            ("E1",),
        ),
        Why(
            "Why with 1011?",
            f"{quote('serve')} ({quote('harbor/ws/gateway.py:88')}) catches whatever the plan raises and closes.",
            "answered",
            0.93,
            ("E1",),
        ),
        Why(
            "Why do HTTP and the passing tests work?",
            f"They never send an order. No trace of {quote('pick_berth')} occurs in any of them.",
            "partly",
            0.7,
            ("E4",),
        ),
        Why(
            "Why does it hit all orders, and why now?",
            "Only one revision appears and no deploy lies in the window.",
            "unknown",
            0.0,
            (),
            QUERY,
        ),
    ),
    status_checks=(
        StatusCheck("deployed and serving", "ok", ("E4",), "one revision, start-up probe passed"),
        StatusCheck("WebSocket event handlers", "failed", ("E1",), quote("serve")),
        StatusCheck("database", "unknown", (), "no entry tells"),
    ),
    evidence=(
        entry(1, "09:16:02.361207", TRACEBACK),
        entry(2, "09:16:03.070110", TRACEBACK),
        entry(3, "09:16:01.900000", "audit row dropped: disk quota exceeded"),
        entry(
            4,
            "09:15:03.000001",
            'Default STARTUP TCP probe succeeded after 1 attempt for container "web-1"',
            "INFO",
        ),
        seen_as_evidence(1),
        seen_as_evidence(2),
    ),
    timeline=(
        Moment(at("09:15:03.000001"), "platform", "start-up probe passed", ("E4",), "00f4a1d2c3b4a59687"),
        Moment(at("09:16:02.361207"), "exception", ERROR, ("E1",), "00f4a1d2c3b4a59687"),
        Moment(at("09:16:03.070110"), "exception", ERROR, ("E2",), "00f4a1d2c3b4a59687"),
    ),
    next_actions=(
        f"Make {quote('pick_berth')} answer an order without a berth, and cover that order with a test.",
        f"After the next deploy, run {quote('rca diff 7 8')}.",
    ),
    impact="- **Orders fail on staging.**\n- No customer is affected @ops",
    redactions={"jwt": 2, "email": 1},
    ruled_out=(Ruled(f"{quote('1011')} in other lines", "a berth's number, not a close code", ("E4",)),),
    notes=("The log file has no manifest: whether it holds every entry of these minutes is not known.",),
    method=(
        "Tests were joined to sockets by trace id.",
        "The runner's clock is 0.61 s ahead of the logs, alike in 4 tests.",
    ),
    command="rca why --cycle 7",
    version="0.1.0",
)

UNKNOWN = replace(
    FOUND,
    verdict=Verdict.UNKNOWN,
    headline="not established",
    closes=tuple(replace(close, cause=None, tie=None, evidence=()) for close in FOUND.closes),
    root_cause=None,
    causes=(),
    unexplained=FOUND.failing_tests,
    settle=(
        "In the sessions of the 2 failing tests the service logged no error of its own between accept and close. [E4]",
        f"What would settle it: log the exception in the handler that calls {quote('close(1011)')}.",
    ),
    whys=tuple(replace(why, status="unknown", next_query=QUERY) for why in FOUND.whys),
    impact=None,
    notes=(),
    redactions={},
)

NOTHING = replace(
    FOUND,
    verdict=Verdict.NOTHING_FAILED,
    headline="Nothing failed in cycle 7",
    tests=tuple(replace(test, outcome=Outcome.PASSED, error=None, close_code=None) for test in FOUND.tests),
    failing_tests=(),
    closes=(),
    root_cause=None,
    causes=(),
    alternatives=(),
    whys=(),
    notes=(),
    next_actions=(),
)

ALL = {"found": FOUND, "unknown": UNKNOWN, "nothing": NOTHING}
