"""``line1555 follow``: the facts of a running line, as they are told."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Mapping
from contextlib import aclosing, suppress
from datetime import datetime
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer

from control.follower import Facts, Lost, Resumed, State, Update, follow
from control.refusals import NotDone
from control.status import NotRunning

from .options import DEFAULT_RUN, RunOption, errors, refuse, refuse_as_told

KindsOption = Annotated[
    str,
    typer.Option("--facts", help="Only these kinds, with commas: AgentChanged,Connected.", metavar="KIND,..."),
]


def add(app: typer.Typer) -> None:
    app.command(name="follow")(show)


def show(
    kinds: KindsOption = "",
    as_json: Annotated[bool, typer.Option("--json", help="A row of JSON each; the first has the whole state.")] = False,
    since: Annotated[
        int | None,
        typer.Option("--since", min=0, help="Go on after this step, where the line still has what followed it."),
    ] = None,
    run: RunOption = DEFAULT_RUN,
) -> None:
    """Print what happens on the running line, as it happens, until Ctrl-C.

    Telephone numbers are masked. Where the line goes away it is waited for; what was missed then is not shown, but the
    present state is. docs/control.md tells what stands in a row.
    """
    printer = _Json() if as_json else _Words()
    wanted = [kind.strip() for kind in kinds.split(",") if kind.strip()] or None
    try:
        with suppress(KeyboardInterrupt):
            asyncio.run(_follow(printer, run, wanted, since))
    except NotRunning as error:
        refuse(str(error))
    except NotDone as error:
        refuse_as_told(error, as_json)
    except BrokenPipeError:  # `| head` has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


async def _follow(printer: _Json | _Words, run: Any, kinds: list[str] | None, since: int | None) -> None:
    async with aclosing(follow(run, kinds, since)) as updates:
        async for update in updates:
            if isinstance(update, Lost):
                errors.print(f"{update.reason}; waiting for it", style="yellow", markup=False)
            else:
                for row in printer.rows(update):
                    print(row, flush=True)


class _Json:
    """Rows for programs, as they came."""

    def rows(self, update: Update) -> list[str]:
        """Give one row of JSON for a step, a state or a resumption; none for anything else."""
        match update:
            case Facts(step, now, facts):
                row: Mapping[str, Any] = {"step": step, "now": now, "facts": facts}
            case State(step, now, anchor, zone, state):
                row = {"step": step, "now": now, "anchor": anchor, "zone": zone, "resumed": False, "state": state}
            case Resumed(step, now, anchor, zone):
                row = {"step": step, "now": now, "anchor": anchor, "zone": zone, "resumed": True}
            case _:
                return []
        return [json.dumps(row, ensure_ascii=False)]


class _Words:
    """Rows for people: local time, step, and the fact with all of its fields that say something."""

    def __init__(self) -> None:
        self._anchor, self._zone = 0.0, ZoneInfo("UTC")

    def rows(self, update: Update) -> list[str]:
        """Give a row for each fact, and one for a state or a resumption: these tell the zone of the rows to come."""
        match update:
            case State(step, now, anchor, zone, state):
                self._anchor, self._zone = anchor, ZoneInfo(zone)
                return [self._row(step, now, _floor(state))]
            case Resumed(step, now, anchor, zone):
                self._anchor, self._zone = anchor, ZoneInfo(zone)
                return [self._row(step, now, "goes on")]
            case Facts(step, now, facts):
                return [self._row(step, now, self._fact(fact)) for fact in facts]
        return []

    def _row(self, step: int, now: float, words: str) -> str:
        return f"{datetime.fromtimestamp(self._anchor + now, self._zone):%H:%M:%S}  {step}  {words}"

    def _fact(self, fact: Mapping[str, Any]) -> str:
        if fact["type"] == "ClockSet":
            self._anchor = fact["anchor"]
        told = [
            f"{name}={_said(value)}" for name, value in fact.items() if name != "type" and value not in (None, "", [])
        ]
        return " ".join((fact["type"], *told))


def _floor(state: Mapping[str, Any]) -> str:
    """The state in a row; `line1555 calls` and `agents` show all of it."""
    waiting = sum(call["waited_s"] is not None for call in state["calls"])
    here = sum(agent["state"] != "logged_out" for agent in state["agents"])
    link, banner = "up" if state["link"]["up"] else "DOWN", f", banner {state['banner']}" if state["banner"] else ""
    calls = f"{len(state['calls'])} calls, {waiting} of them waiting"
    return f"{state['node']} {state['version']}: link {link}, {calls}, {here} agents logged in{banner}"


def _said(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return json.dumps(text, ensure_ascii=False) if " " in text else text
