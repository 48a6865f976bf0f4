"""Calls that are not let in are counted whole, and told bounded."""

from __future__ import annotations

from calls import events as e
from telephony.refused import LOG_S, RefusedCounts


def test_a_flood_is_one_event_a_second_and_one_line_a_minute() -> None:
    refused = RefusedCounts()
    for _ in range(200):
        refused.count("caller", "6955555555")
    refused.count("rate", "2101234567")
    assert refused.turned_away() == [e.CallsTurnedAway("caller", 200), e.CallsTurnedAway("rate", 1)]
    assert refused.turned_away() == []
    lines = list(refused.words(10.0))
    assert lines[0] == "calls refused, one number's limit: 200 from 1, most from 695****555 (200)"
    refused.count("caller", "6955555555")
    assert list(refused.words(10.0 + LOG_S - 1)) == []
    assert len(list(refused.words(10.0 + LOG_S))) == 1


def test_names_are_bounded() -> None:
    refused = RefusedCounts()
    for n in range(5000):
        refused.count("rate", f"69{n:08}")
    (line,) = refused.words(0.0)
    assert "5000 from 2001" in line and len(line) < 200


def test_an_address_that_guesses_passwords_can_be_read() -> None:
    refused = RefusedCounts()
    for _ in range(1097):
        refused.count("password", "192.0.2.7")
    assert refused.signins == 1097 and refused.turned_away() == []
    assert list(refused.words(0.0)) == ["sign-ins refused, wrong password: 1097 from 1, most from 192.0.2.7 (1097)"]


def test_a_withheld_number_is_called_so() -> None:
    refused = RefusedCounts()
    refused.count("full", "")
    assert "most from a withheld number (1)" in next(refused.words(0.0))
