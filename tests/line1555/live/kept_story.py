"""A line with callers in every stage, offers and agents in every state, kept as a file for all later versions to thaw.

    PYTHONPATH=. .venv/bin/python -m tests.line1555.live.kept_story

writes ``kept/format-N`` (N: the format that the tree writes): the checkpoint, and the settings that it names. Do so
once for each new format; what stands there is never written again.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import get_args

from calls import AgentAction, AgentId, Attribute, CallId, OfferId, OfferResult, QueueId, SessionId, parse
from calls import events as e
from calls import facts as f
from engine import Line, LineSettings
from ivr import Entry
from line1555.live.checkpoint import CODEC, freeze
from metrics import LineState
from queues import OverflowAction, OverflowRule, OverflowTrigger, Relax
from sites import settings_digest, settings_from_text, settings_to_text
from tests.line import GENERAL, PENSIONS, Hand, menus, queue, settings

KEPT = Path(__file__).parent / "kept"
GONE = QueueId("gone")
CITIZENS = "69412345"
"""The first digits of their numbers."""
VERSION = "0.0.7"


def named(call: str) -> CallId:
    """The id of a caller's call: they all come to one Asterisk."""
    return CallId(f"n1-{call}")


class Texts:
    """Settings by digest, as a journal keeps them."""

    def __init__(self, folder: Path | None = None) -> None:
        files = folder.glob("*.json") if folder else ()
        self.texts = {file.stem: file.read_text() for file in files}
        self.known = {digest: settings_from_text(text) for digest, text in self.texts.items()}

    def add(self, wanted: LineSettings) -> str:
        text = settings_to_text(wanted)
        digest = settings_digest(text)
        self.texts[digest], self.known[digest] = text, wanted
        return digest

    def get(self, digest: str) -> LineSettings | None:
        return self.known.get(digest)


def first() -> LineSettings:
    """The settings that most callers began under; its last agent and a queue are in no later ones."""
    known = settings(17, menu=replace(menus(), version=1, banners=("emergency.strike",), after_call="how"))
    rules = (OverflowRule(OverflowTrigger.WAITED, OverflowAction.CALLBACK, at=50.0),)
    general = queue(GENERAL, overflow=rules, ageing=1.0, last_agent_s=30.0, policy="specialists_first")
    pensions = queue(PENSIONS, priority=1, relax=(Relax(parse("topic.general"), after_s=500.0),))
    gone = replace(queue(GENERAL), id=GONE, label="Gone", requires=parse("topic.gone"))
    entry = Entry("8009", "by_topic", ((Attribute.TOPIC, "gone"),))
    topics, entries = {"pensions": PENSIONS, "gone": GONE}, {**known.menus.entries, "8009": entry}
    queues = {GENERAL: general, PENSIONS: pensions, GONE: gone}
    return replace(known, queues=queues, menus=replace(known.menus, topics=topics, entries=entries))


def second() -> LineSettings:
    """One agent, one queue and one prompt fewer, and other menus."""
    known = first()
    agents = {name: agent for name, agent in known.agents.items() if name != "a12"}
    queues = {name: one for name, one in known.queues.items() if name != GONE}
    renewed = replace(known.menus, version=2, topics={"pensions": PENSIONS})
    return replace(known, agents=agents, queues=queues, menus=renewed)


