"""Distributions have the means and spreads they say, draw the same again, and refuse what makes no sense."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from simulator.model.distributions import Distribution
from simulator.model.streams import Streams

SPREAD = 400_000


def drawn(said: dict[str, Any], count: int = SPREAD) -> np.ndarray[Any, Any]:
    return Distribution.model_validate(said).draw(Streams(1, 0).of("test"), count)


@pytest.mark.parametrize(
    ("said", "mean", "cv"),
    [
        ({"constant": 30}, 30.0, 0.0),
        ({"exponential": {"mean": 240}}, 240.0, 1.0),
        ({"lognormal": {"mean": 199, "cv": 1.21}}, 199.0, 1.21),
        ({"gamma": {"mean": 60, "cv": 0.5}}, 60.0, 0.5),
        ({"hyperexponential": {"mean": 100, "cv": 1.5}}, 100.0, 1.5),
        ({"empirical": {"values": [0, 10, 20]}}, 10.0, (20**2 / 12) ** 0.5 / 10),
        ({"hazard": {"from_s": [0], "per_minute": [0.5]}}, 120.0, 1.0),
    ],
)
def test_mean_and_spread(said: dict[str, Any], mean: float, cv: float) -> None:
    values = drawn(said)
    assert values.mean() == pytest.approx(mean, rel=0.015)
    assert values.std() / values.mean() == pytest.approx(cv, rel=0.03, abs=1e-9)
    assert Distribution.model_validate(said).mean_s == pytest.approx(mean, rel=0.01)


def test_a_hazard_in_steps() -> None:
    """Half of those who are left give up in each minute of the first two, then nobody for a long time."""
    values = drawn({"hazard": {"from_s": [0, 120], "per_minute": [np.log(2), 1e-9]}})
    assert (values > 60).mean() == pytest.approx(0.5, abs=0.005)
    assert (values > 120).mean() == pytest.approx(0.25, abs=0.005)
    assert (values > 1200).mean() == pytest.approx(0.25, abs=0.005)


def test_never() -> None:
    assert np.isinf(drawn({"never": True}, 5)).all()


def test_a_longer_mean_stretches_the_same_draws() -> None:
    short, long = (drawn({"lognormal": {"mean": mean, "cv": 1.0}}, 100) for mean in (100, 200))
    assert np.allclose(long, 2 * short)


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"constant": 1, "never": True},
        {"exponential": {"mean": 0}},
        {"exponential": {"mean": -3}},
        {"hyperexponential": {"mean": 1, "cv": 1}},
        {"hazard": {"from_s": [0, 0], "per_minute": [1, 1]}},
        {"hazard": {"from_s": [5], "per_minute": [1]}},
        {"empirical": {"values": []}},
        {"lognormal": {"mean": float("nan"), "cv": 1}},
    ],
)
def test_what_makes_no_sense(said: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Distribution.model_validate(said)


def test_streams_are_named() -> None:
    one, again, other = (Streams(1, 0).of(name).random(3).tolist() for name in ("a", "a", "b"))
    assert one == again != other
    assert Streams(1, 1).of("a").random() != one[0] != Streams(2, 0).of("a").random()


def test_streams_never_change() -> None:
    """These numbers are the same on every Python, or old results cannot be had again."""
    assert Streams(1555, 0).of("arrivals", "dypa").random(2).tolist() == GOLDEN


GOLDEN = [0.9763892263518331, 0.013360200490036722]
