"""Results as tables for the terminal and as plain values for JSON."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from math import isnan
from typing import Any

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from simulator.run.measures import BY_QUEUE, MEASURES, ConfidenceInterval
from simulator.run.runs import Result

from . import answer
from .answer import Searched
from .parts import COMPARED, Part, languages, parts, queues

SHARES = frozenset({
    "service_level", "in_time_of_all", "answered", "answered_of_received", "abandoned", "occupancy",
})  # fmt: skip
SHOWN = (
    "received", "offered", "service_level", "answered", "answered_of_received", "abandoned", "mean_wait_s", "asa_s",
    "p50_s", "p95_s", "p99_s", "occupancy", "redials", "tickets", "missed_rings",
)  # fmt: skip
GAINS = ("service_level", "answered", "mean_wait_s")
"""What changes between two cases, with its interval."""
COLUMNS = ("service_level", "answered", "abandoned", "mean_wait_s", "p95_s", "p99_s", "occupancy")
"""Columns of a sweep's table, which has a row for each combination."""


def plain(result: Result, needed: Searched | None = None, limit: Searched | None = None) -> dict[str, Any]:
    """Give the result JSON-ready: each figure with its half width; nan, not searched or not found is None."""
    target = result.plan.scenario.target
    return {
        "scenario": result.plan.name,
        "behind": answer.behind([result], "en"),
        "seed": result.order.seed,
        "runs": len(result.runs),
        "verdict": answer.verdict(result).value,
        "target": {"share": target.share, "within_s": target.within_s},
        "line": {name: _plain(result[name]) for name in MEASURES},
        "queues": {part.name: _part(result, part) for part in queues(result)},
        "languages": {part.name: _part(result, part) for part in languages(result)},
        "known": {name: known(result, name) for name in result.plan.scenario.known},
        "needed_seats": int(needed.found) if needed and needed.found is not None else None,
        "load_limit": limit.found if limit else None,
        "searched": {name: _searched(of) for name, of in (("seats", needed), ("load", limit)) if of},
    }


def _searched(of: Searched) -> dict[str, Any]:
    tried = [
        {"value": value, "verdict": answer.verdict(result).value, "service_level": _plain(result["service_level"])}
        for value, result in of.tried.items()
    ]
    return {"found": of.found, "why": of.why.value if of.why else None, "tried": tried}


def _plain(of: ConfidenceInterval) -> dict[str, float | None]:
    return {name: None if isnan(value) else value for name, value in (("mean", of.mean), ("half_width", of.half_width))}


def _part(result: Result, part: Part) -> dict[str, Any]:
    return {name: _plain(part.estimate(result, name)) for name in BY_QUEUE}


def plain_change(before: Result, after: Result) -> dict[str, Any]:
    """Give the changes from one case to another JSON-ready, run by run with the same callers."""
    found: dict[str, Any] = {"line": {}, "queues": {}, "languages": {}}
    for part in parts(after):
        changes = {name: _plain(part.change(before, after, name)) for name in COMPARED}
        if part.kind == "line":
            found["line"] = changes
        else:
            found[f"{part.kind}s"][part.name] = changes
    return found


def known(result: Result, name: str) -> dict[str, Any]:
    """Compare a known figure with the simulated one; ``inside`` if they differ by no more than both half widths."""
    of, found = result.plan.scenario.known[name], result.known(name)
    inside = abs(found.mean - of.value) <= (0 if isnan(found.half_width) else found.half_width) + of.half_width
    return {**_plain(found), "known": of.value, "known_half_width": of.half_width, "inside": inside}


