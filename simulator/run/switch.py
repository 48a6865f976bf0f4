"""What a simulated switch does: at once what it is told; of what lies beyond it, nothing is simulated."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from calls import commands as c
from calls import events as e

from .course import Course


class SimulatedSwitch:
    """A switch that never fails and takes no time."""

    def __init__(self, course: Course) -> None:
        self.course = course

    def reads(self) -> dict[type, Callable[[Any], None]]:
        """Give what is done with each command."""
        return {
            c.Connect: self._connect, c.CancelRing: self._cancelled, c.HangUp: self._hung_up,
            c.Transfer: self._transfer, c.Lookup: self._lookup,
        }  # fmt: skip

    def _connect(self, output: c.Connect) -> None:
        self.course.do(e.Bridged(output.call, output.offer))

    def _cancelled(self, output: c.CancelRing) -> None:
        if self.course.view.agents.has_offer(output.offer):
            self.course.do(e.AgentLeft(output.offer))

    def _hung_up(self, output: c.HangUp) -> None:
        if self.course.view.calls.has(output.call):
            self.course.do(e.CallerLeft(output.call))

    def _transfer(self, output: c.Transfer) -> None:
        """Send the call to an outside number for good: it is not simulated further."""
        self.course.collector.count("transferred", self.course.now)
        self.course.do(e.TransferAnswered(output.call))
        self.course.do(e.CallerLeft(output.call))

    def _lookup(self, output: c.Lookup) -> None:
        """Fail the lookup, as there is no service: callers take the way of its failure."""
        self.course.do(e.LookupFailed(output.call, output.number, "no services in a simulation"))
