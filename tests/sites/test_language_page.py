"""The examples of docs/dialplan-language.md are read as they stand there."""

from __future__ import annotations

import re
import textwrap
from pathlib import Path

import pytest

from sites.nodes import TYPES
from sites.schema_menus import MenusFile
from tests.sites.test_loader import complaints

PAGE = Path(__file__).resolve().parents[2] / "docs" / "dialplan-language.md"
EXAMPLES = [block for block in re.findall(r"```yaml\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL) if "type:" in block]


@pytest.mark.parametrize("example", EXAMPLES, ids=[example.split(":")[0] for example in EXAMPLES])
def test_an_example_can_be_read(tmp_path: Path, example: str) -> None:
    assert complaints(tmp_path, "nodes:\n" + textwrap.indent(example, "  "), MenusFile) == []


def test_every_type_of_node_has_one() -> None:
    assert {found for example in EXAMPLES for found in re.findall(r"type: (\w+)", example)} == TYPES.keys()
