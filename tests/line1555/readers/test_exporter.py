"""``/metrics`` over real HTTP: agrees with the fold, survives a stuck loop, says plainly when the port is taken."""

from __future__ import annotations

import asyncio
import json
import os
import re
import shutil
import subprocess
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from calls import AgentId, AgentState, CallId, CallStage, OfferId, OfferResult, Outcome, Party, QueueId, facts
from line1555.cli.default_site import DEFAULT_SITE
from line1555.live.app import journal_figures
from line1555.readers import exporter
from line1555.readers.exporter import PortInUse, Source, start_exporter
from line1555.readers.room import figures
from metrics import LineState
from records import Health
from sites import load_site
from telephony import Rejected

pytestmark = pytest.mark.services

MONITORING = Path(__file__).resolve().parent.parent.parent.parent / "monitoring"
Q, A = QueueId("pensions"), AgentId("a1")


@pytest.fixture
def state() -> LineState:
    line = LineState(queues=[Q, QueueId("general")])
    line.apply(0.0, facts.LineOpened("n1", 1_772_400_000.0, "0.1"))
    line.apply(0.0, facts.LinkChanged(True, ""))
    line.apply(0.0, facts.AgentChanged(A, AgentState.LOGGED_OUT, AgentState.READY, "", 0.0))
    line.apply(0.0, facts.AgentChanged(AgentId("a2"), AgentState.READY, AgentState.NOT_READY, "break", 0.0))
    for number in range(3):
        call = CallId(f"n1-{number}")
        line.apply(1.0, facts.CallStarted(call, "6941234567", "1555"))
        line.apply(2.0, facts.Queued(call, Q, "el", 0, 1, 1))
    line.apply(4.0, facts.OfferEnded(OfferId("o0"), CallId("n1-0"), A, Q, OfferResult.NO_ANSWER, 2.0, ""))
    line.apply(14.0, facts.Connected(CallId("n1-0"), OfferId("o1"), A, Q, 12.0, 3.0))
    line.apply(74.0, facts.ConversationEnded(CallId("n1-0"), OfferId("o1"), A, Q, 60.0, 0.0, Party.AGENT, True))
    line.apply(74.0, facts.CallEnded(CallId("n1-0"), Outcome.HANDLED, CallStage.TALKING, Party.AGENT, 73.0))
    line.apply(75.0, facts.QueueLeft(CallId("n1-1"), Q, Outcome.ABANDONED, 73.0))
    line.apply(75.0, facts.CallEnded(CallId("n1-1"), Outcome.ABANDONED, CallStage.WAITING, Party.CALLER, 74.0))
    for number in range(4):
        back, offer = CallId(f"n1-cb0-{number}"), OfferId(f"ob{number}")
        line.apply(76.0, facts.CallbackPromised(back, None, Q, "6941234567", "el", 0.0, None))
        line.apply(76.0, facts.Queued(back, Q, "el", 0, 1, 1))
        if number > 0:
            line.apply(78.0, facts.OfferEnded(offer, back, A, Q, OfferResult.ANSWERED, 2.0, ""))
        if number == 2:
            line.apply(80.0, facts.Connected(back, offer, A, Q, 4.0, 2.0))
        if number == 3:
            line.apply(80.0, facts.QueueLeft(back, Q, Outcome.UNREACHED, 4.0))
            line.apply(80.0, facts.CallEnded(back, Outcome.UNREACHED, CallStage.PROMISED, Party.UNKNOWN, 4.0))
    return line


