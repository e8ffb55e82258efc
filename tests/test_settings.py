"""Where a setting comes from: rca/settings.py."""

import tomllib
from pathlib import Path

import pytest

from rca import settings
from rca.errors import SettingsError


def written(folder: Path, text: str) -> Path:
    """A folder with this rca.toml."""
    (folder / settings.FILE).write_text(text, encoding="utf-8")
    return folder


def test_without_a_file_or_variable_the_defaults_hold(tmp_path: Path) -> None:
    """Cycles are looked for here, logs beside them, all services, no zone."""
    assert settings.load(tmp_path, {}) == settings.Settings(home=str(tmp_path))


def test_a_file_is_found_upward(tmp_path: Path) -> None:
    """rca.toml of a folder above is in force, and its paths are relative to itself."""
    written(tmp_path, 'cycles_dir = "results"\nlogs = ["a.json"]\ncatalogue = ["causes"]\n')
    deep = tmp_path / "one" / "two"
    deep.mkdir(parents=True)
    loaded = settings.load(deep, {})
    assert loaded.cycles_dir == str(tmp_path / "results")
    assert loaded.logs == (str(tmp_path / "a.json"),)
    assert loaded.catalogue == (str(tmp_path / "causes"),)
    assert loaded.origin == dict.fromkeys(("cycles_dir", "logs", "catalogue"), str(tmp_path / settings.FILE))


def test_the_nearest_file_alone_counts(tmp_path: Path) -> None:
    """Files further up are not mixed in."""
    written(tmp_path, 'tz = "Europe/Zurich"\n')
    near = tmp_path / "near"
    near.mkdir()
    written(near, 'services = ["ovens"]\n')
    loaded = settings.load(near, {})
    assert (loaded.tz, loaded.services) == (None, ("ovens",))


def test_a_variable_wins_over_the_file(tmp_path: Path) -> None:
    """RCA_* variables stand above rca.toml; lists are separated by commas."""
    written(tmp_path, 'tz = "Europe/Zurich"\nservices = ["ovens"]\n')
    loaded = settings.load(tmp_path, {"RCA_TZ": "Asia/Tokyo", "RCA_SERVICES": "mill,till"})
    assert (loaded.tz, loaded.services) == ("Asia/Tokyo", ("mill", "till"))
    assert loaded.origin == {"tz": "RCA_TZ", "services": "RCA_SERVICES"}


def test_an_empty_variable_is_not_set(tmp_path: Path) -> None:
    """`RCA_TZ=` leaves the file's zone in force."""
    assert settings.load(written(tmp_path, 'tz = "Asia/Tokyo"\n'), {"RCA_TZ": ""}).tz == "Asia/Tokyo"


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("cycles_dir = 7\n", "cycles_dir"),
        ('logs = "one.json"\n', "logs"),
        ('colour = "red"\n', "colour"),
        ("cycles_dir = \n", "cannot read"),
        ('origin = {a = "b"}\n', "origin"),
    ],
)
def test_a_wrong_file_is_an_error_that_names_it(tmp_path: Path, text: str, named: str) -> None:
    """An unknown key, a wrong type or broken TOML is told with the file and a hint."""
    with pytest.raises(SettingsError, match=named) as caught:
        settings.load(written(tmp_path, text), {})
    assert str(tmp_path) in caught.value.message
    assert caught.value.hint


def test_a_file_of_an_editor_that_marks_its_bytes_is_read(tmp_path: Path) -> None:
    """A byte order mark before the first key is no part of it."""
    (tmp_path / settings.FILE).write_bytes(b'\xef\xbb\xbftz = "UTC"\r\n')
    assert settings.load(tmp_path, {}).tz == "UTC"


def test_a_bottomless_file_is_an_error(tmp_path: Path) -> None:
    """Lists within lists within lists are told as what cannot be read."""
    with pytest.raises(SettingsError, match="cannot read"):
        settings.load(written(tmp_path, f"logs = {'[' * 5000}{']' * 5000}\n"), {})


def test_bytes_that_are_no_text_are_an_error(tmp_path: Path) -> None:
    """A file that is not UTF-8 is told as one that cannot be read."""
    (tmp_path / settings.FILE).write_bytes(b"\xff\xfe\x00")
    with pytest.raises(SettingsError, match="cannot read"):
        settings.load(tmp_path, {})


