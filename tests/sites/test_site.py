"""The shipped site, and what a site with mistakes says for itself."""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from functools import cache
from pathlib import Path

import pytest

from acd import POLICIES
from agents import Code
from calls import AgentAction, AgentId, Attribute, CallId, Need, Problem, QueueId, SettingsError, parse, requirement
from engine import CallbackRules
from ivr import Fixed, Input, JoinQueue, Menu, Session, Speak
from queues import OverflowAction, OverflowRule, OverflowTrigger, QueueSettings, Relax
from sites import Site, load_site, yamlfile

SHIPPED = Path(__file__).parents[2] / "dialplans" / "1555"
Broken = Callable[..., list[str]]


@pytest.fixture(scope="module")
def site() -> Site:
    return load_site(SHIPPED)


@pytest.fixture(autouse=True, scope="module")
def parsed_once() -> Iterator[None]:
    """Files that no test changed are parsed only once: that is most of the time these tests would need."""
    parse = cache(yamlfile.parse)

    def known(text: str, file: str) -> tuple[yamlfile.Document | None, list[Problem]]:
        if text not in originals:
            return yamlfile_parse(text, file)
        document, problems = parse(text, "original")
        return document and replace(document, file=file), problems

    yamlfile_parse, originals = yamlfile.parse, {path.read_text(encoding="utf-8") for path in SHIPPED.glob("*.yaml")}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(yamlfile, "parse", known)
        yield


@pytest.fixture
def broken(tmp_path: Path) -> Broken:
    """The shipped site with edits ``(file, old, new)``; what is then said, see ``placed``."""

    def edited(*edits: tuple[str, str, str]) -> list[str]:
        folder = Path(shutil.copytree(SHIPPED, tmp_path / "site"))
        for file, old, new in edits:
            text = (folder / file).read_text(encoding="utf-8")
            assert old in text
            (folder / file).write_text(text.replace(old, new, 1), encoding="utf-8")
        with pytest.raises(SettingsError) as error:
            load_site(folder)
        return [placed(problem, folder) for problem in error.value.problems]

    return edited


FIRST = ("after_s", "ahead", "when")
"""A step or a rule that is wrong as a whole is placed where it begins."""


def placed(problem: Problem, folder: Path) -> str:
    """The problem without folder, line and column (admins move lines), having looked that the place is right."""
    path = Path(problem.file)
    line = path.read_text(encoding="utf-8").splitlines()[problem.line - 1]
    there = line[problem.column - 1 :].strip('"[{')
    assert problem.key == "(file)" or there.startswith((*problem.key.split("."), problem.found.strip("'"), *FIRST)), (
        line
    )
    return f"{path.relative_to(folder)}: {problem.key}: found {problem.found}, expected {problem.expected}"


def test_the_shipped_site_is_right(site: Site) -> None:
    line = site.line
    assert set(line.menus.entries) == {"1555", "11320", "2106241888"}
    assert line.menus.languages == ("el", "en")
    assert set(line.menus.topics) == {"insurance", "pensions", "dypa", "opeka", "labour", "solidarity", "general"}
    assert list(line.agents) == [f"agent{n:03d}" for n in range(1, 141)]
    assert line.codes["*142"] == Code(AgentAction.NOT_READY, "meal")
    assert line.queues[QueueId("pensions")].wrap_up_s == 40
    assert line.queues[QueueId("pensions")].ring_s == 15
    assert site.settings.external_numbers == ["15900"]
    assert site.settings.sip.port == 5060


def test_every_node_waits_for_no_more_than_five_choices_and_the_sos_line(site: Site) -> None:
    menus = [node for node in site.line.menus.nodes.values() if isinstance(node, Menu)]
    assert max(len(menu.choices) - ("9" in menu.choices) for menu in menus) == 5


