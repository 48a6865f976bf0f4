"""Parts of the calls, and what changes in them between two plans: the whole line, one queue, one language's callers."""

from __future__ import annotations

from dataclasses import dataclass

from simulator.run.measures import BY_QUEUE, MEASURES, ConfidenceInterval, Measure
from simulator.run.runs import Result

COMPARED = ("offered", "service_level", "answered", "mean_wait_s", "p95_s")
"""Measures shown for every part."""


@dataclass(frozen=True, slots=True)
class Part:
    """``number``: its place among the queues, or the languages, of the line."""

    kind: str
    """``line``, ``queue`` or ``language``."""
    name: str = ""
    number: int = 0

    def measure(self, name: str) -> Measure:
        """Make a measure of ``BY_QUEUE`` for this part's calls. Raises ``KeyError``."""
        if self.kind == "line":
            return MEASURES[name]
        of = BY_QUEUE[name]
        if self.kind == "queue":
            return lambda figures: of(figures.of_queues, self.number)
        return lambda figures: of(figures.spoken, self.number) if figures.spoken else float("nan")

    def estimate(self, result: Result, name: str) -> ConfidenceInterval:
        """Estimate a measure of ``BY_QUEUE`` for this part's calls. Raises ``KeyError``."""
        return result.of(self.measure(name))

    def change(self, before: Result, after: Result, name: str) -> ConfidenceInterval:
        """Compute the increase from before to after, run by run with the same callers."""
        return after.against(before, self.measure(name))


def parts(result: Result) -> list[Part]:
    """List the line, its queues and its languages, as far as anybody called."""
    found = [Part("line"), *queues(result), *languages(result)]
    return [part for part in found if part.estimate(result, "offered").mean > 0]


def queues(result: Result) -> list[Part]:
    """List all queues of the line, in its order."""
    return [Part("queue", name, number) for number, name in enumerate(result.runs[0].queues)]


def languages(result: Result) -> list[Part]:
    """List all languages of the line, in its order; none if it has only one."""
    spoken = result.runs[0].spoken
    return [Part("language", name, number) for number, name in enumerate(spoken.queues if spoken else ())]
