"""Tests for menus in YAML: what they may say, what they find, and that nothing goes live while one fails."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from calls import SettingsError
from line1555.cli.main import app
from sites import load_site, run_tests, tests_file
from sites.json_schemas import json_schema
from tests.sites.mutants import mutants

SHIPPED = Path(__file__).parents[2] / "dialplans" / "1555"


@pytest.fixture
def site(tmp_path: Path) -> Path:
    folder = Path(shutil.copytree(SHIPPED, tmp_path / "site", ignore=shutil.ignore_patterns("recordings", "tests")))
    (folder / "tests").mkdir()
    return folder


def write(site: Path, *tests: str) -> Path:
    file = site / "tests" / "some.yaml"
    file.write_text("tests:\n" + "".join(f"  {test}\n" for test in tests), "utf-8")
    return file


def found(site: Path, test: str) -> list[str]:
    """``key: found ..., expected ...`` of what one test found."""
    write(site, f"a test: {test}")
    (tested,) = run_tests(load_site(site))
    assert tested.trace
    return [f"{p.key.removeprefix('tests.a test.expect.')}: {p.found}, {p.expected}" for p in tested.problems]


def test_the_shipped_tests_pass() -> None:
    tested = list(run_tests(load_site(SHIPPED)))
    assert len(tested) >= 20 and [test.name for test in tested if test.problems] == []


@pytest.mark.parametrize(
    "test",
    [
        '{press: ["0"], expect: {queue: general, language: el, callback: false}}',
        '{press: ["2", "0"], expect: {language: en, heard: [welcome.greeting, topic.choose]}}',
        '{press: ["1"], expect: {node: topic, not_heard: [queue.connecting], said: ΟΠΕΚΑ}}',
        '{press: ["1211"], expect: {queue: dypa, node: agent, topic: dypa, role: unemployed}}',
        '{press: ["1", "h"], expect: {outcome: left_in_menu, language: el}}',
        '{press: ["1", "9", "", ""], expect: {transferred: "15900", queue: solidarity}}',
        '{given: {number: "11320", from: "2101234567", at: "2026-12-25T03:00"}, press: ["1"], expect: {topic: dypa}}',
    ],
)
def test_what_holds(site: Path, test: str) -> None:
    assert found(site, test) == []


@pytest.mark.parametrize(
    ("test", "problems"),
    [
        ('{press: ["0"], expect: {queue: dypa}}', ["queue: 'general', 'dypa'"]),
        ('{press: ["1"], expect: {queue: dypa}}', ["queue: nothing, 'dypa'"]),
        ('{press: ["1"], expect: {node: efka, language: en}}', ["node: 'topic', 'efka'", "language: 'el', 'en'"]),
        (
            "{expect: {heard: [language.choose, welcome.greeting]}}",
            ["heard: welcome.greeting, language.choose in this order"],
        ),
        ("{expect: {not_heard: [welcome.greeting]}}", ["not_heard: welcome.greeting was said, that it is not"]),
        ('{press: ["1", "9"], expect: {transferred: "15900"}}', ["transferred: nothing, '15900'"]),
        ('{press: ["0"], expect: {callback: true}}', ["callback: 'no callback', 'a callback'"]),
        ('{press: ["h"], expect: {outcome: informed}}', ["outcome: 'left_in_menu', 'informed'"]),
        ("{expect: {known: {afm: x}}}", ["known.afm: nothing, 'x'"]),
    ],
)
def test_what_does_not_hold(site: Path, test: str, problems: list[str]) -> None:
    assert found(site, test) == problems


@pytest.mark.parametrize(
    ("test", "key", "what"),
    [
        ("{expect: {queue: nowhere}}", "expect.queue", "unknown queue 'nowhere'"),
        ("{expect: {node: nowhere}}", "expect.node", "unknown node 'nowhere'"),
        ("{expect: {heard: [topic.choose, nothing]}}", "expect.heard.1", "unknown prompt 'nothing'"),
        ("{given: {answers: {tickets: {status: open}}}, expect: {}}", "given.answers.tickets", "unknown lookup"),
        ("{given: {banner: strike}, expect: {}}", "given.banner", "unknown prompt 'strike'"),
        ('{given: {number: "1556"}, expect: {}}', "given.number", "unknown number '1556'"),
        ('{given: {at: "noon"}, expect: {}}', "given.at", "a local time in quotes"),
        ('{press: ["1a"], expect: {}}', "press.0", 'keys such as "1"'),
        ('{press: ["1"]}', "expect", "expected this key"),
        ("{expects: {}}", "expects", "an unknown key"),
        ("{expect: {language: fr}}", "expect.language", "unknown language 'fr'"),
        ("{expect: {role: king}}", "expect.role", "unknown role 'king'"),
    ],
)
def test_a_test_that_is_wrong_is_a_problem_of_the_site(site: Path, test: str, key: str, what: str) -> None:
    file = write(site, f"a test: {test}")
    with pytest.raises(SettingsError) as error:
        load_site(site)
    told = str(error.value)
    assert told.startswith(f"{file}:2:") and f"tests.a test.{key}: " in told and what in told


@pytest.mark.parametrize("text", ["", "[", "tests: 1", "tests: {x: &a 1, y: *a}", "a: 1", "\x00", "tests: [1]"])
def test_files_that_are_no_tests(site: Path, text: str) -> None:
    (site / "tests" / "some.yaml").write_text(text)
    with pytest.raises(SettingsError, match=r"some\.yaml"):
        load_site(site)


def test_damaged_files_are_refused_with_their_place_or_run(site: Path) -> None:
    shipped = {"ways.yaml": (SHIPPED / "tests" / "ways.yaml").read_text("utf-8")}
    plain, ran = load_site(site), 0
    names = tests_file.Names(plain.line, plain.texts, plain.settings.lookups, plain.roles)
    for mutant in mutants(shipped, 400, 1555):
        (site / "tests" / "some.yaml").write_bytes(mutant.raw)
        files = tests_file.read(site)
        problems = [*files[0].problems, *tests_file.problems(files, names)]
        assert all(problem.line and problem.column and str(problem).isprintable() for problem in problems)
        if not problems:
            ran += bool(list(run_tests(replace(plain, tests=files))))
    assert ran > 40


def test_the_command(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "200")

    def call(*more: str) -> Result:
        return CliRunner().invoke(app, ["check", str(site), *more])

    assert "no tests" in call("--tests").output
    file = write(site, 'good: {press: ["0"], expect: {queue: general}}')
    assert "1 tests, all fine" in call("--tests").output
    write(site, 'good: {press: ["0"], expect: {queue: general}}', 'bad: {press: ["0"], expect: {queue: dypa}}')
    failed = call("--tests")
    assert failed.exit_code == 1 and "1 of 2 tests failed" in failed.output
    assert f"{file}:3:" in failed.output and "node welcome" in failed.output, "with what the caller heard"
    assert call().exit_code == 0, "without --tests they are only read"
    told = json.loads(call("--tests", "--json").stdout)
    assert not told["ok"] and [(test["name"], len(test["problems"])) for test in told["tests"]] == [
        ("good", 0),
        ("bad", 1),
    ]


def test_nothing_is_published_while_a_test_fails(site: Path, tmp_path: Path) -> None:
    write(site, 'bad: {press: ["0"], expect: {queue: dypa}}')
    arguments = ["publish", "--site", str(site), "--run", str(tmp_path / "run"), "--why", "x"]
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 1 and "1 of 1 tests failed" in result.output
    assert not (tmp_path / "run" / "versions" / "0001").exists()


def test_the_editor_knows_the_keys() -> None:
    schema = json.dumps(json_schema("tests"))
    assert all(
        f'"{key}"' in schema for key in ("given", "press", "expect", "from", "heard", "not_heard", "transferred")
    )