@pytest.mark.parametrize(
    ("number", "keys", "queue", "known"),
    [
        ("1555", "1111", "insurance", "el insurance insured"),
        ("1555", "2123", "pensions", "en pensions representative"),
        ("1555", "121", "dypa", "el dypa unemployed"),
        ("1555", "231", "opeka", "en opeka beneficiary"),
        ("1555", "142", "labour", "el labour employer"),
        ("1555", "1511", "solidarity", "el solidarity beneficiary"),
        ("1555", "152", "general", "el general other"),
        ("1555", "10", "general", "el"),
        ("1555", "11*41", "labour", "el labour insured"),
        ("11320", "25", "dypa", "en dypa other"),
        ("2106241888", "11", "insurance", "el insurance insured"),
    ],
)
def test_callers_come_to_the_queue_of_their_topic(site: Site, number: str, keys: str, queue: str, known: str) -> None:
    today = Fixed(datetime(2026, 12, 1, 10))
    session, acts = Session.begin(CallId("n1-1"), site.line.menus, site.line.menus.entries[number], today)
    for key in keys:
        while not isinstance(site.line.menus.nodes[session.node], Menu):
            acts = session.feed(Input.PROMPT_ENDED) or []
        acts = session.feed(Input.KEY, key) or []
    assert [act.queue for act in acts if isinstance(act, JoinQueue)] == [queue]
    known_by = (
        session.known.attributes.get(attribute) for attribute in (Attribute.LANGUAGE, Attribute.TOPIC, Attribute.ROLE)
    )
    assert " ".join(filter(None, known_by)) == known


def test_silence_at_the_language_is_greek(site: Site) -> None:
    session, _ = Session.begin(CallId("n1-1"), site.line.menus, site.line.menus.entries["1555"])
    session.feed(Input.PROMPT_ENDED)
    session.feed(Input.PROMPT_ENDED)
    acts = session.feed(Input.SILENCE)
    assert acts is not None
    assert isinstance(acts[0], Speak)
    assert (session.node, session.known.language) == ("topic", "el")


@pytest.mark.parametrize(
    ("language", "prompt", "number", "text"),
    [
        ("el", "waiting.minutes", 1, "Ο χρόνος αναμονής είναι το πολύ ένα λεπτό."),
        ("el", "waiting.minutes", 2, "Ο χρόνος αναμονής είναι το πολύ δύο λεπτά."),
        ("el", "waiting.minutes", 21, "Ο χρόνος αναμονής είναι το πολύ είκοσι ένα λεπτά."),
        ("el", "waiting.minutes", 31, "Ο χρόνος αναμονής είναι πάνω από μισή ώρα."),
        ("en", "waiting.minutes", 1, "The waiting time is at most one minute."),
        ("en", "waiting.minutes", 30, "The waiting time is at most thirty minutes."),
        ("el", "waiting.position", 1, "Η κλήση σας είναι η επόμενη στη σειρά."),
        ("el", "waiting.position", 21, "Βρίσκεστε στη θέση είκοσι ένα της σειράς προτεραιότητας."),
        ("el", "waiting.position", 51, "Πριν από εσάς περιμένουν περισσότερες από πενήντα κλήσεις."),
        ("en", "waiting.position", 4000, "There are more than fifty calls before yours."),
    ],
)
def test_numbers_are_said_right(site: Site, language: str, prompt: str, number: int, text: str) -> None:
    assert site.texts[prompt].text(language, number) == text


def test_an_agent_of_his_own(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(SHIPPED, tmp_path / "site"))
    with (folder / "agents.yaml").open("a", encoding="utf-8") as file:
        file.write("  agent007: {name: Μαρία, language: en, skills: {topic.labour: 9, lang.en: 0}}\n")
        file.write("  chief: {skills: {topic.general: 10}}\n")
    agents = load_site(folder).line.agents
    seven, eight = agents[AgentId("agent007")], agents[AgentId("agent008")]
    assert (seven.name, seven.language, eight.name, eight.language) == ("Μαρία", "en", "agent008", "el")
    assert {**eight.skills, "topic.labour": 9} == {**seven.skills, "lang.en": eight.skills["lang.en"]}
    assert "lang.en" not in seven.skills
    assert agents[AgentId("chief")].skills == {"topic.general": 10}


