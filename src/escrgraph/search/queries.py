"""From a selection to a query of the index, built piece by piece: what a person typed meets no query parser."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tantivy import Occur, Query, Schema

from escrgraph.search.asking import Selection
from escrgraph.search.facets import TYPE
from escrgraph.search.folding import Word, beginnings, words
from escrgraph.search.identifiers import identifier_forms
from escrgraph.search.schema import STATE, facet_field, is_common, stems, title_key
from escrgraph.vocabulary.languages import LANGUAGES

LONGEST = 2000
"""Characters of a text that are looked at."""

MOST = 32
"""Different words of a text that are looked for."""

_WEIGHTS = {"title": 8.0, "name": 5.0, "text": 2.0, "context": 1.0}
_STEM, _BEGUN = 0.6, 0.3
_EXACT, _IDENTIFIER, _PHRASE = 2000.0, 300.0, 6.0

Clause = tuple[Occur, Query]


@dataclass(frozen=True, slots=True)
class Asked:
    """The words of a text as they are looked for. cut: there were more than are looked for."""

    words: tuple[Word, ...]
    whole: str
    cut: bool


def read_text(text: str) -> Asked:
    """Read what a person typed, however long or strange."""
    within = text[:LONGEST]
    different = {word.folded: word for word in words(within)}
    return Asked(tuple(different.values())[:MOST], within, len(text) > LONGEST or len(different) > MOST)


class Queries:
    """Builds the queries of one index."""

    def __init__(self, schema: Schema, facets: Iterable[str]) -> None:
        self._schema = schema
        self._facets = frozenset(facets)

    def matching(self, selection: Selection, asked: Asked) -> Query:
        """The records of a selection, with a score: those with every word of its text that says something."""
        clauses = self._narrowed(selection)
        if asked.whole.strip():
            clauses.append((Occur.Must, self._worded(asked)))
        return Query.boolean_query([*clauses, (Occur.MustNot, self._term("record", STATE))])

    def beginning(self, typed: str, types: Sequence[str]) -> Query:
        """The records with a title or name that has the words of a text, the last of them perhaps unfinished."""
        asked = read_text(typed)
        clauses = self._narrowed(Selection(types=tuple(types)))
        for word in asked.words:
            some = [self._weighed(name, word.folded) for name in ("title", "name")]
            if word is asked.words[-1]:
                some += [self._begun(name, form, 1.0) for name in ("title", "name") for form in beginnings(word.text)]
            clauses.append((Occur.Must, Query.disjunction_max_query(some)))
        first = title_key(typed)
        clauses += [
            (Occur.Should, self._begun("exact", first, 20.0)),
            (Occur.Should, Query.boost_query(self._term("exact", first), _EXACT)),
        ]
        return Query.boolean_query(clauses) if asked.words else Query.empty_query()

    def of_record(self, record: str) -> Query:
        """The document of a record."""
        return self._term("record", record)

    def mentioning(self, iris: Iterable[str]) -> Query:
        """The records that lead to one of these things, directly or by a narrower one."""
        return Query.term_set_query(self._schema, "mention", list(iris))

    def _narrowed(self, selection: Selection) -> list[Clause]:
        clauses: list[Clause] = []
        if selection.types:
            clauses.append(_filter(Query.term_set_query(self._schema, "type", [_clean(t) for t in selection.types])))
        for name, terms in selection.chosen.items():
            known = name == TYPE or name in self._facets
            field = "type" if name == TYPE else facet_field(name)
            clauses += [_filter(self._term(field, _clean(value)) if known else Query.empty_query()) for value in terms]
        return clauses or [_filter(Query.all_query())]

    def _worded(self, asked: Asked) -> Query:
        """What has the words, or is what the text as a whole names."""
        ways: list[Query] = []
        if asked.words:
            telling = [word for word in asked.words if not is_common(word.text)] or list(asked.words)
            each = [self._word(word, last=word is asked.words[-1]) for word in telling]
            ways.append(Query.boolean_query([*((Occur.Must, query) for query in each), *self._closer(asked)]))
        forms = identifier_forms(asked.whole)
        ways += [Query.const_score_query(self._term("identifier", form), _IDENTIFIER) for form in forms]
        return Query.boolean_query([(Occur.Should, way) for way in ways], 1) if ways else Query.empty_query()

    def _closer(self, asked: Asked) -> list[Clause]:
        """What raises the score: the text is the title, or stands in it word by word."""
        exact = Query.const_score_query(self._term("exact", title_key(asked.whole)), _EXACT)
        folded: list[str | tuple[int, str]] = [word.folded for word in asked.words]
        closer = [exact]
        if len(folded) > 1:
            closer += [
                Query.boost_query(Query.phrase_query(self._schema, name, folded, slop=1), _PHRASE * weight)
                for name, weight in (("title", 1.0), ("text", 0.5))
            ]
        return [(Occur.Should, query) for query in closer]

    def _word(self, word: Word, *, last: bool) -> Query:
        ways = [self._weighed(name, word.folded) for name in _WEIGHTS]
        for stem in dict.fromkeys(stems(word.text, language) for language in LANGUAGES):
            ways.append(Query.boost_query(self._term("stem", stem), _STEM))
        if last:
            forms = [form for form in beginnings(word.text) if len(form) > 1]
            ways += [self._begun(name, form, _BEGUN * w) for name, w in _WEIGHTS.items() for form in forms]
        return Query.disjunction_max_query(ways, 0.1)

    def _weighed(self, name: str, word: str) -> Query:
        return Query.boost_query(self._term(name, word), _WEIGHTS[name])

    def _begun(self, name: str, beginning: str, score: float) -> Query:
        begun = Query.fuzzy_term_query(self._schema, name, beginning, distance=0, prefix=True)
        return Query.const_score_query(begun, score)

    def _term(self, name: str, value: str) -> Query:
        option = {"title": "position", "name": "position", "text": "position", "context": "freq", "stem": "freq"}
        return Query.term_query(self._schema, name, value, option.get(name, "basic"))


def _filter(query: Query) -> Clause:
    return Occur.Must, Query.const_score_query(query, 0.0)


def _clean(text: str) -> str:
    """A term as it can be looked up: no index holds lone surrogates."""
    return text[:LONGEST].encode("utf-8", "replace").decode()
