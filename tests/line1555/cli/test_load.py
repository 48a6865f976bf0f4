"""``line1555 load`` used wrongly: one message, status 2, and no Asterisk is started. Real calls: tests/live."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from line1555.cli.main import app


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["no-such"], "no scenario no-such"),
        (["erlang-a"], "expected a scenario with a site"),
        (["1555-week", "--from", "25:00"], "--from 25:00: expected a time of day such as 10:30"),
        (["1555-week", "--from", "noon"], "--from noon: expected a time of day"),
        (["1555-week", "--phones", "pyvoip", "--agents", "21"], "at most 20 with --phones pyvoip"),
        (["1555-week", "--minutes", "0.2", "--speed", "1", "--agents", "1", "--from", "04:00"], "nobody calls"),
        (["1555-week", "--agents", "141"], "equal to 140"),
    ],
)
def test_used_wrongly(tmp_path: Path, options: list[str], said: str) -> None:
    result = CliRunner().invoke(app, ["load", *options, "--run", str(tmp_path / "run")])
    assert result.exit_code == 2 and said in " ".join(result.output.split()), result.output
    assert not (tmp_path / "run").exists()
