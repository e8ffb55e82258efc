"""A report and a label -> whether the true cause stands first."""

from pathlib import Path
from typing import Any

from rca.errors import RcaError
from rca.render import json as reports
from tests.lab.score import herring_in, names

RIGHT = "right"


def held(path: Path, label: dict[str, Any]) -> str:
    """`right`, or what is wrong with the answer in the report that was saved there."""
    try:
        report = reports.loads(path.read_text(encoding="utf-8"))
    except (OSError, RcaError, ValueError) as error:
        return f"WRONG: no report ({error})"
    cause = report.root_cause
    if cause is None:
        return "WRONG: unknown"
    if not names(cause, label) or herring_in(cause, label):
        return f"WRONG: {cause.summary[:90]}"
    if cause.category not in {label["category"], *label["also_categories"]}:
        return f"WRONG: the cause, but as {cause.category}"
    cited = {one.id: (one.insert_id or "").partition("+")[0] for one in report.evidence}
    shown = {cited.get(one) for one in cause.evidence}
    if not any(shown & set(evidence) for evidence in label["evidence"]):
        return "WRONG: the cause, but without its evidence"
    return RIGHT
