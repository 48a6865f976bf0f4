"""Random walks: any outside world, in any order, at any time, and what must hold holds after every step.

The world is mostly well-behaved (``Switch`` does what it is told) and now and then not: events come late, doubled,
out of order or not at all, snapshots are out of date, commands fail, phones vanish, settings change.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from random import Random
from typing import TypeVar

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test

from calls import AgentAction, AgentId, CallId, CallStage, Named, OfferId, OfferResult, QueueId, SessionId
from calls import commands as c
from calls import events as e
from engine.state import EngineState

from .driver import CALLBACKS, NO_MOBILES, RULES, Driver, house
from .switch import Channel, Leg

T = TypeVar("T")
S = CallStage
PICK = st.integers(0, 255)
NUMBERS = ("1555", "11320", "8001", "0000")
FAILURES = [result for result in OfferResult if result not in (OfferResult.ANSWERED, OfferResult.WITHDRAWN)]
CODES = ("*11", "*12", "*13", "*14", "*15", "*99")


def pick(from_: Sequence[T], number: int) -> T:
    return from_[number % len(from_)]


class Walk(RuleBasedStateMachine):
    """The rules pick with small numbers from what there is. Trouble is possible at every ``every``-th step only."""

    every = 1

    def __init__(self) -> None:
        super().__init__()
        self.start(0)

    def start(self, rules: int) -> None:
        self.law = rules
        self.d = Driver(house(5, 2, rules))
        self.s = self.d.switch
        self.old = self.s.snapshot(final=False)
        self.recent: list[e.Event] = []

    def teardown(self) -> None:
        self.d.clear(seen=self.d.calls % 2 == 0)
        self.d.replay()

    @initialize(
        ready=st.integers(0, 5), every=st.sampled_from((1, 3, 6, 12, 24)), rules=st.sampled_from(range(len(RULES)))
    )
    def open(self, ready: int, every: int, rules: int) -> None:
        self.every = every
        self.start(rules)
        for n in range(ready):
            self.agent_starts_work(n)

    @property
    def trouble(self) -> bool:
        return len(self.d.record) % self.every == 0

    @property
    def w(self) -> EngineState:
        return self.d.line._state

    def tell(self, event: e.Event) -> None:
        self.recent = [*self.recent[-5:], event]
        self.d.tell(event)

    def calls_in(self, *stages: CallStage | None) -> list[CallId]:
        return [call for call, channel in self.s.channels.items() if channel.stage in stages]

    def agents(self) -> list[AgentId]:
        return [agent.id for agent in self.d.line._state.roster]

    # -- the ordinary course of things -------------------------------------------------------------------------------

    def owed(self) -> list[Callable[[int], None]]:
        """What a good world does next."""
        possible: list[tuple[object, Callable[[int], None]]] = [
            (len(self.s.channels) < 8, self.caller_comes),
            (self.s.leaving, self.caller_hangs_up),
            (self.s.closing, self.agents_leg_goes),
            (self.s.joining, self.they_hear_each_other),
            (self.unanswered(), self.agent_answers),
            (self.spoken_to(), self.prompt_ends),
            *[(self.asked(), self.question_is_answered)] * 3,
            (self.s.dialling, self.citizen_answers),
            (self.calls_in(S.TALKING), self.somebody_has_said_enough),
            (True, self.agent_starts_work),
        ]
        return [act for able, act in possible if able]

    @rule(events=st.integers(1, 15), start=PICK)
    def life_goes_on(self, events: int, start: int) -> None:
        dice = Random(start)  # one draw for many events: drawing is what costs
        for number in (dice.randrange(256) for _ in range(events)):
            owed = self.owed()
            pick(owed, number)(number // len(owed))
            self.d.pass_time(0.25)

    def somebody_has_said_enough(self, n: int) -> None:
        call = pick(self.calls_in(S.TALKING), n)
        self.d.pass_time(n % 7)
        offer = self.s.channels[call].offer if call in self.s.channels else None
        if n % 2 == 0 or offer not in self.s.legs:
            self.s.drop_call(call)
            self.tell(e.CallerLeft(call))
        else:
            self.s.drop_leg(offer)
            self.s.channels[call] = Channel()
            self.tell(e.AgentLeft(offer))
            self.tell(e.CallerBack(call))

    # -- callers -----------------------------------------------------------------------------------------------------

    @precondition(lambda self: len(self.s.channels) < 12)
    @rule(n=PICK)
    def caller_comes(self, n: int) -> None:
        self.d.arrive(pick(NUMBERS, n))

    def asked(self) -> list[CallId]:
        return [call for call in self.calls_in(S.MENU) if call in self.w.calls and self.w.calls[call].asked]

    @precondition(lambda self: self.asked())
    @rule(n=PICK)
    def question_is_answered(self, n: int) -> None:
        self.tell(e.KeyPressed(pick(self.asked(), n), pick("112", n)))

    @precondition(lambda self: self.s.channels)
    @rule(n=PICK, key=st.sampled_from("12346790*#"))
    def key(self, n: int, key: str) -> None:
        self.tell(e.KeyPressed(pick(list(self.s.channels), n), key))

    def looked_up_for(self) -> list[CallId]:
        return [call.id for call in self.w.calls.values() if call.lookups]

    @precondition(lambda self: self.looked_up_for())
    @rule(n=PICK, late=st.integers(0, 1))
    def service_answers(self, n: int, late: int) -> None:
        call = pick(self.looked_up_for(), n)
        number = self.w.calls[call].lookups - late
        failed, answered = e.LookupFailed(call, number, "HTTP 500"), e.LookedUp(call, number, (Named("status", "x"),))
        self.tell(failed if n % 3 == 0 else answered)

    def spoken_to(self) -> list[CallId]:
        return [call for call, channel in self.s.channels.items() if channel.said]

    @precondition(lambda self: self.spoken_to())
    @rule(n=PICK)
    def prompt_ends(self, n: int) -> None:
        call = pick(self.spoken_to(), n)
        said, self.s.channels[call].said = self.s.channels[call].said, None
        self.tell(e.PromptEnded(call, said or 0))

    @precondition(lambda self: self.trouble and self.s.channels)
    @rule(n=PICK)
    def caller_hangs_up(self, n: int) -> None:
        call = pick(list(self.s.leaving) or list(self.s.channels), n)
        self.s.drop_call(call)
        self.tell(e.CallerLeft(call))

    @precondition(lambda self: self.trouble and self.s.channels)
    @rule(n=PICK)
    def caller_comes_back(self, n: int) -> None:
        call = pick(list(self.s.channels), n)
        self.s.channels[call] = Channel()
        self.s.joining.pop(call, None)
        self.tell(e.CallerBack(call))

    @precondition(lambda self: self.trouble and self.s.channels)
    @rule(n=PICK)
    def rescue_menu_takes(self, n: int) -> None:
        call = pick(list(self.s.channels), n)
        self.s.channels[call] = Channel(None)
        self.tell(e.CallRescued(call))

    @precondition(lambda self: self.calls_in(S.TRANSFERRING))
    @rule(n=PICK)
    def outside_party_answers(self, n: int) -> None:
        self.tell(e.TransferAnswered(pick(self.calls_in(S.TRANSFERRING), n)))

    # -- offers ------------------------------------------------------------------------------------------------------

    @precondition(lambda self: self.s.legs)
    @rule(n=PICK)
    def phone_rings(self, n: int) -> None:
        self.tell(e.OfferRang(pick(list(self.s.legs), n)))

    def unanswered(self) -> list[OfferId]:
        return [offer for offer, leg in self.s.legs.items() if not leg.answered]

    @precondition(lambda self: self.unanswered())
    @rule(n=PICK)
    def agent_answers(self, n: int) -> None:
        offer = pick(self.unanswered(), n)
        self.s.legs[offer].answered = True
        self.tell(e.OfferAnswered(offer))

    @precondition(lambda self: self.trouble and self.unanswered())
    @rule(n=PICK, result=st.sampled_from(FAILURES))
    def phone_does_not_take_it(self, n: int, result: OfferResult) -> None:
        offer = pick(self.unanswered(), n)
        self.s.drop_leg(offer)
        self.tell(e.OfferFailed(offer, result))

    @precondition(lambda self: self.s.joining)
    @rule(n=PICK)
    def they_hear_each_other(self, n: int) -> None:
        call, offer = pick(list(self.s.joining.items()), n)
        del self.s.joining[call]
        if call in self.s.channels:
            self.s.channels[call] = Channel(S.TALKING, offer)
        self.tell(e.Bridged(call, offer))

    @precondition(lambda self: self.s.legs)
    @rule(n=PICK)
    def agents_leg_goes(self, n: int) -> None:
        offer = pick(list(self.s.closing) or list(self.s.legs), n)
        call = self.s.legs[offer].call
        if self.s.talking(offer):
            self.s.channels[call] = Channel()
        self.s.drop_leg(offer)
        self.tell(e.AgentLeft(offer))

    @precondition(lambda self: self.s.legs)
    @rule(n=PICK, on=st.booleans())
    def hold(self, n: int, on: bool) -> None:
        self.tell(e.HoldChanged(pick(list(self.s.legs), n), on))

    @precondition(lambda self: self.trouble and self.calls_in(S.TALKING))
    @rule(n=PICK)
    def agent_sends_him_on(self, n: int) -> None:
        call = pick(self.calls_in(S.TALKING), n)
        target = pick(("2101234567", "pensions", "general", "a1", "a2"), n)
        self.s.channels[call] = Channel(S.TRANSFERRING if target.isdigit() else S.MENU)
        self.tell(e.AgentTransferred(call, target))

    @precondition(lambda self: self.trouble and self.calls_in(S.TALKING))
    @rule(n=PICK)
    def agent_hands_him_over(self, n: int) -> None:
        free = [agent.id for agent in self.d.line._state.roster if agent.offer is None]
        if not free:
            return
        call, agent = pick(self.calls_in(S.TALKING), n), pick(free, n)
        offer = OfferId(f"17.{len(self.d.record)}")
        self.s.channels[call] = Channel(S.TALKING, offer)
        self.s.legs[offer] = Leg(call, agent, answered=True)
        self.tell(e.CallHandedOver(call, offer, agent))

    @precondition(lambda self: self.trouble)
    @rule(n=PICK, kind=st.sampled_from((e.ConsultAnswered, e.ConsultEnded)))
    def an_agent_asks_somebody(self, n: int, kind: type) -> None:
        session = SessionId(f"s{n % 3}")
        self.tell(e.ConsultBegan(session, pick([*self.agents(), AgentId("nobody")], n), "a2"))
        self.tell(kind(session))

    # -- callbacks ---------------------------------------------------------------------------------------------------

    @precondition(lambda self: self.s.dialling)
    @rule(n=PICK)
    def citizen_answers(self, n: int) -> None:
        call = pick(list(self.s.dialling), n)
        self.s.drop_call(call)
        self.s.channels[call] = Channel()
        self.tell(e.CallbackAnswered(call))

    @precondition(lambda self: self.s.dialling)
    @rule(n=PICK, result=st.sampled_from(FAILURES))
    def citizen_is_not_reached(self, n: int, result: OfferResult) -> None:
        call = pick(list(self.s.dialling), n)
        self.s.drop_call(call)
        self.tell(e.CallbackFailed(call, result))

    @precondition(lambda self: self.trouble and self.s.dialling)
    @rule(n=PICK)
    def citizen_answers_unseen(self, n: int) -> None:
        call = pick(list(self.s.dialling), n)
        self.s.drop_call(call)
        self.s.channels[call] = Channel()

    @precondition(lambda self: self.trouble and self.s.channels)
    @rule(n=PICK)
    def late_word_of_a_citizen(self, n: int) -> None:
        call = pick([*self.s.channels, *self.w.promised.values()], n)
        self.d.tell(e.CallbackAnswered(call) if n % 2 else e.CallbackFailed(call, OfferResult.BUSY))

    @precondition(lambda self: len(self.w.promised) < 8)
    @rule(
        n=PICK,
        queue=st.sampled_from(("pensions", "general", "general", "nowhere")),
        language=st.sampled_from(("el", "en", "xx")),
        in_s=st.sampled_from((None, -5.0, 10.0, 300.0)),
    )
    def supervisor_promises(self, n: int, queue: str, language: str, in_s: float | None) -> None:
        number = pick(("6941234567", f"+30210{n:07}", "15900"), n)
        at = None if in_s is None else self.d.now + in_s
        self.tell(e.CallbackAsked(number, QueueId(queue), language, at))

    # -- supervisors -------------------------------------------------------------------------------------------------

    def in_line(self) -> list[CallId]:
        return list(dict.fromkeys((*self.s.channels, *self.w.promised.values())))

    @precondition(lambda self: self.in_line())
    @rule(n=PICK, queue=st.sampled_from(("pensions", "general", "nowhere")))
    def supervisor_moves(self, n: int, queue: str) -> None:
        self.tell(e.CallMoved(pick(self.in_line(), n), QueueId(queue)))

    @precondition(lambda self: self.in_line())
    @rule(n=PICK, points=st.sampled_from((-60.0, 0.0, 5.0, 600.0)))
    def supervisor_sets_priority(self, n: int, points: float) -> None:
        self.tell(e.PrioritySet(pick(self.in_line(), n), points))

    @precondition(lambda self: self.trouble and self.in_line())
    @rule(n=PICK)
    def supervisor_withdraws(self, n: int) -> None:
        self.tell(e.CallWithdrawn(pick(self.in_line(), n)))

    @precondition(lambda self: self.trouble)
    @rule(queue=st.sampled_from(("pensions", "general", "nowhere")), open_=st.booleans())
    def queue_switched(self, queue: str, open_: bool) -> None:
        self.tell(e.QueueSwitched(QueueId(queue), open_))

    # -- agents ------------------------------------------------------------------------------------------------------

    @rule(n=PICK)
    def agent_starts_work(self, n: int) -> None:
        agent = pick(self.agents(), n)
        self.tell(e.AgentAsked(agent, AgentAction.LOG_IN))
        self.tell(e.AgentAsked(agent, AgentAction.READY))

    @precondition(lambda self: self.trouble)
    @rule(n=PICK, action=st.sampled_from(AgentAction), reason=st.sampled_from(("", "break")))
    def wish(self, n: int, action: AgentAction, reason: str) -> None:
        self.tell(e.AgentAsked(pick([*self.agents(), AgentId("nobody")], n), action, reason))

    @precondition(lambda self: self.trouble)
    @rule(n=PICK, code=st.sampled_from(CODES))
    def code(self, n: int, code: str) -> None:
        self.tell(e.CodeDialled(SessionId("s"), pick([*self.agents(), AgentId("nobody")], n), code))

    @precondition(lambda self: self.trouble)
    @rule(n=PICK, there=st.sampled_from((True, True, False)))
    def phone_reachable(self, n: int, there: bool) -> None:
        agent = pick(self.agents(), n)
        (self.s.reachable.add if there else self.s.reachable.discard)(agent)
        self.tell(e.PhoneReachable(agent, there))

    @precondition(lambda self: self.trouble)
    @rule(n=PICK, busy=st.sampled_from((True, False, False)))
    def phone_in_use(self, n: int, busy: bool) -> None:
        agent = pick(self.agents(), n)
        (self.s.in_use.add if busy else self.s.in_use.discard)(agent)
        self.tell(e.PhoneInUse(agent, busy))

    # -- switch ------------------------------------------------------------------------------------------------------

    @precondition(lambda self: self.trouble)
    @rule()
    def link_goes_down(self) -> None:
        self.tell(e.LinkDown("connection lost"))

    @precondition(lambda self: self.trouble or not self.d.line._state.linked)
    @rule()
    def link_comes_back(self) -> None:
        self.tell(e.LinkUp())
        self.d.tell(self.s.snapshot(final=True))

    @precondition(lambda self: self.trouble)
    @rule()
    def audit(self) -> None:
        self.old = self.s.snapshot(final=False)
        self.d.tell(self.old)

    @precondition(lambda self: self.trouble)
    @rule(final=st.booleans())
    def audit_out_of_date(self, final: bool) -> None:
        self.d.tell(replace(self.old, final=final))

    @precondition(lambda self: self.trouble and self.s.commands)
    @rule(n=PICK)
    def command_fails(self, n: int) -> None:
        command = pick(self.s.commands, n)
        call, offer = getattr(command, "call", None), getattr(command, "offer", None)
        if isinstance(command, c.Ring) and offer:
            self.s.drop_leg(offer)
        if isinstance(command, c.CallBack):
            self.s.dialling.pop(command.call, None)
        self.tell(e.CommandFailed(type(command).__name__, call, offer, "no such channel"))

    @precondition(lambda self: self.trouble and self.recent)
    @rule(n=PICK)
    def doubled(self, n: int) -> None:
        self.d.tell(pick(self.recent, n))

    @precondition(lambda self: self.trouble)
    @rule(
        n=PICK, kind=st.sampled_from((e.CallerLeft, e.CallerBack, e.CallRescued, e.CallWithdrawn, e.TransferAnswered))
    )
    def late_or_unknown_call(self, n: int, kind: type) -> None:
        self.d.tell(kind(CallId(f"c{n % (self.d.calls + 2)}")))

    # -- the line itself ---------------------------------------------------------------------------------------------

    @precondition(lambda self: self.trouble)
    @rule(agents=st.integers(2, 7), polyglots=st.sampled_from((0, 1, 2, 7)), rules=st.integers(0, 2 * len(RULES) - 1))
    def reload(self, agents: int, polyglots: int, rules: int) -> None:
        self.law = rules if rules < len(RULES) else self.law
        self.d.reload(house(agents, polyglots, self.law, NO_MOBILES if agents == 7 else CALLBACKS))

    @rule()
    def restart(self) -> None:
        self.d.thaw()

    @rule(jumps=st.integers(1, 4))
    def timers(self, jumps: int) -> None:
        for _ in range(jumps):
            self.d.jump()

    @rule(seconds=st.sampled_from((0.0, 0.02, 1.0, 5.0, 15.0, 60.0)))
    def time_passes(self, seconds: float) -> None:
        self.d.pass_time(seconds)


def test_random_walks(walks: tuple[int, int, int]) -> None:
    """All invariants over all walks, and enough of them."""
    number, examples, length = walks
    profile = settings(
        max_examples=examples,
        stateful_step_count=length,
        deadline=None,
        database=None,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
        print_blob=False,
        report_multiple_bugs=False,
    )
    Driver.steps = 0
    run_state_machine_as_test(seed(number)(Walk), settings=profile)
    print(f"{Driver.steps} steps from seed {number}")
    assert Driver.steps >= min(50_000, 85 * examples)
