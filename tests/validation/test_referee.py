"""The referee: changes in their neighbourhood, the whole library, and that both agree."""

from __future__ import annotations

import random

import pytest
from pyoxigraph import Dataset, Literal, NamedNode, Quad, RdfFormat, Store, parse
from tests.validation.mistakes import ID, some_records, spoil

from escrgraph.repository.errors import Malformed
from escrgraph.validation import Referee, check_whole, shipped_library, validate_files, validate_quads
from escrgraph.validation import referee as referee_module
from escrgraph.validation.neighbourhood import neighbourhood
from escrgraph.validation.overlay import changed
from escrgraph.vocabulary import shipped
from escrgraph.vocabulary.facts import term
from escrgraph.vocabulary.iris import Base
from escrgraph.vocabulary.namespaces import HOME, prologue

PREFIXES = "".join(line.replace("PREFIX", "@prefix") + " .\n" for line in prologue().splitlines())
RESOURCE = f"""<{ID}resource/a-new-guide> a escr:Resource ; dcterms:title "A new guide"@en ;
  dcterms:type <{ID}scheme/resource-type/guide> ;
  dcterms:subject <{ID}right/food> ; foaf:page <https://b.org/guide> ; dcterms:source <https://b.org/guide> ;
  dcterms:language <http://publications.europa.eu/resource/authority/language/ENG> ;
  dcterms:publisher <{ID}organization/cesr> ."""


def quads(text: str) -> list[Quad]:
    return list(parse(PREFIXES + text, RdfFormat.TURTLE))


def constraints(report, severity: str = "Violation") -> list[tuple[str, str]]:
    return [
        (finding.path.rpartition("/")[2].rpartition("#")[2] if finding.path else "", finding.constraint)
        for finding in report.findings
        if finding.severity == severity
    ]


def test_the_shipped_library_has_nothing_that_must_change(library, referee):
    report = referee.check_whole(library)
    assert report.conforms, report.to_text()
    assert report.records > 1_000


def test_the_shipped_files_pass_as_one_change():
    assert validate_files(shipped.data_files()).counts == check_whole(shipped_library()).counts


def test_a_good_resource_passes(library, referee):
    report = referee.check(quads(RESOURCE), library)
    assert report.conforms, report.to_text()
    assert report.records == 1


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ('"A new guide"@en', '"A new guide"', ("title", "Datatype")),
        ('dcterms:title "A new guide"@en ;', "", ("title", "MinCount")),
        ('"A new guide"@en', '"A new guide"@en, "Another"@en', ("title", "UniqueLang")),
        ("right/food", "right/fod", ("subject", "dangling")),
        ("right/food", "country/gtm", ("subject", "Class")),
        ("scheme/resource-type/guide", "scheme/update-kind/news", ("type", "Pattern")),
        ("<https://b.org/guide> ; dcterms:source", "<mailto:a@b.org> ; dcterms:source", ("page", "Pattern")),
        ("a escr:Resource ;", "", ("", "unchecked")),
        ("a escr:Resource ;", "a escr:Resourse ;", ("", "unchecked")),
        ("foaf:page", "foaf:pages", ("pages", "unknown-property")),
        ("resource/a-new-guide", "resource/A_New_Guide", ("", "foreign-subject")),
        ("dcterms:source", 'bibo:doi "doi 10.1" ; dcterms:source', ("doi", "Pattern")),
    ],
)  # fmt: skip
def test_a_mistake_is_found(library, referee, old, new, expected):
    assert old in RESOURCE
    found = constraints(referee.check(quads(RESOURCE.replace(old, new)), library))
    assert expected in found


def test_a_record_of_no_known_type_is_a_finding_of_its_own(referee):
    report = referee.check(quads(f'<{ID}resource/a> dcterms:title "x"@en .'))
    assert ("", "unchecked") in constraints(report)
    assert "Nothing checked this entry" in report.to_text()


def test_other_peoples_subjects_are_refused(library, referee):
    report = referee.check(quads(f'{RESOURCE} <https://b.org/x> dcterms:title "x"@en .'), library)
    assert constraints(report) == [("", "foreign-subject")]


def test_the_store_is_as_before_when_the_check_is_over(library, referee):
    before = Dataset(library)
    gone = list(library.quads_for_pattern(NamedNode(ID + "right/food"), None, None))
    referee.check(quads(RESOURCE), library, removed=gone)
    assert Dataset(library) == before


def test_a_record_that_goes_leaves_no_link_to_nothing(library, referee):
    gone = [quad for quad in library if referee.base.record_of(quad.subject.value) == "right/food"]
    report = referee.check([], library, removed=gone)
    assert {finding.constraint for finding in report.findings if finding.severity == "Violation"} & {
        "Class",
        "dangling",
    }


def test_a_change_is_checked_as_it_will_be(library, referee):
    title = next(
        iter(library.quads_for_pattern(NamedNode(ID + "resource/opera-framework"), term("dcterms:title"), None))
    )
    new = Quad(title.subject, title.predicate, Literal("Another title", language=title.object.language))
    assert constraints(referee.check([new], library)) == [("title", "UniqueLang")]
    assert constraints(referee.check([new], library, removed=[title])) == []
    assert constraints(referee.check([], library, removed=[title])) == [("title", "MinCount")]


def test_derived_dates_are_there_while_a_change_is_looked_at(library):
    node = NamedNode(ID + "resource/opera-framework")
    date = Quad(node, term("dcterms:issued"), Literal("2013-09", datatype=term("edtf:EDTF")))
    with changed(library, [date]) as after:
        assert [quad.object.value for quad in after.quads_for_pattern(node, term("escr:latest"), None)] == [
            "2013-09-30"
        ]
    assert not list(library.quads_for_pattern(node, term("escr:latest"), None))


