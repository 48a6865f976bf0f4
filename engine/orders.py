"""The fact that every supervisor's order leaves, before anything comes of it: by whom, and what."""

from __future__ import annotations

from calls import events as e
from calls import facts as f
from calls import mask

from .state import EngineState

Order = (
    e.CallMoved | e.PrioritySet | e.CallWithdrawn | e.CallbackAsked | e.QueueSwitched | e.BannerSwitched | e.AgentAsked
)
"""Events that somebody may have ordered; without ``by`` nobody has (an agent's own wish, an old journal)."""


def note(w: EngineState, event: Order) -> None:
    """Tell what was ordered, where somebody is named."""
    if event.by:
        w.tell(f.Ordered, *_what(event), event.by)


def _what(event: Order) -> tuple[str, str, str]:
    """The order's name, its subject and its detail."""
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
