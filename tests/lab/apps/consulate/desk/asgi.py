# A service under test, in a process of its own; its packages are there only then, so types are not checked.
# mypy: ignore-errors
# ruff: noqa: ANN001, ANN003, ANN201, ANN202
"""Django's settings, HTTP views and the consumer's route, in one module."""

import asyncio
import json
import os

import django
import journal
import passes
from django.conf import settings

settings.configure(
    SECRET_KEY="made-up",  # noqa: S106 - signs nothing
    ALLOWED_HOSTS=["*"],
    ROOT_URLCONF="desk.asgi",
    INSTALLED_APPS=["channels"],
    LOGGING_CONFIG=None,
)
django.setup()
journal.set_up()

# Both need the settings above.
from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402
from django.core.asgi import get_asgi_application  # noqa: E402
from django.http import JsonResponse  # noqa: E402
from django.urls import path  # noqa: E402

from desk.consumers import Counter, chores  # noqa: E402

_KEY = "made-up-staging-key"
_TASKS = set()


def page(body):
    """A view that answers with the body."""

    async def view(_request, **_parts):
        if not _TASKS and not os.environ.get("DESK_QUIET"):
            _TASKS.add(asyncio.create_task(chores()))
        await asyncio.sleep(0.003)
        return JsonResponse(body)

    return view


async def sign_in(request):
    """A token."""
    asked = json.loads(request.body)
    return JsonResponse({"access_token": passes.issue(asked["user"], _KEY, asked.get("lifetime_s", 900))})


urlpatterns = [
    path("healthz", page({"status": "ok"})),
    path("api/registry", page({"services": ["planner", "visa"]})),
    path("api/mcp/servers", page({"servers": [{"name": "visa", "transport": "streamable-http"}]})),
    path("api/almanac", page({"sow": "mint"})),
    path("api/plots/<int:plot>", page({"plot": 1})),
    path("auth/session", sign_in),
]
app = ProtocolTypeRouter(
    {"http": get_asgi_application(), "websocket": URLRouter([path("live", Counter.as_asgi())])}
)
