"""The planners' commands, loaded when one of them is asked for.

Their libraries take seconds to load, and an engine that starts again after a crash has callers waiting.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperGroup
from typer.main import get_command

from line1555.extras import MissingExtra, needs

COMMANDS = ("simulate", "scenario", "staff", "replay", "load")
"""Each in the module of its name."""


class Planning(TyperGroup):
    """A group that knows these commands by name, and what is in them only when it has to."""

    def list_commands(self, ctx: Any) -> list[str]:
        return [*super().list_commands(ctx), *COMMANDS]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        return _loaded(cmd_name) if cmd_name in COMMANDS else super().get_command(ctx, cmd_name)


ANY = {"allow_extra_args": True, "ignore_unknown_options": True}


def _refusing(missing: MissingExtra) -> Callable[[], None]:
    def refuse() -> None:
        raise missing

    return refuse


def _loaded(name: str) -> Any:
    alone = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    try:
        with needs("plan"):
            import_module(f"{__package__}.{name}").add(alone)
    except MissingExtra as missing:
        alone.command(name, help=f"Not here: {missing}", context_settings=ANY)(_refusing(missing))
    command = get_command(alone)
    command.name = name
    return command
