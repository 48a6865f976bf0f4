"""The shipped menus: every agency in both languages and by every role, from its day on, and what is read out."""

from __future__ import annotations

import re
import shutil
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from calls import Attribute, CallId, CallStage, Known
from calls import events as e
from calls import facts as f
from calls.commands import Prompt, Transfer
from engine import Line
from ivr import Acts, DialOut, Enqueue, Fixed, Goodbye, Input, JoinQueue, Menu, QueueLook, Session, Speak, Survey
from ivr.references import ways_on
from line1555.live.survivable import asterisk_settings
from records.projection import Projector
from records.steps import Meta, facts_text
from records.told import tell
from sites import MenuTrial, Site, load_site
from sites.advice import advise
from tests.line import Hand

from .test_site import SHIPPED

PAGE = SHIPPED.parents[1] / "docs" / "tree.md"
TODAY = "2026-12-01T10:00"
LANGUAGES = {"1": "el", "2": "en"}

WAYS: dict[str, tuple[str, str, str]] = {
    "e-EFKA, insurance": ("11", "insurance", "insured employer representative other"),
    "e-EFKA, pensions": ("12", "pensions", "pensioner insured representative other"),
    "DYPA": ("2", "dypa", "unemployed beneficiary employer representative other"),
    "OPEKA": ("3", "opeka", "beneficiary representative other"),
    "labour inspectorate": ("4", "labour", "insured employer representative other"),
    "ERGANI": ("45", "labour", "employer representative insured other"),
    "solidarity": ("51", "solidarity", "beneficiary representative other"),
    "central services": ("53", "general", "insured employer representative other"),
}
"""Keys behind the language, topic (and queue), the roles behind the keys 1, 2, 3 ..."""

TEXTS: dict[str, tuple[str, dict[str, str]]] = {
    "info.amka": ("13", {"1": "insurance"}),
    "info.contributions": ("14", {"1": "insurance"}),
    "info.certificates": ("15", {"1": "insurance", "2": "pensions"}),
    "info.opeka": ("34", {"1": "opeka"}),
    "info.ergani": ("45", dict.fromkeys("1234", "labour")),
    "info.digital": ("54", {"1": "general"}),
}
"""Information texts: the keys to each behind the language, and the queues that its choices lead to."""

OPENED, COMPLETE = "2021-07-29T00:00", "2021-09-01T00:00"
FIRST, LATER = ("topic.for_efka", "topic.for_dypa", "topic.for_opeka"), ("topic.for_labour",)


@pytest.fixture(scope="module")
def site() -> Site:
    return load_site(SHIPPED)


def called(site: Site, keys: str, number: str = "1555", at: str = TODAY, banner: str = "") -> MenuTrial:
    """A caller who presses these keys; a comma is silence."""
    moment = datetime.fromisoformat(at).replace(tzinfo=ZoneInfo(site.settings.zone))
    trial = MenuTrial(site, number, "2101234567", moment, banner=banner)
    for key in keys:
        trial.stay_silent() if key == "," else trial.press(key)
    return trial


def heard(trial: MenuTrial) -> str:
    """What is being said now."""
    return next(told.text for told in reversed(trial.told) if told.kind == "hear" and told.text[0] != "(")


def text(site: Site, prompt: str, language: str) -> str:
    return site.texts[prompt].text(language)


# -- every agency, language, role, queue ---


@pytest.mark.parametrize("key", LANGUAGES)
@pytest.mark.parametrize("agency", WAYS)
def test_every_role_of_every_agency_comes_to_its_queue(site: Site, agency: str, key: str) -> None:
    keys, topic, roles = WAYS[agency]
    for pressed, role in enumerate(roles.split(), 1):
        came = called(site, f"{key}{keys}{pressed}").summary()
        known = {"language": LANGUAGES[key], "topic": topic, "role": role}
        assert (came["stage"], came["queue"], came["known"]) == ("waiting", site.line.menus.queue_for(topic), known)


def test_no_role_and_no_queue_is_left_out(site: Site) -> None:
    menus = site.line.menus
    named = {name for _, _, roles in WAYS.values() for name in roles.split()}
    choices = [choice for node in menus.nodes.values() if isinstance(node, Menu) for choice in node.choices.values()]
    assert named == {value for choice in choices for name, value in choice.sets if name == Attribute.ROLE}
    assert named == {"insured", "pensioner", "employer", "unemployed", "beneficiary", "representative", "other"}
    assert {menus.queue_for(topic) for _, topic, _ in WAYS.values()} == set(site.line.queues)


