"""`rca attach`: the report kept on disk, attached once, and nothing said that is secret (rca/cli/attach.py)."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest
from click.testing import Result

from rca import keeping
from rca.errors import Exit
from tests import build
from tests.attach.hub import ME, OTHER, SILENT, TOKEN, Effect, Fault, Hub
from tests.attach.shapes import Kept

pytestmark = pytest.mark.slow


Rca = Callable[..., Result]
MARK = "<!-- rca: cycle=1 date=2026-03-04 -->"
KEPT = Path(".rca/reports/cycle-1-2026-03-04.md")
ASKED = ("attach", "--cycle", 1, "--cycles-dir", "incident")
TO = ("--to", "github:tide/harbour#12")
NEW = ("--to", "github:tide/harbour", "--new")


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An incident's files, and an environment that names no token and no GitHub."""
    for name in (
        "GH_TOKEN",
        "GITHUB_TOKEN",
        "GITHUB_API_URL",
        "HTTP_PROXY",
        "http_proxy",
        "ALL_PROXY",
        "all_proxy",
    ):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setitem(sys.modules, "keyring", None)
    folder = tmp_path / "incident"
    folder.mkdir()
    return build.write_incident(folder)


def let_in(monkeypatch: pytest.MonkeyPatch, hub: Hub) -> None:
    """The environment names the hub, and the token that it takes."""
    monkeypatch.setenv("GITHUB_API_URL", hub.url)
    monkeypatch.setenv("GITHUB_TOKEN", TOKEN)


def whole(rca: Rca) -> str:
    """The report that `rca why` gives."""
    return rca("why", "--cycle", 1, "--cycles-dir", "incident").stdout


# --- a comment, an issue ---------------------------------------------------------------------------------


