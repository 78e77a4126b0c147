"""The gate: what is read, what is refused with a place and a hint, and that nothing is fetched or opened meanwhile."""

from __future__ import annotations

import contextlib
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode, RdfFormat, Store

from escrgraph.repository.errors import Malformed, RepositoryError, TooLarge
from escrgraph.validation import gate
from escrgraph.validation.formats import CONTEXTS, FORMATS, UnknownFormat, format_of
from escrgraph.vocabulary.edtf import DATATYPE
from escrgraph.vocabulary.namespaces import HOME, expand

ID = HOME + "id/"
FINDING = ID + "finding/a"


def turtle(text: str, **options) -> gate.Parsed:
    prefixes = "".join(
        f"@prefix {p}: <{expand(p + ':')}> . " for p in ("escr", "dcterms", "xsd", "rdf", "rdfs", "sh", "owl", "foaf")
    )
    return gate.read((prefixes + text).encode(), "text/turtle", **options)


def kinds(found: gate.Parsed) -> list[str]:
    return [problem.kind for problem in found.problems]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("text/turtle", RdfFormat.TURTLE),
        ("text/turtle; charset=utf-8", RdfFormat.TURTLE),
        ("Application/LD+JSON", RdfFormat.JSON_LD),
        ("library.TTL", RdfFormat.TURTLE),
        ("a.b.nq", RdfFormat.N_QUADS),
        ("x.rdf", RdfFormat.RDF_XML),
    ],
)
def test_the_format_follows_from_media_type_or_file_name(name, expected):
    assert format_of(name) == expected


@pytest.mark.parametrize("name", ["text/csv", "a.csv", "ttl", "", "text/html"])
def test_another_format_is_refused_with_those_that_are_read(name):
    with pytest.raises(UnknownFormat, match="Turtle"):
        format_of(name)


@pytest.mark.parametrize("media_type", FORMATS)
def test_every_format_gives_the_same_quads(media_type):
    store = Store()
    quads = turtle(
        '<https://w3id.org/escrgraph/id/finding/a> a escr:Finding ; rdfs:label "x"@en ; escr:forum "y" .'
    ).quads
    store.extend(quads)
    data = store.dump(
        format=FORMATS[media_type], from_graph=None if FORMATS[media_type].supports_datasets else gate.DefaultGraph()
    )
    assert set(gate.read(data, media_type).quads) == set(quads)


@pytest.mark.parametrize(
    ("text", "line", "hint"),
    [
        ("<https://a.org/> <https://a.org/p> “x” .", 1, "Straight quotes"),
        ("<https://a.org/>\n foo:p 1 .", 2, "Declare every prefix"),
        ('<https://a.org/> <https://a.org/p> "x"', 1, "dot"),
        ('<https://a.org/> <https://a.org/p> "x', 1, "full stop"),
        ("<a> <https://a.org/p> 1 .", 1, "in full"),
        ('<https://a.org/> <https://a.org/p> "x"@not-a-good-languagetag .', 1, "language tag"),
        ('<https://a.org/> <https://a.org/p> "x"@1 .', 1, "language tag"),
    ],
)
def test_a_syntax_error_has_a_place_and_a_hint(text, line, hint):
    with pytest.raises(Malformed, match=hint) as caught:
        gate.read(text.encode(), "a.ttl")
    assert caught.value.line == line
    assert caught.value.column >= 1
    assert str(caught.value).startswith(f"Line {line}, column {caught.value.column}: ")


@pytest.mark.parametrize("name", ["a.ttl", "a.jsonld", "a.rdf", "a.nq"])
def test_text_that_is_not_utf8_is_refused_with_its_line(name):
    with pytest.raises(Malformed, match="Line 2 is not UTF-8"):
        gate.read(b"# a\n\xff\xfe", name)


def test_a_byte_order_mark_is_no_mistake():
    assert gate.read(b"\xef\xbb\xbf<https://a.org/> <https://a.org/p> 1 .", "a.ttl").quads


