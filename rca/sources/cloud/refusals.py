"""What a call was refused with -> what to do about it, and what to tell the user.

In: an exception of the transport or of the credentials. Out: a `Refusal`. Decides whether trying again can help;
for what cannot be helped by waiting, the command that mends it.
Source: each gRPC status and each failure of the credentials, as google-api-core 2.44 and google-auth raise them.
"""

import re
import shlex
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import google.auth.exceptions as auth
import grpc
import requests
from google.api_core import exceptions as api

from rca.errors import AccessError, QuotaError, RcaError, SourceError
from rca.sources.cloud.wire import UnreachedError
from rca.sources.origin import Origin

_LONGEST = 400
_REQUEST_LINE = re.compile(r"\APOST \S{1,300}: ")
"""What google-api-core puts before an HTTP error's own words."""

_LOGIN = "gcloud auth application-default login"

MEMBER = "user:YOU"
"""What stands in a hint for whoever the credentials are of."""


class Way(StrEnum):
    """What can be done after a refusal."""

    WAIT = "wait"
    """It passes: an overloaded server, a broken connection."""

    UNREACHED = "unreached"
    """It may pass: no connection came about."""

    QUOTA = "quota"
    """It passes within a minute: too many calls."""

    NARROW = "narrow"
    """It took too long: the same again, or of a shorter span."""

    ANEW = "anew"
    """The page token or the query is refused: begin again after the last entry, if there was a token."""

    NEVER = "never"
    """Waiting does not help."""


class About(StrEnum):
    """What has to be mended."""

    CREDENTIALS = "credentials"
    PROJECT = "project"
    """The project, the bucket or the view: there is none of that name."""

    ENDPOINT = "endpoint"
    """The network, or the server itself."""

    API = "API"
    PERMISSION = "permission"
    QUOTA = "quota"
    QUERY = "query"


@dataclass(frozen=True, slots=True)
class Refusal:
    """One refused call, understood."""

    way: Way
    error: RcaError
    """What to tell the user, if it comes to that."""

    about: About
    after_s: float | None = None
    """How long the server asks to wait; None where it does not say."""


_NARROW = (api.DeadlineExceeded, api.GatewayTimeout, requests.exceptions.ReadTimeout)
_PASSING = (
    *(api.ServerError, api.Conflict, api.Cancelled, api.RetryError),
    *(grpc.RpcError, requests.exceptions.RequestException),
)
_UNREACHED = (UnreachedError, auth.TransportError)
_OF_CREDENTIALS = (auth.DefaultCredentialsError, auth.RefreshError, auth.MalformedError, api.Unauthorized)
UNDERSTOOD = (*_NARROW, *_PASSING, api.GoogleAPICallError, auth.GoogleAuthError, OSError)
"""Exceptions that `read` understands; any other is a mistake of ours."""


def read(error: Exception, origin: Origin) -> Refusal:
    """What an exception of a call means."""
    if isinstance(error, api.RetryError) and isinstance(error.cause, Exception):
        return read(error.cause, origin)
    if isinstance(error, auth.RefreshError) and error.retryable:
        return Refusal(Way.WAIT, _unreachable(error, origin), About.ENDPOINT)
    if _in_the_plugin(error):
        return Refusal(Way.NEVER, of_credentials(error), About.CREDENTIALS)
    if "Project was not passed" in str(error):
        return Refusal(
            Way.NEVER, AccessError("no project is known", "name it with --project P"), About.PROJECT
        )
    way, about, tell = next(
        (way, about, tell) for kinds, way, about, tell in _MEANINGS if isinstance(error, kinds)
    )
    if isinstance(error, api.Forbidden):
        about = _denial(error).about
    after_s = None if way in (Way.NEVER, Way.ANEW) else _asked_to_wait(error)
    return Refusal(way, tell(error, origin), about, after_s)


