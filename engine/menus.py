"""Callers in the menus: what the walk (``ivr``) wants done becomes commands, timers, or a place in a queue."""

from __future__ import annotations

from typing import Final

from calls import Attribute, CallStage, Outcome, Party
from calls import commands as c
from calls import events as e
from calls import facts as f
from ivr import ALL_KEYS, Act, Dial, Hold, Input, JoinQueue, Leave, Listen, Look, Quiet, Session, Speak, Tape, Walk

from . import talking, waiting
from .history import remember
from .outside import Outside
from .timers import TimerKind
from .world import Call, World

MOST_RETURNS: Final = 3
"""A node that is said so often in a row without being heard is given up."""

LEAVE_S: Final = 10.0
"""So long may a caller's channel take to go after it was hung up; then it counts as gone."""


def arrive(w: World, event: e.CallArrived) -> None:
    """A new caller: the entry of the number dialled, or the line's first number where it is not ours."""
    if _is_full(w):
        refuse(w, e.CallRefused(event.call, event.ani, event.dnis))
        w.tell(c.HangUp, event.call)
        return
    entries = w.settings.menus.entries
    entry = entries.get(event.dnis) or next(iter(entries.values()))
    w.tell(f.CallStarted, event.call, event.ani, event.dnis)
    outside = Outside(w, event.ani, event.dnis)
    session, acts = Session.begin(event.call, w.settings.menus, entry, outside)
    w.tell(f.AttributeSet, event.call, Attribute.LANGUAGE, session.language)
    if event.ani and w.settings.menus.remembers:
        remember(w.last_calls, event.ani, w.now)
    call = w.calls[event.call] = Call(event.call, event.ani, event.dnis, w.now, session)
    if w.settings.menus.silent_s:
        w.set_timer(TimerKind.SILENT, call.id, w.settings.menus.silent_s)
    perform(w, call, acts)


def _is_full(w: World) -> bool:
    """Whether there are as many citizens as fit; one who is with an outside number has two legs, a promise none."""
    most = w.settings.most_calls
    if most is None or 2 * len(w.calls) < most:
        return False
    return sum(_LEGS.get(call.stage, 1) for call in w.calls.values()) >= most


_LEGS: Final = {CallStage.PROMISED: 0, CallStage.TRANSFERRING: 2}


def refuse(w: World, event: e.CallRefused) -> None:
    """No room: the call is over as it begins. On a real switch the dialplan does it, by the same number."""
    w.tell(f.CallStarted, event.call, event.ani, event.dnis)
    w.tell(f.TurnedAway, "full", 1)
    w.tell(f.CallEnded, event.call, Outcome.REFUSED, CallStage.MENU, Party.LINE, 0.0)


def switch_banner(w: World, event: e.BannerSwitched) -> None:
    """The emergency banner goes on, says something else, or goes off: for whoever comes to it from now on."""
    if event.prompt == w.banner or (event.prompt and event.prompt not in w.settings.menus.banners):
        w.tell(f.Unexpected, "BannerSwitched", event.prompt, w.banner or "off")
        return
    w.banner = event.prompt
    w.tell(f.BannerChanged, event.prompt)


def take_settings(w: World) -> None:
    """New settings: a banner that they do not know any more goes off."""
    if w.banner and w.banner not in w.settings.menus.banners:
        w.banner = ""
        w.tell(f.BannerChanged, "")


def menu_key(w: World, call: Call, event: e.KeyPressed) -> None:
    w.timers.cancel(TimerKind.SILENT, call.id)
    call.returns = 0
    _feed(w, call, Input.KEY, event.key)


def menu_prompt_ended(w: World, call: Call, event: e.PromptEnded) -> None:
    if event.play == call.play:
        call.returns = 0
        message_left(w, call)
        _feed(w, call, Input.PROMPT_ENDED)


def message_left(w: World, call: Call) -> None:
    """The tape has stopped, if one ran: at its end, or because the caller is gone."""
    if call.taped_at is not None:
        w.tell(f.MessageLeft, call.id, call.session.node, call.tape, w.now - call.taped_at)
        call.taped_at = None


