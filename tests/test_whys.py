"""The five whys, asked of whole cases: rca/whys."""

import pytest

from rca.contract import Report
from rca.model import Outcome
from tests import build
from tests.build import Raw, failed, logged, ran, requested
from tests.test_report import of_run, report_on, run

KEEPALIVE = "sent 1011 (internal error) keepalive ping timeout; no close frame received"


@pytest.mark.parametrize("raws", [run(), run("oven door is jammed"), []], ids=["quiet", "loud", "no logs"])
def test_where_nothing_failed_the_answers_say_so(raws: list[Raw]) -> None:
    """All five questions are answered in words; what fails and why is answered by "none"."""
    report = report_on(raws, build.cycle([ran("connect", lasts_s=1.1), ran("order", lasts_s=1.1)]))
    answers = [why.answer for why in report.whys]
    assert len(answers) == 5
    assert all(answer.strip() for answer in answers)
    failures = [answers[i] for i in (0, 1, 2, 4)]
    assert all("none" in answer or "nothing failed" in answer for answer in failures), failures


def test_every_question_is_put_and_answered_where_no_cause_is_known() -> None:
    """An unknown says what was looked at, and no answer is surer than it can be."""
    report = report_on(run(), build.cycle(of_run()))
    assert len(report.whys) == 5
    for why in report.whys:
        assert why.question.endswith("?")
        assert why.answer.strip()
        assert why.status in {"answered", "partly", "unknown"}
        assert why.status != "unknown" or why.confidence <= 0.5


def timed(*after_end_s: float) -> Report:
    """The report on connections that each logged one error, so long after its end (before it: negative)."""
    raws, cycle = [], [ran("connect", lasts_s=1.1)]
    raws += [
        requested(-10.0, 1.0, trace_id="well"),
        logged("disconnected code=1000", -9.01, trace_id="well", severity="INFO"),
    ]
    for number, gap in enumerate(after_end_s):
        raws.append(requested(number * 10.0, 4.0, trace_id=f"t{number}"))
        raws.append(logged("no flour left", number * 10.0 + 4.0 + gap, trace_id=f"t{number}"))
        cycle.append(failed(f"order_{number}", lasts_s=4.1))
    return report_on(raws, build.cycle(cycle))


@pytest.mark.parametrize(
    ("after_end_s", "words"),
    [
        ((-0.2, -0.3), "200\u2013300 ms before the connection's end"),
        ((0.3, 0.5), "300\u2013500 ms after the connection had ended"),
        ((-0.3, 0.5), "within 300\u2013500 ms of the connection's end"),
        ((0.05, 0.05), "within 50 ms of the connection's end"),
    ],
)
def test_the_second_answer_tells_when_the_error_was_logged(
    after_end_s: tuple[float, float], words: str
) -> None:
    """Before the end, after it, or about it, where stamps are too near to tell or connections differ."""
    report = timed(*after_end_s)
    assert report.root_cause is not None
    assert f"On both failing sockets, {words}, the service logged" in report.whys[1].answer


def test_the_second_answer_tells_of_what_lasted_that_the_connection_was_open() -> None:
    """An instance that logged nothing for twenty seconds did so while its connections were open."""
    awake = (*range(-300, 5), *range(25, 65), *range(85, 400))
    raws = [logged(f"loaf {at} is done", at, severity="INFO") for at in awake]
    raws += [requested(at, 23.0, trace_id=f"t{at}") for at in (1, 61)]
    cycle = [ran(name, Outcome.FAILED, lasts_s=23.1, error=KEEPALIVE) for name in ("a", "b")]
    report = report_on(raws, build.cycle(cycle))
    assert report.root_cause is not None
    assert "while the connection was open, the instance had logged nothing for" in report.whys[1].answer


# --- handshakes that were turned away --------------------------------------------------------------------

REFUSED = "websockets.exceptions.InvalidStatus: server rejected WebSocket connection: HTTP 403"


def turned_away(*paths: str, let_in: str = "/ws") -> Report:
    """The report on handshakes that were refused with 403, beside one that was let in."""
    raws = [
        requested(-10.0, 1.0, path=let_in, trace_id="well"),
        logged("disconnected code=1000", -9.01, trace_id="well", severity="INFO"),
    ]
    cycle = [ran("connect", lasts_s=1.1)]
    for number, path in enumerate(paths):
        raws.append(requested(number * 10.0, 0.01, path=path, status=403, trace_id=f"t{number}"))
        raws.append(logged("sign-in refused: wrong audience", number * 10.0, trace_id=f"t{number}"))
        cycle.append(ran(f"order_{number}", Outcome.FAILED, lasts_s=0.1, error=REFUSED))
    return report_on(raws, build.cycle(cycle))


@pytest.mark.parametrize(
    ("paths", "words"),
    [
        (
            ("/ws?token=s3cr3t-loaf&v=2",) * 2,
            "The 2 handshakes carried a token in the URL (⸢token⸣): it was sent",
        ),
        (("/ws?token=s3cr3t-loaf", "/ws"), "Of the 2 handshakes, 1 carried a token in the URL (⸢token⸣)."),
        (("/ws?v=2", "/ws?token="), "None of the 2 handshakes carried a token in the URL; headers are not"),
    ],
)
def test_the_third_answer_tells_whether_refused_handshakes_carried_a_token(
    paths: tuple[str, ...], words: str
) -> None:
    """Where the token stood is a finding; what it was is nobody's business."""
    report = turned_away(*paths)
    assert words in report.whys[2].answer
    assert "s3cr3t" not in report.whys[2].answer


def test_a_token_that_others_sent_in_the_url_is_told_of() -> None:
    """Who was let in had one, who was refused had none: that is where to look."""
    report = turned_away("/ws", "/ws", let_in="/ws?access_token=s3cr3t-loaf")
    assert (
        "None of the 2 handshakes carried a token in the URL, 1 that were let in did" in report.whys[2].answer
    )


# --- connections that were fine --------------------------------------------------------------------------


@pytest.mark.parametrize(("code", "stood"), [(None, True), (1000, True), (1011, False)])
def test_the_first_answer_tells_a_failing_run_from_a_failing_connection(
    code: int | None, *, stood: bool
) -> None:
    """A test that waits in vain on a connection that stood has not lost its connection."""
    raws = [requested(0.0, 6.0, trace_id="t0")]
    if code is not None:
        raws.append(logged(f"disconnected code={code}", 5.99, trace_id="t0", severity="INFO"))
    cycle = [ran("order_0", Outcome.FAILED, lasts_s=6.1, error="TimeoutError")]
    answer = report_on(raws, build.cycle(cycle)).whys[0].answer
    assert ("what failed lies behind the connection" in answer) is stood
