"""How findings are told, and commands that a shell takes as they are meant."""

import shlex
from dataclasses import replace

import pytest
from hypothesis import given, strategies as st

from rca.doctor import Finding, Mark, as_text, commands, well
from rca.doctor.findings import not_ok, ok, plain, unknown
from rca.sources.origin import Origin

FINDINGS = (
    ok("project", "demo, by --project"),
    not_ok("API", "it is off", "gcloud services enable logging.googleapis.com --project demo"),
    unknown("private logs", "nobody knows", "one", "two"),
)


def test_one_line_a_check_and_its_commands_below() -> None:
    """Mark, check and words stand in columns; each command in a line of its own, to be copied."""
    assert as_text(FINDINGS) == (
        "ok      project       demo, by --project\n"
        "not ok  API           it is off\n"
        "                      try: gcloud services enable logging.googleapis.com --project demo\n"
        "?       private logs  nobody knows\n"
        "                      try: one\n"
        "                      try: two\n"
    )


def test_only_not_ok_is_not_well() -> None:
    """Unknown is no failure: the exit code is 0."""
    assert well(FINDINGS[::2])
    assert not well(FINDINGS)


@given(texts=st.lists(st.text(max_size=30), min_size=3, max_size=3))
def test_no_text_moves_the_cursor(texts: list[str]) -> None:
    """Escape codes and line ends out of messages and names are not printed as such."""
    told = as_text([Finding(texts[0], Mark.NOT_OK, texts[1], (texts[2],))])
    assert told.count("\n") == 2
    assert told.replace("\n", "").isprintable()


@given(st.text())
def test_plain_text_is_one_short_line(text: str) -> None:
    """Whatever comes from outside fits into a sentence."""
    assert len(plain(text)) <= 201
    assert plain(text).isprintable()


NAMES = st.text(st.characters(codec="utf-8"), min_size=1, max_size=12)


@given(project=NAMES, bucket=NAMES, location=NAMES, service=NAMES)
def test_a_shell_takes_every_value_as_one_word(
    project: str, bucket: str, location: str, service: str
) -> None:
    """No name of a project, bucket, place or service can become an option or a command of its own."""
    origin = Origin((project,), bucket=bucket, location=location)
    update = shlex.split(commands.keep(origin, 40))
    assert update[:5] == ["gcloud", "logging", "buckets", "update", bucket]
    assert update[5:] == [f"--location={location}", f"--project={project}", "--retention-days=40"]
    listed = shlex.split(commands.revisions(origin, service, location))
    assert listed[4:] == [f"--service={service}", f"--region={location}", f"--project={project}"]
    assert shlex.split(commands.with_service(origin, service, 7))[-2:] == ["--service", service]


@pytest.mark.parametrize(
    ("endpoint", "command"),
    [
        ("grpc://127.0.0.1:8080", "nc -vz -w 10 127.0.0.1 8080"),
        ("grpc://[::1]:8080", "nc -vz -w 10 ::1 8080"),
        (
            "http://127.0.0.1:8080",
            "curl -sS --max-time 10 -o /dev/null -w '%{http_code}\\n' http://127.0.0.1:8080",
        ),
        (None, "curl -sS --max-time 10 -o /dev/null -w '%{http_code}\\n' https://logging.googleapis.com"),
    ],
)
def test_reaching_an_endpoint_is_tried_with_what_is_at_hand(endpoint: str | None, command: str) -> None:
    """A port by netcat, an address by curl."""
    assert commands.reach(endpoint) == command


def test_logs_are_kept_no_longer_than_logging_does() -> None:
    """A cycle of decades ago does not ask for more than ten years."""
    origin = Origin(("demo",))
    assert commands.keep(origin, 30_000).endswith("--retention-days=3650")
    assert commands.keep(replace(origin, bucket="b"), 29.2).endswith("--retention-days=30")
