"""What only shows when the files are seen together; each finding at its place."""

from dataclasses import replace
from typing import Any

import pytest

from calls import Attribute, Need, QueueId, parse, requirement
from calls.commands import Prompt
from ivr import Choice, CommonKeys, DialOut, Enqueue, Entry, Goodbye, Menu, Menus, Node, Say
from ivr.graph import dot, edges
from ivr.texts import Numbered, PromptText
from sites import Finding
from sites.checker import AGENT_PROMPTS, check
from sites.findings import CheckInput, QueueRules

HELLO = (Prompt("hello"),)
COMMON = ("common.invalid", "common.silence", "common.agent_anyway", "common.goodbye", *AGENT_PROMPTS)
NODES: tuple[Node, ...] = (
    Say("hello", HELLO, "ask"),
    Menu(
        "ask",
        HELLO,
        {
            "1": Choice("pay", "agent", ((Attribute.TOPIC, "pay"), (Attribute.ROLE, "insured"))),
            "2": Choice("sos", "sos"),
            "3": Choice("bye", "bye"),
        },
        silence=Choice("el", "agent", ((Attribute.LANGUAGE, "el"),)),
    ),
    Enqueue("agent"),
    DialOut("sos", "15900", "agent"),
    Goodbye("bye", HELLO),
)
MENUS = Menus(
    entries={"1555": Entry("1555", "hello")},
    nodes={node.id: node for node in NODES},
    languages=("el", "en"),
    topics={"pay": QueueId("pay")},
    operator_queue=QueueId("pay"),
)
BOTH = {"el": "ναι", "en": "yes"}
COUNTED = {language: Numbered("{n}", "πολλά") for language in BOTH}
TEXTS = {name: PromptText(name, plain=BOTH) for name in ("hello", *COMMON)} | {
    name: PromptText(name, numbered=COUNTED, upto=3) for name in ("waiting.position", "waiting.minutes")
}
PAY = requirement(Need("topic.pay", 2))
GOOD = CheckInput(
    menus=MENUS,
    roles=("insured",),
    texts=TEXTS,
    queues={QueueId("pay"): PAY},
    agents={"a1": {"topic.pay": 2, "lang.el": 1, "lang.en": 1}},
    named={"a1": ("topic.pay", "lang.el", "lang.en")},
    external=("15900",),
)


def with_node(*nodes: Node) -> CheckInput:
    return with_menus(nodes={**MENUS.nodes, **{node.id: node for node in nodes}})


def with_menus(**changes: Any) -> CheckInput:
    return replace(GOOD, menus=replace(MENUS, **changes))


def with_text(text: PromptText) -> CheckInput:
    return replace(GOOD, texts=TEXTS | {text.id: text})


def with_rules(rules: QueueRules) -> CheckInput:
    return replace(GOOD, rules={QueueId("pay"): rules})


def ask(**choices: Choice) -> Menu:
    menu = MENUS.nodes["ask"]
    assert isinstance(menu, Menu)
    return replace(menu, choices={**menu.choices, **{key.removeprefix("k"): choice for key, choice in choices.items()}})


def test_nothing_is_wrong_with_what_is_right() -> None:
    assert check(GOOD) == []


OTHERS = "agent, ask, bye"

