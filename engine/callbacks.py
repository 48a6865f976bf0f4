"""Callbacks: a caller hangs up and his place stays in the line; when it is his turn the line calls him.

    asked -> accepted: the place passes to a call of its own (PROMISED, no channel), the caller's call ends
    PROMISED -> an agent is offered it like any call; he answers -> DIALLING: the citizen's phone rings
    DIALLING -> the citizen answers: joined with the agent at once; not reached: again later, a few times

The agent is rung first, so no citizen who takes his phone has to wait. A time that a supervisor promised is the moment
at which the callback enters its queue, due: before it nobody is rung, then nobody goes before it but who is due longer.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite
from typing import Final

from agents import AgentEvent
from calls import Attribute, CallId, CallStage, OfferResult, Outcome, Party, QueueId
from calls import commands as c
from calls import events as e
from calls import facts as f
from ivr import ALL_KEYS, Session
from queues import Broken, Limit, Overflow, Way

from . import faults, limits, menus, offers, waiting
from .outside import Outside
from .timers import TimerKind
from .world import WAITING_TIMERS, Asked, Call, World

ACCEPT: Final = "1"
"""The key that takes the offer of a callback; any other declines it."""
ASK_S: Final = 6.0
"""So long after the question a caller may think about it."""
OFFERED: Final = Broken(Overflow(Limit.OFFERED, Way.CALLBACK), 0.0)
"""What stands for the broken limit where the menus offer a callback."""
DIAL_MARGIN_S: Final = 5.0
"""The engine's own limit for the citizen's phone lies behind Asterisk's."""


@dataclass(frozen=True, slots=True)
class Promise:
    """A callback as supervisors see it, instants on the engine's scale.

    ``due_at``: before it the citizen is not rung (a promised time, or the next attempt); None: when his turn comes.
    """

    call: CallId
    number: str
    queue: QueueId | None
    stage: CallStage
    since: float
    due_at: float | None
    attempts: int


def promises(w: World) -> list[Promise]:
    """All callbacks that are not over, the oldest first."""
    calls = (w.calls[name] for name in w.promised.values())
    return [
        Promise(call.id, call.ani, call.queue, call.stage, call.arrived_at, _due_at(w, call), call.attempts)
        for call in calls
    ]


def _due_at(w: World, call: Call) -> float | None:
    next_at = w.timers.at(TimerKind.CALLBACK, call.id)
    promised_at = call.promised_at if isfinite(call.promised_at) else None
    return promised_at if next_at is None else next_at


# -- the question ---


def possible(w: World, call: Call) -> bool:
    """Whether the line may promise this caller a call: a number it may dial, none promised yet, not too many."""
    rules = w.settings.callbacks
    number = rules.dialled(call.ani)
    return number is not None and number not in w.promised and len(w.promised) < rules.most


def ask(w: World, call: Call, broken: Broken, *, entry: bool) -> None:
    """Ask the caller at his place. ``entry``: he is just coming to it, and hears the question when he has it."""
    call.asked = Asked(broken.rule.limit, broken.found, entry)
    call.overflowed = (*call.overflowed, broken.rule.tried)
    w.tell(f.CallbackOffered, call.id, w.queue(call).id, broken.rule.limit, broken.found)
    if not entry:
        say(w, call)


def offer(w: World, call: Call) -> None:
    """The menus offer it to a caller who is just coming to his place, where it is possible and no rule did already."""
    if call.asked is None and possible(w, call):
        ask(w, call, OFFERED, entry=True)


def say(w: World, call: Call) -> None:
    """The question, (again) from its beginning."""
    w.timers.cancel(TimerKind.ASKED, call.id)
    w.play(call, (call.session.menus.prompts.callback_offer,), ALL_KEYS)


def heard(w: World, call: Call) -> None:
    """The question was heard to its end."""
    w.set_timer(TimerKind.ASKED, call.id, ASK_S)


def key(w: World, call: Call, pressed: str) -> None:
    """The answer. While a phone rings for him he is as good as connected: a yes holds if nobody answers there."""
    if call.offer is not None:
        if call.asked and pressed == ACCEPT:
            call.asked = call.asked._replace(accepted=True)
        return
    if pressed == ACCEPT and possible(w, call):
        _accept(w, call)
    else:
        w.music(call)
        declined(w, call)


def declined(w: World, call: Call) -> None:
    """He waits on (the ASKED timer fired, or another key): the rules behind this one have their say."""
    if call.asked is None or call.asked.accepted:
        return
    asked, call.asked = call.asked, None
    w.timers.cancel(TimerKind.ASKED, call.id)
    if call.offer is None:
        limits.go_on(w, call, entry=asked.entry)


