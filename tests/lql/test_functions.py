"""Functions: log_id, source, sample, ip_in_net, cast, regexp_extract."""

import pytest

from rca.lql import parse
from tests.lql.entries import Entry, entry, http, json, matches, proto, refused, text


def answers(table: list[tuple[str, Entry, bool]]) -> pytest.MarkDecorator:
    """Filters, entries and what is right."""
    return pytest.mark.parametrize(("query", "asked", "expected"), table)


@answers(
    [
        ('log_id("run.googleapis.com/stderr")', entry(), True),
        ('LOG_ID("run.googleapis.com/stderr")', entry(), True),
        ("log_id(run.googleapis.com/stderr)", entry(), True),
        ('log_id("RUN.googleapis.com/STDERR")', entry(), True),
        ('log_id("stderr")', entry(), False),
        ('log_id("run.googleapis.com%2Fstderr")', entry(), False),
        ('log_id("run.googleapis.com/stdout")', entry(), False),
        ('log_id("plain")', entry(logName="projects/p/logs/plain"), True),
        ('log_id("a")', entry(logName=None), False),
        ('log_id("")', entry(logName="no name of a log"), True),
        ("source(projects/teal)", entry(), True),
        ('source("projects/teal")', entry(), True),
        ("SOURCE(projects/TEAL)", entry(), True),
        ("source(projects/tea)", entry(), False),
        ("source(folders/77)", entry(logName="folders/77/logs/x"), True),
        ("source(folders/77)", entry(), False),
        ("source(organizations/5)", entry(logName="organizations/5/logs/x"), True),
        ("source(billingAccounts/0-1)", entry(logName="billingAccounts/0-1/logs/x"), True),
    ],
)
def test_a_log_is_known_by_its_id_and_its_resource(query: str, asked: Entry, expected: bool) -> None:  # noqa: FBT001 - a table's column
    """log_id takes the whole id, not URL-encoded; source takes the whole resource, and no child of it."""
    assert matches(query, asked) is expected


@answers(
    [
        ('ip_in_net(jsonPayload.ip, "10.1.2.0/24")', json(ip="10.1.2.200"), True),
        ('ip_in_net(jsonPayload.ip, "10.1.2.0/24")', json(ip="10.1.3.1"), False),
        ('ip_in_net(jsonPayload.ip, "10.1.2.77/24")', json(ip="10.1.2.200"), True),
        ('IP_IN_NET(jsonPayload.ip, "10.1.2.3")', json(ip="10.1.2.3"), True),
        ('ip_in_net(jsonPayload.ip, "10.0.0.0/8")', json(ip="10.1.0.0/16"), True),
        ('ip_in_net(jsonPayload.ip, "10.1.0.0/16")', json(ip="10.0.0.0/8"), False),
        ('ip_in_net(jsonPayload.ip, "10.0.0.0/8")', json(ip=["n/a", "10.9.9.9"]), True),
        ('ip_in_net(jsonPayload.ip, "10.0.0.0/8")', json(ip="10.9.9.9:443"), False),
        ('ip_in_net(jsonPayload.ip, "10.0.0.0/8")', json(ip=167772161), False),
        ('ip_in_net(jsonPayload.ip, "0.0.0.0/0")', json(), False),
        ('ip_in_net(httpRequest.remoteIp, "0.0.0.0/0")', entry(), False),
        ('ip_in_net(httpRequest.remoteIp, "2001:db8::/32")', http(remoteIp="2001:DB8:0::1"), True),
        ('ip_in_net(httpRequest.remoteIp, "::/0")', http(remoteIp="10.0.0.1"), False),
        ('ip_in_net(labels.ip, "10.0.0.0/8")', entry(labels={"ip": "10.0.0.1"}), True),
        ('NOT ip_in_net(labels.ip, "10.0.0.0/8")', entry(), True),
    ],
)
def test_an_address_lies_in_a_range(query: str, asked: Entry, expected: bool) -> None:  # noqa: FBT001 - a table's column
    """Addresses and ranges, of both versions; what is missing or no address lies nowhere."""
    assert matches(query, asked) is expected


@answers(
    [
        ("sample(insertId, 1)", entry(), True),
        ("sample(insertId, 1.0)", entry(), True),
        ("sample(jsonPayload.gone, 1)", json(), False),
        ("sample(labels.gone, 1)", entry(), False),
        ("sample(trace, 1)", entry(), True),
        ("trace:* sample(trace, 1)", entry(), False),
        ("sample(jsonPayload.n, 1)", json(n=5), True),
        ("sample(insertId, 0.0000000001)", entry(), False),
    ],
)
def test_a_sample_takes_entries_that_have_the_field(query: str, asked: Entry, expected: bool) -> None:  # noqa: FBT001 - a table's column
    """At 1 all that have a value, defaults of LogEntry's own fields among them."""
    assert matches(query, asked) is expected


