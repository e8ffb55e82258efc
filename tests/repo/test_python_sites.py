"""Where Python code closes a WebSocket, in the words of each library, and with which reason."""

from pathlib import Path

import pytest

from rca.repo import Kind, Match, Says
from tests.repo.checkouts import found, only_site

CLOSES = {
    "starlette": 'await ws.close(1011, "torn")',
    "starlette by name": 'await ws.close(code=1011, reason="torn")',
    "starlette status": 'await ws.close(code=status.WS_1011_INTERNAL_ERROR, reason="torn")',
    "starlette exception": 'raise WebSocketException(code=1011, reason="torn")',
    "starlette exception, status": 'raise WebSocketException(status.WS_1011_INTERNAL_ERROR, "torn")',
    "asgi": 'await send({"type": "websocket.close", "code": 1011, "reason": "torn"})',
    "aiohttp": 'await ws.close(code=WSCloseCode.INTERNAL_ERROR, message=b"torn")',
    "tornado": 'self.close(1011, "torn")',
    "channels": 'await self.close(code=1011, reason="torn")',
    "websockets": 'await ws.close(CloseCode.INTERNAL_ERROR, "torn")',
    "websockets, failing": 'ws.fail_connection(1011, "torn")',
    "wsproto": 'out = conn.send(CloseConnection(code=CloseReason.INTERNAL_ERROR, reason="torn"))',
    "autobahn": 'self.sendClose(1011, "torn")',
    "simple-websocket": 'ws.close(reason=1011, message="torn")',
    "enumeration's value": 'await ws.close(CloseCode.INTERNAL_ERROR.value, "torn")',
}


@pytest.mark.parametrize("close", CLOSES.values(), ids=CLOSES)
def test_every_library_s_close_is_found(close: str, tmp_path: Path) -> None:
    """A close with 1011 and a reason is a site, however the library spells it."""
    site = only_site(tmp_path, f"async def live(self, ws):\n    {close}\n", "torn")
    assert (site.path, site.line, site.function) == ("app/live.py", 2, "live")
    assert (site.kind, site.code, site.match, site.reason) == (Kind.CLOSE, 1011, Match.EXACT, "torn")


REASONS = {
    "literal": ('"stream torn"', Match.EXACT),
    "two literals": ('"stream " "torn"', Match.EXACT),
    "sum": ('"stream " + "torn"', Match.EXACT),
    "bytes": ('b"stream torn"', Match.EXACT),
    "encoded": ('"stream torn".encode()', Match.EXACT),
    "constant": ("TORN", Match.EXACT),
    "class's constant": ("Texts.TORN", Match.EXACT),
    "local name": ("text", Match.EXACT),
    "either": ('"stream torn" if ws.open else "never open"', Match.EXACT),
    "or": ('ws.why or "stream torn"', Match.EXACT),
    "f-string": ('f"stream {ws.state}"', Match.PARTS),
    "f-string, only the end": ('f"{ws.name} torn"', Match.PARTS),
    "percent": ('"stream %s" % ws.state', Match.PARTS),
    "format": ('"stream {}".format(ws.state)', Match.PARTS),
    "sum of computed": ('"stream " + str(ws.state)', Match.PARTS),
    "clipped by the app": ('clip(f"stream {ws.state}", 120)', Match.PARTS),
    "computed": ("ws.why", Match.COMPUTED),
    "another": ('"stream dry"', Match.OTHER),
    "another f-string": ('f"river {ws.state}"', Match.OTHER),
    "none": ("None", Match.OTHER),
}


@pytest.mark.parametrize(("reason", "match"), REASONS.values(), ids=REASONS)
def test_a_reason_is_compared_as_it_is_built(reason: str, match: Match, tmp_path: Path) -> None:
    """Fixed parts must stand in the reason; what is computed can be any text; what says something else matches not."""
    text = f"""\
        TORN = "stream torn"
        class Texts:
            TORN = "stream torn"
        async def live(ws):
            text = "stream torn"
            await ws.close(1011, {reason})
    """
    sites = [one for one in found(tmp_path, {"live.py": text}, "stream torn").sites if one.kind is Kind.CLOSE]
    assert [one.match for one in sites] == [match]


