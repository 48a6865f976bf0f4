"""The private Asterisks of a line: one for each node of the site, each in a folder of its own.

All have the same numbers, phones and queues; what differs is where they listen. A phone has one password for all nodes.
"""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from sites import Site
from telephony.asterisk import Asterisk, AsteriskSettings, private_asterisk, read_launch

from . import site_assets
from .keeper import Keeper

SECRETS = "secrets.json"


@dataclass(slots=True)
class PrivateAsterisk:
    """One node's Asterisk, and who starts it again."""

    name: str
    asterisk: Asterisk
    keeper: Keeper
    run_dir: Path


def folder(run_dir: Path, name: str, first: str) -> Path:
    """Give the run directory of a node; the first one's is that of the line."""
    return run_dir if name == first else run_dir / "nodes" / name


def views(site: Site, first: str) -> Mapping[str, Site]:
    """Give the site as each node sees it: with its own addresses."""
    further = {
        name: replace(site, settings=site.settings.model_copy(update={"sip": at.sip, "ami": at.ami}))
        for name, at in site.settings.nodes.items()
    }
    return {first: site, **further}


def settings_of(site: Site, run_dir: Path, first: str) -> Mapping[str, AsteriskSettings]:
    """Make the settings of each node's Asterisk; all play the same sounds."""
    return {name: site_assets.asterisk_settings(view, run_dir) for name, view in views(site, first).items()}


async def start(site: Site, run_dir: Path, first: str, stack: contextlib.AsyncExitStack) -> dict[str, PrivateAsterisk]:
    """Start (or adopt) every node's Asterisk, the first one first. They end with ``stack``."""
    started: dict[str, PrivateAsterisk] = {}
    for name, settings in settings_of(site, run_dir, first).items():
        own = folder(run_dir, name, first)
        if name != first:
            share_secrets(run_dir, own)
        keeper = Keeper(own)
        asterisk = await stack.enter_async_context(
            private_asterisk(settings, read_launch(), own.resolve(), keeper.gone)
        )
        started[name] = PrivateAsterisk(name, asterisk, keeper, own)
    return started


def share_secrets(run_dir: Path, own: Path) -> None:
    """Give a further node the passwords of the first."""
    own.mkdir(mode=0o700, parents=True, exist_ok=True)
    shutil.copy(run_dir / SECRETS, own / SECRETS)
    (own / SECRETS).chmod(0o600)


def reload(nodes: Mapping[str, PrivateAsterisk], settings: Mapping[str, AsteriskSettings], run_dir: Path) -> None:
    """Have every Asterisk read its new settings, while calls go on; blocks.

    Raises ``OSError``, ``SubprocessError``, ``AsteriskSettingsError``.
    """
    for name, node in nodes.items():
        if node.run_dir != run_dir:
            share_secrets(run_dir, node.run_dir)
        node.asterisk.reload(settings[name])
