"""A scenario file and the line it names, read and judged: what the simulator runs."""

from __future__ import annotations

from pathlib import Path

from agents import AgentSettings
from calls import AgentId, Attribute, QueueId, SettingsError
from engine import LineSettings
from ivr import Enqueue, Entry, Menus, loader, schema
from simulator.scenario import Plan, ScenarioFile
from simulator.scenario.schema import PlainLine

from . import site_queues
from .site import load_site

ROOT = Path(__file__).resolve().parent.parent
DIALPLANS = ROOT / "dialplans"
SHIPPED = ROOT / "simulator" / "scenarios"
LANGUAGE = "el"
"""What the callers and agents of a plain line speak."""


def find_scenario(name: str) -> Path | None:
    """A shipped scenario by its name, or a file by its path."""
    found = (path for path in (SHIPPED / f"{name}.yaml", Path(name)) if path.is_file())
    return next(found, None)


def load_scenario(path: Path, dialplans: Path) -> Plan:
    """The plan of a scenario file. Raises ``SettingsError`` with every problem."""
    loaded = loader.load(path, ScenarioFile)
    if loaded.problems or loaded.model is None:
        raise SettingsError(list(loaded.problems))
    scenario = loaded.model
    if scenario.line is not None:
        return Plan(path.stem, scenario, _plain(scenario.line, scenario.topics))
    site = load_site(dialplans / (scenario.site or ""))
    return Plan(path.stem, scenario, site.line, site.settings.zone)


def _plain(line: PlainLine, topics: tuple[str, ...]) -> LineSettings:
    """Each topic has a number that leads straight to its queue."""
    queues = site_queues.settings_of(schema.QueuesFile(queues=line.queues))
    return LineSettings(_menus(topics), queues, _agents(line), {})


def _menus(topics: tuple[str, ...]) -> Menus:
    entries = [Entry(f"{n:02d}", topic, ((Attribute.TOPIC, topic),)) for n, topic in enumerate(topics)]
    return Menus(
        {entry.number: entry for entry in entries},
        {topic: Enqueue(topic, QueueId(topic)) for topic in topics},
        (LANGUAGE,),
        {topic: QueueId(topic) for topic in topics},
        QueueId(topics[0]),
    )


def _agents(line: PlainLine) -> dict[AgentId, AgentSettings]:
    people = {}
    for number, group in enumerate(line.agents):
        for seat in range(group.most):
            name = AgentId(f"g{number}a{seat}")
            people[name] = AgentSettings(name, name, {f"lang.{LANGUAGE}": 10, **group.skills})
    return people
