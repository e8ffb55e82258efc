"""The corpus of look-alikes: what reads like a secret and is none, and what a citation needs as it is.

In: a seed. Out: texts that masking must leave as they are. Ids, times and numbers are drawn, words are listed.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from random import Random
from uuid import UUID

from tests.redaction.secret_makers import ALNUM, HEX, LOWER, drawn, luhn

_EACH = 12


def _hex(random: Random, length: int) -> str:
    return "".join(random.choices(HEX, k=length))


def _uuid(random: Random) -> str:
    return str(UUID(int=random.getrandbits(128), version=4))


def _time(random: Random) -> datetime:
    return datetime(2026, 5, 14, tzinfo=UTC) + timedelta(microseconds=random.randrange(10**13))


def _stamp(random: Random) -> str:
    at = _time(random)
    return random.choice(
        [
            at.isoformat(),
            at.isoformat().replace("+00:00", "Z"),
            at.strftime("%Y-%m-%d %H:%M:%S,%f"),
            at.strftime("%d/%b/%Y:%H:%M:%S +0000"),
            at.astimezone().strftime("%Y-%m-%dT%H:%M:%S+02:00"),
            f"{at.timestamp():.6f}",
            str(int(at.timestamp() * 1000)),
            str(int(at.timestamp() * 10**6)),
            str(int(at.timestamp()) * 10**9 + random.randrange(10**9)),
        ]
    )


def _private_ip(random: Random) -> str:
    last = random.randrange(1, 255)
    return random.choice(
        [
            f"10.{last}.0.{last}",
            f"172.16.{last}.7",
            f"192.168.0.{last}",
            f"127.0.0.{last}",
            f"169.254.169.{last}",
            f"169.254.8.{last}",
            f"192.0.2.{last}",
            f"198.51.100.{last}",
            f"203.0.113.{last}",
            "0.0.0.0",  # noqa: S104 - text
            "::1",
            f"fe80::{last:x}",
            f"fd00::{last:x}:1",
            f"2001:db8::{last:x}",
        ]
    )


def _dotted(random: Random, parts: int) -> str:
    return ".".join(str(random.randrange(90)) for _ in range(parts))


def _number(random: Random) -> str:
    """Sixteen digits that begin as a card's number does and do not add up as one."""
    while True:
        digits = "4" + "".join(random.choices("0123456789", k=15))
        if not luhn(digits):
            return digits


