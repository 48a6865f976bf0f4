"""Every message survives the journal: encode, JSON text, decode gives the same message."""

from __future__ import annotations

import json
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from calls import ContractError, commands, decode, encode, events, facts, mask, national

KINDS = [*get_args(events.Event), *get_args(facts.Fact), *get_args(commands.Command)]

st.register_type_strategy(float, st.floats(allow_nan=False, allow_infinity=False))


@pytest.mark.parametrize("kind", KINDS, ids=lambda k: k.__name__)
def test_round_trip(kind: Any) -> None:
    @settings(max_examples=8, deadline=None)
    @given(st.from_type(kind))
    def check(message: Any) -> None:
        assert decode(json.loads(json.dumps(encode(message)))) == message

    check()


def test_names_are_told_apart() -> None:
    assert len({k.__name__ for k in KINDS}) == len(KINDS)


@pytest.mark.parametrize("plain", [{}, {"type": "Nobody"}, {"type": "CallArrived"}, {"type": "CallArrived", "x": 1}])
def test_a_foreign_message_is_refused(plain: dict[str, Any]) -> None:
    with pytest.raises(ContractError):
        decode(plain)


@pytest.mark.parametrize("number", ["6941234567", "+306941234567", "00306941234567", "306941234567"])
def test_national(number: str) -> None:
    assert national(number) == "6941234567"


@pytest.mark.parametrize("number", ["", "100", "+4930901820", "003", "3069", "3069412345"])
def test_what_is_not_greek_stays(number: str) -> None:
    assert national(number) == number


@pytest.mark.parametrize(("number", "shown"), [("6941234567", "694****567"), ("112", "***"), ("", "")])
def test_mask(number: str, shown: str) -> None:
    assert mask(number) == shown