def test_a_failure_inside_leaves_the_store_as_before(library):
    before = len(library)
    with pytest.raises(RuntimeError), changed(library, quads(RESOURCE)):
        raise RuntimeError
    assert len(library) == before


def test_what_is_wrong_inside_is_said_instead_of_that_something_is_wrong_inside(library, referee):
    finding = next(iter(library.quads_for_pattern(None, term("escr:evidence"), None)))
    title = next(iter(library.quads_for_pattern(finding.object, term("dcterms:title"), None)))
    report = referee.check([], library, removed=[title])
    assert ("title", "MinCount") in constraints(report)
    assert "Node" not in {finding.constraint for finding in report.findings}


def test_rules_see_what_is_published(library, referee):
    isbn = next(iter(library.quads_for_pattern(None, term("bibo:isbn13"), None))).object
    report = referee.check(
        [*quads(RESOURCE), Quad(NamedNode(ID + "resource/a-new-guide"), term("bibo:isbn13"), isbn)], library
    )
    assert ("isbn13", "SPARQL") in constraints(report, "Warning")
    assert report.conforms


@pytest.mark.parametrize("seed", [7, 8])
def test_neighbourhood_and_whole_store_give_one_verdict(library, referee, monkeypatch, seed):
    chance = random.Random(seed)
    added, removed = spoil(library, chance, *some_records(library, chance, 60))
    verdicts = []
    for some, many in ((1_000_000, 1_000_000), (-1, 1_000_000), (-1, -1)):
        with monkeypatch.context() as patched:
            patched.setattr(referee_module, "SOME", some)
            patched.setattr(referee_module, "MANY", many)
            verdicts.append(set(referee.check(added, library, removed).results))
    near, queried, far = verdicts
    assert near == queried == far
    assert len({result.component for result in near}) >= 6
    with changed(library, added, removed) as after:
        whole = set(referee.check_whole(after).results)
    touched = {quad.subject.value for quad in (*added, *removed)}
    assert {result for result in near if result.focus in touched} == {
        result for result in whole if result.focus in touched
    }


def test_the_verdict_is_the_same_after_a_round_trip_through_a_store_on_disk(library, referee, tmp_path):
    chance = random.Random(3)
    added, removed = spoil(library, chance, "finding/chl-huasco-mine")
    with changed(library, added, removed) as after:
        first = referee.check_whole(after)
        disk = Store(str(tmp_path / "store"))
        disk.extend(after)
        disk.flush()
        again = Store()
        again.load(disk.dump(format=RdfFormat.N_QUADS), format=RdfFormat.N_QUADS)
    assert set(first.results) == set(referee.check_whole(disk).results) == set(referee.check_whole(again).results)
    del disk


def test_the_whole_check_finds_what_no_shape_can_see(library, referee):
    library.extend(
        quads(f"""<{ID}resource/opera-framework> dcterms:issued "in 2019"^^edtf:EDTF ; escr:nothing 1 ;
        dcterms:relation <{ID}resource/not-there> . <{ID}finding/empty> rdfs:label "x"@en .""")
    )
    found = {finding.constraint for finding in referee.check_whole(library).findings if finding.severity == "Violation"}
    assert {"ill-typed", "unknown-property", "dangling", "unchecked"} <= found


def test_files_are_checked_together_and_named_when_they_cannot_be_read(tmp_path, library):
    (tmp_path / "a.ttl").write_text(PREFIXES + RESOURCE)
    (tmp_path / "b.ttl").write_text(
        PREFIXES + f'<{ID}resource/b> a escr:Resource ; dcterms:title "b"@en ; escr:value "x"^^xsd:integer .'
    )
    report = validate_files([tmp_path / "a.ttl", tmp_path / "b.ttl"], against=library)
    assert report.records == 2
    assert ("value", "ill-typed") in constraints(report)
    assert {finding.record for finding in report.findings if finding.severity == "Violation"} == {"resource/b"}
    (tmp_path / "c.ttl").write_text("<")
    with pytest.raises(Malformed, match=r"c\.ttl: Line 1, column"):
        validate_files([tmp_path / "c.ttl"])


def test_a_kind_is_assumed_for_what_does_not_say_it(tmp_path, library):
    (tmp_path / "a.ttl").write_text(PREFIXES + RESOURCE.replace("a escr:Resource ;", ""))
    assert ("", "unchecked") in constraints(validate_files([tmp_path / "a.ttl"], against=library))
    assert validate_files([tmp_path / "a.ttl"], "resource", library).conforms
    with pytest.raises(ValueError, match="“novel” is no kind"):
        validate_files([tmp_path / "a.ttl"], "novel")


@pytest.mark.drill
def test_another_base_is_checked_alike():
    base = Base("https://example.org/library/")
    moved = [base.rebase(quad, Base()) for quad in shipped_library()]
    report = validate_quads(moved, base=base)
    assert (report.conforms, report.counts) == (True, check_whole(shipped_library()).counts)


def test_pyshacl_says_the_same_through_bytes(library, referee):
    def elsewhere(given, focus, shapes):
        return referee_module.response(referee_module.judge(referee_module.request(given, focus)))

    change = quads(RESOURCE.replace('"A new guide"@en', '"A new guide", 5').replace("right/food", "right/fod"))
    assert Referee(core=elsewhere).check(change, library) == referee.check(change, library)


def test_a_neighbourhood_of_a_record_is_small(library, referee):
    focus = {NamedNode(HOME + "shapes/Resource"): [ID + "resource/opera-framework"]}
    assert len(neighbourhood(library, focus, referee.shapes)) < 120
