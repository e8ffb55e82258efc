"""The data files hold what they say they hold."""

import tomllib
from importlib.resources import files

import pytest
from hypothesis import given, strategies as st

from rca.cycles import names, outcomes
from rca.cycles.claims import duration_of, last_line
from rca.cycles.close_codes import codes_in
from rca.model import Kind, Outcome


def table(name: str) -> dict[str, list[dict[str, str]]]:
    """One of the data files of rca.cycles."""
    return tomllib.loads(files("rca.cycles").joinpath(name).read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("sample", "outcome"),
    [(sample, row["outcome"]) for row in table("outcomes.toml")["status"] for sample in row["samples"]],
)
def test_status_sample(sample: str, outcome: str) -> None:
    """Each sample of outcomes.toml reads as its outcome."""
    assert outcomes.of_cell(sample) == Outcome(outcome)


def test_unsettled_samples() -> None:
    """What states no outcome is given none."""
    unsettled = tomllib.loads(files("rca.cycles").joinpath("outcomes.toml").read_text(encoding="utf-8"))
    assert [outcomes.of_cell(sample) for sample in unsettled["unsettled"]["samples"]] == [None] * 6


@pytest.mark.parametrize(
    ("cell", "outcome"),
    [
        ("FAIL → PASS", Outcome.PASSED),
        ("❌ SKIPPED", Outcome.SKIPPED),
        ("not passed", Outcome.FAILED),
        ("0/0", None),
        ("", None),
    ],
)
def test_status_cell(cell: str, outcome: Outcome | None) -> None:
    """The last try counts, and a word outweighs a mark."""
    assert outcomes.of_cell(cell) is outcome


@pytest.mark.parametrize("row", table("close_codes.toml")["wording"])
def test_close_code_sample(row: dict[str, object]) -> None:
    """Each wording of close_codes.toml reads its own sample."""
    assert list(codes_in(str(row["sample"]))) == row["reads"]


@pytest.mark.parametrize("row", table("close_codes.toml")["not_a_code"])
def test_not_a_close_code(row: dict[str, str]) -> None:
    """A duration, an id, a count or a port is no close code."""
    assert codes_in(row["sample"]) == ()


@given(
    st.integers(0, 99999),
    st.sampled_from(["took {}ms", "id={}", "user_{}", "{} rows", "port {}", "{}s", "#{}"]),
)
def test_bare_number_is_no_code(number: int, wording: str) -> None:
    """No number is a close code by its value alone."""
    assert codes_in(wording.format(number)) == ()


@pytest.mark.parametrize(
    ("sample", "kind", "of_error"),
    [(sample, row["kind"], False) for row in table("names.toml")["kind"] for sample in row["samples"]]
    + [(sample, row["kind"], True) for row in table("names.toml")["error_kind"] for sample in row["samples"]],
)
def test_kind_sample(sample: str, kind: str, *, of_error: bool) -> None:
    """Each sample of names.toml reads as its kind."""
    name, error = ("test_a", sample) if of_error else (sample, None)
    assert names.kind_of(name, error, closed=False) is Kind(kind)


def test_names_join_by_equality() -> None:
    """Spelling does not set names apart, any other letter does."""
    assert names.key_of("Agent Pipeline") == names.key_of("test_agent_pipeline")
    assert names.key_of("tests/a.py::TestX::test_agent_pipeline") == names.key_of("Test: agent-pipeline")
    assert names.key_of("WebSocket Connect") != names.key_of("WebSocket Connection")
    assert names.key_of("test_echo[a]") != names.key_of("test_echo[b]")


@given(st.lists(st.from_regex(r"[a-z]{1,8}", fullmatch=True), min_size=1, max_size=5))
def test_title_and_function_are_one(words: list[str]) -> None:
    """A function's name and its title have one key, whatever the words."""
    assert names.key_of("test_" + "_".join(words)) == names.key_of(" ".join(words).title())


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("tests/a.py::TestB::test_c[x y] PASSED", ["test_c[x y]"]),
        (r"tests\a.py::test_c FAILED", ["test_c"]),
        ("`test_a`, test_b.", ["test_a", "test_b"]),
        ("test_a.py and tests/test_b/c and std::move", []),
        ("my_test_a latest_b", []),
    ],
)
def test_identifiers(text: str, found: list[str]) -> None:
    """Functions are told from files, folders and longer words."""
    assert [name.name for name in names.identifiers_in(text)] == found


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("0.75s", 0.75), ("23 ms", 0.023), ("1m 3s", 63.0), ("~2 minutes", 120.0), ("-", None), ("12", None)],
)
def test_duration(text: str, seconds: float | None) -> None:
    """A duration has a unit."""
    assert duration_of(text) == seconds


def test_last_line_names_the_exception() -> None:
    """Of an error's lines, the one that names the exception counts, not the values below it."""
    error = "AssertionError: HTTP 503: down\nassert 503 == 200\n +  where 503 = <Response>.status_code"
    assert last_line(error) == "AssertionError: HTTP 503: down"
    assert last_line("boom") == "boom"
    assert last_line("") is None