def accepted_meanwhile(w: World, call: Call) -> bool:
    """Whether the call is out of its queue now: he said yes while a phone rang that nobody answered."""
    asked = call.asked
    if asked is None or not asked.accepted:
        return False
    if possible(w, call):
        _accept(w, call)
        return True
    call.asked = None
    return limits.go_on(w, call, entry=asked.entry)


def _accept(w: World, call: Call) -> None:
    asked, place, queue = call.asked, w.room.place(call.id), w.queue(call)
    number = w.settings.callbacks.dialled(call.ani)
    if asked is None or number is None:
        return
    call.asked = None
    waiting.forget_wait(w, call)
    for kind in WAITING_TIMERS:
        w.timers.cancel(kind, call.id)
    waited_s = w.now - place.entered_at
    w.tell(f.Overflowed, call.id, queue.id, asked.limit, asked.found, Way.CALLBACK, "")
    w.tell(f.QueueLeft, call.id, queue.id, Outcome.OVERFLOWED, waited_s)
    back = _new(w, number, call.dnis, call.session)
    back.queue, back.extra_points = queue.id, call.extra_points
    back.relaxing, back.relaxed = call.relaxing, call.relaxed
    w.tell(f.CallbackPromised, back.id, call.id, queue.id, number, back.session.language, waited_s, None)
    kept = w.room.change(place, place._replace(call=back.id, kept_for=None))
    waiting.tell_queued(w, back, kept)
    _stands(w, back)
    w.decide(call, Outcome.OVERFLOWED, Party.LINE)
    prompts = call.session.menus.prompts
    menus.say_last(w, call, (prompts.callback_promised, prompts.goodbye), limits.MESSAGE_S)


# -- the promise ---


def asked_by_supervisor(w: World, event: e.CallbackAsked) -> None:
    """A citizen is promised a call; ``orders`` has told the supervisor already why not, where it cannot be."""
    number, known = w.settings.callbacks.dialled(event.number), w.settings
    if number is None or number in w.promised or event.queue not in known.queues:
        w.tell(f.Unexpected, "CallbackAsked", event.queue, "not possible")
        return
    language = event.language if event.language in known.menus.languages else known.menus.default_language
    session = Session.standing(CallId(""), known.menus, {Attribute.LANGUAGE: language})
    back = _new(w, number, next(iter(known.menus.entries)), session)
    back.queue = event.queue
    due_s = None if event.at is None else max(0.0, event.at - w.now)
    w.tell(f.CallbackPromised, back.id, None, event.queue, number, language, 0.0, due_s)
    if event.at is not None and event.at > w.now:
        back.promised_at = event.at
        w.timers.set(TimerKind.CALLBACK, back.id, event.at)
    else:
        _enter(w, back)


def _new(w: World, number: str, dnis: str, session: Session) -> Call:
    """A call of the line's own, with nothing but what is known of the citizen."""
    w.made += 1
    name = CallId(f"{w.node}-cb{w.epoch}-{w.made}")
    own = Session.standing(name, session.menus, dict(session.attributes), Outside(w, number, dnis))
    back = Call(name, number, dnis, w.now, own, stage=CallStage.PROMISED, callback=True)
    w.calls[name], w.promised[number] = back, name
    return back


def _enter(w: World, call: Call) -> None:
    queue = w.queue(call)
    call.relaxing = queue.relax
    points, needs = waiting.points(call, queue), queue.needs(w.language(call))
    place = w.room.enter(call.id, queue, needs, points, w.now, promised_at=call.promised_at)
    w.distributor.entered(place)  # nobody has counted him yet
    waiting.tell_queued(w, call, place)
    _stands(w, call)


def _stands(w: World, call: Call) -> None:
    """The callback has its place, and may be chosen."""
    w.distributor.call_free(w.room.place(call.id))
    waiting.relax(w, call)


def due(w: World, call: Call) -> None:
    """The CALLBACK timer fired: the time promised has come, or the time to try once more."""
    if call.aside is None:
        _enter(w, call)
    else:
        place, call.aside = call.aside, None
        w.room.put_back(waiting.asking_still(w, call, place))
        _stands(w, call)


def clock_moved(w: World, by_s: float) -> None:
    """The wall clock was set forward by ``by_s``. A time that was promised is wall time: it stays what was said."""
    for call in [call for call in w.calls.values() if isfinite(call.promised_at)]:
        call.promised_at -= by_s
        waits = call.id in w.room.places
        if waits and call.stage is CallStage.PROMISED and not (call.offer or call.attempts):
            if call.promised_at > w.now:  # it had entered by a clock that was wrong
                _aside(w, call)
                w.timers.set(TimerKind.CALLBACK, call.id, call.promised_at)
        elif not waits and call.aside is None:
            w.timers.set(TimerKind.CALLBACK, call.id, max(w.now, call.promised_at))


