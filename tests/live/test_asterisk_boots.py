"""The private Asterisk starts from our templates with a clean log and nothing listening beyond what was asked."""

from __future__ import annotations

import subprocess

import pytest

from telephony.asterisk import Asterisk

pytestmark = pytest.mark.live


def test_the_log_has_no_errors(asterisk: Asterisk) -> None:
    log = (asterisk.run_dir / "log" / "boot.log").read_text()
    assert [row for row in log.splitlines() if " ERROR[" in row or " WARNING[" in row] == []


def test_every_service_is_on_loopback(asterisk: Asterisk) -> None:
    """Apart from two sockets with which PJSIP asks the name server: random ports, deaf to all but its answers."""
    rows = subprocess.run(["ss", "-Hlnptu"], capture_output=True, text=True, check=True).stdout.splitlines()
    mine = [row.split()[4] for row in rows if f"pid={asterisk.pid}," in row]
    net = asterisk.network
    assert {f"127.0.0.1:{net.sip_port}", f"127.0.0.1:{net.ami_port}"} <= set(mine)
    open_to_all = [address for address in mine if not address.startswith("127.0.0.1:")]
    ports = [int(address.rsplit(":", 1)[1]) for address in open_to_all]
    assert len(ports) <= 2
    assert not [port for port in ports if port in (net.sip_port, net.ami_port)]


def test_all_agents_have_an_endpoint(asterisk: Asterisk) -> None:
    said = asterisk.command("pjsip show endpoints")
    assert all(f"agent{number:03}" in said for number in range(1, 9))
    assert "Objects found: 10" in said, "eight agents, the trunk, and what INVITE with Replaces meets"


@pytest.mark.parametrize(
    "context", ["line-agi", "line-connect", "line-back", "line-lease", "line-transfer", "line-agent"]
)
def test_the_contexts_of_the_driver_exist(asterisk: Asterisk, context: str) -> None:
    assert f"Context '{context}' created by 'pbx_config'" in asterisk.command(f"dialplan show {context}")


def test_every_module_of_the_list_runs(asterisk: Asterisk) -> None:
    wanted = (asterisk.run_dir / "etc" / "modules.conf").read_text().splitlines()
    names = [row.split("= ")[1] for row in wanted if row.startswith(("load", "preload"))]
    rows = asterisk.command("module show").splitlines()
    running = {row.split()[0] for row in rows if " Running " in row}
    assert set(names) - running == set()