@pytest.mark.parametrize(("number", "topic"), [("11320", "dypa"), ("2106241888", "insurance")])
def test_an_old_number_asks_for_language_and_role_only(site: Site, number: str, topic: str) -> None:
    for key, language in LANGUAGES.items():
        told = called(site, f",{key}", number)
        assert heard(told) == f"{text(site, 'moved.number', language)} {text(site, f'moved.{topic}', language)}"
        came = called(site, f"{key}1", number).summary()
        assert (came["queue"], came["known"]["language"]) == (topic, language)


def test_who_says_nothing_at_all_is_greek_and_comes_to_an_agent(site: Site) -> None:
    came = called(site, "," * 12).summary()
    assert (came["stage"], came["queue"], came["known"]) == ("waiting", "general", {"language": "el"})


def test_back_to_the_language_and_on(site: Site) -> None:
    assert called(site, "1*231").summary()["known"] == {"language": "en", "topic": "opeka", "role": "beneficiary"}


# -- the days on which agencies came ---


@pytest.mark.parametrize(
    ("at", "offered"),
    [
        ("2021-07-28T23:59", ()),
        (OPENED, FIRST),
        ("2021-08-31T23:59", FIRST),
        (COMPLETE, FIRST + LATER),
        (TODAY, FIRST + LATER),
    ],
)
def test_an_agency_is_offered_from_its_day_on(site: Site, at: str, offered: tuple[str, ...]) -> None:
    for key, language in LANGUAGES.items():
        said = heard(called(site, key, at=at))
        assert {name for name in FIRST + LATER if text(site, name, language) in said} == set(offered)
        others = heard(called(site, f"{key}5", at=at))
        late = {name for name in ("other.solidarity", "other.ministry") if text(site, name, language) in others}
        assert len(late) == (2 if at >= COMPLETE else 0)
        assert text(site, "topic.operator", language) in said and text(site, "other.general", language) in others


@pytest.mark.parametrize(
    ("at", "keys"),
    [
        ("2021-07-28T23:59", ("1", "2", "3", "4", "51", "53")),
        ("2021-08-31T23:59", ("4", "51", "53")),
    ],
)
def test_before_its_day_the_key_of_an_agency_is_as_wrong_as_any_other(
    site: Site, at: str, keys: tuple[str, ...]
) -> None:
    for pressed in keys:
        trial = called(site, f"1{pressed}", at=at)
        assert trial.told[-2].text == f"key {pressed[-1]}: wrong, miss 1"
        assert heard(trial).startswith(text(site, "common.invalid", "el"))


# -- information that is read out ---


@pytest.mark.parametrize("key", LANGUAGES)
@pytest.mark.parametrize("prompt", TEXTS)
def test_a_text_is_read_out_and_ends_with_an_agent(site: Site, prompt: str, key: str) -> None:
    keys, queues = TEXTS[prompt]
    trial = called(site, f"{key}{keys}")
    assert heard(trial).startswith(text(site, prompt, LANGUAGES[key]))
    node = site.line.menus.nodes[str(trial.summary()["node"])]
    assert isinstance(node, Menu)
    to_notice = {pressed for pressed, choice in node.choices.items() if choice.goto == "privacy"}
    assert node.choices.keys() - to_notice == queues.keys()
    for pressed, queue in queues.items():
        assert called(site, f"{key}{keys}{pressed}").summary()["queue"] == queue
    assert called(site, f"{key}{keys}" + "," * 6).summary()["stage"] == "waiting", "silence is no way out"


def test_every_text_is_in_the_table(site: Site) -> None:
    said = {p.id for node in site.line.menus.nodes.values() if isinstance(node, Menu) for p in node.prompts}
    assert {name for name in said if name.startswith("info.")} - {"info.agent"} == set(TEXTS)


