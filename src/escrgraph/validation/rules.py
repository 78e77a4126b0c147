"""Rules (sh:sparql) by Oxigraph: each is a query that finds the nodes that break it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import cast

from pyoxigraph import Literal, NamedNode, QuerySolution, QuerySolutions, Store, Variable

from escrgraph.validation.results import Result
from escrgraph.validation.shapes import BadShapes, Rule, Target
from escrgraph.vocabulary.facts import Object

TOGETHER = 50
"""Above this number of nodes a rule is asked once for all of them, where that means the same."""

_THIS = Variable("this")
_TEXTS = re.compile(r'"(?:\\.|[^"\\])*"|\'(?:\\.|[^\'\\])*\'|<[^<>\s]*>|#[^\n]*')
_NESTED = re.compile(r"\b(?:UNION|MINUS|SERVICE|VALUES)\b|\{\s*SELECT\b", re.IGNORECASE)
_SIGNS = re.compile(r"[{}()]|[?$]this\b")
_PLACE = re.compile(r"\{[?$](\w+)\}")


def check_rules(store: Store, rules: Iterable[Rule], focus: Callable[[Target], Iterable[str]]) -> list[Result]:
    """Run rules on the default graph of a store for some nodes: `$this` is each of them in turn (SHACL section 5.3).

    focus: gives the nodes of a target that are to be checked.
    """
    found: list[Result] = []
    for rule in rules:
        nodes = list(focus(rule.target))
        if len(nodes) > TOGETHER and _finds_its_nodes(rule.select):
            found += _for_nodes(store, rule, nodes)
        else:
            found += [result for node in nodes for result in _for_node(store, rule, node)]
    return list(dict.fromkeys(found))


def check_rules_whole(store: Store, rules: Iterable[Rule], members: Callable[[Target], Iterable[str]]) -> list[Result]:
    """Run rules once for all nodes, where that means the same; a rule with nested groups runs node by node.

    members: gives every node of a target.
    """
    found: list[Result] = []
    for rule in rules:
        targeted = frozenset(members(rule.target))
        if not _finds_its_nodes(rule.select):
            found += [result for node in sorted(targeted) for result in _for_node(store, rule, node)]
        else:
            for solution in _select(store, rule):
                node = solution["this"]
                if isinstance(node, NamedNode) and node.value in targeted:
                    found.append(_result(rule, node.value, solution))
    return list(dict.fromkeys(found))


def _finds_its_nodes(select: str) -> bool:
    """Whether a rule can run without being told its node: a triple pattern of its outermost group names $this."""
    text = _TEXTS.sub(" ", select)
    if _NESTED.search(text):
        return False
    braces = parentheses = 0
    for sign in _SIGNS.findall(text):
        braces += (sign == "{") - (sign == "}")
        parentheses += (sign == "(") - (sign == ")")
        if sign[0] in "?$" and braces == 1 and parentheses == 0:
            return True
    return False


def _for_nodes(store: Store, rule: Rule, nodes: list[str]) -> Iterator[Result]:
    """The results of a rule that finds its nodes by itself, among some nodes: they are given as a table to join."""
    opening = next(match.start() for match in re.finditer(r"\{", _TEXTS.sub(_blanks, rule.select)))
    table = " ".join(str(NamedNode(node)) for node in nodes)
    # A group of its own: beside a long table as such, Oxigraph goes through the table for each node of a class.
    given = f"{{ SELECT $this WHERE {{ VALUES $this {{ {table} }} }} }}"
    select = f"{rule.select[: opening + 1]} {given} {rule.select[opening + 1 :]}"
    wanted = frozenset(nodes)
    for solution in _select(store, replace(rule, select=select)):
        node = solution["this"]
        if isinstance(node, NamedNode) and node.value in wanted:
            yield _result(rule, node.value, solution)


def _blanks(match: re.Match[str]) -> str:
    return " " * len(match[0])


def _for_node(store: Store, rule: Rule, node: str) -> Iterator[Result]:
    for solution in _select(store, rule, NamedNode(node)):
        yield _result(rule, node, solution)


def _select(store: Store, rule: Rule, node: NamedNode | None = None) -> Iterator[QuerySolution]:
    try:
        found = store.query(rule.select, substitutions=None if node is None else {_THIS: node})
    except (SyntaxError, ValueError, RuntimeError) as error:
        raise BadShapes(f"The rule {rule.node} cannot be run: {error}") from None
    if not isinstance(found, QuerySolutions) or _THIS not in found.variables:
        raise BadShapes(f"The rule {rule.node} is no SELECT with $this.")
    return iter(found)


def _result(rule: Rule, focus: str, solution: QuerySolution) -> Result:
    values = {name: _bound(solution, name) for name in ("value", "path")}
    path = values["path"].value if isinstance(values["path"], NamedNode) else rule.path
    value = values["value"]
    if value is None and rule.path is None:
        value = NamedNode(focus)
    messages = tuple(_filled(message, focus, solution) for message in rule.messages)
    return Result(focus, path, value, "SPARQL", _text(rule.shape), rule.severity, messages)


def _bound(solution: QuerySolution, name: str) -> Object | None:
    try:
        return cast("Object | None", solution[name])
    except KeyError:
        return None


def _filled(message: Literal, focus: str, solution: QuerySolution) -> Literal:
    """The message with its {?variables} replaced by their values, as short as values are shown anywhere."""

    def fill(match: re.Match[str]) -> str:
        value = NamedNode(focus) if match[1] == "this" else _bound(solution, match[1])
        return _text(value)[:200] if value is not None else match[0]

    return Literal(_PLACE.sub(fill, message.value), language=message.language)


def _text(term: Object) -> str:
    return term.value if isinstance(term, NamedNode | Literal) else str(term)
