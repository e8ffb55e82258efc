"""Sign-in tokens (JWT, HS256). In: a user or a token; out: a token or a user."""

import base64
import binascii
import hashlib
import hmac
import json
import time


class TokenError(Exception):
    """The token is malformed, forged or too old."""


def _encode(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode("ascii")


def _decode(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _signature(signed: str, key: str) -> str:
    return _encode(hmac.new(key.encode(), signed.encode(), hashlib.sha256).digest())


def issue(user: str, key: str, lifetime_s: int = 900) -> str:
    """A token for `user` is returned, valid from now for `lifetime_s` seconds."""
    header = _encode(json.dumps({"alg": "HS256", "typ": "JWT"}).encode())
    claims = {"sub": user, "aud": "parley", "exp": int(time.time()) + lifetime_s}
    signed = f"{header}.{_encode(json.dumps(claims).encode())}"
    return f"{signed}.{_signature(signed, key)}"


def user_of(token: str, key: str) -> str:
    """The token's user is returned; raises TokenError where it cannot be trusted."""
    signed, _, signature = token.rpartition(".")
    if not hmac.compare_digest(signature, _signature(signed, key)):
        raise TokenError("signature does not match")
    try:
        claims = json.loads(_decode(signed.partition(".")[2]))
    except (binascii.Error, ValueError) as error:
        raise TokenError("claims cannot be read") from error
    if claims["exp"] < time.time():
        raise TokenError(f"expired {int(time.time() - claims['exp'])} s ago")
    return str(claims["sub"])
