"""What is known of the entries there are: their names, to find them by, and their signs, to see duplicates."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from threading import Lock

from pyoxigraph import DefaultGraph, Literal, NamedNode, Quad

from escrgraph.curation.duplicates import Duplicates, signs_of
from escrgraph.repository.errors import WrongStore
from escrgraph.service import Service
from escrgraph.vocabulary.fields import Field
from escrgraph.vocabulary.labels import choose_label
from escrgraph.vocabulary.lexicon import Lexicon
from escrgraph.vocabulary.namespaces import DCTERMS, ESCR, PREFIXES, SKOS
from escrgraph.web.page_queries import Solution, ask, page_query, text

MOST_CHANGED = 50
"""Above this number of changed records a type is read anew."""

NAMES = frozenset(
    [SKOS + name for name in ("prefLabel", "altLabel", "hiddenLabel")]
    + [DCTERMS + "title", DCTERMS + "alternative", ESCR + "acronym"]
    + [PREFIXES["foaf"] + "name", PREFIXES["rdfs"] + "label"]
)


class Known:
    """Kept up by the change log: what did not change is not read again. May be used by many threads."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._lock = Lock()
        self._generation = -1
        self._quads: dict[str, dict[str, list[Quad]]] = {}  # type -> record -> what is known of it
        self._duplicates = Duplicates()
        self._lexicons: dict[str, Lexicon] = {}

    def duplicates(self) -> Duplicates:
        """The signs of all records. Raises RepositoryError, as the others do."""
        with self._lock:
            self._catch_up()
            for type_ in self._service.kinds.by_type:
                self._read(type_)
            return self._duplicates

    def lexicon(self, field: Field) -> Lexicon | None:
        """The names of the entries that a field may have; None where it takes others than entries."""
        types = self._types(field)
        if not field.scheme and not types:
            return None
        key = f"scheme/{field.scheme}" if field.scheme else " ".join(types)
        with self._lock:
            self._catch_up()
            if key not in self._lexicons:
                named = self._of_scheme(field.scheme) if field.scheme else self._of_types(types)
                self._lexicons[key] = Lexicon(named)
            return self._lexicons[key]

    def name(self, iri: str, language: str) -> str:
        """What an entry is called; its code where nothing is known of it."""
        record = self._service.base.record_of(iri) or ""
        with self._lock:
            self._catch_up()
            for lexicon in self._lexicons.values():
                if iri in lexicon:
                    return lexicon.label(iri, language).text
            quads = self._quads.get(record.partition("/")[0], {}).get(record, [])
        names = [q.object for q in quads if q.predicate.value in NAMES and isinstance(q.object, Literal)]
        found = choose_label(names, language)
        return found.text if found else iri.rpartition("/")[2]

    def has(self, record: str) -> bool:
        """Whether there is a record ("type/slug") now."""
        type_ = record.partition("/")[0]
        with self._lock:
            self._catch_up()
            return type_ in self._service.kinds.by_type and record in self._read(type_)

    def _types(self, field: Field) -> list[str]:
        kinds = self._service.kinds.by_type.values()
        return [kind.type for kind in kinds if kind.type and kind.classes & set(field.classes)]

    def _of_types(self, types: Iterable[str]) -> list[tuple[str, Literal]]:
        quads = (quad for type_ in types for quads in self._read(type_).values() for quad in quads)
        return [
            (quad.subject.value, quad.object)
            for quad in quads
            if isinstance(quad.subject, NamedNode)
            and quad.predicate.value in NAMES
            and isinstance(quad.object, Literal)
        ]

    def _of_scheme(self, scheme: str) -> list[tuple[str, Literal]]:
        iri = NamedNode(self._service.base.id("scheme", scheme))
        rows = ask(self._service, [page_query(self._service, "members-of-scheme", {"scheme": iri})]).solutions(0)
        return [(text(row, "thing"), row["value"]) for row in rows if isinstance(row.get("value"), Literal)]  # type: ignore[misc]

    def _read(self, type_: str) -> dict[str, list[Quad]]:
        if type_ not in self._quads:
            target = NamedNode(self._service.kinds.by_type[type_].target_class)
            rows = ask(self._service, [page_query(self._service, "members", {"class": target})]).solutions(0)
            found: defaultdict[str, list[Quad]] = defaultdict(list)
            for row in rows:
                record = self._service.base.record_of(text(row, "thing"))
                if record is not None and (quad := _quad(row, "thing")):
                    found[record].append(quad)
            self._quads[type_] = dict(found)
            for record, quads in found.items():
                self._duplicates.put(record, signs_of(record, quads, self._service.base))
        return self._quads[type_]

    def _catch_up(self) -> None:
        generation = self._service.pages.generation()
        if generation == self._generation:
            return
        changed = self._changed(generation)
        self._generation = generation
        types = {record.partition("/")[0] for record in changed or ()}
        if changed is None or len(changed) > MOST_CHANGED:
            self._quads.clear()
            self._lexicons.clear()
            self._duplicates = Duplicates()
            return
        self._lexicons = {
            key: kept
            for key, kept in self._lexicons.items()
            if not types & set(key.replace("scheme/", "scheme ").split())
        }
        again = [record for record in changed if record.partition("/")[0] in self._quads]
        queries = [
            page_query(self._service, "record", {"record": NamedNode(self._service.base.record_iri(record))})
            for record in again
        ]
        answers = ask(self._service, queries) if queries else None
        for number, record in enumerate(again):
            rows = answers.solutions(number) if answers else []
            quads = [quad for row in rows if (quad := _quad(row, "record"))]
            self._put(record, quads)

    def _put(self, record: str, quads: list[Quad]) -> None:
        records = self._quads[record.partition("/")[0]]
        if quads:
            records[record] = quads
            self._duplicates.put(record, signs_of(record, quads, self._service.base))
        else:
            records.pop(record, None)
            self._duplicates.drop(record)

    def _changed(self, generation: int) -> list[str] | None:
        """The records that changed since; None when everything may have."""
        if self._generation < 0 or generation < self._generation:
            return None
        try:
            with self._service.log() as log:
                found: dict[str, None] = {}
                for entry in log.entries(self._generation, MOST_CHANGED + 1):
                    found.update(dict.fromkeys(change.record for change in log.record_changes(entry.number)))
                    if len(found) > MOST_CHANGED:
                        return None
                return list(found)
        except WrongStore:
            return None


def _quad(row: Solution, subject: str) -> Quad | None:
    property_, value = row.get("property"), row.get("value")
    if not isinstance(property_, NamedNode) or value is None:
        return None
    return Quad(NamedNode(text(row, subject)), property_, value, DefaultGraph())
