# A service under test, in a process of its own; its packages are there only then, so types are not checked.
# mypy: ignore-errors
"""The ASGI application: Django's views, Channels' consumers."""

import os

import journal
from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "yard.settings")
journal.set_up()
django_application = get_asgi_application()

# The registry of apps has to be ready first.
from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402
from django.urls import re_path  # noqa: E402
from trains.consumers import TrainConsumer  # noqa: E402

application = ProtocolTypeRouter(
    {
        "http": django_application,
        "websocket": URLRouter([re_path(r"^live$", TrainConsumer.as_asgi())]),
    }
)
