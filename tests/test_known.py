"""The catalogue of known causes: rca/known and rca/catalogue."""

import re
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import example, given, strategies as st

from rca import closes, known, server, suspects
from rca.errors import SettingsError
from rca.known import Known, Sample
from rca.model import Close, Event, EventKind, Initiator, Link, Relation, Suspect, Tie
from rca.server import UNKNOWN, Fingerprint
from tests import build
from tests.build import raised, said, silence, socket

ENTRIES = known.catalogue()
EACH = pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.id)


def close(code: int | None = 1011, reason: str | None = None, by: Initiator = Initiator.SERVER) -> Close:
    """How a connection ended."""
    return Close(code, reason, by, build.after(1), None)


def told(error: str | None) -> list[Close]:
    """The close that a client's error tells of, as the scene holds it."""
    wording = closes.read_client(error)
    if wording is None or wording.loose:
        return []
    return [close(wording.code, wording.reason, wording.initiator)]


def suspect_of(event: Event, lives: Sequence[float] = ()) -> Suspect:
    """The suspect of one event, tied to a connection for each life."""
    links = [Link(event, socket(0, lived), Tie.TRACE, 0.1) for lived in lives]
    return suspects.describe(event.fingerprint, [event], links, fatal=False)


def on(*names: str) -> Fingerprint:
    """A service on this server, with this framework."""
    table = server.mechanics()
    first = next((name for name in names if name in table and table[name].layer == "server"), None)
    return Fingerprint(server=first, framework=next((name for name in names if name != first), None))


def event_of(sample: Sample) -> Event:
    """What the logs show of a sample, as the stages before the ranking make it."""
    line = sample.line or ""
    kind, _, message = line.partition(": ")
    if sample.frame:
        file, function = sample.frame.rsplit(":", 1)
        frames = [build.frame(), build.frame(function, file, in_app=False)]
        return raised(build.exception(kind, message, frames))
    if re.fullmatch(r"[\w.]*(?:Error|Exception|Group|Disconnect|Cancelled|Denied)", kind):
        return raised(build.exception(kind, message))
    found = [event for log in ("varlog%2Fsystem", "requests", "stderr") for event in _platform(line, log)]
    return found[0] if found else said(line)


def _platform(line: str, log: str) -> list[Event]:
    try:
        return [build.platform(line, log=log)]
    except ValueError:
        return []


def picked(entry: Known, sample: Sample) -> Known | None:
    """The entry that the program's own stages come to for a sample, asked for entries of this kind."""
    running = on(*sample.server) if sample.server else UNKNOWN
    if sample.line is None and sample.frame is None:
        (end,) = told(sample.error)
        return known.of_close(end, sample.lived_s, running, logged_nothing=sample.logged == "nothing")
    suspect, ends = suspect_of(event_of(sample), sample.lived_s), told(sample.error)
    ask = {"cause": known.of_suspect, "ending": known.ending, "look-alike": known.look_alike}[entry.kind]
    return ask(suspect, ends, running)


# --- the shipped entries -----------------------------------------------------------------------------------


def test_the_shipped_catalogue_is_as_it_says() -> None:
    """Every entry is lawful, every id is one entry's, every sample comes out as it should."""
    assert known.check() == ()
    assert len({entry.id for entry in ENTRIES}) == len(ENTRIES)


@EACH
def test_every_entry_is_what_the_program_comes_to_for_its_samples(entry: Known) -> None:
    """An event or close made of a sample is known by this entry, whose words nothing else says."""
    for sample in entry.matches:
        found = picked(entry, sample)
        assert found is not None
        assert found.id == entry.id
    others = [other.spec.why for other in ENTRIES if other is not entry and other.kind == entry.kind]
    assert entry.kind == "look-alike" or entry.id in _OF_ONE_MIND or entry.spec.why not in others


_OF_ONE_MIND = {"not-json-serializable", "bigint-in-json"}
"""One fault in two languages: the same end, another remedy."""


