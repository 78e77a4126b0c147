"""What a document of the index is: its fields, and how a reading of a record becomes one."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from functools import lru_cache

from pyoxigraph import Literal
from tantivy import Document, Filter, Schema, SchemaBuilder, TextAnalyzer, TextAnalyzerBuilder, Tokenizer

from escrgraph.search.collation import collation_key
from escrgraph.search.facets import FacetOf
from escrgraph.search.folding import LONGEST, fold_word, key, places
from escrgraph.search.identifiers import identifier_forms
from escrgraph.search.reading import Reading, RecordReader, Things, labels_of
from escrgraph.vocabulary.labels import choose_label
from escrgraph.vocabulary.languages import LANGUAGES

FORMAT = 2
"""Raised whenever the same record would make another document, so that older indexes are made again."""

WORDED = ("title", "name", "text", "context", "stem")
"""Fields of folded words, those that weigh most first."""

LONGEST_KEY = 1000
"""Characters of a title as a whole that count."""

STATE = "#state"
"""What stands in the place of a record in the one document that says which generation the index shows."""

_STEMMERS = {"en": "english", "es": "spanish", "fr": "french", "ar": "arabic"}
_END = "99999999"

# The library that stems has no list of common words for Arabic.
_ARABIC = [
    "في", "من", "على", "إلى", "الى", "عن", "مع", "أو", "او", "و", "أن", "ان", "إن", "ما", "لا", "هو", "هي", "هذا",
    "هذه", "ذلك", "تلك", "التي", "الذي", "الذين", "كل", "كان", "كانت", "بين", "بعد", "قبل", "عند", "منذ", "حتى", "ثم",
]  # fmt: skip


def facet_field(name: str) -> str:
    """The field of a facet."""
    return f"facet_{name}"


def count_field(name: str) -> str:
    """The field of the numbers of a facet's terms, by which they are counted where there may be very many.

    To count by the terms themselves, tantivy reads each of them in every segment, which takes longer than the counting.
    """
    return f"count_{name}"


@lru_cache(maxsize=1 << 14)
def term_number(term: str) -> int:
    """The number of a term: of 53 bits, which are exact where numbers are as in JSON (RFC 8259, section 6)."""
    return int.from_bytes(hashlib.blake2b(term.encode(), digest_size=8).digest(), "big") >> 11


def order_field(language: str) -> str:
    """The field by which titles are put in order for readers of a language."""
    return f"order_{language}"


def schema_of(facets: Mapping[str, FacetOf]) -> Schema:
    """The schema of an index with these facets."""
    builder = SchemaBuilder()
    builder.add_text_field("record", stored=True, fast=True, tokenizer_name="raw", index_option="basic")
    builder.add_text_field("type", fast=True, tokenizer_name="raw", index_option="basic")
    for name in ("title", "name", "text"):
        builder.add_text_field(name, tokenizer_name="whitespace")
    for name in ("context", "stem"):
        builder.add_text_field(name, tokenizer_name="whitespace", index_option="freq")
    for name in ("exact", "identifier", "mention"):
        builder.add_text_field(name, tokenizer_name="raw", index_option="basic")
    for name, facet in facets.items():
        builder.add_text_field(facet_field(name), fast=not facet.many, tokenizer_name="raw", index_option="basic")
        if facet.many:
            builder.add_unsigned_field(count_field(name), fast=True)
    for name in ("order_date", *map(order_field, LANGUAGES)):
        builder.add_text_field(name, fast=True, tokenizer_name="raw", index_option="basic")
    builder.add_float_field("weight", fast=True)
    for name in ("facts", "texts"):
        builder.add_bytes_field(name, stored=True)
    return builder.build()


def fingerprint(reader: RecordReader) -> str:
    """What changes when format or shapes do, so that documents have to be made again."""
    fields = {kind.name: [(f.path, f.shapes, repr(f)) for f in kind.fields] for kind in reader.kinds.values()}
    told = [FORMAT, reader.base.iri, sorted(reader.facets), sorted(reader.relevant), fields]
    return hashlib.sha256(json.dumps(told, sort_keys=True, default=str).encode()).hexdigest()


def document(reading: Reading, things: Things, facets: Mapping[str, FacetOf], facts: bytes) -> Document:
    """The document of a record. facts: what the next reading of it begins with."""
    made = Document()
    made.add_text("record", reading.record)
    made.add_text("type", reading.type)
    context = labels_of(reading.mentions, things)
    _add_words(made, "title", reading.titles)
    _add_words(made, "name", reading.names)
    _add_words(made, "text", reading.texts)
    _add_words(made, "context", context)
    stems = (stem for text in (*reading.titles, *reading.names, *reading.texts) for stem in _stems_of(text))
    made.add_text("stem", " ".join(stems))
    for title in {whole for text in reading.titles if (whole := title_key(text.value))}:
        made.add_text("exact", title)
    known = (*reading.identifiers, *(text.value for text in reading.names))
    for form in {form for text in known for form in identifier_forms(text)}:
        made.add_text("identifier", form)
    for iri in reading.mentions:
        made.add_text("mention", iri)
    for name, terms in reading.terms.items():
        for value in terms:
            made.add_text(facet_field(name), value)
            if facets[name].many:
                made.add_unsigned(count_field(name), term_number(value))
    # Newest first is oldest last: what is left to the end of all time, in ascending order.
    date = f"{99_999_999 - int(reading.day.strftime('%Y%m%d')):08}" if reading.day else _END
    made.add_text("order_date", f"{date} {reading.record}")
    for language in LANGUAGES:
        made.add_text(order_field(language), f"{_order(reading.titles, language)}\x01{reading.record}")
    made.add_float("weight", reading.weight)
    made.add_bytes("facts", facts)
    made.add_bytes("texts", _stored(reading))
    return made


def stored_texts(found: Document) -> tuple[list[Literal], list[Literal]]:
    """The titles of a record, and its names and texts, from its document."""
    titles, others = json.loads(found.get_first("texts") or b"[[], []]")
    return [_literal(*text) for text in titles], [_literal(*text) for text in others]


def _stored(reading: Reading) -> bytes:
    others = (*reading.names, *reading.texts)
    texts = [[(text.value, text.language) for text in some] for some in (reading.titles, others)]
    return json.dumps(texts, ensure_ascii=False, separators=(",", ":")).encode()


def _literal(text: str, language: str | None) -> Literal:
    return Literal(text, language=language) if language else Literal(text)


def title_key(text: str) -> str:
    """A title as a whole, as it is compared."""
    return key(text[:LONGEST_KEY])


@lru_cache(maxsize=1 << 16)
def stems(word: str, language: str) -> str:
    """The stem of a word in a language, marked with the language, as it is kept in the field `stem`."""
    found = _stemmer(language).analyze(word[: 4 * LONGEST].lower())
    return f"{language}:{fold_word(found[0])}" if found else ""


@lru_cache(maxsize=1 << 12)
def is_common(word: str) -> bool:
    """Whether a word says little in one of the languages ("of", "de", "la", "في"), so that a record may lack it."""
    return any(not analyzer.analyze(word[:LONGEST].lower()) for analyzer in _common())


@lru_cache
def _common() -> tuple[TextAnalyzer, ...]:
    filters = [Filter.stopword("english"), Filter.stopword("spanish"), Filter.stopword("french")]
    filters.append(Filter.custom_stopword(_ARABIC))
    return tuple(TextAnalyzerBuilder(Tokenizer.raw()).filter(filter_).build() for filter_ in filters)


@lru_cache
def _stemmer(language: str) -> TextAnalyzer:
    return TextAnalyzerBuilder(Tokenizer.raw()).filter(Filter.stemmer(_STEMMERS[language])).build()


def _stems_of(text: Literal) -> Iterable[str]:
    language = (text.language or "").partition("-")[0].lower()
    if language in _STEMMERS:
        yield from (stems(word, language) for word, _, _ in places(text.value))


def _add_words(made: Document, name: str, texts: Iterable[Literal]) -> None:
    for text in texts:
        made.add_text(name, _folded(text.value))


@lru_cache(maxsize=1 << 14)
def _folded(text: str) -> str:
    # Cached, since the labels of a country, right or method stand in very many documents.
    return key(text)


def _order(titles: list[Literal], language: str) -> str:
    chosen = choose_label(titles, language)
    return collation_key(chosen.text, language) if chosen else "\U0010ffff"
