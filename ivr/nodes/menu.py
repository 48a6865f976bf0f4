"""A question with one key for an answer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain

from calls import Stored
from calls.commands import Prompt
from calls.facts import InputMissed, KeyTaken
from ivr.calendar import Validity
from ivr.model import Assignments, NodeId
from ivr.walk import Acts, Listen, Speak, Step, WalkState

from .base import NOTHING_HIDDEN, Menus, Node, Walk
from .refs import Keys, Ref, RefKind, prompt_refs, validity_refs
from .steps import assign, give_up, missed, to_agent
from .ways import PressKey, Way


@dataclass(frozen=True)
class Choice(Stored):
    """What one key of a menu means: its name in facts, the values it sets, the node it leads to.

    ``prompts`` are said after the menu's own while the choice is there; outside its ``validity`` the choice does not
    exist.
    """

    meaning: str
    goto: NodeId
    sets: Assignments = ()
    prompts: tuple[Prompt, ...] = ()
    validity: Validity | None = None

    def comes_and_goes(self, menus: Menus) -> bool:
        """Tell whether the choice, or the node it leads to, is not always there."""
        goal = menus.nodes.get(self.goto)
        return self.validity is not None or (goal is not None and goal.validity is not None)

    def is_offered(self, walk: Walk) -> bool:
        """Tell whether the choice, and the node it leads to, are there now."""
        return walk.is_there(self.validity) and walk.is_there(walk.menus.nodes[self.goto].validity)

    def names(self, keys: Keys, *, by_itself: bool = False) -> Iterator[Ref]:
        """List what the choice names; it stands at ``keys`` below its menu."""
        key = str(keys[-1])
        said = key if self.meaning == self.goto else f"{key} {self.meaning}"
        yield Ref((*keys, "goto"), RefKind.NODE, self.goto, by_itself, said)
        yield from validity_refs(keys, self.validity)
        yield from prompt_refs(keys, self.prompts)


@dataclass(frozen=True)
class Menu(Node):
    """A question with one key for an answer.

    After ``prompts`` the caller has ``timeout_s`` seconds. ``silence`` is taken at the first time-out if given;
    otherwise a time-out, like an invalid key, is a miss, and after ``tries`` misses an agent takes the call anyway.
    """

    prompts: tuple[Prompt, ...]
    choices: Mapping[str, Choice]
    timeout_s: float = 5.0
    tries: int = 3
    silence: Choice | None = None
    spoken: bool = field(init=False)
    """Whether any choice has prompts of its own."""
    questions: dict[frozenset[str], Acts] = field(init=False, repr=False, compare=False)
    """What is said while these keys are left out, made once."""
    listens: Acts = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "spoken", any(choice.prompts for choice in self.choices.values()))
        object.__setattr__(self, "questions", {})
        object.__setattr__(self, "listens", [Listen(self.timeout_s)])

    @property
    def look(self) -> str:
        return "shape=box, style=rounded"

    def enter(self, walk: Walk) -> Acts:
        if walk.hurried:
            return give_up(walk)
        walk.state = WalkState.ASKING
        self._hide(walk)
        asked = self.questions.get(walk.hidden)
        if asked is None:
            asked = self.questions[walk.hidden] = [Speak(_said(self, walk))]
        return asked

    def take(self, walk: Walk, step: Step, key: str) -> Acts | None:
        match step:
            case "answer" | "early":
                return self._answer(walk, key)
            case "listen":
                walk.state = WalkState.LISTENING
                return self.listens
            case "missed":
                return self._silent(walk)
            case "give_up":
                return give_up(walk)
        return None

    def names(self) -> Iterator[Ref]:
        yield from prompt_refs((), self.prompts)
        for key, choice in self.choices.items():
            yield from choice.names(("choices", key))
        if self.silence:
            yield from self.silence.names(("silence",), by_itself=True)

    def ways(self) -> Iterator[Way]:
        for key, choice in self.choices.items():
            yield Way(PressKey(key), choice.goto, choice.sets)

    def assignments(self) -> Iterator[tuple[Keys, Assignments]]:
        for key, choice in self.choices.items():
            yield ("choices", key, "sets"), choice.sets
        if self.silence:
            yield ("silence", "sets"), self.silence.sets

    def validities(self) -> Iterator[Validity | None]:
        yield from (choice.validity for choice in self.choices.values())

    def is_timed(self, menus: Menus) -> bool:
        return any(choice.comes_and_goes(menus) for choice in self.choices.values())

    # -- the steps ---

    def _hide(self, walk: Walk) -> None:
        """Note the keys whose choices are not there now; worked out once a minute for all callers."""
        menus = walk.menus
        if self.id not in menus.timed:
            walk.hidden = NOTHING_HIDDEN
        elif not menus.in_whole_minutes:
            walk.hidden = _absent(self, walk)
        else:
            now, known = walk.outside.minute(), menus.hidden.get(self.id)
            if known is None or known[0] != now:
                known = menus.hidden[self.id] = now, _absent(self, walk)
            walk.hidden = known[1]

    def _answer(self, walk: Walk, key: str) -> Acts:
        common = walk.menus.keys
        if key in self.choices and key not in walk.hidden:
            return self._choose(walk, self.choices[key], key)
        if key and key == common.repeat:
            walk.tell(KeyTaken, walk.call, self.id, key, "repeat")
            return self.enter(walk)
        if key and key == common.back:
            return self._back(walk, key)
        if key and key == common.operator:
            walk.tell(KeyTaken, walk.call, self.id, key, "operator")
            return to_agent(walk)
        return self._missed(walk, key, walk.menus.prompts.invalid)

    def _choose(self, walk: Walk, choice: Choice, key: str) -> Acts:
        walk.tell(KeyTaken, walk.call, self.id, key, choice.meaning)
        walk.trail.append((self.id, tuple(walk.returns)))
        assign(walk, choice.sets)
        return walk.go_to(choice.goto)

    def _back(self, walk: Walk, key: str) -> Acts:
        walk.tell(KeyTaken, walk.call, self.id, key, "back")
        goal, returns = walk.trail.pop() if walk.trail else (self.id, tuple(walk.returns))
        walk.returns = list(returns)
        return walk.go_to(goal)

    def _silent(self, walk: Walk) -> Acts:
        if self.silence is None:
            return self._missed(walk, "", walk.menus.prompts.silence)
        walk.tell(InputMissed, walk.call, self.id, "", 1)
        assign(walk, self.silence.sets)
        return walk.go_to(self.silence.goto)

    def _missed(self, walk: Walk, key: str, said: Prompt) -> Acts:
        if missed(walk, key) >= self.tries:
            return to_agent(walk, (walk.menus.prompts.agent_anyway,))
        walk.state = WalkState.ASKING
        self._hide(walk)
        return [Speak((said, *_said(self, walk)))]


def _absent(menu: Menu, walk: Walk) -> frozenset[str]:
    """Give the keys whose choices are not there now."""
    return frozenset([key for key, choice in menu.choices.items() if not choice.is_offered(walk)])


def _said(menu: Menu, walk: Walk) -> tuple[Prompt, ...]:
    """Give the menu's prompts and those of the choices that are there."""
    if not menu.spoken:
        return menu.prompts
    return tuple(
        chain(menu.prompts, *[choice.prompts for key, choice in menu.choices.items() if key not in walk.hidden])
    )