def test_problems_of_all_files_at_once(broken: Broken) -> None:
    said = broken(
        ("line.yaml", "operator_queue: general", "operator_queue: genral"),
        ("menus.yaml", "timeout_s: 4", "timeout_s: soon"),
        ("menus.yaml", "goto: efka}", "goto: efca}"),
        ("prompts.yaml", "    en: You are ready.\n", ""),
        ("queues.yaml", "{topic.labour: 5}", "{topic.labour: 10}"),
        ("queues.yaml", "topic.insurance >= 7 and", "topic.insurance >= 10 and"),
        ("agents.yaml", "topic.insurance: 8", "topic.insurence: 8"),
        ("site.yaml", "Europe/Athens", "Mars/Phobos"),
    )
    assert [line.partition(", expected")[0] for line in said] == [
        "agents.yaml: agents.agent021-agent070.skills.topic.insurence: found unknown skill 'topic.insurence'",
        "line.yaml: operator_queue: found unknown queue 'genral'",
        "menus.yaml: nodes.language.timeout_s: found 'soon'",
        "menus.yaml: nodes.topic.choices.1.goto: found unknown node 'efca'",
        "prompts.yaml: prompts.agent.ready.en: found no translation",
        "queues.yaml: queues.labour: found nobody who could serve it in 'el'",
        "queues.yaml: queues.labour: found nobody who could serve it in 'en'",
        "site.yaml: zone: found 'Mars/Phobos'",
    ]


