"""No telephone number in a fact that others see, and no step that is told to nobody."""

from __future__ import annotations

from dataclasses import fields
from typing import Any, get_args

import pytest

from calls import AgentId, Attribute, CallId, CallStage, OfferId, OfferResult, Outcome, Party, QueueId, annotations_of
from calls import facts as f
from control.hiding import Confidential, masked

A, C, Q = AgentId("a001"), CallId("n1-1732394.12"), QueueId("pensions")
NUMBER = "6941234567"

PLAIN = {
    "node", "version", "dnis", "why", "key", "meaning", "kind", "lookup", "file", "value", "requires", "by", "limit",
    "way", "language", "rule", "order", "subject", "prompt", "token", "event", "state", "engine", "command",
}  # fmt: skip
"""Names, words of the settings and of the code, the number that was dialled: never a citizen's number."""
OTHERS = {
    ("Overflowed", "target"),  # a queue, a message or a number of the settings
    ("Ordered", "detail"),  # the engine masks it
    ("AgentChanged", "reason"),  # a code of the settings
    ("CommandLost", "done"),  # the engine's own words
}


@pytest.mark.parametrize("kind", get_args(f.Fact), ids=lambda kind: kind.__name__)
def test_every_text_of_every_fact_is_masked_or_can_have_no_number(kind: type) -> None:
    """A new field has to be thought of: it fails here."""
    hints = annotations_of(kind)
    texts = {name for name in hints if hints[name] is str and name not in PLAIN and (kind.__name__, name) not in OTHERS}
    fact: Any = object.__new__(kind)
    for part in fields(kind):
        object.__setattr__(fact, part.name, NUMBER if part.name in texts else None)
    shown: Any = masked(fact)
    assert {name for name in texts if getattr(shown, name) != "694****567"} == set()


@pytest.mark.parametrize(
    "fact",
    [
        f.CallStarted(C, NUMBER, "1555"),
        f.TransferStarted(C, NUMBER, False),
        f.SentOn(C, A, "+30" + NUMBER),
        f.Consulted(A, NUMBER, C, True, 3.0),
        f.CommandLost("Transfer", C, f"no route to {NUMBER}", ""),
        f.LinkChanged(False, NUMBER),
        f.LookupEnded(C, "case", "tickets", f"404 for {NUMBER}", 0.1),
        f.OfferEnded(OfferId("o"), C, A, Q, OfferResult.REDIRECTED, 1.0, f"302 to sip:{NUMBER}@x"),
        f.Discrepancy("x", "", f"dials {NUMBER}", ""),
        f.CallbackPromised(C, None, Q, NUMBER, "el", 0.0, None),
        f.CallbackMissed(C, A, OfferResult.BUSY, f"17 to {NUMBER}", 1, 900.0),
        f.CodeRefused(A, NUMBER, "no such code"),
    ],
    ids=lambda fact: type(fact).__name__,
)
def test_numbers_are_masked_inside_texts_too(fact: f.Fact) -> None:
    assert "1234" not in str(masked(fact)).replace(C, "") and "****567" in str(masked(fact))


@pytest.mark.parametrize(
    "fact",
    [
        f.CallEnded(C, Outcome.HANDLED, CallStage.TALKING, Party.CALLER, 9.0),
        f.SentOn(C, A, "pensions"),
        f.AgentChanged(A, "ready", "ringing", "", 1.0),  # type: ignore[arg-type]
    ],
)
def test_other_facts_pass_as_they_are(fact: f.Fact) -> None:
    assert masked(fact) is fact


@pytest.mark.parametrize(
    ("fact", "hidden"),
    [
        (f.NodeEntered(C, "sos"), True), (f.NodeEntered(C, "topic"), False), (f.InputMissed(C, "sos", "5", 1), True),
        (f.DigitsTaken(C, "sos", "afm", 1), True), (f.LookupEnded(C, "sos", "x", "", 0.1), True),
        (f.Surveyed(C, "sos", 5), True), (f.MessageLeft(C, "sos", "x", 1.0), True),
        (f.KeyTaken(C, "topic", "9", "sos"), True), (f.KeyTaken(C, "sos", "9", "x"), True),
        (f.KeyTaken(C, "topic", "1", "pensions"), False), (f.AttributeSet(C, Attribute.TOPIC, "sos"), True),
        (f.TransferStarted(C, "", True), True), (f.TransferStarted(C, "15900", False), False),
    ],
)  # fmt: skip
def test_confidential_steps_are_hidden(fact: f.Fact, hidden: bool) -> None:
    confidential = Confidential()
    if not isinstance(fact, f.TransferStarted):
        assert not confidential.hides(fact)
    confidential.add(["sos"])
    assert confidential.hides(fact) is hidden
    assert (confidential.shown("sos"), confidential.shown("pensions")) == ("", "pensions")
