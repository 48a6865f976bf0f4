"""The last words to a caller, and the end of the channel."""

from __future__ import annotations

from typing import Final

from calls import CallStage
from calls import commands as c
from calls import facts as f

from .call import Call
from .ending import end_call
from .next import Goodbye, HangUp, LastWords
from .playback import play
from .state import EngineState
from .timers import TimerKind

LEAVE_S: Final = 10.0
"""The time a caller's channel may take to go after it was hung up; then it counts as gone."""


def say_goodbye(w: EngineState, call: Call, _: Goodbye) -> LastWords:
    """Say only goodbye, and end the call."""
    return LastWords((call.menus.prompts.goodbye,), LEAVE_S)


def say_last(w: EngineState, call: Call, words: LastWords) -> None:
    """Say the last words; the caller is hung up after them."""
    w.move(call, CallStage.LEAVING)
    call.visit = None
    play(w, call, words.prompts, last=True)
    w.set_timer(TimerKind.LEAVE, call.id, words.within_s)


def last_words_said(w: EngineState, call: Call, play: int) -> HangUp | None:
    """Hang up after the present play; the end of an earlier one changes nothing."""
    return HangUp() if play == call.playback.number else None


def hang_up(w: EngineState, call: Call, _: HangUp) -> None:
    """End the caller's channel; the call is over when it is gone."""
    call.visit = None
    call.playback.number += 1  # the end of the present play no longer counts
    w.move(call, CallStage.LEAVING)
    w.tell(c.HangUp, call.id)
    w.set_timer(TimerKind.LEAVE, call.id, LEAVE_S)


def gone(w: EngineState, call: Call, _: bool) -> None:
    """End the call: the caller's channel is gone."""
    end_call(w, call)


def never_left(w: EngineState, call: Call) -> None:
    """Handle the LEAVE timer: hang up once more, and count the call as gone."""
    w.tell(f.Discrepancy, call.id, "leaving", "no hang-up seen", "counted as gone")
    w.tell(c.HangUp, call.id)
    end_call(w, call)
