"""A handler raises, the endpoint catches, logs (more or less) and closes with 1011."""

from dataclasses import replace

from tests.lab.scenario import Edit, Expected, Place, Scenario, Traffic
from tests.lab.service import Service

_NOISE = ("could not convert string to float", "frost warning", "_frost")
_TIDEPOOL = Service("tidepool-dev", "902117364458", "us-west1", "harbor-chat", "harbor-chat-00019-wce")
_ORCHARD = Service("orchard-qa-7", "447190283651", "asia-southeast1", "adviser-ws", "adviser-ws-00203-jtz")
_QUIET = Traffic(pollers=2, chatters=3, poll_pause_s=1.5, chat_s=5)

TRACEBACK = Scenario(
    name="caught-traceback",
    title="A crop without spacing, caught and logged with its traceback",
    story="The table of spacings lost two rows. `spacing_cm` raises KeyError; the endpoint logs it line by line.",
    edits=(
        Edit(
            "parley/runs/beds.py",
            '{"leek": 15, "bean": 20, "squash": 90, "chard": 30}',
            '{"squash": 90, "chard": 30}',
        ),
    ),
    service=_TIDEPOOL,
    traffic=_QUIET,
    expected=Expected(
        category="application_error",
        exception="KeyError",
        message_contains=("leek", "bean"),
        place=Place("parley/runs/beds.py", "spacing_cm", "return SPACING_CM[crop]"),
        evidence=("KeyError: 'leek'", "KeyError: 'bean'", "broke off"),
        red_herrings=_NOISE,
        explanation="SPACING_CM lacks 'leek' and 'bean': KeyError, logged with its traceback, one line an entry.",
    ),
)

JSON_TRACED = Scenario(
    name="json-traced",
    title="A session's topics are None; JSON lines with the trace",
    story="`Session.topics` became None by default. `best_bed` takes the set of it: TypeError, in one JSON line with"
    " the request's trace.",
    edits=(
        Edit(
            "parley/ws/session.py",
            "topics: list[str] = field(default_factory=list)",
            "topics: list[str] = None",
        ),
    ),
    service=_ORCHARD,
    dialect="json",
    traffic=_QUIET,
    skew_s=-18.0,
    report=False,
    expected=Expected(
        category="application_error",
        exception="TypeError",
        message_contains=("'NoneType' object is not iterable", "'NoneType' object has no attribute 'extend'"),
        exception_any=("AttributeError",),
        place=Place("parley/runs/beds.py", "best_bed", "if crop in set(grown)"),
        evidence=("NoneType' object",),
        red_herrings=_NOISE,
        explanation="`topics` is None: TypeError in best_bed, logged as JSON with the trace.",
    ),
)

GROUP = Scenario(
    name="exception-group",
    title="A task of a TaskGroup divides by zero",
    story="Costs of a run are worked out in a TaskGroup; one task divides by the number of helpers, which is nought.",
    files={
        "parley/runs/costs.py": '''"""What a run costs."""

import asyncio


async def _seeds(crops):
    await asyncio.sleep(0.02)
    return 3 * len(crops)


async def _hours(crops, helpers):
    await asyncio.sleep(0.01)
    return (1 + len(crops)) / len(helpers)


async def costs(crops, helpers):
    """Seeds and hours, worked out side by side."""
    async with asyncio.TaskGroup() as group:
        seeds = group.create_task(_seeds(crops))
        hours = group.create_task(_hours(crops, helpers))
    return seeds.result(), hours.result()
'''
    },
    edits=(
        Edit(
            "parley/runs/planner.py",
            "    for crop in crops:\n",
            "    await costs(crops, message.get('helpers', ()))\n    for crop in crops:\n",
        ),
        Edit(
            "parley/runs/planner.py",
            "from parley.runs.beds import",
            "from parley.runs.costs import costs\nfrom parley.runs.beds import",
        ),
    ),
    service=_TIDEPOOL,
    dialect="dated",
    traffic=_QUIET,
    expected=Expected(
        category="application_error",
        exception="ZeroDivisionError",
        message_contains=("division by zero",),
        place=Place("parley/runs/costs.py", "_hours", "/ len(helpers)"),
        evidence=("division by zero", "broke off"),
        red_herrings=_NOISE,
        explanation="ZeroDivisionError in _hours, inside the ExceptionGroup of a TaskGroup; one line an entry.",
    ),
)

NOISE_BEFORE = Scenario(
    name="noise-before-close",
    title="The meter fails at each session's start, in good ones too; the cause is another",
    story="Metering cannot write its file and says so with a traceback whenever a session opens, healthy or not. The"
    " runs of the suite die of an attribute that does not exist.",
    edits=(
        Edit(
            "parley/jobs/metering.py",
            "    _seen.add(session.id)",
            "    _seen.add(session.id)\n    try:\n        _write(session.user)\n    except OSError:\n"
            '        log.exception("session of %s not metered", session.user)',
        ),
        Edit(
            "parley/jobs/metering.py",
            "def note_session(",
            'def _write(user: str) -> None:\n    with open(f"/proc/1011/meter-{user}", "a") as meter:\n'
            '        meter.write("1")\n\n\ndef note_session(',
        ),
        Edit(
            "parley/runs/planner.py",
            "    session.topics.extend(crops)",
            "    session.diary.note(crops)",
        ),
    ),
    service=_ORCHARD,
    dialect="dated",
    traces="joined",
    traffic=_QUIET,
    expected=Expected(
        category="application_error",
        exception="AttributeError",
        message_contains=("'Session' object has no attribute 'diary'",),
        place=Place("parley/runs/planner.py", "plan", "session.diary.note"),
        evidence=("has no attribute 'diary'",),
        red_herrings=(*_NOISE, "No such file", "not metered", "_write"),
        explanation="Runs end in AttributeError: Session has no `diary`. The meter's OSError is in good sessions too.",
        trap="A traceback in each session, some hundred milliseconds before the close, that has nothing to do with it.",
    ),
)

