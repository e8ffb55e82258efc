"""Whether the logs can be read at all: every way in which they cannot, by its line and by the command that mends it."""

import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace

import pytest
import requests
from google.api_core import exceptions as api
from google.auth import exceptions as auth

from rca.doctor import Mark, examine, well
from rca.doctor.examination import CHECKS, Means
from rca.sources.cloud.wire import Page
from tests.cloud import effects as e
from tests.cloud.faults import after, always, for_resource
from tests.cloud.wire import closed_port, silent_port
from tests.doctor.patient import (
    LOGIN,
    Told,
    entry,
    examined,
    found,
    of_told,
    outside,
    serving,
    subject,
    wrong,
)

pytestmark = pytest.mark.slow

LATER = {"retention", "service", "target", "revision"}


def test_all_is_well(transport: str) -> None:
    """Nothing is wrong with a cycle whose logs are there; only what no call can tell is unknown."""
    with serving(transport) as server:
        findings = examined(server)
    unclear = {"private logs"} | ({"clock"} if transport == "grpc" else set())
    assert {check for check, one in findings.items() if one.mark is Mark.UNKNOWN} == unclear
    assert {check for check, one in findings.items() if one.mark is Mark.OK} == set(CHECKS) - unclear
    assert well(tuple(findings.values()))


def test_it_costs_few_calls_and_says_how_many(transport: str) -> None:
    """A visit costs five read calls at most, each for one entry, and the last line counts them."""
    with serving(transport) as server:
        findings = examined(server, services=("till",))
        assert len(server.calls) == 5
        assert {call.request.page_size for call in server.calls} == {1}
        assert [call.request.order_by for call in server.calls].count("timestamp asc") == 1
    assert list(findings)[-1] == "quota"
    assert findings["quota"].what.startswith("5 read calls made")


def test_data_access_logs_are_said_to_be_needless(transport: str) -> None:
    """Whether private logs may be read stays open; the role is named, and that rca does without it."""
    with serving(transport) as server:
        private = examined(server)["private logs"]
    assert private.mark is Mark.UNKNOWN
    assert "roles/logging.privateLogViewer" in private.what
    assert "rca does not need them" in private.what


def test_a_plain_endpoint_needs_no_credentials(transport: str) -> None:
    """No credentials are looked for, and the line says so."""

    def nobody(_: object) -> None:
        raise AssertionError

    with serving(transport) as server:
        means = Means(sign_in=nobody)  # type: ignore[arg-type] # it must not be called
        findings = found(examine(subject(server.endpoint), outside(), means))
    assert findings["credentials"].mark is Mark.OK
    assert "skipped" in findings["credentials"].what


# --- one fault, one line, one command --------------------------------------------------------------------


@dataclass(frozen=True)
class Case:
    """What every call meets, the line that is not ok, and the command below it."""

    effect: e.Ending
    check: str
    remedy: str


QUOTA_PROJECT = replace(
    e.SERVICE_DISABLED,
    message="Your application is authenticating by using local Application Default Credentials. The "
    "logging.googleapis.com API requires a quota project, which is not set by default.",
)
REACH = {"grpc": "nc -vz -w 10 127.0.0.1", "http": "curl -sS --max-time 10"}
CASES = {
    "permission denied": Case(
        e.PERMISSION_DENIED,
        "permission",
        "gcloud projects add-iam-policy-binding demo --member=user:YOU --role=roles/logging.viewer",
    ),
    "API not enabled": Case(
        e.SERVICE_DISABLED, "API", "gcloud services enable logging.googleapis.com --project demo"
    ),
    "no quota project": Case(QUOTA_PROJECT, "credentials", "rca doctor --project demo"),
    "not found": Case(e.NOT_FOUND, "project", "gcloud projects list"),
    "invalid": Case(e.INVALID_ARGUMENT, "project", "gcloud projects list"),
    "unauthenticated": Case(e.UNAUTHENTICATED, "credentials", "rca doctor --project demo"),
    "quota used up": Case(e.RESOURCE_EXHAUSTED, "quota", "sleep 60; rca doctor --project demo --endpoint"),
    "unavailable": Case(e.UNAVAILABLE, "endpoint", ""),
    "internal": Case(e.INTERNAL, "endpoint", ""),
    "deadline exceeded": Case(e.DEADLINE_EXCEEDED, "endpoint", ""),
    "aborted": Case(e.ABORTED, "endpoint", ""),
    "cancelled": Case(e.CANCELLED, "endpoint", ""),
    "unknown": Case(e.UNKNOWN, "endpoint", ""),
    "another API": Case(e.UNIMPLEMENTED, "endpoint", ""),
    "cut": Case(e.CUT, "endpoint", ""),
    "garbled": Case(e.GARBLED, "endpoint", ""),
}