def rendered(
    results: Sequence[Result],
    changes: Sequence[Mapping[str, float]],
    language: str,
    needed: Searched | None = None,
    limit: Searched | None = None,
) -> Iterator[RenderableType]:
    """Render the result for a terminal."""
    words = WORDS[language]
    yield Text(about(results[0], language), style="bold")
    yield Text(answer.behind(results, language))
    yield from map(Text, answer.clock_changes(results[0].plan, language))
    if alike := [f"{key} = {value:g}" for key, value in answer.fixed(changes).items()]:
        yield Text(words["with"].format(changes=answer.local(", ".join(alike), language)))
    if len(results) > 1:
        yield Text(answer.sweep_sentence(results, changes, language))
        yield _sweep(results, changes, words)
        if len(results) == 2:
            yield _changes(results[0], results[1], words)
        return
    (result,) = results
    said = answer.sentence(result, language, needed, limit)
    yield Text(said.replace("\N{NO-BREAK SPACE}", " "), style=_COLOUR[answer.verdict(result)])
    yield _line(result, words)
    for kind, found in (("queue", queues(result)), ("language", languages(result))):
        if len(found) > 1:
            yield _parts(result, words[kind], found, words)
    if result.plan.scenario.known:
        yield _compared(result, words)


def about(result: Result, language: str) -> str:
    """Give the scenario's own description, in that language or the first it has."""
    said = result.plan.scenario.about
    return said.get(language) or next(iter(said.values()), result.plan.name)


def _line(result: Result, words: Mapping[str, str]) -> Table:
    table = Table("", words["value"], "±")
    for name in SHOWN:
        found = result[name]
        table.add_row(words[name], *(shown(name, value, words["in"]) for value in (found.mean, found.half_width)))
    _right(table)
    return table


def _parts(result: Result, title: str, found: Sequence[Part], words: Mapping[str, str]) -> Table:
    table = Table(title, *(words[name] for name in BY_QUEUE))
    for part in found:
        cells = [shown(name, part.estimate(result, name).mean, words["in"]) for name in BY_QUEUE]
        table.add_row(part.name, *cells)
    _right(table)
    return table


def _changes(before: Result, after: Result, words: Mapping[str, str]) -> Table:
    """Make the table of what the second case changes in every part of the calls."""
    table = Table(*change_heads(words), title=words["changes"], title_justify="left")
    for part in parts(after):
        table.add_row(*change_row(part, before, after, words))
    _right(table)
    return table


def change_heads(words: Mapping[str, str]) -> list[str]:
    """Give the heads of the columns of what changes."""
    return ["", words["more_calls"], words["level_before"], words["level_after"], *(words[f"more_{n}"] for n in GAINS)]


def change_row(part: Part, before: Result, after: Result, words: Mapping[str, str]) -> list[str]:
    """Make the row of levels before and after, and the differences with intervals: percentage points, seconds."""
    name = {"line": words["line"], "language": f"{words['language']} {part.name}"}.get(part.kind, part.name)
    levels = (shown("service_level", part.estimate(of, "service_level").mean, words["in"]) for of in (before, after))
    more = answer.local(f"{part.change(before, after, 'offered').mean:+,.0f}", words["in"])
    return [name, more, *levels, *(gained(name, part.change(before, after, name), words["in"]) for name in GAINS)]


def gained(name: str, of: ConfidenceInterval, language: str) -> str:
    """Format a gain as ``+1.2 ±0.4``; shares in percentage points."""
    scale = 100 if name in SHARES else 1
    half = "" if isnan(of.half_width) else f" ±{of.half_width * scale:.1f}"
    return "-" if isnan(of.mean) else answer.local(f"{of.mean * scale:+.1f}{half}", language)


def _compared(result: Result, words: Mapping[str, str]) -> Table:
    table = Table(words["known"], words["value"], "±", words["known"], "", words["source"])
    for name, of in result.plan.scenario.known.items():
        found = known(result, name)
        mean, half = result.known(name).mean, result.known(name).half_width
        verdict = words["inside"] if found["inside"] else f"{words['off']} {apart(mean, of.value)}"
        table.add_row(name, f"{mean:.6g}", f"{half:.2g}", f"{of.value:.6g}", verdict, of.source)
    return table


def apart(mean: float, known: float) -> str:
    """Format how far a figure is from the known one: in per cent of it, if it is not 0."""
    return f"{mean / known - 1:+.2%}" if known else f"{mean - known:+.4g}"


