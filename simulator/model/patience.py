"""Patience of callers, estimated from calls most of which were answered before it ended.

The rate of giving up in each step of the waiting time: who was answered left the risk then (as in Kaplan and
Meier, 1958, Journal of the American Statistical Association 53, 457-481, with steps wide enough to count in).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from calls import Outcome
from simulator.days.recorded import RecordedCall

EDGES = (0, 5, 10, 20, 40, 60, 120, 180, 300, 600)
"""Where the steps begin, s of waiting; the last one has no end."""
LEAST = 0.001
"""Abandons per minute in a step in which nobody gave up: a scenario's rates are above zero."""


def rates(waits: Sequence[float], gave_up: Sequence[bool], edges: Sequence[float] = EDGES) -> list[float]:
    """Compute abandons per minute of waiting in each step. ``waits``: each caller's wait (s), to its end or answer."""
    held, lost = np.array(waits, dtype=float), np.array(gave_up, dtype=bool)
    steps = list(zip(edges, (*edges[1:], np.inf), strict=True))
    exposed = [float(np.clip(held - low, 0, high - low).sum()) for low, high in steps]
    events = [int((lost & (held > low) & (held <= high)).sum()) for low, high in steps]
    return [max(60 * n / max(seconds, 1.0), LEAST) for n, seconds in zip(events, exposed, strict=True)]


def as_scenario(calls: Sequence[RecordedCall]) -> str:
    """Write the patience of these callers as a scenario's YAML, for its ``callers``."""
    waited = [(call.wait_s, call.outcome is Outcome.ABANDONED) for call in calls if call.wait_s]
    given_up = sum(gave_up for _, gave_up in waited)
    head = f"# {len(waited)} callers waited, {given_up} of them gave up. Below callers: of a scenario.\n"
    if not given_up:
        return f"{head}patience_s: {{all: {{never: true}}}}\n"
    found = rates([wait_s or 0.0 for wait_s, _ in waited], [gave_up for _, gave_up in waited])
    steps, each = ", ".join(map(str, EDGES)), ", ".join(f"{rate:.4f}" for rate in found)
    return f"{head}patience_s:\n  all:\n    hazard:\n      from_s: [{steps}]\n      per_minute: [{each}]\n"
