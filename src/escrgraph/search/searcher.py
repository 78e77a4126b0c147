"""The searcher: answers what is asked of the index, in any thread, and takes up a newer one once there is one."""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cached_property
from operator import itemgetter
from pathlib import Path

import tantivy
from pyoxigraph import Literal
from tantivy import Index

from escrgraph.repository.errors import Declined, Unavailable
from escrgraph.search import builds, panics
from escrgraph.search.asking import Count, Facet, Found, Hit, Order, Selection, Snippet, Suggestion
from escrgraph.search.facets import TYPE, FacetOf
from escrgraph.search.queries import Queries, read_text
from escrgraph.search.reading import RecordReader
from escrgraph.search.schema import count_field, facet_field, fingerprint, order_field, stored_texts, term_number
from escrgraph.search.snippets import Marker
from escrgraph.vocabulary.iris import Base
from escrgraph.vocabulary.kinds import Kinds
from escrgraph.vocabulary.labels import choose_label
from escrgraph.vocabulary.languages import LANGUAGES

FURTHEST = 100_000
"""Hits up to which pages are worth asking for: the work for a page grows with what stands before it."""

_BUCKETS = 60_000  # of all facets together, by which tantivy keeps its memory; what has more is counted otherwise


@dataclass(frozen=True, slots=True)
class _View:
    """An index as it was when it was opened. seen: what tells whether it has changed since."""

    index: Index
    searcher: tantivy.Searcher
    queries: Queries
    generation: int
    seen: object
    numbers: dict[str, Mapping[int, str] | None] = field(default_factory=dict)

    def numbered(self, name: str) -> Mapping[int, str] | None:
        """The terms of a facet by their numbers; None where two have the same."""
        if name not in self.numbers:
            terms = [term for term, _ in self.searcher.terms_with_prefix(facet_field(name), "")]
            found = {term_number(term): term for term in terms}
            self.numbers[name] = found if len(found) == len(terms) else None
        return self.numbers[name]


class Searcher:
    """Searches the index in a directory. Threads may share one; it holds no lock while it searches."""

    def __init__(self, directory: Path | None, kinds: Kinds, base: Base) -> None:
        """directory: where the index is, or will be; None where there is no change log that it could follow.

        It is looked at when something is asked, not before.
        """
        self._directory = directory
        self._kinds, self._base = kinds, base
        self._lock = threading.Lock()
        self._view: _View | None = None

    @cached_property
    def _reader(self) -> RecordReader:
        return RecordReader(self._kinds, self._base)

    @property
    def facets(self) -> Mapping[str, FacetOf]:
        """Every facet by name: what it is called and which fields it comes from."""
        return self._reader.facets

    @property
    def generation(self) -> int:
        """The generation that the index shows. Raises Unavailable while there is none."""
        return self._current().generation

    def search(
        self,
        selection: Selection,
        *,
        language: str = "en",
        order: Order = Order.RELEVANCE,
        first: int = 0,
        size: int = 20,
        facets: bool = True,
        snippets: bool = True,
    ) -> Found:
        """The records of a selection, `size` of them from number `first` (0 is the first), and counts of its terms.

        language: of the reader, for the order by title and for the choice of snippets. Without words there is no
        relevance, so records then come by date. Raises Unavailable while there is no index.
        """
        view = self._current()
        language = language if language in LANGUAGES else LANGUAGES[0]
        asked = read_text(selection.text)
        query = view.queries.matching(selection, asked)
        if order is Order.RELEVANCE and not asked.words:
            order = Order.DATE
        field = {Order.DATE: "order_date", Order.TITLE: order_field(language), Order.RELEVANCE: None}[order]
        first, size = max(0, min(first, view.searcher.num_docs)), max(0, size)
        marker = Marker(asked.words if snippets else ())
        with _available():
            found = view.searcher.search(
                query,
                limit=max(1, size),
                offset=first,
                order_by_field=field,
                order=tantivy.Order.Asc if field else tantivy.Order.Desc,
                weight_by_field=None if field else "weight",
            )
            hits = [self._hit(view, score, address, marker, language) for score, address in found.hits[:size]]
            counted = self._counts(view, selection, query) if facets else ()
        total: int = found.count  # type: ignore[attr-defined]  # its stub leaves it out
        return Found(view.generation, total, tuple(hits), counted, asked.cut)

    def complete(
        self, prefix: str, language: str = "en", types: Sequence[str] = (), size: int = 8
    ) -> tuple[Suggestion, ...]:
        """Records whose title or name begins with what was typed so far, or has its words, for type-ahead.

        Raises Unavailable while there is no index.
        """
        view = self._current()
        query, marker = view.queries.beginning(prefix, types), Marker(read_text(prefix).words)
        with _available():
            found = view.searcher.search(query, limit=max(1, size), count=False, weight_by_field="weight")
            return tuple(self._suggestion(view, address, marker, language) for _, address in found.hits[:size])

    def _current(self) -> _View:
        if self._directory is None:
            raise Declined(
                "A plain SPARQL store (ESCRGRAPH_DEFAULT_GRAPH=own) has no search index. Ask it by SPARQL, at /sparql."
            )
        view = self._view
        if view is not None and builds.looks(self._directory) == view.seen:
            return view
        with self._lock:
            seen = builds.looks(self._directory)
            if self._view is None or self._view.seen != seen:
                self._view = None
                with _available():
                    self._view = self._opened(self._directory, seen)
            return self._view

    def _opened(self, directory: Path, seen: object) -> _View:
        path = builds.newest(directory, fingerprint(self._reader))
        index = Index.open(str(path))
        index.reload()
        searcher = index.searcher()
        state = builds.state(searcher, index.schema)
        return _View(index, searcher, Queries(index.schema, self.facets), state.generation, seen)

    def _hit(self, view: _View, score: object, address: tantivy.DocAddress, marker: Marker, language: str) -> Hit:
        found = view.searcher.doc(address)
        score = float(score) if isinstance(score, float) else 0.0
        if not marker.wanted:
            return Hit(_record(found), score)
        titles, others = stored_texts(found)
        shown = choose_label(titles, language)
        hidden = [title for title in titles if shown is None or title.value != shown.text]
        snippets = marker.snippets([*others, *hidden])
        return Hit(_record(found), score, snippets)

    def _suggestion(self, view: _View, address: tantivy.DocAddress, marker: Marker, language: str) -> Suggestion:
        """A record by the title that readers of the language see, if that has what was typed; else by what has it."""
        found = view.searcher.doc(address)
        titles, others = stored_texts(found)
        shown = choose_label(titles, language)
        texts = (
            [Literal(shown.text, language=shown.language) if shown.language else Literal(shown.text)] if shown else []
        )
        pieces = marker.snippets(texts) or marker.snippets([*titles, *others], 1)
        piece = next(iter(pieces), Snippet(shown.text if shown else "", shown.language if shown else None, ()))
        return Suggestion(_record(found), piece.text, piece.language, piece.marks)

    def _counts(self, view: _View, selection: Selection, query: tantivy.Query) -> tuple[Facet, ...]:
        fields = {name: facet_field(name) for name in self.facets}
        many = [name for name, facet in self.facets.items() if facet.many]
        if not selection.types:
            return tuple(_facets(view, query, {TYPE: "type", **fields}, many))
        # Types are alternatives, so that each is counted as if none had been chosen.
        alternatives = view.queries.matching(replace(selection, types=()), read_text(selection.text))
        return (*_facets(view, alternatives, {TYPE: "type"}), *_facets(view, query, fields, many))


