"""The fault lies outside the handlers: a store that refuses, a setting, a start that fails, a sign-in."""

from dataclasses import replace

from tests.lab.scenario import Edit, Expected, Place, Scenario, Traffic
from tests.lab.service import Service

_NOISE = ("could not convert string to float", "frost warning", "_frost")
_BRAMBLE = Service("bramble-stage", "615540027733", "europe-north1", "live-desk", "live-desk-00054-hya")
_FEW = Traffic(pollers=2, chatters=2, poll_pause_s=1.6, chat_s=4)

STORE_REFUSED = Scenario(
    name="store-refused",
    title="The conversation store refuses connections",
    story="The store is down. Each session writes its opening there: ConnectionRefusedError, wrapped in StoreError.",
    edits=(
        Edit(
            "parley/ws/gateway.py",
            '        await send(socket, "welcome", {"session": session.id})\n',
            '        await send(socket, "welcome", {"session": session.id})\n'
            '        await socket.app.state.store.append(user, "opened")\n',
        ),
    ),
    environment={"PARLEY_STORE": "{refused}"},
    service=_BRAMBLE,
    traffic=_FEW,
    expected=Expected(
        category="dependency_failure",
        exception="ConnectionRefusedError",
        exception_any=("StoreError", "OSError"),
        message_contains=(
            "[Errno 111] Connection refused",
            "Error 111 connecting to 10.24.8.3:6379",
        ),
        place=Place("parley/store.py", "_check_out", "await asyncio.open_connection"),
        evidence=("Error 111 connecting", "broke off"),
        red_herrings=_NOISE,
        explanation="The store at 10.24.8.3:6379 refuses connections; every session, the suite's or not, ends in 1011.",
        trap="No socket is good: there is no contrast.",
    ),
)

BAD_SETTING = Scenario(
    name="malformed-setting",
    title="A setting holds a unit, and int() will not have it",
    story="`PARLEY_HISTORY=50 messages`. The description of a session reads it: ValueError.",
    edits=(
        Edit(
            "parley/ws/session.py",
            '            "turns": self.turns,\n',
            '            "turns": self.turns,\n            "kept": int(os.environ["PARLEY_HISTORY"]),\n',
        ),
        Edit("parley/ws/session.py", "import secrets\n", "import os\nimport secrets\n"),
    ),
    environment={"PARLEY_HISTORY": "50 messages"},
    service=_BRAMBLE,
    dialect="json",
    traffic=_FEW,
    expected=Expected(
        category="configuration_error",
        exception="ValueError",
        message_contains=("invalid literal for int() with base 10: '50 messages'",),
        place=Place("parley/ws/session.py", "describe", 'int(os.environ["PARLEY_HISTORY"])'),
        evidence=("invalid literal for int()",),
        red_herrings=_NOISE,
        explanation="The setting PARLEY_HISTORY is '50 messages'; int() of it fails in Session.describe.",
        trap="The noise is a ValueError too.",
    ),
)

START_IMPORT = Scenario(
    name="startup-import",
    title="A name that cannot be imported: no instance starts",
    story="The planner imports a name that the beds module does not have. No instance starts; all requests get 500.",
    edits=(
        Edit(
            "parley/runs/planner.py",
            "import best_bed, spacing_cm",
            "import best_bed, rotation_of, spacing_cm",
        ),
    ),
    starts=False,
    lead_s=8,
    service=_BRAMBLE,
    traffic=_FEW,
    expected=Expected(
        category="startup_failure",
        exception="ImportError",
        message_contains=("cannot import name 'rotation_of'",),
        place=Place("parley/runs/planner.py", "<module>", "rotation_of"),
        evidence=("cannot import name 'rotation_of'",),
        explanation="ImportError while the app is loaded; the container calls exit(1) at each try.",
    ),
)

START_SETTING = replace(
    START_IMPORT,
    name="startup-setting",
    title="A setting is missing: no instance starts",
    story="The settings read PARLEY_REGION without a default, and it is not set: KeyError before the app exists.",
    edits=(
        Edit(
            "parley/settings.py",
            "    return Settings(\n",
            '    os.environ["PARLEY_REGION"]\n    return Settings(\n',
        ),
    ),
    traces="joined",
    expected=Expected(
        category="configuration_error",
        also_categories=("startup_failure",),
        exception="KeyError",
        message_contains=("PARLEY_REGION",),
        place=Place("parley/settings.py", "load", 'os.environ["PARLEY_REGION"]'),
        evidence=("KeyError: 'PARLEY_REGION'",),
        explanation="PARLEY_REGION is not set: KeyError in settings.load while the app is loaded; exit(1).",
    ),
)

SIGN_IN = Scenario(
    name="sign-in-refused",
    title="Tokens carry the wrong audience: handshakes get 403",
    story="The live endpoint wants tokens for `parley-live`, the sign-in issues them for `parley`. Handshakes get 403.",
    edits=(
        Edit(
            "parley/tokens.py",
            '    if claims["exp"] < time.time():',
            '    if claims["aud"] != "parley-live":\n'
            '        raise TokenError("audience is %s, not parley-live" % claims["aud"])\n'
            '    if claims["exp"] < time.time():',
        ),
    ),
    service=_BRAMBLE,
    traffic=_FEW,
    expected=Expected(
        category="authentication_failure",
        also_categories=("configuration_error", "application_error"),
        exception="TokenError",
        message_contains=("audience is parley, not parley-live", "sign-in refused"),
        evidence=("sign-in refused",),
        red_herrings=_NOISE,
        explanation="The tokens' audience is not what the live endpoint wants: refused with 403 before the accept.",
    ),
)

SCENARIOS = (STORE_REFUSED, BAD_SETTING, START_IMPORT, START_SETTING, SIGN_IN)
