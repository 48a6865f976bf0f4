"""Files and links that the documents name are there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), ROOT / "benchmarks" / "README.md"])
NAMED = re.compile(r"`((?:[a-z0-9_-]+/)+[a-z0-9_]+\.(?:py|sh|yaml))`")
LINK = re.compile(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)")
EXAMPLES = ("tests/ways.yaml", "examples/")
"""What a reader is told to make."""


def named(page: Path) -> Iterator[str]:
    """Files of the tree, by their whole paths."""
    tops = {folder.name for folder in ROOT.iterdir() if folder.is_dir()}
    for path in NAMED.findall(page.read_text("utf-8")):
        if path.partition("/")[0] in tops and not path.startswith(EXAMPLES):
            yield path


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_what_a_page_names_is_there(page: Path) -> None:
    links = (page.parent / link for link in LINK.findall(page.read_text("utf-8")))
    files = (ROOT / path for path in named(page))
    assert [str(path.relative_to(ROOT)) for path in (*links, *files) if not path.resolve().exists()] == []
