"""`rca causes`: the known causes listed, shown and tried."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from rca import known
from rca.cli import main
from tests.test_known import OWN


def invoke(*arguments: str) -> Result:
    """What the command line gives."""
    return CliRunner().invoke(main, ["causes", *arguments])


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder without settings."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("RCA_CATALOGUE", raising=False)
    return tmp_path


def test_every_cause_is_listed_with_its_category_and_title() -> None:
    """One line each: id, category (or kind, where it has none), title."""
    result = invoke()
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert len(lines) == len(known.catalogue())
    assert any(line.split(None, 2)[:2] == ["token-expired", "authentication_failure"] for line in lines)
    assert any(line.split(None, 2)[:2] == ["send-after-close", "look-alike"] for line in lines)


@pytest.mark.parametrize("entry", known.catalogue(), ids=lambda entry: entry.id)
def test_one_cause_is_shown_whole(entry: known.Known) -> None:
    """Title, why, remedy, what it is not, samples and documents of the entry are all printed."""
    shown = invoke(entry.id).stdout
    spec = entry.spec
    told = [
        spec.title,
        spec.why,
        spec.remedy,
        *spec.rules_out,
        *spec.docs,
        *([spec.is_not] if spec.is_not else []),
    ]
    assert all(text in shown for text in told)
    assert all(sample.text in shown for sample in (*entry.matches, *entry.misses))


def test_an_unknown_id_names_those_near_it() -> None:
    """A slip of the pen is wrong usage, and the hint holds the id that was meant."""
    result = invoke("tokn-expired")
    assert result.exit_code == 2
    assert "token-expired" in result.stderr
    assert "`rca causes` lists them all" in invoke("qqqqqq").stderr


def test_the_shipped_catalogue_passes_its_check() -> None:
    """Every sample is tried, and comes out as it should."""
    result = invoke("--check")
    assert result.exit_code == 0
    assert "all as they say" in result.stdout


def test_a_file_of_an_editor_that_marks_its_bytes_is_a_catalogue(elsewhere: Path) -> None:
    """A byte order mark before the first entry is no part of it."""
    (elsewhere / "yeast.toml").write_text(OWN, encoding="utf-8-sig")
    assert invoke("--check", ".").exit_code == 0


@pytest.mark.parametrize("how", ["argument", "rca.toml", "variable"])
def test_a_folder_of_the_user_s_own_is_checked(
    elsewhere: Path, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    """Named on the command line, in rca.toml relative to it, or in RCA_CATALOGUE, a wrong entry is told and exits 1."""
    own = elsewhere / "own"
    own.mkdir()
    (own / "yeast.toml").write_text(OWN, encoding="utf-8")
    arguments = ["--check"]
    if how == "argument":
        arguments.append("own")
    elif how == "rca.toml":
        (elsewhere / "rca.toml").write_text('catalogue = ["own"]\n', encoding="utf-8")
        deep = elsewhere / "deep"
        deep.mkdir()
        monkeypatch.chdir(deep)
    else:
        monkeypatch.setenv("RCA_CATALOGUE", "own")
    assert invoke(*arguments).exit_code == 0
    (own / "yeast.toml").write_text(OWN.replace("the dough rose", "dough did not rise"), encoding="utf-8")
    result = invoke(*arguments)
    assert result.exit_code == 1
    assert "yeast.toml: yeast-dead" in result.stdout
    assert "try: " in result.stdout


def test_a_user_s_cause_is_listed_and_shown(elsewhere: Path) -> None:
    """What rca.toml names stands among the others."""
    (elsewhere / "rca.toml").write_text('catalogue = ["own"]\n', encoding="utf-8")
    (elsewhere / "own").mkdir()
    (elsewhere / "own" / "yeast.toml").write_text(OWN, encoding="utf-8")
    assert "yeast-dead" in invoke().stdout
    assert "Buy yeast." in invoke("yeast-dead").stdout


def test_a_hostile_entry_does_not_steer_the_terminal(elsewhere: Path) -> None:
    """Escape codes in a catalogue are shown as escapes, in the list, the text and the findings."""
    own = elsewhere / "own"
    own.mkdir()
    odd = OWN.replace("the yeast was dead", "\\u001b[2Jgone")
    (own / "yeast.toml").write_text(odd, encoding="utf-8")
    (elsewhere / "rca.toml").write_text('catalogue = ["own"]\n', encoding="utf-8")
    for result in (invoke(), invoke("yeast-dead")):
        assert "\x1b" not in result.output
        assert "\\x1b[2Jgone" in result.output
    (own / "yeast.toml").write_text(odd.replace("baker: dough", "baker:\\u001b[2J dogh"), encoding="utf-8")
    assert "\x1b" not in invoke("--check").output


def test_a_broken_catalogue_stops_the_list_with_what_to_try(elsewhere: Path) -> None:
    """A folder that is not there is an error with a hint, and no traceback."""
    (elsewhere / "rca.toml").write_text('catalogue = ["nowhere"]\n', encoding="utf-8")
    result = invoke()
    assert result.exit_code == 1
    assert "nowhere" in result.stderr
    assert "try: " in result.stderr
