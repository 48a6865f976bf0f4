"""What is read from a call log: censored patience, stretches of work, whole servers; and a scenario that is right."""

from __future__ import annotations

import gzip
import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from line1555.cli.scenario_files import DIALPLANS, load_scenario
from simulator.model.patience import LEAST

SCRIPT = Path(__file__).resolve().parents[2] / "scripts" / "fit_anonymous_bank.py"
HEAD = (
    "vru+line,call_id,priority,type,date,vru_entry,vru_exit,vru_time,q_start,q_exit,q_time,outcome,ser_start,ser_exit,"
    "ser_time,server,month"
)


@pytest.fixture(scope="module")
def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("fit_anonymous_bank", SCRIPT)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def clock(seconds: int) -> str:
    return f"{seconds // 3600}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"


def row(day: int, at: int, wait: int, talk: int, server: str = "S001", kind: str = "PS") -> str:
    """One call; talk 0: gave up."""
    outcome = "AGENT" if talk else "HANG"
    begins = at + wait if talk else 0
    times = (clock(at), clock(at), "0", clock(at if wait else 0), clock(at + wait), str(wait), outcome)
    served = (clock(begins), clock(begins + talk if talk else 0), str(talk), server if talk else "NO_SERVER")
    return ",".join(("L", "1", "0", kind, f"9901{day:02d}", *times, *served, "january"))


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two weeks: a call every ten minutes from 08:00 to 16:00; every tenth waits 30 s, every twentieth gives up."""
    rows = [
        row(
            day,
            8 * 3600 + 600 * n,
            30 if n % 10 == 9 else 0,
            0 if n % 20 == 19 else 200 + n,
            kind="NW" if n % 3 else "PS",
        )
        for day in range(1, 15)
        for n in range(48)
    ]
    rows.append(row(1, 8 * 3600, 0, 0))
    folder = tmp_path_factory.mktemp("log")
    with gzip.open(folder / "calls_1999_10months_no_customer_id.csv.gz", "wt", encoding="latin-1") as stream:
        stream.write("\n".join((HEAD, *rows, "")))
    return folder


def test_who_left_in_the_menu_is_no_call(script: ModuleType, log: Path) -> None:
    assert len(script.read(log)) == 14 * 48


def test_patience_of_who_was_answered_is_longer_than_his_wait(script: ModuleType, log: Path) -> None:
    """Of 56 who waited 30 s 28 gave up, all in the step from 20 to 40 s, in which all of them spent 10 s."""
    hazard = script.hazard_of(script.read(log))
    assert hazard[3] == pytest.approx(60 * 28 / (56 * 10))
    assert hazard[:3] == [LEAST] * 3


def test_a_scenario_that_can_be_loaded(script: ModuleType, log: Path, tmp_path: Path) -> None:
    text = script.scenario(script.fit(script.read(log), ["january"]))
    (tmp_path / "bank.yaml").write_text(text, encoding="utf-8")
    plan = load_scenario(tmp_path / "bank.yaml", DIALPLANS)
    assert plan.scenario.demand.per_day == pytest.approx(48)
    assert plan.scenario.topics == ("new", "regular")


def test_whole_servers(script: ModuleType) -> None:
    """What is rounded off is not lost."""
    counts = dict(script.steps([0.5] * 48))
    assert set(counts.values()) == {0, 1}
    assert next(iter(script.steps([2.2] * 48))) == ("00:00", 2)


def test_absences_and_wrap_up(script: ModuleType) -> None:
    """A short gap with somebody waiting is wrap-up; a long one means that they were away."""
    from datetime import date

    def call(at: int, wait: int, talk: int) -> object:
        begins = at + wait
        return script.Call(date(1999, 1, 1), "january", "regular", at, wait, "S1", begins, begins + talk)

    wrap_ups: list[int] = []
    served = [call(0, 0, 100), call(50, 65, 100), call(400, 0, 100), call(480, 420, 100)]
    assert list(script._stretches(served, wrap_ups)) == [(0, 500), (900, 1000)]
    assert wrap_ups == [15]
    row = np.zeros(48)
    script._add(row, 900, 2700)
    assert row[:3].tolist() == [0.5, 0.5, 0]
