"""Columns of CSV files in place of their values: ``empirical: {file: talks.csv, column: talk_s}``."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from math import isfinite
from pathlib import Path
from typing import Any

import numpy as np

from calls import Problem
from ivr.yamlfile import Document, Keys
from simulator.distributions import evenly

MOST_COMPLAINTS = 5
"""Rows of one file that are complained of."""


def with_values(document: Document, folder: Path) -> tuple[Any, list[Problem]]:
    """The document's value with every column read, and what is wrong with them. Files are beside the scenario."""
    problems: list[Problem] = []
    value = _replaced(document, document.value, (), folder, problems)
    return value, problems


def _replaced(document: Document, value: Any, keys: Keys, folder: Path, problems: list[Problem]) -> Any:
    if isinstance(value, list):
        return [_replaced(document, part, (*keys, n), folder, problems) for n, part in enumerate(value)]
    if not isinstance(value, dict):
        return value
    if keys and keys[-1] == "empirical" and all(isinstance(value.get(key), str) for key in ("file", "column")):
        column = _Column(document, keys, folder / value["file"], value["file"], value["column"])
        found = list(column.values(problems))
        return {"values": evenly(np.array(found))} if len(found) > 1 else value
    return {key: _replaced(document, part, (*keys, key), folder, problems) for key, part in value.items()}


class _Column:
    """One column of one file, named at ``keys`` of the scenario."""

    def __init__(self, document: Document, keys: Keys, path: Path, name: str, column: str) -> None:
        self.document, self.keys, self.path, self.name, self.column = document, keys, path, name, column

    def values(self, problems: list[Problem]) -> Iterator[float]:
        """All of them; what is no number of seconds is told with its line."""
        before, count = len(problems), 0
        try:
            with self.path.open(encoding="utf-8-sig", newline="") as stream:
                rows = csv.DictReader(stream)
                if self.column not in (rows.fieldnames or ()):
                    problems.append(self._without(list(rows.fieldnames or ())))
                    return
                for row in rows:
                    number = _seconds(row[self.column])
                    if number is not None:
                        count += 1
                        yield number
                    elif len(problems) - before < MOST_COMPLAINTS:
                        problems.append(self._no_number(rows.line_num, row[self.column]))
        except (OSError, UnicodeDecodeError, csv.Error) as error:
            said = error.strerror if isinstance(error, OSError) else str(error)
            problems.append(self._problem("file", f"{self.name}: {said}", "a CSV file in UTF-8 beside the scenario"))
            return
        if count < 2 and len(problems) == before:
            found = f"{self.name} with {count} value{'' if count == 1 else 's'}"
            problems.append(self._problem("file", found, "at least 2 rows below the names"))

    def _problem(self, key: str, found: str, expected: str) -> Problem:
        return self.document.problem((*self.keys, key), found, expected)

    def _without(self, names: list[str]) -> Problem:
        if not names:
            return self._problem("file", f"{self.name}, which is empty", "names of columns and at least 2 rows")
        return self._problem("column", f"no column {self.column!r} in {self.name}", f"one of {', '.join(names)}")

    def _no_number(self, line: int, said: str | None) -> Problem:
        found = repr(said) if said else "nothing"
        return Problem(str(self.path), line, 1, self.column, found, "seconds: a number, at least 0")


def _seconds(said: str | None) -> float | None:
    try:
        number = float(said or "")
    except ValueError:
        return None
    return number if isfinite(number) and number >= 0 else None
