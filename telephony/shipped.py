"""Find the files that belong to the code: at the top of the tree, or within the packages where it is installed."""

from __future__ import annotations

import os
import sys
from pathlib import Path

HOME = "LINE1555_ASTERISK"
"""The environment variable that names another folder for Asterisk."""
_HERE = Path(__file__).resolve().parents[1]


def in_tree() -> bool:
    """Tell whether this is a checkout, and not what a wheel has installed."""
    return (_HERE / "pyproject.toml").is_file()


def shipped(name: str) -> Path:
    """The folder ``name``: ``dialplans``, ``asterisk-config``, ``monitoring``. setup.py puts it into the wheel."""
    return _HERE / name if in_tree() else _HERE / "line1555" / "shipped" / name


def asterisk_home() -> Path:
    """Folder into which `line1555 asterisk fetch` puts an Asterisk: it belongs to the environment it runs in."""
    if named := os.environ.get(HOME):
        return Path(named).absolute()
    return _HERE / ".asterisk" if in_tree() else Path(sys.prefix, "share", "line1555", "asterisk")
