"""How long will it take? A range for the wait of a caller, learnt per queue, silent where it is bad.

The mean is Erlang-A's with ``ahead`` items before them (``wait_formula``), from the queue's own handle times and
patience, times a learnt ratio of what came to what was expected. The range is a gamma distribution of that mean and
shape, on a scale learnt from the newest waits (Wilson and Hilferty 1931, PNAS 17, 684-688: the cube root of a gamma is
almost normal), so it is a range that would have held for 4 of 5 callers. How often it did is measured all the time.

Callers who give up teach as well, without bias:

- the ratio: what a caller waited, over how much shorter the expected wait had become when they left. Expected remaining
  wait plus time waited is a martingale, so leaving early cuts both sides alike (optional stopping);
- the scale and the coverage: the product-limit estimator over complete and cut waits (``censored``).

Knows neither items nor agents nor a clock: the engine says how many are ahead, how many agents serve, and what came.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from math import cbrt, inf, isfinite, sqrt
from typing import Final, final

from .censored import Survival
from .running import RunningMean, RunningRatio
from .wait_formula import moments

MEANT: Final = 0.8
"""The range is meant for this share of the callers; as many may fall below it as above."""
LEAST_COVERAGE: Final = 0.65
"""Where the measured share is lower nothing is said."""
LEAST_HANDLED: Final = 10
LEAST_WAITS: Final = 40
"""Handled items and complete waits that must be known before anything is said."""
WIDEST: Final = 1.5
"""A range wider than so many times the likely wait says nothing, unless it is narrower than ``NARROW_S``."""
NARROW_S: Final = 120.0
KEPT_WAITS: Final = 200
"""Newest waits, complete or cut, that the range and its coverage are worked out from, after each ``EVERY``."""
EVERY: Final = 5
NEWEST: Final = 40
LEAST_COVERAGE_NOW: Final = 0.5
"""Least coverage of the ``NEWEST`` alone: nothing is said after a sudden change before the long memory sees it."""
SAMPLES_PER_WAIT: Final = 4
"""A caller is followed if so much of an expected wait has passed since the last one: callers who wait at the same time
wait for the same items to end and say the same thing twice; a memory full of them would know one moment only."""
KEPT_FORECASTS: Final = 2
"""Forecasts kept of a caller who is followed: the one at entry and the first that was announced."""
HANDLE_WEIGHT: Final = 1 / 400
RATIO_WEIGHT: Final = 1 / 200
PATIENCE_WEIGHT: Final = 1 / 1000
UNSURE: Final = 0.1
"""Relative error of the mean itself (agents come and go): without it the range of a long wait would have no width."""
PRIOR_S: Final = 60.0
"""The ratio begins at 1, as if so many seconds had been as expected."""
LOWEST_RATIO, HIGHEST_RATIO = 0.2, 5.0
STEEPEST: Final = 4.0
"""Scores are cut here: a single odd wait must not stretch the range."""


@dataclass(frozen=True, slots=True)
class WaitEstimate:
    """What may be told: a range (s) around the likely wait, and the measured share of callers it held for."""

    low_s: float
    likely_s: float
    high_s: float
    coverage: float


@final
class Forecast:
    """What was expected at ``at``, told or not. ``expected_s`` is the formula's, ``mean_s`` after the learnt ratio."""

    at: float
    expected_s: float
    mean_s: float
    shape: float
    low_s: float
    high_s: float

    def __init__(self, at: float, expected_s: float, mean_s: float, shape: float, low_s: float, high_s: float) -> None:
        self.at = at
        self.expected_s = expected_s
        self.mean_s = mean_s
        self.shape = shape
        self.low_s = low_s
        self.high_s = high_s


@final
class Waiter:
    """One waiting caller, kept with the call: since when, and what was expected of the wait."""

    entered_at: float
    forecasts: list[Forecast]

    def __init__(self, entered_at: float, forecasts: list[Forecast] | None = None) -> None:
        self.entered_at = entered_at
        self.forecasts = [] if forecasts is None else forecasts


