"""What a page says to machines: signposts in its Link header, schema.org and citation metadata in its head."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pyoxigraph import Literal

from escrgraph.harvesting.schema_org import TYPES, citation, describe
from escrgraph.vocabulary.facts import Facts
from escrgraph.vocabulary.languages import LANGUAGES
from escrgraph.web.context import here
from escrgraph.web.formats import Format
from escrgraph.web.origin import absolute
from escrgraph.web.pages import language

SCHEMA = "https://schema.org/"


@dataclass(frozen=True, slots=True)
class Head:
    """What the head of a record's page holds for machines.

    schema: JSON-LD; citation: names and contents of `meta`; languages: tag -> address; feed: of its kind.
    """

    schema: Mapping[str, Any]
    citation: Sequence[tuple[str, str]]
    languages: Mapping[str, str]
    feed: str


def head(record: str, facts: Facts, names: Iterable[tuple[str, Literal]]) -> Head:
    """The head of a record's page. names: pairs of a thing and a name of it."""
    by_thing: dict[str, list[Literal]] = {}
    for thing, name in names:
        by_thing.setdefault(thing, []).append(name)
    kind, iri, page = record.partition("/")[0], here().service.base.record_iri(record), absolute(f"/doc/{record}")
    return Head(
        describe(iri, kind, page, facts, by_thing, language()),
        citation(iri, kind, page, facts, by_thing),
        {tag: f"{page}?lang={tag}" for tag in LANGUAGES},
        f"/feeds/{kind}.atom",
    )


def signposts(record: str, formats: Iterable[Format]) -> list[str]:
    """Link values that lead a machine from a record's page to its address, its metadata and its type (Signposting)."""
    kind, iri = record.partition("/")[0], here().service.base.record_iri(record)
    links = [f'<{iri}>; rel="cite-as"', f'<{SCHEMA}AboutPage>; rel="type"']
    links.append(f'<{SCHEMA}{TYPES.get(kind, "DefinedTerm")}>; rel="type"')
    links += [f'</doc/{record}.{f.name}>; rel="describedby"; type="{f.media_type}"' for f in formats]
    return [*links, f'</feeds/{kind}.atom>; rel="alternate"; type="application/atom+xml"']
