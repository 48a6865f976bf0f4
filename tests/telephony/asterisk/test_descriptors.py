"""Open files: a soft limit is raised, a hard one refused with the command that mends it."""

from __future__ import annotations

import os
import socket
import subprocess
import sys

import pytest

from telephony.asterisk import descriptors
from telephony.asterisk.descriptors import ports_used, used

ALLOW = """
import resource, sys
from telephony.asterisk.descriptors import TooFewDescriptorsError, allow
resource.setrlimit(resource.RLIMIT_NOFILE, (int(sys.argv[1]), int(sys.argv[2])))
try:
    allow(int(sys.argv[3]))
except TooFewDescriptorsError as error:
    print(error)
print(resource.getrlimit(resource.RLIMIT_NOFILE))
"""


def limited(soft: int, hard: int, need: int) -> str:
    argv = [sys.executable, "-c", ALLOW, str(soft), str(hard), str(need)]
    return subprocess.run(argv, capture_output=True, text=True, check=True, timeout=60).stdout


def test_a_soft_limit_is_raised() -> None:
    assert limited(1024, 4096, 2750).strip() == "(2750, 4096)"


def test_a_limit_that_is_enough_is_left_alone() -> None:
    assert limited(3000, 4096, 2750).strip() == "(3000, 4096)"


def test_a_hard_limit_is_refused_with_the_command_that_mends_it() -> None:
    told = limited(1024, 1024, 2750)
    assert "needs 2750 open files for its calls, and may have 1024" in told
    assert "sudo prlimit --nofile=2750:2750 --pid $$" in told and "LimitNOFILE=2750" in told
    assert told.strip().endswith("(1024, 1024)")


def test_one_that_runs_already_gets_what_its_hard_limit_allows() -> None:
    argv = [sys.executable, "-c", "import resource; resource.setrlimit(7, (500, 900)); print(1, flush=True); input()"]
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        child.stdout.readline()
        descriptors.allow_running(child.pid, 2750)
        count, most = used(child.pid)
        assert 3 <= count < 20 and most == 900
        child.communicate(b"\n")
    assert used(child.pid) == (0, 0)


@pytest.mark.parametrize("count", [1, 3])
def test_ports_in_use_are_counted(count: int) -> None:
    sockets = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(count)]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    taken = [one.getsockname()[1] for one in sockets]
    assert sum(ports_used(os.getpid(), port, port) for port in taken) == count
    for one in sockets:
        one.close()
