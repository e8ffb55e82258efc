"""What a fault is called, and what its fingerprint survives: rca/naming.py."""

import time
import uuid
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given, strategies as st

from rca import naming, questions
from rca.lql import parse
from rca.model import Relation, Window
from tests import build

TIMES = st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - hypothesis wants them bare
NUMBERS = st.integers(0, 10**12)


# --- which exception of a chain says what failed ---------------------------------------------------------


def test_the_root_of_a_chain_says_what_failed() -> None:
    """Of exceptions raised one from the other in the application, the deepest is named."""
    root = build.exception("KeyError", "'crust'", [build.frame("find")])
    outer = build.exception("shop.OrderFailed", "no bread", [build.frame("order")], Relation.CAUSE)
    assert naming.named(build.chain(root, outer)) == naming.Named(root, build.frame("find"))


def test_an_exception_without_a_frame_of_the_application_gives_way_to_the_one_that_has_one() -> None:
    """A socket's own refusal says less than the client's error that names what was connected to, and from where."""
    library = build.frame("connect", "/usr/lib/python3.11/asyncio/streams.py", in_app=False)
    refused = build.exception("ConnectionRefusedError", "[Errno 111]", [library])
    told = build.exception(
        "cachelib.Error", "cannot reach 10.0.0.7:6379", [build.frame("save")], Relation.CAUSE
    )
    assert naming.named(build.chain(refused, told)).exception == told


def test_a_translation_that_says_to_whom_is_named_before_a_bare_refusal() -> None:
    """Java tells the application's calls again for each exception of a chain: the address decides, not the frames."""
    frames = [build.frame("serve", file="com/shop/Cart.java")]
    refused = build.exception("java.net.ConnectException", "Connection refused", frames)
    told = "Connection to 10.0.0.7:5432 refused."
    translated = build.exception("org.postgresql.util.PSQLException", told, frames, Relation.CAUSE)
    wrapped = build.exception("com.shop.CartException", "basket is gone", frames, Relation.CAUSE)
    assert naming.named(build.chain(refused, translated, wrapped)).exception == translated
    assert naming.named(build.chain(refused, wrapped)).exception == refused


@pytest.mark.parametrize(("kind", "message"), [("asyncio.CancelledError", "x"), ("TimeoutError", "")])
def test_a_bare_cancellation_says_nothing(kind: str, message: str) -> None:
    """CancelledError, and a time-out without a message, are never named while another exception is there."""
    wrapper = build.exception(kind, message)
    real = build.exception("shop.OvenTimeout", "oven 3 did not answer", relation=Relation.CAUSE)
    assert naming.named(build.chain(wrapper, real)).exception == real


def test_a_group_is_only_the_wrapping() -> None:
    """Of an ExceptionGroup, what it holds is named."""
    held = build.exception("KeyError", "'crust'")
    group = build.exception("ExceptionGroup", "unhandled errors in a TaskGroup", relation=Relation.GROUP)
    assert naming.named(build.chain(held, group)).exception == held


def test_an_exception_that_stands_alone_is_named_whatever_it_is() -> None:
    """A chain of wrappers only still has a name: its last."""
    alone = build.exception("TimeoutError", "")
    assert naming.named(build.chain(alone)).exception == alone


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("redis.exceptions.ConnectionError", "ConnectionError"),
        ("Outer$Inner", "Inner"),
        ("KeyError", "KeyError"),
    ],
)
def test_a_class_is_called_without_its_module(name: str, short: str) -> None:
    """The part after the last dot or dollar sign is the class."""
    assert naming.short_type(name) == short


# --- fingerprints ----------------------------------------------------------------------------------------


@given(line=st.integers(1, 5000), message=st.text(max_size=80))
def test_a_fingerprint_survives_moved_lines_and_other_values(line: int, message: str) -> None:
    """Type and function make the fingerprint; the line's number and the message do not."""
    first = build.chain(build.exception("KeyError", "'crust'", [build.frame(line_=12)]))
    moved = build.chain(build.exception("KeyError", message, [build.frame(line_=line)]))
    assert naming.fingerprint_of(moved) == naming.fingerprint_of(first)


