"""`rca why --repo`: what the service's checkout says, in the report on the bundled cycles."""

import json
from pathlib import Path

from click.testing import CliRunner, Result

from rca.cli import main

CYCLES = Path(__file__).parent.parent / "fixtures"

GATEWAY = '''"""A gateway."""

import logging

log = logging.getLogger(__name__)


async def live(socket):
    try:
        await serve(socket)
    except Exception:
        await socket.close(1011, "Internal error")
'''


def why(cycle: int, checkout: Path, *more: str) -> Result:
    """The command's answer to a bundled cycle with a checkout."""
    folder = str(CYCLES / f"cycle-{cycle}")
    return CliRunner().invoke(
        main, ["why", "--cycle", str(cycle), "--cycles-dir", folder, "--repo", str(checkout), *more]
    )


def test_a_silent_close_is_found_with_the_line_that_would_have_told(tmp_path: Path) -> None:
    """Cycle 5 logs nothing of its cause: the handler that swallows it is named, cited and mended."""
    (tmp_path / "gateway.py").write_text(GATEWAY, encoding="utf-8")
    text = why(5, tmp_path).stdout
    assert "`live` closes with 1011 and the reason `Internal error` (`gateway.py:12`)" in text
    assert "logs nothing of what it caught" in text
    assert '+        log.exception("' in text
    assert "[S1]" in text


def test_the_source_is_in_the_json_too_and_is_cited(tmp_path: Path) -> None:
    """`code` holds sentences whose evidence is of kind source, with file and line."""
    (tmp_path / "gateway.py").write_text(GATEWAY, encoding="utf-8")
    report = json.loads(why(5, tmp_path, "--format", "json").stdout)
    number = report["code"][0]["evidence"][0]
    cited = next(one for one in report["evidence"] if one["id"] == number)
    assert (cited["kind"], cited["file"], cited["line"]) == ("source", "gateway.py", 12)


def test_a_secret_in_the_source_stays_there(tmp_path: Path) -> None:
    """What the checkout's lines hold is masked like a log's."""
    token = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJib3QifQ.c2lnbmF0dXJlLW9mLW5vYm9keQ"  # noqa: S105 - nobody's
    hidden = GATEWAY.replace(
        "        await socket.close", f'        held = "{token}"\n        await socket.close'
    )
    (tmp_path / "gateway.py").write_text(hidden, encoding="utf-8")
    assert token not in why(5, tmp_path).stdout


def test_a_checkout_that_is_not_there_is_an_error_with_a_remedy(tmp_path: Path) -> None:
    """Exit 1, what failed, what to try."""
    result = why(5, tmp_path / "nowhere")
    assert result.exit_code == 1
    assert "nowhere" in result.stderr
    assert "try:" in result.stderr


def test_a_checkout_without_the_close_says_so(tmp_path: Path) -> None:
    """Nothing is made up where no file closes so."""
    (tmp_path / "other.py").write_text("print('hello')\n", encoding="utf-8")
    assert "none closes with this code and reason" in why(5, tmp_path).stdout
