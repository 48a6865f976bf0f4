"""The pure object: the whole behaviour of the line, without I/O and without a clock.

    handle(event, now) -> outputs      something happened outside
    tick(now) -> outputs               fire every timer that is due
    next_deadline() -> now | None      when it wants to be woken

Outputs are commands and facts in the order they were decided. ``now`` is float seconds on a monotonic scale.
"""

from __future__ import annotations

import pickle
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

from agents import AgentEvent
from calls import AgentId, CallId, ContractError, OfferId, OfferResult
from calls import commands as c
from calls import events as e
from calls import facts as f

from . import callbacks, consults, desk, faults, history, menus, offers, phones, reconcile, talking, waiting
from .orders import Order, note
from .settings import LineSettings
from .stages import CALL_TABLE, OFFER_TABLE, OfferState
from .timers import TimerKind
from .world import Call, Offer, Output, World

STATE_VERSION: Final = 11
"""Raise it when a stored state of older code can no longer be taken up."""


class Line:
    """The engine. One instance is one line."""

    def __init__(self, settings: LineSettings, reads: frozenset[object] | None = None) -> None:
        """``reads``: the kinds of commands and facts that are made; None: all, with their explanations."""
        self.world = World.empty(settings, reads)

    # -- the three doors ---

    def handle(self, event: e.Event, now: float) -> list[Output]:
        """Take one event in. Timers due before ``now`` fire first, those at ``now`` after it (by ``tick``).

        Raises ``ContractError``, with nothing changed, where ``now`` goes backwards.
        """
        self._advance(now)
        self._fire(also_at_now=False)
        self._take(event)
        return self._outputs()

    def tick(self, now: float) -> list[Output]:
        """Fire every timer due at or before ``now``."""
        self._advance(now)
        self._fire(also_at_now=True)
        return self._outputs()

    def next_deadline(self) -> float | None:
        """When ``tick`` has something to do; None where nothing is planned."""
        return self.world.timers.next_at()

    def promises(self) -> list[callbacks.Promise]:
        """The callbacks that are not over, the oldest first."""
        return callbacks.promises(self.world)

    # -- keeping and changing ---

    def freeze(self) -> bytes:
        """The whole state, for a checkpoint of the journal. Only our own files may be thawed."""
        return pickle.dumps((STATE_VERSION, self.world), protocol=pickle.HIGHEST_PROTOCOL)

    @classmethod
    def thaw(cls, frozen: bytes) -> Line:
        """The engine as it was. Raises ``ContractError`` for a state of another version."""
        version, world = pickle.loads(frozen)  # noqa: S301 - written by freeze() into a file only we can write
        if version != STATE_VERSION:
            raise ContractError(f"state version {version}, this code has {STATE_VERSION}")
        line = cls(world.settings)
        line.world = world
        return line

    def reload(self, settings: LineSettings, by: str = "") -> list[Output]:
        """New settings: callers in the menus keep the version they began with, queues and agents change at once.

        A queue that is gone from them is kept, for the callers who wait in it or are on the way. ``by``: who put
        them live. Returns the offers that have become possible.
        """
        w = self.world
        if settings.menus.edition != w.settings.menus.edition:
            w.tell(f.EditionTaken, settings.menus.edition, by)
        w.settings = replace(settings, queues={**w.settings.queues, **settings.queues})
        people = [agent.id for agent in w.roster]
        w.roster.reload(settings.agents.values(), w.now)
        waiting.take_settings(w)
        callbacks.take_settings(w)
        phones.take_settings(w, people)
        menus.take_settings(w)
        w.distributor.take_policies(settings.policies())
        return self._outputs()

    # -- inside ---

    def _advance(self, now: float) -> None:
        if now < self.world.now:
            raise ContractError(f"time went back from {self.world.now} to {now}")
        self.world.now = now

    def _outputs(self) -> list[Output]:
        offers.distribute(self.world)
        out, self.world.out = self.world.out, []
        return out

    def _fire(self, *, also_at_now: bool) -> None:
        w = self.world
        while (due := w.timers.pop_due(w.now, also_at_now=also_at_now)) is not None:
            kind, subject = due
            _TIMERS[kind](w, subject)
            offers.distribute(w)

    def _take(self, event: e.Event) -> None:
        if isinstance(event, Order):
            note(self.world, event)
        door = _DOORS.get(type(event))
        if door is None:
            self._line_event(event)
        else:
            door(self, event)

    def _arrived(self, event: e.CallArrived) -> None:
        if event.call in self.world.calls:
            self._unexpected(event, event.call, self.world.calls[event.call].stage)
        else:
            menus.arrive(self.world, event)

    def _call_event(self, event: Any) -> None:
        call = self.world.calls.get(event.call)
        action = CALL_TABLE[call.stage].get(type(event)) if call else None
        if call is None or action is None:
            self._unexpected(event, event.call, call.stage if call else "unknown")
            if call is None and isinstance(event, e.CallbackAnswered | e.CallerBack):
                # Nobody would speak to them; a caller is back from a talk that began before this engine knew anything.
                self.world.tell(c.HangUp, event.call)
        elif action != "nothing":
            _CALL_ACTIONS[action](self.world, call, event)

    def _offer_event(self, event: Any) -> None:
        offer = self.world.offers.get(event.offer)
        action = OFFER_TABLE[offer.state].get(type(event)) if offer else None
        if offer is None or action is None:
            self._unexpected(event, event.offer, offer.state if offer else "unknown")
        elif action != "nothing":
            _OFFER_ACTIONS[action](self.world, offer, event)

    def _unexpected(self, event: Any, subject: str, state: str) -> None:
        self.world.tell(f.Unexpected, type(event).__name__, subject, state)

    def _line_event(self, event: e.Event) -> None:
        w = self.world
        match event:
            case e.LineStarted(node, anchor, version):
                # The second of the start: ids are new also where a start knows nothing of the ones before it.
                w.node, w.anchor, w.epoch, w.linked = node, anchor, int(anchor + w.now), False
                w.roster.begin(w.now)
                w.tell(f.LineOpened, node, anchor, version)
            case e.ClockMoved(anchor):
                by_s, w.anchor = anchor - w.anchor, anchor
                w.tell(f.ClockSet, anchor, by_s)
                callbacks.clock_moved(w, by_s)
            case e.LinkUp():
                w.tell(f.LinkChanged, True, "")
            case e.LinkDown(reason):
                w.linked = False
                w.tell(f.LinkChanged, False, reason)
            case e.TrunkSeen(reachable):
                w.tell(f.TrunkChanged, reachable)
            case e.Snapshot():
                reconcile.compare(w, event)
            case e.ConsultBegan() | e.ConsultAnswered() | e.ConsultEnded():
                consults.take(w, event)
            case e.CallSurvived():
                reconcile.accounted(w, event)
            case e.QueueSwitched():
                waiting.switch_queue(w, event)
            case e.BannerSwitched():
                menus.switch_banner(w, event)
            case e.CallRefused():
                menus.refuse(w, event)
            case e.CallsTurnedAway(why, calls):
                w.tell(f.TurnedAway, why, calls)
            case e.PersonErased():
                history.forget(w, event)
            case e.CallbackAsked():
                callbacks.asked_by_supervisor(w, event)
            case e.CodeDialled():
                desk.code_dialled(w, event)
            case e.AgentAsked():
                desk.asked(w, event)
            case e.PhoneReachable():
                phones.reachable(w, event)
            case e.PhoneInUse():
                phones.in_use(w, event)
            case _:
                raise ContractError(f"not an event: {event!r}")

    def _command_failed(self, event: e.CommandFailed) -> None:
        """What could not be done, and what is done instead."""
        w = self.world
        call = w.calls.get(event.call) if event.call else None
        offer = w.offers.get(event.offer) if event.offer else None
        done = _instead(w, event, call, offer)
        w.tell(f.CommandLost, event.command, event.offer or event.call or "", event.error, done)


