"""JSON Schemas of a site's files, made from the models that read them: editors complete and check by them as we do.

``line1555 check`` finds what a schema cannot express (whether a name exists, whether a loop has an exit).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from . import schema, schema_line, schema_menus
from .site import SiteSettings
from .tests_file import TestsFile

MODELS: Mapping[str, type[BaseModel]] = {
    "line": schema_line.LineFile,
    "menus": schema_menus.MenusFile,
    "prompts": schema.PromptsFile,
    "queues": schema.QueuesFile,
    "agents": schema.AgentsFile,
    "site": SiteSettings,
    "tests": TestsFile,
}
"""Models by the file's name, without ``.yaml``; ``tests`` for every file in the folder of that name."""

DIALECT = "http://json-schema.org/draft-07/schema#"
"""The dialect that yaml-language-server understands (2019-09 and 2020-12: its issue 1112); the schemas use nothing
newer."""


def json_schema(name: str) -> dict[str, Any]:
    """Give the schema of ``<name>.yaml``. Raises ``KeyError`` for an unknown file."""
    made: dict[str, Any] = _plain(MODELS[name].model_json_schema())
    return {"$schema": DIALECT, **made, "title": f"{name}.yaml"}


def write(folder: Path) -> list[Path]:
    """Write all schemas into a folder, as ``<name>.json``."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name in MODELS:
        file = folder / f"{name}.json"
        file.write_text(json.dumps(json_schema(name), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        written.append(file)
    return written


def _plain(part: Any) -> Any:
    """Remove pydantic's titles and empty defaults; keys that match no pattern are refused, as by the loader."""
    if isinstance(part, list):
        return [_plain(item) for item in part]
    if not isinstance(part, dict):
        return part
    plain = {key: _plain(value) for key, value in part.items()}
    if isinstance(plain.get("title"), str):
        del plain["title"]
    if plain.get("default", ...) is None or isinstance(plain.get("default"), dict):
        del plain["default"]
    if "patternProperties" in plain:
        plain["additionalProperties"] = False
    return plain
