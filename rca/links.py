"""Links into the Google Cloud console, for whoever wants to see an entry with their own eyes.

In: a Logging query or an insertId, a time, a project. Out: an address, or None where no project is known. Nothing
here asks the network; the addresses are built by the rules the console itself follows.
"""

from datetime import datetime
from urllib.parse import quote

from rca.resources import lql_string, rfc3339

CONSOLE = "https://console.cloud.google.com"

_SAFE = "-_.~$&+,:@"
"""What the console leaves unescaped besides letters and digits; `"` is %22, `=` %3D, `/` %2F, a space %20."""


def logs_explorer(query: str, project: str | None, at: datetime | None = None) -> str | None:
    """Return the address that opens `query` in Logs Explorer, the hour around `at`; None without a project.

    `at` is aware. A bound on `timestamp` inside the query wins over the hour.

    Source: the unit tests of github.com/vvakame/gcplogurl, which follow addresses that the console made.
    """
    if not project:
        return None
    path = f"query={_percent(query)}"
    if at is not None:
        moment = rfc3339(at)
        # The slash between the two ends is part of the value, so it is escaped like any other character of it.
        path += f";timeRange={moment}%2F{moment}--PT1H;cursorTimestamp={moment}"
    return f"{CONSOLE}/logs/query;{path}?project={_percent(project)}"


def entry_url(insert_id: str | None, at_rfc3339: str | None, project: str | None) -> str | None:
    """Return the address of one entry; None without an insertId or a project.

    `at_rfc3339` is the entry's `timestamp` as logged, nanoseconds and all: the console puts its cursor there.
    """
    if not insert_id or not project:
        return None
    path = f"query={_percent(f'insertId={lql_string(insert_id)}')}"
    if at_rfc3339:
        path += f";cursorTimestamp={_percent(at_rfc3339)}"
    return f"{CONSOLE}/logs/query;{path}?project={_percent(project)}"


def _percent(text: str) -> str:
    # A lone surrogate (a broken \ud83d in a JSON log) has no UTF-8 form: it becomes a question mark.
    return quote(text, safe=_SAFE, errors="replace")
