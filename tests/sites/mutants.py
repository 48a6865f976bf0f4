"""Sites that somebody, or chance, has damaged: one file of a good site with a few changes. Same seed, same ones."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

Files = Mapping[str, str]

SMALL: Files = {
    "line.yaml": """\
languages: [el, en]
numbers:
  "1555": {start: hello}
  "11320": {start: ask, sets: {topic: pay, language: en}}
roles: [insured, employer]
topics:
  pay: pay
  tax: {queue: tax, from: 2020-01-01, hours: office}
operator_queue: pay
after_call: mark
banners: [strike]
hours:
  office: {week: {mon-fri: ["07:00-20:00"]}, closed: [holidays, 2026-06-01]}
""",
    "menus.yaml": """\
nodes:
  hello: {type: say, prompts: [hello], next: ask}
  ask:
    type: menu
    prompts: [ask.one, hello]
    tries: 2
    silence: {sets: {language: el}, goto: who}
    choices:
      "1": {sets: {topic: tax}, goto: who, prompts: [hello]}
      "9": {sets: {language: en}, goto: sos}
      "3": {meaning: leave, goto: bye, until: 2099-01-01, prompts: [bye]}
      "4": {goto: number}
  who:
    type: menu
    prompts: [hello]
    choices:
      "1": {sets: {role: insured}, goto: agent}
      "2": {sets: {role: employer}, goto: news}
  news: {type: say, prompts: [ask.one], next: agent}
  agent: {type: queue}
  taxes: {type: queue, queue: tax, prompts: [hello]}
  sos: {type: transfer, number: "15900", otherwise: taxes, confidential: true, prompts: [hello]}
  bye: {type: goodbye, prompts: [bye]}
  number: {type: digits, kind: afm, into: afm, prompts: [hello], next: state, otherwise: agent, timeout_s: 3, tries: 2}
  state: {type: lookup, lookup: cases, send: {afm: afm, phone: caller}, values: {state: status}, next: which,
          otherwise: shared, within_s: 5}
  which:
    type: branch
    cases:
      - {when: {variables: {state: [open]}, caller: ["21########"], hours: office}, goto: told}
      - {when: {queue: {name: tax, agents_in: 1}, called_within_h: 2}, goto: taxes, sets: {role: insured}}
    otherwise: shared
  told: {type: banner, next: later}
  later: {type: callback, queue: pay, from: 2026-01-01, instead: tape}
  shared: {type: fragment, start: inside, next: tape}
  inside: {type: say, prompts: [hello], next: out}
  out: {type: return}
  tape: {type: voicemail, box: night, prompts: [hello], max_s: 20, next: bye}
  mark: {type: survey, prompts: [hello], next: bye}
""",
    "prompts.yaml": "prompts:\n"
    + "".join(
        f"  {name}: {{el: Ναι., en: Yes.}}\n"
        for name in (
            *("hello", "bye", "ask.one", "common.invalid", "common.silence", "common.agent_anyway", "common.goodbye"),
            *("agent.logged_in", "agent.logged_out", "agent.ready", "agent.not_ready", "agent.wrap_up_ended"),
            *(f"alone.{name}" for name in ("connecting", "language", "waiting", "pay", "tax", "sos")),
            *("strike", "digits.invalid", "digits.read_back", "digits.confirm"),
            *(
                f"digit.{name}"
                for name in ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
            ),
            *("agent.refused", "agent.unknown_code", "agent.after_call", "callback.offer", "callback.promised"),
        )
    )
    + """\
numbered:
  waiting.position:
    upto: 5
    texts:
      el: {each: "Θέση {n}.", more: "Πάνω από {n:calls}.", only: {"1": Ο επόμενος.}}
      en: {each: "Number {n}.", more: Many.}
  waiting.minutes:
    upto: 5
    texts:
      el: {each: "{n:minutes}", more: Πολλά.}
      en: {each: "{n:minutes} or {n:duration}", more: Many.}
""",
    "queues.yaml": """\
defaults: {ring_s: 15, policy: balanced}
queues:
  pay:
    label: Pay
    requires: {topic.pay: 2}
    roles: {insured: 10}
    relax: [{after_s: 30, requires: "topic.pay >= 1 or topic.tax"}]
    overflow: [{when: waited, at: 300, callback: true}, {when: length, at: 9, queue: tax}]
  tax: {label: Tax, requires: topic.tax, overflow: [{when: nobody, message: bye}]}
""",
    "agents.yaml": """\
codes: {"*11": {action: log_in}, "*14": {action: not_ready, reason: break}}
agents:
  a001-a003: {skills: {topic.pay: 5, topic.tax: 1, lang.el: 10, lang.en: 3}}
  a002: {name: Μαρία, language: en, skills: {topic.tax: 0}}
""",
    "site.yaml": """\
