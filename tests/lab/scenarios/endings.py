"""Sockets that end otherwise than by a caught exception: crash, stop, kill, stall, the client's own doing, silence."""

import signal
from dataclasses import replace

from tests.lab.entries import LogEntry
from tests.lab.scenario import HYPERCORN, Edit, Expected, Place, Scenario, Strike, Traffic
from tests.lab.scenarios.enum_in_json import CYCLE_2
from tests.lab.service import Service

_NOISE = ("could not convert string to float", "frost warning", "_frost")
_CHAINED_NOISE = (*_NOISE, "no postage", "zone-9", "seed parcel", "_postage")
_COVE = Service("cove-preview", "771203345096", "northamerica-northeast1", "talk-hub", "talk-hub-00131-pqs")
_FEW = Traffic(pollers=2, chatters=3, poll_pause_s=1.6, chat_s=5)
_SLOW_PAGE = Edit("e2e/client.py", "await asyncio.sleep(0.6)", "await asyncio.sleep(2.4)")

UNCAUGHT = Scenario(
    name="uncaught-1006",
    title="Nobody catches: uvicorn drops the socket without a close frame",
    story="There is no catch-all. The handler's KeyError reaches uvicorn, which logs it and drops the socket: 1006.",
    edits=(
        Edit(
            "parley/ws/gateway.py",
            """    except Exception:
        log.exception("%s broke off", session.id)
        with contextlib.suppress(WebSocketDisconnect):  # who has left already needs no close
            await socket.close(1011, "Internal error")
""",
            "",
        ),
        Edit(
            "parley/ws/messages.py",
            '{"run": message["run"]})\n    async for',
            '{"run": message["plan"]})\n    async for',
        ),
    ),
    service=_COVE,
    traffic=_FEW,
    expected=Expected(
        category="application_error",
        exception="KeyError",
        message_contains=("'plan'",),
        place=Place("parley/ws/messages.py", "on_run", 'message["plan"]'),
        evidence=("KeyError: 'plan'", "Exception in ASGI application"),
        red_herrings=_NOISE,
        explanation="KeyError in on_run, not caught: uvicorn logs it and drops the socket; the client sees 1006.",
    ),
)

HYPERCORN_UNCAUGHT = replace(
    UNCAUGHT,
    name="hypercorn-uncaught",
    title="Nobody catches on hypercorn: 1011 with an empty reason",
    story="As uncaught-1006, served by hypercorn: it logs `Error in ASGI Framework` and closes with 1011, no reason.",
    command=HYPERCORN,
    server="hypercorn/fastapi",
    dialect="dated",
    needs=("hypercorn",),
    expected=replace(
        UNCAUGHT.expected,
        evidence=("KeyError: 'plan'", "Error in ASGI Framework"),
        explanation="KeyError in on_run, not caught: hypercorn logs it and closes with 1011 and an empty reason.",
    ),
)

ROLLOUT = Scenario(
    name="rollout-1012",
    title="A rollout in mid-cycle stops the instances under the tests",
    story="In mid-suite a new revision is rolled out. The old instances get SIGTERM; uvicorn closes with 1012.",
    edits=(_SLOW_PAGE,),
    strikes=(
        Strike(4.2, signal.SIGTERM, (0,), successors=1, revision="talk-hub-00132-bld"),
        Strike(9.0, signal.SIGTERM, (1,), successors=1, revision="talk-hub-00132-bld"),
    ),
    service=_COVE,
    traffic=_FEW,
    expected=Expected(
        category="deployment_change",
        message_contains=("Shutting down", "SIGTERM", "1012", "talk-hub-00132-bld"),
        evidence=("Shutting down", "Finished server process", "DEPLOYMENT_ROLLOUT"),
        red_herrings=_NOISE,
        explanation="The instances were stopped for a rollout while tests had sockets on them: 1012, service restart.",
    ),
)

MEMORY = Scenario(
    name="memory-kill",
    title="An instance is killed for its memory",
    story="An instance goes over its memory limit and is killed with the tests' sockets on it: 1006 and 503.",
    edits=(_SLOW_PAGE,),
    strikes=(
        Strike(
            4.2,
            signal.SIGKILL,
            (0, 1),
            says="Memory limit of 512 MiB exceeded with 531 MiB used. Consider increasing the memory limit, see"
            " https://cloud.google.com/run/docs/configuring/memory-limits",
            successors=2,
        ),
    ),
    service=_COVE,
    dialect="json",
    traffic=_FEW,
    expected=Expected(
        category="resource_exhaustion",
        message_contains=("Memory limit of 512 MiB exceeded", "memory limit"),
        evidence=("Memory limit of 512 MiB exceeded",),
        red_herrings=_NOISE,
        explanation="The platform killed the instances: memory limit of 512 MiB exceeded.",
    ),
)

