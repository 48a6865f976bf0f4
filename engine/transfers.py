"""Callers at an outside number: sent there, answered, back, or gone."""

from __future__ import annotations

from calls import CallStage, Outcome, Party
from calls import commands as c
from calls import events as e
from calls import facts as f
from ivr import Input

from .call import Call
from .ending import caller_left, end_call
from .next import Goodbye, Join, Next, SendOut, WalkOn
from .state import EngineState


def send_out(w: EngineState, call: Call, wanted: SendOut) -> None:
    """Transfer the caller to an outside number."""
    begin(w, call)
    w.tell(f.TransferStarted, call.id, "" if wanted.confidential else wanted.target, wanted.confidential)
    w.tell(c.Transfer, call.id, wanted.target)


def begin(w: EngineState, call: Call) -> None:
    """Note that the caller is with an outside number from now on."""
    w.move(call, CallStage.TRANSFERRING)
    call.transfer_at = None


def answered(w: EngineState, call: Call, _: e.TransferAnswered) -> None:
    """Note when the outside number answered."""
    call.transfer_at = w.now


def left(w: EngineState, call: Call, lost: bool) -> None:
    """End the call of a caller who left; the outcome depends on whether the outside number had answered."""
    was_answered = end(w, call)
    call.decide(_came_of_it(call, was_answered), caller_left(w, call, lost))
    end_call(w, call)


def _came_of_it(call: Call, answered: bool) -> Outcome:
    """Give the call's outcome. A call that an overflow rule sent out has overflowed, answered or not."""
    if call.outcome is Outcome.OVERFLOWED:
        return Outcome.OVERFLOWED
    return Outcome.TRANSFERRED if answered else Outcome.LEFT_IN_MENU


def back(w: EngineState, call: Call, _: e.CallerBack) -> Next:
    """Go on after the outside party: goodbye if it hung up; if it never answered, the walk or the wait goes on."""
    was_answered = end(w, call)
    if was_answered:
        call.decide(_came_of_it(call, was_answered), Party.UNKNOWN)
        return Goodbye()
    return Join(w.queue(call.work).id) if call.work.queue is not None else WalkOn(Input.NOT_ANSWERED)


def end(w: EngineState, call: Call) -> bool:
    """End the transfer. Returns whether anybody had answered."""
    at = call.transfer_at
    w.tell(f.TransferEnded, call.id, at is not None, 0.0 if at is None else w.now - at)
    return at is not None
