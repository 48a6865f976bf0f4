"""The same facts in every place that shows figures: board, ``/metrics``, reports of a database, the simulator."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from calls import CallId, QueueId
from calls import facts as f
from line1555.readers.exporter import LineCollector
from metrics import Calendar, LineState, offset_of, view
from records import Journal
from records.queries import Reports
from records.tailer import Tailer
from simulator.run.collector import Collector
from simulator.run.measures import BY_QUEUE, COUNTS_BY_QUEUE, MEASURES
from tests.kept import fold_again

ANCHOR = 1_700_000_000.0
"""15 November 2023, 00:13:20 in Athens: no story of less than 23 hours crosses midnight."""
ATHENS = ZoneInfo("Europe/Athens")
WAYS = ("abandoned", "overflowed", "refused", "survived", "lost", "other_exits")
SUMS = ("ring_s", "talk_s", "hold_s", "wrap_up_s")
COUNTS = (
    "offered", "handled", *WAYS, "short_abandoned", "handled_within_t", "abandoned_within_t", "offers", "rona",
    "lost_media", "callbacks", "called_back", "unreached", *SUMS,
)  # fmt: skip
"""What is 0 where a story does not say otherwise; measures that it does not name are not looked at."""
MEASURED = ("service_level", "abandon_share", "asa_s", "wait_p50_s", "wait_p95_s", "wait_max_s", "aht_s")

Steps = list[tuple[float, list[f.Fact]]]
Row = dict[str, float | None]


@dataclass(frozen=True)
class Figures:
    """What one place shows, as far as it shows it: the line, each queue, topic and agent."""

    line: Row
    queues: dict[str, Row]
    topics: dict[str, Row]
    agents: dict[str, Row]


def board(state: LineState, now: float) -> Figures:
    seen = view.snapshot(state, now)
    rows = {name: queue["today"] for name, queue in seen["queues"].items()}
    agents = {name: agent["today"] for name, agent in seen["agents"].items()}
    keys = ("arrived", "left_in_menu", "informed", "transferred", *COUNTS, *MEASURED)
    return Figures(
        _of(seen["today"], keys), {name: _of(row, (*COUNTS, *MEASURED)) for name, row in rows.items()},
        {name: _of(row, (*COUNTS, *MEASURED)) for name, row in seen["topics"].items()},
        {name: _of(row, AGENTS) for name, row in agents.items()},
    )  # fmt: skip


AGENTS = ("handled", "offers", "rona", "lost_media_agent", "aht_s")


def _of(row: Mapping[str, Any], keys: Iterable[str]) -> Row:
    return {key: row[key] for key in keys}


def folded(steps: Steps, *, restarts: Callable[[int], bool] = lambda _: False) -> LineState:
    """The board's state; where a step ``restarts`` it is first kept on disk and read again."""
    state = LineState(Calendar(1800, offset_of(ATHENS)))
    for number, (now, facts) in enumerate(steps):
        if restarts(number):
            state = fold_again(state)
        for fact in facts:
            state.apply(now, fact)
    return state


def exported(state: LineState, now: float) -> Figures:
    """``/metrics``, scraped."""
    samples = [sample for family in LineCollector(state, lambda: now, {}).collect() for sample in family.samples]
    line: Row = {"arrived": 0, "service_level": None}
    queues: dict[str, Row] = {}
    for name, labels, value, *_ in samples:
        name = name.removeprefix("line1555_").removesuffix("_total")
        if name == "calls_arrived":
            line["arrived"] = value
        elif name == "calls_ended" and labels["outcome"] in ("left_in_menu", "informed", "transferred"):
            line[labels["outcome"]] = value
        elif name == "service_level_today_ratio":
            line["service_level"] = round(value, 4)
        elif "queue" in labels:
            _queue_sample(queues.setdefault(labels["queue"], {"other_exits": 0.0}), name, labels, value)
    return Figures(line, queues, {}, {})


def _queue_sample(row: Row, name: str, labels: Mapping[str, str], value: float) -> None:
    if name == "queue_left":
        known = labels["outcome"] if labels["outcome"] in ("handled", *WAYS) else "other_exits"
        row[known] = value + (row["other_exits"] or 0.0) if known == "other_exits" else value
    elif name == "queue_handle_seconds":
        row[f"{labels['part']}_s"] = value
    elif name == "wait_seconds_sum" and labels["outcome"] == "handled":
        row["wait_sum_s"] = value
    elif name.removeprefix("queue_") in COUNTS:
        row[name.removeprefix("queue_")] = value


