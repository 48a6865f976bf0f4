"""The planner's answer in plain words: enough or not, how certain, and what would be enough."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from math import ceil, isnan

from simulator.model.weekdays import DAYS
from simulator.run.runs import Result
from simulator.scenario import Plan

from .answer_words import BEHIND, CLOCKS, FINDINGS, LIMITS, SENTENCES, SWEEPS

LANGUAGES = ("en", "el")
HOURS = 24
WIDE = 0.01
"""Half width above which an interval of a service level counts as wide."""


class Verdict(StrEnum):
    """The verdict on one result against its scenario's target."""

    ENOUGH = "enough"
    NOT_ENOUGH = "not_enough"
    UNSURE = "unsure"


class SearchFailure(StrEnum):
    """Why a search found nothing."""

    FARTHEST_NOT_ENOUGH = "farthest_not_enough"
    FARTHEST_UNSURE = "farthest_unsure"
    FARTHEST_ENOUGH = "farthest_enough"
    ONE_RUN = "one_run"
    CANNOT_VARY = "cannot_vary"


@dataclass(frozen=True, slots=True)
class Searched:
    """Where the target begins, or stops, to hold: ``found`` seats, or times the load.

    ``tried``: what was simulated, by value. ``farthest``: the end of the search where nothing was found, and ``why``.
    """

    found: float | None
    tried: Mapping[float, Result]
    farthest: float = 0.0
    why: SearchFailure | None = None


def verdict(result: Result) -> Verdict:
    """Judge a result: sure if the interval of the service level is on one side of the target; one run never is."""
    level, target = result["service_level"], result.plan.scenario.target.share
    if isnan(level.half_width):
        return Verdict.UNSURE
    if level.low >= target:
        return Verdict.ENOUGH
    return Verdict.NOT_ENOUGH if level.high < target else Verdict.UNSURE


def sentence(result: Result, language: str, needed: Searched | None = None, limit: Searched | None = None) -> str:
    """The answer: ``Enough: with 140 seats 93.1 % of the calls are answered within 20 s (80 % wanted; ...).``"""
    level, target = result["service_level"], result.plan.scenario.target
    found = verdict(result)
    words = SENTENCES[language]
    if isnan(level.mean):
        how = "no_calls" if result["received"].mean == 0 else "no_level"
        within = f"{target.within_s:g}"
        return local(words[how].format(runs=len(result.runs), within=within, seats=seats(result)), language)
    sure = "sure" if not isnan(level.half_width) else "alone" if len(result.runs) == 1 else "one_with_calls"
    said = words[found].format(
        share=percent(level.mean),
        within=f"{target.within_s:g}",
        wanted=percent(target.share, 0),
        seats=seats(result),
        sure=words[sure].format(half=percent(level.half_width), runs=len(result.runs)),
    )
    parts = [said + _needed(needed, language) + "."]
    if limit is not None:
        parts.append(_limit(limit, found, language))
    return local(" ".join(parts), language)


def behind(results: Sequence[Result], language: str) -> str:
    """How many replications are behind each figure, and how wide that leaves the service level: said first of all."""
    words, counts = BEHIND[language], [len(result.runs) for result in results]
    halves = [half for result in results if not isnan(half := result["service_level"].half_width)]
    fewest, most = min(counts), max(counts)
    runs = f"{most:,}" if fewest == most else f"{fewest:,}-{most:,}"
    said = {"runs": runs, "seed": results[0].order.seed, "cases": len(results)}
    if most < 2:
        return words["one"].format(**said)
    text = words["many" if len(results) == 1 else "cases"].format(**said)
    if halves:
        text += words["width"].format(half=percent(max(halves)))
        if (needed := round_up(most * (max(halves) / WIDE) ** 2)) > most:
            text += words["needed"].format(wide=percent(WIDE), needed=f"{needed:,}")
    return local(text + ".", language).replace("\N{NO-BREAK SPACE}", " ")


def round_up(count: float) -> int:
    """Round up to two digits: more would claim more precision than there is."""
    step = int(10 ** max(0, len(str(ceil(count))) - 2))
    return ceil(count / step) * step


