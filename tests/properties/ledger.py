"""Bookkeeping from the outputs alone: what a reader of the facts can know, and the order facts must come in."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from calls import AgentId, AgentState, CallId, OfferId, OfferResult, Outcome, QueueId, decode, encode
from calls import commands as c
from calls import facts as f
from engine import Output

_HARMLESS = (
    f.LineOpened, f.LinkChanged, f.PhoneChanged, f.CodeRefused, f.Discrepancy, f.Unexpected, f.CommandLost, f.QueueOpen,
    f.BannerChanged,
)  # fmt: skip


@dataclass
class CallAccount:
    """One call as the facts tell it. ``sent_out``: a limit of its queue sent it to a message or a number.

    ``door``: the queue that sent it another way before it had a place. ``promised``: it is a callback of the line's
    own (``number``), which has no channel until the citizen answers.
    """

    queued: bool = False
    spoke: bool = False
    in_queue: bool = False
    talking: OfferId | None = None
    transferring: bool = False
    queue: QueueId | None = None
    sent_out: bool = False
    door: QueueId | None = None
    asked: bool = False
    promised: bool = False
    number: str = ""
    missed: int = 0
    told: c.Command | None = None


@dataclass
class AgentAccount:
    state: AgentState
    since: float
    sum_s: float = 0.0


@dataclass
class Ledger:
    """All accounts. ``take`` raises AssertionError where an output cannot follow what was told before.

    With ``codec`` every output must survive the journal as well.
    """

    codec: bool = True
    calls: dict[CallId, CallAccount] = field(default_factory=dict)
    offers: dict[OfferId, f.OfferMade] = field(default_factory=dict)
    legs: dict[OfferId, None] = field(default_factory=dict)
    agents: dict[AgentId, AgentAccount] = field(default_factory=dict)
    wrap_ups: dict[AgentId, f.ConversationEnded] = field(default_factory=dict)
    strays: set[OfferId] = field(default_factory=set)
    offered: int = 0
    ended: Counter[Outcome] = field(default_factory=Counter)

    def take(self, outputs: list[Output], now: float) -> None:
        for output in outputs:
            if self.codec:
                assert decode(json.loads(json.dumps(encode(output)))) == output
            if isinstance(output, c.Command):
                self._command(output)
            elif not isinstance(output, _HARMLESS):
                self._fact(output, now)

    def balance(self, standing: int) -> None:
        """Every call that was offered has exactly one way out, or is still here."""
        assert self.offered == sum(self.ended.values()) + standing

    def _command(self, command: c.Command) -> None:
        match command:
            case c.CallBack(call, number):
                account = self.calls[call]
                assert account.promised and account.in_queue and account.number == number
                account.told = command
            case c.HangUp(call) if call not in self.calls:
                pass  # answered too late: nobody would speak to them
            case c.Lookup(call):
                assert call in self.calls
            case c.Play(call) | c.Record(call) | c.Music(call) | c.Transfer(call) | c.HangUp(call) | c.Hush(call):
                self.calls[call].told = command
            case c.Connect(call, offer):
                assert offer in self.legs and self.calls[call].in_queue
                self.calls[call].told = command
            case c.Ring(offer, call, agent):
                made = self.offers[offer]
                assert (made.call, made.agent) == (call, agent)
            case c.CancelRing(offer):
                assert offer in self.legs or offer in self.strays
            case c.Membership(agent):
                assert agent in self.agents

    def _fact(self, fact: f.Fact, now: float) -> None:
        match fact:
            case f.CallStarted(call):
                assert call not in self.calls
                self.calls[call] = CallAccount()
            case f.NodeEntered(call) | f.KeyTaken(call) | f.InputMissed(call) | f.AttributeSet(call):
                assert not self.calls[call].queued or self.calls[call].spoke
            case f.DigitsTaken(call) | f.LookupEnded(call) | f.MessageLeft(call):
                assert not self.calls[call].queued
            case f.Surveyed(call, _, score):
                assert 1 <= score <= 5 and self.calls[call].spoke and not self.calls[call].talking
            case f.OfferMade() | f.OfferEnded() | f.Connected() | f.ConversationEnded() | f.HandedOver() | f.Held():
                self._offer_fact(fact)
            case f.AgentChanged() | f.WrapUpDone():
                self._agent_fact(fact, now)
            case _:
                self._call_fact(fact)

    def _call_fact(self, fact: f.Fact) -> None:
        match fact:
            case f.Queued(call, queue):
                self._queued(self.calls[call], queue)
            case f.Announced(call, queue):
                assert self.calls[call].in_queue and self.calls[call].queue == queue
            case f.PlaceChanged(call, queue):
                assert self.calls[call].in_queue or self.calls[call].promised
                self.calls[call].queue = queue
            case f.CallbackOffered() | f.CallbackPromised() | f.CallbackMissed():
                self._callback_fact(fact)
            case f.NobodyCan(call):
                assert not self.calls[call].in_queue
            case f.Overflowed(call, queue):
                account = self.calls[call]
                assert not account.talking and (not account.in_queue or account.queue == queue)
                account.sent_out = account.sent_out or fact.way != "queue"
                account.door = None if account.in_queue else queue
            case f.QueueLeft(call, queue):
                self._queue_left(self.calls[call], queue)
            case f.TransferStarted(call):
                assert not self.calls[call].transferring
                self.calls[call].transferring = True
            case f.TransferEnded(call):
                assert self.calls[call].transferring
                self.calls[call].transferring = False
            case f.SentOn(call):
                assert self.calls[call].spoke and not self.calls[call].in_queue
            case f.Consulted():
                assert fact.talk_s >= 0 and (fact.answered or not fact.talk_s)
            case f.CallEnded(call, outcome):
                self._ended(self.calls.pop(call), outcome)
            case _:
                raise AssertionError(f"no rule for {fact}")

    def _callback_fact(self, fact: f.Fact) -> None:
        match fact:
            case f.CallbackOffered(call):
                assert not self.calls[call].asked and not self.calls[call].promised
                self.calls[call].asked = True
            case f.CallbackPromised(back, call, queue, number):
                numbers = {account.number for account in self.calls.values()}
                assert back not in self.calls and number not in numbers, "one callback for a number"
                self.calls[back] = CallAccount(queue=queue, promised=True, number=number)
                if call is not None:
                    assert self.calls[call].asked and self.calls[call].sent_out and not self.calls[call].in_queue
            case f.CallbackMissed(back, agent, result, _, attempts):
                account = self.calls[back]
                spared = result is OfferResult.FAILED and attempts == account.missed
                account.missed += not spared
                assert account.promised and account.in_queue and attempts == account.missed
                assert self.agents[agent].state is AgentState.TALKING

    def _queued(self, account: CallAccount, queue: QueueId) -> None:
        """Again only when an agent sent them on, or nobody answered where a limit sent them."""
        again = account.spoke or account.sent_out or account.door
        assert not account.in_queue and (again or not account.queued)
        self.offered += not account.queued
        account.queued, account.in_queue, account.queue, account.door = True, True, queue, None

    def _queue_left(self, account: CallAccount, queue: QueueId) -> None:
        """From its place, or from the door without having had one."""
        assert queue == (account.queue if account.in_queue else account.door)
        self.offered += not account.queued
        account.queued, account.in_queue = True, False

    def _ended(self, account: CallAccount, outcome: Outcome) -> None:
        assert not (account.in_queue or account.talking or account.transferring), account
        waited = {Outcome.HANDLED, Outcome.ABANDONED, Outcome.SURVIVED, Outcome.LOST, Outcome.REFUSED}
        if account.missed:
            waited.add(Outcome.UNREACHED)
        if account.sent_out:
            waited.add(Outcome.OVERFLOWED)
        if account.queued:
            assert outcome in waited and (outcome is Outcome.HANDLED) == account.spoke, outcome
            self.ended[outcome] += 1
        else:
            assert outcome not in {Outcome.HANDLED, Outcome.ABANDONED, Outcome.LOST}, outcome
            assert outcome is not Outcome.OVERFLOWED or account.sent_out
            assert not account.promised or outcome in {Outcome.REFUSED, Outcome.SURVIVED}

    def _offer_fact(self, fact: f.Fact) -> None:
        match fact:
            case f.OfferMade(offer, call, agent):
                assert offer not in self.legs and self.calls[call].in_queue
                live = self.offers.values()
                assert call not in {o.call for o in live} and agent not in {o.agent for o in live}
                self.offers[offer] = fact
                self.legs[offer] = None
            case f.OfferEnded(offer, call, agent, queue, result):
                made = self.offers[offer]
                assert queue == self.calls[call].queue
                assert (made.call, made.agent) == (call, agent)
                assert result is not OfferResult.ANSWERED or self.calls[call].in_queue
                del self.offers[offer]
            case f.Connected(call, offer):
                account = self.calls[call]
                assert account.queue == fact.queue and account.in_queue and offer not in self.offers
                account.in_queue, account.talking, account.spoke = False, offer, True
            case f.HandedOver(call, offer):
                assert self.calls[call].spoke and not self.calls[call].talking
                self.calls[call].talking = offer
                self.legs[offer] = None
            case f.Held(call):
                assert self.calls[call].talking
            case f.ConversationEnded(call, offer, agent):
                assert self.calls[call].talking == offer and agent not in self.wrap_ups
                self.calls[call].asked = False  # sent on, they may be asked again
                assert fact.talk_s >= 0 and fact.hold_s >= 0
                self.calls[call].talking = None
                self.wrap_ups[agent] = fact

    def _agent_fact(self, fact: f.Fact, now: float) -> None:
        match fact:
            case f.AgentChanged(agent, old, new, _, lasted_s):
                account = self.agents.setdefault(agent, AgentAccount(AgentState.LOGGED_OUT, now - lasted_s))
                assert account.state is old and lasted_s == now - account.since >= 0
                account.state, account.since = new, now
                account.sum_s += lasted_s
            case f.WrapUpDone(call, agent):
                assert self.wrap_ups.pop(agent).call == call

    def sums(self, now: float, since: Mapping[AgentId, float]) -> None:
        """Each agent's states add up to the time they have been here."""
        for agent, account in self.agents.items():
            assert abs(account.sum_s + (now - account.since) - (now - since[agent])) < 1e-6 * max(1.0, now)
