"""Ways in which a log line comes to hold a secret: each takes one and returns what is logged."""

import json
import re
from collections.abc import Callable, Mapping
from urllib.parse import quote

Way = Callable[[str], str]


def _below(name: str, secret: str) -> str:
    """A value below its name in a line of code, as loguru's diagnose draws it."""
    line = f"    session = open_session(host, {name})"
    call, host = line.index("open"), line.index("host")
    bars = " " * call + "\u2502" + " " * (host - call - 1)
    return f"{line}\n{bars}\u2502     \u2514 {secret!r}\n{bars}\u2514 'berths'\n"


ALONE: Mapping[str, Way] = {
    "plain": lambda secret: f"upstream refused {secret} for berth 7",
    "at the end": lambda secret: f"upstream refused {secret}",
    "in brackets": lambda secret: f"upstream refused ({secret}), retrying",
    "JSON": lambda secret: json.dumps({"message": f"call with {secret} failed", "attempt": 2}),
    "JSON in JSON": lambda secret: json.dumps({"body": json.dumps({"said": secret, "attempt": 2})}),
    "JSON in JSON in JSON": lambda secret: json.dumps(json.dumps(json.dumps([secret, 2]))),
    "a line of JSON's lines": lambda secret: json.dumps(f"first line\n{secret}\nthird line"),
    "dict": lambda secret: repr({"args": (secret, 2), "retry": True}),
    "YAML": lambda secret: f"upstream:\n  value: {secret}\n  retries: 3",
    "ini": lambda secret: f"[upstream]\nvalue = {secret}\nretries = 3",
    "exception": lambda secret: f"RuntimeError: the provider said no to {secret!r}",
    "traceback": lambda secret: (
        'Traceback (most recent call last):\n  File "/app/relay.py", line 31, in send\n'
        f'    post("{secret}")\nValueError: cannot post'
    ),
    "diagnosed": lambda secret: _below("payload", secret),
    "diagnosed locals": lambda secret: f"│ payload = {secret!r} │\n│ retries = 3 │",
    "colored": lambda secret: f"\x1b[32m{secret}\x1b[0m was refused",
    "bytes": lambda secret: f"got b'{secret}' from upstream",
    "XML": lambda secret: f"<call><value>{secret}</value></call>",
    "list": lambda secret: f"['berth-7', '{secret}', None]",
    "Go map": lambda secret: f"map[Attempt:[2] Value:[{secret}]]",
    "table": lambda secret: f"| value | {secret} | 3 |",
}
"""For a secret that its own form gives away."""

IN_AN_ADDRESS: Mapping[str, Way] = {
    "query": lambda secret: f"GET https://tide.example/ws?ask={quote(secret, safe='')}&v=2 101",
    "unescaped query": lambda secret: f"GET /ws?v=2&ask={secret} HTTP/1.1",
    "address in an address": lambda secret: (
        "to=" + quote(f"https://tide.example/ws?ask={quote(secret, safe='')}&v=2", safe="")
    ),
    "escaped JSON": lambda secret: "state=" + quote(json.dumps({"said": secret}), safe=""),
}
"""For one that can stand in an address."""

NAMES = (
    *("password", "DB_PASSWORD", "passwd", "userPassword", "redis_pass", "pwd", "passphrase"),
    *("token", "refresh_token", "accessToken", "csrf_token", "X-Auth-Token", "id_token"),
    *("secret", "client_secret", "clientSecret", "JWT_SECRET", "webhook-secret"),
    *(
        "api_key",
        "apiKey",
        "X-Api-Key",
        "SIGNING_KEY",
        "private_key",
        "aws_secret_access_key",
        "encryption-key",
    ),
)

