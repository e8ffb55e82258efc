"""Which place the logs of a question come from: rca/logs.py."""

import io
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

import pytest

from rca import logs, questions
from rca.errors import AccessError, SourceError, UsageError
from rca.logs import Places, Seeking
from rca.model import Cycle, Window
from rca.pipeline import Question, opening
from rca.settings import Settings
from rca.sources import LogSource, recording
from rca.sources.cloud.source import CloudLogging
from rca.sources.fetches import Fetch
from rca.sources.origin import Origin
from rca.sources.recording import Made, Recording
from tests import build
from tests.cloud.world import NOW, World

NOBODY = "http://127.0.0.1:9"
"""An endpoint that is never called: a source opens no connection before it is asked."""

CYCLE = build.cycle([build.failed("test_order", 1.0, 2.0)], date=date(2026, 3, 4))
RECORDED = Origin(("recorded",), NOBODY, services=("ovens",))
QUESTION = Question(cycle=CYCLE)
RAWS = [build.logged(f"line {number}", after_s=number) for number in range(3)]


@dataclass(frozen=True)
class Found:
    """A folder in which logs may lie in many places, and what is sought there."""

    folder: Path
    question: Question = QUESTION
    settings: Settings = field(default_factory=Settings)

    def export(self, name: str) -> str:
        """A file of logs in the folder."""
        return str(build.write_logs(self.folder / name, RAWS))

    def seeking(self, **places: object) -> Seeking:
        """What is sought with these options."""
        settings = replace(self.settings, home=str(self.folder))
        return Seeking(self.question, Places(**places), settings, self.folder)  # type: ignore[arg-type] # fields of Places

    def keep(self, *asks: questions.Ask, origin: Origin = RECORDED, **places: object) -> Path:
        """A recording is kept of these questions, else of the one that is asked with these options."""
        fetches = [fetched(ask) for ask in asks or (opening(self.question)[0],)]
        home = self.seeking(**places).home
        return recording.write(home, recording.Asked(), origin, fetches, Made(NOW, {}))

    def source(self, **places: object) -> LogSource:
        """The source that is found with these options."""
        return logs.source_of(self.seeking(**places), io.BytesIO(b""), World().outside)

    def where(self, **places: object) -> str:
        """The place of the logs that are found with these options, in words."""
        source = self.source(**places)
        if isinstance(source, CloudLogging):
            return f"live: {', '.join(source.origin.projects)}"
        if isinstance(source, Recording):
            return "recording"
        return source.pull(questions.everything(None)).source


def fetched(ask: questions.Ask) -> Fetch:
    """The fetch of a question that these logs answered."""
    return Fetch.of(ask, queries=(), raws=tuple(RAWS), gaps=(), warnings=(), asked_at=NOW)


@pytest.fixture(name="found")
def _found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Found:
    """An empty folder, without a project in the environment."""
    monkeypatch.delenv("GOOGLE_CLOUD_PROJECT", raising=False)
    return Found(tmp_path)


# --- the order of places ---------------------------------------------------------------------------------

ORDER = ("logs in rca.toml", "recording", "beside the cycle", "projects in rca.toml")
"""Places that need no option, best first."""


def with_places(found: Found, places: tuple[str, ...]) -> Found:
    """The folder with logs in these places."""
    settings = found.settings
    if "logs in rca.toml" in places:
        settings = replace(settings, logs=(found.export("set.ndjson"),))
    if "recording" in places:
        found.keep()
    if "beside the cycle" in places:
        found.export("logs.ndjson")
    if "projects in rca.toml" in places:
        settings = replace(settings, projects=("set",), endpoint=NOBODY)
    return replace(found, settings=settings)


@pytest.mark.parametrize(
    ("begin", "where"), list(enumerate(["file set.ndjson", "recording", "file logs.ndjson", "live: set"]))
)
def test_the_first_place_that_has_logs_is_taken(found: Found, begin: int, where: str) -> None:
    """Files of rca.toml, the recording, what lies beside the cycle, projects of rca.toml: the first that there is."""
    assert with_places(found, ORDER[begin:]).where() == where


