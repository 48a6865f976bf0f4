"""What an agent's phone shows of a call before it is answered: ``EN ΔΥΠΑ ασφ. 2:10``.

Language, topic, role and the time waited. Every word is the site's (``shown`` in line.yaml, the queue's label) or a
name from its settings; nothing that a caller or a trunk sends is in it.
"""

from __future__ import annotations

from typing import Final

from .settings import RETURNED
from .state import EngineState
from .work import WorkItem

LONGEST: Final = 40
"""Characters that a desk phone's display has room for, in one or two lines."""


def shown(w: EngineState, item: WorkItem) -> str:
    """Give the text for the phone, at most ``LONGEST`` characters; the time is never cut."""
    said, words, queue, place = item.known, w.settings.shown, w.queue(item), w.room.place(item.id)
    topic, role = said.topic or "", said.role or ""
    parts = [
        f"{words.get(RETURNED, 'BACK')} {item.returned_by}" if item.returned_by and place.preferred_agent else "",
        said.language.upper(),
        words.get(topic, queue.label),
        words.get(role, role),
    ]
    time = _clock(w.now - place.entered_at)
    text = " ".join(part for part in parts if part)
    return f"{text[: LONGEST - len(time) - 1].rstrip()} {time}"


def _clock(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