# -- nothing leaves, nothing is opened ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "context",
    [
        "{url}",
        ["{url}"],
        {"@import": "{url}"},
        {"a": {"@id": "https://a.org/a", "@context": "{url}"}},
        "file:///etc/passwd",
        "/etc/passwd",
    ],
)
def test_a_remote_context_is_refused_and_not_fetched(listener, context):
    url = f"http://127.0.0.1:{listener.server_address[1]}/context"
    document = {"@context": context, "@id": "https://a.org/x", "a": 1}
    with pytest.raises(Malformed):
        gate.read(json.dumps(document).replace("{url}", url).encode(), "a.jsonld")
    assert listener.asked == 0


@pytest.mark.parametrize("name", CONTEXTS)
def test_our_own_context_is_read_from_disk(name):
    document = {"@context": name, "@id": FINDING, "@type": "escr:Finding"}
    found = gate.read(json.dumps(document).encode(), "a.jsonld")
    assert [quad.object.value for quad in found.quads] == [expand("escr:Finding")]


def test_an_inline_context_is_read():
    document = {"@context": {"forum": expand("escr:forum")}, "@id": FINDING, "forum": "x"}
    assert gate.read(json.dumps(document).encode(), "a.jsonld").quads[0].predicate.value == expand("escr:forum")


def test_owl_imports_are_a_problem_and_not_followed(listener):
    found = turtle(f"<{FINDING}> owl:imports <http://127.0.0.1:{listener.server_address[1]}/> .")
    assert (kinds(found), listener.asked) == (["model"], 0)


ENTITIES = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 9))
RDF_XML = '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:e="https://a.org/"><rdf:Description rdf:about="https://a.org/"><e:p>%s</e:p></rdf:Description></rdf:RDF>'


@pytest.mark.parametrize(
    "head",
    [
        f'<!DOCTYPE rdf:RDF [<!ENTITY e0 "x">{ENTITIES}]>',
        '<!DOCTYPE rdf:RDF [<!ENTITY e8 SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE rdf:RDF SYSTEM "http://127.0.0.1/x.dtd">',
        "<!doctype x>",
    ],
)
def test_rdf_xml_with_a_doctype_is_refused(head):
    with pytest.raises(Malformed, match="DOCTYPE"):
        gate.read((head + RDF_XML % "&e8;").encode(), "a.rdf")
    with pytest.raises(Malformed):
        gate.read((head + RDF_XML % "&e8;").encode("utf-16"), "a.rdf")


# -- too much ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.ttl", "<https://a.org/> <https://a.org/p> " + "[ <https://a.org/p> " * 200 + "1" + " ]" * 200 + " ."),
        ("a.ttl", "<https://a.org/> <https://a.org/p> " + "(" * 2000 + ")" * 2000 + " ."),
        (
            "a.ttl",
            "<https://a.org/> <https://a.org/p> "
            + "<<( <https://a.org/> <https://a.org/p> " * 100_000
            + "1"
            + " )>>" * 100_000
            + " .",
        ),
        ("a.ttl", "<https://a.org/> <https://a.org/p\\'> 'x'. " + "[" * 200),
        (
            "a.nt",
            "<https://a.org/> <https://a.org/p> "
            + "<<( <https://a.org/> <https://a.org/p> " * 100_000
            + "1"
            + " )>>" * 100_000
            + " .",
        ),
        (
            "a.jsonld",
            '{"@context":{"t":"https://a.org/t"},"@id":"https://a.org/","t":'
            + '{"t":' * 10_000
            + "1"
            + "}" * 10_000
            + "}",
        ),
        ("a.jsonld", "[" * 100_000),
        ("a.rdf", RDF_XML % ("<e:x>" * 10_000 + "</e:x>" * 10_000)),
    ],
)
def test_deep_nesting_is_refused_before_the_parser_sees_it(name, text):
    with pytest.raises(TooLarge, match="nest deeper than"):
        gate.read(text.encode(), name, limits=gate.Limits(bytes=20_000_000))


def test_brackets_in_texts_and_addresses_do_not_nest():
    text = '"""' + "[" * 300 + '"""'
    assert turtle(f"<https://a.org/> dcterms:title {text}, '{'(' * 300}', \"{'<<' * 300}\" . # {'[' * 300}").quads
    assert gate.read(('{"@id":"https://a.org/","https://a.org/p":"' + "[" * 300 + '\\""}').encode(), "a.jsonld").quads