def test_a_sample_is_a_share_and_always_the_same() -> None:
    """A quarter of many ids is about a quarter; a larger share holds the smaller one; asked again it is the same."""
    entries = [entry(insertId=f"id-{number}") for number in range(4000)]
    quarter, again = parse("sample(insertId, 0.25)"), parse("sample(insertId, .25)")
    half = parse("sample(insertId, 0.5)")
    taken = {one["insertId"] for one in entries if quarter.matches(one)}
    assert 900 < len(taken) < 1100
    assert taken == {one["insertId"] for one in entries if again.matches(one)}
    assert taken <= {one["insertId"] for one in entries if half.matches(one)}


@answers(
    [
        ('cast(timestamp, STRING)="2026-05-04 10:20:30.125+00"', entry(), True),
        ('cast(timestamp, STRING)="2026-05-04 10:20:30+00"', entry(timestamp="2026-05-04T10:20:30Z"), True),
        (
            'cast(timestamp, STRING)=~"\\\\.000001500\\\\+00$"',
            entry(timestamp="2026-05-04T10:20:30.0000015Z"),
            True,
        ),
        ('cast(timestamp, STRING, TIMEZONE("Europe/Zurich"))=~"12:20:30.125\\\\+02$"', entry(), True),
        ('cast(timestamp, STRING, TIME_ZONE("Asia/Kolkata"))=~"15:50:30.125\\\\+05:30$"', entry(), True),
        ('cast(timestamp, STRING, TIMEZONE("-08:00")):"02:20:30"', entry(), True),
        (
            'cast(timestamp, STRING, TIMEZONE("America/New_York"))=~"^2026-03-08 03"',
            entry(timestamp="2026-03-08T07:00:00Z"),
            True,
        ),
        ('CAST(httpRequest.status, STRING)=~"^5"', http(status=503), True),
        ("cast(httpRequest.status, string):0", entry(), True),
        ('cast(severity, STRING)=~"^ERR"', entry(severity="ERROR"), True),
        ("cast(severity, INT64)=500", entry(severity="ERROR"), True),
        ("cast(httpRequest.latency, STRING)=1.500s", http(latency="1.5s"), True),
        ("cast(jsonPayload.n, STRING)=5", json(n=5.0), True),
        ("cast(jsonPayload.n, STRING)=5.25", json(n=5.25), True),
        ("cast(jsonPayload.ok, STRING)=true", json(ok=True), True),
        ("cast(jsonPayload.n, INT64)>9", json(n="10"), True),
        ("cast(jsonPayload.n, INT64)=3", json(n=2.5), True),
        ("cast(jsonPayload.n, INT64)=-3", json(n=-2.5), True),
        ("cast(jsonPayload.n, INT64)>0", json(n="ten"), False),
        ("cast(jsonPayload.n, INT64)>0", json(n=1e300), False),
        ("NOT cast(jsonPayload.n, INT64)>0", json(), True),
        ("cast(jsonPayload.n, FLOAT64)>9.5", json(n="10.25"), True),
        ("cast(jsonPayload.n, BOOL)=true", json(n="TRUE"), True),
        ("cast(jsonPayload.n, BOOL)=true", json(n="1"), False),
        ("cast(httpRequest.status, BOOL)=true", http(status=1), True),
        (
            'cast(jsonPayload.at, TIMESTAMP)>"2026-05-04T10:00:00Z"',
            json(at="2026-05-04T12:30:00+02:00"),
            True,
        ),
        (
            'cast(jsonPayload.at, TIMESTAMP, TIMEZONE("Europe/Zurich"))="2026-05-04T10:00:00Z"',
            json(at="2026-05-04 12:00:00"),
            True,
        ),
        ('cast(jsonPayload.at, TIMESTAMP)>"2026-01-01"', json(at="soon"), False),
        ("cast(jsonPayload.took, DURATION)>1s", json(took="1500ms"), True),
        ("cast(jsonPayload.list, INT64)=7", json(list=["x", "7"]), True),
        ("cast(timestamp, BOOL)=true", entry(), False),
        ("cast(jsonPayload.n, INT64)=(4 OR 5)", json(n="5"), True),
        ("cast(jsonPayload.n, INT64):*", json(n="5"), True),
        ("cast(jsonPayload.n, INT64):*", json(n="x"), False),
        ("cast(protoPayload.numResponseItems, INT64)>9", proto(numResponseItems="10"), True),
        ("cast(labels.n, INT64)<10", entry(labels={"n": "9"}), True),
    ],
)
def test_cast_makes_another_type(query: str, asked: Entry, expected: bool) -> None:  # noqa: FBT001 - a table's column
    """Texts are read, values are written as GoogleSQL writes them; what does not convert fails the comparison."""
    assert matches(query, asked) is expected