@pytest.mark.parametrize("name", CASES)
def test_a_fault_is_one_line_and_one_command(name: str, transport: str) -> None:
    """Only the check that the fault belongs to is not ok, the command below it mends it, and one call was made."""
    case = CASES[name]
    with serving(transport, always(case.effect)) as server:
        findings = examined(server)
        assert len(server.calls) == 1
    assert wrong(findings) == [case.check]
    assert findings[case.check].remedies[0].startswith(case.remedy or REACH[transport])
    assert all(findings[check].mark is Mark.UNKNOWN for check in LATER)
    assert not well(tuple(findings.values()))


def test_what_answers_is_reachable(transport: str) -> None:
    """A refusal is an answer: the endpoint is ok, whoever it refuses."""
    with serving(transport, always(e.PERMISSION_DENIED)) as server:
        assert examined(server)["endpoint"].mark is Mark.OK


def test_a_view_takes_another_role(transport: str) -> None:
    """Who may not read a view of a bucket is told the role for views."""
    with serving(transport, always(e.PERMISSION_DENIED)) as server:
        findings = examined(server, bucket="audits", location="eu", view="mine")
    assert findings["permission"].remedies[0].endswith("--role=roles/logging.viewAccessor")


def test_a_bucket_that_is_not_there_is_looked_for(transport: str) -> None:
    """Where a bucket or a view is not found, the command lists the views of that bucket."""
    with serving(transport, always(e.NOT_FOUND)) as server:
        findings = examined(server, bucket="audits", location="eu")
    assert findings["project"].remedies == (
        "gcloud logging views list --bucket=audits --location=eu --project=demo",
    )


def test_the_project_that_is_closed_is_named(transport: str) -> None:
    """Of several projects the command opens the one that was refused."""
    closed = replace(e.PERMISSION_DENIED, metadata=(("resource", "projects/other"),))
    with serving(transport, for_resource("projects/other", closed)) as server:
        findings = examined(server, projects=("demo", "other"))
    assert findings["permission"].remedies[0].startswith("gcloud projects add-iam-policy-binding other ")


def test_the_quota_can_end_amid_the_visit(transport: str) -> None:
    """What was told before stays told, nothing is asked afterwards, and the line says who else may be reading."""
    with serving(transport, after(2, e.RESOURCE_EXHAUSTED)) as server:
        findings = examined(server)
        assert len(server.calls) == 3
    assert wrong(findings) == ["quota"]
    assert findings["retention"].mark is Mark.OK
    assert {findings[check].mark for check in ("service", "target", "revision")} == {Mark.UNKNOWN}
    assert "3 read calls made" in findings["quota"].what
    assert "60 read calls a minute and project cannot be raised" in findings["quota"].what
    assert "whoever else reads these logs" in findings["quota"].what


def test_a_slow_search_is_left(transport: str) -> None:
    """A search that takes too long makes its check unknown, with another way to tell; the others are made."""
    told: list[str] = []
    with serving(transport, after(1, e.slow(60), times=1)) as server:
        findings = found(examine(subject(server.endpoint), outside(told), Means(answer_s=3)))
    assert wrong(findings) == []
    assert findings["retention"].mark is Mark.UNKNOWN
    assert findings["retention"].remedies[0].startswith("gcloud logging buckets describe _Default")
    assert findings["service"].mark is Mark.OK
    assert any("is left" in line for line in told)


def test_an_empty_page_with_a_token_says_nothing(transport: str) -> None:
    """A search that the server gave up amid is no proof that there is nothing."""
    with serving(transport, after(1, e.empty_pages(1))) as server:
        findings = examined(server)
    assert wrong(findings) == []
    assert {findings[check].mark for check in ("retention", "service", "revision")} == {Mark.UNKNOWN}


