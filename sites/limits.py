"""``limits`` of site.yaml: how many citizens are admitted, how often one number may call, what the refused hear.

The room itself is arithmetic of the ports for sound (``sites/budget.py``).
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator
from typing import Annotated, Any, Literal

from pydantic import Field

from calls import Problem
from queues import OverflowTrigger, QueueSettings

from . import schema
from .budget import MOST_CITIZENS, Budget, budget, ports_for
from .loader import Loaded

BUSY_PROMPT = "alone.busy"
"""Prompt for citizens who do not fit."""

Count = Annotated[int, Field(ge=1, le=100_000)]


class LimitsSettings(schema.Strict):
    """Limits at the door. ``calls``: citizens at once (none: what the ports for sound allow).

    ``busy``: those who do not fit hear why (``announce``), or get a SIP 503 at once (``refuse``). ``per_second``: calls
    of everybody. ``caller_at_once``, ``caller_per_minute``: of one number; ``switchboards`` are numbers without that.
    """

    calls: Count | None = None
    busy: Literal["announce", "refuse"] = "announce"
    per_second: Count = 30
    caller_at_once: Count = 5
    caller_per_minute: Count = 20
    switchboards: list[schema.Number] = Field(default=[], max_length=1000)


def room(sip: Any, limits: LimitsSettings, agents: int) -> Budget:
    """Count the calls that fit; ``sip``: the ports of site.yaml."""
    return budget(sip.rtp_first, sip.rtp_last, agents, limits.calls)


def advise(
    site: Loaded[Any], have: Budget, queues: Iterable[QueueSettings], prompts: Container[str]
) -> Iterator[Problem]:
    """Warn of what does not fit into the ports for sound: seats, the site's calls, what its queues may hold."""
    if site.model is None:
        return
    sip, limits = site.model.sip, site.model.limits
    if limits.busy == "announce" and BUSY_PROMPT not in prompts:
        expected = f"the text {BUSY_PROMPT} in prompts.yaml, or refuse: without it who does not fit gets a SIP 503"
        yield site.problem(("limits", "busy"), "announce", expected)
    key, found = ("sip", "rtp_last"), f"{have.ports} ports for sound: {have.citizens} citizens at once"
    if not have.seats_fit:
        need = ports_for(have.agents, have.agents)
        yield site.problem(key, found, f"{need} ports, {sip.rtp_first + need - 1}, for {have.agents} seats to talk")
    waiting = sum(_held(queue) for queue in queues)
    wanted = min(have.agents + waiting, MOST_CITIZENS) if limits.calls is None else limits.calls
    if have.seats_fit and have.citizens < wanted:
        need = ports_for(wanted, have.agents)
        both = f"{have.agents} seats and the {waiting} who may wait"
        what = both if limits.calls is None else f"limits.calls {wanted}"
        yield site.problem(key, found, f"{need} ports, {sip.rtp_first + need - 1}, for {what}")


def _held(queue: QueueSettings) -> int:
    """Count how many may wait in a queue by its own limit of length; 0 where it has none."""
    lengths = [rule.at for rule in queue.overflow if rule.trigger is OverflowTrigger.LENGTH and rule.at]
    return int(min(lengths)) if lengths else 0
