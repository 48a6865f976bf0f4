"""What the rooms of one Asterisk node share: its connection, its book of channels, and the way to the engine."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from calls import events as e
from engine import Line

from .ami import AmiClient, AmiMessage
from .clock import Clock
from .legs import Legs
from .switch import Switch
from .translate import Translator


@dataclass(frozen=True, slots=True)
class NodeSettings:
    """Settings of one Asterisk. Times in seconds. ``line``: the engine's name; empty: the node's.

    ``lease_s``: how long a caller stays ours without a sign of life from this process. ``resync_tries_s``: the pause
    between two looks at an Asterisk that does not answer. ``trunk_contact``: HOST:PORT where citizens are called back;
    empty: nowhere. ``messages``: where recordings go.
    """

    name: str = "n1"
    line: str = ""
    lease_s: float = 6.0
    heartbeat_s: float = 1.0
    resync_tries_s: float = 1.0
    trunk_contact: str = ""
    messages: Path | None = None


@dataclass(slots=True)
class NodeParts:
    """The parts of one node. ``step`` takes an event to the engine, ``spawn`` starts work in the background.

    ``held``: messages that wait until stock was taken; None: they are handled as they come.
    """

    settings: NodeSettings
    line: Line
    clock: Clock
    client: AmiClient
    legs: Legs
    switch: Switch
    translator: Translator
    step: Callable[[e.Event], None]
    spawn: Callable[[Coroutine[Any, Any, None]], object]
    held: list[AmiMessage] | None

    @property
    def name(self) -> str:
        return self.settings.name

    @property
    def trusted(self) -> bool:
        """Tell whether the book of channels is up to date: Asterisk is connected, and stock was taken."""
        return self.client.up and self.held is None
