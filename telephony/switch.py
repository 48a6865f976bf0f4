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
from typing import Any

from calls import CallId, OfferId
from calls import commands as c
from calls import events as e
from calls.commands import Prompt

from .ami import AgiResult, AmiClient, AmiDisconnected, AmiMessage
from .legs import CallerLeg, CodeLeg, DialledLeg, Legs, channel_of
from .steering import MessageRecording, PlayEnd, PlayFiles, PlayMusic, Steering

log = logging.getLogger(__name__)

PromptPath = Callable[[Prompt, str, int | None], str]
"""The sound file, without its ending, of a prompt in a language, as it reads in an edition (None: in the newest)."""

MOST_UNPLAYABLE = 500
"""Sounds that are remembered and logged as unplayable; a folder that is gone has no more than these."""

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
                self._play(command)
            case c.Record():
                self._record(command)
            case c.Hush(call):
                self._hush(call)
            case c.Music():
                self._music(command)
            case c.Ring():
                self._ring(command)
            case c.CancelRing(offer):
                self._hang_up(offer)
            case c.Connect(call, offer):
                self._connect(call, offer)
            case c.Transfer(call, target):
                self._transfer(call, target)
            case c.CallBack():
                self._call_back(command)
            case c.HangUp(call):
                self._hang_up_citizen(channel_of(call))
            case c.Confirm():
                self._confirm(command)
            case c.Membership(agent, serving):
                fields = {"Interface": f"PJSIP/{agent}", "Paused": "false" if serving else "true"}
                self._quietly("QueuePause", fields)

    # -- what steering asks ---

    def send_agi(self, channel: str, command: str, *, timeout_s: float | None) -> asyncio.Future[AgiResult]:
        return self.client.send_agi(channel, command, timeout_s=timeout_s)

    def interrupt(self, channel: str) -> None:
        """Cut the running AGI command short, by redirecting the channel to AsyncAGI itself."""
        self._quietly("Redirect", {"Channel": channel, "Context": "line-agi", "Exten": "s", "Priority": "1"})

    def steer(self, channel: str, call: CallId | None) -> Steering:
        """A steering for a channel that has come under our control; a code call (no ``call``) is hung up when told."""

        lacking: set[str] = set()

        def told(number: int, how: PlayEnd, error: str) -> None:
            if how is PlayEnd.UNPLAYABLE:
                self._unplayable(call, error, lacking)
            elif call is None:
                self._hang_up(channel)
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

    # -- what the driver keeps alive ---

    def heartbeat(self, sign: float) -> None:
        """Tell the dialplan that the engine is there: any number that was not told before; 0 says that it leaves."""
        self._quietly("Setvar", {"Variable": "ENGINE_HB", "Value": f"{sign:.3f}"})

    def renew_lease(self, leg: CallerLeg, seconds: float) -> None:
        """The caller stays ours for so long; then Asterisk's own menu takes them."""
        self.set_variable(leg.channel, "TIMEOUT(absolute)", f"{seconds:g}")

    def take(self, leg: CallerLeg) -> None:
        """The caller has just come: we have noticed, so the end of a lease need not mean that we are gone."""
        self.set_variable(leg.channel, "LINE_GIVEN", "")

    def mark_done(self, channel: str, done: bool) -> None:
        """Mark whether Asterisk's own menu, should it have to take the caller, says goodbye and rings nobody.

        After a talk or a transfer the dialplan sets the mark itself: the engine may be gone by then.
        """
        self.set_variable(channel, DONE, "yes" if done else "")

    def set_variable(self, channel: str, name: str, value: str) -> None:
        self._quietly("Setvar", {"Channel": channel, "Variable": name, "Value": value})

    # -- one by one ---

    def _play(self, command: c.Play) -> None:
        leg = self.legs.caller(command.call)
        if leg is None:
            return
        if not command.prompts:
            asyncio.get_running_loop().call_soon(self.report, e.PromptEnded(command.call, command.play))
            return
        names = tuple(self._file(prompt, command.language, command.edition) for prompt in command.prompts)
        if command.last:
            self.mark_done(leg.channel, True)
        leg.steering.want(PlayFiles(command.play, names, command.keys))

    def _file(self, prompt: Prompt, language: str, edition: int | None) -> str:
        file = self.prompt_path(prompt, language, edition)
        self.spoken[file] = f"{language}/{prompt.id}"
        return file

    def _record(self, command: c.Record) -> None:
        if self.messages is None or not MESSAGE.fullmatch(command.file):
            raise ValueError("no folder for messages")
        file = self.messages / command.file
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        leg = self.legs.caller(command.call)
        if leg is not None:
            self.mark_done(leg.channel, True)  # what they have to say is on the tape
            leg.steering.want(MessageRecording(command.play, str(file), command.max_s))

    def _hush(self, call: CallId) -> None:
        leg = self.legs.caller(call)
        if leg is not None:
            leg.steering.want(None)

    def _music(self, command: c.Music) -> None:
        leg = self.legs.caller(command.call)
        if leg is not None:
            leg.steering.want(PlayMusic(command.music))

    def _ring(self, command: c.Ring) -> None:
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
        self._or_fail(self.client.send("Originate", fields), "Ring", command.call, command.offer)

    def _call_back(self, command: c.CallBack) -> None:
        """The citizen's channel has the call's own id, at every attempt: the last one must be gone."""
        channel = channel_of(command.call)
        if not DIALLED.fullmatch(command.number) or not DIALLED.fullmatch(command.dnis):
            raise ValueError("not a number that can be dialled: digits only, 20 at most")
        if not self.trunk_contact:
            raise ValueError("no callbacks: trunk.contact is not set in site.yaml")
        last = self.legs.dialled.get(channel)
        if channel in self.legs.callers or (last is not None and last.seen):
            raise ValueError("the citizen's last channel is still there")
        fields = {
            "Channel": f"PJSIP/trunk/sip:{command.number}@{self.trunk_contact}",
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
        self.legs.dialled[channel] = DialledLeg(command.call, channel)
        self.client.send("Originate", fields).add_done_callback(lambda sent: self._not_dialled(sent, command.call))

    def _not_dialled(self, sent: asyncio.Future[AmiMessage], call: CallId) -> None:
        error = None if sent.cancelled() else sent.exception()
        if error is not None and not isinstance(error, AmiDisconnected):
            self.legs.dialled.pop(channel_of(call), None)
            self.report(e.CommandFailed("CallBack", call, None, str(error)))

    def _hang_up_citizen(self, channel: str) -> None:
        """Hang up, also where the phone still rings: that the citizen did not answer is then no news."""
        dialled = self.legs.dialled.get(channel)
        if dialled is not None:
            dialled.given_up = True
        self._hang_up(channel)

    def _connect(self, call: CallId, offer: OfferId) -> None:
        leg, peer = self.legs.caller(call), self.legs.offers.get(offer)
        if leg is None or peer is None:
            failed = e.CommandFailed("Connect", call, offer, "a leg is missing")
            asyncio.get_running_loop().call_soon(self.report, failed)
            return
        leg.steering.release()
        self.set_variable(leg.channel, "LINE_PEER", peer.name)
        self._redirect(leg, "line-connect", "Connect", offer)

    def _transfer(self, call: CallId, target: str) -> None:
        leg = self.legs.caller(call)
        if leg is None:
            return
        leg.steering.release()
        leg.transferring = True
        self.set_variable(leg.channel, "LINE_TARGET", target)
        self._redirect(leg, "line-transfer", "Transfer", None)

    def _redirect(self, leg: CallerLeg, context: str, command: str, offer: OfferId | None) -> None:
        fields = {"Channel": leg.channel, "Context": context, "Exten": "s", "Priority": "1"}
        self._or_fail(self.client.send("Redirect", fields), command, leg.call, offer)

    def _hang_up(self, channel: str) -> None:
        self._quietly("Hangup", {"Channel": channel, "Cause": "16"})

    def _confirm(self, command: c.Confirm) -> None:
        leg: CodeLeg | None = self.legs.codes.get(command.session)
        if leg is not None:
            names = tuple(self._file(prompt, command.language, None) for prompt in command.prompts)
            leg.steering.want(PlayFiles(1, names, ""))

    # -- sending ---

    def _quietly(self, name: str, fields: Mapping[str, str]) -> None:
        """Send an action whose refusal tells nothing that an event or the audit would not (the channel is gone)."""
        self.client.send(name, fields).add_done_callback(_swallow)

    def _or_fail(self, sent: asyncio.Future[AmiMessage], command: str, call: CallId, offer: OfferId | None) -> None:
        def done(future: asyncio.Future[AmiMessage]) -> None:
            error = None if future.cancelled() else future.exception()
            if command != "Ring" and self._is_gone(call):
                return  # the caller hung up while the order was on its way: that is told already
            if error is not None and not isinstance(error, AmiDisconnected):
                if command == "Ring" and offer is not None:
                    self.legs.offers.pop(offer, None)
                elif (leg := self.legs.caller(call)) is not None:
                    leg.steering.arrived()
                self.report(e.CommandFailed(command, call, offer, str(error)))

        sent.add_done_callback(done)

    def _is_gone(self, call: CallId) -> bool:
        leg = self.legs.caller(call)
        return leg is None or leg.left


def _swallow(future: asyncio.Future[Any]) -> None:
    if not future.cancelled():
        future.exception()
