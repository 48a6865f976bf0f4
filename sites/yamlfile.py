"""A YAML file as plain values with the place of each. An error is a ``Problem``, never a traceback.

Only a tame part of YAML is read: one document, mappings, lists, scalars. Anchors, aliases, tags and merge keys are
refused: nobody needs them here, and they are how a small file becomes a huge one. Keys are always their literal text:
``0`` stays "0".

The scanner is libyaml (by PyYAML): 25 times faster than one in Python, so that the greatest file that is read at all is
refused or read within a second. It only tells events; no value is ever made by it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from calls import Problem

MAX_BYTES = 2_000_000
MAX_VALUES = 200_000
MAX_DEPTH = 20
MAX_PROBLEMS = 100
"""Most problems reported for one file: more are mostly one repeated mistake."""

Keys = tuple[str | int, ...]
"""The path to a value: mapping keys and list indexes from the top."""


@dataclass(frozen=True, slots=True)
class Document:
    """One file's value. ``positions`` has the line and column (from 1) of each key, or of each item of a list."""

    file: str
    value: Any
    positions: Mapping[Keys, tuple[int, int]]

    def problem(self, keys: Keys, found: str, expected: str) -> Problem:
        """Make a problem at ``keys``, or at the nearest place above that is in the file."""
        place = keys
        while place and place not in self.positions:
            place = place[:-1]
        line, column = self.positions.get(place, (1, 1))
        return Problem(self.file, line, column, named(keys), found + _odd_letter(found), expected)


def named(keys: Keys) -> str:
    """Give the path to a value as a message shows it. Long or unreadable keys are cut and quoted."""
    return ".".join(_key(str(part)) for part in keys) or "(file)"


_QUOTED = re.compile(r"'([^']{2,60})'")
_WORD = re.compile(r"\w+")


def _odd_letter(found: str) -> str:
    """Name the letter of a quoted word that is from the other alphabet: some letters look alike."""
    for quoted in _QUOTED.finditer(found):
        for word in _WORD.finditer(quoted[1]):
            scripts = {letter: unicodedata.name(letter, "").split(" ")[0] for letter in word[0]}
            few = min(("GREEK", "LATIN"), key=[scripts[letter] for letter in word[0]].count)
            odd = [place for place, letter in enumerate(word[0]) if scripts[letter] == few]
            if odd and {"GREEK", "LATIN"} <= set(scripts.values()):
                place = word.start() + odd[0]
                return f" (letter {place + 1}, {quoted[1][place]!r}, is {few.capitalize()})"
    return ""


def _key(part: str) -> str:
    short = part if len(part) <= 60 else part[:57] + "..."
    return short if short.isprintable() else repr(short)


def read(path: Path) -> tuple[Document | None, list[Problem]]:
    """Read a file as a document, with problems. Some problems (a doubled key) still leave a document to check."""
    file = str(path)
    try:
        with path.open("rb") as stream:
            raw = stream.read(MAX_BYTES + 1)
    except OSError as error:
        return None, [_problem(file, 1, 1, error.strerror or str(error), "a file that can be read")]
    return decoded(raw, file)


def decoded(raw: bytes, file: str) -> tuple[Document | None, list[Problem]]:
    """Decode the bytes of a file into a document. See ``read``."""
    if len(raw) > MAX_BYTES:
        return None, [_problem(file, 1, 1, "a huge file", f"at most {MAX_BYTES:,} bytes")]
    try:
        return parse(raw.decode("utf-8-sig"), file)
    except UnicodeDecodeError as error:
        good = raw[: error.start].decode("utf-8-sig", "replace")
        return None, [_problem(file, *_place(good, len(good)), f"byte 0x{raw[error.start]:02x}", "text in UTF-8")]


def parse(text: str, file: str) -> tuple[Document | None, list[Problem]]:
    """Parse the text of a file into a document. See ``read``."""
    builder = _Builder(file)
    try:
        _refuse_unprintable(text, file)
        _refuse_tabs(text, file)
        _refuse_hard_spaces(text, file)
        value = builder.document(text)
        return Document(file, value, builder.positions), builder.problems
    except _RefusedError as refused:
        return None, [*builder.problems, refused.problem]
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        found, expected = _in_words(error)
        return None, [*builder.problems, _problem(file, line, column, found, expected)]
    except yaml.YAMLError as error:
        return None, [*builder.problems, _problem(file, 1, 1, f"{type(error).__name__}: {error}", "well-formed YAML")]


