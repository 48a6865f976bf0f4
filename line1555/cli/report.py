"""``line1555 report`` and ``line1555 journey``: what the reporting database says."""

from __future__ import annotations

import csv
import datetime
import json
import sys
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from contextlib import nullcontext
from functools import partial
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer
from rich.table import Table
from sqlalchemy.exc import SQLAlchemyError

from calls import mask
from line1555.live import audit
from line1555.screen import Screen
from metrics import view
from records.queries import Reports
from sites import SiteSettings

from .current import local_now, site_of
from .options import DEFAULT_RUN, JsonOption, RunOption, SiteOption, refuse

BY = ("total", "interval", "topic", "queue", "agent", "number")

CHIEF = (
    "offered", "handled", "abandoned", "callbacks", "called_back", "service_level", "asa_s", "wait_p95_s", "aht_s",
    "occupancy", "lost_media", "lost_media_agent",
)  # fmt: skip


def add(app: typer.Typer) -> None:
    app.command()(report)
    app.command()(journey)


def _reports(settings: SiteSettings, run: Path) -> Reports:
    file = run / "records.db"
    if settings.records.url is None and not file.exists():
        refuse(f"there are no records in {run}: has the line been up there? (--run DIR)", 1)
    return Reports(settings.records.url or f"sqlite:///{file.resolve()}", zone=settings.zone)


def report(
    by: Annotated[str, typer.Option("--by", help="One of: " + ", ".join(BY) + ".")] = "total",
    day: Annotated[str, typer.Option("--day", help="Local day, YYYY-MM-DD; today where left out.")] = "",
    site: SiteOption = None,
    run: RunOption = DEFAULT_RUN,
    to: Annotated[
        str, typer.Option("--csv", help="Write every figure for a Greek spreadsheet; - for stdout.", metavar="FILE")
    ] = "",
    as_json: JsonOption = False,
) -> None:
    """A day's figures: in total, or by interval, topic, queue, agent, entry number."""
    if by not in BY:
        refuse(f"--by {by}: expected one of {', '.join(BY)}")
    settings = site_of(site, run).settings
    now = local_now(run, ZoneInfo(settings.zone))
    try:
        wanted = datetime.date.fromisoformat(day) if day else now.date()
    except ValueError:
        refuse(f"--day {day}: expected YYYY-MM-DD")
    try:
        with _reports(settings, run) as reports:
            rows = _rows(reports, by, wanted, now)
    except SQLAlchemyError as error:
        refuse(f"the reporting database cannot be read: {str(error).splitlines()[0]}", 1)
    if as_json:
        print(json.dumps(rows, ensure_ascii=False, indent=1))
    elif to:
        _write(to, by, rows)
    else:
        _print(f"{wanted} by {by}", _by_the_clock(rows) if by == "interval" else rows)


def _rows(reports: Reports, by: str, wanted: datetime.date, now: datetime.datetime) -> dict[str, Any]:
    start, end = reports.day(wanted)
    if by == "total":
        return {"total": reports.totals(start, end)}
    ask: dict[str, Callable[..., dict[str, Any]]] = {
        "interval": reports.by_interval,
        "topic": reports.by_topic,
        "queue": reports.by_queue,
        "agent": partial(reports.by_agent, at=now),
        "number": reports.by_entry_number,
    }
    return dict(ask[by](start, end))


def _by_the_clock(rows: Mapping[str, Mapping[str, Any]]) -> dict[str, Mapping[str, Any]]:
    """03:00 for 2026-10-25T03:00:00+03:00: the day is in the title. The hour that comes twice has its offset."""
    clocks = Counter(label[11:16] for label in rows)
    return {label[11:16] + (label[19:] if clocks[label[11:16]] > 1 else ""): row for label, row in rows.items()}


