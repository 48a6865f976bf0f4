"""A tiny simulator: callers, phones and time on one heap, the same course of things for the same seed."""

from __future__ import annotations

from collections.abc import Callable
from heapq import heappop, heappush
from random import Random

from calls import AgentAction, CallId, OfferId, OfferResult
from calls import commands as c
from calls import events as e
from engine import Line, Output

Watcher = Callable[[list[Output], float], None]


class SmallSim:
    """Drives a line until nothing is left to happen. ``watch`` is shown every step's outputs."""

    def __init__(self, line: Line, seed: int, watch: Watcher) -> None:
        self.line, self.watch = line, watch
        self.dice = Random(seed)
        self.now, self.number = 0.0, 0
        self.heap: list[tuple[float, int, e.Event]] = []
        self.playing: dict[CallId, int] = {}
        self.callers: set[CallId] = set()
        self.legs: dict[OfferId, CallId] = {}

    def open(self) -> None:
        """The line is up, all agents are ready."""
        agents = tuple(self.line._state.settings.agents)
        self.at(0.0, e.LineStarted("n1", 1_700_000_000.0, "test"))
        self.at(0.0, e.Snapshot((), (), agents, (), final=True))
        for agent in agents:
            self.at(0.0, e.AgentAsked(agent, AgentAction.LOG_IN))
            self.at(0.0, e.AgentAsked(agent, AgentAction.READY))

    def arrivals(self, count: int, per_second: float) -> None:
        at = 1.0
        for n in range(count):
            at += self.dice.expovariate(per_second)
            self.at(at, e.CallArrived(CallId(f"c{n}"), f"69{n:08}", self.dice.choice(("1555", "11320"))))

    def at(self, time: float, event: e.Event) -> None:
        self.number += 1
        heappush(self.heap, (time, self.number, event))

    def after(self, seconds: float, event: e.Event) -> None:
        self.at(self.now + seconds, event)

    def run(self) -> None:
        while self.heap or self.line.next_deadline() is not None:
            due = self.line.next_deadline()
            if self.heap and (due is None or self.heap[0][0] <= due):
                self.now, _, event = heappop(self.heap)
                if self.happens(event):
                    self.react(self.line.handle(event, self.now))
            elif due is not None:
                self.now = due
                self.react(self.line.tick(self.now))

    def happens(self, event: e.Event) -> bool:
        """Whether what was planned is still possible; keeps the books of what there is."""
        match event:
            case e.CallbackAnswered(call):
                self.callers.add(call)
            case e.CallArrived(call):
                self.callers.add(call)
                if self.dice.random() < 0.1:
                    self.after(self.dice.expovariate(1 / 60), e.CallerLeft(call))
            case e.CallerLeft(call):
                if call not in self.callers:
                    return False
                self.callers.discard(call)
            case e.PromptEnded(call, play):
                return call in self.callers and self.playing.get(call) == play
            case e.AgentLeft(offer) | e.OfferFailed(offer):
                return self.legs.pop(offer, None) is not None
            case e.OfferAnswered(offer):
                return offer in self.legs
            case e.Bridged(call, offer):
                return call in self.callers and self._bridged(call, offer)
            case e.KeyPressed(call) | e.CallerBack(call) | e.TransferAnswered(call):
                return call in self.callers
        return True

    def _bridged(self, call: CallId, offer: OfferId) -> bool:
        talk_s = self.dice.lognormvariate(4.8, 0.6)
        if self.dice.random() < 0.7:
            self.after(talk_s, e.CallerLeft(call))
        else:
            self.after(talk_s, e.AgentLeft(offer))
            self.after(talk_s + 0.02, e.CallerBack(call))
        return offer in self.legs

    def react(self, outputs: list[Output]) -> None:
        self.watch(outputs, self.now)
        for output in outputs:
            match output:
                case c.Play(call, play, _, _, keys):
                    self.playing[call] = play
                    self.after(3.0, e.PromptEnded(call, play))
                    if keys:
                        self.after(self.dice.uniform(1, 8), e.KeyPressed(call, self.dice.choice("1112079")))
                case c.Music(call) | c.Connect(call):
                    self.playing.pop(call, None)
                    if isinstance(output, c.Connect):
                        self.after(0.05, e.Bridged(call, output.offer))
                case c.Ring(offer, call):
                    self._ring(offer, call)
                case c.CancelRing(offer):
                    self.after(0.03, e.AgentLeft(offer))
                case c.HangUp(call):
                    self.after(0.03, e.CallerLeft(call))
                case c.CallBack(call, _, ring_s):
                    self._citizen_is_rung(call, ring_s)
                case c.Transfer(call):
                    self.after(4.0, e.TransferAnswered(call))
                    self.after(60.0, e.CallerLeft(call))

    def _citizen_is_rung(self, call: CallId, ring_s: float) -> None:
        if self.dice.random() < 0.7:
            self.after(self.dice.uniform(2, 20), e.CallbackAnswered(call))
        else:
            self.after(ring_s, e.CallbackFailed(call, OfferResult.NO_ANSWER))

    def _ring(self, offer: OfferId, call: CallId) -> None:
        self.legs[offer] = call
        luck = self.dice.random()
        if luck < 0.96:
            self.after(self.dice.uniform(1, 9), e.OfferAnswered(offer))
        elif luck < 0.98:
            self.after(0.5, e.OfferFailed(offer, self.dice.choice([OfferResult.BUSY, OfferResult.UNREACHABLE])))
