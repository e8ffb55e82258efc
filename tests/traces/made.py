"""Entries and stack traces made for tests: invented names, the forms of real ones."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from rca.model import Entry, EntryRef, ExceptionInfo, Severity

EPOCH = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
_LEVEL = re.compile(r"[\d-]+ [\d:,]+ - [\w.]+ - (?P<level>[A-Z]+) - ")

CHAIN = """\
Traceback (most recent call last):
  File "/srv/shop/tills/opening.py", line 14, in open_till
    drawer = await count_drawer(till)
             ^^^^^^^^^^^^^^^^^^^^^^^^
  File "/srv/shop/tills/drawer.py", line 61, in count_drawer
    return await client.ping()
           ^^^^^^^^^^^^^^^^^^^
  File "/usr/local/lib/python3.11/site-packages/cachelib/client.py", line 88, in ping
    raise OSError(111, "refused")
ConnectionRefusedError: [Errno 111] refused

The above exception was the direct cause of the following exception:

Traceback (most recent call last):
  File "/srv/shop/tills/opening.py", line 16, in open_till
    raise TillStuck(till) from error
shop.errors.TillStuck: no drawer in t-7

During handling of the above exception, another exception occurred:

Traceback (most recent call last):
  File "/srv/shop/tills/opening.py", line 19, in open_till
    await report(metrics["refused"])
                 ~~~~~~~^^^^^^^^^^^
KeyError: 'refused'"""

GROUP = """\
  + Exception Group Traceback (most recent call last):
  |   File "/srv/shop/run.py", line 46, in start
  |     async with asyncio.TaskGroup() as tasks:
  | ExceptionGroup: unhandled errors in a TaskGroup (2 sub-exceptions)
  +-+---------------- 1 ----------------
    | Traceback (most recent call last):
    |   File "/srv/shop/feed.py", line 9, in feed
    |     return prices[item]
    | KeyError: 'pear'
    +---------------- 2 ----------------
    | Exception Group Traceback (most recent call last):
    |   File "/srv/shop/mail.py", line 12, in mail
    |     async with asyncio.TaskGroup() as inner:
    | ExceptionGroup: inner (1 sub-exception)
    +-+---------------- 1 ----------------
      | ValueError: no address
      +------------------------------------"""

LOGURU = """\
Traceback (most recent call last):

> File "/srv/shop/post/sorting.py", line 52, in sort_mail
    async for bill in letters(address, parcels):
              │       │       │        └ [Parcel(grams=70)]
              │       │       └ Address(town='Ulm')
              │       └ <function letters at 0x10c0ffee0000>
              └ None
  File "/srv/shop/post/stamps.py", line 77, in letters
    yield STAMPS[item] + fee(parcel)
          │      │       │   └ Parcel(grams=70)
          │      │       └ <function fee at 0x10c0ffee0a10>
          │      └ 'pear'
          └ {'apple': 85}

KeyError: 'pear'"""

RICH = """\
╭───────────────────── Traceback (most recent call last) ─────────────────────╮
│ /srv/shop/post/sorting.py:52 in sort_mail                                   │
│                                                                             │
│   51 │   for item in found:                                                 │
│ ❱ 52 │   │   sorter(address, item)                                          │
│   53 │   return None                                                        │
│                                                                             │
│ ╭──────── locals ────────╮                                                  │
│ │ item = 'pear'          │                                                  │
│ │ at = '/srv/x.py:1 in f'│                                                  │
│ ╰────────────────────────╯                                                  │
│                                                                             │
│ /usr/local/lib/python3.11/json/decoder.py:355 in raw_decode                 │
│                                                                             │
│ ❱ 355 │   raise JSONDecodeError("Expecting value", s, err.value)            │
╰─────────────────────────────────────────────────────────────────────────────╯
JSONDecodeError: Expecting value: line 1 column 1 (char 0)"""

SYNTAX = """\
Traceback (most recent call last):
  File "/srv/shop/main.py", line 3, in <module>
    import shop.prices
  File "/srv/shop/prices.py", line 7
    def price(:
              ^
SyntaxError: invalid syntax"""

NODE = """\
TypeError: plan.cost is not a function
    at weigh (/app/src/scales.js:41:9)
    at async Socket.<anonymous> (/app/counter.js:70:11)
    at process.processTicksAndRejections (node:internal/process/task_queues:95:5) {
  code: 'E_PLAN',
  [cause]: RangeError: too dear
      at priceOf (file:///app/src/prices.mjs:2:7)
      at /app/node_modules/pricelib/index.js:9:1
}"""

AGGREGATE = """\
AggregateError [ECONNREFUSED]: 
    at internalConnectMultiple (node:net:1122:18)
    at connect (/app/src/db.js:8:3) {
  code: 'ECONNREFUSED',
  [errors]: [
    Error: connect ECONNREFUSED ::1:5432
        at createConnectionError (node:net:1652:14) {
      errno: -111,
      code: 'ECONNREFUSED'
    },
    Error: connect ECONNREFUSED 127.0.0.1:5432
        at createConnectionError (node:net:1652:14)
  ]
}"""  # noqa: W291 - Node ends an empty message with a blank


def line(  # noqa: PLR0913 - an entry has many fields, and each has a default
    text: str,
    at_us: int = 0,
    *,
    insert_id: str | None = None,
    instance: str | None = "i-1",
    log: str = "run.googleapis.com/stderr",
    stacks: Sequence[str] = (),
    payload: dict[str, object] | None = None,
    severity: Severity = Severity.DEFAULT,
) -> Entry:
    """Return one entry, `at_us` microseconds after EPOCH; the level and message of a logging prefix are read."""
    prefix = _LEVEL.match(text)
    return Entry(
        ref=EntryRef(insert_id or f"{at_us:09d}", "made.ndjson", None),
        at=EPOCH + timedelta(microseconds=at_us),
        at_ns=int(EPOCH.timestamp()) * 10**9 + at_us * 1000,
        severity=Severity[prefix["level"]] if prefix else severity,
        severity_stated=False,
        log=log,
        text=text,
        raw=text,
        message=text[prefix.end() :] if prefix else text,
        logger=None,
        stacks=tuple(stacks),
        payload=payload or {},
        request=None,
        project="shop-stg",
        service="shop",
        revision="shop-00007-abc",
        instance=instance,
        trace_id=None,
        span_id=None,
        labels={},
        location=None,
    )


def lines(text: str, start_us: int = 0, *, step_us: int = 20, instance: str | None = "i-1") -> list[Entry]:
    """Return a text as Cloud Run logs it: one line an entry, blank lines dropped."""
    said = [each for each in text.split("\n") if each.strip()]
    return [line(each, start_us + at * step_us, instance=instance) for at, each in enumerate(said)]


def told(exceptions: Sequence[ExceptionInfo] | None) -> list[tuple[str, str, str]]:
    """Return what a test most often asks of exceptions: relation, type, message."""
    return [(str(each.relation), each.type, each.message) for each in exceptions or ()]


def places(exception: ExceptionInfo) -> list[tuple[str, int | None, str | None]]:
    """Return where an exception passed: file, line, function, outermost first."""
    return [(frame.file, frame.line, frame.function) for frame in exception.frames]
