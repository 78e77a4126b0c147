"""Kinds and fields: read from the shapes and the ontology, and from nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest
from pyoxigraph import NamedNode

from escrgraph.vocabulary import shipped
from escrgraph.vocabulary.facts import Facts, read_turtle, term
from escrgraph.vocabulary.iris import TYPES
from escrgraph.vocabulary.kinds import BrokenShape, kinds_of, shipped_kinds
from escrgraph.vocabulary.languages import LANGUAGES
from escrgraph.vocabulary.namespaces import expand, prologue

PREFIXES = "".join(line.replace("PREFIX", "@prefix") + " .\n" for line in prologue().splitlines())
ONTOLOGY = (
    PREFIXES + 'escr:Tool a owl:Class ; rdfs:label "tool"@en . escr:Saw rdfs:subClassOf escr:Tool . dcterms:title '
    'rdfs:label "title"@en .'
)
SHAPE = """
shape:Tool a sh:NodeShape ; rdfs:label "Tool"@en, "Outil"@fr ; shape:plural "Tools"@en ; shape:type "method" ;
  shape:graph "method" ;
  shape:labelProperty dcterms:title ; sh:targetClass escr:Tool ;
  sh:property shape:tool-title, shape:tool-part ; shape:advice shape:tool-maker-wanted .
shape:tool-title a sh:PropertyShape ; sh:path dcterms:title ; sh:datatype rdf:langString ; sh:minCount 1 ;
  sh:maxCount 2 ; sh:order 2 ;
  sh:group shape:first ; sh:message "Give a title."@en ; sh:uniqueLang true ; sh:languageIn ("en" "fr") .
shape:tool-part a sh:PropertyShape ; sh:path escr:part ; sh:name "Part"@en ; sh:class escr:Part ;
  sh:node shape:Part ; sh:order 1 ; sh:group shape:first .
shape:tool-maker-wanted a sh:PropertyShape ; sh:targetClass escr:Tool ; sh:path escr:maker ;
  sh:name "Maker"@en ; sh:minCount 1 ; sh:severity sh:Warning ;
  sh:or ([ sh:datatype xsd:string ] [ sh:class escr:Firm ]) .
