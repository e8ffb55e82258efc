"""What is masked beside secrets, and when nothing is: `mask` of the settings, `--no-redact`."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from rca.errors import Exit
from tests import build
from tests.cloud.grpc_server import GrpcServer
from tests.cloud.logs import Logs

Rca = Callable[..., Result]

PLACE = ("--cycle", 1, "--cycles-dir", "incident")
SECRET = "tide-42-harbour"  # noqa: S105 - planted
USER = "keeper-of-the-light"
SAID = f"{build.CAUSE} password={SECRET} user_id={USER}"
FORMS = ("md", "json", "html")


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path) -> Path:
    """An incident whose cause tells a password and a user's id."""
    folder = tmp_path / "incident"
    folder.mkdir()
    build.write_incident(folder)
    logs = folder / "logs.ndjson"
    told = logs.read_text(encoding="utf-8")
    assert build.CAUSE in told
    logs.write_text(told.replace(build.CAUSE, SAID), encoding="utf-8")
    return folder


@pytest.mark.slow
@pytest.mark.parametrize("form", FORMS)
def test_named_ids_are_masked_by_the_settings(rca: Rca, tmp_path: Path, form: str) -> None:
    """`mask = ["user_id"]` masks its values in every format; without it they stay."""
    assert USER in rca("why", *PLACE, "--format", form).stdout
    (tmp_path / "rca.toml").write_text('mask = ["user_id"]\n', encoding="utf-8")
    shown = rca("why", *PLACE, "--format", form).stdout
    assert USER not in shown
    assert "\u2039id:1\u203a" in shown


def test_a_variable_names_ids_as_well(rca: Rca, monkeypatch: pytest.MonkeyPatch) -> None:
    """RCA_MASK stands for the setting, several names with commas between."""
    monkeypatch.setenv("RCA_MASK", "tenant,user_id")
    assert USER not in rca("why", *PLACE).stdout


@pytest.mark.parametrize("form", ["md", "json", pytest.param("html", marks=pytest.mark.slow)])
def test_without_masking_the_report_says_so_first(rca: Rca, form: str) -> None:
    """`--no-redact` leaves the secret, warns on standard error, and is the report's first note."""
    shown = rca("why", *PLACE, "--format", form, "--no-redact")
    assert SECRET in shown.stdout
    assert "NOT masked" in shown.stderr
    if form == "json":
        told = json.loads(shown.stdout)
        assert (told["masked"], told["redactions"]) == (False, {})
        assert told["notes"][0].startswith("Nothing in this report is masked")
    else:
        warned = shown.stdout.index("Nothing in this report is masked")
        assert warned < shown.stdout.index("Root cause")


@pytest.mark.slow
@pytest.mark.parametrize("form", FORMS)
def test_a_report_saved_as_it_was_is_masked_where_it_is_rendered(rca: Rca, form: str, tmp_path: Path) -> None:
    """Render masks what `--no-redact` saved, as if it had been masked at once, unless it is told the same."""
    rca("why", *PLACE, "--format", "json", "--no-redact", "-o", "saved.json")
    assert SECRET in (tmp_path / "saved.json").read_text(encoding="utf-8")
    rendered = rca("render", "saved.json", "--format", form)
    assert (rendered.stdout, rendered.stderr) == (rca("why", *PLACE, "--format", form).stdout, "")
    again = rca("render", "saved.json", "--format", form, "--no-redact")
    assert SECRET in again.stdout
    assert "NOT masked" in again.stderr


def test_a_report_saved_as_it_was_is_masked_where_it_is_compared_or_listed(rca: Rca) -> None:
    """`rca diff` and `rca history` read such a report, and nothing of the secret comes out."""
    rca("why", *PLACE, "--format", "json", "--no-redact", "-o", "incident/saved.json")
    shown = [rca("diff", *2 * ("incident/saved.json",), "--format", form) for form in ("md", "json", "html")]
    shown += [rca("history", "--cycles-dir", "incident", "--format", form) for form in ("text", "json")]
    assert all(build.CAUSE in one.stdout for one in shown)
    assert [one.output for one in shown if SECRET in one.output] == []


def test_attach_refuses_to_send_unmasked(rca: Rca, tmp_path: Path) -> None:
    """Nothing is read, kept or sent; the error says what to do instead."""
    refused = rca("attach", *PLACE, "--to", "github:tide/harbour#12", "--no-redact", "--dry-run")
    assert (refused.exit_code, refused.stdout) == (Exit.USAGE, "")
    assert "always masked" in refused.stderr
    assert not (tmp_path / ".rca").exists()


def recorded(rca: Rca, tmp_path: Path, *options: str) -> tuple[Result, str, str]:
    """What `pull` says, the entries that it wrote, and their manifest."""
    lines = (tmp_path / "incident" / "logs.ndjson").read_text(encoding="utf-8").splitlines()
    with GrpcServer(Logs(tuple(map(json.loads, lines)), project="demo")) as server:
        made = rca("pull", *PLACE, "--project", "demo", "--endpoint", server.endpoint, "--refresh", *options)
    assert made.exit_code == 0, made.output
    kept = tmp_path / made.stdout.strip()
    (entries,) = kept.glob("*.ndjson")
    return made, entries.read_text(encoding="utf-8"), (kept / "manifest.json").read_text(encoding="utf-8")


@pytest.mark.slow
def test_a_recording_is_masked_by_one_numbering(rca: Rca, tmp_path: Path) -> None:
    """What the cycle and the logs share has one mask in both; other secrets have other masks."""
    more = [row.replace("1011", f"1011 password=another-7 password={SECRET}", 1) for row in build.REPORT_ROWS]
    build.write_report(tmp_path / "incident", more)
    _, entries, manifest = recorded(rca, tmp_path, "--redact")
    assert SECRET not in entries + manifest
    shared = set(re.findall("\u2039password:[0-9]+\u203a", entries))
    assert len(shared) == 1
    assert shared <= set(re.findall("\u2039[a-z]+:[0-9]+\u203a", manifest))


@pytest.mark.slow
def test_a_recording_can_be_pulled_unmasked_again(rca: Rca, tmp_path: Path) -> None:
    """A masked recording stays masked by itself; `pull --no-redact` says aloud that the new one is not."""
    assert SECRET not in recorded(rca, tmp_path, "--redact")[1]
    made, entries, _ = recorded(rca, tmp_path)
    assert SECRET not in entries
    assert "stays so" in made.stderr
    made, entries, _ = recorded(rca, tmp_path, "--no-redact")
    assert SECRET in entries
    assert "NOT masked" in made.stderr
