"""Find the modules of the core that run compiled (``make compiled``), and refuse those that are older than the source.

Python takes a compiled module before its source: after an edit the old code would run, and nobody would know.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

TREE = Path(__file__).parent.parent
FOLDERS = ("calls", "agents", "queues", "acd", "ivr", "engine", "metrics", "simulator/model", "simulator/run")


class StaleError(Exception):
    """A compiled module is not what its source says."""


def compiled(tree: Path = TREE) -> Iterator[Path]:
    """The compiled modules that lie beside their sources."""
    for folder in FOLDERS:
        yield from sorted((tree / folder).glob("*.so"))


def refuse_stale(tree: Path = TREE) -> None:
    """Raises ``StaleError`` where a source is newer than what was compiled of it."""
    for module in compiled(tree):
        source = module.with_name(module.name.split(".")[0] + ".py")
        if source.exists() and source.stat().st_mtime > module.stat().st_mtime:
            raise StaleError(
                f"{source.relative_to(tree)}: newer than its compiled form; `make compiled` builds it again, "
                "`make plain` goes back to the source"
            )
