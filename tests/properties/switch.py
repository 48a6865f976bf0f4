"""A toy switch: what a well-behaved Asterisk would have after the line's commands. The truth behind snapshots."""

from __future__ import annotations

from dataclasses import dataclass, field

from calls import AgentId, CallId, CallStage, OfferId
from calls import commands as c
from calls import events as e
from engine import Output

S = CallStage


@dataclass
class Leg:
    """An agent's leg; ``call`` is whom it was rung for."""

    call: CallId
    agent: AgentId
    answered: bool = False


@dataclass
class Channel:
    """A caller's channel; ``stage`` is None in the rescue menu, ``said`` the number of the play being heard."""

    stage: CallStage | None = S.MENU
    offer: OfferId | None = None
    said: int | None = None


@dataclass
class Switch:
    """Channels, legs and phones. ``joining`` holds pairs that were told to be connected and are not yet.

    ``dialling`` are citizens whose phone the line rings.
    """

    channels: dict[CallId, Channel] = field(default_factory=dict)
    legs: dict[OfferId, Leg] = field(default_factory=dict)
    joining: dict[CallId, OfferId] = field(default_factory=dict)
    reachable: set[AgentId] = field(default_factory=set)
    in_use: set[AgentId] = field(default_factory=set)
    leaving: dict[CallId, None] = field(default_factory=dict)
    dialling: dict[CallId, None] = field(default_factory=dict)
    closing: dict[OfferId, None] = field(default_factory=dict)
    commands: list[c.Command] = field(default_factory=list)

    def execute(self, outputs: list[Output]) -> None:
        for output in outputs:
            if isinstance(output, c.Command):
                self.commands.append(output)
                self._do(output)
        del self.commands[:-10]

    def _do(self, command: c.Command) -> None:
        match command:
            case c.Play(call, play) | c.Record(call, play) if call in self.channels:
                self.channels[call].said = play
            case c.Music(call) | c.Hush(call) if call in self.channels:
                self.channels[call].said = None
            case c.Transfer(call) if call in self.channels:
                self.channels[call] = Channel(S.TRANSFERRING)
            case c.CallBack(call):
                self.dialling[call] = None
            case c.HangUp(call) if call in self.channels:
                self.leaving[call] = None
            case c.HangUp(call):
                self.dialling.pop(call, None)
            case c.Connect(call, offer):
                self.joining[call] = offer
            case c.Ring(offer, call, agent):
                self.legs[offer] = Leg(call, agent)
            case c.CancelRing(offer) if offer in self.legs:
                self.closing[offer] = None

    def drop_call(self, call: CallId) -> None:
        for table in (self.channels, self.joining, self.leaving, self.dialling):
            table.pop(call, None)

    def drop_leg(self, offer: OfferId) -> None:
        leg = self.legs.pop(offer, None)
        self.closing.pop(offer, None)
        if leg and self.joining.get(leg.call) == offer:
            del self.joining[leg.call]

    def talking(self, offer: OfferId) -> bool:
        leg = self.legs.get(offer)
        return leg is not None and leg.call in self.channels and self.channels[leg.call].offer == offer

    def snapshot(self, *, final: bool) -> e.Snapshot:
        return e.Snapshot(
            tuple(e.SeenCall(call, ch.stage, ch.offer) for call, ch in self.channels.items()),
            tuple(e.SeenOffer(offer, leg.answered) for offer, leg in self.legs.items()),
            tuple(sorted(self.reachable)),
            tuple(sorted(self.in_use)),
            final,
        )
