"""Consultations: an agent's own call to a colleague or an outside number. Only counts them; permits nothing."""

from __future__ import annotations

from collections.abc import Collection

from calls import AgentId, SessionId, node_of
from calls import events as e
from calls import facts as f

from . import reach
from .state import Consult, EngineState


def take(w: EngineState, event: e.ConsultBegan | e.ConsultAnswered | e.ConsultEnded) -> None:
    """Take an event of a consultation; a late or doubled one changes nothing."""
    began = isinstance(event, e.ConsultBegan)
    if began == (event.session in w.consults):
        w.tell(f.Unexpected, type(event).__name__, event.session, "consulting" if began else "unknown")
    elif isinstance(event, e.ConsultBegan):
        _began(w, event)
    elif isinstance(event, e.ConsultAnswered):
        w.consults[event.session].answered_at = w.now
    else:
        _ended(w, event.session)


def _began(w: EngineState, event: e.ConsultBegan) -> None:
    rung = w.roster[event.agent].offer if event.agent in w.roster else None
    offer = w.offers.get(rung) if rung else None
    w.consults[event.session] = Consult(event.agent, event.target, offer.call if offer else None)


def _ended(w: EngineState, session: SessionId) -> None:
    consult = w.consults.pop(session)
    at = consult.answered_at
    talk_s = 0.0 if at is None else w.now - at
    w.tell(f.Consulted, consult.agent, consult.target, consult.call, at is not None, talk_s)


def compare(w: EngineState, node: str, in_use: Collection[AgentId]) -> None:
    """End the consultations at the node whose end was missed: their agents' phones carry no call there any more."""
    here = [session for session in w.consults if not reach.several(w) or node_of(session) == node]
    for session in [session for session in here if w.consults[session].agent not in in_use]:
        _ended(w, session)
