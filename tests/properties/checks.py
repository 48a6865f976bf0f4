"""What must hold after every step, worked out by brute force from the plain state, without the core's cleverness."""

from __future__ import annotations

from agents import Availability
from calls import AgentId, AgentState, CallId, CallStage, OfferId, satisfies
from calls import commands as c
from calls import facts as f
from engine import Line, OfferState, Output
from engine.call import Call
from engine.state import EngineState, Offer
from engine.timers import TimerKind
from ivr import WalkState
from queues import OrderedPlaces, Place

from .ledger import Ledger

S = CallStage
T = TimerKind
Free = list[Place]


def check(line: Line, ledger: Ledger) -> None:
    """All that must hold between two steps."""
    w = line._state
    _offers_agree(w)
    _agents_agree(w)
    _room_agrees(w)
    _groups_agree(w)
    _nobody_waits_for_an_available_agent(w)
    _nothing_is_stuck(w, ledger)
    _books_agree(w, ledger)


def free_places(w: EngineState) -> Free:
    waiting = (call for call in w.calls.values() if call.stage in (S.WAITING, S.PROMISED) and call.work.offer is None)
    return [w.room.places[call.id] for call in waiting if not _aside(w, call)]


def _aside(w: EngineState, call: Call) -> bool:
    """A callback whose time has not come, or comes again later."""
    return call.stage is S.PROMISED and w.timers.at(T.CALLBACK, call.id) is not None


def check_order(line: Line, before: Free, outputs: list[Output]) -> None:
    """Nobody is offered while somebody before them, whom the same agent could serve as well, stays free.

    That is more than order within equal priority and skills. Looks at those who were free before the step and after.
    Where a policy weighs otherwise, or a call is kept for its agent, that holds of those who are due.
    """
    w = line._state
    left = [place for place in free_places(w) if place in before]
    for made in (output for output in outputs if isinstance(output, f.OfferMade)):
        skills = w.roster[made.agent].settings.skills
        passed = [p for p in left if p.key(w.now) < made.key and satisfies(skills, p.requires)]
        passed = [p for p in passed if p.preferred_agent in (None, made.agent) and _must_be_first(w, made, p)]
        assert not passed or made.rule == "sent by a colleague", (made, passed)


BY_SCORE = {"longest_idle", "least_occupied", "specialists_first"}


def _must_be_first(w: EngineState, made: f.OfferMade, passed: Place) -> bool:
    policies = {w.settings.queues[queue].policy for queue in (made.queue, passed.queue)}
    return passed.due_at < w.now or (policies <= BY_SCORE and made.rule in policies)


def idle_since(w: EngineState) -> dict[AgentId, float]:
    return {agent.id: agent.idle_since for agent in w.roster if available(w, agent.id)}


def check_idleness(line: Line, before: dict[AgentId, float], outputs: list[Output], free: Free) -> None:
    """No agent is given a call while another who could serve it, and has been idle longer, is left idle."""
    left = {agent: since for agent, since in idle_since(line._state).items() if before.get(agent) == since}
    requires = {place.item: place.requires for place in free}
    for made in (output for output in outputs if isinstance(output, f.OfferMade)):
        if made.agent in before and made.call in requires and made.rule == "longest_idle":
            order = (before[made.agent], made.agent)
            able = [a for a in left if satisfies(line._state.roster[a].settings.skills, requires[made.call])]
            assert not [a for a in able if (left[a], a) < order], (made, able)


_AGENT_IN = {
    OfferState.RINGING: {AgentState.RINGING},
    OfferState.ANSWERED: {AgentState.TALKING},
    OfferState.TALKING: {AgentState.TALKING},
    OfferState.CLOSING: set(AgentState) - {AgentState.RINGING, AgentState.TALKING},
}
_CALL_IN = {
    OfferState.RINGING: {S.WAITING, S.PROMISED},
    OfferState.ANSWERED: {S.CONNECTING, S.DIALLING},
    OfferState.TALKING: {S.TALKING},
}


def _offers_agree(w: EngineState) -> None:
    """One offer per agent, one live offer per call; call, offer and agent tell the same story."""
    assert len({o.agent for o in w.offers.values()}) == len(w.offers)
    for offer in w.offers.values():
        agent = w.roster[offer.agent]
        assert agent.offer == offer.id and agent.state in _AGENT_IN[offer.state]
        if offer.state is not OfferState.CLOSING:
            call = w.calls[offer.call]
            assert call.work.offer == offer.id and call.stage in _CALL_IN[offer.state]


