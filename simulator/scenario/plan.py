"""A scenario with the line it runs on: everything one replication needs, ready to be sent to another process."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from engine import LineSettings

from .schema import ScenarioFile


@dataclass(frozen=True, slots=True)
class Stretch:
    """Factors on all times of a kind: handle times (talk and wrap-up), patience."""

    aht: float = 1.0
    patience: float = 1.0

    def times(self, kind: str, factor: float) -> Stretch:
        return replace(self, **{kind: getattr(self, kind) * factor})


@dataclass(frozen=True, slots=True)
class Plan:
    """``settings``: menus, queues and people of the line. Run time 0 is ``warm_s`` before the first counted day.

    ``in_order``: the agents of the settings take shifts and seats in their own order, as they are; else they are mixed
    by skills first (``people.spread``). ``begins``: local wall time of run time 0, where that is not the scenario's.
    """

    name: str
    scenario: ScenarioFile
    settings: LineSettings
    zone: str = "Europe/Athens"
    stretch: Stretch = field(default=Stretch())
    in_order: bool = False
    begins: datetime | None = None

    @property
    def warm_s(self) -> float:
        return self.scenario.warm_up_min * 60.0

    @property
    def ends_at(self) -> float:
        """The end of the counted time, on the run's scale (s)."""
        return self.warm_s + self.scenario.length_s

    @property
    def began(self) -> datetime:
        """Wall time of run time 0. A plan knows no change of the clocks: every day has 24 hours."""
        if self.begins is not None:
            return self.begins
        first = datetime.combine(self.scenario.starts, datetime.min.time())
        return first - timedelta(seconds=self.warm_s)

    @property
    def first_midnight(self) -> float:
        """The midnight at or before run time 0, on the run's scale."""
        began = self.began
        return -timedelta(hours=began.hour, minutes=began.minute, seconds=began.second).total_seconds()

    @property
    def anchor(self) -> float:
        """The same in epoch seconds, for the engine."""
        return self.began.replace(tzinfo=ZoneInfo(self.zone)).timestamp()

    def at(self, seconds: float) -> datetime:
        """Wall time of a run time."""
        return self.began + timedelta(seconds=seconds)
