"""A stack trace comes back whole, and with all its entries, whatever it was cut into."""

import random
import time
from collections.abc import Sequence

import pytest
from hypothesis import given, settings, strategies as st

from rca.model import Entry, Severity, Trace
from rca.traces import parse, reassemble
from tests.examples import examples
from tests.traces.made import AGGREGATE, CHAIN, GROUP, LOGURU, NODE, RICH, SYNTAX, line, lines, told

ALL = {
    "chain": CHAIN,
    "group": GROUP,
    "loguru": LOGURU,
    "rich": RICH,
    "syntax": SYNTAX,
    "node": NODE,
    "aggregate": AGGREGATE,
}
REQUEST = "2026-03-04 05:06:07,089 - shop.http - INFO - GET /health 200"
HEADER = "2026-03-04 05:06:07,089 - shop.ws - ERROR - mail not sorted"


def only(entries: Sequence[Entry]) -> Trace:
    """Return the one trace of some entries."""
    (trace,) = reassemble(entries)
    return trace


@pytest.mark.parametrize("name", ALL)
def test_one_entry(name: str) -> None:
    """A trace in one multi-line entry is read from that entry."""
    entry = line(ALL[name])
    trace = only([entry])
    assert trace.exceptions == parse(ALL[name])
    assert trace.entries == (entry,)
    assert trace.complete


@pytest.mark.parametrize("name", ALL)
def test_one_line_an_entry(name: str) -> None:
    """A trace of which each line is an entry comes back whole, from all of them."""
    entries = lines(ALL[name])
    trace = only(entries)
    assert trace.exceptions == parse(ALL[name])
    assert trace.entries == tuple(entries)


@pytest.mark.parametrize("name", ALL)
@given(data=st.data())
@settings(max_examples=examples(25), deadline=None)
def test_split_at_any_line(name: str, data: st.DataObject) -> None:
    """A trace cut into entries at any line boundaries comes back the same."""
    said = ALL[name].split("\n")
    cuts = sorted(data.draw(st.sets(st.integers(1, len(said) - 1), max_size=6)))
    chunks = ["\n".join(said[a:b]) for a, b in zip([0, *cuts], [*cuts, len(said)], strict=True)]
    entries = [line(chunk, at * 20) for at, chunk in enumerate(chunks) if chunk.strip()]
    assert only(entries).exceptions == parse(ALL[name])


@given(order=st.randoms(use_true_random=False))
@settings(max_examples=examples(25), deadline=None)
def test_interleaved_with_others(order: random.Random) -> None:
    """Lines of another instance, of another log and of loggers in between change nothing, in any order."""
    ours = lines(CHAIN)
    theirs = lines(GROUP, 7, instance="i-2")
    entries = [*ours, *theirs, *(line(REQUEST, at * 50 + 3) for at in range(8))]
    entries += [
        line('  File "/srv/x.py", line 1, in x', at * 40, log="run.googleapis.com/stdout") for at in range(9)
    ]
    order.shuffle(entries)
    by_instance = {
        (trace.entries[0].instance, trace.entries[0].log[-6:]): trace for trace in reassemble(entries)
    }
    assert by_instance["i-1", "stderr"].exceptions == parse(CHAIN)
    assert by_instance["i-1", "stderr"].entries == tuple(ours)
    assert by_instance["i-2", "stderr"].exceptions == parse(GROUP)


