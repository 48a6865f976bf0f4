"""``limits`` of site.yaml: what `check` says where seats and queues do not fit, and what Asterisk is told."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from line1555.cli.default_site import DEFAULT_SITE
from line1555.live import survivable
from sites import Site, load_site


def shipped(folder: Path, **changes: tuple[str, str]) -> Site:
    """The shipped site with these files changed: ``site=(old, new)``."""
    site = folder / "site"
    shutil.copytree(DEFAULT_SITE, site)
    for name, (old, new) in changes.items():
        text = (site / f"{name}.yaml").read_text("utf-8")
        assert old in text
        (site / f"{name}.yaml").write_text(text.replace(old, new), "utf-8")
    return load_site(site)


def warned(site: Site) -> dict[str, str]:
    return {problem.key: str(problem) for problem in site.warnings if problem.key.split(".")[0] in ("sip", "limits")}


def test_the_shipped_site_has_room_for_all_who_may_wait(tmp_path: Path) -> None:
    site = shipped(tmp_path)
    assert not warned(site) and site.room.citizens == 1455 == site.line.most_calls


@pytest.mark.parametrize(
    ("ports", "words"),
    [
        (
            "rtp_last: 10999",
            "1000 ports for sound: 229 citizens at once, expected 3750 ports, 13749, for 140 seats",
        ),
        ("rtp_last: 10399", "400 ports for sound: 73 citizens at once, expected"),
    ],
)
def test_too_few_ports_are_told_with_the_port_that_is_enough(tmp_path: Path, ports: str, words: str) -> None:
    site = shipped(tmp_path, site=("rtp_last: 13999 ", f"{ports} "))
    assert words in warned(site)["sip.rtp_last"]


def test_what_the_warning_asks_for_is_enough(tmp_path: Path) -> None:
    assert not warned(shipped(tmp_path, site=("rtp_last: 13999 ", "rtp_last: 13749 ")))


def test_a_site_without_the_announcement_refuses_and_is_told_so(tmp_path: Path) -> None:
    site = shipped(tmp_path, prompts=("  alone.busy:\n", "  alone.no_such_use:\n"))
    assert "alone.busy" in warned(site)["limits.busy"]
    assert survivable.asterisk_settings(site, tmp_path, tmp_path).door.told == 0


def test_what_the_dialplan_is_told(tmp_path: Path) -> None:
    limits = 'limits:\n  calls: 200\n  busy: refuse\n  switchboards: ["+302101234567"]\n  caller_at_once: 3\nunused:'
    text = (DEFAULT_SITE / "site.yaml").read_text("utf-8")
    begin, end = text.index("limits:"), text.index("watch:")
    site = shipped(tmp_path, site=(text[begin:end], limits.removesuffix("unused:")))
    door = survivable.asterisk_settings(site, tmp_path, tmp_path).door
    assert (door.citizens, door.told, door.caller_at_once, door.per_second) == (200, 0, 3, 30)
    assert door.switchboards == ("2101234567",) and door.descriptors == site.room.descriptors
