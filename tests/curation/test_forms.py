"""Forms: what shapes ask, read from what a page posts, written as quads, and read back."""

from __future__ import annotations

from collections import defaultdict
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode, Quad

from escrgraph.curation.answers import Answers, Text, pairs, posted
from escrgraph.curation.forms import Form, Widget, form_of
from escrgraph.curation.slugs import free_slug, slug_of
from escrgraph.curation.tables import columns_of
from escrgraph.curation.terms import term_of, text_of
from escrgraph.curation.writing import Writer, answers_of
from escrgraph.repository.errors import TooLarge
from escrgraph.validation import Referee, shipped_library
from escrgraph.vocabulary.iris import TYPES, Base, is_slug
from escrgraph.vocabulary.kinds import shipped_kinds
from escrgraph.vocabulary.namespaces import EDTF, expand

BASE = Base()
ID = BASE.iri + "id/"


def form(type_: str) -> Form:
    return form_of(shipped_kinds().by_type[type_], shipped_kinds())


def writer(type_: str, names: dict[str, str] | None = None) -> Writer:
    return Writer(form(type_), shipped_kinds(), BASE, lambda question, text: (names or {}).get(text))


@cache
def records() -> dict[str, tuple[Quad, ...]]:
    """The shipped records, in graphs of their own."""
    found: defaultdict[str, list[Quad]] = defaultdict(list)
    for quad in shipped_library():
        record = BASE.record_of(quad.subject.value)
        if record:
            graph = NamedNode(BASE.graph(record.partition("/")[0]))
            found[record].append(Quad(quad.subject, quad.predicate, quad.object, graph))
    return {record: tuple(quads) for record, quads in found.items()}


@pytest.mark.parametrize("type_", TYPES)
def test_a_published_record_goes_through_its_form_unchanged(type_):
    asked = form(type_)
    for record, quads in records().items():
        if record.startswith(type_ + "/"):
            given = posted(asked, pairs(asked, answers_of(asked, quads, record, BASE)))
            written = writer(type_).write(given, record, quads)
            assert (written.added, written.removed) == ((), ()), record


@pytest.mark.parametrize("type_", ["resource", "organization", "person", "discussion", "update", "finding", "method"])
def test_a_new_record_with_the_same_answers_conforms_as_the_old_one_does(type_):
    asked, library = form(type_), shipped_library()
    record, quads = next((r, q) for r, q in sorted(records().items()) if r.startswith(type_ + "/"))
    fresh = [(key, text) for key, text in pairs(asked, answers_of(asked, quads, record, BASE)) if not key.endswith("#")]
    written = writer(type_).write(posted(asked, fresh), f"{type_}/quite-new")
    report = Referee().check(written.quads, library)
    assert report.conforms, report.to_text()


def test_the_chain_of_a_finding_gets_addresses_below_it():
    given = posted(
        form("finding"),
        [
            ("label.1", "Right to food: farmers (alleged)"), ("label.1@", "en"),
            ("standing.1", "scheme/standing/alleged"),
            ("establishes.1.description.1", "They went hungry."), ("establishes.1.description.1@", "en"),
            ("establishes.1.right", "right/food"), ("establishes.1.attributedTo.1.description.1", "No plan."),
            ("establishes.1.attributedTo.1.description.1@", "en"), ("establishes.1.measuredBy.1.value.1", "3,5"),
            ("establishes.1.measuredBy.2.value.1", "4"), ("evidence.1.title.1", "A report"), ("evidence.2.title.1", ""),
        ],
    )  # fmt: skip
    written = writer("finding").write(given, "finding/new")
    subjects = {quad.subject.value.removeprefix(ID) for quad in written.quads}
    assert subjects == {
        "finding/new", "finding/new/deprivation", "finding/new/failure", "finding/new/observation/1",
        "finding/new/observation/2", "finding/new/evidence/1",
    }  # fmt: skip
    values = {(q.predicate.value.rpartition("/")[2], q.object.value) for q in written.quads}
    assert ("value", "3.5") in values
    assert ("supports", ID + "finding/new") in values
    assert written.place(ID + "finding/new/failure", expand("dcterms:description")) == (
        "establishes.1.attributedTo.1.description.1"
    )


def test_a_part_that_is_taken_out_goes_with_all_below_it():
    record = "finding/gtm-maternal-mortality-indigenous"
    asked = form("finding")
    given = answers_of(asked, records()[record], record, BASE)
    del given.parts["establishes"]
    written = writer("finding").write(given, record, records()[record])
    assert not written.added
    assert {q.subject.value.removeprefix(ID + record) for q in written.removed} >= {"/deprivation", "/failure", ""}
    assert not any("/deprivation" in str(quad) or "/failure" in str(quad) for quad in written.quads)


def test_what_a_form_does_not_ask_is_kept():
    record = next(r for r, q in records().items() if r.startswith("finding/") and any("editorial" in str(x) for x in q))
    quads = records()[record]
    written = writer("finding").write(answers_of(form("finding"), quads, record, BASE), record, quads)
    assert [q for q in written.quads if q.predicate.value.endswith("editorial")]


@pytest.mark.parametrize(("kind", "is_opportunity"), [("opportunity", True), ("call-for-input", True), ("news", False)])
def test_an_update_of_some_kinds_is_an_opportunity(kind, is_opportunity):
    given = Answers({"type": [Text(f"scheme/update-kind/{kind}")]})
    written = writer("update").write(given, "update/new")
    classes = {q.object.value for q in written.quads if q.predicate.value.endswith("#type")}
    assert (expand("escr:Opportunity") in classes) is is_opportunity


