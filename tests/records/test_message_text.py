"""The text of a message in the journal: the quick writer's is what ``encode`` says, whatever a message holds."""

from __future__ import annotations

import json
from dataclasses import fields
from math import inf
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from calls import CallId, ContractError, decode, encode
from calls import events as e
from calls import facts as f
from calls.events import Event, KeyPressed
from calls.facts import Fact, KeyTaken
from records.steps import event_text, facts_text

KINDS = [*get_args(Event), *get_args(Fact)]
messages = st.sampled_from(KINDS).flatmap(st.from_type)


def plain(message: Any) -> str:
    return json.dumps(encode(message), ensure_ascii=True, separators=(",", ":"))


@settings(max_examples=300, deadline=None)
@given(messages)
def test_any_message_is_read_as_it_was(message: Any) -> None:
    text = facts_text([message])
    assert text.isascii()
    (told,) = json.loads(text)
    assert repr(decode(told)) == repr(decode(json.loads(plain(message))))  # by repr: a NaN equals nothing
    assert text.startswith(f'[{{"type":"{type(message).__name__}"')


@pytest.mark.parametrize("key", ["1", "ω", '"', "\\", "\0", "\n", "\ud800", "null", ""])
def test_texts_are_written_to_the_byte(key: str) -> None:
    event, fact = KeyPressed(CallId("n1-1.1"), key), KeyTaken(CallId("n1-1.1"), "topic", key, key)
    assert event_text(event) == plain(event)
    assert facts_text([fact, fact]) == f"[{plain(fact)},{plain(fact)}]"


@pytest.mark.parametrize("number", [0.0, -0.0, 0.1, 1e15, 123456.789012, inf, -inf])
def test_numbers_are_written_to_the_byte(number: float) -> None:
    assert event_text(e.ClockMoved(number)) == plain(e.ClockMoved(number))


def test_nothing_is_not_a_message() -> None:
    assert event_text(None) is None and facts_text([]) == "[]"
    for wrong in ("text", {"type": "x"}, 5):
        with pytest.raises(ContractError):
            facts_text([wrong])  # type: ignore[list-item]


def test_every_fact_has_something_to_say() -> None:
    assert all(fields(kind) for kind in get_args(f.Fact))
