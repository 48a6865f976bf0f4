"""Commands of the engine, carried out: what to tell Asterisk for each, and what to tell the engine where it fails.

Every value has been checked before it comes here; the AMI client refuses line ends once more.
"""

from __future__ import annotations

import asyncio
import logging
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from calls import CallId, OfferId
from calls import commands as c
from calls import events as e
from calls.commands import Prompt

from .ami import AgiResult, AmiClient, AmiDisconnected, AmiGone, AmiMessage
from .legs import CallerLeg, CodeLeg, DialledLeg, Legs
from .names import channel_of
from .steering import MessageRecording, PlayEnd, PlayFiles, PlayMusic, Steering

log = logging.getLogger(__name__)

PromptPath = Callable[[Prompt, str, int | None], str]
"""The sound file, without its ending, of a prompt in a language, as it reads in an edition (None: in the newest)."""

MOST_UNPLAYABLE = 500
"""Sounds that are remembered and logged as unplayable; a folder that is gone has no more than these."""

END_TOLD_S = 1.0
"""Time within which Asterisk tells the end of a channel for which it has refused an order."""

RING_MARGIN_S = 3.0
"""Asterisk's own limit for a ring lies behind the engine's: it only matters when the engine is gone."""

ANSWER_BY_ITSELF = (
    "PJSIP_HEADER(add,Call-Info)=<sip:line1555>;answer-after=0",
    "PJSIP_HEADER(add,Alert-Info)=<http://localhost>;info=alert-autoanswer;delay=0",
)
"""Headers of the INVITE that ask a phone to answer; no standard, and each phone has to be told to heed them.

Call-Info: Softphone.Pro (softphone.pro/en/help/auto-answer), Gigaset, AudioCodes, baresip after 1.0.0 with
``sip_autoanswer=yes`` (pull request 1187). Alert-Info: Yealink (FAQ 546), Mitel, which wants the delay (RN-001029).
Linphone and pjsua know neither (liblinphone issue 139, pjproject issue 2611): they have a setting of their own.
"""


NO_FORWARD = "__FORWARD_CONTEXT=line-no-forward"
"""A phone that redirects a call of ours (302) is refused."""

DONE = "LINE_DONE"
"""The channel's mark of a caller who has had what they called for."""

LONGEST_LABEL = 60
"""Most characters of a text on a phone: no display shows more; AMI takes 1,022 a line."""

MESSAGE = re.compile(r"[a-z][a-z0-9_]{0,39}/[A-Za-z0-9.-]{1,100}")
"""The name of a message: its box, its call and a number."""

DIALLED = re.compile(r"[0-9]{1,20}")
"""Texts that may be dialled: digits as a telephone has them."""


