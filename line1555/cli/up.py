"""``line1555 up`` and ``line1555 status``: the live line and a look at it."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import json
import logging
import os
import sys
from collections.abc import AsyncIterator, Callable
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.live import Live
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from line1555.extras import MissingExtra
from line1555.live.app import running, until_stopped
from line1555.live.notify import Notify
from line1555.live.publishing import Starting, site_to_run
from line1555.live.running import Ending, Options, Running
from line1555.readers import board
from line1555.readers.exporter import PortInUse
from line1555.screen import Screen
from records import JournalError
from simulator.sip import Demo, PhonesError
from sites import Site, VersionError
from sounds import PromptError
from telephony.ami import AmiLoginFailed, AmiUnreachable
from telephony.asterisk import AsteriskError, AsteriskMissingError, AsteriskSettingsError, TooFewDescriptorsError

from .ami_options import ami_settings
from .default_site import DEFAULT_SITE
from .options import DEFAULT_RUN, JsonOption, RunOption, SiteOption, refuse

log = logging.getLogger(__name__)

BOARD_S = 0.5
LOG_BYTES, LOGS = 10_000_000, 5
"""Bytes to which the engine's log grows, and how many older ones are kept."""
PLAIN_S = 5.0
DEMO_AGENTS = 10
DEMO_SCRIPTED = 6
"""Agents of the demo that pyVoIP plays; baresip plays the others."""

WRONG = (
    AsteriskError,
    AsteriskMissingError,
    AsteriskSettingsError,
    AmiLoginFailed,
    AmiUnreachable,
    JournalError,
    MissingExtra,
    PhonesError,
    PortInUse,
    PromptError,
    TooFewDescriptorsError,
)
"""Errors that keep the line from starting and have a way out in their text."""


def add(app: typer.Typer) -> None:
    app.command()(up)


def up(
    site: SiteOption = None,
    run: RunOption = DEFAULT_RUN,
    demo: Annotated[bool, typer.Option("--demo", help="Add scripted agents and citizens on real SIP.")] = False,
    plain: Annotated[bool, typer.Option("--plain", help="Lines for a log instead of the board.")] = False,
    as_json: JsonOption = False,
    ami: Annotated[str, typer.Option(help="Use an Asterisk that runs already.", metavar="HOST:PORT")] = "",
    ami_file: Annotated[Path | None, typer.Option(help="File with the AMI user and secret, a line each.")] = None,
    node: Annotated[str, typer.Option(help="Name of this Asterisk node in call ids.")] = "n1",
    seconds: Annotated[float, typer.Option(help="Stop after so long; 0: when told to (Ctrl-C).")] = 0.0,
) -> None:
    """Bring the line up: Asterisk, engine, records, /metrics; show the board until Ctrl-C."""
    if not node.isalnum():
        refuse(f"--node {node}: expected letters and digits")
    options = Options(run, ami_settings(ami, ami_file) if ami else None, node)
    try:
        starting = _site(site, run)
        log_to(run, echo=plain or as_json or not sys.stdout.isatty())
    except OSError as error:
        refuse(_disk(error, run))
    shown = "json" if as_json else "plain" if plain or not sys.stdout.isatty() else "board"
    try:
        ending = asyncio.run(_up(starting, options, shown, demo, seconds))
    except (AmiLoginFailed, AmiUnreachable) as error:
        refuse(f"{error}{_way_to(ami)}")
    except WRONG as error:
        refuse(str(error))
    except OSError as error:
        refuse(_disk(error, run))
    except (KeyboardInterrupt, asyncio.CancelledError):
        ending = Ending.BOTH
    if ending is Ending.FAILED:
        refuse(f"Asterisk ends again and again: see {run}/log, then start anew (calls in the journal are accounted)", 1)
    if ending is Ending.ENGINE and not ami:
        typer.echo(f"The engine has ended; Asterisk goes on. Start again, or end it too: line1555 down --run {run}")


def _site(directory: Path | None, run: Path) -> Starting:
    """Give what is to run, and what is to be said of it. The folder is only read: it changes nothing that runs."""
    try:
        return site_to_run(run, directory, DEFAULT_SITE)
    except VersionError as error:
        refuse(str(error))


def _disk(error: OSError, run: Path) -> str:
    """Say what to do where the machine does not give what a start needs."""
    full = error.errno in (errno.ENOSPC, errno.EDQUOT)
    way_out = f"make room on the disk of {run}" if full else f"see {run}/log"
    return f"{error}: {way_out}, then start again; an Asterisk that runs goes on with its calls"


def _way_to(ami: str) -> str:
    """Say what to do where an Asterisk that is not ours cannot be had."""
    if not ami:
        return ""
    return (
        f"\nIs Asterisk running at {ami}, and does its manager.conf know this user, secret and address?"
        " They come from LINE1555_AMI_USER and LINE1555_AMI_SECRET, or from --ami-file."
    )