def test_a_close_without_a_reason_is_one_with_the_empty_reason(tmp_path: Path) -> None:
    """`close(1011)` is what closed where the client saw an empty reason, and is not where it saw a text."""
    text = "async def live(self):\n    await self.close(code=1011)\n"
    assert only_site(tmp_path, text, "").match is Match.EXACT
    assert only_site(tmp_path, text, "torn").match is Match.OTHER


def test_where_no_reason_is_known_every_close_is_a_site(tmp_path: Path) -> None:
    """Nothing is compared where there is nothing to compare with."""
    text = 'async def live(ws):\n    await ws.close(1011, "torn")\n'
    assert only_site(tmp_path, text).match is Match.UNASKED


def test_other_codes_are_no_sites(tmp_path: Path) -> None:
    """A close with 1008 is none with 1011, even with the same words; a number elsewhere is no code."""
    text = """\
        async def live(ws, dice):
            await ws.close(1008, "torn")
            await ws.close()
            dice.choice((1011, 7))
            audit(code=500, detail="torn")
            await ws.close(4011)
    """
    assert found(tmp_path, {"live.py": text}).sites == ()
    assert {one.kind for one in found(tmp_path, {"live.py": text}, "torn").sites} == {Kind.TEXT}
    assert [one.line for one in found(tmp_path, {"live.py": text}, "torn", code=1008).sites] == [2]


def test_a_code_is_followed_into_its_module(tmp_path: Path) -> None:
    """A constant stands for what the file, or the file that it is imported from, sets it to."""
    files = {
        "app/codes.py": """\
            from enum import IntEnum
            TORN = "stream torn"
            INTERNAL = 1011
            class Code(IntEnum):
                BROKEN = INTERNAL
        """,
        "app/a.py": "from app.codes import INTERNAL, TORN as why\ndef a(ws):\n    ws.close(INTERNAL, why)\n",
        "app/b.py": "from . import codes\nasync def b(ws):\n    await ws.close(codes.Code.BROKEN, codes.TORN)\n",
        "app/c.py": "from .codes import Code\nasync def c(ws):\n    await ws.close(Code.BROKEN.value, 'x')\n",
        "app/d.py": "import app.codes\nasync def d(ws):\n    await ws.close(app.codes.INTERNAL, app.codes.TORN)\n",
    }
    sites = found(tmp_path, files, "stream torn").sites
    told = [(one.path, one.code, one.match) for one in sites]
    assert told == [
        ("app/a.py", 1011, Match.EXACT),
        ("app/b.py", 1011, Match.EXACT),
        ("app/d.py", 1011, Match.EXACT),
        ("app/c.py", 1011, Match.OTHER),
    ]


def test_the_exception_s_text_is_said_to_be_the_reason(tmp_path: Path) -> None:
    """A reason made from what was caught is computed, and where it comes from is told."""
    for reason, source in {
        "str(exc)[:120]": "the exception's text",
        "f'{exc}'": "the exception's text",
        "text": "the exception's text",
        "exc.args[0]": "the exception's text",
        "type(exc).__name__": "the exception's type",
        "exc.__class__.__name__": "the exception's type",
    }.items():
        text = f"""\
            async def live(ws):
                try:
                    await serve(ws)
                except Exception as exc:
                    text = repr(exc)
                    await ws.close(code=1011, reason={reason})
        """
        site = only_site(tmp_path, text, "'plan'")
        assert (site.match, site.computed_from, site.reason) == (Match.COMPUTED, source, "…"), reason


def test_a_reason_is_followed_to_who_gives_it(tmp_path: Path) -> None:
    """Where a function closes with what it is given, the call that gives the text is named, with its handler."""
    files = {
        "app/live.py": """\
            class Live:
                async def fail(self, reason="failed", code=1011):
                    await self.ws.close(code, reason)

                async def run(self):
                    try:
                        await self.work()
                    except ValueError:
                        await self.fail("stream torn")
                    except KeyError:
                        await self.fail(reason="no plan")
                    except OSError:
                        await self.fail()
                    except TypeError:
                        await self.fail("stream torn", 1008)
        """
    }
    torn, *others = found(tmp_path, files, "stream torn").sites
    assert torn.called_from is not None
    assert torn.handler is not None
    assert (torn.line, torn.called_from.line, torn.handler.catches) == (3, 9, ("ValueError",))
    assert (torn.match, torn.reason, torn.code) == (Match.EXACT, "stream torn", 1011)
    assert [(one.reason, one.match) for one in others] == [("no plan", Match.OTHER), ("failed", Match.OTHER)]


