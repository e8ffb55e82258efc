"""What a refused call means, and what the user is told: rca/sources/cloud/refusals.py."""

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import google.auth.exceptions
import grpc
import pytest
import requests
from google.api_core import exceptions
from google.protobuf.duration_pb2 import Duration
from google.rpc.error_details_pb2 import (  # type: ignore[import-untyped] # Google's package carries no types
    ErrorInfo,
    RetryInfo,
)
from hypothesis import given, settings, strategies as st

from rca.errors import AccessError, QuotaError, RcaError, SourceError
from rca.sources.cloud.refusals import UNDERSTOOD, About, Way, of_credentials, read
from rca.sources.cloud.wire import UnreachedError
from rca.sources.origin import Origin
from tests.examples import examples

api: Any = exceptions
auth: Any = google.auth.exceptions
"""Their constructors carry no types."""

ORIGIN = Origin(("shop-stg",))
VIEW = Origin(("shop-stg",), bucket="errors", location="europe-west1", view="mine")
LOGIN = "gcloud auth application-default login"
PLUGIN = "Getting metadata from plugin failed with error: "


def because(reason: str, **metadata: str) -> ErrorInfo:
    """What an API's error carries to say why."""
    return ErrorInfo(reason=reason, domain="googleapis.com", metadata=metadata)


def forbidden(reason: str, message: str = "denied", **metadata: str) -> Any:  # noqa: ANN401 - an exception, see above
    """A 403 for this reason."""
    return api.PermissionDenied(message, error_info=because(reason, **metadata))


# (what was raised, what can be done, what has to be mended, what the user gets, part of the hint). Each as
# google-api-core, google-auth, requests or grpc raises it.
TABLE: list[tuple[Exception, Way, About, type[RcaError], str]] = [
    (api.InvalidArgument("bad filter"), Way.ANEW, About.QUERY, SourceError, "--filter"),
    (api.BadRequest("bad filter"), Way.ANEW, About.QUERY, SourceError, "rca queries"),
    (api.FailedPrecondition("no"), Way.ANEW, About.QUERY, SourceError, "--filter"),
    (api.OutOfRange("no"), Way.ANEW, About.QUERY, SourceError, "--filter"),
    (api.Unauthenticated("who?"), Way.NEVER, About.CREDENTIALS, AccessError, LOGIN),
    (api.Unauthorized("who?"), Way.NEVER, About.CREDENTIALS, AccessError, LOGIN),
    (api.PermissionDenied("no"), Way.NEVER, About.PERMISSION, AccessError, "roles/logging.viewer"),
    (api.Forbidden("no"), Way.NEVER, About.PERMISSION, AccessError, "add-iam-policy-binding shop-stg"),
    (forbidden("IAM_PERMISSION_DENIED"), Way.NEVER, About.PERMISSION, AccessError, "roles/logging.viewer"),
    (forbidden("SERVICE_DISABLED"), Way.NEVER, About.API, AccessError, "gcloud services enable logging"),
    (forbidden("NEWLY_INVENTED"), Way.NEVER, About.PERMISSION, AccessError, "roles/logging.viewer"),
    (api.NotFound("none"), Way.NEVER, About.PROJECT, AccessError, "gcloud projects list"),
    (api.ResourceExhausted("slow down"), Way.QUOTA, About.QUOTA, QuotaError, "60 calls a minute"),
    (api.TooManyRequests("slow down"), Way.QUOTA, About.QUOTA, QuotaError, "wait a minute"),
    (api.DeadlineExceeded("slow"), Way.NARROW, About.ENDPOINT, SourceError, "--endpoint"),
    (api.GatewayTimeout("slow"), Way.NARROW, About.ENDPOINT, SourceError, "it goes on where it stopped"),
    (requests.exceptions.ReadTimeout("slow"), Way.NARROW, About.ENDPOINT, SourceError, "--endpoint"),
    (api.ServiceUnavailable("busy"), Way.WAIT, About.ENDPOINT, SourceError, "network"),
    (api.InternalServerError("oops"), Way.WAIT, About.ENDPOINT, SourceError, "network"),
    (api.BadGateway("oops"), Way.WAIT, About.ENDPOINT, SourceError, "network"),
    (api.Unknown("oops"), Way.WAIT, About.ENDPOINT, SourceError, "network"),
    (api.DataLoss("oops"), Way.WAIT, About.ENDPOINT, SourceError, "network"),
    (api.Aborted("again"), Way.WAIT, About.ENDPOINT, SourceError, "network"),
    (api.Cancelled("gone"), Way.WAIT, About.ENDPOINT, SourceError, "network"),
    (api.MethodNotImplemented("what?"), Way.NEVER, About.ENDPOINT, SourceError, "--endpoint"),
    (grpc.RpcError("torn"), Way.WAIT, About.ENDPOINT, SourceError, "network"),
    (requests.exceptions.ConnectionError("torn"), Way.WAIT, About.ENDPOINT, SourceError, "proxy"),
    (requests.exceptions.ConnectTimeout("far"), Way.WAIT, About.ENDPOINT, SourceError, "network"),
    (requests.exceptions.ChunkedEncodingError("cut"), Way.WAIT, About.ENDPOINT, SourceError, "network"),
    (requests.exceptions.ProxyError("no"), Way.WAIT, About.ENDPOINT, SourceError, "proxy"),
    (ConnectionError("the answer is no page"), Way.WAIT, About.ENDPOINT, SourceError, "--endpoint"),
    (UnreachedError("no connection in 10 s"), Way.UNREACHED, About.ENDPOINT, SourceError, "network"),
    (auth.TransportError("no way"), Way.UNREACHED, About.ENDPOINT, SourceError, "network"),
    (auth.RefreshError("revoked"), Way.NEVER, About.CREDENTIALS, AccessError, LOGIN),
    (auth.DefaultCredentialsError("not found"), Way.NEVER, About.CREDENTIALS, AccessError, LOGIN),
    (auth.MalformedError("no JSON"), Way.NEVER, About.CREDENTIALS, AccessError, LOGIN),
    (
        api.ServiceUnavailable(f"{PLUGIN}('invalid_grant: Token has been expired or revoked.')"),
        *(Way.NEVER, About.CREDENTIALS, AccessError, LOGIN),
    ),
    (
        api.ServiceUnavailable(f"{PLUGIN}Reauthentication is needed."),
        *(Way.NEVER, About.CREDENTIALS, AccessError, LOGIN),
    ),
    (
        api.ServiceUnavailable(f"{PLUGIN}HTTPSConnectionPool: Max retries exceeded"),
        *(Way.WAIT, About.ENDPOINT, SourceError, "network"),
    ),
    (
        OSError("Project was not passed and could not be determined from the environment."),
        *(Way.NEVER, About.PROJECT, AccessError, "--project"),
    ),
    (PermissionError(13, "Permission denied"), Way.NEVER, About.ENDPOINT, SourceError, "rca doctor"),
]