def _instead(w: World, event: e.CommandFailed, call: Call | None, offer: Offer | None) -> str:
    match event.command:
        case "Ring" if offer is not None and offer.state is OfferState.RINGING:
            offers.failed(w, offer, e.OfferFailed(offer.id, OfferResult.FAILED, event.error))
            return "offered to another"
        case "Connect" if call is not None and call.stage == "connecting" and event.offer in (None, call.offer):
            offers.connect_failed(w, call)
            return "back to its place"
        case "Play" | "Record" if call is not None:
            ended = e.PromptEnded(call.id, call.play)
            action = CALL_TABLE[call.stage].get(e.PromptEnded, "nothing")
            if action != "nothing":
                _CALL_ACTIONS[action](w, call, ended)
            return "counted as heard"
        case "Prompt":
            return "went on without it"
        case "Transfer" if call is not None and call.stage == "transferring":
            menus.transfer_back(w, call, e.CallerBack(call.id))
            return "counted as over"
        case "Lookup" if call is not None and call.stage == "menu":
            menus.lookup_failed(w, call, e.LookupFailed(call.id, call.lookup, event.error))
            return "went on without an answer"
        case "CallBack" if call is not None and call.stage == "dialling":
            callbacks.missed(w, call, e.CallbackFailed(call.id, OfferResult.FAILED, event.error))
            return "counted as not reached"
    return "nothing: the audit will see"


