"""A caller's walk through the menus, as a state machine without clock or sound.

``Session`` takes what the caller does (a key, silence, the end of a prompt) and returns what should happen next, in
acts of ``walk.py`` and in facts. It must not know queues, agents or Asterisk: what it needs it asks ``outside``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from itertools import chain
from typing import Final, ParamSpec

from calls import Attribute, CallId, ContractError, Known, Named, QueueId, national
from calls.commands import Prompt
from calls.facts import AttributeSet, DigitsTaken, Fact, InputMissed, KeyTaken, NodeEntered, Surveyed

from .calendar import Validity
from .conditions import CallerContext, holds
from .digits import NAMES, groups, value_of
from .digits import DigitsKind as Digits
from .model import PAUSE, Assignments, Entry, NodeId
from .nodes import (
    BEEP,
    SOURCES,
    Banner,
    Branch,
    Choice,
    Collect,
    DialOut,
    Enqueue,
    Fragment,
    Goodbye,
    Lookup,
    Menu,
    Menus,
    Node,
    Return,
    Say,
    Survey,
    Voicemail,
)
from .outside import CALM, Outside
from .walk import (
    TABLE,
    Act,
    AskService,
    Dial,
    HoldMusic,
    Input,
    JoinQueue,
    Leave,
    Listen,
    Quiet,
    RecordMessage,
    Speak,
    Step,
    WalkState,
)

P = ParamSpec("P")
ALL_KEYS: Final = "0123456789*#"
DEEPEST: Final = 20
"""Number of nested fragments that are remembered."""
MARKS: Final = "12345"
"""The keys of a survey."""
CONFIRM: Final = "1"
"""The key that confirms the number that was read back."""


def spelt(kind: Digits, digits: str) -> tuple[Prompt, ...]:
    """Give the prompts that say a number digit by digit, with a pause before each group."""
    return tuple(
        prompt
        for group in groups(kind, digits)
        for prompt in (PAUSE, *(Prompt(f"digit.{NAMES[int(digit)]}") for digit in group))
    )


@dataclass(slots=True)
class Session:
    """One caller on the way through one version of the menus; ``known`` outlives it."""

    call: CallId
    menus: Menus
    node: NodeId
    known: Known
    state: WalkState = WalkState.SAYING
    misses: int = 0
    trail: list[tuple[NodeId, tuple[NodeId, ...]]] = field(default_factory=list)
    """The menus answered so far, each with the returns of its fragments: the way back."""
    facts: list[Fact] = field(default_factory=list)
    outside: Outside = CALM
    returns: list[NodeId] = field(default_factory=list)
    """Where each fragment that the caller is in goes on, innermost last."""
    typed: str = ""
    """The digits of a number so far."""
    hidden: frozenset[str] = frozenset()
    """Keys of the present menu that are left out now."""
    hurried: bool = False
    """Whether an agent takes the call at the next question: no key was pressed for too long."""

    @classmethod
    def begin(cls, call: CallId, menus: Menus, entry: Entry, outside: Outside = CALM) -> tuple[Session, list[Act]]:
        """Start a caller at an entry number; ``outside`` answers what the walk asks of the world around it."""
        session = cls(call, menus, entry.start, Known.speaking(menus.default_language), outside=outside)
        session._set(entry.sets)
        return session, session._enter(entry.start)

    @classmethod
    def resume(
        cls, call: CallId, menus: Menus, node: NodeId, known: Known, outside: Outside = CALM
    ) -> tuple[Session, list[Act]]:
        """Lead a caller of whom something is known into the menus at this node, after a conversation."""
        session = cls(call, menus, node, known, outside=outside)
        return session, session._enter(node)

    def _tell(self, kind: Callable[P, Fact], *values: P.args, **named: P.kwargs) -> None:
        if self.outside.reads(kind):
            self.facts.append(kind(*values, **named))

    def take_facts(self) -> list[Fact]:
        """Return the facts since the last call of this, and forget them."""
        facts, self.facts = self.facts, []
        return facts

    def feed(self, happened: Input, key: str = "") -> list[Act] | None:
        """Take an input and give the acts to do now; None if it is stale and nothing changed."""
        step = TABLE[self.state].get(happened)
        if step is None:
            return None
        if happened is Input.KEY:
            self.hurried = False
        return self._step(step, key)

    def again(self) -> list[Act]:
        """Say the present node again after an interruption."""
        misses = self.misses
        acts = self._enter(self.node)
        self.misses = misses
        return acts

    def stuck(self) -> list[Act]:
        """Send the caller to an agent, as the present node cannot be said, unless it was the last word anyway."""
        return self._leave() if isinstance(self._present, Goodbye | Survey) else self._operator(())

    @property
    def _present(self) -> Node:
        return self.menus.nodes[self.node]

    def _step(self, step: Step, key: str) -> list[Act]:
        node = self._present
        match step, node:
            case "proceed", Say() | Banner() | Lookup() | Voicemail():
                return self._enter(node.next)
            case "skip", Say() | Banner():
                return self._skip(node, key)
            case "answer", Menu():
                return self._answer(node, key)
            case "listen", Menu() | Survey():
                self.state = WalkState.LISTENING
                return [Listen(node.timeout_s)]
            case "missed", Menu():
                return self._silent(node)
            case "answer" | "missed", Survey():
                return self._marked(node, key)
            case "answer" | "missed" | "listen" | "await" | "confirm", Collect():
                return self._number_step(step, node, key)
            case "dial", DialOut():
                return [Dial(node.target, node.confidential)]
            case "beep", Voicemail():
                return [Speak((BEEP,))]
            case "record", Voicemail():
                self.state = WalkState.RECORDING
                return [RecordMessage(node.box, node.max_s)]
            case "hold", _:
                return [HoldMusic()]
            case "otherwise", DialOut() | Lookup():
                return self._enter(node.otherwise)
            case "give_up", Menu() | Collect():
                return self._give_up(node)
            case "hurry", _:
                self.hurried = True
                return []
            case "leave", _:
                return self._leave()
            case "ignore" | "give_up", _:
                return []
        raise ContractError(f"{step} at {node.id}")

    def _enter(self, node_id: NodeId) -> list[Act]:
        node = self._come_to(node_id)
        while (onward := self._passes(node)) is not None:
            node = self._come_to(onward)
        return self._open(node)

    def _come_to(self, node_id: NodeId) -> Node:
        node = self.menus.nodes[node_id]
        while node.validity is not None and node.fallback is not None and not self._is_there(node.validity):
            node = self.menus.nodes[node.fallback]
        self.node, self.misses = node.id, 0
        self._tell(NodeEntered, self.call, node.id)
        return node

    def _passes(self, node: Node) -> NodeId | None:
        """Give where a node leads that says nothing now. Not recursive: there may be a thousand in a row."""
        if isinstance(node, Menu | Say):
            return None  # the usual case
        if isinstance(node, Branch):
            return self._decide(node)
        if isinstance(node, Fragment):
            self.returns = [*self.returns[-DEEPEST:], node.next]
            return node.start
        if isinstance(node, Return):
            return self.returns.pop() if self.returns else None
        if isinstance(node, Banner):
            return None if self.outside.banner in self.menus.banners else node.next
        if isinstance(node, Enqueue) and node.closed is not None:
            queue = node.queue or self.menus.queue_for(self.known.topic)
            return None if self.outside.queue(queue, self.known.language).open else node.closed
        return None

    def _decide(self, branch: Branch) -> NodeId:
        menus = self.menus
        known = CallerContext(self.known.attributes, self.known.variables, menus.hours, menus.queue_for, self.outside)
        for case in branch.cases:
            if holds(case.when, known):
                self._set(case.sets)
                return case.goto
        return branch.otherwise

    def _is_there(self, validity: Validity | None) -> bool:
        return validity is None or validity.holds(self.outside.local(), self.menus.hours)

    def _open(self, node: Node) -> list[Act]:
        match node:
            case Say():
                self.state = WalkState.SAYING
                return [Speak(node.prompts)]
            case Menu() | Collect() if self.hurried:
                return self._give_up(node)
            case Menu():
                self.state = WalkState.ASKING
                return [Speak(self._question(node))]
            case Voicemail():
                self.state = WalkState.GREETING
                return [Speak((*node.prompts, BEEP))]
            case Survey():
                self.state = WalkState.ASKING
                return [Speak(node.prompts)]
            case Collect():
                self.state, self.typed = WalkState.ASKING, ""
                return [Speak(node.prompts)]
            case Enqueue():
                self.state = WalkState.DONE
                return [JoinQueue(node.queue or self.menus.queue_for(self.known.topic), node.prompts, node.callback)]
            case DialOut():
                return self._dial(node)
            case Lookup():
                return self._look(node)
            case Goodbye():
                return self._goodbye(node)
            case Banner():
                self.state = WalkState.SAYING
                return [Speak((Prompt(self.outside.banner),))]
            case Return():  # in no fragment: checked menus never come here
                return self._operator(())
            case Branch() | Fragment():
                raise ContractError(f"{node.id} is nowhere to stay")

    def _question(self, menu: Menu) -> tuple[Prompt, ...]:
        """Give the menu's prompts and those of the choices that are there now; the others are left out."""
        if menu.id in self.menus.timed:
            self.hidden = frozenset(key for key, choice in menu.choices.items() if not self._is_offered(choice))
        elif self.hidden:
            self.hidden = frozenset()
        if not menu.spoken:
            return menu.prompts
        said = [choice.prompts for key, choice in menu.choices.items() if key not in self.hidden]
        return tuple(chain(menu.prompts, *said))

    def _is_offered(self, choice: Choice) -> bool:
        return self._is_there(choice.validity) and self._is_there(self.menus.nodes[choice.goto].validity)

    # -- numbers that are typed ---

    def _number_step(self, step: Step, node: Collect, key: str) -> list[Act]:
        match step:
            case "answer":
                return self._typed(node, key)
            case "missed":
                return self._ended(node)
            case "confirm":
                return self._confirmed(node, key)
        self.state = WalkState.LISTENING if step == "listen" else WalkState.CONFIRMING
        return [Listen(node.timeout_s)]

    def _typed(self, node: Collect, key: str) -> list[Act]:
        """Take one more key. The first digit ends what is being said."""
        if key == "#":
            return self._ended(node)
        if key == "*":
            return self._mistyped(node, ())
        first, self.state = self.state is WalkState.ASKING, WalkState.LISTENING
        self.typed += key
        if len(self.typed) == node.most:
            return self._ended(node)
        return [Quiet(), Listen(node.timeout_s)] if first else [Listen(node.timeout_s)]

    def _ended(self, node: Collect) -> list[Act]:
        """Check the complete number: ended by its length, by ``#``, or by a time-out."""
        common = self.menus.prompts
        if not self.typed:
            return self._mistyped(node, (common.silence,))
        if len(self.typed) < node.least or value_of(node.kind, self.typed) is None:
            return self._mistyped(node, (common.wrong_number,))
        return self._read_back(node) if node.confirm else self._take(node)

    def _read_back(self, node: Collect) -> list[Act]:
        common = self.menus.prompts
        self.state = WalkState.READING_BACK
        return [Speak((common.read_back, *spelt(node.kind, self.typed), PAUSE, common.confirm))]

    def _confirmed(self, node: Collect, key: str) -> list[Act]:
        """Take the answer to a number read back: silence repeats the question, a key but ``CONFIRM`` the input."""
        if key == CONFIRM:
            return self._take(node)
        if key:
            return self._mistyped(node, ())
        return self._miss(node) or self._read_back(node)

    def _take(self, node: Collect) -> list[Act]:
        self.known.variables[node.into] = value_of(node.kind, self.typed) or ""
        self._tell(DigitsTaken, self.call, node.id, node.kind.value, self.misses + 1)
        self.typed = ""
        return self._enter(node.next)

    def _mistyped(self, node: Collect, said: tuple[Prompt, ...]) -> list[Act]:
        if acts := self._miss(node):
            return acts
        self.state, self.typed = WalkState.ASKING, ""
        return [Speak((*said, *node.prompts))]

    def _miss(self, node: Collect) -> list[Act]:
        """Count a miss. Returns the acts after too many misses; an empty list before."""
        self.misses += 1
        self._tell(InputMissed, self.call, node.id, "", self.misses)
        if self.misses < node.tries:
            return []
        self.typed = ""
        return self._enter(node.otherwise)

    def _marked(self, node: Survey, key: str) -> list[Act]:
        """Take a mark, or a miss (silence has no key)."""
        if key in MARKS and key:
            self._tell(Surveyed, self.call, node.id, int(key))
            return self._enter(node.next)
        self.misses += 1
        self._tell(InputMissed, self.call, node.id, key, self.misses)
        if self.misses >= node.tries:
            return self._enter(node.next)
        self.state = WalkState.ASKING
        return [Speak(((self.menus.prompts.invalid if key else self.menus.prompts.silence), *node.prompts))]

    # -- what is asked of a service ---

    def _look(self, node: Lookup) -> list[Act]:
        self.state = WalkState.LOOKING
        send = tuple(Named(name, self._source(source)) for name, source in node.send)
        look = AskService(node.lookup, send, tuple(name for _, name in node.values), node.within_s)
        return [look, Speak(node.prompts) if node.prompts else HoldMusic()]

    def _source(self, name: str) -> str:
        if name in SOURCES:
            known = {"caller": national(self.outside.ani), "dialled": self.outside.dnis}
            return known[name] if name in known else self.known.attributes.get(Attribute(name), "")
        return self.known.variables.get(name, "")

    @property
    def looking_for(self) -> str:
        """Give the service that the present node asks; empty if none."""
        node = self._present
        return node.lookup if isinstance(node, Lookup) else ""

    def take_answer(self, values: Iterable[Named]) -> None:
        """Set the present node's variables to what its service answered."""
        node, answer = self._present, {pair.name: pair.value for pair in values}
        if isinstance(node, Lookup):
            self.known.variables.update({variable: answer.get(name, "") for variable, name in node.values})

    # -- ways out ---

    def _dial(self, node: DialOut) -> list[Act]:
        self.state = WalkState.DIALLING
        return [Speak(node.prompts)] if node.prompts else [Dial(node.target, node.confidential)]

    def _goodbye(self, node: Goodbye) -> list[Act]:
        self.state = WalkState.ENDING
        return [Speak(node.prompts)] if node.prompts else self._leave()

    def _join(self, queue: QueueId, prompts: tuple[Prompt, ...]) -> list[Act]:
        self.state = WalkState.DONE
        return [JoinQueue(queue, prompts)]

    def _leave(self) -> list[Act]:
        self.state = WalkState.DONE
        return [Leave()]

    def _skip(self, node: Say | Banner, key: str) -> list[Act]:
        acts = self._enter(node.next)
        return self._answer(self._present, key) if isinstance(self._present, Menu) else acts

    def _answer(self, menu: Menu, key: str) -> list[Act]:
        common = self.menus.keys
        if key in menu.choices and key not in self.hidden:
            return self._choose(menu, menu.choices[key], key)
        if key and key == common.repeat:
            return self._repeat(menu, key)
        if key and key == common.back:
            return self._back(menu, key)
        if key and key == common.operator:
            self._tell(KeyTaken, self.call, menu.id, key, "operator")
            return self._operator(())
        return self._missed(menu, key, self.menus.prompts.invalid)

    def _choose(self, menu: Menu, choice: Choice, key: str) -> list[Act]:
        self._tell(KeyTaken, self.call, menu.id, key, choice.meaning)
        self.trail.append((menu.id, tuple(self.returns)))
        self._set(choice.sets)
        return self._enter(choice.goto)

    def _repeat(self, menu: Menu, key: str) -> list[Act]:
        self._tell(KeyTaken, self.call, menu.id, key, "repeat")
        return self._open(menu)

    def _back(self, menu: Menu, key: str) -> list[Act]:
        self._tell(KeyTaken, self.call, menu.id, key, "back")
        goal, returns = self.trail.pop() if self.trail else (menu.id, tuple(self.returns))
        self.returns = list(returns)
        return self._enter(goal)

    def _silent(self, menu: Menu) -> list[Act]:
        if menu.silence is None:
            return self._missed(menu, "", self.menus.prompts.silence)
        self._tell(InputMissed, self.call, menu.id, "", 1)
        self._set(menu.silence.sets)
        return self._enter(menu.silence.goto)

    def _missed(self, menu: Menu, key: str, said: Prompt) -> list[Act]:
        self.misses += 1
        self._tell(InputMissed, self.call, menu.id, key, self.misses)
        if self.misses >= menu.tries:
            return self._operator((self.menus.prompts.agent_anyway,))
        self.state = WalkState.ASKING
        return [Speak((said, *self._question(menu)))]

    def _give_up(self, node: Menu | Collect) -> list[Act]:
        """Send a caller who presses nothing to an agent: an old telephone, someone confused or hurt."""
        self.hurried = False
        self.misses += 1
        self._tell(InputMissed, self.call, node.id, "", self.misses)
        return self._operator((self.menus.prompts.agent_anyway,))

    def _operator(self, prompts: tuple[Prompt, ...]) -> list[Act]:
        return self._join(self.menus.queue_for(self.known.topic), prompts)

    def _set(self, sets: Assignments) -> None:
        for name, value in sets:
            if isinstance(name, Attribute):
                self.known.attributes[name] = value
                self._tell(AttributeSet, self.call, name, value)
            else:
                self.known.variables[name] = value
