"""Things as they are after they were written and read: what tests go on with that must notice no difference."""

from __future__ import annotations

from typing import NamedTuple, TypeVar

from acd import Distributor, KeptDistributor
from agents import KeptRoster, Roster
from line1555.live.checkpoint import WIRED
from metrics import KeptFold, LineState
from queues import KeptRoom, WaitingRoom
from records import StateCodec

T = TypeVar("T")


class House(NamedTuple):
    """Agents and waiting calls without a line."""

    roster: KeptRoster
    room: KeptRoom
    distributor: KeptDistributor


def written(kind: type[T], value: T) -> bytes:
    """The bytes of a value."""
    return StateCodec(kind, {}, WIRED).encode(value, "test")


def again(kind: type[T], value: T) -> T:
    """The value from its own bytes."""
    return StateCodec(kind, {}, WIRED).decode(written(kind, value)).state


def fold_again(state: LineState) -> LineState:
    """A fold that was kept on disk."""
    fresh = LineState(state.calendar, state.rules)
    fresh.take_up(again(KeptFold, state.kept()))
    return fresh


def distributor_again(acd: Distributor) -> Distributor:
    """A distributor, with its agents and calls, that was kept on disk."""
    roster, room = acd.eligibility.roster, acd.eligibility.room
    known = again(House, House(roster.kept(), room.kept(), acd.kept()))
    wanted = {agent.id: agent.settings for agent in roster if agent.id not in roster._gone}
    fresh, places = Roster.restored(known.roster, wanted), WaitingRoom.restored(known.room)
    return Distributor.restored(known.distributor, fresh, places, acd.policies)
