"""Queries that strangers send to bring a service down, by class; sizes are those of real attempts."""

from __future__ import annotations

SIZE = 20_000

ANY = "?s ?p ?o"
PATH = "<https://example.org/next>"


def _nested(opening: str, innermost: str, closing: str) -> str:
    return opening * SIZE + innermost + closing * SIZE


def _chained(term: str, joint: str) -> str:
    return joint.join([term] * SIZE)


DEEP = {
    "parentheses": f"SELECT * {{ {ANY} FILTER({_nested('(', 'true', ')')}) }}",
    "groups": f"SELECT * {_nested('{', ANY, '}')}",
    "groups never closed": f"SELECT * {'{' * SIZE}",
    "OPTIONAL": f"SELECT * {{ {ANY} {_nested('OPTIONAL { ?s ?p ?o ', '', '} ')} }}",
    "UNION": f"SELECT * {{ {_nested('{ {?s ?p ?o} UNION ', '{?s ?p ?o}', ' }')} }}",
    "MINUS": f"SELECT * {{ {ANY} {_nested('MINUS { ?s ?p ?o ', '', '} ')} }}",
    "EXISTS": f"SELECT * {{ {ANY} {_nested('FILTER EXISTS { ?s ?p ?o ', '', '} ')} }}",
    "sub-selects": f"SELECT * {_nested('{ SELECT * ', '{?s ?p ?o}', '}')}",
    "paths": f"SELECT * {{ ?s {_nested('(', PATH, ')*')} ?o }}",
    "inverse paths": f"SELECT * {{ ?s {_nested('^(', PATH, ')')} ?o }}",
    "property lists": f"SELECT * {{ ?s {PATH} {_nested(f'[ {PATH} ', '1', ' ]')} }}",
    "collections": f"SELECT * {{ ?s {PATH} {_nested('( ', '1', ' )')} }}",
    "triple terms": f"SELECT * {{ ?s ?p {_nested('<<( ?s ?p ', '?o', ' )>>')} }}",
    "functions": f"SELECT ({_nested('STR(', '1', ')')} AS ?x) {{}}",
    "negations": f"SELECT * {{ {ANY} FILTER({'!' * SIZE}true) }} LIMIT 1",
    "minus signs": f"SELECT ({'- ' * SIZE}1 AS ?x) {{}}",
}

FLAT = {
    "||": f"SELECT * {{ {ANY} FILTER({_chained('?s = ?o', ' || ')}) }}",
    "&&": f"SELECT * {{ {ANY} FILTER({_chained('?s = ?o', ' && ')}) }}",
    "+": f"SELECT ({_chained('1', ' + ')} AS ?x) {{}}",
    "VALUES": f"SELECT * {{ VALUES ?x {{ {' '.join(map(str, range(SIZE)))} }} }}",
    "UNION": f"SELECT * {{ {_chained('{ ?s ?p ?o }', ' UNION ')} }} LIMIT 1",
    "IN": f"SELECT * {{ {ANY} FILTER(?o IN ({', '.join(map(str, range(SIZE)))})) }}",
    "path sequence": f"SELECT * {{ ?s {_chained(PATH, '/')} ?o }}",
    "path alternatives": f"SELECT * {{ ?s {_chained(PATH, '|')} ?o }}",
    "CONCAT": f"SELECT (CONCAT({_chained(chr(34) + 'a' + chr(34), ', ')}) AS ?x) {{}}",
    "triple patterns": f"SELECT * {{ {' . '.join(f'?s{n} ?p ?s{n + 1}' for n in range(SIZE))} }} LIMIT 1",
    "OPTIONALs": f"SELECT * {{ {ANY} {'OPTIONAL { ?s ?p ?o } ' * SIZE} }} LIMIT 1",
    "FILTERs": f"SELECT * {{ {ANY} {'FILTER(?s = ?o) ' * SIZE} }} LIMIT 1",
    "BINDs": f"SELECT * {{ {ANY} {' '.join(f'BIND(1 AS ?b{n})' for n in range(SIZE))} }} LIMIT 1",
}

_CROSS = "?a ?b ?c . ?d ?e ?f . ?g ?h ?i"

GREEDY = {
    "GROUP_CONCAT of a cross product": f"SELECT (GROUP_CONCAT(?c) AS ?x) {{ {_CROSS} }}",
    "ORDER BY of a cross product": f"SELECT * {{ {_CROSS} }} ORDER BY ?c ?f ?i",
    "DISTINCT of a cross product": f"SELECT DISTINCT ?a ?c ?d ?f ?g ?i {{ {_CROSS} }}",
    "GROUP BY of a cross product": f"SELECT ?a ?d ?g (COUNT(*) AS ?n) {{ {_CROSS} }} GROUP BY ?a ?d ?g",
    "CONSTRUCT of a cross product": f"CONSTRUCT {{ ?a ?e ?i . ?d ?h ?c . ?g ?b ?f }} {{ {_CROSS} }}",
    "strings doubled by BIND": 'SELECT (STRLEN(?x40) AS ?n) { BIND("aaaaaaaaaa" AS ?x0) '
    + " ".join(f"BIND(CONCAT(?x{n}, ?x{n}) AS ?x{n + 1})" for n in range(40))
    + " }",
    "strings grown by REPLACE": f'SELECT (REPLACE(REPLACE(REPLACE("{"a" * 1000}", "a", "{"b" * 1000}"), "b", '
    f'"{"c" * 1000}"), "c", "dddd") AS ?x) {{}}',
}
"""What takes memory, or time, without end; how many rows it gives before depends."""

_EVERYWHERE = "(<urn:none>|!<urn:none>)*"

ENDLESS = {
    "cross product of everything": f"SELECT (COUNT(*) AS ?n) {{ {_CROSS} . ?j ?k ?l }}",
    "path over everything": f"SELECT (COUNT(*) AS ?n) {{ ?a {_EVERYWHERE} ?b . ?c {_EVERYWHERE} ?d . ?e ?f ?g }}",
}
