"""The agent state machine, as a table. Knows neither calls nor phones nor clocks.

``TABLE[state][event]`` is ``(next state, action)``. What is not in the table is not possible: an agent's wish is
refused with a spoken reason, an event of our own raises ``ContractError``.
"""

from __future__ import annotations

from typing import Final, final

from calls import AgentState, Word

from .standing import AVAILABLE, STANDINGS, Availability, Standing

S = AgentState


class AgentEvent(Word):
    """What can happen to an agent: the first five are wishes of theirs, the others come from their calls and phone."""

    LOG_IN = "log_in"
    LOG_OUT = "log_out"
    READY = "ready"
    NOT_READY = "not_ready"
    END_WRAP_UP = "end_wrap_up"
    OFFERED = "offered"
    WITHDRAWN = "withdrawn"
    MISSED = "missed"
    ANSWERED = "answered"
    HANDED = "handed"
    CALL_ENDED = "call_ended"
    WRAP_UP_OVER = "wrap_up_over"
    PHONE_GONE = "phone_gone"
    PHONE_BACK = "phone_back"


class Action(Word):
    """What a move means beyond the new state."""

    MOVE = "move"
    """Go there."""
    RESUME = "resume"
    """Go there, unless a wish was put off until now."""
    DEFER = "defer"
    """Stay; the wish comes true at the next RESUME."""
    RETURN = "return"
    """Go there; the next RESUME leads back to the state before."""
    KEEP = "keep"
    """Stay; forget a wish that was put off."""


E = AgentEvent

TABLE: Final[dict[AgentState, dict[AgentEvent, tuple[AgentState, Action]]]] = {
    S.LOGGED_OUT: {
        E.LOG_IN: (S.NOT_READY, Action.MOVE),
        E.HANDED: (S.TALKING, Action.RETURN),
    },
    S.NOT_READY: {
        E.LOG_OUT: (S.LOGGED_OUT, Action.MOVE),
        E.READY: (S.READY, Action.MOVE),
        E.NOT_READY: (S.NOT_READY, Action.MOVE),
        E.HANDED: (S.TALKING, Action.RETURN),
        E.PHONE_BACK: (S.READY, Action.MOVE),  # asked of those only who are not ready because it was gone
    },
    S.READY: {
        E.LOG_OUT: (S.LOGGED_OUT, Action.MOVE),
        E.READY: (S.READY, Action.KEEP),
        E.NOT_READY: (S.NOT_READY, Action.MOVE),
        E.OFFERED: (S.RINGING, Action.MOVE),
        E.HANDED: (S.TALKING, Action.MOVE),
        E.PHONE_GONE: (S.NOT_READY, Action.MOVE),  # also whoever becomes ready while the phone is gone
    },
    S.RINGING: {
        E.LOG_OUT: (S.RINGING, Action.DEFER),
        E.READY: (S.RINGING, Action.KEEP),
        E.NOT_READY: (S.RINGING, Action.DEFER),
        E.WITHDRAWN: (S.READY, Action.RESUME),
        E.MISSED: (S.NOT_READY, Action.RESUME),
        E.ANSWERED: (S.TALKING, Action.MOVE),
    },
    S.TALKING: {
        E.LOG_OUT: (S.TALKING, Action.DEFER),
        E.READY: (S.TALKING, Action.KEEP),
        E.NOT_READY: (S.TALKING, Action.DEFER),
        E.WITHDRAWN: (S.READY, Action.RESUME),
        E.MISSED: (S.NOT_READY, Action.RESUME),
        E.CALL_ENDED: (S.WRAP_UP, Action.MOVE),
    },
    S.WRAP_UP: {
        E.LOG_OUT: (S.LOGGED_OUT, Action.MOVE),
        E.READY: (S.READY, Action.MOVE),
        E.NOT_READY: (S.NOT_READY, Action.MOVE),
        E.OFFERED: (S.RINGING, Action.MOVE),  # rung ahead: the wrap-up was about to end
        E.END_WRAP_UP: (S.READY, Action.RESUME),
        E.WRAP_UP_OVER: (S.READY, Action.RESUME),
        E.HANDED: (S.TALKING, Action.MOVE),
    },
}

AGENT_REQUESTS: Final = frozenset({E.LOG_IN, E.LOG_OUT, E.READY, E.NOT_READY, E.END_WRAP_UP})


@final
class Move:
    """Where an event leads from one state."""

    def __init__(self, to: Row, action: Action) -> None:
        self.to = to
        self.action = action


@final
class Row:
    """A state with its row of the table: an agent holds the one they are in, so that nothing is looked up by state.

    ``standing``: how they stand by it; in READY that depends. ``serving``: they take calls. ``at_work``: they have one;
    a wish that was put off stays put off. ``at_a_phone``: a registration that has lapsed does not change what they do.
    """

    def __init__(self, state: AgentState) -> None:
        self.state = state
        self.serving = state in SERVING
        self.at_work = state in SERVING and state is not S.READY
        self.at_a_phone = state in (S.LOGGED_OUT, S.RINGING, S.TALKING)
        self.standing: Standing = AVAILABLE if state is S.READY else STANDINGS[Availability(state.value)]
        self.moves: dict[AgentEvent, Move] = {}


SERVING: Final = frozenset({S.READY, S.RINGING, S.TALKING, S.WRAP_UP})
ROWS: Final[dict[AgentState, Row]] = {state: Row(state) for state in TABLE}
for _state, _moves in TABLE.items():
    ROWS[_state].moves.update({event: Move(ROWS[to], action) for event, (to, action) in _moves.items()})
