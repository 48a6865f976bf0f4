"""Finds dead configuration, which no caller hears, reaches or uses. The line runs all the same: these are warnings."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import fields

from calls.commands import Prompt
from ivr.digits import NAMES
from ivr.model import CommonPrompts
from ivr.nodes import Menus
from ivr.references import RefKind, references
from ivr.texts import Texts

from . import findings, schema
from .findings import AGENTS, LINE, PROMPTS, QUEUES, Finding

TOPIC_KEYS = "12345678"
"""The keys of Asterisk's own menu, one for each topic."""


def losses(menus: Menus, texts: Texts, queues: schema.QueuesFile, people: schema.AgentsFile) -> Iterator[Finding]:
    """Find dead configuration, in the order of the files."""
    yield from _without_key(menus)
    yield from _silent_prompts(menus, texts, queues)
    yield from _idle_queues(menus, queues)
    yield from _strangers(people)


def _without_key(menus: Menus) -> Iterator[Finding]:
    for topic in list(menus.topics)[len(TOPIC_KEYS) :]:
        found = f"a topic behind the {len(TOPIC_KEYS)}th: no key in Asterisk's own menu"
        yield Finding(LINE, ("topics", topic), found, f"{len(TOPIC_KEYS)} topics, while the engine is away")


def _silent_prompts(menus: Menus, texts: Texts, queues: schema.QueuesFile) -> Iterator[Finding]:
    heard = {ref.name for node in menus.nodes.values() for ref in references(node) if ref.kind is RefKind.PROMPT}
    heard |= _common(menus.prompts) | set(menus.banners) | {f"digit.{name}" for name in NAMES}
    heard |= {rule.message for queue in queues.queues.values() for rule in queue.overflow if rule.message}
    for name, text in texts.items():
        if name not in heard and name.split(".")[0] not in ("agent", "alone"):
            section = "numbered" if text.upto else "prompts"
            yield Finding(
                PROMPTS, (section, name), "a prompt which nobody hears", "a node that says it, or no such prompt"
            )


def _common(prompts: CommonPrompts) -> set[str]:
    said = (getattr(prompts, known.name) for known in fields(prompts))
    return {one.id if isinstance(one, Prompt) else one for one in said}


def _idle_queues(menus: Menus, queues: schema.QueuesFile) -> Iterator[Finding]:
    led_to = {str(queue) for queue in (*menus.topics.values(), menus.operator_queue)}
    led_to |= {ref.name for node in menus.nodes.values() for ref in references(node) if ref.kind is RefKind.QUEUE}
    led_to |= {rule.queue for queue in queues.queues.values() for rule in queue.overflow if rule.queue}
    for name in queues.queues:
        if name not in led_to:
            expected = "a topic, a node or an overflow rule that leads there"
            yield Finding(QUEUES, ("queues", name), "a queue which nothing leads to", expected)


_RANGE = re.compile(r"([a-z]+)([0-9]+)-[a-z]+([0-9]+)")


def _strangers(people: schema.AgentsFile) -> Iterator[Finding]:
    """Find entries such as agent999 beside agent001-agent140: most likely one of the range was meant."""
    ranges = [match for match in map(_RANGE.fullmatch, people.agents) if match]
    for entry, part in people.agents.items():
        alone = re.fullmatch(r"([a-z]+)([0-9]+)", entry)
        if alone and part.skills and not _inside(alone, ranges):
            like = [match[0] for match in ranges if match[1] == alone[1]]
            if like:
                found = f"an agent outside its like ({', '.join(like[:3])})"
                yield Finding(AGENTS, ("agents", entry), found, findings.one_of(like, like[-1]))


def _inside(alone: re.Match[str], ranges: Collection[re.Match[str]]) -> bool:
    same = (match for match in ranges if match[1] == alone[1] and len(match[2]) == len(alone[2]))
    return any(int(match[2]) <= int(alone[2]) <= int(match[3]) for match in same)