async def _up(what: Starting, options: Options, shown: str, demo: bool, seconds: float) -> Ending:
    async with contextlib.AsyncExitStack() as stack:
        systemd = Notify.take(os.environ)
        starting = asyncio.create_task(systemd.starting())
        stack.callback(starting.cancel)
        with progress_bar() as progress:
            line = await stack.enter_async_context(running(what.site, options, progress))
        starting.cancel()
        what.started()
        log.info("; ".join(what.told))
        told = await stack.enter_async_context(_citizens(line)) if demo else []
        if shown != "json":
            Screen().print("\n".join([*what.told, *_where(line, demo), *told]))
        for work in (_SHOW[shown](line), systemd.living(lambda: _in_a_line(line))):
            stack.callback(asyncio.create_task(work).cancel)
        try:
            async with asyncio.timeout(seconds or None):
                ending = await until_stopped(line)
        except TimeoutError:
            line.end(Ending.BOTH)
            ending = Ending.BOTH
        systemd.tell(STOPPING=1, STATUS=f"ending: {ending.value}")
        return ending


def _in_a_line(line: Running) -> str:
    """Sum the line up for `systemctl status`."""
    now = line.snapshot()
    calls, agents = sum(now["calls"].values()), now["agents_by_state"]
    link = "up" if now["link"]["up"] else "DOWN"
    return f"{calls} calls, {agents.get('ready', 0)} agents ready, link to Asterisk {link}"


@contextlib.contextmanager
def progress_bar() -> Any:
    """A bar while prompts are spoken, only where there is something to do."""
    columns = (TextColumn("prompts"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Screen(stderr=True), transient=True) as bars:
        task = bars.add_task("prompts", total=None)
        yield lambda done, total: bars.update(task, completed=done, total=total)


def _where(line: Running, demo: bool) -> list[str]:
    sip, run = line.site.settings.sip, line.options.run_dir
    numbers = ", ".join(line.site.line.menus.entries)
    agents = tuple(line.site.line.agents)
    agent = agents[DEMO_AGENTS if demo and len(agents) > DEMO_AGENTS else 0]
    if line.asterisk is None:
        return [
            f"The line is up on your Asterisk. Metrics: port {line.metrics_port}. Look: line1555 status --run {run}"
        ]
    return [
        f"The line is up. Metrics: http://{line.site.settings.metrics.host}:{line.metrics_port}/metrics",
        f"Call it:    any softphone without registration, sip:1555@{sip.host}:{sip.port} (numbers: {numbers})",
        f"Room:       {_room(line.site)}",
        f"Take a seat: register as {agent} at {sip.host}:{sip.port}, password in {run}/secrets.json; dial *11 and *13",
        f"Look:       line1555 status --run {run} --json; logs in {run}/log",
    ]


def _room(site: Site) -> str:
    """Say what the ports for sound are enough for, and what not."""
    room = site.room
    told = f"{room.citizens} citizens at once beside {room.agents} seats, by {room.ports} ports for sound"
    short = [f"{problem.key}: {problem.expected}" for problem in site.warnings if problem.key.startswith("sip.")]
    return "; NOT ENOUGH: ".join([told, *short])


async def _board(line: Running) -> None:
    language: board.Language = "el" if line.site.settings.board_language == "el" else "en"
    with Live(console=Screen(), refresh_per_second=4, screen=False) as live:
        while True:
            live.update(board.render(line.snapshot(), language))
            await asyncio.sleep(BOARD_S)


async def _plain(line: Running) -> None:
    while True:
        print(board.plain(line.snapshot()), flush=True)
        await asyncio.sleep(PLAIN_S)


async def _json(line: Running) -> None:
    while True:
        print(json.dumps(line.snapshot(), ensure_ascii=False), flush=True)
        await asyncio.sleep(PLAIN_S)


_SHOW: dict[str, Callable[[Running], Any]] = {"board": _board, "plain": _plain, "json": _json}


@contextlib.asynccontextmanager
async def _citizens(line: Running) -> AsyncIterator[list[str]]:
    """Scripted agents and citizens on real SIP for the length of the block."""
    asterisk = line.asterisk
    if asterisk is None:
        refuse("--demo needs an Asterisk of its own: leave --ami out")
    sip = line.site.settings.sip
    numbers = tuple(line.site.line.menus.entries)
    agents = tuple(line.site.line.agents)[:DEMO_AGENTS]
    demo = Demo(sip.host, sip.port, asterisk.secrets.agents, agents, numbers, scripted=DEMO_SCRIPTED)
    try:
        await demo.start()
    except PhonesError as error:  # a demo without pyVoIP is better than none; nothing else is wrong if baresip starts
        log.warning("pyVoIP agents do not start, baresip takes their seats: %s", error)
        await demo.stop()
        demo = Demo(sip.host, sip.port, asterisk.secrets.agents, agents, numbers, scripted=0)
        await demo.start()
    try:
        yield list(demo.describe())
    finally:
        await demo.stop()


def log_to(run_dir: Path, *, echo: bool) -> None:
    """The engine's own log: a file always, the terminal where no board is drawn on it."""
    (run_dir / "log").mkdir(mode=0o700, parents=True, exist_ok=True)
    file = RotatingFileHandler(run_dir / "log" / "line1555.log", maxBytes=LOG_BYTES, backupCount=LOGS, encoding="utf-8")
    handlers: list[logging.Handler] = [file]
    if echo:
        handlers.append(logging.StreamHandler())
    logging.getLogger("alembic").setLevel(logging.WARNING)  # what it migrates is no news of the line
    logging.raiseExceptions = False  # a full disk: a line less in the log, no traceback for each
    logging.basicConfig(
        level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s", handlers=handlers, force=True
    )
