"""What a checkpoint keeps of the engine: the truth alone. What follows from it is worked out again.

Settings are kept elsewhere, once per digest, so digests stand for them here: that of the line, and that of each call,
because callers stay in the menus they began with. A queue that is gone from the settings is kept whole.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from typing import Any, Final

from acd import Distributor, KeptDistributor
from agents import Agent, AgentGroup, AgentSettings, KeptRoster, Roster
from calls import AgentId, CallId, ContractError, Known, OfferId, QueueId, SessionId
from ivr import CALM, Menus, Session
from queues import KeptRoom, QueueSettings, WaitEstimator, WaitingRoom

from .call import Call
from .kept_place import KeptPlace
from .library import Library
from .node import Node
from .outside import Outside
from .settings import LineSettings
from .stages import CALL_MOVES, OFFER_MOVES
from .state import Consult, EngineState, Offer, WrapUp
from .timers import KeptTimers, Timers


@dataclass(slots=True)
class KeptState:
    """The truth of an ``EngineState``; what has the same name there is the same object.

    ``queues``: all queues in their order; None where the settings have them.
    """

    roster: KeptRoster
    room: KeptRoom
    distributor: KeptDistributor
    timers: KeptTimers
    queues: dict[QueueId, QueueSettings | None]
    now: float
    anchor: float
    digest: str
    node: str
    epoch: int
    linked: bool
    calm_at: float
    made: int
    calls: dict[CallId, Call]
    offers: dict[OfferId, Offer]
    wrap_ups: dict[AgentId, WrapUp]
    consults: dict[SessionId, Consult]
    estimators: dict[QueueId, WaitEstimator]
    preferred_agents: dict[str, AgentId]
    last_calls: dict[str, float]
    closed: set[QueueId]
    banner: str
    promised: dict[str, CallId]
    nodes: dict[str, Node]
    kept_places: dict[str, KeptPlace]
    sip_calls: dict[str, CallId]

    @property
    def digests(self) -> frozenset[str]:
        """The settings that it cannot be restored without."""
        return frozenset({self.digest, *(call.digest for call in self.calls.values())})


_NOBODY: Final = AgentSettings(AgentId(""), "", {})
_NO_MENUS: Final = Menus({}, {}, ("",), {}, QueueId(""))
WIRED: Final[dict[tuple[type, str], Callable[[], Any]]] = {
    (Agent, "settings"): lambda: _NOBODY,
    (Agent, "group"): lambda: AgentGroup({}),
    (Call, "menus"): lambda: _NO_MENUS,
    (Session, "menus"): lambda: _NO_MENUS,
    (Session, "known"): lambda: Known({}),
    (Session, "outside"): lambda: CALM,
    (Session, "facts"): list,
}
"""What is not written, by class and field, and what stands there until ``restored`` puts the right one there."""
ROOMS: Final = ("roster", "room", "distributor", "timers", "queues")
"""Fields that have a form of their own."""
SAME: Final = tuple(field.name for field in fields(KeptState) if field.name not in ROOMS)
"""Fields that are kept as they are."""


def kept(w: EngineState, library: Library) -> KeptState:
    """Give what is kept; valid until the next step."""
    published = (library.get(w.digest) if w.digest else None) or w.settings
    return KeptState(
        w.roster.kept(),
        w.room.kept(),
        w.distributor.kept(),
        w.timers.kept(),
        {name: None if name in published.queues else queue for name, queue in w.settings.queues.items()},
        **{name: getattr(w, name) for name in SAME},
    )


def restored(known: KeptState, library: Library, unpublished: LineSettings | None) -> EngineState:
    """Work the state out again. ``unpublished``: the settings that the line was made with, where it needs them.

    Raises ``ContractError`` for settings that nobody has.
    """

    def settings_of(digest: str) -> LineSettings:
        found = library.get(digest) if digest else unpublished
        if found is None:
            raise ContractError(f"no settings {digest or 'of before the first publication'}")
        return found

    settings = _with_queues(settings_of(known.digest), known.queues)
    roster, room = Roster.restored(known.roster, settings.agents), WaitingRoom.restored(known.room)
    distributor = Distributor.restored(known.distributor, roster, room, settings_of(known.digest).policies())
    w = EngineState(settings, roster, room, distributor, CALL_MOVES, OFFER_MOVES)
    w.timers = Timers.restored(known.timers)
    for name in SAME:
        setattr(w, name, getattr(known, name))
    for call in w.calls.values():
        call.menus = settings_of(call.digest).menus
        if call.visit is not None:
            item, walk = call.work, call.visit.session
            walk.menus, walk.known, walk.outside = call.menus, item.known, Outside(w, item.ani, item.dnis)
    return w


def _with_queues(settings: LineSettings, queues: dict[QueueId, QueueSettings | None]) -> LineSettings:
    return replace(settings, queues={name: queue or settings.queues[name] for name, queue in queues.items()})
