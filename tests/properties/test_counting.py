"""Random lines end with the same figures everywhere: board = ``/metrics`` = report = simulator, to the last call.

The lines are those of ``test_walks``: every overflow rule, transfers, callbacks, refusals, restarts, and whatever an
outside world can do out of order.
"""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, get_args

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import rule, run_state_machine_as_test

from calls import facts as f
from tests import counted
from tests.line import GENERAL, PENSIONS

from .test_walks import Walk

FACTS = get_args(f.Fact)
QUEUES = (PENSIONS, GENERAL)


class CountedWalk(Walk):
    """A walk whose readers are read when all calls are over, and were restarted where the line was."""

    seen = dict.fromkeys(("offered", "refused", "overflowed", "again", "callbacks", "called_back", "survived"), 0)

    def start(self, rules: int) -> None:
        super().start(rules)
        self.restarts: set[int] = set()

    @rule()
    def restart(self) -> None:
        super().restart()
        self.restarts.add(len(self.d.record))

    def teardown(self) -> None:
        super().teardown()
        told: Any = [(now, [out for out in outputs if isinstance(out, FACTS)]) for now, _, outputs in self.d.record]
        steps: counted.Steps = [(now, facts) for now, facts in told if facts]
        places = {number for number, (_, facts) in enumerate(told) if number in self.restarts and facts}
        with TemporaryDirectory() as folder:
            _same_everywhere(steps, places, Path(folder), self.d.now)


def _same_everywhere(steps: counted.Steps, restarts: set[int], folder: Path, now: float) -> None:
    state = counted.folded(steps, restarts=restarts.__contains__)
    board = counted.board(state, now)
    counted.all_agree(board, counted.exported(state, now), "/metrics")
    counted.all_agree(board, counted.simulated(steps, QUEUES), "simulator")
    counted.all_agree(board, counted.reported(steps, folder, batch=1 + len(steps) // (1 + len(restarts))), "report")
    line = board.line
    for name in CountedWalk.seen:
        CountedWalk.seen[name] += int(line.get(name) or 0)
    CountedWalk.seen["again"] += any(fact for _, facts in steps for fact in facts if isinstance(fact, f.SentOn))
    assert line["offered"] == (line["handled"] or 0) + sum(line[way] or 0 for way in counted.WAYS)
    for row in board.queues.values():
        assert row["offered"] == (row["handled"] or 0) + sum(row[way] or 0 for way in counted.WAYS)


def test_the_same_figures_everywhere(walks: tuple[int, int, int]) -> None:
    number, examples, length = walks
    profile = settings(
        max_examples=max(10, examples // 10),
        stateful_step_count=length,
        deadline=None,
        database=None,
        phases=(Phase.generate,),  # each walk fills a database: to shrink one takes minutes
        suppress_health_check=list(HealthCheck),
        print_blob=False,
        report_multiple_bugs=False,
    )
    run_state_machine_as_test(seed(number)(CountedWalk), settings=profile)
    print(CountedWalk.seen)
    assert all(CountedWalk.seen.values()), f"too little happened: {CountedWalk.seen}"
