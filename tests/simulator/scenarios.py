"""Small plans for tests: a plain line, and a day of the shipped line."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

from line1555.cli.scenario_files import DIALPLANS, load_scenario
from simulator.scenario import Plan

PLAIN = """
    about: {en: a plain line}
    hours: 4
    warm_up_min: 30
    line:
      queues:
        sales: {label: Sales, requires: {k.sales: 1}}
        help: {label: Help, requires: {k.help: 1}}
      agents:
        - {count: 6, skills: {k.sales: 5}}
        - {count: 6, skills: {k.sales: 5, k.help: 5}}
    demand:
      topics:
        sales: {per_hour: {"00:00": 80, "02:00": 60}}
        help: {per_hour: {"00:00": 40}}
    callers:
      talk_s: {all: {exponential: {mean: 240}}, topics: {help: {lognormal: {mean: 300, cv: 1}}}}
      wrap_up_s: {all: {constant: 10}}
      patience_s: {all: {exponential: {mean: 180}}}
      redial: {share: 0.5, after_s: {exponential: {mean: 300}}}
"""

SHORT = PLAIN.replace("hours: 4", "hours: 1").replace("warm_up_min: 30", "warm_up_min: 0")
"""The same for an hour: where a test needs many."""


def one_group(seats: int, text: str = PLAIN) -> str:
    """A plain line with a single group, whose seats can be varied."""
    first = "        - {count: 6, skills: {k.sales: 5}}\n"
    return text.replace(first, "").replace("count: 6", f"count: {seats}")


SITE = """
    about: {en: a morning of the line}
    site: "1555"
    hours: 10
    warm_up_min: 0
    demand:
      per_day: 6000
      numbers: {"1555": 1}
      languages: {el: 95, en: 5}
      topics:
        insurance: {share: 0.4, numbers: {"1555": 90, "2106241888": 10}}
        pensions: {share: 0.3}
        dypa: {share: 0.15, numbers: {"1555": 70, "11320": 30}}
        opeka: {share: 0.1}
        labour: {share: 0.02}
        solidarity: {share: 0.01}
        general: {share: 0.02}
    callers:
      served_in_menus: 0.04
      lost_in_menus: 0.03
      talk_s: {all: {lognormal: {mean: 240, cv: 1}}}
      wrap_up_s: {all: {exponential: {mean: 25}}}
      patience_s: {all: {exponential: {mean: 240}}}
    people:
      seats: 100
      pick_up_s: {lognormal: {mean: 3, cv: 0.5}}
      misses: 0.01
      shrinkage: 0.05
      late_s: {exponential: {mean: 60}}
      speed_cv: 0.1
      shifts:
        - {count: 20, from: "22:00", to: "06:00"}
        - {count: 70, from: "06:00", to: "14:00", breaks: [{after_min: 90, min: 15}, {after_min: 210, min: 30}]}
        - {count: 60, from: "07:30", to: "15:30"}
"""


def plan_of(tmp_path: Path, text: str = PLAIN, **replaced: str) -> Plan:
    """The plan of this YAML, with some of its text replaced."""
    for old, new in replaced.items():
        text = text.replace(f"{old}:", f"{new}:") if old in text else text
    file = tmp_path / "scenario.yaml"
    file.write_text(dedent(text), encoding="utf-8")
    return load_scenario(file, DIALPLANS)