@pytest.mark.parametrize("begin", range(len(ORDER) + 1))
def test_files_that_are_named_come_before_everything(found: Found, begin: int) -> None:
    """--logs wins over whatever is there besides."""
    assert (
        with_places(found, ORDER[begin:]).where(logs=(found.export("named.ndjson"),)) == "file named.ndjson"
    )


@pytest.mark.parametrize("begin", range(len(ORDER) + 1))
def test_a_project_that_is_named_is_read_live(found: Found, begin: int) -> None:
    """--project wins over whatever is there besides: who names a project wants its logs of now."""
    assert with_places(found, ORDER[begin:]).where(project=("named",), endpoint=NOBODY) == "live: named"


@pytest.mark.parametrize("places", [{"source": "cloud"}, {"endpoint": NOBODY}, {"refresh": True}])
def test_what_asks_for_the_api_is_read_live(found: Found, places: dict[str, object]) -> None:
    """--source cloud, --endpoint, --refresh: of rca.toml's projects."""
    assert with_places(found, ORDER).where(**places) == "live: set"


def test_files_insisted_on_are_no_api(found: Found) -> None:
    """--source files never calls anybody, though rca.toml has projects."""
    assert with_places(found, ORDER[2:]).where(source="files") == "file logs.ndjson"
    with pytest.raises(SourceError, match="no logs to read"):
        with_places(replace(found, question=Question(moment=NOW)), ORDER[3:]).where(source="files")


@pytest.mark.parametrize("name", ["logs.ndjson", "logs.ndjson.gz", "logs.json", "logs.jsonl", "logs"])
def test_logs_beside_the_cycle_have_one_of_few_names(found: Found, name: str) -> None:
    """A file or a folder beside the report that tells of the cycle."""
    (found.folder / "cycles").mkdir()
    asked = replace(found, question=Question(cycle=replace(CYCLE, sources=("cycles/report.md",))))
    (found.folder / "cycles" / name).mkdir()
    asked.export(f"cycles/{name}/part.ndjson")
    assert asked.where() == "file part.ndjson"


# --- refusals --------------------------------------------------------------------------------------------


def test_without_any_place_every_way_is_named(found: Found) -> None:
    """The error says how to name logs, set them, record them, lay them beside, and export them."""
    with pytest.raises(SourceError, match="no logs to read") as caught:
        found.where()
    for way in (
        "--project",
        "--logs",
        "rca.toml",
        "RCA_PROJECTS",
        "rca pull",
        "logs.ndjson",
        "gcloud logging read",
    ):
        assert way in caught.value.hint


@pytest.mark.parametrize(
    "places", [{"project": ("p",)}, {"endpoint": NOBODY}, {"refresh": True}, {"source": "cloud"}]
)
def test_files_and_the_api_exclude_each_other(found: Found, places: dict[str, object]) -> None:
    """Two places at once are a mistake in the command, told before anything is read."""
    with pytest.raises(UsageError, match="exclude each other"):
        found.where(logs=("nowhere.json",), **places)


@pytest.mark.parametrize("places", [{"project": ("p",)}, {"endpoint": NOBODY}, {"refresh": True}])
def test_files_insisted_on_exclude_the_api(found: Found, places: dict[str, object]) -> None:
    """--source files with what asks for the API is a mistake, too: nobody is called."""
    with pytest.raises(UsageError, match="exclude each other"):
        found.where(source="files", **places)


def test_the_api_needs_a_project(found: Found) -> None:
    """--source cloud where nothing names one."""
    with pytest.raises(UsageError, match="no project is named"):
        found.where(source="cloud", endpoint=NOBODY)


@pytest.mark.parametrize("project", ["", "a b", "projects/p", "p\n", "\x1b[2J"])
def test_what_is_no_project_is_refused(found: Found, project: str) -> None:
    """Before it becomes a part of a call or of a message."""
    with pytest.raises(UsageError):
        found.where(project=(project,), endpoint=NOBODY)


