"""A small line for tests: two topics, two languages, a few agents; and a hand that plays the outside world."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any, TypeVar

from agents import AgentSettings, Code
from calls import AgentAction, AgentId, Attribute, CallId, OfferId, QueueId, parse
from calls import commands as c
from calls import events as e
from calls.commands import Prompt
from engine import Line, LineSettings, Output
from ivr import (
    Choice,
    Collect,
    DialOut,
    Digits,
    Enqueue,
    Entry,
    Goodbye,
    Lookup,
    Menu,
    Menus,
    Node,
    Say,
    Survey,
    Voicemail,
)
from line1555.live.checkpoint import freeze, thaw
from queues import QueueSettings

T = TypeVar("T")
PENSIONS, GENERAL = QueueId("pensions"), QueueId("general")


def menus() -> Menus:
    """Language, then topic; an announcement, a transfer, a goodbye and two queues."""
    language = Menu(
        "language",
        (Prompt("welcome"),),
        {
            "1": Choice("el", "topic", ((Attribute.LANGUAGE, "el"),)),
            "2": Choice("en", "topic", ((Attribute.LANGUAGE, "en"),)),
        },
        silence=Choice("el", "topic", ((Attribute.LANGUAGE, "el"),)),
    )
    topic = Menu(
        "topic",
        (Prompt("topic"),),
        {
            "1": Choice("pensions", "news", ((Attribute.TOPIC, "pensions"),)),
            "2": Choice("hours", "bye"),
            "3": Choice("ticket", "ticket"),
            "4": Choice("case", "case"),
            "6": Choice("tape", "tape"),
            "9": Choice("sos", "sos"),
        },
    )
    nodes: list[Node] = [
        language,
        topic,
        Say("news", (Prompt("news"),), "by_topic"),
        Enqueue("by_topic", None, (Prompt("please_wait"),)),
        Collect("ticket", (Prompt("ticket"),), Digits.NUMBER, "ticket", "by_topic", "bye", most=3),
        Lookup("case", "tickets", "by_topic", "bye", (("ticket", "ticket"),), (("state", "status"),)),
        Goodbye("bye", (Prompt("hours"),)),
        Voicemail("tape", "night", "bye", (Prompt("tape"),), 60.0),
        Survey("how", (Prompt("how"),), "bye"),
        DialOut("sos", "15900", "by_topic", confidential=True),
    ]
    entries = [
        Entry("1555", "language"),
        Entry("11320", "by_topic", ((Attribute.TOPIC, "pensions"),)),
    ]
    return Menus(
        {entry.number: entry for entry in entries},
        {node.id: node for node in nodes},
        ("el", "en"),
        {"pensions": PENSIONS},
        GENERAL,
    )


def queue(name: QueueId, **changed: Any) -> QueueSettings:
    """The plainest rules: strict priority, then age, to the longest idle."""
    plain: dict[str, Any] = {"policy": "longest_idle", "ageing": 0.0}
    return QueueSettings(name, name.capitalize(), parse(f"topic.{name}"), **(plain | changed))


def settings(agents: int = 3, *, menu: Menus | None = None) -> LineSettings:
    """``a1..aN``: all speak Greek and know pensions and general; every third speaks English as well."""
    people = [
        AgentSettings(
            AgentId(f"a{n}"),
            f"Agent {n}",
            {"topic.pensions": 5, "topic.general": 1, "lang.el": 10} | ({"lang.en": 3} if n % 3 == 0 else {}),
        )
        for n in range(1, agents + 1)
    ]
    queues = [queue(PENSIONS, priority=1), queue(GENERAL)]
    codes = {
        "*11": Code(AgentAction.LOG_IN),
        "*12": Code(AgentAction.LOG_OUT),
        "*13": Code(AgentAction.READY),
        "*14": Code(AgentAction.NOT_READY, "break"),
        "*15": Code(AgentAction.END_WRAP_UP),
    }
    return LineSettings(menu or menus(), {q.id: q for q in queues}, {a.id: a for a in people}, codes)


def changed(known: LineSettings, **queues: dict[str, Any]) -> LineSettings:
    """The same line with these queues' settings changed."""
    rules = {QueueId(name): replace(known.queues[QueueId(name)], **new) for name, new in queues.items()}
    return replace(known, queues={**known.queues, **rules})


