"""Following a running line: its present state, then the facts of every step as they come.

``{"follow": {"since": STEP or null, "facts": [kinds] or null}}`` is answered by rows of JSON for as long as both sides
like. The first has the state (or says that the follower goes on where it was), each later one the facts of a step, or,
while nothing happens, only the number of the newest step. docs/control.md shows them.

A step of the engine only adds to a ring of bounded length and wakes the followers, who take from it at their own pace.
Who is slower than the ring is long is put out, and begins again with the state.
"""

from __future__ import annotations

import asyncio
import json
import logging
import uuid
from bisect import bisect_right
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, Final, TypeGuard, get_args

from calls import encode
from calls import facts as f

from .callback_requests import SiteClock
from .hiding import masked
from .refusals import OrderRefused, Refusal, said

log = logging.getLogger(__name__)

KEPT: Final = 5_000
"""Steps with facts that a follower may be behind, and after which it can still go on without a new state."""
MOST_FOLLOWERS: Final = 32
HEARTBEAT_S: Final = 5.0
GATHER_S: Final = 0.05
"""What happens within this time goes out as one."""
TAKEN_WITHIN_S: Final = 10.0
"""A follower that takes nothing for so long is put out."""
BATCH: Final = 100
"""Steps that are written down at once: a millisecond or two, in which nobody else is served."""
KINDS: Final = frozenset(kind.__name__ for kind in get_args(f.Fact))

_text = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


class Entry:
    """The facts of one step. They are written down when the first follower takes them, once for all."""

    __slots__ = ("_facts", "_parts", "now", "step")

    def __init__(self, step: int, now: float, facts: Sequence[f.Fact]) -> None:
        self.step, self.now = step, now
        self._facts = facts
        self._parts: list[tuple[str, str]] | None = None

    def row(self, kinds: frozenset[str] | None) -> str:
        """The row for a follower who wants these kinds (None: all); empty where there are none."""
        if self._parts is None:
            self._parts = [(type(fact).__name__, _text(encode(fact))) for fact in self._facts]
        wanted = [text for kind, text in self._parts if kinds is None or kind in kinds]
        return f'{{"step":{self.step},"now":{_text(self.now)},"facts":[{",".join(wanted)}]}}\n' if wanted else ""


