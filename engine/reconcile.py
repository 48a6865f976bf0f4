"""Reconciliation: compares what Asterisk really has with what the engine believes.

A final snapshot (after a reconnect or a restart) is the truth, and differences are repaired at once. In an audit events
may still be on their way, so a difference is repaired only if the next audit finds it again.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from calls import CallStage, OfferId, OfferResult, Outcome, Party
from calls import commands as c
from calls import events as e
from calls import facts as f

from . import callbacks, consults, legs, lost_places, menus, offers, phones, places, reach, talking, transfers, waiting
from .call import Call
from .dispatch import proceed
from .ending import end_call
from .machine import OfferState
from .next import HangUp, Next
from .node import Node
from .rescue import rescued
from .state import EngineState, Offer

S = CallStage


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that engine and switch see differently, and its repair."""

    subject: str
    engine: str
    switch: str
    done: str
    call: Call | None
    """The call whose next step the repair may return."""
    repair: Callable[[], Next | None]

    @property
    def name(self) -> str:
        return f"{self.subject}: {self.engine} / {self.switch}"


def compare(w: EngineState, snapshot: e.Snapshot) -> None:
    """Take a node's snapshot: repair what differs (at once, or the second time it is seen)."""
    node = reach.named(w, snapshot.node)
    _phones(w, node, snapshot)
    consults.compare(w, node.name, snapshot.in_use)
    fresh = bool(node.started and snapshot.started and snapshot.started != node.started)
    node.started = snapshot.started or node.started
    differences = [*_call_differences(w, node, snapshot, fresh), *_offer_differences(w, node, snapshot)]
    for difference in differences:
        if snapshot.final or difference.name in node.suspects:
            w.tell(f.Discrepancy, difference.subject, difference.engine, difference.switch, difference.done)
            _repair(w, difference)
    node.suspects = frozenset() if snapshot.final else frozenset(d.name for d in differences)
    if snapshot.final:
        _take_up(w, node, snapshot)


def nothing_left(w: EngineState, node: Node) -> None:
    """Take it that the node has no calls any more, and that nobody at it hung up."""
    empty = e.Snapshot((), (), (), (), final=True, node=node.name)
    _phones(w, node, empty)
    consults.compare(w, node.name, ())
    for difference in (*_call_differences(w, node, empty, True), *_offer_differences(w, node, empty)):
        _repair(w, difference)


def _repair(w: EngineState, difference: Difference) -> None:
    following = difference.repair()
    if difference.call is not None:
        proceed(w, difference.call, following)


def _phones(w: EngineState, node: Node, snapshot: e.Snapshot) -> None:
    reachable, in_use = set(snapshot.reachable), set(snapshot.in_use)
    for agent in w.roster:
        phones.set_phone(w, agent.id, node, reachable=agent.id in reachable, in_use=agent.id in in_use)


def _take_up(w: EngineState, node: Node, snapshot: e.Snapshot) -> None:
    """Restore what each caller should hear after a reconnect, in the old order."""
    steered = {seen.call for seen in snapshot.calls if seen.stage is S.MENU}
    for call in [call for call in w.calls.values() if call.id in steered]:
        if call.stage is S.MENU:
            proceed(w, call, menus.again(w, call, e.CallerBack(call.id)))
        elif call.stage is S.WAITING:
            waiting.again(w, call, e.CallerBack(call.id))
        elif call.stage is S.LEAVING:
            proceed(w, call, HangUp())
    reach.link(w, node, True)
    if reach.several(w):
        for agent in w.roster:
            phones.judge(w, agent)
    phones.calm(w)
    w.distributor.everything_changed()


def _of_call(call: Call, switch: str, done: str, repair: Callable[[], Next | None]) -> Difference:
    return Difference(call.id, call.stage, switch, done, call, repair)


def _of_offer(w: EngineState, offer: Offer, switch: str, done: str, repair: Callable[[], Next | None]) -> Difference:
    return Difference(offer.id, offer.state, switch, done, w.calls.get(offer.call), repair)


def _call_differences(w: EngineState, node: Node, snapshot: e.Snapshot, fresh: bool) -> list[Difference]:
    seen = {s.call: s for s in snapshot.calls}
    legs = {s.offer: s for s in snapshot.offers}
    found = [
        _call_difference(w, call, seen.get(call.id), fresh) or _moved(w, call, seen.get(call.id), legs)
        for call in w.calls.values()
        if not reach.several(w) or call.work.node == node.name
    ]
    return [difference for difference in found if difference is not None]