@pytest.mark.parametrize(
    ("file", "old", "new", "expected"),
    [
        ("agents.yaml", "agent021-", "agent020-", "agents.yaml: agents.agent020-agent070: found agent020, who is in agent001-agent020 too, expected each agent in one range"),  # noqa: E501
        ("agents.yaml", "agent021-", "agent21-", "agents.yaml: agents.agent21-agent070: found a range that makes no sense, expected e.g. agent001-agent040"),  # noqa: E501
        ("agents.yaml", ", reason: meal", "", "agents.yaml: codes.*142.reason: found nothing, expected the reason this code stands for"),  # noqa: E501
        ("agents.yaml", "{action: ready}", "{action: ready, reason: x}", "agents.yaml: codes.*13.reason: found 'x', expected no reason: only not_ready has one"),  # noqa: E501
        ("agents.yaml", "{action: log_in}", "{action: login}", "agents.yaml: codes.*11.action: found 'login', expected 'log_in', 'log_out', 'ready', 'not_ready' or 'end_wrap_up'"),  # noqa: E501
        ("agents.yaml", "    skills:\n", "    language: fr\n    skills:\n", "agents.yaml: agents.agent001-agent020.language: found 'fr', expected one of el, en"),  # noqa: E501
        ("queues.yaml", "label: ΔΥΠΑ", "label: 'Δ\"ΥΠΑ'", "queues.yaml: queues.dypa.label: found 'Δ\"ΥΠΑ', expected a text of 1 to 60 characters, without \" < > ; \\"),  # noqa: E501
        ("queues.yaml", 'requires: {topic.dypa: 5}', 'requires: topic.dypa >= 11', "queues.yaml: queues.dypa.requires: found 'topic.dypa >= 11', expected a skill expression such as topic.pensions >= 3 and lang.en >= 2 ('11' at character 14: expected a level, 1 to 10)"),  # noqa: E501
        ("queues.yaml", 'requires: {topic.dypa: 5}', 'requires: {topic.dypa: 11}', 'queues.yaml: queues.dypa.requires.topic.dypa: found 11, expected at most 10'),  # noqa: E501
        ("queues.yaml", 'requires: {topic.dypa: 5}', 'requires: {topic.dypa: 5}\n    roles: {pensionr: 30}', "queues.yaml: queues.dypa.roles.pensionr: found unknown role 'pensionr', expected one of pensioner, beneficiary, employer, insured, other, representative, unemployed (line.yaml)"),  # noqa: E501
        ("queues.yaml", 'requires: {topic.dypa: 5}', 'requires: {topic.dypa: 5}\n    numbers: {"11321": 10}', "queues.yaml: queues.dypa.numbers.11321: found unknown number '11321', expected one of 11320, 1555, 2106241888 (line.yaml)"),  # noqa: E501
        ("queues.yaml", 'requires: {topic.dypa: 5}', 'requires: {topic.dypa: 5}\n    policy: balancd', f"queues.yaml: queues.dypa.policy: found unknown policy 'balancd', expected one of {', '.join(POLICIES)}"),  # noqa: E501
        ("queues.yaml", 'requires: {topic.dypa: 5}', 'requires: {topic.dypa: 5}\n    policy: {name: weighted_index, wait: much}', "queues.yaml: queues.dypa.policy.wait: found 'much', expected a number"),  # noqa: E501
        ("queues.yaml", 'requires: {topic.dypa: 5}', 'requires: {topic.dypa: 5}\n    policy: {wait: 1}', 'queues.yaml: queues.dypa.policy.name: found nothing, expected this key'),  # noqa: E501
        ("queues.yaml", 'policy: balanced  ', 'policy: {name: cmu, keep: 1} #', "queues.yaml: defaults.policy.keep: found an unknown setting, expected another one: cmu has no setting 'keep': it has none"),  # noqa: E501
        ("queues.yaml", 'cap_s: 120', 'cap_s: 1', 'queues.yaml: defaults.cap_s: found 1, expected at least 10.0'),
        ("queues.yaml", '- {ahead: 10, requires', '- {ahead: 10, after_s: 5, requires', 'queues.yaml: queues.dypa.relax.0: found after_s and ahead, expected exactly one of after_s, ahead, wait_s'),  # noqa: E501
        ("queues.yaml", '{when: nobody, queue: general}', '{when: nobody, queue: general, message: queue.full}', 'queues.yaml: queues.insurance.overflow.0: found queue and message, expected exactly one of queue, message, number, callback'),  # noqa: E501
        ("queues.yaml", '{when: length, at: 300, message', '{when: length, message', 'queues.yaml: queues.insurance.overflow.3: found length without at, expected at: a number with length, longest_wait, expected_wait, waited, and only with these'),  # noqa: E501
        ("queues.yaml", '{when: nobody, queue', '{when: noone, queue', "queues.yaml: queues.insurance.overflow.0.when: found 'noone', expected 'length', 'longest_wait', 'expected_wait', 'waited', 'nobody' or 'closed'"),  # noqa: E501
        ("queues.yaml", '{when: nobody, queue: general}', '{when: nobody, queue: insurance}', "queues.yaml: queues.insurance.overflow.0.queue: found 'insurance', the queue itself, expected another queue"),  # noqa: E501
        ("queues.yaml", '{when: nobody, queue: general}', '{when: nobody, number: "100"}', "queues.yaml: queues.insurance.overflow.0.number: found '100', expected one of 15900 (external_numbers in site.yaml)"),  # noqa: E501
        ("queues.yaml", '{when: waited, at: 300, callback: true}', '{when: waited, at: 300, callback: false}', 'queues.yaml: queues.insurance.overflow.2.callback: found false, expected true'),  # noqa: E501
        ("line.yaml", '"69########"', '"+3069########"', "line.yaml: callbacks.numbers.1: found '+3069########', expected digits, then # for any digit: \"69########\""),  # noqa: E501
        ("line.yaml", 'attempts: 3 ', 'attempts: 0 ', "line.yaml: callbacks.attempts: found 0, expected at least 1"),
        ("site.yaml", "rtp_last: 13999", "rtp_last: 9000", "site.yaml: sip.rtp_last: found 9000, expected more than 10000"),  # noqa: E501
        ("site.yaml", "records: {}", 'records: {}\nlookups: {t: {url: "http://10.0.0.1/x"}}', "site.yaml: lookups.t.url: found 'http://10.0.0.1/x', expected https, or an address of this machine such as http://127.0.0.1:8080/tickets"),  # noqa: E501
        ("site.yaml", "records: {}", 'records: {}\nlookups: {t: {url: "https://me:x@a.b/"}}', "site.yaml: lookups.t.url: found 'https://me:x@a.b/', expected an address without user, query and fragment, e.g. https://tickets.example/status"),  # noqa: E501
        ("site.yaml", "[127.0.0.1]", "[127.0.0.300]", "site.yaml: trunk.match.0: found '127.0.0.300', expected an IPv4 address or a network, e.g. 10.0.0.5 or 10.0.0.0/24"),  # noqa: E501
        ("site.yaml", "port: 9155", "port: 99155", "site.yaml: metrics.port: found 99155, expected at most 65535"),
        ("site.yaml", "board_language: el", "board_language: de", "site.yaml: board_language: found 'de', expected one of el, en"),  # noqa: E501
        ("line.yaml", '"11320":', '"11 320":', "line.yaml: numbers.11 320: found '11 320', expected a telephone number in quotes: digits, + allowed in front"),  # noqa: E501
        ("menus.yaml", "nodes:\n", "nodes: [\n", "menus.yaml: (file): found while parsing a flow sequence did not find expected ',' or ']', expected well-formed YAML"),  # noqa: E501
    ],
)  # fmt: skip
def test_one_mistake_one_complaint(broken: Broken, file: str, old: str, new: str, expected: str) -> None:
    assert broken((file, old, new)) == [expected]


