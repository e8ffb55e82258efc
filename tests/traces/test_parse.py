"""One whole text holds a stack trace, in whatever dress its logger gave it."""

import time

import pytest

from rca.traces import parse
from tests.traces.made import AGGREGATE, CHAIN, GROUP, LOGURU, NODE, RICH, SYNTAX, places, told


def test_chain_root_first() -> None:
    """Python prints the root first; its links say how the next came from it."""
    assert told(parse(CHAIN)) == [
        ("root", "ConnectionRefusedError", "[Errno 111] refused"),
        ("cause", "shop.errors.TillStuck", "no drawer in t-7"),
        ("context", "KeyError", "'refused'"),
    ]


@pytest.mark.parametrize("blank", ["\t", "  ", "\x0c", "\u2003"])
def test_lines_between_links_that_hold_blanks_alone(blank: str) -> None:
    """A logger indents them with a tab, an editor leaves spaces: the chain is the same."""
    between = CHAIN.replace("\n\n", f"\n{blank}\n")
    assert between != CHAIN
    assert parse(between) == parse(CHAIN)


def test_frames_outermost_first() -> None:
    """Frames keep file, line, function, source line, and whose they are."""
    found = parse(CHAIN)
    assert found is not None
    assert places(found[0]) == [
        ("/srv/shop/tills/opening.py", 14, "open_till"),
        ("/srv/shop/tills/drawer.py", 61, "count_drawer"),
        ("/usr/local/lib/python3.11/site-packages/cachelib/client.py", 88, "ping"),
    ]
    assert [frame.in_app for frame in found[0].frames] == [True, True, False]
    assert found[0].frames[1].code == "return await client.ping()"


def test_group_after_its_members() -> None:
    """A group comes after the exceptions it wraps, nested ones too."""
    assert told(parse(GROUP)) == [
        ("root", "KeyError", "'pear'"),
        ("root", "ValueError", "no address"),
        ("group", "ExceptionGroup", "inner (1 sub-exception)"),
        ("group", "ExceptionGroup", "unhandled errors in a TaskGroup (2 sub-exceptions)"),
    ]


def test_chain_after_group() -> None:
    """What was raised while a group was handled comes after the group."""
    text = GROUP + "\n\nDuring handling of the above exception, another exception occurred:\n\n" + SYNTAX
    assert [each[:2] for each in told(parse(text))][-2:] == [
        ("group", "ExceptionGroup"),
        ("context", "SyntaxError"),
    ]


def test_loguru_values_are_no_source() -> None:
    """The values that loguru draws stay out of the source lines."""
    found = parse(LOGURU)
    assert found is not None
    assert told(found) == [("root", "KeyError", "'pear'")]
    assert [frame.code for frame in found[0].frames] == [
        "async for bill in letters(address, parcels):",
        "yield STAMPS[item] + fee(parcel)",
    ]


def test_rich_box() -> None:
    """A traceback that rich boxed keeps its places and the lines its arrows point at; its locals are no frames."""
    found = parse(RICH)
    assert found is not None
    assert [frame.in_app for frame in found[0].frames] == [True, False]
    assert places(found[0])[0] == ("/srv/shop/post/sorting.py", 52, "sort_mail")
    assert found[0].frames[0].code == "sorter(address, item)"


def test_syntax_error() -> None:
    """The place of a SyntaxError is its last frame, without a function."""
    found = parse(SYNTAX)
    assert found is not None
    assert places(found[0])[-1] == ("/srv/shop/prices.py", 7, None)
    assert found[0].type == "SyntaxError"


@pytest.mark.parametrize("escapes", [1, 2, 3])
def test_literal_line_breaks(escapes: int) -> None:
    """Line breaks that were escaped, even several times, part the lines all the same."""
    text = CHAIN
    for _ in range(escapes):
        text = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    assert told(parse(text)) == told(parse(CHAIN))