def named(case: Any) -> str | None:  # noqa: ANN401 - pytest hands over each value of a row
    """The name of a case: of the exception alone."""
    return f"{type(case).__name__}: {case}"[:60] if isinstance(case, Exception) else None


@pytest.mark.parametrize(("error", "way", "about", "told", "hint"), TABLE, ids=named)
def test_each_refusal_has_its_meaning(
    error: Exception, way: Way, about: About, told: type[RcaError], hint: str
) -> None:
    """What can be done, what has to be mended, which error the user gets, and the command that mends it."""
    refusal = read(error, ORIGIN)
    assert (refusal.way, refusal.about, type(refusal.error)) == (way, about, told)
    assert hint in refusal.error.hint


@pytest.mark.parametrize("error", [row[0] for row in TABLE], ids=named)
def test_each_refusal_is_one_that_the_reader_catches(error: Exception) -> None:
    """Every exception of the table is among those that are understood."""
    assert isinstance(error, UNDERSTOOD)


@pytest.mark.parametrize("error", [row[0] for row in TABLE], ids=named)
def test_retries_of_a_client_are_seen_through(error: Exception) -> None:
    """A RetryError means what its cause means."""
    retried = api.RetryError("Timeout of 60.0s exceeded", cause=error)
    seen, plain = read(retried, ORIGIN), read(error, ORIGIN)
    assert (seen.way, seen.about, seen.error.message) == (plain.way, plain.about, plain.error.message)


def test_retries_without_a_cause_pass() -> None:
    """A RetryError that tells of no cause is waited out."""
    assert read(api.RetryError("Timeout exceeded", cause=None), ORIGIN).way is Way.WAIT


def classes(base: type[Exception]) -> Iterator[type[Exception]]:
    """A class and all below it."""
    yield base
    for one in base.__subclasses__():
        yield from classes(one)


@pytest.mark.parametrize("kind", sorted(set(classes(exceptions.GoogleAPICallError)), key=str))
def test_no_status_of_google_s_is_without_a_meaning(kind: type[Exception]) -> None:
    """Every exception that google-api-core can raise has a message and a hint."""
    error = read(kind("a reason"), ORIGIN).error
    assert "a reason" in error.message
    assert error.hint


# --- what the user can act on ----------------------------------------------------------------------------