@answers(
    [
        ('regexp_extract(textPayload, "took (\\\\d+) ms")=45', text("job took 45 ms, took 46 ms"), True),
        ('regexp_extract(textPayload, "took (\\\\d+) ms")=46', text("job took 45 ms, took 46 ms"), False),
        ('regexp_extract(textPayload, "took (\\\\d+) ms")!=1', text("no time"), False),
        ('NOT regexp_extract(textPayload, "took (\\\\d+) ms")=1', text("no time"), True),
        ('cast(regexp_extract(textPayload, "took (\\\\d+) ms"), INT64)>9', text("took 45 ms"), True),
        ('REGEXP_EXTRACT(jsonPayload.url, "^/(?:api|v2)/([a-z]+)")=users', json(url="/v2/users/7"), True),
        ('regexp_extract(jsonPayload.n, "(.)")=5', json(n=5), False),
        ('regexp_extract(textPayload, "a(b)?")=""', text("a"), False),
        ('regexp_extract(textPayload, "a(b*)")=""', text("a"), True),
        ('regexp_extract(jsonPayload.list, "^k(.)")=2', json(list=["x1", "k2"]), True),
        (
            'CAST(REGEXP_EXTRACT(CAST(timestamp, STRING), "\\\\d+:\\\\d+:\\\\d+\\\\.(\\\\d+)"), INT64) < 500',
            entry(),
            True,
        ),
        (
            'CAST(REGEXP_EXTRACT(CAST(timestamp, STRING), "\\\\d+:\\\\d+:(\\\\d+)"), INT64) < 30',
            entry(),
            False,
        ),
    ],
)
def test_regexp_extract_takes_the_first_match_s_group(query: str, asked: Entry, expected: bool) -> None:  # noqa: FBT001 - a table's column
    """Nothing where the pattern does not match; functions stand inside each other."""
    assert matches(query, asked) is expected


@pytest.mark.parametrize(
    ("query", "column", "said"),
    [
        ("nosuch(textPayload)", 1, "there is no function"),
        ("severity=ERROR nosuch()", 16, "there is no function"),
        ("log_id()", 1, "log_id takes other arguments"),
        ('log_id("a", "b")', 1, "log_id takes other arguments"),
        ('log_id("a")=b', 12, "a condition of its own"),
        ("source(teal)", 8, "no resource"),
        ("sample(insertId)", 1, "sample takes other arguments"),
        ("sample(insertId, 0)", 18, "the share of a sample"),
        ("sample(insertId, 1.01)", 18, "the share of a sample"),
        ("sample(insertId, -0.5)", 18, "the share of a sample"),
        ("sample(insertId, some)", 18, "the share of a sample"),
        ("sample(httpRequest, 0.5)", 8, "no value of its own"),
        ('ip_in_net(labels.ip, "10.0.0.0/33")', 22, "no IP address"),
        ('ip_in_net(labels.ip, "10.0.0.0/255.0.0.0")', 22, "no IP address"),
        ('ip_in_net(labels.ip, "")', 22, "no IP address"),
        ('ip_in_net("10.0.0.1", "10.0.0.0/8")', 11, "the name of a field"),
        ("cast(timestamp, STRING)", 1, "no comparison follows"),
        ("cast(timestamp)=x", 1, "cast takes other arguments"),
        ("cast(timestamp, TEXT)=x", 17, "there is no type"),
        ('cast(timestamp, STRING, "UTC")=x', 25, "is a time zone"),
        ('cast(timestamp, STRING, TIMEZONE("Mars"))=x', 1, "no time zone"),
        ('cast(timestamp, STRING, TIMEZONE("../x"))=x', 1, "no time zone"),
        ('TIMEZONE("UTC")', 1, "stands inside cast"),
        ('regexp_extract(textPayload, "none")=x', 1, "has none"),
        ('regexp_extract(textPayload, "(a)(b)")=x', 1, "has 2"),
        ('regexp_extract(textPayload, "(")=x', 1, "RE2 refuses"),
        ("regexp_extract(textPayload, (a))=x", 29, "cannot stand here"),
        ("severity=log_id(a)", 10, "cannot be the value"),
        ("log_id(sample(insertId, 1))", 8, "as text in quotes"),
    ],
)
def test_a_call_that_makes_no_sense_is_a_mistake(query: str, column: int, said: str) -> None:
    """The place, and how the function is called."""
    error = refused(query)
    assert said in error.message
    assert error.column == column
