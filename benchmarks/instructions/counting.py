"""Runs a measured kind under callgrind, which counts instructions: repeatable on a machine that is busy with more."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

from benchmarks import trees

from . import profile

HERE = Path(__file__).resolve().parent
MEASURED = HERE.parent / "measured.py"


class Counted(NamedTuple):
    """What one kind cost: the profile of all its ``calls``."""

    kind: str
    calls: int
    profile: profile.Profile

    @property
    def each(self) -> float:
        """Give the instructions of a call."""
        return self.profile.total / self.calls


def programs() -> None:
    """See that valgrind and gcc are there, or bring them: only who counts needs them."""
    subprocess.run([trees.ROOT / "scripts" / "system_packages.sh", "valgrind:valgrind", "gcc:gcc"], check=True)


def count(kind: str, size: float, tree: Path) -> Counted:
    """Count one kind in that copy of the tree."""
    with tempfile.TemporaryDirectory() as folder:
        library, out = Path(folder, "count.so"), Path(folder, "out")
        subprocess.run(["gcc", "-O1", "-shared", "-fPIC", "-o", library, HERE / "count.c"], check=True)
        answer = subprocess.run(
            [
                "valgrind", "-q", "--tool=callgrind", "--instr-atstart=no", f"--callgrind-out-file={out}",
                sys.executable, "-P", MEASURED, kind, str(size), "--count", library,
            ],
            env=trees.environment(tree), cwd=folder, check=True, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        calls = json.loads(answer.stdout.splitlines()[-1])["calls"]
        # The dump that is asked for at the end of counting is the first; the one at the exit is empty.
        return Counted(kind, calls, profile.read(Path(f"{out}.1")))
