"""What catches before a close, what it tells the log, and the one line that would have told it."""

import ast
from pathlib import Path
from textwrap import dedent, indent

import pytest

from rca.repo import Reached, Says
from tests.repo.applying import applied
from tests.repo.checkouts import found, only_site

TOLD = {
    "nothing": ("pass", Says.NOTHING),
    "only the client": ("await ws.send_json({'error': str(exc)})", Says.NOTHING),
    "debug": ("log.debug('failed', exc_info=True)", Says.QUIETLY),
    "log at DEBUG": ("log.log(logging.DEBUG, 'failed')", Says.QUIETLY),
    "a tracker": ("sentry_sdk.capture_exception(exc)", Says.ELSEWHERE),
    "a span": ("span.record_exception(exc)", Says.ELSEWHERE),
    "fixed text": ("log.error('run failed')", Says.FIXED_TEXT),
    "fixed text, printed": ("print('run failed')", Says.FIXED_TEXT),
    "fixed text at INFO": ("self.logger.info('run failed for %s', ws.user)", Says.FIXED_TEXT),
    "the exception": ("log.error('run failed: %s', exc)", Says.EXCEPTION),
    "the exception, f-string": ("logging.warning(f'run failed: {exc!r}')", Says.EXCEPTION),
    "the exception, field": ("log.warning('run failed', why=str(exc))", Says.EXCEPTION),
    "the exception, printed": ("print('run failed', exc, file=sys.stderr)", Says.EXCEPTION),
    "exception()": ("log.exception('run failed')", Says.TRACEBACK),
    "exc_info": ("log.warning('run failed', exc_info=True)", Says.TRACEBACK),
    "exc_info, the exception": ("logging.getLogger('a').error('x', exc_info=exc)", Says.TRACEBACK),
    "exc_info off": ("log.error('run failed', exc_info=False)", Says.FIXED_TEXT),
    "structlog, async": ("await log.aexception('run failed')", Says.TRACEBACK),
    "loguru": ("logger.opt(exception=True).error('run failed')", Says.TRACEBACK),
    "print_exc": ("traceback.print_exc()", Says.TRACEBACK),
    "format_exc": ("log.error(traceback.format_exc())", Says.TRACEBACK),
    "tornado": ("self.log_exception(*sys.exc_info())", Says.TRACEBACK),
    "given to code unread": ("await self.on_error(exc)", Says.HANDED_ON),
    "its text given to code unread": ("notify(f'failed: {exc}')", Says.HANDED_ON),
    "logged later": (
        "loop.call_later(3, lambda error=exc: log.error('late', exc_info=error))",
        Says.HANDED_ON,
    ),
    "kept": ("self.error = exc", Says.HANDED_ON),
    "raised again": ("raise", Says.RAISED),
    "not logging": ("messages.error(exc.args); math.log(2)", Says.NOTHING),
}


@pytest.mark.parametrize(("does", "says"), TOLD.values(), ids=TOLD)
def test_what_a_handler_tells_the_log(does: str, says: Says, tmp_path: Path) -> None:
    """A handler's most telling statement says what it tells of the exception it caught."""
    if says is Says.NOTHING and "messages" in does:
        does = does.replace("exc.args", "'x'")
    text = f"""\
        async def live(self, ws):
            try:
                await serve(ws)
            except Exception as exc:
                await ws.close(1011, "torn")
                {does}
    """
    site = only_site(tmp_path, text, "torn")
    assert site.says is says
    assert (site.change is None) is (says in (Says.HANDED_ON, Says.RAISED, Says.TRACEBACK))
    assert (site.log is None) is (says in (Says.NOTHING, Says.RAISED) or "self.error" in does)


def test_a_logger_by_any_name_is_one(tmp_path: Path) -> None:
    """A name that is set to a logger logs, whatever it is called."""
    text = """\
        import logging
        from loguru import logger as L
        J = logging.getLogger("live")
        async def live(ws):
            try:
                await serve(ws)
            except KeyError:
                J.exception("a")
                await ws.close(1011, "torn")
            except Exception:
                L.exception("a")
                await ws.close(1011, "torn")
    """
    assert [one.says for one in found(tmp_path, {"live.py": text}, "torn").sites] == [Says.TRACEBACK] * 2


