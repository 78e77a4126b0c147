"""Advice: for a value that is in no list, the entries that may have been meant."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from escrgraph.validation.report import Finding, Report
from escrgraph.validation.sentences import EITHER, SUGGESTED
from escrgraph.vocabulary.fields import Field
from escrgraph.vocabulary.iris import Base
from escrgraph.vocabulary.kinds import Kind, Kinds
from escrgraph.vocabulary.languages import LANGUAGES
from escrgraph.vocabulary.lexicon import Lexicon

LexiconOf = Callable[[Field], Lexicon | None]
"""The names of the entries that a field may have; None where it takes others."""

MOST = 3

_UNKNOWN = frozenset({"NodeKind", "Class", "In", "Pattern", "dangling"})


def advised(report: Report, kinds: Kinds, base: Base, lexicon_of: LexiconOf) -> Report:
    """The report with suggestions, in its findings and in their sentences."""
    found = tuple(_advised(finding, kinds, base, lexicon_of) for finding in report.findings)
    return replace(report, findings=found)


def _advised(finding: Finding, kinds: Kinds, base: Base, lexicon_of: LexiconOf) -> Finding:
    if finding.constraint not in _UNKNOWN or not finding.value or finding.path is None:
        return finding
    field = _field(finding, kinds, base)
    lexicon = lexicon_of(field) if field else None
    if lexicon is None:
        return finding
    written = finding.value.removeprefix(base.iri + "id/")
    iris = tuple(lexicon.nearest(written.rpartition("/")[2] if "/" in written else written, MOST))
    if not iris:
        return finding
    messages = {
        language: finding.messages[language]
        + SUGGESTED[language].format(
            names=EITHER[language].join(f"“{lexicon.label(iri, language).text}”" for iri in iris[:2])
        )
        for language in LANGUAGES
    }
    return replace(finding, suggestions=iris, messages=messages)


def _field(finding: Finding, kinds: Kinds, base: Base) -> Field | None:
    """The field of the record's own kind, or of one that lives in it."""
    record = base.record_of(finding.node)
    own = kinds.by_type.get(record.partition("/")[0]) if record else None
    if own is None or finding.path is None:
        return None
    candidates: list[Kind] = [kind for kind in kinds.values() if kind.part_of == own.name]
    candidates = [*candidates, own] if base.record_iri(record or "") != finding.node else [own, *candidates]
    return next((field for kind in candidates if (field := kind.field(finding.path))), None)
