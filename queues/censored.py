"""What can be learnt from waits of which some were cut short because the caller gave up.

The product-limit estimator (Kaplan and Meier 1958, JASA 53, 457-481): a caller who left counts among those who could
have been served later until they left, and not after. Unbiased while giving up does not depend on the wait to come.
"""

from __future__ import annotations

from typing import final


@final
class Survival:
    """The share whose value is above each value of a complete observation, ascending. It need not end at 0.

    ``complete``, ``cut``: the values of the complete observations, and of those that were cut short. At equal values
    complete ones come first. Both lists are put in order.
    """

    def __init__(self, complete: list[float], cut: list[float]) -> None:
        complete.sort()
        cut.sort()
        self.values = complete
        self.shares: list[float] = []
        left, share, gone = len(complete) + len(cut), 1.0, 0
        for value in complete:
            while gone < len(cut) and cut[gone] < value:
                gone += 1
                left -= 1
            share *= 1 - 1 / left
            left -= 1
            self.shares.append(share)

    def quantile(self, part: float) -> float | None:
        """The least value at or below which ``part`` of all lie; None where the observations do not reach so far."""
        for number, share in enumerate(self.shares):
            if share <= 1 - part + 1e-12:
                return self.values[number]
        return None

    def share_above(self, bound: float) -> float:
        """The share with a value at or above ``bound``."""
        for number in range(len(self.values) - 1, -1, -1):
            if self.values[number] < bound:
                return self.shares[number]
        return 1.0
