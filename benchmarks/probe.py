"""What each step and each stage of the line's process costs, measured inside it.

Put before ``line1555 up`` by ``live.py`` and ``feed`` (``program``): on SIGUSR1 the process writes what it counted
since the last time as JSON, and begins anew. Stages are measured only where asked for: each costs half a microsecond.
"""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from time import thread_time
from typing import Any

STEPS: list[float] = []
"""Processor seconds of each step of the engine (``handle`` or ``tick``)."""
STAGES: dict[str, list[float]] = {}
"""Processor seconds and calls of each stage, without the stages inside it."""
_INSIDE: list[float] = [0.0]


class TimedLine:
    """The engine, and how long its steps take."""

    def __init__(self, line: Any) -> None:
        self._line = line

    def __getattr__(self, name: str) -> Any:
        return getattr(self._line, name)

    def handle(self, event: Any, now: float) -> Any:
        before = thread_time()
        try:
            return self._line.handle(event, now)
        finally:
            STEPS.append(thread_time() - before)

    def tick(self, now: float) -> Any:
        before = thread_time()
        try:
            return self._line.tick(now)
        finally:
            STEPS.append(thread_time() - before)


def install(out: str, *, stages: bool) -> None:
    """Measure this process; ``out`` is the file that SIGUSR1 writes."""
    runner = _runner(Path.cwd())
    made = runner.__init__

    def init(self: Any, line: Any, *rest: Any, **more: Any) -> None:
        made(self, TimedLine(line), *rest, **more)

    runner.__init__ = init
    if stages:
        _watch_stages()
    signal.signal(signal.SIGUSR1, lambda *_: _write(Path(out)))


def _runner(tree: Path) -> Any:
    """The class that takes events to the engine, in this tree or in an older one."""
    if (tree / "telephony" / "runner.py").exists():
        return import_module("telephony.runner").Runner
    return import_module("telephony.driver").Driver


def _watch_stages() -> None:
    from line1555.live.recovery import Recovery
    from records.journal import Journal
    from telephony import runner, steering, switch, translate
    from telephony.ami import client, framer, message, protocol

    plan: list[tuple[Any, str, str]] = [
        (framer.Framer, "feed", "ami: frames"), (protocol.Protocol, "handle_message", "ami: dispatch"),
        (message.AmiMessage, "parse", "ami: parse"), (translate.Translator, "translate", "translate"),
        (runner.Runner, "step", "runner"), (TimedLine, "handle", "engine"), (TimedLine, "tick", "engine"),
        (Recovery, "append", "fold of facts"), (Journal, "append", "journal"), (runner.Runner, "_note", "readers"),
        (switch.Switch, "carry_out", "commands"), (switch.Switch, "quietly", "commands: told"),
        (client.AmiClient, "send_agi", "commands: AGI"), (client.AmiClient, "send", "commands: awaited"),
        (steering.Steering, "_done", "steering"), (protocol.Protocol, "data_received", "ami: reads"),
        (protocol.Protocol, "_flush", "socket writes"),
    ]  # fmt: skip
    for owner, name, stage in plan:
        inner = owner.__dict__.get(name)
        if inner is None:
            continue
        bound = isinstance(inner, classmethod)
        timed = _timed(inner.__func__ if bound else inner, stage)
        setattr(owner, name, classmethod(timed) if bound else timed)


def _timed(inner: Callable[..., Any], stage: str) -> Callable[..., Any]:
    total = STAGES.setdefault(stage, [0.0, 0])

    def outer(*args: Any, **more: Any) -> Any:
        _INSIDE.append(0.0)
        before = thread_time()
        try:
            return inner(*args, **more)
        finally:
            spent = thread_time() - before
            total[0] += spent - _INSIDE.pop()
            total[1] += 1
            _INSIDE[-1] += spent

    return outer


def _write(out: Path) -> None:
    steps = sorted(STEPS)
    told = {
        "steps": len(steps),
        "step_p50_us": _at(steps, 0.5),
        "step_p99_us": _at(steps, 0.99),
        "step_total_s": sum(steps),
        "loop_s": thread_time(),
        "stages": {name: {"s": total[0], "calls": total[1]} for name, total in STAGES.items()},
    }
    STEPS.clear()
    for total in STAGES.values():
        total[:] = [0.0, 0]
    new = out.with_suffix(".new")
    new.write_text(json.dumps(told))
    new.replace(out)


def _at(ordered: list[float], share: float) -> float:
    return round(1e6 * ordered[min(len(ordered) - 1, int(share * len(ordered)))], 1) if ordered else 0.0


def program(out: Path, *, stages: bool = False) -> list[str]:
    """``line1555`` with this around it: how to start it in whichever tree the working directory is."""
    text = (
        "import importlib.util as u\n"
        f"spec = u.spec_from_file_location('probe', {str(Path(__file__).resolve())!r})\n"
        "probe = u.module_from_spec(spec)\n"
        "spec.loader.exec_module(probe)\n"
        f"probe.install({str(out)!r}, stages={stages})\n"
        "from pathlib import Path\n"
        "from importlib import import_module\n"
        "import_module('line1555.cli.main' if Path('line1555/cli').is_dir() else 'line1555.cli').main()\n"
    )
    return [sys.executable, "-c", text]


async def look(process: asyncio.subprocess.Process, out: Path) -> Any:
    """What a process that was started by ``program`` has counted since the last look."""
    _take(out)
    process.send_signal(signal.SIGUSR1)
    for _ in range(500):
        if (told := _take(out)) is not None:
            return told
        await asyncio.sleep(0.01)
    raise TimeoutError("the line's process does not say what it has counted")


def _take(out: Path) -> Any:
    """What stands in the file, which is gone then; None where there is none."""
    if not out.exists():
        return None
    told = json.loads(out.read_text())
    out.unlink()
    return told