@pytest.mark.parametrize(("wait_s", "asked"), [(None, False), (60.0, False), (300.0, True)])
def test_after_a_text_who_would_wait_long_is_asked_for_a_callback(
    site: Site, wait_s: float | None, asked: bool
) -> None:
    outside = Fixed(datetime.fromisoformat(TODAY), look=QueueLook(expected_wait_s=wait_s))
    session, acts = Session.begin(CallId("c1"), site.line.menus, site.line.menus.entries["1555"], outside)
    for key in "1131":
        acts = session.feed(Input.KEY, key) or []
    (joined,) = acts
    assert isinstance(joined, JoinQueue) and (joined.queue, joined.callback) == ("insurance", asked)


# -- banner, survey ---


def test_each_banner_is_said_in_the_callers_language_and_a_key_skips_it(site: Site) -> None:
    for prompt in site.line.menus.banners:
        for key, language in LANGUAGES.items():
            assert heard(called(site, f",{key}", banner=prompt)) == text(site, prompt, language)
            assert called(site, f"{key}21", "1555", banner=prompt).summary()["queue"] == "dypa"
            assert heard(called(site, f",{key}", "11320", banner=prompt)) == text(site, prompt, language)


@pytest.mark.parametrize(
    ("pressed", "topic", "variables", "asked"),
    [
        ("4", "pensions", {}, True),
        ("", "dypa", {}, True),
        ("7", "general", {}, True),
        ("", "solidarity", {}, False),
        ("", "", {"sos": "yes"}, False),
    ],
)
def test_a_mark_after_the_call_but_not_of_who_needed_help_at_once(
    site: Site, pressed: str, topic: str, variables: dict[str, str], asked: bool
) -> None:
    menus = site.line.menus
    known = {Attribute.LANGUAGE: "el"} | ({Attribute.TOPIC: topic} if topic else {})
    assert menus.after_call is not None
    session, acts = Session.resume(CallId("c1"), menus, menus.after_call, Known(known, variables))
    assert isinstance(menus.nodes[session.node], Survey if asked else Goodbye)
    if asked:
        acts = (session.feed(Input.KEY, pressed) if pressed else _silent(session)) or []
    assert session.node == "farewell" and acts == [Speak((Prompt("common.goodbye"),))]
    marks = [fact.score for fact in session.take_facts() if isinstance(fact, f.Surveyed)]
    assert marks == ([4] if pressed == "4" else [])


def _silent(session: Session) -> Acts | None:
    session.feed(Input.PROMPT_ENDED)
    return session.feed(Input.SILENCE)


# -- the SOS line ---


def test_of_the_sos_line_nothing_is_kept(site: Site) -> None:
    hand = Hand(Line(site.line))
    hand.do(e.LineStarted("n1", datetime.fromisoformat("2026-12-01T08:00+00:00").timestamp(), "test"))
    hand.do(e.Snapshot((), (), tuple(site.line.agents), (), final=True))
    hand.do(e.CallArrived(CallId("n1-1"), "2101234567", "1555"))
    for key in "19":
        hand.do(e.KeyPressed(CallId("n1-1"), key))
    call = hand.line._state.calls[CallId("n1-1")]
    out = hand.do(e.PromptEnded(CallId("n1-1"), call.playback.number))
    assert [one.target for one in out if isinstance(one, Transfer)] == ["15900"]
    assert call.stage is CallStage.TRANSFERRING
    hand.do(e.TransferAnswered(CallId("n1-1")), 3)
    hand.do(e.CallerLeft(CallId("n1-1")), 60)
    book = Projector(Meta("j", "n1", 1_796_000_000.0))
    for number, (now, _, outputs) in enumerate(hand.steps, 1):
        told = [one for one in outputs if isinstance(one, f.Fact)]
        book.apply(tell((number, 1, now, None, facts_text(told), None, None)))
    kept = book.calls["n1-1"]
    assert (kept.confidential, kept.outcome) == (True, "transferred")
    assert (kept.ani, kept.topic, kept.role, kept.language) == (None, None, None, None)
    assert [(one.kind, one.name) for one in book.segments["n1-1"]] == [("transfer", None)]


def test_a_sos_line_that_does_not_answer_leads_to_an_agent(site: Site) -> None:
    for key, language in LANGUAGES.items():
        trial = called(site, f"{key}9,,")
        assert trial.summary()["queue"] == "solidarity" and heard(trial) == text(site, "sos.unanswered", language)
        assert "15900" not in str(trial.told)