def clock_changes(plan: Plan, language: str) -> list[str]:
    """Make a sentence for each day of the plan on which the clocks change."""
    words = CLOCKS[language]
    return [
        words["back" if hours > HOURS else "forward"].format(day=DAYS[language][day.weekday()], date=day, hours=hours)
        for day, hours in plan.changes
    ]


def _needed(needed: Searched | None, language: str) -> str:
    if needed is None:
        return ""
    words = FINDINGS[language]
    return words["found" if needed.why is None else needed.why].format(seats=f"{needed.found or needed.farthest:g}")


def _limit(limit: Searched, found: Verdict, language: str) -> str:
    words = LIMITS[language]
    if limit.why is not None:
        return words[limit.why].format(load=f"{limit.farthest:.2f}")
    return words["holds" if found is Verdict.ENOUGH else "would"].format(load=f"{limit.found:.2f}")


def sweep_sentence(results: Sequence[Result], changes: Sequence[Mapping[str, float]], language: str) -> str:
    """Make the answer of a sweep: enough from so many seats, up to which load, or in how many combinations."""
    words, key = SWEEPS[language], only_key(changes)
    verdicts = [verdict(result) for result in results]
    enough, target = verdicts.count(Verdict.ENOUGH), results[0].plan.scenario.target
    said = {"wanted": percent(target.share, 0), "within": f"{target.within_s:g}", "enough": enough, "all": len(results)}
    values = [change[key] for change in changes] if key else []
    how = "some"
    if enough == 0:
        how = "none"
    elif key == "seats" and (at := _first_enough(verdicts)) is not None:
        how, said["value"] = "seats", f"{values[at]:g}"
    elif key == "load" and (at := _first_enough(verdicts[::-1])) is not None:
        how, said["value"], said["seats"] = "load", f"{values[len(values) - 1 - at]:g}", seats(results[0])
    return local(words[how].format(**said), language)


def _first_enough(verdicts: Sequence[Verdict]) -> int | None:
    """Find the index from which all are enough; None: the last is not."""
    for at in range(len(verdicts), 0, -1):
        if verdicts[at - 1] is not Verdict.ENOUGH:
            return at if at < len(verdicts) else None
    return 0


def varied(changes: Sequence[Mapping[str, float]]) -> list[str]:
    """List the keys that take more than one value."""
    return [key for key in changes[0] if len({change[key] for change in changes}) > 1]


def fixed(changes: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """Give the changes that are equal in all cases."""
    return {key: value for key, value in changes[0].items() if key not in varied(changes)}


def only_key(changes: Sequence[Mapping[str, float]]) -> str:
    """Give the key of a sweep over a single key, else an empty text."""
    keys = varied(changes)
    return keys[0] if len(keys) == 1 else ""


def seats(result: Result) -> int:
    """Give the seats of the plan; of a plain line its agents."""
    people = result.plan.scenario.people
    return people.seats if people else len(result.plan.settings.agents)


def load_limit(points: Sequence[tuple[float, float]], target: float) -> float | None:
    """Find where a service level that falls with the load crosses the target (linear interpolation); None: nowhere."""
    for (load, level), (higher, lower) in pairwise(points):
        if level >= target > lower:
            return load + (higher - load) * (level - target) / (level - lower)
    return None


def percent(share: float, digits: int = 1) -> str:
    """Format ``93.1 %`` with a no-break space."""
    return "-" if isnan(share) else f"{share * 100:,.{digits}f}\N{NO-BREAK SPACE}%"


def local(text: str, language: str) -> str:
    """Write English figures as the language does: Greek has 1.234,5 for 1,234.5."""
    if language != "el":
        return text
    return "".join(_swapped(text, at) for at in range(len(text)))


def _swapped(text: str, at: int) -> str:
    """Swap a point or comma between two digits."""
    between = text[at - 1 : at].isdigit() and text[at + 1 : at + 2].isdigit()
    return _OTHER.get(text[at], text[at]) if between else text[at]


_OTHER = {".": ",", ",": "."}
