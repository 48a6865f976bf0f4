"""Targets as a planner writes them: read, refused with what was found and expected, said in words."""

from __future__ import annotations

import pytest

from simulator.model.erlang import Load, erlang_a, least_agents
from simulator.staffing.targets import StaffingTarget


@pytest.mark.parametrize(
    ("text", "target"),
    [
        ("80/20", StaffingTarget(0.80, 20.0)),
        (" 90 / 10 ", StaffingTarget(0.90, 10.0)),
        ("92.5/20", StaffingTarget(0.925, 20.0)),
        ("no-wait 95", StaffingTarget(0.95, 0.0)),
        ("no-wait 95 %", StaffingTarget(0.95, 0.0)),
        ("80/20, wait 15", StaffingTarget(0.80, 20.0, mean_wait_s=15.0)),
        ("80/20, wait 15 s, abandoned 3 %", StaffingTarget(0.80, 20.0, 15.0, 0.03)),
        ("abandoned 3%, no-wait 95", StaffingTarget(0.95, 0.0, abandoned=0.03)),
        ("NO-WAIT 95", StaffingTarget(0.95, 0.0)),
    ],
)
def test_reads(text: str, target: StaffingTarget) -> None:
    assert StaffingTarget.parse(text) == target
    assert StaffingTarget.parse(str(target)) == target


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", "nothing"),
        ("80", "'80'"),
        ("80-20", "'80-20'"),
        ("0/20", "'0/20'"),
        ("100/20", "'100/20'"),
        ("80/-1", "'80/-1'"),
        ("nan/20", "'nan/20'"),
        ("no-wait", "'no-wait'"),
        ("no-wait 101", "'no-wait 101'"),
        ("80/20, 90/10", "two shares"),
        ("80/20, wait 5, wait 6", "wait twice"),
        ("wait 15", "no share"),
        ("80/20, wait 0", "'wait 0'"),
        ("80/20, abandoned 0", "'abandoned 0'"),
        ("80/20, lost 3", "'lost 3'"),
    ],
)
def test_refuses(text: str, found: str) -> None:
    with pytest.raises(ValueError, match=r"expected a share .*'80/20'") as error:
        StaffingTarget.parse(text)
    assert f"found {found}," in str(error.value)


def test_holds_only_if_everything_holds() -> None:
    load = Load(35 / 60, 240.0, 600.0)
    target = StaffingTarget(0.60, 20.0)
    found = erlang_a(140, load, 20.0)  # within 20 s: 66 %; mean wait of the handled 15.6 s; 2.6 % give up
    assert target.holds(found)
    assert not StaffingTarget(0.70, 20.0).holds(found)
    assert StaffingTarget(0.60, 20.0, mean_wait_s=15.6).holds(found) and not StaffingTarget(
        0.60, 20.0, mean_wait_s=15.5
    ).holds(found)
    assert StaffingTarget(0.60, 20.0, abandoned=0.027).holds(found) and not StaffingTarget(
        0.60, 20.0, abandoned=0.026
    ).holds(found)


def test_no_wait_is_the_share_who_find_an_idle_agent() -> None:
    target = StaffingTarget.parse("no-wait 95")
    load = Load(0.4, 285.0, 600.0)
    seats = least_agents(load, target.holds, target.within_s)
    assert erlang_a(seats, load).wait <= 0.05 < erlang_a(seats - 1, load).wait


@pytest.mark.parametrize(
    ("text", "language", "words"),
    [
        ("80/20", "en", "80 % of calls answered within 20 s"),
        ("80/20", "el", "το 80 % των κλήσεων απαντάται μέσα σε 20 δευτ."),
        ("no-wait 95", "en", "95 % of calls answered without waiting"),
        ("no-wait 95", "el", "το 95 % των κλήσεων απαντάται χωρίς αναμονή"),
        (
            "92.5/20, wait 15, abandoned 3",
            "en",
            "92.5 % of calls answered within 20 s, mean wait of answered calls at most 15 s, at most 3 % abandoned",
        ),
        (
            "92.5/20, wait 15, abandoned 3",
            "el",
            "το 92,5 % των κλήσεων απαντάται μέσα σε 20 δευτ., μέση αναμονή όσων απαντώνται έως 15 δευτ., "
            "εγκαταλείπεται έως το 3 %",
        ),
    ],
)
def test_says_it_in_words(text: str, language: str, words: str) -> None:
    assert StaffingTarget.parse(text).words(language) == words


def test_the_formula_stands_beside_the_figure() -> None:
    assert StaffingTarget(0.8, 20.0).formula("en") == "handled within 20 s / (offered - abandoned within 20 s)"
    assert StaffingTarget(0.8, 20.0).formula("el") == (
        "όσες απαντήθηκαν μέσα σε 20 δευτ. / (εισερχόμενες - όσες εγκαταλείφθηκαν μέσα σε 20 δευτ.)"
    )


def test_a_language_we_do_not_speak() -> None:
    with pytest.raises(ValueError, match="found 'fr', expected el or en"):
        StaffingTarget(0.8, 20.0).words("fr")


@pytest.mark.parametrize("wrong", [(0.0, 20.0), (1.0, 20.0), (0.8, -1.0), (0.8, 20.0, 0.0), (0.8, 20.0, 15.0, 0.0)])
def test_an_impossible_target_is_refused(wrong: tuple[float, ...]) -> None:
    with pytest.raises(ValueError, match="expected"):
        StaffingTarget(*wrong)