@pytest.mark.parametrize("name", ["chain", "loguru", "syntax"])
@given(data=st.data())
@settings(max_examples=examples(25), deadline=None)
def test_equal_timestamps(name: str, data: st.DataObject) -> None:
    """Of lines of one instant, whose insertIds are random, the text alone tells the order."""
    said = [each for each in ALL[name].split("\n") if each.strip()]
    offset = data.draw(st.integers(0, 1))
    order = data.draw(st.randoms(use_true_random=False))
    entries = [
        line(each, (at + offset) // 2 * 20, insert_id=f"{(at + offset) // 2:04d}{order.getrandbits(32):08x}")
        for at, each in enumerate(said)
    ]
    assert only(entries).exceptions == parse(ALL[name])


def test_learned_order() -> None:
    """What followed what where the times tell is believed where they do not."""
    text = 'Traceback (most recent call last):\n  File "/srv/a.py", line 1, in a\n    x()\n' + "".join(
        f'  File "/srv/{name}.py", line 1, in f{name}\n    y{name} = 1\n' for name in "bcd"
    )
    plain = lines(text + "KeyError: 1")
    tied = [
        line(entry.text, 900_000 + at // 4 * 20, insert_id=f"z{9 - at}") for at, entry in enumerate(plain)
    ]
    first, second = reassemble([*plain, *tied])
    assert first.exceptions == second.exceptions


def test_header_of_its_own() -> None:
    """The log line just before a trace is its header, and the first of its entries."""
    entries = [line(REQUEST), line(HEADER, 100), *lines(CHAIN, 120)]
    trace = only(entries)
    assert trace.header == "mail not sorted"
    assert trace.entries == tuple(entries[1:])
    assert trace.at == entries[1].at


def test_header_in_the_same_instant() -> None:
    """A header of the same instant is one, though its insertId sorts behind."""
    entries = [line(HEADER, 100, insert_id="z"), *lines(CHAIN, 100)]
    trace = only(entries)
    assert (trace.header, trace.exceptions) == ("mail not sorted", parse(CHAIN))


@pytest.mark.parametrize("gap_us", [100, 2_500_000])
def test_no_header(gap_us: int) -> None:
    """A line that reports no trouble, or one long before, is not a header."""
    before = REQUEST if gap_us == 100 else HEADER
    assert only([line(before), *lines(CHAIN, gap_us)]).header == ""


def test_header_of_a_stream_that_was_read_late() -> None:
    """An ERROR right before the trace in the same stream is its header, though the trace was collected later."""
    assert only([line(HEADER), *lines(CHAIN, 600_000)]).header == "mail not sorted"


@pytest.mark.parametrize(
    ("before", "header"), [("ses_7ce734fbcc fell off", "ses_7ce734fbcc fell off"), ("oven warm", "")]
)
def test_header_that_names_its_connection(before: str, header: str) -> None:
    """A line without a level heads the trace that follows at once where it names a connection, as handlers do."""
    assert only([line(before), *lines(CHAIN, 400)]).header == header


def test_groups_one_after_another_are_traces_of_their_own() -> None:
    """A group's closing rule is followed by the next group only where one was raised because of the other."""
    first = lines(GROUP, 100)
    second = lines(GROUP, 1_500_000)
    traces = reassemble([*first, *second])
    assert [trace.entries for trace in traces] == [tuple(first), tuple(second)]


def test_header_with_asyncio_context() -> None:
    """The lines that asyncio prints between its message and the traceback belong to the header."""
    entries = [
        line("Task exception was never retrieved"),
        line("future: <Task finished name='Task-2' coro=<feed() done> exception=KeyError(1)>", 20),
        *lines(SYNTAX, 40),
    ]
    trace = only(entries)
    assert trace.header == "Task exception was never retrieved"
    assert trace.entries == tuple(entries)


def test_header_on_the_line_of_the_trace() -> None:
    """Words before the trace on its own line are its header, a logging prefix is not."""
    said = lines("2026-03-04 05:06:07,089 - shop - ERROR - weighing failed TypeError: x is not a function")
    trace = only([*said, line("    at f (/app/a.js:1:2)", 20)])
    assert (trace.header, told(trace.exceptions)) == (
        "weighing failed",
        [("root", "TypeError", "x is not a function")],
    )
    prefixed = "2026-03-04 05:06:07,089 - shop - ERROR - " + SYNTAX
    assert only([line(prefixed)]).header == ""


@pytest.mark.parametrize("prefixed", [1, 99])
def test_lines_with_a_prefix(prefixed: int) -> None:
    """A logger that puts its prefix before the first line, or before every line, does not hide the trace."""
    said = [each for each in CHAIN.split("\n") if each.strip()]
    prefix = "2026-03-04 05:06:07,089 - shop.ws - ERROR - "
    entries = [line((prefix if at < prefixed else "") + each, at * 20) for at, each in enumerate(said)]
    trace = only(entries)
    assert (trace.exceptions, trace.entries) == (parse(CHAIN), tuple(entries))


def test_recognized_then_single_lines() -> None:
    """A trace that the collector joined for two frames and then left in single lines is one."""
    said = CHAIN.split("\n")
    entries = [line("\n".join(said[:5]), severity=Severity.ERROR), *lines("\n".join(said[5:]), 20)]
    assert only(entries).exceptions == parse(CHAIN)


def test_link_as_an_entry() -> None:
    """The sentence between two recognized traces ties them together."""
    parts = CHAIN.split("\n\n")
    entries = [line(part, at * 11) for at, part in enumerate(parts)]
    assert only(entries).exceptions == parse(CHAIN)


def test_cut_in_mid_line() -> None:
    """A cut in the midst of a frame's line is mended."""
    for cut in (CHAIN.index("rawer.py"), CHAIN.index("client.ping"), CHAIN.index("line 61") + 3):
        trace = only([line(CHAIN[:cut]), line(CHAIN[cut:], 20)])
        assert told(trace.exceptions) == told(parse(CHAIN))


def test_message_over_several_entries() -> None:
    """The lines of a message are its own where the chain goes on behind them, or where a library is known for them."""
    chained = CHAIN.replace("[Errno 111] refused", "refused\nby the other side")
    assert only(lines(chained)).exceptions == parse(chained)
    known = SYNTAX.replace(
        "SyntaxError: invalid syntax", "pydantic.ValidationError: 1 validation error for Settings"
    )
    known += "\nurl\n  Field required [type=missing]\n    For further information visit errors.example"
    assert only(lines(known)).exceptions == parse(known)


def test_message_ends_where_others_speak() -> None:
    """A line that only follows a trace is not part of its message."""
    entries = [*lines(SYNTAX), line("Worker exiting", 500)]
    trace = only(entries)
    assert trace.exceptions[-1].message == "invalid syntax"
    assert entries[-1] not in trace.entries


def test_two_workers_at_once() -> None:
    """Two traces of the same words, written line by line at once, are two."""
    plain = SYNTAX.replace("^", "^")
    entries = [
        entry for at, each in enumerate(plain.split("\n")) for entry in lines(f"{each}\n{each}", at * 50)
    ]
    assert [trace.exceptions for trace in reassemble(entries)] == [parse(SYNTAX)] * 2


def test_without_its_end() -> None:
    """A trace whose end is missing has frames and no name, and says so."""
    trace = only(lines("\n".join(CHAIN.split("\n")[:3])))
    assert not trace.complete
    assert trace.exceptions[0].type == ""
    assert trace.exceptions[0].frames[-1].function == "open_till"


def test_only_its_end() -> None:
    """The line that names an exception, alone, still tells it; as a log line's message it is left to `one_liner`."""
    assert told(only([line("KeyError: 'pear'")]).exceptions) == [("root", "KeyError", "'pear'")]
    assert reassemble([line("2026-03-04 05:06:07,089 - shop - INFO - KeyError: 'pear'")]) == ()


def test_late_lines_are_anothers() -> None:
    """Lines more than 2 s apart are not one trace, with or without an instance."""
    for instance in ("i-1", None):
        said = lines(SYNTAX, instance=instance)
        late = [line(entry.text, 2_500_000 + at * 20, instance=instance) for at, entry in enumerate(said[3:])]
        first, second = reassemble([*said[:3], *late])
        assert not first.complete
        assert [frame.line for frame in second.exceptions[0].frames] == [7]


def test_payload_field() -> None:
    """A trace in a payload's field is read from there, under the entry's message."""
    entry = line(
        "mail not sorted", stacks=[CHAIN], payload={"message": "mail not sorted", "exception": CHAIN}
    )
    trace = only([entry])
    assert (trace.header, trace.exceptions, trace.entries) == ("mail not sorted", parse(CHAIN), (entry,))


@pytest.mark.parametrize(
    ("text", "header"), [("boom " + NODE, "boom"), ('{"stack":"Traceback …"}', ""), (NODE, "")]
)
def test_payload_field_that_the_message_repeats(text: str, header: str) -> None:
    """A trace is not its own header, nor is a payload that was shown for want of a message."""
    assert only([line(text, stacks=[NODE], payload={"stack": NODE})]).header == header


def test_payload_field_in_color() -> None:
    """Colors in a field do not hide the trace."""
    entry = line(
        "failed", stacks=["\x1b[31m" + CHAIN.replace("File", "\x1b[1;32mFile\x1b[0m")], payload={"a": 1}
    )
    assert only([entry]).exceptions == parse(CHAIN)


def test_payload_fields_that_repeat() -> None:
    """What two fields both tell is one trace."""
    entry = line(
        "failed", stacks=[NODE, "RangeError: too dear\n    at priceOf (/app/a.js:2:7)"], payload={"a": 1}
    )
    assert len(reassemble([entry])) == 1


def test_pino_class() -> None:
    """An error of a class of its own is called so, though V8's stack says just Error."""
    stack = "Error: declined\n    at pay (/app/pay.js:1:2)"
    err = {"type": "PaymentDeclined", "message": "declined", "stack": stack}
    trace = only([line("pay failed", stacks=[stack], payload={"err": err})])
    assert told(trace.exceptions) == [("root", "PaymentDeclined", "declined")]


def test_structlog_dictionaries() -> None:
    """Structlog's tracebacks as JSON are read, root first."""
    frames = [{"filename": "/srv/a.py", "lineno": 3.0, "name": "run"}]
    stacks = [
        {"exc_type": "RuntimeError", "exc_value": "outer", "is_cause": False, "frames": frames},
        {"exc_type": "KeyError", "exc_value": "'x'", "is_cause": True, "frames": frames},
    ]
    trace = only([line("failed", payload={"event": "failed", "exception": stacks})])
    assert told(trace.exceptions) == [("root", "KeyError", "'x'"), ("cause", "RuntimeError", "outer")]
    assert trace.exceptions[0].frames[0].line == 3


@pytest.mark.parametrize(
    "entry",
    [
        line(
            "loaded",
            payload={"error": {"message": "none", "traceback": "", "type": "str"}},
            severity=Severity.INFO,
        ),
        line("/srv/a.py:8: DeprecationWarning: old\n  paint(wall)"),
        line("Exception in thread pool size is 3"),
        line("    at least one worker is up"),
        line("2026-03-04 05:06:07,089 - shop - INFO - expecting Traceback (most recent call last):"),
    ],
)
def test_no_trace_by_accident(entry: Entry) -> None:
    """Lines that merely look like parts of one make no trace."""
    assert reassemble([entry, line("  paint(wall)", 20), line(REQUEST, 40)]) == ()


def test_sorted_and_apart() -> None:
    """Traces of different instances and revisions stay apart, and come in order of time."""
    entries = [*lines(NODE, 90_000, instance="i-2"), *lines(CHAIN, 10), *lines(NODE, 5, instance="i-3")]
    found = reassemble(entries)
    assert [trace.language for trace in found] == ["node", "python", "node"]
    assert [trace.at for trace in found] == sorted(trace.at for trace in found)


@pytest.mark.slow
def test_hostile_logs_cost_little() -> None:
    """Ten thousand lines of one trace, of one instant, or of nothing but headers are read in seconds."""
    frame = '  File "/srv/a.py", line 3, in run\n    go()\n'
    logs = [
        lines("Traceback (most recent call last):\n" + frame * 5_000 + "KeyError: 1"),
        lines(frame * 1_000, step_us=0),
        lines("Traceback (most recent call last):\n" * 3_000),
        lines("shop.Error: x\n" * 3_000),
        [
            entry
            for at in range(40)
            for entry in lines(frame.replace("a.py", f"a{at}.py") * 12, at * 20, step_us=0)
        ],
        [line(f'  File "/srv/{at}.py", line 3, in f{at}', at // 60) for at in range(240)],
    ]
    started = time.process_time()
    assert len(reassemble(logs[0])) == 1
    for entries in logs[1:]:
        reassemble(entries)
    assert time.process_time() - started < 20, "linear would be two seconds"
