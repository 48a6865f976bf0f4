"""New settings take over: callers in the menus keep the version they began with, everything else holds at once."""

from __future__ import annotations

from dataclasses import replace

from calls import events as e
from calls import facts as f

from . import callbacks, menus, phones, waiting
from .settings import LineSettings
from .state import EngineState


def take_settings(w: EngineState, settings: LineSettings, event: e.SettingsPublished) -> None:
    """Take the new settings. A queue that is gone from them is kept for callers who wait in it or are on the way."""
    if settings.menus.version != w.settings.menus.version:
        w.tell(f.EditionTaken, settings.menus.version, event.by)
    w.settings, w.digest = replace(settings, queues={**w.settings.queues, **settings.queues}), event.digest
    people = [agent.id for agent in w.roster]
    w.roster.reload(settings.agents.values(), w.now)
    waiting.take_settings(w)
    callbacks.take_settings(w)
    phones.take_settings(w, people)
    menus.take_settings(w)
    w.distributor.take_policies(settings.policies())
