"""What the line remembers of a number after its call is over. Bounded: the least recent number is forgotten."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from calls import events as e
from calls import facts as f

from .timers import TimerKind

if TYPE_CHECKING:
    from .state import EngineState

MOST_KEPT: Final = 20_000


def remember(memory: dict[str, Any], number: str, what: Any) -> None:
    """Store this as the latest of the number."""
    memory.pop(number, None)
    memory[number] = what
    if len(memory) > MOST_KEPT:
        del memory[next(iter(memory))]


def forget(w: EngineState, event: e.PersonErased) -> None:
    """Forget these numbers. The caller of this has made sure that none of their calls is going on."""
    for number in event.numbers:
        w.last_calls.pop(number, None)
        w.preferred_agents.pop(number, None)
        if w.kept_places.pop(number, None) is not None:
            w.timers.cancel(TimerKind.PLACE_KEPT, number)
    w.tell(f.Erased, event.token, event.by)
