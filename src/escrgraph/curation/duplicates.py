"""Duplicates: whether something like a new entry is in the library already, by identifier, address or title."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

from pyoxigraph import Literal, NamedNode, Quad

from escrgraph.vocabulary.iris import Base
from escrgraph.vocabulary.lexicon import folded
from escrgraph.vocabulary.namespaces import DCTERMS, ESCR, PREFIXES, SKOS

LIKE = 0.7
"""The least share of common words of two titles that are reported as alike."""

RAREST = 4
"""Words of a title by which others are looked up."""

CANDIDATES = 50
"""Titles that are compared word by word."""

_BIBO, _FOAF = PREFIXES["bibo"], PREFIXES["foaf"]
TITLES = frozenset({DCTERMS + "title", SKOS + "prefLabel", PREFIXES["rdfs"] + "label", _FOAF + "name"})
PAGES = frozenset({_FOAF + "page", _FOAF + "homepage"})

_TRACKING = re.compile(r"utm_\w+|fbclid|gclid|mc_[ce]id|ref|ref_src|igshid|_hs\w+", re.IGNORECASE)
_DOI = re.compile(r"10\.\d{4,9}/\S+")
_INDEX = re.compile(r"/(?:index\.(?:html?|php))?$")
_WORD = re.compile(r"[^\W_]+")


class Sign(StrEnum):
    """By what two entries are alike, the surest first."""

    DOI = "doi"
    ADDRESS = "address"
    ISBN = "isbn"
    UN_SYMBOL = "un-symbol"
    TITLE = "title"


@dataclass(frozen=True, slots=True)
class Match:
    """An entry that is like the new one. likeness: 1 for the same, less for titles that share words."""

    record: str
    sign: Sign
    likeness: float


@dataclass(frozen=True, slots=True)
class Signs:
    """By what an entry is known. keys: pairs of a sign and its normal form; titles: the words of each title."""

    type: str
    keys: frozenset[tuple[Sign, str]]
    titles: tuple[frozenset[str], ...]


def signs_of(record: str, quads: Iterable[Quad], base: Base) -> Signs:
    """By what a record ("type/slug") is known, read from its quads."""
    iri = base.record_iri(record)
    keys: set[tuple[Sign, str]] = set()
    titles: dict[frozenset[str], None] = {}
    for quad in quads:
        if not isinstance(quad.subject, NamedNode) or quad.subject.value != iri:
            continue
        if not isinstance(quad.object, NamedNode | Literal):
            continue
        path, text = quad.predicate.value, quad.object.value
        if path in TITLES and (words := frozenset(_words(text))):
            titles[words] = None
        elif (sign := _sign(path)) and (key := _normal(sign, text)):
            keys.add((sign, key))
        if path in PAGES and (key := normal_doi(text)):
            keys.add((Sign.DOI, key))
    return Signs(record.partition("/")[0], frozenset(keys), tuple(titles))


class Duplicates:
    """An index of entries by their signs, kept up record by record."""

    def __init__(self) -> None:
        self._signs: dict[str, Signs] = {}
        self._by_key: defaultdict[tuple[str, Sign, str], set[str]] = defaultdict(set)
        self._by_word: defaultdict[tuple[str, str], set[tuple[str, int]]] = defaultdict(set)

    def __len__(self) -> int:
        return len(self._signs)

    def put(self, record: str, signs: Signs) -> None:
        """Know a record by these signs, and no longer by those it had."""
        self.drop(record)
        self._signs[record] = signs
        for sign, key in signs.keys:
            self._by_key[signs.type, sign, key].add(record)
        for number, words in enumerate(signs.titles):
            for word in words:
                self._by_word[signs.type, word].add((record, number))

    def drop(self, record: str) -> None:
        """Forget a record."""
        signs = self._signs.pop(record, None)
        if signs is None:
            return
        for sign, key in signs.keys:
            self._by_key[signs.type, sign, key].discard(record)
        for number, words in enumerate(signs.titles):
            for word in words:
                self._by_word[signs.type, word].discard((record, number))

    def like(self, signs: Signs, but: str = "", most: int = 5) -> list[Match]:
        """The entries of the same type that are like one with these signs, surest first. but: a record left out."""
        found: dict[str, Match] = {}
        for sign, key in sorted(signs.keys, key=lambda pair: list(Sign).index(pair[0])):
            records = self._by_key.get((signs.type, sign, key), set()) - {but}
            # A page on which several entries stand tells of none of them alone.
            if sign is not Sign.ADDRESS or len(records) == 1:
                for record in sorted(records):
                    found.setdefault(record, Match(record, sign, 1.0))
        for words in signs.titles:
            for match in self._titled(signs.type, words):
                known = found.get(match.record)
                if known is None or (known.sign is Sign.TITLE and known.likeness < match.likeness):
                    found[match.record] = match
        found.pop(but, None)
        order = list(Sign)
        return sorted(found.values(), key=lambda m: (order.index(m.sign), -m.likeness, m.record))[:most]

    def _titled(self, type_: str, words: frozenset[str]) -> list[Match]:
        # A word that only this title has leads nowhere; the rarest of those that others have lead to few.
        known = [word for word in words if self._by_word.get((type_, word))]
        rarest = sorted(known, key=lambda word: (len(self._by_word[type_, word]), word))[:RAREST]
        counts: defaultdict[tuple[str, int], int] = defaultdict(int)
        for word in rarest:
            for title in self._by_word[type_, word]:
                counts[title] += 1
        best = sorted(counts, key=lambda title: (-counts[title], title))[:CANDIDATES]
        matches = []
        for record, number in best:
            other = self._signs[record].titles[number]
            likeness = len(words & other) / len(words | other)
            if likeness >= LIKE or _one_word_changed(words, other):
                matches.append(Match(record, Sign.TITLE, round(likeness, 3)))
        return matches


def normal_doi(text: str) -> str:
    """A DOI in small letters without what stands before it; empty when there is none."""
    found = _DOI.search(unquote(text).lower())
    return found[0].rstrip(".,;)") if found else ""


def normal_address(text: str) -> str:
    """An address without scheme, www, tracking parameters, fragment and closing slash; empty when it is none."""
    try:
        parts = urlsplit(text.strip())
        host = (parts.hostname or "").removeprefix("www.").rstrip(".")
    except ValueError:
        return ""
    if not host:
        return ""
    kept = [(name, value) for name, value in parse_qsl(parts.query) if not _TRACKING.fullmatch(name)]
    path = _INDEX.sub("", unquote(parts.path))
    return f"{host}{path}" + (f"?{urlencode(sorted(kept))}" if kept else "")


def normal_isbn(text: str) -> str:
    """An ISBN as its thirteen digits; empty when it is none."""
    digits = re.sub(r"[^0-9X]", "", text.upper())
    if len(digits) == 10 and digits[:9].isdecimal():
        body = "978" + digits[:9]
        return body + str(-sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(body)) % 10)
    return digits if len(digits) == 13 and digits.isdecimal() else ""


def normal_symbol(text: str) -> str:
    """A symbol of a United Nations document in capitals and without spaces."""
    return "".join(text.upper().split())


def _sign(path: str) -> Sign | None:
    signs = {
        _BIBO + "doi": Sign.DOI,
        _BIBO + "isbn10": Sign.ISBN,
        _BIBO + "isbn13": Sign.ISBN,
        ESCR + "unSymbol": Sign.UN_SYMBOL,
    }
    return Sign.ADDRESS if path in PAGES else signs.get(path)


def _normal(sign: Sign, text: str) -> str:
    normal = {
        Sign.DOI: normal_doi,
        Sign.ADDRESS: normal_address,
        Sign.ISBN: normal_isbn,
        Sign.UN_SYMBOL: normal_symbol,
    }
    return normal[sign](text)


def _words(title: str) -> list[str]:
    return _WORD.findall(folded(title))


def _one_word_changed(one: frozenset[str], other: frozenset[str]) -> bool:
    return min(len(one), len(other)) >= 4 and len(one - other) <= 1 and len(other - one) <= 1
