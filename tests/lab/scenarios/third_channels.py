"""Channels on uvicorn: uncaught is 1006; group names, a layer's Redis, the ORM in a coroutine, stale passes."""

from dataclasses import replace

from tests.lab.more_servers import SWITCHYARD, without_traces
from tests.lab.scenario import Edit, Expected, Place

_NOISE = ("lever not oiled", "KeyError: 'lever'", "signal lamp")

GROUP_NAME = replace(
    SWITCHYARD,
    name="channels-group-name",
    title="A group's name with a slash in it",
    story="Groups are named after driver and run with a slash between: TypeError of the channel layer, not caught."
    " uvicorn logs it and drops the socket: 1006.",
    edits=(
        Edit(
            "trains/consumers.py",
            "group = f\"run.{content['run']}\"",
            "group = f\"{self.driver}/{content['run']}\"",
        ),
    ),
    expected=Expected(
        category="application_error",
        exception="TypeError",
        message_contains=("Group name must be a valid unicode string",),
        place=Place("trains/consumers.py", "order_run", "self.channel_layer.group_add("),
        evidence=("Group name must be a valid unicode string",),
        red_herrings=_NOISE,
        explanation="The group's name holds a slash: TypeError of group_add in order_run, not caught, 1006.",
    ),
)

LAYER = replace(
    SWITCHYARD,
    name="channels-layer-redis",
    title="The channel layer's Redis refuses connections; traces are gone from the export",
    story="The channel layer lives in Redis, which refuses connections. Each consumer fails as soon as it talks to its"
    " layer; not caught.",
    environment={"YARD_REDIS": "redis://{refused:10.128.0.19:6379}/1"},
    needs=(*SWITCHYARD.needs, "channels_redis"),
    edit_entries=without_traces,
    edits=(
        Edit("yard/settings.py", "SECRET_KEY = ", "import os\n\nSECRET_KEY = "),
        Edit(
            "yard/settings.py",
            '{"BACKEND": "channels.layers.InMemoryChannelLayer"}',
            '{"BACKEND": "channels_redis.core.RedisChannelLayer", "CONFIG": {"hosts": [os.environ["YARD_REDIS"]]}}',
        ),
    ),
    expected=Expected(
        category="dependency_failure",
        exception="ConnectionError",
        exception_any=("ConnectionRefusedError", "OSError"),
        message_contains=(
            "Error 111 connecting to 10.128.0.19:6379",
            "Connect call failed ('10.128.0.19', 6379)",
        ),
        evidence=("Error 111 connecting to 10.128.0.19:6379",),
        red_herrings=_NOISE,
        explanation="The channel layer's Redis at 10.128.0.19:6379 refuses connections: redis-py's ConnectionError.",
        trap="No socket is good. No line of the traceback is the application's.",
    ),
)

ORM = replace(
    SWITCHYARD,
    name="channels-orm-in-coroutine",
    title="The database is used in a coroutine: SynchronousOnlyOperation, caught",
    story="The driver's sheet is read by a cursor, in a coroutine. Django forbids it; the consumer catches, logs and"
    " closes with 1011.",
    edits=(
        Edit(
            "trains/consumers.py",
            "        await getattr(self, f\"order_{content['type']}\")(content)\n",
            """        try:
            await getattr(self, f"order_{content['type']}")(content)
        except Exception:
            log.exception("order not carried out", train=self.train)
            await self.close(1011, "order not carried out")
""",
        ),
        Edit(
            "trains/consumers.py",
            "        await asyncio.sleep(0.07)\n",
            "        with connection.cursor() as cursor:\n"
            '            cursor.execute("select 1 from trains_sheet where driver = %s", [self.driver])\n',
        ),
        Edit(
            "trains/consumers.py",
            "from django.conf import settings\n",
            "from django.conf import settings\nfrom django.db import connection\n",
        ),
    ),
    expected=Expected(
        category="application_error",
        exception="SynchronousOnlyOperation",
        message_contains=("You cannot call this from an async context",),
        place=Place("trains/consumers.py", "order_describe", "with connection.cursor()"),
        evidence=("You cannot call this from an async context",),
        red_herrings=_NOISE,
        explanation="Django's database is used in a coroutine: SynchronousOnlyOperation in order_describe, caught,"
        " 1011.",
    ),
)

STALE = replace(
    SWITCHYARD,
    name="channels-stale-passes",
    title="Passes live for nought seconds; report only, without times",
    story="The sign-in takes the lifetime for milliseconds, so a pass has expired when it is shown. Trains are kept out"
    " before the accept: 403.",
    junit=False,
    report_times=False,
    edits=(
        Edit("trains/views.py", 'asked.get("lifetime_s", 900))', 'asked.get("lifetime_s", 900) // 1000)'),
    ),
    expected=Expected(
        category="authentication_failure",
        also_categories=("application_error", "configuration_error"),
        exception="TokenError",
        message_contains=("train kept out", "expired 0 s ago", "expired"),
        evidence=("train kept out",),
        red_herrings=_NOISE,
        explanation="Passes expire as they are issued: `expired 0 s ago`, every handshake is refused with 403.",
    ),
)

SCENARIOS = (GROUP_NAME, LAYER, ORM, STALE)
