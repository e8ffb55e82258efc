"""What leaves in a report, and what must stay readable in it."""

import dataclasses
import json
import re
import time
from collections.abc import Callable
from random import Random
from urllib.parse import quote as percent

import pytest
from hypothesis import given, settings, strategies as st

from rca.contract import Report
from rca.model import Cycle, Outcome, SourceRef, Test as CycleTest
from rca.quote import quote
from rca.redact import Masks, mask, redact, redact_cycle, redact_raw, redact_raws
from rca.redact.known import Known
from rca.redact.shapes import Shape, masked_by, shapes
from tests import build
from tests.examples import examples
from tests.redaction import secret_makers as makers

from .render.reports import ALL, FOUND

JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhZGEiLCJyb2xlIjoicGlsb3QifQ.c2lnbmF0dXJlLW9mLWFkYQ"
KEY = "0a1b2c3d4e5f6071829304a5b6c7d8e9"

# (line, what must not survive in it). Shapes of providers are put together here, so that no scanner of this
# repository takes them for real ones.
PLANTED = [
    (f"token rejected: {JWT}", JWT),
    (f"GET /ws?token={JWT}&v=2 101", JWT),
    (f"GET /ws?access_token={JWT.replace('.', '%2E')} 101", "eyJhbGci"),
    (f"cut: {JWT[:52]}…", "eyJzdWIi"),
    (f"cut by us: {JWT[:40]}…+300…bGUiOiJwaWxvdCJ9.c2ln and on", "bGUiOiJwaWxvdCJ9"),
    (f'{{"jwt":"{JWT}"}}', JWT),
    (
        f"Sec-WebSocket-Protocol: jwt, jwt.{'ZXlK' + 'aGJHY2lPaUpJVXpJMU5pSjkuZXlKemRXSWlPaUpoWkdF'}",
        "aGJHY2lPaUpJVXpJMU5pSjk",
    ),
    ("Authorization: Bearer q7Zk29xPwLm4", "q7Zk29xPwLm4"),
    ("authorization: bearer abcdefghijklmnopqrst", "abcdefghijklmnopqrst"),
    ("Authorization: Basic aGFyYm9yOnRpZGUtNDI=", "aGFyYm9yOnRpZGUtNDI"),
    ("Authorization: hunter-of-tides", "hunter-of-tides"),
    ("Authorization: Token 99f1c2d3", "99f1c2d3"),
    ('authorization: Digest username="ada", response="7c1d22aa"', "7c1d22aa"),
    ("curl -H 'Authorization: ApiKey tide42' https://x.example", "tide42"),
    ("[(b'host', b'x.example'), (b'authorization', b'Bearer zz91kq')]", "zz91kq"),
    ("rawHeaders: [ 'Host', 'x', 'Authorization', 'tide-42-key' ]", "tide-42-key"),
    ("proxy-authorization: Basic dTpwYXNzd29yZDE=", "dTpwYXNzd29yZDE"),
    ("postgresql://harbor:tide-42@10.3.0.7:5432/berths", "tide-42"),
    ("postgresql+asyncpg://harbor:p@ss/w0rd@db/berths?ssl=require", "p@ss/w0rd"),
    ("redis://:tide-42@cache.internal:6379/0", "tide-42"),
    ("amqps://harbor:ti%24de42@mq.example/vhost", "ti%24de42"),
    ("https://harbor:tide42@registry.example/simple", "tide42"),
    ("mongodb+srv://harbor:tide42@c0.example/?w=1", "tide42"),
    ("dsn%3Dpostgresql%3A%2F%2Fharbor%3Atide42%4010.3.0.7", "tide42"),
    ("https://0123456789abcdef0123456789abcdef@errors.example/4", "0123456789abcdef0123456789abcdef"),
    ("password=hunter2", "hunter2"),
    ("PGPASSWORD=hunter2 psql -h db", "hunter2"),
    ("DB_PASSWORD: hunter2", "hunter2"),
    ("login user=ada passwd=hunter2 ok=false", "hunter2"),
    ("Server=db;Uid=ada;Pwd=hunter2;Database=b", "hunter2"),
    ("host=db password='two words' user=ada", "two words"),
    ('{"user": "ada", "password": "hun\\"ter2"}', "ter2"),
    (r"body={\"password\":\"hunter2\",\"v\":1}", "hunter2"),
    (r"{\\\"client_secret\\\": \\\"tide-42\\\"}", "tide-42"),
    ("q=%7B%22password%22%3A%22hunter2%22%7D", "hunter2"),
    ("&quot;password&quot;:&quot;hunter2&quot;", "hunter2"),
    (r"{\u0022password\u0022:\u0022hunter2\u0022}", "hunter2"),
    ("{'password': 'hunter2', 'otp': '482913'}", "hunter2"),
    ("{'password': 'x1!y', 'otp': '4829137'}", "4829137"),
    ("api_key=tide42tide42", "tide42tide42"),
    ("X-Api-Key: tide42", "tide42"),
    ("apikey: 'tide 42'", "tide 42"),
    ("accessKey=tide42/x+y", "tide42/x+y"),
    ("AccountKey=" + "Zm9v" * 8 + "==;EndpointSuffix=x", "Zm9vZm9v"),
    ("aws_secret_access_key = wJalrEXAMPLEKEY", "wJalrEXAMPLEKEY"),
    ("client_secret=tide-42&grant_type=x", "tide-42"),
    ("clientSecret: tide-42", "tide-42"),
    ("SECRET_KEY=tide-42-harbor", "tide-42-harbor"),
    ('JWT_SECRET_KEY = "tide-42-harbor"', "tide-42-harbor"),
    ("refreshToken: tide-42.x", "tide-42.x"),
    ("csrftoken=a1b2c3d4e5; Path=/", "a1b2c3d4e5"),
    ("Cookie: session=s3cr3tvalue; theme=dark", "s3cr3tvalue"),
    ("Set-Cookie: sid=s3cr3tvalue; HttpOnly; Path=/", "s3cr3tvalue"),
    ("cookies={'session': 's3cr3tvalue'}", "s3cr3tvalue"),
    ("(b'cookie', b'session=s3cr3tvalue')", "s3cr3tvalue"),
    ("JSESSIONID=0A1B2C3D4E", "0A1B2C3D4E"),
    ("-----BEGIN RSA PRIVATE KEY-----\nMIIEtide\n-----END RSA PRIVATE KEY-----", "MIIEtide"),
    (r'"private_key": "-----BEGIN PRIVATE KEY-----\nMIIEtide\n-----END PRIVATE KEY-----\n"', "MIIEtide"),
    ("-----BEGIN EC PRIVATE KEY-----\nMIIEtideAndThenTheEntryEnds", "MIIEtide"),
    ("MIIEtideTail0=\n-----END PRIVATE KEY-----", "MIIEtideTail0"),
    ("maps " + "AIza" + "EXAMPLEexampleEXAMPLEexample0123456", "EXAMPLEexample"),
    ("push by " + "ghp_" + "EXAMPLEexampleEXAMPLEexample", "EXAMPLEexample"),
    ("clone with " + "github_pat_" + "11EXAMPLE0example_EXAMPLE", "11EXAMPLE0"),
    ("model says no to " + "sk-" + "proj-EXAMPLE0123456789abc", "EXAMPLE0123456789"),
    ("model says no to " + "sk-" + "ant-api03-EXAMPLE0123456789", "EXAMPLE0123456789"),
    ("charge with " + "sk_" + "live_EXAMPLE0123456789", "EXAMPLE0123456789"),
    ("slack " + "xox" + "b-000000-EXAMPLE0123", "EXAMPLE0123"),
    ("post to https://hooks.slack.com/services/" + "T00000/B00000/EXAMPLEexample", "EXAMPLEexample"),
    ("key " + "AKIA" + "EXAMPLE012345678", "EXAMPLE012345678"),
    ("oauth " + "ya29." + "a0EXAMPLEexample-x", "EXAMPLEexample"),
    ("hook signed " + "whsec_" + "EXAMPLE0example", "EXAMPLE0example"),
    ("mail " + "SG." + "EXAMPLEexample01.EXAMPLEexample02", "EXAMPLEexample02"),
    ("vault " + "hvs." + "EXAMPLEexampleEXAMPLE01", "EXAMPLEexample"),
    (
        "https://api.telegram.example/bot" + "123456789:" + "AAEXAMPLEexampleEXAMPLEexample01/x",
        "EXAMPLEexample",
    ),
    ("ada@harbor.example left", "ada@harbor.example"),
    ("u=ada%40harbor.example&v=1", "ada%40harbor.example"),
    ("robot@harbor-stg.iam.gserviceaccount.com lacks run.invoke", "robot@harbor-stg"),
    (f"https://storage.googleapis.com/b/o.csv?X-Goog-Expires=900&X-Goog-Signature={KEY}", KEY),
    (f"https://b.s3.example/o?X-Amz-Signature={KEY}", KEY),
    ("https://b.blob.example/o?sv=2022&sig=tide42tide42tide42%3D", "tide42tide42"),
    ('    client = Redis(host="db", password="hunter2")', "hunter2"),
    ('    password: str = "hunter2"', "hunter2"),
    ('    token = os.environ.get("API_TOKEN", "tide-42")', "tide-42"),
    ('    api_key = SecretStr("tide-42")', "tide-42"),
    ("    if password != 'hunter2':", "hunter2"),
    ("run --password hunter2 --verbose", "hunter2"),
    ("run --api-key=tide42", "tide42"),
    ("<password>hunter2</password>", "hunter2"),
    ("curl -u ada:hunter2 https://x.example", "hunter2"),
    ("login failed with password 'hunter2'", "hunter2"),
    ("the password is hunter2", "hunter2"),
    ("password: hunter2 user=bob", "hunter2"),
    ("token=abc%3Ddef%26next=1", "abc%3Ddef"),
    ("map[Authorization:[Token tide42x] Cookie:[session=s3cr3t; a=b] Host:[x]]", "tide42x"),
    ("map[Authorization:[Token tide42x] Cookie:[session=s3cr3t; a=b] Host:[x]]", "s3cr3t"),
    ('{"cookie": ["session=s3cr3t"]}', "s3cr3t"),
    ('{"x-api-key": [ "tide42" ]}', "tide42"),
    ("  connect(host, password)\n  │       │     └ 's3cr3t'\n  │       └ 'db'\n", "s3cr3t"),
    ("  x = self.api_key\n      │    └ 's3cr3t'\n      └ <Client>\n", "s3cr3t"),
    (r"  connect(host, password)\n  │       │     └ 's3cr3t'\n", "s3cr3t"),
    ("  \x1b[1mconnect\x1b[0m(host, password)\n  \x1b[36m│       │     └ \x1b[0m's3cr3t'\n", "s3cr3t"),
    ("│ password = 'hunter2'                    │", "hunter2"),
    ("db_password\n  String should be longer [type=x, input_value='swordfish', input_type=str]", "swordfish"),
    ("CREATE USER harbor IDENTIFIED BY 'swordfish'", "swordfish"),
    ('"AUTH" "hunter2"', "hunter2"),
    ("AUTH default hunter2", "hunter2"),
    ("auth=('harbor', 'swordfish')", "swordfish"),
    ("docker login -u harbor -p swordfish registry.example", "swordfish"),
    ("mysql -u root -pswordfish berths", "swordfish"),
    ("credentials=harbor:swordfish", "swordfish"),
    ("pw=swordfish", "swordfish"),
    ("db_pass: swordfish", "swordfish"),
    ('{"user":"ada","pass":"swordfish"}', "swordfish"),
    ("set-cookie: session=.eJwlEXAMPLEexample.Zx.sig; Path=/", "EXAMPLEexample"),
    ("KEY_B64=" + "LS0tLS1CRUdJTi" + "BQUklWQVRFIEtFWS0tLS0t", "BQUklWQVRFIEtFWS0tLS0t"),
    ("X-Hub-Signature-256: sha256=" + KEY + KEY, KEY),
    ("POST https://discord.example/api/webhooks/1234/EXAMPLEexampleEXAMPLEexample", "EXAMPLEexample"),
]