def scrape(port: int) -> dict[str, float]:
    """Every sample by its text form, ``name{label="value"}``."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as answer:
        text = answer.read().decode()
    samples = (s for family in text_string_to_metric_families(text) for s in family.samples)
    return {s.name + "".join(f"|{k}={v}" for k, v in sorted(s.labels.items())): s.value for s in samples}


def test_it_tells_what_the_fold_holds(state: LineState) -> None:
    with closing(
        start_exporter(state, lambda: 100.0, port=0, sources={"journal": lambda: {"ok": 1, "lost_total": 7}})
    ) as it:
        found = scrape(it.port)
    expected = {
        "line1555_engine_responding": 1,
        "line1555_link_up": 1,
        "line1555_info|node=n1|version=0.1": 1,
        "line1555_calls|stage=waiting": 1,
        "line1555_calls_arrived_total": 3,
        "line1555_calls_ended_total|outcome=handled": 1,
        "line1555_calls_ended_total|outcome=lost": 0,
        "line1555_agents|state=ready": 1,
        "line1555_agents_not_ready|reason=break": 1,
        "line1555_agent_state_seconds_total|state=ready": 100,
        "line1555_queue_waiting|queue=pensions": 1,
        "line1555_queue_waiting|queue=general": 0,
        "line1555_queue_longest_wait_seconds|queue=pensions": 98,
        "line1555_queue_offered_total|queue=pensions": 3,
        "line1555_queue_left_total|outcome=handled|queue=pensions": 1,
        "line1555_queue_left_total|outcome=abandoned|queue=pensions": 1,
        "line1555_queue_rona_total|queue=pensions": 1,
        "line1555_queue_handle_seconds_total|part=talk|queue=pensions": 60,
        "line1555_wait_seconds_bucket|le=10.0|outcome=handled|queue=pensions": 0,
        "line1555_wait_seconds_bucket|le=12.5|outcome=handled|queue=pensions": 1,
        "line1555_wait_seconds_count|outcome=abandoned|queue=pensions": 1,
        "line1555_wait_seconds_sum|outcome=abandoned|queue=pensions": 73,
        "line1555_queue_promised|queue=pensions": 1,
        "line1555_queue_dialling|queue=pensions": 1,
        "line1555_queue_promised|queue=general": 0,
        "line1555_queue_callbacks_total|queue=pensions": 4,
        "line1555_queue_called_back_total|queue=pensions": 1,
        "line1555_queue_unreached_total|queue=pensions": 1,
        "line1555_calls|stage=promised": 1,
        "line1555_service_level_today_ratio": 1 / 3,
        "line1555_notices_total|kind=rona": 1,
        "line1555_journal_ok": 1,
        "line1555_journal_lost_total": 7,
    }
    assert {name: found.get(name) for name in expected} == pytest.approx(expected)


def test_no_number_is_told(state: LineState) -> None:
    with closing(start_exporter(state, lambda: 100.0, port=0)) as it:
        assert not [name for name in scrape(it.port) if "694" in name]


async def test_a_scrape_reads_inside_the_loop(state: LineState) -> None:
    seen: list[int] = []

    def clock() -> float:
        seen.append(threading.get_ident())
        return 100.0

    with closing(start_exporter(state, clock, port=0)) as it:
        found = await asyncio.to_thread(scrape, it.port)
    assert found["line1555_engine_responding"] == 1 and seen == [threading.get_ident()]


async def test_a_stuck_loop_is_told(state: LineState, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exporter, "ANSWER_WITHIN_S", 0.05)
    with closing(start_exporter(state, lambda: 100.0, port=0)) as it:
        answer = asyncio.get_running_loop().run_in_executor(None, scrape, it.port)
        time.sleep(0.5)  # noqa: ASYNC251  (the loop is stuck on purpose)
        found = await answer
    assert found["line1555_engine_responding"] == 0 and "line1555_link_up" not in found


def test_a_port_in_use_is_an_error_with_a_way_out(state: LineState) -> None:
    with (
        closing(start_exporter(state, lambda: 1.0, port=0)) as first,
        pytest.raises(PortInUse, match=rf"port {first.port} on 127.0.0.1 is in use: .*another port"),
    ):
        start_exporter(state, lambda: 1.0, port=first.port)


def test_a_closed_port_can_be_had_again(state: LineState) -> None:
    first = start_exporter(state, lambda: 1.0, port=0)
    first.close()
    start_exporter(state, lambda: 1.0, port=first.port).close()


def test_a_foreign_address_is_explained(state: LineState) -> None:
    with pytest.raises(OSError, match=r"metrics: cannot listen on 192\.0\.2\.1:0"):
        start_exporter(state, lambda: 1.0, host="192.0.2.1", port=0)


def dashboard_expressions() -> Iterator[str]:
    dashboard = json.loads((MONITORING / "grafana-dashboard.json").read_text())
    for panel in dashboard["panels"]:
        yield from (target["expr"] for target in panel.get("targets", []))


def test_rules_and_dashboard_name_only_what_is_exported(state: LineState) -> None:
    sources: dict[str, Source] = {
        "journal": lambda: journal_figures(Health(True, None, "", 0, 0)),
        "room": lambda: figures(load_site(DEFAULT_SITE), 0, 0, os.getpid()),
        "line": lambda: {"too_quiet": 0.0},
        "asterisk": lambda: {"restarts_total": 0.0},
        "sip_rejected": lambda: Rejected(5060).figures(0.0),
    }
    state.trunk = True
    with closing(start_exporter(state, lambda: 100.0, port=0, sources=sources)) as it:
        exported = {name.split("|")[0] for name in scrape(it.port)}
    rules = (MONITORING / "line1555.rules.yml").read_text()
    recorded = set(re.findall(r"record: (\S+)", rules))
    expressions = [*dashboard_expressions(), *re.findall(r"expr: (.+(?:\n {10,}.+)*)", rules)]
    named = {name for text in expressions for name in re.findall(r"\bline1555[_:][\w:]+", text)}
    assert len(expressions) > 15 and named <= exported | recorded


@pytest.mark.services
@pytest.mark.parametrize(
    "command", [["check", "rules", "line1555.rules.yml"], ["test", "rules", "line1555.rules.test.yml"]], ids=" ".join
)
def test_promtool_accepts_the_rules(command: list[str]) -> None:
    promtool = shutil.which("promtool")
    assert promtool, "promtool is missing: apt install prometheus"
    done = subprocess.run([promtool, *command], cwd=MONITORING, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr
