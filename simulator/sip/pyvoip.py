"""The child process of scripted agents: pyVoIP phones and the people at them. `python -m simulator.sip.pyvoip`.

Its orders come as one row of JSON on stdin; it says `ready` on stdout when all agents have logged in, and ends cleanly
at SIGTERM. Why it could not, or did not, stands on stderr.
"""

from __future__ import annotations

import contextlib
import os
import random
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TextIO

from pyVoIP.VoIP import CallState

from .child import PhonesError
from .scripted import CODE_S, END_WRAP_UP, LIMIT, LOG_IN, RTP_EACH, RTP_FIRST, Orders
from .softphone import Phone
from .sound import tone
from .streams import stream

TICK_S = 0.1
TRIES = 2
LEAVE_S = 5.0


class ScriptedAgent:
    """One pyVoIP phone and the person at it. One thread a call; `leaving` ends them all."""

    def __init__(self, orders: Orders, user: str, leaving: threading.Event) -> None:
        self.user, self.manners, self.leaving = user, orders.manners, leaving
        self.chance: random.Random = stream(orders.seed, f"agent/{user}")
        self.sound = bytes((sample >> 8) + 128 for sample in tone())
        low = RTP_FIRST + list(orders.accounts).index(user) % LIMIT * RTP_EACH
        rtp, secret = range(low, low + RTP_EACH), orders.accounts[user]
        self.phone: Any = Phone(orders.host, orders.port, user, secret, rtp, callCallback=self.take)

    def register(self) -> None:
        """Registers; raises PhonesError when it cannot."""
        self.phone.start()

    def log_in(self, code: str) -> None:
        """Dials a code that must be answered; raises PhonesError when it is not, twice."""
        if not any(self.dial(code) for _ in range(TRIES)) and not self.leaving.is_set():
            raise PhonesError(f"{self.user} dials {code}: nobody answers")

    def dial(self, code: str) -> bool:
        """Dials a feature code and hangs up if the far side does not. Returns whether it was answered."""
        call = self.phone.call(code)
        deadline = time.monotonic() + CODE_S
        while call.call_id in self.phone.calls and time.monotonic() < deadline and not self.leaving.is_set():
            self.leaving.wait(TICK_S)
        answered = call.state is not CallState.DIALING
        self.hang_up(call)
        return answered

    def take(self, call: Any) -> None:
        """Handles an incoming call, in a thread of its own (pyVoIP starts it 1 s after the INVITE)."""
        manners, chance = self.manners, self.chance
        ring_s, talk_s = chance.uniform(*manners.ring_s), chance.uniform(*manners.talk_s)
        stays_s = talk_s if chance.random() < manners.hangs_up else manners.patience_s
        if self.leaving.wait(max(ring_s - 1, 0)) or call.state is not CallState.RINGING:
            return
        with contextlib.suppress(Exception):  # pyVoIP raises whatever it meets when the caller is already gone
            call.answer()
            self.talk(call, stays_s)
        self.hang_up(call)
        if not self.leaving.wait(chance.uniform(*manners.wrap_up_s)):
            self.dial(END_WRAP_UP)

    def talk(self, call: Any, stays_s: float) -> None:
        """Send the sound, second by second, until the call ends, ``stays_s`` are over or the agent leaves."""
        deadline = time.monotonic() + stays_s
        while call.state is CallState.ANSWERED and time.monotonic() < deadline and not self.leaving.is_set():
            call.write_audio(self.sound)
            self.leaving.wait(1.0)

    def hang_up(self, call: Any) -> None:
        """Hang up; errors of pyVoIP are ignored, as the call may be gone."""
        with contextlib.suppress(Exception):
            call.hangup()

    def leave(self) -> None:
        """Stop the phone; errors of pyVoIP are ignored."""
        with contextlib.suppress(Exception):
            self.phone.stop()


def work(agents: Sequence[ScriptedAgent], leaving: threading.Event, parent: TextIO) -> None:
    """Registers all, logs all in, then waits for SIGTERM."""
    each(agents, ScriptedAgent.register)
    for code in LOG_IN:
        each(agents, lambda agent, code=code: agent.log_in(code))
    print("ready", file=parent, flush=True)
    leaving.wait()


def each(agents: Sequence[ScriptedAgent], what: Callable[..., None]) -> None:
    """Does the same for all agents at once; raises the first exception when all are done."""
    with ThreadPoolExecutor(len(agents)) as pool:
        list(pool.map(what, agents))


def only_ours() -> TextIO:
    """Returns stdout, and sends pyVoIP's own prints to stderr: the parent would take them for answers."""
    parent = os.fdopen(os.dup(sys.stdout.fileno()), "w")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    return parent


def main() -> None:
    """Be the child process: read the orders from stdin, play the agents until SIGTERM or SIGINT.

    Exit status 0, or 1 after an error.
    """
    parent, leaving = only_ours(), threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: leaving.set())
    orders = Orders.from_json(sys.stdin.readline())
    agents = [ScriptedAgent(orders, user, leaving) for user in orders.accounts]
    well = False
    try:
        work(agents, leaving, parent)
        well = True
    except PhonesError as error:
        print(error, file=sys.stderr, flush=True)
    except Exception:
        traceback.print_exc()
    leaving.set()
    goodbye = threading.Thread(target=each, args=(agents, ScriptedAgent.leave), daemon=True)
    goodbye.start()
    goodbye.join(LEAVE_S)
    os._exit(not well)  # pyVoIP's threads are no daemons and may wait for ever


if __name__ == "__main__":
    main()
