"""``line1555 call`` and ``line1555 queue``: a supervisor's orders to the running line."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from . import status
from .options import DEFAULT_RUN, RunOption, refuse


def add(app: typer.Typer) -> None:
    app.command(name="call")(order_call)
    app.command(name="queue")(order_queue)


def order_call(
    call: Annotated[str, typer.Argument(help="The call's id, as in `line1555 status` and `line1555 explain`.")],
    move: Annotated[str, typer.Option("--move", help="To this queue; it keeps the time waited.", metavar="QUEUE")] = "",
    priority: Annotated[
        float | None, typer.Option("--priority", help="So many points on top of its queue's.", metavar="POINTS")
    ] = None,
    withdraw: Annotated[bool, typer.Option("--withdraw", help="Take it out: it hears goodbye.")] = False,
    run: RunOption = DEFAULT_RUN,
) -> None:
    """Move a waiting call to another queue, give it priority, or take it out of the line."""
    orders: list[dict[str, Any]] = []
    if move:
        orders.append({"order": "move", "call": call, "queue": move})
    if priority is not None:
        orders.append({"order": "priority", "call": call, "points": priority})
    if withdraw:
        orders.append({"order": "withdraw", "call": call})
    if len(orders) != 1:
        refuse("expected one of --move QUEUE, --priority POINTS, --withdraw")
    _give(run, orders[0])


def order_queue(
    queue: Annotated[str, typer.Argument(help="The queue's name in queues.yaml.")],
    opened: Annotated[bool, typer.Option("--open/--close", help="Take calls again, or go by its `closed` rule.")],
    run: RunOption = DEFAULT_RUN,
) -> None:
    """Open or close a queue; a closed one sends its callers where its `closed` rule says."""
    _give(run, {"order": "switch", "queue": queue, "open": opened})


def _give(run: Path, order: dict[str, Any]) -> None:
    try:
        answer = status.ask(run, order)
    except status.NotRunning as error:
        refuse(str(error), 1)
    if why := answer.get("refused"):
        refuse(why, 1)
    typer.echo("done")
