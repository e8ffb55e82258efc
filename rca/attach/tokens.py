"""The token of a service: from the environment, else from the keyring; never from the command line.

In: an environment and the service's host. Out: the token, or an error that says how to set one. The token is in no
message and no representation of any value.
"""

import importlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from rca.errors import AccessError, RcaError

VARIABLES = ("GH_TOKEN", "GITHUB_TOKEN")
"""In this order, as GitHub's own command line has it."""

_DEFAULT_API = "https://api.github.com"
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(frozen=True, slots=True)
class Api:
    """Where GitHub's API is, and who calls it."""

    url: str
    token: str = field(repr=False)


def github_api(environ: Mapping[str, str]) -> Api:
    """Return the API that the environment names (`GITHUB_API_URL`, as GitHub Actions sets it), and the token for it.

    Raises:
        AccessError: there is no token.
        RcaError: the address is none, or would carry the token in the clear.
    """
    url = (environ.get("GITHUB_API_URL") or _DEFAULT_API).rstrip("/")
    try:
        parts = urlsplit(url)
        host, usable = parts.hostname or "", parts.scheme in {"http", "https"} and parts.port != 0
    except ValueError:
        host, usable = "", False
    if not host or not usable or parts.username or parts.query or parts.fragment:
        raise RcaError("GITHUB_API_URL is no address of an API", "write it like https://api.github.com")
    if parts.scheme == "http" and host not in _LOOPBACK:
        raise RcaError("GITHUB_API_URL would carry the token in the clear", "write it with https://")
    return Api(url, _token(environ, host))


def _token(environ: Mapping[str, str], host: str) -> str:
    for name in VARIABLES:
        token = environ.get(name, "").strip()
        if token:
            return _usable(token, f"the token in {name}")
    kept = _from_keyring(host)
    if kept:
        return _usable(kept, "the token in the keyring")
    raise AccessError(
        "there is no token for GitHub",
        f"set GITHUB_TOKEN, or keep one in the keyring: keyring set rca {host}",
    )


def _usable(token: str, what: str) -> str:
    """The token, if a header can hold it."""
    if not token.isascii() or not token.isprintable() or " " in token:
        raise AccessError(f"{what} holds what no token holds", "copy it anew")
    return token


def _from_keyring(host: str) -> str | None:
    """What the keyring holds, where there is one and it opens."""
    try:
        keyring: Any = importlib.import_module("keyring")
    except ImportError:
        return None
    try:
        found = keyring.get_password("rca", host)
    except keyring.errors.KeyringError:  # locked, or no keyring on this machine
        return None
    return found.strip() if isinstance(found, str) else None
