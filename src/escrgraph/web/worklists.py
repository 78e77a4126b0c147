"""Curators' work lists: what in the library wants looking after, each a query of the gallery."""

from __future__ import annotations

from dataclasses import dataclass

from flask_babel import gettext
from pyoxigraph import NamedNode

from escrgraph.repository.questions import read_question
from escrgraph.repository.readers import Query
from escrgraph.vocabulary import shipped
from escrgraph.web.comparing import Names, value
from escrgraph.web.context import here
from escrgraph.web.entity import Value
from escrgraph.web.page_queries import Asked, Solution
from escrgraph.web.pages import language
from escrgraph.web.problems import Refusal
from escrgraph.web.thing_names import names_of

NAMES = ("chain-gaps", "missing-translations", "thin-sources", "likely-duplicates")
MOST = 200
"""Rows that one list shows."""


@dataclass(frozen=True, slots=True)
class Worklist:
    """A list. more: how many rows are not shown."""

    name: str
    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Value | None, ...], ...]
    more: int


def titles() -> dict[str, str]:
    """The lists by name."""
    return {
        "chain-gaps": gettext("Chains with gaps"),
        "missing-translations": gettext("Missing translations"),
        "thin-sources": gettext("Single sources"),
        "likely-duplicates": gettext("Likely duplicates"),
    }


def read(name: str) -> Worklist:
    """A list as it is now. Raises Refusal (404) for a name that is none."""
    if name not in NAMES:
        raise Refusal(404, "Not found", f"There is no list “{name[:40]}”. Lists: {', '.join(NAMES)}.")
    service = here().service
    question = read_question(shipped.path(f"queries/{name}.rq"))
    answer = service.pages.ask_all([Query(question.text, question.bind())])
    found = Asked(answer.generation, answer).solutions(0)
    columns = tuple(dict.fromkeys(column for row in found for column in row))
    shown = found[:MOST]
    names = names_of([term.value for row in shown for term in row.values() if isinstance(term, NamedNode)])
    cells = tuple(tuple(_cell(row, column, names) for column in columns) for row in shown)
    return Worklist(name, titles()[name], columns, cells, len(found) - len(shown))


def _cell(row: Solution, column: str, names: Names) -> Value | None:
    term = row.get(column)
    return None if term is None else value(term, names, here().service.base, language())