@dataclass(slots=True)
class Switch:
    """Talks to Asterisk for the engine. ``report`` takes the failures.

    ``trunk_contact``: HOST:PORT where citizens are dialled; empty: nowhere. ``messages``: the folder of what callers
    leave on the tape, seen by Asterisk under the same name; None: they cannot.
    """

    client: AmiClient
    legs: Legs
    prompt_path: PromptPath
    report: Callable[[e.Event], None]
    trunk_contact: str = ""
    messages: Path | None = None
    unplayable: set[str] = field(default_factory=set)
    """Sounds that Asterisk could not play since the start."""
    spoken: dict[str, str] = field(default_factory=dict)
    """Language and prompt of the sounds that were wanted, by their files."""

    def carry_out(self, command: c.Command) -> None:
        """Raises ``ValueError``, with nothing done, for what Asterisk must not be told."""
        match command:
            case c.Play():
                _play(self, command)
            case c.Record():
                _record(self, command)
            case c.Hush(call):
                _hush(self, call)
            case c.Music():
                _music(self, command)
            case c.Ring():
                _ring(self, command)
            case c.CancelRing(offer):
                _cancel_ring(self, channel_of(offer))
            case c.Connect(call, offer):
                _connect(self, call, offer)
            case c.Transfer(call, target):
                _transfer(self, call, target)
            case c.CallBack():
                _call_back(self, command)
            case c.HangUp(call):
                _hang_up_citizen(self, channel_of(call))
            case c.Confirm():
                _confirm(self, command)
            case c.Membership(agent, serving):
                fields = {"Interface": f"PJSIP/{agent}", "Paused": "false" if serving else "true"}
                self.quietly("QueuePause", fields)

    # -- what steering asks ---

    def send_agi(self, channel: str, command: str, *, timeout_s: float | None) -> asyncio.Future[AgiResult]:
        return self.client.send_agi(channel, command, timeout_s=timeout_s)

    def interrupt(self, channel: str) -> None:
        """Cut the running AGI command short, by redirecting the channel to AsyncAGI itself."""
        self.quietly("Redirect", {"Channel": channel, "Context": "line-agi", "Exten": "s", "Priority": "1"})

    def steer(self, channel: str, call: CallId | None) -> Steering:
        """A steering for a channel that has come under our control; a code call (no ``call``) is hung up when told."""

        lacking: set[str] = set()

        def told(number: int, how: PlayEnd, error: str) -> None:
            if how is PlayEnd.UNPLAYABLE:
                self._unplayable(call, error, lacking)
            elif call is None:
                self.hang_up(channel)
            elif how is PlayEnd.HEARD:
                self.report(e.PromptEnded(call, number))
            else:
                self._play_failed(call, error)

        return Steering(channel, self, told)

    def _unplayable(self, call: CallId | None, file: str, lacking: set[str]) -> None:
        """A sound that Asterisk cannot play: told to the engine once for each caller, to the log once."""
        if file not in self.unplayable and len(self.unplayable) < MOST_UNPLAYABLE:
            self.unplayable.add(file)
            log.error("%s cannot be played, callers do not hear it: %s", self.spoken.get(file, "a sound"), file)
        leg = self.legs.caller(call) if call is not None else None
        if leg is not None and not leg.left and file not in lacking:
            lacking.add(file)
            lost = f"{self.spoken.get(file, file)} cannot be played"
            self.report(e.CommandFailed("Prompt", leg.call, None, lost))

    def _play_failed(self, call: CallId, error: str) -> None:
        leg = self.legs.caller(call)
        if leg is not None and not leg.left:
            self.report(e.CommandFailed("Play", call, None, error))

    # -- what the node keeps alive ---

    def heartbeat(self, sign: float) -> None:
        """Tell the dialplan that the engine is there: any number that was not told before; 0 says that it leaves."""
        self.quietly("Setvar", {"Variable": "ENGINE_HB", "Value": f"{sign:.3f}"})

    def renew_lease(self, leg: CallerLeg, seconds: float, *, first: bool) -> None:
        """The caller stays ours for so long; then Asterisk's own menu takes them.

        ``first``: they have just come. Empty, LINE_GIVEN says that we have noticed, so that the end of the lease need
        not mean that we are gone.
        """
        lease = {"TIMEOUT(absolute)": f"{seconds:g}"}
        self.set_variables(leg.channel, {"LINE_GIVEN": "", **lease} if first else lease)

    def served(self, channel: str) -> None:
        """Mark that Asterisk's own menu, should it have to take the caller, says goodbye and rings nobody.

        After a talk or a transfer the dialplan sets the mark itself: the engine may be gone by then.
        """
        self.set_variables(channel, {DONE: "yes"})

    def set_variables(self, channel: str, values: Mapping[str, str]) -> None:
        """Set variables of the channel, by one action; a refusal is ignored. Raises ``ValueError`` for a comma."""
        if len(values) == 1:
            [(names, told)] = values.items()
        else:
            if any("," in value for value in values.values()):
                raise ValueError("a comma in one of several values")
            names, told = f"ARRAY({','.join(values)})", ",".join(values.values())
        self.quietly("Setvar", {"Channel": channel, "Variable": names, "Value": told})

    def hang_up(self, channel: str) -> None:
        """Hang the channel up with cause 16 (normal clearing); a refusal is ignored."""
        self.quietly("Hangup", {"Channel": channel, "Cause": "16"})

    # -- sending ---

    def quietly(self, name: str, fields: Mapping[str, str]) -> None:
        """Send an action whose refusal tells nothing that an event or the audit would not (the channel is gone)."""
        self.client.tell(name, fields)

    def or_fail(self, sent: asyncio.Future[AmiMessage], command: str, call: CallId, offer: OfferId | None) -> None:
        """Report ``CommandFailed`` when Asterisk refuses what was sent.

        Say nothing if the connection is lost, or if the caller is gone; a failed Ring is reported even then. Asterisk
        may refuse an order for a channel that is just ending before it tells that end: then wait for it.
        """

        def done(future: asyncio.Future[AmiMessage]) -> None:
            error = None if future.cancelled() else future.exception()
            if error is None or isinstance(error, AmiDisconnected):
                return
            if isinstance(error, AmiGone) and command != "Ring":
                asyncio.get_running_loop().call_later(END_TOLD_S, self._failed, command, call, offer, error)
            else:
                self._failed(command, call, offer, error)

        sent.add_done_callback(done)

    def _failed(self, command: str, call: CallId, offer: OfferId | None, error: BaseException) -> None:
        if command == "Ring" and offer is not None:
            self.legs.offers.pop(channel_of(offer), None)
        elif _is_gone(self, call):
            return  # the caller hung up while the order was on its way: that is told already
        elif (leg := self.legs.caller(call)) is not None:
            leg.steering.arrived()
        self.report(e.CommandFailed(command, call, offer, str(error)))


