"""A shift plan: who works when, with breaks to the quarter of an hour, and what it covers. Solves nothing.

The week repeats, so everything here goes round: what ends after Sunday 24:00 is counted on Monday.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from .requirements import Floats, Ints
from .rules import DAY, WEEK, LabourRules

QUARTERS = 2 * WEEK
"""Quarters of an hour in a week: the grain of breaks."""

_DAYS = {
    "en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
    "el": ("Δευτέρα", "Τρίτη", "Τετάρτη", "Πέμπτη", "Παρασκευή", "Σάββατο", "Κυριακή"),
}

_WORDS = {
    "en": (
        "{people} people at {hours} h a week fill {around} seats on average around the clock, {net} after breaks. ",
        "They cover every half hour.",
        "{missing} of {required} seat hours a week are missing ({share} %), most on {when}: {worst} of {asked} seats.",
        " At least {needed} people would be needed.",
    ),
    "el": (
        "{people} άτομα με {hours} ώρες την εβδομάδα γεμίζουν κατά μέσο όρο {around} θέσεις όλο το εικοσιτετράωρο, "
        "{net} αν αφαιρεθούν τα διαλείμματα. ",
        "Καλύπτουν κάθε ημίωρο.",
        "Λείπουν {missing} από τις {required} ώρες θέσεων της εβδομάδας ({share} %), οι περισσότερες {when}: "
        "{worst} από {asked} θέσεις.",
        " Θα χρειάζονταν τουλάχιστον {needed} άτομα.",
    ),
}


@dataclass(frozen=True, slots=True)
class PlannedBreak:
    """A break: ``minutes`` long, ``after_min`` minutes into the shift."""

    after_min: int
    minutes: int
    paid: bool = True


@dataclass(frozen=True, slots=True)
class PlannedShift:
    """``start``: half hour of the week, 0 is Monday 00:00. A shift belongs to the day on which it starts."""

    start: int
    half_hours: int
    pauses: tuple[PlannedBreak, ...] = ()

    @property
    def day(self) -> int:
        """Give the day on which it starts; 0 is Monday."""
        return self.start // DAY

    @property
    def worked_h(self) -> float:
        """Working time: without the breaks that are not paid."""
        return self.half_hours / 2 - sum(pause.minutes for pause in self.pauses if not pause.paid) / 60


@dataclass(frozen=True, slots=True)
class PlannedPerson:
    """One person's week, in the order of time."""

    name: str
    shifts: tuple[PlannedShift, ...]

    @property
    def worked_h(self) -> float:
        return sum(shift.worked_h for shift in self.shifts)

    def nights(self, rules: LabourRules) -> int:
        """Count the shifts that the rules call night shifts."""
        return sum(rules.is_night(shift.start, shift.half_hours) for shift in self.shifts)


def covered(people: Iterable[PlannedPerson], pauses: bool = True) -> Floats:
    """Seats filled per half hour, shape (336,); 15 minutes of break take half of one. No ``pauses``: presence."""
    quarters = np.zeros(QUARTERS)
    for person in people:
        for shift in person.shifts:
            first = 2 * shift.start
            quarters[np.arange(first, first + 2 * shift.half_hours) % QUARTERS] += 1
            for pause in shift.pauses if pauses else ():
                away = first + pause.after_min // 15
                quarters[np.arange(away, away + pause.minutes // 15) % QUARTERS] -= 1
    seats: Floats = quarters.reshape(WEEK, 2).mean(axis=1)
    return seats


@dataclass(frozen=True, slots=True, eq=False)
class ShiftPlan:
    """A week's plan for all people, and how good it is. Arrays have shape (336,)."""

    people: tuple[PlannedPerson, ...]
    required: Ints
    rules: LabourRules
    shrinkage: float
    """Share of planned time in which somebody who is planned is away (ill, in training): seats count so much less."""
    gap: float
    """Relative distance between the programme's cost and the bound the solver proved; 0: nothing better exists."""
    needed: int | None
    """With fewer people no plan of these shifts covers everything (a bound: a few more may be needed); None: no number
    of people could."""
    limit: int | None = None
    """The seats there are: nobody is planned beyond them."""
    unused: int = 0
    """People for whom there was no seat at any time of a week that the rules allow."""
    lasts: Floats | None = None
    """How often each half hour comes in this week: 0 or 2 where the clocks change; None: once each."""

    @property
    def seats(self) -> Floats:
        """Expected filled seats, after breaks and shrinkage."""
        return covered(self.people) * (1 - self.shrinkage)

    @property
    def shortage(self) -> Floats:
        """Seats that are missing."""
        return np.maximum(self.required - self.seats, 0.0)

    @property
    def overstaffing(self) -> Floats:
        """Seats beyond the required."""
        return np.maximum(self.seats - self.required, 0.0)

    @property
    def missing_h(self) -> float:
        """Seat hours a week that are missing."""
        return float((self.shortage * self.times).sum()) / 2

    @property
    def times(self) -> Floats:
        """How often each half hour comes."""
        return np.ones(WEEK) if self.lasts is None else self.lasts

    def really_h(self, shift: PlannedShift) -> float:
        """Working hours of a shift as they pass: a night in which the clocks change has an hour more, or less."""
        passed = self.times[np.arange(shift.start, shift.start + shift.half_hours) % WEEK].sum()
        return shift.worked_h + (float(passed) - shift.half_hours) / 2

    @property
    def hours(self) -> dict[str, float]:
        """Working hours per person."""
        return {person.name: sum(map(self.really_h, person.shifts)) for person in self.people}

    @property
    def nights(self) -> dict[str, int]:
        """Night shifts per person."""
        return {person.name: person.nights(self.rules) for person in self.people}

    def words(self, language: str) -> str:
        """What the plan can and cannot do, plainly, in ``el`` or ``en``; ValueError for another language."""
        if language not in _WORDS:
            raise ValueError(f"language: found {language!r}, expected {' or '.join(sorted(_WORDS))}")
        fill, enough, short, more = _WORDS[language]
        worst = int(self.shortage.argmax())
        total = sum(self.hours.values())
        missing = self.missing_h >= 0.5
        text = fill + (short if missing else enough) + (more if missing and self.needed else "")
        required_h = float((self.required * self.times).sum()) / 2
        figures = {
            "people": len(self.people),
            "hours": _number(total / max(len(self.people), 1), language),
            "around": _number(covered(self.people, pauses=False).mean(), language, 1),
            "net": _number(self.seats.mean(), language, 1),
            "missing": _number(self.missing_h, language),
            "required": _number(required_h, language),
            "share": _number(100 * self.missing_h / max(required_h, 1), language, 1),
            "when": f"{_DAYS[language][worst // DAY]} {worst % DAY // 2:02d}:{worst % 2 * 30:02d}",
            "worst": _number(float(self.shortage[worst]), language),
            "asked": int(self.required[worst]),
            "needed": self.needed,
        }
        return text.format_map(figures)


def _number(value: float, language: str, digits: int = 0) -> str:
    text = f"{value:,.{digits}f}"
    return text.translate(str.maketrans(",.", ".,")) if language == "el" else text