def test_a_view_is_opened_by_another_role() -> None:
    """Where a view of a bucket is read, the role named is the one for views."""
    assert "roles/logging.viewAccessor" in read(api.PermissionDenied("no"), VIEW).error.hint


def test_a_missing_view_is_looked_for_where_it_should_be() -> None:
    """The hint lists the views of the bucket that was asked for, in its location."""
    hint = read(api.NotFound("none"), VIEW).error.hint
    assert hint == "gcloud logging views list --bucket=errors --location=europe-west1 --project=shop-stg"


def test_of_several_projects_the_denied_one_is_named() -> None:
    """The command to mend a denial names the project that denied."""
    error = forbidden("IAM_PERMISSION_DENIED", resource="projects/shop-prod/logs/x")
    assert "binding shop-prod " in read(error, Origin(("shop-stg", "shop-prod"))).error.hint


def test_all_projects_that_were_asked_are_told() -> None:
    """A refusal of a query over several projects names them all."""
    message = read(api.ResourceExhausted("no"), Origin(("shop-stg", "shop-prod"))).error.message
    assert "projects shop-stg, shop-prod" in message


def test_a_command_to_copy_quotes_what_it_names() -> None:
    """A project's name that a shell would act on is quoted in every hint."""
    hostile = Origin(("p;reboot",), bucket="b;reboot", location="l;reboot")
    hints = [
        read(error, hostile).error.hint
        for error in (api.PermissionDenied("no"), forbidden("SERVICE_DISABLED"), api.NotFound("none"))
    ]
    assert [hint.count(";reboot'") for hint in hints] == [1, 1, 3]


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (auth.DefaultCredentialsError("File x was not found."), "there are no usable Google credentials"),
        (auth.RefreshError("invalid_grant"), "expired or were revoked"),
        (api.Unauthenticated("no such key"), "are not accepted"),
    ],
)
def test_what_is_wrong_with_credentials_is_told(error: Exception, says: str) -> None:
    """Missing, expired and unusable credentials are three messages; one command mends them."""
    told = of_credentials(error)
    assert says in told.message
    assert error.args[0] in told.message
    assert told.hint == LOGIN


# --- what the server wishes ------------------------------------------------------------------------------


def exhausted(*details: Any) -> Any:  # noqa: ANN401 - protobuf messages in, an exception out
    """A refusal with these details."""
    return api.ResourceExhausted("slow down", details=details)


def test_a_wait_that_the_api_asks_for_is_known() -> None:
    """A RetryInfo among the details says how long."""
    wish = RetryInfo(retry_delay=Duration(seconds=3, nanos=500_000_000))
    assert read(exhausted(ErrorInfo(), wish), ORIGIN).after_s == 3.5


@given(header=st.text() | st.integers(0, 10**30).map(str))
def test_a_retry_after_header_is_read_where_it_is_a_number(header: str) -> None:
    """Plain digits are seconds; anything else is no wish, and no error."""
    refused: Any = api.TooManyRequests("no", response=SimpleNamespace(headers={"Retry-After": header}))
    digits = header.isascii() and header.isdigit()
    assert read(refused, ORIGIN).after_s == (float(header) if digits else None)


def test_no_wish_is_no_wish() -> None:
    """Without either there is no wait asked for; nor where waiting cannot help."""
    assert read(exhausted(), ORIGIN).after_s is None
    denied = api.PermissionDenied("no", details=[RetryInfo(retry_delay=Duration(seconds=3))])
    assert read(denied, ORIGIN).after_s is None


# --- whatever an API says --------------------------------------------------------------------------------

KINDS = sorted({type(row[0]) for row in TABLE}, key=str)
HOSTILE = st.text(max_size=60) | st.sampled_from(
    ["\x1b[2J", "a\r\nrca: all is well", "\u202egnirts", "\ud83d", "{project}", "%s", "\x00", ""]
)


@given(kind=st.sampled_from(KINDS), text=HOSTILE, times=st.sampled_from([1, 2000]))
@settings(max_examples=examples(60))
def test_nothing_an_api_says_reaches_the_terminal_as_a_command(
    kind: type[Exception], text: str, times: int
) -> None:
    """Messages and hints are one line each, printable, and of bounded length."""
    error = read(kind(text * times), ORIGIN).error
    for said in (error.message, error.hint):
        assert said.isprintable()
        assert len(said) < 700


@given(kind=st.sampled_from(KINDS), text=HOSTILE)
@settings(max_examples=examples(60))
def test_a_hint_holds_nothing_that_an_api_said(kind: type[Exception], text: str) -> None:
    """A command to be copied is made of our words, and of what the user named."""
    assert read(kind(f"xyzzy {text}"), ORIGIN).error.hint == read(kind("plugh"), ORIGIN).error.hint
