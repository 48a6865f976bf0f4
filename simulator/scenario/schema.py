"""What a scenario file may say: shapes and ranges. Whether it makes sense with its line is ``check.py``.

Demand is calls that arrive; people are agents who log in. What routes the calls is the site's own settings, read from
the same YAML as the live line, or a plain line without menus, given here (``line:``) for systems of theory.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from simulator.model.distributions import Distribution
from sites.schema import Id, Language, Level, Number, QueuePart, Requires, SkillId, Strict, matching

Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
Weight = Annotated[float, Field(ge=0, le=1e9, allow_inf_nan=False)]
Factor = Annotated[float, Field(ge=0, le=100, allow_inf_nan=False)]
Clock = Annotated[str, matching(r"([01][0-9]|2[0-3]):[0-5][0-9]", 'a time of day in quotes: "07:30"')]


def seconds_of(clock: Clock) -> float:
    """Convert a time into seconds: ``"07:30"`` -> 27000."""
    hours, minutes = clock.split(":")
    return int(hours) * 3600.0 + int(minutes) * 60.0


DayName = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
WEEK: tuple[DayName, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
HALF_HOURS = 48
DAY_S = 86_400.0
HALF_HOUR_S = 1800.0
Text = Annotated[str, Field(min_length=1, max_length=2000)]


def _a_date(value: object) -> object:
    try:
        return date.fromisoformat(value) if isinstance(value, str) else value
    except ValueError:
        raise PydanticCustomError("expected", "a date such as 2026-11-23", {"expected": "a date: 2026-11-23"}) from None


Date = Annotated[date, BeforeValidator(_a_date)]


def refuse(found: str, expected: str) -> PydanticCustomError:
    """Make a validation error in the words of the checker."""
    return PydanticCustomError("expected", "{expected}", {"found": found, "expected": expected})


# --- who calls --------------------------------------------------------------------------------------------------------


class TopicDemand(Strict):
    """One topic's calls: a ``share`` of all, or rates of its own (``per_hour``: steps over the hours of the run).

    ``numbers``, ``languages`` and ``roles`` are weights, in place of those of the whole demand.
    """

    share: Share | None = None
    per_hour: dict[Clock, Weight] | None = None
    factor: Factor = 1.0
    numbers: dict[Number, Weight] | None = None
    languages: dict[Language, Weight] | None = None
    roles: dict[Id, Weight] | None = None

    @model_validator(mode="after")
    def _one(self) -> TopicDemand:
        if (self.share is None) == (self.per_hour is None):
            raise refuse("both or none", "one of share, per_hour")
        if self.per_hour is not None and "00:00" not in self.per_hour:
            raise refuse("no step from 00:00", 'steps from "00:00" on')
        return self


class SpecialDay(Strict):
    """A day unlike others. ``factor``: of all its calls; ``topics``: of these on top; ``like``: the curve it follows.

    ``hours``: the factors hold between two times of day only.
    """

    date: Date
    name: Text
    factor: Factor = 1.0
    topics: dict[Id, Factor] = {}
    like: DayName | None = None
    hours: Annotated[list[Clock], Field(min_length=2, max_length=2)] | None = None
    patience: Factor = 1.0


class Busyness(Strict):
    """How days and half hours differ beyond chance: gamma factors of mean 1 with these coefficients of variation."""

    day_cv: Annotated[float, Field(ge=0, le=3, allow_inf_nan=False)] = 0.0
    half_hour_cv: Annotated[float, Field(ge=0, le=3, allow_inf_nan=False)] = 0.0


Curve = Annotated[list[Weight], Field(min_length=HALF_HOURS, max_length=HALF_HOURS)]


class Demand(Strict):
    """``per_day``: calls of an average calendar day. ``weekdays``, ``curve``: weights; what is not told is equal.

    ``weekend``: the curve of Saturday and Sunday; ``curves``: those of single days, before any other.
    """

    per_day: Annotated[float, Field(gt=0, le=10_000_000, allow_inf_nan=False)] | None = None
    growth: Factor = 1.0
    weekdays: dict[DayName, Weight] = {}
    curve: Curve | None = None
    weekend: Curve | None = None
    curves: dict[DayName, Curve] = {}
    busyness: Busyness = Busyness()
    special_days: Annotated[list[SpecialDay], Field(max_length=400)] = []
    numbers: dict[Number, Weight] = {}
    languages: dict[Language, Weight] = {}
    roles: dict[Id, Weight] = {}
    topics: Annotated[dict[Id, TopicDemand], Field(min_length=1)]

    @model_validator(mode="after")
    def _whole(self) -> Demand:
        shared = [topic for topic in self.topics.values() if topic.share is not None]
        if bool(shared) != (self.per_day is not None):
            raise refuse("only one of per_day and topics' shares", "both, or neither")
        if shared and not 0.999 <= sum(topic.share or 0.0 for topic in shared) <= 1.001:
            total = sum(topic.share or 0.0 for topic in shared)
            raise refuse(f"topics' shares that add up to {total:g}", "shares that add up to 1")
        return self


class Timed(Strict):
    """A time by chance, and how it differs: by ``topics`` in place of ``all``; by time of day, factors in steps."""

    all: Distribution
    topics: dict[Id, Distribution] = {}
    by_time: dict[Clock, Factor] = {}
    topics_by_time: dict[Id, dict[Clock, Factor]] = {}


class Redial(Strict):
    """Redials: a ``share`` of the callers who gave up call again after a while, a limited number of times."""

    share: Share
    after_s: Distribution
    most: Annotated[int, Field(ge=1, le=20)] = 3


class Callers(Strict):
    """What callers do. ``served_in_menus``: hear what they need there and hang up; ``lost_in_menus``: just hang up."""

    served_in_menus: Share = 0.0
    lost_in_menus: Share = 0.0
    key_s: Distribution = Distribution(constant=4.0)
    prompt_s: Annotated[float, Field(ge=0, le=120, allow_inf_nan=False)] = 5.0
    patience_s: Timed = Timed(all=Distribution(never=True))
    talk_s: Timed
    wrap_up_s: Timed = Timed(all=Distribution(constant=0.0))
    hangs_up_first: Share = 0.5
    redial: Redial | None = None
    sent_on: Share = 0.0
    tickets: Share = 0.0

    @model_validator(mode="after")
    def _menus(self) -> Callers:
        if (share := self.served_in_menus + self.lost_in_menus) > 1:
            raise refuse(f"{share:g} of the callers", "at most 1 of them in the menus")
        return self


# --- who answers ------------------------------------------------------------------------------------------------------


class Break(Strict):
    after_min: Annotated[float, Field(gt=0, lt=1440)]
    min: Annotated[float, Field(gt=0, le=240)]


Breaks = Annotated[list[Break], Field(max_length=12)]
Stagger = Annotated[float, Field(ge=0, le=480)]


class Shift(Strict):
    """``count`` people on these days, each with a shift of their own; ``to`` at or before ``from`` is the next day.

    ``breaks``, ``stagger_min``: where told, in place of those of all. ``who``: what these people must be able to do.
    """

    count: Annotated[int, Field(ge=1, le=100_000)] = 1
    days: Annotated[list[DayName], Field(min_length=1)] = list(WEEK)
    begins: Clock = Field(alias="from")
    ends: Clock = Field(alias="to")
    breaks: Breaks | None = None
    stagger_min: Stagger | None = None
    who: Requires | None = None

    @property
    def length_s(self) -> float:
        """Give its length (s), breaks included."""
        return (seconds_of(self.ends) - seconds_of(self.begins)) % DAY_S or DAY_S


AtWork = Annotated[int, Field(ge=0, le=100_000)]


class People(Strict):
    """The agents. ``seats``: at most at once. When they are taken is given in one way; in none: all the time.

    ``shifts``: groups of equal people. ``weeks``: for each person, all shifts of their week. ``by_half_hour``:
    how many are at work, from 00:00 of the first day on and then over again (48: every day, 336: every week), with no
    breaks, nobody late or absent; by the clock on the wall, or, with a number for each half hour of the scenario, in
    their order (a week in which the clocks change has 334 or 338).

    ``breaks``: of every shift without its own; ``stagger_min``: the people of a shift go one after the other; the time
    from the first to the last.
    ``pick_up_s``: from ring to answer; ``misses``: share of rings that nobody answers, and after ``back_after_s`` the
    agent is ready again. ``shrinkage``: share of shifts that a person misses. ``late_s``: late log-in.
    ``speed_cv``: how much agents' handle times differ (lognormal of mean 1, by agent).
    """

    seats: Annotated[int, Field(ge=1, le=100_000)]
    shifts: Annotated[list[Shift], Field(max_length=1000)] | None = None
    weeks: Annotated[list[Annotated[list[Shift], Field(max_length=100)]], Field(max_length=100_000)] | None = None
    by_half_hour: Annotated[list[AtWork], Field(min_length=1, max_length=400 * HALF_HOURS)] | None = None
    breaks: Breaks = []
    stagger_min: Stagger = 0.0
    pick_up_s: Distribution = Distribution(constant=0.0)
    misses: Share = 0.0
    back_after_s: Annotated[float, Field(gt=0, le=86_400)] = 60.0
    shrinkage: Annotated[float, Field(ge=0, lt=1)] = 0.0
    late_s: Distribution = Distribution(constant=0.0)
    speed_cv: Annotated[float, Field(ge=0, le=2)] = 0.0

    @model_validator(mode="after")
    def _one(self) -> People:
        ways = [name for name in ("shifts", "weeks", "by_half_hour") if getattr(self, name) is not None]
        if len(ways) > 1:
            raise refuse(" and ".join(ways), "at most one of shifts, weeks, by_half_hour")
        if any(shift.count != 1 for week in self.weeks or () for shift in week):
            raise refuse("a count in weeks", "one person's own shifts")
        if (most := max(self.by_half_hour or (0,))) > self.seats:
            raise refuse(f"{most} at work in a half hour", f"at most the {self.seats} seats")
        return self


# --- a plain line -----------------------------------------------------------------------------------------------------


Present = dict[Clock, Annotated[int, Field(ge=0, le=100_000)]]


class Group(Strict):
    """A number of equal agents. ``by_time``: how many are there from each time on, instead of ``count``.

    ``by_day``: the same for single days of the week, instead of ``by_time``; agents there at midnight stay.
    """

    count: Annotated[int, Field(ge=1, le=100_000)] | None = None
    by_time: Present | None = None
    by_day: dict[DayName, Present] = {}
    skills: dict[SkillId, Level] = {}

    @model_validator(mode="after")
    def _one(self) -> Group:
        if (self.count is None) == (self.by_time is None):
            raise refuse("both or none", "one of count, by_time")
        if self.by_day and self.by_time is None:
            raise refuse("by_day without by_time", "by_time, for all other days")
        return self

    @property
    def most(self) -> int:
        """Give the greatest number that is there at once."""
        steps = (self.by_time or {}, *self.by_day.values())
        return self.count or max((wanted for day in steps for wanted in day.values()), default=0)


class PlainLine(Strict):
    """A line without menus: a topic's calls stand at once in the queue of the same name."""

    queues: Annotated[dict[Id, QueuePart], Field(min_length=1)]
    agents: Annotated[list[Group], Field(min_length=1)]