# --- no network ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("scheme", ["grpc", "http"])
@pytest.mark.parametrize("port", [closed_port, silent_port], ids=["closed", "silent"])
def test_without_an_answer_it_ends_in_time(
    port: Callable[[], AbstractContextManager[str]], scheme: str
) -> None:
    """Nobody listening, or nobody answering, is said within half a minute, and everything else is not asked."""
    began = time.monotonic()
    with port() as address:
        findings = found(examine(subject(f"{scheme}://{address}"), outside()))
    assert time.monotonic() - began < 30
    assert wrong(findings) == ["endpoint"]
    assert findings["endpoint"].remedies[0].startswith(REACH[scheme])
    assert findings["quota"].mark is Mark.UNKNOWN


@pytest.mark.parametrize(
    "endpoint", ["ftp://host", "grpc://host", "http://a..b", "http://host:99999", "http://"]
)
def test_an_endpoint_that_is_none_is_said(endpoint: str) -> None:
    """An address that cannot be called is not called."""
    findings = found(examine(subject(endpoint), outside()))
    assert wrong(findings) == ["endpoint"]
    assert "grpc://HOST:PORT" in findings["endpoint"].remedies[0]


# --- which project ---------------------------------------------------------------------------------------


def test_no_project_is_one_command_away() -> None:
    """Without a project nothing is asked, and the command sets that of gcloud."""
    wire = Told(Page((), ""))
    findings = of_told(wire, projects=())
    assert wrong(findings) == ["project"]
    assert findings["project"].remedies == ("export RCA_PROJECTS=$(gcloud config get-value project)",)
    assert wire.calls == []


def test_a_word_that_is_no_project_is_refused() -> None:
    """What cannot be a project's id is not asked for."""
    findings = of_told(Told(Page((), "")), projects=("a project",))
    assert wrong(findings) == ["project"]
    assert findings["project"].remedies == ("gcloud projects list",)


def test_where_the_project_comes_from_is_said(transport: str) -> None:
    """The line names the setting that chose the project."""
    with serving(transport) as server:
        assert examined(server, told_by="RCA_PROJECTS")["project"].what == "demo, by RCA_PROJECTS"


# --- what only Google's own endpoint can raise -----------------------------------------------------------


def refused(kind: type[api.GoogleAPICallError], message: str, reason: str | None = None) -> Exception:
    """An exception as api-core makes it of an answer."""
    info = None if reason is None else _Info(reason)
    return kind(message, error_info=info)


@dataclass(frozen=True)
class _Info:
    reason: str
    domain: str = "googleapis.com"
    metadata: object = None


def retried(cause: Exception) -> Exception:
    """An exception as api-core raises it when its own retries are used up."""
    made: Exception = api.RetryError("Timeout of 60.0s exceeded", cause)  # type: ignore[no-untyped-call] # api-core is typed in part
    return made


