"""A number that is typed: its end, its mistakes, and the question whether it is right."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from calls import CallId, QueueId
from calls import commands as c
from calls import events as e
from calls import facts as f
from calls.commands import Prompt
from engine import Line
from ivr import (
    PAUSE,
    Act,
    Acts,
    Collect,
    Digits,
    Enqueue,
    Entry,
    Goodbye,
    Input,
    JoinQueue,
    Leave,
    Listen,
    Menus,
    Node,
    Quiet,
    Session,
    Speak,
)
from ivr.digits import NAMES
from ivr.graph import edges
from ivr.texts import PromptText
from sites import loader, schema_menus
from sites.checker import check
from tests.line import Hand, menus, only, settings
from tests.sites.test_checker import BOTH, GOOD, HELLO, TEXTS, with_node
from tests.sites.test_loader import complaints, written

C1 = CallId("c1")
AFM = Collect("ask", (Prompt("afm"),), Digits.AFM, "afm", "agent", "bye", 9, 9)
AGENT, BYE = JoinQueue(QueueId("general")), Leave()
AGAIN = Speak((Prompt("afm"),))


def tree(node: Collect) -> Menus:
    nodes: dict[str, Node] = {"ask": node, "agent": Enqueue("agent"), "bye": Goodbye("bye")}
    return replace(menus(), nodes=nodes, entries={"1": Entry("1", "ask")})


def begin(node: Collect) -> Session:
    known = tree(node)
    return Session.begin(C1, known, known.entries["1"])[0]


def walk(session: Session, keys: str) -> Acts:
    """As in ``test_session``: a dot is a prompt heard to its end, a dash is silence."""
    acts: Acts = []
    for key in keys:
        happened = {".": Input.PROMPT_ENDED, "-": Input.SILENCE}.get(key, Input.KEY)
        acts = session.feed(happened, key if happened is Input.KEY else "") or []
    return acts


def test_the_first_digit_stops_the_question_and_each_gives_time_for_the_next() -> None:
    session = begin(AFM)
    assert walk(session, "1") == [Quiet(), Listen(5.0)]
    assert walk(session, "2") == [Listen(5.0)]
    late = begin(AFM)
    assert walk(late, ".1") == [Listen(5.0)]


def test_the_length_ends_it_and_it_is_read_back_in_groups() -> None:
    session = begin(AFM)
    (said,) = walk(session, "123456783")
    assert isinstance(said, Speak)
    words = [prompt.id.removeprefix("digit.") for prompt in said.prompts]
    assert words == [
        "digits.read_back", "pause", "one", "two", "three", "pause", "four", "five", "six", "pause", "seven", "eight",
        "three", "pause", "digits.confirm",
    ]  # fmt: skip
    assert walk(session, "1") == [AGENT]
    assert session.known.variables == {"afm": "123456783"} and session.typed == ""


@pytest.mark.parametrize("keys", ["123456783.1", "123456783..1", "123456783.-1", "123456783-1"])
def test_confirmed_while_it_is_read_back_or_later(keys: str) -> None:
    assert walk(begin(AFM), keys) == [AGENT]


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ("123456784", Speak((Prompt("digits.invalid"), Prompt("afm")))),
        ("12#", Speak((Prompt("digits.invalid"), Prompt("afm")))),
        ("12-", Speak((Prompt("digits.invalid"), Prompt("afm")))),
        ("#", Speak((Prompt("common.silence"), Prompt("afm")))),
        (".-", Speak((Prompt("common.silence"), Prompt("afm")))),
        ("12*", AGAIN),
        ("1234567832", AGAIN),
    ],
)
def test_mistakes_ask_again(keys: str, said: Act) -> None:
    session = begin(AFM)
    assert walk(session, keys) == [said]
    assert session.misses == 1
    assert walk(session, "1234567831") == [AGENT]


@pytest.mark.parametrize("keys", ["###", "***", ".-.-.-", "123456784" * 3, "123456783" + ".-" * 3, "1234567832" * 3])
def test_too_many_mistakes_lead_on(keys: str) -> None:
    session = begin(AFM)
    assert walk(session, keys) == [BYE]
    assert session.known.variables == {} and session.typed == ""


def test_without_confirmation() -> None:
    session = begin(replace(AFM, kind=Digits.DATE, least=8, most=8, confirm=False))
    assert walk(session, "24122026") == [AGENT]
    assert session.known.variables == {"afm": "2026-12-24"}


def test_a_number_of_any_length() -> None:
    ticket = replace(AFM, kind=Digits.NUMBER, least=2, most=4, confirm=False)
    assert walk(begin(ticket), "12#") == [AGENT]
    assert walk(begin(ticket), "12-") == [AGENT]
    assert walk(begin(ticket), "1234") == [AGENT]
    assert walk(begin(ticket), "1#") == [Speak((Prompt("digits.invalid"), Prompt("afm")))]


def test_no_fact_tells_the_number() -> None:
    session = begin(AFM)
    walk(session, "12#1234567831")
    assert session.take_facts()[1:] == [
        f.InputMissed(C1, "ask", "", 1),
        f.DigitsTaken(C1, "ask", "afm", 2),
        f.NodeEntered(C1, "agent"),
    ]


def test_the_engine_hushes_and_waits() -> None:
    hand = Hand(Line(settings(menu=tree(AFM)))).open()
    hand.call("c1", "1")
    play = only(c.Play, hand.out)[-1].play
    assert only(c.Hush, hand.do(key("1")))
    assert only(f.Unexpected, hand.do(ended(play))) == []
    hand.wait(4.9)
    hand.do(key("2"))
    hand.wait(4.9)
    assert len(only(c.Play, hand.out)) == 1
    hand.wait(0.1)
    assert only(c.Play, hand.out)[-1].prompts[0] == Prompt("digits.invalid")


def key(pressed: str) -> e.KeyPressed:
    return e.KeyPressed(C1, pressed)


def ended(play: int) -> e.PromptEnded:
    return e.PromptEnded(C1, play)


# --- the YAML ---------------------------------------------------------------------------------------------------------

ASK = "{type: digits, prompts: [afm], kind: afm, into: afm, next: bye, otherwise: bye}"


@pytest.mark.parametrize(
    ("changes", "lengths"),
    [({}, (9, 9)), ({"kind: afm": "kind: amka"}, (11, 11)), ({"kind: afm": "kind: number"}, (1, 20)),
     ({"kind: afm": "kind: number, min: 4, max: 6"}, (4, 6))],
)  # fmt: skip
def test_digits_of_the_files(tmp_path: Path, changes: dict[str, str], lengths: tuple[int, int]) -> None:
    text = ASK
    for old, new in changes.items():
        text = text.replace(old, new, 1)
    tree = loader.load(
        written(tmp_path, "m.yaml", f"nodes:\n  a: {text}\n  bye: {{type: goodbye}}\n"), schema_menus.MenusFile
    )
    assert tree.model and not tree.problems
    node = tree.model.nodes["a"].node("a", {})
    assert isinstance(node, Collect)
    assert (node.least, node.most, node.confirm) == (*lengths, True)
    assert list(edges(node)) == [("a", "bye", "typed"), ("a", "bye", "otherwise")]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("kind: afm", "kind: afm, min: 9", "found min or max with afm, expected neither: its length is known"),
        (
            "kind: afm",
            "kind: number, min: 9, max: 3",
            "found min 9 and max 3, expected a min that is not above the max",
        ),
        ("kind: afm", "kind: tin", "found 'tin', expected 'afm', 'amka', 'date' or 'number'"),
        (
            "into: afm",
            "into: topic",
            "found 'topic', expected a name other than caller, dialled, language, topic, role",
        ),
    ],
)
def test_digits_that_cannot_be_read(tmp_path: Path, old: str, new: str, expected: str) -> None:
    text = f"nodes:\n  a: {ASK.replace(old, new, 1)}\n  bye: {{type: goodbye}}\n"
    assert any(expected in told for told in complaints(tmp_path, text))


def test_digits_need_words_of_their_own() -> None:
    node = Collect("hello", HELLO, Digits.AFM, "afm", "ask", "ask", 9, 9)
    found = check(with_node(node))
    assert len(found) == 13 and {finding.file for finding in found} == {"prompts.yaml"}
    words = ["digits.invalid", "digits.read_back", "digits.confirm", *(f"digit.{name}" for name in NAMES)]
    spoken = {name: PromptText(name, plain=BOTH) for name in words}
    assert check(replace(with_node(node), texts=TEXTS | spoken)) == []
    assert check(GOOD) == [] and PAUSE.id not in TEXTS
