"""Every question that is asked of the logs, in words: rca/query_list.py."""

from urllib.parse import unquote

import pytest

from rca import query_list, questions, resources
from rca.lql import QueryError, parse
from rca.model import Window
from rca.query_list import Listed
from tests import build

WINDOW = Window(build.after(0), build.after(600), "the test's")
SHIPPED = {path.stem for path in resources.path("queries", "window.lql").parent.glob("*.lql")}
PARTS = {"services", "any_service"}
"""Files that are a part of every query, and no question of their own."""


def listed(ask: questions.Ask | None = None, project: str | None = "shop-stg") -> dict[str, Listed]:
    """All questions by their names."""
    return {one.name: one for one in query_list.listed(ask, ("ovens",), project, 200)}


def test_every_shipped_query_parses() -> None:
    """Each file, filled with samples, is of the query language; the names of all are given."""
    assert set(query_list.check()) == SHIPPED


def test_every_shipped_question_is_listed_once() -> None:
    """A query file that is added is listed without another change."""
    names = [one.name for one in query_list.listed(None, (), None, 200)]
    assert sorted(names) == sorted(SHIPPED - PARTS)


def test_what_is_asked_first_stands_first() -> None:
    """The probe, then the stretch that it found, then what is asked by hand."""
    names = list(listed())
    assert names[:2] == ["probe", "window"]
    assert names.index("first_occurrence") < names.index("around")


@pytest.mark.parametrize("name", sorted(SHIPPED - PARTS))
def test_each_asks_in_its_header_s_words(name: str) -> None:
    """The question is one, ends as one, and is not the query."""
    one = listed()[name]
    assert one.question.endswith("?")
    assert one.question not in one.text


@pytest.mark.parametrize("name", sorted(SHIPPED - PARTS))
def test_a_link_opens_the_query_as_it_is_shown(name: str) -> None:
    """There is one where nothing is left open, and its query parses; where something is, there is none."""
    one = listed()[name]
    is_open = bool(resources.parameters(resources.text("queries", f"{name}.lql")))
    assert (one.url is None) is is_open
    if one.url is not None:
        assert f"query={one.text}" in unquote(one.url)
        parse(one.text)


@pytest.mark.parametrize(
    "ask",
    [
        questions.everything(WINDOW),
        questions.probe(WINDOW, 80.0),
        questions.failures(WINDOW),
        questions.occurrences("no flour", WINDOW, 1),
        questions.at_host("ovens.example", WINDOW, 50),
        questions.arrived(build.after(0), questions.everything(WINDOW)),
    ],
    ids=lambda ask: ask.name,
)
def test_the_question_at_hand_is_shown_as_it_is_sent(ask: questions.Ask) -> None:
    """Word for word, bounds and services included, with a link to it."""
    one = listed(ask)[ask.name]
    assert one.text == questions.whole_query(ask, ("ovens",), None)
    assert one.url is not None


def test_without_a_project_there_is_no_link() -> None:
    """Logs Explorer needs to know whose logs."""
    assert {one.url for one in listed(project=None).values()} == {None}


def test_services_are_part_of_every_query() -> None:
    """Named ones are asked for by name; without a name, any of Cloud Run."""
    assert all('resource.labels.service_name="ovens"' in one.text for one in listed().values())
    texts = [one.text for one in query_list.listed(None, (), None, 200)]
    assert all('resource.type="cloud_run_revision"' in text for text in texts)
    assert not any("service_name=" in text for text in texts)


def test_the_user_s_filter_is_part_of_every_query() -> None:
    """What is shown is what would be sent with --filter; a filter that is none is told as such."""
    ask = questions.everything(WINDOW)
    told = query_list.listed(ask, ("ovens",), "shop-stg", 200, "severity>=ERROR -- only those")
    assert all("(\nseverity>=ERROR -- only those\n)\n" in one.text for one in told)
    with pytest.raises(QueryError):
        query_list.listed(ask, ("ovens",), "shop-stg", 200, "severity>=")


def test_what_parameters_only_the_logs_fill_stands_as_it_is_written() -> None:
    """A reader sees what is put in where."""
    assert "{text}" in listed()["first_occurrence"].text
    assert "{instance}" in listed()["socket"].text


def test_no_question_costs_more_than_the_budget() -> None:
    """What `rca` sends is bounded by --max-calls; what it does not send costs nothing."""
    costs = [one.most_calls for one in query_list.listed(None, (), None, 7)]
    assert None in costs
    assert max(cost for cost in costs if cost is not None) == 7


def test_the_text_holds_question_query_link_and_cost() -> None:
    """One block for each, for a reader in a terminal."""
    told = query_list.as_text(query_list.listed(questions.everything(WINDOW), ("ovens",), "shop-stg", 200))
    blocks = told.split("\n\n")
    assert len(blocks) == len(SHIPPED - PARTS)
    window = blocks[1].splitlines()
    assert window[0].startswith("window: What was logged")
    assert window[1].endswith("read calls at most: 200")
    assert window[2] == '    resource.type="cloud_run_revision"'
    assert window[-1].startswith("  https://console.cloud.google.com/logs/query;")
    assert "not sent by rca" in blocks[list(listed()).index("around")]
