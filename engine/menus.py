"""Callers in the menus: what the walk (``ivr``) wants done becomes commands, timers, or a place in a queue."""

from __future__ import annotations

from typing import Final

from calls import Attribute, CallId, CallStage, Outcome, Party, node_of
from calls import commands as c
from calls import events as e
from calls import facts as f
from ivr import (
    ALL_KEYS,
    Acts,
    AskService,
    Dial,
    HoldMusic,
    Input,
    JoinQueue,
    Leave,
    Listen,
    Quiet,
    RecordMessage,
    Session,
    Speak,
    WalkState,
)

from . import lost_places, playback
from .call import Call, Visit
from .ending import caller_left, end_call
from .history import remember
from .next import AfterTalk, Goodbye, HangUp, Join, Next, SendOut, WalkOn
from .outside import Outside
from .state import EngineState
from .timers import TimerKind
from .work import WorkItem

MOST_RETURNS: Final = 3
"""Times that a node is said in a row without being heard before the line gives it up."""


def arrive(w: EngineState, name: CallId, ani: str, dnis: str) -> Next | None:
    """Start a new caller at the entry of the number dialled, or of the line's first number if it is not ours."""
    if _is_full(w):
        refuse(w, e.CallRefused(name, ani, dnis))
        w.tell(c.HangUp, name)
        return None
    if (with_place := lost_places.arrive(w, name, ani, dnis)) is not None:
        return with_place
    entries = w.settings.menus.entries
    entry = entries.get(dnis) or next(iter(entries.values()))
    w.tell(f.CallStarted, name, ani, dnis)
    outside = Outside(w, ani, dnis)
    session, acts = Session.begin(name, w.settings.menus, entry, outside, tells=w.tells_walks)
    w.tell(f.AttributeSet, name, Attribute.LANGUAGE, session.known.language)
    if ani and w.settings.menus.remembers:
        remember(w.last_calls, ani, w.now)
    item = WorkItem(name, ani, dnis, session.known, node_of(name))
    call = w.calls[name] = Call(name, item, w.now, session.menus, w.digest, visit=Visit(session))
    if w.settings.menus.silent_s:
        w.set_timer(TimerKind.SILENT, call.id, w.settings.menus.silent_s)
    return perform(w, call, acts)


def _is_full(w: EngineState) -> bool:
    """Tell whether the line is full. A caller with an outside number counts twice (two legs), a promise not at all."""
    most = w.settings.most_calls
    if most is None or 2 * len(w.calls) < most:
        return False
    return sum(_LEGS.get(call.stage, 1) for call in w.calls.values()) >= most


_LEGS: Final = {CallStage.PROMISED: 0, CallStage.TRANSFERRING: 2}


def refuse(w: EngineState, event: e.CallRefused) -> None:
    """Refuse a call that does not fit. On a real switch the dialplan does it, by the same limit."""
    w.tell(f.CallStarted, event.call, event.ani, event.dnis)
    w.tell(f.TurnedAway, "full", 1)
    w.tell(f.CallEnded, event.call, Outcome.REFUSED, CallStage.MENU, Party.LINE, 0.0)


def switch_banner(w: EngineState, event: e.BannerSwitched) -> None:
    """Switch the emergency banner on, to another prompt, or off, for callers who come to it from now on."""
    if event.prompt == w.banner or (event.prompt and event.prompt not in w.settings.menus.banners):
        w.tell(f.Unexpected, "BannerSwitched", event.prompt, w.banner or "off")
        return
    w.banner = event.prompt
    w.tell(f.BannerChanged, event.prompt, event.by)


def take_settings(w: EngineState) -> None:
    """Switch the banner off if the new settings do not have its prompt."""
    if w.banner and w.banner not in w.settings.menus.banners:
        w.banner = ""
        w.tell(f.BannerChanged, "")


def key(w: EngineState, call: Call, pressed: str) -> Next | None:
    """Take a pressed key; it ends the SILENT timer and the count of interruptions in a row."""
    w.timers.cancel(TimerKind.SILENT, call.id)
    call.here.returns = 0
    return _feed(w, call, Input.KEY, pressed)


def prompt_ended(w: EngineState, call: Call, play: int) -> Next | None:
    """Go on with the walk after the present play; the end of an earlier one changes nothing."""
    if play != call.playback.number:
        return None
    call.here.returns = 0
    message_left(w, call)
    return _feed(w, call, Input.PROMPT_ENDED)


def message_left(w: EngineState, call: Call) -> None:
    """Note the message if one was being recorded: it ended, or the caller is gone."""
    recording, call.playback.recording = call.playback.recording, None
    if recording is not None:
        w.tell(f.MessageLeft, call.id, call.walk.node, recording.file, w.now - recording.since)


def silence(w: EngineState, call: Call) -> Next | None:
    """Handle the SILENCE timer: no key was pressed in time."""
    return _feed(w, call, Input.SILENCE)


