"""The answer in plain words, in both languages."""

from __future__ import annotations

from pathlib import Path

import pytest

from simulator.ask import answer, tables
from simulator.ask.answer import Searched, SearchFailure, Verdict
from simulator.ask.answer_words import FINDINGS, LIMITS, SENTENCES, SWEEPS
from simulator.report import report
from simulator.run.runs import Result
from simulator.scenario import Plan
from tests.simulator.made_up import result_of
from tests.simulator.scenarios import plan_of


@pytest.fixture
def plan(tmp_path: Path) -> Plan:
    return plan_of(tmp_path)


def plainly(text: str) -> str:
    return text.replace("\N{NO-BREAK SPACE}", " ")


@pytest.mark.parametrize(
    ("level", "verdict"), [(0.9, Verdict.ENOUGH), (0.7, Verdict.NOT_ENOUGH), (0.801, Verdict.UNSURE)]
)
def test_the_whole_interval_decides(plan: Plan, level: float, verdict: Verdict) -> None:
    assert answer.verdict(result_of(plan, level)) is verdict


def test_one_replication_is_never_sure(plan: Plan) -> None:
    result = result_of(plan, 0.99, runs=1)
    assert answer.verdict(result) is Verdict.UNSURE
    assert "nan" not in answer.sentence(result, "en") + answer.sentence(result, "el")


def test_the_sentence(plan: Plan) -> None:
    needed = Searched(15, {})
    assert plainly(answer.sentence(result_of(plan, 0.7), "en", needed)) == (
        "Not enough: with 12 seats only 70.0 % of the calls are answered within 20 s "
        "(80 % wanted; ±1.8 % at 95 % confidence, 4 replications); 15 seats would be."
    )
    assert plainly(answer.sentence(result_of(plan, 0.7), "el", needed)) == (
        "Δεν αρκούν: με 12 θέσεις απαντάται μέσα σε 20 δευτ. μόνο το 70,0 % των κλήσεων "
        "(στόχος 80 %· ±1,8 % με βεβαιότητα 95 %, 4 επαναλήψεις)· θα αρκούσαν 15 θέσεις."
    )


@pytest.mark.parametrize("language", answer.LANGUAGES)
def test_every_end_of_a_search_has_words(plan: Plan, language: str) -> None:
    result = result_of(plan, 0.7)
    for why in SearchFailure:
        if why is not SearchFailure.FARTHEST_ENOUGH:
            assert answer.sentence(result, language, Searched(None, {}, 24, why))
        if why is not SearchFailure.CANNOT_VARY:
            assert answer.sentence(result, language, None, Searched(None, {}, 2, why))


def test_both_languages_have_the_same_words() -> None:
    for words in (SENTENCES, FINDINGS, LIMITS, SWEEPS, tables.WORDS):
        assert words["en"].keys() == words["el"].keys()


def swept(plan: Plan, key: str, levels: dict[float, float]) -> tuple[list[Result], list[dict[str, float]]]:
    return [result_of(plan, level) for level in levels.values()], [{key: value} for value in levels]


def test_the_sentence_of_a_sweep(plan: Plan) -> None:
    def said(key: str, levels: dict[float, float]) -> str:
        return plainly(answer.sweep_sentence(*swept(plan, key, levels), "en"))

    assert said("seats", {10: 0.7, 11: 0.85, 12: 0.79, 13: 0.9, 14: 0.95}).startswith("From 13 seats on")
    assert "holds up to 1.1 times" in said("load", {1.0: 0.9, 1.1: 0.85, 1.2: 0.7})
    assert said("aht", {1.0: 0.9, 1.1: 0.85, 1.2: 0.7}).startswith("In 2 of the 3 cases")
    assert said("seats", {10: 0.9, 11: 0.7}).startswith("In 1 of the 2 cases"), "chance, or a plan that makes no sense"
    assert said("seats", {10: 0.7, 11: 0.7}).startswith("In none of the 2 cases")


def test_where_a_curve_crosses_the_target() -> None:
    assert answer.load_limit([(1.0, 0.9), (1.2, 0.7)], 0.8) == pytest.approx(1.1)
    assert answer.load_limit([(1.0, 0.9), (1.2, 0.85)], 0.8) is None


def test_greek_figures() -> None:
    assert answer.local("1,234.5 calls. Up to 3.", "el") == "1.234,5 calls. Up to 3."
    assert answer.local("1,234.5", "en") == "1,234.5"
    assert tables.shown("service_level", 0.9312, "el") == "93,12%" and tables.shown("offered", 63000, "el") == "63.000"


def test_how_far_from_a_known_figure() -> None:
    assert tables.apart(9.9, 10) == "-1.00%"
    assert tables.apart(0.25, 0) == "+0.25"


@pytest.mark.parametrize(
    ("runs", "spread", "english", "greek"),
    [
        (1, 0.0, "one replication (seed 1). It may be luck", "μία επανάληψη"),
        (
            4,
            0.0,
            "4 replications (seed 1), ± half of its 95 % interval; the service level is known to ±0.0 %.",
            "±0,0 %.",
        ),
        (4, 0.02, "±3.7 %, to ±1.0 % with about 55.", "±3,7 %, με ±1,0 % θα ήταν σε περίπου 55."),
    ],
)
def test_what_is_behind_a_figure_is_said_first(
    tmp_path: Path, runs: int, spread: float, english: str, greek: str
) -> None:
    result = result_of(plan_of(tmp_path), 0.8, runs=runs, spread=spread)
    assert english in answer.behind([result], "en") and greek in answer.behind([result], "el")
    printed = [str(part) for part in tables.rendered([result], [{}], "en")]
    assert printed[1] == answer.behind([result], "en")
    assert answer.behind([result], "el") in report([result], [{}], "el")
    assert "of each of the 2 cases" in answer.behind([result, result], "en") or runs == 1