WaitSample = tuple[float, float, bool]
"""(score, place in the range, complete): see ``_score`` and ``_place``."""


@dataclass(slots=True)
class WaitEstimator:
    """Learns one queue's waits. Plain data of bounded size; equal inputs give equal estimates."""

    handle: RunningMean = field(default_factory=lambda: RunningMean(HANDLE_WEIGHT))
    ring: RunningMean = field(default_factory=lambda: RunningMean(HANDLE_WEIGHT))
    patience: RunningRatio = field(default_factory=lambda: RunningRatio(PATIENCE_WEIGHT))
    ratio: RunningRatio = field(default_factory=lambda: RunningRatio(RATIO_WEIGHT, PRIOR_S, PRIOR_S))
    outcomes: deque[WaitSample] = field(default_factory=lambda: deque(maxlen=KEPT_WAITS))
    fresh: int = 0
    next_sample_at: float = 0.0
    low_score: float = -STEEPEST
    high_score: float = STEEPEST
    coverage: float | None = None
    coverage_now: float | None = None

    @property
    def patience_s(self) -> float:
        """Mean patience: time waited by all callers over calls given up (exponential, maximum likelihood)."""
        known = self.patience.bottom and self.patience.top > 0
        return self.patience.top / self.patience.bottom if known else inf

    @property
    def correction(self) -> float:
        """What came, over what the formula expected."""
        if self.ratio.bottom <= 0:
            return HIGHEST_RATIO
        return min(max(self.ratio.top / self.ratio.bottom, LOWEST_RATIO), HIGHEST_RATIO)

    @property
    def trusted(self) -> bool:
        """Whether the ranges of late held often enough to tell one."""
        if self.coverage is None or self.coverage_now is None:
            return False
        return self.coverage >= LEAST_COVERAGE and self.coverage_now >= LEAST_COVERAGE_NOW

    def handled(self, busy_s: float) -> None:
        """A call of this queue has cost an agent ``busy_s``: ring + talk + hold + wrap-up."""
        self.handle.add(busy_s)

    def forecast(self, ahead: int, servers: float, now: float) -> Forecast | None:
        """Expect a wait with ``ahead`` items before the caller, told or not; None: nothing is known yet."""
        if self.handle.count < LEAST_HANDLED or servers <= 0 or self.handle.value <= 0:
            return None
        wait = moments(ahead, servers, self.handle.value, self.patience_s)
        mean_s, shape = wait.mean_s * self.correction, 1 / (1 / wait.shape + UNSURE**2)
        low_s, high_s = (self.ring.value + _wait_s(z, mean_s, shape) for z in (self.low_score, self.high_score))
        return Forecast(now, wait.mean_s, mean_s, shape, low_s, high_s)

    def asks_at_entry(self, now: float) -> bool:
        """Whether ``enter`` has a use for what stands before a caller who comes now."""
        return self.handle.count >= LEAST_HANDLED and now >= self.next_sample_at

    def asks_later(self, waiter: Waiter) -> bool:
        """Whether ``announce`` has a use for what stands before this caller."""
        return self.trusted or 0 < len(waiter.forecasts) < KEPT_FORECASTS

    def enter(self, ahead: int, servers: float, now: float) -> Waiter:
        """A caller must wait (nobody is free for them). Nothing is told yet: see ``announce``."""
        forecast = self.forecast(ahead, servers, now)
        if forecast is None or now < self.next_sample_at:
            return Waiter(now)
        self.next_sample_at = now + forecast.mean_s / SAMPLES_PER_WAIT
        return Waiter(now, [forecast])

    def announce(self, waiter: Waiter, ahead: int, servers: float, now: float) -> WaitEstimate | None:
        """Give what may be told now of the wait until the caller is connected; None: better nothing."""
        forecast = self.forecast(ahead, servers, now)
        if forecast is None:
            return None
        if 0 < len(waiter.forecasts) < KEPT_FORECASTS:
            waiter.forecasts.append(forecast)
        return self._worth_telling(forecast)

    def served(self, waiter: Waiter, now: float, rang_s: float = 0.0) -> None:
        """Learn from a caller who is connected now, after an agent's phone rang for ``rang_s``."""
        self.ring.add(rang_s)
        self.patience.add(now - waiter.entered_at, 0)
        for forecast in waiter.forecasts:
            self.ratio.add(max(0.0, now - rang_s - forecast.at), forecast.expected_s)
            self._learn(forecast, max(0.0, now - rang_s - forecast.at), now - forecast.at, complete=True)

    def abandoned(self, waiter: Waiter, ahead: int, servers: float, now: float) -> None:
        """The caller gave up, with ``ahead`` items still before them."""
        self.patience.add(now - waiter.entered_at, 1)
        rest_s = moments(ahead, servers, self.handle.value, self.patience_s).mean_s if self.handle.value else inf
        for forecast in waiter.forecasts:
            if isfinite(rest_s):
                self.ratio.add(now - forecast.at, forecast.expected_s - rest_s)
            self._learn(forecast, now - forecast.at, now - forecast.at, complete=False)

    def left(self, waiter: Waiter, now: float) -> None:
        """The caller left by a rule (overflow, transfer, a technical reason): the wait is cut, nobody gave up."""
        self.patience.add(now - waiter.entered_at, 0)
        for forecast in waiter.forecasts:
            self._learn(forecast, now - forecast.at, now - forecast.at, complete=False)

    def _worth_telling(self, forecast: Forecast) -> WaitEstimate | None:
        if not self.trusted or self.coverage is None:
            return None
        low_s, high_s = forecast.low_s, forecast.high_s
        likely_s = min(max(forecast.mean_s + self.ring.value, low_s), high_s)
        if high_s - low_s > max(NARROW_S, WIDEST * likely_s):
            return None
        return WaitEstimate(low_s, likely_s, high_s, self.coverage)

    def _learn(self, forecast: Forecast, queued_s: float, waited_s: float, *, complete: bool) -> None:
        self.outcomes.append((_score(queued_s, forecast), _place(waited_s, forecast), complete))
        self.fresh += 1
        if self.fresh >= EVERY:
            self.fresh = 0
            self._measure()

    def _measure(self) -> None:
        """Range and coverage from the waits that are kept."""
        seen = list(self.outcomes)
        scores = [score for score, _, complete in seen if complete]
        if len(scores) < LEAST_WAITS:
            return
        waits = Survival(scores, [score for score, _, complete in seen if not complete])
        low, high = waits.quantile((1 - MEANT) / 2), waits.quantile((1 + MEANT) / 2)
        self.low_score = -STEEPEST if low is None else low
        self.high_score = STEEPEST if high is None else high
        self.coverage, self.coverage_now = _inside(seen), _inside(seen[-NEWEST:])


