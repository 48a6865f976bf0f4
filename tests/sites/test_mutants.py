"""10,000 damaged files: each site is refused with places and words, or runs. Never a traceback, a hang, a dead end."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from calls import CallId, SettingsError
from calls.commands import Prompt
from engine import Line
from ivr import ALL_KEYS, BEEP, PAUSE, Act, Acts, Dial, Entry, Input, JoinQueue, Leave, Session, Speak, WalkState
from line1555.cli.default_site import DEFAULT_SITE
from sites import Site, load_site, loader, yamlfile
from tests.line import Hand
from tests.sites.mutants import SMALL, Files, mutants

SHIPPED: Files = {path.name: path.read_text(encoding="utf-8") for path in sorted(DEFAULT_SITE.glob("*.yaml"))}
ROUNDS = [(seed, SMALL, 900) for seed in range(10)] + [(seed, SHIPPED, 100) for seed in range(10, 20)]
PRESSED = (0, 1, 3, 8, 25)
"""So many things callers do at random before they fall silent."""


@pytest.mark.timeout(120)
@pytest.mark.parametrize(("seed", "files", "count"), ROUNDS, ids=[f"seed {seed}" for seed, _, _ in ROUNDS])
def test_a_damaged_site_is_refused_or_runs(
    seed: int, files: Files, count: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    dice, runs = random.Random(seed), 0
    good = {name: yamlfile.parse(text, name) for name, text in files.items()}
    for mutant in mutants(files, count, seed):
        damaged = yamlfile.decoded(mutant.raw, mutant.file)
        there = good | {mutant.file: damaged}
        monkeypatch.setattr(loader, "read", lambda path, there=there: there[path.name])
        site = read(Path())
        if site is not None:
            runs += 1
            walk_everywhere(site, dice)
    assert runs > count / 10, "too few are still read: hardly anything was walked"


def test_there_are_ten_thousand_and_always_the_same() -> None:
    assert sum(count for _, _, count in ROUNDS) == 10_000
    assert list(mutants(SMALL, 50, 1)) == list(mutants(SMALL, 50, 1)) != list(mutants(SMALL, 50, 2))


def test_the_sites_they_come_from_are_right(tmp_path: Path) -> None:
    for name, files in (("small", SMALL), ("shipped", SHIPPED)):
        walk_everywhere(load_site(written(tmp_path / name, files)), random.Random(0))


def written(folder: Path, files: Files) -> Path:
    folder.mkdir()
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def read(folder: Path) -> Site | None:
    """The site, or None where it is refused with places and words; anything else raised is the bug we look for."""
    try:
        return load_site(folder)
    except SettingsError as refused:
        assert refused.problems
        for problem in refused.problems:
            assert problem.line >= 1 and problem.column >= 1 and problem.found and problem.expected
            assert str(problem).isprintable() and len(str(problem)) < 1000
        return None


def walk_everywhere(site: Site, dice: random.Random) -> None:
    """From each number, and on the engine itself."""
    for entry in site.line.menus.entries.values():
        for pressed in PRESSED:
            for act in walked(site, entry, dice, pressed):
                can_be_done(site, act)
    for text in site.texts.values():
        for language in site.line.menus.languages:
            assert all(text.text(language, number) for number in text.variants())
    arrived(site)


def walked(site: Site, entry: Entry, dice: random.Random, pressed: int) -> Iterator[Act]:
    """Everything that a caller makes the line do, who presses this and that, then nothing any more."""
    session, acts = Session.begin(CallId("n1-1"), site.line.menus, entry)
    spoken: list[Prompt] = []
    most = pressed + 30 * len(site.line.menus.nodes)
    for step in range(most):
        yield from acts
        spoken += [prompt for act in acts if isinstance(act, Speak | JoinQueue) for prompt in act.prompts]
        for prompt in spoken:
            assert prompt in (BEEP, PAUSE) or site.texts[prompt.id].text(session.known.language, prompt.number)
        if session.state is WalkState.DONE:
            assert isinstance(acts[-1], JoinQueue | Dial | Leave)
            return
        acts = next_acts(session, dice if step < pressed else None)
    raise AssertionError(f"still in the menus after {most} steps: {session.node}")


def next_acts(session: Session, dice: random.Random | None) -> Acts:
    """What follows on something that can happen now: at random, or the caller does nothing and nobody answers."""
    if dice is not None and dice.random() < 0.6:
        return session.feed(Input.KEY, dice.choice(ALL_KEYS)) or []
    if session.state is WalkState.LOOKING:
        return session.feed(Input.ANSWERED if dice is not None and dice.random() < 0.5 else Input.FAILED) or []
    for happened in (Input.SILENCE, Input.NOT_ANSWERED, Input.PROMPT_ENDED):
        if (acts := session.feed(happened)) is not None:
            return acts
    raise AssertionError(f"nothing can happen in {session.state}")


def can_be_done(site: Site, act: Act) -> None:
    match act:
        case JoinQueue():
            assert act.queue in site.line.queues
        case Dial():
            assert act.target in site.settings.external_numbers


def arrived(site: Site) -> None:
    """A call on each number, keys until it waits, and a minute of waiting."""
    hand = Hand(Line(site.line)).open()
    for index, number in enumerate(site.line.menus.entries):
        hand.call(f"c{index}", number)
    hand.wait(60.0)