def test_a_log_under_a_condition_is_said_to_be_one(tmp_path: Path) -> None:
    """What is logged only sometimes is marked, comes before what is always logged, and is not mended blindly."""
    text = """\
        async def live(ws):
            try:
                await serve(ws)
            except KeyError as exc:
                log.exception("told")
                await ws.close(1011, "torn")
            except Exception as exc:
                if verbose:
                    log.exception("told")
                await ws.close(1011, "torn")
    """
    first, second = found(tmp_path, {"live.py": text}, "torn").sites
    assert first.log is not None
    assert second.log is not None
    assert (first.line, first.log.conditional, first.log.line, first.change) == (10, True, 9, None)
    assert (second.line, second.log.conditional) == (6, False)


REACHED = {
    "a flag": (
        """
        failed = False
        try:
            await serve(ws)
        except Exception:
            failed = True
        if failed:
            await ws.close(1011, "torn")
        """,
        Reached.AFTER,
    ),
    "code and reason set": (
        """
        code, why = 1000, ""
        try:
            await serve(ws)
        except Exception:
            code, why = 1011, "torn"
        await tidy()
        await other()
        await third()
        await ws.close(1011, why)
        """,
        Reached.AFTER,
    ),
    "what the try would have set": (
        """
        plan = None
        try:
            plan = await load()
        except Exception:
            pass
        if plan is None:
            await ws.close(1011, "torn")
        """,
        Reached.AFTER,
    ),
    "nothing between": (
        """
        try:
            await serve(ws)
        except Exception:
            pass
        await ws.close(1011, "torn")
        """,
        Reached.AFTER,
    ),
    "out of a loop": (
        """
        while True:
            try:
                await serve(ws)
            except Exception:
                break
        await ws.close(1011, "torn")
        """,
        Reached.AFTER,
    ),
    "finally": (
        """
        try:
            await serve(ws)
        except Exception:
            pass
        finally:
            await ws.close(1011, "torn")
        """,
        Reached.AFTER,
    ),
    "inside, deeper": (
        """
        try:
            await serve(ws)
        except Exception:
            if ws.open:
                with suppress(OSError):
                    await ws.close(1011, "torn")
        """,
        Reached.INSIDE,
    ),
    "deeper, in a try of its own": (
        """
        try:
            await serve(ws)
        except Exception:
            try:
                await ws.close(1011, "torn")
            except Exception:
                pass
        """,
        Reached.INSIDE,
    ),
    "a state that is set": (
        """
        try:
            await serve(ws)
        except Exception:
            state = "broken"
        if ws.open and state == "broken":
            await ws.close(1011, "torn")
        """,
        Reached.AFTER,
    ),
    "the exception kept": (
        """
        error = None
        try:
            await serve(ws)
        except Exception as exc:
            error = exc
        if error is not None:
            await ws.close(1011, "torn")
        """,
        Reached.AFTER,
    ),
    "a flag that is put down": (
        """
        try:
            await serve(ws)
        except Exception:
            busy = False
        if busy:
            await ws.close(1011, "torn")
        """,
        None,
    ),
    "a count": (
        """
        try:
            count = await load()
        except Exception:
            count = 0
        if count > 60:
            await ws.close(1011, "torn")
        """,
        None,
    ),
    "the handler leaves": (
        """
        try:
            await serve(ws)
        except Exception:
            return
        await ws.close(1011, "torn")
        """,
        None,
    ),
    "another condition": (
        """
        try:
            await serve(ws)
        except Exception:
            pass
        if ws.tired:
            await ws.close(1011, "torn")
        """,
        None,
    ),
    "far below": (
        """
        try:
            tune(ws)
        except Exception:
            pass
        await one()
        await two()
        await three()
        await ws.close(1011, "torn")
        """,
        None,
    ),
    "the next round": (
        """
        for one in ws:
            try:
                await serve(one)
            except Exception:
                pass
        await ws.close(1011, "torn")
        """,
        None,
    ),
}


