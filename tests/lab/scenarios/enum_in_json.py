"""A Starlette enum reaches json.dumps; a catch-all logs one line, without a traceback, and closes with 1011."""

from dataclasses import replace

from tests.lab.scenario import Edit, Expected, Scenario, Traffic
from tests.lab.service import Service

ONE_LINE = Edit(
    "parley/ws/gateway.py",
    """    except Exception:
        log.exception("%s broke off", session.id)
""",
    """    except Exception as error:
        log.error("Live session error: %s", error)
""",
)
ENUM = Edit(
    "parley/ws/session.py",
    '"link": self.socket.client_state.name.lower(),',
    '"link": self.socket.client_state,',
)
_OTHER_ENUM = Edit(
    "parley/ws/session.py",
    '"peer": self.socket.application_state.name.lower(),',
    '"peer": self.socket.application_state,',
)

_EXPECTED = Expected(
    category="application_error",
    exception="TypeError",
    message_contains=("Object of type WebSocketState is not JSON serializable",),
    evidence=("Object of type WebSocketState is not JSON serializable",),
    red_herrings=("could not convert string to float", "frost warning"),
    explanation="The answer to `describe` holds a Starlette WebSocketState; json.dumps refuses it, the endpoint's"
    " catch-all logs the message in one line without a traceback and closes with 1011 'Internal error'.",
    trap="The frost job's traceback comes close to the closes; older faults of the day are louder.",
)

_STORY = """
**What happened.** Revision `parley-api-00087-tuv` gave the session description two new fields. One,
`link`, is Starlette's `WebSocketState` itself instead of its name. Each session of protocol 2 asks for the
description right after the welcome; `json.dumps` refuses the enum, the endpoint's catch-all logs
`Live session error: Object of type WebSocketState is not JSON serializable` (one line, no traceback) and closes
the socket with 1011 and the reason `Internal error`.

**The true cause.** The enum in the description (`Session.describe`). The traceback was never logged, so the place
cannot be read from the logs.

**What stays good.** HTTP, and the chats of other people: they speak protocol 1 and never ask for a description.

**What would mislead.** The frost job fails with a traceback all day, sometimes a moment before a close; and 1011 is
also a user, a plot, a number of rows, milliseconds.

**The files.** `report.md` gives a date and durations, no time of day. `logs.ndjson.gz` is a whole day: the cycle as
it ran, and round it the same service's life, cast of the recording's own sound pieces.
"""

CYCLE_1 = Scenario(
    name="cycle-1",
    title="Cycle 1: live sessions drop with 1011 after a good sign-in",
    expected=_EXPECTED,
    story=_STORY,
    edits=(ONE_LINE, ENUM),
    environment={"PARLEY_JOB_PACE": "1.8"},
    traffic=Traffic(pollers=2, chatters=3, poll_pause_s=2.5, chat_s=9),
    lead_s=20,
    tail_s=15,
    junit=False,
    report_times=False,
    day=True,
)

CYCLE_2 = replace(
    CYCLE_1,
    name="cycle-2",
    title="Cycle 2: a fix for the wrong thing, and the same 1011",
    cycle=2,
    service=Service(revision="parley-api-00088-nqb"),
    edits=(
        ONE_LINE,
        _OTHER_ENUM,
        Edit(
            "parley/tokens.py",
            """    if claims["exp"] < time.time():""",
            """    if claims["exp"] < time.time() - LEEWAY_S:""",
        ),
        Edit(
            "parley/tokens.py",
            "class TokenError(Exception):",
            "LEEWAY_S = 90\n\n\nclass TokenError(Exception):",
        ),
        Edit(
            "parley/server.py",
            """    log.info("beds laid out""",
            """    log.info("sign-in accepts tokens up to 90 s past their time")\n    log.info("beds laid out""",
        ),
    ),
    environment={"PARLEY_JOB_PACE": "0.8", "PARLEY_CHAINED_NOISE": "1"},
    lead_s=45,
    tail_s=40,
    skew_s=47.0,
    junit=True,
    report_times=True,
    day=False,
    expected=replace(
        _EXPECTED,
        red_herrings=(
            "could not convert string to float",
            "frost warning",
            "no postage",
            "zone-9",
            "seed parcel",
        ),
        trap="A chained exception of another job is louder; the runner's clock is 47 s ahead.",
    ),
    story="""
**What happened.** After cycle 1 the sign-in was suspected: revision `parley-api-00088-nqb` accepts tokens up to
90 s past their time. The state of the client's side (`link`) was tidied up in passing, its neighbour (`peer`) was
not: the session's description still holds a `WebSocketState`. The same line is logged, the same 1011 comes back.

**The true cause.** As in cycle 1: an enum in `Session.describe` reaches `json.dumps`; the catch-all logs one line
without a traceback.

**What would mislead.** The parcel job fails with a chained exception (`KeyError`, then `RuntimeError`), traceback and
all; the frost job goes on failing; 1011 is also an id here and there.

**The clock.** The runner's clock is 47 s ahead of the service's: `junit.xml` and the report's time are by that clock.
""",
)

SCENARIOS = (CYCLE_1, CYCLE_2)