def test_a_chain_of_unnamed_things_is_refused():
    chain = " . ".join(f"_:b{n} escr:forum _:b{n + 1}" for n in range(200))
    with pytest.raises(TooLarge, match="Unnamed things nest"):
        turtle(f"<{FINDING}> escr:forum _:b0 . {chain} .")


def test_a_body_and_a_number_of_statements_above_the_limit_are_refused():
    with pytest.raises(TooLarge, match="1,000,001 bytes; at most 1,000,000"):
        gate.read(b" " * 1_000_001, "a.ttl")
    many = "".join(f'<https://a.org/{n}> <https://a.org/p> "x" .\n' for n in range(5_001))
    with pytest.raises(TooLarge, match="more than 5,000 statements"):
        gate.read(many.encode(), "a.nt")
    assert len(gate.read(many.encode(), "a.nt", limits=gate.FILES).quads) == 5_001


@pytest.mark.parametrize(
    ("object_", "kind"),
    [
        ('"' + "x" * 20_001 + '"', "long-text"),
        ("<https://a.org/" + "x" * 2_000 + ">", "long-address"),
        ("<javascript:alert(1)>", "scheme"),
        ("<file:///etc/passwd>", "scheme"),
        ("<data:text/html,x>", "scheme"),
        ("<JAVASCRIPT:alert(1)>", "scheme"),
        ("<<( <https://a.org/> <https://a.org/p> 1 )>>", "triple-term"),
        ("9" * 5_000, "ill-typed"),
        ('"abc"^^xsd:integer', "ill-typed"),
        ('"2013-02-30"^^xsd:date', "ill-typed"),
        ('"2013-02-03T25:00:00"^^xsd:dateTime', "ill-typed"),
        ('"maybe"^^xsd:boolean', "ill-typed"),
        ('"1e999999"^^xsd:double', "ill-typed"),
        (f'"in 2019"^^<{DATATYPE}>', "ill-typed"),
        ('"x"^^<https://a.org/type>', "datatype"),
        ('"<b>x</b>"^^rdf:HTML', "datatype"),
        ("owl:Class", "model"),
        ("rdfs:Class", "model"),
    ],
)
def test_a_bad_value_is_a_problem_and_is_left_out(object_, kind):
    found = turtle(f"<{FINDING}> escr:forum {object_} ; dcterms:title 'kept' .")
    assert kinds(found) == [kind]
    assert [quad.object.value for quad in found.quads] == ["kept"]
    assert len(found.problems[0].value) <= 200
    assert found.problems[0].subject == FINDING


@pytest.mark.parametrize(
    "statement",
    [
        "rdfs:subClassOf escr:Country",
        "sh:property [ sh:path escr:forum ]",
        "a sh:NodeShape",
        "owl:sameAs <https://a.org/>",
    ],
)
def test_what_would_widen_the_model_is_a_problem(statement):
    assert set(kinds(turtle(f"<{FINDING}> {statement} ."))) == {"model"}


def test_lists_are_a_problem():
    assert set(kinds(turtle(f"<{FINDING}> escr:forum ('a' 'b') ."))) == {"model"}


def test_more_values_than_a_property_may_have_are_a_problem():
    found = turtle(f"<{FINDING}> escr:forum " + ", ".join(f"'{n}'" for n in range(250)) + " .")
    assert len(found.quads) == 200
    assert [(problem.kind, problem.value) for problem in found.problems] == [("too-many-values", "")]


@pytest.mark.parametrize("iri", ["http://a.org/", "https://a.org/", "mailto:a@b.org", "doi:10.1/x", "HTTPS://a.org/"])
def test_allowed_addresses_pass(iri):
    assert kinds(turtle(f"<{FINDING}> foaf:page <{iri}> .")) == []


# -- normal form -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ('"open"^^xsd:string', '"open"'),
        ("05", '"5"^^<http://www.w3.org/2001/XMLSchema#integer>'),
        ("0.50", '"0.5"^^<http://www.w3.org/2001/XMLSchema#decimal>'),
        ('"1"^^xsd:boolean', '"true"^^<http://www.w3.org/2001/XMLSchema#boolean>'),
        ('"a"@EN-gb', '"a"@en-gb'),
    ],
)
def test_terms_come_in_the_form_in_which_the_store_keeps_them(written, read):
    found = turtle(f"<{FINDING}> escr:forum {written} .").quads
    assert [str(quad.object) for quad in found] == [read]
    store = Store()
    store.extend(found)
    assert set(store) == set(found)


