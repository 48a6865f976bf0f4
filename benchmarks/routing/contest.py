"""The contestants, and one run of one of them: the registry of rules and the smallest piece of work."""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec
from typing import NamedTuple

from . import baselines, bounds, figures
from .case import Case, draw
from .cases import ALL
from .floor import Floor, Rule

Factory = Callable[[Case], Rule]


class Job(NamedTuple):
    """One rule on one day of one case. ``hours`` 0: the case's own length."""

    case: str
    rule: str
    seed: int
    day: int
    hours: float


def rules() -> dict[str, Factory]:
    """Every rule by name; bounds first."""
    found: dict[str, Factory] = {**bounds.BOUNDS, **baselines.RULES}
    for room in ("app_queue", "ours"):
        if find_spec(f"{__package__}.{room}") is not None:
            found |= __import__(f"{__package__}.{room}", fromlist=["RULES"]).RULES
    return found


def case_of(name: str, hours: float = 0.0) -> Case:
    """The case, with so many counted hours where told."""
    case = ALL[name]()
    return case.lasting(hours) if hours else case


def run(job: Job) -> figures.Day:
    """Draw the callers, run, count."""
    case = case_of(job.case, job.hours)
    callers = draw(case, job.seed, job.day)
    house = case.pooled() if job.rule in bounds.BOUNDS else case
    booked = Floor(house.staff(), callers, rules()[job.rule](house)).run()
    return figures.day(house, callers, booked)