@EACH
def test_without_an_entry_its_samples_are_known_otherwise(entry: Known) -> None:
    """Taking an entry away leaves its sample to another entry's words, or to none: no entry is for show."""
    among = [other for other in ENTRIES if other is not entry]
    sample = entry.matches[0]
    running = on(*sample.server) if sample.server else UNKNOWN
    if sample.line is None and sample.frame is None:
        (end,) = told(sample.error)
        quiet = sample.logged == "nothing"
        other = known.of_close(end, sample.lived_s, running, logged_nothing=quiet, among=among)
    else:
        ask = {"cause": known.of_suspect, "ending": known.ending, "look-alike": known.look_alike}[entry.kind]
        suspect = suspect_of(event_of(sample), sample.lived_s)
        other = ask(suspect, told(sample.error), running, among)
    assert other is None or other.spec.remedy != entry.spec.remedy


@EACH
def test_every_entry_speaks_in_whole_sentences(entry: Known) -> None:
    """Why and remedy end in a full stop; what it is not and what it rules out go on in a sentence of ours."""
    assert entry.spec.why.endswith(".")
    assert entry.spec.remedy.endswith(".")
    assert not any(ruled.endswith(".") for ruled in (entry.spec.is_not or "", *entry.spec.rules_out))
    assert entry.misses


@EACH
def test_every_condition_is_one_the_program_can_meet(entry: Known) -> None:
    """Servers and platform tags that an entry names are ones that are recognized."""
    names = {mark.server or mark.backend or mark.framework for mark in server.marks()}
    assert set(entry.spec.server or ()) <= names
    assert known.as_text(entry).count(entry.id) >= 1


# --- precedence --------------------------------------------------------------------------------------------


SILENT = {"logged_nothing": True}


@pytest.mark.parametrize(
    ("end", "lives", "running", "quiet", "name"),
    [
        (close(1011, "Internal error"), (), UNKNOWN, False, "fixed-reason-after-any-error"),
        (close(1011, "Internal error"), (), UNKNOWN, True, "fixed-reason-and-silence"),
        (close(1011, "no dough"), (), UNKNOWN, True, "closed-with-own-words"),
        (close(1011, "no dough"), (), UNKNOWN, False, None),
        (close(1011), (), UNKNOWN, True, "empty-reason"),
        (close(1011), (), on("hypercorn"), True, "hypercorn-returned"),
        (close(1011), (), on("hypercorn"), False, "empty-reason"),
        (close(1011), (), on("daphne"), True, "daphne-drops-reasons"),
        (close(1011), (), on("uvicorn", "strawberry"), True, "rejected-as-1011"),
        (close(1011, None, Initiator.CLIENT), (), UNKNOWN, True, "client-made-1011"),
        (close(1011, "keepalive ping timeout"), (), UNKNOWN, True, "pings-of-server-unanswered"),
        (
            close(1011, "keepalive ping timeout", Initiator.CLIENT),
            (93.0,),
            UNKNOWN,
            True,
            "pings-of-client-unanswered",
        ),
        (
            close(1011, "keepalive ping timeout", Initiator.CLIENT),
            (40.1, 40.0),
            UNKNOWN,
            True,
            "first-ping-unanswered",
        ),
        (
            close(1011, "keepalive ping timeout", Initiator.CLIENT),
            (40.1, 93.0),
            UNKNOWN,
            True,
            "pings-of-client-unanswered",
        ),
        (close(1006, None, Initiator.NOBODY), (300.1,), UNKNOWN, False, "beat-of-five-minutes"),
        (close(1006, None, Initiator.NOBODY), (300.1, 7.0), UNKNOWN, False, None),
        (close(1006, None, Initiator.NOBODY), (), UNKNOWN, True, "lost-without-a-word"),
        (close(1012), (), UNKNOWN, False, "told-to-restart"),
        (close(1000), (), UNKNOWN, True, None),
        (close(None, None, Initiator.UNKNOWN), (), UNKNOWN, True, None),
        (
            close(1011, "Object of type Loaf is not JSON serializable"),
            (),
            UNKNOWN,
            False,
            "not-json-serializable",
        ),
    ],
)
def test_the_pattern_of_the_ends_is_known(
    end: Close, lives: Sequence[float], running: Fingerprint, name: str | None, *, quiet: bool
) -> None:
    """Sender, code, reason, lifetimes, server and silence together choose the entry; too little chooses none."""
    found = known.of_close(end, lives, running, logged_nothing=quiet)
    assert (found.id if found else None) == name