def test_the_template_sets_nothing_but_the_defaults(tmp_path: Path) -> None:
    """What `rca init` writes is valid, and its examples are comments."""
    loaded = settings.load(written(tmp_path, settings.TEMPLATE), {})
    assert (loaded.logs, loaded.services, loaded.tz) == ((), (), None)
    assert Path(loaded.cycles_dir) == tmp_path


def test_every_example_of_the_template_is_a_valid_setting(tmp_path: Path) -> None:
    """Without its comment marks, the template still loads."""
    lines = settings.TEMPLATE.splitlines()
    bare = "\n".join(line.removeprefix("# ") if " = " in line else line for line in lines)
    assert len(tomllib.loads(bare)) == 11
    loaded = settings.load(written(tmp_path, bare), {})
    assert (loaded.services, loaded.projects) == (("backend",), ("shop-staging",))
    assert (loaded.bucket, loaded.location, loaded.view, loaded.max_calls) == (
        "_Default",
        "global",
        "_AllLogs",
        200,
    )


# --- where logs are read live ----------------------------------------------------------------------------


def test_projects_and_their_buckets_are_set_like_all_else(tmp_path: Path) -> None:
    """A file says whose logs are read; a variable wins over it, several projects separated by commas."""
    written(tmp_path, 'projects = ["shop-stg"]\nbucket = "errors"\nendpoint = "grpc://127.0.0.1:9"\n')
    loaded = settings.load(tmp_path, {"RCA_PROJECTS": "a,b", "RCA_VIEW": "mine", "RCA_LOCATION": "eu"})
    assert loaded.projects == ("a", "b")
    assert (loaded.bucket, loaded.view, loaded.location) == ("errors", "mine", "eu")
    assert loaded.endpoint == "grpc://127.0.0.1:9"
    assert loaded.origin["projects"] == "RCA_PROJECTS"


def test_the_budget_of_calls_is_a_number_in_either_place(tmp_path: Path) -> None:
    """A file holds it as one, a variable as its digits."""
    written(tmp_path, "max_calls = 7\n")
    assert settings.load(tmp_path, {}).max_calls == 7
    assert settings.load(tmp_path, {"RCA_MAX_CALLS": "12"}).max_calls == 12


@pytest.mark.parametrize("value", ["many", "-1", "0", "1.5", "\u0661", "1e3", " 5", "9" * 5000])
def test_a_budget_that_is_no_number_of_calls_is_an_error(tmp_path: Path, value: str) -> None:
    """It names the variable; nothing is read with a budget that nobody meant."""
    with pytest.raises(SettingsError, match="max_calls") as caught:
        settings.load(tmp_path, {"RCA_MAX_CALLS": value})
    assert "RCA_MAX_CALLS" in caught.value.message


@pytest.mark.parametrize("value", ["0", "-1", "true", '"7"', "1.5"])
def test_a_budget_in_the_file_is_a_number_of_calls(tmp_path: Path, value: str) -> None:
    """Zero calls read nothing."""
    with pytest.raises(SettingsError, match="max_calls"):
        settings.load(written(tmp_path, f"max_calls = {value}\n"), {})


def test_recordings_lie_where_the_settings_lie(tmp_path: Path) -> None:
    """Below the folder of rca.toml, wherever in the project the command was typed; without one, in that place."""
    deep = tmp_path / "one"
    deep.mkdir()
    assert settings.load(deep, {}).home == str(deep)
    assert settings.load(written(tmp_path, "") / "one", {}).home == str(tmp_path)


@pytest.mark.parametrize("key", ["home", "origin"])
def test_what_is_found_out_cannot_be_set(tmp_path: Path, key: str) -> None:
    """A file that sets it is an error; a variable of the name is none of ours."""
    with pytest.raises(SettingsError, match=key):
        settings.load(written(tmp_path, f'{key} = "elsewhere"\n'), {})
    (tmp_path / settings.FILE).unlink()
    assert settings.load(tmp_path, {f"RCA_{key.upper()}": "elsewhere"}) == settings.Settings(
        home=str(tmp_path)
    )
