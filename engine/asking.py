"""The question whether a caller would rather be called back: when it may be asked, and that it is."""

from __future__ import annotations

from typing import Final

from calls import facts as f
from ivr import ALL_KEYS
from queues import Broken, Limit, Overflow, Way

from .timers import TimerKind
from .world import Asked, Call, World

ASK_S: Final = 6.0
"""The time to think about it after the question (s)."""
OFFERED: Final = Broken(Overflow(Limit.OFFERED, Way.CALLBACK), 0.0)
"""What stands for the broken limit where the menus offer a callback."""


def possible(w: World, call: Call) -> bool:
    """Whether the line may promise this caller a call: a number it may dial, none promised yet, not too many."""
    rules = w.settings.callbacks
    number = rules.dialled(call.ani)
    return number is not None and number not in w.promised and len(w.promised) < rules.most


def ask(w: World, call: Call, broken: Broken, *, entry: bool) -> None:
    """Ask the caller at his place. ``entry``: he is just coming to it, and hears the question when he has it."""
    call.asked = Asked(broken.rule.limit, broken.found, entry)
    call.overflowed = (*call.overflowed, broken.rule.tried)
    w.tell(f.CallbackOffered, call.id, w.queue(call).id, broken.rule.limit, broken.found)
    if not entry:
        say(w, call)


def offer(w: World, call: Call) -> None:
    """The menus offer it to a caller who is just coming to his place, where it is possible and no rule did already."""
    if call.asked is None and possible(w, call):
        ask(w, call, OFFERED, entry=True)


def say(w: World, call: Call) -> None:
    """The question, (again) from its beginning."""
    w.timers.cancel(TimerKind.ASKED, call.id)
    w.play(call, (call.session.menus.prompts.callback_offer,), ALL_KEYS)


def heard(w: World, call: Call) -> None:
    """The question was heard to its end."""
    w.set_timer(TimerKind.ASKED, call.id, ASK_S)
