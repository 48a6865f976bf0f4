"""Real calls against the simulator's: the same callers, a real Asterisk, real phones."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from line1555.cli.main import app
from tests.live.site import SOUNDS

pytestmark = pytest.mark.live

TOLERANCE_S = 0.5


def run(folder: Path, *options: str) -> dict[str, object]:
    SOUNDS.mkdir(parents=True, exist_ok=True)
    (folder / "sounds").symlink_to(SOUNDS, target_is_directory=True)
    argv = ["load", "1555-week", "--run", str(folder), "--json", "--within", str(TOLERANCE_S), *options]
    result = CliRunner().invoke(app, argv)
    assert result.exit_code == 0, result.output
    found: dict[str, object] = json.loads(result.stdout)
    return found


def figures(found: dict[str, object]) -> dict[str, dict[str, float]]:
    rows = found["figures"]
    assert isinstance(rows, list)
    return {row["name"]: row for row in rows}


def test_baresip_phones_agree_with_the_simulator(tmp_path: Path) -> None:
    """Eight agents with more to do than they can: callers wait, and some give up; the simulator says the same."""
    found = run(tmp_path, "--agents", "8", "--minutes", "0.5", "--speed", "30", "--load", "1.6", "--keep")
    rows = figures(found)
    assert found["lost"] == 0 and found["oddities"] == {}
    assert rows["offered"]["difference"] == 0 and rows["offered"]["real"] == found["calls"]
    assert rows["mean_wait_s"]["real"] > 4 * TOLERANCE_S, "somebody waits, or nothing is shown"
    assert found["same_end"] >= 0.9  # type: ignore[operator]
    (kept,) = tmp_path.glob("load-*")
    assert (kept / "journal.db").stat().st_mode & 0o077 == 0


def test_pyvoip_phones_for_a_small_run(tmp_path: Path) -> None:
    found = run(tmp_path, "--agents", "4", "--minutes", "0.4", "--speed", "20", "--phones", "pyvoip")
    assert found["lost"] == 0 and figures(found)["offered"]["real"] == found["calls"]
    assert not list(tmp_path.glob("load-*")), "nothing is left behind"
