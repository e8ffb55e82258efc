"""The user's Google credentials: found, and tried.

In: the environment. Out: a `Login`, or google-auth's exception. Nothing is read of Cloud Logging here; a token is
fetched, as every call would fetch it.
"""

import shlex
import warnings
from dataclasses import dataclass
from typing import Any

from google.auth.exceptions import RefreshError, TransportError
from google.auth.transport.requests import Request
from google.oauth2.credentials import Credentials as UserCredentials

from rca.doctor.clock import Reading
from rca.doctor.findings import plain
from rca.sources.cloud.credentials import found, told_as
from rca.sources.cloud.wire import clock_of
from rca.sources.outside import Outside

_LONGEST_S = 10.0
"""google-auth's own patience is 120 s a request."""


@dataclass(frozen=True, slots=True)
class Login:
    """Credentials that a token was given for."""

    who: str
    member: str
    """As `--member=` of gcloud takes it, quoted for a shell."""

    readings: tuple[Reading, ...] = ()
    """The clock of whoever gave the token."""


def sign_in(outside: Outside) -> Login:
    """A token was given for the credentials that `rca` would use. Raises google-auth's exceptions, and no other."""
    asked = _Asked(outside)
    credentials = found(asked)
    with warnings.catch_warnings(), told_as(RefreshError):
        warnings.simplefilter("ignore")  # as in `found`
        credentials.refresh(asked)
    return Login(_who(credentials), _member(credentials), tuple(asked.readings))


class _Asked(Request):
    """google-auth's transport with a shorter patience; notes the clocks of those who answer."""

    def __init__(self, outside: Outside) -> None:
        super().__init__()
        self._outside = outside
        self.readings: list[Reading] = []

    def __call__(self, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - as the base class has it
        before = self._outside.now()
        kwargs["timeout"] = min(kwargs.get("timeout") or _LONGEST_S, _LONGEST_S)
        try:
            response: Any = super().__call__(*args, **kwargs)  # type: ignore[no-untyped-call] # google-auth is typed in part
        except OSError as error:  # a bundle of certificates that is not there
            raise TransportError(error) from error  # type: ignore[no-untyped-call] # as above
        server = clock_of(response.headers)
        if server is not None:
            self.readings.append(Reading(before, server, self._outside.now()))
        return response


def _who(credentials: Any) -> str:  # noqa: ANN401 - any of google-auth's kinds
    account = _service_account(credentials)
    if account:
        return f"service account {account}"
    if isinstance(credentials, UserCredentials):
        return f"user {_user(credentials) or 'of gcloud'}"
    return f"{type(credentials).__module__.removeprefix('google.auth.')} credentials"


def _member(credentials: Any) -> str:  # noqa: ANN401 - as above
    account = _service_account(credentials)
    if account:
        return shlex.quote(f"serviceAccount:{account}")
    user = _user(credentials)
    # Credentials of gcloud seldom tell whose they are; gcloud itself does.
    return shlex.quote(f"user:{user}") if user else '"user:$(gcloud config get-value account)"'


def _service_account(credentials: Any) -> str:  # noqa: ANN401 - as above
    email = plain(getattr(credentials, "service_account_email", None) or "")
    return email if "@" in email else ""


def _user(credentials: Any) -> str:  # noqa: ANN401 - as above
    return plain(getattr(credentials, "account", None) or "")
