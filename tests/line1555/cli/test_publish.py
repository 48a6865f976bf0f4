"""The commands that put changes live and take them back, without a running line; and what a start runs."""

from __future__ import annotations

import json
import shutil
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from typer.testing import CliRunner, Result

from calls import SettingsError
from calls.commands import Prompt
from line1555.cli.default_site import DEFAULT_SITE
from line1555.cli.main import app
from line1555.live.publishing import site_to_run
from line1555.live.switchover import fixed_changes, wanted
from sites import Site, Versions, load_site
from sounds import VersionSounds, prompts
from sounds.prompts import sounds_of
from tests.line1555.held import held
from tests.line1555.mornings import journal_of, morning
from tests.sites.test_versions import SHIPPED, change


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The shipped site; nothing is spoken."""
    monkeypatch.setattr(prompts, "make", lambda *_: None)
    monkeypatch.setenv("COLUMNS", "160")
    return Path(shutil.copytree(SHIPPED, tmp_path / "site", ignore=shutil.ignore_patterns("recordings")))


class Admin:
    """Gives commands about one site and one run directory."""

    def __init__(self, site: Path) -> None:
        self.site, self.run = site, site.parent / "run"

    def says(self, command: str, *arguments: str) -> Result:
        where = ["--site", str(self.site)] if command in ("publish", "diff", "watch") else []
        return CliRunner().invoke(app, [command, *arguments, *where, "--run", str(self.run)], catch_exceptions=False)

    def publishes(self, why: str = "a test", *more: str) -> Result:
        return self.says("publish", "--why", why, *more)

    def numbers(self) -> list[int]:
        return [version.number for version in Versions(self.run).all()]


@pytest.fixture
def admin(site: Path) -> Admin:
    return Admin(site)


# --- publish, rollback, versions, diff --------------------------------------------------------------------------------


def test_a_day_of_an_admin(admin: Admin) -> None:
    first = admin.publishes("the beginning")
    assert first.exit_code == 0 and "version 1 is what the next start runs: no line is up" in first.output
    change(admin.site)
    shown = admin.says("diff")
    assert "+    timeout_s: 6" in shown.output
    second = admin.publishes("slower people")
    assert second.exit_code == 0 and "-    timeout_s: 4" in second.output and "there is no journal" in second.output
    back = admin.says("rollback")
    assert back.exit_code == 0 and "version 3 is what" in back.output
    assert [(v.number, v.again) for v in Versions(admin.run).all()] == [(1, 0), (2, 0), (3, 1)]
    assert "back to version 1 (the beginning)" in admin.says("versions").output
    assert "+    timeout_s: 4" in admin.says("diff", "2", "3").output
    assert admin.says("diff", "1", "3").output == "no difference\n"
    again = admin.says("rollback", "2", "--why", "it was right after all", "--by", "nikos")
    assert again.exit_code == 0 and Versions(admin.run).card(4).by == "nikos"


def test_as_json(admin: Admin) -> None:
    admin.publishes()
    change(admin.site)
    told: dict[str, Any] = json.loads(admin.publishes("why", "--json").stdout)
    assert (told["version"], told["running"], told["replay"]) == (2, False, None) and "+    timeout_s: 6" in told[
        "diff"
    ]
    cards = json.loads(admin.says("versions", "--json").stdout)
    assert [card["number"] for card in cards] == [1, 2] and cards[1]["why"] == "why"


def test_yesterday_is_replayed_on_both(admin: Admin) -> None:
    admin.publishes()
    journal_of(admin.run / "journal.db", morning())
    change(admin.site, "requires: {topic.pensions: 5}", "requires: {topic.pensions: 4}", "queues.yaml")
    with held(admin.run, datetime(2026, 5, 30, 8, 0, tzinfo=ZoneInfo("Europe/Athens"))):
        shown = admin.says("publish", "--dry-run")
        told = json.loads(admin.says("publish", "--dry-run", "--json").stdout)["replay"]
    assert "3 calls; as recorded" in shown.output and "would wait over 30 s longer" in shown.output
    ways = told["ways"]
    assert told["calls"] == 3 and set(ways) == {"recorded settings", "changed settings"}
    assert ways["changed settings"]["mean_waits_s"]["pensions"] < ways["recorded settings"]["mean_waits_s"]["pensions"]


def test_what_the_line_refuses_is_told_in_words_and_to_programs(admin: Admin) -> None:
    admin.publishes()
    change(admin.site)
    with held(admin.run, datetime(2026, 5, 30, 8, 0, tzinfo=ZoneInfo("Europe/Athens"))):
        words, told = admin.publishes(), admin.publishes("why", "--json")
    assert words.exit_code == told.exit_code == 1
    assert "the line refuses version 2: this line takes no orders" in words.output
    assert json.loads(told.stdout)["refused"]["id"] == "order.unknown"
    assert admin.numbers() == [1]


def test_a_dry_run_publishes_nothing(admin: Admin) -> None:
    admin.publishes()
    change(admin.site)
    tried = admin.says("publish", "--dry-run")
    assert tried.exit_code == 0 and "+    timeout_s: 6" in tried.output and "nothing was published" in tried.output
    assert admin.numbers() == [1] and not list((admin.run / "versions").glob(".0*"))


def test_what_is_broken_is_not_published(admin: Admin) -> None:
    admin.publishes()
    change(admin.site, "goto: role_dypa", "goto: nowhere")
    with pytest.raises(SettingsError, match="nowhere") as error:
        admin.publishes()
    assert str(admin.site / "menus.yaml") in str(error.value), "told by the name of the file that is to be mended"
    assert admin.numbers() == [1]


def test_wrong_use_says_how_to_go_on(admin: Admin) -> None:
    for arguments, status, why in (
        (("publish",), 2, "--why"),
        (("rollback",), 1, "no version to go back to"),
        (("rollback", "3"), 1, "nothing was published yet"),
        (("diff",), 1, "nothing was published yet"),
        (("diff", "x"), 1, "x is no version"),
        (("versions",), 0, "nothing was published"),
    ):
        found = admin.says(*arguments)
        assert (found.exit_code, why in found.output) == (status, True), (arguments, found.output)
    admin.publishes()
    assert admin.says("rollback").exit_code == 1 and admin.numbers() == [1]
    found = admin.says("rollback", "1")
    assert found.exit_code == 1 and "nothing has changed since version 1" in found.output


def test_the_watcher_publishes_only_what_is_in_order(admin: Admin, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("line1555.cli.publish.LOOK_S", 0.05)
    admin.publishes()
    change(admin.site, "goto: role_dypa", "goto: nowhere")
    found = admin.says("watch", "--publish", "--seconds", "0.3")
    assert "nowhere" in found.output and admin.numbers() == [1]
    change(admin.site, "goto: nowhere", "goto: role_opeka")
    found = admin.says("watch", "--publish", "--seconds", "0.3")
    assert " of 24 tests failed" in found.output and admin.numbers() == [1], "who asks for DYPA comes elsewhere"
    change(admin.site, "topic.for_dypa], goto: role_opeka", "topic.for_dypa], goto: role_dypa")
    change(admin.site)
    assert "fine" in admin.says("watch", "--seconds", "0.3").output and admin.numbers() == [1], "it only looks"
    found = admin.says("watch", "--publish", "--seconds", "0.3")
    assert "version 2 is what" in found.output and admin.numbers() == [1, 2]


def damage(admin: Admin, number: int) -> None:
    file = Versions(admin.run).path(number) / "menus.yaml"
    file.chmod(0o600)
    file.write_text("nodes: {}\n")


def test_a_damaged_version_does_not_come_back(admin: Admin) -> None:
    admin.publishes()
    change(admin.site)
    admin.publishes()
    damage(admin, 1)
    with pytest.raises(SettingsError, match="the files that were published"):
        admin.says("rollback")
    assert admin.numbers() == [1, 2]


def test_a_damaged_newest_version_keeps_nobody_from_publishing(admin: Admin) -> None:
    admin.publishes()
    damage(admin, 1)
    told = admin.publishes("mended")
    assert told.exit_code == 0 and "version 1 cannot be read any more" in told.output and admin.numbers() == [1, 2]


def test_words_are_shown_as_they_were_written(admin: Admin) -> None:
    admin.publishes("[red]less[/red] of [/]", "--by", "[bold]maria")
    assert "[red]less[/red] of [/]" in admin.says("versions").output


# --- what a start runs ------------------------------------------------------------------------------------------------


def starts(admin: Admin) -> tuple[Site, list[str]]:
    """A start that went well."""
    starting = site_to_run(admin.run, admin.site, DEFAULT_SITE)
    starting.started()
    return starting.site, starting.told


def test_what_has_not_started_is_no_version(admin: Admin) -> None:
    for _ in range(2):
        starting = site_to_run(admin.run, admin.site, DEFAULT_SITE)
        assert starting.site.line.menus.version == 1 and admin.numbers() == []
    change(admin.site, "ageing: 1", "ageing: 2", "queues.yaml")
    starts(admin)
    assert admin.numbers() == [1] and "ageing: 2" in (Versions(admin.run).path(1) / "queues.yaml").read_text("utf-8")


def test_the_first_start_publishes_the_folder(admin: Admin) -> None:
    site, told = starts(admin)
    assert site.line.menus.version == 1 and "is version 1, which runs" in told[0]
    site, told = starts(admin)
    assert site.line.menus.version == 1 and told[0].startswith("version 1 runs") and admin.numbers() == [1]


def test_a_start_changes_nothing_that_callers_hear(admin: Admin) -> None:
    starts(admin)
    change(admin.site)
    site, told = starts(admin)
    assert site.line.menus.version == 1 and "has changed since: `line1555 diff`, then `line1555 publish`" in told[0]


def test_a_broken_folder_means_the_last_good_version_and_says_so(admin: Admin) -> None:
    starts(admin)
    change(admin.site, "nodes:", "nodes: [")
    site, told = starts(admin)
    assert site.line.menus.version == 1 and "IS BROKEN" in told[0] and "The last good one, version 1 runs" in told[0]
    shutil.rmtree(admin.site)
    assert starts(admin)[0].line.menus.version == 1


def test_a_broken_folder_and_no_version(admin: Admin) -> None:
    change(admin.site, "nodes:", "nodes: [")
    with pytest.raises(SettingsError):
        starts(admin)
    assert admin.numbers() == []


def test_a_version_that_cannot_be_read_any_more_gives_way_to_a_folder_in_order(admin: Admin) -> None:
    starts(admin)
    damage(admin, 1)
    site, told = starts(admin)
    assert site.line.menus.version == 2 and "version 1 cannot be run" in told[0] and admin.numbers() == [1, 2]


# --- in the running line ----------------------------------------------------------------------------------------------


def test_what_is_read_at_the_start_only(site: Path) -> None:
    old = load_site(site).settings
    change(site, "port: 5060", "port: 5070", "site.yaml")
    change(site, 'external_numbers: ["15900"]', 'external_numbers: ["15900", "11888"]', "site.yaml")
    assert fixed_changes(old, load_site(site).settings) == ["sip"]


@pytest.mark.parametrize(
    ("order", "number"),
    [
        ({"order": "publish", "version": 7}, 7),
        ({"order": "publish", "version": "../../etc"}, None),
        ({"order": "publish"}, None),
        ({"order": "publish", "version": 7, "folder": "/tmp"}, None),
        ({"order": "callbacks"}, None),
    ],
)
def test_an_order_names_a_number_and_nothing_else(order: dict[str, Any], number: int | None) -> None:
    assert wanted(order) == number


def test_callers_hear_the_prompts_of_their_edition(site: Path) -> None:
    old = load_site(site)
    change(site, "el: Καλωσορίσατε", "el: Λοιπόν, καλωσορίσατε", "prompts.yaml")
    change(site, "prompts:\n", "prompts:\n  news: {el: Νέα., en: News.}\n", "prompts.yaml")
    new = load_site(site)
    version_sounds = VersionSounds(Path("/sounds"))
    version_sounds.add(1, old.texts, sounds_of(old.texts, ["el", "en"]))
    version_sounds.add(2, new.texts, sounds_of(new.texts, ["el", "en"]))
    greeting, news, number = Prompt("welcome.greeting"), Prompt("news"), Prompt("waiting.position", 3)
    assert (
        version_sounds.path(greeting, "el", 1)
        != version_sounds.path(greeting, "el", 2)
        == version_sounds.path(greeting, "el")
    )
    assert version_sounds.path(greeting, "en", 1) == version_sounds.path(greeting, "en", 2), (
        "an unchanged text is one sound"
    )
    assert version_sounds.path(news, "el", 1) == version_sounds.path(news, "el", 2), (
        "what came later may be said to them too"
    )
    assert version_sounds.path(number, "el", 1) != version_sounds.path(Prompt("waiting.position", 4), "el", 1)
    before = version_sounds.path(greeting, "el", 1)
    version_sounds.keep({1})
    assert version_sounds.path(greeting, "el", 1) == before
    version_sounds.keep(set())
    assert version_sounds.path(greeting, "el", 1) == version_sounds.path(greeting, "el", 2), (
        "nobody was left who hears it"
    )
