"""Questions that the tables cannot answer, asked of a few made-up records whose answer can be seen at a glance."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from tests.queries.asking import World

Make = Callable[[dict[str, str]], World]

# Three changes: two records came, then one was revised, then the other was withdrawn and its tombstone left.
CHANGES = {
    "resource": """
<id/resource/stays> a escr:Resource ; dcterms:title "A made-up title, revised"@en .
""",
    "provenance": """
<change/1> a prov:Activity ; prov:endedAtTime "2026-02-01T09:00:00Z"^^xsd:dateTime ; escr:number 1 ;
  escr:cause "import" ; rdfs:label "first made-up import"@en .
<change/2> a prov:Activity ; prov:endedAtTime "2026-03-01T09:00:00Z"^^xsd:dateTime ; escr:number 2 ;
  escr:cause "submission" ; rdfs:label "a made-up correction"@en .
<change/3> a prov:Activity ; prov:endedAtTime "2026-04-01T09:00:00Z"^^xsd:dateTime ; escr:number 3 ;
  escr:cause "submission" .
<doc/resource/first> foaf:primaryTopic <id/resource/first> ; prov:wasGeneratedBy <change/1> ;
  dcterms:created "2026-02-01T09:00:00Z"^^xsd:dateTime ; dcterms:modified "2026-02-01T09:00:00Z"^^xsd:dateTime .
<doc/resource/stays> foaf:primaryTopic <id/resource/stays> ; prov:wasGeneratedBy <change/2> ;
  dcterms:created "2026-02-01T09:00:00Z"^^xsd:dateTime ; dcterms:modified "2026-03-01T09:00:00Z"^^xsd:dateTime .
<doc/resource/goes> foaf:primaryTopic <id/resource/goes> ; prov:wasGeneratedBy <change/3> ;
  dcterms:created "2026-02-01T09:00:00Z"^^xsd:dateTime ; dcterms:modified "2026-04-01T09:00:00Z"^^xsd:dateTime ;
  prov:invalidatedAtTime "2026-04-01T09:00:00Z"^^xsd:dateTime .
""",
}
CREATED = ("1", "2026-02-01T09:00:00Z", "created", "resource/first", "first made-up import")
REVISED = ("2", "2026-03-01T09:00:00Z", "revised", "resource/stays", "a made-up correction")
WITHDRAWN = ("3", "2026-04-01T09:00:00Z", "withdrawn", "resource/goes", "")


@pytest.mark.parametrize(
    ("since", "expected"),
    [
        (None, [CREATED, REVISED, WITHDRAWN]),
        ("2026-02-01T09:00:00Z", [CREATED, REVISED, WITHDRAWN]),
        ("2026-02-01T09:00:01Z", [REVISED, WITHDRAWN]),
        ("2026-03-01T11:30:00+02:00", [WITHDRAWN]),
        ("2026-05-01", []),
    ],
)
def test_what_changed_since_a_moment(seeded: Make, since: str | None, expected: list[tuple[str, ...]]) -> None:
    values = {"since": since} if since else {}
    assert seeded(CHANGES).rows("changes-since", **values) == expected


def test_a_library_without_provenance_has_no_changes_to_tell(world: World) -> None:
    assert world.rows("changes-since", since="1900-01-01") == []


CALLS = """
<id/update/made-up-past> a escr:Update, escr:Opportunity ; dcterms:title "A made-up call that is over"@en ;
  schema:validThrough "2025-12-31"^^xsd:date ; foaf:page <https://example.org/past> .
<id/update/made-up-today> a escr:Update, escr:Opportunity ; dcterms:title "A made-up call that ends today"@en ;
  schema:validThrough "2026-01-01"^^xsd:date ; foaf:page <https://example.org/today> .
<id/update/made-up-late> a escr:Update, escr:Opportunity ; dcterms:title "A made-up call with time left"@en ;
  schema:validThrough "2026-06-30"^^xsd:date .
<id/update/made-up-open> a escr:Update, escr:Opportunity ; dcterms:title "A made-up call without a deadline"@en .
<id/update/made-up-news> a escr:Update ; dcterms:title "Made-up news"@en .
"""
TODAY = ("update/made-up-today", "A made-up call that ends today", "2026-01-01", "https://example.org/today")
LATE = ("update/made-up-late", "A made-up call with time left", "2026-06-30", "")


@pytest.mark.parametrize(
    ("day", "expected"), [(None, [TODAY, LATE]), ("2026-01-02", [LATE]), ("2026-07-01", []), ("2025-12-31", 3)]
)
def test_calls_that_are_open_on_a_day(seeded: Make, day: str | None, expected: object) -> None:
    rows = seeded({"update": CALLS}).rows("open-calls", **({"day": day} if day else {}))
    assert (len(rows) if isinstance(expected, int) else rows) == expected


LICENSED = {
    "catalog": """
