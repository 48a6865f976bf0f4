"""One engine, two drivers: a scripted day tells the same on a real Asterisk and on the virtual clock, times apart."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import fields, replace
from enum import Enum
from pathlib import Path
from typing import Any, get_args

import pytest

from calls import facts as f
from engine import Output
from line1555.cli.load import _drawn
from line1555.cli.scenario_files import DIALPLANS
from line1555.live.rehearsal import Phones, RehearsalOptions, play
from records import Reader
from simulator.ask.lapse import Lapse, LapsePeriod
from simulator.model.citizens import CallerTable
from simulator.run.replication import Replication
from tests.live.site import SOUNDS

pytestmark = pytest.mark.live

FACTS = get_args(f.Fact)
NEVER_S = 600.0
DAY = (  # comes at, holds out for, talks for (s), and whether the caller hangs up first
    (2.0, NEVER_S, 12.0, True),
    (6.0, NEVER_S, 12.0, False),
    (11.0, 4.0, 12.0, True),  # both agents talk: the caller gives up
    (17.0, NEVER_S, 8.0, False),  # waits for the first agent's notes to be done
    (36.0, NEVER_S, 3.0, True),
    (40.0, NEVER_S, 3.0, False),
)
KEY_S, NOTES_S, PICK_UP_S = 1.0, 3.0, 1.0
NAMED_APART = ("call", "offer", "ani")
"""What the two worlds name in their own way."""


def scripted(stretch: Lapse) -> Lapse:
    """The day's callers; they want what callers of the scenario want who press as many keys as the first of them."""
    drawn, wanted = stretch.citizens, len(stretch.presses(0))
    alike = [row for row in range(len(drawn.at)) if len(stretch.presses(row)) == wanted][: len(DAY)]
    assert len(alike) == len(DAY)
    columns: dict[str, Any] = {
        column.name: [getattr(drawn, column.name)[row] for row in alike] for column in fields(CallerTable)
    }
    table = CallerTable(**columns)
    return replace(
        stretch,
        citizens=replace(
            table,
            at=[at for at, *_ in DAY],
            patience_s=[patience for _, patience, *_ in DAY],
            talk_s=[talk for _, _, talk, _ in DAY],
            hangs_up=[0.0 if first else 1.0 for *_, first in DAY],
            key_s=[KEY_S] * len(DAY),
            wrap_up_s=[NOTES_S] * len(DAY),
        ),
    )


def told(steps: Iterable[Iterable[f.Fact]]) -> list[list[str]]:
    """What was told of each call, in the order in which they came, without times and names of its own."""
    calls: defaultdict[str, list[str]] = defaultdict(list)
    for fact in (fact for step in steps for fact in step):
        call = getattr(fact, "call", None)
        if call is not None:
            calls[call].append(plain(fact))
    return list(calls.values())


def plain(fact: f.Fact) -> str:
    kept = {
        field.name: getattr(fact, field.name)
        for field in fields(fact)
        if field.name not in NAMED_APART and not field.name.endswith("_s") and not is_order(fact, field.name)
    }
    return f"{type(fact).__name__} {' '.join(f'{name}={said(value)}' for name, value in kept.items())}"


def is_order(fact: f.Fact, field: str) -> bool:
    """The ordering key is made of times; a key that was pressed is not."""
    return field == "key" and isinstance(fact, f.OfferMade)


def said(value: Any) -> str:
    return str(value.value if isinstance(value, Enum) else value)


def simulated(day: Lapse) -> list[list[str]]:
    steps: list[list[f.Fact]] = []

    def read(_: float, outputs: list[Output]) -> None:
        steps.append([output for output in outputs if isinstance(output, FACTS)])

    Replication(day.plan, day.seed, 0, day.citizens, day.staff, reader=read).run()
    return told(steps)


def real(day: Lapse, site: Any, folder: Path) -> tuple[Sequence[f.Fact], list[list[str]]]:
    """What was odd about the day, and what it told."""
    SOUNDS.mkdir(parents=True, exist_ok=True)
    folder.mkdir()
    (folder / "sounds").symlink_to(SOUNDS, target_is_directory=True)
    how = RehearsalOptions(Phones.BARESIP, voice=True, told=lambda _: None)
    result = asyncio.run(play(site, day, folder, how))
    with contextlib.closing(Reader(folder / "journal.db")) as reader:
        steps = [step.facts for step in reader.read(0, 100_000)]
    odd = [fact for facts in steps for fact in facts if isinstance(fact, f.Unexpected | f.Discrepancy | f.CommandLost)]
    assert not result.lost
    return odd, told(steps)


def test_the_same_facts_by_both_drivers(tmp_path: Path) -> None:
    period = LapsePeriod(agents=2, begins_s=10.5 * 3600, minutes=1.0, speed=30.0, load=4.0, pick_up_s=PICK_UP_S)
    site, stretch = _drawn("1555-week", period, 1, DIALPLANS)
    day = scripted(stretch)
    virtual = simulated(day)
    assert len(virtual) == len(DAY) and sum("outcome=abandoned" in call[-1] for call in virtual) == 1
    # The real line goes with its last call: nobody sees the end of the notes.
    virtual[-1] = [fact for fact in virtual[-1] if not fact.startswith("WrapUpDone")]
    odd, live = real(day, site, tmp_path / "one")
    if odd and os.getloadavg()[0] > (os.cpu_count() or 1):  # a phone that is late is odd, and no fault of the engine
        odd, live = real(day, site, tmp_path / "two")
    assert not odd
    for number, (one, other) in enumerate(zip(live, virtual, strict=True)):
        assert one == other, f"call {number}"
