"""Tables: a kind's form as a CSV file with a column for each question, and filled-in files read as answers."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from escrgraph.curation.answers import Answers, Text
from escrgraph.curation.forms import Form, Question, Widget
from escrgraph.repository.errors import Malformed, TooLarge
from escrgraph.vocabulary.fields import Field
from escrgraph.vocabulary.languages import LANGUAGES
from escrgraph.vocabulary.lexicon import Lexicon

MOST_ROWS = 5_000
MOST_COLUMNS = 400
MOST_CHARACTERS = 20_000
PLEASE_FIX = "please fix"

SEPARATOR = ";"
"""What stands between several values in a cell."""

_COLUMN = re.compile(r"([A-Za-z][\w-]*(?:\.\d{1,2})?(?:\.[A-Za-z][\w-]*(?:\.\d{1,2})?)*)(?:@([A-Za-z]{2,3}(?:-\w+)*))?")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_VALUES = re.compile(r"(?<!\\);")
_DELIMITERS = ",;\t"


@dataclass(frozen=True, slots=True)
class Column:
    """A column. key: of the question, with those of the parts that hold it; language: of its texts, empty for none."""

    name: str
    key: str
    question: Question
    language: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """A filled-in row. number: its place among the rows, from 1. cells: as sent. columns: key of a value -> name."""

    number: int
    cells: tuple[str, ...]
    answers: Answers
    columns: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Table:
    """A table as it was sent. unknown: columns that are no question of the form; they are left alone."""

    header: tuple[str, ...]
    rows: tuple[Row, ...]
    unknown: tuple[str, ...]


def columns_of(form: Form) -> list[Column]:
    """The columns of the template: texts in each language of the pages, parts as `evidence.title`."""
    return list(_columns(form, "", ""))


def template(form: Form, language: str) -> str:
    """An empty table: the names of the columns, and a line that says in the reader's language what to write."""
    columns = columns_of(form)
    lines = [[column.name for column in columns], [_told(column, language) for column in columns]]
    lines[1][0] = "# " + lines[1][0]
    return written(lines)


def allowed_values(form: Form, lexicon_of: Callable[[Field], Lexicon | None], language: str, most: int = 1_000) -> str:
    """The second sheet: for each column with a list, the values that may stand there, and what they mean."""
    lines = [["column", "value", "label"]]
    for column in columns_of(form):
        lexicon = lexicon_of(column.question.field) if column.question.is_term else None
        if lexicon is not None and len(lexicon) <= most:
            named = sorted((lexicon.label(iri, language).text, iri) for iri in lexicon)
            lines += [[column.name, iri.rpartition("/")[2], label] for label, iri in named]
        lines += [[column.name, getattr(choice, "value", ""), ""] for choice in column.question.field.choices]
    return written(lines)


def read_table(data: bytes, form: Form) -> Table:
    """Read a CSV file; lines that begin with # are left out.

    Raises Malformed, which names the line, and TooLarge.
    """
    text = _decoded(data)
    header, *lines = _lines(text)
    names = [name.strip() for name in header]
    columns = {number: found for number, name in enumerate(names) if (found := _column(name, form))}
    if not columns:
        raise Malformed(
            f"No column of the table is known. The first line names them, such as "
            f"{', '.join(column.name for column in columns_of(form)[:3])}. Begin with the empty table.", 1
        )  # fmt: skip
    kept = [name for name in names if name and name != PLEASE_FIX]
    unknown = tuple(name for number, name in enumerate(names) if number not in columns and name in kept)
    rows = tuple(_row(number, cells, columns) for number, cells in enumerate(lines, 1))
    return Table(tuple(names), rows, unknown)


def corrected(table: Table, notes: Mapping[int, Sequence[str]], only: Iterable[int] | None = None) -> str:
    """The same table with a column that says what to fix. notes: by number of row. only: the rows to give."""
    wanted = set(only) if only is not None else {row.number for row in table.rows}
    places = [number for number, name in enumerate(table.header) if name != PLEASE_FIX]
    lines = [[*(table.header[place] for place in places), PLEASE_FIX]]
    for row in table.rows:
        if row.number in wanted:
            cells = [row.cells[place] if place < len(row.cells) else "" for place in places]
            lines.append([*cells, " ".join(notes.get(row.number, ()))])
    return written(lines)