def _inside(seen: list[WaitSample]) -> float:
    """The share of these waits that ended inside their range."""
    places = [place for _, place, complete in seen if complete]
    waits = Survival(places, [place for _, place, complete in seen if not complete])
    return waits.share_above(1.0) - waits.share_above(2.0)


def _wait_s(score: float, mean_s: float, shape: float) -> float:
    """The wait with this score (standard normal if the model holds)."""
    root = max(0.0, 1 - 1 / (9 * shape) + score / (3 * sqrt(shape)))
    return mean_s * root * root * root


def _score(wait_s: float, forecast: Forecast) -> float:
    """Where a wait lies in the gamma distribution that was expected, cut at ``STEEPEST``."""
    root = cbrt(wait_s / forecast.mean_s)
    score = (root - 1 + 1 / (9 * forecast.shape)) * 3 * sqrt(forecast.shape)
    return min(max(score, -STEEPEST), STEEPEST)


def _place(wait_s: float, forecast: Forecast) -> float:
    """Where a wait lies against the range: 0..1 below, 1..2 inside, 2 above."""
    if wait_s < forecast.low_s:
        return wait_s / forecast.low_s
    if wait_s > forecast.high_s:
        return 2.0
    width_s = forecast.high_s - forecast.low_s
    return 1.0 + 0.999 * (wait_s - forecast.low_s) / width_s if width_s else 1.0
