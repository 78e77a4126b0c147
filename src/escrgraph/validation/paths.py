"""Property paths of SHACL as SPARQL text (SHACL section 2.3.1)."""

from __future__ import annotations

from pyoxigraph import NamedNode

from escrgraph.vocabulary.facts import Facts, Object, term

REPEATS = {"sh:zeroOrMorePath": "*", "sh:oneOrMorePath": "+", "sh:zeroOrOnePath": "?"}


def path_text(path: Object, facts: Facts) -> str:
    """A path as SPARQL, an IRI in angle brackets. Raises ValueError for what is no path."""
    if isinstance(path, NamedNode):
        return f"<{path.value}>"
    if facts.objects(path, term("rdf:first")):  # a list is a sequence, whatever else is said of it
        return "(" + "/".join(path_text(member, facts) for member in facts.items(path)) + ")"
    if inverse := facts.object(path, term("sh:inversePath")):
        return f"^({path_text(inverse, facts)})"
    if choice := facts.object(path, term("sh:alternativePath")):
        return "(" + "|".join(path_text(member, facts) for member in facts.items(choice)) + ")"
    for name, sign in REPEATS.items():
        if repeated := facts.object(path, term(name)):
            return f"({path_text(repeated, facts)}){sign}"
    raise ValueError(f"{path} is not a property path")
