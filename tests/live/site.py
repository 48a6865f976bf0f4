"""A site folder for live tests: the shipped menus and prompts, few agents, short times, free loopback ports."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from simulator.sip.ports import LINE_SOUND, free_port

ROOT = Path(__file__).resolve().parents[2]
SHIPPED = ROOT / "dialplans" / "1555"
SOUNDS = ROOT / "run" / "tests" / "sounds"
"""Spoken once for all live tests."""

QUEUES = """
defaults:
  {{policy: longest_idle, ring_s: {ring_s}, wrap_up_s: {wrap_up_s}, announce_first_s: {announce_s},
   announce_every_s: {announce_s}}}
queues:
  insurance: {{label: Insurance, requires: {{topic.insurance: 1}}}}
  pensions: {{label: Pensions, requires: {{topic.pensions: 1}}}}
  dypa: {{label: DYPA, requires: {{topic.dypa: 1}}}}
  opeka: {{label: OPEKA, requires: {{topic.opeka: 1}}}}
  labour: {{label: Labour, requires: {{topic.labour: 1}}}}
  solidarity: {{label: Solidarity, requires: {{topic.solidarity: 1}}, priority: 600}}
  general: {{label: General, requires: {{topic.general: 1}}}}
"""

SITE = """
external_numbers: ["15900"]
sip: {{port: {sip}, rtp_first: {rtp}, rtp_last: {rtp_last}}}
ami: {{port: {ami}}}
trunk: {{match: [127.0.0.1], contact: "sip:127.0.0.1:{outside}"}}
metrics: {{port: {metrics}}}
limits: {{caller_at_once: 1000, caller_per_minute: 10000, per_second: 1000}}
"""


@dataclass(frozen=True, slots=True)
class Ports:
    sip: int
    ami: int
    metrics: int
    outside: int


def make_site(
    folder: Path, *, agents: int = 8, ring_s: float = 4, wrap_up_s: float = 1, announce_s: float = 60
) -> Ports:
    """Write the site; ``outside`` is where outside numbers are dialled."""
    ports = Ports(free_port(), free_port(), free_port(), free_port())
    first, last = LINE_SOUND
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(SHIPPED / "prompts.yaml", folder)
    _without_survey(folder)
    (folder / "queues.yaml").write_text(QUEUES.format(ring_s=ring_s, wrap_up_s=wrap_up_s, announce_s=announce_s))
    shipped = (SHIPPED / "agents.yaml").read_text("utf-8")
    people = shipped[: shipped.index("agents:\n")] + _people(agents)
    (folder / "agents.yaml").write_text(people)
    text = SITE.format(
        sip=ports.sip, ami=ports.ami, metrics=ports.metrics, outside=ports.outside, rtp=first, rtp_last=last
    )
    (folder / "site.yaml").write_text(text)
    return ports


def _without_survey(folder: Path) -> None:
    """Write the shipped line and menus, but after a conversation the caller hears goodbye, and the call is over."""
    menus, _, survey = (SHIPPED / "menus.yaml").read_text("utf-8").partition("  # --- after the call")
    line = (SHIPPED / "line.yaml").read_text("utf-8")
    assert "  after_call:\n" in survey and "\nafter_call:" in line
    (folder / "menus.yaml").write_text(menus, "utf-8")
    (folder / "line.yaml").write_text(line.replace("\nafter_call:", "\n# after_call:"), "utf-8")


def _people(agents: int) -> str:
    topics = ("insurance", "pensions", "dypa", "opeka", "labour", "solidarity", "general")
    skills = ", ".join(f"topic.{topic}: 5" for topic in topics)
    return f"agents:\n  agent001-agent{agents:03}: {{skills: {{lang.el: 10, lang.en: 7, {skills}}}}}\n"


def share_sounds(run_dir: Path) -> None:
    """The run directory uses the sounds that were spoken before."""
    SOUNDS.mkdir(parents=True, exist_ok=True)
    run_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    (run_dir / "sounds").symlink_to(SOUNDS, target_is_directory=True)
