"""From files to the model, and the exact words where that is not possible."""

from pathlib import Path

import pytest

from calls import Attribute
from calls.commands import Prompt
from ivr import Choice, CommonKeys, DialOut, Enqueue, Entry, Goodbye, Menu, Say
from ivr.texts import spoken
from sites import schema, schema_line, schema_menus
from sites.loader import load, menus, texts

LINE = """\
languages: [el, en]
keys: {operator: "9"}
numbers:
  "1555": {start: hello, sets: {topic: pay}}
roles: [insured]
topics: {pay: pay}
operator_queue: pay
"""
MENUS = """\
nodes:
  hello: {type: say, prompts: [hello], next: ask}
  ask:
    type: menu
    prompts: [ask.one, ask.two]
    timeout_s: 4
    tries: 2
    silence: {sets: {language: el}, goto: agent}
    choices:
      "1": {goto: agent}
      "2": {sets: {topic: pay, role: insured}, goto: sos}
      "3": {meaning: leave, goto: bye}
  agent: {type: queue}
  sos: {type: transfer, number: "15900", otherwise: agent, confidential: true, prompts: [hello]}
  bye: {type: goodbye, prompts: [bye]}
"""
PROMPTS = """\
prompts:
  hello: {el: Γεια σας., en: Hello.}
numbered:
  place:
    upto: 3
    texts:
      el: {each: "Θέση {n}.", more: Πολλοί., only: {1: Ο επόμενος.}}
"""


def written(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def complaints(tmp_path: Path, text: str, model: type[schema.Strict] = schema_menus.MenusFile) -> list[str]:
    problems = sorted(load(written(tmp_path, "f.yaml", text), model).problems)
    return [str(problem).removeprefix(f"{tmp_path}/") for problem in problems]


def test_every_kind_of_node(tmp_path: Path) -> None:
    line = load(written(tmp_path, "line.yaml", LINE), schema_line.LineFile)
    tree = load(written(tmp_path, "menus.yaml", MENUS), schema_menus.MenusFile)
    assert line.problems == tree.problems == ()
    assert line.model and tree.model
    built = menus(line.model, tree.model)
    assert built.entries == {"1555": Entry("1555", "hello", ((Attribute.TOPIC, "pay"),))}
    assert (built.languages, built.operator_queue, built.keys) == (("el", "en"), "pay", CommonKeys(operator="9"))
    topic_and_role = ((Attribute.TOPIC, "pay"), (Attribute.ROLE, "insured"))
    assert built.nodes == {
        "hello": Say("hello", (Prompt("hello"),), "ask"),
        "ask": Menu(
            "ask",
            (Prompt("ask.one"), Prompt("ask.two")),
            {
                "1": Choice("agent", "agent"),
                "2": Choice("pay", "sos", topic_and_role),
                "3": Choice("leave", "bye"),
            },
            timeout_s=4,
            tries=2,
            silence=Choice("el", "agent", ((Attribute.LANGUAGE, "el"),)),
        ),
        "agent": Enqueue("agent"),
        "sos": DialOut("sos", "15900", "agent", confidential=True, prompts=(Prompt("hello"),)),
        "bye": Goodbye("bye", (Prompt("bye"),)),
    }


def test_texts_and_their_numbers(tmp_path: Path) -> None:
    loaded = load(written(tmp_path, "prompts.yaml", PROMPTS), schema.PromptsFile)
    assert loaded.model
    said = texts(loaded.model)
    place = said["place"]
    assert (said["hello"].variants(), place.variants()) == ((None,), (1, 2, 3, 4))
    assert [place.text("el", number) for number in (0, 1, 2, 3, 4, 999)] == [
        "Ο επόμενος.", "Ο επόμενος.", "Θέση δύο.", "Θέση τρία.", "Πολλοί.", "Πολλοί.",
    ]  # fmt: skip
    assert place.clip(999) == 4
    assert said["hello"].clip(7) is None
    assert spoken(said, (Prompt("hello"), Prompt("place", 2)), "el") == "Γεια σας. Θέση δύο."


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("type: say", "type: sai", "f.yaml:2:11: nodes.hello.type: found 'sai', expected 'say', 'menu', 'digits', 'queue', 'transfer', "),  # noqa: E501
        ("type: say, ", "", "f.yaml:2:3: nodes.hello: found nothing, expected a key type, e.g. type: say"),
        ("prompts: [bye]", "promts: [bye]", "f.yaml:15:24: nodes.bye.promts: found an unknown key, expected one of type, prompts, from, until, hours, instead"),  # noqa: E501
        ("next: ask", "then: 1, next: 2", "f.yaml:2:40: nodes.hello.then: found an unknown key, expected one of type, prompts, next, from, until, hours, instead"),  # noqa: E501
        ("timeout_s: 4", "timeout_s: soon", "f.yaml:6:5: nodes.ask.timeout_s: found 'soon', expected a number"),
        ("timeout_s: 4", "timeout_s: 0.5", "f.yaml:6:5: nodes.ask.timeout_s: found 0.5, expected at least 1.0"),
        ("tries: 2", "tries: 2.5", "f.yaml:7:5: nodes.ask.tries: found 2.5, expected a whole number"),
        ("tries: 2", "tries: true", "f.yaml:7:5: nodes.ask.tries: found true, expected a whole number"),
        ('"15900"', "15900", 'f.yaml:14:25: nodes.sos.number: found 15900, expected text (numbers need quotes: "15")'),
        ('"15900"', '"159; rm"', "f.yaml:14:25: nodes.sos.number: found '159; rm', expected a telephone number in quotes: digits, + allowed in front"),  # noqa: E501
        ("confidential: true", "confidential: maybe", "f.yaml:14:60: nodes.sos.confidential: found 'maybe', expected true or false"),  # noqa: E501
        ('"3": {meaning', '"33": {meaning', """f.yaml:12:7: nodes.ask.choices.33: found '33', expected one telephone key in quotes: "0" to "9", "*" or "#\""""),  # noqa: E501
        ("{goto: agent}", "agent", "f.yaml:10:7: nodes.ask.choices.1: found 'agent', expected a mapping"),
        ("prompts: [hello]", "prompts: hello", "f.yaml:2:22: nodes.hello.prompts: found 'hello', expected a list"),
        ("prompts: [hello]", "prompts: []", "f.yaml:2:22: nodes.hello.prompts: found a list, expected at least 1"),
        ("[hello]", "[../hello]", "f.yaml:2:32: nodes.hello.prompts.0: found '../hello', expected names of small letters, digits and _, joined by dots"),  # noqa: E501
        ("[hello]", "[hello.3]", "f.yaml:2:32: nodes.hello.prompts.0: found 'hello.3', expected names of small letters, digits and _, joined by dots"),  # noqa: E501
        (MENUS, "nodes: []\n", "f.yaml:1:1: nodes: found a list, expected a mapping"),
        (MENUS, "nodes:\n", "f.yaml:1:1: nodes: found nothing, expected a mapping"),
        (MENUS, "- a\n", "f.yaml:1:1: (file): found a list, expected a mapping"),
        (MENUS, "just text\n", "f.yaml:1:1: (file): found 'just text', expected a mapping"),
    ],
)  # fmt: skip
def test_file_line_column_key_found_expected(tmp_path: Path, old: str, new: str, expected: str) -> None:
    assert any(told.startswith(expected) for told in complaints(tmp_path, MENUS.replace(old, new, 1)))


