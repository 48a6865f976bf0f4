"""The reporting database comes to its newest version, whoever asks for it, and however many at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from sqlalchemy import inspect

from records.database import opened, upgrade


def test_threads_that_start_together_make_the_tables_once(tmp_path: Path) -> None:
    """The tailer and what lets go of old records both begin by an upgrade."""
    urls = [f"sqlite:///{tmp_path / f'{number}.db'}" for number in range(5)]
    with ThreadPoolExecutor(4) as threads:
        for url in urls:
            list(threads.map(upgrade, [url] * 4))
    for url in urls:
        with opened(url) as engine:
            assert {"call", "segment", "progress"} <= set(inspect(engine).get_table_names())
