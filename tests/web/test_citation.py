"""References: what reference managers read back is what was written, whatever the values."""

from __future__ import annotations

import io
import json

import bibtexparser
import pytest
import rispy
from bibtexparser.middlewares import LatexDecodingMiddleware
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.web.sites import BASE, Site

from escrgraph.vocabulary.languages import LANGUAGES
from escrgraph.web.citation import MEDIA_TYPES, Name, Reference, Words, bibtex, csl_json, plain, ris

WORDS = Words("no date", "Generation {0}")
WORK = Reference(
    key="resource/x", kind="article-journal", title="Rights & {Budgets}: 100% of $5 #1_a ~ ^ \\ end", language="en",
    creators=(Name("Ana Pérez", "Pérez", "Ana"), Name("Trade and Rights, Inc.")), container="Journal of A & B",
    publisher="Press", issued="2014-03-05", doi="10.1/a_b{c}", isbn="9780000000000", number="E/C.12/1", url="https://x.example/a_b?c=%20&d={e}",
)  # fmt: skip
CSL_TYPES = {
    "article-journal", "book", "chapter", "dataset", "document", "entry", "motion_picture", "post-weblog", "report",
    "standard", "thesis", "webpage",
}  # fmt: skip
CSL_STRINGS = {
    "id",
    "type",
    "title",
    "container-title",
    "publisher",
    "DOI",
    "ISBN",
    "number",
    "URL",
    "version",
    "language",
}


def read_bibtex(text: str) -> dict[str, str]:
    """The only entry of a BibTeX text, as a reference manager understands it."""
    library = bibtexparser.parse_string(text, append_middleware=[LatexDecodingMiddleware()])
    assert not library.failed_blocks
    (entry,), (verbatim,) = library.entries, bibtexparser.parse_string(text).entries
    read = {field.key: field.value for field in entry.fields}
    kept = {field.key: field.value for field in verbatim.fields if field.key in {"doi", "url"}}  # no LaTeX in these
    return {"type": entry.entry_type, "key": entry.key} | read | kept


def read_ris(text: str) -> dict[str, object]:
    (entry,) = rispy.load(io.StringIO(text))
    return dict(entry)


def unbraced(text: str) -> str:
    return text.removeprefix("{").removesuffix("}")


def read_csl(text: str) -> dict[str, object]:
    """The only item, by the rules of the CSL-JSON schema for what we write."""
    (item,) = json.loads(text)
    assert item["type"] in CSL_TYPES
    assert set(item) <= CSL_STRINGS | {"author", "issued"}
    assert all(isinstance(item[name], str) and item[name] for name in CSL_STRINGS & set(item))
    for name in item.get("author", []):
        assert set(name) in ({"family", "given"}, {"literal"})
        assert all(isinstance(value, str) and value for value in name.values())
    issued = item.get("issued", {})
    assert set(issued) in (set(), {"literal"}, {"date-parts"}, {"date-parts", "circa"})
    for parts in issued.get("date-parts", []):
        assert 1 <= len(parts) <= 3
        assert all(isinstance(part, int) for part in parts)
    assert len(issued.get("date-parts", [[]])) <= 2
    return item


def test_bibtex_says_it_all() -> None:
    found = read_bibtex(bibtex(WORK))
    assert found["type"] == "article"
    # What decodes LaTeX drops braces, and reads the caret as a letter; the signs are there.
    assert found["title"] == WORK.title.replace("{", "").replace("}", "").replace("^", "ˆ")
    assert found["journal"] == WORK.container
    assert found["author"].replace("{", "").replace("}", "") == "Pérez, Ana and Trade and Rights, Inc."
    assert " and {Trade and Rights, Inc.}" in bibtex(WORK)
    assert (found["year"], found["month"]) == ("2014", "mar")
    assert found["doi"] == "10.1/a_b%7Bc%7D"


def test_ris_says_it_all() -> None:
    found = read_ris(ris(WORK))
    assert found["type_of_reference"] == "JOUR"
    assert found["authors"] == ["Pérez, Ana", "Trade and Rights, Inc."]
    assert (found["title"], found["secondary_title"], found["year"]) == (WORK.title, WORK.container, "2014")
    assert (found["date"], found["doi"], found["urls"]) == ("2014/03/05/", WORK.doi, [WORK.url])


def test_csl_says_it_all() -> None:
    found = read_csl(csl_json(WORK))
    assert found["author"] == [{"family": "Pérez", "given": "Ana"}, {"literal": "Trade and Rights, Inc."}]
    assert found["issued"] == {"date-parts": [[2014, 3, 5]]}
    assert (found["title"], found["DOI"], found["URL"]) == (WORK.title, WORK.doi, WORK.url)


@pytest.mark.parametrize(
    ("issued", "expected"),
    [
        ("2014", {"date-parts": [[2014]]}),
        ("2014-03/2014-05", {"date-parts": [[2014, 3], [2014, 5]]}),
        ("1998~", {"date-parts": [[1998]], "circa": True}),
        ("199X", {"literal": "199X"}),
        ("2014-21", {"literal": "2014-21"}),
    ],
)
def test_a_date_that_csl_does_not_know_stands_as_it_is(issued: str, expected: dict[str, object]) -> None:
    assert read_csl(csl_json(Reference("k", "book", "T", issued=issued)))["issued"] == expected


