"""``tests/*.yaml`` of a site: what a caller presses, and where they must come to. ``menu_tests.py`` runs them.

tests:
  pensions in English:
    given: {number: "1555", at: "2026-12-01T10:00"}
    press: ["2", "1", "2", "1"]
    expect: {queue: pensions, language: en}
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from calls import Problem
from engine import LineSettings

from . import loader, schema
from .findings import one_of
from .loader import Loaded
from .yamlfile import Keys

FOLDER = "tests"
SILENCE, HANG_UP = "", "h"
ORDINARY = "2026-01-14T12:00"
"""Default time of a test, so that it means the same on every day: a Wednesday at noon, no holiday."""
MOST_TESTS = 2000


def _local_time(text: str) -> str:
    try:
        datetime.fromisoformat(text)
    except ValueError:
        expected = 'a local time in quotes: "2026-12-01T10:00"'
        raise PydanticCustomError("expected", "{expected}", {"expected": expected}) from None
    return text


Name = Annotated[str, schema.matching(r"[^\x00-\x1f\x7f]{1,120}", "a name of at most 120 characters")]
Step = Annotated[str, schema.matching(r"[0-9*#]{0,30}|h", 'keys such as "1", "" to listen on, or "h" to hang up')]
Text = Annotated[str, schema.matching(r"[^\x00-\x1f\x7f]{1,200}", "a text of at most 200 characters")]


class Given(schema.Strict):
    """The call, and the world around it. Services that are not named do not answer."""

    number: schema.Number | None = None
    caller: Annotated[schema.Number | None, Field(alias="from")] = None
    at: Annotated[str, AfterValidator(_local_time)] = ORDINARY
    banner: schema.PromptId | None = None
    answers: dict[schema.Id, dict[schema.Id, schema.Value]] = Field(default={})


class Expect(schema.Strict):
    """Expected: where the caller is after the last key, and what happened on the way. Only what is named is looked at.

    ``heard`` are prompts in the order in which they must have begun, others may lie between; ``said`` is in the text.
    """

    queue: schema.Id | None = None
    node: schema.Id | None = None
    outcome: schema.Id | None = None
    language: schema.Language | None = None
    topic: schema.Id | None = None
    role: schema.Id | None = None
    known: dict[schema.Id, schema.Value] = Field(default={})
    heard: schema.Prompts = Field(default=[])
    not_heard: schema.Prompts = Field(default=[])
    said: Text | None = None
    transferred: schema.Number | None = None
    callback: bool | None = None


class MenuTest(schema.Strict):
    """One walk through the menus."""

    given: Given = Given()
    press: list[Step] = Field(default=[], max_length=100)
    expect: Expect


class TestsFile(schema.Strict):
    """One file of tests."""

    __test__ = False
    tests: Annotated[dict[Name, MenuTest], Field(max_length=MOST_TESTS)]


@dataclass(frozen=True, slots=True)
class Names:
    """Names that tests may use."""

    line: LineSettings
    prompts: Collection[str]
    lookups: Collection[str]
    roles: Collection[str]


def read(directory: Path) -> tuple[Loaded[TestsFile], ...]:
    """Read every file of tests, in order."""
    return tuple(loader.load(path, TestsFile) for path in sorted((directory / FOLDER).glob("*.yaml")))


def problems(files: Iterable[Loaded[TestsFile]], names: Names) -> Iterator[Problem]:
    """Find what the tests name and the site does not have."""
    for loaded in files:
        for name, test in (loaded.model.tests if loaded.model else {}).items():
            for keys, kind, said, known in _references(test, names):
                if said not in known:
                    found = f"unknown {kind} {said!r}"
                    yield loaded.problem((FOLDER, name, *keys), found, one_of(known, said))


def _references(test: MenuTest, names: Names) -> Iterator[tuple[Keys, str, str, Collection[str]]]:
    menus, given, expect = names.line.menus, test.given, test.expect
    told: list[tuple[Keys, str, str | None, Collection[str]]] = [
        (("given", "number"), "number", given.number, menus.entries),
        (("given", "banner"), "prompt", given.banner, menus.banners),
        (("expect", "queue"), "queue", expect.queue, names.line.queues),
        (("expect", "node"), "node", expect.node, menus.nodes),
        (("expect", "language"), "language", expect.language, menus.languages),
        (("expect", "topic"), "topic", expect.topic, menus.topics),
        (("expect", "role"), "role", expect.role, names.roles),
    ]
    told += [(("given", "answers", lookup), "lookup", lookup, names.lookups) for lookup in given.answers]
    for key in ("heard", "not_heard"):
        told += [(("expect", key, n), "prompt", said, names.prompts) for n, said in enumerate(getattr(expect, key))]
    yield from ((keys, kind, said, known) for keys, kind, said, known in told if said is not None)
