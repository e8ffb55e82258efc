"""BlackSheep on uvicorn: the exception's text becomes the reason; silence; a dependency's 503 told in one warning."""

from dataclasses import replace

from tests.lab.more_servers import BREWHOUSE, called, stand_in
from tests.lab.scenario import Edit, Expected, Place

_NOISE = ("hoop not fitted", "dictionary update sequence", "yeast slow")
_POUR = "            await pour(websocket, cellar, guest, mug, await websocket.receive_json())\n"

REASON = replace(
    BREWHOUSE,
    name="blacksheep-reason",
    title="BlackSheep puts the exception's text into the close reason",
    story="A guest has no cask, and it is asked for its litres: AttributeError, not caught. BlackSheep logs it and"
    " closes with 1011 and the exception's text.",
    edits=(
        Edit(
            "brewhouse.py",
            'return self.casks.get(guest, {"litres": 0})',
            "return {\"litres\": self.casks.get(guest + '!').litres}",
        ),
    ),
    expected=Expected(
        category="application_error",
        exception="AttributeError",
        message_contains=("'NoneType' object has no attribute 'litres'",),
        place=Place("brewhouse.py", "cask_of", ".litres}"),
        evidence=("object has no attribute 'litres'",),
        red_herrings=_NOISE,
        explanation="AttributeError in Cellar.cask_of: the guest has no cask. Not caught; its text is the close's"
        " reason.",
    ),
)

SILENT = replace(
    BREWHOUSE,
    name="blacksheep-swallowed",
    title="The brewhouse closes with 1011 `spilt` and logs nothing",
    story="A catch-all closes with 1011 and a reason of its own; what it caught is not written down.",
    edits=(
        Edit(
            "brewhouse.py",
            _POUR,
            "            order = await websocket.receive_json()\n"
            "            try:\n"
            "                await pour(websocket, cellar, guest, mug, order)\n"
            "            except Exception:\n"
            '                await websocket.close(1011, "spilt")\n'
            "                return\n",
        ),
        Edit(
            "brewhouse.py",
            '{"leek": "north", "chard": "north"}.get(crop, "south")',
            '{"chard": "north"}[crop]',
        ),
    ),
    expected=Expected(
        category="unknown",
        red_herrings=_NOISE,
        explanation="The catch-all closes with 1011 `spilt` and logs nothing of what it caught.",
    ),
)

UNAVAILABLE = replace(
    BREWHOUSE,
    name="blacksheep-http-503",
    title="The maltings answer 503; the mug is taken back with 1013",
    story="A run asks the maltings over HTTP, which answer 503. One WARNING line, without a traceback; closed with 1013"
    " `try again later`.",
    files=stand_in("stand_in_http"),
    environment={"STAND_IN_HTTP": 'MALTINGS 503 {"detail": "kiln is being relit"}'},
    needs=(*BREWHOUSE.needs, "httpx"),
    edits=(
        Edit("brewhouse.py", "import journal\n", "import httpx\nimport journal\n"),
        Edit("brewhouse.py", "import passes\n", "import passes\nimport stand_in_http\n"),
        Edit(
            "brewhouse.py",
            "        await asyncio.sleep(0.12)\n",
            """        async with httpx.AsyncClient(trust_env=False) as http:
            answer = await http.get(f"{os.environ['MALTINGS']}/malt")
        if answer.is_error:
            log.warning("no malt", mug=mug, status=answer.status_code, said=answer.text, url=str(answer.url))
            await websocket.close(1013, "try again later")
            return
""",
        ),
    ),
    edit_entries=called(r"http://127\.0\.0\.1:\d+/malt", "http://maltings.hopfield.internal/malt"),
    expected=Expected(
        category="dependency_failure",
        exception_any=("HTTPStatusError",),
        message_contains=("no malt", "503", "kiln is being relit"),
        evidence=("no malt",),
        red_herrings=_NOISE,
        explanation="The maltings answer 503 `kiln is being relit`; told in one WARNING line, closed with 1013.",
        trap="The socket is used after the close.",
    ),
)

SCENARIOS = (REASON, SILENT, UNAVAILABLE)
