"""Trees written as filters: what is read from the text must be the tree again."""

import json

from rca.lql.tree import (
    And,
    Cast,
    Comparison,
    Condition,
    Field,
    IpInNet,
    LogId,
    Not,
    Operand,
    Or,
    RegexpExtract,
    Sample,
    Search,
    Source,
    Special,
    Term,
)


def written(node: Condition) -> str:
    """The filter that asks for the tree."""
    match node:
        case And():
            return " AND ".join(_grouped(part, And) for part in node.operands)
        case Or():
            return " OR ".join(_grouped(part, And, Or) for part in node.operands)
        case Not():
            return f"NOT {_grouped(node.operand, And, Or, Not)}"
        case Comparison():
            value = node.value.value if isinstance(node.value, Special) else quoted(node.value)
            return f"{operand(node.operand)}{node.operator}{value}"
        case Term():
            return quoted(node.text)
        case _:
            return _called(node)


def _called(node: LogId | Source | Sample | IpInNet | Search) -> str:
    match node:
        case LogId():
            return f"log_id({quoted(node.log_id)})"
        case Source():
            return f"source({quoted(node.resource)})"
        case Sample():
            return f"sample({operand(node.field)}, {node.fraction!r})"
        case IpInNet():
            return f"ip_in_net({operand(node.field)}, {quoted(node.network)})"
        case Search():
            within = f"{operand(node.field)}, " if node.field else ""
            return f"SEARCH({within}{quoted(node.query)})"


def _grouped(node: Condition, *kinds: type) -> str:
    return f"({written(node)})" if isinstance(node, kinds) else written(node)


def operand(node: Operand) -> str:
    """A path with every name quoted, or a call."""
    match node:
        case Field():
            return ".".join([node.path[0], *(quoted(name) for name in node.path[1:])])
        case Cast():
            zone = f", TIMEZONE({quoted(node.zone)})" if node.zone is not None else ""
            return f"cast({operand(node.operand)}, {node.type}{zone})"
        case RegexpExtract():
            return f"regexp_extract({operand(node.operand)}, {quoted(node.pattern)})"


def quoted(text: str) -> str:
    """The text between quotes; JSON's escapes are among the language's."""
    return json.dumps(text)
