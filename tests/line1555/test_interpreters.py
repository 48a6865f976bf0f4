"""Every Python that the product supports gives the same bytes, plain and compiled: the kept figures are the witness."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from line1555 import compiled

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
OTHERS = [f"3.{minor}" for minor in (11, 12, 13) if minor != sys.version_info.minor]
KEPT = ("tests/golden", "tests/simulator/run/test_golden.py", "tests/line1555/live/test_kept_state.py")
TOOLS = ("hypothesis", "mypy", "psutil", "pytest", "pytest-timeout", "pytest-asyncio", "setuptools")


def interpreter(version: str) -> Path | None:
    """Find a Python: on PATH, or one of pyenv's, whose names on PATH only work for the version that it has chosen."""
    pyenv = Path.home().glob(f".pyenv/versions/{version}.*/bin/python{version}")
    for found in (shutil.which(f"python{version}"), *map(str, pyenv)):
        if found and subprocess.run([found, "-c", "import ensurepip"], capture_output=True).returncode == 0:
            return Path(found)
    return None


@pytest.mark.prove
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("version", OTHERS)
def test_another_python_gives_the_same_bytes(version: str, tmp_path: Path) -> None:
    """In an environment and a copy of the tree of its own."""
    if (found := interpreter(version)) is None:
        pytest.skip(f"there is no Python {version} here")
    python = tmp_path / "venv" / "bin" / "python"
    subprocess.run([found, "-m", "venv", tmp_path / "venv"], check=True)
    wanted = [*PROJECT["dependencies"], *PROJECT["optional-dependencies"]["plan"], *TOOLS]
    pip = [python, "-m", "pip", "install", "-q", "--disable-pip-version-check", "-c", ROOT / "constraints.txt", *wanted]
    subprocess.run(pip, check=True)
    made = shutil.ignore_patterns(".*", "build", "run", "*.egg-info", "__pycache__")
    tree = Path(shutil.copytree(ROOT, tmp_path / "tree", ignore=made))

    def does(form: str, *command: str) -> None:
        env = {**os.environ, "PYTHONPATH": str(tree), compiled.FORM: form}
        done = subprocess.run([python, *command], cwd=tree, env=env, capture_output=True, text=True)
        assert done.returncode == 0, f"{version} {form} {command}\n{done.stdout[-5000:]}{done.stderr[-5000:]}"

    does("plain", "-m", "pytest", "-q", *KEPT)
    does("", "setup.py", "-q", "compiled")
    does("compiled", "-m", "pytest", "-q", *KEPT)