WRONG: list[tuple[str, CheckInput, Finding]] = [
    (
        "unknown start",
        with_menus(entries={"1555": Entry("1555", "hello"), "11320": Entry("11320", "helo")}),
        Finding("line.yaml", ("numbers", "11320", "start"), "unknown node 'helo'", f"one of hello, {OTHERS}, sos"),
    ),
    (
        "unknown topic of a number",
        with_menus(entries={"1555": Entry("1555", "hello", ((Attribute.TOPIC, "py"),))}),
        Finding("line.yaml", ("numbers", "1555", "sets", "topic"), "unknown topic 'py'", "one of pay (line.yaml)"),
    ),
    (
        "topic without a queue",
        with_menus(topics={"pay": QueueId("pay"), "tax": QueueId("tax")}),
        Finding("line.yaml", ("topics", "tax"), "unknown queue 'tax'", "one of pay"),
    ),
    (
        "operator without a queue",
        with_menus(operator_queue=QueueId("x")),
        Finding("line.yaml", ("operator_queue",), "unknown queue 'x'", "one of pay"),
    ),
    (
        "common key twice",
        with_menus(keys=CommonKeys(back="#")),
        Finding("line.yaml", ("keys", "back"), "'#'", "a key of its own (repeat has this one)"),
    ),
    (
        "language twice",
        with_menus(languages=("el", "en", "el")),
        Finding("line.yaml", ("languages", 2), "'el'", "each language once"),
    ),
    (
        "unknown next",
        with_node(Say("hello", HELLO, "aks")),
        Finding("menus.yaml", ("nodes", "hello", "next"), "unknown node 'aks'", "one of ask, agent, bye, hello, sos"),
    ),
    (
        "unknown goto",
        with_node(ask(k4=Choice("x", "nowhere"))),
        Finding(
            "menus.yaml",
            ("nodes", "ask", "choices", "4", "goto"),
            "unknown node 'nowhere'",
            "one of agent, ask, bye, hello, sos",
        ),
    ),
    (
        "unknown role",
        with_node(ask(k4=Choice("x", "bye", ((Attribute.ROLE, "insurd"),)))),
        Finding(
            "menus.yaml",
            ("nodes", "ask", "choices", "4", "sets", "role"),
            "unknown role 'insurd'",
            "one of insured (line.yaml)",
        ),
    ),
    (
        "shadowed key",
        with_node(ask(k0=Choice("x", "bye"))),
        Finding("menus.yaml", ("nodes", "ask", "choices", "0"), "key 0", "another key: this one means operator"),
    ),
    (
        "no choices",
        with_node(ask(), Menu("agent", HELLO, {})),
        Finding("menus.yaml", ("nodes", "agent", "choices"), "no choices", "at least one key"),
    ),
    (
        "unknown queue",
        with_node(Enqueue("agent", QueueId("pya"))),
        Finding("menus.yaml", ("nodes", "agent", "queue"), "unknown queue 'pya'", "one of pay"),
    ),
    (
        "outside number not allowed",
        with_node(DialOut("sos", "0900", "agent")),
        Finding("menus.yaml", ("nodes", "sos", "number"), "'0900'", "one of 15900 (external_numbers in site.yaml)"),
    ),
    (
        "unknown otherwise",
        with_node(DialOut("sos", "15900", "agnt")),
        Finding("menus.yaml", ("nodes", "sos", "otherwise"), "unknown node 'agnt'", f"one of {OTHERS}, hello, sos"),
    ),
    (
        "unreachable",
        with_node(Goodbye("alone")),
        Finding("menus.yaml", ("nodes", "alone"), "a node no caller can reach", "a way to it, or no such node"),
    ),
    (
        "number prompt in a node",
        with_node(Goodbye("bye", (Prompt("waiting.minutes"),))),
        Finding(
            "menus.yaml",
            ("nodes", "bye", "prompts", 0),
            "prompt 'waiting.minutes', which needs a number",
            "a prompt from prompts.yaml: prompts",
        ),
    ),
    (
        "missing translation",
        with_text(PromptText("hello", plain={"el": "ναι"})),
        Finding("prompts.yaml", ("prompts", "hello", "en"), "no translation", "the text in 'en'"),
    ),
    (
        "unknown language",
        with_text(PromptText("hello", plain=BOTH | {"fr": "oui"})),
        Finding("prompts.yaml", ("prompts", "hello", "fr"), "unknown language 'fr'", "one of el, en"),
    ),
    (
        "special number out of range",
        with_text(
            PromptText("waiting.minutes", numbered=COUNTED | {"el": Numbered("{n}", "πολλά", {9: "εννέα"})}, upto=3)
        ),
        Finding(
            "prompts.yaml", ("numbered", "waiting.minutes", "texts", "el", "only", "9"), "9", "a number up to 3"
        ),
    ),
    (
        "nobody in English",
        replace(GOOD, agents={"a1": {"topic.pay": 2, "lang.el": 1}, "a2": {"topic.pay": 1, "lang.en": 9}}),
        Finding(
            "queues.yaml",
            ("queues", "pay"),
            "nobody who could serve it in 'en'",
            "an agent in agents.yaml with lang.en>=1 and topic.pay>=2",
        ),
    ),
    (
        "nobody even when relaxed",
        with_rules(QueueRules({"en": parse("topic.pay>=3 and lang.en or topic.tax and lang.en")})),
        Finding(
            "queues.yaml",
            ("queues", "pay"),
            "nobody who could serve it in 'en'",
            "an agent in agents.yaml with lang.en>=1 and topic.pay>=3 or lang.en>=1 and topic.tax>=1",
        ),
    ),
    (
        "a step for a skill that nobody has",
        with_rules(QueueRules(steps=(frozenset({"topic.pay"}), frozenset({"topic.pya", "lang.el"})))),
        Finding(
            "queues.yaml",
            ("queues", "pay", "relax", 1, "requires"),
            "'topic.pya', which no agent has",
            "one of topic.pay, lang.el, lang.en (agents.yaml)",
        ),
    ),
    (
        "overflow to no queue",
        with_rules(QueueRules(overflow=(("message", "hello"), ("queue", "pya")))),
        Finding("queues.yaml", ("queues", "pay", "overflow", 1, "queue"), "unknown queue 'pya'", "one of pay"),
    ),
    (
        "overflow to itself",
        with_rules(QueueRules(overflow=(("queue", "pay"),))),
        Finding("queues.yaml", ("queues", "pay", "overflow", 0, "queue"), "'pay', the queue itself", "another queue"),
    ),
    (
        "overflow to a prompt with a number",
        with_rules(QueueRules(overflow=(("message", "waiting.minutes"),))),
        Finding(
            "queues.yaml",
            ("queues", "pay", "overflow", 0, "message"),
            "prompt 'waiting.minutes', which needs a number",
            "a prompt from prompts.yaml: prompts",
        ),
    ),
    (
        "overflow to a number that is not allowed",
        with_rules(QueueRules(overflow=(("number", "0900"),))),
        Finding(
            "queues.yaml",
            ("queues", "pay", "overflow", 0, "number"),
            "'0900'",
            "one of 15900 (external_numbers in site.yaml)",
        ),
    ),
    (
        "points for an unknown role",
        with_rules(QueueRules(roles=("insurd",))),
        Finding(
            "queues.yaml", ("queues", "pay", "roles", "insurd"), "unknown role 'insurd'", "one of insured (line.yaml)"
        ),
    ),
    (
        "points for an unknown number",
        with_rules(QueueRules(numbers=("1556",))),
        Finding(
            "queues.yaml", ("queues", "pay", "numbers", "1556"), "unknown number '1556'", "one of 1555 (line.yaml)"
        ),
    ),
    (
        "unknown skill",
        replace(GOOD, named={"a1": ("topic.pya",)}),
        Finding(
            "agents.yaml",
            ("agents", "a1", "skills", "topic.pya"),
            "unknown skill 'topic.pya'",
            "one of topic.pay, lang.el, lang.en",
        ),
    ),
]  # fmt: skip


