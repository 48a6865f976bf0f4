"""What a checkpoint holds: the engine's state and the fold of its facts, as bytes and back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import engine
import metrics
from engine import KeptState, Library, Line, LineSettings
from metrics import KeptFold, LineState
from records import Decoded, StateCodec

from .upgrades import UPGRADES


@dataclass(slots=True)
class Checkpoint:
    """The truth at one instant. ``board``: None where only the engine was asked for."""

    engine: KeptState
    board: KeptFold | None


WIRED: Final = {**engine.WIRED, **metrics.WIRED}
CODEC: Final = StateCodec(Checkpoint, UPGRADES, WIRED)


def freeze(line: Line, board: LineState | None = None, version: str = "") -> bytes:
    """Serialise the state, as ``version`` of this code."""
    return CODEC.encode(Checkpoint(line.freeze(), board.kept() if board is not None else None), version)


def decode(data: bytes) -> Decoded[Checkpoint]:
    """Read a checkpoint. Raises ``ContractError`` for what this version cannot read."""
    return CODEC.decode(data)


def thaw(data: bytes, library: Library, unpublished: LineSettings | None = None) -> Line:
    """Restore the engine alone. Raises ``ContractError``, also for settings that nobody has."""
    return Line.thaw(decode(data).state.engine, library, unpublished)
