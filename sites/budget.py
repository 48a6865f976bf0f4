"""Count how many calls fit: ports for sound and descriptors, at the start; a part is kept for the line's own legs.

Pure arithmetic. A leg (a citizen's channel, an agent's, a feature code's) has two ports, RTP and RTCP. Whoever is
admitted may need an agent's leg later, so the agents' legs are never given to citizens; some are kept for citizens who
hear that the line is full, and for feature codes, consultations and transfers.
"""

from __future__ import annotations

from dataclasses import dataclass

PORTS_OF_A_LEG = 2
DESCRIPTORS_OF_A_LEG = 8
"""Two sockets, an alert pipe, a timer, the file that is played: 5 in the mean, more where many come and go at once
(benchmarks/capacity.py; Asterisk 22.10 ran out of 2,750 with 500 legs)."""
DESCRIPTORS_OF_ITS_OWN = 300
"""Modules, logs, threads, AMI, databases, before any call."""
TOLD = 7
"""One leg in this many is for citizens who hear that the line is full. The announcement takes about nine seconds in
both languages: 1,000 ports are enough for seven refused calls a second (benchmarks/capacity.py)."""
MOST_TOLD = 270
"""Most citizens who are told at once: those of 30 calls a second (`limits.per_second`)."""
MOST_CITIZENS = 1500
"""Most citizens admitted by default, however many ports there are."""


@dataclass(frozen=True, slots=True)
class Budget:
    """Legs by what they are kept for. ``ports``: how many the site gives; ``citizens`` are admitted at once."""

    ports: int
    agents: int
    citizens: int
    told: int
    """Citizens who may hear at once that the line is full."""
    spare: int
    """For feature codes, consultations and transfers, and for legs that are gone but not yet forgotten by Asterisk."""

    @property
    def legs(self) -> int:
        """Give the most legs there can be at once."""
        return self.citizens + min(self.agents, self.citizens) + self.told + self.spare

    @property
    def descriptors(self) -> int:
        """Give the number of open files that Asterisk needs (RLIMIT_NOFILE)."""
        return DESCRIPTORS_OF_ITS_OWN + DESCRIPTORS_OF_A_LEG * self.legs

    @property
    def seats_fit(self) -> bool:
        """Tell whether all agents can talk at the same time."""
        return self.citizens >= self.agents


def budget(rtp_first: int, rtp_last: int, agents: int, most: int | None = None) -> Budget:
    """Count the calls that fit a range of ports, both ends included. ``most``: citizens at once, if limited."""
    ports = rtp_last - rtp_first + 1
    legs = ports // PORTS_OF_A_LEG
    told = min(max(2, legs // TOLD), MOST_TOLD)
    spare = min(max(4, legs // 20 + agents // 4), max(1, legs // 8))
    free = legs - told - spare
    room = free - agents if free >= 2 * agents else free // 2
    return Budget(ports, agents, max(1, min(room, most or MOST_CITIZENS)), told, spare)


def ports_for(citizens: int, agents: int) -> int:
    """Give the fewest ports for these numbers of citizens at once and of agents."""
    legs = citizens + min(agents, citizens)
    while budget(1, PORTS_OF_A_LEG * legs, agents, citizens).citizens < citizens:
        legs += 1
    return PORTS_OF_A_LEG * legs
