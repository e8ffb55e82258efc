"""Litestar on uvicorn: 4500 with and without a word, a guard's other key, 429 beside a slip, the client's own."""

from dataclasses import replace

from tests.lab.more_servers import FOUNDRY, called, stand_in
from tests.lab.scenario import Edit, Expected, Place

_NOISE = ("slag not sorted", "x not in tuple", "bellows leak")
_MOULD = '        return {"crop": crop, "bed": side}\n'
_CAST = "                await self.cast(socket, patterns, founder, heat, order)\n"

LOGGED = replace(
    FOUNDRY,
    name="litestar-object-id",
    title="An ObjectId in the mould: 4500, logged by Litestar itself",
    story="A mould got the id of its document, an ObjectId. msgspec refuses it; nobody catches. Litestar is told to log"
    " all exceptions, and closes with 4500.",
    journal="basic",
    needs=("litestar", "bson"),
    edits=(
        Edit(
            "foundry/works.py",
            "import journal\n",
            "import journal\nfrom litestar.logging import LoggingConfig\n",
        ),
        Edit(
            "foundry/works.py",
            "    logging_config=None,\n",
            '    logging_config=LoggingConfig(log_exceptions="always", configure_root_logger=False),\n',
        ),
        Edit("foundry/patterns.py", "import asyncio\n", "import asyncio\n\nfrom bson import ObjectId\n"),
        Edit(
            "foundry/patterns.py", _MOULD, '        return {"crop": crop, "bed": side, "ref": ObjectId()}\n'
        ),
    ),
    expected=Expected(
        category="application_error",
        exception="TypeError",
        exception_any=("SerializationException",),
        message_contains=("Unsupported type: <class 'bson.objectid.ObjectId'>", "ObjectId"),
        place=Place("foundry/casting.py", "cast", '{"type": "run.step"'),
        evidence=("Unsupported type: <class 'bson.objectid.ObjectId'>",),
        red_herrings=_NOISE,
        explanation="The mould holds an ObjectId, which Litestar cannot write: SerializationException, not caught,"
        " 4500.",
    ),
)

SILENT = replace(
    FOUNDRY,
    name="litestar-4500-silent",
    title="4500, and not a word: Litestar logs no exceptions unless it is told to",
    story="A crop has no mould: KeyError, not caught. Litestar closes with 4500 `Internal Server Error` and, as it"
    " comes out of the box, logs nothing.",
    edits=(
        Edit(
            "foundry/patterns.py",
            '{"leek": "north", "chard": "north"}.get(crop, "south")',
            '{"chard": "north"}[crop]',
        ),
    ),
    expected=Expected(
        category="unknown",
        red_herrings=_NOISE,
        explanation="Litestar closes with 4500 and logs nothing of what the handler raised. The noise is another"
        " job's.",
    ),
)

GUARD = replace(
    FOUNDRY,
    name="litestar-guard-key",
    title="The guard checks with a key that was turned; report only, the clock 90 s behind",
    story="The guard reads its key at request time; it was turned, the sign-in's was not. Every handshake is refused.",
    environment={"CRUCIBLE_KEY": "made-up-turned-key"},
    skew_s=-90.0,
    junit=False,
    edits=(
        Edit("foundry/casting.py", "import asyncio\n", "import asyncio\nimport os\n"),
        Edit(
            "foundry/casting.py",
            'connection.query_params.get("access_token", ""), KEY)',
            'connection.query_params.get("access_token", ""), os.environ["CRUCIBLE_KEY"])',
        ),
    ),
    expected=Expected(
        category="authentication_failure",
        also_categories=("configuration_error",),
        exception="TokenError",
        exception_any=("PermissionDeniedException",),
        message_contains=("signature does not match", "kept from the crucible"),
        evidence=("kept from the crucible",),
        red_herrings=_NOISE,
        explanation="Guard and sign-in use different keys: signature does not match, every handshake is refused.",
    ),
)

TWO = replace(
    FOUNDRY,
    name="litestar-two-causes",
    title="Runs meet a 429, chats a slip of the pen; both are caught",
    story="Runs ask a supplier who answers 429 Too Many Requests. Chats of the same day add a number to a text. Each is"
    " logged with its traceback and closed with 1011.",
    files=stand_in("stand_in_http"),
    environment={"STAND_IN_HTTP": 'SUPPLIER 429 {"error": "rate limit of 60 per minute exceeded"}'},
    needs=(*FOUNDRY.needs, "httpx"),
    traffic=replace(FOUNDRY.traffic, chatters=1),
    edits=(
        Edit(
            "foundry/works.py", "import journal\n", "import journal\nimport stand_in_http  # the supplier\n"
        ),
        Edit("foundry/patterns.py", "import asyncio\n", "import asyncio\nimport os\n\nimport httpx\n"),
        Edit(
            "foundry/patterns.py",
            "    def mould(self, crop):\n",
            '''    async def ore(self, crops):
        """Ore enough for the crops."""
        async with httpx.AsyncClient(trust_env=False) as http:
            answer = await http.post(f"{os.environ['SUPPLIER']}/orders", json={"crops": crops})
            answer.raise_for_status()

    def mould(self, crop):
''',
        ),
        Edit("foundry/patterns.py", "self.marks.get(founder, 0) + 1", 'self.marks.get(founder, "none") + 1'),
        Edit(
            "foundry/casting.py",
            "            await asyncio.sleep(0.12)\n",
            '            await patterns.ore(order["crops"])\n',
        ),
        Edit(
            "foundry/casting.py",
            _CAST,
            """                try:
                    await self.cast(socket, patterns, founder, heat, order)
                except Exception:
                    log.exception("heat lost", heat=heat)
                    await socket.close(code=1011, reason="heat lost")
                    return
""",
        ),
    ),
    edit_entries=called(r"http://127\.0\.0\.1:\d+/orders", "https://ore.supplier.example/orders"),
    expected=Expected(
        category="dependency_failure",
        also_categories=("application_error", "platform_limit", "resource_exhaustion"),
        exception="HTTPStatusError",
        exception_any=("TypeError",),
        message_contains=(
            "Client error '429 Too Many Requests' for url",
            "429 Too Many Requests",
            'can only concatenate str (not "int") to str',
        ),
        place=Place("foundry/patterns.py", "ore", "answer.raise_for_status()"),
        evidence=("429 Too Many Requests", "can only concatenate str"),
        red_herrings=_NOISE,
        explanation="Two causes: the supplier's 429 (HTTPStatusError in Patterns.ore, four sockets), TypeError in stamp"
        " (one).",
    ),
)

CLIENT_MADE = replace(
    FOUNDRY,
    name="litestar-client-made",
    title="A test expects another bed; its client closes with 1011",
    story="The test of the run expects the bed `west`. Its assertion fails inside `async with connect(...)`: the client"
    " sends 1011; the works did nothing wrong.",
    skew_s=90.0,
    edits=(Edit("e2e/test_connectivity.py", '["bed"] == "north"', '["bed"] == "west"'),),
    expected=Expected(
        category="client_error",
        exception="AssertionError",
        message_contains=("AssertionError", "1011"),
        evidence=("code=1011", "'code': 1011"),
        red_herrings=_NOISE,
        explanation="The client sent the 1011, because an assertion of the test failed while the socket was open.",
    ),
)

SCENARIOS = (LOGGED, SILENT, GUARD, TWO, CLIENT_MADE)
