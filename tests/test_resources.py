"""The shipped files are found, and queries are filled so that no value becomes query."""

import re
import shutil
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given, strategies as st

from rca import resources
from rca.errors import TemplateError
from rca.resources import Value, fill, filled, lql_string, parameters

QUERY = """\
-- Which requests of a service failed?
-- Parameters:
-- {services}: strings - Cloud Run service names
-- {start}: timestamp - first moment
-- {needle}: string - what the text holds
-- {status}: number - lowest status
-- A returned entry is one request.
-- Documentation: https://docs.cloud.google.com/run/docs/logging
resource.labels.service_name={services}
-- a comment with {start} in it
timestamp>={start} httpRequest.status>={status}
textPayload=~"\\\\d{3}" textPayload:{needle}
"""
VALUES: dict[str, Value] = {
    "services": ("tide", "bay"),
    "start": datetime(2026, 5, 14, 9, 0, tzinfo=UTC),
    "needle": 'say "hi"\\',
    "status": 500,
}


def test_a_query_is_filled() -> None:
    """Parameters are replaced by quoted values; the header is left away, comments and repetitions stay."""
    assert fill(QUERY, "q", VALUES) == (
        'resource.labels.service_name=("tide" OR "bay")\n'
        "-- a comment with {start} in it\n"
        'timestamp>="2026-05-14T09:00:00Z" httpRequest.status>=500\n'
        'textPayload=~"\\\\d{3}" textPayload:"say \\"hi\\"\\\\"\n'
    )


def test_the_header_tells_the_parameters() -> None:
    """Name and type of each are read from the header."""
    assert parameters(QUERY) == {
        "services": "strings",
        "start": "timestamp",
        "needle": "string",
        "status": "number",
    }


def test_a_time_is_written_in_utc() -> None:
    """Another zone gives the same moment."""
    east = VALUES | {"start": datetime(2026, 5, 14, 11, 0, tzinfo=timezone(timedelta(hours=2)))}
    assert fill(QUERY, "q", east) == fill(QUERY, "q", VALUES)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"other": "x"}, "does not know: other"),
        ({"services": ()}, "at least one value"),
        ({"services": "tide"}, "wants a strings"),
        ({"services": ("tide", 3)}, "wants a strings"),
        ({"needle": 3}, "wants a string"),
        ({"status": "500"}, "wants a number"),
        ({"status": True}, "wants a number"),
        ({"start": datetime(2026, 5, 14)}, "with a zone"),  # noqa: DTZ001 - what is refused
    ],
)
def test_a_wrong_value_is_refused(change: dict[str, Value], message: str) -> None:
    """An unknown, empty or wrongly typed value is an error, not a wider question."""
    with pytest.raises(TemplateError, match=message):
        fill(QUERY, "q", VALUES | change)


def test_a_missing_value_is_refused() -> None:
    """The error names what is missing, the hint what the query takes."""
    with pytest.raises(TemplateError, match="needs: needle") as refused:
        fill(QUERY, "q", {name: value for name, value in VALUES.items() if name != "needle"})
    assert "{needle}: string" in refused.value.hint


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("-- {a}: string\nx={a} y={b}", "does not declare"),
        ('-- {a}: string\nx:"before {a}"', "inside quotes"),
        ("-- {a}: text\nx={a}", 'the type "text"'),
    ],
)
def test_a_faulty_query_file_is_refused(query: str, message: str) -> None:
    """A query file that cannot be filled safely is an error at once."""
    with pytest.raises(TemplateError, match=message):
        fill(query, "q", {"a": "x"})


@given(st.text())
def test_no_value_ends_its_own_string(value: str) -> None:
    """Quotes, backslashes and line ends of a value are escaped, whatever it holds."""
    body = fill("-- {a}: string\nx={a} severity=ERROR", "q", {"a": value})
    found = re.fullmatch(r'x=("(?:[^"\\\n]|\\.)*") severity=ERROR\n', body, re.DOTALL)
    assert found is not None
    back = re.sub(
        r"\\(.)", lambda escape: {"n": "\n", "r": "\r", "t": "\t"}.get(escape[1], escape[1]), found[1][1:-1]
    )
    assert back == value
    assert lql_string(value) == found[1]


def test_a_shipped_file_is_found_beside_the_package() -> None:
    """In a checkout the folders lie at the top."""
    assert resources.path("queries", "README.md").name == "README.md"
    assert "one question" in resources.text("queries", "README.md").lower()


def test_a_shipped_file_inside_the_package_comes_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a wheel they lie inside the package, and those are taken."""
    package = tmp_path / "rca"
    for folder, word in ((package / "queries", "inside"), (tmp_path / "queries", "beside")):
        folder.mkdir(parents=True)
        (folder / "q.lql").write_text(f"-- Which?\ntextPayload:{word}\n", encoding="utf-8")
    monkeypatch.setattr(resources, "_PACKAGE", package)
    assert filled("q.lql") == "textPayload:inside\n"
    shutil.rmtree(package / "queries")
    assert filled("q.lql") == "textPayload:beside\n"


def test_a_missing_file_names_those_there_are() -> None:
    """The hint lists what ships."""
    with pytest.raises(TemplateError, match="no_such") as refused:
        resources.text("queries", "no_such.lql")
    assert "README.md" in refused.value.hint


def test_an_incomplete_installation_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the folders at all, the hint is to install anew."""
    monkeypatch.setattr(resources, "_PACKAGE", tmp_path / "rca")
    with pytest.raises(TemplateError) as refused:
        resources.text("templates", "five_whys.md.j2")
    assert "install" in refused.value.hint


@pytest.mark.parametrize("name", ["../pyproject.toml", "/etc/hostname", "../queries/../LICENSE"])
def test_a_name_cannot_leave_its_folder(name: str) -> None:
    """Only what ships in the folder is read."""
    with pytest.raises(TemplateError):
        resources.path("queries", name)


def test_a_file_that_is_no_text_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Broken bytes are an error with a hint, not a traceback."""
    (tmp_path / "rca" / "queries").mkdir(parents=True)
    (tmp_path / "rca" / "queries" / "q.lql").write_bytes(b"\xff\xfe")
    monkeypatch.setattr(resources, "_PACKAGE", tmp_path / "rca")
    with pytest.raises(TemplateError, match="cannot be read"):
        resources.text("queries", "q.lql")


SHIPPED = sorted(path.name for path in (Path(resources.__file__).parent.parent / "queries").glob("*.lql"))


@pytest.mark.parametrize("name", SHIPPED)
def test_each_shipped_query_can_be_filled(name: str) -> None:
    """Every parameter that a shipped query uses is declared, with a type that is known, and each declared is used."""
    examples: dict[str, Value] = {
        "string": "x",
        "strings": ("x",),
        "timestamp": datetime(2026, 5, 14, tzinfo=UTC),
        "number": 1,
    }
    query = resources.text("queries", name)
    declared = parameters(query)
    assert filled(name, **{one: examples[kind] for one, kind in declared.items()})
    assert query.startswith("-- ")
    assert all(query.count(f"{{{one}}}") > 1 for one in declared)