@pytest.mark.parametrize(
    ("event", "name"),
    [
        (
            raised(build.exception("TypeError", "Object of type Loaf is not JSON serializable")),
            "not-json-serializable",
        ),
        (said("stock room: [Errno 111] Connection refused"), "connection-refused"),
        (silence(0, 42), None),
        (said("oven door is jammed"), None),
        (raised(header="Exception in ASGI application"), None),
        (raised(build.exception("TimeoutError", "")), None),
    ],
)
def test_a_suspect_is_known_by_what_it_says(event: Event, name: str | None) -> None:
    """Only what libraries, servers and Python itself say means the same everywhere."""
    found = known.of_suspect(suspect_of(event))
    assert (found.id if found else None) == name


def test_a_suspect_is_known_by_its_own_name_before_its_chain_s() -> None:
    """The root of a chain names a cause only where the suspect's own message has none."""
    refused = build.exception("ConnectionRefusedError", "[Errno 111] Connection refused", [])
    wrapped = build.exception("OvenError", "no heat")
    own = build.exception("TypeError", "Object of type Loaf is not JSON serializable")
    for last, name in ((wrapped, "connection-refused"), (own, "not-json-serializable")):
        trace = build.chain(refused, last)
        event = Event(
            EventKind.EXCEPTION, trace.at, f"{last.type}: {last.message}", last.type, trace.entries, trace
        )
        found = known.of_suspect(suspect_of(event))
        assert found is not None
        assert found.id == name


def test_a_look_alike_in_the_chain_does_not_make_the_cause_one() -> None:
    """A fault that was raised while a disconnect was handled is no disconnect."""
    gone = build.exception("starlette.websockets.WebSocketDisconnect", "(1006, '')", [])
    fault = build.exception("ValueError", "too hot")
    trace = build.chain(gone, fault)
    event = Event(EventKind.EXCEPTION, trace.at, "ValueError: too hot", "x", trace.entries, trace)
    assert known.look_alike(suspect_of(event)) is None
    assert known.look_alike(suspect_of(raised(gone))) is not None


def test_siblings_of_a_group_are_not_each_other_s_root() -> None:
    """Of two exceptions in one group, the words of the one do not name the other."""
    sibling = build.exception("ConnectionRefusedError", "[Errno 111] Connection refused")
    group = build.exception("ExceptionGroup", "unhandled errors in a TaskGroup", [], Relation.GROUP)
    fault = build.exception("ZeroDivisionError", "division by zero")
    for first, second in ((sibling, fault), (fault, sibling)):
        trace = build.chain(first, second, group)
        event = Event(EventKind.EXCEPTION, trace.at, "group", "x", trace.entries, trace)
        found = known.of_suspect(suspect_of(event))
        assert found is not None
        assert found.id == ("connection-refused" if first is sibling else "task-group")


def test_a_header_that_quotes_another_exception_is_no_name() -> None:
    """Daphne's header repeats the chain's last exception, and that is not what the fault is called."""
    table = build.exception("django.db.utils.OperationalError", "no such table: loaf")
    code = build.exception("ValueError", "invalid close code 1006 (must be 1000 or from [3000, 4999])", [])
    header = f"Exception inside application: {code.message}"
    trace = build.chain(table, code, header=header)
    event = Event(EventKind.EXCEPTION, trace.at, f"ValueError: {code.message}", "x", trace.entries, trace)
    assert known.look_alike(suspect_of(event)) is None
    found = known.of_suspect(suspect_of(event))
    assert found is not None
    assert found.id == "schema-behind"


