"""The callback question: decides when a caller may be asked whether they want a callback, and asks it."""

from __future__ import annotations

from typing import Final

from calls import facts as f
from ivr import ALL_KEYS
from queues import OverflowAction, OverflowRule, OverflowTrigger, TriggeredRule

from .call import Call, CallbackQuestion
from .playback import play
from .state import EngineState
from .timers import TimerKind
from .work import WorkItem

ASK_S: Final = 6.0
"""The time to think about it after the question (s)."""
OFFERED: Final = TriggeredRule(OverflowRule(OverflowTrigger.OFFERED, OverflowAction.CALLBACK), 0.0)
"""Takes the place of the fired overflow rule where the menus offer the callback."""


def possible(w: EngineState, item: WorkItem) -> bool:
    """Tell whether the line may promise this citizen a call: a number it may dial, none promised yet, not too many."""
    rules = w.settings.callbacks
    number = rules.dialled(item.ani)
    return number is not None and number not in w.promised and len(w.promised) < rules.most


def ask(w: EngineState, call: Call, triggered: TriggeredRule, *, entry: bool) -> None:
    """Ask the caller in the queue. ``entry``: they are just joining, and hear the question once they have a place."""
    call.asked = CallbackQuestion(triggered.rule.trigger, triggered.found, entry)
    call.work.overflowed = (*call.work.overflowed, triggered.rule.tried)
    w.tell(f.CallbackOffered, call.id, w.queue(call.work).id, triggered.rule.trigger, triggered.found)
    if not entry:
        say(w, call)


def offer(w: EngineState, call: Call) -> None:
    """Ask a joining caller because the menus offer a callback, if it is possible and no rule has asked already."""
    if call.asked is None and possible(w, call.work):
        ask(w, call, OFFERED, entry=True)


def say(w: EngineState, call: Call) -> None:
    """Say the question from its beginning."""
    w.timers.cancel(TimerKind.ASKED, call.id)
    play(w, call, (call.menus.prompts.callback_offer,), ALL_KEYS)


def heard(w: EngineState, call: Call) -> None:
    """Wait for the answer: the question was heard to its end."""
    w.set_timer(TimerKind.ASKED, call.id, ASK_S)