def _agents_agree(w: EngineState) -> None:
    for agent in w.roster:
        offer = w.offers.get(agent.offer) if agent.offer else None
        assert (offer is None) == (agent.offer is None)
        if agent.state in (AgentState.RINGING, AgentState.TALKING):
            assert offer is not None and offer.state is not OfferState.CLOSING
        assert (agent.state is AgentState.WRAP_UP) == (agent.id in w.wrap_ups)


def _room_agrees(w: EngineState) -> None:
    assert set(w.room.places) == {call.id for call in w.calls.values() if call.stage in _STANDS and not _aside(w, call)}
    free = free_places(w)
    for number, of in enumerate(w.room.classes):
        key = of.queue, of.requires, of.node
        assert of.number == number and w.room.class_for(*key) is of
        _in_order(
            of.free, [p for p in free if p.preferred_agent is None and (p.queue, p.requires, p.node) == key], w.now
        )
    for agent, kept in w.room.by_preferred_agent.items():
        assert {place.item for place in kept.by_rank.all()} == {p.item for p in free if p.preferred_agent == agent}
    for queue, line in w.room.by_queue.items():
        _in_order(line, [p for p in w.room if p.queue == queue], w.now)
    for call in w.calls.values():
        assert call.work.offer is None or w.offers[call.work.offer].call == call.id
        assert (call.visit is not None) is (call.stage is S.MENU) or call.stage is S.TRANSFERRING


_STANDS = (S.WAITING, S.CONNECTING, S.PROMISED, S.DIALLING)


def _in_order(line: OrderedPlaces, places: list[Place], now: float) -> None:
    """The list holds these places, and its order is the key's."""
    places = sorted(places, key=lambda place: place.key(now))
    assert sorted(line.by_rank.all(), key=lambda place: place.key(now)) == places
    assert line.by_due.all() == sorted(places, key=lambda p: (p.due_at, p.entered_at, p.number))
    if places:
        assert line.head(now) is places[0]
        assert [line.ahead_of(place, now) for place in places] == list(range(len(places)))


def _groups_agree(w: EngineState) -> None:
    for group in w.roster.groups:
        mine = [agent for agent in w.roster if agent.group is group]
        assert all(agent.standing is agent.judge() and agent.settings.skills == group.skills for agent in mine)
        assert not any(agent.gone and (agent.reachable or agent.state is AgentState.READY) for agent in mine)
        idle = [agent for agent in mine if available(w, agent.id)]
        assert group.ready == sorted(idle, key=lambda a: (a.idle_since, a.id))
        assert group.rested() == sorted(idle, key=lambda a: (a.load_rank, a.id))
        assert group.present == sum(a.availability not in _ABSENT for a in mine)
        assert group.working == group.count(*_WORKING)
        members = {who: standing for standing in Availability for who in group.those(standing)}
        assert members == {agent.id: agent.availability for agent in mine}


_ABSENT = (Availability.LOGGED_OUT, Availability.PHONE_GONE)
_WORKING = (
    Availability.AVAILABLE,
    Availability.RINGING,
    Availability.TALKING,
    Availability.WRAP_UP,
    Availability.LEG_CLOSING,
    Availability.RESTING,
)


def available(w: EngineState, agent_id: AgentId) -> bool:
    """The rule in its plainest words."""
    agent = w.roster[agent_id]
    has_leg = any(offer.agent == agent_id for offer in w.offers.values())
    ready = agent.state is AgentState.READY or (agent.state is AgentState.WRAP_UP and agent.free_at is not None)
    return ready and agent.reachable and not agent.in_use and not has_leg and not agent.resting


def _nobody_waits_for_an_available_agent(w: EngineState) -> None:
    if not w.linked:
        return
    idle = [agent for agent in w.roster if available(w, agent.id)]
    for place in free_places(w):
        able = [
            a for a in idle if satisfies(a.settings.skills, place.requires) and place.preferred_agent in (None, a.id)
        ]
        if (
            able
            and place.preferred_agent is None
            and w.distributor.policy(place.queue).holds_back
            and w.now <= place.due_at
        ):
            assert w.timers.at(T.HOLDBACK, "") is not None, f"nobody will look at {place} again"
            continue
        assert not able, f"{place} waits although {[a.id for a in able]} could serve it"


def _nothing_is_stuck(w: EngineState, ledger: Ledger) -> None:
    """Whatever stands here has a timer, a phone, a prompt or music that will end its standing."""
    kept = w.timers.kept()
    live = {(timer.kind, timer.subject) for timer in (*kept.prompt, *kept.patient)}
    for call in w.calls.values():
        assert _moves(call, live, ledger), f"{call.id} is stuck in {call.stage} ({call.visit})"
    for offer in w.offers.values():
        dials = offer.state is OfferState.ANSWERED and w.calls[offer.call].stage is S.DIALLING
        assert dials or offer.state is OfferState.TALKING or (_OFFER_TIMER[offer.state], offer.id) in live
    for agent in w.wrap_ups:
        assert (T.WRAP_UP, agent) in live
    for place in w.room:
        assert place.preferred_agent is None or (T.PREFERRED, place.item) in live
    assert all(_alive(w, kind, subject) for kind, subject in live)