def _play(switch: Switch, command: c.Play) -> None:
    leg = switch.legs.caller(command.call)
    if leg is None:
        return
    if not command.prompts:
        asyncio.get_running_loop().call_soon(switch.report, e.PromptEnded(command.call, command.play))
        return
    names = tuple(_file(switch, prompt, command.language, command.edition) for prompt in command.prompts)
    if command.last:
        switch.served(leg.channel)
    leg.steering.want(PlayFiles(command.play, names, command.keys))


def _file(switch: Switch, prompt: Prompt, language: str, edition: int | None) -> str:
    file = switch.prompt_path(prompt, language, edition)
    switch.spoken[file] = f"{language}/{prompt.id}"
    return file


def _record(switch: Switch, command: c.Record) -> None:
    if switch.messages is None or not MESSAGE.fullmatch(command.file):
        raise ValueError("no folder for messages")
    file = switch.messages / command.file
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    leg = switch.legs.caller(command.call)
    if leg is not None:
        switch.served(leg.channel)  # what they have to say is on the tape
        leg.steering.want(MessageRecording(command.play, str(file), command.max_s))


def _hush(switch: Switch, call: CallId) -> None:
    leg = switch.legs.caller(call)
    if leg is not None:
        leg.steering.want(None)


def _music(switch: Switch, command: c.Music) -> None:
    leg = switch.legs.caller(command.call)
    if leg is not None:
        leg.steering.want(PlayMusic(command.music))


def _ring(switch: Switch, command: c.Ring) -> None:
    label = "".join(letter for letter in command.label[:LONGEST_LABEL] if letter.isalnum() or letter in " -.:")
    fields = {
        "Channel": f"PJSIP/{command.agent}",
        "ChannelId": command.offer,
        "Context": "line-agent",
        "Exten": "offer",
        "Priority": "1",
        "Async": "true",
        "Timeout": str(round((command.ring_s + RING_MARGIN_S) * 1000)),
        "CallerID": f'"{label}" <{command.caller}>',
        "Variable": [
            f"LINE_OFFER={command.offer}",
            NO_FORWARD,
            *([f"LINE_HOLD_S={math.ceil(command.hold_s)}"] if command.hold_s > 0 else ()),
            *(ANSWER_BY_ITSELF if command.auto_answer else ()),
        ],
    }
    switch.or_fail(switch.client.send("Originate", fields), "Ring", command.call, command.offer)


