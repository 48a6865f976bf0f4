"""What `line1555 status --check` calls not well."""

from __future__ import annotations

from typing import Any

import pytest

from control.status import problems

WELL: dict[str, Any] = {
    "link": {"up": True, "reason": ""},
    "journal": {"ok": True, "detail": ""},
    "records": {"problem": "", "behind_s": 0.1},
    "trunk": None,
    "too_quiet": False,
}


def test_a_line_that_is_well() -> None:
    assert problems(WELL) == [] and problems({**WELL, "trunk": True}) == []


@pytest.mark.parametrize(
    ("part", "told"),
    [
        ({"link": {"up": False, "reason": "closed"}}, "the link to Asterisk is down: closed"),
        ({"journal": {"ok": False, "detail": "disk full"}}, "the journal cannot be written: disk full"),
        ({"records": {"problem": "refused", "behind_s": 1.0}}, "the records do not follow: refused"),
        ({"records": {"problem": "", "behind_s": 301.0}}, "the records are 301 s behind"),
        ({"trunk": False}, "the trunk does not answer"),
        ({"too_quiet": True}, "nobody has called for too long (traffic in site.yaml)"),
    ],
)
def test_each_thing_that_is_not(part: dict[str, Any], told: str) -> None:
    assert problems({**WELL, **part}) == [told]
