"""Requests that nobody would write by hand: addresses, queries, uploads and headers, right ones and wrong ones.

Everything follows from a random generator, so a request that was answered wrongly can be made again from its seed.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from tests.faults.sparql_grammar import query

HOSTILE = (
    "", " ", "0", "-1", "1e309", "99999999999999999999", "NaN", "null", "true", "'", '"', "`", "\\", "%", "%00", "\0",
    "\r\nX-Injected: 1", "../../../../etc/passwd", "..%2f..%2fetc%2fpasswd", "/etc/passwd", "file:///etc/passwd",
    "<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "javascript:alert(1)", "{{7*7}}", "${7*7}", "%s%n",
    "' OR '1'='1", "1; DROP TABLE entry", "$(id)", "| id", "\u202e\u2066", "\ufeff", "ﷺ", "é" * 300, "x" * 3000, "💥",
    "http://127.0.0.1:1/", "http://169.254.169.254/latest/meta-data/", "_:b0", "<urn:x>", "urn:x:y", "a/b/c", "*", "()",
    "2016-02-30", "0000-00-00", "9999999-01-01", "-0001", "en-Latn-x-very-long", "zz", "[]", "{}", "[" * 200, "\ud7ff",
)  # fmt: skip
ACCEPTS = (
    "*/*", "text/html", "text/turtle", "application/ld+json", "application/sparql-results+json", "text/csv", "text/*",
    "application/rdf+xml;q=0.1, */*;q=0.01", "text/html;q=nan", ";;;", "a/b/c", ", ,", "text/html;level=" + "1" * 500,
    "application/n-triples, text/html;q=0", "image/png", "*", "text/html;q=2", "TEXT/HTML", "text/turtle;charset=\"x",
)  # fmt: skip
LANGUAGES = ("en", "es, fr;q=0.5", "ar", "*", "xx-YY", "en;q=x", "-" * 100, "ar;q=0, *;q=0.1", ",,,")
TURTLE = """@prefix dcterms: <http://purl.org/dc/terms/> . @prefix escr: <https://w3id.org/escrgraph/def/> .
<https://w3id.org/escrgraph/id/resource/fuzzed> a escr:Resource ; dcterms:title "A title"@en, "Un título"@es ;
  dcterms:issued "2016"^^<http://www.w3.org/2001/XMLSchema#gYear> ; escr:country <../country/mex> .
