"""What can be learnt from waits of which some were cut short because the caller gave up.

The product-limit estimator (Kaplan and Meier 1958, JASA 53, 457-481): a caller who left counts among those who could
have been served later until they left, and not after. Unbiased while giving up does not depend on the wait to come.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

Step = tuple[float, float]


def survival(seen: Iterable[tuple[float, bool]]) -> list[Step]:
    """(value, share whose value is above it) at each value of a complete observation, ascending.

    ``seen``: (value, complete). At equal values complete ones come first. The share need not end at 0.
    """
    ordered = sorted(seen, key=lambda one: (one[0], not one[1]))
    left, share, steps = len(ordered), 1.0, []
    for value, complete in ordered:
        if complete:
            share *= 1 - 1 / left
            steps.append((value, share))
        left -= 1
    return steps


def quantile(steps: Sequence[Step], part: float) -> float | None:
    """The least value at or below which ``part`` of all lie; None where the observations do not reach so far."""
    return next((value for value, share in steps if share <= 1 - part + 1e-12), None)


def share_above(steps: Sequence[Step], bound: float) -> float:
    """The share with a value at or above ``bound``."""
    return next((share for value, share in reversed(steps) if value < bound), 1.0)
