"""Finds names that nothing has: of nodes, prompts, queues, numbers, hours, lookups, variables and values.

A name of something that could not be read is not wrong.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from calls import Attribute, QueueId
from ivr import Assignments, NodeId

from .findings import LINE, MENUS, PROMPTS, CheckInput, Finding, Keys, one_of


def unknown_node(subject: CheckInput, file: str, keys: Keys, target: NodeId) -> Iterator[Finding]:
    """Yield a finding if there is no such node."""
    if target in subject.menus.nodes:  # the usual case: the union below is as long as the whole tree
        return
    known = subject.menus.nodes.keys() | subject.lost("nodes")
    if target not in known:
        yield Finding(file, keys, f"unknown node {target!r}", one_of(known, target))


def unknown_prompt(subject: CheckInput, file: str, keys: Keys, prompt: str) -> Iterator[Finding]:
    """Yield a finding if there is no such prompt, or if its text needs a number. None if no prompts could be read."""
    if subject.texts is None:
        return
    if (text := subject.texts.get(prompt)) is None:
        known = subject.texts.keys() | subject.lost("prompts", "numbered")
        if prompt not in known:
            yield Finding(file, keys, f"unknown prompt {prompt!r}", one_of(known, prompt))
    elif text.upto:
        yield Finding(file, keys, f"prompt {prompt!r}, which needs a number", "a prompt from prompts.yaml: prompts")


def unknown_queue(subject: CheckInput, file: str, keys: Keys, queue: QueueId) -> Iterator[Finding]:
    """Yield a finding if there is no such queue; none if no queues could be read."""
    if subject.queues is None:
        return
    known = {*subject.queues, *subject.lost("queues")}
    if queue not in known:
        yield Finding(file, keys, f"unknown queue {queue!r}", one_of(known, queue))


def unlisted_number(subject: CheckInput, file: str, keys: Keys, number: str) -> Iterator[Finding]:
    """Yield a finding if the site does not list this outside number; none if its list could not be read."""
    if subject.external is not None and number not in subject.external:
        yield Finding(file, keys, repr(number), f"{one_of(subject.external, number)} (external_numbers in site.yaml)")


def unknown_hours(subject: CheckInput, file: str, keys: Keys, name: str) -> Iterator[Finding]:
    """Yield a finding if no opening hours have this name."""
    known = subject.menus.hours.keys() | subject.lost("hours")
    if name not in known:
        yield Finding(file, keys, f"unknown hours {name!r}", f"{one_of(known, name)} ({LINE})")


def unknown_entry(subject: CheckInput, keys: Keys, number: str) -> Iterator[Finding]:
    """Yield a finding if the line has no such number to dial."""
    known = subject.menus.entries.keys() | subject.lost("numbers")
    if number not in known:
        yield Finding(MENUS, keys, f"unknown number {number!r}", f"{one_of(known, number)} ({LINE})")


def unknown_lookup(subject: CheckInput, keys: Keys, name: str) -> Iterator[Finding]:
    """Yield a finding if no web service has this name; none if their list could not be read."""
    if subject.lookups is not None and name not in subject.lookups:
        yield Finding(
            MENUS, keys, f"unknown lookup {name!r}", f"{one_of(subject.lookups, name)} (lookups in site.yaml)"
        )


def unset_variable(subject: CheckInput, keys: Keys, name: str, known: Collection[str]) -> Iterator[Finding]:
    """Find a variable that nothing sets; not checked while a node is unreadable, as it might set it."""
    if name not in known and not subject.lost("nodes", "numbers"):
        yield Finding(MENUS, keys, f"variable {name!r}, which nothing sets", one_of(known, name))


def unknown_values(subject: CheckInput, file: str, keys: Keys, sets: Assignments) -> Iterator[Finding]:
    """Yield a finding for each language, topic or role that the line does not know; variables may have any value."""
    declared: dict[Attribute, Collection[str] | None] = {
        Attribute.LANGUAGE: subject.menus.languages,
        Attribute.TOPIC: subject.menus.topics.keys() | subject.lost("topics"),
        Attribute.ROLE: subject.roles,
    }
    for name, value in sets:
        allowed = declared.get(Attribute(name)) if isinstance(name, Attribute) else None
        if allowed is not None and value not in allowed:
            yield Finding(
                file, (*keys, str(name)), f"unknown {name} {value!r}", f"{one_of(allowed, value)} (line.yaml)"
            )


def missing_prompt(subject: CheckInput, file: str, keys: Keys, prompt: str) -> Iterator[Finding]:
    """Check a prompt that is named nowhere but that a rule needs."""
    if subject.texts is None or prompt in subject.texts.keys() | subject.lost("prompts", "numbered"):
        yield from unknown_prompt(subject, file, keys, prompt)
    else:
        yield Finding(file, keys, f"no prompt {prompt!r}", f"it in {PROMPTS}: a callback needs it")