def _facets(view: _View, query: tantivy.Query, fields: Mapping[str, str], many: Collection[str] = ()) -> list[Facet]:
    """The facets that records of a query have, every term of each with its count.

    fields: facet -> the field of its terms. many: the facets whose terms are counted by their numbers.
    """
    numbered = {name: terms for name in many if (terms := view.numbered(name)) is not None}
    counted = {name: source for name, source in fields.items() if name not in many}
    counted |= {name: count_field(name) for name in numbered}
    size = {"size": _BUCKETS, "segment_size": 1 << 30}
    asked = {name: {"terms": {"field": source, **size}} for name, source in counted.items()}
    try:
        answer = view.searcher.aggregate(query, asked)
    except ValueError:
        answer = {}
    if any(answer[name]["sum_other_doc_count"] for name in answer):
        answer = {}
    found = []
    for name, source in fields.items():
        if name not in answer:  # more terms than there are buckets: each by the records that have it
            counts = view.searcher.terms_with_prefix(source, "", query)
        else:
            counts = [(bucket["key"], bucket["doc_count"]) for bucket in answer[name]["buckets"]]
            if name in numbered:
                counts = [(numbered[name][int(number)], count) for number, count in counts]
        found.append(_facet(name, counts))
    return [facet for facet in found if facet.counts]


@contextmanager
def _available() -> Iterator[None]:
    """Raise Unavailable where the index is not there, or its files are broken: the deriver makes it anew."""
    try:
        with panics.told():
            yield
    except (OSError, ValueError) as error:
        raise Unavailable(
            "The search index is being made: it follows the library by some moments. Try again in a while."
        ) from error


def _facet(name: str, counts: Iterable[tuple[str, int]]) -> Facet:
    ranked = sorted(counts, key=itemgetter(0))
    ranked.sort(key=itemgetter(1), reverse=True)  # those of one count stay in the order of their terms
    return Facet(name, tuple(Count(term, count) for term, count in ranked))


def _record(found: tantivy.Document) -> str:
    return str(found.get_first("record"))
