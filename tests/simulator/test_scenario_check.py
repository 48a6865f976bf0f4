"""Bad scenarios: each complaint once, with file, line, key, found and expected; and all of them at once."""

from __future__ import annotations

import re
from pathlib import Path
from textwrap import dedent

import pytest

from calls import SettingsError
from line1555.cli.scenario_files import DIALPLANS, SHIPPED, load_scenario

from .scenarios import PLAIN, SITE, plan_of

SHIPPED_NAMES = sorted(path.stem for path in SHIPPED.glob("*.yaml"))
TALK = "talk_s: {all: {exponential: {mean: 240}}"
SHIFT = '{count: 60, from: "07:30", to: "15:30"}'
SPECIAL = "special_days: [{date: '2026-11-23', name: x}]\n      per_day: 6000"


def problems(tmp_path: Path, text: str) -> list[str]:
    with pytest.raises(SettingsError) as refused:
        plan_of(tmp_path, text)
    return [str(problem) for problem in refused.value.problems]


def bad(text: str, *changes: str) -> str:
    """The text with old and new pairs replaced; each old one must be there."""
    for old, new in zip(changes[::2], changes[1::2], strict=True):
        assert old in text, old
        text = text.replace(old, new, 1)
    return text


COMPLAINTS = {
    "a negative rate": (bad(PLAIN, '"00:00": 80', '"00:00": -80'), r"per_hour\.00:00: found -80, expected at least 0"),
    "a topic without a queue": (
        bad(PLAIN, "        help: {per_hour", "        helper: {per_hour", "topics: {help:", "topics: {helper:"),
        r"demand\.topics\.helper: found a topic without a queue, expected a queue helper in line\.queues",
    ),
    "a topic the line does not know": (
        bad(SITE, "opeka: {share", "opeca: {share"),
        r"topics\.opeca: found unknown topic 'opeca', expected one of opeka, dypa",
    ),
    "nobody is skilled": (
        bad(PLAIN, "k.sales: 5, k.help: 5", "k.sales: 5"),
        r"topics\.help: found a topic nobody is skilled for in 'el', expected somebody at work with k\.help>=1",
    ),
    "a number": (bad(SITE, '"11320": 30', '"11321": 30'), r"numbers\.11321: found unknown number '11321', .* 11320"),
    "a language": (bad(SITE, "en: 5}", "fr: 5}"), r"demand\.languages\.fr: found unknown language 'fr', .* el, en"),
    "a role": (
        bad(SITE, "labour: {share: 0.02", "labour: {share: 0.02, roles: {boss: 1}"),
        r"labour\.roles\.boss: found unknown role 'boss', expected one of beneficiary, employer",
    ),
    "a number of a plain line": (
        bad(PLAIN, "topics:\n        sales", 'numbers: {"1555": 1}\n      topics:\n        sales'),
        r"demand\.numbers\.1555: found unknown number '1555', expected nothing here",
    ),
    "no way through the menus": (
        bad(SITE, "pensions: {share: 0.3", 'pensions: {share: 0.3, numbers: {"11320": 1}'),
        r"pensions\.numbers\.11320: found no way .* 11320 to 'pensions' in 'el', 'en', expected .* lead there: 1555",
    ),
    "only zeros": (
        bad(SITE, '{"1555": 1}', '{"1555": 0}'),
        r"demand\.numbers: found only zeros, expected at least one number above 0",
    ),
    "a special day outside the time": (
        bad(SITE, "per_day: 6000", SPECIAL.replace("23", "25")),
        r"special_days\.0\.date: found 2026-11-25, expected a day from 2026-11-23 to 2026-11-23",
    ),
    "hours the wrong way round": (
        bad(SITE, "per_day: 6000", SPECIAL.replace("name: x", 'name: x, hours: ["12:00", "09:00"]')),
        r"special_days\.0\.hours: found from 12:00 to 09:00, expected a beginning before the end",
    ),
    "a topic of a special day": (
        bad(SITE, "per_day: 6000", SPECIAL.replace("name: x", "name: x, topics: {dipa: 2}")),
        r"special_days\.0\.topics\.dipa: found unknown topic 'dipa', expected one of dypa",
    ),
    "times of a topic": (
        bad(PLAIN, "topics: {help:", "topics: {halp:"),
        r"talk_s\.topics\.halp: found unknown topic 'halp', expected one of help, sales",
    ),
    "a shift over 24 h": (
        bad(SITE, SHIFT, SHIFT.replace("15:30", "31:30")),
        r"shifts\.2\.to: found '31:30', expected a time of day",
    ),
    "breaks longer than the shift": (
        bad(SITE, SHIFT, SHIFT.replace("}", ", breaks: [{after_min: 60, min: 240}, {after_min: 301, min: 240}]}")),
        r"shifts\.2\.breaks: found breaks of 480 min, expected less than the shift of 480 min",
    ),
    "a break after the end": (
        bad(SITE, SHIFT, SHIFT.replace("}", ", breaks: [{after_min: 470, min: 15}]}")),
        r"shifts\.2\.breaks: found a break that ends 485 min after .* expected an end within the shift of 480 min",
    ),
    "two breaks at once": (
        bad(SITE, SHIFT, SHIFT.replace("}", ", breaks: [{after_min: 60, min: 30}, {after_min: 80, min: 15}]}")),
        r"shifts\.2\.breaks: found a break after 80 min, within the one before, expected one break at a time",
    ),
    "nobody for a shift": (
        bad(SITE, SHIFT, SHIFT.replace("}", ", who: {lang.fr: 5}}")),
        r"shifts\.2\.who: found .*lang\.fr.* which no agent satisfies",
    ),
    "steps without a beginning": (
        bad(PLAIN, '{"00:00": 40}', '{"08:00": 40}'),
        r'topics\.help: found no step from 00:00, expected steps from "00:00" on',
    ),
    "shares": (bad(SITE, "share: 0.4,", "share: 0.5,"), r"demand: found topics' shares that add up to 1\.1, expected"),
    "an unknown site": (bad(SITE, 'site: "1555"', 'site: "1556"'), r"site: found no site '1556' in .*, .* one of 1555"),
    "a figure that is known": (
        PLAIN + "    known: {mean_weit_s: {value: 1, source: x}}\n",
        r"known\.mean_weit_s: found unknown figure 'mean_weit_s', expected one of mean_wait_s",
    ),
    "a queue of a known figure": (
        PLAIN + "    known: {hulp.mean_wait_s: {value: 1, source: x}}\n",
        r"known\.hulp\.mean_wait_s: found unknown queue 'hulp', expected one of help",
    ),
    "a policy": (
        bad(PLAIN, "label: Sales,", "label: Sales, policy: longest_ide,"),
        r"line\.queues\.sales\.policy: found unknown policy 'longest_ide'",
    ),
    "an overflow": (
        bad(PLAIN, "label: Sales,", "label: Sales, overflow: [{when: nobody, queue: hulp}],"),
        r"queues\.sales\.overflow\.0\.queue: found unknown queue 'hulp', expected one of help",
    ),
    "half a measured column": (
        bad(PLAIN, TALK, "talk_s: {all: {empirical: {file: talks.csv}}"),
        r"talk_s\.all\.empirical: found file, expected values, or file and column",
    ),
}