def test_a_callback_needs_its_words(broken: Broken) -> None:
    told = broken(("prompts.yaml", "  callback.offer:", "  callback.ofer:"))
    queues = ("insurance", "pensions", "dypa", "opeka", "labour", "solidarity", "general")
    assert len(told) == 2 * len(queues) - 1 + 1, "two rules of each queue, of solidarity one, and a node"
    assert told[1] == (
        "queues.yaml: queues.insurance.overflow.1.callback: "
        "found no prompt 'callback.offer', expected it in prompts.yaml: a callback needs it"
    )


def test_lookups_of_the_site(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(SHIPPED, tmp_path / "site"))
    with (folder / "site.yaml").open("a", encoding="utf-8") as file:
        file.write('lookups: {tickets: {url: "https://a.b:8443/t/x", retries: 0, token_file: token}}\n')
    part = load_site(folder).settings.lookups["tickets"]
    assert (part.url, part.timeout_s, part.retries, part.token_file) == ("https://a.b:8443/t/x", 2.0, 0, "token")


def test_whom_the_shipped_line_calls_back() -> None:
    assert load_site(SHIPPED).line.callbacks == CallbackRules()


def test_what_a_queue_may_say(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(SHIPPED, tmp_path / "site"))
    (folder / "queues.yaml").write_text(QUEUES, encoding="utf-8")
    queues = load_site(folder).line.queues
    pensions, general = queues[QueueId("pensions")], queues[QueueId("general")]
    assert pensions == QueueSettings(
        id=QueueId("pensions"),
        label="P",
        requires=parse("topic.pensions >= 3 and (lang.en >= 2 or topic.general)"),
        priority=5,
        ageing=0.5,
        cap_s=90,
        policy="weighted_index",
        policy_settings={"keep_s": 10},
        role_points={"pensioner": 30},
        number_points={"11320": 10},
        relax=(
            Relax(requirement(Need("topic.pensions", 1)), after_s=20),
            Relax(parse("anybody"), ahead=5, language=False),
        ),
        overflow=(
            OverflowRule(OverflowTrigger.WAITED, OverflowAction.NUMBER, "15900", 600),
            OverflowRule(OverflowTrigger.NOBODY, OverflowAction.QUEUE, "general"),
            OverflowRule(OverflowTrigger.CLOSED, OverflowAction.MESSAGE, "queue.nobody"),
        ),
        last_agent_s=20,
        ring_ahead_s=4,
    )
    assert (general.policy, general.policy_settings, general.ageing) == ("cmu", {}, 0.5)


QUEUES = """
defaults: {ageing: 0.5, cap_s: 90, policy: cmu, last_agent_s: 20, ring_ahead_s: 4}
queues:
  general: {label: G, requires: topic.general}
  insurance: {label: I, requires: topic.insurance or topic.labour or topic.dypa or topic.opeka or topic.solidarity}
  labour: {label: L}
  dypa: {label: D}
  opeka: {label: O}
  solidarity: {label: S}
  pensions:
    label: P
    requires: topic.pensions >= 3 and (lang.en >= 2 or topic.general)
    priority: 5
    policy: {name: weighted_index, keep_s: 10}
    roles: {pensioner: 30}
    numbers: {"11320": 10}
    relax:
      - {after_s: 20, requires: {topic.pensions: 1}}
      - {ahead: 5, requires: anybody, language: false}
    overflow:
      - {when: waited, at: 600, number: "15900"}
      - {when: nobody, queue: general}
      - {when: closed, message: queue.nobody}
"""


def test_a_phone_that_answers_by_itself(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(SHIPPED, tmp_path / "site"))
    people = (folder / "agents.yaml").read_text(encoding="utf-8")
    people = people.replace("    skills:\n", "    auto_answer: true\n    skills:\n", 1)
    (folder / "agents.yaml").write_text(people + "  agent007: {auto_answer: false}\n", encoding="utf-8")
    agents = load_site(folder).line.agents
    answering = [agent.id for agent in agents.values() if agent.auto_answer]
    assert (len(answering), "agent007" in answering, "agent021" in answering) == (19, False, False)


def test_a_folder_without_a_site(tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as error:
        load_site(tmp_path)
    assert len(error.value.problems) == 6
    assert {problem.found for problem in error.value.problems} == {"No such file or directory"}
