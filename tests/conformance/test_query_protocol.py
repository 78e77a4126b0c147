"""The cases of the SPARQL 1.1 Protocol for queries, one test each (section 2.1)."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest
from tests.conformance.serving import Own

FORM = "application/x-www-form-urlencoded"
DIRECT = "application/sparql-query"
DATA = """@prefix : <http://example.org/> .
:d :in "default" . GRAPH :a { :a :in "a" } GRAPH :b { :b :in "b" }
"""
ALL = "SELECT ?x WHERE { ?s <http://example.org/in> ?x } ORDER BY ?x"
NAMED = "SELECT ?x WHERE { GRAPH ?g { ?s <http://example.org/in> ?x } } ORDER BY ?x"
BOTH = """SELECT ?x WHERE { { ?s <http://example.org/in> ?x } UNION { GRAPH ?g { ?s <http://example.org/in> ?x } } }
ORDER BY ?x"""
A, B = "http://example.org/a", "http://example.org/b"


@pytest.fixture(autouse=True)
def _loaded(own: Own) -> None:
    own.hold(DATA)


def found(own: Own, method: str, query: str, parameters: list[tuple[str, str]]) -> list[str]:
    """The values of ?x, asked for by one of the ways in which a query can be sent."""
    fields = [("query", query), *parameters]
    json = {"Accept": "application/sparql-results+json"}
    address = own.url + "/sparql"
    if method == "GET":
        answer = own.http.get(address, params=fields, headers=json)
    elif method == "POST form":
        answer = own.http.post(address, data=fields, headers=json)
    else:
        verb = method.removesuffix(" direct")
        headers = {**json, "Content-Type": DIRECT}
        answer = own.http.request(verb, address, params=parameters, data=query.encode(), headers=headers)
    assert answer.status_code == 200, answer.text
    return [row["x"]["value"] for row in answer.json()["results"]["bindings"]]


METHODS = ["GET", "POST form", "POST direct", "QUERY direct"]


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(
    ("query", "parameters", "expected"),
    [
        (ALL, [], ["default"]),
        (ALL, [("default-graph-uri", A)], ["a"]),
        (ALL, [("default-graph-uri", A), ("default-graph-uri", B)], ["a", "b"]),
        (ALL, [("default-graph-uri", "http://example.org/nowhere")], []),
        (NAMED, [], ["a", "b"]),
        (NAMED, [("named-graph-uri", A)], ["a"]),
        (NAMED, [("named-graph-uri", A), ("named-graph-uri", B)], ["a", "b"]),
        (BOTH, [("named-graph-uri", A)], ["a"]),
        (BOTH, [("default-graph-uri", A)], ["a"]),
        (BOTH, [("default-graph-uri", A), ("named-graph-uri", B)], ["a", "b"]),
        # the dataset of the request goes before that of the query
        (ALL.replace("WHERE", f"FROM <{A}> WHERE"), [], ["a"]),
        (ALL.replace("WHERE", f"FROM <{A}> WHERE"), [("default-graph-uri", B)], ["b"]),
        (NAMED.replace("WHERE", f"FROM NAMED <{A}> WHERE"), [("named-graph-uri", B)], ["b"]),
        (ALL.replace("WHERE", f"FROM <{A}> WHERE"), [("named-graph-uri", B)], []),
    ],
)
def test_datasets(own: Own, method: str, query: str, parameters: list[tuple[str, str]], expected: list[str]) -> None:
    assert found(own, method, query, parameters) == expected


@pytest.mark.parametrize(
    ("query", "types"),
    [
        ("SELECT (1 AS ?x) {}", {"application/sparql-results+json", "application/sparql-results+xml", "text/csv",
                                 "text/tab-separated-values", "text/html"}),
        ("ASK {}", {"application/sparql-results+json", "application/sparql-results+xml", "text/csv",
                    "text/tab-separated-values", "text/html"}),
        ("DESCRIBE <http://example.org/d>", {"text/turtle", "application/rdf+xml", "application/n-triples",
                                              "application/ld+json", "application/n-quads", "application/trig"}),
        ("CONSTRUCT WHERE { ?s ?p ?o }", {"text/turtle", "application/rdf+xml", "application/n-triples",
                                          "application/ld+json", "application/n-quads", "application/trig"}),
    ],
)  # fmt: skip
def test_content_types(own: Own, query: str, types: set[str]) -> None:
    for wanted in types:
        answer = own.http.get(own.url + "/sparql", params={"query": query}, headers={"Accept": wanted})
        assert (answer.status_code, answer.headers["Content-Type"].split(";")[0]) == (200, wanted)
        assert answer.headers["Vary"].startswith("Accept")
        assert answer.headers["X-Generation"] == str(own.generation())


@pytest.mark.parametrize(
    ("query", "accept"), [("ASK {}", "text/turtle"), ("DESCRIBE <urn:a>", "text/csv"), ("ASK {}", "a/b")]
)
def test_a_kind_of_answer_that_nothing_accepted_can_hold(own: Own, query: str, accept: str) -> None:
    answer = own.http.get(own.url + "/sparql", params={"query": query}, headers={"Accept": accept})
    assert answer.status_code == 406


def test_chosen_by_parameter(own: Own) -> None:
    accept = {"Accept": "application/sparql-results+xml"}
    answer = own.http.get(own.url + "/sparql", params={"query": "ASK {}", "format": "csv"}, headers=accept)
    assert (answer.text, answer.headers["Content-Type"]) == ("true", "text/csv; charset=utf-8")
    refused = own.http.get(own.url + "/sparql", params={"query": "ASK {}", "format": "parquet"})
    assert (refused.status_code, "json, xml, csv" in refused.text) == (400, True)
    assert own.query("ASK {}", format="ttl").status_code == 406


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH"])
def test_other_methods(own: Own, method: str) -> None:
    answer = own.http.request(method, own.url + "/sparql", params={"query": "ASK {}"})
    assert (answer.status_code, answer.headers["Allow"]) == (405, "GET, HEAD, OPTIONS, POST, QUERY")


@pytest.mark.parametrize(
    ("status", "parameters", "content_type", "body"),
    [
        (400, "query=ASK%7B%7D&query=SELECT%20*%7B%7D", None, None),
        (400, "", FORM, b"query=ASK%7B%7D&query=SELECT%20*%7B%7D"),
        (400, "query=ASK%7B%7D", DIRECT, b"ASK {}"),
        (400, "query=nonsense", None, None),
        (400, "", FORM, b"query=nonsense"),
        (400, "", DIRECT, b"nonsense"),
        (400, "", FORM, b"qwery=ASK%7B%7D"),
        (400, "", DIRECT + "; charset=UTF-16", "ASK {}".encode("utf-16")),
        (400, "", DIRECT, "ASK { ?s ?p 'é' }".encode("latin-1")),
        (400, "query=ASK%7B%7D&default-graph-uri=relative", None, None),
        (400, "update=CLEAR%20ALL", None, None),
        (400, "", FORM, b"update=CLEAR%20ALL"),
        (400, "", "application/sparql-update", b"CLEAR ALL"),
        (415, "", "text/plain", b"ASK {}"),
        (415, "", None, b"query=ASK%7B%7D"),
        (415, "", None, b"ASK {}"),
        (
            403,
            "query=SELECT%20*%20%7B%20SERVICE%20%3Chttp://127.0.0.1/%3E%20%7B%20?s%20?p%20?o%20%7D%20%7D",
            None,
            None,
        ),
    ],
)
def test_refused_requests(own: Own, status: int, parameters: str, content_type: str | None, body: bytes | None) -> None:
    headers = {"Content-Type": content_type} if content_type else {}
    method = "GET" if body is None else "POST"
    answer = own.http.request(method, f"{own.url}/sparql?{parameters}", data=body, headers=headers)
    assert answer.status_code == status, answer.text
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer.json()["status"] == status


def test_a_body_too_large_is_refused_by_name_of_the_limit(own: Own) -> None:
    answer = own.http.post(own.url + "/sparql", data=b" " * (5 << 20), headers={"Content-Type": DIRECT})
    assert (answer.status_code, "4,194,304" in answer.text) == (413, True)
    long = own.http.post(own.url + "/sparql", data=b"ASK {}" + b" " * (2 << 20), headers={"Content-Type": DIRECT})
    assert (long.status_code, "1,048,576" in long.text) == (413, True)


def test_unknown_parameters_are_passed_over(own: Own) -> None:
    assert own.http.get(own.url + "/sparql", params={"query": "ASK {}", "timeout": "5", "debug": ""}).status_code == 200


def test_the_service_describes_itself(own: Own) -> None:
    turtle = own.http.get(own.url + "/sparql")
    assert (turtle.status_code, turtle.headers["Content-Type"]) == (200, "text/turtle; charset=utf-8")
    question = """PREFIX sd: <http://www.w3.org/ns/sparql-service-description#>
    ASK { ?s a sd:Service ; sd:endpoint ?s ; sd:supportedLanguage sd:SPARQL11Query ;
      sd:resultFormat <http://www.w3.org/ns/formats/SPARQL_Results_CSV> ; sd:defaultDataset [ sd:namedGraph
        [ sd:name <http://example.org/a> ; sd:graph [ <http://rdfs.org/ns/void#triples> 1 ] ] ] }"""
    from pyoxigraph import RdfFormat, Store

    for accept, rdf in [
        ("text/turtle", RdfFormat.TURTLE),
        ("application/rdf+xml", RdfFormat.RDF_XML),
        ("application/ld+json", RdfFormat.JSON_LD),
        ("application/n-triples", RdfFormat.N_TRIPLES),
    ]:
        answer = own.http.get(own.url + "/sparql", headers={"Accept": accept})
        store = Store()
        store.load(answer.content, format=rdf)
        assert store.query(question), accept
        assert next(
            iter(store.query("SELECT ?e { ?s <http://www.w3.org/ns/sparql-service-description#endpoint> ?e }"))
        )["e"].value.startswith(own.url)


def test_a_browser_gets_a_form_and_a_table(own: Own) -> None:
    browser = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
    form = own.http.get(own.url + "/sparql", headers=browser).text
    assert "<textarea" in form
    assert "30 seconds" in form
    page = own.http.get(own.url + "/sparql", params={"query": ALL.replace("?x", "?x ?s", 1)}, headers=browser).text
    assert '<a href="http://example.org/d"' in page
    script = 'SELECT ("<script>alert(1)</script>" AS ?x) {}'
    shown = own.http.get(own.url + "/sparql", params={"query": script}, headers=browser).text
    assert "<script>" not in shown
    wrong = own.http.get(own.url + "/sparql", params={"query": "SELECT ?kept"}, headers=browser)
    assert (wrong.status_code, "SELECT ?kept" in wrong.text, 'role="alert"' in wrong.text) == (400, True, True)


def test_a_page_shows_the_first_rows_and_says_so(own: Own) -> None:
    numbers = " ".join(map(str, range(1500)))
    answer = own.http.post(
        own.url + "/sparql",
        data={"query": f"SELECT ?n {{ VALUES ?n {{ {numbers} }} }}"},
        headers={"Accept": "text/html"},
    )
    assert "Rows 1 to 500; there are more." in answer.text


def test_validators(own: Own) -> None:
    address = f"{own.url}/sparql?{urlencode({'query': ALL})}"
    first = own.http.get(address)
    tag = first.headers["ETag"]
    assert first.headers["Cache-Control"] == "no-cache"
    same = own.http.get(address, headers={"If-None-Match": tag})
    assert (same.status_code, same.content, same.headers["ETag"]) == (304, b"", tag)
    assert "Accept" in same.headers["Vary"]
    as_csv = own.http.get(address, headers={"If-None-Match": tag, "Accept": "text/csv"})
    assert (as_csv.status_code, as_csv.headers["ETag"] != tag) == (200, True)
    own.hold(DATA + ":new :in 'new' .")
    changed = own.http.get(address, headers={"If-None-Match": tag})
    assert (changed.status_code, "new" in changed.text) == (200, True)


@pytest.mark.parametrize("function", ["NOW()", "RAND()", "UUID()", "STRUUID()", "BNODE()", "now()"])
def test_what_changes_by_itself_has_no_validator(own: Own, function: str) -> None:
    answer = own.query(f"SELECT ({function} AS ?x) {{}}")
    assert ("ETag" in answer.headers, answer.headers["Cache-Control"]) == (False, "no-store")
    assert "ETag" in own.query(f'SELECT ("{function}" AS ?x) {{}} # {function}').headers


def test_head(own: Own) -> None:
    address = f"{own.url}/sparql?{urlencode({'query': ALL})}"
    full, head = own.http.get(address), own.http.head(address)
    assert (head.status_code, head.content) == (200, b"")
    for name in ("Content-Type", "ETag", "X-Generation", "Vary"):
        assert head.headers[name] == full.headers[name]


def test_preflight(own: Own) -> None:
    for path in ("/sparql", "/update", "/store"):
        asked = {"Origin": "https://example.org", "Access-Control-Request-Method": "POST"}
        answer = own.http.options(own.url + path, headers=asked)
        assert answer.status_code in {200, 204}
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        assert "POST" in answer.headers["Access-Control-Allow-Methods"]
        assert {"Authorization", "Content-Type"} <= set(answer.headers["Access-Control-Allow-Headers"].split(", "))
        assert "Set-Cookie" not in answer.headers


def test_security_headers_are_on_every_answer(own: Own) -> None:
    for path, status in (("/sparql", 200), ("/sparql?query=x", 400), ("/nowhere", 404), ("/health", 200)):
        answer = own.http.get(own.url + path)
        assert answer.status_code == status
        assert answer.headers["Content-Security-Policy"].startswith("default-src 'self'")
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