def _write(to: str, by: str, rows: Mapping[str, Mapping[str, Any]]) -> None:
    """As Greek Excel opens it: semicolons, decimal commas, and the mark by which it knows UTF-8."""
    names = [name for name, value in next(iter(rows.values()), {}).items() if not isinstance(value, Mapping)]
    try:
        with nullcontext(sys.stdout) if to == "-" else Path(to).open("w", encoding="utf-8-sig", newline="") as stream:
            table = csv.writer(stream, delimiter=";")
            table.writerow([by, *names])
            table.writerows([label, *(_cell(row[name]) for name in names)] for label, row in rows.items())
    except OSError as error:
        refuse(f"--csv {to}: {error.strerror}", 1)
    if to != "-":
        typer.echo(f"wrote {to}: {len(rows)} rows")


def _cell(value: Any) -> str:
    return "" if value is None else _text(value).replace(".", ",") if isinstance(value, float) else str(value)


def _print(title: str, rows: Mapping[str, Mapping[str, Any]]) -> None:
    """One row is printed as a list of all its figures; several as a table of the chief ones (``--json`` has all)."""
    if len(rows) == 1:
        table = Table("", *rows, title=title)
        (row,) = rows.values()
        for name, value in row.items():
            if not isinstance(value, Mapping):
                table.add_row(name, _text(value))
    else:
        names = [name for name in CHIEF if name in next(iter(rows.values()), {})]
        table = Table("", *names, title=title)
        for label, row in rows.items():
            table.add_row(label, *(_text(row[name]) for name in names))
    Screen().print(table if rows else f"{title}: nothing")


def _text(value: Any) -> str:
    if value is None:
        return "-"
    return f"{value:.3f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)


def journey(
    call: Annotated[str, typer.Argument(help="Call id, e.g. n1-1732394.12.")],
    numbers: Annotated[
        bool, typer.Option("--numbers", help="Show numbers whole; who looked is noted in RUN/audit.jsonl.")
    ] = False,
    site: SiteOption = None,
    run: RunOption = DEFAULT_RUN,
    as_json: JsonOption = False,
) -> None:
    """One call from its arrival to its end: every leg, every offer with its reasons."""
    with _reports(site_of(site, run).settings, run) as reports:
        found = reports.journey(call)
    if found is None:
        refuse(f"no call {call} in the records of {run}", 1)
    if numbers:
        _note(run, call)
    else:
        found = masked(found)
    if as_json:
        print(json.dumps(found, ensure_ascii=False, indent=1, default=str))
    else:
        for line in _told(found):
            print(line)


def _note(run: Path, call: str) -> None:
    try:
        audit.note(run, "journey with numbers", call)
    except OSError as error:
        refuse(f"{run / audit.FILE} cannot be written ({error.strerror}), so no number is shown", 1)


def masked(found: Mapping[str, Any]) -> dict[str, Any]:
    """A journey as anybody may see it: the caller's number masked, and every other one but those of the line."""
    ours = {found["dnis"], found["id"], found["callback_of"]}
    return {name: _hidden(value, ours) if name != "ani" else mask(value or "") for name, value in found.items()}


def _hidden(value: Any, ours: Collection[Any]) -> Any:
    if isinstance(value, str):
        return value if value in ours else view.hide_numbers(value)
    if isinstance(value, list):
        return [_hidden(item, ours) for item in value]
    return {name: _hidden(item, ours) for name, item in value.items()} if isinstance(value, Mapping) else value


def _told(found: Mapping[str, Any], depth: int = 0) -> Iterable[str]:
    for name, value in found.items():
        if isinstance(value, Mapping):
            yield f"{'  ' * depth}{name}:"
            yield from _told(value, depth + 1)
        elif isinstance(value, list):
            for number, item in enumerate(value, 1):
                yield f"{'  ' * depth}{name} {number}:"
                yield from _told(item, depth + 1) if isinstance(item, Mapping) else (f"{'  ' * (depth + 1)}{item}",)
        else:
            yield f"{'  ' * depth}{name}: {_text(value)}"