BARE = Scenario(
    name="bare-line",
    title="Bare messages: one line with the exception's repr",
    story="Logs are bare messages. The endpoint logs `run given up: KeyError('chart')` and closes.",
    edits=(
        Edit("parley/runs/planner.py", '"bed": bed,', '"bed": bed, "chart": session.describe()["chart"],'),
        Edit(
            "parley/ws/gateway.py",
            '    except Exception:\n        log.exception("%s broke off", session.id)\n',
            '    except Exception as error:\n        log.error("run given up: %r", error)\n',
        ),
    ),
    service=_TIDEPOOL,
    dialect="bare",
    traffic=_QUIET,
    expected=Expected(
        category="application_error",
        exception="KeyError",
        message_contains=("chart",),
        evidence=("run given up",),
        red_herrings=_NOISE,
        explanation="KeyError('chart') in a bare line, no traceback, no severity, no logger.",
    ),
)

LATE = Scenario(
    name="late-traceback",
    title="The traceback is written four seconds after the close",
    story="Errors are queued and written by a reporter every few seconds, so the traceback comes after the close.",
    edits=(
        Edit("parley/ws/gateway.py", "import contextlib\n", "import asyncio\nimport contextlib\n"),
        Edit(
            "parley/ws/gateway.py",
            '    except Exception:\n        log.exception("%s broke off", session.id)\n',
            "    except Exception as error:\n        asyncio.get_running_loop().call_later(\n"
            '            4, lambda trouble=error: log.error("%s broke off", session.id, exc_info=trouble)\n        )\n',
        ),
        Edit("parley/runs/beds.py", "return suited[0]", "return suited[len(suited)]"),
    ),
    service=_ORCHARD,
    traces="joined",
    tail_s=8,
    traffic=_QUIET,
    expected=Expected(
        category="application_error",
        exception="IndexError",
        message_contains=("list index out of range",),
        place=Place("parley/runs/beds.py", "best_bed", "return suited[len(suited)]"),
        evidence=("list index out of range",),
        red_herrings=_NOISE,
        explanation="IndexError in best_bed, logged four seconds after the socket was closed, with the session's id.",
    ),
)

TWO_CAUSES = Scenario(
    name="two-causes",
    title="Two faults at once: runs and chats fail for different reasons",
    story="Runs divide by a spacing of nought; chats of the suite read a key that is not there. Both are logged.",
    edits=(
        Edit("parley/runs/beds.py", "return SPACING_CM[crop]", "return 120 // (SPACING_CM[crop] * 0)"),
        Edit("parley/ws/messages.py", 'session.user, message["text"])', 'session.user, message["body"])'),
    ),
    service=_TIDEPOOL,
    traffic=replace(_QUIET, chatters=0),
    expected=Expected(
        category="application_error",
        exception="ZeroDivisionError",
        exception_any=("KeyError",),
        message_contains=("integer division or modulo by zero", "division by zero", "body"),
        place=Place("parley/runs/beds.py", "spacing_cm", "return 120 //"),
        evidence=("division", "KeyError: 'body'", "broke off"),
        red_herrings=_NOISE,
        explanation="Two causes: ZeroDivisionError in spacing_cm (two tests), KeyError 'body' in on_chat (one).",
    ),
)

LOGURU = Scenario(
    name="loguru",
    title="loguru prints the exception with colours and values",
    story="The service logs by loguru, with diagnose on: colours, arrows, values of variables, one entry a line.",
    files={
        "parley/logs.py": '''"""loguru takes over the standard library's logging."""

import logging
import sys
from contextvars import ContextVar

from loguru import logger

TRACE = ContextVar("trace", default="")


class _Through(logging.Handler):
    def emit(self, record):
        logger.opt(exception=record.exc_info, depth=6).log(record.levelname, record.getMessage())


def set_up(dialect):
    """loguru writes to stderr, in colour."""
    logger.remove()
    logger.add(sys.stderr, colorize=True, backtrace=True, diagnose=True)
    logging.basicConfig(level=logging.INFO, handlers=[_Through()], force=True)
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access"):
        logging.getLogger(name).handlers.clear()
        logging.getLogger(name).propagate = True
'''
    },
    edits=(
        Edit(
            "parley/runs/beds.py",
            "return SPACING_CM[crop]",
            'return int(SPACING_CM[crop].removesuffix("cm"))',
        ),
    ),
    needs=("loguru",),
    service=_ORCHARD,
    traffic=_QUIET,
    expected=Expected(
        category="application_error",
        exception="AttributeError",
        message_contains=("'int' object has no attribute 'removesuffix'",),
        place=Place("parley/runs/beds.py", "spacing_cm", "removesuffix"),
        evidence=("has no attribute", "broke off"),
        red_herrings=_NOISE,
        explanation="AttributeError in spacing_cm, printed by loguru with ANSI colours and values, one entry a line.",
    ),
)

CUT = replace(
    TRACEBACK,
    name="trace-cut",
    title="The traceback arrives cut in mid-frame",
    story="As caught-traceback, but the collector joins the first lines of a traceback and leaves the rest as lines.",
    traces="cut",
)

SCENARIOS = (CUT, TRACEBACK, JSON_TRACED, GROUP, NOISE_BEFORE, BARE, LATE, TWO_CAUSES, LOGURU)