def menu_silence(w: World, call: Call) -> None:
    """The SILENCE timer fired."""
    _feed(w, call, Input.SILENCE)


def silent_too_long(w: World, call: Call) -> None:
    """The SILENT timer fired: not a single key since the caller came. Where no key is asked for it means nothing."""
    acts = call.session.feed(Input.OVERDUE) if call.stage is CallStage.MENU else None
    if acts:
        w.timers.cancel(TimerKind.SILENCE, call.id)
        w.timers.cancel(TimerKind.LOOKUP, call.id)
        perform(w, call, acts)


def menu_again(w: World, call: Call, _: e.CallerBack) -> None:
    """The caller was out of our hands for a moment and hears the present node again; if that never ends, an agent."""
    w.timers.cancel(TimerKind.SILENCE, call.id)
    w.timers.cancel(TimerKind.LOOKUP, call.id)
    message_left(w, call)
    call.returns += 1
    perform(w, call, call.session.again() if call.returns <= MOST_RETURNS else call.session.stuck())


def menu_left(w: World, call: Call, event: e.CallerLeft) -> None:
    done = call.session.state in (Walk.ENDING, Walk.RECORDING)
    message_left(w, call)
    outcome = Outcome.INFORMED if done else Outcome.LEFT_IN_MENU
    w.decide(call, outcome, w.caller_left(call, event))
    w.end_call(call)


def _feed(w: World, call: Call, happened: Input, key: str = "") -> None:
    acts = call.session.feed(happened, key)
    if acts is None:
        w.tell(f.Unexpected, happened.value, call.id, call.session.state.value)
        return
    if acts:
        w.timers.cancel(TimerKind.SILENCE, call.id)
    perform(w, call, acts)


def perform(w: World, call: Call, acts: list[Act]) -> None:
    """Do what the walk wants."""
    w.out.extend(call.session.take_facts())
    for act in acts:
        match act:
            case Speak(prompts):
                w.play(call, prompts, ALL_KEYS, last=call.session.state is Walk.ENDING)
            case Quiet():
                w.hush(call)
            case Listen(seconds):
                w.set_timer(TimerKind.SILENCE, call.id, seconds)
            case Tape(box, max_s):
                w.tape(call, box, max_s)
            case Look():
                _look(w, call, act)
            case Hold():
                w.hold(call)
            case JoinQueue(queue, prompts, callback):
                waiting.join(w, call, queue, prompts, callback=callback)
            case Dial(target, confidential):
                send_out(w, call, target, confidential=confidential)
            case Leave():
                w.decide(call, Outcome.INFORMED, Party.LINE)
                hang_up(w, call)


# -- questions to services ---


def _look(w: World, call: Call, look: Look) -> None:
    call.lookup, call.looked_at = call.lookup + 1, w.now
    w.tell(c.Lookup, call.id, call.lookup, look.name, look.send, look.wanted)
    w.set_timer(TimerKind.LOOKUP, call.id, look.within_s)


def looked_up(w: World, call: Call, event: e.LookedUp) -> None:
    """The service has answered; an answer that came too late means nothing any more."""
    if _is_awaited(w, call, event.number):
        call.session.take_answer(event.values)
        _looked(w, call, "", Input.ANSWERED)


def lookup_failed(w: World, call: Call, event: e.LookupFailed) -> None:
    if _is_awaited(w, call, event.number):
        _looked(w, call, event.error, Input.FAILED)


def lookup_late(w: World, call: Call) -> None:
    """The LOOKUP timer fired."""
    _looked(w, call, "no answer in time", Input.FAILED)


def _is_awaited(w: World, call: Call, number: int) -> bool:
    return number == call.lookup and w.timers.at(TimerKind.LOOKUP, call.id) is not None


def _looked(w: World, call: Call, error: str, how: Input) -> None:
    w.timers.cancel(TimerKind.LOOKUP, call.id)
    session = call.session
    w.tell(f.LookupEnded, call.id, session.node, session.looking_for, error, w.now - call.looked_at)
    _feed(w, call, how)


# -- ways out ---


