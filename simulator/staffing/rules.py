"""Labour rules as settings. Knows the clock of a week in half hours, and nothing of plans or solvers.

A week has 336 half hours from Monday 00:00, local time, and is followed by itself: Sunday's night shift ends on Monday.
"""

from __future__ import annotations

from dataclasses import dataclass

DAYS = 7
DAY = 48
"""Half hours."""
WEEK = DAYS * DAY


@dataclass(frozen=True, slots=True)
class LabourRules:
    """Rules that a plan must keep for each person, in hours and days; a night is named by the day its shift starts.

    Sources of the defaults (Greece; the Code of Individual Labour Law, P.D. 80/2022, gathers most of them):

    - 40 hours in 5 days of 8: Law 4808/2021 art. 55 (N.G.C.L.A. of 14 February 1984).
    - daily rest of 11 hours in a row, between shifts too: P.D. 88/1999 art. 3 as amended by Law 4093/2012 par. IA.14;
      circular 26352/839 of 28 November 2012.
    - weekly rest of 24 hours in a row: P.D. 88/1999 art. 5; Legislative Decree 748/1966.
    - the night is 22:00-06:00, and a night worker works at least 3 of their hours in it: P.D. 88/1999 art. 2 (P.D.
      80/2022 art. 163), and at most 8 hours: P.D. 88/1999 art. 8. Such a shift is called a night shift here.
    - a break of 15 to 30 minutes if the day has more than 4 hours, neither at its beginning nor at its end: Law
      4808/2021 art. 56.
    - screen work: P.D. 398/1994, which the courts read as 15 minutes every two hours. Three breaks in 8 hours give that
      on average; ``longest_stretch_h`` is the longest time without one. Set it to 2 to be strict.
    - 6 days in a row follow from the weekly rest. Greek law has no limit on nights in a row: 3 is the advice of the
      Health and Safety Executive ("Good practice guidelines for shift design", HSG256: 2-3 nights, none permanently).

    These are settings, not legal advice. Overtime, holidays, leave, minors and pregnancy are not modelled.
    Raises ValueError if a figure is impossible.
    """

    hours_a_week: float = 40.0
    days_a_week: int = 5
    hours_a_day: float = 8.0
    daily_rest_h: float = 11.0
    weekly_rest_h: float = 24.0
    days_in_row: int = 6
    night_from_h: float = 22.0
    night_to_h: float = 6.0
    night_shift_h: float = 3.0
    """A shift with at least so many hours in the night is a night shift."""
    night_hours: float = 8.0
    """Longest night shift."""
    nights_in_row: int = 3
    break_after_h: float = 4.0
    break_min: int = 15
    longest_stretch_h: float = 2.5

    def __post_init__(self) -> None:
        if not 1 <= self.days_a_week < DAYS:
            raise ValueError(f"days_a_week: found {self.days_a_week}, expected 1 to 6")
        if not (0 <= self.night_from_h < 24 and 0 <= self.night_to_h < 24):
            raise ValueError(f"night: found {self.night_from_h}-{self.night_to_h}, expected hours of a day")
        for name in ("hours_a_week", "hours_a_day", "days_in_row", "longest_stretch_h"):
            if not getattr(self, name) > 0:
                raise ValueError(f"{name}: found {getattr(self, name)}, expected more than 0")
        for name in ("daily_rest_h", "weekly_rest_h", "nights_in_row", "night_shift_h", "break_after_h", "break_min"):
            if not getattr(self, name) >= 0:
                raise ValueError(f"{name}: found {getattr(self, name)}, expected 0 or more")

    def night_h(self, start: int, half_hours: int) -> float:
        """Hours between ``night_from_h`` and ``night_to_h`` of a shift that starts at half hour ``start``."""
        return sum(self._dark((start + k) % DAY / 2) for k in range(half_hours)) / 2

    def is_night(self, start: int, half_hours: int) -> bool:
        """Tell whether such a shift is a night shift."""
        return self.night_h(start, half_hours) >= self.night_shift_h

    def _dark(self, hour: float) -> bool:
        if self.night_from_h <= self.night_to_h:
            return self.night_from_h <= hour < self.night_to_h
        return hour >= self.night_from_h or hour < self.night_to_h
