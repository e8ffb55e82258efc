"""Rows -> a scorecard in Markdown: how often right, how often wrong and sure, where, and against what.

Every share stands with its 95 % interval (resampled by scenario) and what it is a share of.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence

from tests.lab import measures
from tests.lab.measures import Rate
from tests.lab.score import Row

AS_RECORDED = "as recorded"
_SURE = 0.8
_SAY = 12
"""Wrong answers quoted."""

_HELD: Mapping[str, Callable[[Row], bool | None]] = {
    "right cause first (AC@1)": lambda row: None if row.unknown_wanted else row.right,
    "right cause among the first three (AC@3)": lambda row: None if row.unknown_wanted else row.in_three,
    "right and cited (grounded@1)": lambda row: None if row.unknown_wanted else row.grounded,
    "right frame": lambda row: None if row.unknown_wanted else row.frame,
    "right category": lambda row: None if row.unknown_wanted else row.category_right,
    "unknown where unknown is right": lambda row: row.right if row.unknown_wanted else None,
    "unknown where there is a cause": lambda row: None if row.unknown_wanted else not row.answered,
    "decoy blamed, of cases with decoys": lambda row: blames_decoy(row) if row.decoys else None,
    "wrong, of answers given": lambda row: not row.right if row.answered else None,
    f"wrong with confidence >= {_SURE}, of answers given": lambda row: (
        is_surely_wrong(row) if row.answered else None
    ),
}


def blames_decoy(row: Row) -> bool:
    """Whether it names what would mislead, or anything at all where nothing failed."""
    return row.answered and (row.herring is not None or row.unknown_wanted)


def is_surely_wrong(row: Row) -> bool:
    """Whether it is wrong, and says that it is hardly so."""
    return row.answered and not row.right and (row.confidence or 0.0) >= _SURE


def scorecard(rows: Sequence[Row], baselines: Sequence[Row] = ()) -> str:
    """The whole card; rows of other alterations than none at all go into a table of their own."""
    plain = [row for row in rows if row.alteration == AS_RECORDED]
    parts = [_summary(plain), _calibration(plain), _reliability(plain)]
    parts.append(_by("By server", plain, lambda row: row.server))
    parts.append(_by("By category", plain, lambda row: row.category))
    if len(plain) < len(rows):
        parts.append(_alterations(rows))
    if baselines:
        parts.append(_baselines(plain, baselines))
    parts.append(_wrong(plain))
    return "# Scorecard of the fault lab\n\n" + "\n".join(parts)


def _share(found: Rate) -> str:
    if not found.of:
        return "- | | 0"
    return f"{found.value:.3f} | {found.low:.3f} to {found.high:.3f} | {found.of}"


def _summary(rows: Sequence[Row]) -> str:
    scenarios = len({measures.family_of(row) for row in rows})
    servers = len({row.server for row in rows})
    silent = sum(row.unknown_wanted for row in rows)
    lines = [
        f"{len(rows)} cases of {scenarios} scenarios on {servers} servers, {silent} without a cause to be found.",
        "",
        "| measure | share | 95 % interval | of |",
        "| --- | ---: | ---: | ---: |",
    ]
    lines += [f"| {name} | {_share(measures.rate(rows, hit))} |" for name, hit in _HELD.items()]
    return "\n".join(lines) + "\n"


def _calibration(rows: Sequence[Row]) -> str:
    """Brier and risk against coverage, each with its interval."""
    told = measures.answers(rows)
    points = measures.risk_coverage(told, len(rows))
    low, high = measures.interval(_squares(rows))
    return (
        "## Confidence\n\n"
        "| measure | value |\n| --- | ---: |\n"
        f"| Brier score of the answers given | {measures.brier(told):.3f} ({low:.3f} to {high:.3f}) |\n"
        f"| the same, always saying the base rate | {measures.brier_of_base_rate(told):.3f} |\n"
        f"| mean risk over the coverage (AURC) | {measures.area(points):.4f} |\n"
        f"| share of cases answered | {len(told) / max(1, len(rows)):.3f} |\n"
        f"| share answered at a risk of 0 % | {measures.coverage_at(points, 0.0):.3f} |\n"
        f"| share answered at a risk of 1 % | {measures.coverage_at(points, 0.01):.3f} |\n"
    )


def _squares(rows: Iterable[Row]) -> list[tuple[float, float]]:
    groups: dict[str, list[float]] = {}
    for row in rows:
        if row.answered and row.confidence is not None:
            groups.setdefault(measures.family_of(row), []).append((row.confidence - row.right) ** 2)
    return [(sum(group), len(group)) for group in groups.values()]


def _reliability(rows: Sequence[Row]) -> str:
    lines = ["| answers | mean confidence | share right | 95 % interval |", "| ---: | ---: | ---: | ---: |"]
    lines += [
        f"| {one.count} | {one.confidence:.2f} | {one.right:.2f} | {one.low:.2f} to {one.high:.2f} |"
        for one in measures.reliability(measures.answers(rows))
    ]
    return "\n".join(lines) + "\n"


def _by(title: str, rows: Sequence[Row], key: Callable[[Row], str]) -> str:
    lines = [
        f"## {title}",
        "",
        "| | cases | right | 95 % interval | unknown instead | wrong | Brier |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    for name in sorted({key(row) for row in rows}):
        held = [row for row in rows if key(row) == name]
        found = measures.rate(held, lambda row: row.right)
        silent = sum(not row.answered and not row.unknown_wanted for row in held)
        wrong = sum(row.answered and not row.right for row in held)
        lines.append(
            f"| {name} | {found.of} | {found.value:.3f} | {found.low:.3f} to {found.high:.3f} | {silent} | {wrong}"
            f" | {measures.brier(measures.answers(held)):.3f} |"
        )
    return "\n".join(lines) + "\n"


def _alterations(rows: Sequence[Row]) -> str:
    """What each loses against the same cases as recorded."""
    lines = [
        "## With a help taken away",
        "",
        "| alteration | AC@1 | 95 % interval | of | lost | wrong answers | wrong and sure | unknown where right |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    first = _HELD["right cause first (AC@1)"]
    plain = [row for row in rows if row.alteration == AS_RECORDED]
    for name in dict.fromkeys(row.alteration for row in rows):
        held = [row for row in rows if row.alteration == name]
        found = measures.rate(held, first)
        same = {row.case for row in held}
        lost = measures.rate([row for row in plain if row.case in same], first).value - found.value
        kept = measures.rate(held, _HELD["unknown where unknown is right"])
        wrong = sum(row.answered and not row.right for row in held)
        lines.append(
            f"| {name} | {_share(found)} | {lost:+.3f} | {wrong} | {sum(map(is_surely_wrong, held))}"
            f" | {kept.hits} of {kept.of} |"
        )
    return "\n".join(lines) + "\n"


def _baselines(rows: Sequence[Row], baselines: Sequence[Row]) -> str:
    lines = [
        "## Against plain rules",
        "",
        "Each rule is told the true moment of the failure, and has its tracebacks put together.",
        "",
        "| answer by | AC@1 | 95 % interval | of | unknown where right | decoy blamed |",
        "| --- | ---: | ---: | ---: | ---: | ---: |",
    ]
    told = {"rca": list(rows)}
    for row in baselines:
        told.setdefault(row.alteration, []).append(row)
    for name, held in told.items():
        first = measures.rate(held, _HELD["right cause first (AC@1)"])
        kept = measures.rate(held, _HELD["unknown where unknown is right"])
        decoys = measures.rate(held, _HELD["decoy blamed, of cases with decoys"])
        lines.append(
            f"| {name} | {_share(first)} | {kept.hits} of {kept.of} | {decoys.hits} of {decoys.of} |"
        )
    return "\n".join(lines) + "\n"


def _wrong(rows: Sequence[Row]) -> str:
    wrong = sorted(
        (row for row in rows if row.answered and not row.right),
        key=lambda row: (-(row.confidence or 0.0), row.case),
    )
    lines = ["## Wrong answers, the surest first", ""]
    lines += [f"- {row.case}, {row.confidence}: {row.said}" for row in wrong[:_SAY]]
    lines += [f"- and {len(wrong) - _SAY} more"] if len(wrong) > _SAY else []
    return "\n".join(lines if wrong else [*lines, "None."]) + "\n"