<id/dataset/made-up> a dcat:Dataset ; dcterms:license <https://example.org/licence/a> ; dcat:version "0.1" ;
  escr:namedGraph <graph/resource> .
<id/dataset/other> a dcat:Dataset ; dcterms:license <https://example.org/licence/b> ; dcat:version "2" ;
  escr:namedGraph <graph/finding> .
""",
    "resource": """
<id/resource/made-up> a escr:Resource ; dcterms:source <https://example.org/2>, <https://example.org/1> .
<id/resource/made-up/contribution/1> dcterms:source <https://example.org/part> .
""",
    "finding": "<id/finding/made-up> a escr:Finding ; dcterms:source <https://example.org/3> .",
    "provenance": """
<doc/finding/made-up> foaf:primaryTopic <id/finding/made-up> ;
  dcterms:modified "2026-02-01T09:00:00Z"^^xsd:dateTime .
""",
}


def test_licence_and_version_come_from_the_data_set_of_the_record(seeded: Make) -> None:
    world = seeded(LICENSED)
    assert world.rows("licences-and-sources", dataset="dataset/made-up") == [
        ("resource/made-up", "https://example.org/1", "https://example.org/licence/a", "0.1", ""),
        ("resource/made-up", "https://example.org/2", "https://example.org/licence/a", "0.1", ""),
    ]
    assert world.rows("licences-and-sources", dataset="dataset/other") == [
        ("finding/made-up", "https://example.org/3", "https://example.org/licence/b", "2", "2026-02-01T09:00:00Z")
    ]
    assert world.rows("licences-and-sources", dataset="dataset/none") == []


def _finding(slug: str, standing: str, institution: str, value: str, period: str = "2011") -> str:
    finding = f"id/finding/{slug}"
    return f"""
<{finding}> a escr:Finding ; rdfs:label "Made-up finding {slug}"@en ; escr:country <id/country/xxa> ;
  escr:standing <id/scheme/standing/{standing}> ; escr:establishes <{finding}/deprivation> .
<{finding}/deprivation> escr:right <id/right/food> ; escr:populationGroup <id/scheme/population-group/made-up> ;
  escr:period "{period}"^^edtf:EDTF ;
  escr:measuredBy <{finding}/observation/1> ; escr:attributedTo <{finding}/failure> .
<{finding}/observation/1> escr:indicator <id/indicator/made-up> ; escr:unit <id/scheme/unit/percent> ;
  escr:value {value} .
<{finding}/failure> escr:committedBy <id/organization/{institution}> ; escr:breaches <id/obligation/fulfil> .
"""


def test_findings_contradict_by_evidence_by_standing_and_by_figure(seeded: Make) -> None:
    turtle = (
        _finding("a", "dismissed", "made-up-ministry", "10.0")
        + _finding("b", "adjudicated", "made-up-ministry", "10.0")
        + _finding("c", "reported", "made-up-council", "12.5")
        + _finding("d", "reported", "made-up-council", "99.0", period="1999")
        + "<id/finding/d> escr:contradictedBy <id/finding/d/evidence/2> ."
    )
    assert seeded({"finding": turtle}).rows("contradictory-findings") == [
        ("finding/a", "finding/b", "", "standing"),
        ("finding/a", "finding/c", "", "figure"),
        ("finding/b", "finding/c", "", "figure"),
        ("finding/d", "", "finding/d/evidence/2", "evidence"),
    ]


def test_a_claim_that_was_dismissed_does_not_recur(seeded: Make) -> None:
    both = _finding("a", "dismissed", "made-up-ministry", "1") + _finding("b", "alleged", "made-up-ministry", "1")
    world = seeded({"finding": both})
    assert world.rows("recurring-failures", minimum="1") == [("right/food", "obligation/fulfil", "1", "1")]
    assert world.rows("recurring-failures", minimum="2") == []


def test_what_followed_a_finding_may_come_in_several_steps(seeded: Make) -> None:
    steps = """
<id/finding/a> escr:followedBy <id/finding/a/consequence/1>, <id/finding/a/consequence/2> .
<id/finding/a/consequence/1> dcterms:date "2012-05"^^edtf:EDTF ; dcterms:description "A made-up decision."@en ;
  dcterms:type <id/scheme/consequence-kind/decision> .