INNOCENT = [
    "token_count=512",
    "tokens=500",
    "max_tokens: 4096, total_tokens: 812",
    '{"prompt_tokens": 12, "token": 3}',
    "password: incorrect",
    "password is incorrect",
    "Password authentication failed for user 'harbor'",
    "KeyError: 'token'",
    "KeyError: 'password'",
    "secret not configured",
    "SECRET_KEY: not set",
    "JWT_SECRET: missing",
    "token: expired",
    "token=None",
    "api_key=null,",
    '{"token": "invalid"}',
    '{"password": "This field is required."}',
    "password=***",
    "postgresql://harbor:***@10.3.0.7/berths",
    "token=<redacted>",
    "api_key=[REDACTED]",
    "JWT=REDACTED verification failed",
    "secret=${DB_SECRET}",
    "password=%s",
    "    token=self.token,",
    "    password = settings.db_password",
    "    secret = get_secret('berths')",
    "    token: str | None = None",
    "    def login(user, password=password):",
    '    PASSWORD = os.environ["DB_PASSWORD"]',
    'SecretStr("**********")',
    "secret: projects/harbor/secrets/berth-db/versions/latest",
    "--set-secrets=DB_PASSWORD=berth-db:latest",
    "token: /var/run/secrets/token",
    "PWD=/srv/app",
    "Unexpected token < in JSON at position 0",
    "SyntaxError: Unexpected token '}'",
    "syntax error, unexpected token: foo",
    "Bearer authentication is required",
    'WWW-Authenticate: Bearer realm="berths", error="invalid_token"',
    "Basic auth disabled",
    "basic validation of the order",
    "Authorization: missing",
    "cookie: not set",
    "session=ses_d60b13f63d",
    "session_id=ses_d60b13f63d run=run_2068481e9d79",
    "insertId=6b02d69800041838f768e99e",
    "trace 4bf92f3577b34da6a3ce929d0e0e4736",
    "550e8400-e29b-41d4-a716-446655440000",
    "commit 9fceb02d0ae598e95dc970b74767f19372d61af8",
    "received 1011 (internal error) keepalive ping timeout; no close frame received",
    "code=1011 reason='session failed'",
    "@app.route('/health')",
    "ws@8.18.0 /srv/node_modules/.pnpm/ws@8.18.0/node_modules/ws/lib/websocket.js:518:15",
    "image europe-docker.pkg.dev/harbor/app@sha256:0a1b2c",
    'File "/srv/harbor/auth/token.py", line 88, in verify_token',
    "tests/test_password.py::test_reset PASSED",
    "http://127.0.0.1:8080/ws?v=2",
    "wss://tide-gateway-x7.run.app/ws",
    "connect ECONNREFUSED 10.3.0.7:6379",
    "http://example.org:80/path?mail=x@y",
    "tide-gateway-00042-kev",
    "ValueError: max() arg is an empty sequence",
    "key=user:1234 hit",
    "foreign_key: berth_id",
    "signature verification failed",
    "invalid signature: expected 64 bytes",
    "compass=north",
    "secret_name=berth-db secret_version=4",
    "token_type=bearer expires_in=3600",
    "password_length=12",
    "authorization_url=https://login.example/o",
    "tokenizer=bpe",
    "lived 67 ms; closed 1011",
    "python 3.11.9, uvicorn 0.54.0, websockets 15.0.1",
    "Starting new instance. Reason: AUTOSCALING - ...",
    'GET /api/tokens HTTP/1.1" 200',
    "POST /api/password/reset 204",
    "{'loc': ('body', 'password'), 'msg': 'field required'}",
    'fields: ["username", "password", "email"]',
    "PASS: test_connect",
    "PASS: 5, FAIL: 2",
    "ValueError: missing required variable: DB_PASSWORD",
    "missing secret: DB_PASSWORD",
    "Secret: berth-db-password was not found",
    "SECRET_KEY\n  Field required [type=missing, input_value={'a': 1}, input_type=dict]",
    "TypeError: __init__() got an unexpected keyword argument 'api_key'",
    "Basic Health Check, Basic Authentication",
    "Bearer Authentication",
    "  verify(token, key)\n  │      └ None\n  └ <function verify at 0x7f>",
    "  plan(order, berth)\n  │    │      └ 'north-4'\n  │    └ 17\n",
    "AUTH failed: WRONGPASS",
    "GET /img/logo@2x.png 404",
    "systemd: user@1000.service started",
    "credentials: not found",
    "JWT_SECRET_KEY: SET",
    "Sec-WebSocket-Protocol: graphql-transport-ws",
    "tokens/s: 12.4",
    "secret.version: projects/harbor/secrets/berth-db/versions/4",
]


