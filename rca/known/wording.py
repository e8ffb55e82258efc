"""An entry in plain words, for whoever reads the catalogue.

In: entries. Out: text. Decides how a condition is said.
"""

from collections.abc import Iterable, Sequence

from rca.known.entries import Finding, Known

_SAID = {
    "message": "a message or header matches",
    "exception": "the exception's type matches",
    "frame": "a stack frame (file:function) matches",
    "reason": "the close's reason matches",
}


def as_list(entries: Sequence[Known]) -> str:
    """Id, category (or kind) and title of each, one a line, in columns."""
    rows = sorted((one.id, one.spec.category or one.kind, one.spec.title) for one in entries)
    width = max((len(row[0]) for row in rows), default=0)
    second = max((len(row[1]) for row in rows), default=0)
    return _written(f"{row[0]:<{width}}  {row[1]:<{second}}  {row[2]}" for row in rows)


def as_text(one: Known) -> str:
    """Everything that an entry says."""
    spec = one.spec
    lines = [f"{spec.title}  [{one.id}]", ""]
    lines += [f"Kind: {one.kind}{f', category {spec.category}' if spec.category else ''}", ""]
    lines += [
        "Recognized where all of this holds:",
        *(f"- {_condition(one, name)}" for name in one.conditions),
    ]
    lines += ["", f"Why: {spec.why}"]
    lines += [f"Not the cause: {spec.is_not}"] if spec.is_not else []
    lines += [f"Rules out: {ruled}" for ruled in spec.rules_out]
    lines += [f"What to do: {spec.remedy}", "", "Such as:", *(f"- {sample.text}" for sample in one.matches)]
    lines += ["But not:", *(f"- {sample.text}" for sample in one.misses)]
    lines += ["", "Documentation:", *(f"- {url}" for url in spec.docs)] if spec.docs else []
    return _written([*lines, "", f"From {one.file}."])


def as_findings(findings: Sequence[Finding]) -> str:
    """What is wrong with a catalogue, each with what to try."""
    return _written(line for one in findings for line in (one.text, f"  try: {one.hint}"))


def _written(lines: Iterable[str]) -> str:
    """Lines for a terminal: what would steer it is shown as an escape."""
    shown = ("".join(c if c.isprintable() else ascii(c)[1:-1] for c in line) for line in lines)
    return "".join(f"{line}\n" for line in shown)


def _condition(one: Known, name: str) -> str:
    spec = one.spec
    if name in _SAID:
        return f"{_SAID[name]} {getattr(spec, name)}"
    low, high = spec.beat_s or (0.0, 0.0)
    return {
        "code": f"the close code is {_either(str(code) for code in spec.code or ())}",
        "closed_by": f"{spec.closed_by} closed the connection",
        "server": f"the service runs on {_either(spec.server or ())}",
        "platform": f"the platform or server says so ({_either(spec.platform or ())})",
        "beat_s": f"every failing connection lived between {low:g} and {high:g} s",
        "logged": "no fault that the service logged is tied to the failing connections",
    }[name]


def _either(names: Iterable[str]) -> str:
    return " or ".join(names)
