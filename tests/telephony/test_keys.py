"""One key pressed is one key: what Asterisk tells of odd phones, as recorded; no second press is ever eaten."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telephony.keys import Keys

Told = tuple[str, str, float, float]
"""Begin or end, key, how long it was down (s), when (s)."""


def fold(told: list[Told]) -> str:
    keys, pressed = Keys(), ""
    for what, key, lasted_s, at in told:
        if what == "begin":
            keys.begins(key, at)
        elif keys.ends(key, lasted_s, at):
            pressed += key
    return pressed


def packets(key: str, at: float, lasted_s: float = 0.1) -> list[Told]:
    """RFC 4733 as it should be."""
    return [("begin", key, 0, at), ("end", key, lasted_s, at + lasted_s)]


def info(key: str, at: float) -> list[Told]:
    return [("end", key, 0.16, at)]


RECORDED: dict[str, tuple[list[Told], str]] = {
    "a modem, whose keys are read again": (
        [
            *packets("1", 69.382, 0.044),
            *packets("2", 69.432, 0.041),
            *packets("3", 69.482, 0.046),
            ("end", "3", 0.04, 69.603),
            *packets("4", 69.606, 0.0),
            ("end", "4", 0.04, 69.733),
            *packets("4", 69.734, 0.04),
            ("end", "4", 0.04, 69.862),
        ],
        "12344",
    ),
    "by both at once, INFO first": (
        [*info("1", 0.0), *packets("1", 0.001), ("end", "1", 0.1, 0.205), *packets("1", 0.3), *info("1", 0.31)],
        "11",
    ),
    "INFO 0.15 s behind": ([*packets("2", 0.0), *info("2", 0.25), *packets("2", 0.4), *info("2", 0.65)], "22"),
    "three ends with stamps of their own": (
        [*packets("1", 0.0), ("end", "1", 0.1, 0.12), ("end", "1", 0.1, 0.15), ("end", "1", 0.1, 0.30)],
        "1",
    ),
    "a gap within a key": ([*packets("1", 0.0, 0.4), ("end", "1", 1.7, 1.75)], "1"),
    "a hole, after which it begins anew": (
        [*packets("1", 0.0, 0.4), *packets("1", 1.0, 0.4)[:1], ("end", "1", 1.4, 1.4)],
        "1",
    ),
    "very long, INFO when it is let go": ([*packets("5", 0.0, 9.0), *info("5", 9.3)], "5"),
}


@pytest.mark.parametrize(("told", "pressed"), RECORDED.values(), ids=RECORDED)
def test_one_key_is_one_key(told: list[Told], pressed: str) -> None:
    assert fold(told) == pressed


PRESSES = st.lists(
    st.tuples(st.sampled_from("0123456789*#"), st.floats(0.04, 9.0), st.floats(0.05, 3.0)), min_size=1, max_size=12
)


@given(PRESSES)
def test_no_press_by_packets_is_eaten(presses: list[tuple[str, float, float]]) -> None:
    told, at = [], 0.0
    for key, lasted_s, pause_s in presses:
        told += packets(key, at, lasted_s)
        at += lasted_s + pause_s
    assert fold(told) == "".join(key for key, _, _ in presses)


@given(PRESSES)
def test_no_press_by_info_is_eaten(presses: list[tuple[str, float, float]]) -> None:
    told, at = [], 0.0
    for key, _, pause_s in presses:
        told += info(key, at)
        at += 0.1 + pause_s
    assert fold(told) == "".join(key for key, _, _ in presses)


@given(PRESSES, st.floats(0.0, 0.09))
def test_who_sends_both_has_pressed_once(presses: list[tuple[str, float, float]], behind_s: float) -> None:
    """Asterisk keeps keys apart, so what belongs to the next press never comes before."""
    told, at = [], 0.0
    for key, lasted_s, pause_s in presses:
        told += [*packets(key, at, lasted_s), *info(key, at + lasted_s + behind_s * pause_s)]
        at += lasted_s + pause_s
    assert fold(told) == "".join(key for key, _, _ in presses)
