"""Stack traces of Java, .NET, Go, Ruby and Node are read as such, in every dress that a log gives them."""

import time

import pytest
from hypothesis import given, settings, strategies as st

from rca import naming
from rca.model import Entry, EntryRef
from rca.normalize import normalize
from rca.traces import parse, reassemble
from rca.traces.python_lines import HEADER
from tests.examples import examples
from tests.traces import languages as made
from tests.traces.made import CHAIN, NODE, line, lines, places, told

ALL = {
    name: text for name, text in vars(made).items() if name.isupper() and name not in {"ZAP", "NODE_REJECTED"}
}
LANGUAGE = {
    "JAVA": "java",
    "LOGBACK": "java",
    "DOTNET": "dotnet",
    "GO": "go",
    "RUBY": "ruby",
    "RAILS": "ruby",
    "ACTION_CABLE": "ruby",
    "RUST": "rust",
    "ELIXIR": "elixir",
    "PHP": "php",
    "BUNDLE": "node",
    "DENO": "node",
}


def chain(text: str) -> list[tuple[str, str, str]]:
    """Relation, type and message of what a text tells."""
    return told(parse(text))


def test_java_root_last_is_told_first() -> None:
    """`Caused by` is the root; what was suppressed while closing caused nothing, and is left aside."""
    assert chain(made.JAVA) == [
        ("root", "java.net.ConnectException", "refused"),
        ("cause", "com.example.shop.CartException", "basket 12 is gone"),
    ]
    root, outer = parse(made.JAVA) or ()
    assert places(outer)[-1] == ("com/example/shop/Cart.java", 41, "Cart.add")
    assert [frame.in_app for frame in outer.frames] == [False, False, True, True]
    # `... 3 more` stands for the outer three: they called it, too.
    assert places(root) == [
        *places(outer)[:3],
        ("com/example/shop/Db.java", 12, "Db.open"),
        ("com/zaxxer/hikari/pool/PoolBase.java", 364, "PoolBase.newConnection"),
        ("<native>", None, "Net.connect0"),
    ]


def test_java_root_first_stays_first() -> None:
    """Logback can print the root first; a class without the name of its source has no line."""
    assert [kind for _, kind, _ in chain(made.LOGBACK_ROOT_FIRST)] == [
        "java.net.ConnectException",
        "com.example.shop.CartException",
    ]
    outer = (parse(made.LOGBACK_ROOT_FIRST) or ())[-1]
    assert places(outer) == [
        ("com/example/shop/Cart.class", None, "Cart.main"),
        ("com/example/shop/Cart.kt", 41, "Cart.add"),
    ]


def test_dotnet_inner_exceptions_have_their_own_calls() -> None:
    """Calls up to the end of an inner trace are the inner exception's; async methods keep their names."""
    assert chain(made.DOTNET) == [
        ("root", "System.Net.Sockets.SocketException", "Connection refused"),
        ("cause", "Npgsql.NpgsqlException", "Failed to connect to 10.0.0.7:5432"),
        ("cause", "System.InvalidOperationException", "basket 12 is gone"),
    ]
    root, middle, outer = parse(made.DOTNET) or ()
    assert places(root) == [("Npgsql.Internal.NpgsqlConnector", None, "NpgsqlConnector.Connect")]
    assert places(middle) == [("/src/Shop/Db.cs", 12, "Db.OpenAsync")]
    assert places(outer)[-1] == ("/src/Shop/Cart.cs", 41, "Cart.Add")
    assert [frame.in_app for frame in (*root.frames, *middle.frames, *outer.frames)] == [
        False,
        True,
        False,
        True,
    ]


def test_dotnet_framework_names_a_chain_on_one_line() -> None:
    """`A: x ---> B: y` are two exceptions."""
    end = "   --- End of inner exception stack trace ---"
    text = f"System.AException: x ---> System.BException: y\n   at Shop.B.Run()\n{end}\n   at Shop.A.Run()"
    assert chain(text) == [("root", "System.BException", "y"), ("cause", "System.AException", "x")]


def test_dotnet_aggregate_after_its_members() -> None:
    """An aggregate wraps what it holds; its first member, printed twice, counts once."""
    assert chain(made.DOTNET_AGGREGATE) == [
        ("root", "System.ArgumentException", "no pear"),
        ("root", "System.TimeoutException", "too late"),
        ("group", "System.AggregateException", "One or more errors occurred. (no pear) (too late)"),
    ]


