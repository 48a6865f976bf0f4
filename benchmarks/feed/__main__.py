"""The line's process at a rate of calls that no Asterisk here could carry: what its loop costs, by thread and stage.

    .venv/bin/python -m benchmarks.feed [--rate 60] [--seconds 20] [--agents 300] [--tree DIR] [--stages] [--json]

``line1555 up --ami`` as a process of its own, with journal, records and /metrics; in place of Asterisk a program that
answers every action and tells the events of recorded calls (peer.py). Exit 1 where a call was not handled, an order was
refused, or the loop took ``--most`` per cent of a core or more. ``--tree``: the line of another working tree.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from benchmarks import probe
from control import status

ROOT = Path(__file__).resolve().parents[2]
TICK = os.sysconf("SC_CLK_TCK")
WARM_UP_S = 10.0
WRAP_UP_S = 1.0
START_S = 60.0
PROBE = "probe.json"
SECRET = "a-peer-of-its-own"
SITE = """
import sys
from pathlib import Path
from tests.live.site import make_site, share_sounds
folder = Path(sys.argv[1])
make_site(folder / "site", agents=int(sys.argv[2]), wrap_up_s=float(sys.argv[3]))
share_sounds(folder / "run")
"""
"""Makes a site in the form that the tree knows."""


@dataclass
class Figures:
    """One round. ``core_percent``: of one core, by thread of the line's process, and its children."""

    rate: float
    calls: Mapping[str, int] = field(default_factory=dict)
    core_percent: dict[str, float] = field(default_factory=dict)
    loop_ms_a_call: float = 0.0
    steps: int = 0
    step_p50_us: float = 0.0
    step_p99_us: float = 0.0
    stages_us_a_call: dict[str, float] = field(default_factory=dict)

    @property
    def lost(self) -> int:
        return self.calls.get("called", 0) - self.calls.get("talked", 0)


async def measure(rate: float, seconds: float, agents: int, tree: Path, stages: bool) -> Figures:
    """Seat the agents, let the citizens call, and look at the process between the first wave and the end."""
    with tempfile.TemporaryDirectory(prefix="line1555-feed-") as folder:
        async with peer(agents) as asterisk, line_up(Path(folder), agents, asterisk, tree, stages) as line:
            await ask(asterisk, "seat")
            await asyncio.sleep(WRAP_UP_S)
            calls = asyncio.create_task(ask(asterisk, f"call {rate} {seconds}"))
            await asyncio.sleep(WARM_UP_S)
            await probe.look(line, Path(folder) / PROBE)
            before, at = threads(line.pid), time.monotonic()
            await asyncio.sleep(seconds - WARM_UP_S)
            spent, s = threads(line.pid), time.monotonic() - at
            seen = await probe.look(line, Path(folder) / PROBE)
            return figures(rate, s, await calls, before, spent, seen)


def figures(
    rate: float, s: float, calls: Mapping[str, int], before: dict[str, float], after: dict[str, float], seen: Any
) -> Figures:
    percent = {name: round(100 * (cpu - before.get(name, 0.0)) / s, 1) for name, cpu in after.items()}
    stages = {name: round(1e6 * one["s"] / (rate * s), 1) for name, one in seen["stages"].items() if one["calls"]}
    loop_ms = 10 * percent["loop"] / rate
    return Figures(
        rate,
        calls,
        {name: share for name, share in percent.items() if share},
        round(loop_ms, 2),
        seen["steps"],
        seen["step_p50_us"],
        seen["step_p99_us"],
        dict(sorted(stages.items(), key=lambda item: -item[1])),
    )


def threads(pid: int) -> dict[str, float]:
    """Processor seconds of each thread, the loop's first, and of the process's children (records)."""
    found: dict[str, float] = {}
    for task in sorted(Path(f"/proc/{pid}/task").iterdir(), key=lambda path: int(path.name)):
        name, _, rest = (task / "stat").read_text().partition("(")[2].rpartition(")")
        words = rest.split()
        name = "loop" if task.name == str(pid) else name
        found[name] = found.get(name, 0.0) + (int(words[11]) + int(words[12])) / TICK
    children = [(task / "children").read_text().split() for task in Path(f"/proc/{pid}/task").iterdir()]
    for child in (pid for pids in children for pid in pids):
        words = Path(f"/proc/{child}/stat").read_text().rpartition(")")[2].split()
        found["children"] = found.get("children", 0.0) + (int(words[11]) + int(words[12])) / TICK
    return found