@pytest.mark.parametrize(("body", "reached"), REACHED.values(), ids=REACHED)
def test_how_a_close_is_reached_from_a_handler(body: str, reached: Reached | None, tmp_path: Path) -> None:
    """A close belongs to a handler that it stands in, or that leads to it by what it sets; not to any `try` above."""
    text = "async def live(ws):\n" + indent(dedent(body), "    ")
    handler = only_site(tmp_path, text).handler
    assert (handler.reached if handler else None) is reached
    if handler:
        assert handler.catches == ("Exception",)


def test_where_nothing_is_caught_the_condition_is_told(tmp_path: Path) -> None:
    """A close that no exception leads to is told with its condition; the change logs it without one."""
    text = """\
        import logging
        log = logging.getLogger("live")
        async def live(ws, clerks):
            if not clerks:
                await ws.close(1011, "unattended")
    """
    site = only_site(tmp_path, text, "unattended")
    assert (site.handler, site.condition, site.says) == (None, "not clerks", Says.NOTHING)
    assert '        log.error("closing with 1011")\n        await ws' in applied(
        tmp_path, site.path, site.change
    )


def test_what_is_logged_on_the_way_to_the_close_counts(tmp_path: Path) -> None:
    """A close that nothing is caught before is not silent where an error is logged right before its condition."""
    text = """\
        async def on_error(self, error):
            log.error("failing: %s", error)
            if error.fatal:
                await self.close(1011, "torn")
            if error.slow:
                log.info("slow")
                await self.close(1011, "torn")
        async def check(self):
            log.info("checking")
            if self.late:
                log.error("late")
            else:
                await self.close(1011, "torn")
    """
    told = {one.line: one.says for one in found(tmp_path, {"live.py": text}, "torn").sites}
    assert told == {4: Says.EXCEPTION, 7: Says.EXCEPTION, 13: Says.NOTHING}


def test_a_function_that_is_given_the_exception_logs_it(tmp_path: Path) -> None:
    """Where a function takes the exception, the change logs it with its traceback."""
    text = """\
        import logging
        async def broken(ws, exc):
            await ws.close(1011, "torn")
    """
    site = only_site(tmp_path, text, "torn")
    logs = 'logging.getLogger(__name__).error("closing with 1011", exc_info=exc)'
    assert f"    {logs}\n    await ws.close" in applied(tmp_path, site.path, site.change)


def test_what_the_closing_function_logs_counts(tmp_path: Path) -> None:
    """A handler that says nothing itself is not silent where the function it calls logs."""
    files = {
        "app/live.py": """\
            from app.doors import shut, report
            class Live:
                async def a(self, ws):
                    try:
                        await serve(ws)
                    except Exception as exc:
                        await self.fail("torn", exc)

                async def fail(self, why, exc):
                    log.error("failing", exc_info=exc)
                    await self.ws.close(1011, why)

            async def b(ws):
                try:
                    await serve(ws)
                except Exception as exc:
                    report(exc)
                    await ws.close(1011, "torn")

            async def c(ws):
                try:
                    await serve(ws)
                except Exception:
                    tidy()
                    await ws.close(1011, "torn")

            def tidy():
                log.info("tidied up")
        """,
        "app/doors.py": "def report(error):\n    print('failed', error)\n",
    }
    told = {
        one.line: (one.says, one.log.path if one.log else None)
        for one in found(tmp_path, files, "torn").sites
    }
    assert told == {
        11: (Says.TRACEBACK, "app/live.py"),
        18: (Says.EXCEPTION, "app/doors.py"),
        25: (Says.NOTHING, None),
    }