@pytest.mark.parametrize(("line", "secret"), PLANTED)
def test_a_planted_secret_is_gone(line: str, secret: str) -> None:
    """No clear secret survives, whatever it is written in."""
    assert secret not in mask(line)


@pytest.mark.parametrize("line", INNOCENT)
def test_an_innocent_line_stays_as_it_is(line: str) -> None:
    """A line that only speaks of secrets, or identifies something, is not touched."""
    assert mask(line) == line


def test_the_corpus_is_large() -> None:
    """Both lists hold at least sixty lines, none twice."""
    assert len(set(PLANTED)) == len(PLANTED) >= 60
    assert len(set(INNOCENT)) == len(INNOCENT) >= 60


@pytest.mark.parametrize("shape", shapes(), ids=lambda shape: f"{shape.kind}: {shape.masked[:24]}")
def test_each_shape_matches_its_sample(shape: Shape) -> None:
    """The sample beside each pattern is one that it masks, as the file says."""
    masks = Masks()
    left = masked_by(shape, shape.sample, masks.of)
    assert masks.met == {shape.masked: f"\u2039{shape.kind}:1\u203a"}
    assert left == shape.sample.replace(shape.masked, f"\u2039{shape.kind}:1\u203a")


def test_one_secret_has_one_mask() -> None:
    """The same secret reads alike in every text of a report, another one differs."""
    masks = Masks()
    assert mask(f"a {JWT}", masks) == "a \u2039jwt:1\u203a"
    assert mask(f"token={JWT}", masks) == "token=\u2039jwt:1\u203a"
    assert mask("token=other42", masks) == "token=\u2039token:1\u203a"
    assert masks.counts == {"jwt": 1, "token": 1}


