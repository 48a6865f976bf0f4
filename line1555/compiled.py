"""The compiled form of the busiest modules: which build fits the source that is here, and who finds its modules.

Builds lie in ``build/compiled`` of the tree, never beside the source; each names what it was made of, in ``sources``, a
list as ``sha256sum`` writes it. Python takes the modules of a build only where every file on that list is what it was,
to the byte; else the source runs. So old code cannot run, whoever edits, checks out or copies what.

Every Python of the tree's environment calls ``serve`` at its start (by a ``.pth`` file, written with the first build):
it imports nothing that is not there by then. A wheel has its compiled modules beside the source, and needs none of it.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from importlib.machinery import EXTENSION_SUFFIXES, ExtensionFileLoader, ModuleSpec
from importlib.util import spec_from_file_location
from pathlib import Path
from types import ModuleType

TREE = Path(__file__).resolve().parent.parent
FORM = "LINE1555_FORM"
"""Environment: ``plain`` runs the source; ``compiled`` refuses to run anything else; without it, what is there."""
SUFFIX = EXTENSION_SUFFIXES[0]
"""Ends the names of modules that were compiled for this very interpreter."""
BUILDS = Path("build", "compiled")
SOURCES = "sources"
CHOSEN_PLAIN = Path("build", "plain")
"""Is there after `make plain`, until `make compiled`."""
WITNESS = f"engine/line{SUFFIX}"
"""Where this one is compiled, all of the busiest modules are."""


class NotCompiledError(ImportError):
    """The compiled form was asked for, and there is none; the text says why."""


def serve(tree: Path = TREE) -> None:
    """Let the imports of this process find the compiled modules of a tree, if a build fits."""
    if (tree / "setup.py").exists() and not any(isinstance(finder, Finder) for finder in sys.meta_path):
        sys.meta_path.insert(0, Finder(tree))


def form() -> str:
    """Tell what runs: ``compiled``, or ``plain: `` and why. Raises ``NotCompiledError`` where only compiled will do."""
    for finder in sys.meta_path:
        if isinstance(finder, Finder):
            return f"plain: {finder.why}" if finder.build is None else "compiled"
    return "compiled" if (TREE / WITNESS).exists() else "plain: this installation has no compiled modules"


class Finder:
    """Finds the compiled modules of the build that fits; it is looked for at the first import out of the tree."""

    def __init__(self, tree: Path) -> None:
        self.tree = tree
        self._within = f"{tree}{os.sep}"
        self._chosen: tuple[Path | None, str] | None = None

    @property
    def build(self) -> Path | None:
        """The folder of the build that is to run, if one is."""
        return self._choice()[0]

    @property
    def why(self) -> str:
        """Says what is in the way of a build."""
        return self._choice()[1]

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Find a module of one of the tree's packages. Raises ``NotCompiledError`` where only compiled will do."""
        ours = path is not None and next(iter(path), "").startswith(self._within) and not name.startswith("line1555.")
        if not ours or self.build is None:
            return None
        file = f"{self.build / name.replace('.', '/')}{SUFFIX}"
        if not Path(file).exists():
            return None
        return spec_from_file_location(name, file, loader=ExtensionFileLoader(name, file))

    def _choice(self) -> tuple[Path | None, str]:
        if self._chosen is None:
            self._chosen = choose(self.tree)
        return self._chosen


def choose(tree: Path) -> tuple[Path | None, str]:
    """Give the build that is to run, or why it is none. Raises ``NotCompiledError`` where only compiled will do."""
    wanted = os.environ.get(FORM, "")
    if wanted == "plain":
        return None, f"{FORM} asks for it"
    if wanted != "compiled" and (tree / CHOSEN_PLAIN).exists():
        return None, "`make plain` asked for it; `make compiled` takes it back"
    build, why = fitting(tree)
    if build is None and wanted == "compiled":
        raise NotCompiledError(f"{FORM} asks for compiled modules: {why}")
    return build, why


def fitting(tree: Path) -> tuple[Path | None, str]:
    """Find the newest build of just this source for this interpreter, or say what is in its way."""
    whys = []
    for build in reversed(builds(tree)):
        if not (build / WITNESS).exists():
            whys.append(f"compiled for another Python; `make compiled` does it for {sys.implementation.cache_tag}")
        elif changed := next(differing(tree, build), ""):
            whys.append(f"{changed} has changed since it was compiled; `make compiled` does it again")
        else:
            return build, ""
    return None, next(iter(whys), "not compiled yet; `make compiled` does it")


def builds(tree: Path) -> list[Path]:
    """List all builds of a tree, the newest last."""
    made = (tree / BUILDS).glob(f"*/{SOURCES}")
    return sorted((sources.parent for sources in made), key=lambda build: build.stat().st_mtime)


def differing(tree: Path, build: Path) -> Iterator[str]:
    """Name the files that are not, to the byte, what a build was made of."""
    for row in (build / SOURCES).read_text("utf-8").splitlines():
        digest, _, name = row.partition("  ")
        if digest_of(tree / name) != digest:
            yield name


def digest_of(file: Path) -> str:
    """Give the SHA-256 of a file; empty where it is not there."""
    from hashlib import sha256  # only here: most processes of the environment import nothing of ours

    try:
        return sha256(file.read_bytes()).hexdigest()
    except OSError:
        return ""
