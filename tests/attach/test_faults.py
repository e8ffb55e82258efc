"""Every way in which GitHub can fail -> how an attachment ends: never two posts, never a token in what is said."""

import logging
from dataclasses import dataclass

import pytest

from rca.attach import draft
from rca.attach.sending import How
from tests.attach.bystander import NOW, Bystander, ended, place
from tests.attach.hub import CUT, GARBLED, HALF, ME, SILENT, TOKEN, Effect, Fault, Hub
from tests.attach.shapes import Kept
from tests.render.reports import FOUND

pytestmark = pytest.mark.slow

DRAFT = draft(FOUND, 7)
FAILED = Effect(502, message="Server Error")
SECONDARY = "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the table: what fails, and how it ends."""

    what: str
    faults: tuple[Fault, ...]
    ends: str
    """How it was attached, else a word of the error."""

    posts: int
    """Posts of ours in the end."""

    creates: int = 1
    """Requests that would create one."""

    waits: float | None = None
    """Seconds that are waited at least; None where it does not matter."""


def on(kind: str, effect: Effect, times: int = 1, skip: int = 0) -> Fault:
    """The first such request is answered so, and not carried out."""
    return Fault(kind, effect, times=times, skip=skip)


def after(kind: str, effect: Effect, times: int = 1) -> Fault:
    """The first such request is carried out, and answered so."""
    return Fault(kind, effect, done=True, times=times)


def limited(status: int, message: str = "", **headers: str) -> Effect:
    """An answer that speaks of a limit."""
    return Effect(status, {name.replace("_", "-"): value for name, value in headers.items()}, message)


DATE = "Thu, 14 May 2026 09:30:20 GMT"
RESET = str(int(NOW.timestamp()) + 45)
TABLE = (
    Row("nothing fails", (), "created", 1),
    # before anything is created
    Row("a bad token", (on("whoami", Effect(401, message="Bad credentials"), times=9),), "not accept the token", 0, 0),
    Row("no comments to be seen", (on("find", Effect(404, message="Not Found")),), "is not there", 0, 0),
    Row("the issue was deleted", (on("find", Effect(410, message="This issue was deleted")),), "is gone", 0, 0),
    Row("looking fails, and passes", (on("find", FAILED, times=2),), "created", 1, 1, 2.0),
    Row("looking fails for good", (on("find", FAILED, times=99),), "failed to answer (502)", 0, 0),
    Row("looking is cut", (on("find", CUT),), "created", 1),
    Row("looking is not answered", (on("find", SILENT),), "created", 1),
    Row("looking gives no JSON", (on("find", GARBLED, times=99),), "cannot be read", 0, 0),
    Row("looking gives half an answer", (on("find", HALF),), "created", 1),
    Row("whoami gives a list", (on("whoami", Effect(200, raw=b"[]"), times=99),), "cannot be read", 0, 0),
    # creating is refused
    Row("may not write", (on("create", Effect(403, message="Resource not accessible")),), "not allowed", 0),
    Row("issue is locked", (on("create", Effect(403, message="Unable to create comment: locked")),), "locked", 0),
    Row("refused as it is", (on("create", Effect(422, message="Validation Failed")),), "Validation Failed", 0),
    Row("moved elsewhere", (on("create", Effect(307, {"Location": "/x"})),), "has moved (307)", 0),
    Row("429 with Retry-After", (on("create", limited(429, retry_after="7")),), "created", 1, 2, 7.0),
    Row("429 without", (on("create", limited(429)),), "created", 1, 2, 60.0),
    Row("429 until a date", (on("create", limited(429, retry_after=DATE)),), "created", 1, 2, 20.0),
    Row("429 for too long", (on("create", limited(429, retry_after="3600")),), "asks to wait 3600 s", 0),
    Row("429 for ever", (on("create", limited(429, retry_after="9"), times=99),), "asked too often", 0, 7, 54.0),
    Row("429 with nonsense", (on("create", limited(429, retry_after="soon")),), "created", 1, 2, 60.0),
    Row("429 with no number", (on("create", limited(429, retry_after="nan")),), "created", 1, 2, 60.0),
    Row("403 primary limit", (on("create", limited(403, "API rate limit exceeded", x_ratelimit_remaining="0",
        x_ratelimit_reset=RESET)),), "created", 1, 2, 45.0),
    Row("403 secondary limit", (on("create", limited(403, SECONDARY)),), "created", 1, 2, 60.0),
    Row("403 abuse, Retry-After", (on("create", limited(403, "abuse", retry_after="3")),), "created", 1, 2, 3.0),
    # creating fails, and it is not known how far it came
    Row("502, not created", (on("create", FAILED),), "created", 1, 2, 1.0),
    Row("502, but created", (after("create", FAILED),), "created", 1, 1, 1.0),
    Row("503 with Retry-After", (on("create", limited(503, retry_after="11")),), "created", 1, 2, 11.0),
    Row("500 for ever", (on("create", FAILED, times=99),), "not known whether the report arrived", 0, 7),
    Row("cut before it was done", (on("create", CUT),), "created", 1, 2),
    Row("cut after it was done", (after("create", CUT),), "created", 1, 1),
    Row("cut twice after", (after("create", CUT, times=2),), "created", 1, 1),
    Row("half an answer", (after("create", HALF),), "created", 1, 1),
    Row("no JSON", (after("create", GARBLED),), "created", 1, 1),
    Row("no answer, not done", (on("create", SILENT),), "not known whether the report arrived", 0, 1),
    Row("no answer, but done", (after("create", SILENT),), "created", 1, 1),
    Row("cut after, looking fails", (after("create", CUT), on("find", FAILED, skip=1, times=99)), "not known", 1, 1),
    Row("cut after, then 401", (after("create", CUT), on("find", Effect(401), skip=1)), "not known", 1, 1),
)  # fmt: skip