@pytest.mark.parametrize(("subject", "finding"), [case[1:] for case in WRONG], ids=[case[0] for case in WRONG])
def test_one_thing_wrong_is_one_finding(subject: CheckInput, finding: Finding) -> None:
    assert check(subject) == [finding]


def test_a_number_that_must_agree_in_a_language_without_words() -> None:
    french = COUNTED | {"fr": Numbered("{n:minutes}", "{n} au moins", {1: "{n:m} et {n:f}"})}
    subject = replace(
        with_text(PromptText("waiting.minutes", numbered=french, upto=3)),
        menus=replace(MENUS, languages=("el", "en", "fr")),
    )
    here, expected = (
        ("numbered", "waiting.minutes", "texts", "fr"),
        "{n}, as digits: words for numbers are known in el, en",
    )
    assert [finding for finding in check(subject) if finding.expected == expected] == [
        Finding("prompts.yaml", (*here, "each"), "{n:minutes}", expected),
        Finding("prompts.yaml", (*here, "only", "1"), "{n:m} and {n:f}", expected),
    ]
    assert french["fr"].text(9, 3, "fr") == "3 au moins"


def test_a_queue_that_only_relaxed_can_be_served_is_right() -> None:
    needed = {QueueId("pay"): parse("topic.pay >= 9")}
    widest = {language: parse(f"topic.pay >= 2 and lang.{language}") for language in BOTH}
    assert len(check(replace(GOOD, queues=needed))) == 2
    assert check(replace(GOOD, queues=needed, rules={QueueId("pay"): QueueRules(widest)})) == []


CALLBACK = QueueRules(overflow=(("message", "hello"), ("callback", "")))
SAID = {name: PromptText(name, plain=BOTH) for name in ("callback.offer", "callback.promised")}


def test_a_callback_is_asked_for_and_promised_with_words() -> None:
    keys = ("queues", "pay", "overflow", 1, "callback")
    expected = "it in prompts.yaml: a callback needs it"
    assert check(with_rules(CALLBACK)) == [
        Finding("queues.yaml", keys, "no prompt 'callback.offer'", expected),
        Finding("queues.yaml", keys, "no prompt 'callback.promised'", expected),
    ]
    assert check(replace(with_rules(CALLBACK), texts=TEXTS | SAID)) == []


def test_words_of_callbacks_have_no_number() -> None:
    counted = PromptText("callback.offer", numbered=COUNTED, upto=3)
    subject = replace(with_rules(CALLBACK), texts=TEXTS | SAID | {"callback.offer": counted})
    assert [finding.found for finding in check(subject)] == ["prompt 'callback.offer', which needs a number"]


