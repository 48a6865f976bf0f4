"""One caller in the menus, with the real engine, on a clock set by hand: nobody is rung, nothing is dialled.

What they hear and what the line notes of them comes out as lines of text, in order. All agents are logged in, none is
ready, so queues are open and everybody waits.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from calls import AgentAction, CallId, CallStage, Named
from calls import commands as c
from calls import events as e
from calls import facts as f
from engine import Line, Output
from ivr import PAUSE
from ivr.texts import spoken

from .site import Site, callable_line

CALL = CallId("try-1")
MOST_STEPS = 1000
"""Most timers in a row without anything to hear: more would be an endless loop."""

LETTERS_A_SECOND = 15.0
"""Letters a second at which prompts are said: Greek by espeak-ng, 14 to 17."""

Answers = Mapping[str, Mapping[str, str]]
"""Answers of faked services, by their names; one that is not here fails."""


@dataclass(frozen=True, slots=True)
class TrialEvent:
    """One thing that happened: ``kind`` is hear, note or end; ``at`` seconds since the call came.

    ``prompts`` are those that were said.
    """

    at: float
    kind: str
    text: str
    prompts: tuple[str, ...] = ()


@dataclass(slots=True)
class MenuTrial:
    """A call to ``number`` from ``ani`` at this local time (with its zone)."""

    site: Site
    number: str
    ani: str
    at: datetime
    answers: Answers = field(default_factory=dict)
    banner: str = ""
    line: Line = field(init=False)
    now: float = 0.0
    told: list[TrialEvent] = field(default_factory=list)
    dialled: list[str] = field(default_factory=list)
    """Outside numbers dialled, confidential ones too."""
    node: str = ""
    """The node that the caller came to last; they stay there while they wait."""
    promised: bool = False
    known: dict[str, str] = field(default_factory=dict)
    """Attributes that the line knew of the caller when they went."""

    def __post_init__(self) -> None:
        self.line = Line(callable_line(self.site))
        agents = tuple(self.line.view.settings.agents)
        self._do(e.LineStarted("try", self.at.timestamp(), "a trial"))
        self._do(e.LinkUp())
        self._do(e.Snapshot((), (), agents, (), True))
        for agent in agents:
            self._do(e.AgentAsked(agent, AgentAction.LOG_IN))
        if self.banner:
            self._do(e.BannerSwitched(self.banner))
        self._do(e.CallArrived(CALL, self.ani, self.number))

    # -- what the caller does ---

    @property
    def over(self) -> bool:
        return not self.line.view.calls.has(CALL)

    def press(self, key: str) -> None:
        self._do(e.KeyPressed(CALL, key))

    def stay_silent(self) -> None:
        """Hear what is being said to its end, and say nothing until the line does something that the caller notices.

        Where they have been transferred, nobody answers.
        """
        before, play = len(self.told), self.line.view.calls.saying(CALL)
        if self.line.view.calls.stage(CALL) is CallStage.TRANSFERRING:
            self._do(e.CallerBack(CALL))
        elif play is not None:
            self._hear(play)
        for _ in range(MOST_STEPS):
            due = self.line.next_deadline()
            if due is None or self.over or len(self.told) > before:
                return
            self.now = max(self.now, due)
            self._take(self.line.tick(self.now))

    def _hear(self, play: int) -> None:
        """Hear what is being said, to its end, or until a timer has something else said."""
        view, end = self.line.view, self.now + self._said_s()
        while (due := self.line.next_deadline()) is not None and due <= end and view.calls.saying(CALL) == play:
            self.now = max(self.now, due)
            self._take(self.line.tick(self.now))
        if view.calls.saying(CALL) == play:
            self.now = end
            self._do(e.PromptEnded(CALL, play))

    def _said_s(self) -> float:
        """Estimate the time (s) to say the last prompts."""
        heard = (told.text for told in reversed(self.told) if told.kind == "hear")
        return len(next(heard, "")) / LETTERS_A_SECOND

    def hang_up(self) -> None:
        self._do(e.CallerLeft(CALL))

    # -- what the line does ---

    def _do(self, event: e.Event) -> None:
        if not self.told or not self.over:
            self._take(self.line.handle(event, self.now))

    def _take(self, outputs: list[Output]) -> None:
        later: list[e.Event] = []
        for output in outputs:
            self.told += [TrialEvent(self.now, kind, text, _prompts(output)) for kind, text in self._said(output)]
            self._note(output)
            later += self._answered(output)
        for event in later:
            self._do(event)

    def _said(self, output: Output) -> Iterator[tuple[str, str]]:
        match output:
            case c.Play(_, _, prompts, language):
                yield "hear", spoken(self.site.texts, prompts, language)
            case c.Music(_, music):
                yield "hear", f"(music: {music})"
            case c.Record(_):
                yield "hear", "(beep: the tape runs)"
            case f.NodeEntered(_, node):
                yield "note", f"node {node}"
            case f.KeyTaken(_, _, key, meaning):
                yield "note", f"key {key}: {meaning}"
            case f.InputMissed(_, _, key, tries):
                yield "note", f"key {key}: wrong, miss {tries}" if key else f"nothing in time, miss {tries}"
            case f.AttributeSet(_, attribute, value):
                yield "note", f"{attribute} is {value}"
            case f.LookupEnded(_, _, lookup, error):
                yield "note", f"lookup {lookup}: {error or 'answered'}"
            case f.Queued(_, queue, requires, priority, position):
                yield "note", f"waits in queue {queue} at place {position}, for {requires}, {priority:g} points"
            case f.PlaceChanged(_, queue, requires, _, why):
                yield "note", f"queue {queue}: {why}; now for {requires}"
            case f.Overflowed(_, queue, limit, _, way, target):
                yield "note", f"queue {queue}: {limit}, so {way} {target}".rstrip()
            case f.TransferStarted(_, target, confidential):
                yield "note", "transferred, confidentially" if confidential else f"transferred to {target}"
            case f.CallbackPromised():
                yield "note", "is promised a call back"
            case f.CallEnded(_, outcome):
                yield "end", f"the call is over: {outcome}"

    def _note(self, output: Output) -> None:
        match output:
            case c.Transfer(_, target):
                self.dialled.append(target)
            case f.NodeEntered(_, node):
                self.node = node
            case f.CallbackPromised():
                self.promised = True
            case f.AttributeSet(_, attribute, value):
                self.known[str(attribute)] = value

    def _answered(self, output: Output) -> Iterator[e.Event]:
        """Tell the line what the world around it does at once."""
        match output:
            case c.Lookup(_, number, name):
                known = self.answers.get(name)
                if known is None:
                    yield e.LookupFailed(CALL, number, "no answer")
                else:
                    wanted = tuple(Named(value, known.get(value, "")) for value in output.wanted)
                    yield e.LookedUp(CALL, number, wanted)
            case c.HangUp():
                yield e.CallerLeft(CALL)

    def summary(self) -> dict[str, Any]:
        """Tell where the caller is, JSON-ready."""
        call = self.line.view.calls.get(CALL)
        ended = next((fact for fact in reversed(self.told) if fact.kind == "end"), None)
        return {
            "stage": str(call.stage) if call else "over",
            "node": self.node if call else None,
            "queue": call.queue if call and call.stage is not CallStage.MENU else None,
            "known": {str(name): value for name, value in call.known} if call else None,
            "outcome": ended.text.rpartition(" ")[2] if ended else None,
        }


def _prompts(output: Output) -> tuple[str, ...]:
    return tuple(prompt.id for prompt in output.prompts if prompt != PAUSE) if isinstance(output, c.Play) else ()
