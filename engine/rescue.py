"""Calls that Asterisk's own menu has: for the engine they are over, for the caller they are not."""

from __future__ import annotations

from calls import CallStage, Outcome, Party
from calls import events as e
from calls import facts as f

from . import menus, places, talking, transfers
from .call import Call
from .ending import end_call
from .state import EngineState

S = CallStage


def rescued(w: EngineState, call: Call, _: e.CallRescued | None = None) -> None:
    """End the call in the engine: Asterisk's own menu serves the caller now."""
    if call.stage in (S.WAITING, S.CONNECTING, S.DIALLING, S.PROMISED):
        places.withdraw_offer(w, call.work)
        if call.id in w.room.places or call.work.aside:
            places.leave_queue(w, call.work, Outcome.SURVIVED)
    if call.stage is S.TALKING:
        talking.vanished(w, call)
        return
    if call.stage is S.TRANSFERRING:
        transfers.end(w, call)
    menus.message_left(w, call)
    if call.stage is not S.LEAVING:
        call.decide(Outcome.SURVIVED, Party.UNKNOWN)
    end_call(w, call)


def accounted(w: EngineState, event: e.CallSurvived) -> None:
    """Tell the fact of a call that Asterisk served alone and that is over."""
    if event.call in w.calls:
        w.tell(f.Unexpected, "CallSurvived", event.call, w.calls[event.call].stage)
        return
    w.tell(
        f.Survived,
        event.call,
        event.ani,
        event.dnis,
        event.queue,
        event.agent,
        event.wait_s,
        event.talk_s,
        event.total_s,
        event.ago_s,
        event.by,
        event.booked,
    )
