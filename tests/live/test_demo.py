"""The demo on the real Asterisk: its calls are answered, and every place that counts them counts the same."""

from __future__ import annotations

import asyncio
import urllib.request
from datetime import date
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from calls import facts as f
from line1555 import status
from records import Reports
from simulator.sip import Demo, Manners
from tests.live.lineup import Stage, stage

pytestmark = pytest.mark.live
CALLS = 3


async def test_the_demo_is_served_and_all_figures_agree(tmp_path: Path) -> None:
    async with stage(tmp_path, agents=6) as line:
        agents = tuple(line.line.site.line.agents)
        assert line.line.asterisk is not None
        manners = Manners(talk_s=(3, 6), wrap_up_s=(1, 2))
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