def test_a_mask_keeps_what_stands_around_it() -> None:
    """Names, separators and neighbours stay, so that the line can still be read."""
    assert mask("host=db password=hunter2, user=ada") == "host=db password=\u2039password:1\u203a, user=ada"
    assert mask('{"api_key": "tide42", "n": 1}') == '{"api_key": "\u2039key:1\u203a", "n": 1}'
    assert mask("postgresql://u:tide42@db/b") == "postgresql://u:\u2039password:1\u203a@db/b"


@given(st.text() | st.lists(st.sampled_from([line for line, _ in PLANTED] + INNOCENT)).map(" ".join))
@settings(max_examples=examples(150), deadline=None)
def test_masking_twice_changes_nothing(text: str) -> None:
    """`mask` is idempotent."""
    once = mask(text)
    assert mask(once) == once


@given(
    st.lists(
        st.sampled_from(
            [
                "password=",
                "\u2039password:1\u203a",
                "token: ",
                '"',
                "eyJ",
                "a@b.cd",
                ".",
                "hunter2",
                "\\",
                "://",
                ":",
                "@",
                " ",
            ]
        )
    )
)
@settings(max_examples=examples(200), deadline=None)
def test_masking_twice_changes_nothing_for_shards(shards: list[str]) -> None:
    """`mask` is idempotent also where masks and halves of secrets touch."""
    once = mask("".join(shards))
    assert mask(once) == once


