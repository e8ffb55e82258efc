"""Where Node code closes a WebSocket, what catches before it, and what that tells the log."""

from pathlib import Path

import pytest

from rca.repo import Kind, Match, Says
from tests.repo.applying import applied
from tests.repo.checkouts import found, only_site

CLOSES = {
    "ws": "ws.close(1011, 'torn');",
    "double quotes": 'ws.close(1011, "torn");',
    "template": "ws.close(1011, `torn`);",
    "sum": "ws.close(1011, 'to' + 'rn');",
    "escape": r"ws.close(1011, 't\u006frn');",
    "optional": "this.ws?.close(1011, 'torn');",
    "constants": "ws.close(INTERNAL, TORN);",
    "constants of an object": "ws.close(CODES.INTERNAL, TEXTS.torn);",
    "websocket": "connection.drop(1011, 'torn');",
    "uWebSockets.js": "ws.end(1011, 'torn');",
    "object": "socket.close({ code: 1011, reason: 'torn' });",
    "exception": "throw new CloseError({ code: 1011, reason: 'torn' });",
    "exception, placed": "throw new WebSocketCloseError(1011, 'torn');",
    "buffer": "ws.close(1011, Buffer.from('torn'));",
    "either": "ws.close(ok ? 1000 : 1011, ok ? '' : 'torn');",
    "after a regular expression": "if (/['\"`]/.test(name)) ws.close(1011, 'torn');",
    "after a division": "const n = a / 2; ws.close(1011, 'torn'); const m = b / 3;",
    "after a nested template": "const s = `a ${`b ${c}`} '`; ws.close(1011, 'torn');",
}


@pytest.mark.parametrize("close", CLOSES.values(), ids=CLOSES)
def test_every_way_to_close_is_found(close: str, tmp_path: Path) -> None:
    """A close with 1011 and a reason is a site, however it is spelled."""
    text = f"""\
        // ws.close(1011, 'torn')
        const INTERNAL = 1011, TORN = 'torn';
        const CODES = {{ INTERNAL: 1011, OTHER: 1008 }};
        const TEXTS = {{ torn: 'torn' }};
        /* ws.close(1011, 'torn') */
        async function live(ws, a, b) {{
          {close}
        }}
    """
    sites = [one for one in found(tmp_path, {"live.js": text}, "torn").sites if one.kind is Kind.CLOSE]
    assert [(one.line, one.function, one.code, one.match) for one in sites] == [
        (7, "live", 1011, Match.EXACT)
    ]


REASONS = {
    "template": ("`stream ${ws.state}`", Match.PARTS),
    "sum": ("'stream ' + ws.state", Match.PARTS),
    "clipped": ("`stream ${ws.state}`.slice(0, 120)", Match.PARTS),
    "clipped by the app": ("clip(`stream ${ws.state}`)", Match.PARTS),
    "the exception": ("err.message", Match.COMPUTED),
    "the exception, cut": ("String(err).slice(0, 120)", Match.COMPUTED),
    "other": ("'stream dry'", Match.OTHER),
    "either": ("ws.why || 'stream torn'", Match.EXACT),
    "default": ("ws.why ?? 'stream torn'", Match.EXACT),
    "none": ("undefined", Match.OTHER),
}


@pytest.mark.parametrize(("reason", "match"), REASONS.values(), ids=REASONS)
def test_a_reason_is_compared_as_it_is_built(reason: str, match: Match, tmp_path: Path) -> None:
    """Fixed parts must stand in the reason; what is computed can be any text."""
    text = f"""\
        async function live(ws) {{
          try {{ await serve(ws); }} catch (err) {{
            ws.close(1011, {reason});
          }}
        }}
    """
    site = next(
        one for one in found(tmp_path, {"live.ts": text}, "stream torn").sites if one.kind is Kind.CLOSE
    )
    assert site.match is match
    assert (site.computed_from == "the exception's text") is ("err" in reason)


FUNCTIONS = {
    "function live(ws) { CLOSE }": "live",
    "async function* live(ws) { CLOSE }": "live",
    "const live = async (ws) => { CLOSE };": "live",
    "const live = (ws) => CLOSE": None,
    "const live = ws => { CLOSE };": "live",
    "exports.live = function (ws) { CLOSE };": "live",
    "class Seat { async live(ws) { CLOSE } }": "Seat.live",
    "class Seat extends Base<T> { private async live(ws: Socket, a?: b): Promise<void> { CLOSE } }": "Seat.live",
    "class Seat { live = async (ws: Socket): Promise<A | B> => { CLOSE }; }": "Seat.live",
    "module.exports = { live(ws) { CLOSE } };": "live",
    "server.on('connection', (ws) => { CLOSE });": None,
    "function live(ws) { if (a) { for (const b of c) { CLOSE } } }": "live",
    "function live(ws) { queue.each((item) => { CLOSE }); }": "live",
    "CLOSE": None,
}


@pytest.mark.parametrize(("text", "function"), FUNCTIONS.items(), ids=range(len(FUNCTIONS)))
def test_the_function_around_is_named(text: str, function: str | None, tmp_path: Path) -> None:
    """The site's function is the nearest that has a name, with its class; a nameless one counts as part of it."""
    site = only_site(tmp_path, text.replace("CLOSE", "ws.close(1011, 'torn');"), name="live.ts")
    assert site.function == function


