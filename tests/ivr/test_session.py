"""The walk through the menus: one test per (state, input) pair of its table, and the roads that lead aside."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import product

import pytest

from calls import Attribute, CallId, ContractError, QueueId
from calls import facts as f
from calls.commands import Prompt
from ivr import (
    BEEP,
    TABLE,
    Acts,
    Choice,
    Dial,
    Enqueue,
    Entry,
    Goodbye,
    HoldMusic,
    Input,
    JoinQueue,
    Leave,
    Listen,
    Menu,
    Menus,
    RecordMessage,
    Say,
    Session,
    Speak,
    WalkState,
)
from tests.line import GENERAL, PENSIONS, menus

C1 = CallId("c1")
PREFIX: dict[WalkState, str] = {
    WalkState.ASKING: "",
    WalkState.LISTENING: ".",
    WalkState.SAYING: "11",
    WalkState.READING_BACK: "135#",
    WalkState.CONFIRMING: "135#.",
    WalkState.GREETING: "16",
    WalkState.RECORDING: "16.",
    WalkState.LOOKING: "14",
    WalkState.DIALLING: "19",
    WalkState.ENDING: "12",
    WalkState.DONE: "0",
}
LANGUAGE, TOPIC = Speak((Prompt("welcome"),)), Speak((Prompt("topic"),))
WAIT = JoinQueue(GENERAL, (Prompt("please_wait"),))
ANYWAY = JoinQueue(GENERAL, (Prompt("common.agent_anyway"),))
READ_BACK = Speak(tuple(map(Prompt, ("digits.read_back", "pause", "digit.five", "pause", "digits.confirm"))))
MOVES: dict[tuple[WalkState, Input], tuple[WalkState, Acts]] = {
    (WalkState.ASKING, Input.KEY): (WalkState.ASKING, [TOPIC]),
    (WalkState.ASKING, Input.PROMPT_ENDED): (WalkState.LISTENING, [Listen(5.0)]),
    (WalkState.ASKING, Input.OVERDUE): (WalkState.DONE, [ANYWAY]),
    (WalkState.LISTENING, Input.OVERDUE): (WalkState.DONE, [ANYWAY]),
    (WalkState.SAYING, Input.OVERDUE): (WalkState.SAYING, []),
    (WalkState.LOOKING, Input.OVERDUE): (WalkState.LOOKING, []),
    (WalkState.LISTENING, Input.KEY): (WalkState.ASKING, [TOPIC]),
    (WalkState.LISTENING, Input.SILENCE): (WalkState.ASKING, [TOPIC]),
    (WalkState.SAYING, Input.KEY): (WalkState.DONE, [JoinQueue(PENSIONS, (Prompt("please_wait"),))]),
    (WalkState.SAYING, Input.PROMPT_ENDED): (WalkState.DONE, [JoinQueue(PENSIONS, (Prompt("please_wait"),))]),
    (WalkState.READING_BACK, Input.KEY): (WalkState.DONE, [WAIT]),
    (WalkState.READING_BACK, Input.PROMPT_ENDED): (WalkState.CONFIRMING, [Listen(5.0)]),
    (WalkState.CONFIRMING, Input.KEY): (WalkState.DONE, [WAIT]),
    (WalkState.CONFIRMING, Input.SILENCE): (WalkState.READING_BACK, [READ_BACK]),
    (WalkState.GREETING, Input.KEY): (WalkState.GREETING, [Speak((BEEP,))]),
    (WalkState.GREETING, Input.PROMPT_ENDED): (WalkState.RECORDING, [RecordMessage("night", 60.0)]),
    (WalkState.RECORDING, Input.KEY): (WalkState.RECORDING, []),
    (WalkState.RECORDING, Input.PROMPT_ENDED): (WalkState.ENDING, [Speak((Prompt("hours"),))]),
    (WalkState.LOOKING, Input.KEY): (WalkState.LOOKING, []),
    (WalkState.LOOKING, Input.PROMPT_ENDED): (WalkState.LOOKING, [HoldMusic()]),
    (WalkState.LOOKING, Input.ANSWERED): (WalkState.DONE, [WAIT]),
    (WalkState.LOOKING, Input.FAILED): (WalkState.ENDING, [Speak((Prompt("hours"),))]),
    (WalkState.DIALLING, Input.KEY): (WalkState.DIALLING, []),
    (WalkState.DIALLING, Input.PROMPT_ENDED): (WalkState.DIALLING, [Dial("15900", True)]),
    (WalkState.DIALLING, Input.NOT_ANSWERED): (WalkState.DONE, [WAIT]),
    (WalkState.ENDING, Input.KEY): (WalkState.ENDING, []),
    (WalkState.ENDING, Input.PROMPT_ENDED): (WalkState.DONE, [Leave()]),
}
PAIRS = list(product(WalkState, Input))
IDS: Callable[[object], str] = str


def begin(menu: Menus | None = None, number: str = "1555") -> Session:
    chosen = menu or menus()
    session, _ = Session.begin(C1, chosen, chosen.entries[number])
    return session


def walk(session: Session, keys: str) -> Acts:
    """Press the keys; a dot is a prompt heard to its end, a dash is silence."""
    acts: Acts = []
    for key in keys:
        happened = {".": Input.PROMPT_ENDED, "-": Input.SILENCE}.get(key, Input.KEY)
        acts = session.feed(happened, key if happened is Input.KEY else "") or []
    return acts


def in_state(state: WalkState) -> Session:
    session = begin()
    walk(session, PREFIX[state])
    session.take_facts()
    assert session.state is state
    return session


def look(session: Session) -> tuple[object, ...]:
    return session.state, session.node, session.misses, list(session.trail), dict(session.known.attributes)


def test_the_table_is_complete() -> None:
    assert set(TABLE) == set(WalkState)
    assert {(state, happened) for state, row in TABLE.items() for happened in row} == set(MOVES)


@pytest.mark.parametrize(("state", "happened"), MOVES, ids=IDS)
def test_what_is_in_the_table(state: WalkState, happened: Input) -> None:
    session = in_state(state)
    goal, acts = MOVES[state, happened]
    assert session.feed(happened, "1" if happened is Input.KEY else "") == acts
    assert session.state is goal


@pytest.mark.parametrize(("state", "happened"), [pair for pair in PAIRS if pair not in MOVES], ids=IDS)
def test_what_is_stale(state: WalkState, happened: Input) -> None:
    session = in_state(state)
    before = look(session)
    assert session.feed(happened, "1") is None
    assert look(session) == before and session.take_facts() == []


def test_facts_of_a_choice() -> None:
    session = begin()
    assert session.take_facts() == [f.NodeEntered(C1, "language")]
    walk(session, "2")
    assert session.take_facts() == [
        f.KeyTaken(C1, "language", "2", "en"),
        f.AttributeSet(C1, Attribute.LANGUAGE, "en"),
        f.NodeEntered(C1, "topic"),
    ]
    assert session.known.language == "en"


def test_an_old_number_enters_with_its_topic() -> None:
    session, acts = Session.begin(C1, menus(), menus().entries["11320"])
    assert acts == [JoinQueue(PENSIONS, (Prompt("please_wait"),))]
    assert (session.known.topic, session.state) == ("pensions", WalkState.DONE)


def test_wrong_keys_then_an_agent_anyway() -> None:
    session = begin()
    walk(session, "1")
    assert walk(session, "5") == [Speak((Prompt("common.invalid"), Prompt("topic")))]
    assert walk(session, ".-") == [Speak((Prompt("common.silence"), Prompt("topic")))]
    assert walk(session, "7") == [JoinQueue(GENERAL, (Prompt("common.agent_anyway"),))]


def test_coming_back_to_a_menu_counts_anew() -> None:
    session = begin()
    walk(session, "155*155")
    assert session.misses == 2 and session.state is WalkState.ASKING


def test_silence_that_is_an_answer() -> None:
    session = begin()
    session.take_facts()
    assert walk(session, ".-") == [TOPIC]
    assert session.take_facts()[:2] == [
        f.InputMissed(C1, "language", "", 1),
        f.AttributeSet(C1, Attribute.LANGUAGE, "el"),
    ]


@pytest.mark.parametrize(
    ("keys", "meaning", "acts"),
    [
        ("1#", "repeat", [TOPIC]),
        ("1*", "back", [LANGUAGE]),
        ("*", "back", [LANGUAGE]),
        ("10", "operator", [JoinQueue(GENERAL, ())]),
    ],
)
def test_keys_that_mean_the_same_everywhere(keys: str, meaning: str, acts: Acts) -> None:
    session = begin()
    assert walk(session, keys) == acts
    taken = [fact.meaning for fact in session.take_facts() if isinstance(fact, f.KeyTaken)]
    assert taken[-1] == meaning


def test_a_menus_own_key_comes_before_the_common_one() -> None:
    own = {"0": Choice("zero", "bye")}
    menu = Menu("m", (Prompt("m"),), own)
    tree = replace(menus(), nodes={"m": menu, "bye": Goodbye("bye")}, entries={"1": Entry("1", "m")})
    assert walk(begin(tree, "1"), "0") == [Leave()]


def test_a_key_during_an_announcement_answers_the_menu_behind_it() -> None:
    nodes = {**menus().nodes, "news": Say("news", (Prompt("news"),), "topic")}
    session = begin(replace(menus(), nodes=nodes))
    walk(session, "11")
    assert walk(session, "9") == [Dial("15900", True)]


def test_the_operator_goes_where_the_topic_is() -> None:
    menu = Menu("m", (Prompt("m"),), {"1": Choice("pensions", "m", ((Attribute.TOPIC, "pensions"),))})
    session = begin(replace(menus(), nodes={"m": menu}, entries={"1": Entry("1", "m")}), "1")
    assert walk(session, "10") == [JoinQueue(PENSIONS, ())]


@pytest.mark.parametrize(("topic", "queue"), [("pensions", PENSIONS), ("taxes", GENERAL), (None, GENERAL)])
def test_the_queue_of_a_topic(topic: str | None, queue: QueueId) -> None:
    assert menus().queue_for(topic) == queue


def test_a_fixed_queue_does_not_ask_for_the_topic() -> None:
    nodes = {**menus().nodes, "by_topic": Enqueue("by_topic", GENERAL)}
    _, acts = Session.begin(C1, replace(menus(), nodes=nodes), menus().entries["11320"])
    assert acts == [JoinQueue(GENERAL, ())]


@pytest.mark.parametrize(("keys", "acts"), [("1", [TOPIC]), ("1.", [TOPIC]), ("12", [Speak((Prompt("hours"),))])])
def test_saying_the_present_node_again(keys: str, acts: Acts) -> None:
    session = begin()
    walk(session, keys)
    assert session.again() == acts


def test_a_walk_that_lost_its_node_is_our_fault() -> None:
    session = begin()
    session.node = "sos"
    with pytest.raises(ContractError, match="answer at sos"):
        session.feed(Input.KEY, "1")