def test_words_of_callbacks_that_cannot_be_read_are_not_missed() -> None:
    lost = {"prompts": frozenset({"callback.offer", "callback.promised"})}
    assert check(replace(with_rules(CALLBACK), broken=lost)) == []
    assert check(replace(with_rules(CALLBACK), texts=None)) == []


def test_skills_of_steps_are_known() -> None:
    named = replace(GOOD, named={"a1": ("topic.tax",)})
    assert len(check(named)) == 1
    knowing = replace(named, agents={**(GOOD.agents or {}), "a2": {"topic.tax": 1}})
    assert check(replace(knowing, rules={QueueId("pay"): QueueRules(steps=(frozenset({"topic.tax"}),))})) == []


def test_everything_wrong_is_told_at_once() -> None:
    subject = replace(with_menus(topics={"tax": QueueId("tax")}, keys=CommonKeys(back="#")), external=())
    assert [(finding.file, finding.keys[0]) for finding in check(subject)] == [
        ("line.yaml", "keys"),
        ("line.yaml", "topics"),
        ("menus.yaml", "nodes"),
        ("menus.yaml", "nodes"),
    ]


def test_unknown_prompt_names_the_nearest() -> None:
    (finding,) = check(with_node(Goodbye("bye", (Prompt("helo"),))))
    assert (finding.keys, finding.found) == (("nodes", "bye", "prompts", 0), "unknown prompt 'helo'")
    assert finding.expected.startswith("one of hello, agent.after_call, ")


def test_prompts_the_line_says_on_its_own_are_needed() -> None:
    plain = {name: text for name, text in TEXTS.items() if name == "hello"}
    found = check(replace(GOOD, texts=plain | {"waiting.minutes": PromptText("waiting.minutes", plain=BOTH)}))
    assert {finding.keys for finding in found} == {
        *(("prompts", name) for name in COMMON),
        ("numbered", "waiting.position"),
        ("numbered", "waiting.minutes"),
    }


def test_a_ring_that_never_asks_is_a_loop_told_once() -> None:
    ring = (Say("hello", HELLO, "more"), Say("more", HELLO, "sos"), DialOut("sos", "15900", "hello"))
    found = [finding for finding in check(with_node(*ring)) if "loop" in finding.found]
    assert [(finding.keys, finding.found) for finding in found] == [
        (("nodes", "hello"), "a loop without exit: hello -> more -> sos -> hello")
    ]


def test_silence_that_leads_back_is_a_loop() -> None:
    menu = Menu("ask", HELLO, {"1": Choice("bye", "bye")}, silence=Choice("el", "hello"))
    found = [finding for finding in check(with_node(menu)) if "loop" in finding.found]
    assert [(finding.keys, finding.found) for finding in found] == [
        (("nodes", "ask"), "a loop without exit: ask -> hello -> ask")
    ]


def test_a_ring_with_a_menu_in_it_ends_at_an_agent() -> None:
    assert check(with_node(ask(k4=Choice("again", "hello")))) == []


def test_of_unreachable_nodes_only_the_first_is_told() -> None:
    found = check(with_node(Say("x", HELLO, "y"), Say("y", HELLO, "z"), Goodbye("z")))
    assert [finding.keys for finding in found] == [("nodes", "x")]
    ring = check(with_node(Menu("x", HELLO, {"1": Choice("y", "y")}), Menu("y", HELLO, {"1": Choice("x", "x")})))
    assert [finding.keys for finding in ring] == [("nodes", "x")]


def test_nothing_is_wrong_for_naming_what_could_not_be_read() -> None:
    lost = {"nodes": frozenset({"lost"}), "queues": frozenset({"gone"}), "prompts": frozenset({"torn"})}
    broken = with_node(
        ask(k4=Choice("lost", "lost")), Enqueue("agent", QueueId("gone")), Goodbye("z", (Prompt("torn"),))
    )
    assert check(replace(broken, broken=lost)) == []


def test_files_that_could_not_be_read_are_not_judged() -> None:
    assert check(replace(GOOD, roles=None, texts=None, queues=None, agents=None, external=None)) == []


def test_graph_has_every_node_and_every_way() -> None:
    text = dot(MENUS)
    assert text.startswith('digraph "line" {\n')
    assert '  "number 1555" -> "hello" [label=""];\n' in text
    assert '  "ask" -> "agent" [label="1 pay\\nsilence el"];\n' in text
    assert '  "sos" -> "agent" [label="no answer"];\n' in text
    assert [way[:2] for node in NODES for way in edges(node)] == [
        ("hello", "ask"), ("ask", "agent"), ("ask", "sos"), ("ask", "bye"), ("sos", "agent"),
    ]  # fmt: skip


def test_graph_text_is_escaped() -> None:
    assert '"a\\"b\\\\"' in dot(MENUS, 'a"b\\')