def reported(steps: Steps, folder: Path, batch: int) -> Figures:
    """``line1555 report`` of an SQLite database that was filled ``batch`` steps at a time, each from what it holds."""
    with Journal(folder / "steps.db", node="n1", wall=lambda: ANCHOR) as journal:
        for now, facts in steps:
            journal.append(now, None, facts)
    url = f"sqlite:///{folder}/reports.db"
    tailer = Tailer(folder / "steps.db", url, batch=batch)
    tailer.sync_once()
    tailer.stop()
    begins = datetime.fromtimestamp(ANCHOR, UTC) - timedelta(minutes=10)
    day = (begins, begins + timedelta(days=2))
    with Reports(url) as reports:
        assert not [odd for odd in reports.anomalies(*day) if odd["kind"] == "unreadable"]
        totals, agents = reports.totals(*day), reports.by_agent(*day, begins)
        return Figures(
            _of(totals, ("arrived", "left_in_menu", "informed", "transferred", *COUNTS, *MEASURED)),
            {name: _of(row, (*COUNTS, *MEASURED)) for name, row in reports.by_queue(*day).items()},
            {name: _of(row, (*COUNTS, *MEASURED)) for name, row in reports.by_topic(*day).items()},
            {name: _of(row, AGENTS) for name, row in agents.items()},
        )


def simulated(steps: Steps, queues: Iterable[str]) -> Figures:
    """The simulator's figures, of its collector."""
    names = tuple(QueueId(name) for name in queues)
    collector = Collector(names, -1e9, 1e9, 20.0)
    for now, facts in steps:
        for fact in facts:
            call = getattr(fact, "callback", None) or getattr(fact, "call", None)
            if call is not None:
                collector.who.setdefault(CallId(call), len(collector.who))
            collector.take(now, fact)
    counted = collector.close(1e9)
    line = {name: _known(MEASURES[mine](counted)) for name, mine in _LINE.items()}
    line["ways_out"] = float(counted.elsewhere.sum() + counted.abandoned.sum())
    line["abandoned_within_t"] = float(counted.short.sum())
    line["handled_within_t"] = float(counted.in_time.sum())
    rows: dict[str, Row] = {}
    for number, queue in enumerate(names):
        own = counted.of_queues
        rows[queue] = {
            "offered": BY_QUEUE["offered"](own, number), "handled": COUNTS_BY_QUEUE["handled"](own, number),
            "service_level": _known(BY_QUEUE["service_level"](own, number)),
            "handled_within_t": COUNTS_BY_QUEUE["in_time"](own, number),
            "abandoned": float(own.abandoned[:, number].sum()),
            "abandoned_within_t": float(own.short[:, number].sum()),
            "ways_out": float(own.elsewhere[:, number].sum() + own.abandoned[:, number].sum()),
            "wait_sum_s": float(own.answer_s[:, number].sum()),
        }  # fmt: skip
    return Figures(line, rows, {}, {})


_LINE = {
    "offered": "offered", "handled": "handled", "abandoned": "abandoned_calls", "service_level": "service_level",
    "asa_s": "asa_s", "rona": "missed_rings",
}  # fmt: skip


def _known(value: float) -> float | None:
    return None if value != value else value


def complete(row: Row) -> Row:
    """With what other places show of the same: all ways out, and the sum of the waits of the handled."""
    ways, handled, asa_s = sum(row[way] or 0 for way in WAYS), row["handled"] or 0, row["asa_s"] or 0.0
    return {**row, "ways_out": ways, "wait_sum_s": handled * asa_s}


def agree(expected: Row, shown: Row, where: str) -> None:
    """Whatever is shown is what was expected: counts exactly, seconds and shares as far as they are rounded."""
    assert set(shown) <= set(expected), where
    for name, value in shown.items():
        wanted = expected[name]
        if value is None or wanted is None or not name.endswith(("_s", "_level", "_share")):
            assert value == wanted, (where, name, value, wanted)
        else:
            tolerance = 1e-4 if not name.endswith("_s") else 0.002 * max(1.0, expected["handled"] or 0)
            assert value == pytest.approx(wanted, abs=tolerance), (where, name, value, wanted)


def all_agree(one: Figures, other: Figures, where: str) -> None:
    """Of every row that ``other`` shows; a row that only one of them has counts nothing."""
    agree(complete(one.line), other.line, f"{where}: line")
    for kind in ("queues", "topics"):
        mine, theirs = getattr(one, kind), getattr(other, kind)
        for name in theirs:
            agree(complete(mine.get(name, NOTHING)), theirs[name], f"{where}: {kind} {name}")
        for name in set(mine) - set(theirs) if theirs else ():
            assert not any(mine[name][count] for count in COUNTS), f"{where}: {kind} {name} is missing"
    for name, shown in other.agents.items():
        agree(one.agents.get(name, NOBODY), shown, f"{where}: agent {name}")
    for name in set(one.agents) - set(other.agents) if other.agents else ():
        assert not one.agents[name]["offers"], f"{where}: agent {name} is missing"


NOTHING: Row = {**dict.fromkeys(COUNTS, 0), **dict.fromkeys(MEASURED), "wait_max_s": 0.0}
NOBODY: Row = {**dict.fromkeys(AGENTS, 0), "aht_s": None}
