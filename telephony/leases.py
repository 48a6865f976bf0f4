"""Leases: how long callers stay ours without a sign of life from this process.

The engine's heartbeat renews them. Where the process stands still they end, and Asterisk's own menu takes the callers.
"""

from __future__ import annotations

from .legs import NEVER, CallerLeg
from .parts import NodeParts

RENEWALS = 7
"""Renewals of a lease within its length: after a kill nearly all of it is left for the restart."""
STANDSTILL_BEATS = 2.5
"""Heartbeats overdue from which on the process is taken to have stood still."""


class Leases:
    """The leases of one node's callers."""

    def __init__(self, node: NodeParts) -> None:
        self._node = node
        self._beat_at = node.clock.now()

    def begin(self) -> None:
        """Count standstill from now on: the connection is new."""
        self._beat_at = self._node.clock.now()

    def beat(self) -> None:
        """Send the heartbeat, and renew what is getting old."""
        self.begin()
        self._node.switch.heartbeat(1 + self._node.clock.now())
        self.renew()

    def renew(self) -> None:
        """Renew the lease of every caller whose last renewal is getting old.

        Not before stock was taken: a lease given to a caller whom Asterisk's own menu has by now would cut them off.
        """
        if self._node.held is not None:
            return
        old = self._node.clock.now() - self._node.settings.lease_s / RENEWALS
        for leg in self._node.legs.callers.values():
            if leg.lease_at < old:
                self.give(leg)

    def give(self, leg: CallerLeg) -> None:
        """Give the caller a whole lease from now on, where they are under our control and stay so."""
        if leg.steering.controlled and not leg.let_go and not leg.left:
            self._node.switch.renew_lease(leg, self._node.settings.lease_s, first=leg.lease_at == NEVER)
            leg.lease_at = self._node.clock.now()

    def renew_all(self) -> None:
        """Let the next beat renew all: Asterisk counts leases by a wall clock, and that was set."""
        for leg in self._node.legs.callers.values():
            leg.lease_at = NEVER

    def stood_still(self) -> bool:
        """Notice that this process stood still until leases may have ended (what is unread on the connection is old).

        Asterisk's own menu may have callers whom we believe to be ours, and a lease renewed there would cut them off:
        nothing is sent to any of them before a new look at Asterisk.
        """
        settings, gap = self._node.settings, self._node.clock.now() - self._beat_at
        if not self._node.client.up or gap < max(settings.lease_s / 2, STANDSTILL_BEATS * settings.heartbeat_s):
            return False
        self._node.client.drop(f"the engine stood still for {gap:.1f} s")
        return True
