"""A scenario file and the line it names, read and judged: what the simulator runs."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import simulator
from agents import AgentSettings
from calls import AgentId, Attribute, ContractError, Problem, QueueId, SettingsError
from engine import LineSettings
from ivr import Enqueue, Entry, Menus
from simulator.scenario import Plan, ScenarioFile, measured
from simulator.scenario.check import SCENARIO, ScenarioCheckInput, check
from simulator.scenario.schema import PlainLine
from sites import Loaded, Site, findings, load_site, loader, queues_file, schema

from .default_site import DEFAULT_SITE
from .options import refuse

DIALPLANS = DEFAULT_SITE.parent
SHIPPED = Path(simulator.__file__).parent / "scenarios"
LANGUAGE = "el"
"""Language of the callers and agents of a plain line."""


def named_scenario(name: str) -> Path:
    """A shipped scenario by its name, or a file by its path; a name that is neither ends the command."""
    found = (path for path in (SHIPPED / f"{name}.yaml", Path(name)) if path.is_file())
    if (path := next(found, None)) is None:
        shipped = ", ".join(sorted(file.stem for file in SHIPPED.glob("*.yaml")))
        refuse(f"no scenario {name}: expected a YAML file, or one of {shipped}")
    return path


def load_scenario(path: Path, dialplans: Path) -> Plan:
    """The plan of a scenario file. Raises ``SettingsError`` with every problem: its own, its CSV files', its site's.

    Whether it makes sense with its line is judged once all of it can be read.
    """
    loaded = loader.load(path, ScenarioFile)
    problems = list(loaded.problems)
    scenario, read = loaded.model, tuple[measured.ColumnRead, ...]()
    if loaded.document is not None:
        found = measured.with_values(loaded.document, path.parent)
        read = found.read
        problems += found.problems
        if not problems:
            scenario = ScenarioFile.model_validate(found.value)
    if loaded.model is not None and loaded.model.line is not None:
        for name, part in loaded.model.line.queues.items():
            problems += queues_file.problems_of_policy(loaded, ("line", "queues", name, "policy"), part.policy)
    site, wrong = _site(loaded, dialplans)
    problems += wrong
    if problems or scenario is None:
        raise SettingsError(problems)
    plan = _plan(path.stem, scenario, site)
    findings = check(ScenarioCheckInput(scenario, plan.settings, site.roles if site else ()))
    if findings:
        raise SettingsError(loader.problems_of(findings, {SCENARIO: loaded}))
    return replace(plan, columns=read)


def _site(loaded: Loaded[ScenarioFile], dialplans: Path) -> tuple[Site | None, list[Problem]]:
    """The site that the scenario names, even where the rest of it cannot be read; and what is wrong with it."""
    said = loaded.document.value if loaded.document is not None else None
    name = said.get("site") if isinstance(said, dict) else None
    if not isinstance(name, str):
        return None, []
    folder = dialplans / name
    if not (folder / findings.LINE).is_file():
        there = sorted(file.parent.name for file in dialplans.glob(f"*/{findings.LINE}"))
        expected = f"one of {', '.join(there)}" if there else "a folder with a line"
        return None, [loaded.problem(("site",), f"no site {name!r} in {dialplans}", expected)]
    try:
        return load_site(folder), []
    except SettingsError as error:
        return None, list(error.problems)


def _plan(name: str, scenario: ScenarioFile, site: Site | None) -> Plan:
    if scenario.line is not None:
        return Plan(name, scenario, _plain(scenario.line, scenario.topics))
    if site is None:
        raise ContractError("a scenario without line and site came without a problem")
    return Plan(name, scenario, site.line, site.settings.zone)


def _plain(line: PlainLine, topics: tuple[str, ...]) -> LineSettings:
    """Each topic has a number that leads straight to its queue."""
    queues = queues_file.settings_of(schema.QueuesFile(queues=line.queues))
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
