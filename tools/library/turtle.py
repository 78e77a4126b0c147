"""A Turtle writer whose output depends on the statements alone, so that a change of one fact changes few lines."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable

from pyoxigraph import Literal, NamedNode, Triple

from escrgraph.vocabulary.languages import LANGUAGES
from tools.library.terms import BASE, NAMESPACES, Term

# Narrower than PN_LOCAL of the Turtle grammar on purpose: what matches needs no escape in any reader.
_LOCAL = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_-]*[A-Za-z0-9_])?")
_RECORD = re.compile(re.escape(f"{BASE.iri}id/") + r"(?:scheme/(?P<scheme>[a-z0-9-]+)/|(?P<kind>[a-z]+)/)(?=[^/]+$)")
_FIRST = ("rdf:type", "dcterms:title", "rdfs:label", "skos:prefLabel", "foaf:name")
_ESCAPES = str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"})


def serialize(triples: Iterable[Triple], comment: str) -> str:
    """Write statements as Turtle.

    Subjects stand by address, what lies below a record right after it; the class first, then the name, then the other
    properties by their short name; values sorted, the library's languages first.

    comment: one sentence at the top of the file.
    """
    blocks: dict[NamedNode, dict[NamedNode, list[Term]]] = defaultdict(lambda: defaultdict(list))
    for triple in triples:
        if not isinstance(triple.subject, NamedNode) or not isinstance(triple.object, NamedNode | Literal):
            raise TypeError(f"{triple} cannot be written: every node of the library has an address.")
        blocks[triple.subject][triple.predicate].append(triple.object)
    prefixes: dict[str, str] = {}
    body = [_block(subject, blocks[subject], prefixes) for subject in sorted(blocks, key=_place)]
    head = "\n".join(f"@prefix {prefix}: <{prefixes[prefix]}> ." for prefix in sorted(prefixes))
    return f"# {comment}\n\n{head}\n\n" + "\n\n".join(body) + "\n"


def _place(node: NamedNode) -> tuple[tuple[int, str], ...]:
    # By path segment: "a/x" follows "a" at once, before "a-b"; numbered nodes in the order of their numbers.
    return tuple((int(part) if part.isdigit() else 0, part) for part in node.value.split("/"))


def _block(subject: NamedNode, properties: dict[NamedNode, list[Term]], prefixes: dict[str, str]) -> str:
    lines = []
    for predicate in sorted(properties, key=_rank):
        verb = "a" if predicate.value == NAMESPACES["rdf"] + "type" else _iri(predicate, prefixes)
        values = [_term(value, prefixes) for value in sorted(properties[predicate], key=_order)]
        lines.append(f"{verb} " + (" ,\n        ").join(values))
    return f"{_iri(subject, prefixes)} " + " ;\n    ".join(lines) + " ."


def _rank(predicate: NamedNode) -> tuple[int, str]:
    short = _short(predicate.value)
    curie = f"{short[0]}:{short[2]}" if short else predicate.value
    return (_FIRST.index(curie) if curie in _FIRST else len(_FIRST), curie)


def _order(value: Term) -> tuple[int, int, str, str]:
    if isinstance(value, NamedNode):
        return (0, 0, "", value.value)
    language = value.language or ""
    return (1, LANGUAGES.index(language) if language in LANGUAGES else len(LANGUAGES), language, value.value)


def _term(value: Term, prefixes: dict[str, str]) -> str:
    if isinstance(value, NamedNode):
        return _iri(value, prefixes)
    quoted = f'"{value.value.translate(_ESCAPES)}"'
    if value.language:
        return f"{quoted}@{value.language}"
    if value.datatype.value == NAMESPACES["xsd"] + "integer":
        return value.value
    if value.datatype.value == NAMESPACES["xsd"] + "string":
        return quoted
    return f"{quoted}^^{_iri(value.datatype, prefixes)}"


def _iri(node: NamedNode, prefixes: dict[str, str]) -> str:
    short = _short(node.value)
    if not short:
        return f"<{node.value}>"
    prefix, namespace, local = short
    prefixes[prefix] = namespace
    return f"{prefix}:{local}"


def _short(iri: str) -> tuple[str, str, str] | None:
    own = _RECORD.match(iri)
    if own:
        candidates = [(own["scheme"] or own["kind"], own.group())]
    else:
        candidates = [(prefix, namespace) for prefix, namespace in NAMESPACES.items() if iri.startswith(namespace)]
    for prefix, namespace in candidates:
        if _LOCAL.fullmatch(iri[len(namespace) :]):
            return prefix, namespace, iri[len(namespace) :]
    return None
