"""The HTML report: self-contained, the same bytes again, every text escaped, and what is in it for whom."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

from simulator.ask import answer, vary
from simulator.ask.answer import Searched
from simulator.model.weekdays import DAYS
from simulator.report import report
from simulator.report.profile import Span, profile_of
from simulator.report.words import WORDS
from simulator.run.runs import Result, RunRequest
from simulator.scenario import Plan

from .made_up import figures_of, result_of
from .scenarios import PLAIN, one_group, plan_of

WEEK = PLAIN.replace("hours: 4", "days: 14").replace("help: {label: Help", 'help: {label: "Help & more"')
EVIL = "<script>alert('1 & 2')</script>"
VOID = frozenset({"meta", "br"})


class Reader(HTMLParser):
    """What a page holds; a tag that closes another one fails the test."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.feed(page)
        self.close()
        assert not self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.append(data.strip())

    def count(self, tag: str) -> int:
        return sum(known == tag for known, _ in self.tags)


@pytest.fixture
def week(tmp_path: Path) -> Result:
    """Two weeks of made-up service levels: the second Monday's first half hour is bad."""
    plan = plan_of(tmp_path, WEEK)
    levels = np.full(14 * 48, 0.9)
    levels[7 * 48] = 0.3
    return Result(plan, RunRequest(3), tuple(figures_of(plan, levels - 0.001 * run) for run in range(3)))


@pytest.fixture
def plan(tmp_path: Path) -> Plan:
    return plan_of(tmp_path, one_group(100))


@pytest.mark.parametrize("language", answer.LANGUAGES)
def test_a_page_needs_nothing_else(week: Result, language: str) -> None:
    page = report([week], [{}], language)
    read = Reader(page)
    assert read.count("script") == read.count("link") == read.count("img") == read.count("image") == 0
    assert "@import" not in page and not re.search(r"url\((?!#)", page)
    for _, attributes in read.tags:
        for name, value in attributes.items():
            assert "href" not in name or (value or "").startswith("#"), value
    ids = [attributes["id"] for _, attributes in read.tags if "id" in attributes]
    assert len(ids) == len(set(ids)), "several drawings on one page"
    assert read.count("svg") == 5 and answer.sentence(week, language) in read.texts
    assert page.startswith("<!DOCTYPE html>") and f'<html lang="{language}">' in page


def test_the_same_results_give_the_same_bytes(week: Result) -> None:
    assert report([week], [{}], "en") == report([week], [{}], "en")


def test_texts_stay_texts(week: Result) -> None:
    read = Reader(report([week], [{}], "el"))
    words = WORDS["el"]
    for text in (words["calls_axis"], words["level_axis"], words["day_clock_axis"].format(zone="Europe/Athens")):
        assert text in read.texts
    assert set(DAYS["el"]) <= set(read.texts)


def test_every_text_is_escaped(tmp_path: Path) -> None:
    text = PLAIN.replace("{en: a plain line}", f'{{en: "{EVIL}"}}').replace("hours: 4", "hours: 4\n    TAIL")
    tail = f'assumptions: ["{EVIL}"]\n    known: {{asa_s: {{value: 5, source: "{EVIL}"}}}}'
    page = report([result_of(plan_of(tmp_path, text.replace("TAIL", tail)), 0.9)], [{}], "en")
    assert "<script" not in page and page.count("&lt;script&gt;") == 3
    assert Reader(page).texts.count(EVIL) == 3


def test_queues_by_their_labels(week: Result) -> None:
    assert "Help & more" in Reader(report([week], [{}], "en")).texts


def test_an_average_week_begins_on_monday(week: Result) -> None:
    profile = profile_of(week)
    assert (profile.span, profile.size) == (Span.WEEK, 336)
    assert (profile.times == 2).all() and profile.mean(lambda f: f.offered.sum(axis=1))[5] == 1000
    levels = [level.mean for level in profile.levels()]
    assert levels[0] == pytest.approx((0.899 + 0.299) / 2, abs=0.002) and levels[1] == pytest.approx(0.899, abs=0.002)


def test_a_week_that_begins_on_a_thursday(tmp_path: Path) -> None:
    plan = plan_of(tmp_path, WEEK.replace("days: 14", "days: 7\n    starts: 2026-11-26"))
    levels = np.full(7 * 48, 0.9)
    levels[0] = 0.3
    profile = profile_of(Result(plan, RunRequest(1), (figures_of(plan, levels),)))
    assert int(np.argmin([level.mean for level in profile.levels()])) == 3 * 48


