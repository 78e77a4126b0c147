"""The verdict on a form: what the check found, at the fields where it was found."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from flask_babel import gettext as _

from escrgraph.curation.checking import Checked
from escrgraph.curation.duplicates import Match, Sign, signs_of
from escrgraph.curation.writing import Written
from escrgraph.validation import Finding
from escrgraph.vocabulary.iris import Base
from escrgraph.web.context import here
from escrgraph.web.forms import Note

Notes = Mapping[str, Sequence[Note]]


@dataclass(frozen=True, slots=True)
class Alike:
    """An entry that is like the new one, as the page shows it. sign: why, in words."""

    record: str
    title: str
    sign: str
    relation: str


@dataclass(frozen=True)
class Verdict:
    """What a check found. notes: by key of field or value; elsewhere: about no field of the form; general: sentences.

    alike: what is in the library already.
    """

    notes: Notes
    elsewhere: tuple[Note, ...] = ()
    general: tuple[str, ...] = ()
    alike: tuple[Match, ...] = ()
    checked: Checked | None = field(default=None, repr=False)

    @classmethod
    def of_notes(cls, notes: Notes) -> Verdict:
        """One that no check made."""
        return cls(notes)

    @property
    def grave(self) -> list[tuple[str, Note]]:
        """What must be mended, with the key of its field."""
        return [(key, note) for key, note in self._all() if note.grave]

    @property
    def light(self) -> list[tuple[str, Note]]:
        """What should be looked at."""
        return [(key, note) for key, note in self._all() if not note.grave]

    @property
    def violated(self) -> bool:
        """Whether it must not be sent as it is."""
        return bool(self.grave)

    @property
    def seen(self) -> str:
        """What the box “I have seen this” stands for: this very advice."""
        said = "\n".join(sorted(note.text for _key, note in self.light))
        return hashlib.sha256(said.encode()).hexdigest()[:16]

    def matches(self, relations: Mapping[str, str], language: str) -> list[Alike]:
        """The entries that are alike, with what the person said they are."""
        words = _signs()
        return [
            Alike(m.record, here().reception.title(m.record, language), words[m.sign], relations.get(m.record, ""))
            for m in self.alike
        ]

    def _all(self) -> list[tuple[str, Note]]:
        at_fields = [(key, note) for key, notes in self.notes.items() for note in notes]
        return [*at_fields, *(("", note) for note in self.elsewhere)]


def judged(written: Written, record: str, language: str) -> Verdict:
    """Check what was written as a record ("type/slug")."""
    reception, base = here().reception, here().service.base
    checked = reception.checks.check(written.added, written.removed)
    report = reception.advised(checked.report)
    notes: defaultdict[str, list[Note]] = defaultdict(list)
    elsewhere = []
    for finding in report.findings:
        key = written.place(finding.node, finding.path, finding.value)
        note = _note(finding, language, base)
        if key is None and _is_about(finding, record, base):
            elsewhere.append(note)
        elif key is not None:
            notes[key].append(note)
        elif finding.severity == "Violation":
            elsewhere.append(note)
    alike = reception.duplicates().like(signs_of(record, written.quads, base), but=record)
    return Verdict(dict(notes), tuple(elsewhere), (), tuple(alike), replace(checked, report=report))


def unheard(verdict: Verdict, sentence: str) -> Verdict:
    """The verdict with a sentence more."""
    return replace(verdict, general=(*verdict.general, sentence))


def _note(finding: Finding, language: str, base: Base) -> Note:
    home = base.iri + "id/"
    suggestions = tuple((iri.removeprefix(home), here().reception.name(iri, language)) for iri in finding.suggestions)
    return Note(finding.messages[language], finding.severity == "Violation", suggestions)


def _is_about(finding: Finding, record: str, base: Base) -> bool:
    return base.record_of(finding.node) == record


def _signs() -> dict[Sign, str]:
    return {
        Sign.DOI: _("has the same DOI"),
        Sign.ADDRESS: _("has the same web address"),
        Sign.ISBN: _("has the same ISBN"),
        Sign.UN_SYMBOL: _("has the same UN document symbol"),
        Sign.TITLE: _("has nearly the same title"),
    }
