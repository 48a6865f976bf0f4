"""``line1555 try``: walk the menus in the terminal as a caller, with the very engine."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import datetime
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from line1555.screen import Screen
from sites import MenuTrial, Site, load_site
from sites.menu_tests import act
from sites.tests_file import HANG_UP
from sites.trial import TrialEvent

from .current import folder_of
from .options import JsonOption, SiteOption, refuse

HELP = "keys 0-9 * #; Enter: listen, and say nothing; h: hang up"
ALLOWED = frozenset("0123456789*#")
STYLES = {"hear": "bold", "note": "dim", "end": "cyan"}


def add(app: typer.Typer) -> None:
    app.command(name="try")(try_menus)


def try_menus(
    number: Annotated[str, typer.Argument(help="The number that is dialled.", metavar="NUMBER")] = "1555",
    site: SiteOption = None,
    ani: Annotated[str, typer.Option("--from", help="The caller's number; none: it is withheld.", metavar="ANI")] = "",
    at: Annotated[str, typer.Option("--at", help="Local time, e.g. 2026-12-24T22:00; none: now.", metavar="TIME")] = "",
    keys: Annotated[
        str | None,
        typer.Option("--keys", help="1,1,,h instead of asking: keys, nothing (listen on), h (hang up)."),
    ] = None,
    answers: Annotated[
        list[str] | None,
        typer.Option("--answer", help="What a service answers: LOOKUP.VALUE=TEXT; others fail.", metavar="ANSWER"),
    ] = None,
    banner: Annotated[str, typer.Option("--banner", help="With this prompt as the emergency banner.")] = "",
    as_json: JsonOption = False,
) -> None:
    """Call the line in the terminal: its texts, your keys, any time of day, faked services.

    Nothing is dialled and nobody is rung; all agents are logged in and busy, so the call ends up waiting.
    """
    loaded = load_site(folder_of(site))
    trial = _trial(loaded, number, ani, at, answers or [], banner)
    if keys is not None or as_json:
        for step in _steps(keys or ""):
            act(trial, step)
        _tell(trial, as_json)
        return
    _converse(trial)


def _trial(site: Site, number: str, ani: str, at: str, answers: list[str], banner: str) -> MenuTrial:
    entries = site.line.menus.entries
    if number not in entries:
        refuse(f"{number} is no number of this line: expected one of {', '.join(entries)}")
    if set(ani) - set("+0123456789") or len(ani) > 20:
        refuse(f"--from {ani}: expected a telephone number, or nothing")
    if banner and banner not in site.line.menus.banners:
        known = ", ".join(site.line.menus.banners) or "none (banners in line.yaml)"
        refuse(f"--banner {banner}: expected one of {known}")
    return MenuTrial(site, number, ani, _time(at, ZoneInfo(site.settings.zone)), _answers(answers), banner)


def _time(said: str, zone: ZoneInfo) -> datetime:
    try:
        moment = datetime.fromisoformat(said) if said else datetime.now(zone)
    except ValueError:
        refuse(f"--at {said}: expected a local time such as 2026-12-24T22:00")
    return moment if moment.tzinfo else moment.replace(tzinfo=zone)


def _answers(said: list[str]) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for answer in said:
        name, equals, text = answer.partition("=")
        lookup, _, value = name.partition(".")
        if not (equals and lookup and value):
            refuse(f"--answer {answer}: expected LOOKUP.VALUE=TEXT, e.g. tickets.status=open")
        found.setdefault(lookup, {})[value] = text
    return found


def _steps(said: str) -> list[str]:
    steps = [step.strip() for step in said.split(",")] if said else []
    if wrong := [step for step in steps if not _possible(step)]:
        refuse(f"--keys {said}: found {wrong[0]!r}, expected {HELP}, with commas between")
    return steps


def _possible(step: str) -> bool:
    return step == HANG_UP or not set(step) - ALLOWED


def _tell(trial: MenuTrial, as_json: bool) -> None:
    if as_json:
        told = [asdict(one) for one in trial.told]
        typer.echo(json.dumps({"told": told, **trial.summary()}, ensure_ascii=False, indent=1))
        return
    console = Screen()
    for one in trial.told:
        _show(console, one)


def _show(console: Screen, one: TrialEvent) -> None:
    console.print(f"{clock(one.at)}  {shown(one)}", style=STYLES[one.kind], markup=False)


def clock(at: float) -> str:
    """Seconds since the call came, as a stop watch shows them."""
    return f"{int(at // 60):02}:{at % 60:04.1f}"


def shown(one: TrialEvent) -> str:
    """Give what happened, with marks around what was said."""
    return f"“{one.text}”" if one.kind == "hear" and not one.text.startswith("(") else one.text


def _converse(trial: MenuTrial) -> None:
    console, shown = Screen(), 0
    console.print(HELP, style="dim")
    while True:
        for one in trial.told[shown:]:
            _show(console, one)
        shown = len(trial.told)
        if trial.over:
            return
        try:
            step = console.input("> ").strip()
        except (EOFError, KeyboardInterrupt):
            step = HANG_UP
        if _possible(step):
            act(trial, step)
        else:
            console.print(HELP, style="dim")