WAYS = {
    "JSON": lambda secret: json.dumps({"user": "ada", "password": secret, "n": 1}),
    "JSON in JSON": lambda secret: json.dumps(json.dumps({"clientSecret": secret, "n": 1})),
    "JSON in JSON in JSON": lambda secret: json.dumps(json.dumps(json.dumps({"access_token": secret}))),
    "Python": lambda secret: repr({"api_key": secret, "n": 1}),
    "quoted": lambda secret: f'connect password="{secret}" host=x',
    "bare": lambda secret: f"connect password={secret} host=x",
    "URL": lambda secret: f"GET /ws?token={percent(secret, safe='')}&v=2",
    "URL in URL": lambda secret: "next=" + percent(f"/ws?token={percent(secret, safe='')}&v=2", safe=""),
    "address": lambda secret: f"postgresql://u:{percent(secret, safe='')}@db:5432/x",
    "header": lambda secret: f"{{'authorization': 'Bearer {secret}', 'host': 'x'}}",
    "cookie": lambda secret: f"cookie: a=1; session={percent(secret, safe='')}; b=2",
    "code": lambda secret: f"    Redis(host='x', password={secret!r}, db=0)",
    "XML": lambda secret: f"<a><secret>{secret}</secret></a>",
    "flag": lambda secret: f"run --db-password {secret} --verbose",
}
_SIGNS = "!$*()[]{}#%^?@:/~+=-_."
secrets = st.from_regex(rf"[a-zA-Z][a-zA-Z0-9{re.escape(_SIGNS)}]{{6,24}}[0-9][a-zA-Z]", fullmatch=True)


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
@given(secret=secrets)
@settings(max_examples=examples(25), deadline=None)
def test_any_secret_is_gone_however_it_is_written(way: Callable[[str], str], secret: str) -> None:
    """Whatever signs a secret holds, none of the usual ways to log it lets it through."""
    masked = mask(way(secret))
    for written in (secret, percent(secret, safe=""), json.dumps(secret)[1:-1]):
        assert written not in masked
        assert written[-6:] not in masked


