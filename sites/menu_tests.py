"""Runs the menu tests of a site (``tests_file.py``), each as one call through the very engine."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from calls import Problem

from .loader import Loaded
from .site import Site
from .tests_file import FOLDER, HANG_UP, SILENCE, Expect, MenuTest, TestsFile
from .trial import MenuTrial, TrialEvent


@dataclass(frozen=True, slots=True)
class Tested:
    """Result of one test: what is wrong, if anything; and all that the caller heard and the line noted."""

    name: str
    problems: tuple[Problem, ...]
    trace: tuple[TrialEvent, ...]


def run_tests(site: Site) -> Iterator[Tested]:
    """Run every test of the site, one after the other."""
    for loaded in site.tests:
        for name, test in (loaded.model.tests if loaded.model else {}).items():
            trial = walk(site, test)
            yield Tested(name, tuple(_wrong(loaded, name, test.expect, trial)), tuple(trial.told))


def walk(site: Site, test: MenuTest) -> MenuTrial:
    """Make the call of a test, up to what follows its last key."""
    given = test.given
    at = datetime.fromisoformat(given.at)
    local = at if at.tzinfo else at.replace(tzinfo=ZoneInfo(site.settings.zone))
    number = given.number or next(iter(site.line.menus.entries))
    trial = MenuTrial(site, number, given.caller or "", local, given.answers, given.banner or "")
    for step in test.press:
        act(trial, step)
    return trial


def act(trial: MenuTrial, step: str) -> None:
    """Carry out one step of a caller; several keys are pressed one after the other."""
    if step == SILENCE:
        trial.stay_silent()
    elif step == HANG_UP:
        trial.hang_up()
    else:
        for key in step:
            trial.press(key)


def _wrong(loaded: Loaded[TestsFile], name: str, expect: Expect, trial: MenuTrial) -> Iterator[Problem]:
    for key, found, wanted in _differences(expect, trial):
        yield loaded.problem((FOLDER, name, "expect", *key), found, wanted)


def _differences(expect: Expect, trial: MenuTrial) -> Iterator[tuple[tuple[str, ...], str, str]]:
    """Give each difference: its place below ``expect``, what was found, and what had been expected."""
    end = trial.summary()
    known = end["known"] or trial.known
    for key in ("queue", "node", "outcome"):
        yield from _unequal((key,), end[key], getattr(expect, key))
    for key in ("language", "topic", "role"):
        yield from _unequal((key,), known.get(key), getattr(expect, key))
    for key, value in expect.known.items():
        yield from _unequal(("known", key), known.get(key), value)
    heard = [prompt for told in trial.told for prompt in told.prompts]
    if (missing := _first_missing(expect.heard, heard)) is not None:
        yield ("heard",), ", ".join(heard) or "nothing", f"{missing} in this order"
    for prompt in expect.not_heard:
        if prompt in heard:
            yield ("not_heard",), f"{prompt} was said", "that it is not"
    text = " ".join(told.text for told in trial.told if told.kind == "hear")
    if expect.said is not None and expect.said not in text:
        yield ("said",), repr(text), repr(expect.said)
    yield from _unequal(("transferred",), trial.dialled[-1] if trial.dialled else None, expect.transferred)
    if expect.callback is not None:
        yield from _unequal(("callback",), _word(trial.promised), _word(expect.callback))


def _unequal(key: tuple[str, ...], found: object, wanted: object) -> Iterator[tuple[tuple[str, ...], str, str]]:
    if wanted is not None and found != wanted:
        yield key, "nothing" if found is None else repr(found), repr(wanted)


def _first_missing(wanted: list[str], heard: list[str]) -> str | None:
    """Give the first wanted prompt that was not heard after those before it."""
    rest = iter(heard)
    return next((prompt for prompt in wanted if prompt not in rest), None)


def _word(value: bool) -> str:
    return "a callback" if value else "no callback"
