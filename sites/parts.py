"""Converts what several YAML files have into the model: prompts, values, hours. They are validated already."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from calls import Attribute
from calls.commands import Prompt
from ivr import Assignments, Hours, Validity
from ivr.calendar import WEEK, Spans

from . import schema
from .schema_hours import HOLIDAYS, HoursPart, ValidityPart


def prompts(ids: Iterable[str]) -> tuple[Prompt, ...]:
    """Make prompts of these ids, all without a number."""
    return tuple(Prompt(prompt) for prompt in ids)


def assignments(sets: schema.Sets) -> Assignments:
    """Give what is set: attributes first, then variables."""
    given = ((attribute, getattr(sets, attribute.value)) for attribute in Attribute)
    found_out = tuple((attribute, value) for attribute, value in given if value is not None)
    return (*found_out, *sets.variables.items())


# --- times ------------------------------------------------------------------------------------------------------------


def validity(part: ValidityPart) -> Validity | None:
    """Make a validity; None if the part is always there."""
    made = Validity(_from(part.from_), _until(part.until), part.hours or "")
    return None if made.always else made


def _from(said: str | None) -> datetime | None:
    return datetime.fromisoformat(said) if said else None


def _until(said: str | None) -> datetime | None:
    """Give the instant of an ``until``: a day counts to its end."""
    if said is None or "T" in said:
        return _from(said)
    return datetime.fromisoformat(said) + timedelta(days=1)


def hours(part: HoursPart) -> Hours:
    """Make opening hours of ``line.yaml``."""
    dates = {date.fromisoformat(day): _spans(spans) for day, spans in part.dates.items()}
    closed = frozenset(date.fromisoformat(day) for day in part.closed if day != HOLIDAYS)
    return Hours(_week(part), HOLIDAYS in part.closed, closed, dates)


def _week(part: HoursPart) -> tuple[Spans, ...]:
    if part.week is None:
        return (((0, 24 * 60),),) * len(WEEK)
    spans: list[Spans] = [()] * len(WEEK)
    for days, said in part.week.items():
        first, *last = days.split("-")
        for day in range(WEEK.index(first), WEEK.index((last or [first])[0]) + 1):
            spans[day] = (*spans[day], *_spans(said))
    return tuple(spans)


def _spans(said: Iterable[str]) -> Spans:
    ends = (tuple(map(_minute, span.split("-"))) for span in said)
    return tuple((begins, until) for begins, until in ends)


def _minute(clock: str) -> int:
    hour, minute = clock.split(":")
    return int(hour) * 60 + int(minute)