def _cancel_ring(switch: Switch, channel: str) -> None:
    """Hang the agent's phone up. One that Asterisk has not dialled yet is hung up as soon as it has."""
    leg = switch.legs.offers.get(channel)
    if leg is not None:
        leg.given_up = True
    switch.hang_up(channel)


def _call_back(switch: Switch, command: c.CallBack) -> None:
    """The citizen's channel has the call's own id, at every attempt: the last one must be gone."""
    channel = channel_of(command.call)
    if not DIALLED.fullmatch(command.number) or not DIALLED.fullmatch(command.dnis):
        raise ValueError("not a number that can be dialled: digits only, 20 at most")
    if not switch.trunk_contact:
        raise ValueError("no callbacks: trunk.contact is not set in site.yaml")
    last = switch.legs.dialled.get(channel)
    if channel in switch.legs.callers or (last is not None and last.seen):
        raise ValueError("the citizen's last channel is still there")
    fields = {
        "Channel": f"PJSIP/trunk/sip:{command.number}@{switch.trunk_contact}",
        "ChannelId": channel,
        "Context": "line-callback",
        "Exten": "s",
        "Priority": "1",
        "Async": "true",
        "EarlyMedia": "false",
        "Timeout": str(round(command.ring_s * 1000)),
        "CallerID": f"<{command.dnis}>",
        "Variable": [
            "GROUP(room)=citizen",
            f"LINE_NUMBER={command.number}",
            f"LINE_DNIS={command.dnis}",
            f"LINE_LANG={command.language}",
            f"LINE_QUEUE={command.queue}",
            NO_FORWARD,
        ],
    }
    switch.legs.dialled[channel] = DialledLeg(command.call, channel)
    switch.client.send("Originate", fields).add_done_callback(lambda sent: _not_dialled(switch, sent, command.call))


def _not_dialled(switch: Switch, sent: asyncio.Future[AmiMessage], call: CallId) -> None:
    error = None if sent.cancelled() else sent.exception()
    if error is not None and not isinstance(error, AmiDisconnected):
        switch.legs.dialled.pop(channel_of(call), None)
        switch.report(e.CommandFailed("CallBack", call, None, str(error)))


def _hang_up_citizen(switch: Switch, channel: str) -> None:
    """Hang up, also where the phone still rings: that the citizen did not answer is then no news."""
    dialled, leg = switch.legs.dialled.get(channel), switch.legs.callers.get(channel)
    if dialled is not None:
        dialled.given_up = True
    if leg is not None:
        leg.let_go = True
    switch.hang_up(channel)


def _connect(switch: Switch, call: CallId, offer: OfferId) -> None:
    leg, peer = switch.legs.caller(call), switch.legs.offers.get(channel_of(offer))
    if leg is None or peer is None:
        failed = e.CommandFailed("Connect", call, offer, "a leg is missing")
        asyncio.get_running_loop().call_soon(switch.report, failed)
        return
    leg.steering.release()
    switch.set_variables(leg.channel, {"LINE_PEER": peer.name})
    _redirect(switch, leg, "line-connect", "Connect", offer)


def _transfer(switch: Switch, call: CallId, target: str) -> None:
    leg = switch.legs.caller(call)
    if leg is None:
        return
    leg.steering.release()
    leg.transferring = True
    switch.set_variables(leg.channel, {"LINE_TARGET": target})
    _redirect(switch, leg, "line-transfer", "Transfer", None)


def _redirect(switch: Switch, leg: CallerLeg, context: str, command: str, offer: OfferId | None) -> None:
    fields = {"Channel": leg.channel, "Context": context, "Exten": "s", "Priority": "1"}
    switch.or_fail(switch.client.send("Redirect", fields), command, leg.call, offer)


def _confirm(switch: Switch, command: c.Confirm) -> None:
    leg: CodeLeg | None = switch.legs.codes.get(channel_of(command.session))
    if leg is not None:
        names = tuple(_file(switch, prompt, command.language, None) for prompt in command.prompts)
        leg.steering.want(PlayFiles(1, names, ""))


def _is_gone(switch: Switch, call: CallId) -> bool:
    leg = switch.legs.caller(call)
    return leg is None or leg.left
