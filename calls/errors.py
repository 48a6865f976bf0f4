"""The two errors the core may raise; everything Asterisk does wrong is a fact instead."""

from __future__ import annotations

from dataclasses import dataclass


class ContractError(Exception):
    """Our own code broke a rule of the core. The state is untouched."""


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing wrong with the settings, with its place and the way out. ``line`` and ``column`` count from 1."""

    file: str
    line: int
    column: int
    key: str
    found: str
    expected: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}: {self.key}: found {self.found}, expected {self.expected}"


class SettingsError(Exception):
    """The settings cannot be used. Carries every problem at once."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = tuple(sorted(problems))
        super().__init__("\n".join(map(str, self.problems)))
