"""Erlang B, C and A: one group of equal agents, Poisson calls, exponential handle times and patience, steady state.

A caller who finds all agents busy leaves at once (Erlang B), waits for ever (Erlang C, M/M/n), or waits as long as
their patience lasts (Erlang A, M/M/n+M). C and A are one computation here. A caller with endless patience would wait V
("offered wait"); with arrival rate L, handle rate m and patience rate h its density, for v > 0, is

    f(v) = L exp(L (1 - exp(-h v)) / h - n m v) / (1 / B(n - 1) + integral of f's numerator over v > 0)

(Baccelli and Hebuterne 1981, "On queues with impatient customers", Performance '81; Zeltyn and Mandelbaum 2005, "Call
centers with impatient customers: many-server asymptotics of the M/M/n+G queue", Queueing Systems 51, 361-402; for
M/M/n+M Palm 1957 and Garnett, Mandelbaum, Reiman 2002, "Designing a call center with impatient customers", M&SOM 4(3),
208-227). A real caller waits min(V, patience), so every measure is an integral of f times something between 0 and 1:
nothing is subtracted, no digits are lost. The logarithm of f is concave; f is integrated from its peak to both sides,
as far as it matters (Gauss and Legendre).

Knows nothing of skills, menus, shifts, or of one half hour following another.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial
from math import ceil, exp, expm1, inf, log

import numpy as np
from numpy.polynomial.legendre import leggauss
from numpy.typing import NDArray

NODES = 40
"""Nodes of the quadrature on each side of the peak: its error is then below that of the arithmetic."""

NEGLIGIBLE = 40.0
"""Negative logarithm of the share of its peak, exp(-40) = 4e-18, below which f is left out."""

_Floats = NDArray[np.float64]

MOST_AGENTS = 100_000
"""Upper limit of agents: a target that needs more is an error in the figures."""


@dataclass(frozen=True, slots=True)
class Load:
    """The offered load: calls per second, mean handle time (s), mean patience (s; infinite where nobody gives up).

    Raises ValueError for a negative rate, and where handle time or patience are not positive.
    """

    rate_per_s: float
    handle_s: float
    patience_s: float = inf

    def __post_init__(self) -> None:
        if not 0 <= self.rate_per_s < inf:
            raise ValueError(f"calls per second: found {self.rate_per_s}, expected 0 or more")
        if not 0 < self.handle_s < inf:
            raise ValueError(f"mean handle time: found {self.handle_s} s, expected more than 0")
        if not self.patience_s > 0:
            raise ValueError(f"mean patience: found {self.patience_s} s, expected more than 0")

    @property
    def erlang(self) -> float:
        """Give the offered load (erlang): agents who would be busy on average if nobody were lost."""
        return self.rate_per_s * self.handle_s


@dataclass(frozen=True, slots=True)
class Performance:
    """What callers and agents meet in the steady state. Shares are between 0 and 1 and refer to all offered calls."""

    wait: float
    """Share who find all agents busy."""
    abandon: float
    """Share who give up."""
    wait_s: float
    """Mean wait of all callers (s), those who wait not at all and those who give up included."""
    handled_wait_s: float
    """Mean wait of the handled (s): ASA. Infinite where nobody is handled."""
    within_s: float
    """T: the two figures below belong to it."""
    handled_within: float
    """Share handled after at most T."""
    abandoned_within: float
    """Share who gave up after at most T."""
    occupancy: float
    """Share of the agents' time spent on calls."""

    @property
    def service_level(self) -> float:
        """Give handled within T / (offered - abandoned within T), our default; 1 if all gave up within T."""
        counted = 1 - self.abandoned_within
        return self.handled_within / counted if counted > 0 else 1.0


def erlang_b(agents: int, erlang: float) -> float:
    """Give the share of calls that find all ``agents`` busy and are lost, at the offered load ``erlang``.

    By the recursion B(k) = a B(k - 1) / (k + a B(k - 1)), stable because nothing is subtracted (Jagerman 1974, "Some
    properties of the Erlang loss function", Bell System Technical Journal 53(3), 525-551). Raises ValueError below 0.
    """
    if agents < 0 or not 0 <= erlang < inf:
        raise ValueError(f"found {agents} agents and {erlang} erlang, expected neither below 0")
    blocked = 1.0
    for k in range(1, agents + 1):
        blocked = erlang * blocked / (k + erlang * blocked)
    return blocked


def erlang_c(agents: int, erlang: float) -> float:
    """Give the share of calls that wait if nobody gives up: n B / (n - a (1 - B)); 1 if the load reaches the agents."""
    if erlang >= agents:
        return 1.0
    blocked = erlang_b(agents, erlang)
    return agents * blocked / (agents - erlang * (1 - blocked))


def erlang_a(agents: int, load: Load, within_s: float = 20.0) -> Performance:
    """Compute the steady state of ``agents`` under ``load``, with T ``within_s``; Erlang C for infinite patience.

    Without a steady state (infinite patience, load not below the agents) everybody waits, for ever.
    Raises ValueError for agents or T below 0.
    """
    if agents < 0 or not within_s >= 0:
        raise ValueError(f"found {agents} agents and {within_s} s, expected neither below 0")
    if load.rate_per_s == 0:
        return Performance(0.0, 0.0, 0.0, 0.0, within_s, 1.0, 0.0, 0.0)
    if agents == 0 or (load.patience_s == inf and load.erlang >= agents):
        return _unserved(agents, load, within_s)
    return _served(agents, load, within_s)