def silent_too_long(w: EngineState, call: Call) -> Next | None:
    """Handle the SILENT timer: no key at all since the caller came. It does nothing if no key is asked for."""
    acts = call.walk.feed(Input.OVERDUE)
    if not acts:
        return None
    w.timers.cancel(TimerKind.SILENCE, call.id)
    w.timers.cancel(TimerKind.LOOKUP, call.id)
    return perform(w, call, acts)


def again(w: EngineState, call: Call, _: e.CallerBack) -> Next | None:
    """Say the present node again after an interruption; too many in a row lead to an agent."""
    w.timers.cancel(TimerKind.SILENCE, call.id)
    w.timers.cancel(TimerKind.LOOKUP, call.id)
    message_left(w, call)
    here = call.here
    here.returns += 1
    return perform(w, call, here.session.again() if here.returns <= MOST_RETURNS else here.session.stuck())


def left(w: EngineState, call: Call, lost: bool) -> None:
    """End the call: INFORMED if the walk was ending or recording a message, else LEFT_IN_MENU."""
    done = call.walk.state in (WalkState.ENDING, WalkState.RECORDING)
    message_left(w, call)
    outcome = Outcome.INFORMED if done else Outcome.LEFT_IN_MENU
    call.decide(outcome, caller_left(w, call, lost))
    end_call(w, call)


def _feed(w: EngineState, call: Call, happened: Input, key: str = "") -> Next | None:
    acts = call.walk.feed(happened, key)
    if acts is None:
        w.tell(f.Unexpected, happened.value, call.id, call.walk.state.value)
        return None
    if acts:
        w.timers.cancel(TimerKind.SILENCE, call.id)
    return perform(w, call, acts)


def perform(w: EngineState, call: Call, acts: Acts) -> Next | None:
    """Carry out the walk's acts; an act that leaves the menus comes last."""
    for fact in call.walk.take_facts():
        w.pass_on(fact)
    for act in acts:
        match act:
            case Speak(prompts):
                playback.play(w, call, prompts, ALL_KEYS, last=call.walk.state is WalkState.ENDING)
            case Quiet():
                playback.hush(w, call)
            case Listen(seconds):
                w.set_timer(TimerKind.SILENCE, call.id, seconds)
            case RecordMessage(box, max_s):
                playback.record(w, call, box, max_s)
            case AskService():
                _look(w, call, act)
            case HoldMusic():
                playback.music_meanwhile(w, call)
            case JoinQueue(queue, prompts, callback):
                return Join(queue, prompts, callback)
            case Dial(target, confidential):
                return SendOut(target, confidential)
            case Leave():
                call.decide(Outcome.INFORMED, Party.LINE)
                return HangUp()
    return None


# -- questions to services ---


def _look(w: EngineState, call: Call, look: AskService) -> None:
    call.lookups, call.here.looked_at = call.lookups + 1, w.now
    w.tell(c.Lookup, call.id, call.lookups, look.name, look.send, look.wanted)
    w.set_timer(TimerKind.LOOKUP, call.id, look.within_s)


def looked_up(w: EngineState, call: Call, event: e.LookedUp) -> Next | None:
    """Take a service's answer; a late one changes nothing."""
    if not _is_awaited(w, call, event.number):
        return None
    call.walk.take_answer(event.values)
    return _looked(w, call, "", Input.ANSWERED)


def lookup_failed(w: EngineState, call: Call, event: e.LookupFailed) -> Next | None:
    """Go on without the service's answer; a late failure changes nothing."""
    return _looked(w, call, event.error, Input.FAILED) if _is_awaited(w, call, event.number) else None


def lookup_late(w: EngineState, call: Call) -> Next | None:
    """Handle the LOOKUP timer: the service did not answer in time."""
    return _looked(w, call, "no answer in time", Input.FAILED)


def _is_awaited(w: EngineState, call: Call, number: int) -> bool:
    return number == call.lookups and w.timers.at(TimerKind.LOOKUP, call.id) is not None


def _looked(w: EngineState, call: Call, error: str, how: Input) -> Next | None:
    w.timers.cancel(TimerKind.LOOKUP, call.id)
    session = call.walk
    w.tell(f.LookupEnded, call.id, session.node, session.looking_for, error, w.now - call.here.looked_at)
    return _feed(w, call, how)


# -- back in the menus ---


def walk_on(w: EngineState, call: Call, step: WalkOn) -> Next | None:
    """Take the caller back into the menus and go on with the walk."""
    w.move(call, CallStage.MENU)
    return _feed(w, call, step.happened)


def after_talk(w: EngineState, call: Call, _: AfterTalk) -> Next | None:
    """Lead the caller to the survey if the menus have one, else to goodbye: the agent has hung up."""
    start = call.menus.after_call
    if start is None or call.surveyed or call.work.served_by is None:
        return Goodbye()
    w.timers.cancel(TimerKind.LEAVE, call.id)
    w.move(call, CallStage.MENU)
    call.surveyed = True
    item = call.work
    outside = Outside(w, item.ani, item.dnis)
    session, acts = Session.resume(call.id, call.menus, start, item.known, outside, tells=w.tells_walks)
    call.visit = Visit(session)
    return perform(w, call, acts)