@pytest.mark.parametrize("name", COMPLAINTS)
def test_complaint(tmp_path: Path, name: str) -> None:
    text, expected = COMPLAINTS[name]
    said = problems(tmp_path, text)
    assert len(said) == 1, said
    assert re.match(r".*scenario\.yaml:\d+:\d+: ", said[0]) and re.search(expected, said[0]), said[0]


def test_nobody_of_those_at_work(tmp_path: Path) -> None:
    """The line has people for every topic; those of the shifts know two."""
    shifts = """shifts:
        - {count: 3, from: "08:00", to: "16:00", who: "topic.dypa >= 8"}
"""
    said = problems(tmp_path, SITE.split("shifts:")[0] + shifts)
    assert any("topics.pensions: found a topic nobody is skilled for in 'en'" in line for line in said)
    assert not any("topics.dypa" in line or "topics.opeka" in line for line in said)


CSV = bad(PLAIN, TALK, "talk_s: {all: {empirical: {file: talks.csv, column: talk_s}}")


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (None, r"scenario\.yaml:\d+:\d+: .*empirical\.file: found talks\.csv: No such file"),
        ("", r"scenario\.yaml:\d+:\d+: .*empirical\.file: found talks\.csv: an empty file"),
        ("talk_s\n", r"empirical\.file: found talks\.csv with 0 values, expected at least 2 rows"),
        ("talk_s\n12\n", r"empirical\.file: found talks\.csv with 1 value, expected at least 2 rows"),
        (
            "call,talk\n1,2\n",
            r"empirical\.column: found no column 'talk_s' in talks\.csv, which .*, expected one of call, talk",
        ),
        ("talk_s\n12\nlong\n14\n", r"talks\.csv:3:1: talk_s: found 'long', expected seconds \(143\.5"),
        ("talk_s\n12\n-3\n14\n", r"talks\.csv:3:1: talk_s: found '-3', expected seconds"),
    ],
)
def test_measured_columns(tmp_path: Path, content: str | None, expected: str) -> None:
    if content is not None:
        (tmp_path / "talks.csv").write_text(content, encoding="utf-8")
    said = problems(tmp_path, CSV)
    assert len(said) == 1 and re.search(expected, said[0]), said


