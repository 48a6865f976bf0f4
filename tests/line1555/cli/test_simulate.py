"""``line1555 simulate`` as a contract: exit status, JSON on stdout alone, the same bytes whatever the processes."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from textwrap import dedent
from xml.etree import ElementTree

import pytest
from typer.testing import CliRunner, Result

from line1555.cli.main import app
from simulator.run import runs
from tests.simulator.made_up import MadeUp
from tests.simulator.scenarios import SHORT, one_group

runner = CliRunner()
Run = Callable[..., Result]


@pytest.fixture
def scenario(tmp_path: Path) -> str:
    file = tmp_path / "plain.yaml"
    file.write_text(dedent(one_group(10, SHORT)), encoding="utf-8")
    return str(file)


def simulate(scenario: str, *options: str) -> Result:
    return runner.invoke(app, ["simulate", scenario, *options])


@pytest.fixture
def made_up(monkeypatch: pytest.MonkeyPatch, scenario: str) -> Run:
    """The command on a line that holds 80 % with 12 seats for each unit of load, without a simulation."""
    pool = MadeUp(lambda seats, growth: 0.81 + 0.05 * (seats / growth - 12))

    @contextmanager
    def workers(jobs: int, cluster: str = "") -> Iterator[runs.Pool]:
        yield pool

    monkeypatch.setattr(runs, "workers", workers)
    return lambda *options: simulate(scenario, "--jobs", "1", "--runs", "4", *options)


def test_help() -> None:
    result = runner.invoke(app, ["simulate", "--help"])
    assert result.exit_code == 0 and "Usage" in result.output


@pytest.mark.timeout(300)
def test_the_same_bytes_whatever_the_processes(scenario: str) -> None:
    options = ("--json", "--runs", "2", "--no-search", "--vary", "seats=9:10:1")
    one, two = (simulate(scenario, *options, "--jobs", jobs) for jobs in ("1", "2"))
    assert one.exit_code == two.exit_code == 0
    assert one.stdout_bytes == two.stdout_bytes
    assert [case["changes"] for case in json.loads(one.stdout)] == [{"seats": 9.0}, {"seats": 10.0}]


def test_figures_on_stdout_and_the_bar_on_stderr(made_up: Run) -> None:
    result = made_up("--json")
    assert json.loads(result.stdout)["verdict"] == "not_enough" and "replications" in result.stderr


def test_how_many_would_be_enough(made_up: Run) -> None:
    result = made_up("--json", "--limit", "--search")
    found = json.loads(result.stdout)
    assert (found["needed_seats"], found["load_limit"]) == (12, 0.84)
    assert found["searched"]["seats"]["why"] is None
    tried = {case["value"]: case["verdict"] for case in found["searched"]["seats"]["tried"]}
    assert tried[12] == "enough" and tried[11] == "not_enough" and tried[10] == "not_enough"
    assert "12 seats would be" in " ".join(made_up("--search").stdout.split())


def test_the_search_is_offered(made_up: Run) -> None:
    """It costs more than what was asked for, so nobody gets it unasked."""
    plain = made_up()
    assert "would be" not in plain.stdout.replace("would be enough?", "") and "with --search" in plain.stdout
    assert json.loads(made_up("--json").stdout)["needed_seats"] is None
    assert "--search" not in made_up("--vary", "seats=20").stdout, "they are enough"
    assert "--search" not in made_up("--search").stdout


def test_no_search(made_up: Run) -> None:
    found = json.loads(made_up("--json", "--no-search").stdout)
    assert (found["needed_seats"], found["load_limit"], found["searched"]) == (None, None, {})
    assert "seats would be" not in made_up("--no-search").stdout.replace("seats would be enough?", "")


def test_exit_status(made_up: Run) -> None:
    assert made_up().exit_code == 0, "whatever the answer"
    assert made_up("--require").exit_code == 1
    assert made_up("--require", "--vary", "seats=20").exit_code == 0
    assert made_up("--require", "--vary", "seats=10:20:10").exit_code == 1, "one of them is not enough"


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--vary", "chairs=3"), "chairs"),
        (("--vary", "seats=3:1:1"), "key=first:last:step"),
        (("--language", "fr"), "en, el"),
        (("--report", "nowhere/at/all.html"), "a folder that exists"),
        (("--plots", "nowhere/at/all"), "a folder that exists"),
        (("--vary", "topic.hepl=2"), "topic.hepl: found no topic 'hepl', expected one of help, sales"),
        (("--vary", "teach.k.hlp=2"), "expected"),
        (("--vary", "seats=0"), "seats=0: expected a whole number of seats"),
        (("--vary", "load=1", "--vary", "load=2"), "load: found twice"),
        (("--limit", "--vary", "load=1:2:1"), "--limit"),
        (("--runs", "0"), "--runs"),
    ],
)
def test_wrong_use(made_up: Run, options: tuple[str, ...], said: str) -> None:
    result = made_up(*options)
    assert result.exit_code == 2 and said in result.stderr and "Traceback" not in result.output


def test_wrong_scenario(tmp_path: Path) -> None:
    assert simulate("no-such-scenario").exit_code == 2
    broken = tmp_path / "broken.yaml"
    broken.write_text("about: {en: nothing}\nhours: -1\n", encoding="utf-8")
    result = simulate(str(broken))
    assert result.exit_code == 2 and "broken.yaml:2" in result.stderr


def test_no_cluster(scenario: str) -> None:
    result = simulate(scenario, "--cluster", "nonsense://nowhere")
    assert result.exit_code == 2 and "no Dask scheduler answers at nonsense://nowhere" in result.stderr


@pytest.mark.parametrize(("language", "said"), [("en", "Not enough"), ("el", "Δεν αρκούν")])
def test_a_report(made_up: Run, tmp_path: Path, language: str, said: str) -> None:
    file = tmp_path / "report.html"
    assert made_up("--report", str(file), "--language", language).exit_code == 0
    page = file.read_text("utf-8")
    assert page.startswith("<!DOCTYPE html>") and said in page


PLOTS = {
    ("--search",): {"calls", "level", "waits", "staff", "searched-seats"},
    ("--no-search",): {"calls", "level", "waits", "staff"},
    ("--vary", "seats=10:14:1"): {"curve"},
    ("--vary", "seats=10,14"): {"both", "parts"},
    ("--vary", "seats=10,14", "--vary", "load=1,1.1"): {"grid"},
}


@pytest.mark.parametrize("options", PLOTS)
def test_plots_as_files(made_up: Run, tmp_path: Path, options: tuple[str, ...]) -> None:
    """Those of the page, each an SVG document of its own that says what it shows; small enough for a document."""
    page = tmp_path / "page.html"
    assert made_up("--plots", str(tmp_path / "new"), "--report", str(page), *options).exit_code == 0
    files = {file.stem: file for file in (tmp_path / "new").glob("*.svg")}
    assert files.keys() == PLOTS[options]
    for file in files.values():
        root = ElementTree.parse(file).getroot()
        title = root.find("{http://www.w3.org/2000/svg}title")
        assert root.get("width", "").endswith("pt") and title is not None and title.text
        assert title.text in page.read_text("utf-8") and file.stat().st_size < 150_000


def test_two_cases_are_compared(made_up: Run) -> None:
    """On the same callers: points of the service level are exact to the made-up figures."""
    before, after = json.loads(made_up("--json", "--vary", "seats=10,12").stdout)
    assert "against_first" not in before
    gain = after["against_first"]["line"]["service_level"]
    assert gain["mean"] == pytest.approx(0.1, abs=1e-3) and gain["half_width"] == pytest.approx(0, abs=1e-6)
    shown = made_up("--vary", "seats=10,12").stdout
    assert "run by run on the same callers" in shown and "+10.0 ±0.0" in shown
    assert "With load = 1." in made_up("--vary", "load=1", "--vary", "seats=10,12").stdout, "told once, no column"
    assert "run by run" not in made_up("--vary", "seats=10:12:1").stdout, "three cases are a curve"


def test_a_report_of_a_sweep(made_up: Run, tmp_path: Path) -> None:
    file = tmp_path / "sweep.html"
    result = made_up("--report", str(file), "--vary", "seats=10:14:1")
    assert result.exit_code == 0 and "From 12 seats on" in result.stdout and "From 12 seats on" in file.read_text()