_OFFER_TIMER = {OfferState.RINGING: T.RING, OfferState.ANSWERED: T.CONNECT, OfferState.CLOSING: T.CLOSE}


def _moves(call: Call, live: set[tuple[TimerKind, str]], ledger: Ledger) -> bool:
    told = ledger.calls[call.id].told
    hears_prompt = isinstance(told, c.Play | c.Record) and told.play == call.playback.number
    match call.stage:
        case S.MENU:
            listening = call.walk.state in (WalkState.LISTENING, WalkState.CONFIRMING)
            asking = call.walk.state is WalkState.LOOKING
            assert call.walk.state is not WalkState.DONE
            assert ((T.SILENCE, call.id) in live) == listening
            assert ((T.LOOKUP, call.id) in live) == asking
            return listening or asking or hears_prompt
        case S.WAITING:
            asked_on = call.asked is None or hears_prompt or (T.ASKED, call.id) in live or call.work.offer is not None
            hears = hears_prompt or isinstance(told, c.Music)
            return (T.ANNOUNCE, call.id) in live and hears and (asked_on or (T.OVERFLOW, call.id) in live)
        case S.DIALLING:
            return isinstance(told, c.CallBack) and (T.DIAL, call.id) in live
        case S.CONNECTING:
            return isinstance(told, c.Connect) and (T.CONNECT, call.work.offer) in live
        case S.LEAVING:
            return (T.LEAVE, call.id) in live
    return True


_WAITS: set[CallStage | OfferState | None] = {S.WAITING, S.CONNECTING}
_MEANT_FOR: dict[TimerKind, set[CallStage | OfferState | None]] = {
    T.SILENCE: {S.MENU},
    T.LOOKUP: {S.MENU},
    T.ANNOUNCE: _WAITS,
    T.LEAVE: {S.LEAVING},
    T.RELAX: {*_WAITS, S.PROMISED, S.DIALLING},
    T.PREFERRED: _WAITS,
    T.OVERFLOW: {*_WAITS, S.PROMISED, S.DIALLING},
    T.ASKED: {S.WAITING},
    T.CALLBACK: {S.PROMISED},
    T.DIAL: {S.DIALLING},
    T.RING: {OfferState.RINGING},
    T.CONNECT: {OfferState.ANSWERED},
    T.CLOSE: {OfferState.CLOSING},
}


def _alive(w: EngineState, kind: TimerKind, subject: str) -> bool:
    """Whether a timer's subject is in the state the timer is for."""
    if kind is T.HOLDBACK:
        return subject == ""
    if kind in (T.WRAP_UP, T.RING_AHEAD):
        return subject in w.wrap_ups
    if kind is T.REST:
        return w.roster[AgentId(subject)].resting
    if kind in (T.PHONE_LOST, T.PHONE_AWAY):
        return w.roster[AgentId(subject)].gone is (kind is T.PHONE_AWAY)
    call, offer = w.calls.get(CallId(subject)), w.offers.get(OfferId(subject))
    return (call.stage if call else offer.state if offer else None) in _MEANT_FOR[kind]


def _books_agree(w: EngineState, ledger: Ledger) -> None:
    """The reader of the facts knows the same calls, offers and states as the engine."""
    assert set(ledger.calls) == set(w.calls)
    ledger.balance(sum(account.queued for account in ledger.calls.values()))
    ringing: list[Offer] = [o for o in w.offers.values() if o.state is OfferState.RINGING]
    assert set(ledger.offers) == {o.id for o in ringing}
    assert set(ledger.wrap_ups) == set(w.wrap_ups)
    for agent in w.roster:
        account = ledger.agents.get(agent.id)
        assert agent.state is (account.state if account else AgentState.LOGGED_OUT)
    for call in w.calls.values():
        account_of = ledger.calls[call.id]
        assert (account_of.talking is not None) == (call.stage is S.TALKING)
        assert account_of.transferring == (call.stage is S.TRANSFERRING)
        assert account_of.in_queue == (call.id in w.room.places or call.work.aside is not None)
        assert not account_of.in_queue or account_of.queue == call.work.queue
        assert call.id not in w.room.places or call.work.queue == w.room.place(call.id).queue
        assert account_of.promised == (call.callback is not None)
    assert w.promised == {call.work.ani: call.id for call in w.calls.values() if call.callback is not None}
