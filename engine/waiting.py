"""Callers in a queue: their place, what they hear, and how they leave it without having been served."""

from __future__ import annotations

from math import ceil

from calls import CallStage, Outcome, Party, QueueId, expression
from calls import events as e
from calls import facts as f
from calls.commands import Prompt
from ivr import ALL_KEYS
from queues import HandleTime

from . import offers
from .timers import TimerKind
from .world import Call, World

MOST_MINUTES_TOLD = 30
"""A longer estimate is not worth saying."""


def join(w: World, call: Call, queue_id: QueueId, prompts: tuple[Prompt, ...]) -> None:
    """The caller gets a place; he may be connected while the prompts are still being said."""
    call.stage, call.queue = CallStage.WAITING, queue_id
    queue = w.queue(call)
    call.requires, call.entered_at = w.requirement_of(call, queue), w.now
    place = w.room.enter(call.id, queue_id, call.requires, queue.priority, w.now)
    agents_in, position = w.distributor.logged_in(call.requires), w.room.position(call.id)
    w.tell(f.Queued(call.id, queue_id, expression(call.requires), place.priority, position, agents_in))
    w.set_timer(TimerKind.ANNOUNCE, call.id, queue.announce_first_s)
    if prompts:
        w.play(call, prompts, ALL_KEYS)
    else:
        w.music(call)
    w.free_call(call)


def wait_key(w: World, call: Call, _: e.KeyPressed) -> None:
    """A key cuts what is being said to the waiting caller, and means nothing more."""
    if call.saying:
        w.music(call)


def wait_prompt_ended(w: World, call: Call, event: e.PromptEnded) -> None:
    if event.play == call.play:
        w.music(call)


def wait_again(w: World, call: Call, _: e.CallerBack) -> None:
    """The caller was out of our hands for a moment: music again, at the old place."""
    w.music(call)


def wait_left(w: World, call: Call, _: e.CallerLeft) -> None:
    """Abandoned: while waiting, while a phone rang, or at the very moment of answer."""
    if call.offer is not None:
        offers.withdraw(w, w.offers[call.offer])
    w.leave_queue(call, Outcome.ABANDONED)
    w.decide(call, Outcome.ABANDONED, Party.CALLER)
    w.end_call(call)


def announce(w: World, call: Call) -> None:
    """The ANNOUNCE timer fired: position, and minutes where the estimate is known and not longer than told before."""
    queue = w.queue(call)
    w.set_timer(TimerKind.ANNOUNCE, call.id, queue.announce_every_s)
    if call.stage is not CallStage.WAITING:
        return
    position = w.room.position(call.id)
    minutes = _minutes(w, call, position) if queue.estimate else None
    w.tell(f.Announced(call.id, queue.id, position, None if minutes is None else minutes * 60.0))
    words = call.session.menus.prompts
    said = [Prompt(words.position, position)]
    if minutes is not None:
        said.append(Prompt(words.minutes, minutes))
    w.play(call, tuple(said), ALL_KEYS)


def _minutes(w: World, call: Call, position: int) -> int | None:
    known = w.handle_times.get(w.queue(call).id, HandleTime())
    wait_s = known.wait_s(position, w.distributor.serving(call.requires))
    if wait_s is None:
        return None
    minutes = max(1, ceil(wait_s / 60))
    if minutes > MOST_MINUTES_TOLD:
        return None
    if call.told_minutes is not None:
        minutes = min(minutes, call.told_minutes)
    call.told_minutes = minutes
    return minutes