class Ring:
    """The steps after ``since``, of which those with facts are kept; ``step`` is the newest. At most ``kept`` are."""

    def __init__(self, step: int, kept: int = KEPT) -> None:
        self.step = self.since = step
        self._kept = kept
        self._entries: deque[Entry] = deque()

    def add(self, now: float, facts: Sequence[f.Fact]) -> None:
        """Keep one more step; one without facts is only counted."""
        self.step += 1
        if facts:
            self._entries.append(Entry(self.step, now, facts))
            if len(self._entries) > self._kept:
                self.since = self._entries.popleft().step

    def after(self, step: int, most: int = BATCH) -> list[Entry]:
        """The oldest ``most`` entries later than ``step``, in order."""
        first = bisect_right(self._entries, step, key=lambda entry: entry.step)
        return list(islice(self._entries, first, first + most))


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a follower asks for: the kinds of facts (None: all), and the step that it has seen, of which run."""

    since: int | None = None
    facts: frozenset[str] | None = None
    run: str | None = None

    @classmethod
    def of(cls, question: Mapping[str, Any]) -> Wanted:
        """Read the question. Raises ``OrderRefused``."""
        match question:
            case {"follow": {**wanted}} if len(question) == 1 and wanted.keys() <= {"since", "facts", "run"}:
                since, facts, run = wanted.get("since"), wanted.get("facts"), wanted.get("run")
                if isinstance(run, str | None) and isinstance(facts, list | None) and _is_step(since):
                    return cls(since, _kinds(facts), run)
        why = 'expected {"follow": {"since": STEP or null, "facts": [KIND, ...] or null}}'
        raise OrderRefused(Refusal.FOLLOW_MALFORMED, why)


def _is_step(since: Any) -> TypeGuard[int | None]:
    return since is None or (isinstance(since, int) and not isinstance(since, bool) and since >= 0)


def _kinds(wanted: list[Any] | None) -> frozenset[str] | None:
    if wanted is None:
        return None
    unknown = [said(str(kind)) for kind in wanted if not (isinstance(kind, str) and kind in KINDS)][:5]
    if unknown:
        why = f"no such fact: {', '.join(unknown)} (docs/control.md)"
        raise OrderRefused(Refusal.FOLLOW_MALFORMED, why, unknown=unknown, facts=sorted(KINDS))
    return frozenset(wanted)


@dataclass(slots=True, eq=False)
class _Follower:
    """One connection. ``step``: everything up to here was told."""

    wanted: Wanted
    writer: asyncio.StreamWriter
    step: int = 0
    wake: asyncio.Event = field(default_factory=asyncio.Event)
    gone: bool = False

    async def tell(self, rows: str) -> None:
        """Send the rows. Raises ``OSError`` or ``TimeoutError`` where they are not taken."""
        self.writer.write(rows.encode())
        async with asyncio.timeout(TAKEN_WITHIN_S):
            await self.writer.drain()

    def leave(self, _: object = None) -> None:
        """Mark the follower as gone, and wake the task that serves them."""
        self.gone = True
        self.wake.set()


class Overtaken(Exception):
    """A follower is further behind than the ring is long."""


class Followers:
    """Tells followers what happens; ``told`` is a reader of facts, to be called at every step from ``step`` on.

    ``present`` gives the state for people who have seen nothing, ``hides`` the facts that are told to nobody.
    """

    def __init__(
        self,
        step: int,
        wall: Callable[[], SiteClock],
        present: Callable[[], Mapping[str, Any]],
        hides: Callable[[f.Fact], bool],
        kept: int = KEPT,
    ) -> None:
        self.run = uuid.uuid4().hex[:8]
        self._ring = Ring(step, kept)
        self._wall, self._present, self._hides = wall, present, hides
        self._followers: set[_Follower] = set()
        self._closing = False
        self._counts = {"resumed_total": 0, "put_out_total": 0, "refused_total": 0}

    @property
    def step(self) -> int:
        """The number of the newest step: the journal's, where that has lost none."""
        return self._ring.step

    def told(self, now: float, facts: Iterable[f.Fact]) -> None:
        """Take the facts of a step. Never waits and never fails."""
        self._ring.add(now, [masked(fact) for fact in facts if not self._hides(fact)])
        for follower in self._followers:
            follower.wake.set()

    def figures(self) -> dict[str, float]:
        """Figures for ``/metrics``: how many follow, and how many went on, were put out, and were not let in."""
        return {"followers": len(self._followers), **self._counts}

    def close(self) -> None:
        """Let go of all; the line ends."""
        self._closing = True
        for follower in self._followers:
            follower.leave()

    async def serve(
        self, question: Mapping[str, Any], reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        """Tell one follower, until it has gone or is put out. Raises ``OrderRefused`` before the first word."""
        wanted = Wanted.of(question)
        if len(self._followers) >= MOST_FOLLOWERS:
            self._counts["refused_total"] += 1
            why = f"{MOST_FOLLOWERS} follow the line already: end one of them"
            raise OrderRefused(Refusal.FOLLOW_FULL, why, most=MOST_FOLLOWERS)
        follower = _Follower(wanted, writer, gone=self._closing)
        self._followers.add(follower)
        watch = asyncio.create_task(reader.read(1))  # nothing more is said: whatever comes is the end
        watch.add_done_callback(follower.leave)
        try:
            await self._tell(follower)
        except (Overtaken, TimeoutError):
            self._counts["put_out_total"] += 1
            log.warning("a follower of the line does not keep up and is put out")
            writer.transport.abort()
        except OSError:
            writer.transport.abort()  # it went
        finally:
            self._followers.discard(follower)
            watch.cancel()
            with suppress(asyncio.CancelledError, OSError):
                await watch

    async def _tell(self, follower: _Follower) -> None:
        clock = asyncio.get_running_loop().time
        await follower.tell(self._greeting(follower))
        told_at = clock()
        while not follower.gone:
            rows = self._rows(follower)
            if rows or clock() >= told_at + HEARTBEAT_S:
                await follower.tell(rows or f'{{"step":{follower.step}}}\n')
                told_at = clock()
            if follower.step < self._ring.step:
                await asyncio.sleep(0)
                continue
            await asyncio.sleep(GATHER_S)
            with suppress(TimeoutError):
                async with asyncio.timeout_at(told_at + HEARTBEAT_S):
                    await follower.wake.wait()

    def _greeting(self, follower: _Follower) -> str:
        """The first row; from here on the follower is told every step after ``follower.step``."""
        wanted, ring, wall = follower.wanted, self._ring, self._wall()
        resumed = (
            wanted.since is not None and wanted.run in (None, self.run) and ring.since <= wanted.since <= ring.step
        )
        follower.step = wanted.since if resumed and wanted.since is not None else ring.step
        self._counts["resumed_total"] += resumed
        row = {
            "step": follower.step,
            "run": self.run,
            "resumed": resumed,
            "now": wall.now(),
            "anchor": wall.anchor,
            "zone": str(wall.zone),
        }
        return _text(row if resumed else {**row, "state": self._present()}) + "\n"

    def _rows(self, follower: _Follower) -> str:
        """The next rows. Raises ``Overtaken``."""
        follower.wake.clear()
        if follower.step < self._ring.since:
            raise Overtaken
        entries = self._ring.after(follower.step)
        follower.step = entries[-1].step if len(entries) == BATCH else self._ring.step
        return "".join(entry.row(follower.wanted.facts) for entry in entries)