@pytest.mark.parametrize(
    ("text", "kind", "message"),
    [
        ("KeyError", "KeyError", ""),
        ("AssertionError", "AssertionError", ""),
        ("Exception: out of pears", "Exception", "out of pears"),
        ("redis.exceptions.TimeoutError", "redis.exceptions.TimeoutError", ""),
        ("binascii.Error: Incorrect padding", "binascii.Error", "Incorrect padding"),
        ("socket.gaierror: [Errno -2] unknown", "socket.gaierror", "[Errno -2] unknown"),
        ("shop.run.<locals>.Stop: enough", "shop.run.<locals>.Stop", "enough"),
        ("shop.errors.Refused:", "shop.errors.Refused", ""),
        ("ValueError: two\nlines\n\nand a third", "ValueError", "two\nlines\n\nand a third"),
        ("ValueError: bad\nthis note was added", "ValueError", "bad\nthis note was added"),
    ],
)
def test_the_line_that_names(text: str, kind: str, message: str) -> None:
    """Types are kept as printed, with their module; messages may be absent or go on over lines."""
    found = parse('Traceback (most recent call last):\n  File "/srv/a.py", line 3, in run\n    go()\n' + text)
    assert told(found) == [("root", kind, message)]


@pytest.mark.parametrize(
    "header",
    [
        "Traceback (most recent call last):",
        "2026-03-04 05:06:07,089 ERROR shop: Traceback (most recent call last):",
        "Task exception was never retrieved\nfuture: <Task exception=KeyError(1)>\nTraceback (most recent call last):",
        "Exception in thread Thread-1 (run):\nTraceback (most recent call last):",
        "Exception ignored in: <function Cart.__del__ at 0x7f>\nTraceback (most recent call last):",
        "[2026-03-04 05:06:07 +0000] [12] [ERROR] Exception in worker process\nTraceback (most recent call last):",
    ],
)
def test_headers(header: str) -> None:
    """A traceback is one whatever it was printed under."""
    text = f'{header}\n  File "/srv/a.py", line 3, in run\n    go()\nKeyError: 1'
    assert told(parse(text)) == [("root", "KeyError", "1")]


@pytest.mark.parametrize("margin", [4, 39])
def test_indented_whole(margin: int) -> None:
    """A traceback below its header in a column of a table is read like any other."""
    first, *rest = CHAIN.split("\n")
    text = "\n".join([first, *(" " * margin + each for each in rest)])
    assert told(parse(text)) == told(parse(CHAIN))


def test_trimmed_lines() -> None:
    """A collector that trims each line takes the indentation, not the trace."""
    found = parse("\n".join(each.strip() for each in CHAIN.split("\n")))
    assert told(found) == told(parse(CHAIN))
    assert found is not None
    assert found[0].frames[0].code == "drawer = await count_drawer(till)"


def test_repeated_frames() -> None:
    """`[Previous line repeated …]` is no frame."""
    text = (
        'Traceback (most recent call last):\n  File "/srv/a.py", line 3, in run\n    return run(n + 1)\n'
        "  [Previous line repeated 973 more times]\nRecursionError: maximum recursion depth exceeded"
    )
    found = parse(text)
    assert found is not None
    assert len(found[0].frames) == 1


def test_remote_traceback() -> None:
    """The traceback of another process, quoted by this one's, is the cause."""
    text = (
        'concurrent.futures.process._RemoteTraceback: \n"""\nTraceback (most recent call last):\n'
        '  File "/srv/a.py", line 3, in run\n    go()\nKeyError: 1\n"""\n\n'
        "The above exception was the direct cause of the following exception:\n\n"
        'Traceback (most recent call last):\n  File "/srv/b.py", line 9, in ask\n    pool.get()\nKeyError: 1'
    )
    assert told(parse(text)) == [("root", "KeyError", "1"), ("cause", "KeyError", "1")]


