"""Durations by chance: the distributions a scenario may name, and how to draw from them. All in seconds.

Each draw takes one uniform number for each value (by the inverse of the distribution function), so a scenario with
another mean draws longer or shorter times for the same callers and nothing else moves.
"""

from __future__ import annotations

from collections.abc import Callable
from math import log, sqrt
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError
from scipy import special

from calls import ContractError
from sites.schema import Strict

Times = NDArray[np.float64]
Inverse = Callable[[Times], Times]
"""From uniform numbers in (0, 1) to times."""

MOST_VALUES = 20_000
"""Measured values that a distribution keeps."""

Mean = Annotated[float, Field(gt=0, le=86_400, allow_inf_nan=False)]
Variation = Annotated[float, Field(gt=0, le=10, allow_inf_nan=False)]


class Exponential(Strict):
    mean: Mean


class Spread(Strict):
    """A mean and a coefficient of variation (standard deviation over mean)."""

    mean: Mean
    cv: Variation


class Wide(Strict):
    """Two exponential phases with balanced means; ``cv`` above 1 (Whitt 1982, Operations Research 30, 125-147)."""

    mean: Mean
    cv: Annotated[float, Field(gt=1, le=10, allow_inf_nan=False)]


class Hazard(Strict):
    """A rate of ending that changes in steps: ``per_minute[i]`` from ``from_s[i]`` on (the last one has no end)."""

    from_s: Annotated[list[Annotated[float, Field(ge=0, allow_inf_nan=False)]], Field(min_length=1, max_length=100)]
    per_minute: Annotated[list[Annotated[float, Field(gt=0, allow_inf_nan=False)]], Field(min_length=1)]

    @model_validator(mode="after")
    def _steps(self) -> Hazard:
        rising = all(a < b for a, b in zip(self.from_s, self.from_s[1:], strict=False))
        if self.from_s[0] != 0 or not rising or len(self.from_s) != len(self.per_minute):
            expected = "from_s rising from 0, and a rate in per_minute for each"
            raise PydanticCustomError("expected", "{expected}", {"found": "other steps", "expected": expected})
        return self


Seconds = Annotated[float, Field(ge=0, allow_inf_nan=False)]


class Values(Strict):
    """What was measured: each value is as likely as any other, linear between neighbours.

    Either ``values``, or a ``column`` of a CSV ``file`` beside the scenario, which its loader puts in their place.
    """

    values: Annotated[list[Seconds], Field(min_length=2, max_length=MOST_VALUES)] | None = None
    file: Annotated[str, Field(min_length=1, max_length=300)] | None = None
    column: Annotated[str, Field(min_length=1, max_length=100)] | None = None

    @model_validator(mode="after")
    def _one(self) -> Values:
        given = [name for name in ("values", "file", "column") if getattr(self, name) is not None]
        if given not in (["values"], ["file", "column"]):
            context = {"found": " and ".join(given) or "none of them", "expected": "values, or file and column"}
            raise PydanticCustomError("expected", "{expected}", context)
        return self


def evenly(values: Times) -> list[float]:
    """Choose at most ``MOST_VALUES`` of these, evenly over their distribution."""
    if len(values) <= MOST_VALUES:
        return [float(value) for value in values]
    return [float(value) for value in np.quantile(values, (np.arange(MOST_VALUES) + 0.5) / MOST_VALUES)]


class Distribution(Strict):
    """Exactly one of these. ``never``: infinite (patience of callers who do not give up)."""

    constant: Annotated[float, Field(ge=0, le=86_400, allow_inf_nan=False)] | None = None
    exponential: Exponential | None = None
    lognormal: Spread | None = None
    gamma: Spread | None = None
    hyperexponential: Wide | None = None
    hazard: Hazard | None = None
    empirical: Values | None = None
    never: bool | None = None

    @model_validator(mode="after")
    def _one(self) -> Distribution:
        given = [name for name in type(self).model_fields if getattr(self, name) is not None]
        if len(given) != 1:
            context = {"found": " and ".join(given) or "none", "expected": f"exactly one of {', '.join(_INVERSES)}"}
            raise PydanticCustomError("expected", "{expected}", context)
        return self

    def draw(self, rng: np.random.Generator, count: int) -> Times:
        """Draw ``count`` times (s), shape (count,)."""
        return self.inverse(rng.random(count))

    def inverse(self, uniform: Times) -> Times:
        """Give the quantile (s) at ``uniform``; shape as given."""
        name = next(name for name in type(self).model_fields if getattr(self, name) is not None)
        return _INVERSES[name](getattr(self, name), uniform)

    @property
    def mean_s(self) -> float:
        """Give the mean (s), infinite for ``never``; without a closed form, from ten thousand quantiles."""
        if self.never:
            return float("inf")
        if self.constant is not None:
            return self.constant
        known = self.exponential or self.lognormal or self.gamma or self.hyperexponential
        return known.mean if known else float(np.mean(self.inverse((np.arange(10_000) + 0.5) / 10_000)))


def constant(seconds: float) -> Distribution:
    """Make the distribution of a time (s) that is always the same."""
    return Distribution(constant=seconds)


def _constant(value: float, uniform: Times) -> Times:
    return np.full(uniform.shape, value)


def _exponential(of: Exponential, uniform: Times) -> Times:
    return np.asarray(-of.mean * np.log1p(-uniform), dtype=np.float64)


def _lognormal(of: Spread, uniform: Times) -> Times:
    sigma2 = log(1 + of.cv**2)
    return np.asarray(np.exp(log(of.mean) - sigma2 / 2 + sqrt(sigma2) * special.ndtri(uniform)), dtype=np.float64)


def _gamma(of: Spread, uniform: Times) -> Times:
    shape = of.cv**-2
    return np.asarray(special.gammaincinv(shape, uniform) * of.mean / shape, dtype=np.float64)


def _hyperexponential(of: Wide, uniform: Times) -> Times:
    """Invert: one uniform number chooses the phase and, rescaled, the time within it."""
    first = (1 + sqrt((of.cv**2 - 1) / (of.cv**2 + 1))) / 2
    in_first = uniform < first
    share = np.where(in_first, first, 1 - first)
    within = np.where(in_first, uniform, uniform - first) / share
    return np.asarray(-np.log1p(-within) * of.mean / (2 * share), dtype=np.float64)


def _hazard(of: Hazard, uniform: Times) -> Times:
    """Invert the cumulative hazard, which is exponential with mean 1 (time change) and linear in each step."""
    starts, rates = np.array(of.from_s), np.array(of.per_minute) / 60
    reached = np.concatenate(([0.0], np.cumsum(np.diff(starts) * rates[:-1])))
    wanted = -np.log1p(-uniform)
    step = np.searchsorted(reached, wanted, side="right") - 1
    return np.asarray(starts[step] + (wanted - reached[step]) / rates[step], dtype=np.float64)


def _empirical(of: Values, uniform: Times) -> Times:
    if of.values is None:
        raise ContractError(f"{of.file} has not been read")
    return np.asarray(np.quantile(np.array(of.values), uniform), dtype=np.float64)


def _never(_: bool, uniform: Times) -> Times:
    return np.full(uniform.shape, np.inf)


_INVERSES: dict[str, Callable[[Any, Times], Times]] = {
    "constant": _constant,
    "exponential": _exponential,
    "lognormal": _lognormal,
    "gamma": _gamma,
    "hyperexponential": _hyperexponential,
    "hazard": _hazard,
    "empirical": _empirical,
    "never": _never,
}