@pytest.mark.parametrize(
    ("name", "event", "against"),
    [
        ("pings-of-client-unanswered", raised(), True),
        ("pings-of-client-unanswered", silence(0, 42), False),
        ("hypercorn-returned", raised(header="Error in ASGI Framework"), True),
        ("hypercorn-returned", raised(header="order failed"), False),
        ("client-made-1011", build.platform("Uncaught signal: 11"), True),
        ("not-json-serializable", raised(), False),
    ],
)
def test_an_entry_rules_out_sorts_of_faults(name: str, event: Event, *, against: bool) -> None:
    """What cannot be where an entry holds is said in the entry's own words."""
    entry = next(entry for entry in ENTRIES if entry.id == name)
    assert (known.speaks_against(entry, event) is not None) is against


# --- a user's own ------------------------------------------------------------------------------------------

OWN = """
[[cause]]
id = "yeast-dead"
title = "the yeast was dead"
kind = "cause"
category = "application_error"
message = 'dough did not rise'
why = "Dead yeast raises nothing."
remedy = "Buy yeast."
matches = ["baker: dough did not rise"]
not = ["the dough rose"]
"""


def folder_of(folder: Path, text: str | bytes, name: str = "own.toml") -> tuple[str]:
    """A folder with one catalogue file."""
    (folder / name).write_bytes(text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text)
    return (str(folder),)


def test_a_user_s_entry_is_known_like_any_other(tmp_path: Path) -> None:
    """An entry of a folder names what no shipped one does, and the shipped ones stay."""
    among = known.catalogue(folder_of(tmp_path, OWN))
    assert len(among) == len(ENTRIES) + 1
    found = known.of_suspect(suspect_of(said("baker: dough did not rise")), among=among)
    assert found is not None
    assert found.spec.remedy == "Buy yeast."


def test_a_user_s_entry_takes_a_shipped_one_s_place_only_where_it_says_so(tmp_path: Path) -> None:
    """The same id is an error; with `replaces = true` the user's words are said."""
    taken = OWN.replace("yeast-dead", "token-expired")
    with pytest.raises(SettingsError, match="token-expired") as caught:
        known.catalogue(folder_of(tmp_path, taken))
    assert "replaces = true" in caught.value.hint
    allowed = tmp_path / "allowed"
    allowed.mkdir()
    among = known.catalogue(folder_of(allowed, taken + "replaces = true\n"))
    assert [entry.spec.title for entry in among if entry.id == "token-expired"] == ["the yeast was dead"]


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("[[cause]\n", "is no TOML"),
        (b"\xff\xfe", "is not UTF-8"),
        ("", "cause"),
        ("cause = 7\n", "cause"),
        ("cause = [7]\n", "object"),
        ("x = " + "[" * 100_000, "own.toml"),
        ("cause = [" + "[" * 400 + "]" * 400 + "]\n", "own.toml"),
        ("#" * 300_000, "larger than"),
        (OWN.replace("'dough did not rise'", "'(a+)+\\1$'"), "RE2"),
        (OWN.replace("'dough did not rise'", "'(?=x)dough'"), "RE2"),
        (OWN.replace("'dough did not rise'", "'(dough'"), "RE2"),
        (OWN.replace("'dough did not rise'", "'(?:(?:x{1000}){1000}){1000}'"), "RE2"),
        (OWN + 'colour = "brown"\n', "colour"),
        (OWN.replace('id = "yeast-dead"', 'id = "Yeast dead"'), "id"),
        (OWN.replace('"application_error"', '"sorcery"'), "sorcery"),
        (OWN.replace('category = "application_error"\n', ""), "category"),
        (OWN.replace('kind = "cause"', 'kind = "look-alike"'), "is_not"),
        (OWN.replace("message = 'dough did not rise'\n", ""), "how to recognize"),
        (OWN + "beat_s = [9, 3]\n", "beat_s"),
        (OWN.replace('["baker: dough did not rise"]', "[]"), "matches"),
        (OWN.replace('not = ["the dough rose"]\n', ""), "not"),
        (OWN.replace('["the dough rose"]', '["dough did not rise"]'), "must not"),
        (OWN.replace('["baker: dough did not rise"]', '["the dough rose"]'), "does not recognize"),
        (OWN + OWN, "is in"),
        (OWN + "replaces = true\n", "replaces an entry that is not there"),
        (OWN + 'docs = ["javascript:alert(1)"]\n', "docs"),
        (OWN.replace("'dough did not rise'", "'dough'\ncode = [7]"), "code"),
    ],
)
def test_a_wrong_catalogue_is_an_error_that_says_where_and_what_to_try(
    tmp_path: Path, text: str | bytes, what: str
) -> None:
    """Broken, hostile or unlawful files give a finding with the file and a hint; nothing hangs, nothing is loaded."""
    folders = folder_of(tmp_path, text)
    findings = known.check(folders)
    assert any(what in finding.text for finding in findings), [finding.text for finding in findings]
    assert all(finding.hint and str(tmp_path) in finding.file for finding in findings)
    with pytest.raises(SettingsError) as caught:
        known.catalogue(folders)
    assert caught.value.hint


