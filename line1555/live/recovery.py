"""Memory of a starting engine: its state and the day's figures from the journal, replayed through ``handle``."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import chain, islice
from typing import get_args

from calls import events as e
from calls import facts as f
from engine import Library, Line, LineSettings
from metrics import LineState
from records import Journal, Restored, Steps

from . import promised
from .checkpoint import decode, freeze
from .library import JournalLibrary

log = logging.getLogger(__name__)

_FACTS = get_args(f.Fact)


@dataclass(slots=True)
class Recovery:
    """The engine and the fold of its facts, and the journal that keeps both. The runner's ``Journal``.

    ``promised``: the emergency banner and callbacks of before, which an engine that starts empty is told again.
    """

    line: Line
    state: LineState
    journal: Journal
    version: str
    steps: int = 0
    promised: list[e.Event] = field(default_factory=list)

    def append(self, now: float, event: e.Event | None, facts: Sequence[f.Fact]) -> None:
        self.journal.append(now, event, facts)
        for fact in facts:
            self._fold(now, fact)
            if isinstance(fact, f.ClockSet):
                self.journal.move_wall(fact.anchor)
        if self.journal.wants_checkpoint:
            self.checkpoint(now)

    def _fold(self, now: float, fact: f.Fact) -> None:
        """Count the fact. Whatever is wrong with the figures, the commands of this step are still to be sent."""
        try:
            self.state.apply(now, fact)
        except Exception:
            log.exception("%s is not counted; the line goes on", type(fact).__name__)

    def checkpoint(self, now: float) -> None:
        self.journal.checkpoint(now, freeze(self.line, self.state, self.version), self.version)


def recover(journal: Journal, settings: LineSettings, fresh: LineState, version: str) -> tuple[Recovery, float]:
    """The memory to go on with, and the last ``now`` that was written.

    The newest checkpoint is taken up, whichever version wrote it, and the steps after it are replayed; where that fails
    (a newer version's state, a damaged one) the engine starts empty: Asterisk's snapshot shows it which calls there
    are, and the journal's facts what was promised.
    """
    restored, library = journal.restore(), JournalLibrary(journal)
    if journal.moved_aside is not None:
        log.error("THE JOURNAL WAS DAMAGED: it is kept as %s, and a new one goes on", journal.moved_aside)
    try:
        if restored.checkpoint is None and not restored.complete:
            raise ValueError("there is no state that is whole")
        line, state, steps = _thaw(restored, settings, fresh, library, version)
        recovery = Recovery(line, state, journal, version)
        recovery.steps = _replay(recovery, steps, complete=restored.complete)
    except Exception as error:  # whatever it is, citizens are calling: start, and say what was lost
        log.error("the journal's state cannot be taken up (%s: %s): starting empty", type(error).__name__, error)
        recovery = Recovery(Line(settings, library=library), fresh, journal, version, promised=_promised(journal))
    last_now = max(restored.last_now, recovery.line.view.now)
    _publish(recovery, library.add(settings), last_now)
    return recovery, last_now


def _publish(recovery: Recovery, digest: str, now: float) -> None:
    """The settings of this start hold from now on; an event like every publication, where they are others."""
    line = recovery.line
    if digest != line.view.digest:
        event = e.SettingsPublished(digest)
        recovery.append(now, event, [output for output in line.handle(event, now) if isinstance(output, _FACTS)])


def _promised(journal: Journal) -> list[e.Event]:
    """The calls are Asterisk's to show; of a promise only the journal knows."""
    files = [*journal.set_aside, journal.path]
    try:
        banner, found = promised.banner_left(files), promised.outstanding(files)
    except Exception as error:  # a damaged journal: start all the same
        log.error("promises cannot be read (%s: %s)", type(error).__name__, error)
        return []
    if found:
        log.warning("%d promised callbacks are taken over, at the end of their queues", len(found))
    return [*banner, *found]


def _thaw(
    restored: Restored, settings: LineSettings, fresh: LineState, library: Library, version: str
) -> tuple[Line, LineState, Steps]:
    """The state to begin with, and the steps after it. A journal's first step says under which settings it began."""
    if restored.checkpoint is not None:
        found = decode(restored.checkpoint)
        if found.by != version:
            log.warning("a state of version %s (format %d) is taken up by %s", found.by, found.format, version)
        if found.ignored:
            log.warning("the state has what nothing is made of any more: %s", ", ".join(found.ignored))
        line, state = Line.thaw(found.state.engine, library), LineState(fresh.calendar, fresh.rules)
        if found.state.board is not None:
            state.take_up(found.state.board)
        return line, state, restored.steps
    first = list(islice(restored.steps, 1))
    began = first[0][1] if first else None
    known = library.get(began.digest) if isinstance(began, e.SettingsPublished) else None
    return Line(known or settings, library=library), fresh, chain(first, restored.steps)


def _replay(recovery: Recovery, journalled: Steps, *, complete: bool) -> int:
    """Feed the steps through the engine again. The facts must come out as they were written."""
    steps = differences = 0
    for now, event, facts in journalled:
        if event is None and not facts and now < recovery.line.view.now:
            continue  # the mark of a gap
        out = recovery.line.handle(event, now) if event is not None else recovery.line.tick(now)
        again = tuple(output for output in out if isinstance(output, _FACTS))
        differences += again != facts
        for fact in facts:
            recovery.state.apply(now, fact)
        steps += 1
    if differences:
        log.warning("%d of %d replayed steps told other facts than were written", differences, steps)
    if not complete:
        log.warning("steps are missing in the journal: Asterisk's channels will tell what is true")
    return steps