def test_a_fingerprint_survives_another_home_of_the_file() -> None:
    """The folder that a container keeps the application in does not matter."""
    here = build.chain(build.exception(frames=[build.frame(file="/srv/ovens/bake.py")]))
    there = build.chain(build.exception(frames=[build.frame(file="/app/src/bake.py")]))
    assert naming.fingerprint_of(here) == naming.fingerprint_of(there)


def test_other_places_and_other_types_are_other_faults() -> None:
    """One exception in two functions, or two in one, have two fingerprints each."""
    traces = [
        build.chain(build.exception(kind, "x", [build.frame(function)]))
        for kind in ("KeyError", "ValueError")
        for function in ("bake", "cool")
    ]
    assert len({naming.fingerprint_of(trace) for trace in traces}) == 4


def test_without_a_place_the_wording_makes_the_fingerprint() -> None:
    """A trace without a frame of the application is told apart by its message, values aside."""
    bare = [
        build.chain(build.exception("OSError", text, [])) for text in ("oven 3 off", "oven 4 off", "no gas")
    ]
    first, second, third = (naming.fingerprint_of(trace) for trace in bare)
    assert first == second != third


@given(number=NUMBERS, other=NUMBERS)
def test_a_line_s_fingerprint_survives_numbers(number: int, other: int) -> None:
    """Counts and durations in a line do not matter."""
    text = "oven {} failed after {} ms"
    first = naming.fingerprint_of_line("shop", text.format(number, other))
    assert first == naming.fingerprint_of_line("shop", text.format(7, 8))


@given(one=st.uuids(), other=st.uuids())
def test_a_line_s_fingerprint_survives_uuids(one: uuid.UUID, other: uuid.UUID) -> None:
    """Ids in a line do not matter."""
    texts = [f"order {each} failed" for each in (one, other)]
    assert len({naming.fingerprint_of_line(None, text) for text in texts}) == 1


@given(
    digits=st.text("0123456789abcdefghijklmnopqrstuvwxyz", min_size=1, max_size=10), digit=st.integers(0, 9)
)
def test_a_line_s_fingerprint_survives_ids_with_a_kind_before_them(digits: str, digit: int) -> None:
    """`order_8f3k` and `order_x91` are two orders of one kind of line."""
    assert naming.template(f"cannot bake order_{digits}{digit} today") == "cannot bake # today"


@given(one=TIMES, other=TIMES)
def test_a_line_s_fingerprint_survives_times(one: datetime, other: datetime) -> None:
    """A time in a line, as ISO 8601 writes it, does not matter."""
    texts = [f"door open since {each.isoformat(timespec='milliseconds')}" for each in (one, other)]
    assert naming.template(texts[0]) == naming.template(texts[1])


@given(
    value=st.text(
        st.characters(exclude_characters="'\n\r\"\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029"), max_size=60
    )
)
def test_a_line_s_fingerprint_survives_quoted_values(value: str) -> None:
    """What stands in quotes is a value."""
    assert naming.template(f"no recipe for '{value}'") == naming.template("no recipe for 'rye'")


