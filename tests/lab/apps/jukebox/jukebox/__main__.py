# A service under test, in a process of its own; its packages are there only then, so types are not checked.
# mypy: ignore-errors
"""Starts Sanic in this process, on the port that is given."""

import sys

import journal

from jukebox.house import build

journal.set_up()
build().run(host="127.0.0.1", port=int(sys.argv[1]), single_process=True, access_log=False, motd=False)
