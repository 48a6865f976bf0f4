"""The greatest and worst sites that fit the limits: refused or read in seconds, with few words."""

from __future__ import annotations

import shutil
import time
import tracemalloc
from pathlib import Path

import pytest

from calls import SettingsError
from line1555.cli.default_site import DEFAULT_SITE
from sites import load_site, yamlfile

LONG_S = 10.0
"""Ten times what the slowest takes on a busy machine with two processors."""


START = "nodes:\n  welcome_dypa: {type: queue}\n  welcome_insurance: {type: queue}\n  after_call: {type: goodbye}\n"
TOWARDS = START + "  welcome: {type: say, prompts: [welcome.greeting], next: n0}\n"
ALONE = START + "  welcome: {type: queue}\n"
NODES = 4900


def many(line: str, count: int, start: str = "") -> str:
    """The line over and over, ``#`` a number and ``@`` four letters in its place, ``+`` the next number."""
    letters = ("".join(chr(97 + n // size % 26) for size in (1, 26, 676)) for n in range(count))
    return start + "".join(
        line.replace("#", str(n)).replace("+", str(n + 1)).replace("@", name) + "\n" for n, name in enumerate(letters)
    )


def way(count: int, end: str) -> str:
    """One node after the other."""
    rest = f"  n{count}: {{type: say, prompts: [welcome.greeting], next: {end}}}\n"
    return many("  n#: {type: say, prompts: [welcome.greeting], next: n+}", count, TOWARDS) + rest


def asking(text: str) -> str:
    return f'queues:\n  general: {{label: x, requires: "{text}"}}\n'


LOST = "  n#: {type: say, prompts: [welcome.greeting], next: m#}"
HOSTILE: dict[str, tuple[str, str, str]] = {
    "a long way": ("menus.yaml", way(NODES, "welcome_dypa"), ""),
    "a long ring": ("menus.yaml", way(NODES, "n0"), "a loop without exit: n0 -> n1 ->"),
    "nodes alone": ("menus.yaml", many("  n#: {type: queue}", NODES, ALONE), "a node no caller can reach"),
    "unknown targets": ("menus.yaml", many(LOST, NODES, TOWARDS), "unknown node 'm1"),
    "fewer unknown targets": ("menus.yaml", many(LOST, 1900, TOWARDS), "unknown node 'm1"),
    "too many nodes": ("menus.yaml", way(9000, "n0"), "expected at most 5000"),
    "nodes without a type": ("menus.yaml", many("  n#: {a: 1}", 20_000, "nodes:\n"), "20,000 problems"),
    "prompts in no language": ("prompts.yaml", many("  n#: {}", 19_000, "prompts:\n"), "no translation"),
    "long texts": ("prompts.yaml", many(f"  n#: {{el: {'ά' * 1001}}}", 900, "prompts:\n"), "at most 1,000 characters"),
    "braces": ("prompts.yaml", many(f'  n: {{el: "{"{" * 990}"}}', 1, "prompts:\n"), "without { }"),
    "huge ranges": ("agents.yaml", many("  @0001-@4999: {}", NODES, "codes: {}\nagents:\n"), "expected at most 5,000"),
    "many queues": ("queues.yaml", many("  q#: {label: x, requires: s#}", 200, "queues:\n"), "nobody who could serve"),
    "a long expression": ("queues.yaml", asking("a or " * 100_000 + "a"), "at most 2,000 characters"),
    "a deep expression": ("queues.yaml", asking("(" * 1900), "brackets in brackets"),
    "a great level": ("queues.yaml", asking("a >= " + "9" * 1900), "a level, 1 to 10"),
}  # fmt: skip


@pytest.mark.parametrize(("file", "text", "said"), HOSTILE.values(), ids=HOSTILE)
def test_no_site_takes_long(tmp_path: Path, file: str, text: str, said: str) -> None:
    folder = Path(shutil.copytree(DEFAULT_SITE, tmp_path / "site", ignore=shutil.ignore_patterns("tests")))
    (folder / file).write_text(text, encoding="utf-8")
    began = time.perf_counter()
    told = problems(folder)
    assert time.perf_counter() - began < LONG_S
    assert said in "\n".join(told) and bool(told) is bool(said)
    assert len(told) < 1000 and max(map(len, told), default=0) < 1000


def test_no_file_takes_much_memory() -> None:
    """The worst there is: as many small values as fit. They are counted before they are kept."""
    tracemalloc.start()
    _, refused = yamlfile.parse("a: [" + "1, " * 600_000, "f.yaml")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert refused and peak < 150_000_000


def problems(folder: Path) -> list[str]:
    try:
        load_site(folder)
    except SettingsError as refused:
        return [str(problem) for problem in refused.problems]
    return []
