"""The timeline in a terminal."""

import dataclasses

import pytest
from hypothesis import given, settings, strategies as st

from rca.contract import Moment, Report
from rca.quote import quote
from rca.render.timeline import render

from .hostile import texts
from .reports import ALL, FOUND, a_close, at


def test_it_reads_top_down() -> None:
    """Events stand in order of time, each with its distance to the one before."""
    text = render(dataclasses.replace(FOUND, tests=FOUND.tests[:1], closes=FOUND.closes[:1]), 80)
    assert text.split("\n") == [
        "cycle 7, 2026-05-14, times in UTC, tests moved by -0.61 s to the logs' clock",
        "",
        "                          09:16:02.310        09:16:02.377",
        "test_order_flow           ===============================x  1011 server 67 ms",
        "",
        "2026-05-14",
        "09:15:03.000             platform   start-up probe passed [E4]",
        "09:16:01.490    +58.5 s  test       `test_order_flow` starts; it fails",
        "09:16:02.310    +820 ms  socket     opened for `test_order_flow`",
        "09:16:02.361     +51 ms  exception  `KeyError: 'berth'` [E1]",
        "09:16:02.377     +16 ms  close      1011 by the server `session failed` after 67",
        "                                    ms: `test_order_flow` [E1]",
        "09:16:03.070    +693 ms  exception  `KeyError: 'berth'` [E2]",
        "",
    ]


@given(st.sampled_from(sorted(ALL)), st.integers(0, 200))
@settings(deadline=None)
def test_it_keeps_its_width(name: str, width: int) -> None:
    """No line is wider than asked for, nor than sixty columns where less is asked for."""
    assert max(map(len, render(ALL[name], width).split("\n")[1:])) <= max(width, 60)


def test_a_repeated_event_is_one_line() -> None:
    """Forty of the same are told once, with how many and until when."""
    moments = tuple(Moment(at(f"09:16:{i:02d}"), "exception", "again", ("E1",)) for i in range(40))
    text = render(dataclasses.replace(FOUND, timeline=moments, closes=(), tests=()))
    assert text.count("again") == 1
    assert "again (40 times until 09:16:39.000) [E1]" in text


def test_a_moment_s_own_kinds_are_not_told_twice() -> None:
    """Where the report's timeline tells of closes, they are not added from the table of closes."""
    moments = (Moment(at("09:16:02.377000"), "close", "told already", ()),)
    text = render(dataclasses.replace(FOUND, timeline=moments))
    assert "told already" in text
    assert "by the server" not in text


def test_several_days_are_told_apart() -> None:
    """Each day opens with its date."""
    moments = (
        Moment(at("23:59:59"), "deploy", "old", ()),
        Moment(at("00:00:01").replace(day=15), "deploy", "new", ()),
    )
    text = render(dataclasses.replace(FOUND, timeline=moments, closes=(), tests=()))
    assert "\n2026-05-14\n" in text
    assert "\n2026-05-15\n" in text


@pytest.mark.parametrize("name", sorted(ALL))
def test_nothing_to_show_is_said(name: str) -> None:
    """A report without times gives a sentence, not an empty screen."""
    bare: Report = dataclasses.replace(ALL[name], timeline=(), closes=(), tests=())
    assert render(bare).endswith("No test, socket or event has a time.\n")


@given(texts)
@settings(deadline=None)
def test_foreign_text_cannot_steer_the_terminal(text: str) -> None:
    """Escape sequences and text that runs backwards are shown, not obeyed, and no line is forged."""
    moments = (Moment(at("09:16:00"), text, quote(text), ()), Moment(at("09:16:01"), "x", text, ()))
    closes = (
        dataclasses.replace(a_close("09:16:02", "09:16:01", (text,), "E1"), reason=text, connection=text),
    )
    shown = render(dataclasses.replace(FOUND, timeline=moments, closes=closes, tests=()))
    assert not set(shown) & set("\x1b\x00\r\u202e\u200b\u2028\ud83d")
    assert sum(line.startswith("09:16:") for line in shown.split("\n")) == 4