def test_go_tells_the_goroutine_that_panicked() -> None:
    """What recovered and wrote the stack is not its place, nor is what other goroutines did."""
    (panic,) = parse(made.GO) or ()
    assert (panic.type, panic.message) == (
        "panic",
        "runtime error: invalid memory address or nil pointer dereference",
    )
    assert places(panic) == [
        ("/app/main.go", 12, "main.main"),
        ("/app/cart/cart.go", 41, "cart.(*Cart).Add"),
        ("/usr/local/go/src/runtime/panic.go", 884, "panic"),
    ]
    assert [frame.in_app for frame in panic.frames] == [True, True, False]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (made.GO_AGAIN, [("root", "panic", "basket 12 is gone"), ("context", "panic", "no till either")]),
        (made.GO_SERVING, [("root", "panic", "basket 12 is gone")]),
        (made.GO_FATAL, [("root", "fatal error", "all goroutines are asleep - deadlock!")]),
        ("opening: refused\n" + made.ZAP, [("root", "error", "opening: refused")]),
        ("goroutine 1 [running]:\nmain.main()\n\t/app/main.go:12 +0x85", []),
    ],
    ids=["again", "serving", "fatal", "a logger's", "a dump"],
)
def test_go_words(text: str, expected: list[tuple[str, str, str]]) -> None:
    """A second panic comes after the first; net/http's and the runtime's words count; a dump is no failure."""
    assert chain(text) == expected


@pytest.mark.parametrize(
    ("text", "message", "calls"),
    [
        (
            made.RUST,
            "called `Result::unwrap()` on an `Err` value: Refused",
            [("src/main.rs", 12, "shop::main"), ("src/cart.rs", 41, "shop::cart::Cart::add")],
        ),
        (
            made.RUST_BARE,
            "index out of bounds: the len is 0 but the index is 3",
            [("src/cart.rs", 41, None)],
        ),
        (made.RUST_OLD, "basket 12 is gone", [("src/cart.rs", 41, None)]),
    ],
    ids=["with its backtrace", "without", "of Rust before 1.73"],
)
def test_rust_names_the_place_of_a_panic(
    text: str, message: str, calls: list[tuple[str, int, str | None]]
) -> None:
    """The place that the panic names is its innermost call; those of the standard library above it are not told."""
    (panic,) = parse(text) or ()
    assert (panic.type, panic.message) == ("panic", message)
    assert places(panic) == calls
    assert all(frame.in_app for frame in panic.frames)


def test_elixir_exit_gives_way_to_the_exception_it_tells_of() -> None:
    """That an exception was raised is no exception; libraries of a release are not the service's own."""
    assert chain(made.ELIXIR) == [("root", "KeyError", "key :price not found in: %{id: 12}")]
    (only,) = parse(made.ELIXIR) or ()
    assert places(only)[-1] == ("lib/shop/cart.ex", 41, "Shop.Cart.add/2")
    assert [frame.in_app for frame in only.frames] == [False, False, True, True]


def test_elixir_exit_keeps_its_reason() -> None:
    """What an exit came from stands below it and is its root; messages may have several lines."""
    text = """\
** (exit) exited in: GenServer.call(Shop.Till, :open)
    ** (stop) no till

  1. buy one
    lib/a.ex:1: A.b/0"""
    assert chain(text) == [
        ("root", "stop", "no till\n  1. buy one"),
        ("cause", "exit", "exited in: GenServer.call(Shop.Till, :open)"),
    ]


@pytest.mark.parametrize("text", [made.PHP, made.PHP_MONOLOG], ids=["PHP", "Monolog"])
def test_php_previous_exception_is_the_root(text: str) -> None:
    """PHP prints the previous exception above, Monolog below; the place that each names is its innermost call."""
    assert [(kind, name) for kind, name, _ in chain(text)] == [
        ("root", "PDOException"),
        ("cause", "Shop\\CartException"),
    ]
    root, outer = parse(text) or ()
    assert next(place[:2] for place in reversed(places(root)) if place[1]) == ("/app/src/Db.php", 12)
    assert places(outer)[-1] == ("/app/src/Cart.php", 44, "Shop\\Cart->add")


