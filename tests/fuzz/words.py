"""Pieces of each format, which a fuzzer that changes bytes would hardly find by chance."""

SETTINGS = (
    "cycles_dir", "logs", "services", "tz", "projects", "endpoint", "bucket", "location", "view", "max_calls",
    "catalogue",
)  # fmt: skip
TOML = (
    *SETTINGS, " = ", '"""', "'''", "[[", "]]", "[", "{", "}", "true", "2026-03-04T05:06:07Z", "0x", "1e9",
    "inf", "\\u",
)  # fmt: skip
MARKDOWN = (
    "# Cycle 1", "## ", "| --- |", "|---|", " | ", "```", "~~~", "- [x] ", "- [ ] ", "1. ", "> ", "**", "__",
    "<table>", "<tr><td>", "</td></tr></table>", "<details>", "<summary>", "✅", "❌", "⏭", "PASS", "FAIL",
    "SKIP", "ERROR", "Test", "Status", "Duration", "1011", "1006", "3/4", "75%", "12 passed, 3 failed",
    "2026-03-04", "05:06:07", "UTC", "+02:00", "1m 2s", "350 ms", "Why", "Date:",
    "Target: https://ovens.example/ws", "received 1011 (internal error); then sent 1011", "::",
    "test_order[a-b]", "├", "│", "<br>", "&lt;", "\\|", "Question", "Impact", "Environment", "\x1b[31m",
    "\u200b", "---\n", "===\n",
)  # fmt: skip
CONSOLE = (
    *MARKDOWN[-20:], "=== FAILURES ===", "___ test_order ___", "E   ", "FAILED tests/test_a.py::test_b - ",
    "PASSED", "[ 50%]", "[gw0]", "collected 3 items", "=== short test summary info ===",
    "=== 1 failed, 2 passed in 1.23s ===", "--- live log call ---", ".F.s", "ok 1 - ", "not ok 2 - ",
    "# tests 3", "✔", "✖", "Ran 3 tests in 0.1s", "FAIL: test_b (a.T)", "▶", "rerun",
)  # fmt: skip
CYCLE_JSON = (
    '"schema": "rca.cycle/1"', '"tests"', '"name"', '"nodeid"', '"outcome"', '"status"', '"duration"',
    '"longrepr"', '"call"', '"setup"', '"teardown"', '"summary"', '"created"', '"passed"', '"failed"',
    '"results"', '"suites"', '"specs"', '"start"', '"stop"', '"error"', '"stats"', '"testResults"',
    '"assertionResults"', '"startTime"', '"close_code"', '"traceparent"', '"attempts"', "1e999", "-0", "null",
)  # fmt: skip
JUNIT = (
    '<?xml version="1.0" encoding="utf-8"?>', "<testsuites>", "</testsuites>",
    '<testsuite name="a" tests="1" failures="1" time="1.5"', 'timestamp="2026-03-04T05:06:07"',
    'timestamp="2026-03-04T05:06:07.123456+02:00"', '<testcase name="a" classname="b" time="0.1"',
    "</testcase>", '<failure message="', "</failure>", "<error", "<skipped/>", "<system-out>", "<![CDATA[",
    "]]>", "<properties>", '<property name="a" value="b"/>', "&#10;", "&#x1;", "<rerunFailure",
    "<flakyFailure", '<?xml version="1.0" encoding="utf-7"?>', "<!--", "<!DOCTYPE", 'time="nan"',
    'time="1,234.5"', 'xmlns="a:b"',
)  # fmt: skip
LOGS = (
    '"timestamp"', '"insertId"', '"logName"', '"textPayload"', '"jsonPayload"', '"protoPayload"',
    '"httpRequest"', '"latency"', '"status"', '"requestUrl"', '"receiveTimestamp"', '"severity"',
    '"resource"', '"labels"', '"trace"', '"spanId"', '"split"', '"uid"', '"index"', '"totalSplits"',
    '"entries"', '"nextPageToken"', '"message"', '"data"', '"publishTime"', '"streams"', '"values"',
    '"stream"', '"log"', '"time"', '"kubernetes"', '"_source"', '"hits"', '"@timestamp"', '"log_name"',
    '"text_payload"', '"insert_id"', '"sourceLocation"', "run.googleapis.com%2Frequests",
    "run.googleapis.com%2Fstderr", "run.googleapis.com%2Fvarlog%2Fsystem", "cloudaudit.googleapis.com",
    '"exception"', '"stack_trace"', '"0.5s"', '"2026-03-04T05:06:07.123456789Z"',
    '"2026-03-04T05:06:07+14:00"', '"seconds"', '"nanos"',
)  # fmt: skip
PRINTED = (
    "timestamp,severity,textPayload", "TIMESTAMP", "LOG_NAME", "SEVERITY", "insertId:", "textPayload: |-\n  ",
    "---\n", "- ", "? ", "&a ", "*a", "!!python/object:a", "<<: ", "%YAML 1.2",
    "2026-03-04T05:06:07.123456789Z stdout F ", "stderr P ", "Mar  4 05:06:07 host app[1]: ",
    "<34>1 2026-03-04T05:06:07Z h a 1 - - ", "level=error msg=", "ts=1772600000.5",
    "[2026-03-04 05:06:07,123] ", "127.0.0.1 - - [04/Mar/2026:05:06:07 +0000] ", '"GET /ws HTTP/1.1" 101 0',
    "pod-1 app ", "E0304 05:06:07.123456       1 a.go:1] ", "05:06:07 ", "\t", '""', "\x1b[31m", "```", "\\n",
    "ERROR ", "CET",
)  # fmt: skip
LQL = (
    "AND", "OR", "NOT", "-", "=~", "!~", ">=", "<=", "!=", ":", "=", "(", ")", '"', "'", "`", "\\u0041",
    "\\x41", "\\101", "\\", "--", ",", "timestamp", "severity", "resource.labels.service_name",
    "jsonPayload.", "labels.", "textPayload", "httpRequest.latency", "log_id(", "SEARCH(", "cast(",
    "regexp_extract(", "ip_in_net(", "sample(", "source(", "TIMESTAMP", "INT64", "STRING", "BOOL",
    "TIMEZONE(", '"2026-03-04T05:06:07Z"', "30s", "1e9", "NULL", "TRUE", ".*", "(?i)", "[^a]", "{1,1000}",
    "*", "protoPayload.@type", "has(",
)  # fmt: skip
TRACES = (
    "Traceback (most recent call last):", '  File "/srv/a.py", line 3, in f', "KeyError: 'x'",
    "During handling of the above exception",
    "The above exception was the direct cause of the following exception:",
    "  + Exception Group Traceback (most recent call last):", "  |", "+-+---- 1 ----",
    "    at f (/app/a.js:1:2)", "    at async Promise.all (index 0)", "TypeError: x", "[cause]: ",
    "  code: 'E',", "AggregateError", "panic: ", "goroutine 1 [running]:", "\t/app/a.go:3 +0x1",
    "main.f(0x1)", "created by main.g", "[recovered]", "Caused by: ", "\tat a.B.c(B.java:1)", "... 3 more",
    "Suppressed: ", "Wrapped by: ", " ---> ", "   at A.B() in /a.cs:line 1",
    "--- End of inner exception stack trace ---", "a.rb:1:in `f'", "\tfrom a.rb:1", "╭─── Traceback", "│",
    "❱ 5 │", "╰──", "> File ", "└ ", "\\n", "^^^^", "[Previous line repeated 99 more times]", "  [repeated]",
    "ERROR:    Exception in ASGI application", "\U000f0001", "\U000f0006", "\U000f000b", "\U000f000f",
)  # fmt: skip
SECRETS = (
    "password=", "Authorization: Bearer ", "Basic ", "-----BEGIN PRIVATE KEY-----",
    "-----END PRIVATE KEY-----", "eyJhbGciOiJIUzI1NiJ9.", "AKIA", "ghp_", "xoxb-", "sk-", "AIza",
    "4111 1111 1111 1111", "DE89 3704 0044 0532 0130 00", "+41 44 668 18 00", "198.51.100.7", "2001:db8::1",
    "a@b.example", "https://u:p@h/", "?token=", "&sig=", "set-cookie: ", '\\"', "\\\\", "\\n", "'", "%3D",
    "secret: ", '{"api_key":', "--password ", "=>", "\u2039", "\u203a", "\u200b", "client_secret", "<password>",
    "</password>",
)  # fmt: skip
CATALOGUE = (
    "[[cause]]", 'id = "a-b"', 'title = "', 'kind = "cause"', 'kind = "ending"', 'kind = "look-alike"',
    'why = "', 'remedy = "', "matches = [", "not = [", "message = '", "exception = '", "frame = '",
    "reason = '", "code = [1011]", 'closed_by = "server"', 'server = ["uvicorn"]', "beat_s = [1, 2]",
    'logged = "nothing"', "excludes = [", 'is_not = "', 'category = "application_error"', "replaces = true",
    '{line = "', 'error = "', "lived_s = [", "(?i)", "(a+)+$", "\\pL", "{1000}", "(?P<a>", "\\b", "inf",
    "nan", "1e400",
)  # fmt: skip
REPORT = (
    '"schema": "rca.report/1"', "null", "[]", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", '"NaN"',
    "1e308", '"E1"', '"cause_found"', '"unknown"', "```", "|", "<script>", "{{", "\\ud83d",
)  # fmt: skip
PYTHON = (
    "async def ", "await ", "websocket.close(code=1011, reason=", "raise WebSocketException(", "try:\n",
    "except Exception as e:\n", "finally:\n", "    ", "\t", 'f"', '"""', "lambda: ",
    "# -*- coding: utf-7 -*-", "# coding: cp1252", "\x0c", "\\\n", "match x:\n", "case ", "class A:\n", "@",
    "logger.exception(", "log.info(", "return ", "pass", "*", "**", "(", ")", ":=", "1011", "\x00",
)  # fmt: skip
NODE = (
    "ws.close(1011, ", "socket.close(", "async function ", "=> {", "}", "try {", "} catch (err) {",
    "} finally {", "`${", "`", "/*", "*/", "//", "/[/]/g", "class A extends B {", "console.error(",
    "log.error(", "const ", "import ", "export default ", "<T>", "?.", "??", "...", "'", '"', "\\",
    "throw new Error(", ".on('message', ", "await ", "<div>", "return", "1011", "#!",
)  # fmt: skip