def _unserved(agents: int, load: Load, within_s: float) -> Performance:
    """Give the figures without a steady state: no agents, or a queue that grows for ever."""
    busy = 1.0 if agents else 0.0
    if load.patience_s == inf:
        return Performance(1.0, 0.0, inf, inf, within_s, 0.0, 0.0, busy)
    return Performance(1.0, 1.0, load.patience_s, inf, within_s, 0.0, -expm1(-within_s / load.patience_s), busy)


def _served(agents: int, load: Load, within_s: float) -> Performance:
    blocked = erlang_b(agents - 1, load.erlang)
    if blocked < 1e-290:  # so few calls that a wait is beyond floating point
        return Performance(0.0, 0.0, 0.0, 0.0, within_s, 1.0, 0.0, load.erlang / agents)
    wait_s, weight, scale = _offered_wait(agents, load, within_s)
    at_once = exp(-scale) / blocked
    total = at_once + weight.sum()
    theta = 1 / load.patience_s
    patient = np.exp(-theta * wait_s)
    handled, gone = weight * patient / total, weight * -np.expm1(-theta * wait_s) / total
    early = wait_s < within_s
    abandon, share = float(gone.sum()), float(at_once / total + handled.sum())
    handled_wait_s = float(handled @ wait_s)
    return Performance(
        wait=float(weight.sum() / total),
        abandon=abandon,
        wait_s=abandon / theta if theta else handled_wait_s,  # Little: who waits gives up at the rate theta
        handled_wait_s=handled_wait_s / share,
        within_s=within_s,
        handled_within=float(at_once / total + handled[early].sum()),
        abandoned_within=float(gone[early].sum() - expm1(-theta * within_s) * weight[~early].sum() / total),
        occupancy=load.erlang * share / agents,
    )


def _offered_wait(agents: int, load: Load, within_s: float) -> tuple[_Floats, _Floats, float]:
    """Give offered waits (s) and weights: the numerator of f at the nodes of the quadrature, divided by exp(scale).

    The nodes lie apart on both sides of the peak, of ``within_s`` and of where even the most patient gave up (which
    matters where patience is short beside the handle time). The scale keeps every weight from overflowing.
    """
    crowd = load.erlang / agents
    peak_s = load.patience_s * log(crowd) if crowd > 1 else 0.0  # less who gave up, calls come as fast as served
    exponent = partial(_exponent, agents, load)
    height = exponent(peak_s)
    left_s, right_s = (_faded(exponent, peak_s, side * load.handle_s / agents) for side in (-1, 1))
    inner = {peak_s, within_s, left_s + NEGLIGIBLE * load.patience_s}
    ends = np.array([left_s, *sorted(end for end in inner if left_s < end < right_s), right_s])
    nodes, rule = _rule()
    half_s = np.diff(ends)[:, None] / 2
    wait_s = (ends[:-1, None] + half_s * (1 + nodes)).ravel()
    theta = 1 / load.patience_s
    patient_s = -np.expm1(-theta * wait_s) / theta if theta else wait_s
    density = load.rate_per_s * np.exp(load.rate_per_s * patient_s - agents / load.handle_s * wait_s - height)
    return wait_s, density * (half_s * rule).ravel(), height


def _exponent(agents: int, load: Load, wait_s: float) -> float:
    """Give the logarithm of f at ``wait_s``, without constants."""
    patient_s = -expm1(-wait_s / load.patience_s) * load.patience_s if load.patience_s < inf else wait_s
    return load.rate_per_s * patient_s - agents / load.handle_s * wait_s


def _faded(exponent: Callable[[float], float], peak_s: float, step_s: float) -> float:
    """Find where f is negligible, going from the peak by ``step_s``. A few digits are enough."""
    goal = exponent(peak_s) - NEGLIGIBLE
    near_s, far_s = peak_s, max(0.0, peak_s + step_s)
    while far_s > 0 and exponent(far_s) > goal:
        step_s *= 2
        near_s, far_s = far_s, max(0.0, far_s + step_s)
    for _ in range(10):
        middle_s = (near_s + far_s) / 2
        near_s, far_s = (middle_s, far_s) if exponent(middle_s) > goal else (near_s, middle_s)
    return far_s


@cache
def _rule() -> tuple[_Floats, _Floats]:
    nodes, weights = leggauss(NODES)
    return nodes, weights


def least_agents(
    load: Load, holds: Callable[[Performance], bool], within_s: float = 20.0, most: int = MOST_AGENTS
) -> int:
    """Find the fewest agents whose steady state ``holds``; every measure here only improves with agents.

    Raises ValueError where not even ``most`` agents hold it.
    """

    def enough(agents: int) -> bool:
        return holds(erlang_a(agents, load, within_s))

    few, many, step = -1, min(ceil(load.erlang), most), 1
    while not enough(many):
        if many == most:
            raise ValueError(f"not even {most} agents hold the target for {load.erlang:.1f} erlang")
        few, many, step = many, min(many + step, most), 2 * step
    while many - few > 1:
        middle = max((few + many) // 2, many - step)  # the answer is seldom far from the load: look near by first
        if enough(middle):
            many, step = middle, 2 * step
        else:
            few = middle
    return many


def greatest_load(
    agents: int,
    handle_s: float,
    holds: Callable[[Performance], bool],
    patience_s: float = inf,
    within_s: float = 20.0,
    digits: float = 1e-9,
) -> float:
    """Find the highest offered load (erlang, to ``digits``) at which ``agents`` hold the target."""
    low, high = 0.0, 1.0

    def held(erlang: float) -> bool:
        return holds(erlang_a(agents, Load(erlang / handle_s, handle_s, patience_s), within_s))

    while held(high):
        if high > 1e9:
            raise ValueError(f"{agents} agents hold this target at any load")
        low, high = high, 2 * high
    while high - low > digits:
        middle = (low + high) / 2
        low, high = (middle, high) if held(middle) else (low, middle)
    return low
