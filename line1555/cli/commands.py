"""The commands by name, each loaded when somebody asks for it.

Importing all of them takes seconds, the planners' libraries alone more than one; an engine that starts again after a
crash has callers waiting, and `line1555 --help` and `line1555 status` are asked by people who look at a screen.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_group

from line1555.extras import MissingExtra, needs, require

COMMANDS: dict[str, tuple[str, str]] = {
    "up": ("up", "Bring the line up: Asterisk, engine, records, /metrics; show the board until Ctrl-C."),
    "status": ("status", "Show what the running line is doing now."),
    "follow": ("follow", "Print what happens on the running line, as it happens, until Ctrl-C."),
    "down": ("down", "End the line: the engine and Asterisk, with the calls there are. Asks before it ends a call."),
    "backup": (
        "backup",
        "Copy journal, records, secrets, versions and messages into one file. The line may run meanwhile.",
    ),
    "restore": ("backup", "Make a run directory from a backup; it must be new or empty, and nothing may run in it."),
    "init": (
        "init",
        "Copy the shipped line (DIR/site) and its alert rules and dashboard (DIR/monitoring), to make them your own.",
    ),
    "check": ("site", "Validate the YAML: every problem of every file at once, with its place and how to mend it."),
    "graph": ("graph", "Draw the menus; with --run, how many callers took each way, and where they hung up."),
    "publish": (
        "publish",
        "Make the folder a version and put it live: checked, its tests run, yesterday replayed; then in one step.",
    ),
    "rollback": (
        "publish",
        "Bring an older version back, as a new one. Quick: it was tested when it was published, so it is only checked.",
    ),
    "versions": ("publish", "List what was published: number, when, by whom, what for. The newest one runs."),
    "diff": ("publish", "Show what differs between two versions, or between a version and the folder on disk."),
    "watch": (
        "publish",
        "Check the folder at each change, as `check --tests` does; with --publish, what is in order goes live.",
    ),
    "try": ("try_menus", "Call the line in the terminal: its texts, your keys, any time of day, faked services."),
    "report": ("report", "A day's figures: in total, or by interval, topic, queue, agent, entry number."),
    "journey": ("report", "One call from its arrival to its end: every leg, every offer with its reasons."),
    "explain": (
        "routing",
        "Why a call waited and who got it: what it asked for, what relaxed when, every offer with its reasons.",
    ),
    "eligible": (
        "routing",
        "Show who could take a call, by the YAML alone: after so many seconds, which agents, and what the others lack.",
    ),
    "call": (
        "orders",
        "Move a waiting call (or a promised callback) to another queue, give it priority, or take it out of the line.",
    ),
    "queue": ("orders", "Open or close a queue; a closed one sends its callers where its `closed` rule says."),
    "callback": (
        "orders",
        "Promise a citizen a call, now or at a time; or list the callbacks. `line1555 call ID` changes one.",
    ),
    "banner": ("orders", "Put the emergency banner on, for every caller from now on, or take it off."),
    "codes": (
        "floor",
        "List what an agent's phone can dial: feature codes, and short codes of queues and colleagues for transfers.",
    ),
    "calls": (
        "floor",
        "List the calls that wait, by queue, with their wait, and the closed queues. `line1555 call` takes these ids.",
    ),
    "agents": ("floor", "List the agents at work: state, time in it, and whether the phone is there."),
    "agent": ("floor", "Log an agent out, or set their state; a call that they have goes on first."),
    "asterisk": ("asterisk", "The Asterisk that `line1555 up` starts."),
    "prompts": ("site", "The spoken texts."),
    "person": ("person", "What is kept of one citizen: out of it as files, or away."),
    "simulate": (
        "simulate",
        "Run a scenario: many replications on virtual time, with confidence intervals, and a plain answer.",
    ),
    "scenario": (
        "scenario",
        "List the shipped scenarios; or check one and print what it is about, what it assumes and what is known of it.",
    ),
    "staff": (
        "staff",
        "Tell how many seats per half hour, a shift plan for a week, or which skill to teach whom next.",
    ),
    "replay": (
        "replay",
        "Run a recorded day on changed settings; exit 1 where a limit is broken, so it can guard a change.",
    ),
    "load": (
        "load",
        "Play a stretch of a scenario with real calls, simulate the same callers, and print the difference.",
    ),
}
"""Module (in this package) and first line of the help of each command."""
PLANNING = ("simulate", "scenario", "staff", "replay", "load")
"""Commands that need the extra ``plan``."""
ANY = {"allow_extra_args": True, "ignore_unknown_options": True}


class Commands(TyperGroup):
    """A group that knows its commands by name, and what is in them only when it has to."""

    listing = False

    def list_commands(self, ctx: Any) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        if cmd_name not in COMMANDS:
            return None
        return TyperCommand(cmd_name, help=_first_line(cmd_name)) if self.listing else _loaded(cmd_name)

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """List the commands by their names and first lines alone."""
        self.listing = True
        try:
            super().format_help(ctx, formatter)
        finally:
            self.listing = False


def _first_line(name: str) -> str:
    """Give what the list of commands says of one; importing nothing that it needs."""
    try:
        if name in PLANNING:
            with needs("plan"):
                require("plan")
    except MissingExtra as missing:
        return f"Not here: {missing}"
    return COMMANDS[name][1]


def _loaded(name: str) -> Any:
    module, alone = COMMANDS[name][0], typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    try:
        if name in PLANNING:
            with needs("plan"):
                require("plan")
                import_module(f"{__package__}.{module}").add(alone)
        else:
            import_module(f"{__package__}.{module}").add(alone)
    except MissingExtra as missing:
        alone.command(name, help=f"Not here: {missing}", context_settings=ANY)(_refusing(missing))
    command = get_group(alone).commands[name]
    command.name = name
    return command


def _refusing(missing: MissingExtra) -> Callable[[], None]:
    def refuse() -> None:
        raise missing

    return refuse
