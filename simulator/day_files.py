"""A recorded day as CSV files: to be kept, to come from another system, to be looked into by a spreadsheet.

    calls.csv    one row a call: when, for what, how long he waited, talked, and what became of it
    people.csv   one row for each time somebody was at work; without it everybody is there all day
    talks.csv    talk and wrap-up of the handled calls, for ``empirical`` in a scenario; written only
    patience.yaml  how long its callers held out, for a scenario; written only

Nobody's number is in them. Times of day are local, of the line's zone.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from math import inf, isfinite
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from calls import AgentId, Outcome, Problem, SettingsError

from . import patience
from .people import Duty
from .recorded import Recorded, Seen, of_calls

T = TypeVar("T")
CALLS = (
    "at", "number", "language", "topic", "role", "queued_after_s", "wait_s", "ring_s", "talk_s", "wrap_up_s", "outcome",
)  # fmt: skip
PEOPLE = ("agent", "begins", "ends")
TALKS = ("topic", "talk_s", "wrap_up_s")
CALLS_FILE, PEOPLE_FILE, TALKS_FILE = "calls.csv", "people.csv", "talks.csv"
PATIENCE_FILE = "patience.yaml"
MOST_COMPLAINTS = 20


def write(day: Recorded, folder: Path, zone: ZoneInfo) -> None:
    """All of them into the folder, which is made. Raises ``OSError``."""

    def local(at: float) -> str:
        return datetime.fromtimestamp(day.anchor + at, zone).replace(tzinfo=None).isoformat(timespec="milliseconds")

    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    _write(folder / CALLS_FILE, CALLS, (_call_row(call, local) for call in day.calls))
    _write(folder / PEOPLE_FILE, PEOPLE, (row for duty in day.duties for row in _present(duty, local)))
    talks = ((call.topic, f"{call.talk_s:.3f}", f"{call.wrap_up_s:.3f}") for call in day.calls if call.handled)
    _write(folder / TALKS_FILE, TALKS, talks)
    (folder / PATIENCE_FILE).write_text(patience.as_scenario(day.calls), "utf-8")


def read(folder: Path, zone: ZoneInfo, agents: Iterable[AgentId]) -> Recorded:
    """The day of these files; ``agents`` are there all day where it has no people. Raises ``SettingsError``."""
    calls, problems = _read(folder / CALLS_FILE, CALLS, lambda row: _seen(row, zone))
    duties, wrong = [Duty(agent, -inf, inf) for agent in agents], list[Problem]()
    if (folder / PEOPLE_FILE).exists():
        duties, wrong = _read(folder / PEOPLE_FILE, PEOPLE, lambda row: _duty(row, zone))
    if problems or wrong:
        raise SettingsError([*problems, *wrong])
    return of_calls(calls, duties, [call.ring_s for call in calls if call.ring_s is not None])


# --- writing ----------------------------------------------------------------------------------------------------------


def _write(path: Path, columns: tuple[str, ...], rows: Iterable[Iterable[str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(columns)
        writer.writerows(rows)


def _call_row(call: Seen, local: Callable[[float], str]) -> Iterator[str]:
    yield from (local(call.at), call.number, call.language, call.topic, call.role)
    queued_after_s = None if call.queued_at is None else call.queued_at - call.at
    seconds = (queued_after_s, call.wait_s, call.ring_s, call.talk_s, call.wrap_up_s)
    yield from ("" if known is None else f"{known:.3f}" for known in seconds)
    yield call.outcome or ""


def _present(duty: Duty, local: Callable[[float], str]) -> Iterator[tuple[str, str, str]]:
    """A break is a time between two."""
    begins = duty.begins
    for pause_at, seconds in duty.breaks:
        yield duty.agent, local(begins), local(pause_at)
        begins = pause_at + seconds
    yield duty.agent, local(begins), local(duty.ends) if isfinite(duty.ends) else ""


# --- reading ----------------------------------------------------------------------------------------------------------


class _Wrong(ValueError):
    """A value that cannot be: its column, what stands there, what should."""

    def __init__(self, column: str, found: str, expected: str) -> None:
        super().__init__(column, found, expected)
        self.column, self.found, self.expected = column, found, expected


def _read(
    path: Path, columns: tuple[str, ...], made: Callable[[Mapping[str, str]], T]
) -> tuple[list[T], list[Problem]]:
    """What is made of each row, and what is wrong with the file."""
    found, problems = list[T](), list[Problem]()
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            rows = csv.DictReader(stream)
            problems += _missing(path, rows.fieldnames or (), columns)
            for row in rows if not problems else ():
                try:
                    found.append(made({name: str(row[name] or "").strip() for name in columns}))
                except _Wrong as wrong:
                    problems.append(Problem(str(path), rows.line_num, 1, wrong.column, wrong.found, wrong.expected))
                if len(problems) >= MOST_COMPLAINTS:
                    break
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        said = error.strerror if isinstance(error, OSError) else str(error)
        problems.append(Problem(str(path), 1, 1, path.name, str(said), "a CSV file in UTF-8"))
    if not found and not problems:
        problems.append(Problem(str(path), 1, 1, path.name, "no row below the names", "at least one"))
    return found, problems


def _missing(path: Path, names: Sequence[str], columns: tuple[str, ...]) -> Iterator[Problem]:
    expected = f"the columns {', '.join(columns)}"
    if not names:
        yield Problem(str(path), 1, 1, path.name, "an empty file", expected)
        return
    for column in columns:
        if column not in names:
            yield Problem(str(path), 1, 1, column, "no such column", expected)


def _seen(row: Mapping[str, str], zone: ZoneInfo) -> Seen:
    at = _moment(row, "at", zone)
    queued_after_s, wait_s, ring_s = (_seconds(row, name) for name in ("queued_after_s", "wait_s", "ring_s"))
    said = row["outcome"]
    if said not in (*Outcome, ""):
        raise _Wrong("outcome", repr(said), f"one of {', '.join(Outcome)}, or nothing")
    if not row["number"]:
        raise _Wrong("number", "nothing", "the number that was dialled, e.g. 1555")
    return Seen(
        at, row["number"], row["language"], row["topic"], row["role"],
        None if queued_after_s is None else at + queued_after_s, wait_s, ring_s,
        _seconds(row, "talk_s") or 0.0, _seconds(row, "wrap_up_s") or 0.0, Outcome(said) if said else None,
    )  # fmt: skip


def _duty(row: Mapping[str, str], zone: ZoneInfo) -> Duty:
    begins, ends = _moment(row, "begins", zone), _moment(row, "ends", zone) if row["ends"] else inf
    if not row["agent"]:
        raise _Wrong("agent", "nothing", "an agent of agents.yaml, e.g. agent001")
    if ends <= begins:
        raise _Wrong("ends", row["ends"], f"a time after {row['begins']}, or nothing where he stays")
    return Duty(AgentId(row["agent"]), begins, ends)


def _moment(row: Mapping[str, str], column: str, zone: ZoneInfo) -> float:
    """Epoch seconds of a local time."""
    try:
        moment = datetime.fromisoformat(row[column])
    except ValueError:
        raise _Wrong(column, repr(row[column]), "a local time such as 2026-11-24T10:31:05") from None
    return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).timestamp()


def _seconds(row: Mapping[str, Any], column: str) -> float | None:
    if not row[column]:
        return None
    try:
        seconds = float(row[column])
    except ValueError:
        seconds = -1.0
    if not (isfinite(seconds) and seconds >= 0):
        raise _Wrong(column, repr(row[column]), "seconds: a number, at least 0, or nothing")
    return seconds
