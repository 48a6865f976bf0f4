"""Staffing answers for the terminal: a few plain sentences, then tables. Decides what is shown, computes nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from math import isnan

import numpy as np
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from simulator.ask.answer import behind, clock_changes, local
from simulator.model.weekdays import DAYS
from simulator.run.measures import ConfidenceInterval
from simulator.scenario import Plan

from .people_week import Week, clock
from .plan import covered
from .requirements import HALF_HOUR_S
from .rules import DAY
from .seats import HalfHourVerdict, Seats, Simulated
from .skills import Cover
from .teaching import Lesson, Lessons
from .words import WORDS

AGAIN = " (2)"
"""Marks the second one of two half hours that look alike on the clock."""
WORST = 10
"""Number of half hours that are named."""
A_DAY = DAY
"""Most half hours with a row each; more are shown as days beside each other."""
_MARK = {HalfHourVerdict.HOLDS: "", HalfHourVerdict.OPEN: "?", HalfHourVerdict.FAILS: "!", HalfHourVerdict.FEW: "~"}


class Speaker:
    """Words and figures of one language for one plan's half hours."""

    def __init__(self, plan: Plan, language: str) -> None:
        self.plan, self.language, self.words = plan, language, WORDS[language]

    def say(self, name: str, **figures: object) -> Text:
        """Give the words of this name with the figures filled in."""
        return Text(self.words[name].format_map(figures))

    def number(self, value: float, digits: int = 0) -> str:
        """Write a number with so many decimals as the language does; nan is ``-``."""
        return "-" if isnan(value) else local(f"{value:,.{digits}f}", self.language)

    def share(self, value: float, digits: int = 1) -> str:
        """Write a share (0 to 1) as per cent with so many decimals; nan is ``-``."""
        return "-" if isnan(value) else local(f"{value:.{digits}%}", self.language)

    def estimate(self, of: ConfidenceInterval) -> str:
        """Write the estimate of a share as per cent, with its half width where it has one."""
        half = "" if isnan(of.half_width) else f" ±{self.share(of.half_width)}"
        return self.share(of.mean) + half

    def gain(self, of: ConfidenceInterval, scale: float, digits: int) -> str:
        """Write a change with its sign and half width, both times ``scale``."""
        return local(f"{of.mean * scale:+.{digits}f} ±{of.half_width * scale:.{digits}f}", self.language)

    def at(self, half_hour: int) -> datetime:
        """Give the local time at which this half hour of the counted time begins."""
        return self.plan.local(self.plan.warm_s + HALF_HOUR_S * half_hour)

    def when(self, half_hour: int) -> str:
        """Write day and time at which the half hour begins; marked if it is the second of that time."""
        at = self.at(half_hour)
        return f"{DAYS[self.language][at.weekday()]} {at:%H:%M}" + (AGAIN if at.fold else "")

    def level(self, simulated: Simulated, half_hour: int) -> list[str]:
        """Write a half hour's service level and its half width, in two cells."""
        level = simulated.level
        return [self.share(float(figure[half_hour])) for figure in (level.mean, level.half_width)]

    def table(self, *columns: str, title: str = "") -> Table:
        """Make a table with these columns, translated where there are words; all but the first to the right."""
        table = Table(*(self.words.get(name, name) for name in columns), title=title or None, title_justify="left")
        for column in table.columns[1:]:
            column.justify = "right"
        return table


def seats_shown(seats: Seats, language: str) -> Iterator[RenderableType]:
    """Show the seats, how sure they are, and which skills are short."""
    speaker = Speaker(seats.plan, language)
    if seats.simulated:
        yield Text(behind([seats.simulated.result], language))
    yield from _sentences(seats, speaker)
    yield from map(Text, clock_changes(seats.plan, language))
    yield _by_half_hour(seats, speaker) if len(seats.seats) <= A_DAY + 2 else _by_day(seats, speaker)
    if seats.simulated and len(seats.seats) > A_DAY:
        yield Text(speaker.words["marks"])
    yield _skills(seats.covers, speaker)


