"""Random dialplans with every type of node, and a random world around their callers.

Ways that a caller is led without a key lead on in the order of the nodes, so that no plan has a loop, unless it is
``wild``; choices lead anywhere. ``check`` judges each plan.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from hypothesis import strategies as st

from calls import Attribute
from calls.commands import Prompt
from ivr import (
    Banner,
    Branch,
    Case,
    Choice,
    Collect,
    DialOut,
    Digits,
    Enqueue,
    Entry,
    Fragment,
    Goodbye,
    Hours,
    Lookup,
    Menu,
    Menus,
    Node,
    QueueState,
    Return,
    Say,
    Survey,
    Validity,
    Voicemail,
    When,
)
from ivr.digits import LENGTHS, NAMES
from ivr.references import ways_on
from ivr.texts import Numbered, PromptText
from sites.checker import AGENT_PROMPTS
from sites.findings import CheckInput
from tests.line import GENERAL, PENSIONS, menus

Draw = Any
SAID = (Prompt("said"),)
NOON = datetime(2026, 11, 26, 12)
BANNER = "banner"
HOURS = {"office": Hours(week=(((480, 960),),) * 7), "never": Hours()}
TERMS = [
    None,
    None,
    None,
    Validity(hours="office"),
    Validity(hours="never"),
    Validity(begins=NOON),
    Validity(ends=NOON),
]
PLAIN = ("said", BANNER, "common.invalid", "common.silence", "common.agent_anyway", "common.goodbye", *AGENT_PROMPTS)
CALLBACKS = ("callback.offer", "callback.promised")
TYPED = ("digits.invalid", "digits.read_back", "digits.confirm", *(f"digit.{name}" for name in NAMES))
BOTH = {"el": "ναι", "en": "yes"}
TEXTS = {name: PromptText(name, plain=BOTH) for name in (*PLAIN, *CALLBACKS, *TYPED)} | {
    name: PromptText(name, numbered={language: Numbered("{n}", "πολλά") for language in BOTH}, upto=3)
    for name in ("waiting.position", "waiting.minutes")
}
SHARED = ("shared", "nested")
_ASKS = Menu("shared", SAID, {"1": Choice("c", "back"), "2": Choice("c", "nested")}, silence=Choice("s", "back"))
FRAGMENTS = (
    (_ASKS, Fragment("nested", "more", "back"), Say("more", SAID, "back"), Return("back")),
    (Say("shared", SAID, "back"), Fragment("nested", "shared", "shared"), Return("back")),
)
"""Fragments, one of them within another, that any plan may use."""
SETS = st.sampled_from(
    [(), ((Attribute.TOPIC, "pensions"),), ((Attribute.LANGUAGE, "en"),), (("open", "yes"),)]
)  # fmt: skip
WHENS = st.sampled_from(
    [
        When(anonymous=True),
        When(callers=("69########",)),
        When(attributes=((Attribute.LANGUAGE, ("en",)),)),
        When(variables=(("open", ("yes", "no")),)),
        When(validity=Validity(hours="office")),
        When(closed="office"),
        When(queue=QueueState(GENERAL, waiting=1)),
        When(queue=QueueState(agents_in=1)),
        When(called_within_s=3600.0),
        When(banner=True),
    ]
)


def subject(plan: Menus) -> CheckInput:
    """The plan as ``check`` judges it, with everything around it right."""
    return CheckInput(menus=plan, texts=TEXTS, external=("15900",), lookups=("tickets",))


@st.composite
def plans(draw: Draw, most: int = 9, wild: bool = False) -> Menus:
    """One dialplan. ``wild``: ways without a key lead anywhere as well, and terms are drawn without care."""
    count = draw(st.integers(1, most))
    names = [f"n{number:02}" for number in range(count)]
    nodes: dict[str, Node] = {}
    for number, name in enumerate(names):
        later = names[number + 1 :]
        anywhere = st.sampled_from(names)
        onward = anywhere if wild and draw(st.integers(0, 3)) == 0 else st.sampled_from(later) if later else None
        node = draw(_nodes(name, onward, anywhere))
        validity = draw(st.sampled_from(TERMS))
        if validity is not None and onward is not None:
            nodes[name] = replace(node, validity=validity, fallback=draw(onward))
        else:
            nodes[name] = node
    nodes |= {node.id: node for node in draw(st.sampled_from(FRAGMENTS))}
    used = {"open": "no"}  # whatever a condition reads is set by somebody
    entry = Entry("1555", names[0], tuple(used.items()))
    after = draw(st.sampled_from([None, None, *names])) if wild else None
    plan = replace(
        menus(), entries={entry.number: entry}, nodes=nodes, hours=HOURS, banners=(BANNER,), after_call=after
    )
    return replace(plan, nodes=_reachable(plan))


def _reachable(plan: Menus) -> Mapping[str, Node]:
    """Without the nodes nobody comes to: those are findings of another kind."""
    reached, waiting = set[str](), [*[entry.start for entry in plan.entries.values()], *filter(None, [plan.after_call])]
    while waiting:
        name = waiting.pop()
        if name not in reached:
            reached.add(name)
            waiting += ways_on(plan.nodes[name])
    return {name: node for name, node in plan.nodes.items() if name in reached}


def _nodes(name: str, onward: Draw, anywhere: Draw) -> Draw:
    """Any node of this name; where nothing comes behind it, one that needs no way on."""
    queues = st.sampled_from([None, PENSIONS, GENERAL])
    prompts = st.sampled_from([(), SAID])
    ends = [
        st.builds(Enqueue, st.just(name), queues, prompts, st.none() if onward is None else st.none() | onward),
        st.builds(Enqueue, st.just(name), queues, prompts, callback=st.just(True)),
        st.builds(Goodbye, st.just(name), prompts),
        st.builds(_menu, st.just(name), _choices(anywhere), st.integers(1, 3), st.none()),
    ]
    if onward is None:
        return st.one_of(*ends)
    return st.one_of(
        *ends,
        st.builds(Say, st.just(name), st.just(SAID), onward),
        st.builds(_menu, st.just(name), _choices(anywhere), st.integers(1, 3), st.builds(Choice, st.just("s"), onward)),
        st.builds(_collect, st.just(name), st.sampled_from(list(Digits)), anywhere, onward, st.booleans()),
        st.builds(DialOut, st.just(name), st.just("15900"), onward, st.booleans(), prompts),
        st.builds(_lookup, st.just(name), onward, onward, prompts),
        st.builds(
            _branch, st.just(name), st.lists(st.builds(Case, WHENS, onward, SETS), min_size=1, max_size=3), onward
        ),
        st.builds(Banner, st.just(name), onward),
        st.builds(Voicemail, st.just(name), st.just("box"), onward, st.just(SAID)),
        st.builds(Fragment, st.just(name), st.sampled_from(SHARED), onward),
        st.builds(Survey, st.just(name), st.just(SAID), onward),
    )


def _choices(anywhere: Draw) -> Draw:
    validities = st.sampled_from(TERMS)
    choice = st.builds(Choice, st.just("c"), anywhere, SETS, st.just(SAID), validities)
    return st.dictionaries(st.sampled_from("123456789"), choice, min_size=1, max_size=4)


def _menu(name: str, choices: dict[str, Choice], tries: int, silence: Choice | None) -> Menu:
    return Menu(name, SAID, choices, 5.0, tries, silence)


def _collect(name: str, kind: Digits, onward: str, otherwise: str, confirm: bool) -> Collect:
    length = LENGTHS.get(kind)
    return Collect(name, SAID, kind, "typed", onward, otherwise, length or 2, length or 4, 5.0, 2, confirm)


def _lookup(name: str, onward: str, otherwise: str, prompts: tuple[Prompt, ...]) -> Lookup:
    return Lookup(name, "tickets", onward, otherwise, (("phone", "caller"),), (("open", "open"),), prompts, 4.0)


def _branch(name: str, cases: list[Case], otherwise: str) -> Branch:
    return Branch(name, tuple(cases), otherwise)
