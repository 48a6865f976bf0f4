"""Times in the YAML: opening hours by day, days that are closed, from when and until when something is there."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from ivr.calendar import WEEK

from .schema import Id, Strict, matching


def _wrong(expected: str) -> PydanticCustomError:
    return PydanticCustomError("expected", "{expected}", {"expected": expected})


HOLIDAYS = "holidays"


def _day(text: str) -> str:
    try:
        date.fromisoformat(text if text != HOLIDAYS else "2000-01-01")
    except ValueError:
        raise _wrong("a day that the calendar has, e.g. 2026-12-24") from None
    return text


def _moment(text: str) -> str:
    try:
        datetime.fromisoformat(text)
    except ValueError:
        raise _wrong("a time that the calendar has, e.g. 2026-12-01T07:00") from None
    return text


def _forwards(text: str) -> str:
    begins, ends = text.split("-")
    if begins >= ends:
        raise _wrong("an end after the beginning; over midnight: two spans, to 24:00 and from 00:00")
    return text


def _week(text: str) -> str:
    days = text.split("-")
    if WEEK.index(days[0]) > WEEK.index(days[-1]):
        raise _wrong("days in the order of the week, e.g. mon-fri")
    return text


_DAY = r"[12][0-9]{3}-[0-9]{2}-[0-9]{2}"
_NAME = f"({'|'.join(WEEK)})"
Day = Annotated[str, matching(_DAY, "a day, e.g. 2026-12-24"), AfterValidator(_day)]
ClosedDay = Annotated[
    str, matching(rf"{_DAY}|{HOLIDAYS}", f"{HOLIDAYS}, or a day, e.g. 2026-12-24"), AfterValidator(_day)
]
Moment = Annotated[
    str,
    matching(rf"{_DAY}(T[0-2][0-9]:[0-5][0-9])?", "a day, or a local time such as 2026-12-01T07:00"),
    AfterValidator(_moment),
]
Days = Annotated[str, matching(rf"{_NAME}(-{_NAME})?", "days of the week: mon, or mon-fri"), AfterValidator(_week)]
_CLOCK = r"([01][0-9]|2[0-3]):[0-5][0-9]"
Span = Annotated[
    str,
    matching(rf"{_CLOCK}-({_CLOCK}|24:00)", 'a span of a day in quotes: "08:00-16:00"'),
    AfterValidator(_forwards),
]
SpanList = Annotated[list[Span], Field(max_length=10)]


class ValidityPart(Strict):
    """When something is there: ``from`` a local time, ``until`` one (a day counts to its end), in named ``hours``."""

    from_: Annotated[Moment | None, Field(alias="from")] = None
    until: Moment | None = None
    hours: Id | None = None


class HoursPart(Strict):
    """Opening hours. Without ``week``: at any hour, but for what is closed."""

    week: dict[Days, SpanList] | None = None
    closed: Annotated[list[ClosedDay], Field(max_length=500)] = []
    dates: Annotated[dict[Day, SpanList], Field(max_length=500)] = {}
