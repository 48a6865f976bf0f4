"""Questions about waits: what stands between an item and an agent, how long it may take. Nothing is changed here."""

from __future__ import annotations

from acd import ahead_of
from calls import QueueId
from queues import WorkClass

from . import reach
from .state import EngineState
from .work import WorkItem


class NotEstimatedError(Exception):
    """An estimate is needed on a line that was made without: nothing has been learnt."""


def must_wait(w: EngineState, item: WorkItem) -> bool:
    """Tell whether the item waits for any free agent, not for one in particular: only then is its wait estimated."""
    place = w.room.place(item.id)
    if place.preferred_agent is not None or not w.queue(item).estimate:
        return False
    return not w.distributor.eligibility.anybody_free(place.of)


def expectation(w: EngineState, item: WorkItem) -> tuple[int, float] | None:
    """Give (items ahead, agents); None if an agent is free for the item, or it is kept for one agent."""
    if not must_wait(w, item):
        return None
    found = ahead_of(w.distributor.eligibility, w.room.place(item.id), w.now)
    return found.ahead, found.servers


def expected_wait_s(w: EngineState, item: WorkItem) -> float | None:
    """Estimate the wait (s) of an item in its queue, announced or not; None if unknown."""
    ahead = expectation(w, item)
    return None if ahead is None else _mean_s(w, w.queue(item).id, *ahead)


def agents_in(w: EngineState, queue: QueueId, language: str) -> int:
    """Count the agents at work who could take a caller of this queue and language."""
    return w.distributor.present(_class_outside(w, queue, language))


def expected_outside(w: EngineState, queue: QueueId, language: str) -> float | None:
    """Estimate the wait (s) of a caller outside the queue, as if they came now; None if unknown."""
    of = _class_outside(w, queue, language)
    return _expected(w, of, w.room.waiting_in(queue), w.distributor.present(of))


def _class_outside(w: EngineState, queue: QueueId, language: str) -> WorkClass:
    return w.room.class_for(queue, w.settings.queues[queue].needs(language))


def others_in(w: EngineState, item: WorkItem) -> int:
    """Count the items in the queue without this one, which may have its place already if it was asked first."""
    return w.room.waiting_in(w.queue(item).id) - (item.id in w.room.places)


def expected_at_entry(w: EngineState, item: WorkItem) -> float | None:
    """Estimate the wait (s) of a new item, behind all in the queue, served by all agents who can serve its class."""
    queue = w.queue(item)
    of = w.room.class_for(queue.id, item.needs(queue), reach.home(w, item))
    return _expected(w, of, others_in(w, item), w.distributor.present(of))


def _expected(w: EngineState, of: WorkClass, ahead: int, agents_in: int) -> float | None:
    if w.distributor.eligibility.anybody_free(of):
        return 0.0
    return _mean_s(w, of.queue, ahead, agents_in)


def _mean_s(w: EngineState, queue: QueueId, ahead: int, agents: float) -> float | None:
    if not w.estimates:
        raise NotEstimatedError(f"the wait in {queue} is asked for")
    forecast = w.estimator(queue).forecast(ahead, agents, w.now)
    return forecast.mean_s if forecast else None


def nobody_can(w: EngineState, item: WorkItem) -> bool:
    """Tell whether no logged-in agent with a reachable phone could ever take the item, even fully relaxed."""
    queue = w.queue(item)
    widest = w.room.class_for(queue.id, queue.widest(item.language), reach.home(w, item))
    return w.distributor.present(widest) == 0
