"""Facts of single rows, read from the tables by hand and looked up in the graphs; and what the builder decides."""

from __future__ import annotations

import pytest
from pyoxigraph import Literal, NamedNode, Triple
from tests.data.conftest import Table
from tools.library.concepts import articles, general_comment
from tools.library.findings import resource_of_evidence
from tools.library.organizations import Names
from tools.library.people import is_person
from tools.library.resources import un_symbols
from tools.library.slugs import slugify
from tools.library.tables import Library
from tools.library.terms import BASE, decimal, name, page


@pytest.fixture(scope="module")
def library() -> Library:
    return Library()


def values(everything: set[Triple], kind: str, slug: str, curie: str, *below: str) -> set[str]:
    """What a node says with a property."""
    node = NamedNode(BASE.id(kind, slug, *below))
    return {each.object.value for each in everything if each.subject == node and each.predicate == name(curie)}


def test_a_chain_from_deprivation_to_evidence(everything: set[Triple], tables: dict[str, Table]) -> None:
    row = next(row for row in tables["findings"] if row["slug"] == "gtm-maternal-mortality-indigenous")
    slug = row["slug"]
    assert values(everything, "finding", slug, "escr:establishes") == {BASE.id("finding", slug, "deprivation")}
    assert values(everything, "finding", slug, "escr:attributedTo", "deprivation") == {
        BASE.id("finding", slug, "failure")
    }
    assert values(everything, "finding", slug, "escr:committedBy", "failure") == {BASE.id("organization", "gov-gtm")}
    assert values(everything, "finding", slug, "escr:value", "observation", "1") == {row["value"]} == {"3"}
    assert values(everything, "finding", slug, "cito:supports", "evidence", "1") == {BASE.id("finding", slug)}
    assert values(everything, "finding", slug, "dcterms:relation", "evidence", "1") == {
        BASE.id("resource", "guatemala-rights-or-privileges")
    }
    assert not values(everything, "finding", slug, "escr:followedBy")


def test_a_decision_names_its_forum_and_date(everything: set[Triple]) -> None:
    decision = ("finding", "col-health-tutelas")
    assert values(everything, *decision, "dcterms:date", "consequence", "1") == {"2008-07-31"}
    assert values(everything, *decision, "dcterms:type", "consequence", "1") == {
        BASE.id("scheme", "consequence-kind", "decision")
    }
    assert values(everything, *decision, "escr:by", "consequence", "1") == {
        BASE.id("organization", "corte-constitucional-col")
    }


@pytest.mark.parametrize(
    ("finding", "kind"),
    [
        ("eri-bisha-forced-labour", "settlement"),
        ("usa-detroit-water-shutoffs", "dismissal"),
        ("zaf-berea-evictions", "interim-order"),
        ("esp-migrant-health-access", "reform"),
    ],
)
def test_what_followed_has_the_kind_that_the_table_shows(finding: str, kind: str, everything: set[Triple]) -> None:
    found = values(everything, "finding", finding, "dcterms:type", "consequence", "1")
    assert found == {BASE.id("scheme", "consequence-kind", kind)}


def test_a_wrap_up_and_its_discussion_name_each_other(everything: set[Triple]) -> None:
    pairs = {
        "monthly-2014-05": "wrap-up-may-2014",
        "monthly-2014-10": "wrap-up-october-2014",
        "monthly-2015-01": "wrap-up-january-2015",
        "monthly-2015-07": "wrap-up-july-2015",
        "monthly-2015-10": "wrap-up-october-2015",
    }
    for discussion, update in pairs.items():
        assert values(everything, "discussion", discussion, "escr:wrapUp") == {BASE.id("update", update)}
        assert values(everything, "update", update, "schema:about") == {BASE.id("discussion", discussion)}


def test_a_deadline_is_taken_only_from_words_that_name_it(everything: set[Triple]) -> None:
    deadlines = {
        each.subject.value.rpartition("/")[2]: each.object.value
        for each in everything
        if each.predicate == name("schema:validThrough")
    }
    assert deadlines == {"un-poverty-questionnaire-2013": "2013-12-02", "cescr-rules-call-2021": "2021-08-15"}


def test_the_state_of_palestine_stands_under_its_name_in_the_united_nations(everything: set[Triple]) -> None:
    labels = values(everything, "country", "pse", "skos:prefLabel")
    assert labels == {"State of Palestine", "Estado de Palestina", "État de Palestine", "دولة فلسطين"}
    assert values(everything, "country", "pse", "dcterms:date", "covenant", "icescr") == {"2014-04-02"}
    assert "Palestine, State of" in values(everything, "country", "pse", "skos:altLabel")


def test_only_roles_in_the_working_group_say_where_they_are_held(everything: set[Triple]) -> None:
    group = {BASE.id("organization", "escr-net-mwg")}
    assert values(everything, "organization", "cesr", "org:organization", "membership", "coordinator") == group
    assert values(everything, "organization", "cesr", "org:organization", "membership", "publisher") == set()
    assert values(everything, "organization", "cesr", "escr:since", "membership", "working-group-member") == {"2013"}


