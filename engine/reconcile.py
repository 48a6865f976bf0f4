"""Engine and switch compared: what Asterisk really has against what the engine believes.

A final snapshot (after a reconnect or a restart) is the truth and is acted on at once. An audit's is only a suspicion
the first time, because events may still be on their way; what is found again by the next audit is acted on.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from calls import CallStage, OfferId, OfferResult, Outcome, Party
from calls import commands as c
from calls import events as e
from calls import facts as f

from . import callbacks, consults, menus, offers, phones, talking, waiting
from .stages import OfferState
from .world import Call, Offer, World

S = CallStage


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing engine and switch see differently, and what would put it right."""

    subject: str
    engine: str
    switch: str
    done: str
    repair: Callable[[], None]

    @property
    def name(self) -> str:
        return f"{self.subject}: {self.engine} / {self.switch}"


def compare(w: World, snapshot: e.Snapshot) -> None:
    """Take the snapshot in: repair what differs (at once, or the second time it is seen)."""
    _phones(w, snapshot)
    consults.compare(w, snapshot.in_use)
    fresh = bool(w.switch_started and snapshot.started and snapshot.started != w.switch_started)
    w.switch_started = snapshot.started or w.switch_started
    differences = [*_call_differences(w, snapshot, fresh), *_offer_differences(w, snapshot)]
    for difference in differences:
        if snapshot.final or difference.name in w.suspects:
            w.tell(f.Discrepancy, difference.subject, difference.engine, difference.switch, difference.done)
            difference.repair()
    w.suspects = frozenset() if snapshot.final else frozenset(d.name for d in differences)
    if snapshot.final:
        _take_up(w, snapshot)


def rescued(w: World, call: Call, _: e.CallRescued | None = None) -> None:
    """Asterisk's own menu has the call: for us it is over, for the caller it is not."""
    if call.stage in (S.WAITING, S.CONNECTING, S.DIALLING, S.PROMISED):
        if call.offer is not None:
            offers.withdraw(w, w.offers[call.offer])
        if call.id in w.room.places or call.aside:
            w.leave_queue(call, Outcome.SURVIVED)
    if call.stage is S.TALKING:
        talking.vanished(w, call)
        return
    if call.stage is S.TRANSFERRING:
        menus.transfer_ended(w, call)
    menus.message_left(w, call)
    if call.stage is not S.LEAVING:
        w.decide(call, Outcome.SURVIVED, Party.UNKNOWN)
    w.end_call(call)


def accounted(w: World, event: e.CallSurvived) -> None:
    """Asterisk had the call alone, and it is over: it becomes a fact like every other call."""
    if event.call in w.calls:
        w.tell(f.Unexpected, "CallSurvived", event.call, w.calls[event.call].stage)
        return
    w.tell(
        f.Survived, event.call, event.ani, event.dnis, event.queue, event.agent, event.wait_s, event.talk_s,
        event.total_s, event.ago_s, event.by, event.booked,
    )  # fmt: skip


def _phones(w: World, snapshot: e.Snapshot) -> None:
    reachable, in_use = set(snapshot.reachable), set(snapshot.in_use)
    for agent in w.roster:
        phones.set_phone(w, agent.id, reachable=agent.id in reachable, in_use=agent.id in in_use)


def _take_up(w: World, snapshot: e.Snapshot) -> None:
    """After a reconnect: everybody who is still ours hears again what he should hear, in the old order."""
    steered = {seen.call for seen in snapshot.calls if seen.stage is S.MENU}
    for call in [call for call in w.calls.values() if call.id in steered]:
        if call.stage is S.MENU:
            menus.menu_again(w, call, e.CallerBack(call.id))
        elif call.stage is S.WAITING:
            waiting.wait_again(w, call, e.CallerBack(call.id))
        elif call.stage is S.LEAVING:
            menus.hang_up(w, call)
    w.linked = True
    phones.calm(w)
    w.distributor.everything_changed()


def _call_differences(w: World, snapshot: e.Snapshot, fresh: bool) -> list[Difference]:
    seen = {s.call: s for s in snapshot.calls}
    legs = {s.offer: s for s in snapshot.offers}
    found = [_call_difference(w, call, seen.get(call.id), fresh) or _moved(w, call, seen.get(call.id), legs)
             for call in w.calls.values()]  # fmt: skip
    return [difference for difference in found if difference is not None]