def test_the_sos_line_keeps_its_key_without_the_engine(site: Site, tmp_path: Path) -> None:
    alone = asterisk_settings(site, tmp_path, tmp_path).survivable
    assert {topic.key: topic.transfer for topic in alone.topics if topic.transfer} == {"9": "15900"}
    (sos,) = [node for node in site.line.menus.nodes.values() if isinstance(node, DialOut)]
    assert sos.confidential


# -- the tree as a whole ---


def test_nothing_tedious(site: Site) -> None:
    assert advise(site.line.menus) == []


def test_nobody_answers_more_than_four_questions(site: Site) -> None:
    """Even on the longest way: nothing leads up again but star, and the end of the privacy notice."""
    menus = site.line.menus

    def deepest(name: str, above: tuple[str, ...] = ()) -> int:
        node = menus.nodes[name]
        ways = ways_on(node) if not isinstance(node, Enqueue | DialOut) else ()
        assert name == "privacy" or not above or not set(ways) & set(above), f"{name} leads up"
        below = (deepest(way, (*above, name)) for way in ways if way not in above)
        return max(below, default=0) + isinstance(node, Menu)

    # Only the fragment at the beginning is no way down: what follows it is.
    assert deepest("language") + deepest("topic") == 4
    assert deepest("role_insurance") == deepest("role_dypa") == 1


def test_no_text_tells_what_may_change(site: Site) -> None:
    for name, known in site.texts.items():
        if name.startswith(("info.", "emergency.")):
            for language in site.line.menus.languages:
                said = re.sub(r"(πατήστε|press) [0-9]", "", known.text(language))
                assert not re.search(r"[0-9]|€|ευρώ|euro", said), name
                assert not re.findall(r"\w+ (?:τελεία|dot) (?!gr)", said), "no address but gov.gr"


# -- docs/tree.md ---


def test_what_the_page_prepares_works(site: Site, tmp_path: Path) -> None:
    """The state of a ticket, by a service that the shipped site does not have."""
    folder = Path(shutil.copytree(SHIPPED, tmp_path / "site"))
    blocks = dict(re.findall(r"```yaml\n# (\w+)\.yaml[^\n]*\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL))
    menus = (folder / "menus.yaml").read_text("utf-8")
    choice, nodes = blocks["menus"].split("\n\n", 1)
    (old,) = re.findall(r'^      "4": .*goto: info_digital}\n', menus, re.MULTILINE)
    (folder / "menus.yaml").write_text(menus.replace(old, choice + "\n") + nodes, "utf-8")
    prompts, words = (folder / "prompts.yaml").read_text("utf-8"), f"\nprompts:\n{blocks['prompts']}"
    (folder / "prompts.yaml").write_text(prompts.replace("\nprompts:\n", words, 1), "utf-8")
    with (folder / "site.yaml").open("a", encoding="utf-8") as file:
        file.write(blocks["site"])
    changed = load_site(folder)
    assert not advise(changed.line.menus)
    typed = "155" + "1234#" + "1"
    for answer, end in (("open", "ticket.open"), ("answered", "ticket.answered"), ("lost", "ticket.unknown")):
        trial = called(changed, "")
        trial.answers = {"tickets": {"state": answer}}
        for key in typed:
            trial.press(key)
        assert heard(trial).startswith(text(changed, end, "el"))
    silent = called(changed, typed)
    assert heard(silent).startswith(text(changed, "ticket.unknown", "el")) and silent.summary()["queue"] == "general"


def test_the_page_names_what_there_is(site: Site) -> None:
    page = PAGE.read_text("utf-8")
    assert date.fromisoformat(OPENED[:10]).isoformat() in page and COMPLETE[:10] in page
    for name in (*site.line.menus.banners, *TEXTS):
        assert f"`{name}`" in page, name


@pytest.mark.parametrize("language", ["el", "en"])
def test_the_privacy_notice_and_its_version(site: Site, language: str) -> None:
    """It is heard by a key of the digital services, and which version was asked for is kept with the call."""
    trial = called(site, f"{'1' if language == 'el' else '2'}542")
    assert heard(trial).startswith(text(site, "privacy.notice", language)[:40])
    assert trial.known["notice"] == "2026-12"
