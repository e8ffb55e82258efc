"""Daphne: Channels and bare ASGI; what nobody catches closes with 1011 and an empty reason."""

from dataclasses import replace

from tests.lab.scenario import Edit, Expected, Place
from tests.lab.servers import CONSULATE, MOORING, MOORING_DAPHNE

_NOISE = ("stamp illegible", "can't decode byte", "queue ticket")
_WATCH = ("lantern not lit", "starboard", "buoy drifts")

UNCAUGHT = replace(
    CONSULATE,
    name="channels-uncaught",
    title="Nobody catches in a consumer: daphne closes with 1011",
    story="A crop is missing from the table of beds: KeyError, `Exception inside application`, 1011 without a reason.",
    edits=(
        Edit("desk/consumers.py", '"bean": "south", "squash": "south"}[crop]', '"squash": "south"}[crop]'),
        Edit("desk/consumers.py", '{"leek": "north", ', "{"),
    ),
    expected=Expected(
        category="application_error",
        exception="KeyError",
        message_contains=("leek", "bean"),
        place=Place("desk/consumers.py", "bed_of", '"squash": "south"}[crop]'),
        evidence=("KeyError: 'leek'", "KeyError: 'bean'"),
        red_herrings=_NOISE,
        explanation="KeyError in bed_of, not caught: daphne logs it and closes with 1011.",
    ),
)

REFUSED = replace(
    CONSULATE,
    name="channels-403",
    title="Visitors refused before the accept: 403",
    story="The counter checks tokens by another key than the sign-in: closed before the accept, 403.",
    journal="jsonlogger",
    needs=(*CONSULATE.needs, "pythonjsonlogger"),
    edits=(Edit("desk/consumers.py", '"made-up-staging-key"', '"made-up-next-key"'),),
    expected=Expected(
        category="authentication_failure",
        also_categories=("configuration_error",),
        exception="TokenError",
        message_contains=("signature does not match", "visitor refused"),
        evidence=("visitor refused",),
        red_herrings=_NOISE,
        explanation="Sign-in and counter use different keys; every handshake is refused with 403.",
    ),
)

BARE_ASGI = replace(
    MOORING,
    name="daphne-asgi-serialize",
    title="A Starlette app on daphne: a Decimal that is no JSON, not caught",
    story="Berths got a Decimal depth. send_json raises TypeError; nobody catches; daphne closes with 1011.",
    server="daphne/starlette",
    command=MOORING_DAPHNE,
    journal="loguru_text",
    needs=("daphne", "loguru"),
    edits=(
        Edit("mooring/ropes.py", "import asyncio\n", "import asyncio\nimport decimal\n"),
        Edit(
            "mooring/ropes.py",
            '        return {"crop": crop, ',
            '        return {"crop": crop, "depth": decimal.Decimal("2.5"), ',
        ),
        Edit(
            "mooring/endpoints/streams.py",
            "        try:\n"
            '            await getattr(self, data["type"])(websocket, data)\n'
            "        except Exception:\n"
            '            log.exception("stream torn", stream=self.key)\n'
            '            await websocket.close(1011, "stream torn")\n',
            '        await getattr(self, data["type"])(websocket, data)\n',
        ),
        Edit(
            "mooring/endpoints/streams.py",
            "        self.ropes = websocket.app.state.ropes\n",
            "        self.ropes = Ropes()\n",
        ),
        Edit(
            "mooring/endpoints/streams.py",
            "from mooring.endpoints.pages import KEY\n",
            "from mooring.endpoints.pages import KEY\nfrom mooring.ropes import Ropes\n",
        ),
    ),
    expected=Expected(
        category="application_error",
        exception="TypeError",
        message_contains=("Object of type Decimal is not JSON serializable",),
        place=Place("mooring/endpoints/streams.py", "run", '"type": "run.step"'),
        evidence=("is not JSON serializable",),
        red_herrings=_WATCH,
        explanation="A Decimal in the step: TypeError of json.dumps, not caught; daphne closes with 1011.",
    ),
)

SCENARIOS = (UNCAUGHT, REFUSED, BARE_ASGI)
