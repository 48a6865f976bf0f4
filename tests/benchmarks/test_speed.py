"""The harness that shows the speed runs in every form; the wanted ratios are proved alone (`make prove`)."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks import growth, pairs, runs, trees
from benchmarks.instructions.__main__ import main as count_instructions
from benchmarks.measured import Measured
from benchmarks.simulator.__main__ import main as compare_with_peers


@pytest.mark.parametrize(
    ("kind", "size"),
    [
        ("router", 500),
        ("balanced", 500),
        ("engine", 300),
        ("week", 0.5),
        ("agents", 14),
        ("waiting", 30),
        ("queues", 3),
    ],
)
def test_each_kind_runs_in_a_process_of_its_own(kind: str, size: float) -> None:
    known = os.environ | {"PYTHONPATH": str(trees.ROOT)}
    words = [sys.executable, "-P", str(runs.MEASURED), kind, str(size)]
    answer = subprocess.run(words, env=known, check=True, stdout=subprocess.PIPE, text=True)
    found = Measured(**json.loads(answer.stdout))
    assert found.calls >= 50 and found.cpu_s > 0.0 and found.figure_s >= 0.0


def measured(*cpu_s: float) -> list[Measured]:
    return [Measured("engine", 1_000, 5.0, each, 80.0) for each in cpu_s]


def test_a_ratio_is_the_median_of_what_stood_side_by_side() -> None:
    """A moment in which the machine was busy slows one pair down, not the others."""
    done = {"ours": measured(1.0, 1.0, 4.0), "theirs": measured(8.0, 8.0, 8.0)}
    wanted = runs.Wanted("ours", "theirs", 8.0)
    assert runs.ratio(done, wanted) == pytest.approx(8.0)


def test_a_missed_ratio_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    done = {"ours": measured(1.0), "theirs": measured(7.9)}
    assert not runs.judged(done, [runs.Wanted("ours", "theirs", 8.0)])
    assert "7.90 x (wanted 8)  MISSED" in capsys.readouterr().out
    assert runs.judged(done, [runs.Wanted("ours", "theirs", 7.0), runs.Wanted("ours", "nobody", 9.0)])


def test_what_is_measured_is_laid_apart_in_its_form() -> None:
    compiled = trees.environment(Path("build", "trees", "now-compiled-0123456789"))
    plain = trees.environment(Path("build", "trees", "now-plain-0123456789"))
    assert (compiled["LINE1555_FORM"], plain["LINE1555_FORM"]) == ("compiled", "plain")


@pytest.mark.prove
def test_the_wanted_ratios_to_the_peers_are_reached(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["benchmarks.simulator", "--all"])
    assert compare_with_peers() == 0


@pytest.mark.prove
def test_the_wanted_ratios_to_the_older_commit_are_reached(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["benchmarks.pairs"])
    assert pairs.main() == 0


@pytest.mark.prove
def test_no_more_instructions_than_were_accepted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["benchmarks.instructions"])
    assert count_instructions() == 0


@pytest.mark.prove
def test_the_cost_of_a_call_does_not_grow_with_the_house(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["benchmarks.growth"])
    assert growth.main() == 0
