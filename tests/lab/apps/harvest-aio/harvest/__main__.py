# A service under test, in a process of its own; its packages are there only then, so types are not checked.
# mypy: ignore-errors
"""Starts the server on the port that is given."""

import sys

import journal
from aiohttp import web

from harvest.site import build

journal.set_up()
web.run_app(build(), host="127.0.0.1", port=int(sys.argv[1]), print=None, access_log=None)
