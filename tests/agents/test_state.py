"""One test per (state, event) pair of the agent table: what is there does what it says, what is not is refused."""

from __future__ import annotations

from itertools import product

import pytest

from agents import TABLE, Action, Agent, AgentEvent, AgentSettings, RequestRefused, Roster
from agents.state import AGENT_REQUESTS
from calls import AgentId, AgentState, ContractError

S, E = AgentState, AgentEvent
PATHS: dict[AgentState, tuple[AgentEvent, ...]] = {
    S.LOGGED_OUT: (),
    S.NOT_READY: (E.LOG_IN,),
    S.READY: (E.LOG_IN, E.READY),
    S.RINGING: (E.LOG_IN, E.READY, E.OFFERED),
    S.TALKING: (E.LOG_IN, E.READY, E.OFFERED, E.ANSWERED),
    S.WRAP_UP: (E.LOG_IN, E.READY, E.OFFERED, E.ANSWERED, E.CALL_ENDED),
}
PAIRS = list(product(AgentState, AgentEvent))
DEFINED = [(state, event) for state, event in PAIRS if event in TABLE[state]]
UNDEFINED = [pair for pair in PAIRS if pair not in DEFINED]


def agent_in(state: AgentState) -> tuple[Roster, Agent]:
    """One agent who has just come to a state, at ``now`` 10."""
    roster = Roster([AgentSettings(AgentId("a1"), "Agent", {"lang.el": 5})], 0.0)
    agent = roster[AgentId("a1")]
    for event in PATHS[state]:
        roster.apply(agent, event, 10.0)
    assert agent.state is state
    return roster, agent


def look(agent: Agent) -> tuple[object, ...]:
    return agent.state, agent.reason, agent.since, agent.pending, agent.availability


def test_every_state_has_a_row() -> None:
    assert set(TABLE) == set(AgentState)


@pytest.mark.parametrize(("state", "event"), DEFINED, ids=lambda v: v.value)
def test_a_defined_event(state: AgentState, event: AgentEvent) -> None:
    roster, agent = agent_in(state)
    before = look(agent)
    goal, action = TABLE[state][event]
    left = roster.apply(agent, event, 25.0, "why")
    if action in (Action.MOVE, Action.RESUME):
        since = 10.0 if state is not S.LOGGED_OUT else 0.0
        assert (left, agent.state, agent.reason) == (state, goal, "why")
        assert (agent.lasted_s, agent.moved_by) == (25.0 - since, "")
        assert (agent.state, agent.reason, agent.since, agent.pending) == (goal, "why", 25.0, None)
    elif action is Action.RETURN:
        assert left is state and (agent.state, agent.since) == (goal, 25.0)
        for after in (E.CALL_ENDED, E.WRAP_UP_OVER):
            roster.apply(agent, after, 30.0)
        assert (agent.state, agent.reason) == before[:2]
    else:
        assert left is None and goal is state
        wish = (event, "why", "") if action is Action.DEFER else None
        assert look(agent) == (*before[:3], wish, before[4])


@pytest.mark.parametrize(("state", "event"), UNDEFINED, ids=lambda v: v.value)
def test_an_undefined_event(state: AgentState, event: AgentEvent) -> None:
    roster, agent = agent_in(state)
    before = look(agent)
    with pytest.raises(RequestRefused if event in AGENT_REQUESTS else ContractError, match="is not possible"):
        roster.apply(agent, event, 25.0, "why")
    assert look(agent) == before


RESUMES = [(state, event) for state, event in DEFINED if TABLE[state][event][1] is Action.RESUME]


@pytest.mark.parametrize(("state", "event"), RESUMES, ids=lambda v: v.value)
@pytest.mark.parametrize(
    ("wish", "goal", "reason"),
    [(E.LOG_OUT, S.LOGGED_OUT, ""), (E.NOT_READY, S.NOT_READY, "asked")],
    ids=["log_out", "not_ready"],
)
def test_a_wish_that_was_put_off(
    state: AgentState, event: AgentEvent, wish: AgentEvent, goal: AgentState, reason: str
) -> None:
    roster, agent = agent_in(S.RINGING)
    assert roster.apply(agent, wish, 11.0, by="maria") is None
    for step in PATHS[state][3:]:
        roster.apply(agent, step, 12.0)
    assert roster.apply(agent, event, 25.0, "rona") is not None
    assert (agent.state, agent.reason, agent.pending) == (goal, reason, None)
    assert agent.moved_by == "maria", "whose order it was is remembered for so long"


@pytest.mark.parametrize("state", [S.RINGING, S.TALKING], ids=lambda v: v.value)
def test_ready_forgets_what_was_put_off(state: AgentState) -> None:
    roster, agent = agent_in(state)
    roster.apply(agent, E.NOT_READY, 11.0, "break")
    roster.apply(agent, E.READY, 12.0)
    roster.apply(agent, E.WITHDRAWN, 13.0)
    assert agent.state is S.READY


def test_the_last_wish_counts() -> None:
    roster, agent = agent_in(S.TALKING)
    roster.apply(agent, E.LOG_OUT, 11.0)
    roster.apply(agent, E.NOT_READY, 12.0, "break")
    roster.apply(agent, E.CALL_ENDED, 13.0)
    roster.apply(agent, E.WRAP_UP_OVER, 14.0)
    assert (agent.state, agent.reason) == (S.NOT_READY, "break")


@pytest.mark.parametrize(("state", "reason"), [(S.LOGGED_OUT, "login"), (S.READY, "asked")], ids=["login", "asked"])
def test_not_ready_has_always_a_reason(state: AgentState, reason: str) -> None:
    roster, agent = agent_in(state)
    roster.apply(agent, E.LOG_IN if state is S.LOGGED_OUT else E.NOT_READY, 25.0)
    assert (agent.state, agent.reason) == (S.NOT_READY, reason)
