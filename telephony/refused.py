"""Calls and sign-ins that were not let in: beyond the limits of the door, or guessed passwords. Counted, told bounded.

A flood makes hundreds a second: the engine is told once a second how many, the log once a minute who (masked).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from calls import events as e
from calls import mask

LOG_S = 60.0
"""Seconds between two lines of the log about those who were refused."""
MOST_NAMES = 2000
"""Callers or addresses that are told apart within a minute; those beyond are one."""
LOGGED = 3
"""Number of them that are named: those with the most."""


@dataclass(slots=True)
class RefusedCounts:
    """Counts of the last second and of the last minute."""

    signins: int = 0
    """Sign-ins refused since the start."""
    _second: Counter[str] = field(default_factory=Counter)
    _minute: dict[str, Counter[str]] = field(default_factory=dict)
    _told_at: float | None = None

    def count(self, why: str, who: str) -> None:
        """One more. ``who``: a number or an address; it is masked when it is told."""
        if why in ("caller", "rate"):
            self._second[why] += 1
        elif why != "full":
            self.signins += 1
        names = self._minute.setdefault(why, Counter())
        names[who if who in names or len(names) < MOST_NAMES else "others"] += 1

    def turned_away(self) -> list[e.CallsTurnedAway]:
        """Give what the engine has not been told yet, once."""
        counts, self._second = self._second, Counter()
        return [e.CallsTurnedAway(why, calls) for why, calls in sorted(counts.items())]

    def words(self, now: float) -> Iterator[str]:
        """Give the lines for the log that are due: none, or one for each reason since the last time, a minute ago."""
        if not self._minute or (self._told_at is not None and now - self._told_at < LOG_S):
            return
        counts, self._minute, self._told_at = self._minute, {}, now
        for why, names in sorted(counts.items()):
            most = ", ".join(f"{_SHOWN.get(why, _shown)(who)} ({n})" for who, n in names.most_common(LOGGED))
            yield f"{_WORDS.get(why, why)}: {names.total()} from {len(names)}, most from {most}"


def _shown(number: str) -> str:
    return mask(number) or "a withheld number"


_WORDS = {
    "full": "calls refused, the line is full",
    "caller": "calls refused, one number's limit",
    "rate": "calls refused, too many a second",
    "password": "sign-ins refused, wrong password",
    "account": "sign-ins refused, unknown account",
}
_SHOWN = {"password": str, "account": str}
"""An address must be readable: somebody has to shut it out."""
