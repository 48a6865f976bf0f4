"""The program ``line1555``: it looks whether its own packages are its own before it imports any of them.

Their names are short (``agents``, ``queues``), and other distributions use them too: ``openai-agents`` brings an
``agents`` of its own, and pip lets it overwrite ours without a word. Whatever came of that would be a riddle.
"""

from __future__ import annotations

import base64
import hashlib
import sys
from collections.abc import Iterator
from importlib.metadata import Distribution, PackageNotFoundError, distribution, packages_distributions
from importlib.util import find_spec
from pathlib import Path

from . import compiled

OURS = (
    "calls",
    "agents",
    "queues",
    "acd",
    "ivr",
    "engine",
    "metrics",
    "sites",
    "sounds",
    "control",
    "telephony",
    "records",
    "simulator",
)
HERE = Path(__file__).resolve().parent.parent


def main() -> None:
    """The entry point."""
    if taken := next(taken_names(), ""):
        sys.exit(f"line1555: {taken}")
    compiled.serve()
    try:
        compiled.form()
    except compiled.NotCompiledError as error:
        sys.exit(f"line1555: {error}")
    from .cli.main import main as go_on

    go_on()


def taken_names(here: Path = HERE) -> Iterator[str]:
    """Find what is wrong with our packages, each in one line that says who has done it and what to do."""
    known = _installed()
    for name in OURS:
        spec = find_spec(name)
        file = Path(spec.origin).resolve() if spec and spec.origin else None
        if file != here / name / "__init__.py" or _is_changed(known, f"{name}/__init__.py", file):
            yield f"{_culprit(name)}: install line1555 into an environment of its own (a venv)"


def _installed() -> Distribution | None:
    try:
        return distribution("line1555")
    except PackageNotFoundError:
        return None


def _is_changed(known: Distribution | None, name: str, file: Path) -> bool:
    """Tell whether the file is another than the wheel has brought. An editable installation lists no such file."""
    for entry in (known.files if known else None) or ():
        if str(entry) == name and entry.hash is not None:
            digest = hashlib.new(entry.hash.mode, file.read_bytes()).digest()
            return base64.urlsafe_b64encode(digest).rstrip(b"=").decode() != entry.hash.value
    return False


def _culprit(name: str) -> str:
    others = sorted(set(packages_distributions().get(name, ())) - {"line1555"})
    return (
        f"{', '.join(others)} has put its own package {name!r} in place of ours"
        if others
        else f"our package {name!r} is gone or damaged"
    )