shape:Part a sh:NodeShape ; rdfs:label "Part"@en ; shape:partOf shape:Tool ; sh:targetClass escr:Part .
shape:first a sh:PropertyGroup ; rdfs:label "First"@en ; sh:order 1 .
"""


def kinds(tmp_path: Path, shape: str = SHAPE):
    (tmp_path / "shapes.ttl").write_text(PREFIXES + shape)
    (tmp_path / "ontology.ttl").write_text(ONTOLOGY)
    return kinds_of([tmp_path / "shapes.ttl"], [tmp_path / "ontology.ttl"])


def test_a_kind_says_what_its_shape_and_class_say(tmp_path):
    tool = kinds(tmp_path)["Tool"]
    assert (tool.type, tool.graph, tool.embedded, tool.part_of) == ("method", "method", False, None)
    assert tool.classes == {expand("escr:Tool"), expand("escr:Saw")}
    assert tool.label_properties == (expand("dcterms:title"),)
    assert (tool.label("fr").text, tool.label("es").text, tool.label("es").fallback) == ("Outil", "Tool", True)
    assert [field.name for field in tool.fields] == ["part", "title", "maker"]
    assert [group.label("en").text for group in tool.groups] == ["First"]


def test_a_field_says_what_its_property_shapes_say(tmp_path):
    found = kinds(tmp_path)
    title, part, maker = (found["Tool"].field(expand(name)) for name in ("dcterms:title", "escr:part", "escr:maker"))
    assert (title.label("en").text, title.min_count, title.max_count, title.required) == ("title", 1, 2, True)
    assert (title.datatype, title.unique_language, title.languages) == (expand("rdf:langString"), True, ("en", "fr"))
    assert title.messages[0].value == "Give a title."
    assert (part.node, found[part.node].embedded, found[part.node].part_of) == ("Part", True, "Tool")
    assert (maker.required, maker.recommended, maker.datatype, maker.classes) == (
        False,
        1,
        expand("xsd:string"),
        (expand("escr:Firm"),),
    )
    assert found["Tool"].field(expand("escr:none")) is None


def test_kinds_are_found_by_type_and_by_class(tmp_path):
    found = kinds(tmp_path)
    assert found.by_type["method"].name == "Tool"
    assert found.by_class(expand("escr:Saw")).name == "Tool"
    assert found.by_class("https://example.org/Other") is None
    assert {expand("dcterms:title"), expand("rdf:type")} <= found.predicates


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ('shape:type "method"', 'shape:type "novel"', "shape:type “novel”"),
        ("sh:path dcterms:title ;", "", "without sh:path"),
        ('sh:name "Part"@en ;', "", "on part has no sh:name"),
        ("sh:maxCount 2", 'sh:maxCount "many"', "not a count"),
        ("sh:order 2", 'sh:order "second"', "not a number"),
        ("sh:node shape:Part", "sh:node shape:Nothing", "points by sh:node to Nothing"),
        ('rdfs:label "First"@en ;', "", "which has no rdfs:label"),
        ("title ; sh:targetClass", "title ; sh:targetClass escr:Saw, ", "more than one sh:targetClass"),
        ("shape:partOf shape:Tool", 'shape:type "method"', "shares its shape:type"),
        ('sh:languageIn ("en" "fr")', "sh:languageIn shape:broken", "broken list"),
    ],
)  # fmt: skip
def test_a_broken_shape_is_named_and_explained(tmp_path, old, new, problem):
    assert old in SHAPE
    with pytest.raises(BrokenShape, match=rf"The shape \w+ .*{problem}.*\.$"):
        kinds(tmp_path, SHAPE.replace(old, new))


def test_a_file_with_a_mistake_is_named(tmp_path):
    with pytest.raises(SyntaxError, match=r"shapes\.ttl: .*line"):
        kinds(tmp_path, SHAPE + " shape:x ")


def test_a_property_added_to_a_copy_of_a_shipped_shape_is_a_field(tmp_path):
    for file in shipped.shape_files():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    with (tmp_path / "finding.ttl").open("a") as file:
        file.write("""
        shape:Finding sh:property shape:finding-mood .
        shape:finding-mood a sh:PropertyShape ; sh:path escr:mood ; sh:name "Mood"@en ; sh:datatype xsd:string ;
          sh:maxCount 1 ; sh:order 2.5 ; sh:group shape:group-what ; shape:facet true .
        """)
    found = kinds_of(sorted(tmp_path.glob("*.ttl")), shipped.ontology_files())
    mood = found["Finding"].field(expand("escr:mood"))
    assert (mood.label("ar").text, mood.datatype, mood.max_count, mood.facet) == ("Mood", expand("xsd:string"), 1, True)
    assert [field.name for field in found["Finding"].fields].index("mood") == 2
    assert expand("escr:mood") in found.predicates
    assert shipped_kinds()["Finding"].field(expand("escr:mood")) is None


def test_shipped_kinds_have_every_name_in_the_four_languages():
    for kind in shipped_kinds().values():
        texts = [kind.labels, kind.plurals, kind.descriptions, *(group.labels for group in kind.groups)]
        texts += [part for field in kind.fields for part in (field.names, field.descriptions)]
        for text in texts:
            assert {literal.language for literal in text} >= set(LANGUAGES), (kind.name, text)


def test_shipped_kinds_of_records_have_a_graph_and_a_label():
    found = shipped_kinds()
    assert set(found.by_type) <= set(TYPES)
    assert len(found.by_type) >= 14
    for kind in found.by_type.values():
        assert kind.graph
        assert kind.label_properties
        assert not kind.embedded
    assert all(kind.part_of in found for kind in found.values() if kind.embedded)


def test_facts_follow_lists_and_classes(tmp_path):
    (tmp_path / "a.ttl").write_text(
        PREFIXES + "escr:a escr:list (1 2) . escr:b rdfs:subClassOf escr:a . escr:c rdfs:subClassOf escr:b . "
        "escr:a rdfs:subClassOf escr:c . escr:l rdf:first 1 ; rdf:rest escr:l ."
    )
    facts = Facts(read_turtle([tmp_path / "a.ttl"]))
    assert [item.value for item in facts.items(facts.object(term("escr:a"), term("escr:list")))] == ["1", "2"]
    assert {node.value[-1] for node in facts.closure(term("escr:a"), term("rdfs:subClassOf"))} == {"a", "b", "c"}
    with pytest.raises(ValueError, match="no end"):
        facts.items(term("escr:l"))
    assert facts.objects(NamedNode("https://example.org/none"), term("escr:list")) == []
