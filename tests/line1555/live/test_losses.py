"""What `check` says of a site that can be read: what would keep the line from starting, and what is lost in silence."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from calls import SettingsError
from line1555.cli.main import app
from line1555.live import startable
from sites import hint, load_site
from sites.hints import GENERAL
from tests.sites.test_versions import SHIPPED, change


@pytest.fixture
def site(tmp_path: Path) -> Path:
    return Path(shutil.copytree(SHIPPED, tmp_path / "site", ignore=shutil.ignore_patterns("recordings")))


def told(site: Path) -> list[str]:
    """Problems as an admin reads them, without the folder."""
    with pytest.raises(SettingsError) as error:
        load_site(site, startable.problems)
    assert all(hint(problem) != GENERAL for problem in error.value.problems)
    return [str(problem).removeprefix(f"{site}/") for problem in error.value.problems]


def add(site: Path, file: str, text: str) -> None:
    with (site / file).open("a", encoding="utf-8") as rest:
        rest.write(text)


def checked(site: Path) -> Result:
    return CliRunner().invoke(app, ["check", str(site)])


# --- what keeps the line from starting --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("settings", "key", "expected"),
    [
        ("sip: {host: localhost}", "sip.host", "an IPv4 address of this machine, e.g. 127.0.0.1 (which is localhost)"),
        ("sip: {host: '::1'}", "sip.host", "an IPv4 address of this machine"),
        ("trunk: {match: [10.0.0.1/24]}", "trunk.match.0", "an IPv4 address or a network"),
        ("trunk: {match: ['fe80::/64']}", "trunk.match.0", "an IPv4 address or a network"),
        ('trunk: {contact: "sip:me@10.0.0.1"}', "trunk.contact", "a SIP address"),
        ('external_numbers: ["15900", "+302101234567"]', "external_numbers", "a telephone number in digits"),
    ],
)
def test_what_asterisk_cannot_take_is_refused_by_the_key_of_the_file(
    site: Path, settings: str, key: str, expected: str
) -> None:
    (site / "site.yaml").write_text(f"zone: Europe/Athens\n{settings}\n", "utf-8")
    problems = [problem for problem in told(site) if problem.startswith("site.yaml:2:")]
    assert [problem for problem in problems if f" {key}: " in problem and expected in problem], problems


def test_a_number_that_asterisk_cannot_take(site: Path) -> None:
    change(site, '  "11320":', '  "+302106241889":', "line.yaml")
    problems = told(site)
    found = [one for one in problems if "numbers: found '+302106241889'" in one]
    assert found and found[0].startswith("line.yaml:"), problems


def test_a_topic_that_the_survivable_menu_cannot_say(site: Path) -> None:
    """`check` passed it, and `publish` refused."""
    change(site, "  alone.insurance:", "  alone.insurrance:", "prompts.yaml")
    (problem,) = told(site)
    assert problem.startswith("prompts.yaml:") and "alone.insurance: found nothing" in problem
    assert checked(site).exit_code == 1


# --- what is lost in silence ------------------------------------------------------------------------------------------


def warned(site: Path) -> str:
    (warning,) = load_site(site).warnings
    assert hint(warning) != GENERAL and checked(site).exit_code == 0
    return str(warning).removeprefix(f"{site}/")


def test_the_shipped_site_loses_nothing() -> None:
    assert load_site(SHIPPED).warnings == ()


def test_a_skill_given_to_nobody_there_is(site: Path) -> None:
    add(site, "agents.yaml", "  agent999: {skills: {topic.general: 9}}\n")
    said = warned(site)
    assert said.startswith("agents.yaml:") and "agents.agent999: found an agent outside its like (agent001-" in said


def test_an_agent_of_a_range_or_of_another_kind_is_no_stranger(site: Path) -> None:
    add(site, "agents.yaml", "  agent140: {skills: {topic.pensions: 2}}\n  maria: {skills: {topic.general: 9}}\n")
    assert load_site(site).warnings == ()


def test_a_queue_that_no_topic_enters(site: Path) -> None:
    add(site, "queues.yaml", "  forgotten: {label: Forgotten}\n")
    assert "queues.forgotten: found a queue which nothing leads to" in warned(site)


def test_a_prompt_that_nobody_hears(site: Path) -> None:
    change(
        site,
        "  alone.insurance:",
        "  topic.forgotten: {el: Ξεχασμένο, en: Forgotten}\n  alone.insurance:",
        "prompts.yaml",
    )
    assert "prompts.topic.forgotten: found a prompt which nobody hears" in warned(site)


# --- letters and spaces that look like others -------------------------------------------------------------------------


def test_a_greek_letter_in_a_name_is_pointed_out(site: Path) -> None:
    change(site, "goto: role_dypa", "goto: rοle_dypa")
    assert any("'rοle_dypa' (letter 2, 'ο', is Greek)" in problem for problem in told(site))


def test_a_latin_letter_in_a_greek_word_is_pointed_out(site: Path) -> None:
    change(site, "goto: role_dypa", "goto: ΔΥΠA")
    assert any("(letter 4, 'A', is Latin)" in problem for problem in told(site))


@pytest.mark.parametrize("line", ["\u00a0 board_language: el", "board_language:\u00a0el", "board_language\u00a0: el"])
def test_a_non_breaking_space_is_told_in_its_line(site: Path, line: str) -> None:
    (site / "site.yaml").write_text(f"# one\nzone: Europe/Athens\n{line}\nexternal_numbers: []\n", "utf-8")
    (problem,) = told(site)
    assert (
        problem.startswith("site.yaml:3:")
        and "found a non-breaking space (U+00A0), expected an ordinary space" in problem
    )
