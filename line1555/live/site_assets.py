"""Parts that a site needs around the engine: sounds, Asterisk's settings, web services; and what nobody shall see."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from calls import Problem, SettingsError
from ivr.calendar import WEEK
from line1555.extras import needs
from metrics import QuietRule
from sites import Site
from sites.mqtt import TlsSettings
from sites.site import LookupSettings
from sounds import music, prompts
from telephony import Service
from telephony.asterisk import AsteriskSettings

from . import survivable

if TYPE_CHECKING:
    from line1555.readers.mqtt import Broker, Tls


def needed_sounds(site: Site) -> list[prompts.Sound]:
    """The sounds of a site's prompts."""
    return prompts.sounds_of(site.texts, site.line.menus.languages, site.recordings)


def build_sounds(site: Site, run_dir: Path, progress: prompts.Progress | None = None) -> list[prompts.Sound]:
    """The sounds of prompts and of music, made where they are missing. Raises ``PromptError``, ``SettingsError``."""
    sounds, folder = needed_sounds(site), sounds_folder(run_dir)
    prompts.make(sounds, folder, progress)
    prompts.link(sounds, folder)
    music.build(folder)
    return sounds


def sounds_folder(run_dir: Path) -> Path:
    """Give the folder in which Asterisk finds what it plays."""
    return run_dir / "sounds"


def asterisk_settings(site: Site, run_dir: Path) -> AsteriskSettings:
    """Make the settings of Asterisk."""
    sounds = sounds_folder(run_dir).resolve()
    return survivable.asterisk_settings(site, sounds, sounds / music.FOLDER)


def traffic_of(site: Site) -> QuietRule:
    """The hours that always have calls, as the measure wants them."""
    said = site.settings.traffic
    first, last = (WEEK.index(day) for day in (said.days[:3], said.days[-3:]))
    opens, closes = (60 * (60 * int(clock[:2]) + int(clock[3:])) for clock in said.hours.split("-"))
    return QuietRule(60.0 * said.quiet_min, opens, closes, frozenset(range(first, last + 1)))


def services_of(site: Site) -> dict[str, Service]:
    """The web services of its lookups. Raises ``SettingsError`` for a token that cannot be read."""
    return {name: _service(site, name, part) for name, part in site.settings.lookups.items()}


def _service(site: Site, name: str, part: LookupSettings) -> Service:
    token = ""
    if part.token_file is not None:
        try:
            token = ((site.home or site.directory) / part.token_file).read_text("utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            found = f"{part.token_file} ({type(error).__name__})"
            where = f"lookups.{name}.token_file"
            problem = Problem(str(site.directory / "site.yaml"), 1, 1, where, found, "a file with a token")
            raise SettingsError([problem]) from None
    return Service(part.url, part.timeout_s, part.retries, token)


def broker_of(site: Site) -> Broker | None:
    """The broker of its live events, if it has one. Raises ``SettingsError`` for files that cannot be read.

    User and password file may also come from LINE1555_MQTT_USER and LINE1555_MQTT_PASSWORD_FILE.
    """
    told = site.settings.mqtt
    if not told.host:
        return None
    with needs("mqtt"):
        from line1555.readers.mqtt import Broker
    user, password = told.user or os.environ.get("LINE1555_MQTT_USER"), _beside(site, told.password_file)
    if password is None and (named := os.environ.get("LINE1555_MQTT_PASSWORD_FILE")):
        password = Path(named)
    return Broker(told.host, told.wanted_port, user, password, None if told.tls is None else _tls(site, told.tls))


def _tls(site: Site, told: TlsSettings) -> Tls:
    from line1555.readers.mqtt import Tls

    tls = Tls(_beside(site, told.ca), _beside(site, told.cert), _beside(site, told.key), told.verify)
    try:
        tls.context()
    except OSError as error:
        names = ", ".join(str(file) for file in (tls.ca, tls.cert, tls.key) if file)
        found, expected = f"{names} ({type(error).__name__}: {error})", "PEM files that can be read, cert with its key"
        raise SettingsError([Problem(str(site.directory / "site.yaml"), 1, 1, "mqtt.tls", found, expected)]) from None
    return tls


def _beside(site: Site, file: str | None) -> Path | None:
    """A file that site.yaml names: beside it where it is not absolute."""
    return None if file is None else (site.home or site.directory) / file


def hidden(site: Site) -> frozenset[str]:
    """The nodes whose visit nobody shall read in live events."""
    return frozenset(node.id for node in site.line.menus.nodes.values() if getattr(node, "confidential", False))
