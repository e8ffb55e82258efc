"""Whether the logs can be read at all: credentials, project, endpoint, API, permission, quota.

In: credentials, and what the first call met. Out: findings. Decides which check a refusal belongs to, and what a
refusal still shows to be in order.
"""

from collections.abc import Callable, Mapping

from google.auth import exceptions as auth

from rca.doctor import clock, commands
from rca.doctor.calls import Caller
from rca.doctor.findings import Finding, not_ok, ok, unknown
from rca.doctor.login import Login
from rca.errors import UsageError
from rca.sources.cloud import refusals
from rca.sources.cloud.refusals import About, Refusal
from rca.sources.origin import Origin, checked

CREDENTIALS, PROJECT, ENDPOINT, API, PERMISSION = "credentials", "project", "endpoint", "API", "permission"
PRIVATE, QUOTA = "private logs", "quota"

_FILE = "GOOGLE_APPLICATION_CREDENTIALS"
_LOGIN = "gcloud auth application-default login"
_TOKENS = "https://oauth2.googleapis.com"

_WHERE = {
    About.CREDENTIALS: CREDENTIALS,
    About.PROJECT: PROJECT,
    About.QUERY: PROJECT,
    About.ENDPOINT: ENDPOINT,
    About.API: API,
    About.PERMISSION: PERMISSION,
    About.QUOTA: QUOTA,
}


def credentials(
    origin: Origin, sign_in: Callable[[], Login], environ: Mapping[str, str]
) -> tuple[Finding, Login | None]:
    """Whether there are credentials, and a token is given for them; a plain endpoint needs none."""
    if origin.plain:
        return ok(CREDENTIALS, f"skipped: {origin.endpoint} is called without any"), None
    try:
        login = sign_in()
    except auth.TransportError as error:
        # Not all credentials need that server for every call: whether these do, the call will show.
        silent = f"found; whether they are good is not told, since no token was given: {refusals.said(error)}"
        return unknown(CREDENTIALS, silent, commands.reach(_TOKENS)), None
    except auth.GoogleAuthError as error:
        return unusable(error, environ), None
    return ok(CREDENTIALS, f"{login.who}: a token was given"), login


def unusable(error: Exception, environ: Mapping[str, str]) -> Finding:
    """There are no credentials, or no token is given for them."""
    return not_ok(CREDENTIALS, refusals.of_credentials(error).message, _renewal(error, environ))


def _renewal(error: Exception, environ: Mapping[str, str]) -> str:
    if "reasonable timeframe" in str(error):
        # What a key signs holds the time: by a wrong clock it is not valid yet, or not any more.
        return clock.SET
    # While the variable names a file, a login is not looked at.
    return f"unset {_FILE}; {_LOGIN}" if environ.get(_FILE) else _LOGIN


def project(origin: Origin, told_by: str) -> Finding:
    """Whether a project is named, and looks like one."""
    try:
        checked(origin)
    except UsageError as error:
        remedy = "export RCA_PROJECTS=$(gcloud config get-value project)"
        return not_ok(PROJECT, error.message, "gcloud projects list" if origin.projects else remedy)
    return ok(PROJECT, f"{', '.join(origin.projects)}, by {told_by}")


def endpoint(error: UsageError) -> Finding:
    """The endpoint cannot be called, as it is written."""
    return not_ok(ENDPOINT, error.message, error.hint)


def granted(origin: Origin) -> tuple[Finding, ...]:
    """The first call was answered."""
    return (
        ok(ENDPOINT, f"{_place(origin)} answers"),
        ok(API, "the Cloud Logging API is enabled"),
        ok(PERMISSION, f"the logs may be read: {origin.told}"),
    )


def refused(refusal: Refusal, origin: Origin, member: str) -> tuple[Finding, ...]:
    """The first call was refused: which check failed, and which can still be passed."""
    check, what = _WHERE[refusal.about], refusal.error.message
    if check == CREDENTIALS and origin.plain:
        what = f"{origin.endpoint} asks for some, which rca sends to Google and to https:// alone: {what}"
    failed = not_ok(check, what, commands.mending(refusal, origin, member))
    return (failed,) if check == ENDPOINT else (ok(ENDPOINT, f"{_place(origin)} answers"), failed)


def private() -> Finding:
    """What no call can tell."""
    return unknown(
        PRIVATE,
        "whether Data Access audit logs may be read cannot be told from there being none; that takes the role "
        "roles/logging.privateLogViewer, and rca does not need them",
    )


def quota(caller: Caller, origin: Origin, member: str) -> Finding:
    """What the calls tell of the quota, and how many they were."""
    made = f"{caller.calls} read call{'' if caller.calls == 1 else 's'} made"
    if caller.ended is not None and caller.ended.about is About.QUOTA:
        return not_ok(
            QUOTA,
            f"{made}; {caller.ended.error.message.rstrip('.')}; 60 read calls a minute and project cannot be raised, "
            "and are shared with whoever else reads these logs (another rca, a dashboard, an export); who reads much "
            "takes a sink or Log Analytics",
            commands.mending(caller.ended, origin, member),
        )
    if not caller.answered:
        return unknown(QUOTA, f"{made}, none answered")
    return ok(
        QUOTA, f"{made}, none refused; 60 a minute and project are the limit, for all who read these logs"
    )


def _place(origin: Origin) -> str:
    return origin.endpoint or "logging.googleapis.com"
