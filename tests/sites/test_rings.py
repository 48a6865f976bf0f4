"""Rings in a graph of names."""

from __future__ import annotations

import pytest

from sites.rings import rings

WAYS = [
    ({"a": "b", "b": "c", "c": ""}, []),
    ({"a": "a"}, [["a"]]),
    ({"b": "a", "a": "b"}, [["a", "b"]]),
    ({"x": "b", "b": "c", "c": "a", "a": "b"}, [["a", "b", "c"]]),
    ({"a": "bc", "b": "d", "c": "d", "d": ""}, []),
    ({"a": "bc", "b": "a", "c": "a"}, [["a", "b"], ["a", "c"]]),
    ({"a": "b", "b": "", "c": "a"}, []),
]


@pytest.mark.parametrize(("ways", "found"), WAYS)
def test_rings(ways: dict[str, str], found: list[list[str]]) -> None:
    assert list(rings(ways, ways.__getitem__)) == found


def test_a_long_row_is_no_reason_to_fail() -> None:
    names = [f"n{n}" for n in range(5000)]
    ways = dict(zip(names, [[name] for name in names[1:]] + [["n4998"]], strict=True))
    assert list(rings(names, ways.__getitem__)) == [["n4998", "n4999"]]
