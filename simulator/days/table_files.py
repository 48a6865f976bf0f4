"""Tables that planners have: CSV files as spreadsheets write them, Greek ones too. One reader and one writer for all.

Read: UTF-8 or UTF-16 with or without its mark, else windows-1253; separated by semicolons, tabs or commas; decimal
commas or points; durations as seconds, h:mm:ss, 12:02:23 AM, or a day of January 1900 as spreadsheets show 27:30.
Nothing is guessed silently: what cannot be read is told with file, line, column, and what to do.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from math import isfinite
from pathlib import Path

from calls import Problem

MOST_BYTES = 200_000_000
SAVE_AS = "save it as 'CSV UTF-8' (or 'Unicode text')"
_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
SEPARATORS = {";": "semicolons", "\t": "tabs", ",": "commas"}
"""In the order in which they are looked for: a Greek spreadsheet has semicolons, and commas within its numbers."""


class TableError(ValueError):
    """A file that is no table; ``problem`` says where and what to do."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(str(problem))
        self.problem = problem


@dataclass(frozen=True, slots=True)
class CsvRow:
    """One row and the line on which it ends. A cell that is not there is empty."""

    line: int
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CsvTable:
    """A file's rows below its names. ``commas``: the columns (by place) whose numbers have decimal commas."""

    path: Path
    encoding: str
    separator: str
    names: tuple[str, ...]
    rows: tuple[CsvRow, ...]
    commas: frozenset[int] = field(default=frozenset())

    def place(self, name: str) -> int | None:
        """Give the place of the column of that name; None: there is none."""
        return self.names.index(name) if name in self.names else None

    def cell(self, row: CsvRow, name: str) -> str:
        """Give a row's text in the named column; empty if it has none."""
        place = self.place(name)
        return row.cells[place] if place is not None and place < len(row.cells) else ""

    def comma(self, name: str) -> bool:
        """Tell whether the column's numbers have decimal commas."""
        return self.place(name) in self.commas

    def without(self, name: str, line: int = 1) -> Problem:
        """Make the problem that the column is missing."""
        found = f"no such column, but {', '.join(self.names)} (separated by {SEPARATORS[self.separator]})"
        return Problem(str(self.path), line, 1, name, found, "its name in the first line, spelt alike")


def read_table(path: Path) -> CsvTable:
    """Read the table of a CSV file. Raises ``TableError``."""
    text, encoding = _text(path)
    lines = text.splitlines(keepends=True)
    said = re.fullmatch(r"sep=(.)\s*", lines[0]) if lines else None  # a spreadsheet's own first line
    first = 1 if said else 0
    separator = said[1] if said and said[1] in SEPARATORS else _separator(lines[first] if first < len(lines) else "")
    rows = csv.reader(io.StringIO("".join(lines[first:]), newline=""), delimiter=separator)
    try:
        found = [CsvRow(rows.line_num + first, tuple(_trimmed(cell) for cell in row)) for row in rows]
    except csv.Error as error:
        raise TableError(_problem(path, rows.line_num + first, str(error), f"a CSV file: {SAVE_AS}")) from None
    if not found or not any(found[0].cells):
        raise TableError(_problem(path, 1, "an empty file", "names of columns, and rows below them"))
    body = tuple(row for row in found[1:] if any(row.cells))
    return CsvTable(path, encoding, separator, found[0].cells, body, _commas(body, separator))


def _problem(path: Path, line: int, found: str, expected: str) -> Problem:
    return Problem(str(path), line, 1, path.name, found, expected)


def _text(path: Path) -> tuple[str, str]:
    """Read the file's text and the name of its encoding."""
    try:
        if path.stat().st_size > MOST_BYTES:
            raise TableError(_problem(path, 1, "more than 200 MB", "a smaller file: fewer columns, or fewer rows"))
        raw = path.read_bytes()
    except OSError as error:
        raise TableError(_problem(path, 1, str(error.strerror), "a CSV file that can be read")) from None
    if raw.startswith(_WORKBOOKS):
        raise TableError(_problem(path, 1, "a spreadsheet's own file", f"a CSV file: {SAVE_AS}"))
    for encoding in _encodings(raw):
        try:
            return raw.decode(encoding), encoding.removesuffix("-sig")
        except UnicodeDecodeError:
            continue
    expected = f"text in UTF-8, UTF-16 or windows-1253: {SAVE_AS}"
    raise TableError(_problem(path, 1, "letters in an unknown encoding", expected))


def _encodings(raw: bytes) -> Iterator[str]:
    """List encodings to try: by byte order mark; else UTF-16 if every second byte is 0, UTF-8, Greek Windows."""
    marked = next((encoding for mark, encoding in _MARKS if raw.startswith(mark)), None)
    if marked:
        yield marked
        return
    head = raw[:400]
    if b"\0" in head:
        yield "utf-16-le" if head[1::2].count(0) > head[::2].count(0) else "utf-16-be"
        return
    yield from ("utf-8", "cp1253")


def _separator(line: str) -> str:
    """Find the separator in the line with the names, outside quotes."""
    bare = re.sub(r'"[^"]*"', "", line)
    return next((mark for mark in SEPARATORS if mark in bare), ",")


def _trimmed(cell: str) -> str:
    return cell.replace("\N{NO-BREAK SPACE}", " ").replace("\N{NARROW NO-BREAK SPACE}", " ").strip()


# --- numbers and durations --------------------------------------------------------------------------------------------

