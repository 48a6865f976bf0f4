"""Results as tables for the terminal and as plain values for JSON."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from math import isnan
from typing import Any

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from . import answer
from .measures import BY_QUEUE, MEASURES, Estimate, estimate, known_of
from .runs import Result

SHARES = frozenset({
    "service_level", "in_time_of_all", "answered", "answered_of_received", "abandoned", "occupancy",
})  # fmt: skip
SHOWN = (
    "received", "offered", "service_level", "answered", "answered_of_received", "abandoned", "mean_wait_s", "asa_s",
    "p50_s", "p95_s", "p99_s", "occupancy", "redials", "tickets", "callbacks", "missed_rings",
)  # fmt: skip
COLUMNS = ("service_level", "answered", "abandoned", "mean_wait_s", "p95_s", "p99_s", "occupancy")
"""Of a sweep: a row for each combination."""


def plain(result: Result) -> dict[str, Any]:
    """JSON-ready: every figure with its half width; nan is None."""
    target = result.plan.scenario.target
    return {
        "scenario": result.plan.name,
        "seed": result.order.seed,
        "runs": len(result.runs),
        "verdict": answer.verdict(result).value,
        "target": {"share": target.share, "within_s": target.within_s},
        "line": {name: _plain(result[name]) for name in MEASURES},
        "queues": {queue: _queue(result, number) for number, queue in enumerate(result.runs[0].queues)},
        "known": {name: _known(result, name) for name in result.plan.scenario.known},
    }


def _plain(of: Estimate) -> dict[str, float | None]:
    return {name: None if isnan(value) else value for name, value in (("mean", of.mean), ("half_width", of.half_width))}


def _queue(result: Result, number: int) -> dict[str, Any]:
    return {name: _plain(_of_queue(result, name, number)) for name in BY_QUEUE}


def _of_queue(result: Result, name: str, number: int) -> Estimate:
    return estimate([BY_QUEUE[name](figures, number) for figures in result.runs])


def _known(result: Result, name: str) -> dict[str, Any]:
    known, found = result.plan.scenario.known[name], result.of(known_of(name))
    inside = abs(found.mean - known.value) <= (0 if isnan(found.half_width) else found.half_width) + known.half_width
    return {**_plain(found), "known": known.value, "known_half_width": known.half_width, "inside": inside}


def rendered(
    results: Sequence[Result], changes: Sequence[Mapping[str, float]], language: str
) -> Iterator[RenderableType]:
    """What a terminal shows."""
    words = WORDS[language]
    if len(results) > 1:
        yield _sweep(results, changes, words)
        return
    (result,) = results
    about = result.plan.scenario.about
    yield Text(about.get(language) or next(iter(about.values())), style="bold")
    yield Text(answer.sentence(result, language), style=_COLOUR[answer.verdict(result)])
    yield _line(result, words)
    if len(result.runs[0].queues) > 1:
        yield _queues(result, words)
    if result.plan.scenario.known:
        yield _compared(result, words)


def _line(result: Result, words: Mapping[str, str]) -> Table:
    table = Table("", words["value"], "±")
    for name in SHOWN:
        found = result[name]
        table.add_row(words[name], shown(name, found.mean), shown(name, found.half_width))
    _right(table)
    return table


def _queues(result: Result, words: Mapping[str, str]) -> Table:
    table = Table(words["queue"], *(words[name] for name in BY_QUEUE))
    for number, queue in enumerate(result.runs[0].queues):
        cells = [shown(name, _of_queue(result, name, number).mean) for name in BY_QUEUE]
        table.add_row(queue, *cells)
    _right(table)
    return table


def _compared(result: Result, words: Mapping[str, str]) -> Table:
    table = Table(words["known"], words["value"], "±", words["known"], "", words["source"])
    for name, known in result.plan.scenario.known.items():
        found = _known(result, name)
        mean, half = result.of(known_of(name)).mean, result.of(known_of(name)).half_width
        verdict = words["inside"] if found["inside"] else f"{words['off']} {mean / known.value - 1:+.2%}"
        table.add_row(name, f"{mean:.6g}", f"{half:.2g}", f"{known.value:.6g}", verdict, known.source)
    return table


def _sweep(results: Sequence[Result], changes: Sequence[Mapping[str, float]], words: Mapping[str, str]) -> Table:
    keys = list(changes[0])
    table = Table(*keys, *(words[name] for name in COLUMNS), words["verdict"])
    for result, change in zip(results, changes, strict=True):
        cells = (f"{shown(name, result[name].mean)} ±{shown(name, result[name].half_width)}" for name in COLUMNS)
        table.add_row(*(f"{change[key]:g}" for key in keys), *cells, words[answer.verdict(result)])
    _right(table)
    return table


def _right(table: Table) -> None:
    for column in table.columns[1:]:
        column.justify = "right"


def shown(name: str, value: float) -> str:
    """A figure as people read it."""
    if isnan(value):
        return "-"
    if name in SHARES:
        return f"{value:.2%}"
    return f"{value:,.1f}" if name.endswith("_s") else f"{value:,.0f}"


_COLOUR = {answer.Verdict.ENOUGH: "green", answer.Verdict.NOT_ENOUGH: "red", answer.Verdict.UNSURE: "yellow"}

WORDS = {
    "en": {
        "value": "value", "queue": "queue", "known": "known", "source": "source", "inside": "inside", "off": "off by",
        "verdict": "enough?", "enough": "yes", "not_enough": "no", "unsure": "close",
        "received": "calls received", "offered": "offered to queues", "service_level": "service level",
        "answered": "answered of offered", "answered_of_received": "answered of received", "abandoned": "abandoned",
        "mean_wait_s": "mean wait, s", "asa_s": "wait of the answered, s", "p50_s": "P50 wait, s",
        "p95_s": "P95 wait, s", "p99_s": "P99 wait, s", "occupancy": "occupancy", "redials": "redials",
        "tickets": "tickets", "callbacks": "callbacks", "missed_rings": "missed rings",
    },
    "el": {
        "value": "τιμή", "queue": "ουρά", "known": "γνωστό", "source": "πηγή", "inside": "εντός", "off": "απόκλιση",
        "verdict": "αρκούν;", "enough": "ναι", "not_enough": "όχι", "unsure": "οριακά",
        "received": "κλήσεις που έφτασαν", "offered": "στις ουρές", "service_level": "επίπεδο εξυπηρέτησης",
        "answered": "απαντήθηκαν (των ουρών)", "answered_of_received": "απαντήθηκαν (όλων)",
        "abandoned": "εγκαταλείφθηκαν", "mean_wait_s": "μέση αναμονή, δ", "asa_s": "αναμονή όσων απαντήθηκαν, δ",
        "p50_s": "P50 αναμονής, δ", "p95_s": "P95 αναμονής, δ", "p99_s": "P99 αναμονής, δ",
        "occupancy": "απασχόληση", "redials": "επανακλήσεις", "tickets": "αιτήματα", "callbacks": "κλήσεις από εμάς",
        "missed_rings": "αναπάντητα κουδουνίσματα",
    },
}  # fmt: skip
