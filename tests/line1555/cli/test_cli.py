"""The command as a contract: help everywhere, exit status, JSON, no traceback for a user."""

from __future__ import annotations

import asyncio
import json
import shutil
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest
import typer
from typer.core import TyperGroup
from typer.main import get_command, get_group
from typer.testing import CliRunner

from control import status
from line1555.cli.ami_options import ami_settings
from line1555.cli.commands import COMMANDS as LISTED
from line1555.cli.default_site import DEFAULT_SITE
from line1555.cli.main import app, main

runner = CliRunner()
COMMANDS = (
    ["up"],
    ["status"],
    ["follow"],
    ["check"],
    ["graph"],
    ["report"],
    ["journey"],
    ["explain"],
    ["simulate"],
    ["scenario"],
    ["staff"],
    ["replay"],
    ["eligible"],
    ["prompts", "build"],
    ["prompts", "list"],
)


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_help(command: list[str]) -> None:
    result = runner.invoke(app, [*command, "--help"])
    assert result.exit_code == 0 and "Usage" in result.output


def test_check_the_shipped_site() -> None:
    result = runner.invoke(app, ["check", "--json"])
    assert result.exit_code == 0
    assert json.loads(result.output)["agents"] == 140


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    site = tmp_path / "site"
    shutil.copytree(DEFAULT_SITE, site)
    (site / "queues.yaml").write_text("queues:\n  insurance: {label: 5, requires: {topic.x: 99}}\n")
    return site


def test_check_tells_every_problem_with_its_place(broken: Path) -> None:
    result = runner.invoke(app, ["check", str(broken), "--json"])
    problems = json.loads(result.output)["problems"]
    assert result.exit_code == 1 and len(problems) > 1
    assert all(problem["line"] >= 1 and problem["expected"] and problem["hint"] for problem in problems)


def test_check_says_how_to_mend_each_problem(broken: Path) -> None:
    told = runner.invoke(app, ["check", str(broken)]).stderr.splitlines()
    assert any(line.startswith(f"{broken}/queues.yaml:2:") for line in told)
    assert "    put it in quotes" in "\n".join(told)


def test_a_warning_is_no_problem(tmp_path: Path) -> None:
    site = Path(shutil.copytree(DEFAULT_SITE, tmp_path / "site"))
    menus = (site / "menus.yaml").read_text("utf-8")
    (site / "menus.yaml").write_text(
        menus.replace("goto: other_topics}", 'goto: other_topics}\n      "6": {goto: agent}\n      "7": {goto: agent}'),
        "utf-8",
    )
    result = runner.invoke(app, ["check", str(site), "--json"])
    (warning,) = json.loads(result.output)["warnings"]
    assert result.exit_code == 0
    assert (warning["key"], warning["found"]) == ("nodes.topic.choices", "7 choices") and warning["hint"]
    assert "warning: " in runner.invoke(app, ["check", str(site)]).stderr


def test_up_with_a_broken_site_is_wrong_use(
    broken: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.argv", ["line1555", "up", "--site", str(broken), "--run", str(broken / "run")])
    with pytest.raises(SystemExit) as ended:
        main()
    told = capsys.readouterr().err
    assert ended.value.code == 2 and "queues.yaml:2" in told and "Traceback" not in told


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["status", "--run", "/nonexistent"], "line1555 up"),
        (["report", "--run", "/nonexistent"], "has the line been up"),
        (["report", "--by", "moon"], "expected one of"),
        (["report", "--day", "yesterday"], "YYYY-MM-DD"),
        (["up", "--ami", "nowhere"], "HOST:PORT"),
        (["up", "--node", "a b"], "letters and digits"),
    ],
)
def test_wrong_use_has_a_way_out(arguments: list[str], said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LINE1555_AMI_USER", raising=False)
    result = runner.invoke(app, arguments)
    assert result.exit_code in (1, 2)
    assert said in result.output


def test_ami_credentials_come_from_a_file_or_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "ami"
    file.write_text("line\nsecret\n")
    assert ami_settings("127.0.0.1:5038", file).username == "line"
    monkeypatch.setenv("LINE1555_AMI_USER", "other")
    monkeypatch.setenv("LINE1555_AMI_SECRET", "word")
    assert ami_settings("127.0.0.1:5038", None).secret == "word"


def test_graph_as_text(tmp_path: Path) -> None:
    out = tmp_path / "menus.dot"
    assert runner.invoke(app, ["graph", "-o", str(out)]).exit_code == 0
    assert "language" in out.read_text()


async def test_status_is_answered_by_the_running_line(tmp_path: Path) -> None:
    async def execute(_: object, by: str) -> dict[str, object]:
        return {}

    server = await status.serve(tmp_path, lambda: {"calls": {"waiting": 3}, "name": "Γραμμή"}, execute)
    assert (tmp_path / status.FILE).stat().st_mode & 0o777 == 0o600
    assert await asyncio.to_thread(status.ask, tmp_path) == {"calls": {"waiting": 3}, "name": "Γραμμή"}
    server.close()
    await server.wait_closed()


def test_the_engine_starts_without_what_planners_need() -> None:
    """Seconds of loading would be seconds in which callers wait for an engine that starts again."""
    loaded = (
        "import sys, line1555.cli.main;"
        "print(sorted({'numpy', 'scipy', 'matplotlib', 'distributed'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", loaded], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("name", LISTED)
def test_the_list_of_commands_says_what_each_says_itself(name: str) -> None:
    group = get_command(app)
    assert isinstance(group, TyperGroup)
    command = group.get_command(typer.Context(group), name)
    assert command is not None and command.help is not None
    assert (command.name, command.help.strip().splitlines()[0]) == (name, LISTED[name][1])


def test_every_command_of_the_modules_is_listed() -> None:
    """A command that is added to a module and not to the list would never be found."""
    for module in {module for module, _ in LISTED.values()}:
        alone = typer.Typer()
        import_module(f"line1555.cli.{module}").add(alone)
        assert set(get_group(alone).commands) <= set(LISTED)


HEAVY = ("sqlalchemy", "engine", "telephony", "numpy")
LOOK = f"""
import sys
from line1555.start import main
try:
    main()
except SystemExit:
    print("imported:", [name for name in {HEAVY} if name in sys.modules])
"""


@pytest.mark.parametrize("argv", [["--help"], ["status"]], ids=" ".join)
def test_what_is_asked_often_imports_little(argv: list[str], tmp_path: Path) -> None:
    run = [sys.executable, "-c", LOOK, *argv]
    looked = subprocess.run(run, capture_output=True, text=True, check=True, cwd=tmp_path)
    assert looked.stdout.splitlines()[-1] == "imported: []"
