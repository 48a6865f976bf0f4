"""The compiled form: what runs is what was asked for, and never anything else than what the source says."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

from line1555 import compiled

ROOT = Path(__file__).resolve().parents[2]
BUSY = ("acd.distributor", "agents.roster", "queues.order", "engine.line", "ivr.session", "simulator.run.replication")


def test_what_runs_is_what_was_asked_for() -> None:
    """``make test`` asks for each form by name: neither must be tested twice, and the other not at all."""
    wanted = os.environ.get(compiled.FORM) or compiled.form().partition(":")[0]
    suffixes = {name: "".join(Path(import_module(name).__file__ or "").suffixes) for name in BUSY}
    assert suffixes == dict.fromkeys(BUSY, compiled.SUFFIX if wanted == "compiled" else ".py")


def lay(tree: Path, name: str, source: str, suffix: str = compiled.SUFFIX) -> Path:
    """Make a build of a tree of one module."""
    module = tree / "engine" / "line.py"
    module.parent.mkdir(parents=True, exist_ok=True)
    module.write_text(source)
    build = tree / compiled.BUILDS / name
    (build / "engine").mkdir(parents=True)
    (build / "engine" / f"line{suffix}").touch()
    (build / compiled.SOURCES).write_text(f"{compiled.digest_of(module)}  engine/line.py\n")
    return build


def test_without_a_build_the_source_runs(tmp_path: Path) -> None:
    assert compiled.fitting(tmp_path) == (None, "not compiled yet; `make compiled` does it")


def test_a_build_of_just_this_source(tmp_path: Path) -> None:
    build = lay(tmp_path, "1", "one = 1\n")
    assert compiled.fitting(tmp_path) == (build, "")


def test_a_change_of_one_byte_makes_a_build_useless_until_it_is_taken_back(tmp_path: Path) -> None:
    """Times of files do not matter: a checkout, a copy, an editor that keeps them."""
    build = lay(tmp_path, "1", "one = 1\n")
    source = tmp_path / "engine" / "line.py"
    known = source.stat()
    source.write_text("one = 2\n")
    os.utime(source, (known.st_atime, known.st_mtime))
    assert compiled.fitting(tmp_path) == (
        None,
        "engine/line.py has changed since it was compiled; `make compiled` does it again",
    )
    source.write_text("one = 1\n")
    assert compiled.fitting(tmp_path) == (build, "")


def test_a_file_that_is_gone_is_a_change(tmp_path: Path) -> None:
    lay(tmp_path, "1", "one = 1\n")
    (tmp_path / "engine" / "line.py").unlink()
    assert compiled.fitting(tmp_path)[0] is None


def test_of_several_builds_the_one_that_fits(tmp_path: Path) -> None:
    """After a checkout to and fro nothing is compiled again."""
    lay(tmp_path, "1", "one = 1\n")
    build = lay(tmp_path, "2", "one = 2\n")
    lay(tmp_path, "3", "one = 3\n")
    (tmp_path / "engine" / "line.py").write_text("one = 2\n")
    assert compiled.fitting(tmp_path) == (build, "")


def test_a_build_for_another_python_is_none(tmp_path: Path) -> None:
    lay(tmp_path, "1", "one = 1\n", suffix=".cpython-39-x86_64-linux-gnu.so")
    build, why = compiled.fitting(tmp_path)
    assert build is None and why.startswith("compiled for another Python")


def test_plain_where_it_was_chosen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lay(tmp_path, "1", "one = 1\n")
    monkeypatch.setenv(compiled.FORM, "plain")
    assert compiled.choose(tmp_path) == (None, "LINE1555_FORM asks for it")
    monkeypatch.delenv(compiled.FORM)
    (tmp_path / compiled.CHOSEN_PLAIN).touch()
    assert compiled.choose(tmp_path) == (None, "`make plain` asked for it; `make compiled` takes it back")


def test_where_only_compiled_will_do_nothing_else_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(compiled.FORM, "compiled")
    with pytest.raises(compiled.NotCompiledError, match="not compiled yet"):
        compiled.choose(tmp_path)


PACKAGES = ("calls", "agents", "queues", "acd", "ivr", "engine", "metrics", "simulator", "sites", "line1555", "scripts")


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A copy of the tree's code and of its builds."""
    for name in PACKAGES:
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("setup.py", "pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, tmp_path)
    if (ROOT / compiled.BUILDS).exists():
        shutil.copytree(ROOT / compiled.BUILDS, tmp_path / compiled.BUILDS, ignore=shutil.ignore_patterns("making-*"))
    return tmp_path


ASK = """
from line1555 import compiled
compiled.serve()
import engine.line, calls.words
print(compiled.form(), engine.line.__file__, calls.words.__file__, sep="\\n")
"""


def told(tree: Path, **environment: str) -> list[str]:
    """What a new Python says runs in a tree."""
    env = {name: value for name, value in os.environ.items() if name != compiled.FORM}
    env |= {"PYTHONPATH": str(tree), **environment}
    done = subprocess.run([sys.executable, "-c", ASK], cwd=tree, env=env, capture_output=True, text=True, check=True)
    return done.stdout.splitlines()


def test_an_edit_and_its_undoing_in_the_tree(tree: Path) -> None:
    """Python run directly, without make: the source as soon as it is another, the build as soon as it fits again."""
    build, why = compiled.fitting(ROOT)
    if build is None:
        pytest.skip(why)
    file = tree / "engine" / "machine.py"
    before = file.read_text("utf-8")
    form, line, words = told(tree)
    assert (form, line.endswith(compiled.SUFFIX), words.endswith(compiled.SUFFIX)) == ("compiled", True, True)
    file.write_text(f"{before}# edited\n", "utf-8")
    why = "plain: engine/machine.py has changed since it was compiled; `make compiled` does it again"
    assert told(tree) == [why, str(tree / "engine" / "line.py"), str(tree / "calls" / "words.py")]
    file.write_text(before, "utf-8")
    assert told(tree)[0] == "compiled"


def test_without_a_compiler_the_line_runs_plain(tree: Path) -> None:
    """It is said in one line, and no failure."""
    shutil.rmtree(tree / compiled.BUILDS, ignore_errors=True)
    env = {**os.environ, "PYTHONPATH": str(tree), "PATH": "/nonexistent", compiled.FORM: ""}
    command = [sys.executable, "setup.py", "-q", "compiled"]
    done = subprocess.run(command, cwd=tree, env=env, capture_output=True, text=True, check=True)
    (said,) = done.stderr.splitlines()
    assert said.startswith("not compiled: there is no C compiler (") and said.endswith("the same figures")
    assert told(tree)[0] == "plain: not compiled yet; `make compiled` does it"


def test_what_a_build_depends_on() -> None:
    """A change of what compiled modules import is a change too: mypyc builds its types and constants in."""
    script = "from compile import _read_by_mypy as read; print(*read(['engine/line.py']))"
    env = {**os.environ, "PYTHONPATH": f"{ROOT}:{ROOT / 'scripts'}"}
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, env=env, capture_output=True, text=True, check=True)
    files = set(done.stdout.split())
    assert {"engine/line.py", "engine/state.py", "queues/settings.py", "calls/__init__.py", "calls/ids.py"} <= files
    assert not any(file.startswith(("line1555/", "simulator/", "telephony/")) for file in files)
