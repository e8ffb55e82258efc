"""What to do next: rca/next_steps.py and remedies.toml."""

from dataclasses import replace
from typing import Any

import pytest

from tests import build
from tests.build import Raw, logged
from tests.test_report import of_run, report_on, run

OLD, NEW = "ovens-00006-old", "ovens-00007-abc"


def mending(text: str) -> str:
    """The first action, where the failing connections log this line."""
    return report_on(run(text), build.cycle(of_run())).next_actions[0]


def test_a_known_cause_adds_what_to_do_and_where_that_is_documented() -> None:
    """The catalogue's remedy follows the category's, with the entry's id and its first document."""
    action = mending("Object of type Loaf is not JSON serializable")
    assert "json.dumps met a value of that type" in action
    assert action.endswith("(known cause `not-json-serializable`).")


def test_a_wording_of_the_application_s_own_has_no_remedy_but_its_category_s() -> None:
    """Only what libraries and Python say means the same everywhere."""
    assert "known cause" not in mending("no flour left")


def test_python_s_own_words_are_kept_for_python() -> None:
    """Where neither the server nor a traceback shows Python, nobody is told to call logger.exception."""
    accepted = logged('INFO:     203.0.113.9:0 - "WebSocket /ws" [accepted]', 0.1)
    python = report_on([accepted, *run("no flour left")], build.cycle(of_run())).next_actions[0]
    assert "logger.exception" in python
    assert "with its stack trace" in mending("no flour left")


def test_connections_that_cannot_be_told_apart_are_not_denied() -> None:
    """Tests that ran at once, without traces: the logs hold connections, and may well hold theirs."""
    one = build.cycle(of_run()).tests[1]
    at_once = [replace(one, name=f"t{at}", started_at=build.START, duration_s=7.5) for at in range(4)]
    (advice,) = report_on([*run("no flour left"), *run("x", 20.0, "b")], build.cycle(at_once)).settle
    assert "trace id for each test" in advice
    assert "6 connections lie in these logs" in advice
    (advice,) = report_on([logged("baking", 1.0)], build.cycle(at_once)).settle
    assert "none of its connections is in them" in advice


# --- rollback --------------------------------------------------------------------------------------------


def of_revision(raw: Raw, name: str) -> Raw:
    """The raw entry as another revision's."""
    resource: dict[str, Any] = raw["resource"]
    return raw | {"resource": resource | {"labels": resource["labels"] | {"revision_name": name}}}


def became_ready(name: str, at: float) -> Raw:
    """The platform's word that a revision is ready."""
    text = f"Ready condition status changed to True for Revision {name} with message: Deploying Revision."
    return logged(text, at, severity="INFO", instance=None, log="cloudaudit.googleapis.com%2Fsystem_event")


def rollbacks(raws: list[Raw]) -> list[str]:
    """The actions that send traffic back to a revision."""
    actions = report_on(raws, build.cycle(of_run())).next_actions
    assert actions
    return [action for action in actions if "send the traffic back" in action]


def served(well: str, deployed: str | None) -> list[Raw]:
    """A run whose first connection is served well by one revision, the failing ones by NEW."""
    raws = run("no flour left")
    raws = [of_revision(raw, well) for raw in raws[:2]] + [of_revision(raw, NEW) for raw in raws[2:]]
    return [*raws, became_ready(deployed, 2.0)] if deployed else raws


def test_a_rollback_is_advised_where_a_deploy_brought_the_fault_and_another_revision_served_well() -> None:
    """It names the revision to go back to, as a stopgap."""
    (action,) = rollbacks(served(OLD, NEW))
    assert OLD in action
    assert action.startswith("Until then")


@pytest.mark.parametrize(
    ("well", "deployed"),
    [(OLD, None), (NEW, NEW), (OLD, OLD)],
    ids=["no deploy", "no other revision", "another's deploy"],
)
def test_no_rollback_is_advised_otherwise(well: str, deployed: str | None) -> None:
    """Without a deploy of the failing revision, or without a revision that served well, it would only be a guess."""
    assert rollbacks(served(well, deployed)) == []


def test_no_rollback_is_advised_without_a_cause() -> None:
    """A deploy beside failures that nothing explains proves nothing."""
    quiet = [raw for raw in served(OLD, NEW) if raw.get("textPayload") != "no flour left"]
    assert rollbacks(quiet) == []