OVER = (
    Row("nothing fails", (), "updated", 1, 0),
    Row("502, not done", (on("update", FAILED),), "updated", 1, 0),
    Row("502, but done", (after("update", FAILED),), "updated", 1, 0),
    Row("cut", (after("update", CUT, times=3),), "updated", 1, 0),
    Row("no answer", (on("update", SILENT),), "updated", 1, 0),
    Row("may not", (on("update", Effect(403, message="Must have admin rights")),), "not allowed", 1, 0),
    Row("deleted meanwhile", (on("update", Effect(404, message="Not Found")),), "is not there", 1, 0),
    Row("429", (on("update", limited(429, retry_after="5")),), "updated", 1, 0, 5.0),
)


def assert_ended(row: Row, hub: Hub, bystander: Bystander, says: str, kept: list[Kept]) -> None:
    """The end is the table's: as many posts, as many tries, as long a wait; and GitHub's description was kept to."""
    assert says == row.ends if row.ends in tuple(How) else row.ends in says, says
    assert hub.wrong == []
    ours = [one for one in kept if one.user == ME]
    assert (len(ours), hub.made("create")) == (row.posts, row.creates)
    assert sum(bystander.waited) <= 120.0
    if row.waits is not None:
        assert max(bystander.waited, default=0.0) >= row.waits or sum(bystander.waited) >= row.waits
    assert TOKEN not in says + "".join(bystander.told)


@pytest.mark.parametrize("new", [False, True], ids=["comment", "issue"])
@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.what)
def test_a_first_attachment_is_there_once_or_said_not_to_be(
    row: Row,
    new: bool,  # noqa: FBT001 - pytest hands it over
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Whatever fails, there is one post or none; an error says which, and what to do."""
    caplog.set_level(logging.DEBUG)
    bystander = Bystander()
    with Hub(*row.faults) as hub:
        says = ended(place(hub, bystander, new=new), DRAFT, bystander)
        kept = hub.issues if new else hub.comments
    assert_ended(row, hub, bystander, says, kept)
    assert all(one.body == DRAFT.body for one in kept)
    assert TOKEN not in caplog.text


@pytest.mark.parametrize("new", [False, True], ids=["comment", "issue"])
@pytest.mark.parametrize("row", OVER, ids=lambda row: row.what)
def test_a_later_attachment_is_the_same_post(row: Row, new: bool) -> None:  # noqa: FBT001 - pytest hands it over
    """What an earlier run has posted is written over, however often that takes; nothing is created beside it."""
    bystander = Bystander()
    with Hub(*row.faults) as hub:
        kept = hub.issues if new else hub.comments
        kept.append(Kept(1_000, ME, f"{DRAFT.marker}\n\nof yesterday", title="as somebody named it"))
        says = ended(place(hub, bystander, new=new), DRAFT, bystander)
    assert_ended(row, hub, bystander, says, kept)
    assert (kept[0].body == DRAFT.body) == (row.ends == "updated" or row.faults[0].done)
    assert kept[0].title == "as somebody named it"


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.what)
def test_a_second_run_after_any_failure_leaves_one_post(row: Row) -> None:
    """However the first run ended, the next one finds its post or makes it: there is exactly one."""
    bystander = Bystander()
    with Hub(*row.faults) as hub:
        ended(place(hub, bystander), DRAFT, bystander)
        hub.forget_faults()
        says = ended(place(hub, bystander), DRAFT, bystander)
    assert says in tuple(How)
    assert [one.body for one in hub.comments] == [DRAFT.body]
    assert hub.wrong == []


def test_what_a_server_says_is_told_without_the_token_and_on_one_line() -> None:
    """An answer that repeats the token, or would move the cursor, does neither on the terminal."""
    bystander = Bystander()
    said = f"no \x1b[2J\r\n{TOKEN} here" + "!" * 5_000
    with Hub(on("create", Effect(422, message=said))) as hub:
        says = ended(place(hub, bystander), DRAFT, bystander)
    assert "no [2J (token) here!" in says
    assert says.isprintable()
    assert len(says) < 500


def test_nobody_there_is_said_after_some_tries() -> None:
    """Where no connection comes about, nothing was sent, and the error says so."""
    bystander = Bystander()
    with Hub() as hub:
        where = place(hub, bystander)
    says = ended(where, DRAFT, bystander)
    assert says.startswith("GitHub tide/harbour#12 cannot be reached (ConnectionError); ")
    assert 10.0 < sum(bystander.waited) <= 120.0
