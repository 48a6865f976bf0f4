"""What a simulated switch does: at once what it is told; of what lies beyond it, nothing is simulated."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, final

from calls import CallId, OfferId
from calls import commands as c
from calls import events as e

from .course import Course

BRIDGED: Final = e.Bridged
AGENT_LEFT: Final = e.AgentLeft
CALLER_LEFT: Final = e.CallerLeft


@final
class SimulatedSwitch:
    """A switch that never fails and takes no time."""

    def __init__(self, course: Course) -> None:
        self.course = course

    def reads(self) -> dict[object, Callable[..., None]]:
        """Give what is done with each command, of which it takes the values."""
        return {
            c.Connect: self._connect, c.CancelRing: self._cancelled, c.HangUp: self._hung_up,
            c.Transfer: self._transfer, c.Lookup: self._lookup,
        }  # fmt: skip

    def _connect(self, call: CallId, offer: OfferId) -> None:
        self.course.do(BRIDGED, offer)

    def _cancelled(self, offer: OfferId) -> None:
        if self.course.view.agents.has_offer(offer):
            self.course.do(AGENT_LEFT, offer, False)

    def _hung_up(self, call: CallId) -> None:
        if self.course.view.calls.has(call):
            self.course.do(CALLER_LEFT, call, False)

    def _transfer(self, call: CallId, *_: object) -> None:
        """Send the call to an outside number for good: it is not simulated further."""
        self.course.collector.count("transferred", self.course.now)
        self.course.happen(e.TransferAnswered(call))
        self.course.do(CALLER_LEFT, call, False)

    def _lookup(self, call: CallId, number: int, *_: object) -> None:
        """Fail the lookup, as there is no service: callers take the way of its failure."""
        self.course.happen(e.LookupFailed(call, number, "no services in a simulation"))