def test_php_wrong_argument_is_told_without_its_place() -> None:
    """Where an argument's type is wrong, PHP says in the same breath where the function is defined."""
    text = """\
PHP Fatal error:  Uncaught TypeError: add(): no int, called in /app/a.php on line 3 and defined in /app/b.php:9
Stack trace:
#0 /app/a.php(3): add()
#1 {main}
  thrown in /app/b.php on line 9"""
    (only,) = parse(text) or ()
    assert (only.type, only.message) == (
        "TypeError",
        "add(): no int, called in /app/a.php on line 3",
    )
    assert places(only) == [("/app/a.php", 3, "{main}"), ("/app/b.php", 9, "add")]


def test_ruby_cause_is_printed_last() -> None:
    """The root is what Ruby prints below; gems are not the application's."""
    assert chain(made.RUBY) == [
        ("root", "Errno::ECONNREFUSED", "refused"),
        ("cause", "NoMethodError", "undefined method `price' for nil:NilClass"),
    ]
    outer = (parse(made.RUBY) or ())[-1]
    assert [frame.in_app for frame in outer.frames] == [False, True, True]
    assert places(outer)[-1] == ("/app/lib/cart.rb", 12, "add")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (made.RAILS, ("NoMethodError", "undefined method 'price' for nil")),
        (made.ACTION_CABLE, ("NoMethodError", "undefined method 'price' for nil")),
        (
            "basket gone (Shop::BasketGone)\n/app/cart.rb:12:in `add'\n/app/a.rb:1:in `b'",
            ("Shop::BasketGone", "basket gone"),
        ),
        (f"{HEADER}:\n\t1: from a.rb:5:in `g'\na.rb:1:in `f': boom (RuntimeError)", ("RuntimeError", "boom")),
    ],
    ids=["Rails", "Action Cable", "a logger", "a terminal"],
)
def test_ruby_dresses(text: str, expected: tuple[str, str]) -> None:
    """Rails, loggers and terminals print the same backtrace in their own ways; the innermost call is the last."""
    (only,) = parse(text) or ()
    assert (only.type, only.message) == expected
    assert only.frames[-1].function in {"Cart#add", "add", "call", "f"}


def test_node_unhandled_rejection_with_causes() -> None:
    """What Node prints around an uncaught error is none of it; causes within causes are told, the root first."""
    assert [kind for _, kind, _ in chain(made.NODE_REJECTED)] == ["Error", "TypeError", "Error"]
    root, _, outer = parse(made.NODE_REJECTED) or ()
    assert (root.message, outer.message) == ("connect ECONNREFUSED 10.0.0.7:80", "basket 12 is gone")
    assert places(outer)[-1] == ("/app/src/cart.js", 41, "Cart.add")


def test_deno_s_line_of_source_is_no_part_of_the_message() -> None:
    """Deno prints the line that failed, and a mark, between the message and the calls."""
    (only,) = parse(made.DENO) or ()
    assert (only.type, only.message) == ("TypeError", "Cannot read properties of null (reading 'price')")
    assert places(only)[-1] == ("/app/cart.ts", 41, "add")


def test_a_bundle_is_told_as_one() -> None:
    """A minified file has no line of source: its place stays as printed, column and all, for a source map."""
    (only,) = parse(made.BUNDLE) or ()
    assert places(only) == [
        ("<anonymous>", None, "Array.map"),
        ("/app/dist/main.3f9a1c02.js:2:7", None, None),
        ("/app/dist/bundle.min.js:1:20394", None, "t"),
    ]
    assert [frame.in_app for frame in only.frames] == [False, True, True]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (made.JAVA, "ConnectException in Db.java:Db.open"),
        (made.DOTNET, "NpgsqlException in Db.cs:Db.OpenAsync"),
        (made.GO, "panic in cart.go:cart.(*Cart).Add"),
        (made.RUBY, "ECONNREFUSED in db.rb:connect"),
        (made.RUST, "panic in cart.rs:shop::cart::Cart::add"),
        (made.ELIXIR, "KeyError in cart.ex:Shop.Cart.add/2"),
        (made.PHP_MONOLOG, "PDOException in Db.php:Shop\\Db->open"),
        (made.BUNDLE, "TypeError in bundle.min.js:1:20394:t"),
    ],
)
def test_fingerprint_is_exception_and_innermost_own_call(text: str, expected: str) -> None:
    """As for Python: the exception that says what failed, and the innermost call of the application."""
    (trace,) = reassemble([line(text)])
    assert naming.fingerprint_of(trace).replace("Errno::", "") == expected


