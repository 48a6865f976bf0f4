"""The page: the answer in one sentence, what it rests on, figures, plots and tables. Every text is escaped."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from html import escape
from math import isnan

from calls import QueueId
from simulator.ask import answer, tables
from simulator.ask import parts as of_calls
from simulator.ask.answer import Searched
from simulator.ask.parts import Part
from simulator.ask.vary import Vary
from simulator.model.weekdays import DAYS
from simulator.run.measures import BY_QUEUE, ConfidenceInterval
from simulator.run.runs import Result

from .drawing import Pen, Plot
from .plots import plots
from .profile import profile_of
from .style import CSS
from .sweeps import searched_plots, sweep_plots
from .words import key_name


def report(
    results: Sequence[Result],
    changes: Sequence[Mapping[str, float]],
    language: str,
    needed: Searched | None = None,
    limit: Searched | None = None,
) -> str:
    """Make one self-contained HTML file. Several results are a sweep; their plots are of the whole runs."""
    pen = Pen(language)
    title = pen.words["title"]
    parts = [*_head(results, changes, pen, needed, limit), *_target(results[0], pen)]
    if len(results) == 1:
        parts += [*_one(results[0], pen), *_searches(needed, limit, pen)]
    else:
        parts += [*map(_figure, sweep_plots(results, changes, pen)), *_cases(results, changes, pen)]
        parts += _changes(results[0], results[1], pen) if len(results) == 2 else []
    parts += [*_assumptions(results[0], pen), *_again(results[0], changes, pen)]
    body = "\n".join(parts)
    return (
        f'<!DOCTYPE html>\n<html lang="{language}">\n<head>\n<meta charset="utf-8">\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)} - {escape(results[0].plan.name)}</title>\n<style>{CSS}</style>\n</head>\n"
        f"<body>\n{body}\n</body>\n</html>\n"
    )


# --- what it says first -----------------------------------------------------------------------------------------------


def _head(
    results: Sequence[Result],
    changes: Sequence[Mapping[str, float]],
    pen: Pen,
    needed: Searched | None,
    limit: Searched | None,
) -> Iterator[str]:
    first, alone = results[0], len(results) == 1
    yield f"<h1>{escape(pen.words['title'])}</h1>"
    yield f'<p class="about">{escape(tables.about(first, pen.language))}</p>'
    yield _text(answer.behind(results, pen.language), "note")
    yield from (_text(said, "note") for said in answer.clock_changes(first.plan, pen.language))
    if alone:
        said = answer.sentence(first, pen.language, needed, limit)
    else:
        said = answer.sweep_sentence(results, changes, pen.language)
    kind = answer.verdict(first).value if alone else "sweep"
    yield f'<p class="answer {kind}" role="status">{escape(said)}</p>'
    if fixed := answer.fixed(changes):
        named = ", ".join(f"{key_name(key, pen.words)} = {pen.number(value)}" for key, value in fixed.items())
        yield _text(pen.words["with"].format(changes=named))


def _target(result: Result, pen: Pen) -> Iterator[str]:
    words, scenario = pen.words, result.plan.scenario
    yield _title(words["target"])
    share = answer.percent(scenario.target.share, 0)
    yield _text(words["target_text"].format(share=share, within=pen.number(scenario.target.within_s)))
    yield _text(words["formula"], "formula")
    if scenario.days == 1:
        length = words["one_day"]
    elif scenario.days:
        length = words["days"].format(n=scenario.days)
    else:
        length = words["hours"].format(n=pen.number(scenario.hours or 0.0))
    said = words["period"].format(
        length=length,
        day=DAYS[pen.language][scenario.starts.weekday()],
        date=scenario.starts.isoformat(),
        runs=len(result.runs),
        warm=pen.number(scenario.warm_up_min),
    )
    yield _text(f"{words['confidence']} {said}", "note")


# --- one case ---------------------------------------------------------------------------------------------------------


def _one(result: Result, pen: Pen) -> Iterator[str]:
    words = pen.words
    yield _title(words["figures"])
    yield _text(words["figures_note"], "note lead")
    yield _figures(result, pen)
    yield _title(words[f"plots_{profile_of(result).span.value}"])
    yield from map(_figure, plots(result, pen))
    for title, found in (("queues", of_calls.queues(result)), ("languages", of_calls.languages(result))):
        if found:
            yield _title(words[title])
            yield _parts(result, found, pen)
    if result.plan.scenario.known:
        yield _title(words["known"])
        yield _text(words["known_note"], "note lead")
        yield _known(result, pen)


def _figures(result: Result, pen: Pen) -> str:
    names = tables.WORDS[pen.language]
    rows = [
        [names[name], tables.shown(name, result[name].mean, pen.language), _interval(name, result[name], pen)]
        for name in tables.SHOWN
        if not isnan(result[name].mean)
    ]
    return _table([pen.words["figure"], pen.words["value"], pen.words["interval"]], rows)


def _interval(name: str, of: ConfidenceInterval, pen: Pen) -> str:
    if isnan(of.half_width):
        return "-"
    return " – ".join(tables.shown(name, value, pen.language) for value in (max(of.low, 0.0), of.high))


def _parts(result: Result, found: Sequence[Part], pen: Pen) -> str:
    names, labels = tables.WORDS[pen.language], result.plan.settings.queues
    rows = [
        [
            labels[QueueId(part.name)].label if part.kind == "queue" else part.name,
            *(tables.spread(name, part.estimate(result, name), pen.language) for name in BY_QUEUE),
        ]
        for part in found
    ]
    return _table([names[found[0].kind], *(names[name] for name in BY_QUEUE)], rows)


def _known(result: Result, pen: Pen) -> str:
    words, rows = pen.words, []
    for name, known in result.plan.scenario.known.items():
        found = tables.known(result, name)
        mean, half = found["mean"], found["half_width"]
        simulated = "-" if mean is None else pen.number(float(f"{mean:.6g}"))
        simulated += "" if half is None else f" ±{pen.number(float(f'{half:.2g}'))}"
        off = "-" if mean is None else f"{words['off']} {answer.local(tables.apart(mean, known.value), pen.language)}"
        verdict = words["inside"] if found["inside"] else off
        rows.append([name, simulated, pen.number(float(f"{known.value:.6g}")), verdict, known.source])
    heads = [words["figure"], words["simulated"], words["known_value"], "", words["source"]]
    return _table(heads, rows, numbers=(1, 2))


def _searches(needed: Searched | None, limit: Searched | None, pen: Pen) -> Iterator[str]:
    """List what was tried to find how many seats are needed, and which load they carry."""
    both = {"seats": needed, "load": limit}
    plots = searched_plots(both, pen)
    for key, searched in both.items():
        if searched is None or len(searched.tried) < 2:
            continue
        yield _title(pen.words[f"searched_{key}"])
        if key in plots:
            yield _figure(plots[key])
        results = list(searched.tried.values())
        yield _cases_table(results, [{key: value} for value in searched.tried], pen)


# --- several cases ----------------------------------------------------------------------------------------------------


def _cases(results: Sequence[Result], changes: Sequence[Mapping[str, float]], pen: Pen) -> Iterator[str]:
    yield _title(pen.words["sweep"])
    yield _cases_table(results, changes, pen)


def _changes(before: Result, after: Result, pen: Pen) -> list[str]:
    """List what the second of two cases changes in every part of the calls."""
    names = tables.WORDS[pen.language]
    rows = [tables.change_row(part, before, after, names) for part in of_calls.parts(after)]
    note = _text(pen.words["changes_note"], "note lead")
    return [_title(pen.words["changes"]), note, _table(tables.change_heads(names), rows)]


def _cases_table(results: Sequence[Result], changes: Sequence[Mapping[str, float]], pen: Pen) -> str:
    names, keys = tables.WORDS[pen.language], list(changes[0])
    rows = [
        [
            *(pen.number(change[key]) for key in keys),
            pen.words[answer.verdict(result)],
            *(tables.spread(name, result[name], pen.language) for name in tables.COLUMNS),
        ]
        for result, change in zip(results, changes, strict=True)
    ]
    heads = [*(key_name(key, pen.words) for key in keys), names["verdict"], *(names[name] for name in tables.COLUMNS)]
    return _table(heads, rows)


# --- what it rests on -------------------------------------------------------------------------------------------------


def _assumptions(result: Result, pen: Pen) -> Iterator[str]:
    yield _title(pen.words["assumptions"])
    said = result.plan.scenario.assumptions
    if said:
        yield "<ul>\n" + "\n".join(f"<li>{escape(text)}</li>" for text in said) + "\n</ul>"
    else:
        yield _text(pen.words["no_assumptions"])


def _again(result: Result, changes: Sequence[Mapping[str, float]], pen: Pen) -> Iterator[str]:
    order = result.order
    parts = ["line1555 simulate", result.plan.name, f"--runs {order.runs}", f"--seed {order.seed}"]
    if order.precision:
        parts.append(f"--precision {order.precision:g}")
    for key in changes[0]:
        parts.append(f"--vary {Vary(key, tuple(dict.fromkeys(change[key] for change in changes)))}")
    yield _title(pen.words["again"])
    yield f"<p><code>{escape(' '.join(parts))}</code></p>"
    yield _text(pen.words["seed_note"], "note")


# --- HTML -------------------------------------------------------------------------------------------------------------


def _title(text: str) -> str:
    return f"<h2>{escape(text)}</h2>"


def _text(text: str, kind: str = "") -> str:
    named = f' class="{kind}"' if kind else ""
    return f"<p{named}>{escape(text)}</p>"


def _figure(plot: Plot) -> str:
    note = _text(plot.note, "note") if plot.note else ""
    title = escape(plot.title)
    return (
        f'<figure>\n<figcaption>{title}</figcaption>\n<div role="img" aria-label="{title}">{plot.drawing}</div>\n'
        f"{note}</figure>"
    )


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]], numbers: Sequence[int] | None = None) -> str:
    """Make a table. ``numbers``: the columns to align at the right; default: all but the first."""
    right = range(1, len(heads)) if numbers is None else numbers
    marks = [' class="n"' if column in right else "" for column in range(len(heads))]
    head = "".join(f'<th scope="col"{mark}>{escape(text)}</th>' for text, mark in zip(heads, marks, strict=True))
    body = "\n".join(f"<tr>{_cells(row, marks)}</tr>" for row in rows)
    return f'<div class="scroll"><table>\n<thead><tr>{head}</tr></thead>\n<tbody>\n{body}\n</tbody>\n</table></div>'


def _cells(row: Sequence[str], marks: Sequence[str]) -> str:
    first, *rest = row
    cells = "".join(f"<td{mark}>{escape(text)}</td>" for text, mark in zip(rest, marks[1:], strict=True))
    return f'<th scope="row">{escape(first)}</th>{cells}'
