"""gunicorn with two workers: memory that one worker has and the other has not, a killed worker, a port taken twice."""

from dataclasses import replace

from tests.lab.more_servers import DARKROOM
from tests.lab.scenario import Edit, Expected, Place

_NOISE = ("bath not mixed", "bytes must be in range", "fixer warm")

MEMORY = replace(
    DARKROOM,
    name="gunicorn-two-memories",
    title="Who signed in at one worker is not known to the other",
    story="Sign-ins are kept in the worker's memory. With two workers and two instances the socket mostly lands where"
    " the sign-in is not known: LookupError, caught, 1011. Now and then one lands right.",
    edits=(
        Edit("darkroom.py", "enlarger = Enlarger()\n", "enlarger = Enlarger()\n_SIGNED_IN = {}\n"),
        Edit(
            "darkroom.py",
            '    return JSONResponse({"access_token": passes.issue(',
            "    return JSONResponse(_remember(request, passes.issue(",
        ),
        Edit("darkroom.py", 'asked.get("lifetime_s", 900))})\n', 'asked.get("lifetime_s", 900))))\n'),
        Edit(
            "darkroom.py",
            "async def sign_in(",
            '''def _remember(request, token):
    """The answer to a sign-in that is remembered here."""
    _SIGNED_IN[token] = request.client.host
    return {"access_token": token}


async def sign_in(''',
        ),
        Edit(
            "darkroom.py",
            "    try:\n        while True:\n",
            '    try:\n        address_of(socket.query_params["access_token"])\n        while True:\n',
        ),
        Edit(
            "darkroom.py",
            "async def live(",
            '''def address_of(token):
    """Where somebody signed in from."""
    address = _SIGNED_IN.get(token)
    if address is None:
        raise LookupError(f"sign-in not among the {len(_SIGNED_IN)} known here")
    return address


async def live(''',
        ),
    ),
    expected=Expected(
        category="application_error",
        also_categories=("configuration_error",),
        exception="LookupError",
        message_contains=("sign-in not among the",),
        place=Place("darkroom.py", "address_of", "raise LookupError"),
        evidence=("sign-in not among the",),
        red_herrings=_NOISE,
        explanation="Sign-ins live in one worker's memory; a socket that lands on another worker meets LookupError.",
        trap="Not every socket is bad, and nothing tells the good from the bad but the process.",
    ),
)

KILLED = replace(
    DARKROOM,
    name="gunicorn-two-killed",
    title="A worker is killed under its sockets: perhaps out of memory",
    story="An exposure takes more memory than there is and the kernel kills the worker (here: SIGKILL to itself)."
    " gunicorn: `was sent SIGKILL! Perhaps out of memory?`; the worker's sockets end with 1006.",
    edits=(
        Edit("enlarger.py", "import asyncio\n", "import asyncio\nimport os\nimport signal\n"),
        Edit(
            "enlarger.py",
            '        await asyncio.sleep(0.02)\n        return {"crop"',
            '        os.kill(os.getpid(), signal.SIGKILL)\n        return {"crop"',
        ),
    ),
    expected=Expected(
        category="resource_exhaustion",
        message_contains=("Perhaps out of memory?", "SIGKILL"),
        evidence=("was sent SIGKILL",),
        red_herrings=_NOISE,
        explanation="Workers are killed with SIGKILL in mid-run: `Perhaps out of memory?`; their sockets end with"
        " 1006.",
    ),
)

PORT = replace(
    DARKROOM,
    name="gunicorn-two-port-taken",
    title="Each worker starts an exporter of its own on one port",
    story="On import an exporter for metrics is bound to a fixed port. The second worker finds it taken: OSError,"
    " `Worker failed to boot`, exit(3), again and again.",
    environment={"EXPORTER": "{refused:0.0.0.0:9464}"},
    starts=False,
    instances=1,
    lead_s=8,
    traffic=replace(DARKROOM.traffic, chatters=2, chat_s=4),
    edits=(
        Edit(
            "enlarger.py",
            "import asyncio\n",
            "import asyncio\nimport os\nfrom http.server import BaseHTTPRequestHandler, HTTPServer\n",
        ),
        Edit(
            "enlarger.py",
            "class Enlarger:\n",
            '''def export_metrics() -> HTTPServer:
    """The exporter listens."""
    host, port = os.environ["EXPORTER"].split(":")
    return HTTPServer((host, int(port)), BaseHTTPRequestHandler)


EXPORTER = export_metrics()


class Enlarger:
''',
        ),
    ),
    expected=Expected(
        category="startup_failure",
        also_categories=("configuration_error",),
        exception="OSError",
        message_contains=("Address already in use",),
        place=Place("enlarger.py", "export_metrics", "return HTTPServer("),
        evidence=("Address already in use",),
        red_herrings=_NOISE,
        explanation="Each worker binds the exporter's port on import; the second one fails: Address already in use.",
    ),
)

SCENARIOS = (MEMORY, KILLED, PORT)
