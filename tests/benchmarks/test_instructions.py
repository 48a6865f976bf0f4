"""Counted instructions: callgrind's file is added up by function, and more than was accepted is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.instructions import accepted, profile
from benchmarks.instructions.accepted import TOTAL, Row
from benchmarks.instructions.counting import Counted

CALLGRIND = """\
version: 1
positions: line
events: Ir

ob=(1) calls.so
fl=(1) ???
fn=(1) CPyDef_line___Line___handle
0 100
cfn=(2) CPyDef_doors___take'2
calls=4 0
* 50
cob=(2) python3
cfn=(3) _Py_dict_lookup.lto_priv.0
calls=10 0
0 30

fn=(2)
0 20
cfn=(3)
calls=3 0
0 30

fn=(3)
0 60
cfn=(3)
calls=2 0
0 15
"""


def counted() -> Counted:
    return Counted("engine", 2, profile.parse(CALLGRIND.splitlines(keepends=True)))


def test_costs_are_added_up_by_function() -> None:
    found = counted().profile
    assert found.total == 180
    assert found.cost("line.Line.handle") == (100, 0, 0)
    assert found.cost("doors.take") == (20, 50, 4)
    assert found.cost("_Py_dict_lookup") == (60, 60, 15), "a function that calls itself is counted once"
    assert found.by("own") == ["line.Line.handle", "_Py_dict_lookup", "doors.take"]


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("CPyDef_acd___distributor___Distributor___next.part.0", "acd.distributor.Distributor.next"),
        ("CPyPy_line___Line___handle", "line.Line.handle (from Python)"),
        ("tupledealloc.lto_priv.0'2", "tupledealloc"),
        ("0x00000000004fee40", "0x00000000004fee40"),
    ],
)
def test_names_are_those_of_the_source(name: str, plain: str) -> None:
    assert profile.plain(name) == plain


def test_the_file_keeps_what_was_accepted_and_what_was_not_counted_again(tmp_path: Path) -> None:
    file = tmp_path / "accepted.txt"
    accepted.write([Row("week", TOTAL, 300_000, 1.0)], file)
    accepted.write(accepted.rows(counted()), file)
    tools, rows = accepted.read(file)
    assert tools.startswith("Python 3.")
    engine = [Row("engine", TOTAL, 90, 1.0), Row("engine", "doors.take", 25, 2.0)]
    assert rows == [*engine, Row("week", TOTAL, 300_000, 1.0)]


def test_a_total_that_has_grown_is_too_much_and_a_function_is_told() -> None:
    before = [Row("engine", TOTAL, 100_000, 1.0), Row("engine", "doors.take", 20_000, 6.0)]
    same = accepted.compared([Row("engine", TOTAL, 101_900, 1.0), Row("engine", "doors.take", 20_400, 6.0)], before)
    assert [grown for _, grown in same] == [False], "one line: the function is as it was"
    more = list(
        accepted.compared([Row("engine", TOTAL, 102_100, 1.0), Row("engine", "doors.take", 22_000, 6.0)], before)
    )
    assert [grown for _, grown in more] == [True, False]
    assert "accepted: 20,000, +10.0%" in more[1][0]


def test_a_kind_that_nobody_has_accepted_is_no_growth() -> None:
    assert [grown for _, grown in accepted.compared([Row("router", TOTAL, 9_000, 1.0)], [])] == [False]
