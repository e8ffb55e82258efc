"""The recorder's parts, without a server: entries, close frames, scenarios."""

import json
from pathlib import Path

import pytest
from hypothesis import given, strategies as st

from tests.lab.closing import CloseFrame, CloseWatch
from tests.lab.entries import Scribe, insert_id, nanoseconds, seeded, stamp
from tests.lab.rewrite import Rewriter
from tests.lab.scenario import all_scenarios, line_of, write_out
from tests.lab.service import Service
from tests.lab.vary import varied

AT = 1_790_000_000_123_456_000
SCENARIOS = all_scenarios()


def scribe() -> Scribe:
    """A scribe for the default service."""
    return Scribe(Service(), seeded(1))


class TestEntries:
    """Lines become entries as Cloud Run makes them."""

    def test_text_has_no_severity(self) -> None:
        """A line of text is a textPayload, whatever level it names."""
        entry = scribe().line("stderr", "00ab", AT, "ERROR    app | it broke")
        assert entry is not None
        assert entry["textPayload"] == "ERROR    app | it broke"
        assert "severity" not in entry

    def test_special_fields_are_lifted(self) -> None:
        """Severity and trace leave the JSON payload, the message stays."""
        line = {"severity": "error", "message": "no", "logging.googleapis.com/trace": "projects/p/traces/1"}
        entry = scribe().line("stderr", "00ab", AT, json.dumps(line))
        assert entry is not None
        assert (entry["severity"], entry["trace"]) == ("ERROR", "projects/p/traces/1")
        assert entry["jsonPayload"] == {"message": "no"}

    @pytest.mark.parametrize("blank", ["", "   ", "\t"])
    def test_blank_lines_are_dropped(self, blank: str) -> None:
        """A blank line gives no entry."""
        assert scribe().line("stdout", "00ab", AT, blank) is None

    @pytest.mark.parametrize("text", ['{"cut": ', "[1, 2]", 'x {"a": 1}'])
    def test_what_is_no_single_object_stays_text(self, text: str) -> None:
        """Broken JSON, an array, or an object after a prefix is text."""
        entry = scribe().line("stdout", "00ab", AT, text)
        assert entry is not None
        assert entry["textPayload"] == text

    def test_lines_of_one_batch_are_received_together(self) -> None:
        """Lines that a stream writes within moments arrive at one time, in their order."""
        one = scribe()
        entries = [one.line("stderr", "00ab", AT + n * 1000, f"line {n}") for n in range(5)]
        assert len({entry["receiveTimestamp"] for entry in entries if entry}) == 1

    @given(st.integers(min_value=0, max_value=4_000_000_000_000_000))
    def test_times_come_back(self, at_us: int) -> None:
        """A timestamp is written and read to the microsecond."""
        assert nanoseconds(stamp(at_us * 1000)) == at_us * 1000

    def test_insert_ids_hold_the_time(self) -> None:
        """The first 16 hex digits are seconds and microseconds."""
        made = insert_id(AT, seeded(2))
        assert (int(made[:8], 16), int(made[8:16], 16)) == (AT // 10**9, AT // 1000 % 10**6)


def frame(opcode: int, body: bytes, mask: bytes = b"") -> bytes:
    """One WebSocket frame, masked when a mask is given."""
    length = len(body)
    head = bytes([0x80 | opcode])
    flag = 0x80 if mask else 0
    if length < 126:
        head += bytes([flag | length])
    else:
        head += bytes([flag | 126]) + length.to_bytes(2, "big")
    return head + mask + bytes(b ^ mask[i % 4] if mask else b for i, b in enumerate(body))


class TestCloseWatch:
    """Close frames are found in the stream of bytes."""

    @given(
        st.lists(st.binary(max_size=400), max_size=4),
        st.sampled_from([b"", b"\x01\x02\x03\x04"]),
        st.integers(min_value=1, max_value=50),
    )
    def test_finds_the_close_however_it_is_cut(self, bodies: list[bytes], mask: bytes, size: int) -> None:
        """Frames before it and the way the bytes arrive change nothing."""
        data = b"".join(frame(2, body, mask) for body in bodies)
        data += frame(8, (1011).to_bytes(2, "big") + b"Internal error", mask)
        watch = CloseWatch()
        for start in range(0, len(data), size):
            watch.feed(data[start : start + size])
        assert watch.seen == CloseFrame(1011, "Internal error")

    def test_a_close_without_a_code_is_1005(self) -> None:
        """RFC 6455, 7.1.5: no status code present."""
        watch = CloseWatch()
        watch.feed(frame(8, b""))
        assert watch.seen == CloseFrame(1005, "")

    def test_no_close_is_none(self) -> None:
        """Text that holds the number is no close."""
        watch = CloseWatch()
        watch.feed(frame(1, b'{"id": 1011}'))
        assert watch.seen is None


def test_rewriter_knows_python_spellings_of_an_address() -> None:
    """An address is renamed as text and as a tuple; another port is left alone."""
    rewrite = Rewriter()
    rewrite.add_address(40123, "10.0.0.9", 6379)
    said = rewrite("127.0.0.1:40123 ('127.0.0.1', 40123) 127.0.0.1:401234")
    assert said == "10.0.0.9:6379 ('10.0.0.9', 6379) 127.0.0.1:401234"


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(SCENARIOS))
def test_scenario_fits_the_app(name: str, tmp_path: Path) -> None:
    """Its edits apply, the files compile, and the frame its label names is a line of them."""
    scenario = SCENARIOS[name]
    write_out(scenario, tmp_path)
    for path in tmp_path.rglob("*.py"):
        compile(path.read_text(encoding="utf-8"), str(path), "exec")
    if scenario.expected.place:
        assert line_of(scenario.expected.place, tmp_path / "app") > 0
    assert (scenario.expected.category == "unknown") == (not scenario.expected.evidence)


@pytest.mark.slow
@pytest.mark.parametrize("seed", [2, 3])
@pytest.mark.parametrize("name", sorted(SCENARIOS))
def test_scenario_fits_under_other_names(name: str, seed: int, tmp_path: Path) -> None:
    """Told by another seed, the files still compile and hold the frame that the label names."""
    scenario = varied(SCENARIOS[name], seed)
    write_out(scenario, tmp_path)
    for path in tmp_path.rglob("*.py"):
        compile(path.read_text(encoding="utf-8"), str(path), "exec")
    if scenario.expected.place:
        assert line_of(scenario.expected.place, tmp_path / "app") > 0