def test_a_function_of_another_file_is_followed_by_its_import(tmp_path: Path) -> None:
    """A caller in a file that mentions neither code nor close is found, too."""
    files = {
        "svc/wire.py": "async def shut(ws, why):\n    await ws.close(1011, why)\n",
        "svc/live.py": """\
            from svc.wire import shut
            async def live(ws):
                try:
                    await serve(ws)
                except Exception:
                    await shut(ws, "stream torn")
        """,
        "svc/other.py": "from svc.doors import shut\nasync def other(ws):\n    await shut(ws, 'stream torn')\n",
    }
    sites = [one for one in found(tmp_path, files, "stream torn").sites if one.kind is Kind.CLOSE]
    assert [one.called_from.path for one in sites if one.called_from] == ["svc/live.py"]
    assert len(sites) == 1


def test_an_exception_that_closes_is_followed_to_who_raises_it(tmp_path: Path) -> None:
    """Where a class closes with the reason that it is made with, the place that makes one is named."""
    files = {
        "app/ends.py": """\
            class Broken(WebSocketException):
                def __init__(self, why=None):
                    super().__init__(code=1011, reason=why)
        """,
        "app/live.py": """\
            from app.ends import Broken
            async def live(ws):
                try:
                    await serve(ws)
                except Exception:
                    raise Broken("stream torn")
        """,
    }
    (site,) = found(tmp_path, files, "stream torn").sites
    assert site.called_from is not None
    assert (site.path, site.called_from.path, site.called_from.line) == ("app/ends.py", "app/live.py", 6)
    assert (site.match, site.says) == (Match.EXACT, Says.NOTHING)


def test_an_exception_that_tells_of_an_end_makes_none(tmp_path: Path) -> None:
    """`WebSocketDisconnect(code=1011)` is how a library tells that it is over."""
    text = "async def live(ws):\n    raise WebSocketDisconnect(code=1011, reason='torn')\n"
    assert found(tmp_path, {"live.py": text}).sites == ()


def test_a_text_alone_is_found_where_no_close_has_it(tmp_path: Path) -> None:
    """The reason's words in code that closes nothing are named, but neither where they are logged nor compared."""
    files = {
        "app/live.py": """\
            async def live(ws):
                if ws.why == "stream torn":
                    log.error("stream torn")
                raise StreamError("stream torn")
        """,
    }
    sites = found(tmp_path, files, "stream torn").sites
    assert [(one.kind, one.line, one.code, one.match) for one in sites] == [(Kind.TEXT, 4, None, Match.EXACT)]
    files["app/close.py"] = 'async def end(ws):\n    await ws.close(1011, "stream torn")\n'
    assert [one.kind for one in found(tmp_path, files, "stream torn").sites] == [Kind.CLOSE]


def test_a_code_that_is_computed_counts_where_the_text_agrees(tmp_path: Path) -> None:
    """A close whose code cannot be read is a site by its reason's text alone, and its code is left open."""
    text = 'async def live(ws, error):\n    await ws.close(error.rcvd.code, "handed on")\n'
    site = only_site(tmp_path, text, "handed on")
    assert (site.code, site.match) == (None, Match.EXACT)
    assert found(tmp_path, {"app/live.py": text}, "else").sites == ()


def test_matching_and_silent_sites_come_first(tmp_path: Path) -> None:
    """First the text, then the silence: a silent close that says something else comes after a loud one that fits."""
    text = """\
        async def live(ws):
            try:
                await serve(ws)
            except KeyError:
                await ws.close(1011, "other")
            except ValueError:
                log.exception("told")
                await ws.close(1011, "torn")
            except OSError as exc:
                await ws.close(1011, str(exc))
            except TypeError:
                await ws.close(1011, "torn")
    """
    assert [one.line for one in found(tmp_path, {"live.py": text}, "torn").sites] == [12, 8, 10, 5]


def test_tests_of_the_service_are_no_sites(tmp_path: Path) -> None:
    """What the service's tests close is not the service's doing; they are counted."""
    close = 'async def live(ws):\n    await ws.close(1011, "torn")\n'
    result = found(
        tmp_path, {"tests/fake.py": close, "app/test_live.py": close, "app/live.py": close}, "torn"
    )
    assert [one.path for one in result.sites] == ["app/live.py"]
    assert [(one.why, one.count) for one in result.skipped] == [("test file", 2)]