@pytest.mark.parametrize("name", ALL)
def test_whole_or_a_line_an_entry(name: str) -> None:
    """A trace comes back the same from one entry and from an entry a line, with all its entries and its language."""
    text = ALL[name]
    expected = parse(text)
    assert expected
    for entries in ([line(text)], lines(text)):
        (trace,) = reassemble(entries)
        assert trace.exceptions == expected
        assert trace.language == next(
            language for prefix, language in LANGUAGE.items() if name.startswith(prefix)
        )
    assert trace.entries == tuple(entries)


@pytest.mark.parametrize("name", ALL)
@given(data=st.data())
@settings(max_examples=examples(12), deadline=None)
def test_cut_at_any_line(name: str, data: st.DataObject) -> None:
    """A trace cut into entries at any line boundaries comes back the same."""
    said = ALL[name].split("\n")
    cuts = sorted(data.draw(st.sets(st.integers(1, len(said) - 1), max_size=5)))
    chunks = ["\n".join(said[a:b]) for a, b in zip([0, *cuts], [*cuts, len(said)], strict=True)]
    (trace,) = reassemble([line(chunk, at * 20) for at, chunk in enumerate(chunks)])
    assert trace.exceptions == parse(ALL[name])


@pytest.mark.parametrize("escaped", [False, True])
@pytest.mark.parametrize("name", [*ALL, "NODE_REJECTED"])
@pytest.mark.parametrize("field", ["stack_trace", "exception", "err.stack", "message"])
def test_in_a_field(name: str, field: str, *, escaped: bool) -> None:
    """A payload's field may hold the trace, with real line breaks or as a list of lines."""
    text = ALL.get(name, made.NODE_REJECTED)
    value: object = text.split("\n") if escaped else text
    payload: dict[str, object] = {"severity": "ERROR", "message": "order failed"}
    if field == "message":
        payload["message"] = text
    elif field == "err.stack":
        payload["err"] = {"stack": value}
    else:
        payload[field] = value
    (trace,) = reassemble([_entry(payload)])
    assert trace.exceptions == parse(text)


def test_zap_says_beside_the_stack_what_failed() -> None:
    """Go's loggers write the calls alone; the error stands in a field of its own."""
    (trace,) = reassemble(
        [_entry({"level": "error", "msg": "add failed", "error": "refused", "stacktrace": made.ZAP})]
    )
    assert told(trace.exceptions) == [("root", "error", "refused")]
    assert naming.fingerprint_of(trace) == "error in cart.go:main.(*Cart).Add"


RUBY_CALLS = ["/app/lib/cart.rb:12:in `add'", "/app/lib/cart.rb:30:in `checkout'"]
NODE_INNER = {
    "type": "TypeError",
    "message": "no pear",
    "stack": "TypeError: no pear\n    at pick (/app/fruit.js:3:4)",
}
NODE_OUTER = "Error: order failed\n    at take (/app/order.js:1:2)"


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        (
            {"message": "x", "stack": NODE_OUTER, "cause": NODE_INNER},
            [("root", "TypeError", "no pear"), ("cause", "Error", "order failed")],
        ),
        (
            {"msg": "x", "err": {"type": "OrderError", "stack": NODE_OUTER, "aggregateErrors": [NODE_INNER]}},
            [("root", "TypeError", "no pear"), ("group", "OrderError", "order failed")],
        ),
        (
            {
                "message": "x",
                "exception": {"name": "NoMethodError", "message": "no pear", "stack_trace": RUBY_CALLS},
            },
            [("root", "NoMethodError", "no pear")],
        ),
        (
            {
                "msg": "panic recovered",
                "error": "no pear",
                "stack": made.GO.partition("\n")[2].partition("\n")[2],
            },
            [("root", "panic", "no pear")],
        ),
        (
            {
                "@l": "Error",
                "@mt": "order failed",
                "@x": "System.AException: no pear\n   at A.B.C() in /src/B.cs:line 4",
            },
            [("root", "System.AException", "no pear")],
        ),
    ],
    ids=["winston", "pino", "semantic_logger", "slog", "serilog"],
)
def test_what_stands_beside_a_stack(payload: dict[str, object], expected: list[tuple[str, str, str]]) -> None:
    """Causes, members, classes and messages that a logger wrote as fields of their own make one chain."""
    (trace,) = reassemble([_entry(payload)])
    assert told(trace.exceptions) == expected
    assert trace.complete


