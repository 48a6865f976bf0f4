"""Random streams by name: each source of chance has its own, so two scenarios meet the same callers.

A stream belongs to (seed, run, name). What is drawn from one never moves another: more agents, another policy, or more
callers of one topic leave everybody else's arrival, patience and work as they were (common random numbers).
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import blake2b

from numpy.random import PCG64, Generator


@dataclass(frozen=True, slots=True)
class Streams:
    """The streams of one replication."""

    seed: int
    run: int

    def of(self, *names: object) -> Generator:
        """Give the stream of that name, from its beginning; equal on every Python and machine."""
        name = "/".join(map(str, (self.seed, self.run, *names)))
        return Generator(PCG64(int.from_bytes(blake2b(name.encode(), digest_size=16).digest(), "little")))
