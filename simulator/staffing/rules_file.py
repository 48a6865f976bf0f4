"""Labour rules and shift settings as a YAML file, checked like a site's; what is left out has its default."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, TypeVar

from pydantic import Field

from calls import Problem, SettingsError
from sites import loader
from sites.schema import Strict

from .rules import LabourRules
from .shifts import BreakRule, ShiftSettings

Hours = Annotated[float, Field(ge=0, le=168, allow_inf_nan=False)]
Days = Annotated[int, Field(ge=0, le=7)]
Made = TypeVar("Made")


class Rules(Strict):
    """Keys and defaults of ``LabourRules``, where their sources stand."""

    hours_a_week: Hours | None = None
    days_a_week: Days | None = None
    hours_a_day: Hours | None = None
    daily_rest_h: Hours | None = None
    weekly_rest_h: Hours | None = None
    days_in_row: Days | None = None
    night_from_h: Hours | None = None
    night_to_h: Hours | None = None
    night_shift_h: Hours | None = None
    night_hours: Hours | None = None
    nights_in_row: Days | None = None
    break_after_h: Hours | None = None
    break_min: Annotated[int, Field(ge=0, le=240)] | None = None
    longest_stretch_h: Hours | None = None


class BreakPart(Strict):
    """A break of ``minutes`` somewhere between two hours of the shift."""

    minutes: Annotated[int, Field(gt=0, le=240)]
    from_h: Hours
    to_h: Hours
    paid: bool = True


class Shifts(Strict):
    """Keys and defaults of ``ShiftSettings``; ``earliest_h``, ``latest_h``: when a shift may start."""

    shift_h: Hours | None = None
    start_every_h: Hours | None = None
    earliest_h: Hours | None = None
    latest_h: Hours | None = None
    breaks: Annotated[list[BreakPart], Field(max_length=12)] | None = None
    days_off_together: bool | None = None
    least_present: Annotated[int, Field(ge=0, le=10_000)] | None = None
    shrinkage: Annotated[float, Field(ge=0, lt=1)] | None = None
    gap: Annotated[float, Field(ge=0, le=1)] | None = None
    time_limit_s: Annotated[float, Field(gt=0, le=86_400)] | None = None


class RulesFile(Strict):
    """Both parts may be left out."""

    rules: Rules = Rules()
    shifts: Shifts = Shifts()


def read_rules(path: Path | None, shrinkage: float = 0.0) -> tuple[LabourRules, ShiftSettings]:
    """Read a file's rules, else the defaults; ``shrinkage`` if it has none. Raises ``SettingsError``."""
    if path is None:
        return LabourRules(), ShiftSettings(shrinkage=shrinkage)
    loaded = loader.load(path, RulesFile)
    if loaded.problems or loaded.model is None:
        raise SettingsError(list(loaded.problems))
    file, problems = loaded.model, list[Problem]()
    rules = _made("rules", lambda: LabourRules(**_given(file.rules)), loaded, problems)
    settings = _made("shifts", lambda: _settings(file.shifts, shrinkage), loaded, problems)
    if rules is None or settings is None:
        raise SettingsError(problems)
    return rules, settings


def _settings(shifts: Shifts, shrinkage: float) -> ShiftSettings:
    given, usual = {"shrinkage": shrinkage} | _given(shifts), ShiftSettings()
    starts = given.pop("earliest_h", usual.starts_h[0]), given.pop("latest_h", usual.starts_h[1])
    if "breaks" in given:
        given["breaks"] = tuple(BreakRule(**part.model_dump()) for part in given["breaks"])
    return ShiftSettings(starts_h=starts, **given)


def _given(part: Strict) -> dict[str, Any]:
    return {name: value for name in type(part).model_fields if (value := getattr(part, name)) is not None}


def _made(
    section: str, make: Callable[[], Made], loaded: loader.Loaded[RulesFile], problems: list[Problem]
) -> Made | None:
    """Make the settings, or report figures that exclude each other at the place of the first key named."""
    try:
        return make()
    except ValueError as error:
        key, _, rest = str(error).partition(": found ")
        found, _, expected = rest.partition(", expected ")
        keys = (section, key)
        said = (found, expected) if expected else (str(error), "figures that can be")
        problems.append(loaded.problem(keys, *said))
        return None
