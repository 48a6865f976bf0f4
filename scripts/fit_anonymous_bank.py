#!/usr/bin/env python3
"""Fits simulator/scenarios/anonymous-bank.yaml from the log of a small bank's call centre, 1999.

    .venv/bin/python scripts/fit_anonymous_bank.py FOLDER [--write] [--compare] [--fit january,...] [--runs 4]

FOLDER has calls_1999_10months_no_customer_id.csv.gz (Technion, "Anonymous Bank"; free to use with acknowledgement of
Prof. Avi Mandelbaum). The first months are fitted; ``--compare`` predicts waits and abandonment of the later ones, once
with nothing known of them, once told their demand and staffing, and prints predicted, observed and the error.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from statistics import fmean, median, pstdev

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from line1555.cli.scenario_files import DIALPLANS, SHIPPED, load_scenario  # noqa: E402
from simulator.model.patience import EDGES, rates  # noqa: E402
from simulator.run import runs  # noqa: E402
from simulator.run.measures import ConfidenceInterval  # noqa: E402

LOG = "calls_1999_10months_no_customer_id.csv.gz"
FIRST_MONTHS = ("january", "february", "march", "april", "may", "june")
WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
HALF_HOURS, HALF_HOUR_S = 48, 1800
QUIET = 0.5
"""A day with less than this share of its weekday's median is a holiday, and left out."""
WRAP_UP_MOST_S, SESSION_GAP_S = 300, 1800
GROUPS = {"all": "k.bank: 5, k.internet: 5", "internet": "k.internet: 10"}
TOPICS = {"NW": "new", "NE": "stock", "IN": "internet"}
"""By the log's type; the rest is regular banking. Priority 2 makes a topic of its own (…_high)."""


@dataclass(frozen=True, slots=True)
class Call:
    """One that reached the queue. Seconds of its day; ``server`` empty: gave up."""

    day: date
    month: str
    topic: str
    at: int
    wait_s: int
    server: str
    begins: int
    ends: int


def seconds(clock: str) -> int:
    hours, minutes, rest = clock.split(":")
    return int(hours) * 3600 + int(minutes) * 60 + int(rest)


def topic_of(kind: str, priority: str) -> str:
    topic = TOPICS.get(kind.strip(), "regular")
    return f"{topic}_high" if priority == "2" and topic in ("regular", "stock") else topic


def read(folder: Path) -> list[Call]:
    """Calls that reached the queue: answered, or given up after joining it. Who left in the voice menu is not here."""
    calls = []
    with gzip.open(folder / LOG, "rt", encoding="latin-1") as stream:
        for row in csv.DictReader(stream):
            served = row["outcome"] == "AGENT"
            if not served and row["q_start"] == "0:00:00":
                continue
            calls.append(Call(
                datetime.strptime(row["date"], "%y%m%d").date(), row["month"], topic_of(row["type"], row["priority"]),
                seconds(row["vru_exit"]), int(row["q_time"]), row["server"] if served else "",
                seconds(row["ser_start"]), seconds(row["ser_exit"]),
            ))  # fmt: skip
    return calls


def usual(calls: Sequence[Call]) -> list[Call]:
    """Without holidays."""
    per_day = Counter(call.day for call in calls)
    medians = {
        weekday: median(count for day, count in per_day.items() if day.weekday() == weekday) for weekday in range(7)
    }
    return [call for call in calls if per_day[call.day] >= QUIET * medians[call.day.weekday()]]


# --- what is fitted ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Demand:
    """``counts[weekday][half hour]``: calls of an average one."""

    counts: np.ndarray
    day_cv: float
    half_hour_cv: float
    shares: dict[str, float]


