"""``line1555 call``, ``queue``, ``callback`` and ``banner``: a supervisor's orders to the running line."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from control import status
from control.refusals import NotDone, done
from line1555.screen import Screen

from .options import DEFAULT_RUN, JsonOption, RunOption, refuse, refuse_as_told

AnswerOption = Annotated[
    bool, typer.Option("--json", help="Print the line's answer as JSON; of a refusal its id and details too.")
]
COLUMNS = ("call", "number", "queue", "state", "since", "due", "attempts")


def add(app: typer.Typer) -> None:
    app.command(name="call")(order_call)
    app.command(name="queue")(order_queue)
    app.command()(callback)
    app.command()(banner)


def order_call(
    call: Annotated[
        str, typer.Argument(help="The call's id as `line1555 calls` prints it, or enough of its beginning or end.")
    ],
    move: Annotated[str, typer.Option("--move", help="To this queue; it keeps the time waited.", metavar="QUEUE")] = "",
    priority: Annotated[
        float | None, typer.Option("--priority", help="So many points on top of its queue's.", metavar="POINTS")
    ] = None,
    withdraw: Annotated[bool, typer.Option("--withdraw", help="Take it out: it hears goodbye.")] = False,
    as_json: AnswerOption = False,
    run: RunOption = DEFAULT_RUN,
) -> None:
    """Move a waiting call (or a promised callback) to another queue, give it priority, or take it out of the line."""
    orders: list[dict[str, Any]] = []
    if move:
        orders.append({"order": "move", "call": call, "queue": move})
    if priority is not None:
        orders.append({"order": "priority", "call": call, "points": priority})
    if withdraw:
        orders.append({"order": "withdraw", "call": call})
    if len(orders) != 1:
        refuse("expected one of --move QUEUE, --priority POINTS, --withdraw")
    _give(run, orders[0], as_json)


def order_queue(
    queue: Annotated[str, typer.Argument(help="The queue's name in queues.yaml.")],
    opened: Annotated[bool, typer.Option("--open/--close", help="Take calls again, or go by its `closed` rule.")],
    as_json: AnswerOption = False,
    run: RunOption = DEFAULT_RUN,
) -> None:
    """Open or close a queue; a closed one sends its callers where its `closed` rule says."""
    _give(run, {"order": "switch", "queue": queue, "open": opened}, as_json)


def banner(
    state: Annotated[str, typer.Argument(help="on or off.", metavar="on|off")],
    prompt: Annotated[
        str, typer.Argument(help="What it says: one of `banners` in line.yaml.", metavar="[PROMPT]")
    ] = "",
    as_json: AnswerOption = False,
    run: RunOption = DEFAULT_RUN,
) -> None:
    """Put the emergency banner on, for every caller from now on, or take it off."""
    if (state, bool(prompt)) not in (("on", True), ("off", False)):
        refuse("expected `on PROMPT`, or `off`")
    _give(run, {"order": "banner", "prompt": prompt}, as_json)


def callback(
    number: Annotated[str, typer.Argument(help="The citizen's number, as they gave it.")] = "",
    queue: Annotated[str, typer.Option("--queue", help="The queue whose agents call them.", metavar="QUEUE")] = "",
    at: Annotated[
        str,
        typer.Option("--at", help="Local time: 16:30, or 2026-12-01T12:00; without it: in their turn.", metavar="TIME"),
    ] = "",
    language: Annotated[str, typer.Option("--language", help="The language they speak.", metavar="LANGUAGE")] = "",
    listed: Annotated[bool, typer.Option("--list", help="Show the callbacks that are promised.")] = False,
    as_json: JsonOption = False,
    run: RunOption = DEFAULT_RUN,
) -> None:
    """Promise a citizen a call, now or at a time; or list the callbacks. `line1555 call ID` changes one."""
    if listed:
        answer = ask(run, {"order": "callbacks"}, as_json)
        _show(answer["callbacks"], answer["now"], as_json)
        return
    if not (number and queue):
        refuse("expected a NUMBER and --queue QUEUE, or --list")
    order = {"order": "callback", "number": number, "queue": queue, "at": at, "language": language}
    made = ask(run, order, as_json)["call"]
    typer.echo(json.dumps({"call": made}) if as_json else f"done: {made}")


def _show(promised: list[dict[str, Any]], now: str, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(promised, ensure_ascii=False, indent=1))
        return
    table = Table(*COLUMNS, box=None, padding=(0, 2, 0, 0))
    for one in promised:
        times = {name: _short(one[name], now) for name in ("since", "due")}
        table.add_row(*(str({**one, **times}[name]) for name in COLUMNS))
    Screen().print(table if promised else "no callback is promised")


def _short(instant: str | None, now: str) -> str:
    """The time of the day, with its date where the line's clock (``now``) shows another one. Both are ISO 8601."""
    if instant is None:
        return "-"
    at, today = datetime.fromisoformat(instant), datetime.fromisoformat(now).date()
    return f"{at:%H:%M}" if at.date() == today else f"{at:%m-%d %H:%M}"


def _give(run: Path, order: dict[str, Any], as_json: bool) -> None:
    answer = ask(run, order, as_json)
    typer.echo(json.dumps(answer) if as_json else "done")


def ask(run: Path, order: dict[str, Any], as_json: bool = False) -> dict[str, Any]:
    """The running line's answer. A refusal is told in words, or as it came (``as_json``), and ends the command."""
    try:
        return done(status.ask(run, order))
    except status.NotRunning as error:
        refuse(str(error), 1)
    except NotDone as error:
        refuse_as_told(error, as_json)
