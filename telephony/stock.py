"""Taking stock of an Asterisk after a connect: the book of channels is written anew, as the switch has them."""

from __future__ import annotations

from calls import CallStage, OfferResult
from calls import commands as c
from calls import events as e

from .ami import AmiError
from .legs import DialledLeg
from .names import channel_of, is_callback
from .parts import NodeParts
from .snapshot import Channel, SeenChannels
from .switch import DONE
from .translate import UP, sip_call_of

UNHEARD = (CallStage.DIALLING, CallStage.PROMISED, None)
"""Stages of a callback whose citizen has just answered: they have heard nothing yet, and nothing of it can be cut."""


async def take_stock(node: NodeParts, seen: SeenChannels) -> None:
    """Tell the engine what Asterisk has, then let the events that came meanwhile through, but for old news."""
    snapshot = seen.snapshot(node.legs.names, final=True)
    reached = _reached(node, seen)
    _rebuild(node, seen)
    node.step(snapshot)
    for event in node.translator.trunk_seen(seen.trunk):
        node.step(event)
    _settle_dialled(node)
    await _greet_unknown(node, seen)
    if node.held is not None:
        node.held = [held for held in node.held if held.name != "AsyncAGIStart" or held.get("Uniqueid") not in reached]


def _rebuild(node: NodeParts, seen: SeenChannels) -> None:
    """What a caller hears is cut: steering starts anew."""
    legs, translator = node.legs, node.translator
    legs.clear()
    translator.forget_contacts()
    for offer, channel in seen.offers.items():
        live = node.line.view.agents.offer(offer)
        agent = live.agent if live is not None else seen.handed.get(offer)
        if agent is not None:
            translator.expect_offer(offer, agent)
            leg = legs.offers[channel_of(offer)]
            leg.name, leg.answered = channel.name, channel.state == UP
            leg.held = live is not None and live.on_hold
        legs.enter_bridge(channel.bridge, channel.id)
    legs.others.update(seen.others)
    for rung in seen.dialled:
        legs.dialled[rung] = DialledLeg(legs.names.call(rung), rung, seen=True)
    for caller in seen.callers.values():
        _adopt(node, caller, seen.stage(caller) is CallStage.TRANSFERRING)


def _adopt(node: NodeParts, caller: Channel, transferring: bool) -> None:
    if caller.context.startswith("line-survive"):
        return
    leg = node.translator.adopt(caller.id)
    if caller.bridge:
        node.legs.enter_bridge(caller.bridge, caller.id)
    elif is_callback(caller.id) and node.line.view.calls.stage(leg.call) in UNHEARD:
        leg.steering.entered()
    elif caller.context in ("line-agi", "line-lease"):
        leg.steering.interrupted = True
        node.switch.interrupt(caller.id)
    leg.transferring = transferring


def _reached(node: NodeParts, seen: SeenChannels) -> set[str]:
    """Citizens who answered unseen. The look tells it: ``AsyncAGIStart`` among the held events is then old news."""
    stage = node.line.view.calls.stage
    return {ch for ch in seen.callers if is_callback(ch) and stage(node.legs.names.call(ch)) in UNHEARD}


def _settle_dialled(node: NodeParts) -> None:
    """Phones that ring for nobody are stilled; a callback whose channel is gone has failed."""
    dialling = (call for call in node.line.view.calls.all() if call.stage is CallStage.DIALLING)
    wanted = {call.id for call in dialling if call.switch == node.name}
    for leg in list(node.legs.dialled.values()):
        if leg.call not in wanted:
            node.switch.carry_out(c.HangUp(leg.call))
    there = {leg.call for leg in node.legs.dialled.values()}
    for call in sorted(call for call in wanted - there if node.legs.caller(call) is None):
        node.step(e.CallbackFailed(call, OfferResult.FAILED, "gone while not watched"))


async def _greet_unknown(node: NodeParts, seen: SeenChannels) -> None:
    """Callers who came while nobody watched."""
    for channel, caller in seen.callers.items():
        leg = node.legs.callers.get(channel)
        if leg is None or node.line.view.calls.has(leg.call) or caller.bridge or leg.transferring:
            continue
        if is_callback(channel):
            node.step(e.CallbackAnswered(leg.call))
            continue
        try:
            dnis, done, sip_call = [await _variable(node, channel, name) for name in ("LINE_DNIS", DONE, "LINE_SIP")]
        except AmiError:
            continue  # gone in the meantime: its Hangup is among the held events
        if done:  # an engine of before has served them; nobody is rung a second time
            node.switch.carry_out(c.HangUp(leg.call))
        else:
            node.step(e.CallArrived(leg.call, caller.ani, dnis, sip_call_of(sip_call)))


async def _variable(node: NodeParts, channel: str, name: str) -> str:
    """A variable of a channel, empty where it has none. Raises ``AmiError``."""
    return (await node.client.action("Getvar", {"Channel": channel, "Variable": name})).get("Value")
