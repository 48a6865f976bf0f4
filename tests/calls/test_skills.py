"""Skill expressions: what they mean, their one canonical form, and what cannot be read."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calls import (
    ANYBODY,
    ExpressionError,
    Need,
    Requirement,
    both,
    either,
    expression,
    parse,
    requirement,
    satisfies,
    skills_in,
)

PENSIONS, EN, FR = Need("topic.pensions", 3), Need("lang.en", 2), Need("lang.fr", 2)


@pytest.mark.parametrize(
    ("text", "needed"),
    [
        ("anybody", ANYBODY),
        ("lang.en", ((Need("lang.en", 1),),)),
        ("lang.en>=2", ((EN,),)),
        ("  lang.en  >=2 ", ((EN,),)),
        ("topic.pensions>=3 and lang.en>=2", ((EN, PENSIONS),)),
        ("lang.fr>=2 or lang.en>=2", ((EN,), (FR,))),
        ("topic.pensions>=3 and (lang.en>=2 or lang.fr>=2)", ((EN, PENSIONS), (FR, PENSIONS))),
        ("lang.en>=2 or lang.fr>=2 and topic.pensions>=3", ((EN,), (FR, PENSIONS))),
        ("lang.en>=2 and lang.en", ((EN,),)),
        ("lang.en>=2 or lang.en", ((Need("lang.en", 1),),)),
        ("lang.en or lang.en and lang.fr", ((Need("lang.en", 1),),)),
        ("anybody or lang.en", ANYBODY),
        ("anybody and lang.en>=2", ((EN,),)),
        ("((lang.en>=2))", ((EN,),)),
        ("orders and android", ((Need("android", 1), Need("orders", 1)),)),
        ("a>=10", ((Need("a", 10),),)),
    ],
)
def test_what_an_expression_means(text: str, needed: Requirement) -> None:
    assert parse(text) == needed


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "it ends too early: expected a skill"),
        ("lang.en and", "it ends too early: expected a skill"),
        ("lang.en or or lang.fr", "'or lang.fr' at character 11: expected a skill"),
        ("lang.en lang.fr", "'lang.fr' at character 8: expected `and`, `or` or the end"),
        ("lang.en>=", "it ends too early: expected a level, 1 to 10"),
        ("lang.en>=0", "expected a level, 1 to 10"),
        ("lang.en>=11", "expected a level, 1 to 10"),
        ("lang.en>=high", "expected a level, 1 to 10"),
        ("(lang.en", "it ends too early: expected `)`"),
        ("lang.en)", "expected `and`, `or` or the end"),
        ("not lang.en", "expected `and`, `or` or the end"),
        ("Lang.en", "'Lang.en' at character 1: expected a skill"),
        ("lang.en>2", "'>2' at character 8"),
        ("3>=lang.en", "expected a skill"),
    ],
)
def test_what_cannot_be_read(text: str, told: str) -> None:
    with pytest.raises(ExpressionError) as raised:
        parse(text)
    assert told in str(raised.value)


def test_an_expression_that_spreads_too_far() -> None:
    wide = " and ".join(f"(a{n} or b{n})" for n in range(6))
    with pytest.raises(ExpressionError, match="spreads into 64 alternatives: at most 32"):
        parse(wide)
    wider = " and ".join(f"(a{n} or b{n})" for n in range(40))
    with pytest.raises(ExpressionError, match="spreads into 64 alternatives"):
        parse(wider)


def test_brackets_without_end() -> None:
    assert parse("(" * 20 + "a" + ")" * 20) == requirement(Need("a", 1))
    with pytest.raises(ExpressionError, match="21 deep"):
        parse("(" * 5000)


def test_the_skills_it_names() -> None:
    assert skills_in(parse("b>=3 and (a or c)")) == {"a", "b", "c"}
    assert skills_in(ANYBODY) == frozenset()


# -- for all requirements and all agents ---

NAMES = ("a", "b.x", "c_1")
NEEDS = st.builds(Need, st.sampled_from(NAMES), st.integers(1, 3))
ALL = st.lists(NEEDS, max_size=3).map(lambda needs: requirement(*needs))
REQUIREMENTS = st.recursive(
    ALL, lambda inner: st.builds(either, inner, inner) | st.builds(both, inner, inner), max_leaves=5
)
EVERY_AGENT = [dict(zip(NAMES, levels, strict=True)) for levels in product(range(4), repeat=len(NAMES))]


@given(REQUIREMENTS, REQUIREMENTS)
def test_either_and_both_mean_what_they_say(first: Requirement, second: Requirement) -> None:
    one, all_ = either(first, second), both(first, second)
    for agent in EVERY_AGENT:
        fits = satisfies(agent, first), satisfies(agent, second)
        assert (satisfies(agent, one), satisfies(agent, all_)) == (any(fits), all(fits))


@given(REQUIREMENTS, REQUIREMENTS)
def test_one_more_alternative_makes_nobody_unfit(first: Requirement, second: Requirement) -> None:
    assert all(satisfies(agent, either(first, second)) for agent in EVERY_AGENT if satisfies(agent, first))


@given(REQUIREMENTS, st.sampled_from(EVERY_AGENT), st.sampled_from(NAMES))
def test_more_skill_makes_nobody_unfit(needed: Requirement, agent: dict[str, int], name: str) -> None:
    assert not satisfies(agent, needed) or satisfies(agent | {name: agent[name] + 1}, needed)


@given(REQUIREMENTS, REQUIREMENTS)
def test_the_form_is_canonical(first: Requirement, second: Requirement) -> None:
    """Requirements that the same agents satisfy are equal."""
    alike = all(satisfies(agent, first) == satisfies(agent, second) for agent in EVERY_AGENT)
    assert alike == (first == second)
    assert either(first, second) == either(second, first) and both(first, second) == both(second, first)
    assert either(first, first) == both(first, first) == first


@given(REQUIREMENTS)
def test_the_text_says_it_all(needed: Requirement) -> None:
    assert parse(expression(needed)) == needed