external_numbers: ["15900"]
sip: {rtp_first: 10000, rtp_last: 10999}
lookups: {cases: {url: "http://127.0.0.1:8080/cases", timeout_s: 1, retries: 1}}
""",
}
"""A site with one of everything, every type of node among it, small enough to be read hundreds of times a second."""

WILD = (
    *("0", "-1", "1e999", "99999999999999999999", "0x10", ".nan", "null", "~", "true", "[]", "{}", "''", '""', "a b"),
    *("&a", "*a", "!!python/object/apply:os.system [true]", "<<: *a", "? ", "- ", ": ", "| ", "> ", "%TAG", "@", "`"),
    *("{n}", "{n:hours}", "{n:x}", "{", "}", "[", "]", '"', "'", "\\", "#", "---", "...", "\t", "\r", "\0", "\x1b[31m"),
    *("\ufeff", "\u2028", "\u202e", "é", "Ω", "🂡", "x" * 300, "[" * 50, "../../etc/passwd", "$(id)", "el", "1555", "*"),
)
_VALUE = re.compile(r"\b(?P<key>goto|next|start|otherwise|queue|topic|role|language|type|requires): (?P<value>[\w.]+)")
_WAYS = ("goto", "next", "start", "otherwise")
_WORD = re.compile(r"[\w.*-]+")
_WORDS = tuple(sorted({word for text in SMALL.values() for word in _WORD.findall(text)}))
Change = Callable[[str, random.Random], str]


@dataclass(frozen=True, slots=True)
class Mutant:
    """One damaged file of a site."""

    file: str
    raw: bytes


def mutants(files: Files, count: int, seed: int) -> Iterator[Mutant]:
    """So many damaged files, each with one to four changes; a few are no text any more."""
    dice = random.Random(seed)
    for _ in range(count):
        file = dice.choice(tuple(files))
        text = files[file]
        for _ in range(dice.choice((1, 1, 1, 2, 3, 4))):
            text = dice.choice(CHANGES)(text, dice)
        raw = text.encode("utf-8", "surrogatepass")
        yield Mutant(file, _bent(raw, dice) if dice.random() < 0.03 else raw)


def _bent(raw: bytes, dice: random.Random) -> bytes:
    """A byte more that is no text, or the file cut anywhere."""
    at = dice.randrange(len(raw) + 1)
    return raw[:at] + (bytes([dice.randrange(128, 256)]) + raw[at:] if dice.random() < 0.5 else b"")


def _other_word(text: str, dice: random.Random) -> str:
    """A name in another's place: most sites that are still read, and walk another way, come from here."""
    return _replaced(
        text, dice.choice(_WORD.findall(text) or [""]) if dice.random() < 0.7 else dice.choice(_WORDS), dice
    )


def _other_value(text: str, dice: random.Random) -> str:
    """The value of a key of the same kind elsewhere: another way through the menus, and mostly a right one."""
    values = list(_VALUE.finditer(text))
    if not values:
        return _other_word(text, dice)
    old = dice.choice(values)
    kind = _WAYS if old["key"] in _WAYS else (old["key"],)
    new = dice.choice([value for value in values if value["key"] in kind])
    return text[: old.start("value")] + new["value"] + text[old.end("value") :]


def _wild_word(text: str, dice: random.Random) -> str:
    return _replaced(text, dice.choice(WILD), dice)


def _replaced(text: str, new: str, dice: random.Random) -> str:
    words = list(_WORD.finditer(text))
    if not words:
        return new
    old = dice.choice(words)
    return text[: old.start()] + new + text[old.end() :]


def _wild_inside(text: str, dice: random.Random) -> str:
    at = dice.randrange(len(text) + 1)
    return text[:at] + dice.choice(WILD) + text[at:]


def _character_gone(text: str, dice: random.Random) -> str:
    at = dice.randrange(len(text) + 1)
    return text[:at] + text[at + 1 :]


def _lines(change: Callable[[list[str], int, random.Random], None]) -> Change:
    def changed(text: str, dice: random.Random) -> str:
        lines = text.splitlines(keepends=True) or [""]
        change(lines, dice.randrange(len(lines)), dice)
        return "".join(lines)

    return changed


def _gone(lines: list[str], at: int, dice: random.Random) -> None:
    del lines[at : at + dice.choice((1, 1, 1, 2, 5))]


def _twice(lines: list[str], at: int, dice: random.Random) -> None:
    lines.insert(dice.randrange(len(lines) + 1), lines[at])


def _swapped(lines: list[str], at: int, dice: random.Random) -> None:
    other = dice.randrange(len(lines))
    lines[at], lines[other] = lines[other], lines[at]


def _moved(lines: list[str], at: int, dice: random.Random) -> None:
    """Indented otherwise."""
    by = dice.choice((-2, -1, 1, 2))
    lines[at] = " " * by + lines[at] if by > 0 else lines[at][-by:]


CHANGES: tuple[Change, ...] = (
    *(_other_value, _other_value, _other_value, _other_word, _other_word, _wild_word, _wild_inside, _character_gone),
    *map(_lines, (_gone, _twice, _swapped, _moved)),
)