def of_credentials(error: Exception) -> RcaError:
    """What to tell a user whose credentials are missing, unusable or expired."""
    if isinstance(error, auth.DefaultCredentialsError):
        return AccessError(f"there are no usable Google credentials: {said(error)}", _LOGIN)
    if isinstance(error, auth.RefreshError) or _in_the_plugin(error):
        return AccessError(f"the Google credentials have expired or were revoked: {said(error)}", _LOGIN)
    return AccessError(f"the Google credentials are not accepted: {said(error)}", _LOGIN)


def _credentials(error: Exception, _: Origin) -> RcaError:
    return of_credentials(error)


def _in_the_plugin(error: Exception) -> bool:
    """Whether credentials could not be renewed: by gRPC that is an UNAVAILABLE, which tells of it in words alone."""
    said = str(error)
    failed = isinstance(error, api.ServiceUnavailable) and "Getting metadata from plugin failed" in said
    return failed and any(word in said for word in ("invalid_", "Reauthentication", "unauthorized_client"))


@dataclass(frozen=True, slots=True)
class _Denial:
    """What a 403 means."""

    about: About
    told: str
    hint: str


_DENIED = _Denial(
    About.PERMISSION,
    "not allowed to read the logs of {projects}, or there is no such project",
    "gcloud projects add-iam-policy-binding {project} --member={member} --role={role}",
)
_DENIALS = {
    "SERVICE_DISABLED": _Denial(
        About.API,
        "the Cloud Logging API is not enabled in {projects}",
        "gcloud services enable logging.googleapis.com --project {project}",
    ),
    "USER_PROJECT_DENIED": _Denial(
        About.CREDENTIALS,
        "the Google credentials name no project on whose account they may call",
        "gcloud auth application-default set-quota-project {project}",
    ),
    "ACCESS_TOKEN_SCOPE_INSUFFICIENT": _Denial(
        About.CREDENTIALS,
        "the Google credentials were given out without the right to read logs",
        f"{_LOGIN} --scopes=https://www.googleapis.com/auth/cloud-platform",
    ),
    "BILLING_DISABLED": _Denial(
        About.PROJECT, "billing is off in {projects}", "gcloud billing projects describe {project}"
    ),
    "SECURITY_POLICY_VIOLATED": _Denial(
        About.PERMISSION,
        "a VPC Service Controls perimeter keeps the logs of {projects} from this machine",
        "run rca inside of the perimeter; its administrator finds the denial by the identifier in the message",
    ),
}
"""By the reason that the API gives. Source: google.api, ErrorReason."""


def _denial(error: Exception) -> _Denial:
    if "requires a quota project" in str(error):
        # Said with SERVICE_DISABLED: the calls of users count for a project of gcloud's own, where the API is off.
        return _DENIALS["USER_PROJECT_DENIED"]
    return _DENIALS.get(str(getattr(error, "reason", None)), _DENIED)


def _forbidden(error: Exception, origin: Origin) -> RcaError:
    denial = _denial(error)
    resource = f"{(getattr(error, 'metadata', None) or {}).get('resource')}/"
    named = (one for one in origin.projects if resource.startswith(f"projects/{one}/"))
    project = shlex.quote(next(named, origin.projects[0]))
    role = "roles/logging.viewAccessor" if origin.bucket or origin.view else "roles/logging.viewer"
    told = denial.told.format(projects=_projects(origin))
    return AccessError(
        f"{told}: {said(error)}", denial.hint.format(project=project, member=MEMBER, role=role)
    )


def _not_found(error: Exception, origin: Origin) -> RcaError:
    return AccessError(f"there is no {', '.join(origin.resources)}: {said(error)}", listing(origin))


def listing(origin: Origin) -> str:
    """The command that shows what may be read, where a name is wrong."""
    if not origin.bucket and not origin.view:
        return "gcloud projects list"
    bucket, location = shlex.quote(origin.bucket or "_Default"), shlex.quote(origin.location)
    project = shlex.quote(origin.projects[0])
    return f"gcloud logging views list --bucket={bucket} --location={location} --project={project}"


