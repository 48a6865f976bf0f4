"""What a case is, and who calls in it: settings only, and draws from named streams so that every rule meets the same.

A stream belongs to (seed, day, purpose, class): another rule, or more callers of another class, changes nothing here.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from hashlib import blake2b
from math import inf
from random import Random

from .floor import Callers, Staff

HOUR_S = 3600.0

Steps = tuple[tuple[float, float], ...]
"""(from second, factor), ascending, the first from 0: a curve in steps."""

FLAT: Steps = ((0.0, 1.0),)
PRIMARY, SECONDARY = 2, 1


@dataclass(frozen=True, slots=True)
class CallClass:
    """Callers who want the same. Each of the three means may change by the hour of arrival (factors in steps).

    ``weight`` is Asterisk's queue weight, which only the models of app_queue read.
    """

    name: str
    per_hour: float
    handle_s: float = 240.0
    patience_s: float = 824.0
    weight: int = 0
    busy: Steps = FLAT
    handle: Steps = FLAT
    patience: Steps = FLAT


@dataclass(frozen=True, slots=True)
class Seat:
    """An agent: (class, level) pairs, higher is better. ``speed`` 1.3 means 1.3 calls where others handle one."""

    skills: tuple[tuple[int, int], ...]
    speed: float = 1.0
    shifts: tuple[tuple[float, float], ...] = ((0.0, inf),)


@dataclass(frozen=True, slots=True)
class Case:
    """A floor and its callers. Callers of the first ``warm_s`` and those after ``warm_s + day_s`` are not counted.

    ``gamma``: shape of the day's busyness factor (mean 1), 0 = every day alike.
    """

    name: str
    about: str
    classes: tuple[CallClass, ...]
    seats: tuple[Seat, ...]
    day_s: float = 12 * HOUR_S
    warm_s: float = HOUR_S
    gamma: float = 0.0

    @property
    def ends_at(self) -> float:
        return self.warm_s + self.day_s

    def staff(self) -> Staff:
        return Staff([self._handle_s(seat) for seat in self.seats], [seat.shifts for seat in self.seats])

    def _handle_s(self, seat: Seat) -> list[float]:
        known = {kind for kind, _ in seat.skills}
        return [kind.handle_s / seat.speed if n in known else 0.0 for n, kind in enumerate(self.classes)]

    def levels(self, kind: int) -> dict[int, int]:
        """Agents who can serve the class, with their level in it."""
        found = ((n, level) for n, seat in enumerate(self.seats) for k, level in seat.skills if k == kind)
        return dict(found)

    def pooled(self) -> Case:
        """The same people, but everybody can do everything."""
        every = tuple((kind, PRIMARY) for kind in range(len(self.classes)))
        return replace(self, seats=tuple(replace(seat, skills=every) for seat in self.seats))

    def lasting(self, hours: float) -> Case:
        return replace(self, day_s=hours * HOUR_S)

    def erlang(self) -> float:
        """Offered load without the steps."""
        return sum(kind.per_hour * kind.handle_s for kind in self.classes) / HOUR_S


def stream(*names: object) -> Random:
    """The random stream of that name."""
    return Random("/".join(str(name) for name in names))


def draw(case: Case, seed: int, day: int) -> Callers:
    """Everybody who calls on that day, the same for every rule."""
    factor = stream(seed, day, "busyness").gammavariate(case.gamma, 1 / case.gamma) if case.gamma else 1.0
    drawn = sorted(c for n in range(len(case.classes)) for c in _of_class(case, n, factor, seed, day))
    at, kind, patience_s, work = zip(*drawn, strict=True) if drawn else ((), (), (), ())
    return Callers(at, kind, patience_s, work)


def _of_class(case: Case, n: int, factor: float, seed: int, day: int) -> Iterator[tuple[float, int, float, float]]:
    """(at, class, patience, work) of each caller of one class."""
    kind = case.classes[n]
    patience, work = (stream(seed, day, purpose, kind.name) for purpose in ("patience", "work"))
    for at in _arrivals(kind, factor, case.ends_at, stream(seed, day, "arrivals", kind.name)):
        willing = patience.expovariate(1.0) * kind.patience_s * _value(kind.patience, at)
        yield at, n, willing, work.expovariate(1.0) * _value(kind.handle, at)


def _arrivals(kind: CallClass, factor: float, ends_at: float, dice: Random) -> Iterator[float]:
    """Poisson, the rate in steps: an interval without memory is simply begun again at each step."""
    for n, (begins, height) in enumerate(kind.busy):
        until = min(kind.busy[n + 1][0] if n + 1 < len(kind.busy) else inf, ends_at)
        rate = kind.per_hour * height * factor / HOUR_S
        at = begins + dice.expovariate(rate) if rate else inf
        while at < until:
            yield at
            at += dice.expovariate(rate)


def _value(steps: Steps, at: float) -> float:
    return next(height for begins, height in reversed(steps) if begins <= at)


def checksum(callers: Callers) -> str:
    """Equal for equal callers."""
    columns: Sequence[Sequence[float]] = (callers.at, callers.kind, callers.patience_s, callers.work)
    return blake2b(repr([list(column) for column in columns]).encode(), digest_size=8).hexdigest()
