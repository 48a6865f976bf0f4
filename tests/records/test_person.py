"""One person is one, however the number is written; a token fits where the number did, and is nobody's."""

from __future__ import annotations

import pickle

import pytest

from calls import fits, mask, national
from records.person import NoNumber, Person, new_token

GREEK = ["6941234567", "+306941234567", "00306941234567", "306941234567", "+30 694 123 4567", "694-123.4567"]


@pytest.mark.parametrize("said", GREEK)
def test_every_spelling_is_one_person(said: str) -> None:
    person = Person.of(said)
    assert person == Person("6941234567")
    assert set(person.spellings) == {"6941234567", "306941234567", "+306941234567", "00306941234567"}


def test_a_number_of_another_country() -> None:
    assert Person.of("+49 30 1234567").spellings == Person.of("0049301234567").spellings
    assert set(Person.of("+49301234567").spellings) == {"49301234567", "+49301234567", "0049301234567"}


@pytest.mark.parametrize("said", ["", "15900", "69412x4567", "6941234567; DROP", "1" * 16, "+", "٦٩٤١٢٣٤٥٦٧"])
def test_what_is_no_number(said: str) -> None:
    with pytest.raises(NoNumber, match="expected a telephone number"):
        Person.of(said)


@pytest.mark.parametrize(
    ("text", "after"),
    [
        ('{"ani":"6941234567"}', '{"ani":"T"}'),
        ('{"ani":"+306941234567"}', '{"ani":"+30T"}'),
        ("sip:00306941234567@x and 306941234567", "sip:0030T@x and 30T"),
        ("16941234567 69412345670 6941234568", "16941234567 69412345670 6941234568"),
    ],
)
def test_it_is_replaced_as_a_whole(text: str, after: str) -> None:
    assert Person.of("6941234567").replaced(text, "T") == after


def test_a_pickle_stays_a_pickle() -> None:
    person, token = Person.of("6941234567"), new_token("6941234567")
    state = {"6941234567": ["+306941234567", "6941234567" + "x" * 45, b"6941234567", 6941234567, "16941234567"]}
    again = pickle.loads(person.overwritten(pickle.dumps(pickle.dumps(state)), token))
    assert pickle.loads(again) == {token: [f"+30{token}", token + "x" * 45, token.encode(), 6941234567, "16941234567"]}


@pytest.mark.parametrize(
    ("logged", "after"),
    [
        (b'"+30-694-123-4567",""', b'"+30-694-ghj-kmnp",""'),
        (b"0030 (694) 123.45.67", b"0030 (694) ghj.km.np"),
        (b"1694-123-4567 694-123-45678", b"1694-123-4567 694-123-45678"),
    ],
)
def test_in_a_file_it_is_found_as_phones_write_it(logged: bytes, after: bytes) -> None:
    assert Person.of("6941234567").overwritten(logged, "694ghjkmnp") == after


def test_a_token_fits_where_the_number_did() -> None:
    token = new_token("6941234567")
    assert len(token) == 10 and token.startswith("694") and token != new_token("6941234567")
    assert fits(token, "69########") and fits(token, "694#######") and not fits(token, "21########")
    assert national(f"+30{token}") == token and not any(sign.isdigit() for sign in token[3:])
    assert mask(token) == f"694****{token[-3:]}"
    with pytest.raises(NoNumber):
        Person.of(token)
