"""What a person typed as a term of RDF; what cannot be one of its type stays the text that it is."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from urllib.parse import urlsplit

from pyoxigraph import Literal, NamedNode

from escrgraph.curation.answers import Text
from escrgraph.curation.forms import Question, Widget
from escrgraph.validation.terms import is_well_typed
from escrgraph.vocabulary.iris import Base
from escrgraph.vocabulary.languages import authority_iri, authority_tag
from escrgraph.vocabulary.namespaces import EDTF, PREFIXES, XSD

Term = NamedNode | Literal
Resolve = Callable[[Question, str], str | None]
"""The IRI of the entry that somebody named, by a name or code; None when there is none, or more than one."""

_TAG = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")
_YEARS = re.compile(r"(\d{4})\s*[-–—]\s*(\d{4})")
_COMMA = re.compile(r"([+-]?\d+),(\d{1,2})")
_ADDRESS = re.compile(r"https?://[^\s<>\"{}|\\^`]+", re.IGNORECASE)
_DOMAIN = re.compile(r"www\.[^\s<>\"{}|\\^`]+", re.IGNORECASE)
_DOI = re.compile(r"(?:https?://(?:dx\.)?doi\.org/|doi:\s*)(?=10\.)", re.IGNORECASE)
_KEPT = {"\n", "\t"}


def cleaned(text: str, *, lines: bool = False) -> str:
    """The text as it is kept: one form of each letter, no control characters, no space around it.

    lines: whether it may have several lines.
    """
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    text = "".join(c for c in text if c in _KEPT or unicodedata.category(c) not in {"Cc", "Cs", "Co"})
    return text.strip() if lines else " ".join(text.split())


def term_of(question: Question, given: Text, base: Base, resolve: Resolve) -> Term | None:
    """The term that was meant; None for nothing."""
    text = cleaned(given.text, lines=question.widget is Widget.LINES)
    if not text:
        return None
    if question.widget in {Widget.LIST, Widget.LOOKUP}:
        return _chosen(question, text, base, resolve)
    if question.widget is Widget.TONGUE and (iri := authority_iri(text.lower()) if _TAG.fullmatch(text) else None):
        return NamedNode(iri)
    if question.widget in {Widget.ADDRESS, Widget.TONGUE}:
        return _address(text)
    if question.localized and _TAG.fullmatch(given.language):
        return Literal(text, language=given.language.lower())
    if question.widget in {Widget.WORDS, Widget.LINES}:
        return _words(question, text)
    return _typed(question, text)


def text_of(question: Question, term: Term, base: Base) -> Text:
    """How a term stands in a form: `term_of` makes the same of it."""
    if isinstance(term, Literal):
        return Text(term.value, term.language or "")
    if question.widget is Widget.TONGUE and (tag := authority_tag(term.value)):
        return Text(tag)
    if question.is_term and base.record_of(term.value) is not None:
        return Text(term.value.removeprefix(base.iri + "id/"))
    return Text(term.value)


def _chosen(question: Question, text: str, base: Base, resolve: Resolve) -> Term:
    for choice in question.field.choices:
        if isinstance(choice, Literal | NamedNode) and choice.value == text:
            return choice
    iri = text if _ADDRESS.fullmatch(text) else base.iri + "id/" + text
    if base.record_of(iri) is not None and not any(c in iri for c in ' <>"{}|\\^`'):
        return NamedNode(iri)
    found = resolve(question, text)
    if found is not None:
        return NamedNode(found)
    return NamedNode(text) if _ADDRESS.fullmatch(text) and not question.field.classes else Literal(text)


def _address(text: str) -> Term:
    if _DOMAIN.fullmatch(text):
        text = "https://" + text
    if not _ADDRESS.fullmatch(text):
        return Literal(text)
    try:
        parts = urlsplit(text)
    except ValueError:
        return Literal(text)
    return NamedNode(text) if parts.netloc else Literal(text)


def _words(question: Question, text: str) -> Literal:
    if question.path == PREFIXES["bibo"] + "doi":
        text = _DOI.sub("", text)
    datatype = question.field.datatype
    if datatype is not None and datatype != XSD + "string" and not question.localized:
        return _as(text, datatype)
    return Literal(text)


def _typed(question: Question, text: str) -> Literal:
    datatype = question.field.datatype or XSD + "string"
    if question.widget is Widget.DATE and (years := _YEARS.fullmatch(text)):
        text = f"{years[1]}/{years[2]}"
    if question.widget is Widget.NUMBER and (parts := _COMMA.fullmatch(text)) and datatype != XSD + "integer":
        text = f"{parts[1]}.{parts[2]}"
    return _as(text, EDTF if question.widget is Widget.DATE else datatype)


def _as(text: str, datatype: str) -> Literal:
    literal = Literal(text, datatype=NamedNode(datatype))
    return literal if is_well_typed(literal) else Literal(text)
