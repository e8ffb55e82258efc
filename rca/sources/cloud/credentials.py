"""The user's Google credentials, as they are found on this machine.

In: the environment. Out: google-auth's credentials, or google-auth's own exceptions and no others.
"""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from google.auth import default
from google.auth.exceptions import DefaultCredentialsError, GoogleAuthError

_SCOPE = "https://www.googleapis.com/auth/logging.read"


def found(request: Any = None) -> Any:  # noqa: ANN401 - any of google-auth's kinds, and its transport
    """Credentials that may read logs; raises `DefaultCredentialsError` where there are none that can be used."""
    with warnings.catch_warnings(), told_as(DefaultCredentialsError):
        # Advice to developers on quota projects; who needs one is told by the API.
        warnings.simplefilter("ignore")
        credentials, _ = default(scopes=[_SCOPE], request=request)
        return credentials


@contextmanager
def told_as(kind: type[GoogleAuthError]) -> Iterator[None]:
    """google-auth trusts the form of credentials files and of answers; another form ends in any exception."""
    try:
        yield
    except GoogleAuthError:
        raise
    except Exception as error:  # see above: a file with another JSON in it, a number that is none
        raise kind(f"{type(error).__name__}: {error}") from error