def test_node_cause_is_the_root() -> None:
    """Node prints the outer error first; what it holds as its cause is the root."""
    found = parse(NODE)
    assert told(found) == [
        ("root", "RangeError", "too dear"),
        ("cause", "TypeError", "plan.cost is not a function"),
    ]
    assert found is not None
    assert places(found[1]) == [
        ("node:internal/process/task_queues", 95, "process.processTicksAndRejections"),
        ("/app/counter.js", 70, "Socket.<anonymous>"),
        ("/app/src/scales.js", 41, "weigh"),
    ]
    assert [frame.in_app for frame in found[0].frames] == [False, True]
    assert found[0].frames[1].file == "/app/src/prices.mjs"


def test_node_aggregate() -> None:
    """An AggregateError comes after the errors it holds."""
    assert told(parse(AGGREGATE)) == [
        ("root", "Error", "connect ECONNREFUSED ::1:5432"),
        ("root", "Error", "connect ECONNREFUSED 127.0.0.1:5432"),
        ("group", "AggregateError", ""),
    ]


def test_pino_cause() -> None:
    """A cause that pino writes stands without braces."""
    text = "Error: outer\n    at f (/app/a.js:1:2)\ncaused by: TypeError: inner\n    at g (/app/b.js:3:4)"
    assert told(parse(text)) == [("root", "TypeError", "inner"), ("cause", "Error", "outer")]


def test_node_own_class() -> None:
    """An error class that is not called Error is believed right above its frames."""
    text = "QuotaExceeded: 5 of 5 used\n    at take (/app/a.js:1:2)"
    assert told(parse(text)) == [("root", "QuotaExceeded", "5 of 5 used")]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Traceback (most recent call last):",
        "INFO Exception handling is on",
        'see File "/srv/a.py", line 3',
        '  File "/srv/a.py", line 3',
        "/srv/a.py:8: DeprecationWarning: old\n  paint(wall)",
        "INFO:     connection open",
        "Error: something to say",
        "Warning: low disk",
        "DeprecationWarning: old",
        "(node:12) [DEP0005] DeprecationWarning: Buffer() is deprecated\n    at f (/app/a.js:1:2)",
        "Trace: here\n    at f (/app/a.js:1:2)",
        "we met at (noon)\n    at the usual place",
        "| a | table |\n| - | - |\n| KeyError | 3 |",
    ],
)
def test_shapes_by_accident(text: str) -> None:
    """A shape that a log line can have by accident is no stack trace."""
    assert parse(text) is None


@pytest.mark.slow
@pytest.mark.parametrize(
    "text",
    [
        "Traceback (most recent call last):\n" + '  File "' * 150_000,
        "Traceback (most recent call last):\n" + "a." * 500_000,
        "Traceback (most recent call last):\n" + " " * 1_000_000,
        "\\n" * 250_000 + "Traceback (most recent call last):",
        "Error" * 200_000,
        "    at " + "(" * 1_000_000,
        "    at " * 150_000,
        "x.Error [" * 110_000 + "\n    at f (/a.js:1:2)",
        "\n".join(
            "    " * (at % 50) + "[cause]: Error: x\n" + "    at f (/a.js:1:2)" for at in range(20_000)
        ),
        "  + Exception Group Traceback (most recent call last):\n"
        + "\n".join("  " * at + "+-+---------------- 1 ----------------" for at in range(1, 1_000)),
        "│" * 300_000 + "\n" + "╭─ Traceback (most recent call last) ─╮\n" + "│ a:1 in " * 100_000,
        "Traceback (most recent call last):\n"
        + '  File "/srv/a.py", line 3, in run\n    go()\n' * 10_000
        + "KeyError: 1",
    ],
    ids=range(12),
)
def test_hostile_text_costs_little(text: str) -> None:
    """A megabyte made to be slow is read in time linear in its length."""
    started = time.process_time()
    parse(text)
    assert time.process_time() - started < 20, "linear is two seconds, quadratic an hour"
