"""A recorded day as CSV files: to keep it, to import it from another system, or to open it in a spreadsheet.

    calls.csv    one row a call: time, topic, wait and talk time of the caller, and the outcome
    people.csv   one row for each time an agent was at work; without it all are there all day
    talks.csv    talk and wrap-up of the handled calls, for ``empirical`` in a scenario; written only
    patience.yaml  patience of its callers, for a scenario; written only

They contain no telephone numbers. Times of day are local, in the line's zone.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from math import inf, isfinite
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from calls import AgentId, Outcome, Problem, SettingsError
from simulator.model import patience
from simulator.model.people import Duty

from .recorded import Recorded, RecordedCall, of_calls
from .table_files import DURATION, CsvRow, CsvTable, TableError, as_csv, moment, read_table, seconds, write_csv

T = TypeVar("T")
CALLS = (
    "at",
    "number",
    "language",
    "topic",
    "role",
    "queued_after_s",
    "wait_s",
    "ring_s",
    "talk_s",
    "wrap_up_s",
    "outcome",
)
PEOPLE = ("agent", "begins", "ends")
TALKS = ("topic", "talk_s", "wrap_up_s")
CALLS_FILE, PEOPLE_FILE, TALKS_FILE = "calls.csv", "people.csv", "talks.csv"
PATIENCE_FILE = "patience.yaml"
MOST_COMPLAINTS = 20
_ROUNDED = re.compile(r"\d+[.,]?\d*E\+?\d+", re.IGNORECASE)
"""A number of many digits as a spreadsheet shows it."""


def write(day: Recorded, folder: Path, zone: ZoneInfo, *, excel: bool = False) -> None:
    """Write all files into the folder, which is made; ``excel``: for a Greek spreadsheet. Raises ``OSError``."""

    def local(at: float) -> str:
        when = datetime.fromtimestamp(day.anchor + at, zone)
        if when.utcoffset() == when.replace(fold=1 - when.fold).utcoffset():
            when = when.replace(tzinfo=None)  # of an hour that comes twice the offset says which
        return when.isoformat(timespec="milliseconds")

    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    _write(folder / CALLS_FILE, CALLS, (tuple(_call_row(call, local)) for call in day.calls), excel)
    _write(folder / PEOPLE_FILE, PEOPLE, (row for duty in day.duties for row in _present(duty, local)), excel)
    talks = ((call.topic, f"{call.talk_s:.3f}", f"{call.wrap_up_s:.3f}") for call in day.calls if call.handled)
    _write(folder / TALKS_FILE, TALKS, talks, excel)
    (folder / PATIENCE_FILE).write_text(patience.as_scenario(day.calls), "utf-8")


def read(folder: Path, zone: ZoneInfo, agents: Iterable[AgentId]) -> Recorded:
    """Read the day of these files; without people, ``agents`` are there all day. Raises ``SettingsError``."""
    calls, problems = _read(folder / CALLS_FILE, CALLS, lambda row: _seen(row, zone))
    duties, wrong = [Duty(agent, -inf, inf) for agent in agents], list[Problem]()
    if (folder / PEOPLE_FILE).exists():
        duties, wrong = _read(folder / PEOPLE_FILE, PEOPLE, lambda row: _duty(row, zone))
    if problems or wrong:
        raise SettingsError([*problems, *wrong])
    return of_calls(calls, duties, [call.ring_s for call in calls if call.ring_s is not None])


# --- writing ----------------------------------------------------------------------------------------------------------


def _write(path: Path, columns: tuple[str, ...], rows: Iterable[Sequence[str]], excel: bool) -> None:
    write_csv(path, as_csv(columns, rows, excel=excel))


def _call_row(call: RecordedCall, local: Callable[[float], str]) -> Iterator[str]:
    yield from (local(call.at), call.number, call.language, call.topic, call.role)
    queued_after_s = None if call.queued_at is None else call.queued_at - call.at
    seconds = (queued_after_s, call.wait_s, call.ring_s, call.talk_s, call.wrap_up_s)
    yield from ("" if known is None else f"{known:.3f}" for known in seconds)
    yield call.outcome or ""


def _present(duty: Duty, local: Callable[[float], str]) -> Iterator[tuple[str, str, str]]:
    """List the times at work: the time between two of them is a break."""
    begins = duty.begins
    for pause_at, pause_s in duty.breaks:
        yield duty.agent, local(begins), local(pause_at)
        begins = pause_at + pause_s
    yield duty.agent, local(begins), local(duty.ends) if isfinite(duty.ends) else ""


# --- reading ----------------------------------------------------------------------------------------------------------


class _Wrong(ValueError):
    """An invalid value: its column, what was found, what was expected."""

    def __init__(self, column: str, found: str, expected: str) -> None:
        super().__init__(column, found, expected)
        self.column, self.found, self.expected = column, found, expected


def _read(
    path: Path, columns: tuple[str, ...], made: Callable[[Mapping[str, str]], T]
) -> tuple[list[T], list[Problem]]:
    """Convert each row; also returns the problems of the file."""
    found = list[T]()
    try:
        table = read_table(path)
    except TableError as error:
        return [], [error.problem]
    problems = [table.without(column) for column in columns if table.place(column) is None]
    for row in table.rows if not problems else ():
        try:
            found.append(made({name: _cell(table, row, name) for name in columns}))
        except _Wrong as wrong:
            problems.append(Problem(str(path), row.line, 1, wrong.column, wrong.found, wrong.expected))
        if len(problems) >= MOST_COMPLAINTS:
            break
    if not found and not problems:
        problems.append(Problem(str(path), 1, 1, path.name, "no row below the names", "at least one"))
    return found, problems


def _cell(table: CsvTable, row: CsvRow, name: str) -> str:
    """Read a cell; in a column of durations their seconds, if they are valid."""
    said = table.cell(row, name)
    found = seconds(said, table.comma(name)) if name.endswith("_s") and said else None
    return said if found is None else repr(found)


def _seen(row: Mapping[str, str], zone: ZoneInfo) -> RecordedCall:
    at = _moment(row, "at", zone)
    queued_after_s, wait_s, ring_s = (_seconds(row, name) for name in ("queued_after_s", "wait_s", "ring_s"))
    said = row["outcome"]
    if said not in (*Outcome, ""):
        raise _Wrong("outcome", repr(said), f"one of {', '.join(Outcome)}, or nothing")
    if _ROUNDED.fullmatch(row["number"]):
        raise _Wrong("number", row["number"], "all its digits: give the spreadsheet's column the form of text")
    if not row["number"]:
        raise _Wrong("number", "nothing", "the number that was dialled, e.g. 1555")
    return RecordedCall(
        at,
        row["number"],
        row["language"],
        row["topic"],
        row["role"],
        None if queued_after_s is None else at + queued_after_s,
        wait_s,
        ring_s,
        _seconds(row, "talk_s") or 0.0,
        _seconds(row, "wrap_up_s") or 0.0,
        Outcome(said) if said else None,
    )


def _duty(row: Mapping[str, str], zone: ZoneInfo) -> Duty:
    begins, ends = _moment(row, "begins", zone), _moment(row, "ends", zone) if row["ends"] else inf
    if not row["agent"]:
        raise _Wrong("agent", "nothing", "an agent of agents.yaml, e.g. agent001")
    if ends <= begins:
        raise _Wrong("ends", row["ends"], f"a time after {row['begins']}, or nothing where they stay")
    return Duty(AgentId(row["agent"]), begins, ends)


def _moment(row: Mapping[str, str], column: str, zone: ZoneInfo) -> float:
    """Convert a local time into epoch seconds."""
    found = moment(row[column])
    if found is None:
        expected = "a local time such as 2026-11-24T10:31:05 or 24/11/2026 10:31:05"
        raise _Wrong(column, repr(row[column]), expected)
    if found.tzinfo:
        return found.timestamp()
    at = found.replace(tzinfo=zone).timestamp()
    if datetime.fromtimestamp(at, zone).replace(tzinfo=None) - found >= timedelta(minutes=1):
        raise _Wrong(column, row[column], "a time of that day: the clocks leave this one out")
    return at


def _seconds(row: Mapping[str, Any], column: str) -> float | None:
    if not row[column]:
        return None
    try:
        seconds = float(row[column])
    except ValueError:
        seconds = -1.0
    if not (isfinite(seconds) and seconds >= 0):
        raise _Wrong(column, repr(row[column]), f"{DURATION}, or nothing")
    return seconds
