"""Randomness by name: each source draws from a stream of its own, so a change in one place moves nothing elsewhere."""

from __future__ import annotations

import random


def stream(seed: int, name: str) -> random.Random:
    """The stream of that name: the same seed and name give the same draws."""
    return random.Random(f"{seed}/{name}")  # noqa: S311  (calls, not secrets)
