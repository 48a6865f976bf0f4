"""What ``menus.yaml`` may say: shapes and ranges only; whether it fits is ``checker.py``'s."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from .nodes import NodePart
from .schema import Id, Strict


class MenusFile(Strict):
    """``menus.yaml``: the nodes callers walk through."""

    nodes: Annotated[dict[Id, NodePart], Field(min_length=1, max_length=5000)]