class Hand:
    """Plays the outside world against a line and remembers all that came out."""

    def __init__(self, line: Line | None = None) -> None:
        self.line = line or Line(settings())
        self.first = self.line._state.settings
        self.now = 0.0
        self.steps: list[tuple[float, e.Event | None, list[Output]]] = []

    @classmethod
    def of(cls, agents: int = 3, **queues: dict[str, Any]) -> Hand:
        """An open line whose queues have these settings beyond the plainest."""
        return cls(Line(changed(settings(agents), **queues))).open()

    def again(self) -> Line:
        """A line that was written and read: it must go on as this one does."""
        return thaw(freeze(self.line), self.line.library, self.first)

    def publish(self, settings: LineSettings, by: str = "") -> list[Output]:
        """New settings take over."""
        return self.do(e.SettingsPublished(self.line.library.add(settings), by))

    def open(self) -> Hand:
        """The line is up and every phone is there."""
        self.do(e.LineStarted("n1", 1_700_000_000.0, "test"))
        agents = tuple(self.line._state.settings.agents)
        self.do(e.Snapshot((), (), agents, (), final=True))
        return self

    def ready(self, *agents: str) -> Hand:
        """These agents log in and are ready, in this order of idleness."""
        for agent in agents:
            self.ask(agent, AgentAction.LOG_IN)
            self.ask(agent, AgentAction.READY)
        return self

    def ask(self, agent: str, action: AgentAction, reason: str = "") -> list[Output]:
        return self.do(e.AgentAsked(AgentId(agent), action, reason))

    def do(self, event: e.Event, after_s: float = 0.0) -> list[Output]:
        """Let timers run for ``after_s``, then tell the event."""
        self.wait(after_s)
        out = self.line.handle(event, self.now)
        self.steps.append((self.now, event, out))
        return out

    def wait(self, seconds: float) -> list[Output]:
        """Let the time pass, firing every timer at its own instant."""
        end, out = self.now + seconds, []
        while (at := self.line.next_deadline()) is not None and at <= end:
            self.now = max(at, self.now)
            fired = self.line.tick(self.now)
            self.steps.append((self.now, None, fired))
            out += fired
        self.now = end
        return out

    def call(self, call: str, dnis: str = "11320", ani: str = "6941234567") -> list[Output]:
        return self.do(e.CallArrived(CallId(call), ani, dnis))

    def talk(self, call: str, after_s: float = 2.0) -> OfferId:
        """The agent who is rung for this call answers and they hear each other."""
        offer = self.line._state.calls[CallId(call)].work.offer
        assert offer is not None
        self.do(e.OfferAnswered(offer), after_s)
        self.do(e.Bridged(CallId(call), offer))
        return offer

    def heard(self, call: str) -> list[Output]:
        """The prompt being said to this caller ends."""
        return self.do(e.PromptEnded(CallId(call), self.line._state.calls[CallId(call)].playback.number))

    @property
    def out(self) -> list[Output]:
        return [output for _, _, outputs in self.steps for output in outputs]

    def all(self, kind: type[T]) -> list[T]:
        return only(kind, self.out)


def only(kind: type[T], outputs: Iterable[object]) -> list[T]:
    return [output for output in outputs if isinstance(output, kind)]


def one(kind: type[T], outputs: Iterable[object]) -> T:
    (found,) = only(kind, outputs)
    return found


def rings(outputs: Iterable[object]) -> list[tuple[str, str]]:
    return [(ring.call, ring.agent) for ring in only(c.Ring, outputs)]
