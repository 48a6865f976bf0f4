"""Compiled modules: what runs is what was asked for, and never older than its source."""

from __future__ import annotations

import os
from importlib import import_module
from pathlib import Path

import pytest

from line1555 import compiled

BUSY = ("acd.distributor", "agents.roster", "queues.order", "engine.line", "ivr.session", "simulator.run.replication")


def test_what_runs_is_what_was_asked_for() -> None:
    """``make test-compiled`` must not test the source once more, nor the others what was compiled."""
    wanted = os.environ.get("LINE1555_COMPILED") == "1"
    suffixes = {name: Path(import_module(name).__file__ or "").suffix for name in BUSY}
    assert suffixes == dict.fromkeys(BUSY, ".so" if wanted else ".py"), "`make plain` goes back to the source"


def lay(tree: Path, source_s: float, compiled_s: float) -> None:
    folder = tree / "engine"
    folder.mkdir()
    for name, at in (("line.py", source_s), ("line.cpython-311-x86_64-linux-gnu.so", compiled_s)):
        (folder / name).touch()
        os.utime(folder / name, (at, at))


def test_a_source_newer_than_its_compiled_form_is_refused(tmp_path: Path) -> None:
    lay(tmp_path, source_s=200.0, compiled_s=100.0)
    with pytest.raises(compiled.StaleError, match=r"engine/line\.py: newer .* `make compiled` .* `make plain`"):
        compiled.refuse_stale(tmp_path)


def test_compiled_after_the_last_change(tmp_path: Path) -> None:
    lay(tmp_path, source_s=100.0, compiled_s=200.0)
    compiled.refuse_stale(tmp_path)
    assert len(list(compiled.compiled(tmp_path))) == 1
