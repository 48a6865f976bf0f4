"""The running line's part where a citizen is erased.

It refuses while they are on the line, forgets what it knows of their number, and stores its state anew. The files are
rewritten by whoever ordered it (``person.py``), beside the line.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from calls import events as e
from control.refusals import OrderRefused, Refusal
from engine import Line

from .recovery import Recovery

ORDER = "erase"
KEPT = 2
"""Number of states the journal keeps: all are stored anew."""


def wanted(order: Mapping[str, Any]) -> e.PersonErased | None:
    """The event for the order; None where it wants something else."""
    match order:
        case {"order": "erase", "numbers": [*numbers], "token": str(token), "by": str(by)} if len(order) == 4:
            return e.PersonErased(tuple(map(str, numbers)), token, by)
    return None


def on_the_line(line: Line, event: e.PersonErased) -> list[str]:
    """Calls of this person that are not over, promised callbacks among them."""
    return [call.id for call in line.view.calls.all() if call.ani in event.numbers]


def forget(recovery: Recovery, step: Any, event: e.PersonErased) -> dict[str, Any]:
    """``{"done": true}``, once the journal has the step that tells of it. Raises ``OrderRefused``."""
    if calls := on_the_line(recovery.line, event):
        again = "try again when the call is over (a promised callback: `line1555 call ID --withdraw`)"
        why = f"this number is on the line at this moment: {', '.join(calls)}; {again}"
        raise OrderRefused(Refusal.PERSON_ON_THE_LINE, why, calls=calls)
    step(event)
    for _ in range(KEPT):
        recovery.checkpoint(recovery.line.view.now)
    health = recovery.journal.health
    if not health.ok or health.buffered:
        why = f"the journal takes no steps now ({health.reason}): nothing was erased, try again"
        raise OrderRefused(Refusal.JOURNAL_NOT_WRITTEN, why, reason=health.reason)
    return {"done": True}
