"""The shipped words do what their samples say."""

import pytest

from rca.repo import words

KINDS = [kind for kind, spec in words.table().items() if "pattern" in spec]


@pytest.mark.parametrize("kind", KINDS)
def test_each_pattern_matches_its_samples_and_no_others(kind: str) -> None:
    """`samples` are of the kind, `others` are not, and the file says why the kind is there."""
    spec = words.table()[kind]
    assert [one for one in spec["samples"] if not words.is_a(kind, one)] == []
    assert [one for one in spec["others"] if words.is_a(kind, one)] == []
    assert spec["why"].endswith(".")


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("status.WS_1011_INTERNAL_ERROR", 1011),
        ("WS_1008_POLICY_VIOLATION", 1008),
        ("CloseCode.INTERNAL_ERROR", 1011),
        ("websockets.frames.CloseCode.SERVICE_RESTART.value", 1012),
        ("aiohttp.WSCloseCode.GOING_AWAY", 1001),
        ("HTTPStatus.INTERNAL_ERROR", None),
        ("INTERNAL_ERROR", None),
        ("CloseCode.NOTHING_OF_THE_KIND", None),
    ],
)
def test_a_library_s_constant_stands_for_its_code(name: str, code: int | None) -> None:
    """The code is known by the constant's own name, or by that of its enumeration."""
    assert words.code_named(name) == code