def _too_often(error: Exception, origin: Origin) -> RcaError:
    return QuotaError(
        f"the quota of read calls of {_projects(origin)} is used up: {said(error)}",
        "wait a minute; who else reads these logs? Logging allows 60 calls a minute and project",
    )


def _refused(error: Exception, _: Origin) -> RcaError:
    hint = "look at --filter; `rca queries` shows the whole query"
    return SourceError(f"Cloud Logging refuses the query: {said(error)}", hint)


def _another_api(error: Exception, origin: Origin) -> RcaError:
    hint = "point --endpoint at a Cloud Logging API"
    return SourceError(f"{origin.endpoint} does not know entries.list: {said(error)}", hint)


def _odd(error: Exception, origin: Origin) -> RcaError:
    return SourceError(f"{origin.told} cannot be read: {said(error)}", "rca doctor")


def _unreachable(error: Exception, origin: Origin) -> RcaError:
    place = origin.endpoint or "logging.googleapis.com"
    return SourceError(
        f"{place} does not answer: {said(error)}",
        "look at the network, the proxy and --endpoint; then run the same command again: it goes on where it stopped",
    )


def _broken(error: Exception, origin: Origin) -> RcaError:
    place = origin.endpoint or "logging.googleapis.com"
    hint = "look at --endpoint, and at what stands between: is it a Cloud Logging API?"
    return SourceError(f"{place} gives no usable answer: {said(error)}", hint)


def _projects(origin: Origin) -> str:
    noun = "project" if len(origin.projects) == 1 else "projects"
    return f"{noun} {', '.join(origin.projects)}"


def said(error: Exception) -> str:
    """The error's own words on one line, with nothing in them that a terminal would act on."""
    text = getattr(error, "message", None) or str(error) or type(error).__name__
    text = _REQUEST_LINE.sub("", str(text))
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return line if len(line) <= _LONGEST else f"{line[:_LONGEST]}…"


def _asked_to_wait(error: Exception) -> float | None:
    """The seconds of a RetryInfo among the error's details, or of a Retry-After header."""
    details: Any = getattr(error, "details", None)
    for detail in details if isinstance(details, list | tuple) else ():
        delay = getattr(detail, "retry_delay", None)
        if delay is not None:
            return float(delay.seconds + delay.nanos / 1e9)
    response = getattr(error, "response", None)
    header = getattr(response, "headers", None)
    asked = header.get("Retry-After") if header is not None and hasattr(header, "get") else None
    return float(asked) if isinstance(asked, str) and asked.isascii() and asked.isdigit() else None


_MEANINGS: tuple[
    tuple[tuple[type[Exception], ...], Way, About, Callable[[Exception, Origin], RcaError]], ...
] = (
    (_NARROW, Way.NARROW, About.ENDPOINT, _unreachable),
    ((api.TooManyRequests,), Way.QUOTA, About.QUOTA, _too_often),
    (_OF_CREDENTIALS, Way.NEVER, About.CREDENTIALS, _credentials),
    ((api.Forbidden,), Way.NEVER, About.PERMISSION, _forbidden),
    ((api.NotFound,), Way.NEVER, About.PROJECT, _not_found),
    ((api.BadRequest,), Way.ANEW, About.QUERY, _refused),
    ((api.MethodNotImplemented,), Way.NEVER, About.ENDPOINT, _another_api),
    (_UNREACHED, Way.UNREACHED, About.ENDPOINT, _unreachable),
    (_PASSING, Way.WAIT, About.ENDPOINT, _unreachable),
    ((ConnectionError,), Way.WAIT, About.ENDPOINT, _broken),
    ((Exception,), Way.NEVER, About.ENDPOINT, _odd),
)
"""What each kind of exception means; the first that fits counts."""