PLUGIN = "Getting metadata from plugin failed with error: "
LOGIN_AGAIN = "gcloud auth application-default login"
HTTPS = "curl -sS --max-time 10"
RAISED = [
    (refused(api.InvalidArgument, "bad"), "project", "gcloud projects list"),
    (refused(api.Unauthenticated, "who?"), "credentials", LOGIN_AGAIN),
    (
        refused(api.PermissionDenied, "no", "IAM_PERMISSION_DENIED"),
        "permission",
        "gcloud projects add-iam-policy-binding demo --member=user:baker@bakery.example --role=roles/logging.viewer",
    ),
    (refused(api.Forbidden, "no"), "permission", "gcloud projects add-iam-policy-binding demo"),
    (refused(api.PermissionDenied, "off", "SERVICE_DISABLED"), "API", "gcloud services enable"),
    (
        refused(api.PermissionDenied, QUOTA_PROJECT.message, "SERVICE_DISABLED"),
        "credentials",
        "gcloud auth application-default set-quota-project demo",
    ),
    (
        refused(api.PermissionDenied, "no", "USER_PROJECT_DENIED"),
        "credentials",
        "gcloud auth application-default set-quota-project demo",
    ),
    (
        refused(api.PermissionDenied, "scopes", "ACCESS_TOKEN_SCOPE_INSUFFICIENT"),
        "credentials",
        f"{LOGIN_AGAIN} --scopes=https://www.googleapis.com/auth/cloud-platform",
    ),
    (
        refused(api.PermissionDenied, "bill", "BILLING_DISABLED"),
        "project",
        "gcloud billing projects describe demo",
    ),
    (refused(api.PermissionDenied, "wall", "SECURITY_POLICY_VIOLATED"), "permission", "run rca inside"),
    (refused(api.NotFound, "gone"), "project", "gcloud projects list"),
    (
        refused(api.ResourceExhausted, "much", "RATE_LIMIT_EXCEEDED"),
        "quota",
        "sleep 60; rca doctor --project demo",
    ),
    (refused(api.ServiceUnavailable, "down"), "endpoint", HTTPS),
    (refused(api.InternalServerError, "oh"), "endpoint", HTTPS),
    (refused(api.DeadlineExceeded, "late"), "endpoint", HTTPS),
    (refused(api.GatewayTimeout, "late"), "endpoint", HTTPS),
    (refused(api.Aborted, "again"), "endpoint", HTTPS),
    (refused(api.Unknown, "?"), "endpoint", HTTPS),
    (retried(refused(api.ServiceUnavailable, "down")), "endpoint", HTTPS),
    (retried(refused(api.ResourceExhausted, "much")), "quota", "sleep 60;"),
    (refused(api.ServiceUnavailable, f"{PLUGIN}('invalid_grant: revoked')"), "credentials", LOGIN_AGAIN),
    (refused(api.ServiceUnavailable, f"{PLUGIN}Connection refused"), "endpoint", HTTPS),
    (auth.RefreshError("invalid_grant"), "credentials", LOGIN_AGAIN),  # type: ignore[no-untyped-call] # as above
    (auth.TransportError("no route"), "endpoint", HTTPS),  # type: ignore[no-untyped-call] # as above
    (OSError("Project was not passed and could not be determined"), "project", "name it with --project"),
    (requests.exceptions.SSLError("certificate"), "endpoint", HTTPS),
    (requests.exceptions.ConnectTimeout(), "endpoint", HTTPS),
    (ConnectionError("the answer is no page of entries"), "endpoint", HTTPS),
]


@pytest.mark.parametrize(
    ("error", "check", "remedy"), RAISED, ids=[repr(error)[:60] for error, _, _ in RAISED]
)
def test_every_exception_ends_in_a_line_with_a_command(error: Exception, check: str, remedy: str) -> None:
    """Whatever the client raises is one check that is not ok, and one command for whoever the credentials are of."""
    findings = of_told(Told(error))
    assert wrong(findings) == [check]
    assert findings[check].remedies[0].startswith(remedy)
    assert error.args == () or findings[check].what


@pytest.mark.parametrize(
    ("error", "check", "remedy"), RAISED, ids=[repr(error)[:60] for error, _, _ in RAISED]
)
def test_an_exception_later_on_is_told_with_a_command(error: Exception, check: str, remedy: str) -> None:
    """What a later call meets leaves its check unknown, with a command; only the quota is a check of its own."""
    findings = of_told(Told(Page((entry(0.5),), ""), error))
    assert wrong(findings) == (["quota"] if check == "quota" else [])
    met = findings["retention"]
    assert met.mark is Mark.UNKNOWN
    assert met.remedies
    assert met.remedies[0].startswith(remedy) or "gcloud logging buckets describe" in met.remedies[0]


def test_credentials_that_go_missing_amid_the_visit_are_said() -> None:
    """A client that finds no credentials after all is told of like the search before it."""

    def opened(_: str | None) -> Told:
        raise auth.DefaultCredentialsError("gone")  # type: ignore[no-untyped-call] # google-auth is typed in part

    means = Means(opened=opened, sign_in=lambda _: LOGIN, environ={})
    findings = found(examine(subject(None), outside(), means))
    assert wrong(findings) == ["credentials"]
    assert findings["credentials"].remedies == (LOGIN_AGAIN,)