HANDLERS = {
    "try { a(); } catch (err) { CLOSE }": ("err", ()),
    "try { a(); } catch { CLOSE }": (None, ()),
    "try { a(); } catch (err: unknown) { if (b) { CLOSE } }": ("err", ()),
    "run(ws).catch((err) => { CLOSE });": ("err", (".catch",)),
    "run(ws).catch(err => ws.close(1011, 'torn'));": ("err", (".catch",)),
    "run(ws).catch(async function (err) { CLOSE });": ("err", (".catch",)),
    "ws.on('error', (err) => { CLOSE });": ("err", ("event error",)),
    "load((err, plan) => { if (err) { CLOSE } });": ("err", ("error of a callback",)),
}


@pytest.mark.parametrize(("text", "handler"), HANDLERS.items(), ids=range(len(HANDLERS)))
def test_what_catches_is_told(text: str, handler: tuple[str | None, tuple[str, ...]], tmp_path: Path) -> None:
    """A `catch`, a promise's `catch`, the event `error` and a callback's error are handlers."""
    site = only_site(
        tmp_path, f"function live(ws) {{ {text.replace('CLOSE', 'ws.close(1011);')} }}", name="a.js"
    )
    assert site.handler is not None
    assert (site.handler.name, site.handler.catches) == handler
    assert site.says is Says.NOTHING


NOT_CAUGHT = (
    "try { ws.close(1011); } catch (err) { log.error(err); }",
    "try { a(); } catch (err) { log.error(err); } ws.close(1011);",
    "if (!clerks.size) { ws.close(1011); }",
    "load((err, plan) => { if (plan) { ws.close(1011); } });",
)


@pytest.mark.parametrize("text", NOT_CAUGHT)
def test_what_stands_beside_a_catch_is_not_caught_by_it(text: str, tmp_path: Path) -> None:
    """Neither the `try` nor what follows it belongs to the `catch`."""
    assert only_site(tmp_path, f"function live(ws) {{ {text} }}", name="a.js").handler is None


TOLD = {
    "nothing": ("", Says.NOTHING),
    "only the client": ("ws.send(JSON.stringify({ error: err.message }));", Says.NOTHING),
    "debug": ("log.debug({ err }, 'failed');", Says.QUIETLY),
    "a tracker": ("Sentry.captureException(err);", Says.ELSEWHERE),
    "fixed text": ("console.error('failed');", Says.FIXED_TEXT),
    "its message": ("console.error('failed', err.message);", Says.EXCEPTION),
    "its message in a template": ("logger.error(`failed: ${err}`);", Says.EXCEPTION),
    "whole": ("console.error('failed', err);", Says.TRACEBACK),
    "pino": ("log.error({ err, seat: this.id }, 'failed');", Says.TRACEBACK),
    "pino, renamed": ("req.log.error({ err: err }, 'failed');", Says.TRACEBACK),
    "its stack": ("this.logger.warn(err.stack);", Says.TRACEBACK),
    "handed on": ("next(err);", Says.HANDED_ON),
    "an event": ("this.emit('error', err);", Says.HANDED_ON),
    "logged later": ("setTimeout(() => { log.error(err); }, 3);", Says.HANDED_ON),
    "thrown": ("throw err;", Says.RAISED),
    "another error's": ("console.error('failed', other.err);", Says.FIXED_TEXT),
}


@pytest.mark.parametrize(("does", "says"), TOLD.values(), ids=TOLD)
def test_what_a_catch_tells_the_log(does: str, says: Says, tmp_path: Path) -> None:
    """A `catch` says what its most telling statement tells of the error."""
    text = f"""\
        async function live(ws) {{
          try {{
            await serve(ws);
          }} catch (err) {{
            {does}
            ws.close(1011, 'torn');
          }}
        }}
    """
    site = only_site(tmp_path, text, "torn", name="src/live.mjs")
    assert site.says is says
    assert (site.change is None) is (says in (Says.TRACEBACK, Says.HANDED_ON, Says.RAISED))


def test_a_throw_of_the_close_itself_is_not_raising_on(tmp_path: Path) -> None:
    """`throw new CloseError(1011, …)` in a `catch` is the close, and nobody logs what was caught."""
    text = "function a(ws) { try { b(); } catch (err) { throw new CloseError(1011, 'torn'); } }"
    assert only_site(tmp_path, text, "torn", name="a.js").says is Says.NOTHING


CHANGES = {
    "put first": (
        "  } catch (err) {\n    ws.close(1011);\n  }\n",
        "  } catch (err) {\n    console.error('closing with 1011', err);\n    ws.close(1011);\n  }\n",
    ),
    "on one line": (
        "  } catch (err) { ws.close(1011); }\n",
        "  } catch (err) { console.error('closing with 1011', err); ws.close(1011); }\n",
    ),
    "without a name": (
        "  } catch {\n    ws.close(1011);\n  }\n",
        "  } catch (error) {\n    console.error('closing with 1011', error);\n    ws.close(1011);\n  }\n",
    ),
    "without a name, on one line": (
        "  } catch { ws.close(1011); }\n",
        "  } catch (error) { console.error('closing with 1011', error); ws.close(1011); }\n",
    ),
}


