"""The fact that every supervisor's order leaves, before anything comes of it: by whom, and what."""

from __future__ import annotations

from calls import events as e
from calls import facts as f
from calls import mask

Order = (
    e.CallMoved | e.PrioritySet | e.CallWithdrawn | e.CallbackAsked | e.QueueSwitched | e.BannerSwitched | e.AgentAsked
)
"""Events that somebody may have ordered; without ``by`` nobody has (an agent's own wish, an old journal)."""


def ordered(event: Order) -> f.Ordered | None:
    """The fact to tell; None where nobody is named."""
    if not event.by:
        return None
    match event:
        case e.CallMoved():
            return f.Ordered("move", event.call, event.queue, event.by)
        case e.PrioritySet():
            return f.Ordered("priority", event.call, f"{event.points:g}", event.by)
        case e.CallWithdrawn():
            return f.Ordered("withdraw", event.call, "", event.by)
        case e.CallbackAsked():
            return f.Ordered("callback", event.queue, mask(event.number), event.by)
        case e.QueueSwitched():
            return f.Ordered("switch", event.queue, "open" if event.open else "close", event.by)
        case e.BannerSwitched():
            return f.Ordered("banner", "", event.prompt or "off", event.by)
        case e.AgentAsked():
            return f.Ordered("agent", event.agent, f"{event.action} {event.reason}".strip(), event.by)