NAMED: Mapping[str, Callable[[str, str], str]] = {
    "assigned": lambda name, secret: f"connect {name}={secret} host=db retries=3",
    "with a colon": lambda name, secret: f"{name}: {secret}",
    "quoted": lambda name, secret: f'connect({name}="{secret}", host="db")',
    "JSON": lambda name, secret: json.dumps({"user": "ada", name: secret, "attempt": 2}),
    "JSON in JSON": lambda name, secret: json.dumps({"body": json.dumps({name: secret, "attempt": 2})}),
    "JSON in JSON in JSON": lambda name, secret: json.dumps(json.dumps(json.dumps({name: secret}))),
    "dict": lambda name, secret: repr({"user": "ada", name: secret}),
    "YAML": lambda name, secret: f"database:\n  host: db\n  {name}: {secret}\n  pool: 5",
    "quoted YAML": lambda name, secret: f"database:\n  {name}: '{secret}'\n  pool: 5",
    "ini": lambda name, secret: f"[database]\nhost = db\n{name} = {secret}\npool = 5",
    "environment": lambda name, secret: f"export {name.upper().replace('-', '_')}='{secret}'",
    "query": lambda name, secret: f"GET https://tide.example/ws?{name}={quote(secret, safe='')}&v=2 101",
    "escaped query": lambda name, secret: "to=" + quote(f"/ws?{name}={quote(secret, safe='')}&v=2", safe=""),
    "escaped JSON": lambda name, secret: "state=" + quote(json.dumps({name: secret}), safe=""),
    "exception": lambda name, secret: f"ValueError: cannot log in with {name}={secret!r}",
    "header": lambda name, secret: f"> GET /ws HTTP/1.1\n> {name}: {secret}\n> Host: tide.example",
    "headers in a list": lambda name, secret: (
        f"[(b'host', b'tide.example'), (b'x-{name.lower()}', b'{secret}')]"
    ),
    "dataclass": lambda name, secret: f"Settings(host='db', {name.replace('-', '_')}='{secret}', pool=5)",
    "diagnosed": lambda name, secret: _below(name.replace("-", "_"), secret),
    "diagnosed locals": lambda name, secret: f"│ {name.replace('-', '_')} = {secret!r} │\n│ retries = 3 │",
    "pytest's locals": lambda name, secret: (
        f"{name.replace('-', '_'):<22} = {secret!r}\nretries                = 3"
    ),
    "XML": lambda name, secret: f"<login><{name}>{secret}</{name}></login>",
    "diagnosed in ASCII": lambda name, secret: (
        _below(name.replace("-", "_"), secret).replace("\u2502", "|").replace("\u2514", "->")
    ),
    "diagnosed in JSON": lambda name, secret: json.dumps(
        {"text": f"  File '/app/relay.py', line 31, in send\n{_below(name.replace('-', '_'), secret)}"}
    ),
    "diagnosed in JSON at once": lambda name, secret: json.dumps(
        {"text": _below(name.replace("-", "_"), secret)}
    ),
    "diagnosed in a cell": lambda name, secret: re.sub("  +", " ", _below(name.replace("-", "_"), secret)),
    "diagnosed behind a prefix": lambda name, secret: f"E worker: {_below(name.replace('-', '_'), secret)}",
    "name and value": lambda name, secret: json.dumps({"name": name, "value": secret}),
    "name and value in YAML": lambda name, secret: f"env:\n- name: {name}\n  value: {secret}\n- name: PORT",
    "YAML's block": lambda name, secret: f"database:\n  {name}: |-\n    {secret}\n  pool: 5",
    "three marks": lambda name, secret: f'{name.replace("-", "_")} = """{secret}"""',
    "backticks": lambda name, secret: f"set {name}: `{secret}`, then retry",
    "colored": lambda name, secret: f"\x1b[36m{name}\x1b[0m=\x1b[32m{secret}\x1b[0m \x1b[36mpool\x1b[0m=5",
    "inserted": lambda name, secret: (
        f"INSERT INTO users (berth, {name.replace('-', '_')}, pool) VALUES ('north', '{secret}', 5)"  # noqa: S608 - a text to mask, no query
    ),
    "SQL's parameters": lambda name, secret: (
        f"[SQL: INSERT INTO users (berth, {name.replace('-', '_')}) VALUES (%s, %s)] "  # noqa: S608 - a text to mask, no query
        f"[parameters: ('north', '{secret}')]"
    ),
    "asked for": lambda name, secret: (
        f"[SQL: UPDATE users SET pool = %s WHERE {name.replace('-', '_')} = %s] [parameters: (5, '{secret}')]"  # noqa: S608 - a text to mask, no query
    ),
    "a key's detail": lambda name, secret: (
        f"DETAIL:  Key (berth, {name.replace('-', '_')})=(north, {secret}) already exists."
    ),
    "flag": lambda name, secret: f"run --{name.replace('_', '-')} {secret} --verbose",
    "HTML": lambda name, secret: f"&quot;{name}&quot;:&quot;{secret}&quot;",
}
"""For a secret that only its name gives away: (name, secret) -> what is logged."""

