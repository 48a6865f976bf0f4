"""Checks menus, prompts, queues and agents together, for everything that types and ranges cannot express.

Pure: it knows the model and plain values, not files. A ``Finding`` names its place by the keys of the YAML file it
comes from; ``loader.problems_of`` adds lines and columns. A part that could not be read is None, and not judged.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from itertools import chain, islice

from calls import Attribute, Need, QueueId, Requirement, both, expression, requirement, satisfies, skills_in
from ivr import Assignments, Collect, CommonPrompts, Enqueue, Menu, Menus, Node, NodeId
from ivr.digits import NAMES
from ivr.references import Ref, RefKind, references, variables_set, ways_on
from ivr.texts import Texts

from . import prompt_texts, tree
from .findings import AGENTS, LINE, MENUS, PROMPTS, QUEUES, CheckInput, Finding, Keys, QueueRules, nearest, one_of

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
        yield from _target(subject, LINE, ("numbers", number, "start"), entry.start)
        yield from _sets(subject, LINE, ("numbers", number, "sets"), entry.sets)
    for topic, queue in menus.topics.items():
        yield from _queue(subject, LINE, ("topics", topic), queue)
    yield from _queue(subject, LINE, ("operator_queue",), menus.operator_queue)
    if menus.after_call is not None:
        yield from _target(subject, LINE, ("after_call",), menus.after_call)
    for index, prompt in enumerate(menus.banners):
        yield from _prompt(subject, LINE, ("banners", index), prompt)
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
            yield from _variable(subject, (*here, *ref.keys), ref.name, variables)
        else:
            yield from _reference(subject, (*here, *ref.keys), ref)
    for keys, sets in node.assignments():
        yield from _sets(subject, MENUS, (*here, *keys), sets)
    if isinstance(node, Menu):
        yield from _menu(subject, here, node)
    if isinstance(node, Enqueue) and node.callback:
        common = subject.menus.prompts
        for prompt in (common.callback_offer.id, common.callback_promised.id):
            yield from _needed(subject, MENUS, (*here, "type"), prompt)


def _reference(subject: CheckInput, keys: Keys, ref: Ref) -> Iterator[Finding]:
    match ref.kind:
        case RefKind.NODE:
            yield from _target(subject, MENUS, keys, ref.name)
        case RefKind.PROMPT:
            yield from _prompt(subject, MENUS, keys, ref.name)
        case RefKind.QUEUE:
            yield from _queue(subject, MENUS, keys, QueueId(ref.name))
        case RefKind.NUMBER:
            yield from _outside(subject, MENUS, keys, ref.name)
        case RefKind.HOURS:
            yield from _hours(subject, MENUS, keys, ref.name)
        case RefKind.ENTRY:
            yield from _entry(subject, keys, ref.name)
        case RefKind.LOOKUP:
            yield from _lookup(subject, keys, ref.name)


def _entry(subject: CheckInput, keys: Keys, number: str) -> Iterator[Finding]:
    known = subject.menus.entries.keys() | subject.lost("numbers")
    if number not in known:
        yield Finding(MENUS, keys, f"unknown number {number!r}", f"{one_of(known, number)} ({LINE})")


def _lookup(subject: CheckInput, keys: Keys, name: str) -> Iterator[Finding]:
    if subject.lookups is not None and name not in subject.lookups:
        yield Finding(
            MENUS, keys, f"unknown lookup {name!r}", f"{one_of(subject.lookups, name)} (lookups in site.yaml)"
        )


def _variable(subject: CheckInput, keys: Keys, name: str, known: Collection[str]) -> Iterator[Finding]:
    """Find a variable that nothing sets; not checked while a node is unreadable, as it might set it."""
    if name not in known and not subject.lost("nodes", "numbers"):
        yield Finding(MENUS, keys, f"variable {name!r}, which nothing sets", one_of(known, name))


def _hours(subject: CheckInput, file: str, keys: Keys, name: str) -> Iterator[Finding]:
    known = subject.menus.hours.keys() | subject.lost("hours")
    if name not in known:
        yield Finding(file, keys, f"unknown hours {name!r}", f"{one_of(known, name)} ({LINE})")


def _menu(subject: CheckInput, here: Keys, menu: Menu) -> Iterator[Finding]:
    if not menu.choices:
        yield Finding(MENUS, (*here, "choices"), "no choices", "at least one key")
    for key in menu.choices:
        if shadowed := _common_name(subject.menus, key):
            yield Finding(MENUS, (*here, "choices", key), f"key {key}", f"another key: this one means {shadowed}")


def _common_name(menus: Menus, key: str) -> str:
    common = menus.keys
    return {common.repeat: "repeat", common.back: "back", common.operator: "operator"}.get(key, "")


def _target(subject: CheckInput, file: str, keys: Keys, target: NodeId) -> Iterator[Finding]:
    if target in subject.menus.nodes:  # the usual case: the union below is as long as the whole tree
        return
    known = subject.menus.nodes.keys() | subject.lost("nodes")
    if target not in known:
        yield Finding(file, keys, f"unknown node {target!r}", one_of(known, target))


def _queue(subject: CheckInput, file: str, keys: Keys, queue: QueueId) -> Iterator[Finding]:
    if subject.queues is None:
        return
    known = {*subject.queues, *subject.lost("queues")}
    if queue not in known:
        yield Finding(file, keys, f"unknown queue {queue!r}", one_of(known, queue))


def _outside(subject: CheckInput, file: str, keys: Keys, number: str) -> Iterator[Finding]:
    if subject.external is not None and number not in subject.external:
        yield Finding(file, keys, repr(number), f"{one_of(subject.external, number)} (external_numbers in site.yaml)")


def _sets(subject: CheckInput, file: str, keys: Keys, sets: Assignments) -> Iterator[Finding]:
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


def _prompt(subject: CheckInput, file: str, keys: Keys, prompt: str) -> Iterator[Finding]:
    if subject.texts is None:
        return
    if (text := subject.texts.get(prompt)) is None:
        known = subject.texts.keys() | subject.lost("prompts", "numbered")
        if prompt not in known:
            yield Finding(file, keys, f"unknown prompt {prompt!r}", one_of(known, prompt))
    elif text.upto:
        yield Finding(file, keys, f"prompt {prompt!r}, which needs a number", "a prompt from prompts.yaml: prompts")


def _needed(subject: CheckInput, file: str, keys: Keys, prompt: str) -> Iterator[Finding]:
    """Check a prompt that is named nowhere but that a rule needs."""
    if subject.texts is None or prompt in subject.texts.keys() | subject.lost("prompts", "numbered"):
        yield from _prompt(subject, file, keys, prompt)
    else:
        yield Finding(file, keys, f"no prompt {prompt!r}", f"it in {PROMPTS}: a callback needs it")


def _needed_by_nodes(subject: CheckInput, texts: Texts) -> Iterator[Finding]:
    """Check the prompts that nodes of some types say beyond their own."""
    common, nodes = subject.menus.prompts, subject.menus.nodes.values()
    if any(isinstance(node, Collect) for node in nodes):
        spoken = [f"digit.{name}" for name in NAMES]
        for name in (common.wrong_number.id, common.read_back.id, common.confirm.id, *spoken):
            if (name not in texts or texts[name].upto) and name not in subject.lost("prompts", "numbered"):
                yield Finding(PROMPTS, ("prompts", name), "nothing", "this prompt: nodes of type digits need it")


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
            yield from _hours(subject, QUEUES, (*here, "hours"), rules.hours)
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
            yield from _queue(subject, QUEUES, keys, QueueId(target))
        case "message":
            yield from _prompt(subject, QUEUES, keys, target)
        case "number":
            yield from _outside(subject, QUEUES, keys, target)
        case "callback":
            common = subject.menus.prompts
            for prompt in (common.callback_offer.id, common.callback_promised.id):
                yield from _needed(subject, QUEUES, keys, prompt)


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