class Story(Hand):
    """Plays the line up to the instant that is kept; calls have the names of what they stand for."""

    def __init__(self) -> None:
        self.library, self.board = Texts(), LineState()
        super().__init__(Line(first(), library=self.library))
        self.publish(first())
        self.open()
        self.do(e.BannerSwitched("emergency.strike"))
        self.callers = 0
        self.agents()
        self.talks()
        self.queues()
        self.menus()
        self.publish(second(), "maria")
        self.comes("new_menus", "2")
        self.last()
        for now, _, out in self.steps:
            for fact in out:
                if isinstance(fact, get_args(f.Fact)):
                    self.board.apply(now, fact)

    def comes(self, call: str, keys: str = "", dnis: str = "1555") -> None:
        """A caller comes and presses these keys; ``.`` is the end of what is being said."""
        self.callers += 1
        self.call(named(call), dnis, f"{CITIZENS}{self.callers:02}")
        for key in keys:
            self.heard(named(call)) if key == "." else self.do(e.KeyPressed(named(call), key))

    def agents(self) -> None:
        """Most are ready; some were never here, one has a break, the phone of one is gone."""
        self.ready(*(f"a{n}" for n in (1, 2, 3, 4, 5, 8, 10, 11, 12)))
        self.ask("a8", AgentAction.NOT_READY, "break")
        self.do(e.PhoneReachable(AgentId("a10"), False), 1.0)

    def talks(self) -> None:
        """Conversations in each of their states, one after the other."""
        for call in ("survey", "cut_off", "sent_on", "held", "colleague", "wrap_up", "closing"):
            self.comes(call, dnis="11320")
            self.talk(named(call))
        self.comes("asked", "20")
        self.comes("gone_queue", dnis="8009")
        self.do(e.AgentLeft(self.offer(named("survey"))), 46.0)
        self.do(e.CallerBack(named("survey")))
        self.do(e.AgentTransferred(named("sent_on"), "2101234567", dialled=True))
        self.do(e.HoldChanged(self.offer(named("held")), True), 2.0)
        self.ask(self.agent(named("held")), AgentAction.NOT_READY, "break")
        self.do(e.ConsultBegan(SessionId("s1"), self.agent(named("colleague")), "a8"))
        self.do(e.ConsultAnswered(SessionId("s1")), 1.0)

    def queues(self) -> None:
        """Callbacks and waiting callers in each of their states."""
        self.do(e.CallbackAsked(f"{CITIZENS}91", PENSIONS, "el"))
        self.ready("a13")
        self.answer("a13")
        self.do(e.CallbackFailed(self.promised(91), OfferResult.NO_ANSWER), 2.0)
        self.do(e.AgentLeft(self.offer(self.promised(91))))
        self.do(e.CallbackAsked(f"{CITIZENS}92", GENERAL, "en"))
        self.do(e.CallbackAsked(f"{CITIZENS}93", PENSIONS, "el", self.now + 3600.0))
        self.do(e.CallbackAsked(f"{CITIZENS}94", PENSIONS, "el"))
        self.answer("a13")
        self.comes("connecting", dnis="11320")
        self.ready("a14")
        self.answer("a14")
        self.comes("ringing", dnis="11320")
        self.ready("a16", "a17")
        self.comes("waiting", "20")

    def menus(self) -> None:
        """Callers who stay in the menus of the first version."""
        self.comes("listening", "1.")
        self.comes("typing", "134")
        self.comes("checked", "1312#")
        self.comes("looked_up", "14")
        self.comes("recorded", "16.")
        self.comes("outside", "19")
        self.comes("goodbye", "12.")

    def last(self) -> None:
        """What soon goes on by itself."""
        self.do(e.QueueSwitched(GENERAL, False, "maria"))
        self.do(e.CallerLeft(named("wrap_up")), 1.0)
        self.do(e.AgentLeft(self.offer(named("wrap_up"))))
        self.do(e.AgentLeft(self.offer(named("cut_off")), lost=True))
        self.do(e.CallerLeft(named("closing")))

    def offer(self, call: CallId) -> OfferId:
        return next(one.id for one in self.line._state.offers.values() if one.call == call)

    def agent(self, call: CallId) -> AgentId:
        return next(one.agent for one in self.line._state.offers.values() if one.call == call)

    def promised(self, number: int) -> CallId:
        return self.line._state.promised[f"{CITIZENS}{number}"]

    def answer(self, agent: str) -> None:
        """The agent answers the phone that rings."""
        self.do(e.OfferAnswered(next(one.id for one in self.line._state.offers.values() if one.agent == agent)), 2.0)


def main() -> None:
    story, folder = Story(), KEPT / f"format-{CODEC.format}"
    folder.mkdir(parents=True)
    (folder / "checkpoint").write_bytes(freeze(story.line, story.board, VERSION))
    for digest, text in story.library.texts.items():
        (folder / f"{digest}.json").write_text(text)


if __name__ == "__main__":
    main()
