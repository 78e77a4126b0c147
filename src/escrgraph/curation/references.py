"""References: BibTeX and RIS files as answers to the form of a resource."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

import rispy  # type: ignore[import-untyped]
from bibtexparser.entrypoint import parse_string
from bibtexparser.middlewares import LatexDecodingMiddleware, SeparateCoAuthors

from escrgraph.curation.answers import Answers, Text
from escrgraph.curation.forms import Form
from escrgraph.curation.tables import MOST_CHARACTERS, MOST_ROWS, Row, Table
from escrgraph.repository.errors import Malformed, TooLarge
from escrgraph.vocabulary.languages import LANGUAGES
from escrgraph.vocabulary.namespaces import DCTERMS, PREFIXES

MOST_BYTES = 5_000_000

_TITLE, _ISSUED, _TYPE = DCTERMS + "title", DCTERMS + "issued", DCTERMS + "type"
_CREATOR, _PUBLISHER, _JOURNAL = DCTERMS + "creator", DCTERMS + "publisher", DCTERMS + "isPartOf"
_ABSTRACT, _LANGUAGE, _SOURCE = DCTERMS + "abstract", DCTERMS + "language", DCTERMS + "source"
_DOI, _ISBN10, _ISBN13 = (PREFIXES["bibo"] + name for name in ("doi", "isbn10", "isbn13"))
_PAGE = PREFIXES["foaf"] + "page"

_BIBTEX_TYPES = {
    "article": "journal-article", "book": "book", "inbook": "book-chapter", "incollection": "book-chapter",
    "techreport": "report", "report": "report", "manual": "guide", "misc": "web-resource", "online": "web-resource",
    "unpublished": "working-paper",
}  # fmt: skip
_RIS_TYPES = {
    "JOUR": "journal-article", "BOOK": "book", "CHAP": "book-chapter", "RPRT": "report", "ELEC": "web-resource",
    "UNPB": "working-paper", "DATA": "dataset", "BLOG": "blog-post", "WEB": "web-resource",
}  # fmt: skip
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_BRACES = re.compile(r"(?<!\\)[{}]")
_YEAR = re.compile(r"\d{4}")


def read_bibtex(data: bytes, form: Form, language: str = "en") -> Table:
    """The entries of a BibTeX file. language: of titles, where the file does not say it. Raises Malformed, TooLarge."""
    text = _decoded(data)
    _demand_flat(text)
    layers = [SeparateCoAuthors(), LatexDecodingMiddleware()]
    try:
        library = parse_string(text, append_middleware=layers)
    except (ValueError, RecursionError, IndexError, KeyError) as error:
        raise Malformed(f"This is not BibTeX: {error}.") from None
    if library.failed_blocks:
        first = library.failed_blocks[0]
        line = (first.start_line or 0) + 1
        raise Malformed(
            f"Line {line}: an entry of the BibTeX file cannot be read. Look for a missing brace or comma.", line
        )
    entries = [
        _of_bibtex(entry.entry_type.lower(), {f.key.lower(): f.value for f in entry.fields})
        for entry in library.entries
    ]
    return _table(entries, form, language, "BibTeX")


def read_ris(data: bytes, form: Form, language: str = "en") -> Table:
    """The entries of a RIS file. language: of titles, where the file does not say it. Raises Malformed, TooLarge."""
    text = _decoded(data)
    try:
        entries = rispy.loads(text, skip_unknown_tags=True)
    except (OSError, ValueError, TypeError, KeyError, IndexError, AttributeError) as error:
        raise Malformed(
            f"This is not RIS: {error}. Each line begins with two letters, two spaces and a hyphen."
        ) from None
    return _table([_of_ris(entry) for entry in entries], form, language, "RIS")


def _of_bibtex(kind: str, fields: Mapping[str, object]) -> dict[str, list[str]]:
    def read(*names: str) -> list[str]:
        values = (fields[name] for name in names if fields.get(name))
        return [_plain(str(value)) for value in values][:1]

    authors = fields.get("author") or fields.get("editor") or []
    names = authors if isinstance(authors, list) else str(authors).split(" and ")
    found = {
        _TITLE: read("title"),
        _TYPE: [_BIBTEX_TYPES[kind]] if kind in _BIBTEX_TYPES else [],
        _CREATOR: [_person(_plain(str(name))) for name in names],
        _PUBLISHER: read("publisher", "institution", "organization"),
        _JOURNAL: read("journal", "journaltitle"),
        _ISSUED: _date(read("date", "year"), read("month")),
        _DOI: read("doi"),
        _PAGE: read("url"),
        _ABSTRACT: read("abstract"),
        _LANGUAGE: [tag for tag in (_tongue(value) for value in read("language", "langid")) if tag],
        _SOURCE: read("url"),
    }
    return found | _isbns(read("isbn"))


def _of_ris(entry: Mapping[str, object]) -> dict[str, list[str]]:
    def read(*names: str) -> list[str]:
        values = (entry[name] for name in names if entry.get(name))
        first = next(values, None)
        return [_plain(str(value)) for value in (first if isinstance(first, list) else [first]) if value]

    kind = str(entry.get("type_of_reference", ""))
    dates = read("date", "publication_year", "year")
    found = {
        _TITLE: read("title", "primary_title", "translated_title")[:1],
        _TYPE: [_RIS_TYPES[kind]] if kind in _RIS_TYPES else [],
        _CREATOR: [_person(name) for name in read("authors", "first_authors", "secondary_authors")],
        _PUBLISHER: read("publisher"),
        _JOURNAL: read("journal_name", "secondary_title") if kind == "JOUR" else [],
        _ISSUED: _date([re.sub(r"/", "-", value).strip("-") for value in dates[:1]], []),
        _DOI: read("doi"),
        _PAGE: read("urls", "url", "link1")[:1],
        _ABSTRACT: read("abstract", "notes_abstract")[:1],
        _LANGUAGE: [tag for tag in (_tongue(value) for value in read("language")) if tag],
        _SOURCE: read("urls", "url", "link1")[:1],
    }
    return found | _isbns(read("issn", "isbn") if kind != "JOUR" else [])


def _table(entries: Iterable[Mapping[str, list[str]]], form: Form, language: str, name: str) -> Table:
    rows = []
    for number, entry in enumerate(entries, 1):
        if number > MOST_ROWS:
            raise TooLarge(f"The file has more than {MOST_ROWS:,} entries. Send it in parts.")
        rows.append(_row(number, entry, form, language))
    if not rows:
        raise Malformed(f"There is no entry in this {name} file.")
    header = tuple(dict.fromkeys(column for row in rows for column in row.columns.values()))
    return Table(header, tuple(_aligned(row, header) for row in rows), ())


def _row(number: int, entry: Mapping[str, list[str]], form: Form, language: str) -> Row:
    answers, columns = Answers(), dict[str, str]()
    said = next(iter(entry.get(_LANGUAGE, ())), language)
    for path, values in entry.items():
        question = form.asks(path)
        kept = [value[:MOST_CHARACTERS] for value in values if value]
        if question is None or not kept:
            continue
        tag = (said if path == _TITLE else language) if question.localized else ""
        answers.texts[question.key] = [Text(value, tag) for value in kept]
        column = f"{question.key}@{tag}" if tag else question.key
        columns |= {f"{question.key}.{place}": column for place in range(1, len(kept) + 1)}
        columns[question.key] = column
    return Row(number, (), answers, columns)


def _aligned(row: Row, header: tuple[str, ...]) -> Row:
    """The row with its values as the cells of a table with that header, so that it can be given back."""
    cells = dict.fromkeys(header, "")
    for key, texts in row.answers.texts.items():
        cells[row.columns[key]] = "; ".join(text.text.replace(";", "\\;") for text in texts)
    return Row(row.number, tuple(cells.values()), row.answers, row.columns)


def _decoded(data: bytes) -> str:
    if len(data) > MOST_BYTES:
        raise TooLarge(f"The file has more than {MOST_BYTES:,} bytes. Send it in parts.")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise Malformed(f"Line {line} is not UTF-8 text. Save the file with the encoding UTF-8.", line) from None


def _demand_flat(text: str) -> None:
    depth = deepest = 0
    for brace in _BRACES.findall(text):
        depth = max(depth + (1 if brace == "{" else -1), 0)
        deepest = max(deepest, depth)
    if deepest > 40:
        raise TooLarge("The BibTeX file nests braces deeper than 40 levels.")


def _plain(text: str) -> str:
    return " ".join(_BRACES.sub("", text).split())


def _person(name: str) -> str:
    """A name as the library has it: "Doe, Jane" is "Jane Doe"."""
    family, comma, given = name.partition(",")
    return f"{given.strip()} {family.strip()}".strip() if comma else name


def _date(years: list[str], months: list[str]) -> list[str]:
    if not years:
        return []
    if not _YEAR.fullmatch(years[0]) or not months:
        return years[:1]
    month = months[0].lower()
    number = _MONTHS.index(month[:3]) + 1 if month[:3] in _MONTHS else int(month) if month.isdecimal() else 0
    return [f"{years[0]}-{number:02}"] if 1 <= number <= 12 else years[:1]


def _isbns(values: list[str]) -> dict[str, list[str]]:
    bare = [re.sub(r"[^0-9Xx]", "", value).upper() for value in values]
    return {_ISBN10: [v for v in bare if len(v) == 10], _ISBN13: [v for v in bare if len(v) == 13]}


def _tongue(text: str) -> str | None:
    names = {"english": "en", "spanish": "es", "french": "fr", "arabic": "ar", "portuguese": "pt", "german": "de"}
    short = text.strip().lower()
    return names.get(short) or (short[:2] if short[:2] in (*LANGUAGES, "pt", "de") and len(short) in {2, 5} else None)