def test_a_report_is_masked_throughout() -> None:
    """A secret beside its name in one entry is masked in every other text, and nothing that identifies is touched."""
    secret = "tide-42-harbor"  # noqa: S105 - planted
    leaky = dataclasses.replace(
        FOUND,
        headline=f"login failed for {secret}",
        notes=(f"see ada@harbor.example and {secret}",),
        evidence=(dataclasses.replace(FOUND.evidence[0], text=f"API_KEY={secret}"), *FOUND.evidence[1:]),
        redactions={},
    )
    clean = redact(leaky)
    assert secret not in str(clean)
    assert clean.headline == "login failed for \u2039key:1\u203a"
    assert clean.redactions == {"email": 1, "key": 1}
    assert [one.insert_id for one in clean.evidence] == [one.insert_id for one in leaky.evidence]
    assert clean.tests == leaky.tests


@pytest.mark.parametrize("report", ALL.values(), ids=ALL)
def test_redacting_twice_changes_nothing(report: Report) -> None:
    """A masked report can be masked again, as one read back from a file is."""
    once = redact(report)
    assert redact(once) == once


def test_a_secret_cut_in_its_middle_leaves_no_end_behind() -> None:
    """What a sentence kept of a long entry on both sides of its cut is masked as well."""
    secret = "q" + "7Zk29x" * 12
    text = f"login with client_secret {'.' * 90}"
    leaky = dataclasses.replace(
        FOUND,
        headline=quote(f"{text} secret={secret}", limit=60),
        evidence=(dataclasses.replace(FOUND.evidence[0], text=f"secret={secret}"),),
    )
    assert "7Zk29x" not in str(redact(leaky))


@pytest.mark.slow
@pytest.mark.parametrize(
    "line",
    [
        "eyJ-" * 30_000,
        "password" * 20_000,
        "a.b-c+" * 20_000 + "@",
        "token='" * 20_000,
        "sk-" * 40_000,
        "x://" * 30_000,
        "-----BEGIN PRIVATE KEY-----" * 5_000,
        "A" * 120_000 + " private key-----",
        "secret=" + "\\" * 100_000 + '"',
        "Cookie: " + "a=b;" * 30_000,
        "curl " * 25_000,
        "password " * 13_000,
        "secret=a,b" * 12_000,
        "access_token=a\\n" * 8_000,
        'password="' + '\\"' * 60_000,
        "token: [" * 15_000,
    ],
    ids=lambda line: line[:12],
)
def test_a_giant_line_takes_no_longer_than_its_length(line: str) -> None:
    """No pattern backtracks its way to a standstill."""
    started = time.process_time()
    mask(line)
    assert time.process_time() - started < 15


@pytest.mark.slow
def test_many_secrets_and_many_cuts_take_no_longer_than_their_length() -> None:
    """Each cut is looked at once, not once for each secret that is known."""
    masks = Masks()
    for number in range(6_000):
        masks.of("email", f"ada{number}@harbor{number}.example")
    known = Known(masks.met)
    started = time.process_time()
    known.masked("zzmple\u2026+1\u2026ada1" * 6_000)
    assert time.process_time() - started < 5