def written(lines: Iterable[Sequence[str]]) -> str:
    """Lines as CSV that spreadsheets open: no cell is taken for a formula. Begins with a byte-order mark."""
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerows([_harmless(cell) for cell in line] for line in lines)
    return "\ufeff" + out.getvalue()


def _columns(form: Form, prefix: str, name: str) -> Iterator[Column]:
    for question in form.questions:
        key, shown = prefix + question.key, name + question.key
        if question.part is not None:
            yield from _columns(question.part, f"{key}.1.", f"{shown}.")
        elif question.localized:
            plain = [Column(shown, key, question)] if question.language_optional else []
            yield from (*plain, *(Column(f"{shown}@{tag}", key, question, tag) for tag in LANGUAGES))
        else:
            yield Column(shown, key, question)


def _told(column: Column, language: str) -> str:
    label = column.question.label(language).text
    return f"{label} *" if column.question.required else label


def _column(name: str, form: Form) -> Column | None:
    match = _COLUMN.fullmatch(name)
    if match is None:
        return None
    here: Form | None = form
    key: list[str] = []
    steps = re.findall(r"([A-Za-z][\w-]*)(?:\.(\d{1,2}))?", match[1])
    question = None
    for word, number in steps:
        question = here.question(word) if here else None
        if question is None:
            return None
        key.append(f"{word}.{number or 1}" if question.part is not None else word)
        here = question.part
    if question is None or question.part is not None:
        return None
    return Column(name, ".".join(key), question, (match[2] or "").lower())


def _row(number: int, cells: list[str], columns: Mapping[int, Column]) -> Row:
    answers, places = Answers(), {}
    for place, column in columns.items():
        cell = cells[place].strip() if place < len(cells) else ""
        if cell:
            target = _target(answers, column.key)
            texts = target.texts.setdefault(column.question.key, [])
            for value in _values(cell, column.question):
                texts.append(Text(value, column.language))
                places[f"{column.key}.{len(texts)}"] = column.name
        places.setdefault(column.key, column.name)
    return Row(number, tuple(cells), answers, places)


def _target(answers: Answers, key: str) -> Answers:
    for word, number in re.findall(r"([A-Za-z][\w-]*)\.(\d+)\.", key):
        parts = answers.parts.setdefault(word, [])
        while len(parts) < int(number):
            parts.append(Answers())
        answers = parts[int(number) - 1]
    return answers


def _values(cell: str, question: Question) -> list[str]:
    cell = cell[1:] if cell.startswith("'") and cell[1:].startswith(_FORMULA) else cell
    if (
        not question.multiple
        or (question.localized and question.field.unique_language)
        or question.widget is Widget.LINES
    ):
        return [cell]
    return [value.replace("\\;", ";").strip() for value in _VALUES.split(cell) if value.strip()]


def _harmless(cell: str) -> str:
    return "'" + cell if cell.startswith(_FORMULA) else cell


def _decoded(data: bytes) -> str:
    encoding = "utf-16" if data.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise Malformed(f"Line {line} is not UTF-8 text. Save the table as “CSV UTF-8”.", line) from None
    if "\0" in text:
        raise Malformed("This is no table: it holds null characters. Save the sheet as CSV, not as a workbook.", 1)
    return text


def _lines(text: str) -> list[list[str]]:
    first = text.partition("\n")[0]
    delimiter = max(_DELIMITERS, key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    found: list[list[str]] = []
    try:
        for cells in reader:
            if not any(cell.strip() for cell in cells) or cells[0].startswith("#"):
                continue
            _demand_small(cells, reader.line_num)
            found.append(cells)
            if len(found) > MOST_ROWS + 1:
                raise TooLarge(f"The table has more than {MOST_ROWS:,} rows. Send it in parts.")
    except csv.Error as error:
        raise Malformed(f"Line {reader.line_num} of the table cannot be read: {error}.", reader.line_num) from None
    if not found:
        raise Malformed("The table is empty: its first line names the columns.", 1)
    return found


def _demand_small(cells: list[str], line: int) -> None:
    if len(cells) > MOST_COLUMNS:
        raise TooLarge(f"Line {line} of the table has more than {MOST_COLUMNS} columns.")
    if any(len(cell) > MOST_CHARACTERS for cell in cells):
        raise TooLarge(f"Line {line} of the table has a cell of more than {MOST_CHARACTERS:,} characters. Shorten it.")
