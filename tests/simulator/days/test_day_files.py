"""A recorded day as CSV: what is written is read back, and what is wrong is told with its line."""

from __future__ import annotations

from math import inf
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pytest
import yaml

from calls import AgentId, Outcome, SettingsError
from simulator.days import day_files
from simulator.days.recorded import Recorded, RecordedCall, of_calls
from simulator.model.patience import rates
from simulator.model.people import Duty
from simulator.scenario.schema import Timed

ATHENS = ZoneInfo("Europe/Athens")
ANCHOR = 1_795_000_000.0
A1, A2 = AgentId("agent001"), AgentId("agent002")


def day() -> Recorded:
    calls = [
        RecordedCall(100.0, "1555", "el", "pensions", "pensioner", 112.5, 8.25, 3.0, 240.0, 20.5, Outcome.HANDLED),
        RecordedCall(160.0, "11320", "en", "dypa", "", 171.0, 90.0, None, 0.0, 0.0, Outcome.ABANDONED),
        RecordedCall(170.0, "1555", "el", "", "", None, None, None, 0.0, 0.0, Outcome.LEFT_IN_MENU),
    ]
    duties = [Duty(A1, 0.0, 7200.0, ((600.0, 900.0), (3000.0, 60.0))), Duty(A2, 50.0, inf)]
    return of_calls(calls, duties, [3.0], 0.1, ANCHOR)


def header(file: str = "calls") -> str:
    return ",".join(day_files.CALLS if file == "calls" else day_files.PEOPLE)


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    """On the scale of the wall clock; a break has become a time between two of work; missed rings are not kept."""
    day_files.write(day(), tmp_path / "kept", ATHENS)
    found = day_files.read(tmp_path / "kept", ATHENS, [])
    for before, after in zip(day().calls, found.calls, strict=True):
        assert after.at == ANCHOR + before.at
        assert after.queued_at == (None if before.queued_at is None else ANCHOR + before.queued_at)
        for name in ("number", "language", "topic", "role", "wait_s", "ring_s", "talk_s", "wrap_up_s", "outcome"):
            assert getattr(after, name) == getattr(before, name)
    spans = [(duty.agent, duty.begins - ANCHOR, duty.ends - ANCHOR) for duty in found.duties]
    assert spans == [(A1, 0.0, 600.0), (A1, 1500.0, 3000.0), (A1, 3060.0, 7200.0), (A2, 50.0, inf)]
    assert (found.pick_up_s, found.misses) == (3.0, 0.0)


def test_the_talks_alone_for_a_scenario(tmp_path: Path) -> None:
    day_files.write(day(), tmp_path, ATHENS)
    rows = (tmp_path / "talks.csv").read_text("utf-8-sig").splitlines()
    assert rows == ["topic,talk_s,wrap_up_s", "pensions,240.000,20.500"]


def test_the_patience_for_a_scenario(tmp_path: Path) -> None:
    day_files.write(day(), tmp_path, ATHENS)
    found = yaml.safe_load((tmp_path / "patience.yaml").read_text("utf-8"))
    hazard = Timed.model_validate(found["patience_s"]).all.hazard
    # 8.25 s to an answer, 90 s to the end of patience: one give-up in the 30 s of its step that anybody waited.
    assert hazard is not None and len(hazard.per_minute) == len(hazard.from_s)
    assert hazard.per_minute[hazard.from_s.index(60)] == 2.0 and hazard.per_minute[0] == 0.001


def test_patience_that_nobody_lost(tmp_path: Path) -> None:
    calls = [call for call in day().calls if call.outcome is Outcome.HANDLED]
    day_files.write(of_calls(calls, [], [], 0.0, ANCHOR), tmp_path, ATHENS)
    found = yaml.safe_load((tmp_path / "patience.yaml").read_text("utf-8"))
    assert Timed.model_validate(found["patience_s"]).all.never


def test_patience_is_found_again() -> None:
    """Exponential, mean 5 minutes, cut off by answers after 2 minutes on average."""
    dice = np.random.default_rng(1555)
    patience, answer = dice.exponential(300, 40_000), dice.exponential(120, 40_000)
    waits, gave_up = np.minimum(patience, answer).tolist(), (patience < answer).tolist()
    found = rates(waits, gave_up, (0, 60, 120, 300))
    assert found == pytest.approx([0.2] * 4, rel=0.08)


def test_nobodys_number_is_kept(tmp_path: Path) -> None:
    day_files.write(day(), tmp_path, ATHENS)
    assert "ani" not in (tmp_path / "calls.csv").read_text("utf-8-sig").splitlines()[0].split(",")


def test_without_people_all_agents_are_there_all_day(tmp_path: Path) -> None:
    (tmp_path / "calls.csv").write_text(f"{header()}\n2026-11-24T10:31:05,1555,,,,,,,,,\n", "utf-8")
    found = day_files.read(tmp_path, ATHENS, [A1, A2])
    assert [duty.agent for duty in found.duties] == [A1, A2] and all(duty.ends == inf for duty in found.duties)