def test_a_sample_that_a_more_specific_entry_takes_is_a_finding(tmp_path: Path) -> None:
    """An entry that another one hides would never be said."""
    more = OWN.replace("yeast-dead", "yeast-old") + "code = [1011]\n"
    both = more.replace(
        'matches = ["baker: dough did not rise"]',
        'matches = [{line = "dough did not rise", error = "received 1011 (x) y; then sent 1011 (x)"}]',
    )
    less = OWN.replace(
        'matches = ["baker: dough did not rise"]',
        'matches = [{line = "dough did not rise", error = "received 1011 (x) y; then sent 1011 (x)"}]',
    )
    (finding,) = known.check(folder_of(tmp_path, both + less))
    assert "taken by yeast-old" in finding.text
    assert finding.id == "yeast-dead"


@pytest.mark.parametrize("missing", ["nowhere", "empty"])
def test_a_folder_without_a_catalogue_is_an_error(tmp_path: Path, missing: str) -> None:
    """A folder that is not there, or holds no TOML file, is told with the setting to look at."""
    (tmp_path / "empty").mkdir()
    with pytest.raises(SettingsError, match=missing) as caught:
        known.catalogue((str(tmp_path / missing),))
    assert "catalogue" in caught.value.hint


@given(st.text(max_size=200), st.text(max_size=200))
@example("", "\n")
def test_no_text_breaks_the_recognition(text: str, reason: str) -> None:
    """Any message, and any reason, is looked up without an error."""
    suspect = suspect_of(said(text or "x"))
    ends = [close(1011, reason)]
    found = [ask(suspect, ends) for ask in (known.of_suspect, known.ending, known.look_alike)]
    assert {one.kind for one in found if one} <= {"cause", "ending", "look-alike"}
    of_end = known.of_close(ends[0], logged_nothing=True)
    assert of_end is not None
    assert of_end.kind != "look-alike"


def test_a_giant_message_costs_no_more_than_its_beginning() -> None:
    """What stands in a message's first 2,000 characters is recognized, what stands a megabyte later is not."""
    late = "flour " * 200_000 + "Connection refused"
    assert known.of_suspect(suspect_of(said("Connection refused" + late))) is not None
    assert known.of_suspect(suspect_of(said(late))) is None