def test_links_out_lead_to_authorities(everything: set[Triple]) -> None:
    assert "http://publications.europa.eu/resource/authority/country/GTM" in values(
        everything, "country", "gtm", "skos:exactMatch"
    )
    assert values(everything, "right", "food", "skos:closeMatch") == {"http://metadata.un.org/sdg/2"}
    assert values(everything, "resource", "cescr-gc-24", "skos:exactMatch") == {"https://undocs.org/E/C.12/GC/24"}


def test_opera_has_its_four_steps_in_three_languages(everything: set[Triple]) -> None:
    steps = [values(everything, "method", "opera", "skos:prefLabel", "step", str(number)) for number in range(1, 5)]
    assert steps[1] == {"Policy Efforts", "Esfuerzos de política pública", "Efforts de politique publique"}
    assert [len(labels) for labels in steps] == [3, 3, 3, 3]


@pytest.mark.parametrize(
    ("creator", "person"),
    [
        ("Felner, Eitan", True),
        ("de la Torre, Carlos", True),
        ("Mejía R., Joaquín A.", True),
        ("Committee on Economic, Social and Cultural Rights", False),
        ("Centre for Human Rights, Maastricht University", False),
        ("Tebtebba", False),
        ("University of Limburg, Faculty of Law", False),
    ],
)
def test_persons_are_told_from_organizations(creator: str, person: bool) -> None:
    assert is_person(creator) is person


@pytest.mark.parametrize(
    ("printed", "slug"),
    [
        ("FAO Right to Food Team", "fao"),
        ("FIAN", "fian-germany"),
        ("FIAN International", "fian-germany"),
        ("Médias24", "medias24"),
        ("Queen's University Belfast", "queens-university-belfast"),
    ],
)
def test_a_printed_name_means_an_organization(printed: str, slug: str, library: Library) -> None:
    assert Names(library).slug(printed) == slug


@pytest.mark.parametrize(
    ("resource", "symbols"),
    [
        ("cescr-gc-24", ["E/C.12/GC/24"]),
        ("rolnik-mission-kazakhstan", ["A/HRC/16/42/Add.3"]),
        ("compilation-general-comments-rev9", ["HRI/GEN/1/Rev.9"]),
        ("op-icescr", ["A/RES/63/117"]),
        ("opera-framework", []),
    ],
)
def test_document_symbols_are_found_in_titles_and_summaries(
    resource: str, symbols: list[str], library: Library
) -> None:
    assert un_symbols(next(row for row in library.publications if row.slug == resource)) == symbols


@pytest.mark.parametrize(
    ("cell", "codes"),
    [
        ("11, 12", ["11", "12"]),
        ("2 (2)", ["2-2"]),
        ("12 (2)(b)", ["12-2-b"]),
        ("1-15", [str(number) for number in range(1, 16)]),
    ],
)
def test_articles_become_codes(cell: str, codes: list[str]) -> None:
    assert articles(cell) == codes


def test_a_general_comment_needs_its_number() -> None:
    assert general_comment("CESCR GC 19 (2007)") == "cescr-og-19-securite-sociale"
    with pytest.raises(ValueError, match="names no general comment"):
        general_comment("General comment on food")


@pytest.mark.parametrize(
    ("label", "slug"),
    [
        ("deaths per 10,000 live births", "deaths-per-10000-live-births"),
        ("% of children under five", "percent-of-children-under-five"),
        ("Roma in Dobšiná", "roma-in-dobsina"),
        ("D’hondt", "dhondt"),
    ],
)
def test_labels_become_slugs(label: str, slug: str) -> None:
    assert slugify(label) == slug


def test_a_name_without_a_letter_that_folds_needs_a_slug_by_hand() -> None:
    with pytest.raises(ValueError, match="Give one by hand"):
        slugify("العربية")


@pytest.mark.parametrize(("cell", "number"), [("1,500,000", "1500000"), ("32.3", "32.3"), ("25 %", "25")])
def test_numbers_lose_only_their_marks(cell: str, number: str) -> None:
    assert decimal(cell) == Literal(number, datatype=name("xsd:decimal"))


@pytest.mark.parametrize(
    "address", ["www.example.org", "ftp://example.org/", "https://example.org/a b", 'https://example.org/"']
)
def test_an_address_that_cannot_be_followed_is_refused(address: str) -> None:
    with pytest.raises(ValueError, match="is not a web address"):
        page(address)


def test_evidence_is_found_in_the_library_by_its_title_or_else_by_its_address(library: Library) -> None:
    rows = {row.slug: resource_of_evidence(library, row) for row in library.findings}
    assert {slug: resource for slug, resource in rows.items() if resource} == {
        "gtm-maternal-mortality-indigenous": "guatemala-rights-or-privileges",
        "gtm-postpartum-haemorrhage": "guatemala-rights-or-privileges",
        "gtm-low-social-budget": "guatemala-rights-or-privileges",
        "egy-poverty": "egypt-joint-submission-cescr-2013",
        "egy-youth-unemployment": "egypt-joint-submission-cescr-2013",
        "egy-child-stunting": "egypt-joint-submission-cescr-2013",
    }
