"""Checks menus, prompts, queues and agents together, for everything that types and ranges cannot express.

Pure: it knows the model and plain values, not files. A ``Finding`` names its place by the keys of the YAML file it
comes from; ``loader.problems_of`` adds lines and columns. A part that could not be read is None, and not judged.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from itertools import chain, islice

from calls import Need, QueueId, Requirement, both, expression, requirement, satisfies, skills_in
from ivr import CommonPrompts, Menus, Node, NodeId
from ivr.references import Ref, RefKind, references, variables_set, ways_on
from ivr.texts import Texts

from . import names, prompt_texts, tree
from .findings import AGENTS, LINE, MENUS, PROMPTS, QUEUES, CheckInput, Finding, Keys, QueueRules, nearest, one_of
from .nodes import TYPES

AGENT_PROMPTS = tuple(
    f"agent.{said}"
    for said in (
        "logged_in", "logged_out", "ready", "not_ready", "wrap_up_ended", "refused", "unknown_code", "after_call",
    )
)  # fmt: skip
"""What an agent may hear after dialling a feature code."""


MAX_FINDINGS = 200
"""Most findings reported: more are mostly one repeated mistake, and each search for a similar name takes time."""


def check(subject: CheckInput) -> list[Finding]:
    """Find all errors (at most ``MAX_FINDINGS``), in the order of the files."""
    every = chain(
        _line(subject),
        _nodes(subject),
        _reach(subject),
        _tree(subject.menus),
        _prompts(subject),
        _serving(subject),
        _skills(subject),
        _rules(subject),
        _asked(subject),
    )
    findings = set(islice(every, MAX_FINDINGS))
    return sorted(findings, key=lambda finding: (finding.file, tuple(map(str, finding.keys)), finding.found))


# --- line.yaml --------------------------------------------------------------------------------------------------------


def _line(subject: CheckInput) -> Iterator[Finding]:
    menus = subject.menus
    for number, entry in menus.entries.items():
        yield from names.unknown_node(subject, LINE, ("numbers", number, "start"), entry.start)
        yield from names.unknown_values(subject, LINE, ("numbers", number, "sets"), entry.sets)
    for topic, queue in menus.topics.items():
        yield from names.unknown_queue(subject, LINE, ("topics", topic), queue)
    yield from names.unknown_queue(subject, LINE, ("operator_queue",), menus.operator_queue)
    if menus.after_call is not None:
        yield from names.unknown_node(subject, LINE, ("after_call",), menus.after_call)
    for index, prompt in enumerate(menus.banners):
        yield from names.unknown_prompt(subject, LINE, ("banners", index), prompt)
    yield from _common_keys(menus)
    for index, language in enumerate(menus.languages):
        if language in menus.languages[:index]:
            yield Finding(LINE, ("languages", index), repr(language), "each language once")


def _common_keys(menus: Menus) -> Iterator[Finding]:
    taken: dict[str, str] = {}
    for name in ("repeat", "back", "operator"):
        key = getattr(menus.keys, name)
        if key and key in taken:
            yield Finding(LINE, ("keys", name), repr(key), f"a key of its own ({taken[key]} has this one)")
        taken.setdefault(key, name)


# --- menus.yaml: what a node refers to --------------------------------------------------------------------------------


def _nodes(subject: CheckInput) -> Iterator[Finding]:
    variables = {name for node in subject.menus.nodes.values() for name in variables_set(node)}
    variables |= {name for entry in subject.menus.entries.values() for name, _ in entry.sets}
    for node in subject.menus.nodes.values():
        yield from _node(subject, node, variables)


def _node(subject: CheckInput, node: Node, variables: Collection[str]) -> Iterator[Finding]:
    here: Keys = ("nodes", node.id)
    for ref in references(node):
        if ref.kind is RefKind.VARIABLE:
            yield from names.unset_variable(subject, (*here, *ref.keys), ref.name, variables)
        else:
            yield from _reference(subject, (*here, *ref.keys), ref)
    for keys, sets in node.assignments():
        yield from names.unknown_values(subject, MENUS, (*here, *keys), sets)
    for part in TYPES.values():
        if type(node) is part.MODEL:
            yield from part.check(subject, node)


def _reference(subject: CheckInput, keys: Keys, ref: Ref) -> Iterator[Finding]:
    match ref.kind:
        case RefKind.NODE:
            yield from names.unknown_node(subject, MENUS, keys, ref.name)
        case RefKind.PROMPT:
            yield from names.unknown_prompt(subject, MENUS, keys, ref.name)
        case RefKind.QUEUE:
            yield from names.unknown_queue(subject, MENUS, keys, QueueId(ref.name))
        case RefKind.NUMBER:
            yield from names.unlisted_number(subject, MENUS, keys, ref.name)
        case RefKind.HOURS:
            yield from names.unknown_hours(subject, MENUS, keys, ref.name)
        case RefKind.ENTRY:
            yield from names.unknown_entry(subject, keys, ref.name)
        case RefKind.LOOKUP:
            yield from names.unknown_lookup(subject, keys, ref.name)


# --- menus.yaml: the tree as a whole ----------------------------------------------------------------------------------


def _reach(subject: CheckInput) -> Iterator[Finding]:
    """Find nodes that no caller reaches, without those that only such a node leads to.

    Not checked while a node or a number is unreadable, as it might lead there.
    """
    if subject.lost("nodes", "numbers"):
        return
    nodes = subject.menus.nodes
    reached: set[NodeId] = set()
    _walk_on(nodes, tree.starts(subject.menus), reached)
    alone = nodes.keys() - reached
    led_to = {name for start in alone for name in ways_on(nodes[start])}
    for first in sorted(alone, key=lambda name: (name in led_to, name)):
        if first not in reached:
            yield Finding(MENUS, ("nodes", first), "a node no caller can reach", "a way to it, or no such node")
            _walk_on(nodes, [first], reached)


def _walk_on(nodes: Mapping[NodeId, Node], starts: Collection[NodeId], reached: set[NodeId]) -> None:
    """Add all nodes that can be reached from these. A misspelt name, reported elsewhere, stands for the nearest one."""
    waiting, misspelt = list(starts), set[NodeId]()
    while waiting:
        named = waiting.pop()
        if named not in nodes:
            if named not in misspelt and len(misspelt) < MAX_FINDINGS:
                misspelt.add(named)
                waiting += nearest(named, nodes)
        elif named not in reached:
            reached.add(named)
            waiting += ways_on(nodes[named])


def _tree(menus: Menus) -> Iterator[Finding]:
    """Find errors of the tree as a whole."""
    for told in (*tree.loops(menus), *tree.come_and_go(menus), *tree.returns(menus)):
        yield Finding(MENUS, *told)
    yield from (Finding(LINE, *told) for told in tree.after_call(menus))


# --- prompts.yaml -----------------------------------------------------------------------------------------------------


def _needed_by_nodes(subject: CheckInput, texts: Texts) -> Iterator[Finding]:
    """Check the prompts that nodes of some types say beyond their own."""
    there = {type(node) for node in subject.menus.nodes.values()}
    for kind, part in TYPES.items():
        for name in part.needs(subject.menus.prompts) if part.MODEL in there else ():
            if (name not in texts or texts[name].upto) and name not in subject.lost("prompts", "numbered"):
                yield Finding(PROMPTS, ("prompts", name), "nothing", f"this prompt: nodes of type {kind} need it")


def _prompts(subject: CheckInput) -> Iterator[Finding]:
    if subject.texts is None:
        return
    yield from _needed_prompts(subject, subject.texts, subject.menus.prompts)
    yield from _needed_by_nodes(subject, subject.texts)
    for text in subject.texts.values():
        yield from prompt_texts.judge(text, subject.menus.languages)


def _needed_prompts(subject: CheckInput, texts: Texts, common: CommonPrompts) -> Iterator[Finding]:
    """Check the prompts that the line itself says, named by no node."""
    plain = (common.invalid.id, common.silence.id, common.agent_anyway.id, common.goodbye.id, *AGENT_PROMPTS)
    wanted = [("prompts", name) for name in plain] + [("numbered", name) for name in (common.position, common.minutes)]
    for section, name in wanted:
        there = name in texts and bool(texts[name].upto) == (section == "numbered")
        if not there and name not in subject.lost("prompts", "numbered"):
            yield Finding(PROMPTS, (section, name), "nothing", "this prompt: the line needs it")


# --- queues.yaml and agents.yaml --------------------------------------------------------------------------------------


def _serving(subject: CheckInput) -> Iterator[Finding]:
    """Find queues whose calls in some language no agent could ever answer, however long they wait."""
    if subject.queues is None or not subject.agents:
        return
    for queue in subject.queues:
        for language, needed in _widest(subject, queue).items():
            if not any(satisfies(skills, needed) for skills in subject.agents.values()):
                expected = f"an agent in {AGENTS} with {expression(needed)}"
                yield Finding(QUEUES, ("queues", queue), f"nobody who could serve it in {language!r}", expected)


def _widest(subject: CheckInput, queue: QueueId) -> Mapping[str, Requirement]:
    """Give the fully relaxed requirement of a queue, by language."""
    needed = (subject.queues or {})[queue]
    at_first = {
        language: both(needed, requirement(Need(f"lang.{language}", 1))) for language in subject.menus.languages
    }
    return {**at_first, **subject.rules.get(queue, QueueRules()).widest}


def _rules(subject: CheckInput) -> Iterator[Finding]:
    """Check what overflow rules and points of queues refer to."""
    for queue, rules in subject.rules.items():
        here: Keys = ("queues", queue)
        if rules.hours:
            yield from names.unknown_hours(subject, QUEUES, (*here, "hours"), rules.hours)
            if not rules.closes:
                found = "no rule for closed, while it has hours"
                yield Finding(QUEUES, (*here, "overflow"), found, "where callers go then: {when: closed, ...}")
        for index, (way, target) in enumerate(rules.overflow):
            yield from _way(subject, queue, (*here, "overflow", index, way), target)
        roles = subject.roles if subject.roles is not None else rules.roles
        yield from _known(roles, (*here, "roles"), "role", rules.roles)
        yield from _known(
            subject.menus.entries.keys() | subject.lost("numbers"), (*here, "numbers"), "number", rules.numbers
        )


def _asked(subject: CheckInput) -> Iterator[Finding]:
    """Find skills that queues require and no agent has: an alternative, or a step, without effect."""
    if subject.queues is None or not subject.agents:
        return
    known = {skill for skills in subject.agents.values() for skill in skills}
    for queue, needed in subject.queues.items():
        steps = subject.rules.get(queue, QueueRules()).steps
        said = {("requires",): skills_in(needed)} | {("relax", n, "requires"): named for n, named in enumerate(steps)}
        for keys, named in said.items():
            for skill in sorted(named - known):
                here: Keys = ("queues", queue, *keys)
                yield Finding(QUEUES, here, f"{skill!r}, which no agent has", f"{one_of(known, skill)} ({AGENTS})")


def _way(subject: CheckInput, queue: QueueId, keys: Keys, target: str) -> Iterator[Finding]:
    match keys[-1]:
        case "queue" if target == queue:
            yield Finding(QUEUES, keys, f"{target!r}, the queue itself", "another queue")
        case "queue":
            yield from names.unknown_queue(subject, QUEUES, keys, QueueId(target))
        case "message":
            yield from names.unknown_prompt(subject, QUEUES, keys, target)
        case "number":
            yield from names.unlisted_number(subject, QUEUES, keys, target)
        case "callback":
            common = subject.menus.prompts
            for prompt in (common.callback_offer.id, common.callback_promised.id):
                yield from names.missing_prompt(subject, QUEUES, keys, prompt)


def _known(known: Collection[str], keys: Keys, what: str, named: Collection[str]) -> Iterator[Finding]:
    for name in named:
        if name not in known:
            yield Finding(QUEUES, (*keys, name), f"unknown {what} {name!r}", f"{one_of(known, name)} (line.yaml)")


def _skills(subject: CheckInput) -> Iterator[Finding]:
    """Find skills of agents that no call requires: most likely misspelt."""
    if subject.queues is None or subject.lost("queues"):
        return
    known = {skill for needed in subject.queues.values() for skill in skills_in(needed)}
    known = known.union(*(named for rules in subject.rules.values() for named in rules.steps))
    known |= {f"lang.{language}" for language in subject.menus.languages}
    for agent, skills in subject.named.items():
        for skill in set(skills) - known:
            keys = ("agents", agent, "skills", skill)
            yield Finding(AGENTS, keys, f"unknown skill {skill!r}", one_of(known, skill))
