"""What citizens and agents notice when the engine dies, does not come back, stands still, or is stopped: on real SIP.

The figures of docs/survival.md are those printed here (``pytest -s``).
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import signal
import time
from collections.abc import AsyncIterator, Callable

import pytest
import pytest_asyncio

from simulator.sip import Behaviour, Farm, Press, SippCallers
from tests.live.house import House, channels, each, runs, until
from tests.live.wire import Wire

pytestmark = [pytest.mark.live, pytest.mark.asyncio(loop_scope="module")]

LEASE_S = 6.0
FIRST_LEASE_S = 3.0
RESCUED_WITHIN_S = 10.0


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    house = House(tmp_path_factory.mktemp("house"), agents=10)
    try:
        yield house
    finally:
        await house.close()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def phones(house: House) -> AsyncIterator[Farm]:
    await house.start()
    async with house.farm() as farm:
        yield farm


@pytest_asyncio.fixture(loop_scope="module", autouse=True)
async def told(request: pytest.FixtureRequest) -> AsyncIterator[Callable[[str], None]]:
    """Figures, printed at the end."""
    figures: list[str] = []
    yield figures.append
    print(f"\n{request.node.name}: " + "; ".join(figures))


def people(prefix: str, count: int) -> tuple[str, ...]:
    return tuple(f"{prefix}{number:07}" for number in range(count))


def slow(pause_s: float, then: str) -> tuple[Press, ...]:
    """Chooses Greek, thinks, and presses the rest."""
    return (Press(1.5, "1"), Press(pause_s, then[0]), *(Press(1.3, key) for key in then[1:]))


def conversations(phones: Farm) -> dict[str, tuple[str, str]]:
    """List, by agent, the call at their phone and the caller it shows."""
    found = {}
    for agent in phones.accounts:
        for call in phones.phone(agent).calls():
            number = re.match(r"sip:([^@;]*)", call.peer)
            found[agent] = (call.id, number[1] if number else "")
    return found


async def hang_up_all(phones: Farm, agents: tuple[str, ...], then: Behaviour) -> None:
    """These agents end what they talk about, one after the other, and treat what comes next so."""
    for agent in agents:
        phones.behave(agent, then)
        await phones.phone(agent).hangup()
        await asyncio.sleep(0.1)


async def ended(*groups: SippCallers, s: float = 40) -> list[str]:
    """How the calls of these groups ended, when they have."""
    return [call.outcome for group in groups for call in (await group.wait(s)).calls]


def in_old_order(house: House, anis: set[str]) -> int:
    """Callers were offered to agents in the order in which they entered the queue; how many."""
    sql = (
        "select c.ani, min(o.made_at) from call c join offer o on o.call_id = c.id"
        " where o.result = 'answered' group by c.id order by c.queued_at"
    )
    numbers = [made for ani, made in house.rows(sql) if ani in anis]
    assert numbers == sorted(numbers)
    return len(numbers)


async def test_killed_with_calls_everywhere_and_started_again(
    house: House, phones: Farm, told: Callable[[str], None]
) -> None:
    await house.crew(phones, ready=10)
    talking, waiting, choosing = people("211", 10), people("212", 11), people("213", 4)
    async with house.callers(*talking) as talk:
        await until("ten talk", lambda: house.calls("talking") == 10)
        async with house.callers(*waiting) as wait, contextlib.AsyncExitStack() as more:
            await until("eleven wait", lambda: house.calls("waiting") == 11)
            choose = await more.enter_async_context(house.callers(*choosing, presses=slow(14, "111")))
            await until("four choose", lambda: house.calls("menu") == 4)
            await asyncio.sleep(3)  # until each has chosen Greek
            before = conversations(phones)
            killed = house.kill()
            wait.hang_up(wait.results().calls[-1].number)  # while nobody watches
            await phones.phone(house.agents[9]).hangup()
            up = await house.start()
            told(f"kill -9 to serving again {up - killed:.2f} s")
            counts = {stage: house.calls(stage) for stage in ("menu", "waiting", "connecting", "talking")}
            told(f"taken up: {counts}")
            in_time = up - killed < LEASE_S / 2
            assert in_time or os.getloadavg()[0] > (os.cpu_count() or 1), "too slow, and nothing else to blame"
            assert counts == {"menu": 4, "waiting": 10, "connecting": 0, "talking": 9} or not in_time
            now = conversations(phones)
            assert len(before) == 10 and all(now[agent] == before[agent] for agent in house.agents[:9])
            for agent in house.agents:
                phones.behave(agent, Behaviour(answer_after_s=0.2, talk_s=1.0))
            await until("those who chose have left the menus", lambda: house.calls("menu") == 0)
            await hang_up_all(phones, house.agents[:9], Behaviour(answer_after_s=0.2, talk_s=1.0))
            ends = await ended(talk, wait, choose)
    await until("nothing is stuck", house.settled)
    await house.written()
    told(f"dropped {ends.count('lost')} of {len(ends)}")
    assert sorted(ends) == ["caller"] + ["line"] * 24  # agents hang up, the line says goodbye
    outcomes = house.outcomes({*talking, *waiting, *choosing})
    if not in_time:  # leases ended first: nobody was dropped all the same
        told("slower than a lease: Asterisk's own menu had the callers")
        return
    assert sorted(outcome for _, outcome, _ in outcomes) == ["abandoned"] + ["handled"] * 24
    agent_of = {ani: agent for ani, _, agent in outcomes}
    assert len(agent_of) == 25
    assert {ani: agent for agent, (_, ani) in before.items()} == {ani: agent_of[ani] for ani in talking}
    assert in_old_order(house, {*waiting, *choosing}) == 14
    await until("agents are ready again", lambda: all(house.state(a) == "ready" for a in house.agents[:10]))
    found = [detail for kind, _, detail in house.anomalies() if kind == "discrepancy"]
    told(f"told as discrepancies: {found}")
    assert any("waiting" in detail for detail in found) and any("talking" in detail for detail in found)


async def sessions_cut(house: House) -> int:
    """Kick every AMI session out of Asterisk."""
    rows = (await asyncio.to_thread(house.console, "manager show connected")).splitlines()
    files = [row.split()[4] for row in rows if row.split()[:1] == ["line"]]
    for number in files:
        await asyncio.to_thread(house.console, f"manager kick session {number}")
    return len(files)


async def test_the_connection_to_asterisk_is_cut(house: House, phones: Farm, told: Callable[[str], None]) -> None:
    await house.crew(phones, ready=2)
    talking, waiting = people("221", 2), people("222", 5)
    async with house.callers(*talking) as talk:
        await until("two talk", lambda: house.calls("talking") == 2)
        async with house.callers(*waiting) as wait:
            await until("five wait", lambda: house.calls("waiting") == 5)
            before, lost = conversations(phones), house.log().count("connection lost")
            for n in range(1, 4):
                assert await sessions_cut(house) == 1
                cut = await until("the loss is noticed", lambda n=n: house.log().count("connection lost") == lost + n)  # type: ignore[misc]
                back = await until("the link is back", lambda: house.status()["link"]["up"])
                told(f"cut {n}: back after {back - cut:.2f} s")
            assert (house.calls("waiting"), house.calls("talking")) == (5, 2)
            assert conversations(phones) == before
            await hang_up_all(phones, house.agents[:2], Behaviour(answer_after_s=0.2, talk_s=1.0))
            assert await ended(talk, wait) == ["line"] * 7
    await until("nothing is stuck", house.settled)
    await house.written()
    assert [outcome for _, outcome, _ in house.outcomes({*talking, *waiting})] == ["handled"] * 7
    assert in_old_order(house, set(waiting)) == 5


async def where(session: Wire) -> dict[str, str]:
    """By caller: ``its queue`` (app_queue, or the prompt before it), ``its menu``, or the context they are in."""
    places = {"line-survive-queue": "its queue", "line-survive": "its menu", "line-survive-menu": "its menu"}
    rows = [row for row in await channels(session) if row["Channel"].startswith("PJSIP/trunk-")]
    return {row["CallerIDNum"]: places.get(row["Context"], row["Context"]) for row in rows}


async def until_at(session: Wire, wanted: dict[str, str], s: float) -> float:
    """Until these callers are there."""
    end = time.monotonic() + s
    while not wanted.items() <= (seen := await where(session)).items():
        assert time.monotonic() < end, (wanted, seen)
        await asyncio.sleep(0.2)
    return time.monotonic()


async def test_a_standing_engine_loses_its_callers_to_asterisk_and_knows_it(
    house: House, phones: Farm, told: Callable[[str], None]
) -> None:
    await house.crew(phones, ready=1)
    talking, waiting, choosing = people("231", 1), people("232", 4), people("233", 2)
    async with house.callers(*talking) as talk, house.wire() as session:
        await until("one talks", lambda: house.calls("talking") == 1)
        async with house.callers(*waiting) as wait, house.callers(*choosing, presses=slow(60, "1")):
            await until("four wait, two choose", lambda: (house.calls("waiting"), house.calls("menu")) == (4, 2))
            stopped = house.signal(signal.SIGSTOP)
            alone = dict.fromkeys(waiting, "its queue") | dict.fromkeys(choosing, "its menu")
            rescued = await until_at(session, alone, LEASE_S + FIRST_LEASE_S + 3)
            told(f"all rescued after {rescued - stopped:.2f} s")
            await asyncio.sleep(max(0.0, stopped + 8 - time.monotonic()))
            house.signal(signal.SIGCONT)
            woke = time.monotonic()
            done = await until("the engine knows", lambda: house.calls("waiting") + house.calls("menu") == 0, 5)
            told(f"the engine knew {done - woke:.2f} s after it woke")
            await asyncio.sleep(max(0.0, woke + LEASE_S + 2 - time.monotonic()))
            assert (await where(session)).keys() == {*talking, *waiting, *choosing}  # nobody was cut off
            assert house.calls("talking") == 1
            for agent in house.agents[1:6]:
                phones.behave(agent, Behaviour(answer_after_s=0.2, talk_s=1.0))
            await each(house.agents[1:6], lambda agent: phones.phone(agent).code("*13"))
            await phones.phone(house.agents[0]).hangup()
            assert await ended(talk, wait) == ["line"] * 5  # app_queue's callers too were served
    await until("nothing is stuck", house.settled)
    await house.written()
    outcomes = {ani: outcome for ani, outcome, _ in house.outcomes({*talking, *waiting, *choosing})}
    assert outcomes == {talking[0]: "handled"} | dict.fromkeys([*waiting, *choosing], "survived")


async def test_an_engine_that_does_not_come_back(house: House, phones: Farm, told: Callable[[str], None]) -> None:
    await house.crew(phones, ready=2)
    talking, waiting, choosing = people("241", 2), people("242", 6), people("243", 2)
    at_once, later, after = people("244", 1), people("245", 1), people("246", 1)
    async with house.callers(*talking) as talk, house.wire() as session:
        await until("two talk", lambda: house.calls("talking") == 2)
        async with house.callers(*waiting) as wait, house.callers(*choosing, presses=slow(14, "1")) as choose:
            await until("six wait, two choose", lambda: (house.calls("waiting"), house.calls("menu")) == (6, 2))
            killed = house.kill()
            async with house.callers(*at_once, presses=slow(10, "11")) as first:
                alone = dict.fromkeys(waiting, "its queue") | dict.fromkeys((*choosing, *at_once), "its menu")
                rescued = await until_at(session, alone, RESCUED_WITHIN_S)
                told(f"all rescued after {rescued - killed:.2f} s")
                assert len(conversations(phones)) == 2
                async with house.callers(*later, presses=(Press(1.5, "1"), Press(1.3, "1"))) as second:
                    called = time.monotonic()
                    entered = await until_at(session, dict.fromkeys(later, "its menu"), 3)
                    told(f"a new call is in the menu after {entered - called:.2f} s")
                    await served_by_app_queue(house, phones, told)
                    await engine_returns(house, phones, told, after)
                    served = await ended(talk, wait, choose, first, second)
    assert served == ["line"] * 12
    await until("nothing is stuck", house.settled)
    await house.written()
    outcomes = {ani: outcome for ani, outcome, _ in house.outcomes({*talking, *waiting, *choosing, *at_once, *after})}
    old = dict.fromkeys(talking, "handled") | dict.fromkeys((*waiting, *choosing), "survived")
    assert {ani: outcomes.get(ani) for ani in old} == old


async def served_by_app_queue(house: House, phones: Farm, told: Callable[[str], None]) -> None:
    """Agents are rung by Asterisk: the two who talked, and seven who dial a code to take part."""
    since = time.monotonic()
    await each(house.agents[2:9], lambda agent: phones.phone(agent).code("*13"))
    await until("seven more talk", lambda: len(conversations(phones)) == 9)
    told(f"seven agents talk {time.monotonic() - since:.1f} s after they dialled *13")
    await hang_up_all(phones, house.agents[:2], Behaviour(answer_after_s=0.2))
    await asyncio.sleep(0.5)
    await until("all nine talk", lambda: len(conversations(phones)) == 9)


async def engine_returns(house: House, phones: Farm, told: Callable[[str], None], after: tuple[str, ...]) -> None:
    """New calls are the engine's; agents who talk for app_queue are not rung; then all is served."""
    begun = time.monotonic()
    up = await house.start()
    told(f"started again: up after {up - begun:.2f} s")
    await until("their phones are in use", lambda: all(in_use(house, agent) for agent in house.agents[:9]))
    async with house.callers(*after) as new:
        await until("the new call waits with the engine", lambda: house.calls("waiting") == 1)
        await asyncio.sleep(1.5)
        assert house.calls("connecting") == 0 and "ringing" not in busy(house)
        await hang_up_all(phones, house.agents[:9], Behaviour(answer_after_s=0.2, talk_s=1.0))
        assert await ended(new) == ["line"]
    await until("the engine is empty", house.settled)