def _call_difference(w: World, call: Call, seen: e.SeenCall | None, fresh: bool) -> Difference | None:
    if call.stage in (S.PROMISED, S.DIALLING) and (seen is None or seen.stage is S.MENU):
        return _callback_difference(w, call, seen)
    if seen is None:
        switch = "started anew" if fresh else "gone"
        return Difference(call.id, call.stage, switch, "ended", lambda: _vanished(w, call, fresh))
    if seen.stage is None:
        return Difference(call.id, call.stage, "rescue menu", "left there", lambda: rescued(w, call))
    if call.stage is S.TALKING and seen.stage is S.MENU:
        back = e.CallerBack(call.id)
        return Difference(call.id, call.stage, "alone", "conversation over", lambda: talking.talk_back(w, call, back))
    if call.stage is S.TRANSFERRING and seen.stage is S.MENU:
        back = e.CallerBack(call.id)
        return Difference(call.id, call.stage, "alone", "transfer over", lambda: menus.transfer_back(w, call, back))
    if call.stage is S.CONNECTING and seen.stage is S.MENU:
        return Difference(call.id, call.stage, "alone", "back to its place", lambda: offers.connect_failed(w, call))
    if call.stage in (S.WAITING, S.CONNECTING, S.DIALLING) and seen.stage is S.TALKING and seen.offer == call.offer:
        return Difference(call.id, call.stage, "talking", "talking", lambda: _bridge_missed(w, call))
    if call.stage in (S.MENU, S.WAITING) and seen.stage is not S.MENU:
        return Difference(call.id, call.stage, seen.stage, "left there", lambda: rescued(w, call))
    return None


def _callback_difference(w: World, call: Call, seen: e.SeenCall | None) -> Difference | None:
    """A callback has no channel until the citizen answers; that he does not is the timer's to find."""
    if seen is None:
        return None
    if call.stage is S.DIALLING:
        return Difference(call.id, call.stage, "answered", "joined", lambda: callbacks.reached(w, call))
    answered = e.CallbackAnswered(call.id)
    return Difference(call.id, call.stage, "answered", "hung up", lambda: callbacks.too_late(w, call, answered))


def _bridge_missed(w: World, call: Call) -> None:
    if call.offer is None:
        return
    offer = w.offers[call.offer]
    if offer.state is OfferState.RINGING:
        offers.picked_up(w, offer)
    talking.begin(w, call, offer)


def _moved(w: World, call: Call, seen: e.SeenCall | None, legs: dict[OfferId, e.SeenOffer]) -> Difference | None:
    """An agent handed his caller over and nobody told us."""
    leg = legs.get(seen.offer) if seen and seen.offer and seen.offer not in w.offers else None
    if leg is None or leg.agent is None or leg.agent not in w.roster or call.stage not in (S.TALKING, S.LEAVING):
        return None
    moved = e.CallHandedOver(call.id, leg.offer, leg.agent)
    return Difference(
        call.id, call.stage, f"with {leg.agent}", "handed over", lambda: talking.handed_over(w, call, moved)
    )


def _vanished(w: World, call: Call, fresh: bool) -> None:
    """The caller's channel is gone and nobody saw it go; a fresh switch lost those who waited, they did not leave."""
    left = e.CallerLeft(call.id)
    if call.stage is S.TALKING:
        talking.vanished(w, call)
    elif call.stage in (S.WAITING, S.CONNECTING) and fresh:
        _lost(w, call)
    elif call.stage in (S.WAITING, S.CONNECTING):
        waiting.wait_left(w, call, left)
    elif call.stage is S.TRANSFERRING:
        menus.transfer_left(w, call, left)
    elif call.stage is S.LEAVING:
        w.end_call(call)
    else:
        menus.menu_left(w, call, left)


def _lost(w: World, call: Call) -> None:
    if call.offer is not None:
        offers.withdraw(w, w.offers[call.offer])
    w.leave_queue(call, Outcome.LOST)
    w.decide(call, Outcome.LOST, Party.UNKNOWN)
    w.end_call(call)


def _offer_differences(w: World, snapshot: e.Snapshot) -> list[Difference]:
    seen = {s.offer: s for s in snapshot.offers}
    mine = [_offer_difference(w, offer, seen.get(offer.id)) for offer in w.offers.values()]
    ours = {s.offer for s in snapshot.calls if s.call in w.calls}  # handed over, and not told: no stray
    strays = [_stray(w, offer) for offer in seen if offer not in w.offers and offer not in ours]
    return [difference for difference in (*mine, *strays) if difference is not None]


def _offer_difference(w: World, offer: Offer, seen: e.SeenOffer | None) -> Difference | None:
    if seen is None:
        return Difference(offer.id, offer.state, "gone", "ended", lambda: _offer_gone(w, offer.id))
    if seen.answered and offer.state is OfferState.RINGING:
        return Difference(offer.id, offer.state, "answered", "answered", lambda: _answer_missed(w, offer.id))
    return None


def _offer_gone(w: World, offer_id: OfferId) -> None:
    offer = w.offers.get(offer_id)
    if offer is None:
        return
    gone = e.OfferFailed(offer_id, OfferResult.FAILED, "gone while not watched")
    if offer.state is OfferState.RINGING:
        offers.failed(w, offer, gone)
    elif offer.state is OfferState.ANSWERED:
        offers.left_unbridged(w, offer, gone)
    elif offer.state is OfferState.TALKING:
        offers.agent_left(w, offer, gone)
    else:
        offers.closed(w, offer, gone)


def _answer_missed(w: World, offer_id: OfferId) -> None:
    offer = w.offers.get(offer_id)
    if offer is not None and offer.state is OfferState.RINGING:
        offers.answered(w, offer, e.OfferAnswered(offer_id))


def _stray(w: World, offer: OfferId) -> Difference:
    def cancel() -> None:
        w.tell(c.CancelRing, offer)

    return Difference(offer, "unknown", "an agent's leg", "hung up", cancel)
