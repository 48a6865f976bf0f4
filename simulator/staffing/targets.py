"""The target a planner names: ``80/20``, ``90/10``, ``no-wait 95``, with a longest mean wait and most abandoned.

Decides what the text means and whether a performance holds it. Knows nothing of how seats are found.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from math import inf

from simulator.model.erlang import Performance

EXPECTED = (
    "a share such as '80/20' (80 % answered within 20 s) or 'no-wait 95' (95 % do not wait), and perhaps "
    "'wait 15' (mean wait in s) and 'abandoned 3' (in %), with commas between"
)

_NUMBER = r"(\d+(?:\.\d+)?)"
_SHARE = re.compile(rf"{_NUMBER}\s*/\s*{_NUMBER}")
_NO_WAIT = re.compile(rf"no-wait\s+{_NUMBER}\s*%?")
_LIMIT = re.compile(rf"(?:(wait)\s+{_NUMBER}\s*s?|(abandoned)\s+{_NUMBER}\s*%?)")

_WORDS = {
    "en": {
        "within": "{share} % of calls answered within {within} s",
        "no-wait": "{share} % of calls answered without waiting",
        "wait": "mean wait of answered calls at most {wait} s",
        "abandoned": "at most {abandoned} % abandoned",
        "formula": "handled within {within} s / (offered - abandoned within {within} s)",
    },
    "el": {
        "within": "το {share} % των κλήσεων απαντάται μέσα σε {within} δευτ.",
        "no-wait": "το {share} % των κλήσεων απαντάται χωρίς αναμονή",
        "wait": "μέση αναμονή όσων απαντώνται έως {wait} δευτ.",
        "abandoned": "εγκαταλείπεται έως το {abandoned} %",
        "formula": (
            "όσες απαντήθηκαν μέσα σε {within} δευτ. / (εισερχόμενες - όσες εγκαταλείφθηκαν μέσα σε {within} δευτ.)"
        ),
    },
}


@dataclass(frozen=True, slots=True)
class StaffingTarget:
    """A service level of at least ``share`` within ``within_s`` (0: without waiting), and limits that are optional.

    Raises ValueError where the share is not between 0 and 1, ``within_s`` is negative, a limit is not positive.
    """

    share: float
    within_s: float
    mean_wait_s: float = inf
    """Longest mean wait of handled calls (s)."""
    abandoned: float = 1.0
    """Largest share of offered calls that may be abandoned."""

    def __post_init__(self) -> None:
        if not 0 < self.share < 1:
            raise ValueError(f"share: found {self.share}, expected between 0 and 1")
        if not 0 <= self.within_s < inf:
            raise ValueError(f"within: found {self.within_s} s, expected 0 or more")
        if not self.mean_wait_s > 0:
            raise ValueError(f"longest mean wait: found {self.mean_wait_s} s, expected more than 0")
        if not 0 < self.abandoned <= 1:
            raise ValueError(f"most abandoned: found {self.abandoned}, expected more than 0, at most 1")

    @classmethod
    def parse(cls, text: str) -> StaffingTarget:
        """Read ``80/20``, ``no-wait 95``, ``80/20, wait 15, abandoned 3``; else ValueError (found, expected)."""
        figures: dict[str, float] = {}
        for part in filter(None, (part.strip() for part in text.lower().split(","))):
            for name, value in _figures(text, part).items():
                if name in figures:
                    raise _wrong(text, "two shares" if name in ("share", "within_s") else f"{name} twice")
                figures[name] = value
        if "share" not in figures:
            raise _wrong(text, "no share" if figures else "nothing")
        wait, abandoned = figures.get("wait", inf), figures.get("abandoned", 1.0)
        return cls(figures["share"], figures["within_s"], wait, abandoned)

    def __str__(self) -> str:
        share = f"{self.share * 100:g}/{self.within_s:g}" if self.within_s else f"no-wait {self.share * 100:g}"
        wait = f", wait {self.mean_wait_s:g}" if self.mean_wait_s < inf else ""
        return share + wait + (f", abandoned {self.abandoned * 100:g}" if self.abandoned < 1 else "")

    @property
    def limits(self) -> bool:
        """Tell whether more is asked than the service level."""
        return self.mean_wait_s < inf or self.abandoned < 1

    def holds(self, performance: Performance) -> bool:
        """Tell whether a steady state, computed for this target's ``within_s``, meets all of it."""
        return (
            performance.service_level >= self.share
            and performance.handled_wait_s <= self.mean_wait_s
            and performance.abandon <= self.abandoned
        )

    def words(self, language: str) -> str:
        """Describe the target for a planner in ``el`` or ``en``; raises ValueError for another language."""
        parts = ["within" if self.within_s else "no-wait"]
        parts += ["wait"] * (self.mean_wait_s < inf) + ["abandoned"] * (self.abandoned < 1)
        return ", ".join(self._say(part, language) for part in parts)

    def formula(self, language: str) -> str:
        """Give the formula of our service level with its T, to print beside every figure."""
        return self._say("formula", language)

    def _say(self, part: str, language: str) -> str:
        if language not in _WORDS:
            raise ValueError(f"language: found {language!r}, expected {' or '.join(sorted(_WORDS))}")
        figures = {
            "share": self.share * 100,
            "within": self.within_s,
            "wait": self.mean_wait_s,
            "abandoned": self.abandoned * 100,
        }
        return _WORDS[language][part].format_map({name: _number(value, language) for name, value in figures.items()})


def _figures(text: str, part: str) -> dict[str, float]:
    """Read one part between commas."""
    if match := _SHARE.fullmatch(part):
        figures = {"share": float(match[1]) / 100, "within_s": float(match[2])}
    elif match := _NO_WAIT.fullmatch(part):
        figures = {"share": float(match[1]) / 100, "within_s": 0.0}
    elif match := _LIMIT.fullmatch(part):
        figures = {"wait": float(match[2])} if match[1] else {"abandoned": float(match[4]) / 100}
    else:
        raise _wrong(text, repr(part))
    if not 0 < figures.get("share", 0.5) < 1 or not 0 < figures.get("abandoned", 1) <= 1 or figures.get("wait") == 0:
        raise _wrong(text, repr(part))
    return figures


def _wrong(text: str, found: str) -> ValueError:
    return ValueError(f"target {text!r}: found {found}, expected {EXPECTED}")


def _number(value: float, language: str) -> str:
    return f"{value:g}".replace(".", "," if language == "el" else ".")