EXCEPT = "    except Exception as e:\n"
LOGS = '        log.exception("closing with 1011")\n'
CLOSE = "        await ws.close(1011)\n"
CHANGES = {
    "put first": (EXCEPT + CLOSE, EXCEPT + LOGS + CLOSE),
    "below a comment": (EXCEPT + "        # gone\n" + CLOSE, EXCEPT + "        # gone\n" + LOGS + CLOSE),
    "on one line": (EXCEPT.rstrip() + " await ws.close(1011)\n", EXCEPT + LOGS + CLOSE),
    "a fixed text": (
        EXCEPT + "        log.error('failed')\n" + CLOSE,
        EXCEPT + "        log.exception('failed')\n" + CLOSE,
    ),
    "over lines": (
        EXCEPT + "        log.warning(\n            'failed: %s', e\n        )\n" + CLOSE,
        EXCEPT + "        log.exception(\n            'failed: %s', e\n        )\n" + CLOSE,
    ),
    "a print": (
        EXCEPT + "        print('failed')\n" + CLOSE,
        EXCEPT + LOGS + "        print('failed')\n" + CLOSE,
    ),
    "umlauts before it": (
        EXCEPT + "        'ä'; log.error('größe')\n" + CLOSE,
        EXCEPT + "        'ä'; log.exception('größe')\n" + CLOSE,
    ),
}


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize(("before", "after"), CHANGES.values(), ids=CHANGES)
def test_the_change_is_one_that_git_applies(before: str, after: str, end: str, tmp_path: Path) -> None:
    """The diff adds or changes one line, keeps the file's line ends, and gives a file that parses."""
    head = "import logging\nlog = logging.getLogger(__name__)\nasync def live(ws):\n    try:\n        await serve(ws)\n"
    (tmp_path / "live.py").write_bytes((head + before).replace("\n", end).encode())
    site = found(tmp_path, {}).sites[0]
    text = applied(tmp_path, "live.py", site.change)
    assert text == (head + after).replace("\n", end)
    ast.parse(text)


LOGGERS = {
    "import logging\n": ("logging.getLogger(__name__).exception", ""),
    "": ("logging.getLogger(__name__).exception", "import logging"),
    "import structlog\nlogger = structlog.get_logger()\n": ("logger.exception", ""),
    "from loguru import logger\n": ("logger.exception", ""),
    "from app.logs import log\ndef other():\n    log.info('x')\n": ("log.exception", ""),
    "import logging\ndef other():\n    logging.info('x')\n": ("logging.exception", ""),
    "class Live:\n    def a(self):\n        self._log.info('x')\n": (
        "logging.getLogger(__name__).exception",
        "import logging",
    ),
}


@pytest.mark.parametrize(("head", "logger"), LOGGERS.items(), ids=range(len(LOGGERS)))
def test_the_change_uses_the_logger_that_the_file_has(
    head: str, logger: tuple[str, str], tmp_path: Path
) -> None:
    """It logs by a name that is there at that place; else by `logging`, and says what must be imported."""
    body = "async def live(ws):\n    try:\n        await serve(ws)\n" + EXCEPT + CLOSE
    change = only_site(tmp_path, head + body).change
    assert change is not None
    call = next(line for line in change.diff.splitlines() if line.startswith("+    "))
    assert (call.removeprefix("+").strip().removesuffix('("closing with 1011")'), change.needs) == logger


def test_a_class_s_own_logger_is_used_in_its_methods(tmp_path: Path) -> None:
    """`self.log` is a logger where the same class logs by it."""
    text = """\
        class Live:
            def a(self):
                self.log.info("x")
            async def live(self, ws):
                try:
                    await serve(ws)
                except Exception:
                    await ws.close(1011)
    """
    change = only_site(tmp_path, text).change
    assert change is not None
    assert '+            self.log.exception("closing with 1011")\n' in change.diff


def test_other_silent_handlers_of_the_file_are_named(tmp_path: Path) -> None:
    """What else swallows in a matching site's file is told, what catches everything first, endings never."""
    text = """\
        async def live(ws):
            try:
                await serve(ws)
            except Exception:
                await ws.close(1011, "torn")
        async def step(ws):
            try:
                await one(ws)
            except KeyError:
                return None
            try:
                await two(ws)
            except:
                pass
            try:
                await three(ws)
            except WebSocketDisconnect:
                pass
            try:
                await four(ws)
            except Exception:
                log.exception("told")
    """
    result = found(
        tmp_path, {"live.py": text, "far.py": "try:\n    a()\nexcept Exception:\n    pass\n"}, "torn"
    )
    told = [(one.path, one.line, one.function, one.catches, one.does) for one in result.swallowed]
    assert told == [
        ("live.py", 13, "step", (), "pass"),
        ("live.py", 9, "step", ("KeyError",), "return None"),
    ]
    assert '+        logging.getLogger(__name__).exception("swallowed in step")' in str(
        result.swallowed[0].change
    )
