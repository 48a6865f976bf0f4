"""A published version takes over in the running line.

Callers in the menus stay with the one they began with, everything else holds at once. Whatever can be wrong is found
before; from the commit on nothing is left that may fail.
"""

from __future__ import annotations

import asyncio
import logging
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from calls import SettingsError
from calls import events as e
from control.refusals import OrderRefused, Refusal
from engine import Library, LineSettings
from sites import Site, SiteSettings, Version, VersionError, Versions, callable_line
from sounds import prompts
from telephony import Service
from telephony.asterisk import AsteriskSettings, AsteriskSettingsError, check

from . import privates, site_assets, startable
from .checkpoint import freeze, thaw
from .library import Copied
from .running import Running

log = logging.getLogger(__name__)

FIXED = ("zone", "sip", "ami", "nodes", "trunk", "watch", "records", "mqtt", "metrics")
"""Parts of site.yaml that are read at the start only."""


@dataclass(frozen=True, slots=True)
class _Ready:
    """A version with everything made that it needs."""

    version: Version
    site: Site
    settings: LineSettings
    sounds: list[prompts.Sound]
    services: dict[str, Service]
    asterisks: Mapping[str, AsteriskSettings]


def wanted(order: Mapping[str, Any]) -> int | None:
    """The number of the version that an order wants; None where it wants something else."""
    match order:
        case {"order": "publish", "version": int(number)} if len(order) == 2:
            return number
    return None


async def switch_over(line: Running, number: int, by: str) -> dict[str, Any]:
    """``{"done": true, "version": 8, "switched_ms": 3.1}``. Raises ``OrderRefused``, with nothing changed.

    Between two events, so the milliseconds are what a caller could notice of it.
    ``asterisk`` in the answer says what Asterisk's own part of the settings could not be told, if anything.
    """
    if line.switching.locked():
        raise OrderRefused(Refusal.VERSION_BUSY, "another version is taking over at this moment", version=number)
    async with line.switching:
        try:
            ready = await asyncio.to_thread(_prepare, line, number)
            await _rehearse(line, ready.settings)
            began = time.perf_counter()
            Versions(line.options.run_dir).commit(ready.version)
        except (VersionError, SettingsError, AsteriskSettingsError, prompts.PromptError, OSError) as error:
            problems = [str(one) for one in getattr(error, "problems", (error,))]
            raise OrderRefused(Refusal.VERSION_NOT_TAKEN, str(error), version=number, problems=problems) from error
        _switch(line, ready, by)
        took_ms = round((time.perf_counter() - began) * 1000, 1)
        log.info("version %d by %s holds (%s), ordered by %s", number, ready.version.by, ready.version.why, by)
        told = await _tell_asterisk(line, ready)
        return {"done": True, "version": number, "switched_ms": took_ms, **({"asterisk": told} if told else {})}


def _prepare(line: Running, number: int) -> _Ready:
    versions = Versions(line.options.run_dir)
    version = versions.staged(number)
    site = versions.site(version, startable.problems, staged=True)
    if changed := fixed_changes(line.site.settings, site.settings):
        why = f"{', '.join(changed)} in site.yaml cannot change while the line is up"
        raise VersionError(f"{why}: stop the line, publish, start it")
    sounds = site_assets.needed_sounds(site)
    prompts.make(sounds, site_assets.sounds_folder(line.options.run_dir))
    asterisks = privates.settings_of(site, line.options.run_dir, line.options.node)
    for asterisk in asterisks.values():
        check(asterisk)
    return _Ready(version, site, callable_line(site), sounds, site_assets.services_of(site), asterisks)


def fixed_changes(old: SiteSettings, new: SiteSettings) -> list[str]:
    """Name what differs of that which is read at the start only."""
    return [name for name in FIXED if getattr(old, name) != getattr(new, name)]


async def _rehearse(line: Running, settings: LineSettings) -> None:
    """The change, tried on a copy of the present state. Raises ``VersionError`` where the engine cannot take it."""
    engine = line.recovery.line
    frozen, library = freeze(engine), Copied(engine.library, engine.freeze().digests)
    try:
        await asyncio.to_thread(lambda: _tried(frozen, library, settings))
    except Exception as error:  # whatever it is, the line must not meet it
        log.exception("a version was refused")
        raise VersionError(f"the engine cannot take it over: {type(error).__name__}: {error}") from error


def _tried(frozen: bytes, library: Library, settings: LineSettings) -> None:
    line = thaw(frozen, library)
    line.handle(e.SettingsPublished(library.add(settings)), line.view.now)


def _switch(line: Running, ready: _Ready, by: str) -> None:
    """Without a pause: no event comes between."""
    line.version_sounds.add(ready.version.number, ready.site.texts, ready.sounds)
    line.version_sounds.keep(line.recovery.line.view.calls.menu_versions())
    line.runner.lookups.take(ready.services)
    line.confidential.add(site_assets.hidden(ready.site))
    line.runner.publish(ready.settings, by)
    line.keeping.settings = ready.site.settings.keep
    line.site = ready.site


async def _tell_asterisk(line: Running, ready: _Ready) -> str:
    """Its own part: numbers, phones, and the menu it serves alone. Returns what is left to do, in words."""
    try:
        await asyncio.to_thread(prompts.link, ready.sounds, site_assets.sounds_folder(line.options.run_dir))
        if line.asterisk is None:
            return "it is not ours: whoever keeps it has to give it the numbers, phones and queues of this version"
        await asyncio.to_thread(privates.reload, line.privates, ready.asterisks, line.options.run_dir)
    except (OSError, subprocess.SubprocessError, AsteriskSettingsError) as error:
        log.error("Asterisk was not told: %s", error)
        return f"it was not told ({error}): numbers and phones that are new will work after the next start"
    line.runner.tell_membership()
    return ""
