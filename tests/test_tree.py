"""Every package of ours resolves into this tree and belongs to this distribution alone (docs/design.md section 2)."""

from __future__ import annotations

import importlib.util
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGES: list[str] = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]["packages"]
OWNERS = packages_distributions()


@pytest.mark.parametrize("package", PACKAGES)
def test_package_lives_here(package: str) -> None:
    spec = importlib.util.find_spec(package)
    assert spec is not None and spec.origin is not None
    assert Path(spec.origin).parent == ROOT.joinpath(*package.split("."))


@pytest.mark.parametrize("package", sorted({p.split(".")[0] for p in PACKAGES}))
def test_package_has_one_owner(package: str) -> None:
    assert set(OWNERS.get(package, ["line1555"])) == {"line1555"}


def test_every_package_folder_is_listed() -> None:
    tops = {p.split(".")[0] for p in PACKAGES}
    found = {str(f.parent.relative_to(ROOT)).replace("/", ".") for t in tops for f in (ROOT / t).rglob("__init__.py")}
    assert found == set(PACKAGES)
