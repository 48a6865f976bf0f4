"""A line with its socket and no Asterisk: the real engine; followers are told its steps as the runner tells them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from random import Random
from typing import Any, get_args
from zoneinfo import ZoneInfo

from calls import AgentAction, AgentId, CallId, encode
from calls import events as e
from calls import facts as f
from control import floor, status
from control.callback_requests import SiteClock
from control.follow import KEPT, Followers
from control.hiding import Confidential, masked
from engine import Line, OfferState
from metrics import LineState
from tests.line import GENERAL, PENSIONS, Hand, settings

FACTS = get_args(f.Fact)
ANCHOR = 1_700_000_000.0
Rows = dict[int, list[dict[str, Any]]]


class Rig:
    """``told`` has what every step told, as a follower should see it. ``step``: the journal's last one at the start."""

    def __init__(self, agents: int = 5, step: int = 100, kept: int = KEPT, hidden: tuple[str, ...] = ()) -> None:
        self.hand, self.fold, self.confidential = Hand(Line(settings(agents))), LineState(), Confidential(hidden)
        self.told: Rows = {}
        self._taken = 0
        self.start(step, kept)
        self.do(lambda: self.hand.open())

    def start(self, step: int, kept: int = KEPT) -> None:
        """A run begins: the engine and its numbers go on."""
        self.followers = Followers(step, self.wall, self.present, self.confidential.hides, kept)

    def wall(self) -> SiteClock:
        return SiteClock(ZoneInfo("Europe/Athens"), ANCHOR, lambda: self.hand.now)

    def present(self) -> dict[str, Any]:
        return floor.present(self.hand.line, self.fold, self.hand.now, self.confidential)

    def do(self, act: Callable[[], object]) -> None:
        """Let something happen; its steps go to the fold and to the followers."""
        act()
        steps, self._taken = self.hand.steps[self._taken :], len(self.hand.steps)
        for now, _, out in steps:
            facts = [output for output in out if isinstance(output, FACTS)]
            for fact in facts:
                self.fold.apply(now, fact)
            self.followers.told(now, facts)
            shown = [encode(masked(fact)) for fact in facts if not self.confidential.hides(fact)]
            if shown:
                self.told[self.followers.step] = shown

    def call_and_leave(self, number: int) -> None:
        """A call that waits and hangs up: about eight facts."""
        call = CallId(f"c{number}")
        self.do(lambda: self.hand.call(call))
        self.do(lambda: self.hand.do(e.CallerLeft(call), 1.0))

    def act(self, random: Random) -> None:
        """Anything that may happen on a working day."""
        view = self.hand.line.view
        agent = AgentId(f"a{random.randint(1, 5)}")
        acts: list[Callable[[], object]] = [
            lambda: self.hand.call(f"c{len(self.hand.steps)}", random.choice(("1555", "11320")), _number(random)),
            lambda: self.hand.ask(agent, random.choice(list(AgentAction)), random.choice(("", "break"))),
            lambda: self.hand.ask(agent, AgentAction.LOG_IN),
            lambda: self.hand.ask(agent, AgentAction.READY),
            lambda: self.hand.do(e.QueueSwitched(random.choice((PENSIONS, GENERAL)), random.random() < 0.7, "maria")),
            lambda: self.hand.do(e.CallbackAsked(_number(random), GENERAL, "el", None, "maria")),
            lambda: self.hand.wait(random.uniform(0.0, 20.0)),
        ]
        for call in view.calls.all():
            acts += [
                partial(self.hand.do, e.CallerLeft(call.id)),
                partial(self.hand.do, e.KeyPressed(call.id, random.choice("123469*"))),
                partial(self.hand.do, e.CallMoved(call.id, random.choice((PENSIONS, GENERAL)), "maria")),
            ]
        for offer in (one.offer for one in view.agents.all() if one.offer is not None):
            answer = e.OfferAnswered(offer.id) if offer.state is OfferState.RINGING else e.Bridged(offer.call, offer.id)
            acts += [partial(self.hand.do, answer), partial(self.hand.do, e.AgentLeft(offer.id))]
        self.do(random.choice(acts))

    @asynccontextmanager
    async def serving(self, run: Path) -> AsyncIterator[None]:
        """The socket in ``run``, as the running line serves it."""

        async def execute(order: Mapping[str, Any], user: str) -> Mapping[str, Any]:
            return {"done": True}

        server = await status.serve(run, lambda: {"well": True}, execute, self.followers.serve)
        try:
            yield
        finally:
            self.followers.close()
            server.close()
            await asyncio.sleep(0.05)


def _number(random: Random) -> str:
    return f"69{random.randrange(10**8):08}"
