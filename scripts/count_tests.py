"""Adds up what the parts of the test suite reported: tests, skips and seconds by part. Exit 1 when one was skipped."""

from __future__ import annotations

import sys
from pathlib import Path
from xml.etree import ElementTree


def figures(report: Path) -> tuple[int, int, float]:
    """Tests, skipped tests and seconds of one JUnit report."""
    suites = list(ElementTree.parse(report).iter("testsuite"))
    whole = [sum(int(s.get(key, 0)) for s in suites) for key in ("tests", "skipped")]
    return whole[0], whole[1], sum(float(s.get("time", 0)) for s in suites)


def main(names: list[str]) -> int:
    rows = [(Path(name).stem, *figures(Path(name))) for name in names]
    rows.append(("total", sum(r[1] for r in rows), sum(r[2] for r in rows), sum(r[3] for r in rows)))
    for part, tests, skipped, seconds in rows:
        print(f"{part:32} {tests:6} tests {skipped:4} skipped {seconds:8.1f} s")
    return 1 if rows[-1][2] else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