@pytest.mark.parametrize("value", ["CKiclh7f", "SZ-YLyM-", "637bae909a"])
def test_a_line_s_fingerprint_survives_tokens(value: str) -> None:
    """A random token is a value; a class's name is not."""
    assert naming.template(f"no malt tankard={value} error=MaltError") == "no malt tankard=# error=MaltError"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("door open since {}", ("2026-11-23T08:47:18Z", "2026-11-24 09:01:02.345 +00:00")),
        ("door open since {}", ("Mon Nov 23 08:47:18 2026", "Thu, 24 Dec 2026 09:01:02 GMT")),
        ("oven at {} is gone", ("10.0.0.7:6379", "10.24.8.3:80")),
        ("oven at {} is gone", ("2001:db8::1", "fe80::a:b0")),
        ("it took {}", ("12ms", "1m0.5s")),
        ("it weighs {}", ("512B", "3.5MiB")),
        ("off by {} degrees", ("-5", "1.5e-3")),
        ("trays [{}] are empty", ("1, 2, 3", "4")),
        ("no {} baked", ("{'rye': 1, 'spelt': 2}", "{'rye': 1}")),
        ("no oven {} here", ("\u201crye\u201d", "`spelt`")),
        ("no oven '{}' here", ("r", "r" * 1500)),
        ("no order {} here", ("01ARZ3NDEKTSV4RRFFQ69G5FAV", "a1B2c3D4e5")),
        ("no order {} here", ("DEADBEEF01", "abcdefabcdefabcdefabcdef")),
        ("not let in with {}", ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhIn0.abc", "eyJh1bGci.eyJzdWIi.")),
        ("no revision {}", ("shop-api-00087-tuv", "shop-api-00088-nqb")),
        ("no file /tmp/{}/rye.json", ("tmpab_12cdx", "tmpqwertyui")),
    ],
)
def test_a_line_s_fingerprint_survives_values_of_every_kind(one: str, other: tuple[str, str]) -> None:
    """Times in any wording, addresses, amounts, lists of any length, quotes of any kind, ids and tokens."""
    assert len({naming.template(one.replace("{}", value, 1)) for value in other}) == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Http2StreamError was raised", "Http2FrameError was raised"),
        ("the oven may be off", "the oven is off"),
        ("std::move failed", "std::swap failed"),
        ("Object of type Oven is not JSON serializable", "Object of type Loaf is not JSON serializable"),
        ("no gas in the kitchen", "no gas in the cellar"),
    ],
)
def test_a_line_s_fingerprint_does_not_take_words_for_values(one: str, other: str) -> None:
    """Class names with a digit, words that begin like a month, and names in a sentence tell lines apart."""
    assert naming.template(one) != naming.template(other)


@pytest.mark.parametrize(
    ("file", "function", "built", "compiled"),
    [
        ("/app/dist/main.8f3a2b1c.js", "bake", "/app/dist/main.77e01d9a.js", "bake"),
        ("/app/dist/index-BfKqaXZq.js", "bake", "/app/dist/index-C0dE9xYz.js", "bake"),
        ("Oven.java", "Oven.lambda$bake$3", "Oven.java", "Oven.lambda$bake$4"),
        ("oven.go", "ovens.(*Oven).bake.func1.2", "oven.go", "ovens.(*Oven).bake.func3"),
        ("C:\\src\\Oven.cs", "Oven.Bake", "/build/Oven.cs", "Oven.Bake"),
    ],
)
def test_a_fingerprint_survives_another_build(file: str, function: str, built: str, compiled: str) -> None:
    """What bundlers and compilers number anew with each build is no part of the place."""
    first, second = (
        build.chain(build.exception("KeyError", "'crust'", [build.frame(name, path)]))
        for path, name in ((file, function), (built, compiled))
    )
    assert naming.fingerprint_of(first) == naming.fingerprint_of(second)


@pytest.mark.parametrize("file", ["live-session.js", "webSocket.js", "server.bundle.js"])
def test_a_plain_file_s_name_is_no_hash(file: str) -> None:
    """A script's own name stays in the fingerprint."""
    trace = build.chain(build.exception("KeyError", "'crust'", [build.frame("bake", f"/app/{file}")]))
    assert naming.fingerprint_of(trace) == f"KeyError in {file}:bake"


@pytest.mark.slow
@pytest.mark.parametrize(
    "piece", ["\u201c", "'a ", "#, ", "1:", "a-", "f:", "eyJaaaa", "a1", "a.b@", "x" * 70]
)
def test_a_template_of_a_giant_line_is_soon_made(piece: str) -> None:
    """However its values begin and never end, a line costs some milliseconds."""
    started = time.process_time()
    for _ in range(20):
        naming.template(piece * 20_000)
    assert time.process_time() - started < 2


def test_a_line_s_fingerprint_keeps_its_words_and_its_logger() -> None:
    """Other words, or the same words of another logger, are another fault."""
    prints = {
        naming.fingerprint_of_line(logger, text)
        for logger in ("shop.oven", "shop.till", None)
        for text in ("door is jammed", "door is open")
    }
    assert len(prints) == 6


@given(text=st.text(max_size=2000))
def test_a_template_is_one_short_line(text: str) -> None:
    """Whatever is logged, its template fits a line of the report, and making it twice changes nothing."""
    made = naming.template(text)
    assert len(made) <= 160
    assert "\n" not in made