[] a escr:Finding ."""
SAMPLES: Mapping[str, str] = {
    "text/turtle": TURTLE,
    "text/n3": TURTLE,
    "application/trig": "GRAPH <urn:g> { " + TURTLE.partition("def/> .")[2] + " }",
    "application/n-triples": '<urn:s> <urn:p> "o"@en .\n<urn:s> <urn:p> _:b .\n',
    "application/n-quads": '<urn:s> <urn:p> "o"^^<urn:d> <urn:g> .\n',
    "application/rdf+xml": (
        '<?xml version="1.0"?><!DOCTYPE r [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><rdf:RDF '
        'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="urn:s">'
        '<p xmlns="urn:">&b;</p></rdf:Description></rdf:RDF>'
    ),
    "application/ld+json": (
        '{"@context": {"t": "http://purl.org/dc/terms/title"}, "@id": "urn:s", "t": ["x", {"@value": 1}]}'
    ),
    "application/json": '{"note": "fuzz", "turn": 1}',
    "text/csv": 'title@en,country,issued\r\n"A, title",mex,2016\r\nB,col,\r\n',
    "application/x-bibtex": "@article{a, title={A {T}itle}, author={Ana and Bo}, year=2016, doi={10.1/x}}",
    "application/x-research-info-systems": "TY  - JOUR\nTI  - A title\nAU  - Ana\nPY  - 2016\nER  - \n",
    "application/sparql-query": "SELECT * WHERE { ?s ?p ?o } LIMIT 3",
    "application/sparql-update": "INSERT DATA { <urn:s> <urn:p> 1 }",
    "application/x-www-form-urlencoded": "query=ASK%7B%7D&queries=%7B%22a%22%3A%7B%22query%22%3A%22health%22%7D%7D",
    "multipart/form-data": "",
}
WORDS = ("right", "health", "education", "derecho", "salud", "الحق", "budget", "presupuesto", "housing", "2016", "un")
BOUNDARY = "x-fuzz"


@dataclass(frozen=True, slots=True)
class Operation:
    """One address of the service and what it takes."""

    method: str
    path: str
    parameters: Sequence[Mapping[str, Any]]
    bodies: Sequence[str]


def operations(description: Mapping[str, Any]) -> list[Operation]:
    """All addresses of an OpenAPI description."""
    found = []
    for path, methods in description["paths"].items():
        for method, told in methods.items():
            bodies = list(told.get("requestBody", {}).get("content", {}))
            found.append(Operation(method.upper(), path, told.get("parameters", []), bodies))
    return found


class Fuzz:
    """Makes requests as bytes. records: "type/slug" of things that exist."""

    def __init__(self, seed: int, known: Sequence[Operation], records: Sequence[str], host: str) -> None:
        self._random = random.Random(seed)
        self._operations = known
        self._reading = [one for one in known if one.method == "GET"]
        self._records = records
        self._host = host
        self._kinds: list[tuple[Callable[[], bytes], int]] = [
            (self._read, 38),
            (self._any, 12),
            (self._asked, 22),
            (self._sent, 10),
            (self._headed, 10),
            (self._broken, 8),
        ]

    def request(self) -> bytes:
        """The next request."""
        kinds, weights = zip(*self._kinds, strict=True)
        made: bytes = self._random.choices(kinds, weights)[0]()
        return made

    def _read(self) -> bytes:
        return self._of(self._random.choice(self._reading), wrong=0.1)

    def _any(self) -> bytes:
        return self._of(self._random.choice(self._operations), wrong=0.3)

    def _asked(self) -> bytes:
        text = query(self._random)
        if self._random.random() < 0.15:
            text = self._mutated(text.encode()).decode("utf-8", "replace")
        fields = {"Accept": self._random.choice(ACCEPTS[:6])}
        way = self._random.random()
        if way < 0.6:
            return self._made("GET", "/sparql?" + urlencode({"query": text}), fields)
        if way < 0.8:
            fields["Content-Type"] = "application/x-www-form-urlencoded"
            return self._made("POST", "/sparql", fields, urlencode({"query": text}).encode())
        fields["Content-Type"] = "application/sparql-query"
        return self._made("POST", "/sparql", fields, text.encode("utf-8", "replace"))

    def _sent(self) -> bytes:
        takes = [one for one in self._operations if one.bodies]
        return self._of(self._random.choice(takes), wrong=0.1, mutate=0.7)

    def _headed(self) -> bytes:
        pick, hostile = self._random.choice, self._random.choice(HOSTILE)
        fields = {
            "Accept": pick((*ACCEPTS, hostile)),
            "Accept-Language": pick((*LANGUAGES, hostile)),
            pick(("If-None-Match", "If-Modified-Since", "Range", "Cookie", "Authorization", "X-Forwarded-For",
                  "Referer", "X-Forwarded-Proto", "X-Forwarded-Host", "Origin", "Forwarded", "TE", "Expect",
                  "Accept-Encoding", "Accept-Charset", "Content-Type", "X-HTTP-Method-Override", "Host", "Upgrade",
                  "Connection")): pick(
                (hostile, '"x"', 'W/"1", *', "bytes=0-0,5-", "bytes=-1", "Bearer x", "Basic eDp5", "session=x; a=b",
                 "Thu, 01 Jan 1970 00:00:00 GMT", "gzip;q=0, br", "keep-alive", "h2c", "PUT")
            ),
        }  # fmt: skip
        return self._of(pick(self._reading), wrong=0, fields=fields)

    def _broken(self) -> bytes:
        return self._mutated(self._random.choice([self._read, self._asked, self._sent, self._headed])())

    def _of(self, one: Operation, wrong: float, mutate: float = 0.2, fields: Mapping[str, str] | None = None) -> bytes:
        pick, chance = self._random.choice, self._random.random
        record = pick(self._records).partition("/")
        path, asked = one.path, []
        for parameter in one.parameters:
            name, where = parameter["name"], parameter["in"]
            value = pick(HOSTILE) if chance() < wrong else self._value(parameter, record[0], record[2])
            if where == "path":
                path = path.replace("{" + name + "}", quote(value, safe="") if chance() < 0.95 else quote(value))
            elif parameter.get("required") or chance() < 0.12:
                asked += [(name, value)] * (1 if chance() < 0.95 else 2)
        if asked:
            path += "?" + urlencode(asked, errors="replace")
        told = {"Accept": pick(ACCEPTS[:6]), **(fields or {})}
        body = b""
        if one.bodies:
            type_ = pick(one.bodies)
            body = self._body(type_)
            told["Content-Type"] = type_ + (f"; boundary={BOUNDARY}" if type_.startswith("multipart") else "")
            if chance() < mutate:
                body = self._mutated(body)
            if chance() < 0.05:
                told["Content-Type"] = pick((*SAMPLES, *HOSTILE))
        return self._made(one.method, path, told, body)

    def _value(self, parameter: Mapping[str, Any], type_: str, slug: str) -> str:
        schema, name = parameter.get("schema", {}), parameter["name"]
        pick = self._random.choice
        if name in {"slug", "name"} and parameter["in"] == "path" and self._random.random() < 0.8:
            return slug
        if name == "type" and parameter["in"] == "path" and self._random.random() < 0.8:
            return type_
        if "enum" in schema:
            return str(pick(schema["enum"]))
        if schema.get("type") == "integer":
            return str(self._random.choice((1, 1, 2, 3, 10, 50)))
        if name in {"q", "prefix", "note"}:
            return " ".join(pick(WORDS) for _ in range(self._random.randrange(1, 4)))
        if name in {"id", "record", "identifier"}:
            return f"{type_}/{slug}"
        if name == "ending":
            return pick(("json", "csv", "ttl", "bib", "ris", "txt", "jsonld"))
        if name == "number":
            return pick(("0", "1", "2"))
        if name == "query":
            return query(self._random)
        if name == "verb":
            return pick(("Identify", "ListSets", "ListMetadataFormats", "ListIdentifiers", "GetRecord"))
        if name == "metadataPrefix":
            return pick(("oai_dc", "rdf"))
        return str(parameter["example"]) if "example" in parameter else slug

    def _body(self, type_: str) -> bytes:
        if type_.startswith("multipart"):
            table = SAMPLES["text/csv"]
            return (
                f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n'
                f"Content-Type: text/csv\r\n\r\n{table}\r\n--{BOUNDARY}--\r\n"
            ).encode()
        if type_ == "application/x-www-form-urlencoded" and self._random.random() < 0.5:
            names = ("name", "password", "mail", "contact", "title", "step", "note", "data", "kind", "query", "extend")
            return urlencode([(self._random.choice(names), self._random.choice(HOSTILE)) for _ in range(4)]).encode()
        if type_ == "application/json":
            return json.dumps(
                {"note": self._random.choice(HOSTILE), "turn": self._random.choice((1, -1, "x"))}
            ).encode()
        return SAMPLES.get(type_, "").encode()

    def _mutated(self, data: bytes) -> bytes:
        """Bytes changed, taken out, doubled or put in at some places."""
        made = bytearray(data)
        for _ in range(self._random.randrange(1, 6)):
            place = self._random.randrange(len(made) + 1)
            what = self._random.random()
            if what < 0.4 and place < len(made):
                made[place] = self._random.randrange(256)
            elif what < 0.6:
                del made[place : place + self._random.randrange(1, 20)]
            elif what < 0.8:
                made[place:place] = made[place : place + self._random.randrange(1, 40)]
            else:
                made[place:place] = self._random.choice(HOSTILE[:40]).encode("utf-8", "replace")
        return bytes(made)

    def _made(self, method: str, path: str, fields: Mapping[str, str], body: bytes = b"") -> bytes:
        lines = {"Host": self._host, **fields}
        if body or method in {"POST", "PUT", "PATCH"}:
            lines["Content-Length"] = str(len(body))
        head = f"{method} {path} HTTP/1.1\r\n" + "".join(f"{name}: {value}\r\n" for name, value in lines.items())
        return head.encode("utf-8", "replace") + b"\r\n" + body
