"""A library of any size in the shape of the real one: its vocabulary as it is, its records repeated and invented."""

from __future__ import annotations

import json
from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import accumulate, chain
from pathlib import Path
from random import Random
from typing import TextIO

from benchmarks.templates import BORDER, FIXED, SCALED, Library, Role, Slot, Template, precision, read_library
from benchmarks.words import Words, isbn10, isbn13
from escrgraph.vocabulary.edtf import parse

LEAST = 10_000
"""Fewer triples than this would hold nearly nothing but vocabulary."""

DATA = "library.nq"
INFERRED = "inferred.nq"
MANIFEST = "manifest.json"

_VOCABULARY_SHARE = 0.5
_LATEST_YEAR = 2024  # dates after it are kept as they are, so that none is varied into the future


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a generated library holds. counts: kind -> records; the invented ones are numbered from 1."""

    triples: int
    seed: int
    counts: Mapping[str, int]
    countries: Sequence[str]
    methods: Sequence[str]
    regions: Sequence[str]
    words: Mapping[str, Sequence[str]]


def slug(number: int) -> str:
    """The slug of an invented record."""
    return f"synthetic-{number}"


def generate(triples: int, seed: int, directory: Path) -> Manifest:
    """Write a library into `directory`: about `triples` statements, the same bytes for the same seed.

    DATA holds what is published, INFERRED what follows from it by rule, both N-Quads; MANIFEST says what there is.
    Raises ValueError for fewer than LEAST triples, OSError.
    """
    directory.mkdir(parents=True, exist_ok=True)
    plan = Plan(read_library(), triples, seed)
    lines = 0
    with _writing(directory / DATA) as data, _writing(directory / INFERRED) as inferred:
        for text, count in plan.records():
            own, _, made = text.partition(BORDER)
            data.write(own)
            inferred.write(made)
            lines += count
    manifest = plan.manifest(lines)
    (directory / MANIFEST).write_text(_json(manifest), encoding="utf-8")
    return manifest


def read_manifest(directory: Path) -> Manifest:
    """The manifest of a generated library. Raises FileNotFoundError that says how to make one."""
    path = directory / MANIFEST
    if not path.exists():
        raise FileNotFoundError(
            f"{directory} holds no generated library: make one with `python -m benchmarks generate`."
        )
    return Manifest(**json.loads(path.read_text(encoding="utf-8")))


class Plan:
    """How often each record is repeated, and which repetitions refer to which."""

    def __init__(self, library: Library, triples: int, seed: int) -> None:
        if triples < LEAST:
            raise ValueError(
                f"{triples:,} triples are too few: the vocabulary alone takes half of {LEAST:,}. Ask for more."
            )
        self._seed = seed
        self._library = library
        self._words = Words(library.quads)
        self._countries = self._kept(triples)
        self._decks = {kind: self._shuffled(kind) for kind in SCALED}
        self._places = {kind: {t.slug: place for place, t in enumerate(deck)} for kind, deck in self._decks.items()}
        self._counts = self._sized(triples - sum(template.lines for template in self._fixed()))
        self._governments = [t.slug.removeprefix("gov-") for t in self._fixed() if t.kind == "organization"]

    def manifest(self, lines: int) -> Manifest:
        """What the library holds that has so many lines."""
        fixed = {kind: len(self._library.templates[kind]) for kind in FIXED}
        counts = {**fixed, "country": len(self._countries), "government": len(self._governments), **self._counts}
        slugs = {kind: [t.slug for t in self._library.templates[kind]] for kind in ("method", "region")}
        words = {language: self._words.of(language) for language in ("en", "es", "fr", "ar")}
        return Manifest(lines, self._seed, counts, self._countries, slugs["method"], slugs["region"], words)

    def records(self) -> Iterator[tuple[str, int]]:
        """Each record as N-Quads with a BORDER and its number of lines, the vocabulary first."""
        for template in self._fixed():
            yield Record(self, template, 0).lines(), template.lines
        for kind, count in self._counts.items():
            deck = self._decks[kind]
            for number in range(1, count + 1):
                template = deck[(number - 1) % len(deck)]
                yield Record(self, template, number).lines(), template.lines

    def random(self, *what: object) -> Random:
        """A generator of its own for each thing decided, so that one more decision moves no other."""
        return Random(f"{self._seed} {' '.join(map(str, what))}")

    def text(self, random: Random, slot: Slot, template: Template, number: int) -> str:
        """An invented text in place of a real one."""
        length, name, _ = slot.value.split(" ", 2)
        return self._words.text(random, slot.detail, template.kind, number, 0 if name in _SHORT else int(length))

    def word(self, random: Random, slot: Slot) -> str:
        """One more word in the language of a text."""
        return " " + random.choice(self._words.of(slot.detail))

    def other(self, random: Random, kind: str, real: str, taken: set[str]) -> str:
        """A repetition of the record that the real one refers to, or any when there is none; none twice."""
        count, deck = self._counts[kind], len(self._decks[kind])
        place = self._places[kind][real]
        number = random.randrange((count - place - 1) // deck + 1) * deck + place if place < count else place % count
        while (found := slug(number + 1)) in taken and len(taken) < count:
            number = (number + 1) % count
        taken.add(found)
        return found

    def country(self, real: str, taken: set[str]) -> str:
        """The country, or one that stands for it in a small library; none twice."""
        return _standing_for(real, self._countries, taken)

    def government(self, real: str, taken: set[str]) -> str:
        """The government of the country, or one that stands for it in a small library; none twice."""
        return "gov-" + _standing_for(real, self._governments, taken)

    def _fixed(self) -> list[Template]:
        templates, kept = self._library.templates, set(self._countries)
        governments = [t for t in templates["government"] if t.slug.removeprefix("gov-") in kept]
        countries = [t for t in templates["country"] if t.slug in kept]
        return [*chain.from_iterable(templates[kind] for kind in FIXED), *countries, *governments]

    def _kept(self, triples: int) -> list[str]:
        """The countries named most, as many as leave half of a small library to its records."""
        templates = self._library.templates
        room = triples * _VOCABULARY_SHARE - sum(t.lines for kind in FIXED for t in templates[kind])
        governments = {t.slug.removeprefix("gov-"): t.lines for t in templates["government"]}
        ranked = sorted(templates["country"], key=lambda t: (-self._library.mentions.get(t.slug, 0), t.slug))
        spent = list(accumulate(t.lines + governments.get(t.slug, 0) for t in ranked))
        return sorted(t.slug for t in ranked[: max(1, bisect_left(spent, room))])

    def _shuffled(self, kind: str) -> list[Template]:
        deck = list(self._library.templates[kind])
        self.random("deck", kind).shuffle(deck)
        return deck

    def _sized(self, room: int) -> dict[str, int]:
        """How many of each kind, in the real proportions; the number of resources makes up for what is left."""
        factor = room / sum(t.lines for deck in self._decks.values() for t in deck)
        counts = {kind: max(1, round(factor * len(deck))) for kind, deck in self._decks.items()}
        left = room - sum(_lines(deck, counts[kind]) for kind, deck in self._decks.items())
        deck = self._decks[SCALED[0]]
        mean = sum(t.lines for t in deck) / len(deck)
        counts[SCALED[0]] = max(1, counts[SCALED[0]] + round(left / mean))
        return counts


class Record:
    """One repetition of a template: its slots are filled once each."""

    def __init__(self, plan: Plan, template: Template, number: int) -> None:
        self._plan, self._template, self._number = plan, template, number
        self._random = plan.random(template.kind, number or template.slug)
        self._taken: dict[str, set[str]] = {kind: set() for kind in (*SCALED, "country", "government")}
        self._texts: set[str] = set()
        self._dates: dict[str, str] = {}

    def lines(self) -> str:
        """The record as N-Quads with a BORDER."""
        values = [_FILL[slot.role](self, slot) for slot in self._template.slots]
        pieces = self._template.pieces
        filled = (pieces[place] + values[hole] for place, hole in enumerate(self._template.holes))
        return "".join(filled) + pieces[-1]

    def own(self, _: Slot) -> str:
        return slug(self._number)

    def reference(self, slot: Slot) -> str:
        return self._plan.other(self._random, slot.detail, slot.value, self._taken[slot.detail])

    def country(self, slot: Slot) -> str:
        return self._plan.country(slot.value, self._taken["country"])

    def government(self, slot: Slot) -> str:
        return self._plan.government(slot.value, self._taken["government"])

    def text(self, slot: Slot) -> str:
        text = self._plan.text(self._random, slot, self._template, self._number)
        while text in self._texts:
            text += self._plan.word(self._random, slot)
        self._texts.add(text)
        return text

    def date(self, slot: Slot) -> str:
        if slot.value not in self._dates:
            self._dates[slot.value] = _varied(self._random, slot.value)
        text = self._dates[slot.value]
        if not slot.detail:
            return text
        day = parse(text).earliest if slot.detail == "earliest" else parse(text).latest
        return day.isoformat() if day else ""

    def figure(self, slot: Slot) -> str:
        varied = Decimal(slot.value) * self._random.randint(50, 100) / 100
        whole = varied.quantize(Decimal(1)) if abs(varied) >= 10 else varied.quantize(Decimal("0.1"))
        return format(whole.normalize(), "f")

    def isbn(self, slot: Slot) -> str:
        return (isbn10 if slot.detail == "isbn10" else isbn13)(self._number)


_FILL: Mapping[Role, Callable[[Record, Slot], str]] = {
    Role.SELF: Record.own,
    Role.REFERENCE: Record.reference,
    Role.COUNTRY: Record.country,
    Role.GOVERNMENT: Record.government,
    Role.TEXT: Record.text,
    Role.DATE: Record.date,
    Role.NUMBER: Record.figure,
    Role.ISBN: Record.isbn,
}
_SHORT = frozenset({"name", "familyName", "givenName", "acronym"})


def _writing(path: Path) -> TextIO:
    return path.open("w", encoding="utf-8", newline="\n", buffering=1 << 20)


def _lines(deck: Sequence[Template], count: int) -> int:
    rounds, rest = divmod(count, len(deck))
    return rounds * sum(t.lines for t in deck) + sum(t.lines for t in deck[:rest])


def _standing_for(real: str, kept: Sequence[str], taken: set[str]) -> str:
    place = kept.index(real) if real in kept else sum(map(ord, real)) % len(kept)
    while kept[place] in taken and len(taken) < len(kept):
        place = (place + 1) % len(kept)
    taken.add(kept[place])
    return kept[place]


def _varied(random: Random, text: str) -> str:
    """Another date of the same precision in the same year; years, seasons and intervals stay."""
    kind = precision(text)
    if not kind or int(text[:4]) > _LATEST_YEAR:
        return text
    month = f"{text[:4]}-{random.randint(1, 12):02}"
    return month if kind == "month" else f"{month}-{random.randint(1, 28):02}"


def _json(manifest: Manifest) -> str:
    fields = {name: getattr(manifest, name) for name in Manifest.__slots__}
    return json.dumps(fields, ensure_ascii=False, indent=1) + "\n"