def take_settings(w: World) -> None:
    """New settings: a number that may no longer be dialled is not dialled."""
    for call in [call for call in w.calls.values() if call.stage is CallStage.PROMISED]:
        if w.settings.callbacks.dialled(call.ani) is None:
            withdrawn(w, call)


def withdrawn(w: World, call: Call, _: e.CallWithdrawn | None = None) -> None:
    """A supervisor's order: the citizen is not called."""
    if call.offer is not None:
        offers.withdraw(w, w.offers[call.offer])
        call.offer = None
    _over(w, call, Outcome.REFUSED, Party.LINE)


def too_late(w: World, call: Call, _: e.CallbackAnswered) -> None:
    """The citizen answered at the very moment we gave up: he is not kept in silence."""
    w.tell(c.HangUp, call.id)


# -- the call ---


def dial(w: World, call: Call) -> None:
    """An agent has the callback: ring the citizen."""
    rules = w.settings.callbacks
    call.stage = CallStage.DIALLING
    w.tell(c.CallBack, call.id, call.ani, rules.ring_s, w.queue(call).id, w.language(call), call.dnis)
    w.set_timer(TimerKind.DIAL, call.id, rules.ring_s + DIAL_MARGIN_S)


def hold_s(w: World, call: Call) -> float:
    """How long the agent's leg may have to wait for the citizen; 0 for a caller who is there."""
    dials = call.stage is CallStage.PROMISED
    return w.settings.callbacks.ring_s + DIAL_MARGIN_S + offers.CONNECT_S if dials else 0.0


def reached(w: World, call: Call, _: e.CallbackAnswered | None = None) -> None:
    """The citizen took the phone: from here on it is a call like any other, should the joining fail."""
    if call.offer is None:
        return
    w.timers.cancel(TimerKind.DIAL, call.id)
    call.stage = CallStage.CONNECTING
    w.set_timer(TimerKind.ANNOUNCE, call.id, w.queue(call).announce_first_s)
    offers.connect(w, w.offers[call.offer])


def missed(w: World, call: Call, event: e.CallbackFailed) -> None:
    _missed(w, call, event.result, event.detail)


def rang_too_long(w: World, call: Call) -> None:
    """The DIAL timer fired."""
    w.tell(c.HangUp, call.id)
    _missed(w, call, OfferResult.NO_ANSWER if w.linked else OfferResult.FAILED, "")


def _missed(w: World, call: Call, result: OfferResult, detail: str) -> None:
    """The agent is free again; the citizen is tried later, at their old place, or not any more.

    What the line itself could not do, a few times, is no attempt to reach them.
    """
    if call.offer is None:
        return
    offer, rules = w.offers[call.offer], w.settings.callbacks
    w.timers.cancel(TimerKind.DIAL, call.id)
    call.offer, call.stage = None, CallStage.PROMISED
    call.faults = call.faults + 1 if result is OfferResult.FAILED else 0
    spared = 0 < call.faults <= faults.SPARED
    call.attempts += not spared
    again_s = rules.again_s if call.attempts < rules.attempts else None
    if spared:
        again_s = min(faults.LONGEST_REST_S * call.faults, rules.again_s)
    w.tell(f.CallbackMissed, call.id, offer.agent, result, detail, call.attempts, again_s)
    w.move_agent(w.roster[offer.agent], AgentEvent.WITHDRAWN)
    offers.close(w, offer)
    if again_s is None:
        _over(w, call, Outcome.UNREACHED, Party.UNKNOWN)
    else:
        _aside(w, call)
        w.set_timer(TimerKind.CALLBACK, call.id, again_s)


def _aside(w: World, call: Call) -> None:
    """Until the next attempt nobody waits behind him: his place is out of the line."""
    for kind in WAITING_TIMERS:
        w.timers.cancel(kind, call.id)
    call.aside = w.room.leave(call.id)


def agent_gave_up(w: World, call: Call) -> None:
    """The agent hung up while the citizen's phone rang: it stops ringing, the callback waits for another agent."""
    w.timers.cancel(TimerKind.DIAL, call.id)
    w.tell(c.HangUp, call.id)
    call.stage = CallStage.PROMISED
    w.room.release(call.id)
    w.distributor.call_free(w.room.place(call.id))


def _over(w: World, call: Call, outcome: Outcome, by: Party) -> None:
    if call.id in w.room.places or call.aside:
        w.leave_queue(call, outcome)
    w.decide(call, outcome, by)
    w.end_call(call)
