"""The supervisor with a stand-in for Asterisk: ports, crash, stop, two supervisors, and a child that outlives us."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from telephony.asterisk import (
    Asterisk,
    AsteriskError,
    AsteriskSettings,
    Launch,
    PortInUseError,
    check_ports,
    private_asterisk,
    start,
)

from .site import LAUNCH, SITE

pytestmark = pytest.mark.services

# Answers like the manager of Asterisk; "asterisk" stands in its command line by its file name.
STAND_IN = """
import re, socketserver, sys
text = open(sys.argv[sys.argv.index("-C") + 1].replace("asterisk.conf", "manager.conf")).read()
if "-rx" in sys.argv: sys.exit()
class One(socketserver.StreamRequestHandler):
    def handle(self):
        self.wfile.write(b"Asterisk Call Manager/11.0.0\\r\\n")
        said = b"".join(iter(self.rfile.readline, b"\\r\\n")).decode()
        good = re.search("secret = (.*)", text)[1] in said
        self.wfile.write(b"Event: FullyBooted\\r\\n\\r\\n" if good else b"Response: Error\\r\\n\\r\\n")
class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = daemon_threads = True
with Server(("127.0.0.1", int(re.search("port = (.*)", text)[1])), One) as server:
    server.serve_forever()
"""
PARENT = """
import asyncio, sys
from pathlib import Path
from telephony.asterisk import Network, private_asterisk
from tests.telephony.asterisk.test_process import stand_in, site_on
async def main(tmp_path, sip, ami):
    async with private_asterisk(site_on(sip, ami), stand_in(tmp_path), tmp_path / "run") as asterisk:
        print(asterisk.pid, flush=True)
        await asyncio.sleep(60)
asyncio.run(main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])))
"""


def stand_in(tmp_path: Path) -> Launch:
    program = tmp_path / "asterisk.py"
    program.write_text(STAND_IN)
    return replace(LAUNCH, argv=(sys.executable, str(program)))


def site_on(sip: int, ami: int) -> AsteriskSettings:
    return replace(SITE, network=replace(SITE.network, sip_port=sip, ami_port=ami))


def free_site() -> AsteriskSettings:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp, socket.socket() as tcp:
        udp.bind(("127.0.0.1", 0))
        tcp.bind(("127.0.0.1", 0))
        return site_on(udp.getsockname()[1], tcp.getsockname()[1])


def alive(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists()


def reap(asterisk: Asterisk) -> None:
    """Waits for a child that was let go: its supervisor does it no more."""
    assert asterisk._child is not None
    asterisk._child.wait(5)


@pytest.mark.parametrize("kind", [socket.SOCK_DGRAM, socket.SOCK_STREAM])
def test_a_port_in_use_is_named_with_its_setting(kind: socket.SocketKind) -> None:
    site = free_site()
    port = site.network.sip_port if kind == socket.SOCK_DGRAM else site.network.ami_port
    name = "sip.port" if kind == socket.SOCK_DGRAM else "ami.port"
    with socket.socket(socket.AF_INET, kind) as taken:
        taken.bind(("127.0.0.1", port))
        if kind == socket.SOCK_STREAM:
            taken.listen()
        with pytest.raises(PortInUseError, match=f"{port} \\({name}\\).*Set another"):
            check_ports(site.network)


async def test_start_and_stop(tmp_path: Path) -> None:
    asterisk = await start(free_site(), stand_in(tmp_path), tmp_path / "run")
    assert not asterisk.adopted and alive(asterisk.pid)
    await asterisk.stop()
    await asterisk.stop()
    assert not alive(asterisk.pid)
    assert not (tmp_path / "run" / "asterisk.pid").exists()


async def test_a_crash_is_told_once(tmp_path: Path) -> None:
    codes: list[int | None] = []
    asterisk = await start(free_site(), stand_in(tmp_path), tmp_path / "run", codes.append)
    os.kill(asterisk.pid, signal.SIGKILL)
    await asyncio.wait_for(asterisk.ended.wait(), 2)
    await asterisk.stop()
    assert codes == [-signal.SIGKILL]


async def test_one_that_ends_while_it_starts_leaves_its_last_words(tmp_path: Path) -> None:
    launch = replace(LAUNCH, argv=(sys.executable, "-c", "raise SystemExit('no such module')"))
    with pytest.raises(AsteriskError, match="no such module"):
        await start(free_site(), launch, tmp_path / "run")


async def test_two_supervisors_do_not_share_a_run_directory(tmp_path: Path) -> None:
    site, launch = free_site(), stand_in(tmp_path)
    async with private_asterisk(site, launch, tmp_path / "run"):
        with pytest.raises(AsteriskError, match="in use by another"):
            await start(site, launch, tmp_path / "run")


async def test_a_let_go_one_is_adopted_and_watched(tmp_path: Path) -> None:
    site, launch = free_site(), stand_in(tmp_path)
    first = await start(site, launch, tmp_path / "run")
    first.release()
    codes: list[int | None] = []
    second = await start(site, launch, tmp_path / "run", codes.append)
    assert second.adopted and second.pid == first.pid
    os.kill(second.pid, signal.SIGKILL)
    await asyncio.wait_for(second.ended.wait(), 2)
    assert codes == [None]
    await second.stop()
    reap(first)


async def test_one_on_other_addresses_is_not_adopted(tmp_path: Path) -> None:
    launch = stand_in(tmp_path)
    first = await start(free_site(), launch, tmp_path / "run")
    first.release()
    with pytest.raises(AsteriskError, match="put the old addresses back"):
        await start(free_site(), launch, tmp_path / "run")
    os.kill(first.pid, signal.SIGKILL)
    reap(first)


async def test_a_number_given_again_is_not_adopted(tmp_path: Path) -> None:
    site, launch = free_site(), stand_in(tmp_path)
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "asterisk.pid").write_text(f'{{"pid": {os.getpid()}, "listens": "x"}}')
    asterisk = await start(site, launch, tmp_path / "run")
    assert not asterisk.adopted
    await asterisk.stop()


def parent(tmp_path: Path, site: AsteriskSettings) -> subprocess.Popen[str]:
    argv = [sys.executable, "-c", PARENT, str(tmp_path), str(site.network.sip_port), str(site.network.ami_port)]
    root = Path(__file__).resolve().parents[3]
    return subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, cwd=root)


@pytest.mark.parametrize(("number", "survives"), [(signal.SIGKILL, True), (signal.SIGTERM, False)])
async def test_it_outlives_kill_9_and_nothing_else(tmp_path: Path, number: signal.Signals, survives: bool) -> None:
    site = free_site()
    with parent(tmp_path, site) as ours:
        assert ours.stdout is not None
        pid = int(ours.stdout.readline())
        ours.send_signal(number)
        ours.wait(10)
    assert alive(pid) is survives
    if survives:
        asterisk = await start(site, stand_in(tmp_path), tmp_path / "run")
        assert asterisk.adopted and asterisk.pid == pid
        await asterisk.stop()
