"""The wait of a caller with ``ahead`` items before them, in M/M/s+M: its mean and its variance.

While all ``servers`` are busy and j items are still ahead, the next step forward comes with the rate
servers / handle + j / patience: somebody is served, or somebody ahead gives up. The wait is the sum of ahead + 1 such
exponential times (Whitt 1999, "Predicting queueing delays", Management Science 45(6), 870-888; Garnett, Mandelbaum,
Reiman 2002, "Designing a call center with impatient customers"). It is the wait of a caller who does not give up.

Long sums are cut short with Euler-Maclaurin (Abramowitz and Stegun 23.1.30; relative error below 1e-9), so the cost
does not grow with the number of waiting items.
"""

from __future__ import annotations

from math import fsum, inf, log1p
from typing import Final, final

SUMMED: Final = 16
"""Terms that are summed one by one; the remainder has a closed form."""


@final
class Moments:
    """Mean (s) and variance (s2) of a wait. ``mean_s`` is infinite where nobody serves."""

    def __init__(self, mean_s: float, variance: float) -> None:
        self.mean_s = mean_s
        self.variance = variance

    @property
    def shape(self) -> float:
        """Shape of the gamma distribution with these moments: near ahead + 1, the steps to the head of the line."""
        return self.mean_s * self.mean_s / self.variance


def expected_wait_s(ahead: int, servers: float, handle_s: float, patience_s: float = inf) -> float:
    """Expected wait (s): the sum over j = 0..ahead of 1 / (servers / handle_s + j / patience_s).

    ``servers`` may be a part of an agent; ``patience_s`` is the mean patience, infinite where nobody gives up.
    """
    return moments(ahead, servers, handle_s, patience_s).mean_s


def moments(ahead: int, servers: float, handle_s: float, patience_s: float = inf) -> Moments:
    """Mean and variance of the wait; arguments as for ``expected_wait_s``."""
    if servers <= 0:
        return Moments(inf, inf)
    base, theta = servers / handle_s, 1 / patience_s
    exact = ahead if ahead < 2 * SUMMED else SUMMED - 1
    steps = [1 / (base + j * theta) for j in range(exact + 1)]
    mean, variance = fsum(steps), fsum(step * step for step in steps)  # as sum() differs between Pythons
    if exact == ahead:
        return Moments(mean, variance)
    tail = _tail(base + SUMMED * theta, ahead - SUMMED, theta)
    return Moments(mean + tail.mean_s, variance + tail.variance)


def _tail(first: float, count: int, theta: float) -> Moments:
    """Sums of 1/r and 1/r^2 over the rates first, first + theta, .., first + count theta."""
    last = first + count * theta
    area = log1p(count * theta / first) / theta if theta else count / first
    mean = area + (1 / first + 1 / last) / 2
    mean += theta * (first**-2 - last**-2) / 12 - theta**3 * (first**-4 - last**-4) / 120
    variance = count / (first * last) + (first**-2 + last**-2) / 2
    variance += theta * (first**-3 - last**-3) / 6 - theta**3 * (first**-5 - last**-5) / 30
    return Moments(mean, variance)
