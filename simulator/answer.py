"""The planner's answer in plain words: enough or not, and how sure that is."""

from __future__ import annotations

from enum import StrEnum
from itertools import pairwise
from math import isnan

from .runs import Result

LANGUAGES = ("en", "el")


class Verdict(StrEnum):
    """Of one result against its scenario's target."""

    ENOUGH = "enough"
    NOT_ENOUGH = "not_enough"
    UNSURE = "unsure"


def verdict(result: Result) -> Verdict:
    """Whether the whole interval of the service level lies on one side of the target. One run alone is never sure."""
    level, target = result["service_level"], result.plan.scenario.target.share
    if isnan(level.half_width):
        return Verdict.UNSURE
    if level.low >= target:
        return Verdict.ENOUGH
    return Verdict.NOT_ENOUGH if level.high < target else Verdict.UNSURE


def sentence(result: Result, language: str) -> str:
    """One sentence: ``Enough: 93.1 % of the calls are answered within 20 s (80 % wanted), with 140 seats.``"""
    level, target = result["service_level"], result.plan.scenario.target
    number = {"share": f"{level.mean:.1%}", "within": f"{target.within_s:g}", "wanted": f"{target.share:.0%}"}
    words = _SENTENCES[language]
    return words[verdict(result)].format(**number, seats=seats(result)) + words["sure"].format(
        half=f"{level.half_width:.1%}", runs=len(result.runs)
    )


def seats(result: Result) -> int:
    """The seats of the plan; of a plain line its agents."""
    people = result.plan.scenario.people
    return people.seats if people else len(result.plan.settings.agents)


def load_limit(points: list[tuple[float, float]], target: float) -> float | None:
    """Where a service level that falls with the load crosses the target: linear between neighbours; None: nowhere."""
    for (load, level), (higher, lower) in pairwise(points):
        if level >= target > lower:
            return load + (higher - load) * (level - target) / (level - lower)
    return None


_SENTENCES = {
    "en": {
        Verdict.ENOUGH: (
            "Enough: with {seats} seats {share} of the calls are answered within {within} s ({wanted} wanted)"
        ),
        Verdict.NOT_ENOUGH: (
            "Not enough: with {seats} seats only {share} of the calls are answered within {within} s ({wanted} wanted)"
        ),
        Verdict.UNSURE: (
            "Too close to call: with {seats} seats about {share} of the calls are answered within {within} s "
            "({wanted} wanted)"
        ),
        "sure": "; +- {half} at 95 % confidence, {runs} replications.",
    },
    "el": {
        Verdict.ENOUGH: (
            "Αρκούν: με {seats} θέσεις απαντάται μέσα σε {within} δευτ. το {share} των κλήσεων (στόχος {wanted})"
        ),
        Verdict.NOT_ENOUGH: (
            "Δεν αρκούν: με {seats} θέσεις απαντάται μέσα σε {within} δευτ. μόνο το {share} των κλήσεων "
            "(στόχος {wanted})"
        ),
        Verdict.UNSURE: (
            "Οριακά: με {seats} θέσεις απαντάται μέσα σε {within} δευτ. περίπου το {share} των κλήσεων "
            "(στόχος {wanted})"
        ),
        "sure": "· ±{half} με βεβαιότητα 95 %, {runs} επαναλήψεις.",
    },
}
