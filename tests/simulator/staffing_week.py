"""A made-up week in the size of the real one: some 63,000 calls, 0.42 a second in the busiest hour."""

from __future__ import annotations

from math import exp, pi, sin

import numpy as np

from simulator.staffing import Offered

TOPICS = {"pensions": 0.696, "employment": 0.15, "benefits": 0.112, "labour": 0.042}
LANGUAGES = {"el": 0.95, "en": 0.05}
DAYS = (1.0, 0.97, 0.96, 0.95, 0.92, 0.24, 0.16)
"""Monday is the busiest; Saturday and Sunday are a fraction of it."""


def shape(half_hour: int) -> float:
    """Calls of a working day by half hour: a hump from 7 to 17, an evening, little at night."""
    hour = half_hour / 2 + 0.25
    office = sin(pi * (hour - 7) / 10) ** 0.7 if 7 < hour < 17 else 0.0
    return office + 0.22 * exp(-(((hour - 18) / 2.6) ** 2)) + 0.012


def week(calls: float = 63_000.0, handle_s: float = 285.0, patience_s: float = 600.0) -> Offered:
    rhythm = np.array([day * shape(half_hour) for day in DAYS for half_hour in range(48)])
    mix = np.multiply.outer(np.array(list(TOPICS.values())), np.array(list(LANGUAGES.values())))
    offered = calls * np.multiply.outer(rhythm / rhythm.sum(), mix)
    return Offered.of(TOPICS, LANGUAGES, offered, handle_s, patience_s)