def test_a_mask_looks_like_a_mask() -> None:
    """Masks have one form, which other tools can search for."""
    assert re.fullmatch("\u2039[a-z_]+:[0-9]+\u203a", Masks().of("jwt", "x"))


def test_a_listed_cycle_shows_no_secret_of_a_test_s_error() -> None:
    """What `rca cycles` prints of a test's error is masked like a report."""
    test = CycleTest(
        "test_a", Outcome.FAILED, SourceRef("junit.xml"), error="GET /ws?token=berth-4711-harbor failed"
    )
    (shown,) = redact_cycle(Cycle(1, (test,), ("junit.xml",))).tests
    assert shown.error is not None
    assert "berth-4711-harbor" not in shown.error
    assert shown.error.startswith("GET /ws?token=")


# --- entries of a recording ------------------------------------------------------------------------------

PLACES: dict[str, Callable[[str], dict[str, object]]] = {
    "text": lambda said: {"textPayload": said},
    "message": lambda said: {"jsonPayload": {"message": said, "n": 1}},
    "deep inside": lambda said: {"jsonPayload": {"calls": [{"args": ["a", said]}], "n": 1.5}},
    "beside a secret number": lambda said: {
        "jsonPayload": {"password": 12345678, "args": [said], "message": said, said: 1}
    },
    "a key": lambda said: {"jsonPayload": {said: None, "n": 1}},
    "audit": lambda said: {"protoPayload": {"request": {"spec": said}}},
    "URL": lambda said: {"httpRequest": {"requestUrl": said, "status": 101}},
    "label": lambda said: {"labels": {"instanceId": "00ab", "note": said}},
    "a field of tomorrow": lambda said: {"newPayload": {"message": said}},
}
"""Where in a log entry somebody can have said something."""


@pytest.mark.parametrize("place", PLACES.values(), ids=PLACES)
def test_no_planted_secret_survives_in_an_entry(place: Callable[[str], dict[str, object]]) -> None:
    """Whatever it is written in, and wherever in the entry that stands: as JSON it would be written otherwise."""
    masks = Masks()
    left = [
        line
        for line, secret in PLANTED
        if (told := json.dumps(redact_raw(build.logged("x") | place(line), masks), ensure_ascii=False))
        and (secret in told or json.dumps(secret)[1:-1] in told)
    ]
    assert left == []


@pytest.mark.parametrize("place", [PLACES["text"], PLACES["message"], PLACES["deep inside"]])
def test_an_innocent_line_stays_as_it_is_in_an_entry(place: Callable[[str], dict[str, object]]) -> None:
    """A line that only speaks of secrets is not touched by being JSON."""
    raws = [build.logged("x") | place(line) for line in INNOCENT]
    assert [redact_raw(raw, Masks()) for raw in raws] == raws


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ({"password": 12345678, "n": 1}, {"password": "\u2039password:1\u203a", "n": 1}),
        ({"db": {"password": 'a"b\\c d'}}, {"db": {"password": "\u2039password:1\u203a"}}),
        (
            {"password": ["hunter2", "hunter3"]},
            {"password": ["\u2039password:1\u203a", "\u2039password:2\u203a"]},
        ),
        ({"password": ["This field is required."]}, {"password": ["This field is required."]}),
        ({"token": None, "password": True}, {"token": None, "password": True}),
        ({"token_count": 512, "max_tokens": 4096}, {"token_count": 512, "max_tokens": 4096}),
        (
            [{"password": 12345678}, {"message": 'x = os.environ["DB_PASSWORD"]'}],
            [{"password": "\u2039password:1\u203a"}, {"message": 'x = os.environ["DB_PASSWORD"]'}],
        ),
    ],
)
def test_a_name_tells_of_its_value_whatever_kind_it_is(body: object, told: object) -> None:
    """A number beside such a name is a secret; null and true are none; what stands beside them stays as it was."""
    assert redact_raw({"jsonPayload": {"body": body}}, Masks()) == {"jsonPayload": {"body": told}}


def test_what_identifies_an_entry_stays() -> None:
    """Id, times, log, resource, trace: though one of them looked like a secret, every citation would break."""
    raw = build.logged("warm", trace_id="0a") | {
        "insertId": f"token={KEY}",
        "spanId": KEY[:16],
        "sourceLocation": {"file": "password.py", "line": "7"},
        "operation": {"id": "password=hunter2"},
        "resource": {"type": "cloud_run_revision", "labels": {"service_name": "token-1234abcd"}},
    }
    assert redact_raw(raw, Masks()) == raw