@pytest.mark.parametrize(("days", "span"), [(1, Span.DAY), (6, Span.DAY), (7, Span.WEEK)])
def test_shorter_runs(tmp_path: Path, days: int, span: Span) -> None:
    plan = plan_of(tmp_path, WEEK.replace("days: 14", f"days: {days}"))
    result = result_of(plan, 0.9, half_hours=48 * days)
    assert profile_of(result).span is span
    read = Reader(report([result], [{}], "en"))
    assert (WORDS["en"]["heat_plot"] in read.texts) is (days > 1), "one day is no map"


def test_a_few_hours_of_one_replication(tmp_path: Path) -> None:
    page = report([result_of(plan_of(tmp_path), 0.9, runs=1)], [{}], "en")
    assert WORDS["en"]["plots_hours"] in Reader(page).texts and "nan" not in " ".join(Reader(page).texts)


def test_occupancy_and_seats_of_a_half_hour(week: Result) -> None:
    profile = profile_of(week)
    assert profile.seated() == pytest.approx(1.0) and profile.occupancy() == pytest.approx(1000 / 1800)
    assert profile.waits(0.5)[3] == pytest.approx(5.5, abs=0.5)


def swept(plan: Plan, keys: list[str]) -> tuple[list[Result], list[dict[str, float]]]:
    varied = [vary.Vary(key, (0.9, 1.0, 1.1, 1.2)) for key in keys]
    changes = list(vary.combinations(varied))
    levels = [0.95 - 0.4 * (sum(change.values()) - 0.9 * len(keys)) ** 0.5 for change in changes]
    return [result_of(plan, level) for level in levels], changes


def test_a_sweep_of_one_key_is_a_curve(plan: Plan) -> None:
    results, changes = swept(plan, ["load"])
    read = Reader(report(results, changes, "en"))
    limit = answer.load_limit(
        [(c["load"], r["service_level"].mean) for c, r in zip(changes, results, strict=True)], 0.8
    )
    assert limit is not None and WORDS["en"]["limit"].format(value=f"{limit:.2f}") in read.texts
    assert read.count("svg") == 1 and WORDS["en"]["load"] in read.texts
    assert "line1555 simulate scenario --runs 4 --seed 1 --vary load=0.9:1.2:0.1" in read.texts


def test_a_sweep_of_two_keys_is_a_map(plan: Plan) -> None:
    read = Reader(report(*swept(plan, ["aht", "load"]), "el"))
    assert read.count("svg") == 1 and {WORDS["el"]["aht"], WORDS["el"]["load"]} <= set(read.texts)
    assert "95,0" in read.texts, "the first cell's figure, as Greek writes it"


def test_two_cases_are_compared(plan: Plan) -> None:
    """Both by half hour and by part, and a table of what changes in each."""
    results = [result_of(plan, 0.9), result_of(plan, 0.7)]
    page = report(results, [{"topic.sales": 1.0}, {"topic.sales": 2.0}], "el")
    read = Reader(page)
    assert read.count("svg") == 2 and "-20,0 ±0,0" in read.texts and WORDS["el"]["changes"] in read.texts
    assert "topic.sales = 2" in read.texts and "όλη η γραμμή" in read.texts
    assert "line1555 simulate scenario --runs 4 --seed 1 --vary topic.sales=1,2" in read.texts


def test_a_sweep_of_three_keys_is_a_table(plan: Plan) -> None:
    read = Reader(report(*swept(plan, ["aht", "load", "patience"]), "en"))
    assert read.count("svg") == 0 and read.count("tr") == 1 + 64


def test_what_was_searched_is_shown(plan: Plan) -> None:
    tried = {float(seats): result_of(plan, 0.7 + 0.01 * (seats - 100)) for seats in (100, 105, 112, 115)}
    needed = Searched(112, tried)
    read = Reader(report([tried[100]], [{}], "en", needed))
    assert WORDS["en"]["searched_seats"] in read.texts and "112" in read.texts
    assert any("112 seats would be" in text for text in read.texts)


def test_one_change_is_told(plan: Plan) -> None:
    read = Reader(report([result_of(plan, 0.9)], [{"load": 1.2}], "el"))
    assert "Με κίνηση (συντελεστής) = 1,2." in read.texts


def test_both_languages_have_the_same_words() -> None:
    assert WORDS["en"].keys() == WORDS["el"].keys() and len(DAYS["en"]) == len(DAYS["el"]) == 7
