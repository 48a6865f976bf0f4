"""Random streams by name: each source has its own, so a change in one place changes no other draw."""

from __future__ import annotations

import random


def stream(seed: int, name: str) -> random.Random:
    """Give the stream of that name: the same seed and name give the same draws."""
    return random.Random(f"{seed}/{name}")  # noqa: S311  (calls, not secrets)