def test_one_secret_has_one_mask_in_a_recording() -> None:
    """Entries that speak of the same secret can still be seen to belong together."""
    masks = Masks()
    raws = [build.logged("API_KEY=tide-42-harbor"), build.logged({"api_key": "tide-42-harbor"})]
    first, second = (redact_raw(raw, masks) for raw in raws)
    assert first["textPayload"] == "API_KEY=\u2039key:1\u203a"
    assert second["jsonPayload"] == {"api_key": "\u2039key:1\u203a"}
    assert masks.counts == {"key": 1}


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.sampled_from([line for line, _ in PLANTED[::5]]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["a", "token", "msg"]), inner)
    ),
    max_leaves=6,
)


@given(body=st.dictionaries(st.sampled_from(["message", "password", "headers"]), json_values))
@settings(max_examples=examples(40), deadline=None)
def test_redacting_an_entry_twice_changes_nothing(body: dict[str, object]) -> None:
    """A recording that is pulled again from a masked one stays as it is, and what is masked is JSON."""
    once = redact_raw({"jsonPayload": body}, Masks())
    assert redact_raw(once, Masks()) == json.loads(json.dumps(once)) == once


def test_a_secret_that_one_entry_gives_away_is_masked_in_all() -> None:
    """Beside its name it is known; alone, in another entry, it is the same secret."""
    raws = [build.logged("key tide-42-harbor was sent"), build.logged("API_KEY=tide-42-harbor")]
    told = [raw["textPayload"] for raw in redact_raws(raws)]
    assert told == ["key \u2039key:1\u203a was sent", "API_KEY=\u2039key:1\u203a"]


def test_a_secret_with_half_a_character_is_masked() -> None:
    """What was cut inside an emoji has no spelling in a URL that others would read, and is a secret all the same."""
    raws = [build.logged("password=Xk9\ud83dq7Lm2pWz4"), build.logged("Xk9\ud83dq7Lm2pWz4 was sent")]
    told = [raw["textPayload"] for raw in redact_raws(raws)]
    assert told == ["password=\u2039password:1\u203a", "\u2039password:1\u203a was sent"]


def test_a_value_that_a_drawn_box_folds_is_masked_as_a_whole() -> None:
    """Both halves go, and the line below stays: the mask is another than that of the value in one piece."""
    masked = mask("│ password = 'Zk29x7Q │\n│         wLm4Tr8' │\n│ retries = 3 │", Masks())
    assert "Zk29x7Q" not in masked
    assert "wLm4Tr8" not in masked
    assert "retries = 3" in masked


def test_a_key_that_stands_where_an_exception_would_is_masked() -> None:
    """A line of letters below a traceback is read as an exception's name, and is masked by what it looks like."""
    key = makers.KEYS["github"](Random(1))  # noqa: S311 - nothing to guess
    cause = FOUND.root_cause
    assert cause is not None
    told = redact(dataclasses.replace(FOUND, root_cause=dataclasses.replace(cause, exception=key)))
    assert [one.exception for one in (told.root_cause, redact(FOUND).root_cause) if one] == [
        "\u2039key:1\u203a",
        cause.exception,
    ]


def test_a_line_of_a_key_that_was_taken_for_an_exception_is_masked() -> None:
    """The line alone tells what it is by its length and letters, wherever the report says it again."""
    line = makers.pem(Random(1)).split("\n")[1]  # noqa: S311 - nothing to guess
    cause = FOUND.root_cause
    assert cause is not None
    found = dataclasses.replace(cause, exception=line, summary=f"{line} in {quote('store.py')}")
    assert line not in str(redact(dataclasses.replace(FOUND, root_cause=found)))


def test_only_the_word_that_hides_a_secret_changes() -> None:
    """What is escaped beside it stays as it was, and so does a log's name."""
    escaped = "projects/p/logs/run%2Fstderr said=dial%20harbor%3Aq7Zk29x%40tcp%28db%29%2Fberths to=%20x"
    assert mask(escaped) == escaped.replace("q7Zk29x", "\u2039password:1\u203a")
