"""Questions written already: their pages, their addresses, and what they refuse."""

from __future__ import annotations

import csv
import io
import json

import pytest
from pyoxigraph import RdfFormat, parse
from tests.web.sites import Site, texts

from escrgraph.repository.questions import read_questions
from escrgraph.repository.readers import Formats, Query
from escrgraph.vocabulary import shipped
from escrgraph.vocabulary.languages import LANGUAGES
from escrgraph.web.gallery import RESERVED

QUESTIONS = read_questions(shipped.path("queries"))
GRAPHS = {"country-chains"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_gallery_leads_to_every_question_in_the_readers_language(site: Site, language: str) -> None:
    page = site.page(f"/queries?lang={language}")
    links = page.xpath("//main//ul[contains(@class, 'questions')]//a")
    assert {link.get("href") for link in links} == {f"/queries/{name}?lang={language}" for name in QUESTIONS}
    assert {" ".join(link[0].text_content().split()) for link in links} == {
        question.title(language) for question in QUESTIONS.values()
    }
    assert len(page.xpath("//main//section")) == len({question.audience for question in QUESTIONS.values()})


@pytest.mark.parametrize("name", QUESTIONS)
def test_a_question_answers_on_its_page_and_at_its_address(site: Site, name: str) -> None:
    question = QUESTIONS[name]
    page = site.page(f"/queries/{name}", "es")
    assert texts(page, "//h1") == [question.title("es")]
    assert texts(page, "//form//label") == [parameter.label("es") for parameter in question.parameters]
    assert page.xpath("//section[contains(@class, 'answer')]")
    asked = Query(question.text, question.bind(), formats=Formats("text/csv", None, "application/n-triples"))
    expected = site.service.public.ask(asked).read()
    form = "nt" if name in GRAPHS else "csv"
    answer = site.get(f"/queries/{name}.{form}")
    assert answer.status_code == 200
    assert answer.headers["X-Generation"] == "1"
    if name in GRAPHS:
        assert set(parse(answer.data, RdfFormat.N_TRIPLES)) == set(parse(expected, RdfFormat.N_TRIPLES))
    else:
        assert sorted(answer.data.splitlines()) == sorted(expected.splitlines())


def test_its_formats_come_by_suffix_by_name_and_by_negotiation(site: Site) -> None:
    path = "/queries/institutions-responsible"
    for answer in (
        site.get(path + ".json?country=country/col"),
        site.get(path + "?country=country/col&format=json"),
        site.get(path + "?country=country/col", "application/sparql-results+json"),
    ):
        assert answer.mimetype == "application/sparql-results+json"
        rows = json.loads(answer.data)["results"]["bindings"]
        assert {row["country"]["value"] for row in rows} == {"https://w3id.org/escrgraph/id/country/col"}
    assert site.get(path + ".tsv").mimetype == "text/tab-separated-values"
    assert site.get(path + ".xml").mimetype == "application/sparql-results+xml"
    assert site.get(path + ".ttl").status_code == 406
    assert site.get("/queries/country-chains.csv").status_code == 406
    unknown = site.get(path + ".xlsx")
    assert unknown.status_code == 400
    assert "csv" in unknown.text


def test_the_whole_address_and_the_short_one_ask_the_same(site: Site) -> None:
    short = site.get("/queries/standing-by-duty.csv?right=right/water").data
    assert site.get("/queries/standing-by-duty.csv?right=https://w3id.org/escrgraph/id/right/water").data == short
    assert len(list(csv.reader(io.StringIO(short.decode())))) > 1


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("institutions-responsible?contry=country/col", "no parameter “contry”. It has: country."),
        ("vocabularies?x=1", "It has none."),
        ("recurring-failures?minimum=many", "it is a whole number"),
        ("changes-since?since=yesterday", "it is a moment of the form"),
        ("institutions-responsible?country=<a b>", "it is an IRI"),
        ("institutions-responsible?country=country/col&country=country/gtm", "was sent 2 times"),
        ("institutions-responsible?page=0", "numbered from 1"),
    ],
)
def test_what_does_not_fit_is_refused_in_words_that_teach(site: Site, path: str, told: str) -> None:
    answer = site.get("/queries/" + path, "application/json")
    assert answer.status_code == 400
    assert told in json.loads(answer.data)["detail"]
    page = site.get("/queries/" + path, "text/html")
    assert page.status_code == 400
    assert "<form" in page.text


def test_no_question_is_no_address(site: Site) -> None:
    answer = site.get("/queries/what-is-love", "application/json")
    assert answer.status_code == 404
    assert "institutions-responsible" in json.loads(answer.data)["detail"]


def test_an_empty_blank_of_a_form_takes_its_default(site: Site) -> None:
    assert site.get("/queries/recurring-failures.csv?minimum=").data == site.get("/queries/recurring-failures.csv").data


def test_a_form_offers_the_things_of_the_kind_by_name_and_keeps_the_choice(site: Site) -> None:
    page = site.page("/queries/institutions-responsible?country=country/col", "fr")
    (select,) = page.xpath("//form//select")
    (chosen,) = select.xpath("option[@selected]")
    assert (chosen.get("value"), chosen.text) == ("country/col", "Colombie")
    (count,) = site.rows("SELECT (COUNT(DISTINCT ?c) AS ?n) { ?c a <https://w3id.org/escrgraph/def/Country> }")
    assert len(select) == int(count[0])
    languages = site.page("/queries/method-publications", "fr").xpath("//select[@name='language']/option")
    assert "espagnol" in [option.text for option in languages]


def test_the_editor_opens_with_the_parameters_in_place(site: Site) -> None:
    page = site.page("/queries/recurring-failures?minimum=4")
    (editor,) = page.xpath("//a[starts-with(@href, '/sparql?query=')]/@href")
    answer = site.get(f"{editor}&format=csv")
    assert answer.status_code == 200
    assert answer.data == site.get("/queries/recurring-failures.csv?minimum=4").data


def test_a_citation_names_generation_and_whole_address(site: Site) -> None:
    page = site.page("/queries/recurring-failures")
    (citation,) = page.xpath("//input[@id='citation']/@value")
    assert "Generation 1." in citation
    assert "/queries/recurring-failures?minimum=3" in citation  # with defaults, which another version may change


def test_who_has_an_answer_already_is_told_so(site: Site) -> None:
    first = site.get("/queries/vocabularies.csv")
    assert site.get("/queries/vocabularies.csv", if_none_match=first.headers["ETag"]).status_code == 304
    other = site.get("/queries/vocabularies.json", if_none_match=first.headers["ETag"])
    assert other.status_code == 200


def test_no_parameter_of_a_question_hides_one_of_all_questions() -> None:
    assert not [q.name for q in QUESTIONS.values() for p in q.parameters if p.name in RESERVED]