def test_an_opportunity_that_becomes_news_is_none_any_more():
    before = writer("update").write(Answers({"type": [Text("scheme/update-kind/opportunity")]}), "update/new").quads
    after = writer("update").write(Answers({"type": [Text("scheme/update-kind/news")]}), "update/new", before)
    assert [q.object.value for q in after.removed if q.predicate.value.endswith("#type")] == [
        expand("escr:Opportunity")
    ]


TERMS = [
    ("resource", "issued", "2013-09", "", Literal("2013-09", datatype=NamedNode(EDTF))),
    ("resource", "issued", "1998–2001", "", Literal("1998/2001", datatype=NamedNode(EDTF))),
    ("resource", "issued", "in 2019", "", Literal("in 2019")),
    ("resource", "title", "  Two   words ", "EN", Literal("Two words", language="en")),
    ("resource", "title", "No language", "", Literal("No language")),
    ("resource", "title", "x", "not a tag", Literal("x")),
    ("resource", "page", "www.example.org/a", "", NamedNode("https://www.example.org/a")),
    ("resource", "page", "javascript:alert(1)", "", Literal("javascript:alert(1)")),
    ("resource", "page", "https://a.org/<script>", "", Literal("https://a.org/<script>")),
    ("resource", "page", "http://[", "", Literal("http://[")),
    ("resource", "doi", "https://doi.org/10.1000/x", "", Literal("10.1000/x")),
    ("resource", "subject", "right/food", "", NamedNode(ID + "right/food")),
    ("resource", "subject", ID + "right/food", "", NamedNode(ID + "right/food")),
    ("resource", "subject", "Right to food", "", NamedNode(ID + "right/food")),
    ("resource", "subject", "Right to fod", "", Literal("Right to fod")),
    ("resource", "language", "es", "", NamedNode("http://publications.europa.eu/resource/authority/language/SPA")),
    ("resource", "title", "a\u0000b\u0007c", "en", Literal("abc", language="en")),
    ("resource", "title", " \t ", "en", None),
]  # fmt: skip


@pytest.mark.parametrize(("type_", "key", "text", "tag", "term"), TERMS)
def test_what_is_typed_becomes_a_term_or_stays_text(type_, key, text, tag, term):
    question = form(type_).question(key)
    names = {"Right to food": ID + "right/food"}
    assert term_of(question, Text(text, tag), BASE, lambda _, given: names.get(given)) == term
    if term is not None:
        again = text_of(question, term, BASE)
        assert term_of(question, again, BASE, lambda _, given: names.get(given)) == term


@given(st.text(max_size=60), st.text(max_size=8))
def test_whatever_is_typed_is_a_term_that_stays_itself(text, tag):
    for question in form("resource").questions:
        if question.widget is not Widget.PART:
            term = term_of(question, Text(text, tag), BASE, lambda _, given: None)
            if term is not None:
                assert term_of(question, text_of(question, term, BASE), BASE, lambda _, given: None) == term


@given(st.lists(st.tuples(st.text(max_size=30), st.text(max_size=10)), max_size=30))
def test_whatever_is_posted_is_read(given_pairs):
    answers = posted(form("finding"), given_pairs)
    assert set(answers.texts) <= {question.key for question in form("finding").questions}


@pytest.mark.parametrize(
    "pair",
    [("title.201", "x"), ("qualifiedAttribution.999.position.1", "1"), ("qualifiedAttribution.0.position.1", "1")],
)
def test_numbers_without_end_are_refused(pair):
    with pytest.raises(TooLarge):
        posted(form("resource"), [pair])


def test_more_answers_than_a_form_may_have_are_refused():
    with pytest.raises(TooLarge):
        posted(form("resource"), [("subject", "right/food")] * 6_000)


def test_a_part_cannot_be_put_below_another_record():
    given = posted(
        form("resource"), [("qualifiedAttribution.1#", "../../right/food"), ("qualifiedAttribution.1.position.1", "1")]
    )
    written = writer("resource").write(given, "resource/new")
    assert {quad.subject.value for quad in written.quads} <= {ID + "resource/new", ID + "resource/new/contribution/1"}


@pytest.mark.parametrize(
    ("title", "slug"),
    [
        ("The Right to Food", "the-right-to-food"),
        ("L’accès à l’eau", "lacces-a-leau"),
        ("Ñandú & Łódź", "nandu-lodz"),
        ("!!!", ""),
        ("word " * 40, "-".join(["word"] * 12)),
    ],
)
def test_a_title_becomes_a_slug(title, slug):
    assert slug_of(title) == slug


@given(st.text(max_size=200))
def test_every_slug_is_one(title):
    assert slug_of(title) == "" or is_slug(slug_of(title))
    assert len(slug_of(title)) <= 60


def test_an_arabic_title_becomes_latin_letters():
    assert is_slug(slug_of("الحق في الغذاء"))


def test_slugs_that_are_taken_get_a_number():
    taken = {"a", "a-2"}
    assert free_slug("A", taken.__contains__) == "a-3"
    assert free_slug("?", taken.__contains__, "update") == "update"


@pytest.mark.parametrize("type_", TYPES)
def test_keys_are_unlike_and_fields_of_every_kind_have_a_column(type_):
    asked = form(type_)
    assert len({question.key for question in asked.questions}) == len(asked.questions)
    columns = columns_of(asked)
    assert len({column.name for column in columns}) == len(columns)
    assert {column.question.path for column in columns} == {
        question.path for question in asked.everything if question.part is None
    }
