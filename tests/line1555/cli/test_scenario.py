"""``line1555 scenario``: the list, one scenario, and the schema that every shipped scenario fits."""

from __future__ import annotations

import json
from pathlib import Path

from typer.testing import CliRunner

from line1555.cli.main import app
from line1555.cli.scenario_files import SHIPPED

runner = CliRunner()


def test_the_list() -> None:
    result = runner.invoke(app, ["scenario", "--json", "--language", "el"])
    assert result.exit_code == 0
    about = json.loads(result.output)
    assert set(about) == {path.stem for path in SHIPPED.glob("*.yaml")}
    assert "ακριβείς" in about["erlang-a"]


def test_one() -> None:
    result = runner.invoke(app, ["scenario", "erlang-a"])
    assert result.exit_code == 0 and "Erlang A, exact" in result.output


def test_a_bad_one_ends_with_its_place(tmp_path: Path) -> None:
    file = tmp_path / "bad.yaml"
    file.write_text((SHIPPED / "erlang-a.yaml").read_text("utf-8").replace("count: 140", "count: -1"), "utf-8")
    result = runner.invoke(app, ["scenario", str(file)])
    assert result.exit_code == 2
    assert "bad.yaml:9:8: line.agents.0.count: found -1, expected at least 1" in result.stderr.replace("\n", "")


def test_an_unknown_one() -> None:
    result = runner.invoke(app, ["scenario", "erlang-b"])
    assert result.exit_code == 2 and "expected a YAML file, or one of" in result.stderr


def test_the_schema() -> None:
    result = runner.invoke(app, ["scenario", "--schema"])
    assert result.exit_code == 0
    schema = json.loads(result.output)
    assert {"about", "demand", "callers"} <= set(schema["required"])
    assert "from" in schema["$defs"]["Shift"]["properties"] and schema["additionalProperties"] is False
