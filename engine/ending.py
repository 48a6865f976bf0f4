"""The end of a call: the channel is gone, and the outcome was decided before."""

from __future__ import annotations

from calls import AgentId, ContractError, Party
from calls import facts as f

from .call import Call
from .state import EngineState


def end_call(w: EngineState, call: Call) -> None:
    """End the call, as the caller's channel is gone, with the outcome decided before."""
    w.timers.forget(call.id)
    if call.callback is not None:
        w.promised.pop(call.work.ani, None)
    stage = call.ended_in or call.stage
    if call.outcome is None or None not in w.call_moves[call.stage]:
        raise ContractError(f"{call.id} cannot end {call.stage}, {call.outcome}")
    w.tell(f.CallEnded, call.id, call.outcome, stage, call.by, w.now - call.arrived_at)
    del w.calls[call.id]
    w.sip_calls.pop(call.sip_call, None)


def caller_left(w: EngineState, call: Call, lost: bool) -> Party:
    """Give the party that ended the call of a caller who is gone. ``lost``: nobody hung up, their sound was lost."""
    if lost:
        w.tell(f.MediaLost, call.id, AgentId(""))
    return Party.LOST_MEDIA if lost else Party.CALLER
