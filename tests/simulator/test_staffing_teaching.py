"""Choosing whom to teach what: nobody is moved, the missing skill is found, and who should learn it."""

from __future__ import annotations

from pathlib import Path

from simulator.model.people import settled, staff
from simulator.model.streams import Streams
from simulator.model.trainees import skills_of, taught
from simulator.run.runs import RunRequest, workers
from simulator.staffing.export import lessons_plain
from simulator.staffing.teaching import lessons
from simulator.staffing.trial import Where

from .scenarios import SITE, plan_of

SCARCE = """
    about: {en: one specialist for many calls}
    hours: 2
    warm_up_min: 30
    line:
      queues:
        sales: {label: Sales, requires: {k.sales: 1}}
        help: {label: Help, requires: {k.help: 1}}
      agents:
        - {count: 6, skills: {k.sales: 5}}
        - {count: 1, skills: {k.help: 5}}
    demand: {topics: {sales: {per_hour: {"00:00": 30}}, help: {per_hour: {"00:00": 30}}}}
    callers:
      talk_s: {all: {exponential: {mean: 120}}}
      patience_s: {all: {exponential: {mean: 300}}}
"""


def test_a_lesson_moves_nobody(tmp_path: Path) -> None:
    """The pupils are spread over all shifts; everybody keeps their shift, their days and their pace."""
    plan = settled(plan_of(tmp_path, SITE))
    after = taught(plan, "lang.en", 5)
    trainees = [name for name, agent in after.settings.agents.items() if agent != plan.settings.agents[name]]
    assert len(trainees) == 5
    places = [list(plan.settings.agents).index(name) for name in trainees]
    assert places[0] < 20 and places[-1] > 100
    before, then = staff(plan, Streams(1, 0)), staff(after, Streams(1, 0))
    assert before.duties == then.duties and before.pace == then.pace
    assert staff(plan_of(tmp_path, SITE), Streams(1, 0)).duties == before.duties


def test_skills_that_somebody_lacks(tmp_path: Path) -> None:
    """Or do not know well enough: many know pensions at 4, and the queue asks for 5."""
    assert skills_of(plan_of(tmp_path, SCARCE)) == {"k.sales": 1, "k.help": 1}
    plan = settled(plan_of(tmp_path, SITE))
    skills = skills_of(plan)
    assert "lang.el" not in skills and skills["lang.en"] == 1 and skills["topic.pensions"] == 5
    after = taught(plan, "topic.pensions", 20).settings.agents
    better = [plan.settings.agents[name].skills for name in after if after[name] != plan.settings.agents[name]]
    assert len(better) == 20 and any(skills.get("topic.pensions") == 4 for skills in better)


def test_the_scarce_skill_comes_first(tmp_path: Path) -> None:
    with workers(1) as pool:
        found = lessons(plan_of(tmp_path, SCARCE), 2, RunRequest(4, 1), Where(pool))
    help_, sales = found.skills
    assert (help_.skill, help_.trainees, help_.sure) == ("k.help", 2, True)
    assert (sales.skill, sales.trainees) == ("k.sales", 1)  # only one has it not
    assert help_.service_level.mean > 0.1 and help_.mean_wait_s.mean < 0
    assert [dict(lesson.kind or ())["k.sales"] for lesson in found.kinds] == [5]
    plain = lessons_plain(found)
    assert plain["skills"][0]["skill"] == "k.help" and plain["kinds"][0]["knows"] == {"k.sales": 5, "lang.el": 10}
