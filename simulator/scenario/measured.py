"""Columns of CSV files in place of their values: ``empirical: {file: talks.csv, column: talk_s}``."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from calls import Problem
from simulator.days.table_files import DURATION, SEPARATORS, CsvTable, TableError, read_table, seconds
from simulator.model.distributions import evenly
from sites.yamlfile import Document, Keys

MOST_COMPLAINTS = 5
"""Most rows of one file that are reported."""


@dataclass(frozen=True, slots=True)
class ColumnRead:
    """What was read of a column: so many values, so many empty cells left out, and how the file is written."""

    file: str
    column: str
    values: int
    empty: int
    encoding: str
    separated_by: str


@dataclass(frozen=True, slots=True)
class Measured:
    """The document's value with every column in place, what was read, and what is wrong with it."""

    value: Any
    read: tuple[ColumnRead, ...]
    problems: list[Problem]


def with_values(document: Document, folder: Path) -> Measured:
    """Read every column. Files are beside the scenario."""
    problems, read = list[Problem](), list[ColumnRead]()
    value = _replaced(document, document.value, (), _Reading(folder, problems, read))
    return Measured(value, tuple(dict.fromkeys(read)), problems)


@dataclass(frozen=True, slots=True)
class _Reading:
    folder: Path
    problems: list[Problem]
    read: list[ColumnRead]


def _replaced(document: Document, value: Any, keys: Keys, reading: _Reading) -> Any:
    if isinstance(value, list):
        return [_replaced(document, part, (*keys, n), reading) for n, part in enumerate(value)]
    if not isinstance(value, dict):
        return value
    if keys and keys[-1] == "empirical" and all(isinstance(value.get(key), str) for key in ("file", "column")):
        column = _Column(document, keys, reading.folder / value["file"], value["file"], value["column"])
        found = column.values(reading.problems, reading.read)
        return {"values": evenly(np.array(found))} if len(found) > 1 else value
    return {key: _replaced(document, part, (*keys, key), reading) for key, part in value.items()}


class _Column:
    """One column of one file, named at ``keys`` of the scenario."""

    def __init__(self, document: Document, keys: Keys, path: Path, name: str, column: str) -> None:
        self.document, self.keys, self.path, self.name, self.column = document, keys, path, name, column

    def values(self, problems: list[Problem], read: list[ColumnRead]) -> list[float]:
        """Read all values; empty cells are skipped and counted, invalid durations are reported with their line."""
        try:
            table = read_table(self.path)
        except TableError as error:
            problems.append(self._of_file(error.problem))
            return []
        if table.place(self.column) is None:
            problems.append(self._without(table))
            return []
        found, wrong, empty = list[float](), list[Problem](), 0
        for row in table.rows:
            said = table.cell(row, self.column)
            value = seconds(said, table.comma(self.column))
            if value is not None:
                found.append(value)
            elif said:
                wrong.append(Problem(str(self.path), row.line, 1, self.column, repr(said), DURATION))
            else:
                empty += 1
        wrong += [] if wrong else self._doubts(found)
        problems += wrong[:MOST_COMPLAINTS]
        read.append(ColumnRead(self.name, self.column, len(found), empty, table.encoding, SEPARATORS[table.separator]))
        return found

    def _doubts(self, found: list[float]) -> list[Problem]:
        """Warn of too few values, or values that no conversation has."""
        if len(found) < 2:
            said = f"{self.name} with {len(found)} value{'' if len(found) == 1 else 's'}"
            return [self._problem("file", said, "at least 2 rows below the names")]
        if 0 < max(found) < 1:
            said = f"{self.column!r} of {self.name}, all below one second: shares of a day?"
            return [self._problem("column", said, "seconds; in a spreadsheet give the column the form [h]:mm:ss")]
        return []

    def _problem(self, key: str, found: str, expected: str) -> Problem:
        return self.document.problem((*self.keys, key), found, expected)

    def _of_file(self, problem: Problem) -> Problem:
        """Make a problem at the place where the scenario names the file."""
        return self._problem("file", f"{self.name}: {problem.found}", f"{problem.expected} (beside the scenario)")

    def _without(self, table: CsvTable) -> Problem:
        said = f"no column {self.column!r} in {self.name}, which is separated by {SEPARATORS[table.separator]}"
        return self._problem("column", said, f"one of {', '.join(filter(None, table.names))}")