def test_a_column_that_is_good(tmp_path: Path) -> None:
    (tmp_path / "talks.csv").write_text("call,talk_s\n1,100\n2,300\n", encoding="utf-8")
    plan = plan_of(tmp_path, CSV)
    assert plan.scenario.callers.talk_s.all.mean_s == pytest.approx(200)


GREEK = "θέμα;ομιλία_s;νωρίς\r\nσυντάξεις;143,5;x\r\nασφάλιση;;x\r\nσυντάξεις;0:04:02;x\r\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1253"])
def test_a_column_of_a_greek_spreadsheet(tmp_path: Path, encoding: str) -> None:
    """Semicolons, decimal commas, durations; an empty cell (a call nobody answered) is left out and counted."""
    (tmp_path / "talks.csv").write_bytes(GREEK.encode(encoding))
    plan = plan_of(tmp_path, CSV.replace("column: talk_s", "column: ομιλία_s"))
    values = plan.scenario.callers.talk_s.all.empirical
    assert values is not None and values.values == [143.5, 242.0]
    (read,) = plan.columns
    assert (read.values, read.empty, read.separated_by) == (2, 1, "semicolons")
    assert read.encoding == encoding.removesuffix("-sig")


def test_shares_of_a_day_are_no_seconds(tmp_path: Path) -> None:
    (tmp_path / "talks.csv").write_text("talk_s\n0,00165509\n0,00280093\n".replace(",", "."))
    (said,) = problems(tmp_path, CSV)
    assert "shares of a day" in said and "[h]:mm:ss" in said


def test_all_at_once(tmp_path: Path) -> None:
    """Shapes, columns and the site; what refers to each other once these are right."""
    text = bad(CSV, '"00:00": 80', '"00:00": -80', "hours: 4", "hours: -4")
    assert len(problems(tmp_path, text)) == 3
    text = bad(SITE, '"11320": 30', '"11321": 30', "en: 5}", "fr: 5}", "opeka: {share", "opeca: {share")
    assert len(problems(tmp_path, text)) == 3


def test_problems_of_the_site_are_told_as_they_are(tmp_path: Path) -> None:
    site = tmp_path / "1555"
    site.mkdir()
    for file in (DIALPLANS / "1555").glob("*.yaml"):
        text = file.read_text("utf-8")
        (site / file.name).write_text(text.replace("  insurance: insurance ", "  insurance: insuranse "))
    scenario = tmp_path / "scenario.yaml"
    scenario.write_text(dedent(SITE.replace("seats: 100", "seats: -1")), encoding="utf-8")
    with pytest.raises(SettingsError) as refused:
        load_scenario(scenario, tmp_path)
    said = [str(problem) for problem in refused.value.problems]
    assert any("line.yaml" in line and "unknown queue 'insuranse'" in line for line in said)
    assert any("people.seats: found -1" in line for line in said)


@pytest.mark.parametrize("name", SHIPPED_NAMES)
def test_shipped(name: str) -> None:
    plan = load_scenario(SHIPPED / f"{name}.yaml", DIALPLANS)
    assert set(plan.scenario.about) == {"en", "el"}
    assert plan.scenario.known or plan.scenario.assumptions