<id/finding/a/consequence/2> dcterms:description "A made-up reform."@en .
"""
    world = seeded({"finding": _finding("a", "adjudicated", "made-up-ministry", "1") + steps})
    rows = world.rows("institutions-responsible", country="country/xxa")
    assert [row[-3:] for row in rows] == [
        ("", "", "A made-up reform."),
        ("scheme/consequence-kind/decision", "2012-05", "A made-up decision."),
    ]
    assert {row[2] for row in rows} == {"organization/made-up-ministry"}


TERMS = """
<id/method/made-up> skos:prefLabel "Made-up method"@en, "Método inventado"@es ; skos:inScheme <id/scheme/method> .
<id/scheme/unit/made-up> skos:prefLabel "Made-up unit"@en, "وحدة"@ar ; skos:inScheme <id/scheme/unit> .
<id/organization/made-up> skos:prefLabel "Made-up body"@en .
"""


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("ar", [("method/made-up", "Made-up method")]),
        ("es", [("scheme/unit/made-up", "Made-up unit")]),
        ("fr", [("method/made-up", "Made-up method"), ("scheme/unit/made-up", "Made-up unit")]),
    ],
)
def test_terms_without_a_label_and_only_terms(seeded: Make, language: str, expected: list[tuple[str, str]]) -> None:
    world = seeded({"scheme": TERMS})
    assert world.rows("missing-translations", language=language) == expected
    if language == "ar":
        assert world.rows("missing-translations") == expected


THIN = """
<id/resource/alone> a escr:Resource ; dcterms:source <https://example.org/1> .
<id/resource/backed> a escr:Resource ; dcterms:source <https://example.org/1>, <https://example.org/2> .
<id/resource/placed> a escr:Resource ; dcterms:source <https://example.org/1> ; foaf:page <https://example.org/own> .
<id/resource/dated> a escr:Resource ; dcterms:source <https://example.org/1>, <https://example.org/2> ;
  foaf:page <https://example.org/own> ; dcterms:issued "2020"^^edtf:EDTF .
"""


def test_a_second_source_or_an_own_address_is_enough_for_a_young_resource(seeded: Make) -> None:
    world = seeded({"resource": THIN})
    alone = ("resource/alone", "1", "false", "")
    old = ("resource/dated", "2", "true", "2020-12-31")
    assert world.rows("thin-sources", year="2025") == [alone]
    assert world.rows("thin-sources") == world.rows("thin-sources", year="2024", years="3") == [alone, old]


MEETINGS = """
<id/discussion/made-up-old> a escr:Discussion ; escr:usesMethod <id/method/indicators> ;
  dcterms:title "A made-up meeting"@en ; dcterms:date "2014"^^edtf:EDTF ;
  escr:discusses <id/resource/made-up-b>, <id/resource/made-up-a> .
<id/discussion/made-up-new> a escr:Discussion ; escr:usesMethod <id/method/indicators>, <id/method/surveys> ;
  dcterms:title "A made-up talk"@en ; dcterms:date "2015-03/2015-04"^^edtf:EDTF .
<id/discussion/made-up-undated> a escr:Discussion ; escr:usesMethod <id/method/indicators> ;
  dcterms:title "A made-up talk of some year"@en ; dcterms:date "XXXX-06-02"^^edtf:EDTF .
"""


def test_discussions_with_the_resources_that_they_name(seeded: Make) -> None:
    world = seeded({"discussion": MEETINGS})
    talk = ("discussion/made-up-new", "A made-up talk", "2015-03/2015-04", "")
    assert world.rows("discussions-of-method") == [
        talk,
        ("discussion/made-up-old", "A made-up meeting", "2014", "resource/made-up-a"),
        ("discussion/made-up-old", "A made-up meeting", "2014", "resource/made-up-b"),
        ("discussion/made-up-undated", "A made-up talk of some year", "XXXX-06-02", ""),
    ]
    assert world.rows("discussions-of-method", method="method/surveys") == [talk]
    assert world.rows("discussions-of-method", method="method/opera") == []


NAMES = """
<id/organization/made-up-1> a org:Organization ; skos:prefLabel "The Centre for Made-up Rights"@en ;
  escr:acronym "CMR" ; escr:country <id/country/xxa> .
<id/organization/made-up-2> a org:Organization ; skos:prefLabel "Centre of made up rights"@en .
<id/organization/made-up-3> a org:Organization ; skos:prefLabel "Conseil imaginaire"@fr ;
  escr:acronym "cmr" ; escr:country <id/country/xxa> .
<id/organization/made-up-4> a org:Organization ; skos:prefLabel "Consejo"@es ; skos:altLabel "CONSEIL IMAGINAIRE"@fr ;
  escr:acronym "CMR" ; escr:country <id/country/xxb> .
"""


def test_names_are_alike_without_case_marks_and_articles(seeded: Make) -> None:
    assert seeded({"organization": NAMES}).rows("likely-duplicates") == [
        ("organization/made-up-1", "organization/made-up-2", "centremadeuprights"),
        ("organization/made-up-1", "organization/made-up-3", "cmr xxa"),
        ("organization/made-up-3", "organization/made-up-4", "conseilimaginaire"),
    ]


def test_the_catalogue_of_two_records(seeded: Make) -> None:
    world = seeded({"resource": THIN, "catalog": "<id/dataset/thin> escr:namedGraph <graph/resource> ."})
    assert world.rows("catalogue") == [
        ("graph/catalog", "", "1", "1"),
        ("graph/inferred", "", "2", "1"),
        ("graph/resource", "dataset/thin", "13", "4"),
    ]
