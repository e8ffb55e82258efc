"""Masking on planted secrets and on look-alikes, and how long hostile texts take."""

import time

import pytest

from rca.redact import mask
from tests.redaction import innocents, planted
from tests.redaction.measures import measured

pytestmark = pytest.mark.slow


MEGABYTE = 1 << 20


def test_the_corpora_are_large() -> None:
    """There are at least three hundred planted secrets and as many look-alikes, and none stands there twice."""
    for texts in ([case.text for case in planted.corpus()], list(innocents.corpus())):
        assert len(set(texts)) == len(texts) >= 300


def test_every_planted_secret_can_be_read_before_it_is_masked() -> None:
    """What is asked of the masked texts is asked of texts that hold a secret: the measure is not blind."""
    assert [case for case in planted.corpus() if not case.survives_in(case.text)] == []


def test_no_planted_secret_is_left_and_look_alikes_stay() -> None:
    """Recall is 1, and at most one look-alike in a hundred is masked."""
    found = measured()
    assert [(case.kind, case.way, case.text) for case in found.left] == []
    assert found.false_masks <= 0.01, found.wrong


@pytest.mark.parametrize("seed", range(1, 9))
def test_other_secrets_fare_no_worse(seed: int) -> None:
    """Recall and false masks do not hang on the secrets, ids and numbers that were drawn."""
    found = measured(seed)
    assert [(case.kind, case.way, case.text) for case in found.left] == []
    assert found.false_masks <= 0.01, found.wrong


HOSTILE = (
    *(
        "a",
        "=",
        "eyJ",
        "1",
        "@",
        "a@",
        "://",
        ":",
        "::",
        "1.",
        "-",
        "\\",
        '"',
        "'",
        " ",
        "\n",
        "%",
        "/",
        "+1 ",
        "_",
    ),
    *(
        "4111 ",
        "8.8.8.8,",
        "2a00:",
        "CH93 ",
        "00 ",
        "eyJ-",
        "sk-",
        "sig=",
        "key=",
        "ghp_",
        "pass",
        "token:",
        "=s:",
    ),
    *(
        "-----BEGIN PRIVATE KEY-----",
        "-----END PRIVATE KEY-----",
        "A" * 63 + "\n",
        "\u2514",
        "\u2026+1\u2026",
        "curl ",
    ),
    *(
        "Bearer ",
        "Basic ",
        "Cookie: a=b;",
        "token=/var/",
        "token=https://x",
        "auth=('",
        "phone ",
        "AUTH ",
        "machine ",
    ),
    *(
        "test_token: a ",
        "\u2039token:1\u203a",
        "%25",
        "%3A",
        "\\u0022",
        "\u0130",
        "a.b-c+",
        "password\n input_value='",
        "[parameters: (",
        "a VALUES (b) ",
        "(password)=('",
        "\u2502 password='\u2502\n",
        "->",
        "token \\u001b[",
    ),
)


@pytest.mark.slow
@pytest.mark.parametrize("shard", HOSTILE, ids=repr)
def test_a_megabyte_of_anything_takes_no_longer_than_its_length(shard: str) -> None:
    """Twice the length takes some twice the time: nothing searches on from each place to the end."""
    half, whole = (_took((shard * (size // len(shard) + 1))[:size]) for size in (MEGABYTE // 2, MEGABYTE))
    assert whole < 3 * half + 0.5


@pytest.mark.parametrize("shard", ["a", "=", "eyJ", "1", "@"])
def test_a_megabyte_of_one_sign_is_quick(shard: str) -> None:
    """It takes under a second of an unhurried processor; a busy one is given three."""
    assert _took((shard * MEGABYTE)[:MEGABYTE]) < 3


def _took(text: str) -> float:
    started = time.process_time()
    mask(text)
    return time.process_time() - started
