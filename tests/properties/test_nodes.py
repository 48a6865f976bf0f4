"""Random days of a line with two or three nodes: no call crosses nodes, and none waits while an agent could take it."""

from __future__ import annotations

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from calls import AgentAction, AgentId, AgentState, CallId, CallStage, OfferId, node_of, satisfies
from calls import commands as c
from calls import events as e
from calls import facts as f
from engine.lost_places import KEEP_S
from engine.state import EngineState, Offer
from tests.line import Hand

NODES = ("n1", "n2", "n3")
AGENTS = tuple(AgentId(f"a{n}") for n in range(1, 4))
NUMBERS = ("", "2101111111", "2102222222")
EITHER, ANY_AGENT = st.sampled_from(NODES), st.sampled_from(AGENTS)


class Days(RuleBasedStateMachine):
    """The world: which node is there, which phone is registered where, which calls each node has."""

    def __init__(self) -> None:
        super().__init__()
        self.hand, self.made = Hand(), 0
        self.up: set[str] = set()
        self.there: dict[str, set[AgentId]] = {node: set(AGENTS) for node in NODES}
        self.starts = dict.fromkeys(NODES, 1)
        self.hand.do(e.LineStarted("n1", 1_700_000_000.0, "test", NODES))
        for node in NODES:
            self._comes(node)
        self.hand.ready(*AGENTS)

    @property
    def w(self) -> EngineState:
        return self.hand.line._state

    def _comes(self, node: str, *, anew: bool = False) -> None:
        self.starts[node] += anew
        self.up.add(node)
        calls = () if anew else tuple(self._seen(node))
        legs = () if anew else tuple(e.SeenOffer(o.id, o.state != "ringing") for o in self._legs(node))
        phones = tuple(sorted(self.there[node]))
        self.hand.do(e.LinkUp(node))
        started = f"{node} start {self.starts[node]}"
        self.hand.do(e.Snapshot(calls, legs, phones, (), final=True, started=started, node=node))

    def _seen(self, node: str) -> list[e.SeenCall]:
        here = [call for call in self.w.calls.values() if call.work.node == node]
        return [
            e.SeenCall(call.id, CallStage.TALKING, call.work.offer)
            if call.stage is CallStage.TALKING
            else e.SeenCall(call.id, CallStage.MENU)
            for call in here
        ]

    def _legs(self, node: str) -> list[Offer]:
        return [offer for offer in self.w.offers.values() if node_of(offer.id) == node]

    def _offers(self, *states: str) -> list[OfferId]:
        return [o.id for o in self.w.offers.values() if o.state in states and node_of(o.id) in self.up]

    @rule(node=EITHER, ani=st.sampled_from(NUMBERS))
    def call(self, node: str, ani: str) -> None:
        if node in self.up:
            self.made += 1
            self.hand.call(f"{node}-{self.made}", ani=ani)

    @rule(node=EITHER, anew=st.booleans())
    def comes(self, node: str, anew: bool) -> None:
        if node not in self.up:
            self._comes(node, anew=anew or self.w.nodes[node].reachable == set())

    @rule(node=EITHER)
    def goes(self, node: str) -> None:
        if node in self.up:
            self.up.remove(node)
            self.hand.do(e.LinkDown("gone", node))

    @rule(node=EITHER, agent=ANY_AGENT)
    def phone(self, node: str, agent: AgentId) -> None:
        self.there[node] ^= {agent}
        if node in self.up:
            self.hand.do(e.PhoneReachable(agent, agent in self.there[node], node))

    @rule(pick=st.integers(0, 9), how=st.sampled_from(["answers", "misses"]))
    @precondition(lambda self: self._offers("ringing"))
    def rung(self, pick: int, how: str) -> None:
        ringing = self._offers("ringing")
        offer = ringing[pick % len(ringing)]
        if how == "misses":
            self.hand.do(e.AgentLeft(offer))
            return
        call = self.w.offers[offer].call
        self.hand.do(e.OfferAnswered(offer))
        if call in self.w.calls and self.w.calls[call].stage is CallStage.CONNECTING:
            self.hand.do(e.Bridged(call, offer))

    @rule(pick=st.integers(0, 9))
    def caller_leaves(self, pick: int) -> None:
        here = [call.id for call in self.w.calls.values() if call.work.node in self.up]
        if here:
            self.hand.do(e.CallerLeft(here[pick % len(here)]))

    @rule()
    def legs_close(self) -> None:
        for offer in self._offers("closing"):
            self.hand.do(e.AgentLeft(offer))

    @rule(agent=ANY_AGENT)
    def back_to_work(self, agent: AgentId) -> None:
        if self.w.roster[agent].state in (AgentState.NOT_READY, AgentState.WRAP_UP):
            self.hand.ask(agent, AgentAction.READY)

    @rule(seconds=st.sampled_from([0.5, 5.0, 20.0, KEEP_S]))
    def time_passes(self, seconds: float) -> None:
        self.hand.wait(seconds)

    @invariant()
    def no_call_crosses_nodes(self) -> None:
        for offer in self.w.offers.values():
            call = self.w.calls.get(offer.call)
            assert call is None or not call.work.node or node_of(offer.id) == call.work.node

    @invariant()
    def nobody_is_rung_where_their_phone_is_not(self) -> None:
        _, _, out = self.hand.steps[-1]
        for ring in out:
            if isinstance(ring, c.Ring):
                assert ring.agent in self.there[node_of(ring.offer)] and node_of(ring.offer) in self.up

    @invariant()
    def no_call_waits_while_somebody_could_take_it(self) -> None:
        for place in self.w.room:
            if not self.w.room.is_free(place.item) or place.node not in self.up or place.preferred_agent:
                continue
            for agent in self.w.roster:
                free = agent.state is AgentState.READY and agent.offer is None and not agent.resting
                assert not (
                    free and agent.id in self.there[place.node] and satisfies(agent.settings.skills, place.requires)
                ), f"{place.item} waits while {agent.id} is free at {place.node}"

    @invariant()
    def a_place_is_where_its_channel_is(self) -> None:
        for place in self.w.room:
            assert place.node == self.w.calls[CallId(place.item)].work.node

    @invariant()
    def a_lost_node_has_no_calls(self) -> None:
        lost = {fact.node for fact in self.hand.all(f.NodeLost)} - self.up
        since = {node: max(now for now, _, out in self.hand.steps if f.NodeLost in map(type, out)) for node in lost}
        for node in lost:
            late = [call for call in self.w.calls.values() if call.work.node == node and call.arrived_at <= since[node]]
            assert not [call for call in late if call.stage is not CallStage.LEAVING]


TestDays = Days.TestCase
