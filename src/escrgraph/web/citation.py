"""References in the forms that reference managers and people read: BibTeX, RIS, CSL-JSON (CSL 1.0.2), plain text."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from urllib.parse import quote

from escrgraph.vocabulary.edtf import BadDate, parse

MEDIA_TYPES: Mapping[str, str] = MappingProxyType(
    {
        "bib": "application/x-bibtex",
        "ris": "application/x-research-info-systems",
        "json": "application/vnd.citationstyles.csl+json",
        "txt": "text/plain",
    }
)
"""The forms of a reference by the ending of its address, with their media types."""

ENTRY = "entry"
"""The CSL type of an entry of this library, which is cited as such and not as a work."""

_BIBTEX = {
    "article-journal": "article", "book": "book", "chapter": "incollection", "report": "techreport",
    "thesis": "phdthesis",
}  # fmt: skip
_RIS = {
    "article-journal": "JOUR", "book": "BOOK", "chapter": "CHAP", "report": "RPRT", "thesis": "THES", "dataset": "DATA",
    "motion_picture": "VIDEO", "post-weblog": "BLOG", "webpage": "ELEC", "standard": "STAND", "document": "GEN",
    "entry": "ELEC",
}  # fmt: skip
_TEX = {
    "\\": r"\textbackslash{}", "{": r"\textbraceleft{}", "}": r"\textbraceright{}", "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}", **{sign: "\\" + sign for sign in "&%$#_"},
}  # fmt: skip
_YEAR = re.compile(r"(\d{4})(?:-(0[1-9]|1[0-2])(?:-(\d\d))?)?[?~%]?")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


@dataclass(frozen=True, slots=True)
class Name:
    """Who made something: a person by family and given name, or anybody by `literal` alone."""

    literal: str
    family: str = ""
    given: str = ""


@dataclass(frozen=True, slots=True)
class Words:
    """What plain text says in the language of the reader. version: with {0} for the version."""

    undated: str
    version: str


@dataclass(frozen=True, slots=True)
class Reference:
    """A work, or an entry of this library, as it is cited.

    key: the record. kind: a type of CSL. issued: an EDTF date or "". version: of the library, for its own entries.
    """

    key: str
    kind: str
    title: str
    language: str = ""
    creators: tuple[Name, ...] = ()
    container: str = ""
    publisher: str = ""
    issued: str = ""
    doi: str = ""
    isbn: str = ""
    number: str = ""
    url: str = ""
    version: str = ""

    @property
    def year(self) -> str:
        """The year of issue; "" where it is not known to the year."""
        found = _YEAR.match(self.issued)
        return found[1] if found else ""


def write(reference: Reference, ending: str, words: Words) -> str:
    """A reference in the form of an ending. Raises KeyError for an ending that is none of MEDIA_TYPES."""
    if ending == "txt":
        return plain(reference, words) + "\n"
    return {"bib": bibtex, "ris": ris, "json": csl_json}[ending](reference)


def bibtex(reference: Reference) -> str:
    """The reference as a BibTeX entry in UTF-8. No value can end its field: braces become commands."""
    kind = _BIBTEX.get(reference.kind, "misc")
    if kind == "phdthesis" and not reference.publisher:
        kind = "misc"
    container = {"article": "journal", "incollection": "booktitle"}.get(kind, "howpublished")
    publisher = {"techreport": "institution", "phdthesis": "school"}.get(kind, "publisher")
    found = _YEAR.fullmatch(reference.issued)
    fields = {
        "author": " and ".join(_tex_name(name) for name in reference.creators),
        "title": _tex(reference.title),
        container: _tex(reference.container),
        publisher: _tex(reference.publisher),
        "year": reference.year,
        "month": _MONTHS[int(found[2]) - 1] if found and found[2] else "",
        "number": _tex(reference.number),
        "isbn": _tex(reference.isbn),
        "doi": _verbatim(reference.doi),
        "url": _verbatim(reference.url),
        "version": _tex(reference.version),
        "langid": _tex(reference.language),
    }
    lines = [f"  {name} = {{{value}}}," for name, value in fields.items() if value]
    key = re.sub(r"[^A-Za-z0-9-]+", "-", reference.key)
    return "\n".join([f"@{kind}{{{key},", *lines, "}", ""])


def ris(reference: Reference) -> str:
    """The reference as RIS, one value a line; line breaks in values become spaces."""
    found = _YEAR.fullmatch(reference.issued)
    date = "/".join(part or "" for part in found.groups()) + "/" if found else ""
    in_container = "T2" if reference.kind in {"article-journal", "chapter"} else "C1"
    pairs: list[tuple[str, str]] = [
        ("TY", _RIS.get(reference.kind, "GEN")),
        *(("AU", f"{n.family}, {n.given}" if n.family and n.given else n.literal) for n in reference.creators),
        ("TI", reference.title),
        (in_container, reference.container),
        ("PB", reference.publisher),
        ("PY", reference.year),
        ("DA", date if date.strip("/") and found and found[2] else ""),
        ("M1", reference.number),
        ("SN", reference.isbn),
        ("DO", reference.doi),
        ("UR", reference.url),
        ("ET", reference.version),
        ("LA", reference.language),
        ("ID", reference.key),
    ]
    lines = [f"{tag}  - {' '.join(value.split())}" for tag, value in pairs if value.strip()]
    return "\n".join([*lines, "ER  - ", ""])


def csl_json(reference: Reference) -> str:
    """The reference as a CSL-JSON array of one item."""
    item: dict[str, object] = {"id": reference.key, "type": reference.kind, "title": reference.title}
    if reference.creators:
        item["author"] = [
            {"family": name.family, "given": name.given} if name.family and name.given else {"literal": name.literal}
            for name in reference.creators
        ]
    plain_values = {
        "container-title": reference.container, "publisher": reference.publisher, "DOI": reference.doi,
        "ISBN": reference.isbn, "number": reference.number, "URL": reference.url, "version": reference.version,
        "language": reference.language,
    }  # fmt: skip
    item |= {name: value for name, value in plain_values.items() if value}
    if reference.issued:
        item["issued"] = _csl_date(reference.issued)
    return json.dumps([item], ensure_ascii=False, indent=2) + "\n"


def plain(reference: Reference, words: Words) -> str:
    """The reference as a sentence: who (when). What. Where."""
    who = "; ".join(name.literal for name in reference.creators)
    when = f"({reference.year or reference.issued or words.undated})"
    where = [reference.container, reference.publisher, reference.number]
    parts = [f"{who} {when}".strip() if who else "", reference.title, "" if who else when]
    said = [" ".join(part.split()) for part in (*parts[:2], *dict.fromkeys(where)) if part and part != who]
    if not who and parts[2]:
        said[0] = f"{said[0]} {parts[2]}"
    if reference.version:
        said.append(words.version.format(reference.version))
    text = " ".join(part if part[-1] in ".!?؟…" else part + "." for part in said)
    lead = f"https://doi.org/{reference.doi}" if reference.doi else reference.url
    return f"{text} {lead}".strip()


def _csl_date(text: str) -> dict[str, object]:
    ends = text.split("/")
    parts = [_date_parts(end) for end in ends]
    try:
        circa = parse(text).approximate or parse(text).uncertain
    except BadDate:
        circa = False
    if not all(parts):
        return {"literal": text}
    return {"date-parts": parts} | ({"circa": True} if circa else {})


def _date_parts(text: str) -> list[int]:
    found = _YEAR.fullmatch(text)
    return [int(part) for part in found.groups() if part] if found else []


def _tex_name(name: Name) -> str:
    if name.family and name.given:
        return f"{_tex_word(name.family)}, {_tex_word(name.given)}"
    return f"{{{_tex(name.literal)}}}"


def _tex_word(text: str) -> str:
    """A part of a name; in braces where a comma or “and” would be read as the end of the name."""
    escaped = _tex(text)
    return f"{{{escaped}}}" if re.search(r",|\band\b", text) else escaped


def _tex(text: str) -> str:
    return "".join(_TEX.get(character, character) for character in " ".join(text.split()))


def _verbatim(text: str) -> str:
    """An address or identifier, which BibTeX styles print as it is: what would end the field is percent-encoded."""
    return "".join(quote(character) if character in '{}\\ "\n\r\t' else character for character in text.strip())
