"""``line1555 down``: end the line, or the engine alone; and what is left of one whose engine has ended already."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from control import status
from control.refusals import NotDone, done
from line1555.screen import Screen
from telephony.asterisk import AsteriskError, end_left_behind, find

from .options import DEFAULT_RUN, RunOption, refuse

LOOK_S = 0.2
ENDS_WITHIN_S = 60.0


def add(app: typer.Typer) -> None:
    app.command()(down)


def down(
    run: RunOption = DEFAULT_RUN,
    engine_only: Annotated[
        bool, typer.Option("--engine-only", help="Asterisk and its calls go on, for an upgrade: start again soon.")
    ] = False,
    when_idle: Annotated[bool, typer.Option("--when-idle", help="Wait until nobody is on the line.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask, even if calls end.")] = False,
) -> None:
    """End the line: the engine and Asterisk, with the calls there are. Asks before it ends a call."""
    try:
        now = status.ask(run)
    except status.Silent as error:
        refuse(f"{error}; its engine can be ended with SIGKILL (see `ps`): Asterisk goes on, then `line1555 down`", 1)
    except status.NotRunning as error:
        if engine_only:
            refuse(str(error), 1)
        _end_what_is_left(run, yes)
        return
    if when_idle:
        _wait("Nobody on the line", lambda: None if _calls(status.ask(run)) else True, _busy(run))
    elif not engine_only:
        _confirm(_in_words(now), _calls(now), yes)
    try:
        done(status.ask(run, {"order": "stop", "asterisk": not engine_only}))
    except NotDone as error:
        refuse(str(error), 1)
    _wait("The engine has ended", lambda: _is_gone(run), lambda: "ending", ENDS_WITHIN_S)
    if engine_only:
        typer.echo(f"Asterisk goes on with its calls: start again with `line1555 up --run {run}`")
    else:
        _wait("Asterisk has ended", lambda: not any(map(find, _places(run.resolve()))), lambda: "ending", ENDS_WITHIN_S)


def _calls(now: dict[str, Any]) -> int:
    return int(sum(now["calls"].values()) - now["calls"].get("promised", 0))


def _in_words(now: dict[str, Any]) -> str:
    parts = [f"{count} {stage}" for stage, count in now["calls"].items() if count and stage != "promised"]
    return ", ".join(parts) or "nobody on the line"


def _confirm(what: str, calls: int, yes: bool) -> None:
    typer.echo(f"On the line: {what}.")
    if not calls or yes:
        return
    if not sys.stdin.isatty():
        refuse("their calls would end: --yes ends them, --when-idle waits, --engine-only lets them go on", 1)
    if not typer.confirm("Their calls end. Go on?"):
        refuse("nothing was done", 1)


def _busy(run: Path) -> Callable[[], str]:
    return lambda: f"waiting, {_in_words(status.ask(run))} (Ctrl-C: wait no more; the line goes on)"


def _is_gone(run: Path) -> bool:
    try:
        status.ask(run)
    except status.Silent:
        return False
    except status.NotRunning:
        return True
    return False


def _wait(done: str, holds: Callable[[], Any], meanwhile: Callable[[], str], within_s: float = float("inf")) -> None:
    """Until it holds, and say so. Where the line ends by itself meanwhile that is said instead."""
    began = time.monotonic()
    try:
        with Screen(stderr=True).status(meanwhile()) as spinner:
            while not holds():
                if time.monotonic() - began > within_s:
                    refuse(f"not within {within_s:g} s: {done.lower()}; see the logs of the run directory", 1)
                spinner.update(meanwhile())
                time.sleep(LOOK_S)
    except status.NotRunning as error:
        refuse(str(error), 1)
    typer.echo(f"{done} ({time.monotonic() - began:.1f} s).")


def _end_what_is_left(run: Path, yes: bool) -> None:
    """The engine is gone already; Asterisk may not be."""
    left = {place: told.pid for place in _places(run.resolve()) if (told := find(place)) is not None}
    if not left:
        refuse(f"nothing runs in {run}", 1)
    pids = ", ".join(str(pid) for pid in left.values())
    _confirm(f"no engine, but Asterisk (pid {pids}), with whoever it serves by itself", 1, yes)
    for place, pid in left.items():
        try:
            asyncio.run(end_left_behind(place))
        except AsteriskError as error:
            refuse(str(error), 1)
        typer.echo(f"Asterisk (pid {pid}) has ended.")


def _places(run: Path) -> list[Path]:
    """Give the folders in which an Asterisk of the line may run: one for each node."""
    return [run, *sorted((run / "nodes").glob("*"))]