def in_use(house: House, agent: str) -> bool:
    return bool(house.status()["agents"][agent]["in_use"])


def busy(house: House) -> set[str]:
    return {state for state, count in house.status()["agents_by_state"].items() if count}


async def test_ctrl_c_leaves_nothing_behind(house: House, phones: Farm, told: Callable[[str], None]) -> None:
    await house.crew(phones, ready=2)
    talking, waiting = people("251", 2), people("252", 2)
    async with house.callers(*talking) as talk, house.callers(*waiting) as wait:
        await until("two talk, two wait", lambda: (house.calls("talking"), house.calls("waiting")) == (2, 2))
        asterisk = house.asterisk_pid()
        stopped = house.signal(signal.SIGINT)
        assert house.engine is not None
        assert await asyncio.to_thread(house.engine.wait, 20) == 0
        told(f"stopped after {time.monotonic() - stopped:.2f} s")
        assert asterisk is not None and not runs(asterisk)
        assert await ended(talk, wait) == ["line"] * 4
    await house.start()
    await until("nothing is stuck", house.settled)
    await house.written()
    outcomes = [outcome for _, outcome, _ in house.outcomes({*talking, *waiting})]
    assert sorted(outcomes) == ["handled", "handled", "lost", "lost"], "who waited did not leave"
    assert not busy(house) & {"ringing", "talking"}
