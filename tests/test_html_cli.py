"""`--format html` and `--plot` on the command line: what is written where, and what is refused before logs are read."""

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from rca.errors import Exit
from rca.render import plot
from tests import build

Rca = Callable[..., Result]


@pytest.fixture(name="folder")
def _folder(tmp_path: Path) -> Path:
    folder = tmp_path / "incident"
    folder.mkdir()
    return build.write_incident(folder)


@pytest.mark.slow
def test_the_page_is_the_report(rca: Rca, folder: Path) -> None:
    """`--format html` gives the cause on one page, on standard output as any other format."""
    result = rca("why", "--cycle", 1, "--cycles-dir", folder, "--format", "html")
    assert result.exit_code == Exit.OK
    assert result.stdout.startswith("<!DOCTYPE html>\n")
    assert result.stdout.endswith("</html>\n")
    assert build.CAUSE in result.stdout


@pytest.mark.slow
def test_a_saved_report_gives_the_same_page(rca: Rca, folder: Path, tmp_path: Path) -> None:
    """`rca render` needs no logs for it."""
    asked = ("why", "--cycle", 1, "--cycles-dir", folder)
    page = rca(*asked, "--format", "html").stdout
    rca(*asked, "--format", "json", "-o", "saved.json")
    result = rca("render", "saved.json", "--format", "html", "-o", "page.html")
    assert (result.exit_code, result.stdout) == (Exit.OK, "")
    assert "rca: wrote page.html" in result.stderr
    assert (tmp_path / "page.html").read_text(encoding="utf-8") == page


@pytest.mark.slow
def test_a_picture_is_drawn_beside_the_report(rca: Rca, folder: Path, tmp_path: Path) -> None:
    """`--plot` writes SVG or PNG, as the name says; the report still goes to standard output."""
    for name, opening in (("why.svg", b"<svg"), ("why.PNG", b"\x89PNG")):
        result = rca("why", "--cycle", 1, "--cycles-dir", folder, "--plot", name)
        assert result.exit_code == Exit.OK
        assert result.stdout.startswith("# Why cycle 1 failed")
        assert f"rca: wrote {name}" in result.stderr
        assert (tmp_path / name).read_bytes().startswith(opening)


def test_another_kind_of_picture_is_wrong_usage(rca: Rca, folder: Path) -> None:
    """A name that says neither SVG nor PNG is refused at once."""
    result = rca("why", "--cycle", 1, "--cycles-dir", folder, "--plot", "why.gif")
    assert result.exit_code == Exit.USAGE
    assert "a picture is .svg or .png" in result.stderr


@pytest.mark.slow
def test_a_picture_that_cannot_be_drawn_is_refused_first(
    rca: Rca, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without the extra the command says what to install, and reads no logs; without `--plot` nothing is missed."""
    monkeypatch.setattr(plot, "installed", lambda: False)
    result = rca("why", "--cycle", 1, "--cycles-dir", folder, "--plot", "why.svg")
    assert (result.exit_code, result.stdout) == (Exit.FAILED, "")
    assert "try: pip install altair vl-convert-python" in result.stderr
    assert rca("why", "--cycle", 1, "--cycles-dir", folder, "--format", "html").exit_code == Exit.OK


@pytest.mark.slow
def test_a_picture_s_file_that_cannot_be_written_is_named(rca: Rca, folder: Path) -> None:
    """The error says which option to change."""
    result = rca("why", "--cycle", 1, "--cycles-dir", folder, "--plot", "nowhere/why.svg")
    assert result.exit_code == Exit.FAILED
    assert "cannot write nowhere/why.svg" in result.stderr
    assert "name another file with --plot" in result.stderr


@pytest.mark.slow
def test_an_unknown_keeps_its_exit_code(rca: Rca, folder: Path, tmp_path: Path) -> None:
    """The format changes nothing about what the exit code says; the picture is there all the same."""
    raws = [one for one in build.incident_logs() if build.CAUSE not in one.get("textPayload", "")]
    build.write_logs(folder / "logs.ndjson", raws)
    result = rca("why", "--cycle", 1, "--cycles-dir", folder, "--format", "html", "--plot", "why.svg")
    assert result.exit_code == Exit.UNKNOWN
    assert "Unknown." in result.stdout
    assert (tmp_path / "why.svg").exists()


@pytest.mark.slow
def test_the_demo_shows_itself_in_every_form(rca: Rca, tmp_path: Path) -> None:
    """`rca demo` gives page and picture without any files of one's own."""
    result = rca("demo", "--format", "html", "-o", "demo.html", "--plot", "demo.png")
    assert result.exit_code == Exit.OK
    assert {path.name for path in tmp_path.iterdir()} == {"demo.html", "demo.png"}
