"""What one call of a caller brings, as it was drawn."""

from __future__ import annotations

from typing import Final, final

ROW: Final = (
    "patience_s", "talk_s", "wrap_up_s", "key_s", "hangs_up", "redials", "redial_s", "sent_on", "ticket",
)  # fmt: skip
"""The names of what is drawn for each call, in the order of ``CallDraw``."""


@final
class CallDraw:
    """What one call of a caller brings: a first one of the row, a redial its own. Times in seconds, shares uniform."""

    def __init__(
        self,
        patience_s: float,
        talk_s: float,
        wrap_up_s: float,
        key_s: float,
        hangs_up: float,
        redials: float,
        redial_s: float,
        sent_on: float,
        ticket: float,
    ) -> None:
        self.patience_s, self.talk_s, self.wrap_up_s, self.key_s = patience_s, talk_s, wrap_up_s, key_s
        self.hangs_up, self.redials, self.redial_s = hangs_up, redials, redial_s
        self.sent_on, self.ticket = sent_on, ticket
