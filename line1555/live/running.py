"""The line that is up: its parts, and what it tells of itself."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from control import floor
from control.callback_requests import SiteClock
from control.follow import Followers
from control.hiding import Confidential
from metrics import too_quiet, view
from records import TailerProcess
from sites import Site
from sounds import VersionSounds
from telephony import Rejected, Runner
from telephony.ami import AmiSettings
from telephony.asterisk import Asterisk

from . import site_assets
from .keeping import Keeping
from .privates import PrivateAsterisk
from .recovery import Recovery

if TYPE_CHECKING:  # an extra: the line runs without
    from line1555.readers.mqtt import MqttPublisher

AUDIT_S = 30.0


class Ending(Enum):
    """End of the line: the engine alone (an upgrade; calls go on), Asterisk with it, or because it died for good."""

    ENGINE = "engine"
    BOTH = "both"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Options:
    """Options of this start beside the site's files. ``ami``: an Asterisk that runs already, with its credentials."""

    run_dir: Path
    ami: AmiSettings | None = None
    node: str = "n1"
    audit_s: float = AUDIT_S


@dataclass(slots=True)
class Running:
    """The line that is up."""

    site: Site
    options: Options
    runner: Runner
    recovery: Recovery
    tailer: TailerProcess
    metrics_port: int
    version_sounds: VersionSounds
    keeping: Keeping
    privates: Mapping[str, PrivateAsterisk] = field(default_factory=dict)
    """The Asterisks that are ours, by node; the first one first."""
    mqtt: MqttPublisher | None = None
    stopping: asyncio.Event = field(default_factory=asyncio.Event)
    ending: Ending = Ending.BOTH
    switching: asyncio.Lock = field(default_factory=asyncio.Lock)
    rejected: Rejected = field(init=False)
    confidential: Confidential = field(init=False)
    followers: Followers = field(init=False)

    def __post_init__(self) -> None:
        self.rejected = Rejected(self.site.settings.sip.port)
        self.confidential = Confidential(site_assets.hidden(self.site))
        self.followers = Followers(self.recovery.journal.last_seq, self.wall, self._present, self.confidential.hides)

    def wall(self) -> SiteClock:
        """Give the site's local time, as the clock stands now."""
        clock = self.runner.clock
        return SiteClock(ZoneInfo(self.site.settings.zone), clock.anchor, clock.now)

    def _present(self) -> dict[str, Any]:
        now = self.runner.clock.now()
        return floor.present(self.runner.line, self.recovery.state, now, self.confidential)

    @property
    def asterisk(self) -> Asterisk | None:
        """The first of the Asterisks that are ours."""
        first = self.privates.get(self.options.node)
        return None if first is None else first.asterisk

    def end(self, how: Ending) -> None:
        """Ask the line to end; the first one who asks decides how."""
        if not self.stopping.is_set():
            self.ending = how
            for private in self.privates.values():
                private.asterisk.outlives = how is Ending.ENGINE
        self.stopping.set()

    def _labelled(self, snapshot: dict[str, Any]) -> dict[str, Any]:
        """With the names that people know the queues by."""
        known = self.runner.line.view.settings.queues
        for name, queue in snapshot["queues"].items():
            queue["label"] = known[name].label if name in known else name
        return snapshot

    def too_quiet(self) -> bool:
        """Tell whether nobody has called for too long, in hours that always have calls."""
        state, now = self.recovery.state, self.runner.clock.now()
        return too_quiet(site_assets.traffic_of(self.site), state.calendar, state.called_at, state.anchor + now)

    def snapshot(self) -> dict[str, Any]:
        """The present state, JSON-ready, with the health of the parts around the engine."""
        health = self.recovery.journal.health
        lag = self.tailer.lag()
        return {
            **self._labelled(view.snapshot(self.recovery.state, self.runner.clock.now())),
            "journal": {
                "ok": health.ok,
                "detail": health.reason,
                "buffered": health.buffered,
                "dropped": health.dropped,
                "set_aside": health.damaged,
            },
            "too_quiet": self.too_quiet(),
            "records": {"behind_steps": lag.steps, "behind_s": round(lag.seconds, 3), "problem": self.tailer.problem},
            "mqtt": dict(self.mqtt.health()) if self.mqtt else None,
            "rejected": self.rejected.figures(self.runner.clock.now()),
            "keep": self.keeping.told(),
        }