_PLAIN = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?", re.IGNORECASE)
_WITH_COMMA = re.compile(r"[+-]?\d[\d. ]*,\d+")
_THOUSANDS = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?")
_CLOCK = re.compile(r"(\d+):([0-5]?\d):([0-5]?\d(?:[.,]\d+)?)\s*([ap]\.?m\.?|[πμ]\.?\s?μ\.?)?", re.IGNORECASE)
_OLD_DAY = re.compile(r"(?:(\d{1,2})[/.-](\d{1,2})[/.-](19\d\d)|(19\d\d)-(\d{1,2})-(\d{1,2}))[ T](.+)")
DURATION = "seconds (143.5 or 143,5), or a duration such as 0:02:23"


def _commas(rows: Sequence[CsvRow], separator: str) -> frozenset[int]:
    """Find the columns with decimal commas, where a point only groups thousands."""
    found = set[int]()
    for row in rows:
        for place, cell in enumerate(row.cells):
            if "," in cell and place not in found and _WITH_COMMA.fullmatch(cell):
                grouped = separator == "," and _THOUSANDS.fullmatch(cell)
                found |= set() if grouped else {place}
    return frozenset(found)


def number(text: str, comma: bool = False) -> float | None:
    """Read a number; ``comma``: from a column with decimal commas. None: not a finite number."""
    plain = text.replace(" ", "")
    if comma:
        plain = plain.replace(".", "").replace(",", ".")
    elif _THOUSANDS.fullmatch(plain):
        plain = plain.replace(",", "")
    if not _PLAIN.fullmatch(plain):
        return None
    return found if isfinite(found := float(plain)) else None


def seconds(text: str, comma: bool = False) -> float | None:
    """Read a duration in seconds, at least 0; None: invalid."""
    found = number(text, comma)
    if found is None:
        found = _clock(text) if (old := _OLD_DAY.fullmatch(text)) is None else _since_1900(old)
    return found if found is not None and found >= 0 else None


def _clock(text: str) -> float | None:
    """Read ``0:02:23``; ``12:02:23 AM`` and ``12:02:23 πμ`` are the same duration, stored as a time of day."""
    said = _CLOCK.fullmatch(text)
    if said is None:
        return None
    hours, half = int(said[1]), (said[4] or "").lower()
    if half:
        if not 1 <= hours <= 12:
            return None
        hours = hours % 12 + (12 if half[0] in "pμ" else 0)
    return hours * 3600 + int(said[2]) * 60 + float(said[3].replace(",", "."))


def _since_1900(said: re.Match[str]) -> float | None:
    """Read a duration of 24 hours and more, stored as a day of January 1900 and a time. Day first, as in Greece."""
    day, month, year = (said[3] and (said[1], said[2], said[3])) or (said[6], said[5], said[4])
    of_day = _clock(said[7] if said[7].count(":") > 1 else f"{said[7]}:00")
    try:
        days = (date(int(year), int(month), int(day)) - date(1899, 12, 31)).days
    except ValueError:
        return None
    return None if of_day is None or not 0 <= days <= 59 else days * 86_400 + of_day


_MOMENT = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})[ T]+(\d{1,2}:\d{2})(:\d{2}(?:[.,]\d+)?)?\s*(.*)")


def moment(text: str) -> datetime | None:
    """Read a date and time of day: ``2026-11-24T10:31:05``, or ``24/11/2026 10:31:05`` with the day first."""
    try:
        return datetime.fromisoformat(text.replace(",", ".")) if ":" in text else None
    except ValueError:
        pass
    said = _MOMENT.fullmatch(text)
    of_day = _clock(f"{said[4]}{said[5] or ':00'} {said[6]}".strip()) if said else None
    if said is None or of_day is None or of_day >= 86_400:
        return None
    try:
        return datetime(int(said[3]), int(said[2]), int(said[1])) + timedelta(seconds=of_day)
    except ValueError:
        return None


# --- writing ----------------------------------------------------------------------------------------------------------

_POINT = re.compile(r"-?\d+\.\d+")
_TIME = re.compile(r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d(?::\d\d)?)(?:\.(\d+))?")
_FORMULA = re.compile(r"[=@]|[+-](?!\d)")


def as_csv(names: Sequence[str], rows: Iterable[Sequence[object]], *, excel: bool = False) -> str:
    """Write a table as CSV. ``excel``: for a Greek spreadsheet: semicolons, decimal commas, times with a blank.

    Write it with ``write_csv``: the mark of UTF-8 at its beginning is what keeps Greek letters right.
    """
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";" if excel else ",", lineterminator="\r\n" if excel else "\n")
    writer.writerow(names)
    writer.writerows([_excel(cell) if excel else _plain(cell) for cell in row] for row in rows)
    return text.getvalue()


def write_csv(path: Path, text: str) -> None:
    """Write a CSV file with the byte order mark of UTF-8. Raises ``OSError``."""
    path.write_text(text, encoding="utf-8-sig", newline="")


def _plain(cell: object) -> object:
    return "" if cell is None else cell


def _excel(cell: object) -> str:
    said = "" if cell is None else str(cell)
    if _POINT.fullmatch(said):
        return said.replace(".", ",")
    if time := _TIME.fullmatch(said):
        return f"{time[1]} {time[2]}" + (f",{time[3]}" if time[3] else "")
    return f"'{said}" if isinstance(cell, str) and _FORMULA.match(said) else said
