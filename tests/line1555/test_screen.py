"""What commands print is what there is: no emoji, no markup, and no figure or label cut, whatever the width."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from rich.console import Group
from rich.table import Table

import line1555
from line1555.cli.report import CHIEF, _by_the_clock, _print, _write
from line1555.screen import Screen
from tests.line1555.readers.test_board import busy

WIDTHS = ("20", "80", "132")


@pytest.fixture(params=WIDTHS)
def width(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    monkeypatch.setenv("COLUMNS", request.param)
    yield int(request.param)


def intervals() -> dict[str, dict[str, Any]]:
    """A day of 25 hours, as the reports have it."""
    first = datetime(2026, 10, 24, 21, tzinfo=UTC)
    times = (first + timedelta(minutes=30 * n) for n in range(50))
    figures = dict.fromkeys(CHIEF, 1234.567)
    return {at.astimezone(ZoneInfo("Europe/Athens")).isoformat(): {**figures, "more": {}} for at in times}


def test_a_place_in_a_file_is_no_picture(capsys: pytest.CaptureFixture[str]) -> None:
    Screen().print("queues.yaml:100: [red]a[/red] found :smile: and [0]", style="red")
    assert capsys.readouterr().out == "queues.yaml:100: [red]a[/red] found :smile: and [0]\n"


def test_words_in_tables_are_shown_as_they_are(capsys: pytest.CaptureFixture[str], width: int) -> None:
    table = Table("a:100:", title="menus.yaml:100:1")
    table.add_row("[bold]x[/bold] :warning:")
    Screen().print(Group("text", table))
    shown = capsys.readouterr().out
    assert "a:100:" in shown and "menus.yaml:100:1" in shown and "[bold]x[/bold] :warning:" in shown


def test_no_figure_and_no_label_is_cut(capsys: pytest.CaptureFixture[str], width: int) -> None:
    rows = _by_the_clock(intervals())
    _print("2026-10-25 by interval", rows)
    shown = capsys.readouterr().out
    assert "…" not in shown and all(name in shown for name in CHIEF)
    for label in rows:
        (line,) = (line for line in shown.splitlines() if f" {label} " in line)
        assert line.count("1234.567") == len(CHIEF)


def test_the_time_is_enough_but_in_the_hour_that_comes_twice() -> None:
    labels = list(_by_the_clock(intervals()))
    assert labels[:2] == ["00:00", "00:30"] and len(set(labels)) == 50
    assert [label for label in labels if label.startswith("03")] == [
        "03:00+03:00", "03:30+03:00", "03:00+02:00", "03:30+02:00",
    ]  # fmt: skip


def test_a_table_for_greek_spreadsheets(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _write(str(tmp_path / "day.csv"), "interval", intervals())
    assert capsys.readouterr().out == f"wrote {tmp_path / 'day.csv'}: 50 rows\n"
    raw = (tmp_path / "day.csv").read_bytes()
    lines = raw.decode("utf-8-sig").splitlines()
    assert raw.startswith(b"\xef\xbb\xbf") and len(lines) == 51
    assert lines[0].split(";") == ["interval", *CHIEF]
    assert lines[1].split(";")[:2] == ["2026-10-25T00:00:00+03:00", "1234,567"]
    _write("-", "interval", {})
    assert capsys.readouterr().out == "interval\r\n"


def test_the_board_shows_whole_ids_and_labels(capsys: pytest.CaptureFixture[str], width: int) -> None:
    from line1555.readers import board

    snapshot = busy(140)
    snapshot["agents"] = {f"agent{number:03}": one for number, one in enumerate(snapshot["agents"].values(), 1)}
    for name, queue in snapshot["queues"].items():
        queue["label"] = f"Γενικές πληροφορίες {name}"
    Screen().print(board.render(snapshot, "el"))
    shown = capsys.readouterr().out
    inside = [name for name, one in snapshot["agents"].items() if one["state"] != "logged_out"]
    assert all(name in shown for name in inside)
    assert all(f"Γενικές πληροφορίες {name}" in shown for name in snapshot["queues"])


TEXT = "register as agent011 at 127.0.0.1:5060, " * 10


@pytest.mark.parametrize("stderr", [False, True])
def test_a_pipe_gets_every_line_whole(capsys: pytest.CaptureFixture[str], width: int, stderr: bool) -> None:
    titled, wide = Table("a", title=f"title {TEXT}"), Table("b")
    titled.add_row("1")
    wide.add_row(TEXT)
    Screen(stderr=stderr).print(f"text {TEXT}", Group(f"part {TEXT}", titled, wide))
    shown = [line.strip() for line in "".join(capsys.readouterr()).splitlines()]
    assert {f"{word} {TEXT}".strip() for word in ("text", "part", "title")} <= set(shown) and f"│ {TEXT} │" in shown


def test_a_terminal_folds_them(capsys: pytest.CaptureFixture[str], width: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    Screen().print(TEXT)
    assert max(map(len, capsys.readouterr().out.splitlines())) <= width


def test_the_board_in_a_file_has_whole_lines(capsys: pytest.CaptureFixture[str], width: int) -> None:
    from line1555.readers import board

    snapshot = busy(12)
    snapshot["notices"][-1]["detail"] = TEXT
    Screen().print(board.render(snapshot, "en"))
    assert TEXT in capsys.readouterr().out


def test_everything_is_printed_in_this_way() -> None:
    """Another console would bring rich's markup and emoji back."""
    sources = (path for path in Path(line1555.__file__).parent.glob("**/*.py") if path.name != "screen.py")
    assert [path.name for path in sources if re.search(r"\bConsole\(", path.read_text("utf-8"))] == []
