"""Following a running line from another process: what the console and ``line1555 follow`` read.

async for update in follow(run_dir):
    match update:
        case State(): ...    # the present state; everything before is void
        case Facts(): ...    # what one step told
        case Resumed(): ...  # the connection was lost, and nothing with it
        case Lost(): ...     # no line answers at this moment; it is asked again and again
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, Collection, Mapping
from contextlib import aclosing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from .refusals import NotDone, Refusal, done
from .status import FILE, NotRunning, Silent, no_line

SILENT_S: Final = 16.0
"""Three heartbeats and a moment."""
PAUSE_S: Final = (0.2, 2.0)
"""First and longest pause before the next attempt to connect."""
LONGEST_ROW: Final = 64 << 20


@dataclass(frozen=True, slots=True)
class State:
    """The present state as of ``step``; ``anchor`` is epoch seconds at ``now`` 0, ``zone`` the site's."""

    step: int
    now: float
    anchor: float
    zone: str
    state: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Resumed:
    """The facts go on after ``step``, without a gap."""

    step: int
    now: float
    anchor: float
    zone: str


@dataclass(frozen=True, slots=True)
class Facts:
    """What a step told, as the codec writes it (``calls/codec.py``); telephone numbers are masked."""

    step: int
    now: float
    facts: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True, slots=True)
class Lost:
    """The line does not answer, for this reason."""

    reason: str


Update = State | Resumed | Facts | Lost


@dataclass(slots=True)
class _Place:
    """How far we have come, of which run of the line."""

    step: int | None
    run: str | None = None


async def follow(
    run_dir: Path, facts: Collection[str] | None = None, since: int | None = None, *, patient: bool = False
) -> AsyncGenerator[Update, None]:
    """What happens on the line in ``run_dir``, for ever: it connects again and goes on where it was.

    ``facts``: kinds (None: all); ``since``: a step that was seen, as of ``Facts``. Close it (``aclosing``).
    Raises ``NotRunning`` or ``NotDone`` where the first attempt fails; if ``patient``, it waits for a line.
    """
    place, pause_s, began = _Place(since), PAUSE_S[0], patient
    while True:
        try:
            async with aclosing(_connection(run_dir, facts, place)) as updates:
                async for update in updates:
                    began, pause_s = True, PAUSE_S[0]
                    yield update
        except NotRunning as error:
            if not began:
                raise
            yield Lost(str(error))
        except NotDone as error:
            if not began or error.told.id == Refusal.FOLLOW_MALFORMED:
                raise
            yield Lost(str(error))
        await asyncio.sleep(pause_s)
        pause_s = min(pause_s * 2, PAUSE_S[1])


async def _connection(
    run_dir: Path, facts: Collection[str] | None, place: _Place
) -> AsyncGenerator[State | Resumed | Facts, None]:
    """One connection, to its end. Raises ``NotRunning``."""
    try:
        reader, writer = await asyncio.open_unix_connection(run_dir / FILE, limit=LONGEST_ROW)
    except OSError as error:
        raise no_line(run_dir, error) from error
    try:
        wanted = {"since": place.step, "run": place.run, "facts": None if facts is None else sorted(facts)}
        writer.write(json.dumps({"follow": wanted}).encode() + b"\n")
        while row := await asyncio.wait_for(reader.readline(), SILENT_S):
            if (update := _update(json.loads(row), place)) is not None:
                yield update
    except TimeoutError as error:
        raise Silent(f"the line in {run_dir} has not answered within {SILENT_S:g} s") from error
    except (OSError, ValueError) as error:  # ended in the middle of a row, too
        raise Silent(f"the line in {run_dir} has broken off the conversation ({error})") from error
    finally:
        writer.transport.abort()
        with suppress(OSError):
            await writer.wait_closed()
    raise Silent(f"the line in {run_dir} has ended the conversation")


def _update(row: dict[str, Any], place: _Place) -> State | Resumed | Facts | None:
    """What a row says; None: only that the line is there. Moves the ``place``. Raises ``NotDone``."""
    done(row)
    place.step = int(row["step"])
    if "facts" in row:
        return Facts(place.step, row["now"], tuple(row["facts"]))
    if "run" not in row:
        return None
    place.run = row["run"]
    known = place.step, row["now"], row["anchor"], row["zone"]
    return Resumed(*known) if row["resumed"] else State(*known, row["state"])
