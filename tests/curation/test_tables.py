"""Tables and references: read as answers, checked together, given back with what to mend."""

from __future__ import annotations

import csv
import io
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.curation.test_forms import BASE, ID, form

from escrgraph.curation import tables
from escrgraph.curation.batches import Batch, batch_of, notes_of
from escrgraph.curation.references import read_bibtex, read_ris
from escrgraph.curation.tables import Table, allowed_values, corrected, read_table, template, written
from escrgraph.repository.errors import Malformed, TooLarge
from escrgraph.validation import Referee, shipped_library
from escrgraph.vocabulary.iris import TYPES
from escrgraph.vocabulary.kinds import shipped_kinds
from escrgraph.vocabulary.languages import LANGUAGES

RESOURCE = form("resource")
NAMES = {"guide": ID + "scheme/resource-type/guide", "food": ID + "right/food", "CESR": ID + "organization/cesr"}
GOOD = '"A guide to food",guide,food,https://a.org/1,https://a.org/1'
HEADER = "title@en,type,subject,page,source"


def table(*rows: str, header: str = HEADER) -> Table:
    return read_table("\n".join([header, *rows]).encode(), RESOURCE)


def batch(found: Table) -> Batch:
    return batch_of(found, RESOURCE, shipped_kinds(), BASE, lambda _, text: NAMES.get(text), lambda record: False)


def cells(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))


@pytest.mark.parametrize("type_", TYPES)
@pytest.mark.parametrize("language", LANGUAGES)
def test_an_empty_table_has_a_known_name_for_each_column(type_, language):
    header, told = cells(template(form(type_), language))
    assert len(header) == len(told) == len(set(header))
    assert told[0].startswith("# ")
    read = read_table("\n".join([",".join(header), ",".join(told)]).encode(), form(type_))
    assert read.rows == ()
    assert read.unknown == ()


def test_good_rows_go_on_while_bad_ones_wait():
    found = batch(table(GOOD, '"Another guide",guide,nothing,https://a.org/2,https://a.org/2'))
    report = Referee().check(found.quads, shipped_library())
    mistakes = [m for m in found.mistakes(report, BASE) if m.finding.severity == "Violation"]
    assert [(m.row, m.column) for m in mistakes] == [(2, "subject")]
    given_back = cells(corrected(found.table, notes_of(mistakes, "es"), [2]))
    assert given_back[0] == [*HEADER.split(","), tables.PLEASE_FIX]
    assert given_back[1][:2] == ["Another guide", "guide"]
    assert "nothing" in given_back[1][-1]
    again = read_table(corrected(found.table, notes_of(mistakes, "en")).encode(), RESOURCE)
    assert [row.answers for row in again.rows] == [row.answers for row in found.table.rows]
    assert again.unknown == ()


def test_two_rows_with_one_title_get_two_addresses():
    assert [entry.record for entry in batch(table(GOOD, GOOD)).entries] == [
        "resource/a-guide-to-food", "resource/a-guide-to-food-2",
    ]  # fmt: skip


def test_several_values_stand_in_one_cell():
    row = table("Title,guide,food; health ;a\\;b,https://a.org,https://a.org").rows[0]
    assert [text.text for text in row.answers.texts["subject"]] == ["food", "health", "a;b"]


def test_languages_and_parts_have_columns_of_their_own():
    row = table("Uno,One,2,x", header="title@es,title@en,qualifiedAttribution.2.position,unheard").rows[0]
    assert [(text.text, text.language) for text in row.answers.texts["title"]] == [("Uno", "es"), ("One", "en")]
    assert row.answers.parts["qualifiedAttribution"][1].first("position") == "2"
    assert table("x,y", header="title@en,unheard").unknown == ("unheard",)


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_table_is_read_as_spreadsheets_write_it(delimiter, encoding):
    text = f"title@en{delimiter}type\r\nÉtude{delimiter}guide\r\n\r\n# a remark{delimiter}\r\n"
    rows = read_table(text.encode(encoding), RESOURCE).rows
    assert [row.answers.first("title") for row in rows] == ["Étude"]


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"", "empty"),
        (b"unheard,of\n1,2\n", "No column"),
        (b"title@en\n\xff\xfe\n", "Line 2 is not UTF-8"),
        (b"PK\x03\x04\x00\x00title", "null characters"),
        (b'title@en\n"open', "Line 2"),
    ],
)
def test_what_is_no_table_is_told(data, problem):
    with pytest.raises(Malformed, match=problem):
        read_table(data, RESOURCE)


