"""Open files: Asterisk needs several for each leg, and the usual soft limit of 1,024 ends at 88 conversations."""

from __future__ import annotations

import contextlib
import resource
from pathlib import Path


class TooFewDescriptorsError(RuntimeError):
    """The hard limit of open files is too low; the text has the command that mends it."""


def allow(need: int) -> None:
    """Raise this process's soft limit of open files, which Asterisk inherits. Raises TooFewDescriptorsError."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < need:
        raise TooFewDescriptorsError(
            f"the line needs {need} open files for its calls, and may have {hard}. Raise the limit in this shell with\n"
            f"    sudo prlimit --nofile={need}:{need} --pid $$\n"
            f"(LimitNOFILE={need} in a systemd unit), or let fewer citizens in: limits.calls in site.yaml"
        )
    if soft != resource.RLIM_INFINITY and soft < need:
        resource.setrlimit(resource.RLIMIT_NOFILE, (need, hard))


def allow_running(pid: int, need: int) -> None:
    """The same for a process that runs already, as far as its hard limit goes: it has calls, and keeps them."""
    with contextlib.suppress(OSError, ValueError):
        soft, hard = resource.prlimit(pid, resource.RLIMIT_NOFILE)
        most = need if hard == resource.RLIM_INFINITY else min(need, hard)
        if soft != resource.RLIM_INFINITY and soft < most:
            resource.prlimit(pid, resource.RLIMIT_NOFILE, (most, hard))


def used(pid: int) -> tuple[int, int]:
    """Count the open files that a process of ours has, and may have; (0, 0) where it is gone."""
    with contextlib.suppress(OSError):
        return len(list(Path(f"/proc/{pid}/fd").iterdir())), resource.prlimit(pid, resource.RLIMIT_NOFILE)[0]
    return 0, 0


def ports_used(pid: int, first: int, last: int) -> int:
    """Count the UDP ports of a range that are taken, by any program, in the network namespace of a process."""
    count = 0
    with contextlib.suppress(OSError):
        for row in Path(f"/proc/{pid}/net/udp").read_text().splitlines()[1:]:
            port = int(row.split()[1].rsplit(":", 1)[1], 16)
            count += first <= port <= last
    return count
