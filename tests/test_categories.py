"""Which mechanism is to be mended: rca/categories.py and categories.toml."""

import re
import tomllib
from importlib import resources

import pytest

from rca import categories
from rca.categories import category_of
from rca.model import ExceptionInfo, Frame
from tests import build


def _read(sample: str) -> tuple[tuple[ExceptionInfo, ...], str, Frame | None]:
    """A sample's exception, text and innermost frame: `Type: message [raised in F | in FILE | at CODE]`."""
    said, _, place = next(
        (sample.partition(mark) for mark in (" raised in ", " in /", " at int(") if mark in sample),
        (sample, "", ""),
    )
    name, _, message = said.partition(": ")
    frame = None
    if " in /" in sample:
        frame = build.frame(file=f"/{place}")
    elif " at int(" in sample:
        frame = build.frame(code=f"int({place}")
    frames = [build.frame(file=place, in_app=False)] if " raised in " in sample else []
    exceptional = re.fullmatch(r"[\w.]*(?:Error|Exception|OperationalError)", name) is not None
    return ((build.exception(name, message, frames),), message, frame) if exceptional else ((), said, frame)


@pytest.mark.parametrize("rule", categories.rules(), ids=lambda rule: rule.sample[:40])
def test_every_sample_comes_out_as_its_rule_s_category(rule: categories.Rule) -> None:
    """What a rule shows as its sample is put into that rule's category."""
    exceptions, text, frame = _read(rule.sample)
    assert category_of(exceptions, text, frame, fatal=rule.fatal) == rule.category


@pytest.mark.parametrize("rule", categories.rules(), ids=lambda rule: rule.sample[:40])
def test_every_rule_holds_for_its_own_sample(rule: categories.Rule) -> None:
    """A rule's conditions on type, text, file and source line are met by the sample that it shows."""
    exceptions, text, frame = _read(rule.sample)
    types = [exception.type for exception in exceptions]
    assert rule.type is None or any(rule.type.search(name) for name in types)
    assert rule.text is None or rule.text.search(text)
    assert rule.file is None or (frame is not None and rule.file.search(frame.file))
    assert rule.code is None or (frame is not None and rule.code.search(frame.code or ""))


def test_every_key_of_the_file_is_read() -> None:
    """A misspelled condition of categories.toml does not pass unseen."""
    text = resources.files("rca").joinpath("categories.toml").read_text(encoding="utf-8")
    known = {"category", "sample", "type", "text", "file", "code", "raised_in", "fatal"}
    assert all({"category", "sample"} <= spec.keys() <= known for spec in tomllib.loads(text)["rule"])


@pytest.mark.parametrize(
    ("exception", "text", "fatal", "category"),
    [
        ("KeyError", "KeyError: 'crust'", False, "application_error"),
        ("TypeError", "Object of type Oven is not JSON serializable", False, "application_error"),
        ("ModuleNotFoundError", "No module named 'yeast'", True, "startup_failure"),
        ("ModuleNotFoundError", "No module named 'yeast'", False, "application_error"),
        ("RuntimeError", "environment variable OVEN_REGION is not set", True, "configuration_error"),
        ("ConnectionRefusedError", "[Errno 111] Connection refused", True, "dependency_failure"),
        ("StackExchange.Redis.RedisTimeoutException", "Timeout performing GET", False, "dependency_failure"),
        ("Errno::ECONNREFUSED", "refused", False, "dependency_failure"),
        ("Redis::CannotConnectError", "no route", False, "dependency_failure"),
        ("java.net.SocketException", "Socket closed", False, "application_error"),
        ("RuntimeError", "ovens are not warm", True, "startup_failure"),
        ("RuntimeError", "ovens are not warm", False, "application_error"),
    ],
)
def test_a_category_names_the_mechanism_to_mend(
    exception: str, text: str, *, fatal: bool, category: str
) -> None:
    """A process that never served is a failed start, unless a setting or a dependency is at its root."""
    assert category_of([build.exception(exception, text)], text, build.frame(), fatal=fatal) == category


def test_the_root_of_a_chain_counts_as_much_as_its_end() -> None:
    """An application's own error that was raised from a refused connection is a failure of the dependency."""
    chain = [
        build.exception("shop.NoFlour", "none"),
        build.exception("redis.exceptions.ConnectionError", "x"),
    ]
    assert category_of(chain, "none\nx", build.frame()) == "dependency_failure"


def test_a_setting_that_cannot_be_read_is_configuration() -> None:
    """A value error in the settings' module, or on a line that reads the environment, is a wrong setting."""
    error = [build.exception("ValueError", "invalid literal for int() with base 10: 'hot'")]
    assert category_of(error, "", build.frame(file="/srv/ovens/settings.py")) == "configuration_error"
    assert category_of(error, "", build.frame(code='int(os.environ["HEAT"])')) == "configuration_error"
    assert category_of(error, "", build.frame()) == "application_error"


def test_a_line_without_any_rule_is_the_application_s_own_error() -> None:
    """Where nothing says otherwise, the application is to be mended."""
    assert category_of([], "the oven door is jammed") == "application_error"


@pytest.mark.parametrize("piece", ["redis ", "jwt ", "setting ", "secret ", "rejected ", "401 ", "upstream "])
def test_a_giant_message_costs_no_more_than_its_beginning(piece: str) -> None:
    """A message of a megabyte, made of what patterns begin with, is put into a category at once."""
    assert category_of([], piece * (1_000_000 // len(piece)))
