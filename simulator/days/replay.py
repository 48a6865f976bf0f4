"""Replays a day with other menus, queues or agents: the same callers and people, and what would be different."""

from __future__ import annotations

from dataclasses import dataclass
from math import fsum

from agents import AgentSettings
from calls import AgentId
from engine import LineSettings
from simulator.model.streams import Streams
from simulator.run.figures import ReplicationFigures
from simulator.run.replication import Replication
from simulator.scenario import Plan, ScenarioFile

from .recorded import Recorded, citizens_of, people_of

LONGER_S = 30.0
"""Seconds by which a wait must grow to count as longer: less is not noticed."""


@dataclass(frozen=True, slots=True)
class Replayed:
    """One run of that day. ``waits``: by offered caller's number, the wait (s) and whether they were handled."""

    figures: ReplicationFigures
    waits: dict[int, tuple[float, bool]]
    topics: dict[int, str]
    missing: list[AgentId]

    def within(self, seconds: float) -> float:
        """Give the share of the offered callers who were answered within these seconds."""
        soon = sum(handled and wait <= seconds for wait, handled in self.waits.values())
        return soon / len(self.waits) if self.waits else 1.0

    def mean_waits(self) -> dict[str, float]:
        """Give the mean wait of all offered callers (s), by topic."""
        by_topic: dict[str, list[float]] = {}
        for who, (wait, _) in self.waits.items():
            by_topic.setdefault(self.topics[who], []).append(wait)
        return {topic: fsum(waits) / len(waits) for topic, waits in sorted(by_topic.items())}

    @property
    def worst_topic(self) -> tuple[str, float]:
        """Give the topic whose callers wait longest, and how long (s)."""
        return max(self.mean_waits().items(), key=lambda entry: entry[1], default=("", 0.0))


@dataclass(frozen=True, slots=True)
class ReplayDifference:
    """Two ways of the same day. ``longer``: (caller, seconds before, seconds after), the greatest growth first."""

    before: Replayed
    after: Replayed
    longer: list[tuple[int, float, float]]
    shorter: int


def replay(day: Recorded, settings: LineSettings, seed: int, zone: str = "Europe/Athens") -> Replayed:
    """Simulate the day on a line with these settings."""
    citizens = citizens_of(day, settings.menus, Streams(seed, 0))
    people, missing = people_of(day, dict[AgentId, AgentSettings](settings.agents))
    plan = Plan("replay", _scenario(day, settings), settings, zone, begins=day.anchor + day.first)
    run = Replication(plan, seed, 0, citizens, people)
    figures = run.run()
    return Replayed(figures, run.collector.waits(), dict(enumerate(citizens.topic)), missing)


def compare(before: Replayed, after: Replayed) -> ReplayDifference:
    """Compare the callers who were offered both times, one by one."""
    both = before.waits.keys() & after.waits.keys()
    pairs = [(who, before.waits[who][0], after.waits[who][0]) for who in sorted(both)]
    longer = [pair for pair in pairs if pair[2] - pair[1] > LONGER_S]
    shorter = sum(pair[1] - pair[2] > LONGER_S for pair in pairs)
    return ReplayDifference(before, after, sorted(longer, key=lambda pair: pair[1] - pair[2]), shorter)


def _scenario(day: Recorded, settings: LineSettings) -> ScenarioFile:
    """Make the scenario that a replication needs when callers and people are known."""
    topics = list(settings.menus.topics)
    return ScenarioFile.model_validate(
        {
            "about": {"en": "a recorded day"},
            "site": "recorded",
            "hours": day.length_s / 3600.0,
            "warm_up_min": 0.0,
            "demand": {"per_day": 1.0, "topics": {topic: {"share": 1.0 / len(topics)} for topic in topics}},
            "callers": {"talk_s": {"all": {"constant": 0.0}}, "lost_in_menus": 0.5, "hangs_up_first": 0.0},
            "people": {
                "seats": max(1, len(settings.agents)),
                "pick_up_s": {"constant": day.pick_up_s},
                "misses": min(0.5, day.misses),
            },
        }
    )
