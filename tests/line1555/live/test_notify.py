"""The notify socket: what is said, to which kind of address, and that nobody waits for it."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from line1555.live.notify import Notify


@pytest.fixture
def door() -> socket.socket:
    return socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)


def test_without_systemd_nothing_is_said() -> None:
    assert Notify.take({}) == Notify()
    Notify().tell(READY=1)


def test_no_child_inherits_the_socket() -> None:
    environ = {"NOTIFY_SOCKET": "/run/n", "WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "7", "HOME": "/"}
    assert Notify.take(environ) == Notify("/run/n", 30.0) and environ == {"HOME": "/"}


def test_a_socket_with_a_path(door: socket.socket, tmp_path: Path) -> None:
    with door:
        door.bind(str(tmp_path / "n"))
        Notify(str(tmp_path / "n")).tell(READY=1, STATUS="2 calls")
        assert door.recv(100) == b"READY=1\nSTATUS=2 calls"


def test_an_abstract_socket(door: socket.socket) -> None:
    with door:
        name = f"line1555-test-{os.getpid()}"
        door.bind(f"\0{name}")
        Notify(f"@{name}").tell(WATCHDOG=1)
        assert door.recv(100) == b"WATCHDOG=1"


def test_a_reader_that_reads_nothing_never_holds_the_line_up(door: socket.socket, tmp_path: Path) -> None:
    with door:
        door.bind(str(tmp_path / "n"))
        for _ in range(1000):
            Notify(str(tmp_path / "n")).tell(WATCHDOG=1)
    Notify(str(tmp_path / "n")).tell(WATCHDOG=1)