@contextlib.asynccontextmanager
async def peer(agents: int) -> AsyncIterator[asyncio.subprocess.Process]:
    """The Asterisk that is none."""
    pipe = asyncio.subprocess.PIPE
    argv = [sys.executable, "-m", "benchmarks.feed.peer", str(agents)]
    process = await asyncio.create_subprocess_exec(*argv, stdin=pipe, stdout=pipe, cwd=ROOT)
    try:
        yield process
    finally:
        process.kill()
        await process.wait()


async def ask(asterisk: asyncio.subprocess.Process, words: str) -> Any:
    """Let the peer do something, and wait until it is over."""
    assert asterisk.stdin is not None and asterisk.stdout is not None
    asterisk.stdin.write(f"{words}\n".encode())
    return json.loads(await asterisk.stdout.readline())


@contextlib.asynccontextmanager
async def line_up(
    folder: Path, agents: int, asterisk: asyncio.subprocess.Process, tree: Path, stages: bool
) -> AsyncIterator[asyncio.subprocess.Process]:
    """``line1555 up`` of a tree, connected to the peer."""
    assert asterisk.stdout is not None
    port = int(await asterisk.stdout.readline())
    environment = {**os.environ, "PYTHONPATH": str(tree)}
    make = [sys.executable, "-c", SITE, str(folder), str(agents), str(WRAP_UP_S)]
    await asyncio.to_thread(subprocess.run, make, cwd=tree, env=environment, check=True)
    (folder / "ami").write_text(f"line\n{SECRET}\n")
    (folder / "ami").chmod(0o600)
    argv = [
        *probe.program(folder / PROBE, stages=stages), "up", "--plain", "--site", str(folder / "site"),
        "--run", str(folder / "run"), "--ami", f"127.0.0.1:{port}", "--ami-file", str(folder / "ami"),
    ]  # fmt: skip
    with (folder / "words").open("wb") as words:
        process = await asyncio.create_subprocess_exec(*argv, stdout=words, stderr=words, cwd=tree, env=environment)
    try:
        await _answers(process, folder)
        yield process
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
        await asyncio.wait_for(process.wait(), 30)


async def _answers(process: asyncio.subprocess.Process, folder: Path) -> None:
    end = time.monotonic() + START_S
    while not (folder / "run" / status.FILE).exists():
        if process.returncode is not None or time.monotonic() > end:
            raise RuntimeError("the line does not come up:\n" + (folder / "words").read_text(errors="replace"))
        await asyncio.sleep(0.2)
    await asyncio.sleep(1)


def table(one: Figures) -> str:
    rows = [f"{one.rate:g} calls/s: {dict(one.calls)}"]
    rows.append("core %: " + ", ".join(f"{name} {share}" for name, share in one.core_percent.items()))
    rows.append(
        f"loop {one.loop_ms_a_call} ms a call; {one.steps} steps, p50 {one.step_p50_us} us, p99 {one.step_p99_us}"
    )
    rows += [f"  {name:24}{us:8.1f} us a call" for name, us in one.stages_us_a_call.items()]
    return "\n".join(rows)


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rate", type=float, default=60.0, help="calls a second")
    parser.add_argument("--seconds", type=float, default=20.0, help="how long calls come; ten are not counted")
    parser.add_argument("--agents", type=int, default=300)
    parser.add_argument("--tree", type=Path, default=ROOT)
    parser.add_argument("--stages", action="store_true", help="what each stage costs; costs something itself")
    parser.add_argument("--most", type=float, default=46.0, help="per cent of a core that the loop may take")
    parser.add_argument("--json", action="store_true")
    wanted = parser.parse_args()
    tree = wanted.tree.resolve()
    one = asyncio.run(measure(wanted.rate, wanted.seconds, wanted.agents, tree, wanted.stages))
    print(json.dumps(asdict(one)) if wanted.json else table(one))
    return 1 if one.lost or one.core_percent["loop"] >= wanted.most else 0


if __name__ == "__main__":
    sys.exit(main())
