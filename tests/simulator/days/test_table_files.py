"""CSV files as Greek spreadsheets write them: encodings, separators, decimal commas, durations; and what we write."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.days.table_files import TableError, as_csv, moment, number, read_table, seconds, write_csv

GREEK = "θέμα{0}ομιλία_s{0}Άλλο\r\nσυντάξεις{0}143,5{0}Ά\r\nασφάλιση{0}{0}Ώ\r\nσυντάξεις{0}1.242,25{0}x\r\n"
QUOTED = 'θέμα,ομιλία_s,Άλλο\nσυντάξεις,"143,5",Ά\nασφάλιση,,Ώ\nσυντάξεις,"1.242,25",x\n'


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1253"])
@pytest.mark.parametrize("text", [GREEK.format(";"), GREEK.format("\t"), QUOTED, "sep=;\r\n" + GREEK.format(";")])
def test_every_form_is_the_same_table(tmp_path: Path, encoding: str, text: str) -> None:
    file = tmp_path / "calls.csv"
    file.write_bytes(text.encode(encoding))
    table = read_table(file)
    assert table.names == ("θέμα", "ομιλία_s", "Άλλο")
    assert [table.cell(row, "Άλλο") for row in table.rows] == ["Ά", "Ώ", "x"]
    cells = [table.cell(row, "ομιλία_s") for row in table.rows]
    assert table.comma("ομιλία_s") and [seconds(cell, True) for cell in cells] == [143.5, None, 1242.25]
    assert [row.line for row in table.rows] == [n + ("sep=" in text) for n in (2, 3, 4)]


@pytest.mark.parametrize(
    ("text", "comma", "value"),
    [
        ("143.5", False, 143.5), ("1,044", False, 1044), ("1,044.5", False, 1044.5), ("1 044", False, 1044),
        ("1.044", True, 1044), ("1.044,2", True, 1044.2), ("-3", False, -3), (".5", False, 0.5), ("1e3", False, 1000),
        ("nan", False, None), ("inf", False, None), ("", False, None), ("12a", False, None), ("1,2,3", False, None),
        ("٣", False, 3.0),
    ],
)  # fmt: skip
def test_numbers(text: str, comma: bool, value: float | None) -> None:
    assert number(text, comma) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0:02:23", 143), ("12:02:23 AM", 143), ("12:02:23 πμ", 143), ("12:02:23 π.μ.", 143), ("1:00:00 μ.μ.", 46_800),
        ("27:30:00", 99_000), ("0:02:23,5", 143.5), ("1/1/1900 3:30:00", 99_000), ("01/01/1900 03:30", 99_000),
        ("1900-01-01 03:30:00", 99_000), ("-3", None), ("4:12", None), ("13:00:00 PM", None), ("0:75:00", None),
        ("1/13/1900 3:30", None), ("2/3/1950 3:30", None),
    ],
)  # fmt: skip
def test_durations(text: str, value: float | None) -> None:
    assert seconds(text) == value


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("2026-11-24T10:31:05", "2026-11-24T10:31:05"), ("2026-11-24 10:31:05,250", "2026-11-24T10:31:05.250000"),
        ("24/11/2026 10:31:05", "2026-11-24T10:31:05"), ("24.11.2026 10:31", "2026-11-24T10:31:00"),
        ("24/11/2026 1:31:05 μμ", "2026-11-24T13:31:05"), ("2026-10-25T03:30+02:00", "2026-10-25T03:30:00+02:00"),
        ("24.11.2026", None), ("11/24/2026 10:31", None), ("x", None), ("", None),
    ],
)  # fmt: skip
def test_moments(text: str, iso: str | None) -> None:
    found = moment(text)
    assert (found.isoformat() if found else None) == iso


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"", "an empty file"), (b"\r\n", "an empty file"), (b"PK\x03\x04rest", "a spreadsheet's own file"),
        (b"a;b\n\xff\xd2;1\n", "save it as 'CSV UTF-8'"), (b'a,b\n"x\x00', "calls.csv"),
    ],
)  # fmt: skip
def test_what_is_no_table_says_what_to_do(tmp_path: Path, raw: bytes, said: str) -> None:
    file = tmp_path / "calls.csv"
    file.write_bytes(raw)
    with pytest.raises(TableError) as error:
        read_table(file)
    assert said in str(error.value) and "codec" not in str(error.value)


@given(st.binary(max_size=200))
def test_any_bytes_are_a_table_or_refused(tmp_path_factory: pytest.TempPathFactory, raw: bytes) -> None:
    file = tmp_path_factory.mktemp("any") / "any.csv"
    file.write_bytes(raw)
    try:
        assert read_table(file).names
    except TableError as error:
        assert error.problem.expected


ROWS = [["Μαρία Παπαδοπούλου", 1234.5, None, "2026-11-24T10:31:05", True], ["=1+1", -0.25, 7, "+302101234567", "-"]]


@pytest.mark.parametrize("excel", [True, False])
def test_what_is_written_is_read_back(tmp_path: Path, excel: bool) -> None:
    file = tmp_path / "plan.csv"
    write_csv(file, as_csv(["όνομα", "ώρες", "n", "at", "x"], ROWS, excel=excel))
    assert file.read_bytes().startswith(b"\xef\xbb\xbf")
    table = read_table(file)
    assert table.separator == (";" if excel else ",") and table.comma("ώρες") == excel
    assert table.cell(table.rows[0], "όνομα") == "Μαρία Παπαδοπούλου"
    assert [number(table.cell(row, "ώρες"), table.comma("ώρες")) for row in table.rows] == [1234.5, -0.25]
    assert moment(table.cell(table.rows[0], "at")) == moment("2026-11-24T10:31:05")
    plain = list(csv.reader(file.read_text("utf-8-sig").splitlines(), delimiter=";" if excel else ","))
    assert plain[2][0] == ("'=1+1" if excel else "=1+1") and plain[2][3] == "+302101234567"