@pytest.mark.parametrize(
    ("each", "expected"),
    [
        ("Θέση.", "found 'Θέση.', expected a text with {n}, or a form of it such as {n:minutes}"),
        ("{n:minuts}", "found '{n:minuts}', expected one of {n:minutes}, {n:calls}"),
        ("{n} {m}", "found '{m}', expected one of {n:m}, {n:calls}"),
        ("{n", "found '{n', expected a text of at most 1,000 characters, braces in pairs"),
    ],
)  # fmt: skip
def test_a_number_has_its_place_and_a_known_form(tmp_path: Path, each: str, expected: str) -> None:
    (said,) = complaints(tmp_path, PROMPTS.replace("Θέση {n}.", each), schema.PromptsFile)
    assert said.startswith(f"f.yaml:7:12: numbered.place.texts.el.each: {expected}")


def test_all_problems_of_a_file_at_once(tmp_path: Path) -> None:
    broken = MENUS.replace("tries: 2", "tries: 0").replace("prompts: [bye]", "prompts: [Bye]")
    assert complaints(tmp_path, broken) == [
        "f.yaml:7:5: nodes.ask.tries: found 0, expected at least 1",
        "f.yaml:15:34: nodes.bye.prompts.0: found 'Bye', expected names of small letters, digits and _, joined by dots",
    ]


def test_what_is_broken_is_left_out_and_the_rest_is_there(tmp_path: Path) -> None:
    loaded = load(written(tmp_path, "f.yaml", MENUS.replace("tries: 2", "tries: 0")), schema_menus.MenusFile)
    assert loaded.model is not None
    assert loaded.model.nodes.keys() == {"hello", "agent", "sos", "bye"}
    assert loaded.broken_names("nodes") == {"ask"}


def test_the_only_value_is_told_as_yaml_writes_it(tmp_path: Path) -> None:
    queues = "queues:\n  a: {label: x, overflow: [{when: waited, at: 9, callback: maybe}]}\n"
    (said,) = complaints(tmp_path, queues, schema.QueuesFile)
    assert said.endswith("callback: found 'maybe', expected true")


def test_a_doubled_key_leaves_the_first(tmp_path: Path) -> None:
    loaded = load(written(tmp_path, "f.yaml", MENUS + "  bye: {type: queue}\n"), schema_menus.MenusFile)
    assert [problem.line for problem in loaded.problems] == [16]
    assert loaded.model and loaded.model.nodes["bye"].type == "goodbye"


@pytest.mark.parametrize(
    ("speech", "right"),
    [
        ("Γεια σας.", True),
        ("Two\\nlines.", True),
        ("", False),
        ("...", False),
        ("{n} calls", False),
        ("a\\tb", False),
        ("x" * 1001, False),
    ],
)
def test_what_can_be_said(tmp_path: Path, speech: str, right: bool) -> None:
    text = f'prompts:\n  hello: {{el: "{speech}"}}\n'
    assert (complaints(tmp_path, text, schema.PromptsFile) == []) is right
