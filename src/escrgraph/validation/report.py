"""The report of a check: findings in sentences, for a person, a program, or as a SHACL validation report."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from functools import cached_property
from itertools import groupby
from typing import Any

from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat, Triple, serialize

from escrgraph.validation.messages import Wording, merged
from escrgraph.validation.results import SEVERITIES, Result
from escrgraph.vocabulary.facts import Object, term
from escrgraph.vocabulary.iris import Base
from escrgraph.vocabulary.languages import LANGUAGES
from escrgraph.vocabulary.namespaces import PREFIXES, SH, SHAPE, XSD

_WORDS = {
    "en": {"Violation": "must change", "Warning": "please check", "Info": "could be better"},
    "es": {"Violation": "debe cambiar", "Warning": "conviene revisar", "Info": "puede mejorar"},
    "fr": {"Violation": "à corriger", "Warning": "à vérifier", "Info": "à améliorer"},
    "ar": {"Violation": "يجب تغييره", "Warning": "يرجى التحقق", "Info": "يمكن تحسينه"},
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to change. record: "type/slug", None outside the library. node: the IRI that is meant.

    field, messages: by language. path: the property's IRI, None when the entry itself is meant. value: as shown.
    severity: "Violation" (refused), "Warning" or "Info". constraint: which kind of demand. shape: its IRI.
    suggestions: IRIs of entries that may have been meant, best first.
    """

    record: str | None
    node: str
    field: dict[str, str]
    path: str | None
    value: str | None
    severity: str
    messages: dict[str, str]
    constraint: str
    shape: str | None
    suggestions: tuple[str, ...] = ()


@dataclass(frozen=True)
class Report:
    """What a check found. shapes: the version of the shapes. records: how many records were checked.

    Only violations make it fail; warnings and hints never do.
    """

    findings: tuple[Finding, ...]
    results: tuple[Result, ...]
    shapes: str
    records: int

    @property
    def conforms(self) -> bool:
        """Whether nothing has to change."""
        return self.counts["Violation"] == 0

    @cached_property
    def counts(self) -> dict[str, int]:
        """The number of findings by severity."""
        return {severity: sum(finding.severity == severity for finding in self.findings) for severity in SEVERITIES}

    def to_text(self, language: str = "en") -> str:
        """Sentences under the record they are about, the gravest first."""
        lines: list[str] = []
        for record, found in groupby(self.findings, key=lambda finding: finding.record or finding.node):
            lines.append(record)
            lines += [f"  {_WORDS[language][f.severity]}: {f.messages[language]}" for f in found]
        counts = self.counts
        lines.append(
            f"{self.records} records: {counts['Violation']} violations, {counts['Warning']} warnings, "
            f"{counts['Info']} hints (shapes {self.shapes})."
        )
        return "\n".join(lines) + "\n"

    def to_dict(self) -> dict[str, Any]:
        """The report for JSON."""
        return {
            "conforms": self.conforms,
            "records": self.records,
            "counts": self.counts,
            "shapes": self.shapes,
            "findings": [asdict(finding) for finding in self.findings],
        }

    def to_json(self) -> str:
        """The report as JSON text."""
        return json.dumps(self.to_dict(), ensure_ascii=False, indent=2) + "\n"

    def to_turtle(self) -> str:
        """A validation report (SHACL section 3.6) in Turtle, with our sentences as messages."""
        report = BlankNode("report")
        triples = [
            Triple(report, term("rdf:type"), term("sh:ValidationReport")),
            Triple(
                report, term("sh:conforms"), Literal(str(self.conforms).lower(), datatype=NamedNode(XSD + "boolean"))
            ),
            Triple(report, NamedNode(SHAPE + "version"), Literal(self.shapes)),
        ]
        for number, (finding, result) in enumerate(zip(self.findings, self.results, strict=True), 1):
            triples += _result_triples(report, BlankNode(f"result{number}"), finding, result)
        used = {
            prefix: PREFIXES[prefix]
            for prefix in ("escr", "shape", "sh", "xsd", "rdf", "dcterms", "skos", "foaf", "bibo")
        }
        return (serialize(triples, format=RdfFormat.TURTLE, prefixes=used) or b"").decode()


def make_report(results: Iterable[Result], wording: Wording, base: Base, shapes: str, records: int) -> Report:
    """Word results, one finding per field and value, sorted by record and severity."""
    kept = [(_finding(result, wording, base), result) for result in merged(results)]
    kept.sort(
        key=lambda pair: (pair[0].record or "~" + pair[0].node, SEVERITIES.index(pair[0].severity), *_place(pair[0]))
    )
    return Report(tuple(finding for finding, _ in kept), tuple(result for _, result in kept), shapes, records)


def _place(finding: Finding) -> tuple[str, str, str, str]:
    return (finding.node, finding.path or "", finding.value or "", finding.constraint)


def _finding(result: Result, wording: Wording, base: Base) -> Finding:
    return Finding(
        record=base.record_of(result.focus),
        node=result.focus,
        field=wording.field(result),
        path=result.path,
        value=wording.value(result),
        severity=result.severity,
        messages=wording.sentences(result),
        constraint=result.component,
        shape=result.shape if result.shape and ":" in result.shape else None,
    )


def _result_triples(report: BlankNode, node: BlankNode, finding: Finding, result: Result) -> list[Triple]:
    known = result.component[:1].isupper()
    component = NamedNode((SH if known else SHAPE) + result.component + ("ConstraintComponent" if known else ""))
    pairs: list[tuple[str, Object]] = [
        ("rdf:type", term("sh:ValidationResult")),
        ("sh:focusNode", NamedNode(finding.node)),
        ("sh:resultSeverity", NamedNode(SH + finding.severity)),
        ("sh:sourceConstraintComponent", component),
        *(("sh:resultMessage", Literal(finding.messages[language], language=language)) for language in LANGUAGES),
    ]
    if finding.shape:
        pairs.append(("sh:sourceShape", NamedNode(finding.shape)))
    if result.path and "<" not in result.path:
        pairs.append(("sh:resultPath", NamedNode(result.path)))
    if finding.value is not None and result.value is not None:
        long = isinstance(result.value, Literal) and len(result.value.value) > len(finding.value)
        pairs.append(("sh:value", Literal(finding.value) if long else result.value))
    return [Triple(report, term("sh:result"), node), *(Triple(node, term(name), value) for name, value in pairs)]
