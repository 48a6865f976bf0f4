"""A small site for the tests of files and settings; nothing here is started."""

from __future__ import annotations

from pathlib import Path

from telephony.asterisk import (
    AsteriskSettings,
    EntryNumber,
    Language,
    Launch,
    Member,
    Network,
    Survivable,
    SurvivableQueue,
    SurvivableTopic,
)

LAUNCH = Launch(("/bin/true",), Path("/modules"), Path("/data"), "22.0")
SITE = AsteriskSettings(
    Network(5060, 5038, 10000, 14999, trunk_contact="127.0.0.1:5070"),
    (EntryNumber("1555"), EntryNumber("11320", "pensions")),
    ("agent001", "agent002"),
    Survivable(
        (Language("el", "1", "lang-el"), Language("en", "2", "lang-en")),
        (
            SurvivableTopic("pensions", "1", "t-pensions", "efka"),
            SurvivableTopic("sos", "9", "t-sos", transfer="15900"),
        ),
        (SurvivableQueue("efka", (Member("agent001"), Member("agent002", 3))),),
        "efka",
    ),
    Path("/srv/sounds"),
    Path("/srv/music"),
    transfers=("15900",),
)