def described(value: object) -> str:
    """Describe a value for a message: short, never a whole tree."""
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list):
        return "a list"
    if value is None:
        return "nothing"
    shown = str(value).lower() if isinstance(value, bool) else repr(value)
    return shown if len(shown) <= 60 else shown[:57] + "..."


def _in_words(error: yaml.MarkedYAMLError) -> tuple[str, str]:
    """Give libyaml's error as found and expected."""
    if "maximum nesting" in (error.problem or ""):
        return "very deep nesting", f"at most {MAX_DEPTH} levels"
    return " ".join(part for part in (error.context, error.problem) if part), "well-formed YAML"


class _RefusedError(Exception):
    def __init__(self, problem: Problem) -> None:
        super().__init__(str(problem))
        self.problem = problem


def _problem(file: str, line: int, column: int, found: str, expected: str, key: str = "(file)") -> Problem:
    return Problem(file, line, column, key, found, expected)


def _place(text: str, index: int) -> tuple[int, int]:
    return text.count("\n", 0, index) + 1, index - text.rfind("\n", 0, index)


# What YAML calls printable, but none of the line ends unknown to editors (U+0085, U+2028, U+2029), no byte order mark
# inside the text, no spaces of no width and no marks of direction: with these a file is not what it looks like.
_UNPRINTABLE = re.compile(
    "[^\\t\\n\\r\\x20-\\x7e\\xa0-\\u200a\\u200c\\u200d\\u2010-\\u2027\\u202f-\\u205f\\u2070-\\ud7ff\\ue000-\\ufefe\\uff00-\\ufffd"
    "\\U00010000-\\U0010ffff]"
)


def _refuse_unprintable(text: str, file: str) -> None:
    if wild := _UNPRINTABLE.search(text):
        found = f"character {wild.group()!r}"
        raise _RefusedError(_problem(file, *_place(text, wild.start()), found, "printable text"))


# Only around a key or before a value: within a text they are intended.
_HARD = "[\\xa0\\u2000-\\u200a\\u202f\\u205f\\u3000]"
_PLAIN_KEY = r"^[ \-]*[^\s:#\"'{\[]+"
_HARD_SPACE = re.compile(
    rf"^[ \-]*(?P<indent>{_HARD})|{_PLAIN_KEY}(?P<behind>{_HARD}) *:|{_PLAIN_KEY} *: *(?P<value>{_HARD})", re.MULTILINE
)


def _refuse_hard_spaces(text: str, file: str) -> None:
    """Refuse hard spaces: libyaml takes them for letters, and reports an error behind them or in the next line."""
    if space := _HARD_SPACE.search(text):
        place = space.start(space.lastgroup or "indent")
        found = f"a non-breaking space (U+{ord(text[place]):04X})"
        raise _RefusedError(_problem(file, *_place(text, place), found, "an ordinary space"))


_TAB = re.compile(r"^ *\t", re.MULTILINE)


def _refuse_tabs(text: str, file: str) -> None:
    if tab := _TAB.search(text):
        raise _RefusedError(_problem(file, *_place(text, tab.end() - 1), "a tab", "spaces to indent"))