@pytest.mark.parametrize(("before", "after"), CHANGES.values(), ids=CHANGES)
def test_the_change_is_one_that_git_applies(before: str, after: str, tmp_path: Path) -> None:
    """The diff logs the error first thing in the `catch`."""
    head, end = "async function live(ws) {\n  try {\n    await serve(ws);\n", "}\n"
    site = only_site(tmp_path, head + before + end, name="live.js")
    assert applied(tmp_path, "live.js", site.change) == head + after + end


def test_what_is_logged_on_the_way_to_the_close_counts(tmp_path: Path) -> None:
    """A close that no `catch` leads to is not silent where an error is logged before its condition; else a line is."""
    text = """\
        class Seat {
          failing(error) {
            log.error('failing', error);
            if (error.fatal) {
              this.close(1011, 'torn');
            }
          }
          check(error) {
            if (this.late) { log.error('late'); }
            if (this.torn) {
              await this.ws.close(1011, 'torn');
            }
          }
        }
    """
    silent, told = found(tmp_path, {"seat.js": text}, "torn").sites
    assert (told.line, told.says, told.handler, told.condition) == (5, Says.TRACEBACK, None, "error.fatal")
    assert (silent.line, silent.says, silent.handler, silent.condition) == (
        11,
        Says.NOTHING,
        None,
        "this.torn",
    )
    line = "      log.error('closing with 1011', error);\n      await this.ws.close"
    assert line in applied(tmp_path, "seat.js", silent.change)


LOGGERS = {
    "": "console.error('closing with 1011', err);",
    "log.info({ a }, 'b');": "log.error({ err }, 'closing with 1011');",
    "logger.info('a', { b }); console.log('c'); logger.warn('d');": "logger.error('closing with 1011', err);",
}


@pytest.mark.parametrize(("head", "call"), LOGGERS.items(), ids=range(len(LOGGERS)))
def test_the_change_uses_the_logger_that_the_file_has(head: str, call: str, tmp_path: Path) -> None:
    """Pino takes its fields first, others last; without a logger the console is one."""
    text = f"{head}\nfunction live(ws) {{\n  try {{\n    a();\n  }} catch (err) {{\n    ws.close(1011);\n  }}\n}}\n"
    change = only_site(tmp_path, text, name="live.js").change
    assert change is not None
    assert f"+    {call}\n" in change.diff


def test_a_reason_is_followed_to_who_gives_it(tmp_path: Path) -> None:
    """Through a function of another file, by `require` or `import`, and a code by its constant there."""
    files = {
        "src/wire.js": """\
            const { INTERNAL } = require('./codes');
            function shut(ws, why) {
              ws.close(INTERNAL, why);
            }
            module.exports = { shut };
        """,
        "src/codes.js": "exports.INTERNAL = 1011;\nconst INTERNAL = 1011;\n",
        "src/live.js": """\
            const { shut: end } = require('./wire');
            const wire = require('./wire');
            async function live(ws) {
              try {
                await serve(ws);
              } catch (err) {
                wire.shut(ws, 'stream torn');
              }
            }
        """,
        "src/live.ts": "import { shut } from './wire';\nexport const go = async (ws) => { shut(ws, 'no plan'); };\n",
    }
    torn, *others = found(tmp_path, files, "stream torn").sites
    assert torn.called_from is not None
    assert (torn.path, torn.line, torn.code, torn.match) == ("src/wire.js", 3, 1011, Match.EXACT)
    assert (torn.called_from.path, torn.called_from.line, torn.called_from.function) == (
        "src/live.js",
        7,
        "live",
    )
    assert [(one.reason, one.match) for one in others] == [("no plan", Match.OTHER)]


def test_a_default_reason_is_one(tmp_path: Path) -> None:
    """What a function closes with when it is given none is read from its parameters."""
    text = """\
        const end = (why = 'stream torn') => {
          ws.close(1011, why);
        };
        run().catch(() => end());
        run().catch((err) => { end('no plan'); });
    """
    torn, other = found(tmp_path, {"live.ts": text}, "stream torn").sites
    assert (torn.match, torn.called_from and torn.called_from.line) == (Match.EXACT, 4)
    assert (other.reason, other.handler and other.handler.name) == ("no plan", "err")


def test_a_catch_that_swallows_is_named(tmp_path: Path) -> None:
    """What else swallows in the file of a matching site is told."""
    text = """\
        function live(ws) {
          try { a(); } catch (err) { ws.close(1011, 'torn'); }
          try { b(); } catch (e) { return null; }
          try { c(); } catch {}
          try { d(); } catch (e) { console.error(e); }
        }
    """
    result = found(tmp_path, {"live.js": text}, "torn")
    assert [(one.line, one.function, one.does) for one in result.swallowed] == [
        (3, "live", "return null;"),
        (4, "live", "{}"),
    ]
