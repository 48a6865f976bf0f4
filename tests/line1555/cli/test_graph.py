"""The menus as a picture and a page: every node is a link, callers are counted, and nothing in the YAML is markup."""

from __future__ import annotations

import json
import shutil
import subprocess
import xml.etree.ElementTree as ET
from html.parser import HTMLParser
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from calls import CallId
from calls import facts as f
from line1555.cli.main import app
from line1555.readers.tree_page import WORDS, page
from metrics.traffic import MenuTraffic
from records import Journal
from sites import load_site
from tests.live.nodes_site import make_nodes_site
from tests.sites.test_versions import SHIPPED, change

SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = '<script>alert("1")</script> ]]> & "\' <!--'


class Page(HTMLParser):
    """The ids and links of a page, its text, and the tags that were left open."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.links: set[str] = set()
        self.scripts = 0
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        known = dict(attrs)
        self.scripts += tag == "script"
        self.ids += [known["id"] or ""] if tag in ("section", "h1") else []
        self.links |= {link for name in ("href", "xlink:href") if (link := known.get(name) or "").startswith("#")}
        assert not any(name.startswith("on") for name in known), "no script but the page's own"
        assert not any((known.get(name) or "").startswith(("http:", "https:", "//")) for name in ("src", "href"))

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.fixture
def site(tmp_path: Path) -> Path:
    return Path(shutil.copytree(SHIPPED, tmp_path / "site", ignore=shutil.ignore_patterns("recordings", "tests")))


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """A journal with one caller, who went to SOS."""
    call, folder = CallId("n1-1"), tmp_path / "run"
    folder.mkdir()
    with Journal(folder / "journal.db") as journal:
        journal.append(1.0, None, [f.CallStarted(call, "2101234567", "1555"), f.NodeEntered(call, "welcome")])
        journal.append(2.0, None, [f.NodeEntered(call, "language"), f.InputMissed(call, "language", "9", 1)])
        journal.append(3.0, None, [f.NodeEntered(call, name) for name in ("news", "greeted", "topic", "sos")])
    return folder


def texts(group: ET.Element) -> list[str]:
    return [text.text or "" for text in group.iter(f"{SVG}text")]


def draw(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["graph", *arguments], env={"COLUMNS": "200"})


def test_the_page_has_every_node_and_every_link_leads_somewhere(site: Path, tmp_path: Path) -> None:
    out = tmp_path / "menus.html"
    assert draw(str(site), "--out", str(out)).exit_code == 0
    seen = Page(out.read_text("utf-8"))
    assert sorted(seen.ids) == sorted(["top", *(f"node.{name}" for name in load_site(site).line.menus.nodes)])
    assert {link.removeprefix("#") for link in seen.links} == set(seen.ids)
    assert seen.scripts == 1 and "Καλωσορίσατε" in seen.text and "Welcome to fifteen" in seen.text


def test_callers_are_counted_but_not_who_went_to_a_confidential_node(run: Path, tmp_path: Path) -> None:
    told = json.loads(draw("--run", str(run), "--json").stdout)
    assert told["calls"] == 1 and told["missed"] == {"language": 1}
    assert told["visits"] == dict.fromkeys(("greeted", "language", "news", "topic", "welcome"), 1)
    assert {"from": "language", "to": "news", "calls": 1} in told["ways"]
    assert {"from": "welcome", "to": "topic", "calls": 1} in told["ways"], "the fragment's return is drawn there"
    out = tmp_path / "menus.svg"
    assert "1 calls" in draw("--run", str(run), "--out", str(out)).output
    drawn = {group.findtext(f"{SVG}title"): texts(group) for group in ET.parse(out).iter(f"{SVG}g")}
    assert drawn["language->news"][-1] == "1 (100%)" and drawn["topic"] == ["topic", "1"]
    assert drawn["sos"] == ["sos", "dials 15900"] and drawn["topic->sos"] == ["9"]


@pytest.mark.parametrize("language", WORDS)
def test_the_page_in_both_languages(run: Path, tmp_path: Path, language: str) -> None:
    out = tmp_path / "menus.html"
    assert draw("--run", str(run), "--out", str(out), "--language", language).exit_code == 0
    text = Page(out.read_text("utf-8")).text
    assert WORDS[language]["hidden"] in text and WORDS[language]["counted"].format(n="1") in text
    assert set(WORDS["el"]) == set(WORDS["en"])


def test_what_stands_in_the_yaml_is_never_markup(site: Path, tmp_path: Path) -> None:
    loaded = load_site(site)
    text = loaded.texts["welcome.greeting"]
    object.__setattr__(text, "plain", {"el": HOSTILE, "en": HOSTILE})
    seen = Page(page(loaded, "<svg></svg>", MenuTraffic(), "en"))
    assert seen.scripts == 1 and HOSTILE in seen.text


def test_only_one_day(run: Path) -> None:
    told = json.loads(draw("--run", str(run), "--date", "1999-01-01", "--json").stdout)
    assert told["calls"] == 0


def test_wrong_use_says_how_to_go_on(site: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for arguments, status, why in (
        (("--run", str(tmp_path / "none")), 1, "there is no journal"),
        (("--date", "2026-11-24"), 2, "--run DIR"),
        (("--language", "fr"), 2, "one of el, en"),
        (("--out", str(tmp_path / "no" / "x.dot")), 2, "No such file"),
    ):
        found = draw(*arguments)
        assert (found.exit_code, why in found.output) == (status, True), found.output
    monkeypatch.setattr(shutil, "which", lambda _: None)
    assert "graphviz is missing" in draw("--out", str(tmp_path / "x.svg")).output

    def broken(*_: object, **__: object) -> None:
        raise subprocess.CalledProcessError(1, "dot", stderr="syntax error")

    monkeypatch.setattr(shutil, "which", lambda _: "/usr/bin/dot")
    monkeypatch.setattr(subprocess, "run", broken)
    assert "graphviz cannot draw it: syntax error" in draw("--out", str(tmp_path / "x.svg")).output


def test_a_node_that_is_renamed_is_another_node(site: Path, tmp_path: Path) -> None:
    change(site, "other_topics", "else_topics")
    out = tmp_path / "menus.dot"
    assert draw(str(site), "--out", str(out)).exit_code == 0
    assert 'URL="#node.else_topics"' in out.read_text()


def test_what_else_a_node_says_of_itself(tmp_path: Path) -> None:
    make_nodes_site(tmp_path / "nodes", 8080)
    text = Page(page(load_site(tmp_path / "nodes"), "<svg></svg>", None, "en")).text
    for said in (
        "until 2020-01-02 00:00, instead bye",
        "kind afm, into afm",
        "send afm=afm phone=caller",
        "box night",
        "case 1: callers 21########, dialled 1555, variables ticket=open",
        "case 2: hours always, queue (queue general, agents_in 1)",
    ):
        assert said in text