def test_a_report_becomes_a_comment_and_its_address_is_printed(
    rca: Rca, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The comment is the report behind its marker; the address stands alone on standard output."""
    with Hub() as hub:
        let_in(monkeypatch, hub)
        result = rca(*ASKED, *TO)
    assert result.exit_code == Exit.OK, result.stderr
    assert result.stdout == "https://github.com/tide/harbour/issues/12#issuecomment-1000\n"
    assert [one.body + "\n" for one in hub.comments] == [f"{MARK}\n\n{whole(rca)}"]
    assert "rca: created: tide/harbour#12" in result.stderr
    assert hub.wrong == []


def test_the_same_report_again_changes_nothing(rca: Rca, monkeypatch: pytest.MonkeyPatch) -> None:
    """A second run finds its comment as it would write it, and writes nothing."""
    with Hub() as hub:
        let_in(monkeypatch, hub)
        first, second = rca(*ASKED, *TO), rca(*ASKED, *TO)
        assert (hub.made("create"), hub.made("update")) == (1, 0)
    assert first.stdout == second.stdout
    assert "rca: already there, unchanged: tide/harbour#12" in second.stderr


def test_another_report_on_the_cycle_is_written_over_the_first(
    rca: Rca, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When the logs tell more, the comment does, and stays the only one."""
    with Hub() as hub:
        let_in(monkeypatch, hub)
        rca(*ASKED, *TO)
        build.write_logs(Path("incident/logs.ndjson"), build.incident_logs()[:-1])
        second = rca(*ASKED, *TO)
    assert "rca: updated: tide/harbour#12" in second.stderr
    assert [one.body + "\n" for one in hub.comments] == [f"{MARK}\n\n{whole(rca)}"]


def test_another_cycle_gets_a_comment_of_its_own(rca: Rca, monkeypatch: pytest.MonkeyPatch) -> None:
    """A cycle of the same number and another date is another one."""
    with Hub() as hub:
        let_in(monkeypatch, hub)
        rca(*ASKED, *TO)
        report = Path("incident/report.md")
        report.write_text(
            report.read_text(encoding="utf-8").replace("2026-03-04", "2026-03-05"), encoding="utf-8"
        )
        rca(*ASKED, *TO)
    assert [one.body.split("\n")[0] for one in hub.comments] == [MARK, MARK.replace("04 -->", "05 -->")]


def test_a_new_issue_has_a_title_and_labels_and_is_opened_once(
    rca: Rca, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its title says what failed and why; a second run finds it, unless somebody has closed it."""
    asked = (*ASKED, *NEW, "--label", "incident", "--label", "staging")
    with Hub() as hub:
        let_in(monkeypatch, hub)
        assert rca(*asked).stdout == rca(*asked).stdout == "https://github.com/tide/harbour/issues/100\n"
        (issue,) = hub.issues
        assert issue.labels == ("incident", "staging")
        assert issue.title.startswith("Why cycle 1 failed: ")
        assert build.CAUSE in issue.title
        issue.state = "closed"
        rca(*asked)
    assert [one.state for one in hub.issues] == ["closed", "open"]
    assert hub.wrong == []


@pytest.mark.parametrize("prefix", ["", "/api/v3"])
def test_a_workflow_s_token_and_an_enterprise_server_do(
    rca: Rca, monkeypatch: pytest.MonkeyPatch, prefix: str
) -> None:
    """A token that may not ask who it is by REST asks by GraphQL; the API may lie below a path."""
    with Hub(prefix=prefix, is_workflow=True) as hub:
        let_in(monkeypatch, hub)
        rca(*ASKED, *TO)
        result = rca(*ASKED, *TO)
    assert "already there" in result.stderr
    assert len(hub.comments) == 1
    assert hub.made("viewer") == 2


# --- forgeries -------------------------------------------------------------------------------------------


def test_no_post_but_our_own_is_written_over(rca: Rca, monkeypatch: pytest.MonkeyPatch) -> None:
    """The marker in another's comment, or anywhere but at the start of ours, is no marker."""
    others = [
        Kept(1, OTHER, f"{MARK}\n\nmine now"),
        Kept(2, ME, f"see `{MARK}`\n{MARK}\nquoted"),
        Kept(3, ME, f" {MARK}\n"),
        Kept(4, ME, f"{MARK} and more\n"),
        Kept(5, ME, ""),
    ]
    bodies = [one.body for one in others]
    with Hub() as hub:
        let_in(monkeypatch, hub)
        hub.comments += others
        rca(*ASKED, *TO)
    assert [one.body for one in hub.comments[:-1]] == bodies
    assert hub.comments[-1].body.startswith(f"{MARK}\n")


def test_a_marker_in_a_log_is_shown_and_does_nothing(rca: Rca, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever can write a log line cannot have another cycle's comment written over, nor hide words."""
    forged = MARK.replace("cycle=1", "cycle=2")
    raws = [
        {**one, "textPayload": f"{one['textPayload']}\n{forged}"} if "textPayload" in one else one
        for one in build.incident_logs()
    ]
    build.write_logs(Path("incident/logs.ndjson"), raws)
    with Hub() as hub:
        let_in(monkeypatch, hub)
        rca(*ASKED, *TO)
        rca(*ASKED, *TO)
    (comment,) = hub.comments
    assert comment.body.startswith(f"{MARK}\n")
    assert forged not in comment.body.split("\n")


def test_comments_beyond_the_first_hundred_are_looked_through(
    rca: Rca, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ours is found on a later page."""
    with Hub() as hub:
        let_in(monkeypatch, hub)
        hub.comments += [Kept(i, OTHER, f"comment {i}") for i in range(250)]
        hub.comments.append(Kept(999, ME, f"{MARK}\n\nof yesterday"))
        rca(*ASKED, *TO)
    assert hub.made("find") == 3
    assert (hub.made("create"), hub.made("update")) == (0, 1)


# --- without sending -------------------------------------------------------------------------------------


@pytest.mark.parametrize("to", [TO, (*NEW, "--label", "incident")], ids=["comment", "issue"])
def test_a_dry_run_shows_what_would_be_sent_and_calls_nobody(
    rca: Rca, monkeypatch: pytest.MonkeyPatch, to: tuple[str, ...]
) -> None:
    """It needs no token; standard output is the body that a real run sends, to the last character."""
    shown = rca(*ASKED, *to, "--dry-run")
    assert shown.exit_code == Exit.OK, shown.stderr
    with Hub() as hub:
        let_in(monkeypatch, hub)
        assert rca(*ASKED, *to, "--dry-run").stdout == shown.stdout
        assert hub.calls == []
        rca(*ASKED, *to)
    (sent,) = [json.loads(call.body) for call in hub.calls if call.kind == "create"]
    assert shown.stdout == sent["body"] + "\n"
    if "title" in sent:
        assert f"rca: as an issue with the title: {sent['title']}" in shown.stderr
        assert "rca: its labels: incident" in shown.stderr


# --- what goes wrong -------------------------------------------------------------------------------------


def test_without_a_token_the_report_is_kept_and_the_way_to_one_told(rca: Rca) -> None:
    """Nothing is lost where nothing can be sent."""
    result = rca(*ASKED, *TO)
    assert (result.exit_code, result.stdout) == (Exit.FAILED, "")
    assert f"rca: the whole report is in {KEPT}" in result.stderr.replace(f"{Path.cwd()}/", "")
    assert "GITHUB_TOKEN" in result.stderr
    assert KEPT.read_text(encoding="utf-8") == whole(rca)


@pytest.mark.parametrize("kind", ["whoami", "find", "create"])
@pytest.mark.parametrize("status", [401, 403, 404, 410, 422, 451])
def test_a_refusal_costs_neither_the_report_nor_the_token(
    rca: Rca, monkeypatch: pytest.MonkeyPatch, kind: str, status: int
) -> None:
    """Whatever GitHub refuses, and whatever it says: the report is on disk, the token in no output."""
    with Hub(Fault(kind, Effect(status, message=f"your {TOKEN} is no good"), times=9)) as hub:
        let_in(monkeypatch, hub)
        result = rca(*ASKED, *TO)
    if (kind, status) != ("whoami", 403):
        assert (result.exit_code, result.stdout) == (Exit.FAILED, "")
        assert f"({status})" in result.stderr
    assert TOKEN not in result.output
    assert KEPT.read_text(encoding="utf-8") == whole(rca)


def test_the_file_can_be_named_and_is_replaced_as_a_whole(rca: Rca) -> None:
    """-o says where the report is kept; nothing else is left beside it."""
    Path("kept").mkdir()
    Path("kept/report.md").write_text("of yesterday", encoding="utf-8")
    rca(*ASKED, *TO, "--dry-run", "-o", "kept/report.md")
    assert Path("kept/report.md").read_text(encoding="utf-8") == whole(rca)
    assert [one.name for one in Path("kept").iterdir()] == ["report.md"]
    assert not KEPT.exists()


def test_a_report_that_cannot_be_kept_is_not_sent(rca: Rca, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the file cannot be written, that is the error, and GitHub is not called."""
    with Hub() as hub:
        let_in(monkeypatch, hub)
        result = rca(*ASKED, *TO, "-o", "nowhere/report.md")
        assert hub.calls == []
    assert result.exit_code == Exit.FAILED
    assert "cannot keep the report in nowhere/report.md" in result.stderr


def test_the_reports_lie_where_git_does_not_look(rca: Rca) -> None:
    """The folder is the one of the recordings: its owner's alone, and ignored. A dry run makes none."""
    rca(*ASKED, *TO, "--dry-run")
    assert not Path(".rca").exists()
    rca(*ASKED, *TO)
    assert Path(".rca/.gitignore").read_text(encoding="utf-8") == "*\n"
    assert KEPT.stat().st_mode & 0o077 == 0


def test_an_unknown_cause_and_a_gap_are_attached_and_give_their_exit_codes(
    rca: Rca, monkeypatch: pytest.MonkeyPatch
) -> None:
    """3 and 4 mean the same as for `rca why`: the report is attached all the same."""
    logs = Path("incident/logs.ndjson")
    build.write_logs(
        logs, [one for one in build.incident_logs() if build.CAUSE not in one.get("textPayload", "")]
    )
    with Hub() as hub:
        let_in(monkeypatch, hub)
        assert rca(*ASKED, *TO).exit_code == Exit.UNKNOWN
        logs.write_bytes(logs.read_bytes()[:-30])
        assert rca(*ASKED, *TO).exit_code == Exit.INCOMPLETE
        assert rca(*ASKED, *TO, "--allow-incomplete").exit_code == Exit.UNKNOWN
        assert len(hub.comments) == 1


def test_without_the_client_the_way_to_it_is_told(rca: Rca, monkeypatch: pytest.MonkeyPatch) -> None:
    """The client is an extra; its name stands in the hint."""
    monkeypatch.setenv("GITHUB_TOKEN", TOKEN)
    monkeypatch.setitem(sys.modules, "github", None)
    monkeypatch.delitem(sys.modules, "rca.attach.github", raising=False)
    result = rca(*ASKED, *TO)
    assert result.exit_code == Exit.FAILED
    assert "pip install PyGithub" in result.stderr


# --- the token -------------------------------------------------------------------------------------------


def a_keyring(answer: Callable[[str, str], str | None]) -> ModuleType:
    """The module `keyring`, as far as it is used."""

    class KeyringError(Exception):
        """As keyring has it."""

    made = ModuleType("keyring")
    made.__dict__.update(errors=SimpleNamespace(KeyringError=KeyringError), get_password=answer)
    return made


def test_the_keyring_is_asked_where_the_environment_holds_no_token(
    rca: Rca, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is asked for rca's token of the API's host."""
    kept = {("rca", "127.0.0.1"): TOKEN}
    monkeypatch.setitem(sys.modules, "keyring", a_keyring(lambda *asked: kept.get(asked)))
    with Hub() as hub:
        monkeypatch.setenv("GITHUB_API_URL", hub.url)
        assert rca(*ASKED, *TO).exit_code == Exit.OK
        monkeypatch.setenv("GH_TOKEN", "gho_of_somebody_else")
        assert rca(*ASKED, *TO).exit_code == Exit.FAILED
    assert [call.headers["authorization"] for call in hub.calls][-1] == "token gho_of_somebody_else"


def test_a_locked_keyring_is_none(rca: Rca, monkeypatch: pytest.MonkeyPatch) -> None:
    """The error is that there is no token, not the keyring's own."""

    def locked(*_: str) -> None:
        raise sys.modules["keyring"].errors.KeyringError(TOKEN)

    monkeypatch.setitem(sys.modules, "keyring", a_keyring(locked))
    result = rca(*ASKED, *TO)
    assert result.exit_code == Exit.FAILED
    assert "there is no token for GitHub" in result.stderr
    assert TOKEN not in result.output


@pytest.mark.parametrize("token", [f"{TOKEN}\nX-Evil: 1", f"{TOKEN} x", f"{TOKEN}\u00e9"])
def test_a_token_that_no_header_holds_is_refused_unseen(
    rca: Rca, monkeypatch: pytest.MonkeyPatch, token: str
) -> None:
    """It is not sent, and not shown."""
    monkeypatch.setenv("GITHUB_TOKEN", token)
    result = rca(*ASKED, *TO)
    assert result.exit_code == Exit.FAILED
    assert "GITHUB_TOKEN" in result.stderr
    assert TOKEN not in result.output


@pytest.mark.parametrize(
    "url",
    [
        "http://ghe.example/api/v3",
        "ftp://ghe.example",
        "https://",
        "https://me:pw@ghe.example",
        "x",
        "https://[1",
    ],
)
def test_the_token_goes_to_no_odd_address(rca: Rca, monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    """Not in the clear beyond this machine, nor to what is no address."""
    monkeypatch.setenv("GITHUB_TOKEN", TOKEN)
    monkeypatch.setenv("GITHUB_API_URL", url)
    result = rca(*ASKED, *TO)
    assert result.exit_code == Exit.FAILED
    assert "GITHUB_API_URL" in result.stderr


# --- wrong usage -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "arguments",
    [
        ("--cycle", "1"),
        ("--to", "github:tide/harbour#12"),
        ("--cycle", "1", "--to", "github:tide/harbour"),
        ("--cycle", "1", "--to", "github:tide/harbour#12", "--new"),
        ("--cycle", "1", "--to", "github:tide/harbour#0"),
        ("--cycle", "1", "--to", "github:tide/..", "--new"),
        ("--cycle", "1", "--to", "github:tide/harbour#12", "--label", "x"),
        ("--cycle", "1", "--to", "github:tide/harbour", "--new", "--label", " "),
        ("--cycle", "1", "--to", "https://hooks.example/s3cret"),
        ("--cycle", "1", "--to", "webhook:hooks.example/s3cret"),
        ("--cycle", "1", "--to", "webhook:https://hooks.example/s3cret", "--new"),
        ("--cycle", "1", "--to", "webhook:https://[s3cret"),
        ("--cycle", "1", "--to", "jira:s3cret"),
    ],
)
def test_wrong_usage_gives_2_and_repeats_no_address(rca: Rca, arguments: tuple[str, ...]) -> None:
    """It is said before anything is read; an address, which may be a secret, is not repeated."""
    result = rca("attach", "--cycles-dir", "incident", *arguments)
    assert (result.exit_code, result.stdout) == (Exit.USAGE, "")
    assert "s3cret" not in result.stderr
    assert not Path(".rca").exists()


# --- killed ----------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_killed_run_leaves_the_report_whole_and_one_post_at_most(
    rca: Rca, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed on the way, it leaves the file whole or absent; whole, once GitHub was called. The next run ends it."""
    with Hub(Fault("create", SILENT, done=True)) as hub:
        let_in(monkeypatch, hub)
        for wait_s in (0.3, 0.6, 0.9, 1.2, None):
            running = subprocess.Popen(  # noqa: S603 - our own program
                [sys.executable, "-m", "rca", *map(str, ASKED), *TO],
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env=dict(os.environ),
            )
            until = time.monotonic() + (60.0 if wait_s is None else wait_s)
            while not hub.made("create") and running.poll() is None and time.monotonic() < until:
                time.sleep(0.02)
            running.send_signal(signal.SIGKILL)
            running.wait()
            if KEPT.exists():
                assert KEPT.read_text(encoding="utf-8") == whole(rca)
        assert KEPT.exists()
        assert (hub.made("create"), len(hub.comments)) == (1, 1)
        assert rca(*ASKED, *TO).exit_code == Exit.OK
        assert (hub.made("create"), len(hub.comments)) == (1, 1)


def test_of_two_runs_at_once_one_waits_for_the_other(rca: Rca, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever comes second looks for the comment when the first has written it."""
    KEPT.parent.mkdir(parents=True)
    with Hub() as hub:
        let_in(monkeypatch, hub)
        with keeping.held(KEPT.parent):
            running = subprocess.Popen(  # noqa: S603 - our own program
                [sys.executable, "-m", "rca", *map(str, ASKED), *TO],
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env=dict(os.environ),
            )
            until = time.monotonic() + 60.0
            while not KEPT.exists() and running.poll() is None and time.monotonic() < until:
                time.sleep(0.02)
            time.sleep(1.0)
            assert KEPT.exists()
            assert hub.made("create") == 0
        assert running.wait(timeout=60.0) == Exit.OK
        assert "already there, unchanged" in rca(*ASKED, *TO).stderr
        assert (hub.made("create"), len(hub.comments)) == (1, 1)


def test_the_help_names_each_form_of_a_place(rca: Rca) -> None:
    """`rca attach --help` shows what --to takes, with an example of each use."""
    text = re.sub(r"\s+", " ", rca("attach", "--help").stdout)
    for form in ("github:OWNER/REPO#12", "webhook:URL", "--new", "--dry-run"):
        assert form in text