@pytest.mark.parametrize(
    ("calls", "said"),
    [
        ("", "calls.csv:1:1: calls.csv: found an empty file, expected names of columns"),
        ("at,number\nx,1\n", "calls.csv:1:1: outcome: found no such column"),
        ("HEAD\n", "calls.csv:1:1: calls.csv: found no row below the names, expected at least one"),
        ("HEAD\n24.11.2026,1555,,,,,,,,,\n", "calls.csv:2:1: at: found '24.11.2026', expected a local time such as"),
        ("HEAD\n2026-11-24T10:00,1555,,,,,-3,,,,\n", "calls.csv:2:1: wait_s: found '-3', expected seconds"),
        ("HEAD\n2026-11-24T10:00,1555,,,,,,,nan,,\n", "calls.csv:2:1: talk_s: found 'nan'"),
        ("HEAD\n2026-11-24T10:00,1555,,,,,,,,,gone\n", "calls.csv:2:1: outcome: found 'gone', expected one of"),
        ("HEAD\n2026-11-24T10:00,,,,,,,,,,\n", "calls.csv:2:1: number: found nothing"),
    ],
)
def test_wrong_calls(tmp_path: Path, calls: str, said: str) -> None:
    (tmp_path / "calls.csv").write_text(calls.replace("HEAD", header()), "utf-8")
    with pytest.raises(SettingsError) as wrong:
        day_files.read(tmp_path, ATHENS, [])
    assert said in str(wrong.value)


@pytest.mark.parametrize(
    ("people", "said"),
    [
        ("agent001,2026-11-24T10:00,2026-11-24T09:00", "ends: found 2026-11-24T09:00, expected a time after"),
        (",2026-11-24T10:00,", "agent: found nothing"),
        ("agent001,,", "begins: found '', expected a local time"),
    ],
)
def test_wrong_people(tmp_path: Path, people: str, said: str) -> None:
    (tmp_path / "calls.csv").write_text(f"{header()}\n2026-11-24T10:31:05,1555,,,,,,,,,\n", "utf-8")
    (tmp_path / "people.csv").write_text(f"{header('people')}\n{people}\n", "utf-8")
    with pytest.raises(SettingsError) as wrong:
        day_files.read(tmp_path, ATHENS, [])
    assert f"people.csv:2:1: {said}" in str(wrong.value)


def test_no_such_folder(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"calls\.csv:1:1: calls\.csv: found No such file"):
        day_files.read(tmp_path / "none", ATHENS, [])


def test_a_day_for_a_greek_spreadsheet_is_read_back(tmp_path: Path) -> None:
    day_files.write(day(), tmp_path, ATHENS, excel=True)
    text = (tmp_path / "calls.csv").read_text("utf-8-sig")
    assert ";240,000;" in text and "T" not in text.splitlines()[1]
    found = day_files.read(tmp_path, ATHENS, [])
    day_files.write(day(), tmp_path / "plain", ATHENS)
    assert found == day_files.read(tmp_path / "plain", ATHENS, [])


def test_a_day_from_a_greek_spreadsheet(tmp_path: Path) -> None:
    """Semicolons, windows-1253, day first, durations as times, decimal commas; an empty cell is not known."""
    rows = (
        "24/11/2026 10:31:05;1555;el;συντάξεις;;;0:00:08;;0:04:00,5;12:00:20 πμ;handled\n"
        "24/11/2026 10:32;1555;el;;;;;;;;\n"
    )
    (tmp_path / "calls.csv").write_bytes((header().replace(",", ";") + "\n" + rows).encode("cp1253"))
    first, second = day_files.read(tmp_path, ATHENS, []).calls
    assert (first.topic, first.wait_s, first.talk_s, first.wrap_up_s) == ("συντάξεις", 8.0, 240.5, 20.0)
    assert second.at - first.at == 55.0 and second.wait_s is None


CHANGE = 1_792_886_400.0 + 3600.0
"""25 October 2026, 03:00, the second time (epoch s)."""


def test_an_hour_that_comes_twice_is_kept_apart(tmp_path: Path) -> None:
    """Calls at 03:30 and an hour later, at 03:30."""
    calls = [RecordedCall(at, "1555", outcome=Outcome.LEFT_IN_MENU) for at in (-1800.0, 1800.0, 5400.0)]
    kept = of_calls(calls, [Duty(A1, 0.0, 7200.0)], [], 0.0, CHANGE)
    day_files.write(kept, tmp_path, ATHENS)
    text = (tmp_path / "calls.csv").read_text("utf-8-sig")
    assert "2026-10-25T03:30:00.000+03:00" in text and "2026-10-25T03:30:00.000+02:00" in text
    assert "2026-10-25T04:30:00.000," in text
    assert [call.at - CHANGE for call in day_files.read(tmp_path, ATHENS, []).calls] == [-1800.0, 1800.0, 5400.0]


def test_a_time_that_the_day_does_not_have(tmp_path: Path) -> None:
    (tmp_path / "calls.csv").write_text(f"{header()}\n2027-03-28T03:30:00,1555,,,,,,,,,\n", "utf-8")
    with pytest.raises(SettingsError, match="the clocks leave this one out"):
        day_files.read(tmp_path, ATHENS, [])


def test_a_number_that_a_spreadsheet_has_rounded(tmp_path: Path) -> None:
    (tmp_path / "calls.csv").write_text(f"{header()}\n2027-03-29T03:30:00,2.10624E+09,,,,,,,,,\n", "utf-8")
    with pytest.raises(SettingsError, match="the form of text"):
        day_files.read(tmp_path, ATHENS, [])