def test_unnamed_things_get_names_under_what_has_them():
    found = turtle(
        f"<{FINDING}> escr:evidence [ dcterms:title 'a' ; escr:partOf [ dcterms:title 'b' ] ], [ dcterms:title 'c' ] ."
    )
    names = {quad.object.value: quad.subject.value for quad in found.quads if isinstance(quad.object, Literal)}
    assert names == {"a": FINDING + "/evidence/1", "b": FINDING + "/evidence/1/part-of/1", "c": FINDING + "/evidence/2"}


def test_names_do_not_depend_on_labels_and_do_not_meet_names_that_are_there():
    one = turtle(f"<{FINDING}> escr:evidence _:x . _:x dcterms:title 'a' . <{FINDING}/evidence/1> dcterms:title 'b' .")
    other = turtle(
        f"<{FINDING}> escr:evidence _:y . _:y dcterms:title 'a' . <{FINDING}/evidence/1> dcterms:title 'b' ."
    )
    assert one == other
    assert one.quads[0].object == NamedNode(FINDING + "/evidence/2")


def test_things_that_nothing_has_go_under_the_record_or_the_graph():
    assert turtle("[] dcterms:title 'a' .", record=FINDING).quads[0].subject.value == FINDING + "/node/1"
    assert (
        turtle("[] dcterms:title 'a' .", graph=HOME + "graph/finding").quads[0].subject.value
        == HOME + "graph/finding/node/1"
    )
    assert turtle("[] dcterms:title 'a' .").quads[0].subject.value == HOME + ".well-known/genid/node/1"
    assert (
        turtle("_:a dcterms:relation _:b . _:b dcterms:relation _:a .", record=FINDING)
        .quads[0]
        .subject.value.startswith(FINDING)
    )


def test_triples_go_into_the_graph_asked_for_and_named_graphs_stay():
    found = gate.read(
        b'<https://a.org/> <https://a.org/p> "1" .\n<https://a.org/> <https://a.org/p> "2" <https://a.org/g> .',
        "a.nq",
        graph=HOME + "graph/x",
    )
    assert [quad.graph_name.value for quad in found.quads] == [HOME + "graph/x", "https://a.org/g"]


def test_relative_addresses_are_read_against_the_record():
    assert gate.read(b"<> <https://a.org/p> <#x> .", "a.ttl", record=FINDING).quads[0].object.value == FINDING + "#x"


# -- through another process -------------------------------------------------------------------------------------------


def test_the_gate_says_the_same_through_bytes():
    data = f'<{FINDING}> <{expand("escr:forum")}> "a"@en, "x"^^<https://a.org/t>, [] .'.encode()
    answer = gate.parse(gate.request(data, "a.ttl", record=FINDING))
    assert gate.response(answer) == gate.read(data, "a.ttl", record=FINDING)


@pytest.mark.parametrize(
    ("data", "name", "error"),
    [(b"<", "a.ttl", Malformed), (b"", "a.csv", UnknownFormat), (b" " * 2_000_000, "a.ttl", TooLarge)],
)
def test_refusals_come_through_bytes(data, name, error):
    with pytest.raises(error) as caught:
        gate.response(gate.parse(gate.request(data, name)))
    with pytest.raises(error) as direct:
        gate.read(data, name)
    assert str(caught.value) == str(direct.value)
    assert caught.value.__dict__ == direct.value.__dict__


@settings(max_examples=200)
@given(st.binary(max_size=200), st.sampled_from(["a.ttl", "a.nq", "a.jsonld", "a.rdf", "a.trig"]))
def test_any_bytes_are_read_or_refused(data, name):
    with contextlib.suppress(RepositoryError):
        gate.read(data, name)


@settings(max_examples=100)
@given(st.text(max_size=60))
def test_any_text_comes_back_as_it_was(text):
    quad = f"<{FINDING}> <{expand('escr:forum')}> {Literal(text)} ."
    assert gate.read(quad.encode("utf-8", "surrogatepass"), "a.nt").quads[0].object.value == text
