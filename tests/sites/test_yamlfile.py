"""Plain values, their places, and every way a file can be refused: never a traceback."""

import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sites import yamlfile
from sites.yamlfile import MAX_BYTES, parse, read


def value(text: str) -> Any:
    document, problems = parse(text, "f.yaml")
    assert not problems
    assert document is not None
    return document.value


def said(text: str) -> list[str]:
    return [str(problem) for problem in parse(text, "f.yaml")[1]]


def test_plain_values() -> None:
    text = "a: 1\nb: 1.5\nc: yes\nd: true\ne: ~\nf: \"2\"\ng: [x, 010, 2024-01-01]\nh: 1e5\ni: .inf\nj: ''\n"
    assert value(text) == {
        "a": 1,
        "b": 1.5,
        "c": "yes",
        "d": True,
        "e": None,
        "f": "2",
        "g": ["x", 10, "2024-01-01"],
        "h": "1e5",
        "i": ".inf",
        "j": "",
    }


def test_keys_are_their_literal_text() -> None:
    assert value('0: a\n"0x": b\n11320: c\n"*": d\n0600: e\ntrue: f\nnull: g\n').keys() == {
        "0", "0x", "11320", "*", "0600", "true", "null",
    }  # fmt: skip


def test_positions_are_those_of_keys_and_items() -> None:
    document, _ = parse("a:\n  b: 1\n  c:\n  - x\n  - {d: 2}\n", "f.yaml")
    assert document is not None
    assert document.positions == {
        ("a",): (1, 1),
        ("a", "b"): (2, 3),
        ("a", "c"): (3, 3),
        ("a", "c", 0): (4, 5),
        ("a", "c", 1): (5, 5),
        ("a", "c", 1, "d"): (5, 6),
    }


def test_a_problem_below_what_is_there_points_to_the_nearest_place() -> None:
    document, _ = parse("a:\n  b: 1\n", "f.yaml")
    assert document is not None
    assert str(document.problem(("a", "x", "y"), "nothing", "z")) == "f.yaml:1:1: a.x.y: found nothing, expected z"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "f.yaml:1:1: (file): found an empty file, expected settings"),
        ("# only a comment\n", "f.yaml:1:1: (file): found an empty file, expected settings"),
        (
            "a: 1\nb:\n  c: 1\n  c: 2\n",
            "f.yaml:4:3: b.c: found the same key again, expected one (the first is in line 3)",
        ),
        ("a: &x 1\n", "f.yaml:1:4: a: found an anchor or alias (x), expected the value written out"),
        ("a: [*x]\n", "f.yaml:1:5: a.0: found an anchor or alias (x), expected the value written out"),
        ("a: !!int 3\n", "f.yaml:1:4: a: found a tag (tag:yaml.org,2002:int), expected a value without a tag"),
        ("a: {<<: {b: 1}}\n", "f.yaml:1:5: a: found a merge key (<<), expected the keys written out"),
        (
            '"a\\e[31m": 1\n"a\\e[31m": 2\n',
            "f.yaml:2:1: 'a\\x1b[31m': found the same key again, expected one (the first is in line 1)",
        ),
        ("? [a]\n: 1\n", "f.yaml:1:3: (file): found a key that is not plain text, expected a plain key"),
        ("a: 1\n--- \nb: 2\n", "f.yaml:2:1: (file): found a second document, expected one document in a file"),
        ("a:\n\tb: 1\n", "f.yaml:2:1: (file): found a tab, expected spaces to indent"),
        ("a: [1\nb: 2\n", None),
        ("a: 'x\n", None),
        ("a: b: c\n", None),
        ("%YAML 3.0\n---\na: 1\n", None),
    ],
)
def test_refusals(text: str, expected: str | None) -> None:
    complaints = said(text)
    assert len(complaints) == 1
    if expected is None:
        assert complaints[0].endswith("expected well-formed YAML")
    else:
        assert complaints == [expected]


def test_a_syntax_error_has_its_place() -> None:
    assert said("a: 1\nb: c: d\n") == [
        "f.yaml:2:5: (file): found mapping values are not allowed in this context, expected well-formed YAML"
    ]


