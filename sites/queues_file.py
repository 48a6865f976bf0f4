"""``queues.yaml`` as the engine's settings: requirements in both forms, steps, limits, policies."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from acd import POLICIES, policy_of
from calls import Problem, QueueId, requirement_of, skills_in
from queues import OverflowAction, OverflowRule, OverflowTrigger, QueueSettings, Relax

from . import findings, schema
from .loader import Loaded

_OURS = {"label", "short", "requires", "policy", "roles", "numbers", "relax", "overflow", "hours"}
"""Keys that are not simply copied."""


def settings_of(file: schema.QueuesFile) -> dict[QueueId, QueueSettings]:
    """Make the settings of all queues of the file."""
    return {QueueId(name): _queue(QueueId(name), file.defaults, part) for name, part in file.queues.items()}


def hours_of(file: schema.QueuesFile) -> dict[QueueId, str]:
    """Give the named hours of the queues that have any."""
    return {QueueId(name): part.hours for name, part in file.queues.items() if part.hours is not None}


def rules_of(
    queues: Iterable[QueueSettings], languages: Iterable[str], hours: Mapping[QueueId, str]
) -> dict[QueueId, findings.QueueRules]:
    """Give what the checker has to know of the queues."""
    spoken = tuple(languages)
    return {queue.id: _rules(queue, spoken, hours.get(queue.id, "")) for queue in queues}


def policy_problems(loaded: Loaded[schema.QueuesFile]) -> Iterator[Problem]:
    """Find unknown policies and settings of policies."""
    if loaded.model is None:
        return
    yield from problems_of_policy(loaded, ("defaults", "policy"), loaded.model.defaults.policy)
    for name, part in loaded.model.queues.items():
        if "policy" in part.model_fields_set:
            yield from problems_of_policy(loaded, ("queues", name, "policy"), part.policy)


def problems_of_policy(loaded: Loaded[Any], keys: tuple[str, ...], said: str | schema.PolicyPart) -> Iterator[Problem]:
    """Find what is unknown in one policy, at ``keys`` of its file."""
    name, numbers = _policy(said)
    if name not in POLICIES:
        here = keys if isinstance(said, str) else (*keys, "name")
        yield loaded.problem(here, f"unknown policy {name!r}", f"one of {', '.join(POLICIES)}")
        return
    for setting, number in numbers.items():
        try:
            policy_of(name, {setting: number})
        except ValueError as error:
            unknown = f"no setting {setting!r}" in str(error)
            found, expected = (
                ("an unknown setting", f"another one: {error}") if unknown else (f"{number:g}", str(error))
            )
            yield loaded.problem((*keys, setting), found, expected)


def _queue(name: QueueId, defaults: schema.QueueDefaults, part: schema.QueuePart) -> QueueSettings:
    said = {**defaults.model_dump(exclude=_OURS), **part.model_dump(exclude_unset=True, exclude=_OURS)}
    policy, numbers = _policy(part.policy if "policy" in part.model_fields_set else defaults.policy)
    return QueueSettings(
        id=name,
        label=part.label,
        requires=requirement_of(part.requires),
        policy=policy,
        policy_settings=numbers,
        role_points=dict(part.roles),
        number_points=dict(part.numbers),
        relax=tuple(_relax(step) for step in part.relax),
        overflow=tuple(_overflow(rule) for rule in part.overflow),
        **said,
    )


def _policy(said: str | schema.PolicyPart) -> tuple[str, dict[str, float]]:
    return (said, {}) if isinstance(said, str) else (said.name, said.settings)


def _relax(part: schema.RelaxPart) -> Relax:
    return Relax(requirement_of(part.requires), part.after_s, part.ahead, part.wait_s, part.language)


def _overflow(part: schema.OverflowPart) -> OverflowRule:
    way, target = part.goes
    return OverflowRule(OverflowTrigger(part.when), OverflowAction(way), target, part.at or 0.0)


def _rules(queue: QueueSettings, languages: Iterable[str], hours: str) -> findings.QueueRules:
    return findings.QueueRules(
        widest={language: queue.widest(language) for language in languages},
        steps=tuple(skills_in(step.requires) for step in queue.relax),
        overflow=tuple((rule.action.value, rule.target) for rule in queue.overflow),
        roles=queue.role_points.keys(),
        numbers=queue.number_points.keys(),
        hours=hours,
        closes=any(rule.trigger is OverflowTrigger.CLOSED for rule in queue.overflow),
    )
