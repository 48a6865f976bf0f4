"""What readers outside are told of the line: values that stay as they are, and are right."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import FrozenInstanceError, fields, is_dataclass
from enum import Enum
from inspect import isroutine
from operator import attrgetter
from typing import Any

import pytest

from agents import AgentEvent
from calls import AgentAction, AgentId, AgentState, Attribute, CallId, CallStage, ContractError, OfferId
from calls import events as e
from engine import AgentView, CallView, LineView, OfferState, OfferView, QueueView
from tests.line import GENERAL, PENSIONS, Hand

from . import called_back

A1, A2, A3, C1, C2, C3 = AgentId("a1"), AgentId("a2"), AgentId("a3"), CallId("c1"), CallId("c2"), CallId("c3")
NOBODY, NO_CALL, NO_OFFER = AgentId("nobody"), CallId("none"), OfferId("none")


@pytest.fixture
def hand() -> Hand:
    """``a1`` talks with ``c1``, who is on hold; ``a2`` wraps ``w2`` up; ``c2`` waits; ``c3`` is in the menus."""
    hand = Hand().open().ready("a1")
    hand.call("c1")
    offer = hand.talk("c1")
    hand.do(e.HoldChanged(offer, True))
    hand.ready("a2")
    hand.call("w2")
    hand.talk("w2")
    hand.do(e.CallerLeft(CallId("w2")))
    hand.call("c2")
    hand.call("c3", "1555")
    hand.do(e.KeyPressed(C3, "2"), 5.0)
    return hand


QUESTIONS: dict[str, tuple[object, ...]] = {
    "now": (), "anchor": (), "settings": (), "digest": (), "banner": (), "queues": (),
    "calls.has": (C1,), "calls.stage": (C1,), "calls.saying": (C3,), "calls.is_offered": (C1,), "calls.get": (C1,),
    "calls.all": (), "calls.menu_position": (C3,), "calls.is_at": (C3, "topic"), "calls.menu_versions": (),
    "calls.queue_position": (C2, 9.0), "calls.callback_requests": (), "calls.callback_to": (called_back.ANI,),
    "agents.state": (A1,), "agents.reason": (A1,), "agents.wrapped_up_call": (A2,), "agents.has_offer": (NO_OFFER,),
    "agents.ids": (), "agents.get": (A1,), "agents.all": (), "agents.offer": (NO_OFFER,),
}  # fmt: skip
"""All questions, each with what is asked about."""


def answers(view: LineView) -> dict[str, object]:
    found = {}
    for name, about in QUESTIONS.items():
        asked = attrgetter(name)(view)
        found[name] = asked(*about) if isroutine(asked) else asked
    return found


def changeable(value: object) -> Iterator[object]:
    """All parts of a value that could become another one."""
    if isinstance(value, tuple | frozenset):
        for part in value:
            yield from changeable(part)
    elif is_dataclass(value) and is_frozen(value):
        for field in fields(value):
            yield from changeable(getattr(value, field.name))
    elif not (value is None or isinstance(value, str | float | int | Enum)):
        yield value


def is_frozen(value: Any) -> bool:
    name = fields(value)[0].name
    try:
        setattr(value, name, getattr(value, name))
    except FrozenInstanceError:
        return True
    return False


def test_every_question_is_here(hand: Hand) -> None:
    parts = {"": LineView, "calls.": type(hand.line.view.calls), "agents.": type(hand.line.view.agents)}
    asked = {part + name for part, kind in parts.items() for name in vars(kind) if not name.startswith("_")}
    assert set(QUESTIONS) == asked - {"calls", "agents"}, "the parts themselves, which a compiled class shows"


@pytest.mark.parametrize("question", [name for name in QUESTIONS if name != "settings"])
def test_no_answer_can_change(hand: Hand, question: str) -> None:
    assert not list(changeable(answers(hand.line.view)[question]))


def test_what_can_change_is_found(hand: Hand) -> None:
    call = hand.line._state.calls[C1]
    assert list(changeable((1, call, ([],)))) == [call, []]


def test_the_settings_are_those_that_hold(hand: Hand) -> None:
    assert hand.line.view.settings is hand.line._state.settings


def test_an_answer_stays_while_the_line_goes_on(hand: Hand) -> None:
    before = hand.line.view.calls.get(C2)
    hand.do(e.CallerLeft(C2))
    assert before is not None and before.stage is CallStage.WAITING and hand.line.view.calls.get(C2) is None


def test_a_thawed_line_answers_the_same(hand: Hand) -> None:
    again = hand.again()
    assert answers(again.view) == answers(hand.line.view)
    again.tick(hand.now + 1.0)
    assert again.view.now == hand.now + 1.0 == hand.line.view.now + 1.0


def test_calls(hand: Hand) -> None:
    view = hand.line.view
    assert view.calls.get(C1) == CallView(
        C1, "6941234567", 0.0, CallStage.TALKING, "",
        ((Attribute.LANGUAGE, "el"), (Attribute.TOPIC, "pensions")), PENSIONS, None, A1, "c1",
    )  # fmt: skip
    waiting, in_menus = view.calls.get(C2), view.calls.get(C3)
    assert waiting is not None and (waiting.stage, waiting.waits_since, waiting.agent) == (CallStage.WAITING, 4.0, None)
    assert in_menus is not None and (in_menus.stage, in_menus.node, in_menus.queue) == (CallStage.MENU, "topic", None)
    assert [call.id for call in view.calls.all()] == [C1, C2, C3]
    assert (view.calls.stage(C1), view.calls.stage(NO_CALL)) == (CallStage.TALKING, None)
    assert view.calls.has(C1) and not view.calls.has(NO_CALL)
    assert (view.calls.queue_position(C2, hand.now), view.calls.queue_position(C1, hand.now)) == (1, None)


def test_where_a_caller_is_in_the_menus(hand: Hand) -> None:
    position = hand.line.view.calls.menu_position(C3)
    assert position is not None and (position.node, position.known) == ("topic", {"language": "en"})
    assert hand.line.view.calls.menu_position(C2) is None, "they wait in a queue"
    with pytest.raises(KeyError):
        hand.line.view.calls.menu_position(NO_CALL)
    places = [hand.line.view.calls.is_at(call, node) for call, node in ((C3, "topic"), (C3, "welcome"), (C2, "topic"))]
    assert places == [True, False, False] and not hand.line.view.calls.is_at(NO_CALL, "topic")


def test_what_is_said(hand: Hand) -> None:
    view = hand.line.view
    play = view.calls.saying(C3)
    assert play is not None and view.calls.saying(NO_CALL) is None
    hand.do(e.KeyPressed(C3, "7"))
    assert view.calls.saying(C3) == play + 1
    hand.heard("c2")
    assert view.calls.saying(C2) is None, "music"


def test_offers(hand: Hand) -> None:
    view = hand.line.view
    (offer,) = (agent.offer for agent in view.agents.all() if agent.id == A1)
    assert offer is not None and offer == view.agents.offer(offer.id)
    assert offer == OfferView(offer.id, C1, A1, PENSIONS, OfferState.TALKING, on_hold=True)
    assert view.agents.has_offer(offer.id) and view.calls.is_offered(C1) and not view.calls.is_offered(C2)
    assert view.agents.offer(NO_OFFER) is None and not view.agents.has_offer(NO_OFFER)


def test_agents(hand: Hand) -> None:
    view = hand.line.view
    hand.ask("a1", AgentAction.NOT_READY, "break")
    talking = view.agents.get(A1)
    assert talking is not None
    possible = (AgentAction.LOG_OUT, AgentAction.READY, AgentAction.NOT_READY)
    assert talking == AgentView(
        A1, "Agent 1", AgentState.TALKING, "", 2.0, True, AgentEvent.NOT_READY, True, False, talking.offer, possible
    )
    assert view.agents.get(NOBODY) is None and view.agents.ids() == (A1, A2, A3)
    assert [agent.id for agent in view.agents.all()] == [A1, A2, A3]
    assert (view.agents.wrapped_up_call(A2), view.agents.wrapped_up_call(A1)) == ("w2", None)
    assert view.agents.state(A3) is AgentState.LOGGED_OUT
    assert [agent.possible for agent in view.agents.all() if agent.id == A3] == [(AgentAction.LOG_IN,)]
    hand.ask("a3", AgentAction.LOG_IN)
    assert (view.agents.state(A3), view.agents.reason(A3)) == (AgentState.NOT_READY, "login")
    for ask in (view.agents.state, view.agents.reason):
        with pytest.raises(ContractError):
            ask(NOBODY)


def test_queues(hand: Hand) -> None:
    hand.do(e.QueueSwitched(GENERAL, False))
    assert hand.line.view.queues() == (
        QueueView(PENSIONS, "Pensions", closed=False, takes_calls=True, waiting=1),
        QueueView(GENERAL, "General", closed=True, takes_calls=False, waiting=0),
    )


def test_callbacks() -> None:
    hand = called_back.hand_of()
    back, view = called_back.promised(hand), hand.line.view
    assert view.calls.callback_to(called_back.ANI) == back and view.calls.callback_to("2101234567") is None
    (request,) = view.calls.callback_requests()
    assert (request.call, request.number, request.queue) == (back, called_back.ANI, PENSIONS)
    assert view.calls.stage(back) is CallStage.PROMISED
