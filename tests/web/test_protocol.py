"""Requests of the SPARQL 1.1 Protocol, read from their parts."""

from __future__ import annotations

from typing import Literal
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from escrgraph.repository.errors import Malformed, TooLarge
from escrgraph.web.problems import Refusal
from escrgraph.web.protocol import FORM, Request, read_request

ASK = "ASK {}"
DIRECT = "application/sparql-query"


@pytest.mark.parametrize(
    ("query_string", "content_type", "body", "expected"),
    [
        (b"", None, None, Request(None, None, None, None)),
        (b"query=ASK%20%7B%7D", None, None, Request(ASK, None, None, None)),
        (b"query=ASK+%7B%7D&format=csv", None, None, Request(ASK, None, None, "csv")),
        (b"query=&x=1", None, None, Request("", None, None, None)),
        ("query=ASK {} # é".encode(), None, None, Request("ASK {} # é", None, None, None)),
        (b"", FORM, b"query=ASK%20%7B%7D", Request(ASK, None, None, None)),
        (b"", FORM + "; charset=UTF-8", b"query=ASK%20%7B%7D", Request(ASK, None, None, None)),
        (b"format=xml", FORM, b"query=ASK%20%7B%7D", Request(ASK, None, None, "xml")),
        (b"", DIRECT, b"ASK {}", Request(ASK, None, None, None)),
        (b"", "Application/SPARQL-Query;charset=utf-8", b"ASK {}", Request(ASK, None, None, None)),
        (
            b"query=ASK%20%7B%7D&default-graph-uri=http://a&default-graph-uri=http://b&named-graph-uri=urn:c",
            None,
            None,
            Request(ASK, ("http://a", "http://b"), ("urn:c",), None),
        ),
        (b"default-graph-uri=http%3A%2F%2Fa%3Fb", DIRECT, b"ASK {}", Request(ASK, ("http://a?b",), None, None)),
        (b"", FORM, b"named-graph-uri=http://a&query=ASK%20%7B%7D", Request(ASK, None, ("http://a",), None)),
        (b"using-graph-uri=http://a&query=ASK%20%7B%7D", None, None, Request(ASK, None, None, None)),
    ],
)
def test_read_query(query_string: bytes, content_type: str | None, body: bytes | None, expected: Request) -> None:
    assert read_request("query", query_string, content_type, body) == expected


def test_read_update() -> None:
    body = b"update=CLEAR%20ALL&using-graph-uri=http://a&using-named-graph-uri=http://b"
    assert read_request("update", b"", FORM, body) == Request("CLEAR ALL", ("http://a",), ("http://b",), None)
    direct = read_request("update", b"using-graph-uri=http://a", "application/sparql-update", b"CLEAR ALL")
    assert direct == Request("CLEAR ALL", ("http://a",), None, None)


@pytest.mark.parametrize(
    ("operation", "query_string", "content_type", "body", "says"),
    [
        ("query", b"query=ASK%7B%7D&query=ASK%7B%7D", None, None, "query was sent 2 times"),
        ("query", b"query=ASK%7B%7D", FORM, b"query=ASK%7B%7D", "query was sent 2 times"),
        ("query", b"query=ASK%7B%7D", DIRECT, b"ASK {}", "Send it once"),
        ("query", b"query=ASK%7B%7D&format=csv&format=xml", None, None, "format was sent 2 times"),
        ("query", b"query=ASK%7B%7D&default-graph-uri=graph", None, None, "no absolute IRI"),
        ("query", b"query=ASK%7B%7D&default-graph-uri=", None, None, "no absolute IRI"),
        ("query", b"query=ASK%7B%7D&named-graph-uri=http://a%3E", None, None, "no absolute IRI"),
        ("query", b"update=CLEAR%20ALL", None, None, "Send the update to /update"),
        ("query", b"", FORM, b"update=CLEAR%20ALL", "Send the update to /update"),
        ("query", b"", "application/sparql-update", b"CLEAR ALL", "Send the update to /update"),
        ("update", b"", FORM, b"query=ASK%7B%7D", "Send the query to /sparql"),
        ("update", b"", DIRECT, b"ASK {}", "Send the query to /sparql"),
        ("update", b"", FORM, b"update=CLEAR%20ALL&update=CLEAR%20ALL", "update was sent 2 times"),
        ("query", b"query=%FF", None, None, "not UTF-8"),
        ("query", b"query=\xff", None, None, "not UTF-8"),
        ("query", b"", DIRECT, b"ASK { ?s ?p '\xe9' }", "byte 14 is wrong"),
        ("query", b"", DIRECT + ";charset=utf-16", ASK.encode("utf-16"), "utf-16"),
        ("update", b"", "application/sparql-update;charset=utf-16", b"x", "utf-16"),
    ],
)
def test_malformed(
    operation: Literal["query", "update"], query_string: bytes, content_type: str | None, body: bytes | None, says: str
) -> None:
    with pytest.raises(Malformed, match=says):
        read_request(operation, query_string, content_type, body)


@pytest.mark.parametrize(
    "content_type", [None, "", "text/plain", "application/json", "nonsense", "multipart/form-data"]
)
def test_another_media_type_is_refused(content_type: str | None) -> None:
    with pytest.raises(Refusal, match="application/sparql-query") as caught:
        read_request("query", b"", content_type, b"ASK {}")
    assert caught.value.status == 415


def test_too_many_parameters() -> None:
    with pytest.raises(TooLarge, match="1,000 parameters"):
        read_request("query", b"&".join([b"x=1"] * 1001), None, None)


@given(st.text(min_size=1))
def test_a_query_arrives_as_it_was_sent_in_every_form(text: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError:
        return
    encoded = quote(text, safe="").encode()
    forms = [
        (b"query=" + encoded, None, None),
        (b"", FORM, b"query=" + encoded),
        (b"", DIRECT, text.encode()),
    ]
    assert [read_request("query", *form).text for form in forms] == [text] * 3