# YAML 1.2 core, without octal and hexadecimal numbers and infinities, which have no use here.
_INT = re.compile(r"[-+]?[0-9]{1,15}")
_FLOAT = re.compile(r"[-+]?[0-9]{1,15}\.[0-9]{1,15}")
_WORDS: dict[str, bool | None] = {
    "": None,
    "~": None,
    **dict.fromkeys(("null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}


def _resolve(text: str) -> object:
    """Give the value of a scalar without quotes."""
    if text in _WORDS:
        return _WORDS[text]
    if _INT.fullmatch(text):
        return int(text)
    return float(text) if _FLOAT.fullmatch(text) else text


@dataclass(slots=True)
class _Builder:
    """Builds values from parser events and counts them on the way, so that nothing big is ever built."""

    file: str
    positions: dict[Keys, tuple[int, int]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    events: Iterator[Any] = field(default_factory=lambda: iter(()))  # PyYAML's events have no types
    count: int = 0

    def document(self, text: str) -> object:
        """Build the value of the one document.

        Raises ``_RefusedError`` for what no file may have, ``YAMLError`` for what is no YAML.
        """
        self.events = yaml.parse(text, Loader=yaml.CSafeLoader)
        if not any(isinstance(event, DocumentStartEvent) for event in self.events):
            raise _RefusedError(_problem(self.file, 1, 1, "an empty file", "settings"))
        value = self.value(next(self.events), ())
        for event in self.events:
            if isinstance(event, DocumentStartEvent):
                raise self.refused(event, (), "a second document", "one document in a file")
        return value

    def value(self, event: Any, keys: Keys) -> object:
        """Build the value that begins with this event. A scalar in quotes, or in a block, stays text."""
        self.refuse_wild(event, keys)
        if isinstance(event, MappingStartEvent):
            return self.mapping(keys)
        if isinstance(event, SequenceStartEvent):
            return self.sequence(keys)
        return event.value if event.style else _resolve(event.value)

    def mapping(self, keys: Keys) -> dict[str, object]:
        """Build a mapping to its end, and note the place of each key; a key that comes twice counts the first time."""
        built: dict[str, object] = {}
        while not isinstance(event := next(self.events), MappingEndEvent):
            if not isinstance(event, ScalarEvent):
                raise self.refused(event, keys, "a key that is not plain text", "a plain key")
            self.refuse_wild(event, keys)
            key, here = event.value, (*keys, event.value)
            if key in built:
                self.again(event, here)
                continue
            self.positions[here] = _mark(event)
            built[key] = self.value(next(self.events), here)
        return built

    def again(self, event: Any, keys: Keys) -> None:
        """Report a key that is there already, and leave it out with all below it."""
        line, _ = self.positions[keys]
        self.problems.append(self.at(event, keys, "the same key again", f"one (the first is in line {line})"))
        if len(self.problems) >= MAX_PROBLEMS:
            raise self.refused(event, keys, "too many problems", "the first ones put right")
        self.value(next(self.events), (*keys, "(again)"))

    def sequence(self, keys: Keys) -> list[object]:
        """Build a sequence to its end, and note the place of each item."""
        built: list[object] = []
        while not isinstance(event := next(self.events), SequenceEndEvent):
            here = (*keys, len(built))
            self.positions[here] = _mark(event)
            built.append(self.value(event, here))
        return built

    def refuse_wild(self, event: Any, keys: Keys) -> None:
        """Refuse anchors, aliases, tags, and values that are too deep or too many."""
        self.count += 1
        if isinstance(event, AliasEvent) or event.anchor is not None:
            raise self.refused(event, keys, f"an anchor or alias ({_key(event.anchor)})", "the value written out")
        if event.tag is not None:
            raise self.refused(event, keys, f"a tag ({_key(event.tag)})", "a value without a tag")
        if getattr(event, "value", None) == "<<" and not event.style:
            raise self.refused(event, keys, "a merge key (<<)", "the keys written out")
        if len(keys) > MAX_DEPTH:
            raise self.refused(event, keys[:3], "very deep nesting", f"at most {MAX_DEPTH} levels")
        if self.count > MAX_VALUES:
            raise self.refused(event, keys, "too many values", f"at most {MAX_VALUES:,}")

    def at(self, event: Any, keys: Keys, found: str, expected: str) -> Problem:
        """Make a problem at the place of this event."""
        return _problem(self.file, *_mark(event), found, expected, named(keys))

    def refused(self, event: Any, keys: Keys, found: str, expected: str) -> _RefusedError:
        """Make the error that ends the reading at this event."""
        return _RefusedError(self.at(event, keys, found, expected))


def _mark(event: Any) -> tuple[int, int]:
    return event.start_mark.line + 1, event.start_mark.column + 1