@pytest.mark.parametrize(
    "character", ["\x00", "\x01", "\x7f", "\x85", "\u2028", "\u200b", "\u202e", "\ufeff", "\ufffe"]
)
def test_characters_nobody_can_see_have_their_place(character: str) -> None:
    assert said(f"a: 1\nά: {character}\n") == [
        f"f.yaml:2:4: (file): found character {character!r}, expected printable text"
    ]


def test_deep_nesting_is_refused_early() -> None:
    assert "very deep nesting" in said("[" * 5000)[0]
    assert "very deep nesting" in said("".join(f"{' ' * n}a:\n" for n in range(200)))[0]


def test_an_alias_bomb_is_refused_at_its_first_anchor() -> None:
    bomb = "a: &a [x, x]\n" + "".join(f"{b}: &{b} [*{a}, *{a}]\n" for a, b in zip("abcdefgh", "bcdefghi", strict=True))
    assert said(bomb) == ["f.yaml:1:4: a: found an anchor or alias (a), expected the value written out"]


GREAT = MAX_BYTES - 100
HOSTILE = {
    "values": "a: [" + "1, " * (GREAT // 3),
    "keys": "".join(f"k{n}: 1\n" for n in range(GREAT // 12)),
    "the same key": "a: 1\n" * (GREAT // 5),
    "the same keys below": "a: {" + "b: {c: 1}, " * (GREAT // 11) + "}",
    "an unclosed text": 'a: "' + "x" * GREAT,
    "an unclosed list": "a: [" + "x " * (GREAT // 2),
    "a long key": "x" * GREAT + ": 1",
    "a great number": "a: " + "9" * GREAT,
    "escapes": 'a: "' + "\\x41" * (GREAT // 4) + '"',
    "comments": "# x\n" * (GREAT // 4),
    "empty lines": "\n" * GREAT,
    "spaces": " " * GREAT,
    "dashes": "- " * (GREAT // 2),
    "question marks": "? " * (GREAT // 2),
    "colons": "a: " + ":" * GREAT,
    "brackets": "[" * GREAT,
    "braces": "{a: " * (GREAT // 4),
    "anchors": "".join(f"- &a{n} x\n" for n in range(GREAT // 14)),
    "directives": "%" * GREAT,
    "documents": "--- a\n" * (GREAT // 6),
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_no_file_takes_long(text: str) -> None:
    """The greatest files that are read at all: half a second each at most."""
    began = time.perf_counter()
    document, problems = parse(text, "f.yaml")
    seconds = time.perf_counter() - began
    assert document or 1 <= len(problems) <= yamlfile.MAX_PROBLEMS + 1
    assert all(len(str(problem)) < 1000 for problem in problems)
    assert seconds < 5


def test_a_number_nobody_means_stays_text() -> None:
    assert value("a: " + "9" * 5000)["a"] == "9" * 5000


def test_too_many_values(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(yamlfile, "MAX_VALUES", 100)
    assert "too many values" in said("a: [" + "1," * 200 + "]")[0]


def test_files_that_cannot_be_text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "f.yaml"
    assert "No such file" in str(read(path)[1][0])
    assert "Is a directory" in str(read(tmp_path)[1][0])
    path.write_bytes("a: ά\nb: ".encode() + b"\xff\n")
    assert str(read(path)[1][0]) == f"{path}:2:4: (file): found byte 0xff, expected text in UTF-8"
    monkeypatch.setattr(yamlfile, "MAX_BYTES", 5)
    assert "a huge file" in str(read(path)[1][0])


def test_a_byte_order_mark_is_no_part_of_the_text(tmp_path: Path) -> None:
    path = tmp_path / "f.yaml"
    path.write_bytes(b"\xef\xbb\xbfa: 1\r\n")
    document, problems = read(path)
    assert document is not None
    assert (document.value, problems) == ({"a": 1}, [])


PIECES = st.sampled_from(
    [*"{}[]:,&*!|>%@#-?'\"\t\n ~<", "a", "b: ", "\n  ", "- ", "1", "---\n", "...", "\x00", "\ud7ff", "é"]
)


@given(st.lists(PIECES, max_size=40).map("".join))
def test_any_text_is_a_value_or_problems(text: str) -> None:
    document, problems = parse(text, "f.yaml")
    assert document is not None or problems
    assert all(problem.line >= 1 and problem.column >= 1 for problem in problems)
