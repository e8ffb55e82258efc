"""What the platform says of instances: rca/platform.py, platform.toml and rca/cloudrun.py."""

import tomllib
from importlib import resources

import pytest

from rca import cloudrun, platform
from rca.model import Event, EventKind
from tests import build

LOGS = {
    "requests": "requests",
    "system": "varlog%2Fsystem",
    "stdio": "stderr",
    "audit": "cloudaudit.googleapis.com%2Factivity",
}
CATEGORIES = {
    "application_error",
    "startup_failure",
    "dependency_failure",
    "configuration_error",
    "authentication_failure",
    "event_loop_blocked",
    "resource_exhaustion",
    "platform_limit",
    "deployment_change",
    "client_error",
    "unknown",
}
PLACES = [(message, where) for message in platform.messages() for where in sorted(message.where)]


@pytest.mark.parametrize(("message", "where"), PLACES, ids=lambda one: getattr(one, "tag", one))
def test_every_sample_is_recognized_as_its_own_message_first(message: platform.Message, where: str) -> None:
    """A message's sample, logged where the message is found, gives that message and no earlier one."""
    assert platform.recognize(build.line(message.sample, log=LOGS[where])) == message


@pytest.mark.parametrize("message", platform.messages(), ids=lambda one: one.tag)
def test_no_message_is_recognized_in_a_log_it_does_not_belong_to(message: platform.Message) -> None:
    """The words of the platform in an application's own line, or of a server in the platform's log, mean nothing."""
    for where in set(LOGS) - message.where:
        found = platform.recognize(build.line(message.sample, log=LOGS[where]))
        assert found is None or (where in found.where and found.tag != message.tag)


def test_every_tag_stands_once_and_every_category_is_the_contract_s() -> None:
    """platform.toml names each message once, and no category of its own making."""
    tags = [message.tag for message in platform.messages()]
    assert len(set(tags)) == len(tags)
    assert {message.category for message in platform.messages()} <= CATEGORIES


def test_every_key_of_the_file_is_read() -> None:
    """A misspelled key of platform.toml does not pass unseen."""
    text = resources.files("rca").joinpath("platform.toml").read_text(encoding="utf-8")
    known = {"tag", "where", "pattern", "title", "category", "fault", "state", "symptom", "sample"}
    assert all(spec.keys() == known for spec in tomllib.loads(text)["message"])


def test_a_clean_exit_is_no_fault() -> None:
    """`exit(0)` is not a message of the platform that anything could be blamed on."""
    assert platform.recognize(build.line("Container called exit(0).", log=LOGS["system"])) is None


def test_a_tag_leads_back_to_its_message() -> None:
    """An event keeps the tag only; what it means is looked up by it."""
    message = platform.message_of("memory")
    assert message is not None
    assert message.category == "resource_exhaustion"
    assert platform.message_of("no such tag") is None
    assert platform.message_of(None) is None


# --- events ----------------------------------------------------------------------------------------------


def test_platform_lines_become_events_in_order() -> None:
    """Each message gives one event with its tag, cites its entry, and keeps the entries' order."""
    entries = [
        build.line(
            "Starting new instance. Reason: AUTOSCALING - due to traffic.", 0.0, log="varlog%2Fsystem"
        ),
        build.line("baked 3 loaves", 1.0, severity="INFO"),
        build.line("Container called exit(3).", 2.0, log="varlog%2Fsystem"),
    ]
    events = cloudrun.detect(entries)
    assert [(event.kind, event.tag) for event in events] == [
        (EventKind.PLATFORM, "instance_start"),
        (EventKind.PLATFORM, "exit"),
    ]
    assert [event.entry for event in events] == [entries[0], entries[2]]


def _audited(method: str) -> Event:
    raw = build.logged("", log="x", severity="NOTICE")
    del raw["textPayload"]
    raw["logName"] = "projects/shop-stg/logs/cloudaudit.googleapis.com%2Factivity"
    raw["protoPayload"] = {"@type": "type.googleapis.com/google.cloud.audit.AuditLog", "methodName": method}
    (event,) = cloudrun.detect([build.entry(raw)])
    return event


@pytest.mark.parametrize("verb", ["Create", "Replace", "Update"])
def test_an_audited_change_of_a_service_is_a_deploy(verb: str) -> None:
    """The audit log's method of a service's change gives a deploy event."""
    method = f"google.cloud.run.v1.Services.{verb}Service"
    assert _audited(method).kind is EventKind.DEPLOY


def test_a_revision_that_became_ready_is_a_deploy_of_it() -> None:
    """The system event of a new revision names the revision."""
    text = "Ready condition status changed to True for Revision ovens-00008-xyz with message: Deploying Revision."
    (event,) = cloudrun.detect([build.line(text, log="cloudaudit.googleapis.com%2Fsystem_event")])
    assert (event.kind, event.tag) == (EventKind.DEPLOY, "ovens-00008-xyz")


def test_reading_of_other_audit_entries_gives_nothing() -> None:
    """An audit entry that only read something is no deploy."""
    raw = build.logged("", severity="INFO")
    del raw["textPayload"]
    raw["logName"] = "projects/shop-stg/logs/cloudaudit.googleapis.com%2Fdata_access"
    raw["protoPayload"] = {"methodName": "google.cloud.run.v1.Services.GetService"}
    assert cloudrun.detect([build.entry(raw)]) == ()
