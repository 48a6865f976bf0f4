"""Every kind of problem has a hint of its own."""

from collections.abc import Iterator

import pytest

from calls import Problem
from sites import Finding, hint, schema, schema_line, schema_menus, yamlfile
from sites.hints import GENERAL
from tests.sites.test_checker import WRONG

BROKEN = ("", "a: &x 1", "a: !t 1", "a: 1\na: 2", "a:\n\tb: 1", "a: 1\n---\nb: 2", "a: \x01", "[" * 50, "a: b: c", "a: 'x", "a: [1\nb: 2", "a\nb: 1", "a: @b", "a: {<<: {}}", "? [a]\n: 1", "a: 1\n b: 2", "a: ]")  # fmt: skip  # noqa: E501


def of(found: str, expected: str = "", key: str = "nodes.x") -> str:
    return hint(Problem("f.yaml", 1, 1, key, found, expected))


@pytest.mark.parametrize("finding", [case[2] for case in WRONG], ids=[case[0] for case in WRONG])
def test_whatever_the_checker_finds(finding: Finding) -> None:
    assert of(finding.found, finding.expected, ".".join(map(str, finding.keys))) != GENERAL


@pytest.mark.parametrize("text", BROKEN)
def test_whatever_is_no_yaml_of_ours(text: str) -> None:
    (problem, *_) = yamlfile.parse(text, "f.yaml")[1]
    assert hint(problem) != GENERAL


def expectations(part: object) -> Iterator[str]:
    """What the models expect of a text, as the editor's schemas tell it."""
    for value in part.values() if isinstance(part, dict) else part if isinstance(part, list) else ():
        yield from expectations(value)
    if isinstance(part, dict) and part.get("type") == "string" and "description" in part:
        yield part["description"]


MODELS = (schema_line.LineFile, schema_menus.MenusFile, schema.PromptsFile, schema.QueuesFile, schema.AgentsFile)
WORDS = {words for model in MODELS for words in expectations(model.model_json_schema())}
PLAIN = {"a number", "a whole number", "true or false", "a mapping", "a list", "at least 1", "at most 5", "'say'"}


@pytest.mark.parametrize("expected", sorted(WORDS | PLAIN))
def test_whatever_the_models_expect(expected: str) -> None:
    assert of("5", expected) != GENERAL


@pytest.mark.parametrize(
    ("found", "expected", "said"),
    [
        ("unknown node 'a'", "one of b", "correct the name"),
        ("6 choices", "at most 5, for a caller to remember", "a menu of their own"),
        ("a number", "nothing of the kind", GENERAL),
    ],
)
def test_hints(found: str, expected: str, said: str) -> None:
    assert said in of(found, expected)
