"""Links into the Cloud console."""

from datetime import UTC, datetime, timedelta, timezone
from urllib.parse import unquote

from hypothesis import given, strategies as st

from rca.links import entry_url, logs_explorer

AT = datetime(2026, 5, 14, 9, 16, 2, 361207, tzinfo=UTC)


def test_an_entry_is_found_by_its_insert_id() -> None:
    """The address asks for the insertId and puts the cursor on the entry's time."""
    assert entry_url("6a01c1f0", "2026-05-14T09:16:02.361207123Z", "harbor-stg") == (
        "https://console.cloud.google.com/logs/query;query=insertId%3D%226a01c1f0%22"
        ";cursorTimestamp=2026-05-14T09:16:02.361207123Z?project=harbor-stg"
    )


def test_a_query_is_opened_around_a_moment() -> None:
    """The page shows the hour around the moment; parameters stand before the question mark."""
    assert logs_explorer('severity>=ERROR\n"a b"', "harbor-stg", AT) == (
        "https://console.cloud.google.com/logs/query;query=severity%3E%3DERROR%0A%22a%20b%22"
        ";timeRange=2026-05-14T09:16:02.361207Z%2F2026-05-14T09:16:02.361207Z--PT1H"
        ";cursorTimestamp=2026-05-14T09:16:02.361207Z?project=harbor-stg"
    )


def test_a_moment_in_another_zone_is_the_same_moment() -> None:
    """Times are written in UTC."""
    west = AT.astimezone(timezone(timedelta(hours=-7)))
    assert logs_explorer("x", "p", west) == logs_explorer("x", "p", AT)


def test_an_escaped_log_name_is_escaped_again() -> None:
    """The %2F of a log name is text to the console, so its percent sign is escaped."""
    assert "run.googleapis.com%252Fstderr" in str(logs_explorer('logName="run.googleapis.com%2Fstderr"', "p"))


def test_without_a_project_there_is_no_link() -> None:
    """A link that opens some other project's logs would mislead."""
    assert logs_explorer("x", None) is None
    assert logs_explorer("x", "") is None
    assert entry_url("6a01", None, None) is None
    assert entry_url(None, "2026-05-14T09:16:02Z", "p") is None


def test_without_a_time_there_is_no_cursor() -> None:
    """The time is optional."""
    assert (
        entry_url("6a01", None, "p")
        == "https://console.cloud.google.com/logs/query;query=insertId%3D%226a01%22?project=p"
    )


@given(st.text(), st.text(min_size=1))
def test_a_query_comes_back_whole(query: str, project: str) -> None:
    """Nothing in a query or a project can leave its place in the address."""
    address = logs_explorer(query, project)
    assert address is not None
    path, _, named = address.removeprefix("https://console.cloud.google.com/logs/query;query=").partition(
        "?project="
    )
    assert not set(path) & set(' ;?#/"<>()[]{}|\\^`\n')
    assert unquote(path) == query
    assert unquote(named) == project