def demand_of(calls: Sequence[Call]) -> Demand:
    days = sorted({call.day for call in calls})
    by_day = {day: np.zeros(HALF_HOURS) for day in days}
    for call in calls:
        by_day[call.day][min(call.at // HALF_HOUR_S, HALF_HOURS - 1)] += 1
    counts = np.array([np.mean([by_day[d] for d in days if d.weekday() == w], axis=0) for w in range(7)])
    topics = Counter(call.topic for call in calls)
    shares = {topic: count / len(calls) for topic, count in topics.most_common()}
    day_cv = _day_cv(by_day, counts)
    return Demand(counts, day_cv, _half_hour_cv(by_day, counts), shares)


def _day_cv(by_day: dict[date, np.ndarray], counts: np.ndarray) -> float:
    """Variance of the days' factors beyond Poisson's."""
    expected = np.array([counts[day.weekday()].sum() for day in by_day])
    factors = np.array([row.sum() for row in by_day.values()]) / expected
    return float(max(0.0, np.var(factors) - np.mean(1 / expected)) ** 0.5)


def _half_hour_cv(by_day: dict[date, np.ndarray], counts: np.ndarray) -> float:
    """The same of half hours within their day, of those with ten calls or more."""
    beyond = []
    for day, row in by_day.items():
        expected = counts[day.weekday()] * row.sum() / counts[day.weekday()].sum()
        busy = expected >= 10
        beyond += list(((row[busy] - expected[busy]) ** 2 - expected[busy]) / expected[busy] ** 2)
    return max(0.0, fmean(beyond)) ** 0.5 if beyond else 0.0


def hazard_of(calls: Sequence[Call]) -> list[float]:
    """Give-ups per minute of waiting in each step: those who were answered left the risk then (Kaplan-Meier's way)."""
    waited = [call for call in calls if call.wait_s > 0]
    return rates([call.wait_s for call in waited], [not call.server for call in waited])


def talk_of(calls: Sequence[Call]) -> dict[str, tuple[float, float]]:
    """Mean and coefficient of variation by topic."""
    by_topic = defaultdict(list)
    for call in calls:
        if call.server and 0 < call.ends - call.begins < 3 * 3600:
            by_topic[call.topic].append(call.ends - call.begins)
    return {topic: (fmean(times), pstdev(times) / fmean(times)) for topic, times in by_topic.items()}


@dataclass(frozen=True, slots=True)
class Staffing:
    """``at_work[group][weekday][half hour]``: servers there on average; between two calls each needs the wrap-up.

    Groups: ``all`` take every call, ``internet`` only those of that topic (there are some from August on).
    """

    at_work: dict[str, np.ndarray]
    wrap_up: tuple[float, float]


def staffing_of(calls: Sequence[Call]) -> Staffing:
    """When servers are there is not logged: from the first to the last service of a stretch without long gaps.

    A gap while the next caller waited all the time is wrap-up when it is short, an absence when it is long.
    """
    days = sorted({call.day for call in calls})
    present = {group: {day: np.zeros(HALF_HOURS) for day in days} for group in GROUPS}
    wrap_ups: list[int] = []
    by_server = defaultdict(list)
    for call in calls:
        if call.server and call.server != "NO_SERVER" and call.ends > call.begins:
            by_server[call.day, call.server].append(call)
    for (day, _), served in by_server.items():
        special = sum(call.topic == "internet" for call in served) > len(served) / 2
        row = present["internet" if special else "all"][day]
        for begins, ends in _stretches(sorted(served, key=lambda call: call.begins), wrap_ups):
            _add(row, begins, ends)
    at_work = {
        group: np.array([np.mean([rows[d] for d in days if d.weekday() == w], axis=0) for w in range(7)])
        for group, rows in present.items()
    }
    gaps = wrap_ups if sum(wrap_ups) else [1, 2]  # a log in which nobody ever waited shows none
    return Staffing(at_work, (fmean(gaps), pstdev(gaps) / fmean(gaps)))


def _stretches(served: Sequence[Call], wrap_ups: list[int]) -> Iterator[tuple[int, int]]:
    begins, ends = served[0].begins, served[0].ends
    for call in served[1:]:
        gap = call.begins - ends
        waited = call.wait_s > 0 and call.at <= ends
        if waited and 0 <= gap <= WRAP_UP_MOST_S:
            wrap_ups.append(gap)
        if gap > SESSION_GAP_S or (waited and gap > WRAP_UP_MOST_S):
            yield begins, ends
            begins = call.begins
        ends = max(ends, call.ends)
    yield begins, ends


def _add(row: np.ndarray, begins: int, ends: int) -> None:
    """Servers, not seconds: a whole half hour counts 1."""
    for half in range(begins // HALF_HOUR_S, min((ends - 1) // HALF_HOUR_S + 1, HALF_HOURS)):
        low, high = half * HALF_HOUR_S, (half + 1) * HALF_HOUR_S
        row[half] += (min(ends, high) - max(begins, low)) / HALF_HOUR_S


# --- the scenario -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Fit:
    months: tuple[str, ...]
    demand: Demand
    hazard: list[float]
    talk: dict[str, tuple[float, float]]
    staffing: Staffing


def fit(calls: Sequence[Call], months: Sequence[str]) -> Fit:
    chosen = usual([call for call in calls if call.month in months])
    return Fit(tuple(months), demand_of(chosen), hazard_of(chosen), talk_of(chosen), staffing_of(chosen))


def scenario(of: Fit, days: str = "days: 7") -> str:
    """The YAML."""
    demand, weekdays = of.demand, of.demand.counts.sum(axis=1)
    lines = [_HEAD.format(first=of.months[0].capitalize(), last=of.months[-1].capitalize(), days=days)]
    lines += ["line:", "  queues:"]
    for topic in demand.shares:
        priority = ", priority: 90" if topic.endswith("_high") else ""
        needs = "k.internet" if topic == "internet" else "k.bank"
        lines.append(f"    {topic}: {{label: {topic}, requires: {{{needs}: 1}}, policy: longest_idle, cap_s: 3600,")
        lines.append(f"      wrap_up_s: 600, announce_first_s: 3600, estimate: false{priority}}}")
    lines.append("  agents:")
    for group, skills in GROUPS.items():
        by_day = [list(steps(row)) for row in of.staffing.at_work[group]]
        if any(count for day in by_day for _, count in day):
            lines += [f"    - skills: {{{skills}}}", '      by_time: {"00:00": 0}', "      by_day:"]
            for name, day in zip(WEEK, by_day, strict=True):
                lines += _wrapped(f"        {name}: {{", [f'"{clock}": {count}' for clock, count in day], "}")
    lines += ["", "demand:", f"  per_day: {weekdays.mean():.1f}"]
    lines.append(f"  weekdays: {{{', '.join(f'{n}: {c:.0f}' for n, c in zip(WEEK, weekdays, strict=True))}}}")
    lines.append("  curves:")
    for name, row in zip(WEEK, demand.counts, strict=True):
        lines += _wrapped(f"    {name}: [", [f"{count:.2f}" for count in row], "]")
    lines.append(f"  busyness: {{day_cv: {demand.day_cv:.3f}, half_hour_cv: {demand.half_hour_cv:.3f}}}")
    lines.append("  topics:")
    shares = {topic: round(share, 4) for topic, share in demand.shares.items()}
    shares[next(iter(shares))] += 1 - sum(shares.values())
    lines += [f"    {topic}: {{share: {share:.4f}}}" for topic, share in shares.items()]
    lines += ["", "callers:", "  talk_s:", f"    all: {_lognormal(of.talk['regular'])}", "    topics:"]
    lines += [f"      {topic}: {_lognormal(of.talk.get(topic, of.talk['regular']))}" for topic in shares]
    lines.append(f"  wrap_up_s: {{all: {_lognormal(of.staffing.wrap_up)}}}")
    lines += ["  patience_s:", "    all:", "      hazard:", f"        from_s: [{', '.join(map(str, EDGES))}]"]
    lines.append(f"        per_minute: [{', '.join(f'{rate:.4f}' for rate in of.hazard)}]")
    return "\n".join((*lines, "", _ASSUMPTIONS))


def steps(row: Iterable[float]) -> Iterator[tuple[str, int]]:
    """Whole servers, what is rounded off carried into the next half hour; only changes."""
    carried, before = 0.0, -1
    for half, wanted in enumerate(row):
        count = max(0, round(wanted + carried))
        carried += wanted - count
        if count != before:
            yield f"{half // 2:02d}:{half % 2 * 30:02d}", count
        before = count


def _lognormal(of: tuple[float, float]) -> str:
    return f"{{lognormal: {{mean: {of[0]:.1f}, cv: {of[1]:.3f}}}}}"


def _wrapped(head: str, parts: Sequence[str], tail: str) -> list[str]:
    """Comma-separated parts in lines of at most 118 characters."""
    lines, pad = [head], " " * (len(head) - len(head.lstrip()) + 2)
    for number, part in enumerate(parts):
        said = part + (", " if number < len(parts) - 1 else tail)
        if len(lines[-1]) + len(said) > 118:
            lines[-1] = lines[-1].rstrip()
            lines.append(pad)
        lines[-1] += said
    return lines


_HEAD = """\
# A small bank's call centre of 1999, fitted from its log ("Anonymous Bank", Technion; free to use). With thanks to
# Prof. Avi Mandelbaum, Technion, who made the data available. Made by scripts/fit_anonymous_bank.py from the months
# {first} to {last}; the log itself is not part of this tree. How well it predicts the later months: docs/scenarios.md.
about:
  en: "Anonymous Bank 1999: fitted from {first} to {last}. Data: Prof. Avi Mandelbaum, Technion"
  el: "Ανώνυμη Τράπεζα 1999: από το αρχείο κλήσεών της. Δεδομένα: καθ. Avi Mandelbaum, Technion"
starts: "2026-11-22"          # a Sunday, the first day of the bank's week
{days}
warm_up_min: 60
"""
_ASSUMPTIONS = """\
assumptions:
  - "All figures are fitted from the log: Anonymous Bank, Technion, with acknowledgement of Prof. Avi Mandelbaum."
  - "Calls are those that reached the queue; who left in the voice menu (5.5 % of the log) is not here."
  - "Every server answers every topic; priority customers are 90 s ahead, as the log's documentation says."
  - "When servers are there is not logged: from the first to the last service of a stretch without a gap of 30 minutes."
  - "Wrap-up is not logged: the gaps of at most 300 s in which the server's next caller was waiting already."
  - "Holidays (days with less than half of their weekday's median) are left out."
"""


# --- predicted against observed ---------------------------------------------------------------------------------------

MEASURES = {"mean wait of all, s": "mean_wait_s", "wait of the answered, s": "asa_s", "abandoned": "abandoned"}


def observed(calls: Sequence[Call]) -> dict[str, float]:
    answered = [call.wait_s for call in calls if call.server]
    return {
        "mean_wait_s": fmean(call.wait_s for call in calls),
        "asa_s": fmean(answered),
        "abandoned": 1 - len(answered) / len(calls),
    }


def simulated(of: Fit, count: int, jobs: int) -> dict[str, ConfidenceInterval]:
    """``count`` weeks."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "bank.yaml"
        file.write_text(scenario(of), encoding="utf-8")
        plan = load_scenario(file, DIALPLANS)
    with runs.workers(jobs) as pool:
        result = runs.run(plan, runs.RunRequest(count), pool, jobs)
    return {name: result[name] for name in MEASURES.values()}


def compare(calls: Sequence[Call], first: Fit, count: int, jobs: int) -> None:
    later = [month for month in dict.fromkeys(call.month for call in calls) if month not in first.months]
    forecast = simulated(first, count, jobs)
    _show("the months it was fitted from", forecast, observed(_of(calls, first.months)))
    _show("all later months, nothing known of them", forecast, observed(_of(calls, later)))
    for month in later:
        own = fit(calls, [month])
        told = Fit(first.months, own.demand, first.hazard, first.talk, own.staffing)
        _show(f"{month}, its demand and staffing known", simulated(told, count, jobs), observed(_of(calls, [month])))


def _of(calls: Sequence[Call], months: Sequence[str]) -> list[Call]:
    return usual([call for call in calls if call.month in months])


def _show(what: str, predicted: dict[str, ConfidenceInterval], seen: dict[str, float]) -> None:
    print(what)
    for label, name in MEASURES.items():
        found, real = predicted[name], seen[name]
        digits = 3 if name == "abandoned" else 1
        print(
            f"  {label:26} predicted {found.mean:.{digits}f} +- {found.half_width:.{digits}f}"
            f"  observed {real:.{digits}f}  error {found.mean / real - 1:+.0%}"
        )
    sys.stdout.flush()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="where the log is")
    parser.add_argument("--fit", default=",".join(FIRST_MONTHS), help="months to fit from")
    parser.add_argument("--write", action="store_true", help="write simulator/scenarios/anonymous-bank.yaml")
    parser.add_argument("--compare", action="store_true", help="predict the other months and print the error")
    parser.add_argument("--runs", type=int, default=4, help="simulated weeks for each prediction")
    parser.add_argument("--jobs", type=int, default=1)
    asked = parser.parse_args()
    if not (asked.folder / LOG).is_file():
        parser.error(f"{asked.folder / LOG}: expected the log there")
    calls = read(asked.folder)
    first = fit(calls, asked.fit.split(","))
    print(f"talk {first.talk}\nwrap-up {first.staffing.wrap_up}\nhazard per minute {first.hazard}")
    print(f"busyness: days {first.demand.day_cv:.3f}, half hours {first.demand.half_hour_cv:.3f}")
    if asked.write:
        (SHIPPED / "anonymous-bank.yaml").write_text(scenario(first), encoding="utf-8")
    if asked.compare:
        compare(calls, first, asked.runs, asked.jobs)


if __name__ == "__main__":
    main()