# --- the whole --------------------------------------------------------------------------------------------------------


class Target(Strict):
    """Enough: ``share`` of the calls answered within ``within_s`` seconds (service level of docs/measures.md)."""

    share: Annotated[float, Field(gt=0, lt=1)] = 0.80
    within_s: Annotated[float, Field(ge=0, le=3600)] = 20.0


class KnownFigure(Strict):
    """A figure that is known, exactly or with a published half width, to be printed beside the simulated one.

    ``pooled``: a ratio of sums over all replications, as published tables have it, not the mean of their ratios.
    """

    value: Annotated[float, Field(allow_inf_nan=False)]
    half_width: Annotated[float, Field(ge=0, allow_inf_nan=False)] = 0.0
    pooled: bool = False
    source: Text


class ScenarioFile(Strict):
    """One scenario. ``starts``: its first day (local time 00:00); it lasts ``days`` or ``hours``."""

    about: dict[Language, Text]
    site: Annotated[str, Field(min_length=1, max_length=200)] | None = None
    line: PlainLine | None = None
    starts: Date = date(2026, 11, 23)
    days: Annotated[int, Field(ge=1, le=400)] | None = None
    hours: Annotated[float, Field(gt=0, le=9600)] | None = None
    warm_up_min: Annotated[float, Field(ge=0, le=100_000)] = 60.0
    demand: Demand
    callers: Callers
    people: People | None = None
    target: Target = Target()
    known: dict[str, KnownFigure] = {}
    assumptions: list[Text] = []

    @model_validator(mode="after")
    def _whole(self) -> ScenarioFile:
        for names in (("site", "line"), ("days", "hours")):
            if sum(getattr(self, name) is not None for name in names) != 1:
                raise refuse("both or none", f"one of {', '.join(names)}")
        if (self.site is None) != (self.people is None):
            raise refuse("site without people" if self.site else "people without site", "people with a site")
        return self

    @property
    def length_s(self) -> float:
        """Give the counted seconds with 24 hours a day; ``Plan.length_s`` is exact."""
        return self.days * DAY_S if self.days is not None else (self.hours or 0.0) * 3600.0

    @property
    def topics(self) -> tuple[str, ...]:
        return tuple(self.demand.topics)


def json_schema() -> dict[str, Any]:
    """Give the JSON Schema for editors, which complete and check a scenario by it."""
    return ScenarioFile.model_json_schema(by_alias=True)