@pytest.mark.slow
def test_a_deep_or_wide_payload_costs_little() -> None:
    """Causes within causes are followed for a few levels, members up to a few hundred."""
    deep: dict[str, object] = {"stack": NODE_OUTER}
    for at in range(60):
        deep = {
            "stack": NODE_OUTER.replace("order", f"order{at}"),
            "cause": deep,
            "errors": [NODE_INNER] * 500,
        }
    started = time.process_time()
    reassemble([_entry({"err": deep})])
    assert time.process_time() - started < 20


def test_languages_side_by_side() -> None:
    """A service in front of another logs both: each trace keeps its own lines."""
    texts = [CHAIN, made.JAVA, NODE, made.GO, made.DOTNET, made.RUBY, made.RUST, made.ELIXIR, made.PHP]
    entries = [entry for at, text in enumerate(texts) for entry in lines(text, at * 3_000_000)]
    found = reassemble(entries)
    assert [trace.exceptions for trace in found] == [parse(text) for text in texts]
    assert [trace.language for trace in found] == [
        *("python", "java", "node", "go", "dotnet", "ruby", "rust", "elixir", "php"),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "we met at com.example.shop.Cart.add(Cart.java:41)",
        "   at Shop.Cart.Add(String item)",
        "panic: no",
        "goroutine 12 [running]:",
        "see /app/cart.rb:12:in `add' for more",
        "System.Exception: x",
        "java.lang.IllegalStateException: x",
        "Caused by: somebody",
        "   --- End of inner exception stack trace ---",
        "\tat the end of the day (Cart.java:41)",
        "#0 /app/src/Cart.php(41): Shop\\Cart->add(12)",
        "    (shop 0.1.0) lib/shop/cart.ex:41: Shop.Cart.add/2",
        "   3: shop::main",
    ],
)
def test_one_line_is_no_trace(text: str) -> None:
    """A line that looks like one of a trace is none by itself; a type that it names has no frames."""
    assert all(not each.frames for each in parse(text) or ())


@pytest.mark.slow
@pytest.mark.parametrize(
    "text",
    [
        "\n".join(
            "Caused by: a.b.CException: x\n\tat a.b.C.d(C.java:1)\n\t... 99999 more" for _ in range(15_000)
        ),
        "\tat " + "a." * 400_000 + "b(C.java:1)",
        "a." * 400_000 + "BException: x\n\tat a.b.C.d(C.java:1)",
        " ---> System.AException: x\n" * 30_000 + "   at A.B.C()\n" * 2,
        "System.AException: " + " ---> System.BException: x" * 30_000 + "\n   at A.B.C()\n   at A.B.C()",
        "   at " + "A.<" * 300_000 + "(x)",
        "panic: x\n\tpanic: y\n" * 30_000 + "goroutine 1 [running]:\nmain.main()\n\t/a.go:1 +0x1",
        "main.f(" * 150_000 + ")\n\t/a.go:1 +0x1\n" * 2,
        "a.rb:1:in `f': " + "(A" * 300_000 + ")",
        "a.rb:1:in `f': x (AError)\n" * 20_000,
        ("A::" * 300_000) + " (x):\na.rb:1:in `f'\nb.rb:1:in `g'",
        "thread 'a' panicked at 'x', " * 30_000,
        "thread 'a' panicked at a.rs:1:1:\nx\nstack backtrace:\n" + "   1: a" + " " * 600_000 + "b",
        "Uncaught A: x in " * 40_000 + "a.php\nStack trace:\n#0 a.php(1): b()",
        "[object] (A(code: 0): x at " * 30_000 + "\n#0 a.php(1): b()",
        "** (A) x " * 80_000 + "\n    lib/a.ex:1: A.b/0",
        "** (A) x\n    lib/a.ex:1: A" + " " * 600_000 + "b",
    ],
    ids=range(17),
)
def test_hostile_text_costs_little(text: str) -> None:
    """Most of a megabyte made to be slow is read in time linear in its length, whole and line by line."""
    started = time.process_time()
    parse(text)
    reassemble([line(text)])
    assert time.process_time() - started < 20, "linear is a few seconds, quadratic an hour"


def _entry(payload: dict[str, object]) -> Entry:
    raw = {"timestamp": "2026-03-04T05:06:07Z", "insertId": "a", "jsonPayload": payload}
    return normalize(raw, EntryRef("a", "made.ndjson", None))