@pytest.mark.parametrize(
    "data",
    [
        b"title@en\n" + b"x\n" * (tables.MOST_ROWS + 1),
        b"title@en\n" + b"x," * (tables.MOST_COLUMNS + 1),
        b"title@en\n" + b"x" * (tables.MOST_CHARACTERS + 1),
    ],
    ids=["rows", "columns", "characters"],
)
def test_a_table_without_end_is_refused(data):
    with pytest.raises(TooLarge):
        read_table(data, RESOURCE)


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1"])
def test_no_cell_that_is_given_back_is_a_formula(cell):
    line = cells(written([[cell]]))[0][0]
    assert line == "'" + cell
    row = table(f'"{line}",guide', header="title@en,type").rows[0]
    assert row.answers.first("title") == cell.strip() or row.answers.first("title") == cell


@given(st.binary(max_size=400))
def test_any_bytes_are_a_table_or_told_to_be_none(data):
    with suppress(Malformed, TooLarge):  # anything else is a failure
        read_table(b"title@en,subject\n" + data, RESOURCE)


def test_allowed_values_are_listed_by_column():
    from pyoxigraph import Literal

    from escrgraph.vocabulary.lexicon import Lexicon

    lexicon = Lexicon([(ID + "right/food", Literal("Right to food", language="en"))])
    lines = cells(allowed_values(RESOURCE, lambda field: lexicon if field.name == "subject" else None, "en"))
    assert lines == [["column", "value", "label"], ["subject", "food", "Right to food"]]


BIBTEX = r"""@article{a, title={The {R}ight to W{\"a}ter}, author={Doe, Jane and Roe, Richard}, year=2013, month=may,
 journal={A Journal}, doi={10.1234/abc}, url={https://a.org/x}, isbn={978-0-306-40615-7}}
@book{b, title={Second}, year={1999}, publisher={CESR}}"""
RIS = """TY  - JOUR
TI  - The right to water
AU  - Doe, Jane
PY  - 2013/05/14
DO  - 10.1234/abc
UR  - https://a.org/x
ER  -
"""


def test_bibtex_becomes_answers():
    first, second = read_bibtex(BIBTEX.encode(), RESOURCE).rows
    assert first.answers.first("title") == "The Right to Wäter"
    assert [text.text for text in first.answers.texts["creator"]] == ["Jane Doe", "Richard Roe"]
    assert (first.answers.first("issued"), first.answers.first("type")) == ("2013-05", "journal-article")
    assert first.answers.first("isbn13") == "9780306406157"
    assert (second.answers.first("issued"), second.answers.first("publisher")) == ("1999", "CESR")


def test_ris_becomes_answers():
    row = read_ris(RIS.encode(), RESOURCE, "en").rows[0]
    assert row.answers.texts["title"][0].language == "en"
    assert (row.answers.first("creator"), row.answers.first("issued")) == ("Jane Doe", "2013-05-14")
    assert (row.answers.first("doi"), row.answers.first("page")) == ("10.1234/abc", "https://a.org/x")


@pytest.mark.parametrize("read", [read_bibtex, read_ris])
@pytest.mark.parametrize(
    "data", [b"", b"\xff", b"nothing of the kind", b"@article{a, title={x", b"@" * 20_000, b"TY  - "]
)
def test_what_holds_no_reference_is_told(read, data):
    with pytest.raises((Malformed, TooLarge)):
        read(data, RESOURCE)


def test_braces_without_end_are_refused():
    with pytest.raises(TooLarge, match="braces"):
        read_bibtex(b"@book{a, title=" + b"{" * 5_000 + b"}" * 5_000 + b"}", RESOURCE)


@given(st.text(max_size=300))
def test_any_text_is_references_or_told_to_be_none(text):
    for read in (read_bibtex, read_ris):
        with suppress(Malformed, TooLarge):  # anything else is a failure
            read(text.encode("utf-8", "replace"), RESOURCE)