OPENING: Mapping[str, Way] = {
    "PostgreSQL": lambda secret: (
        f"cannot reach postgresql://harbor:{quote(secret, safe='')}@10.3.0.7:5432/berths"
    ),
    "asyncpg": lambda secret: (
        f"dsn=postgresql+asyncpg://harbor:{quote(secret, safe='')}@db/berths?ssl=require"
    ),
    "Redis": lambda secret: f"redis://:{quote(secret, safe='')}@cache.internal:6379/0 refused",
    "AMQP": lambda secret: json.dumps({"broker": f"amqps://harbor:{quote(secret, safe='')}@mq.example/v"}),
    "Mongo": lambda secret: repr({"uri": f"mongodb+srv://harbor:{quote(secret, safe='')}@c0.example/?w=1"}),
    "unescaped": lambda secret: f"https://harbor:{secret}@registry.example/simple",
    "escaped": lambda secret: "dsn=" + quote(f"mysql://harbor:{quote(secret, safe='')}@10.3.0.7/b", safe=""),
    "Go": lambda secret: f"dial harbor:{secret}@tcp(10.3.0.7:3306)/berths: timeout",
    "ODBC": lambda secret: f"Server=db;Uid=harbor;Pwd={secret};Database=berths",
    "libpq": lambda secret: f"host=db user=harbor password='{secret}' dbname=berths",
    "JDBC": lambda secret: (
        f"jdbc:postgresql://db/berths?user=harbor&password={quote(secret, safe='')}&ssl=true"
    ),
    "curl": lambda secret: f"run: curl -u harbor:{secret} https://tide.example",
    "cookie": lambda secret: f"Cookie: theme=dark; session={quote(secret, safe='')}; lang=en",
    "set cookie": lambda secret: f"Set-Cookie: sid={quote(secret, safe='')}; HttpOnly; Path=/",
    "cookies in a dict": lambda secret: f"cookies={{'session': '{secret}', 'theme': 'dark'}}",
    "cookie in JSON": lambda secret: json.dumps(
        {"headers": {"cookie": f"session={quote(secret, safe='')}; a=b"}}
    ),
    "authorization": lambda secret: f"authorization: {secret}",
    "authorization token": lambda secret: f"{{'authorization': 'Token {secret}', 'host': 'tide.example'}}",
    "netrc": lambda secret: f"machine tide.example login harbor password {secret}",
    "said": lambda secret: f"login failed with password '{secret}'",
    "German": lambda secret: f"Passwort={secret} Kennwort: {secret}",
    "French": lambda secret: f"mot de passe: {secret}",
    "Spanish": lambda secret: json.dumps({"contraseña": secret}),
    "Portuguese": lambda secret: f"senha={secret}",
    "said again": lambda secret: f"password_confirmation={secret}&v=2",
    "Rust": lambda secret: f'Settings {{ host: "db", password: Some("{secret}") }}',
    "cookies in a list": lambda secret: json.dumps(
        {"cookie": [f"theme={secret[::-1]}", f"session={secret}"]}
    ),
    "below its name": lambda secret: f"New password:\n  {secret}\nAgain:",
    "a pair": lambda secret: f"credentials=('harbor', '{secret}')",
    "form": lambda secret: (
        f'--edge\r\nContent-Disposition: form-data; name="password"\r\n\r\n{secret}\r\n--edge--'
    ),
}
"""Where a password stands without a name of its own."""

SIGNED: Mapping[str, Way] = {
    "Cloud Storage": lambda secret: (
        "GET https://storage.googleapis.com/b/o.csv?X-Goog-Algorithm=GOOG4-RSA-SHA256&X-Goog-Date=20261108T143337Z"
        f"&X-Goog-Expires=900&X-Goog-Signature={secret} 403"
    ),
    "S3": lambda secret: f"https://b.s3.example/o?X-Amz-Expires=900&X-Amz-Signature={secret}",
    "Azure": lambda secret: (
        f"https://b.blob.example/o?sv=2026-01-05&sig={quote(secret, safe='')}&se=2026-11-08"
    ),
    "CloudFront": lambda secret: (
        f"https://d.example/o?Expires=1794148417&Signature={secret}__&Key-Pair-Id=K1"
    ),
    "in JSON": lambda secret: json.dumps({"url": f"https://b.example/o?a=1&X-Goog-Signature={secret}"}),
    "as Go writes JSON": lambda secret: rf'{{"url":"https://b.example/o?a=1\u0026X-Amz-Signature={secret}"}}',
    "escaped": lambda secret: "to=" + quote(f"https://b.example/o?a=1&X-Goog-Signature={secret}", safe=""),
    "in a dict": lambda secret: repr({"url": f"https://b.example/o?a=1&sig={secret}"}),
}
"""For a signature of an address."""

KEPT_IN_LINES: Mapping[str, Way] = {
    "plain": lambda secret: f"cannot sign with {secret}",
    "JSON": lambda secret: json.dumps({"type": "service_account", "private_key": secret + "\n"}),
    "JSON in JSON": lambda secret: json.dumps({"body": json.dumps({"said": secret})}),
    "JSON in JSON in JSON": lambda secret: json.dumps(json.dumps(json.dumps([secret]))),
    "dict": lambda secret: repr({"said": secret}),
    "escaped": lambda secret: "said=" + quote(secret, safe=""),
    "query": lambda secret: "said=" + quote(secret, safe="").replace("%20", "+"),
    "diagnosed": lambda secret: _below("payload", secret),
    "YAML": lambda secret: "said: |\n  " + secret.replace("\n", "\n  "),
    "environment": lambda secret: "SAID='" + secret.replace("\n", "\\n") + "'",
    "cut at its start": lambda secret: "\n".join(secret.split("\n")[2:]),
    "cut at its end": lambda secret: secret[: len(secret) // 2],
    "its middle": lambda secret: "read:\n" + "\n".join(secret.split("\n")[1:5]) + "\nand more",
}
"""For a private key."""
