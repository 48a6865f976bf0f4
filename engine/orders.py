"""The fact of a supervisor's order, told before its effects: who ordered what."""

from __future__ import annotations

from typing import Any, Final, get_args

from calls import events as e
from calls import facts as f
from calls import mask

from .state import EngineState

Order = (
    e.CallMoved | e.PrioritySet | e.CallWithdrawn | e.CallbackAsked | e.QueueSwitched | e.BannerSwitched | e.AgentAsked
)
"""Events that may be orders; without ``by`` they are none (an agent's own request, an old journal)."""
ORDERS: Final[frozenset[type]] = frozenset(get_args(Order))


def note(w: EngineState, event: Any) -> None:
    """Tell an order, if the event names who gave it."""
    if event.by:
        w.tell(f.Ordered, *_what(event), event.by)


def _what(event: Order) -> tuple[str, str, str]:
    """Give the order's name, subject and detail."""
    match event:
        case e.CallMoved():
            return "move", event.call, event.queue
        case e.PrioritySet():
            return "priority", event.call, f"{event.points:g}"
        case e.CallWithdrawn():
            return "withdraw", event.call, ""
        case e.CallbackAsked():
            return "callback", event.queue, mask(event.number)
        case e.QueueSwitched():
            return "switch", event.queue, "open" if event.open else "close"
        case e.BannerSwitched():
            return "banner", "", event.prompt or "off"
        case e.AgentAsked():
            return "agent", event.agent, f"{event.action} {event.reason}".strip()
