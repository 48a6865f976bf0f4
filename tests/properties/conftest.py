"""How far the random walks go: ``LINE_WALKS`` walks of ``LINE_STEPS`` rules each, from the seed ``LINE_SEED``."""

from __future__ import annotations

import os

import pytest

SEED = int(os.environ.get("LINE_SEED", "1555"))
WALKS = int(os.environ.get("LINE_WALKS", "600"))
STEPS = int(os.environ.get("LINE_STEPS", "80"))


def pytest_report_header() -> str:
    return f"random walks: LINE_SEED={SEED} LINE_WALKS={WALKS} LINE_STEPS={STEPS}"


@pytest.fixture(scope="session")
def walks() -> tuple[int, int, int]:
    return SEED, WALKS, STEPS