def send_out(w: World, call: Call, target: str, *, confidential: bool = False) -> None:
    """To an outside number."""
    transferring(call)
    w.tell(f.TransferStarted, call.id, "" if confidential else target, confidential)
    w.tell(c.Transfer, call.id, target)


def transferring(call: Call) -> None:
    """From here on the caller is with an outside number."""
    call.stage, call.transfer_at = CallStage.TRANSFERRING, None


def transfer_answered(w: World, call: Call, _: e.TransferAnswered) -> None:
    call.transfer_at = w.now


def transfer_left(w: World, call: Call, event: e.CallerLeft) -> None:
    answered = transfer_ended(w, call)
    w.decide(call, _came_of_it(call, answered), w.caller_left(call, event))
    w.end_call(call)


def _came_of_it(call: Call, answered: bool) -> Outcome:
    """Whom a limit of his queue sent to an outside number has overflowed, whether it was answered or not."""
    if call.outcome is Outcome.OVERFLOWED:
        return Outcome.OVERFLOWED
    return Outcome.TRANSFERRED if answered else Outcome.LEFT_IN_MENU


def transfer_back(w: World, call: Call, _: e.CallerBack) -> None:
    """The outside party hung up (then we say goodbye), or never answered (then the walk, or the wait, goes on)."""
    answered = transfer_ended(w, call)
    if answered:
        w.decide(call, _came_of_it(call, answered), Party.UNKNOWN)
        say_goodbye(w, call)
    elif call.queue is not None:
        talking.wait_again(w, call, w.queue(call).id)
    else:
        transfer_not_answered(w, call)


def transfer_not_answered(w: World, call: Call) -> None:
    call.stage = CallStage.MENU
    _feed(w, call, Input.NOT_ANSWERED)


def transfer_ended(w: World, call: Call) -> bool:
    at = call.transfer_at
    w.tell(f.TransferEnded, call.id, at is not None, 0.0 if at is None else w.now - at)
    return at is not None


def farewell(w: World, call: Call, _: e.CallerBack) -> None:
    """The caller stands alone after the conversation. Whoever lost the agent in mid-sentence gets another, first."""
    if call.by is Party.LOST_MEDIA and call.spoke_with is not None and not call.surveyed:
        talking.cut_off(w, call)
    else:
        after_talk(w, call)


def after_talk(w: World, call: Call) -> None:
    """The agent has hung up: the caller is asked how it was, where the menus say so, or hears goodbye."""
    start = call.session.menus.after_call
    if start is None or call.surveyed or call.spoke_with is None:
        say_goodbye(w, call)
        return
    w.timers.cancel(TimerKind.LEAVE, call.id)
    call.surveyed, call.stage = True, CallStage.MENU
    perform(w, call, call.session.go_on(start))


def say_goodbye(w: World, call: Call) -> None:
    """The last words; the line hangs up when they end."""
    say_last(w, call, (call.session.menus.prompts.goodbye,))


def say_last(w: World, call: Call, prompts: tuple[c.Prompt, ...], within_s: float = LEAVE_S) -> None:
    """Words that nothing follows; they take no longer than ``within_s``."""
    call.stage = CallStage.LEAVING
    w.play(call, prompts, last=True)
    w.set_timer(TimerKind.LEAVE, call.id, within_s)


def last_words_said(w: World, call: Call, event: e.PromptEnded) -> None:
    if event.play == call.play:
        hang_up(w, call)


def hang_up(w: World, call: Call) -> None:
    """End the caller's channel; the call is over when it is gone."""
    call.play += 1  # what was being said is void
    call.stage = CallStage.LEAVING
    w.tell(c.HangUp, call.id)
    w.set_timer(TimerKind.LEAVE, call.id, LEAVE_S)


def gone(w: World, call: Call, _: e.CallerLeft) -> None:
    w.end_call(call)


def never_left(w: World, call: Call) -> None:
    """The LEAVE timer fired: hang up once more, and count the call as gone."""
    w.tell(f.Discrepancy, call.id, "leaving", "no hang-up seen", "counted as gone")
    w.tell(c.HangUp, call.id)
    w.end_call(call)
