"""Prometheus metrics of the line, read from the fold at scrape time: nothing is counted twice, nothing is polled.

The HTTP server runs in its own thread; a scrape reads the fold inside the engine's event loop, so it never sees a
half-done step. A loop that does not answer in time gives ``line1555_engine_responding 0`` and nothing else.
"""

from __future__ import annotations

import asyncio
import errno
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeout
from itertools import accumulate
from typing import Any
from wsgiref.simple_server import WSGIServer

from prometheus_client import CollectorRegistry, ProcessCollector, make_wsgi_app
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

from calls import AgentState, CallStage, Outcome, QueueId
from control.doors import serve_metrics
from metrics import BOUNDS_S, NOTICES, LineState, Tally, Waits, formulas, view

ANSWER_WITHIN_S = 2.0

Clock = Callable[[], float]
"""The engine's ``now``, in seconds."""

Source = Callable[[], Mapping[str, float]]
"""Figures of another part by name; names that end in ``_total`` are counters, the others gauges."""


class PortInUse(OSError):
    """The address of ``/metrics`` cannot be had; the message says what to do."""


class Exporter:
    """A running ``/metrics``; ``port`` is the real one where 0 was asked for."""

    def __init__(self, server: WSGIServer, thread: threading.Thread) -> None:
        self._server, self._thread = server, thread
        self.port: int = server.server_port

    def close(self) -> None:
        """Stop serving and free the port (within about half a second)."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def start_exporter(
    state: LineState,
    clock: Clock,
    host: str = "127.0.0.1",
    port: int = 9155,
    sources: Mapping[str, Source] | None = None,
) -> Exporter:
    """Serve ``/metrics``. ``sources`` adds figures of other parts: ``{"journal": health, "ami": counters}``.

    Called inside a running event loop, every scrape reads in that loop. Raises ``PortInUse``.
    """
    registry = CollectorRegistry()
    ProcessCollector(registry=registry)
    others = dict(sources or {})
    registry.register(LineCollector(state, clock, others, _running_loop()))
    try:
        server, thread = serve_metrics(make_wsgi_app(registry), host, port)
        others["metrics"] = lambda: {"put_out_total": server.crowd.put_out, "open": len(server.crowd)}
        return Exporter(server, thread)
    except OSError as error:
        raise _explained(error, host, port) from error


def _running_loop() -> asyncio.AbstractEventLoop | None:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None


def _explained(error: OSError, host: str, port: int) -> PortInUse:
    if error.errno != errno.EADDRINUSE:
        way_out = "give an address of this machine, and a port that you may open"
        return PortInUse(error.errno, f"metrics: cannot listen on {host}:{port}: {error.strerror}: {way_out}")
    way_out = "stop the program that has it, or give another port (0 takes any free one)"
    return PortInUse(error.errno, f"metrics: port {port} on {host} is in use: {way_out}")


class LineCollector(Collector):
    """The fold as metric families."""

    def __init__(
        self,
        state: LineState,
        clock: Clock,
        sources: Mapping[str, Source],
        loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        self._state, self._clock, self._sources, self._loop = state, clock, sources, loop

    def collect(self) -> Iterable[Metric]:
        """Read the figures, in the loop's own thread.

        A loop that does not answer gives none, and ``engine_responding`` 0.
        """
        responding = GaugeMetricFamily("line1555_engine_responding", "1 if the engine's loop answered this scrape")
        try:
            found = self._read() if self._loop is None else _in_loop(self._loop, self._read)
            responding.add_metric([], 1)
        except (FutureTimeout, RuntimeError):  # the loop is stuck, or closed
            found = []
            responding.add_metric([], 0)
        return [responding, *found]

    def _read(self) -> list[Metric]:
        at = self._state.settle(self._clock())
        parts = (_line(self._state, at), _agents(self._state), _queues(self._state, at), _others(self._sources))
        return [family for part in parts for family in part]


def _in_loop(loop: asyncio.AbstractEventLoop, read: Callable[[], list[Metric]]) -> list[Metric]:
    answer: Future[list[Metric]] = Future()

    def run() -> None:
        if not answer.set_running_or_notify_cancel():
            return  # the scrape gave up
        try:
            answer.set_result(read())
        except Exception as error:
            answer.set_exception(error)

    loop.call_soon_threadsafe(run)
    try:
        return answer.result(ANSWER_WITHIN_S)
    finally:
        answer.cancel()


Values = Mapping[Any, float]
"""Figures by label: a name where there is one label, a tuple where there are more or none."""


def _gauge(name: str, text: str, values: Values, *labels: str) -> Metric:
    return _filled(GaugeMetricFamily(f"line1555_{name}", text, labels=labels), values)


def _counter(name: str, text: str, values: Values, *labels: str) -> Metric:
    return _filled(CounterMetricFamily(f"line1555_{name}", text, labels=labels), values)


def _filled(family: GaugeMetricFamily | CounterMetricFamily, values: Values) -> Metric:
    for key, value in values.items():
        family.add_metric((key,) if isinstance(key, str) else key, value)
    return family


def _line(state: LineState, at: float) -> Iterator[Metric]:
    _, day, whole = state.ledger.periods(at)
    yield _gauge("info", "The node and its version", {(state.node, state.version): 1}, "node", "version")
    yield _gauge("link_up", "1 while the switch can be reached", {(): state.link.up})
    yield _gauge("trunk_up", "1 while the trunk answers OPTIONS; absent without one", _known(state.trunk))
    quiet_s = max(at - state.called_at, 0.0)
    yield _gauge("since_last_call_seconds", "Time since the last call arrived, or the start", {(): quiet_s})
    stages = {str(s): sum(c.stage is s for c in state.calls.values()) for s in CallStage}
    yield _gauge("calls", "Calls on the line by stage", stages, "stage")
    yield _counter("calls_arrived", "Calls that arrived", {(): whole.line.arrived})
    ended = {str(way): whole.line.ended.get(way, 0) for way in _WAYS}
    yield _counter("calls_ended", "Calls that ended, by outcome", ended, "outcome")
    away = {why: state.turned_away.get(why, 0) for why in ("full", "caller", "rate")}
    yield _counter("calls_turned_away", "Calls that were not let in, by why", away, "why")
    told = {kind: state.notice_counts.get(kind, 0) for kind in NOTICES}
    yield _counter("notices", "Oddities told to the supervisor", told, "kind")
    level = formulas.service_level(day.line.handled_within_t, day.line.offered, day.line.abandoned_within_t)
    text = "Today: handled within T / (offered - abandoned within T); absent where undefined"
    yield _gauge("service_level_today_ratio", text, {} if level is None else {(): level})
    yield _gauge("service_level_t_seconds", "T of the service level", {(): state.rules.t_s})


def _known(yes: bool | None) -> Values:
    return {} if yes is None else {(): float(yes)}


def _agents(state: LineState) -> Iterator[Metric]:
    agents = state.agents.values()
    by_state = {str(s): sum(a.state is s for a in agents) for s in AgentState}
    yield _gauge("agents", "Agents by state", by_state, "state")
    not_ready = [a.reason for a in agents if a.state is AgentState.NOT_READY]
    yield _gauge("agents_not_ready", "Agents not ready, by reason", Counter(not_ready), "reason")
    unreachable = sum(a.reachable is False and a.state is not AgentState.LOGGED_OUT for a in agents)
    yield _gauge("agents_unreachable", "Logged-in agents whose phone cannot be reached", {(): unreachable})
    spent = {str(s): v for s, v in state.ledger.whole.staff.state_s.items()}
    yield _counter("agent_state_seconds", "Time agents spent in each state", spent, "state")


def _queues(state: LineState, at: float) -> Iterator[Metric]:
    waiting = dict.fromkeys(state.queues, 0)
    longest = dict.fromkeys(state.queues, 0.0)
    for call in state.calls.values():
        if call.stay and call.stage is CallStage.WAITING:
            waiting[call.stay.queue] += 1
            if view.waits(call):
                longest[call.stay.queue] = max(longest[call.stay.queue], at - call.stay.since)
    yield _gauge("queue_waiting", "Calls waiting", waiting, "queue")
    yield _gauge("queue_longest_wait_seconds", "The longest wait now", longest, "queue")
    for stage, text in ((CallStage.PROMISED, "Citizens promised a call"), (CallStage.DIALLING, "Citizens being rung")):
        found = Counter(call.queue for call in state.calls.values() if call.stage is stage)
        yield _gauge(f"queue_{stage}", text, {queue: found[queue] for queue in state.queues}, "queue")
    rows = {queue: state.ledger.whole.queue(queue) for queue in state.queues}
    for name, text, read in _QUEUE_COUNTERS:
        yield _counter(name, text, {q: read(row) for q, row in rows.items()}, "queue")
    yield _counter("queue_left", "Queue entries ended, by outcome", dict(_ways_out(rows)), "queue", "outcome")
    yield _counter("queue_handle_seconds", "Time of handled calls by part", dict(_parts(rows)), "queue", "part")
    yield _waits(rows)


_QUEUE_COUNTERS: tuple[tuple[str, str, Callable[[Tally], float]], ...] = (
    ("queue_offered", "Calls offered to the queue", lambda row: row.offered),
    ("queue_handled_within_t", "Calls handled within T", lambda row: row.handled_within_t),
    ("queue_abandoned_within_t", "Calls abandoned within T", lambda row: row.abandoned_within_t),
    ("queue_short_abandoned", "Calls abandoned before the short-abandon threshold", lambda row: row.short_abandoned),
    ("queue_callbacks", "Callbacks promised whose turn in the line began", lambda row: row.callbacks),
    ("queue_called_back", "Callbacks connected with an agent", lambda row: row.called_back),
    ("queue_unreached", "Callbacks given up", lambda row: row.unreached),
    ("queue_offers", "Offers of calls to agents", lambda row: row.offers),
    ("queue_rona", "Offers that rang without an answer", lambda row: row.rona),
)


_WAYS = tuple(way for way in Outcome if way is not Outcome.UNREACHED)
"""Ends of a call that arrived; a callback is counted apart."""


def _ways_out(rows: Mapping[QueueId, Tally]) -> Iterator[tuple[tuple[str, str], int]]:
    for queue, row in rows.items():
        for way in _WAYS:
            yield (queue, str(way)), row.exits.get(way, 0) + (row.handled if way is Outcome.HANDLED else 0)


def _parts(rows: Mapping[QueueId, Tally]) -> Iterator[tuple[tuple[str, str], float]]:
    for queue, row in rows.items():
        yield from (((queue, part), getattr(row, f"{part}_s")) for part in ("ring", "talk", "hold", "wrap_up"))


def _waits(rows: Mapping[QueueId, Tally]) -> Metric:
    family = HistogramMetricFamily("line1555_wait_seconds", "Waits by outcome", labels=["queue", "outcome"])
    for queue, row in rows.items():
        for outcome, waits in ((Outcome.HANDLED, row.waits), (Outcome.ABANDONED, row.abandon_waits)):
            family.add_metric([queue, outcome], _buckets(waits), waits.sum_s)
    return family


def _buckets(waits: Waits) -> list[tuple[str, float]]:
    bounds = [*(f"{bound:.1f}" for bound in BOUNDS_S), "+Inf"]
    return list(zip(bounds, accumulate(waits.buckets or [0] * len(bounds)), strict=True))


def _others(sources: Mapping[str, Source]) -> Iterator[Metric]:
    for part, read in sources.items():
        for name, value in read().items():
            kind = _counter if name.endswith("_total") else _gauge
            yield kind(f"{part}_{name.removesuffix('_total')}", f"{name} of {part}", {(): value})
