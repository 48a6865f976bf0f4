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

from telephony.ami import AmiClient, AmiLoginFailed, AmiSettings
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

# A control socket that says "fully booted", and a manager that knows one secret, or (file "full" beside it) nobody.
# "asterisk" stands in its command line by its file name.
STAND_IN = """
import os, pathlib, re, socket, socketserver, sys, threading
etc = pathlib.Path(sys.argv[sys.argv.index("-C") + 1]).parent
text = (etc / "manager.conf").read_text()
control = str(etc.parent / "run" / "asterisk.ctl")
if "-rx" in sys.argv:
    try:
        door = socket.socket(socket.AF_UNIX)
        door.connect(control)
    except OSError:
        sys.exit("Unable to connect")
    door.sendall(sys.argv[-1].encode())
    sys.exit(print(door.recv(100).decode()))
secret = [re.search("secret = (.*)", text)[1]]
class Console(socketserver.BaseRequestHandler):
    def handle(self):
        if b"reload" in self.request.recv(100):
            secret[0] = re.search("secret = (.*)", (etc / "manager.conf").read_text())[1]
        self.request.sendall(b"Asterisk has fully booted.")
class Manager(socketserver.StreamRequestHandler):
    def handle(self):
        if (etc.parent / "full").exists(): return
        self.wfile.write(b"Asterisk Call Manager/11.0.0\\r\\n")
        said = b"".join(iter(self.rfile.readline, b"\\r\\n")).decode()
        good = f"Secret: {secret[0]}" in said
        action = re.search("ActionID: (.*)\\r", said)[1]
        self.wfile.write(f"Response: {'Success' if good else 'Error'}\\r\\nActionID: {action}\\r\\n\\r\\n".encode())
        if good: self.wfile.write(b"Event: FullyBooted\\r\\n\\r\\n")
        self.rfile.readline()
class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = daemon_threads = True
class Door(socketserver.ThreadingUnixStreamServer):
    daemon_threads = True
(etc.parent / "run" / "asterisk.pid").write_text(str(os.getpid()))
with Server(("127.0.0.1", int(re.search("port = (.*)", text)[1])), Manager) as server, Door(control, Console) as door:
    threading.Thread(target=door.serve_forever, daemon=True).start()
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


@pytest.mark.parametrize(
    ("number", "survives"), [(signal.SIGKILL, True), (signal.SIGTERM, True), (signal.SIGINT, False)]
)
async def test_it_outlives_everything_but_ctrl_c(tmp_path: Path, number: signal.Signals, survives: bool) -> None:
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


async def left_behind(tmp_path: Path) -> tuple[AsteriskSettings, Launch, Asterisk]:
    """One that outlived its engine."""
    site, launch = free_site(), stand_in(tmp_path)
    first = await start(site, launch, tmp_path / "run")
    first.release()
    return site, launch, first


async def test_one_whose_manager_lets_nobody_in_is_adopted_not_killed(tmp_path: Path) -> None:
    """Strangers have used up the places before the login: that says nothing of the calls."""
    site, launch, first = await left_behind(tmp_path)
    (tmp_path / "run" / "full").touch()
    second = await start(site, launch, tmp_path / "run")
    assert second.adopted and second.pid == first.pid
    await second.stop()
    reap(first)


@pytest.mark.parametrize("lost", [("secrets.json",), ("secrets.json", "etc/manager.conf", "etc/pjsip.conf")])
async def test_lost_secrets_never_cost_a_living_asterisk(tmp_path: Path, lost: tuple[str, ...]) -> None:
    site, launch, first = await left_behind(tmp_path)
    for name in lost:
        (tmp_path / "run" / name).unlink()
    second = await start(site, launch, tmp_path / "run")
    assert second.adopted and second.pid == first.pid and await logs_in(second)
    await second.stop()
    reap(first)


async def test_a_secret_that_is_refused_is_given_anew(tmp_path: Path) -> None:
    asterisk = await start(free_site(), stand_in(tmp_path), tmp_path / "run")
    manager = tmp_path / "run" / "etc" / "manager.conf"
    manager.write_text(manager.read_text().replace(asterisk.secrets.ami, "another"))
    await asterisk.tell("manager reload")
    assert not await logs_in(asterisk)
    await asterisk.mend_login(replace(SITE, network=asterisk.network))
    assert await logs_in(asterisk)
    await asterisk.stop()


async def logs_in(asterisk: Asterisk) -> bool:
    settings = AmiSettings(*asterisk.ami, "line", asterisk.secrets.ami)
    client = AmiClient(settings, lambda _: None, lambda: None, lambda _: None)
    try:
        await client.start()
    except AmiLoginFailed:
        return False
    await client.close()
    return True


async def test_the_client_of_our_own_asterisk_mends_what_refuses_it(tmp_path: Path) -> None:
    asterisk = await start(free_site(), stand_in(tmp_path), tmp_path / "run")
    settings = AmiSettings(*asterisk.ami, "line", "not this one", start_within_s=10)
    mended: list[int] = []

    async def mend() -> None:
        mended.append(1)
        client.settings = replace(settings, secret=asterisk.secrets.ami)

    client = AmiClient(settings, lambda _: None, lambda: None, lambda _: None, mend=mend)
    await client.start()
    assert client.up and mended == [1]
    await client.close()
    await asterisk.stop()


async def test_one_that_is_silent_for_a_while_is_waited_for(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    site, launch, first = await left_behind(tmp_path)
    os.kill(first.pid, signal.SIGSTOP)
    asyncio.get_running_loop().call_later(1.5, os.kill, first.pid, signal.SIGCONT)
    second = await start(site, launch, tmp_path / "run", patience_s=20)
    assert second.adopted and second.pid == first.pid
    await second.stop()
    reap(first)


async def test_one_that_stays_silent_is_left_alone_with_its_calls(tmp_path: Path) -> None:
    site, launch, first = await left_behind(tmp_path)
    os.kill(first.pid, signal.SIGSTOP)
    with pytest.raises(AsteriskError, match=rf"pid {first.pid}\) lives.*left alone.*kill -9 {first.pid}"):
        await start(site, launch, tmp_path / "run", patience_s=0.5)
    assert alive(first.pid)
    os.kill(first.pid, signal.SIGCONT)
    second = await start(site, launch, tmp_path / "run")
    assert second.adopted and second.pid == first.pid
    await second.stop()
    reap(first)


@pytest.mark.parametrize("note", ["", "{", None])
async def test_one_whose_note_is_lost_is_found_by_its_own(tmp_path: Path, note: str | None) -> None:
    site, launch, first = await left_behind(tmp_path)
    path = tmp_path / "run" / "asterisk.pid"
    path.unlink() if note is None else path.write_text(note)
    second = await start(site, launch, tmp_path / "run")
    assert second.adopted and second.pid == first.pid
    await second.stop()
    reap(first)


async def test_one_that_died_is_started_again(tmp_path: Path) -> None:
    site, codes = free_site(), list[int | None]()
    asterisk = await start(site, stand_in(tmp_path), tmp_path / "run", codes.append)
    first = asterisk.pid
    for _ in range(2):
        os.kill(asterisk.pid, signal.SIGKILL)
        await asyncio.wait_for(asterisk.ended.wait(), 2)
        await asterisk.revive(site)
    assert asterisk.pid != first and await logs_in(asterisk)
    await asterisk.stop()
    assert codes == [-signal.SIGKILL] * 2
