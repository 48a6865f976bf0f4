"""The menus as one page that needs nothing else: the picture, and for each node what it says and where callers go on.

The picture's nodes are links to the parts below it, so it works without a script; a few lines of one add a search and
larger or smaller. Every text is escaped: what stands in the YAML is never markup.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import fields
from html import escape
from typing import Any

from ivr import Branch, Node
from ivr.calendar import Validity
from ivr.conditions import QueueState
from ivr.graph import edges
from ivr.references import RefKind, references
from metrics.traffic import MenuTraffic, number_place
from sites import Site

WORDS: Mapping[str, Mapping[str, str]] = {
    "el": {
        "title": "Τα μενού της γραμμής", "counted": "{n} κλήσεις", "uncounted": "χωρίς καταμέτρηση κλήσεων",
        "search": "Αναζήτηση κόμβου ή κειμένου", "size": "Μέγεθος", "says": "Λέει", "ways": "Οδηγεί", "from": "Από",
        "visits": "Κλήσεις", "missed": "Λάθη και σιωπές", "left": "Έκλεισαν εδώ",
        "hidden": "Εμπιστευτικός κόμβος: οι κλήσεις του δεν μετριούνται.", "top": "στην εικόνα",
    },
    "en": {
        "title": "The line's menus", "counted": "{n} calls", "uncounted": "callers were not counted",
        "search": "Search nodes and texts", "size": "Size", "says": "Says", "ways": "Leads to", "from": "From",
        "visits": "Calls", "missed": "Wrong keys and silences", "left": "Hung up here",
        "hidden": "A confidential node: its calls are not counted.", "top": "to the picture",
    },
}  # fmt: skip
SHOWN_ELSEWHERE = ("id", "prompts", "choices", "silence", "spoken", "next", "otherwise", "start", "cases")

CSS = """
:root { color-scheme: light dark; }
body { font: 16px/1.5 "DejaVu Sans", Verdana, Arial, sans-serif; margin: 1.5rem; }
h1 { font-size: 1.4rem; margin: 0; } h2 { font-size: 1.1rem; margin: 0; } h3 { font-size: .9rem; margin: .6rem 0 0; }
.tools { display: flex; gap: 1.5rem; flex-wrap: wrap; margin: .6rem 0; }
.picture { overflow: auto; max-height: 75vh; border: 1px solid #999; background: #fff; }
.picture svg { display: block; height: auto; }
a { color: inherit; } .picture a { cursor: pointer; }
section { border-left: .3rem solid #999; padding: .2rem .8rem; margin: 1rem 0; break-inside: avoid; }
section:target { border-left-color: #0072b2; background: color-mix(in srgb, #0072b2 12%, transparent); }
blockquote { margin: .2rem 0 .2rem .8rem; } table { border-collapse: collapse; font-size: .9rem; }
td, th { padding: .15rem .7rem .15rem 0; text-align: left; font-weight: normal; } .n { text-align: right; }
.note { font-size: .85rem; opacity: .75; }
@media print { .tools, .top { display: none; } .picture { max-height: none; border: 0; } .picture svg { width: 100%; } }
"""
SCRIPT = """
const found = document.getElementById('found'), size = document.getElementById('size');
found.addEventListener('input', () => { for (const part of document.querySelectorAll('section'))
  part.hidden = !part.textContent.toLowerCase().includes(found.value.toLowerCase()); });
size.addEventListener('input', () => { document.querySelector('.picture svg').style.width = size.value + '%'; });
"""


def page(site: Site, svg: str, traffic: MenuTraffic | None, language: str) -> str:
    """One HTML file. ``svg`` is graphviz's drawing of the same menus; without ``traffic`` nobody was counted."""
    words = WORDS[language]
    counted = words["counted"].format(n=f"{traffic.calls:,}") if traffic else words["uncounted"]
    body = "\n".join(_Nodes(site, traffic, words).parts())
    title = f"{words['title']}: {', '.join(site.line.menus.entries)}"
    return (
        f'<!DOCTYPE html>\n<html lang="{language}">\n<head>\n<meta charset="utf-8">\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>{CSS}</style>\n</head>\n<body>\n"
        f'<h1 id="top">{escape(title)}</h1>\n<p>{escape(counted)}</p>\n<div class="tools">'
        f'<label>{words["search"]} <input id="found" type="search"></label>'
        f'<label>{words["size"]} <input id="size" type="range" min="30" max="400" value="100"></label></div>\n'
        f'<div class="picture">{svg[svg.index("<svg") :]}</div>\n{body}\n<script>{SCRIPT}</script>\n</body>\n</html>\n'
    )


class _Nodes:
    """The parts below the picture."""

    def __init__(self, site: Site, traffic: MenuTraffic | None, words: Mapping[str, str]) -> None:
        self._texts, self._menus, self._words = site.texts, site.line.menus, words
        self._traffic, self._counted = traffic or MenuTraffic(), traffic is not None
        self._into: defaultdict[str, dict[str, int]] = defaultdict(dict)
        self._out: defaultdict[str, dict[str, int]] = defaultdict(dict)
        drawn = [(a, b) for node in self._menus.nodes.values() for a, b, _ in edges(node)]
        drawn += [(number_place(number), entry.start) for number, entry in self._menus.entries.items()]
        for a, b in (*drawn, *self._traffic.ways):
            self._out[a][b] = self._into[b][a] = self._traffic.ways[a, b]

    def parts(self) -> Iterator[str]:
        """One for each node, in the file's order."""
        for node in self._menus.nodes.values():
            kind = type(node).__name__
            yield f'<section id="node.{escape(node.id)}"><h2>{escape(node.id)} <span class="note">{kind}</span></h2>'
            yield f'<a class="top note" href="#top">{self._words["top"]}</a>'
            yield from self._said(node)
            ways = {goto: _label(node, goto, said) for _, goto, said in edges(node)}
            yield from self._table("ways", self._out[node.id], ways)
            yield from self._table("from", self._into[node.id], {})
            yield from map(_note, filter(None, (self._counts(node), _rest(node))))
            yield "</section>"

    def _said(self, node: Node) -> Iterator[str]:
        prompts = (ref.name for ref in references(node) if ref.kind is RefKind.PROMPT)
        known = [self._texts[prompt] for prompt in prompts if prompt in self._texts]
        if known:
            yield f"<h3>{self._words['says']}</h3>"
        for text in known:
            name = f'<span class="note">{escape(text.id)}</span>'
            for language in sorted(text.languages):
                yield f'<blockquote lang="{escape(language)}">{escape(text.text(language))} {name}</blockquote>'

    def _table(self, title: str, places: Mapping[str, int], said: Mapping[str, str]) -> Iterator[str]:
        """Draw the table of where callers go to or come from, with the keys; the way that most take first."""
        if not places:
            return
        yield f"<h3>{self._words[title]}</h3><table>"
        for place, taken in sorted(places.items(), key=lambda entry: -entry[1]):
            count = f'<td class="n">{taken:,}</td>' if self._counted else ""
            yield f"<tr><td>{escape(said.get(place, ''))}</td><td>{_link(place)}</td>{count}</tr>"
        yield "</table>"

    def _counts(self, node: Node) -> str:
        if node.is_confidential:
            return self._words["hidden"]
        counts = {"visits": self._traffic.visits, "missed": self._traffic.missed, "left": self._traffic.left}
        told = (f"{self._words[name]}: {n[node.id]:,}" for name, n in counts.items())
        return ", ".join(told) if self._counted else ""


def _note(text: str) -> str:
    return f'<p class="note">{escape(text)}</p>'


def _link(place: str) -> str:
    """Nodes have a part of their own; numbers and queues (two words) have not."""
    shown = escape(place)
    return shown if " " in place else f'<a href="#node.{shown}">{shown}</a>'


def _label(node: Node, goto: str, said: str) -> str:
    """Label the way to a node: in a menu the keys, elsewhere what is said of it."""
    named = (ref.keys for ref in references(node) if ref.kind is RefKind.NODE and ref.name == goto)
    keys = [str(keys[-2]) for keys in named if keys[0] in ("choices", "silence")]
    return ", ".join(keys) or said.replace("\n", ", ")


def _rest(node: Node) -> str:
    """Give what else the node says of itself, where it is not as usual; of a branch what each case asks."""
    cases = node.cases if isinstance(node, Branch) else ()
    asked = [f"case {n}: {_told(case.when)}" for n, case in enumerate(cases, 1)]
    return "; ".join(filter(None, (_told(node, SHOWN_ELSEWHERE), *asked)))


IN_YAML = {"fallback": "instead"}


def _told(part: Any, without: Collection[str] = ()) -> str:
    """The fields of a part that say something, by the names that the YAML has for them."""
    last = sorted(fields(part), key=lambda field: bool(field.kw_only))  # what all nodes have, after their own
    there = (field.name for field in last if field.name not in without)
    named = ((IN_YAML.get(name, name), getattr(part, name)) for name in there)
    return ", ".join(filter(None, (_field(name, value) for name, value in named)))


def _field(name: str, value: object) -> str:
    match value:
        case None | False | "" | () | 0:
            return ""
        case Validity(begins, ends, hours):
            days = (("from", begins), ("until", ends))
            said = [f"{word} {at:%Y-%m-%d %H:%M}" for word, at in days if at is not None]
            return ", ".join([*said, *([f"hours {hours}"] if hours else [])])
        case QueueState():
            return f"queue ({_told(value)})"
        case tuple():
            return f"{name} " + " ".join(map(_listed, value))
        case True:
            return name
    return f"{name} {value}"


def _listed(value: object) -> str:
    """One of several: a name, or a name with what it is to be."""
    match value:
        case (str(name), tuple(values)):
            return f"{name}=" + "|".join(map(str, values))
        case (str(name), other):
            return f"{name}={other}"
    return str(value)
