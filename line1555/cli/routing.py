"""``line1555 explain`` and ``line1555 eligible``: why a call waited, and who could take one."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection
from dataclasses import asdict
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from calls import ContractError
from line1555.live import journalled
from line1555.readers.eligible import Question, survey
from line1555.readers.explain import Local, Story
from line1555.readers.explain import explain as story_of
from line1555.screen import Screen
from records import WallClock
from sites import load_site

from . import routing_words
from .current import folder_of, site_of
from .options import DEFAULT_RUN, JsonOption, RunOption, SiteOption, refuse

LanguageOption = Annotated[str, typer.Option("--lang", help="Words of the table: el or en.")]


def add(app: typer.Typer) -> None:
    app.command()(explain)
    app.command()(eligible)


def explain(
    call: Annotated[str, typer.Argument(help="Call id, the end of one, or `last`: the one that queued last.")],
    site: SiteOption = None,
    run: RunOption = DEFAULT_RUN,
    lang: LanguageOption = "en",
    as_json: JsonOption = False,
) -> None:
    """Why a call waited and who got it: what it asked for, what relaxed when, every offer with its reasons."""
    if lang not in routing_words.LANGUAGES:
        refuse(f"--lang {lang}: expected one of {', '.join(routing_words.LANGUAGES)}")
    found = _story(run / "journal.db", call, ZoneInfo(site_of(site, run).settings.zone))
    if as_json:
        print(json.dumps(asdict(found), ensure_ascii=False, indent=1))
    else:
        routing_words.tell_story(Screen(), found, lang)


def _story(journal: Path, wanted: str, zone: ZoneInfo) -> Story:
    try:
        call = journalled.find(journal, wanted)
        return story_of(call, journalled.facts_of(journal, call), _local(journalled.clock(journal), zone))
    except journalled.NoSuchCall as error:
        refuse(str(error), 1)
    except sqlite3.Error:
        refuse(f"there is no journal in {journal.parent}: has the line been up there? (--run DIR)", 1)
    except ContractError as error:
        refuse(f"the journal was written by another version: {error}", 1)


def _local(clock: WallClock, zone: ZoneInfo) -> Local:
    def local(now: float) -> str:
        return clock.local(now, zone).isoformat(timespec="milliseconds")

    return local


def eligible(
    topic: Annotated[
        str, typer.Option("--topic", help="A topic of line.yaml; without one: the operator's queue.")
    ] = "",
    role: Annotated[str, typer.Option("--role", help="Who is calling, a role of line.yaml.")] = "",
    language: Annotated[str, typer.Option("--language", help="The caller's language.")] = "",
    number: Annotated[str, typer.Option("--number", help="The number that was dialled; it may have points.")] = "",
    at: Annotated[str, typer.Option("--at", help="Seconds waited, separated by commas.")] = "0,20,40,60,120",
    site: SiteOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show who could take a call, by the YAML alone: after so many seconds, which agents, and what the others lack."""
    loaded = load_site(folder_of(site))
    menus = loaded.line.menus
    question = Question(
        _known("--topic", topic, menus.topics) or None,
        _known("--language", language, menus.languages) or menus.default_language,
        _known("--role", role, loaded.roles) or None,
        _known("--number", number, menus.entries),
    )
    found = survey(loaded.line, question, _seconds(at))
    if as_json:
        print(json.dumps(asdict(found), ensure_ascii=False, indent=1))
    else:
        routing_words.tell_survey(Screen(), found)


def _known(option: str, said: str, names: Collection[str]) -> str:
    if said and said not in names:
        refuse(f"{option} {said}: expected one of {', '.join(names)}")
    return said


def _seconds(said: str) -> list[float]:
    try:
        seconds = [float(part) for part in said.split(",")]
    except ValueError:
        refuse(f"--at {said}: expected seconds separated by commas, e.g. 0,20,40")
    if not all(0 <= second <= 86_400 for second in seconds):
        refuse(f"--at {said}: expected seconds between 0 and 86400")
    return seconds
