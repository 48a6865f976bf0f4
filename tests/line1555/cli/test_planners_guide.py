"""The planner's guide can be followed to the letter: its commands work, print what it shows and draw its pictures.

Each command runs as it stands there, in the same order, with few replications of an hour of a small line: figures
differ then, words do not. The guide's own figures are checked against the outputs that are pasted beside them.
"""

from __future__ import annotations

import json
import re
import shlex
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree

import pytest
from typer.testing import CliRunner

from line1555.cli.main import app
from line1555.cli.scenario_files import SHIPPED
from sites.yamlfile import read

ROOT = Path(__file__).resolve().parents[3]
GUIDE = ROOT / "docs" / "planners-guide.md"
TEXT = GUIDE.read_text("utf-8")
WIDTH = "120"
"""Columns of the terminal in which the outputs of the guide were printed."""
SVG = "{http://www.w3.org/2000/svg}"


@dataclass(frozen=True, slots=True)
class Step:
    """A command of the guide and what it prints there; nothing where the guide leaves it out."""

    command: str
    printed: str


def steps() -> list[Step]:
    """Every ``$`` line of the guide's console blocks, continued ones joined, with the output below it."""
    blocks = re.findall(r"```console\n(.*?)```", TEXT, re.DOTALL)
    parts = [part for block in blocks for part in re.split(r"^\$ ", block.replace("\\\n", " "), flags=re.MULTILINE)[1:]]
    return [Step(*(found.strip() for found in part.partition("\n")[::2])) for part in parts]


STEPS = steps()


def small(word: str) -> str:
    """Where the word names a scenario: a copy for an hour of a night with some calls a minute, of all topics alike."""
    path = next((path for path in (Path(word), SHIPPED / f"{word}.yaml") if path.is_file()), None)
    if path is None or path.suffix != ".yaml":
        return word
    document, problems = read(path)
    assert document is not None and not problems
    said = document.value
    said.pop("days")
    topics = said["demand"]["topics"]
    alike = {name: {**topic, "share": round(1 / len(topics), 4)} for name, topic in topics.items()}
    said["demand"] |= {"per_day": 1500, "curve": None, "special_days": [], "topics": alike}
    copy = Path("small") / path.name
    copy.parent.mkdir(exist_ok=True)
    copy.write_text(json.dumps(said | {"hours": 1, "warm_up_min": 0}), "utf-8")
    return str(copy)


FEW = {"--runs": "2", "--rounds": "1", "--people": "12", "--teach": "2"}


def quick(words: list[str]) -> list[str]:
    """The same command with two replications and a round of a small scenario; ``--rounds 0`` stays."""
    kept = [small(word) for word in words]
    for at, word in enumerate(kept[:-1]):
        if word in FEW and kept[at + 1] != "0":
            kept[at + 1] = FEW[word]
    simulates = kept[0] in ("simulate", "staff")
    more = [] if "--runs" in kept else ["--runs", FEW["--runs"]]
    return [*kept, *more, "--jobs", "1"] if simulates else kept


@pytest.fixture(scope="module")
def followed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """What each command printed to somebody who followed the guide in this folder."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.mktemp("planner"))
        patch.setenv("COLUMNS", WIDTH)
        Path("simulator").symlink_to(ROOT / "simulator")
        yield {step.command: _printed(step.command) for step in STEPS}


def _printed(command: str) -> str:
    first, *words = shlex.split(command)
    if first != "line1555":
        subprocess.run(["bash", "-euc", command], check=True)
        return ""
    result = CliRunner().invoke(app, quick(words))
    assert result.exit_code == 0, (command, result.output)
    return result.stdout


def words_of(printed: str) -> set[str]:
    """The words of the tables' heads and first lines: what does not depend on figures."""
    heads = re.findall(r"^┃.*┃$", printed, re.MULTILINE)
    return set(re.findall(r"[a-zA-Z]{2,}", " ".join(heads)))


def test_every_kind_of_question_is_there() -> None:
    commands = " ".join(step.command for step in STEPS)
    for asked in ("--vary seats=", "--vary topic.dypa=", "--vary teach.lang.en=", "line1555 staff ", "--plots "):
        assert asked in commands
    assert len({step.command for step in STEPS}) == len(STEPS) > 8


@pytest.mark.timeout(300)
def test_it_can_be_followed(followed: dict[str, str]) -> None:
    """To the end; and each command still prints tables of the kind that the guide shows."""
    for step in STEPS:
        assert words_of(step.printed) <= words_of(followed[step.command]), step.command


@pytest.mark.timeout(300)
def test_pictures_are_what_the_commands_draw(followed: dict[str, str]) -> None:
    """Each picture of the guide, at the place where its command puts it, with the same words; small enough."""
    found = re.findall(r"!\[(.+?)\]\(pictures/planner/(\S+?)\)", TEXT)
    assert len(found) >= 4
    for about, name in found:
        kept, drawn = ROOT / "docs" / "pictures" / "planner" / name, Path("my-pictures") / name
        assert kept.stat().st_size < 150_000
        assert texts_of(kept) - texts_of(drawn) == set(), name
        assert about.startswith(title_of(kept)), name


def texts_of(file: Path) -> set[str]:
    """What stands in a picture, without figures and times."""
    said = ("".join(text.itertext()).strip() for text in ElementTree.parse(file).iter(f"{SVG}text"))
    return {text for text in said if re.search(r"[^\W\d]{2}", text)}


def title_of(file: Path) -> str:
    return (ElementTree.parse(file).getroot().findtext(f"{SVG}title") or "").partition(",")[0]


def test_no_picture_is_left_over() -> None:
    folder = ROOT / "docs" / "pictures" / "planner"
    assert {str(file.relative_to(folder)) for file in folder.rglob("*.svg")} == set(
        re.findall(r"\(pictures/planner/(\S+?)\)", TEXT)
    )


def sections() -> list[str]:
    return TEXT.split("\n## ")[1:]


def figures(section: str) -> list[str]:
    """What stands in bold in its prose and has a figure: ``85.42% ±3.38%``."""
    prose = re.sub(r"```.*?```", "", section, flags=re.DOTALL)
    return [said for said in re.findall(r"\*\*(.+?)\*\*", prose, re.DOTALL) if re.search(r"\d", said)]


@pytest.mark.parametrize("section", sections(), ids=lambda section: section.partition("\n")[0])
def test_every_answer_stands_in_an_output(section: str) -> None:
    """A figure in bold, and its interval, are those of an output in the same section."""
    printed = "\n".join(step.printed for step in STEPS if step.command in section.replace("\\\n", " "))
    lines = [re.sub(r"[│+-]", " ", line).split() for line in printed.splitlines()]
    rows = list(pairwise([*lines, []]))
    for said in figures(section):
        mean, _, half = said.partition(" ±")
        found = [(line[at + 1 :], below) for line, below in rows for at, word in enumerate(line) if word == mean]
        halves = {half, f"±{half}"}
        assert found and (not half or any(halves & {*beside[:1], *below} for beside, below in found)), said


def test_there_are_answers() -> None:
    assert [len(figures(section)) > 3 for section in sections()] == [False, True, True, True, False]