BLOCKED = Scenario(
    name="blocked-loop",
    title="A run blocks the event loop; the clients' keepalive gives up",
    story="The planner calls a model with time.sleep in it. The loop stands for nine seconds; clients that ping"
    " every two close with 1011 themselves.",
    edits=(
        Edit("parley/runs/planner.py", "    await asyncio.sleep(0.15)", "    time.sleep(9)"),
        Edit("parley/runs/planner.py", "import logging\n", "import logging\nimport time\n"),
    ),
    suite_environment={"E2E_PING_S": "2", "E2E_WAIT_S": "12"},
    service=_COVE,
    tail_s=9,
    traffic=replace(_FEW, chatters=2),
    expected=Expected(
        category="event_loop_blocked",
        message_contains=("keepalive ping timeout", "event loop", "blocked", "silent"),
        evidence=("starts run",),
        red_herrings=_NOISE,
        explanation="time.sleep in an async generator blocks the loop for nine seconds; the client's pings go"
        " unanswered and the client closes with 1011. No exception was raised on the server.",
    ),
)

CLIENT_MADE = Scenario(
    name="client-made-1011",
    title="The test's own assertion fails, and its client sends 1011",
    story="A test expects other words in the reply. Its assertion fails inside `async with connect(...)`, so the client"
    " closes with 1011; the server did nothing wrong and says so.",
    edits=(Edit("e2e/test_core_services.py", 'startswith("Noted")', 'startswith("Filed")'),),
    service=_COVE,
    traffic=_FEW,
    expected=Expected(
        category="client_error",
        exception="AssertionError",
        message_contains=("AssertionError", "ended by client with 1011"),
        evidence=("ended by client with 1011",),
        red_herrings=_NOISE,
        explanation="The client sent the 1011, because an assertion of the test failed while the socket was open.",
    ),
)


def _without_requests(entries: list[LogEntry]) -> list[LogEntry]:
    return [entry for entry in entries if "httpRequest" not in entry]


NO_REQUESTS = replace(
    CYCLE_2,
    name="no-request-log",
    title="The enum again, without a request log",
    cycle=1,
    skew_s=0.0,
    lead_s=12,
    tail_s=10,
    edit_entries=_without_requests,
    story="As cycle 2, but the export has no request entries (an exclusion filter drops them).",
)

CYCLE_5 = Scenario(
    name="cycle-5",
    title="Cycle 5: 1011 and not a word about why",
    story="""
**What happened.** Runs of the suite are closed with 1011 `Internal error`, a moment after they start. The endpoint
catches whatever a handler raises, and closes; it logs nothing.

**The true cause.** Not in the logs, and that is the answer: unknown. (The run's handler raised a KeyError that
nobody wrote down.) What can be said: the server closed, with a reason text of the application's own, after
`starts run`.

**What would mislead.** Two tracebacks of other jobs (the frost, the parcels) all through the recording, some between
the start and the end of a failing session; warnings; the number 1011 as plot, user, parcel, rows, bytes and
milliseconds.

**What stays good.** HTTP, the handshake, the chat test, other people's chats.
""",
    cycle=5,
    service=Service(revision="parley-api-00091-mko"),
    edits=(
        Edit(
            "parley/ws/gateway.py",
            """    except Exception:
        log.exception("%s broke off", session.id)
""",
            "    except Exception:\n",
        ),
        Edit("parley/runs/planner.py", "yield {", 'yield session.describe()["plan"] | {'),
        Edit("parley/runs/planner.py", "    for crop in crops:", '    for crop in crops or ["leek"]:'),
    ),
    environment={"PARLEY_JOB_PACE": "0.7", "PARLEY_CHAINED_NOISE": "1"},
    traffic=Traffic(pollers=2, chatters=3, poll_pause_s=2, chat_s=7),
    lead_s=30,
    tail_s=25,
    expected=Expected(
        category="unknown",
        red_herrings=_CHAINED_NOISE,
        explanation="The endpoint closes with 1011 and logs nothing of what it caught. The tracebacks are other jobs'.",
        trap="Loud tracebacks of other jobs close to the closes.",
    ),
)

CYCLE_6 = Scenario(
    name="cycle-6",
    title="Cycle 6: all green, with errors in the logs all the same",
    story="""
**What happened.** Nothing failed. All tests pass, all their sockets end with 1000.

**The true cause.** There is none to look for.

**What would mislead.** The frost job and the parcel job fail with tracebacks (the second a chained one), as on every
day; some handshakes with tokens past their time get 403; warnings; the number 1011 here and there.
""",
    cycle=6,
    service=Service(revision="parley-api-00092-rfw"),
    environment={"PARLEY_JOB_PACE": "1.1", "PARLEY_CHAINED_NOISE": "1"},
    traffic=Traffic(pollers=2, chatters=3, poll_pause_s=2, chat_s=7, expired_tokens=2),
    lead_s=25,
    tail_s=20,
    expected=Expected(
        category="unknown",
        red_herrings=_CHAINED_NOISE,
        explanation="All tests passed; there is nothing to explain.",
    ),
)

SCENARIOS = (
    HYPERCORN_UNCAUGHT,
    UNCAUGHT,
    ROLLOUT,
    MEMORY,
    BLOCKED,
    CLIENT_MADE,
    NO_REQUESTS,
    CYCLE_5,
    CYCLE_6,
)
