"""Copies of the tree to be measured: as it is or of an older commit, plain or compiled, built once for each content.

They lie in ``build/trees``. So a benchmark never measures what somebody left compiled in the tree they work in, and two
states of the code run in turns with the same interpreter and the same packages.
"""

from __future__ import annotations

import hashlib
import os
import resource
import shutil
import subprocess
import sys
from collections.abc import Iterable
from importlib.metadata import version
from pathlib import Path
from time import perf_counter

ROOT = Path(__file__).resolve().parents[1]
TREES = ROOT / "build" / "trees"
DEBIAN = "/usr/bin/python3"
MORE = ("benchmarks/routing/router.py",)
"""Compiled with the product's modules, so that what a benchmark asks of them is asked natively."""
COMPILER = "scripts/compile.py"
MEASURES = "benchmarks/"
"""Laid anew each time: what measures is not what is measured."""
BESIDE = (MEASURES, "tests/", "docs/", "scripts/", "findings/", "monitoring/", "packaging/", "asterisk-config/")
"""What changes nothing in how the copy runs."""
BUILT = ".built"
"""A copy has this file once it is complete; it holds the seconds that compiling took, by the clock and of CPU."""


def ready(commit: str = "", *, compiled: bool) -> Path:
    """Make the copy, where it is not there yet: of the commit, or of the tree as it is now."""
    place = f"{commit or 'now'}-{'compiled' if compiled else 'plain'}"
    content = _of_commit(commit) if commit else _of_tree()
    target = TREES / f"{place}-{_digest(content, sys.version, version('mypy') if compiled else '')}"
    if not (target / BUILT).exists():
        for older in TREES.glob(f"{place}-*"):
            shutil.rmtree(older)
        target.mkdir(parents=True, exist_ok=True)
        _lay(commit, target)
        took, cpu_s = _compile(target, () if commit else MORE) if compiled else (0.0, 0.0)
        (target / BUILT).write_text(f"{took:.1f} {cpu_s:.1f}")
    if not commit:
        _copy(target, (name for name in _files() if name.startswith(MEASURES) and name not in MORE))
    return target


def built_s(tree: Path) -> tuple[float, float]:
    """Give the seconds that compiling the copy took, by the clock and of CPU."""
    took, cpu_s = (tree / BUILT).read_text().split()
    return float(took), float(cpu_s)


def children_s() -> float:
    """Give the CPU seconds (user and system) of all processes that this one started and that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def interpreter() -> str:
    """Name the interpreter, with a warning where it is not the one that the figures are compared on."""
    own = f"Python {sys.version.split()[0]} of {sys.base_prefix}"
    if Path(sys.base_prefix).resolve() == Path("/usr"):
        return own
    return (
        f"{own}\nWARNING: not Debian's. An interpreter built without PGO makes SimPy 1.9 times slower and the compiled "
        f"engine not, so ratios to peers are too good. `make clean && make setup PYTHON={DEBIAN}` makes one to compare."
    )


def environment(tree: Path, **more: str) -> dict[str, str]:
    """Give the environment in which a child imports that tree and no other, in the form that it was laid for."""
    form = "compiled" if "-compiled-" in tree.name else "plain"
    return os.environ | {"PYTHONPATH": str(tree), "PYTHONHASHSEED": "0", "LINE1555_FORM": form} | more


def _of_commit(commit: str) -> str:
    return _git("rev-parse", f"{commit}^{{commit}}").strip()


def _of_tree() -> str:
    """The contents of all files that decide how the copy runs."""
    found = hashlib.sha256()
    for name in _files():
        if name in (*MORE, COMPILER) or (
            name.endswith((".py", ".yaml", ".toml", ".csv")) and not name.startswith(BESIDE)
        ):
            found.update(name.encode() + (ROOT / name).read_bytes())
    return found.hexdigest()


def _files() -> list[str]:
    names = _git("ls-files", "-z", "--cached", "--others", "--exclude-standard").split("\0")
    return sorted(name for name in set(names) if name and (ROOT / name).is_file())


def _digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:10]


def _lay(commit: str, target: Path) -> None:
    if commit:
        kept = subprocess.run(["git", "-C", str(ROOT), "archive", commit], check=True, stdout=subprocess.PIPE).stdout
        subprocess.run(["tar", "-x", "-C", str(target)], input=kept, check=True)
        return
    _copy(target, _files())


def _copy(target: Path, names: Iterable[str]) -> None:
    for name in names:
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, target / name)


def _compile(tree: Path, more: tuple[str, ...]) -> tuple[float, float]:
    """Build as `make compiled` does; give the seconds it took, by the clock and of CPU."""
    print(f"compiling {tree.name} ...", file=sys.stderr, flush=True)
    began, spent = perf_counter(), children_s()
    asked = environment(tree, LINE1555_COMPILED="1", LINE1555_COMPILED_MORE=" ".join(more), LINE1555_FORM="plain")
    older = ("build_ext", "--inplace")  # as commits compile that laid compiled modules beside the source
    command = ("compiled",) if (tree / COMPILER).exists() else older
    subprocess.run(
        [sys.executable, "setup.py", "-q", *command], cwd=tree, env=asked, check=True, stdout=subprocess.DEVNULL
    )
    return perf_counter() - began, children_s() - spent


def _git(*words: str) -> str:
    return subprocess.run(["git", "-C", str(ROOT), *words], check=True, text=True, stdout=subprocess.PIPE).stdout