DRAWN: Mapping[str, Callable[[Random], str]] = {
    "insertId": lambda random: f"insertId={_hex(random, 24)} severity=ERROR",
    "insertId of a request": lambda random: f"see {drawn(random, LOWER, 14)} in run.googleapis.com/requests",
    "trace": lambda random: f"projects/harbor-stg/traces/{_hex(random, 32)}",
    "trace and span": lambda random: f"trace_id={_hex(random, 32)} span_id={_hex(random, 16)} sampled",
    "traceparent": lambda random: f"traceparent: 00-{_hex(random, 32)}-{_hex(random, 16)}-01",
    "cloud trace": lambda random: f"X-Cloud-Trace-Context: {_hex(random, 32)}/{random.getrandbits(63)};o=1",
    "span in digits": lambda random: (
        f"dd.trace_id={random.getrandbits(63)} dd.span_id={random.getrandbits(63)}"
    ),
    "revision": lambda random: (
        f"tide-gateway-{random.randrange(100000):05d}-{''.join(random.choices('bcdfghjk', k=3))} is ready"
    ),
    "instance": lambda random: f"instanceId: 00{_hex(random, 120)}",
    "session": lambda random: f"session {_uuid(random)} opened, run=run_{_hex(random, 12)}",
    "session id": lambda random: f"session_id={_uuid(random)} connection_id=conn-{_hex(random, 8)}",
    "session in an address": lambda random: f"GET /ws/{_uuid(random)}?session=ses_{_hex(random, 10)}&v=2 101",
    "sha": lambda random: f"commit {_hex(random, 40)} ({_hex(random, 7)}) deployed",
    "digest": lambda random: f"image europe-docker.pkg.dev/harbor/app/tide@sha256:{_hex(random, 64)}",
    "digest alone": lambda random: f"sha256:{_hex(random, 64)} pulled",
    "digests": lambda random: f"{_hex(random, 64)}\n{_hex(random, 64)}\n{_hex(random, 64)}",
    "etag": lambda random: f'ETag: "{_hex(random, 32)}", Content-MD5 checked',
    "time": lambda random: f"started at {_stamp(random)}",
    "time first": lambda random: f"{_stamp(random)} INFO ready",
    "duration": lambda random: f"lived {random.randrange(10**5)} ms; took {random.random() * 100:.3f}s",
    "refresh took": lambda random: (
        f"refresh_token: {random.random() * 10:.3f}s, password_hash: {random.randrange(999)}ms"
    ),
    "port": lambda random: f"ECONNREFUSED {_private_ip(random)} port {random.randrange(1024, 65536)}",
    "private address": lambda random: f"client {_private_ip(random)} left",
    "private socket": lambda random: (
        f"upstream 10.{random.randrange(256)}.{random.randrange(256)}.7:6379 timed out"
    ),
    "close": lambda random: (
        f"closed {random.choice([1000, 1006, 1008, 1011, 4401])} after {random.randrange(10**4)} ms"
    ),
    "browser": lambda random: f"Mozilla/5.0 (X11; Linux) Chrome/1{_dotted(random, 4)} Safari/537.36",
    "version": lambda random: f"libtide version {_dotted(random, 4)} loaded",
    "packages": lambda random: (
        f"python 3.11.{random.randrange(12)}, uvicorn 0.{random.randrange(60)}.0, ws@8.{random.randrange(20)}.0"
    ),
    "path": lambda random: (
        f'  File "/srv/tide/auth/token_store_{random.randrange(99)}.py", line {random.randrange(999)}, in refresh_token'
    ),
    "node path": lambda random: (
        f"at verify (/srv/node_modules/ws@8.18.{random.randrange(9)}/lib/token.js:{random.randrange(999)}:15)"
    ),
    "go path": lambda random: f"/go/src/harbor/secret.go:{random.randrange(999)} +0x{_hex(random, 3)}",
    "memory": lambda random: f"<function verify_token at 0x7f{_hex(random, 10)}>",
    "bytes": lambda random: (
        f"{random.randrange(10**6)} of {random.randrange(10**9)} bytes, {random.random() * 100:.4f} %"
    ),
    "counts": lambda random: (
        f'{{"prompt_tokens": {random.randrange(9999)}, "total_tokens": {random.randrange(99999)}, "max_tokens": 4096}}'
    ),
    "order": lambda random: f"order_id={_number(random)} paid",
    "id in digits": lambda random: (
        f'"user_id": {random.randrange(10**5, 10**12)}, "tenant": {random.randrange(999)}'
    ),
    "hunk": lambda random: (
        f"@@ -{random.randrange(999)},7 +{random.randrange(999)},9 @@ def refresh_token(self):"
    ),
    "dump": lambda random: " ".join(_hex(random, 2) for _ in range(16)),
    "columns": lambda random: " ".join(str(random.choice([200, 404, 1011, 499, 503])) for _ in range(9)),
    "date": lambda random: (
        f"backup-{_time(random):%Y-%m-%d}-{random.randrange(10**4):04d}.tar.gz, log.{_time(random):%Y%m%d}"
    ),
    "handshake": lambda random: f"Sec-WebSocket-Key: {drawn(random, ALNUM, 22)}==",
    "mac": lambda random: ":".join(_hex(random, 2) for _ in range(6)),
    "build": lambda random: f"build {random.randrange(10**6)}.{_dotted(random, 4)}",
}

_TESTS = (
    "test_refresh_token",
    "test_reset_password",
    "test_rotates_secret",
    "test_session_cookie",
    "test_bad_api_key",
)
_OUTCOMES = (
    "TypeError: 'NoneType' object is not subscriptable",
    "TypeError…",
    "AssertionError: assert 401 == 200",
    "connection lost",
    "received 1011 (internal error); then sent 1011",
    "1011 (internal error)",
    "FAILED",
    "websockets.exceptions.ConnectionClosedError: received 1011",
    "timed out after 30.0s",
)
_BEFORE_A_TEST = ("", "FAILED ", "tests/test_auth.py::", "tests/test_auth.py::TestAuth::", "- ")

