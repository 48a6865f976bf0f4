"""What an installation has: everything in the wheel, a line without the extras, a guard for names that are taken."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tomllib
import venv
import zipfile
from collections.abc import Sequence
from pathlib import Path

import pytest

from line1555 import compiled
from line1555.extras import EXTRAS, MissingExtra, needs, require
from line1555.start import taken_names

ROOT = Path(__file__).resolve().parents[2]
BUILD = "import sys; from setuptools import build_meta; build_meta.build_wheel(sys.argv[1])"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
WITHOUT = """
import sys
from importlib.abc import MetaPathFinder
class Without(MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in {lacks!r}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)
sys.meta_path.insert(0, Without())
sys.argv = ["line1555", *sys.argv[1:]]
from line1555.cli.main import main
main()
"""


def tree(target: Path) -> Path:
    """The tree without what was built or downloaded."""
    made = shutil.ignore_patterns(".*", "build", "dist", "*.egg-info", "*.so", "__pycache__")

    def ignored(folder: str, names: list[str]) -> set[str]:
        return {*made(folder, names), *(("tests", "docs", "run") if Path(folder) == ROOT else ())}

    return Path(shutil.copytree(ROOT, target, ignore=ignored))


def built(folder: Path, form: str) -> Path:
    """A wheel as pip builds it, but with the setuptools that is here, and with the builds that are here."""
    source = tree(folder / "tree")
    if form == "compiled":
        unfinished = shutil.ignore_patterns("making-*", "lock")
        shutil.copytree(ROOT / compiled.BUILDS, source / compiled.BUILDS, ignore=unfinished)
    env = {**os.environ, compiled.FORM: form}
    subprocess.run([sys.executable, "-c", BUILD, folder], cwd=source, env=env, check=True, capture_output=True)
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return built(tmp_path_factory.mktemp("wheel"), "plain")


def test_a_compiled_wheel(tmp_path: Path) -> None:
    """It is for this Python alone, has a module beside each source that was compiled, and runs them."""
    if compiled.fitting(ROOT)[0] is None:
        pytest.skip(compiled.fitting(ROOT)[1])
    made = built(tmp_path, "compiled")
    assert sys.implementation.cache_tag.replace("cpython-", "cp") in made.name
    with zipfile.ZipFile(made) as archive:
        archive.extractall(tmp_path / "installed")
    code = "from line1555.start import main; main()"
    env = {**os.environ, "PYTHONPATH": str(tmp_path / "installed"), compiled.FORM: ""}
    command = [sys.executable, "-c", code, "--version"]
    done = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True, check=True)
    assert done.stdout.strip().endswith("(compiled)")


def test_a_plain_wheel_is_for_every_python(wheel: Path) -> None:
    assert wheel.name.endswith("-py3-none-any.whl")


def test_the_wheel_has_all_that_the_product_reads(wheel: Path) -> None:
    """Every file of a package that is no Python, and the three folders that are no packages."""
    packages = [package.replace(".", "/") for package in PROJECT["tool"]["setuptools"]["packages"]]
    listed = {path for package in packages for path in (ROOT / package).rglob("*") if path.is_file()}
    wanted = {str(path.relative_to(ROOT)) for path in listed if path.suffix not in (".pyc", ".so")}
    for folder in ("dialplans", "asterisk-config", "monitoring"):
        files = (path for path in (ROOT / folder).rglob("*") if path.is_file())
        wanted |= {f"line1555/shipped/{path.relative_to(ROOT)}" for path in files}
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    assert wanted - names == set()
    assert {name.split("/")[0] for name in names if ".dist-info" not in name} <= {p.split("/")[0] for p in packages}


def test_dev_has_every_extra() -> None:
    extras = PROJECT["project"]["optional-dependencies"]
    assert set(EXTRAS) == set(extras) - {"dev", "all"}
    assert "line1555[all]" in extras["dev"] and extras["all"] == [f"line1555[{','.join(EXTRAS)}]"]


def without(*arguments: str, lacks: Sequence[str] = ()) -> subprocess.CompletedProcess[str]:
    """The command where none of the extras is installed."""
    code = WITHOUT.format(lacks=set(lacks) or {module for modules in EXTRAS.values() for module in modules})
    return subprocess.run([sys.executable, "-c", code, *arguments], cwd=ROOT, capture_output=True, text=True)


@pytest.mark.parametrize(
    "arguments",
    [["check", "dialplans/1555", "--tests"], ["try", "--site", "dialplans/1555", "--keys", "1,1"], ["--version"]],
)
def test_a_line_needs_no_extra(arguments: list[str]) -> None:
    done = without(*arguments)
    assert (done.returncode, done.stderr) == (0, "")


def test_help_shows_what_is_not_here() -> None:
    done = without("--help")
    assert done.returncode == 0 and "simulate" in done.stdout and "Not here" in done.stdout


@pytest.mark.parametrize("command", ["simulate", "staff", "replay", "load"])
def test_a_planner_is_told_which_extra_is_missing(command: str) -> None:
    done = without(command, "1555-week", "--runs", "2")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.strip() == "numpy is not installed: pip install 'line1555[plan]'"


def test_only_what_belongs_to_an_extra_is_taken_for_it() -> None:
    with pytest.raises(MissingExtra, match=r"aiomqtt is not installed: pip install 'line1555\[mqtt\]'"), needs("mqtt"):
        raise ModuleNotFoundError("No module named 'aiomqtt'", name="aiomqtt")
    with pytest.raises(ModuleNotFoundError), needs("mqtt"):
        raise ModuleNotFoundError("No module named 'line1555.oops'", name="line1555.oops")
    require("plan")


def test_here_every_name_is_ours() -> None:
    assert list(taken_names()) == []


def test_a_name_that_another_distribution_has_taken(tmp_path: Path) -> None:
    """As `pip install openai-agents` does it: its `agents` is found first."""
    (tmp_path / "agents").mkdir()
    (tmp_path / "agents" / "__init__.py").write_text("class Agent: ...\n")
    info = tmp_path / "other_agents-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: other-agents\nVersion: 1.0\n")
    (info / "RECORD").write_text("agents/__init__.py,,\n")
    code = "from line1555.start import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", code, "--version"],
        cwd=tmp_path, env={**os.environ, "PYTHONPATH": f"{tmp_path}:{ROOT}"}, capture_output=True, text=True,
    )  # fmt: skip
    (said,) = done.stderr.splitlines()
    assert done.returncode == 1
    assert said.startswith("line1555: other-agents has put its own package 'agents' in place of ours: install")


@pytest.mark.prove
@pytest.mark.timeout(1800)
def test_an_installed_product_runs_anywhere(wheel: Path, tmp_path: Path) -> None:
    """In a clean environment, outside the tree: an Asterisk, the line, the planner; and what a line weighs."""
    venv.create(tmp_path / "venv", with_pip=True)
    environment = {name: value for name, value in os.environ.items() if not name.startswith("LINE1555")}

    def does(*argv: str | Path) -> str:
        done = subprocess.run(argv, cwd=tmp_path, env=environment, capture_output=True, text=True)
        assert done.returncode == 0, f"{argv}\n{done.stdout}{done.stderr}"
        return done.stdout

    def weight() -> int:
        return sum(path.stat().st_size for path in (tmp_path / "venv").rglob("*") if path.is_file()) // 2**20

    program = tmp_path / "venv" / "bin" / "line1555"
    does(tmp_path / "venv" / "bin" / "pip", "install", "-q", "-c", ROOT / "constraints.txt", wheel)
    print(f"the line: {weight()} MB")
    assert weight() < 200
    assert does(program, "--version").startswith("line1555 ")
    assert "fine" in does(program, "check") and does(program, "try", "--keys", "1,1")
    assert "is ready" in does(program, "asterisk", "fetch")
    does(program, "init", tmp_path / "mine")
    told = does(
        program, "up", "--site", tmp_path / "mine" / "site", "--run", tmp_path / "run", "--plain", "--seconds", "5"
    )
    assert "The line is up" in told
    log = (tmp_path / "run" / "log" / "line1555.log").read_text("utf-8")
    assert "alembic" not in log
    does(tmp_path / "venv" / "bin" / "pip", "install", "-q", "-c", ROOT / "constraints.txt", f"{wheel}[plan]")
    print(f"with the planner: {weight()} MB")
    assert "service level" in does(program, "simulate", "1555-week", "--runs", "5").lower()
