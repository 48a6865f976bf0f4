"""The demo on the real Asterisk: who takes seats; its calls are answered, and every place that counts them agrees."""

from __future__ import annotations

import asyncio
import contextlib
import re
import socket
import urllib.request
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from calls import facts as f
from control import status
from records.queries import Reports
from simulator.sip import Demo, Manners
from simulator.sip.scripted import RTP_EACH, RTP_FIRST
from tests.live.house import House, until
from tests.live.lineup import Stage, stage

pytestmark = pytest.mark.live
CALLS = 3
SEATS = 10


@contextlib.contextmanager
def occupied(first: int, ports: int) -> Iterator[None]:
    """Another program, us, has these UDP ports."""
    with contextlib.ExitStack() as held:
        for port in range(first, first + ports):
            holder = held.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
            holder.bind(("127.0.0.1", port))
        yield


def seats(house: House) -> tuple[str, ...]:
    """How many seats pyVoIP and baresip have taken, as ``line1555 up --demo`` tells it."""
    found = re.search(r"take seats: (\d+) pyVoIP, (\d+) baresip", (house.run / "out.log").read_text())
    return found.groups() if found else ()


async def all_at_work(house: House) -> None:
    idle = ("logged_out", "not_ready")
    await until("all are at work", lambda: not any(house.state(agent) in idle for agent in house.agents), 10)


async def test_pyvoip_and_baresip_take_the_seats_of_the_demo(tmp_path: Path) -> None:
    house = House(tmp_path, agents=SEATS)
    try:
        await house.start("--demo")
        await until("the seats are taken", lambda: bool(seats(house)), 30)
        assert seats(house) == ("6", "4"), house.log()
        await all_at_work(house)
    finally:
        await house.close()


async def test_baresip_takes_the_seats_where_pyvoip_cannot_start(tmp_path: Path) -> None:
    """The second of the pyVoIP phones finds no port for its sound."""
    house = House(tmp_path, agents=SEATS)
    try:
        with occupied(RTP_FIRST + RTP_EACH, RTP_EACH):
            await house.start("--demo")
            await until("the seats are taken", lambda: bool(seats(house)), 40)
        assert seats(house) == ("0", "10")
        assert "agent002: ports 31080-31159 for sound are all in use" in house.log()
        await all_at_work(house)
    finally:
        await house.close()


async def test_the_demo_is_served_and_all_figures_agree(tmp_path: Path) -> None:
    async with stage(tmp_path, agents=6) as line:
        agents = tuple(line.line.site.line.agents)
        assert line.line.asterisk is not None
        manners = Manners(talk_s=(3, 6), hangs_up=1.0, wrap_up_s=(1, 2))
        secrets = line.line.asterisk.secrets.agents
        demo = Demo("127.0.0.1", line.ports.sip, secrets, agents, every_s=2.0, scripted=3, manners=manners)
        async with demo:
            await line.see(f.CallEnded, lambda _: len(line.all(f.CallEnded)) >= CALLS, s=100)
        await line.until_settled(30)
        await asyncio.sleep(2.0)  # wrap-up ends
        await agreement(line)
        assert line.all(f.Connected), "somebody was served"
        assert {made.agent for made in line.all(f.Connected)} <= set(agents)


async def agreement(line: Stage) -> None:
    """Board, ``status --json``, ``/metrics`` and the reporting database tell one story."""
    while line.line.tailer.lag().steps:
        await asyncio.sleep(0.2)
    told = await asyncio.to_thread(status.ask, line.line.options.run_dir)
    today = told["today"]
    with Reports(f"sqlite:///{line.line.options.run_dir / 'records.db'}") as reports:
        start, end = reports.day(date.fromisoformat(told["time"][:10]))
        totals = reports.totals(start, end)
    for measure in ("arrived", "offered", "handled", "abandoned", "left_in_menu", "asa_s", "service_level"):
        assert totals[measure] == today[measure], measure
    samples = await asyncio.to_thread(scrape, line.line.metrics_port)
    assert samples["line1555_calls_arrived_total"] == today["arrived"]
    assert samples["line1555_queue_offered_total"] == today["offered"]


def scrape(port: int) -> dict[str, float]:
    """Each metric summed over its labels."""
    text = urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10).read().decode()
    found: dict[str, float] = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            found[sample.name] = found.get(sample.name, 0.0) + sample.value
    return found