def _call_difference(w: EngineState, call: Call, seen: e.SeenCall | None, fresh: bool) -> Difference | None:
    if call.stage in (S.PROMISED, S.DIALLING) and (seen is None or seen.stage is S.MENU):
        return _callback_difference(w, call, seen)
    if seen is None:
        switch = "started anew" if fresh else "gone"
        return _of_call(call, switch, "ended", lambda: _vanished(w, call, fresh))
    if seen.stage is None:
        return _of_call(call, "rescue menu", "left there", lambda: rescued(w, call))
    if call.stage is S.TALKING and seen.stage is S.MENU:
        back = e.CallerBack(call.id)
        return _of_call(call, "alone", "conversation over", lambda: talking.back(w, call, back))
    if call.stage is S.TRANSFERRING and seen.stage is S.MENU:
        back = e.CallerBack(call.id)
        return _of_call(call, "alone", "transfer over", lambda: transfers.back(w, call, back))
    if call.stage is S.CONNECTING and seen.stage is S.MENU:
        return _of_call(call, "alone", "back to its place", lambda: offers.connect_failed(w, call))
    with_agent = seen.stage is S.TALKING and seen.offer == call.work.offer
    if call.stage in (S.WAITING, S.CONNECTING, S.DIALLING) and with_agent:
        return _of_call(call, "talking", "talking", lambda: _bridge_missed(w, call))
    if call.stage in (S.MENU, S.WAITING) and seen.stage is not S.MENU:
        return _of_call(call, seen.stage, "left there", lambda: rescued(w, call))
    return None


def _callback_difference(w: EngineState, call: Call, seen: e.SeenCall | None) -> Difference | None:
    """Compare a callback: it has no channel until the citizen answers; a timer finds those who do not."""
    if seen is None:
        return None
    if call.stage is S.DIALLING:
        return _of_call(call, "answered", "joined", lambda: callbacks.reached(w, call))
    answered = e.CallbackAnswered(call.id)
    return _of_call(call, "answered", "hung up", lambda: callbacks.too_late(w, call, answered))


def _bridge_missed(w: EngineState, call: Call) -> None:
    if call.work.offer is None:
        return
    offer = w.offers[call.work.offer]
    if offer.state is OfferState.RINGING:
        offers.picked_up(w, offer)
    talking.begin(w, call, offer)


def _moved(w: EngineState, call: Call, seen: e.SeenCall | None, legs: dict[OfferId, e.SeenOffer]) -> Difference | None:
    """Find a caller whom an agent handed over without an event of it."""
    leg = legs.get(seen.offer) if seen and seen.offer and seen.offer not in w.offers else None
    if leg is None or leg.agent is None or leg.agent not in w.roster or call.stage not in (S.TALKING, S.LEAVING):
        return None
    moved = e.CallHandedOver(call.id, leg.offer, leg.agent)
    return _of_call(call, f"with {leg.agent}", "handed over", lambda: talking.handed_over(w, call, moved))


def _vanished(w: EngineState, call: Call, fresh: bool) -> None:
    """End a call whose channel is gone without an event. ``fresh``: a restarted switch lost it, nobody hung up."""
    if call.stage is S.TALKING:
        talking.vanished(w, call)
    elif call.stage in (S.WAITING, S.CONNECTING) and fresh:
        _lost(w, call)
    elif call.stage in (S.WAITING, S.CONNECTING):
        waiting.left(w, call, lost=False)
    elif call.stage is S.TRANSFERRING:
        transfers.left(w, call, lost=False)
    elif call.stage is S.LEAVING:
        end_call(w, call)
    else:
        menus.left(w, call, lost=False)


def _lost(w: EngineState, call: Call) -> None:
    places.withdraw_offer(w, call.work)
    lost_places.keep(w, call)
    places.leave_queue(w, call.work, Outcome.LOST)
    call.decide(Outcome.LOST, Party.UNKNOWN)
    end_call(w, call)


def _offer_differences(w: EngineState, node: Node, snapshot: e.Snapshot) -> list[Difference]:
    seen = {s.offer: s for s in snapshot.offers}
    here = [offer for offer in w.offers.values() if reach.of_offer(w, offer.id) is node]
    mine = [_offer_difference(w, offer, seen.get(offer.id)) for offer in here]
    ours = {s.offer for s in snapshot.calls if s.call in w.calls}  # handed over without an event: no stray
    strays = [_stray(w, offer) for offer in seen if offer not in w.offers and offer not in ours]
    return [difference for difference in (*mine, *strays) if difference is not None]


def _offer_difference(w: EngineState, offer: Offer, seen: e.SeenOffer | None) -> Difference | None:
    if seen is None:
        return _of_offer(w, offer, "gone", "ended", lambda: _offer_gone(w, offer.id))
    if seen.answered and offer.state is OfferState.RINGING:
        return _of_offer(w, offer, "answered", "answered", lambda: _answer_missed(w, offer.id))
    return None


def _offer_gone(w: EngineState, offer_id: OfferId) -> Next | None:
    offer = w.offers.get(offer_id)
    if offer is None:
        return None
    gone = e.OfferFailed(offer_id, OfferResult.FAILED, "gone while not watched")
    if offer.state is OfferState.RINGING:
        offers.failed(w, offer, gone)
    elif offer.state is OfferState.ANSWERED:
        return offers.left_unbridged(w, offer, gone)
    elif offer.state is OfferState.TALKING:
        talking.agent_left(w, offer, lost=False)
    else:
        legs.closed(w, offer, gone)
    return None


def _answer_missed(w: EngineState, offer_id: OfferId) -> Next | None:
    offer = w.offers.get(offer_id)
    if offer is None or offer.state is not OfferState.RINGING:
        return None
    return offers.answered(w, offer, e.OfferAnswered(offer_id))


def _stray(w: EngineState, offer: OfferId) -> Difference:
    def cancel() -> None:
        w.tell(c.CancelRing, offer)

    return Difference(offer, "unknown", "an agent's leg", "hung up", None, cancel)