def test_only_what_an_exception_says_is_looked_at() -> None:
    """The time and the header of a trace are not part of its fingerprint."""
    trace = build.chain(build.exception(), header="order 1 failed")
    other = replace(trace, header="loaf 2 burned", at=build.after(99))
    assert naming.fingerprint_of(trace) == naming.fingerprint_of(other)


# --- lines that say nothing ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("WebSocket handler failed for user u_7", False),
        ("Unhandled error while handling message 1011", False),
        ("connection closed: session=ses_0a1b2c3d4e", False),
        ("", False),
        ("no flour left", True),
        ("handler failed: Object of type Oven is not JSON serializable", True),
        ("KeyError: 'crust'", True),
    ],
)
def test_a_line_says_what_failed_or_only_that_something_did(text: str, *, says: bool) -> None:
    """A line of empty words, ids and names is a symptom; one telling word makes it more."""
    assert naming.says_what(text) is says


# --- words to search for ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("message", "exception", "words"),
    [
        ("no flour left for order rye_812", None, "no flour left for order"),
        ("Error 111 connecting to 10.0.0.7:6379. Connection refused.", None, ". Connection refused."),
        ("don't panic, it's only bread", None, "don't panic, it's only bread"),
        ("no recipe for 'rye' in this whole book", None, "in this whole book"),
        ("oven 3 exploded\nand then some more words", None, "exploded"),
        ("'crust'", "shop.errors.RecipeMissing", "RecipeMissing"),
        ("", "redis.exceptions.ConnectionError", "ConnectionError"),
        ("no gas", "OSError", None),
        ("'crust'", None, None),
        ("", None, None),
        ("1011 (4711) 42", None, None),
    ],
)
def test_what_lasts_of_a_wording_is_its_longest_piece(
    message: str, exception: str | None, words: str | None
) -> None:
    """Without values, of the first line; else the exception's name; nothing where both would match everything."""
    assert naming.lasting_words(message, exception) == words


@given(number=NUMBERS, other=NUMBERS, name=st.text("abcdef0123456789", min_size=4, max_size=12))
def test_every_occurrence_has_the_same_lasting_words(number: int, other: int, name: str) -> None:
    """Whatever numbers and ids it was logged with."""
    first, second = (
        naming.lasting_words(text, None)
        for text in (
            f"cannot bake order_{name}0 at {number} degrees: {other} loaves are lost",
            "cannot bake order_8 at 7 degrees: 1 loaves are lost",
        )
    )
    assert first == second == "loaves are lost"


SPAN = Window(build.after(0), build.after(60), "a test's")


@given(message=st.text(max_size=200) | st.text("ab'\"(1_. ", max_size=60))
def test_lasting_words_find_their_line(message: str) -> None:
    """They stand in the message as they are, hold no value, and a query for them finds the line."""
    words = naming.lasting_words(message, None)
    if words is not None:
        assert words in message
        assert not any(sign.isdigit() or sign in '"<>{}()[]=@:/\\' for sign in words if sign.isascii())
        assert parse(questions.occurrences(words, SPAN, 1).condition).matches(build.logged(message))


@pytest.mark.slow
@pytest.mark.parametrize("piece", ["a", "a_", "a1_", "ab_c", "'", "a ", "\\'"])
def test_lasting_words_of_a_giant_line_are_short_and_soon_found(piece: str) -> None:
    """A query is 20,000 characters at most, and holds them six times."""
    started = time.process_time()
    words = naming.lasting_words(piece * 100_000, None)
    assert time.process_time() - started < 10
    assert len(words or "") <= 160


@pytest.mark.parametrize(
    ("line", "tells"),
    [
        ("rider dropped request_id=2e565721-6265-4e7e-9fc8-b2b5c9085f85", False),
        ("stream torn", False),
        ("ses_fa29ab7dd3 fell off", False),
        ("redis lost", True),
        ("stream torn: no such table", True),
        ("sign-in refused: audience is parley", True),
    ],
)
def test_what_was_being_done_and_that_it_ended_is_no_cause(line: str, *, tells: bool) -> None:
    """A line that heads a lost traceback names what broke off; what services need, or a reason, says why."""
    assert naming.says_what(line) is tells
