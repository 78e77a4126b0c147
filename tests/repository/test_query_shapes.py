"""What a log may know of a query."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from escrgraph.repository.query_shapes import LONGEST, shape

PEOPLE = """
PREFIX foaf: <http://xmlns.com/foaf/0.1/>
PREFIX id: <https://w3id.org/escrgraph/id/>
# about somebody
SELECT ?who WHERE {
  ?who foaf:name "Ana Torres"@es ; foaf:age 41 ; <http://purl.org/dc/terms/subject> <https://example.org/secret> .
  ?work <http://purl.org/dc/terms/creator> ?who ; a id:secret .
}
"""


def test_a_shape_keeps_terms_and_structure_and_nothing_else() -> None:
    assert shape(PEOPLE) == (
        "SELECT ?1 WHERE { ?1 foaf:name “…” @es ; foaf:age 0 ; <http://purl.org/dc/terms/subject> <…> . "
        "?2 <http://purl.org/dc/terms/creator> ?1 ; a <…> . }"
    )


def test_queries_that_differ_in_names_and_values_have_one_shape() -> None:
    other = PEOPLE.replace("who", "x").replace("Ana Torres", "B").replace("41", "7").replace("secret", "other")
    assert shape(other) == shape(PEOPLE)


@pytest.mark.parametrize(
    "text", ["", "SELECT", "\x1b[31m ASK {}", "{" * 50_000, '"never closed', "PREFIX PREFIX <a:b>"]
)
def test_anything_has_a_shape_of_one_printable_line(text: str) -> None:
    found = shape(text)
    assert found.isprintable()
    assert len(found) <= LONGEST


@given(st.text(), st.text(alphabet=st.characters(categories=["L", "N"]), min_size=6))
def test_no_text_of_a_query_is_in_its_shape(before: str, secret: str) -> None:
    quoted = before.replace("\\", "").replace('"', "").replace("'", "").replace("\n", "").replace("\r", "")
    hidden = f'SELECT ?s WHERE {{ ?s ?p "{quoted} {secret}" }}'
    assert secret not in shape(hidden) or secret in "SELECT ?1 WHERE { ?1 ?2 “…” }"
