"""Labelled cases: what a folder's label.json says of the answer, and how a report is held against it."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from click.testing import CliRunner

from rca.cli import main


@dataclass(frozen=True, slots=True)
class Answer:
    """What the command line gave for a case, and what its label says."""

    exit_code: int
    text: str
    """The report as JSON."""

    report: dict[str, Any]
    label: dict[str, Any]

    @property
    def blamed(self) -> str:
        """All that the root cause names: exception, message, place and summary; empty where none is blamed."""
        cause = self.report["root_cause"]
        if cause is None:
            return ""
        place = cause["frame"] or {"file": "", "function": ""}
        return f"{cause['exception'] or ''}: {cause['message']} {place['file']} {place['function']} {cause['summary']}"

    @property
    def cited(self) -> set[str]:
        """The insertIds that the root cause cites."""
        ids = {one["id"]: one["insert_id"] for one in self.report["evidence"]}
        cause = self.report["root_cause"]
        return {ids[one] for one in cause["evidence"]} if cause else set()


def answer(folder: Path, number: int = 1) -> Answer:
    """The command line's answer to the cycle of a labelled folder, from the logs beside it."""
    arguments = ["why", "--cycle", str(number), "--cycles-dir", str(folder), "--format", "json"]
    result = CliRunner().invoke(main, arguments)
    assert result.stdout, result.stderr
    label = json.loads((folder / "label.json").read_text(encoding="utf-8"))
    return Answer(result.exit_code, result.stdout, json.loads(result.stdout), label)


def named(cause: dict[str, Any], label: dict[str, Any]) -> bool:
    """Whether a cause is the label's: its exception's class, or words of its message."""
    types = {label["exception"], *label["exception_any"]} - {None}
    said = f"{cause['exception'] or ''} {cause['message']} {cause['summary']}".lower()
    class_ = re.split(r"[.$]", cause["exception"] or "")[-1]
    return class_ in types or any(one.lower() in said for one in label["message_contains"])


def plain(name: str) -> str:
    """A test's name as reports and code both spell it: letters and digits only."""
    return re.sub(r"[^a-z0-9]", "", name.lower()).removeprefix("test")


def same_tests(told: Sequence[str], label: dict[str, Any]) -> bool:
    """Whether these are the failing tests, by function or by title."""
    wanted = {plain(one) for one in label["failing_tests"]}
    titles = {plain(one) for one in label["failing_test_titles"]}
    return len(told) == len(wanted) and all(plain(one) in wanted | titles for one in told)
