"""The method finder: which method for which right, country, figure and duty, and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask import Blueprint, Response, request
from pyoxigraph import Literal, NamedNode

from escrgraph.repository.readers import Term
from escrgraph.vocabulary.iris import is_slug
from escrgraph.vocabulary.labels import choose_label
from escrgraph.vocabulary.namespaces import ESCR, SKOS
from escrgraph.web.context import here
from escrgraph.web.describing import HTML, LANG, Parameter, described
from escrgraph.web.entity import Value
from escrgraph.web.letters import letter_key
from escrgraph.web.names import Names, names_in, short
from escrgraph.web.page_queries import Solution, ask, labels_in, page_query, text
from escrgraph.web.pages import kept, language, page
from escrgraph.web.problems import Refusal

blueprint = Blueprint("method_finder", __name__)

ASKED = {"right": "onRight", "country": "inCountry", "indicator": "withIndicator", "obligation": "onDuty"}
"""What a method can be looked for by, and the count that the query gives for it."""

_LABEL, _DEFINITION, _SUITS = SKOS + "prefLabel", SKOS + "definition", ESCR + "suits"


@dataclass(frozen=True, slots=True)
class Found:
    """A method, and why it may fit.

    together: findings and resources that name it and have all that was asked for; counts: those that have one of it, by
    what was asked; all: those that name it at all. suits: the duties it is said to suit, of which `fits` are asked for.
    """

    method: Value
    definition: Value | None
    together: int
    counts: Mapping[str, int]
    all: int
    suits: tuple[Value, ...]
    fits: bool
    explained: tuple[Value, ...]

    @property
    def whole(self) -> bool:
        """Whether it fits all that was asked for, or is said to suit the duty."""
        return self.together > 0 or self.fits

    @property
    def rank(self) -> tuple[int, int, int, int, int, str]:
        """Best first: all that was asked for at once, then as much of it as can be, then how much it is used."""
        met = sum(count > 0 for count in self.counts.values())
        return (-self.together, -self.fits, -met, -sum(self.counts.values()), -self.all, self.method.text.casefold())


@blueprint.get("/methods")
@described(
    "Pages",
    HTML,
    parameters=(*(Parameter(name, f"Record of the {name}, as {name}/slug.") for name in ASKED), LANG),
)
def methods() -> Response:
    """A form, and the methods that fit what it asks for. `?right=`, `?country=`, `?indicator=`, `?obligation=`."""
    service = here().service
    chosen = {name: _chosen(name) for name in ASKED}
    early = kept(service.pages.generation())
    if early is not None:
        return early
    parameters: dict[str, Term] = {
        name: NamedNode(service.base.record_iri(record or f"scheme/{name}")) for name, record in chosen.items()
    }
    uses = page_query(service, "method-uses", parameters)
    others = [page_query(service, name) for name in ("methods", "explaining")]
    asked = ask(service, [uses, *others, page_query(service, "method-choices", {"language": Literal(language())})])
    picked = {name: record for name, record in chosen.items() if record}
    found = _found(asked.solutions(0), asked.solutions(1), asked.solutions(2), picked)
    return page(
        "methods.html",
        asked.generation,
        chosen=chosen,
        picked=picked,
        choices=_choices(asked.solutions(3)),
        found=[method for method in found if method.whole or not picked],
        partly=[method for method in found if picked and not method.whole and any(method.counts.values())],
        query=uses,
    )


def _chosen(name: str) -> str:
    """The record that a parameter names, "" for none. Raises Refusal."""
    value = request.args.get(name, "")
    slug = value.removeprefix(f"{name}/")
    if value and not is_slug(slug):
        raise Refusal(400, "Malformed", f"“{value}” is no {name}. Write it as {name}/slug, or choose one in the form.")
    return f"{name}/{slug}" if value else ""


def _choices(rows: Sequence[Solution]) -> dict[str, list[tuple[str, Value]]]:
    """What can be chosen, by the name of the parameter, in the order of names."""
    names = names_in(rows, "concept")
    choices: dict[str, dict[str, Value]] = {name: {} for name in ASKED}
    for row in rows:
        name = text(row, "class").removeprefix(ESCR).lower()
        choices[name][short(text(row, "concept"))] = names.of(text(row, "concept"))
    return {
        name: sorted(found.items(), key=lambda item: letter_key(item[1].text, language()))
        for name, found in choices.items()
    }


def _found(
    uses: Sequence[Solution], described: Sequence[Solution], explaining: Sequence[Solution], picked: Mapping[str, str]
) -> list[Found]:
    """Every method with why it may fit, best first."""
    counted = {text(row, "method"): row for row in uses}
    named = [row for row in described if text(row, "property") == _LABEL]
    pairs = [*labels_in(named, "method", "value"), *labels_in(described, "value"), *labels_in(explaining, "resource")]
    name = Names(pairs).of
    found = []
    for method in dict.fromkeys(text(row, "method") for row in described):
        numbers = counted.get(method, {})
        suits = _values(described, method, _SUITS)
        found.append(
            Found(
                method=name(method),
                definition=_definition(_values(described, method, _DEFINITION)),
                together=_number(numbers, "together"),
                counts={asked: _number(numbers, ASKED[asked]) for asked in picked},
                all=_number(numbers, "all"),
                suits=tuple(name(duty.value) for duty in suits),
                fits=picked.get("obligation") in {short(duty.value) for duty in suits},
                explained=tuple(name(iri) for iri in _explaining(explaining, method)),
            )
        )
    return sorted(found, key=lambda method: method.rank)


def _values(rows: Sequence[Solution], method: str, path: str) -> list[NamedNode | Literal]:
    found = [row["value"] for row in rows if (text(row, "method"), text(row, "property")) == (method, path)]
    return list(dict.fromkeys(found))


def _definition(values: Sequence[NamedNode | Literal]) -> Value | None:
    label = choose_label([value for value in values if isinstance(value, Literal)], language())
    return Value(label.text, label.language, label.fallback) if label else None


def _explaining(rows: Sequence[Solution], method: str) -> list[str]:
    return list(dict.fromkeys(text(row, "resource") for row in rows if text(row, "method") == method))


def _number(row: Solution, name: str) -> int:
    return int(text(row, name) or 0)
