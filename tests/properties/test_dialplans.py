"""Whatever ``check`` accepts the engine can run: no caller is ever stuck, whatever they press and whatever fails.

Each caller presses what they like for a while and then nothing more: they must come to a queue, to an outside number
or to the end, within as many steps as the plan can have. ``check`` refuses for loops exactly the plans that have one.
"""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from calls import CallId, CallStage, Named
from calls import events as e
from calls import facts as f
from engine import Line
from ivr import Menus
from ivr.references import led_on
from sites.checker import check
from tests.line import Hand
from tests.line import settings as line

from .dialplans import BANNER, plans, subject

C1 = CallId("c1")
S = CallStage
TIMES = ["2026-11-26T12:00", "2026-11-26T03:00"]
PRESSES = st.lists(st.sampled_from("0123456789*#.-xa"), max_size=25)
"""Keys; a dot lets the prompt end, a dash lets time pass, ``x`` and ``a`` are what a service does."""
RUN = settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))


class Caller:
    """One caller in one plan."""

    def __init__(self, plan: Menus, at: str, ani: str, banner: bool, agents: int) -> None:
        self.hand = Hand(Line(line(menu=plan))).open()
        self.hand.do(e.LineStarted("n1", _epoch(at), "test"))
        if banner:
            self.hand.do(e.BannerSwitched(BANNER))
        self.hand.ready(*[f"a{n + 1}" for n in range(agents)])
        self.heard = 0
        self.hand.call("c1", "1555", ani)

    @property
    def stage(self) -> CallStage | None:
        call = self.hand.line._state.calls.get(C1)
        return call.stage if call else None

    @property
    def arrived(self) -> bool:
        return self.stage in (None, S.WAITING, S.CONNECTING, S.TALKING, S.LEAVING)

    def act(self, what: str) -> None:
        call = self.hand.line._state.calls[C1]
        if self.stage is S.TRANSFERRING:
            self.hand.do(e.CallerBack(C1))
        elif what == "-":
            self.hand.wait(3.0)
        elif what == ".":
            self.hear()
        elif what in "xa" and call.lookups:
            said = (Named("open", "yes"),)
            self.hand.do(e.LookedUp(C1, call.lookups, said) if what == "a" else e.LookupFailed(C1, call.lookups, "x"))
        elif what not in "xa":
            self.hand.do(e.KeyPressed(C1, what))

    def hear(self) -> bool:
        """Tell whether anything was being said; the caller has heard it to its end now."""
        call = self.hand.line._state.calls[C1]
        if not call.playback.saying or call.playback.number == self.heard:
            return False
        self.heard = call.playback.number
        self.hand.do(e.PromptEnded(C1, call.playback.number))
        return True

    def wait(self) -> None:
        """Let the caller do nothing more: prompts end, time passes, services and outside numbers fail."""
        call = self.hand.line._state.calls[C1]
        if self.stage is S.TRANSFERRING:
            self.hand.do(e.CallerBack(C1))
        elif not self.hear():
            at = self.hand.line.next_deadline()
            assert at is not None, f"stuck at {call.walk.node} ({call.walk.state})"
            self.hand.wait(max(0.0, at - self.hand.now))


def _epoch(local: str) -> float:
    return datetime.fromisoformat(local).replace(tzinfo=UTC).timestamp()


@RUN
@given(
    plan=plans(), presses=PRESSES, at=st.sampled_from(TIMES), ani=st.sampled_from(["", "6941234567"]),
    banner=st.booleans(), agents=st.integers(0, 1),
)  # fmt: skip
def test_no_caller_is_ever_stuck(plan: Menus, presses: list[str], at: str, ani: str, banner: bool, agents: int) -> None:
    assert check(subject(plan)) == []
    caller = Caller(plan, at, ani, banner, agents)
    for what in presses:
        if caller.arrived:
            break
        caller.act(what)
    left = 40 * (len(plan.nodes) + 1)
    while not caller.arrived:
        caller.wait()
        left -= 1
        assert left > 0, "he goes round and round"
    told = [fact for fact in caller.hand.all(f.Unexpected) if fact.event not in ("prompt_ended", "silence", "key")]
    assert not told and not caller.hand.all(f.CommandLost)
    assert caller.stage is not S.MENU


@RUN
@given(plan=plans(most=6, wild=True))
def test_check_refuses_loops_and_nothing_else_for_them(plan: Menus) -> None:
    told = [finding for finding in check(subject(plan)) if "a loop without exit" in finding.found]
    assert bool(told) == _has_loop(plan)


@RUN
@given(plan=plans(most=6, wild=True), presses=PRESSES)
def test_of_wild_plans_those_that_are_accepted_run(plan: Menus, presses: list[str]) -> None:
    assume(check(subject(plan)) == [])
    caller = Caller(plan, TIMES[0], "6941234567", False, 0)
    for what in presses:
        if caller.arrived:
            break
        caller.act(what)
    for _ in range(40 * (len(plan.nodes) + 1)):
        if caller.arrived:
            return
        caller.wait()
    raise AssertionError("he goes round and round")


def _has_loop(plan: Menus) -> bool:
    """By brute force: whether anything reaches itself by ways that need no key."""
    reach = {name: set(led_on(node)) for name, node in plan.nodes.items()}
    for _ in plan.nodes:
        reach = {name: ways.union(*(reach[way] for way in ways)) for name, ways in reach.items()}
    return any(name in ways for name, ways in reach.items())