def test_plain_text_is_a_sentence() -> None:
    said = plain(WORK, WORDS)
    assert said.startswith("Ana Pérez; Trade and Rights, Inc. (2014). Rights & {Budgets}")
    assert said.endswith("https://doi.org/10.1/a_b{c}")
    assert plain(Reference("k", "book", "Why?", url="https://x/"), WORDS) == "Why? (no date). https://x/"


VALUES = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=30).filter(str.strip)


@settings(deadline=None)
@given(VALUES, VALUES, VALUES, VALUES)
def test_no_value_breaks_a_reference(title: str, name: str, family: str, container: str) -> None:
    clean = [" ".join(text.split()) for text in (title, name, family, container)]
    creators = (Name(name), Name("x", family, "Given"))
    reference = Reference("resource/x", "article-journal", title, creators=creators, container=container, url=title)
    found = read_ris(ris(reference))
    assert found["title"] == clean[0]
    assert found["secondary_title"] == clean[3]
    assert len(found["authors"]) == 2  # type: ignore[arg-type]
    read_csl(csl_json(reference))
    library = bibtexparser.parse_string(bibtex(reference))
    assert not library.failed_blocks
    (entry,) = library.entries
    assert {field.key for field in entry.fields} >= {"author", "title", "journal", "url"}
    assert entry.fields_dict["title"].value.count("{") == entry.fields_dict["title"].value.count("}")
    assert plain(reference, WORDS)


@pytest.mark.parametrize(
    "value", ["}, url = {https://evil.example", "\nER  - \nTY  - BOOK", "@book{x, title={y}}", '"},{"a":"']
)
def test_a_value_cannot_become_another_field(value: str) -> None:
    reference = Reference(
        "resource/x", "report", value, creators=(Name(value),), publisher=value, url="https://good.example/"
    )
    assert read_bibtex(bibtex(reference))["url"] == "https://good.example/"
    assert read_ris(ris(reference))["urls"] == ["https://good.example/"]
    assert read_csl(csl_json(reference))["title"] == value


@pytest.mark.parametrize("step", [4, pytest.param(1, marks=pytest.mark.drill)])
def test_every_resource_is_read_back(site: Site, records: dict[str, list[str]], step: int) -> None:
    for record in records["resource"][::step]:
        forms = {ending: site.get(f"/doc/{record}/cite.{ending}").text for ending in MEDIA_TYPES}
        csl, tex, found = read_csl(forms["json"]), read_bibtex(forms["bib"]), read_ris(forms["ris"])
        assert csl["title"] == tex["title"] == found["title"], record
        year = str(csl["issued"]["date-parts"][0][0]) if "date-parts" in csl.get("issued", {}) else ""  # type: ignore[index,operator,attr-defined]
        assert tex.get("year", "") == found.get("year", "") == year, record
        authors = csl.get("author", [])
        assert len(found.get("authors", [])) == len(authors)  # type: ignore[arg-type]
        assert csl["title"] in forms["txt"] or csl["title"].split()[0] in forms["txt"]  # type: ignore[attr-defined,operator]
        assert csl["URL"].startswith("http")  # type: ignore[attr-defined]


def test_creators_stand_in_their_order(site: Site) -> None:
    rows = site.rows(
        """PREFIX prov: <http://www.w3.org/ns/prov#> PREFIX escr: <https://w3id.org/escrgraph/def/>
        PREFIX foaf: <http://xmlns.com/foaf/0.1/> PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
        SELECT ?resource ?position ?name {
          ?resource prov:qualifiedAttribution [ prov:agent ?agent ; escr:position ?position ] .
          ?agent foaf:name|skos:prefLabel ?name
        } ORDER BY ?resource ?position"""
    )
    expected: dict[str, list[str]] = {}
    for resource, _, name in rows:
        expected.setdefault(resource.strip("<>").removeprefix(BASE + "id/"), []).append(
            name.strip('"').partition('"')[0]
        )
    several = [record for record, names in expected.items() if len(names) > 3][:10]
    assert several
    for record in several:
        text = site.get(f"/doc/{record}/cite.txt").text
        places = [text.find(name) for name in expected[record]]
        assert places == sorted(places), record


@pytest.mark.parametrize(
    "type_", ["finding", "country", "method", "organization", "discussion", "update", "person", "scheme"]
)
def test_anything_else_is_cited_as_an_entry_of_this_version(
    site: Site, records: dict[str, list[str]], type_: str
) -> None:
    record = records[type_][0]
    csl = read_csl(site.get(f"/doc/{record}/cite.json").text)
    assert (csl["type"], csl["container-title"], csl["version"]) == ("entry", "escrgraph", "1")
    assert csl["URL"] == f"{BASE}id/{record}"
    assert "escrgraph" in site.get(f"/doc/{record}/cite.txt").text


def test_a_reference_is_an_answer_like_others(site: Site) -> None:
    path = "/doc/resource/achpr-principles-guidelines-escr/cite."
    for ending, media_type in MEDIA_TYPES.items():
        answer = site.get(path + ending)
        assert answer.mimetype == media_type
        assert site.get(path + ending, if_none_match=answer.headers["ETag"]).status_code == 304
    assert site.get(path + "doc").status_code == 404
    assert site.get("/doc/resource/none/cite.bib").status_code == 404
    texts = {site.get("/doc/country/gtm/cite.txt", accept_language=language).text for language in LANGUAGES}
    assert len(texts) == len(LANGUAGES)
