"""A site for live tests of every type of node: one menu of all of them behind the choice of a language."""

from __future__ import annotations

from pathlib import Path

from tests.live.site import Ports, make_site

LINE = """
languages: [el, en]
numbers:
  "1555": {start: language}
roles: [insured]
topics:
  general: general
  insurance: insurance
  later: {queue: general, from: 2099-01-01}
operator_queue: general
after_call: how
banners: [emergency.strike]
hours:
  never: {week: {}}
  always: {closed: [2026-01-01]}
callbacks: {attempts: 1}
"""
MENUS = """
nodes:
  language:
    type: menu
    prompts: [short.language]
    silence: {sets: {language: el}, goto: kinds}
    choices:
      "1": {sets: {language: el}, goto: kinds}
      "2": {sets: {language: en}, goto: kinds}
  kinds:
    type: menu
    prompts: [short.kinds]
    tries: 2
    choices:
      "1": {goto: afm}
      "2": {goto: ticket}
      "3": {goto: banner}
      "4": {goto: offer, sets: {topic: general}}
      "5": {goto: times}
      "6": {goto: shut}
      "7": {goto: agent, sets: {topic: later}, prompts: [short.kinds]}
      "8": {goto: agent, sets: {topic: general}}
      "9": {goto: tape}
  afm: {type: digits, kind: afm, into: afm, prompts: [short.number], next: look, otherwise: bye, timeout_s: 3, tries: 2}
  look:
    type: lookup
    lookup: cases
    send: {afm: afm, phone: caller, lang: language}
    values: {ticket: status}
    prompts: [short.wait]
    next: known
    otherwise: failed
    within_s: 6
  known:
    type: branch
    cases: [{when: {variables: {ticket: [open]}, caller: ["21########"], dialled: ["1555"]}, goto: open}]
    otherwise: bye
  open: {type: goodbye, prompts: [short.done]}
  failed: {type: goodbye, prompts: [short.done]}
  ticket: {type: digits, kind: number, min: 2, max: 6, into: ticket, prompts: [short.number], next: known2,
           otherwise: bye, timeout_s: 4, tries: 2}
  known2: {type: branch, cases: [{when: {variables: {ticket: ["12"]}}, goto: open}], otherwise: bye}
  banner: {type: banner, next: after_banner}
  after_banner: {type: branch, cases: [{when: {banner: true}, goto: strike}], otherwise: bye}
  strike: {type: goodbye, prompts: [short.done]}
  offer: {type: callback}
  times:
    type: branch
    cases:
      - {when: {hours: never}, goto: bye}
      - {when: {hours: always, queue: {name: general, agents_in: 1}}, goto: info}
    otherwise: bye
  info: {type: say, prompts: [short.done], next: shared}
  shared: {type: fragment, start: inside, next: gone}
  inside: {type: say, prompts: [short.wait], next: out}
  out: {type: return}
  gone: {type: goodbye, until: 2020-01-01, instead: bye}
  shut: {type: queue, queue: insurance, closed: closed}
  closed: {type: goodbye, prompts: [short.done]}
  agent: {type: queue, prompts: [short.wait]}
  tape: {type: voicemail, box: night, prompts: [short.wait], max_s: 20, next: open}
  how: {type: survey, prompts: [short.survey], next: bye}
  bye: {type: goodbye, prompts: [short.done]}
"""
WORDS = {
    "short.language": ("Ελληνικά ένα.", "English two."),
    "short.kinds": ("Πατήστε ένα πλήκτρο.", "Press a key."),
    "short.number": ("Πληκτρολογήστε τον αριθμό.", "Enter the number."),
    "short.wait": ("Παρακαλώ περιμένετε.", "Please wait."),
    "short.done": ("Ευχαριστούμε.", "Thank you."),
    "short.survey": ("Βαθμολογήστε από ένα έως πέντε.", "Give a mark from one to five."),
    "emergency.strike": ("Σήμερα απεργούμε.", "We are on strike today."),
    "digits.invalid": ("Ο αριθμός δεν είναι σωστός.", "The number is not right."),
    "digits.read_back": ("Δώσατε.", "You entered."),
    "digits.confirm": ("Αν είναι σωστό πατήστε ένα.", "If that is right press one."),
    "alone.later": ("Γενικά.", "General."),
    "digit.zero": ("μηδέν", "zero"),
    "digit.one": ("ένα", "one"),
    "digit.two": ("δύο", "two"),
    "digit.three": ("τρία", "three"),
    "digit.four": ("τέσσερα", "four"),
    "digit.five": ("πέντε", "five"),
    "digit.six": ("έξι", "six"),
    "digit.seven": ("επτά", "seven"),
    "digit.eight": ("οκτώ", "eight"),
    "digit.nine": ("εννέα", "nine"),
}


def make_nodes_site(folder: Path, service: int) -> Ports:
    """Write the site; ``service`` is the port of the web service that its lookups ask."""
    ports = make_site(folder)
    (folder / "line.yaml").write_text(LINE, "utf-8")
    (folder / "menus.yaml").write_text(MENUS, "utf-8")
    shipped = (folder / "prompts.yaml").read_text("utf-8")
    own = "".join(f"  {name}: {{el: {el!r}, en: {en!r}}}\n" for name, (el, en) in WORDS.items())
    (folder / "prompts.yaml").write_text(shipped.replace("prompts:\n", f"prompts:\n{own}", 1), "utf-8")
    queues = (folder / "queues.yaml").read_text("utf-8")
    hours = "hours: never, overflow: [{when: closed, queue: general}], label: Insurance"
    (folder / "queues.yaml").write_text(queues.replace("label: Insurance", hours), "utf-8")
    with (folder / "site.yaml").open("a", encoding="utf-8") as site:
        site.write(f"lookups: {{cases: {{url: 'http://127.0.0.1:{service}/cases', timeout_s: 1, retries: 1}}}}\n")
    return ports