@pytest.mark.parametrize(
    "endpoint", ["127.0.0.1:9", "ftp://x", "grpc://host", "https://u:p@host", "http://[", "http://"]
)
def test_what_is_no_endpoint_is_refused(found: Found, endpoint: str) -> None:
    """With the forms that there are."""
    with pytest.raises(UsageError, match="--endpoint") as caught:
        found.where(project=("p",), endpoint=endpoint)
    assert "grpc://HOST:PORT" in caught.value.hint


def test_missing_credentials_are_told(found: Found, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the command that makes them; nothing is looked up on a network."""
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(found.folder / "nowhere.json"))
    with pytest.raises(AccessError, match="no usable Google credentials") as caught:
        found.where(project=("p",))
    assert caught.value.hint == "gcloud auth application-default login"


# --- whose logs ------------------------------------------------------------------------------------------


def test_options_win_over_settings_and_those_over_the_environment(
    found: Found, monkeypatch: pytest.MonkeyPatch
) -> None:
    """--project, then rca.toml, then GOOGLE_CLOUD_PROJECT."""
    monkeypatch.setenv("GOOGLE_CLOUD_PROJECT", "around")
    both = replace(found, settings=Settings(projects=("set",), endpoint=NOBODY))
    neither = replace(found, settings=Settings(endpoint=NOBODY))
    assert both.where(project=("named",)) == "live: named"
    assert both.where(source="cloud") == "live: set"
    assert neither.where(source="cloud") == "live: around"


def test_a_recording_is_pulled_again_from_where_it_came(found: Found) -> None:
    """--refresh needs no project: the recording says which; a project that is named now wins."""
    found.keep()
    source = found.source(refresh=True)
    assert isinstance(source, CloudLogging)
    assert (source.origin.projects, source.origin.endpoint) == (("recorded",), NOBODY)
    assert found.where(refresh=True, project=("named",)) == "live: named"


def test_what_is_selected_reaches_the_source(found: Found) -> None:
    """Services, filter, bucket, view: by the options, else by the settings."""
    settings = Settings(projects=("set",), endpoint=NOBODY, services=("till",), view="mine", location="eu")
    source = replace(found, settings=settings).source(
        source="cloud", service=("ovens",), bucket="b", wanted="x"
    )
    assert isinstance(source, CloudLogging)
    assert source.origin == Origin(
        ("set",), NOBODY, bucket="b", location="eu", view="mine", services=("ovens",), wanted="x"
    )


# --- recordings ------------------------------------------------------------------------------------------


def test_a_recording_of_another_question_is_not_taken(found: Found) -> None:
    """A recording that does not cover what is asked is as if it were not there."""
    other = questions.everything(Window(build.after(9000), build.after(9060), "another"))
    found.keep(other)
    found.export("logs.ndjson")
    assert found.where() == "file logs.ndjson"


@pytest.mark.parametrize("places", [{"service": ("till",)}, {"wanted": "severity>=ERROR"}])
def test_a_recording_of_another_selection_is_not_taken(found: Found, places: dict[str, object]) -> None:
    """It was made of other services, or with another filter; each selection has a folder of its own."""
    found.keep()
    found.keep(service=("ovens",))
    found.export("logs.ndjson")
    assert found.where(**places) == "file logs.ndjson"
    assert found.where(service=("ovens",)) == found.where() == "recording"


def test_each_question_has_a_recording_of_its_own(found: Found) -> None:
    """Named by the cycle's number and date, or by the time that was asked for; below the settings' folder."""
    span = Window(build.after(0), build.after(60), "asked")
    asked = {
        "cycle-1-2026-03-04": QUESTION,
        "cycle-1": Question(cycle=replace(CYCLE, date=None)),
        "at-20260304T050000Z": Question(moment=build.after(0)),
        "span-20260304T050000Z-20260304T050100Z": Question(span=span),
        "all": Question(),
    }
    for name, question in asked.items():
        assert replace(found, question=question).seeking().home == found.folder / ".rca" / name


def test_a_recording_can_be_named_like_a_file(found: Found) -> None:
    """By its folder, its manifest or its entries."""
    folder = found.keep()
    for path in (folder, *folder.iterdir()):
        assert found.where(logs=(str(path),)) == "recording"


def test_a_recording_that_is_damaged_is_told(found: Found) -> None:
    """It is not passed over without a word; the hint leads out of it."""
    folder = found.keep()
    for path in folder.glob("*.ndjson"):
        path.write_bytes(b"{")
    with pytest.raises(SourceError, match="is damaged") as caught:
        found.where()
    assert "--refresh" in caught.value.hint


@pytest.mark.parametrize("places", [{"refresh": True}, {}])
def test_a_damaged_recording_can_be_pulled_again(found: Found, places: dict[str, object]) -> None:
    """What the hint says works: there is nothing in it to go on from, and all is read anew."""
    folder = found.keep()
    for path in folder.glob("*.ndjson"):
        path.write_bytes(b"{")
    assert found.where(project=("named",), endpoint=NOBODY, **places) == "live: named"


# --- the tests' host -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("target", "host"),
    [
        ("https://cart-4fq7xk2mna-uc.a.run.app/ws", "cart-4fq7xk2mna-uc.a.run.app"),
        ("wss://Shop.Example:8443/ws?x=1", "shop.example"),
        ("shop.example/ws", "shop.example"),
        ("http://localhost:8080", None),
        ("http://127.0.0.1:8080", None),
        ("http://[::1]:8080", None),
        ("http://[", None),
        ("bakery", None),
        ("", None),
        (None, None),
    ],
)
def test_the_host_of_a_target_is_one_that_logs_know(target: str | None, host: str | None) -> None:
    """This machine's own names and addresses are no host of Cloud Run's."""
    cycle: Cycle = replace(CYCLE, target=target)
    assert logs.host_of(cycle) == host


# --- what must not be taken for another ------------------------------------------------------------------


def test_a_filtered_recording_does_not_answer_who_asks_for_everything(found: Found) -> None:
    """Its entries are a part: without the same filter the next place is looked at."""
    filtered = replace(RECORDED, wanted="severity>=ERROR")
    found.keep(origin=filtered, wanted="severity>=ERROR")
    found.export("logs.ndjson")
    assert found.where() == "file logs.ndjson"
    assert found.where(wanted="severity>=ERROR") == "recording"


@pytest.mark.parametrize("place", [{"bucket": "kept"}, {"view": "mine"}, {"location": "eu"}])
def test_a_bucket_or_view_is_read_live(found: Found, place: dict[str, str]) -> None:
    """Who names one means Cloud Logging, though files lie nearer."""
    settings = Settings(projects=("set",), endpoint=NOBODY)
    lying_near = with_places(replace(found, settings=settings), ("beside the cycle",))
    assert lying_near.where(**place) == "live: set"


def test_a_refresh_asks_of_the_recording_s_own_view_and_filter(found: Found) -> None:
    """What it was made of is what it is made of again."""
    made_of = replace(RECORDED, bucket="kept", view="mine", location="eu", wanted="severity>=ERROR")
    recording.write(
        found.seeking().home, recording.Asked(), made_of, [fetched(opening(found.question)[0])], Made(NOW, {})
    )
    source = found.source(refresh=True)
    assert isinstance(source, CloudLogging)
    assert source.origin == made_of


STRANGER = "https://logging.example"


def test_credentials_go_where_a_hand_points_and_not_where_a_file_does(
    found: Found, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The rca.toml of some checkout cannot have them sent to a host of its own."""
    set_by_file = Settings(
        projects=("set",), endpoint=STRANGER, origin={"endpoint": "/somewhere/rca.toml", "projects": "x"}
    )
    with pytest.raises(UsageError, match="credentials are not sent") as refused:
        replace(found, settings=set_by_file).source(source="cloud")
    assert f"--endpoint {STRANGER}" in refused.value.hint
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(found.folder / "absent.json"))
    with pytest.raises(AccessError, match="no usable Google credentials"):
        replace(found, settings=set_by_file).source(source="cloud", endpoint=STRANGER)
