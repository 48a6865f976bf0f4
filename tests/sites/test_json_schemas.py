"""The editor's schemas: they accept what we accept, and know most of what we refuse."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator
from pydantic import ValidationError
from typer.testing import CliRunner

from line1555.cli.default_site import DEFAULT_SITE
from line1555.cli.main import app
from sites import yamlfile
from sites.json_schemas import MODELS, json_schema, write
from tests.sites.mutants import SMALL, mutants


@cache
def validator(name: str) -> Draft7Validator:
    return Draft7Validator(json_schema(name))


def value(name: str, text: str) -> Any:
    document, problems = yamlfile.parse(text, name)
    assert document and not problems
    return document.value


@pytest.mark.parametrize("name", MODELS)
def test_they_are_schemas_and_the_sites_fit(name: str) -> None:
    Draft7Validator.check_schema(json_schema(name))
    file = f"{name}.yaml" if name != "tests" else "tests/ways.yaml"
    for text in filter(None, ((DEFAULT_SITE / file).read_text(encoding="utf-8"), SMALL.get(file))):
        assert list(validator(name).iter_errors(value(name, text))) == []


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("menus", {"nodes": {"a": {"type": "sai"}}}),
        ("menus", {"nodes": {"a": {"type": "say", "prompts": ["x"]}}}),
        ("menus", {"nodes": {"a": {"type": "queue", "quue": "x"}}}),
        ("menus", {"nodes": {"A": {"type": "queue"}}}),
        ("menus", {"nodes": {"a": {"type": "menu", "prompts": ["x"], "choices": {"10": {"goto": "a"}}}}}),
        ("menus", {"nodes": {"a": {"type": "transfer", "number": 15900, "otherwise": "a"}}}),
        ("menus", {}),
        ("line", {"languages": [], "numbers": {"1555": {"start": "a"}}, "topics": {}, "operator_queue": "q"}),
        ("queues", {"queues": {"q": {"label": "x", "ring_s": 1}}}),
        ("prompts", {"prompts": {"a": {"greek": "x"}}}),
        ("agents", {"codes": {"11": {"action": "log_in"}}, "agents": {"a001": {}}}),
        ("site", {"sip": {"port": 0}}),
    ],
)
def test_an_editor_complains(name: str, wrong: object) -> None:
    assert not validator(name).is_valid(wrong)
    with pytest.raises(ValidationError):
        MODELS[name].model_validate(wrong)


def test_no_false_alarm_and_few_mistakes_missed() -> None:
    """A schema knows no rules between keys; everything else it complains of as we do."""
    refused = noticed = 0
    for mutant in mutants(SMALL, 2000, seed=1):
        document, _ = yamlfile.decoded(mutant.raw, mutant.file)
        if document is None:
            continue
        name = mutant.file.removesuffix(".yaml")
        complains = not validator(name).is_valid(document.value)
        try:
            MODELS[name].model_validate(document.value)
        except ValidationError:
            refused, noticed = refused + 1, noticed + complains
        else:
            assert not complains, mutant
    assert noticed > 0.9 * refused > 100


def test_written_and_printed(tmp_path: Path) -> None:
    assert sorted(file.name for file in write(tmp_path / "new")) == sorted(f"{name}.json" for name in MODELS)
    printed = CliRunner().invoke(app, ["check", "--schema", "menus"])
    assert printed.exit_code == 0
    assert json.loads(printed.output) == json.loads((tmp_path / "new" / "menus.json").read_text(encoding="utf-8"))
    folder = CliRunner().invoke(app, ["check", "--schema-folder", str(tmp_path / "other")])
    assert folder.exit_code == 0 and (tmp_path / "other" / "site.json").is_file()
    assert CliRunner().invoke(app, ["check", "--schema", "moon"]).exit_code == 2