WRITTEN = (
    "token: expired",
    "Erlang/OTP 27 [erts-15.0]",
    "otp: required",
    "the server's close code is 1011",
    "your exit code is 137137",
    "Your code is ready",
    "secret:\n  name: harbor-db-1",
    "token:\n- a1b2c3d4",
    "password:\n  required",
    "api_key:\n(not set)\nretries = 3",
    "otp_attempts=3",
    "one-time code expired",
    "verification code: expired",
    "cvc: missing",
    "mfa: required",
    "the `password` flag is gone",
    "SyntaxError: Unexpected token BerthHandlerV2Factory",
    "a token HTTP2SettingsFrameReceived was seen",
    "type Token = str -> None",
    "login(token)\n-> 401",
    'name = "api-token"\n\n[section]\nretries = 1',
    "Key (id)=(7) already exists.",
    "Key (berth, token_count)=(7, 3) already exists.",
    "INSERT INTO berths (name, token_type) VALUES ('north', 'bearer')",
    "INSERT INTO users (email, password) VALUES (%s, %s)",
    "[SQL: SELECT 1 FROM t WHERE berth = %s] [parameters: ('north',)]",
    "- name: DB_PASSWORD\n  valueFrom:\n    secretKeyRef:\n      name: harbor-db",
    "name: token\nvalue: expired",
    "ip-10-0-3-7.internal",
    "release-1-2-3-4.tar",
    "$1$ is the first argument",
    "ssn lookup failed for berth 7",
    "subprotocols=['graphql-transport-ws']",
    "token expired at noon",
    "token: connection lost while it was refreshed",
    "the token was rejected by the provider",
    "secret: rotation started for berths",
    "api_key: header missing in the request",
    "password: incorrect",
    "password is incorrect",
    "password must be longer",
    "password=None token=null secret=undefined",
    "Password authentication failed for user 'harbor'",
    "KeyError: 'password'",
    "KeyError: 'API_TOKEN'",
    "missing secret: DB_PASSWORD",
    "ValueError: missing required variable: DB_PASSWORD",
    "TypeError: login() missing 1 required positional argument: 'password'",
    "TypeError: __init__() got an unexpected keyword argument 'api_key'",
    "AttributeError: 'Settings' object has no attribute 'secret_key'",
    "jwt.exceptions.ExpiredSignatureError: Signature has expired",
    "jose.exceptions.JWTError: Signature verification failed.",
    "InvalidTokenError: Not enough segments",
    "signature verification failed",
    "invalid signature: expected 64 bytes",
    "password=*** user=harbor",
    "postgresql://harbor:***@10.3.0.7/berths",
    "redis://harbor@cache.internal:6379/0 refused",
    "postgresql://harbor@db.harbor.example:5432/berths",
    "token=<redacted>",
    "api_key=[REDACTED]",
    "secret=${DB_SECRET}",
    "password=%s",
    "    token=self.token,",
    "    password = settings.db_password",
    "    secret = get_secret('berths')",
    "    token: str | None = None",
    "    def login(user, password=password):",
    '    PASSWORD = os.environ["DB_PASSWORD"]',
    "    raise TokenError(f'bad token for {user}')",
    'SecretStr("**********")',
    "secret: projects/harbor/secrets/berth-db/versions/latest",
    "--set-secrets=DB_PASSWORD=berth-db:latest",
    "token: /var/run/secrets/token",
    "PWD=/srv/app",
    "Unexpected token < in JSON at position 0",
    "SyntaxError: Unexpected token '}'",
    "Bearer authentication is required",
    'WWW-Authenticate: Bearer realm="berths", error="invalid_token"',
    "Basic auth disabled",
    "Basic Health Check",
    "Authorization: missing",
    "cookie: not set",
    "received 1011 (internal error) keepalive ping timeout; no close frame received",
    "@app.route('/health')",
    "git@github.com:harbor/tide.git",
    "GET /img/logo@2x.png 404",
    "systemd: user@1000.service started",
    "'GET /api/tokens HTTP/1.1' 200",
    "POST /api/password/reset 204",
    "{'loc': ('body', 'password'), 'msg': 'field required'}",
    'fields: ["username", "password", "email"]',
    "foreign_key: berth_id, sort_key=created_at, partition_key: region",
    "key=user:1234 hit",
    "cache_key=berths:north:7 miss",
    "password_length=12 token_type=bearer expires_in=3600",
    "secret_name=berth-db secret_version=4",
    "authorization_url=https://login.example/o",
    "tokenizer=bpe tokens/s: 12.4",
    "JWT_SECRET_KEY: SET",
    "Sec-WebSocket-Protocol: graphql-transport-ws",
    "REDIS_URL=redis://10.3.0.7:6379/0",
    "CORS: Access-Control-Allow-Headers: Authorization, X-Api-Key",
    "auth=none mode=basic",
    "x = a @ b.T  # matmul",
    "std::io::Error: de::Error at a::b::cafe",
    "ratio 1:2:3:4, scores 3-0-1",
    "ISBN 978-3-16-148410-0",
    "error code: 0041 in block 079",
    "called 12 times, 4 of 7 calls failed",
    "ip_forward=1 ipv6=off",
    "10.0.0.0/8 and 192.168.0.0/16 are ours",
    "from asia-northeast1-docker.pkg.dev/harbor",
    "sk-learn and task-runner-for-the-night-shift",
    "re_compile_all_patterns_in_order",
    "hf_hub_download(repo_id, filename)",
    "pat-a-cake, pattern, patch",
    "x-goog-request-params: name=projects/harbor",
    "certificate -----BEGIN CERTIFICATE----- was expected",
)
"""Sentences, code and messages that only speak of secrets."""


def corpus(seed: int = 0) -> tuple[str, ...]:
    """The look-alikes, none twice."""
    dice = Random(seed)  # noqa: S311 - no secrets, and the same each time
    return tuple(dict.fromkeys((*_drawn(dice), *_tests(), *WRITTEN)))


def _drawn(random: Random) -> Iterator[str]:
    for tell in DRAWN.values():
        yield from (tell(random) for _ in range(_EACH))


def _tests() -> Iterator[str]:
    for before in _BEFORE_A_TEST:
        for name in _TESTS:
            yield from (f"{before}{name}: {outcome}" for outcome in _OUTCOMES)
