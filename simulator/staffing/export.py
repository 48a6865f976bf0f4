"""Staffing answers for other programs: JSON-ready values, and CSV. What is not known is None, or an empty field."""

from __future__ import annotations

from collections.abc import Iterable
from math import isnan
from typing import Any

from simulator.days.table_files import as_csv
from simulator.model.weekdays import DAYS
from simulator.run.measures import MEASURES, ConfidenceInterval

from .people_week import Week, clock
from .plan import PlannedShift
from .requirements import HALF_HOUR_S
from .seats import HalfHourVerdict, Seats, Simulated
from .skills import Cover
from .teaching import Lesson, Lessons

SHOWN = ("offered", "service_level", "answered", "abandoned", "mean_wait_s", "p95_s", "occupancy")


def seats_plain(seats: Seats) -> dict[str, Any]:
    """Give the seats by half hour, JSON-ready, with what is known of each."""
    target = seats.wanted.target
    return {
        "scenario": seats.plan.name,
        "target": str(target),
        "formula": target.formula("en"),
        "confidence": seats.wanted.trust.confidence,
        "rounds": seats.rounds,
        "most_seats": int(seats.seats.max()),
        "seat_hours": seats.hours,
        "erlang_a": {"most_seats": int(seats.requirement.seats.max()), "seat_hours": seats.requirement.seat_hours},
        "checked": _simulated(seats.simulated),
        "half_hours": [dict(zip(_SEATS, row, strict=False)) for row in _seat_rows(seats)],
        "skills": [_cover(cover) for cover in seats.covers],
    }


def seats_csv(seats: Seats, *, excel: bool = False) -> str:
    """Write a row for each half hour; the last columns: agents that each topic and language needs by itself.

    ``excel``: for a Greek spreadsheet.
    """
    groups = [f"alone {group.name}" for group in seats.requirement.groups]
    alone = seats.requirement.alone.tolist()
    rows = ([*row, *needs] for row, needs in zip(_seat_rows(seats), alone, strict=True))
    return as_csv([*_SEATS, *groups], rows, excel=excel)


_SEATS = ("from", "calls", "erlang_a", "seats", "level", "half_width", "confidence", "verdict", "utc_offset")


def _seat_rows(seats: Seats) -> Iterable[list[Any]]:
    plan = seats.plan
    calls, simulated = seats.offered.calls.sum(axis=(1, 2)).tolist(), seats.simulated
    verdicts = simulated.verdicts if simulated else []
    for h, count in enumerate(seats.seats.tolist()):
        known: list[Any] = [None] * 4
        if simulated:
            sure = None if verdicts[h] is HalfHourVerdict.FEW else float(simulated.confidence[h])
            level = simulated.level
            known = [_figure(level.mean[h]), _figure(level.half_width[h]), sure, verdicts[h].value]
        at = plan.local(plan.warm_s + HALF_HOUR_S * h)
        said = at.replace(tzinfo=None).isoformat(timespec="minutes")
        offset = f"{at:%z}"[:3] + ":" + f"{at:%z}"[3:5]
        yield [said, round(calls[h], 3), int(seats.requirement.seats[h]), count, *known, offset]


def _simulated(simulated: Simulated | None) -> dict[str, Any] | None:
    if simulated is None:
        return None
    result = simulated.result
    return {
        "runs": len(result.runs),
        "half_hours": {verdict.value: simulated.count(verdict) for verdict in HalfHourVerdict},
        "line": {name: _estimate(result[name]) for name in SHOWN if name in MEASURES},
    }


def _cover(cover: Cover) -> dict[str, Any]:
    worst = cover.worst
    return {
        "group": cover.group.name,
        "half_hours_short": int((cover.missing >= 0.5).sum()),
        "hours_missing": float(cover.missing.sum()) / 2,
        "worst": {"half_hour": worst, "needed": int(cover.needed[worst]), "at_work": float(cover.there[worst])},
    }


def week_plain(week: Week) -> dict[str, Any]:
    """Give the shift plan JSON-ready: seats covered and missing by half hour, and the simulated figures."""
    shifts = week.shifts
    return {
        "from": week.seats.plan.scenario.starts.isoformat(),
        "people": len(shifts.people),
        "words": shifts.words("en"),
        "needed_people": shifts.needed,
        "gap": shifts.gap,
        "missing_hours": shifts.missing_h,
        "violations": [str(violation) for violation in week.broken],
        "simulated": _simulated(week.simulated),
        "seats": shifts.limit,
        "unused_people": shifts.unused,
        "half_hours": [
            {"required": required, "planned": planned, "missing": missing, "calls_too_late": late}
            for required, planned, missing, late in zip(
                week.seats.seats.tolist(),
                week.planned.tolist(),
                week.missing.tolist(),
                week.too_late.tolist(),
                strict=True,
            )
        ],
        "skills": [_cover(cover) for cover in week.covers],
    }


def week_csv(week: Week, *, excel: bool = False) -> str:
    """Write a row for each person and shift, by person, with their skills, breaks and hours."""
    skills = {str(agent.id): agent for agent in week.people}
    rows = (
        [
            person.name,
            skills[person.name].name,
            _day(shift),
            clock(shift.start),
            clock(shift.start + shift.half_hours),
            week.shifts.really_h(shift),
            week.shifts.rules.is_night(shift.start, shift.half_hours),
            _breaks(shift),
            " ".join(f"{skill}={level}" for skill, level in sorted(skills[person.name].skills.items())),
        ]
        for person in week.shifts.people
        for shift in person.shifts
    )
    return as_csv(["agent", "name", "day", "from", "to", "hours", "night", "breaks", "skills"], rows, excel=excel)


def _day(shift: PlannedShift) -> str:
    return DAYS["en"][shift.day]


def _breaks(shift: PlannedShift) -> str:
    return " ".join(
        f"{_minute(30 * shift.start + pause.after_min)}-{_minute(30 * shift.start + pause.after_min + pause.minutes)}"
        for pause in shift.pauses
    )


def _minute(minute: int) -> str:
    return f"{minute // 60 % 24:02d}:{minute % 60:02d}"


def lessons_plain(found: Lessons) -> dict[str, Any]:
    """Give the gains by skill, best first, then of the best skill by who learns it."""
    return {
        "runs": len(found.before.runs),
        "before": {name: _estimate(found.before[name]) for name in SHOWN},
        "skills": [_lesson(lesson) for lesson in found.skills],
        "kinds": [_lesson(lesson) | {"knows": dict(lesson.kind or ())} for lesson in found.kinds],
    }


def _lesson(lesson: Lesson) -> dict[str, Any]:
    return {
        "skill": lesson.skill,
        "pupils": lesson.trainees,
        "service_level": _estimate(lesson.service_level),
        "mean_wait_s": _estimate(lesson.mean_wait_s),
        "answered": _estimate(lesson.answered),
        "sure": lesson.sure,
    }


def _estimate(of: ConfidenceInterval) -> dict[str, float | None]:
    return {"mean": _figure(of.mean), "half_width": _figure(of.half_width)}


def _figure(value: float) -> float | None:
    return None if isnan(value) else float(value)