def _sweep(results: Sequence[Result], changes: Sequence[Mapping[str, float]], words: Mapping[str, str]) -> Table:
    keys = answer.varied(changes)
    table = Table(*keys, *(words[name] for name in COLUMNS), words["verdict"])
    for result, change in zip(results, changes, strict=True):
        cells = (spread(name, result[name], words["in"]) for name in COLUMNS)
        table.add_row(*(f"{change[key]:g}" for key in keys), *cells, words[answer.verdict(result)])
    _right(table)
    for column in table.columns[: len(keys)]:
        column.no_wrap = True
    return table


def _right(table: Table) -> None:
    for number, column in enumerate(table.columns):
        column.justify, column.overflow = "right" if number else "left", "fold"


def shown(name: str, value: float, language: str = "en") -> str:
    """Format a figure for reading."""
    if isnan(value):
        return "-"
    if name in SHARES:
        return answer.local(f"{value:.2%}", language)
    return answer.local(f"{value:,.1f}" if name.endswith("_s") else f"{value:,.0f}", language)


def spread(name: str, of: ConfidenceInterval, language: str) -> str:
    """Format ``93.10% ±0.42%``; without the interval for a single replication."""
    half = "" if isnan(of.half_width) else f" ±{shown(name, of.half_width, language)}"
    return shown(name, of.mean, language) + half


_COLOUR = {answer.Verdict.ENOUGH: "green", answer.Verdict.NOT_ENOUGH: "red", answer.Verdict.UNSURE: "yellow"}

WORDS = {
    "en": {
        "in": "en", "with": "With {changes}.", "language": "language", "line": "the whole line",
        "changes": "From the first case to the second, run by run on the same callers",
        "more_calls": "calls", "level_before": "service level before", "level_after": "after",
        "more_service_level": "points", "more_answered": "answered, points", "more_mean_wait_s": "mean wait, s",
        "value": "value", "queue": "queue", "known": "known", "source": "source", "inside": "inside", "off": "off by",
        "verdict": "enough?", "enough": "yes", "not_enough": "no", "unsure": "close",
        "received": "calls received", "offered": "offered to queues", "service_level": "service level",
        "answered": "answered of offered", "answered_of_received": "answered of received", "abandoned": "abandoned",
        "mean_wait_s": "mean wait, s", "asa_s": "wait of the answered, s", "p50_s": "P50 wait, s",
        "p95_s": "P95 wait, s", "p99_s": "P99 wait, s", "occupancy": "occupancy", "redials": "redials",
        "tickets": "tickets", "missed_rings": "missed rings",
    },
    "el": {
        "in": "el", "with": "Με {changes}.", "language": "γλώσσα", "line": "όλη η γραμμή",
        "changes": "Από την πρώτη περίπτωση στη δεύτερη, επανάληψη προς επανάληψη με τους ίδιους πολίτες",
        "more_calls": "κλήσεις", "level_before": "επίπεδο εξυπηρέτησης πριν", "level_after": "μετά",
        "more_service_level": "μονάδες", "more_answered": "απαντήθηκαν, μονάδες",
        "more_mean_wait_s": "μέση αναμονή, δευτ.",
        "value": "τιμή", "queue": "ουρά", "known": "γνωστό", "source": "πηγή", "inside": "εντός", "off": "απόκλιση",
        "verdict": "αρκούν;", "enough": "ναι", "not_enough": "όχι", "unsure": "οριακά",
        "received": "κλήσεις που έφτασαν", "offered": "στις ουρές", "service_level": "επίπεδο εξυπηρέτησης",
        "answered": "απαντήθηκαν (των ουρών)", "answered_of_received": "απαντήθηκαν (όλων)",
        "abandoned": "εγκαταλείφθηκαν", "mean_wait_s": "μέση αναμονή, δευτ.",
        "asa_s": "αναμονή όσων απαντήθηκαν, δευτ.",
        "p50_s": "P50 αναμονής, δευτ.", "p95_s": "P95 αναμονής, δευτ.", "p99_s": "P99 αναμονής, δευτ.",
        "occupancy": "απασχόληση", "redials": "επανακλήσεις", "tickets": "αιτήματα",
        "missed_rings": "αναπάντητα κουδουνίσματα",
    },
}  # fmt: skip