def _for_call(action: Callable[[World, Call], None]) -> Callable[[World, str], None]:
    return lambda w, subject: action(w, w.calls[CallId(subject)])


def _for_offer(action: Callable[[World, Offer], None]) -> Callable[[World, str], None]:
    return lambda w, subject: action(w, w.offers[OfferId(subject)])


def _connect_late(w: World, offer: Offer) -> None:
    offers.connect_failed(w, w.calls[offer.call])


def _wrap_up_over(w: World, subject: str) -> None:
    w.move_agent(w.roster[AgentId(subject)], AgentEvent.WRAP_UP_OVER)


_TIMERS: Final[dict[TimerKind, Callable[[World, str], None]]] = {
    TimerKind.SILENCE: _for_call(menus.menu_silence),
    TimerKind.ANNOUNCE: _for_call(waiting.announce),
    TimerKind.RING: _for_offer(offers.no_answer),
    TimerKind.CONNECT: _for_offer(_connect_late),
    TimerKind.CLOSE: _for_offer(offers.never_closed),
    TimerKind.LEAVE: _for_call(menus.never_left),
    TimerKind.WRAP_UP: _wrap_up_over,
    TimerKind.RELAX: _for_call(waiting.relax),
    TimerKind.KEPT: _for_call(waiting.keep_no_longer),
    TimerKind.OVERFLOW: _for_call(waiting.waited_too_long),
    TimerKind.RING_AHEAD: talking.ring_ahead,
    TimerKind.RIPE: offers.ripe,
    TimerKind.ASKED: _for_call(callbacks.declined),
    TimerKind.CALLBACK: _for_call(callbacks.due),
    TimerKind.DIAL: _for_call(callbacks.rang_too_long),
    TimerKind.LOOKUP: _for_call(menus.lookup_late),
    TimerKind.REST: faults.rested,
    TimerKind.PHONE_LOST: phones.lost,
    TimerKind.PHONE_AWAY: phones.away,
    TimerKind.SILENT: _for_call(menus.silent_too_long),
}

_CALL_ACTIONS: Final[dict[str, Callable[[World, Call, Any], None]]] = {
    "menu_key": menus.menu_key,
    "menu_prompt_ended": menus.menu_prompt_ended,
    "looked_up": menus.looked_up,
    "lookup_failed": menus.lookup_failed,
    "menu_left": menus.menu_left,
    "menu_again": menus.menu_again,
    "rescued": reconcile.rescued,
    "wait_key": waiting.wait_key,
    "wait_prompt_ended": waiting.wait_prompt_ended,
    "wait_left": waiting.wait_left,
    "wait_again": waiting.wait_again,
    "moved": waiting.moved,
    "prioritised": waiting.prioritised,
    "withdrawn": waiting.withdrawn,
    "connect_failed": offers.connect_failed,
    "talk_left": talking.talk_left,
    "talk_back": talking.talk_back,
    "sent_on": talking.sent_on,
    "handed_over": talking.handed_over,
    "transfer_answered": menus.transfer_answered,
    "transfer_left": menus.transfer_left,
    "transfer_back": menus.transfer_back,
    "last_words_said": menus.last_words_said,
    "gone": menus.gone,
    "farewell": menus.farewell,
    "promise_withdrawn": callbacks.withdrawn,
    "reached": callbacks.reached,
    "reached_too_late": callbacks.too_late,
    "not_reached": callbacks.missed,
}

_OFFER_ACTIONS: Final[dict[str, Callable[[World, Offer, Any], None]]] = {
    "rang": offers.rang,
    "answered": offers.answered,
    "failed": offers.failed,
    "left_unbridged": offers.left_unbridged,
    "bridged": offers.bridged,
    "hold": offers.hold,
    "agent_left": offers.agent_left,
    "cancel_again": offers.cancel_again,
    "closed": offers.closed,
}

_DOORS: Final[dict[type, Callable[[Line, Any], None]]] = {
    e.CallArrived: Line._arrived,
    e.CommandFailed: Line._command_failed,
    **dict.fromkeys((kind for table in OFFER_TABLE.values() for kind in table), Line._offer_event),
    **dict.fromkeys((kind for table in CALL_TABLE.values() for kind in table), Line._call_event),
}
"""Who takes an event in; what is not here concerns the line as a whole."""