def _sentences(seats: Seats, speaker: Speaker) -> Iterator[Text]:
    target, erlang = seats.wanted.target, seats.requirement.seats
    yield speaker.say("target", target=target.words(speaker.language), formula=target.formula(speaker.language))
    figures = {
        "most": int(seats.seats.max()),
        "when": speaker.when(int(seats.seats.argmax())),
        "hours": speaker.number(seats.hours),
        "erlang_most": int(erlang.max()),
        "erlang_hours": speaker.number(seats.requirement.seat_hours),
    }
    if seats.simulated is None:
        yield speaker.say("erlang", **figures)
    else:
        runs = len(seats.simulated.result.runs)
        yield speaker.say("corrected", rounds=seats.rounds, runs=runs // 2, **figures)
        yield speaker.say("checked", **_verdicts(seats.simulated, speaker))
    if seats.wanted.most is not None and (erlang > seats.wanted.most).any():
        yield speaker.say("limited", most=seats.wanted.most)


def _verdicts(simulated: Simulated, speaker: Speaker) -> dict[str, object]:
    return {
        "runs": len(simulated.result.runs),
        "confidence": speaker.share(simulated.wanted, 0),
        "count": len(simulated.confidence),
        "level": speaker.estimate(simulated.result["service_level"]),
        **{verdict.value: simulated.count(verdict) for verdict in HalfHourVerdict},
    }


def _by_half_hour(seats: Seats, speaker: Speaker) -> Table:
    calls = seats.offered.calls.sum(axis=(1, 2))
    simulated = seats.simulated
    more = ("level", "±", "confidence", "verdict") if simulated else ()
    table = speaker.table("hour", "calls", "erlang_seats", "seats", *more, title=speaker.words["seats_table"])
    verdicts = simulated.verdicts if simulated else []
    for h, count in enumerate(seats.seats.tolist()):
        cells = [speaker.when(h), speaker.number(calls[h], 1), str(seats.requirement.seats[h]), str(count)]
        if simulated:
            few = verdicts[h] is HalfHourVerdict.FEW
            sure = "-" if few else speaker.share(float(simulated.confidence[h]))
            cells += [*speaker.level(simulated, h), sure, speaker.words[verdicts[h]]]
        table.add_row(*cells)
    return table


def _by_day(seats: Seats, speaker: Speaker) -> Table:
    """Make a row for each half hour of the day, a column for each day; separate rows for an hour that comes twice."""
    starts, wall = seats.plan.scenario.starts, seats.plan.on_the_wall().tolist()
    dates = [starts + timedelta(days=n) for n in range(max(wall) // DAY + 1)]
    days = [f"{DAYS[speaker.language][day.weekday()]} {day:%d/%m}" for day in dates]
    table = speaker.table("hour", *days, title=speaker.words["seats_table"])
    marks = [_MARK[verdict] for verdict in seats.simulated.verdicts] if seats.simulated else [""] * len(seats.seats)
    cells: dict[tuple[int, bool], dict[int, str]] = {}
    for h, (at, count, mark) in enumerate(zip(wall, seats.seats.tolist(), marks, strict=True)):
        row = cells.setdefault((at % DAY, bool(speaker.at(h).fold)), {})
        row[at // DAY] = f"{count}{mark or ' '}"
    for (half_hour, again), row in sorted(cells.items()):
        table.add_row(clock(half_hour) + (AGAIN if again else ""), *(row.get(day, "- ") for day in range(len(days))))
    return table


def _skills(covers: Sequence[Cover], speaker: Speaker) -> RenderableType:
    short = [cover for cover in covers if cover.missing.max() >= 0.5]  # half a seat is a break
    if not short:
        return Text(speaker.words["skills_fine"])
    table = speaker.table("group", "when", "needed", "there", "short", "short_h", title=speaker.words["skills_table"])
    for cover in sorted(short, key=lambda cover: -cover.missing.sum()):
        worst, missing = cover.worst, cover.missing
        table.add_row(
            cover.group.name,
            speaker.when(worst),
            str(cover.needed[worst]),
            speaker.number(cover.there[worst], 1),
            str(int((missing >= 0.5).sum())),
            speaker.number(missing.sum() / 2),
        )
    return table


def week_shown(week: Week, language: str) -> Iterator[RenderableType]:
    """Show what the plan can and cannot do, its simulated figures, and where people are missing."""
    speaker = Speaker(week.seats.plan, language)
    starts = week.seats.plan.scenario.starts
    yield speaker.say("week", first=f"{starts:%d/%m/%Y}", last=f"{starts + timedelta(days=6):%d/%m/%Y}")
    yield Text(week.shifts.words(language))
    yield from _limits(week, speaker)
    if week.broken:
        yield Text("\n".join([speaker.words["broken"], *map(str, week.broken)]), style="red")
    else:
        yield speaker.say("kept", gap=speaker.share(week.shifts.gap))
    if week.simulated is not None:
        yield _simulated(week, week.simulated, speaker)
    yield _worst(week, speaker)
    yield _skills(week.covers, speaker)


def _limits(week: Week, speaker: Speaker) -> Iterator[Text]:
    """Show how seats and clock changes limit the plan."""
    shifts = week.shifts
    if shifts.unused:
        count = len(shifts.people) + shifts.unused
        yield speaker.say("unused", unused=shifts.unused, people=count, seats=shifts.limit)
    elif shifts.limit is not None:
        yield speaker.say("within_seats", most=int(covered(shifts.people, pauses=False).max()), seats=shifts.limit)
    longer = [shift for person in shifts.people for shift in person.shifts if shifts.really_h(shift) > shift.worked_h]
    shorter = [shift for person in shifts.people for shift in person.shifts if shifts.really_h(shift) < shift.worked_h]
    for name, found in (("longer_nights", longer), ("shorter_nights", shorter)):
        if found:
            yield speaker.say(name, count=len(found), hours=speaker.number(shifts.really_h(found[0]), 0))


def _simulated(week: Week, simulated: Simulated, speaker: Speaker) -> Text:
    result = simulated.result
    figures = _verdicts(simulated, speaker) | {
        "share": speaker.share(week.seats.wanted.target.share, 0),
        "wait": speaker.number(result["mean_wait_s"].mean, 1),
        "answered": speaker.share(result["answered"].mean),
    }
    return speaker.say("week_checked", **figures)


def _worst(week: Week, speaker: Speaker) -> Table:
    """Show the worst half hours by calls answered too late; without a simulation, by seats."""
    late, simulated, seats, missing = week.too_late, week.simulated, week.planned, week.missing
    by = missing if simulated is None else late
    title = speaker.words["missing_table" if simulated is None else "worst_table"]
    more = () if simulated is None else ("level", "±", "late")
    table = speaker.table("hour", "seats", "planned", "missing", *more, title=title)
    for h in np.argsort(-by, kind="stable")[:WORST].tolist():
        if by[h] <= 0:
            break
        cells = [speaker.when(h), str(week.seats.seats[h])]
        cells += [speaker.number(float(figure[h]), 1) for figure in (seats, missing)]
        if simulated is not None:
            cells += [*speaker.level(simulated, h), speaker.number(float(late[h]), 1)]
        table.add_row(*cells)
    return table


def lessons_shown(plan: Plan, found: Lessons, count: int, language: str) -> Iterator[RenderableType]:
    """Show each skill's gain, best first; then who should learn the best one."""
    speaker, before = Speaker(plan, language), found.before
    yield Text(behind([before], language))
    yield speaker.say(
        "lessons",
        count=count,
        runs=len(before.runs),
        level=speaker.estimate(before["service_level"]),
        within=speaker.number(plan.scenario.target.within_s),
        wait=speaker.number(before["mean_wait_s"].mean, 1),
    )
    if not found.skills:
        yield speaker.say("lessons_none")
        return
    best = found.skills[0]
    if best.sure:
        level, wait = speaker.gain(best.service_level, 100, 2), speaker.gain(best.mean_wait_s, 1, 2)
        yield speaker.say("lessons_best", skill=best.skill, level=level, wait=wait)
    else:
        yield speaker.say("lessons_unsure")
    yield _lessons(found.skills, speaker)
    if len(found.kinds) > 1:
        yield _lessons(found.kinds, speaker, speaker.words["kinds"].format(skill=best.skill))


def _lessons(found: Sequence[Lesson], speaker: Speaker, title: str = "") -> Table:
    first = "knows" if title else "skill"
    table = speaker.table(first, "pupils", "level_gain", "wait_gain", "answered_gain", "sure", title=title)
    table.columns[0].no_wrap = not title
    for lesson in found:
        table.add_row(
            _kind(lesson) if title else lesson.skill,
            str(lesson.trainees),
            speaker.gain(lesson.service_level, 100, 2),
            speaker.gain(lesson.mean_wait_s, 1, 2),
            speaker.gain(lesson.answered, 100, 2),
            speaker.words["yes" if lesson.sure else "no"],
        )
    return table


def _kind(lesson: Lesson) -> str:
    """Format ``el 10, dypa 8``: skills without the word before the point."""
    return ", ".join(f"{skill.rpartition('.')[2]} {level}" for skill, level in lesson.kind or ())
