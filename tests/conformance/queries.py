"""SPARQL 1.1 queries, one or more for each clause, operator, function, aggregate and path form, and their data."""

# ruff: noqa: E501 - a query stays on its line

from __future__ import annotations

PREFIXES = """PREFIX : <http://example.org/>
PREFIX foaf: <http://xmlns.com/foaf/0.1/>
PREFIX rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>
"""

DATA = """@prefix : <http://example.org/> .
@prefix foaf: <http://xmlns.com/foaf/0.1/> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
:alice a foaf:Person ; foaf:name "Alice", "Alicia"@es ; foaf:age 30 ; foaf:knows :bob, :carol ; :height 1.68 .
:bob a foaf:Person ; foaf:name "Bob" ; foaf:age 25 ; foaf:knows :carol ; :nick "Bobby"@en, "بوب"@ar .
:carol a foaf:Person ; foaf:name "Carol" ; foaf:age 41 ; foaf:knows :dave ; foaf:mbox <mailto:carol@example.org> .
:dave a foaf:Person ; foaf:name "Dave" ; foaf:knows :alice ; :born "1980-02-29"^^xsd:date .
:eve a foaf:Agent ; foaf:name "" ; :note "tab\\tnewline\\nquote\\"back\\\\slash, comma" .
foaf:Person rdfs:subClassOf foaf:Agent . foaf:Agent rdfs:subClassOf :Thing .
foaf:knows rdfs:label "knows"@en, "conoce"@es, "يعرف"@ar .
:b1 :price 10 ; :genre :novel ; :title "Derecho a la alimentación"@es .
:b2 :price 20.5 ; :genre :novel ; :title "Right to food"@en-GB .
:b3 :price 3.0e1 ; :genre :essay ; :title "Droit à l’alimentation"@fr .
:b4 :price 7 ; :genre :essay ; :soldOut true .
:b5 :price "unknown" ; :genre :poem ; :soldOut false .
:l :items ( 1 2 3 ) .
:x :p _:a . _:a :q "in blank" .
:t :when "2015-03-31T10:20:30.5Z"^^xsd:dateTime, "2012-01-01T00:00:00-05:00"^^xsd:dateTime ; :took "PT1H30M"^^xsd:dayTimeDuration .
:n :v "NaN"^^xsd:double, "INF"^^xsd:double, "-0.0"^^xsd:double, "1.0"^^xsd:float, "abc"^^:custom .
GRAPH :g1 { :alice foaf:knows :eve . :alice foaf:age 31 . :one :in :g1 . }
GRAPH :g2 { :bob foaf:knows :eve . :alice foaf:age 31 . :two :in :g2 ; :p _:b . }
GRAPH <http://example.org/graph?name=a b> { :spaced :in :g3 . }
""".replace("a b>", "a%20b>")

SELECTS = {
    # patterns
    "everything": "SELECT * { ?s ?p ?o }",
    "no-pattern": "SELECT * {}",
    "no-solution": "SELECT ?s { ?s :nothing ?o }",
    "join": "SELECT ?a ?c { ?a foaf:knows ?b . ?b foaf:knows ?c }",
    "predicate-object-lists": "SELECT ?s { ?s a foaf:Person ; foaf:age ?age , ?other }",
    "blank-node-pattern": "SELECT ?q { :x :p [ :q ?q ] }",
    "blank-nodes": "SELECT ?o { :x :p ?o }",
    "collection-pattern": "SELECT ?x { :l :items ( ?x 2 3 ) }",
    "optional": "SELECT ?n ?age { ?s foaf:name ?n OPTIONAL { ?s foaf:age ?age } }",
    "optional-filter": "SELECT ?s ?age { ?s a foaf:Person OPTIONAL { ?s foaf:age ?age FILTER(?age > 28) } }",
    "nested-optional": "SELECT * { ?s a foaf:Person OPTIONAL { ?s :nick ?n OPTIONAL { ?s :born ?b } } }",
    "union": "SELECT * { { ?s :nick ?x } UNION { ?s foaf:mbox ?x } UNION { ?s :born ?y } }",
    "minus": "SELECT ?s { ?s a foaf:Person MINUS { ?s foaf:age ?age } }",
    "minus-disjoint": "SELECT ?s { ?s a foaf:Person MINUS { ?x foaf:age ?y } }",
    "exists": "SELECT ?s { ?s a foaf:Person FILTER EXISTS { ?s :nick ?n } }",
    "not-exists": "SELECT ?s { ?s a foaf:Person FILTER NOT EXISTS { ?s foaf:age ?n } }",
    "filter-in-group": "SELECT ?s { { ?s foaf:age ?a FILTER(?a < 30) } ?s foaf:name ?n }",
    "bind": "SELECT ?s ?next { ?s foaf:age ?age BIND(?age + 1 AS ?next) }",
    "bind-error": "SELECT ?s ?x { ?s foaf:name ?n BIND(?n + 1 AS ?x) }",
    "values": "SELECT * { ?s foaf:age ?a VALUES ?s { :alice :bob } }",
    "values-table": "SELECT * { VALUES (?s ?k) { (:alice 1) (UNDEF 2) (:bob UNDEF) } ?s foaf:age ?a }",
    "values-after": "SELECT * { ?s foaf:age ?a } VALUES ?s { :carol }",
    "subquery": "SELECT ?s ?n { { SELECT ?s (COUNT(*) AS ?n) { ?s ?p ?o } GROUP BY ?s } FILTER(?n > 3) }",
    "subquery-limit": "SELECT * { { SELECT ?s { ?s foaf:age ?a } ORDER BY ?a LIMIT 1 } ?s foaf:name ?n }",
    "reused-variable": "SELECT ?s { ?s ?s ?o }",
    "full-iris-and-comments": "SELECT ?s # ? { SERVICE\n{ ?s <http://xmlns.com/foaf/0.1/mbox> ?m }",
    # modifiers
    "distinct": "SELECT DISTINCT ?g { ?b :genre ?g }",
    "reduced": "SELECT REDUCED ?g { ?b :genre ?g }",
    "order": "SELECT ?n { ?s foaf:name ?n } ORDER BY ?n",
    "order-desc": "SELECT ?n ?a { ?s foaf:name ?n ; foaf:age ?a } ORDER BY DESC(?a) ?n",
    "order-expression": "SELECT ?n { ?s foaf:name ?n } ORDER BY STRLEN(?n) DESC(STR(?n))",
    "order-mixed": "SELECT ?o { ?s :price|:genre|:soldOut ?o } ORDER BY ?o",
    "limit-offset": "SELECT ?n { ?s foaf:name ?n } ORDER BY ?n LIMIT 2 OFFSET 1",
    "limit-zero": "SELECT ?n { ?s foaf:name ?n } LIMIT 0",
    "expressions-selected": "SELECT ?n (UCASE(?n) AS ?up) (STRLEN(?up) AS ?l) { ?s foaf:name ?n }",
    # aggregates
    "count": "SELECT (COUNT(*) AS ?all) (COUNT(?a) AS ?ages) (COUNT(DISTINCT ?g) AS ?gs)"
    " { { ?s foaf:age ?a } UNION { ?s :genre ?g } }",
    "count-distinct-all": "SELECT (COUNT(DISTINCT *) AS ?n) { ?s foaf:knows ?o }",
    "sum-avg": "SELECT (SUM(?a) AS ?sum) (AVG(?a) AS ?avg) { ?s foaf:age ?a }",
    "min-max": "SELECT (MIN(?a) AS ?min) (MAX(?a) AS ?max) { ?s foaf:age ?a }",
    "sum-distinct": "SELECT (SUM(DISTINCT ?v) AS ?s) { VALUES ?v { 1 1 2 } }",
    "sum-error": "SELECT (SUM(?p) AS ?s) { ?b :price ?p }",
    "aggregates-of-nothing": "SELECT (COUNT(*) AS ?n) (SUM(?x) AS ?s) (AVG(?x) AS ?a) (MIN(?x) AS ?m) { ?x :nothing ?y }",
    "sample": "SELECT (SAMPLE(?v) AS ?s) { VALUES ?v { 5 } }",
    "group-concat": 'SELECT (GROUP_CONCAT(?v; SEPARATOR="; ") AS ?all) { VALUES ?v { "a" "b" "c" } }',
    "group-concat-distinct": 'SELECT (GROUP_CONCAT(DISTINCT ?v) AS ?all) { VALUES ?v { "a" "a" } }',
    "group": "SELECT ?g (COUNT(?b) AS ?n) (MAX(?p) AS ?max) { ?b :genre ?g ; :price ?p } GROUP BY ?g",
    "group-expression": "SELECT ?l (COUNT(*) AS ?n) { ?s foaf:name ?x } GROUP BY (STRLEN(?x) AS ?l)",
    "having": "SELECT ?g (COUNT(*) AS ?n) { ?b :genre ?g } GROUP BY ?g HAVING (COUNT(*) > 1)",
    "group-empty": "SELECT ?g (COUNT(*) AS ?n) { ?g :nothing ?x } GROUP BY ?g",
    # paths
    "path-sequence": "SELECT * { :alice foaf:knows/foaf:knows ?x }",
    "path-alternative": "SELECT * { :bob foaf:name|:nick ?x }",
    "path-inverse": "SELECT * { :carol ^foaf:knows ?x }",
    "path-plus": "SELECT * { :alice foaf:knows+ ?x }",
    "path-star": "SELECT * { foaf:Person rdfs:subClassOf* ?x }",
    "path-optional": "SELECT * { :alice foaf:knows? ?x }",
    "path-free": "SELECT * { ?x rdfs:subClassOf+ ?y }",
    "path-star-free": "SELECT (COUNT(*) AS ?n) { ?x foaf:knows* ?y }",
    "path-star-constant": "SELECT * { :nowhere foaf:knows* ?y }",
    "path-negated": "SELECT * { :alice !(foaf:knows|rdf:type) ?x }",
    "path-negated-inverse": "SELECT * { :carol !(^foaf:knows|foaf:name) ?x }",
    "path-group": "SELECT * { :alice (foaf:knows/^foaf:knows)+ ?x }",
    "path-list-members": "SELECT ?x { :l :items/rdf:rest*/rdf:first ?x }",
    "path-type": "SELECT DISTINCT ?s { ?s a/rdfs:subClassOf* :Thing }",
    # named graphs and datasets
    "graph-variable": "SELECT ?g ?s { GRAPH ?g { ?s :in ?x } }",
    "graph-constant": "SELECT * { GRAPH :g1 { ?s ?p ?o } }",
    "graph-absent": "SELECT * { GRAPH :nowhere { ?s ?p ?o } }",
    "graph-names": "SELECT ?g { GRAPH ?g {} }",
    "graph-join": "SELECT * { ?s foaf:age ?a GRAPH ?g { ?s foaf:age ?b } FILTER(?a != ?b) }",
    "graph-bound-inside": "SELECT * { GRAPH ?g { ?s :in ?g } }",
    "from": "SELECT * FROM :g1 { ?s ?p ?o }",
    "from-two": "SELECT * FROM :g1 FROM :g2 { ?s foaf:age ?o }",
    "from-named": "SELECT * FROM NAMED :g1 { { ?s ?p ?o } UNION { GRAPH ?g { ?s ?p ?o } } }",
    "from-both": "SELECT * FROM :g1 FROM NAMED :g2 { { ?s :in ?o } UNION { GRAPH ?g { ?s :in ?o } } }",
    "from-absent": "SELECT * FROM :nowhere { ?s ?p ?o }",
    # operators
    "arithmetic": "SELECT (1 + 2 * 3 - 4 / 8 AS ?x) (-(5) AS ?y) (+(5) AS ?z) (7 / 2 AS ?d) (1 / 0 AS ?e) {}",
    "promotion": "SELECT (1 + 1.0 AS ?d) (1 + 1e0 AS ?e) (1.0 + xsd:float(1) AS ?f) (xsd:integer(1) + 1 AS ?i) {}",
    "comparison": "SELECT ?a ?b (?a < ?b AS ?lt) (?a = ?b AS ?eq) (?a != ?b AS ?ne) (?a >= ?b AS ?ge)"
    ' { VALUES ?a { 1 1.0 "a" true } VALUES ?b { 1 2 "b" false } }',
    "logic": "SELECT ?a ?b (?a && ?b AS ?and) (?a || ?b AS ?or) (!?a AS ?not)"
    ' { VALUES ?a { true false "x" UNDEF } VALUES ?b { true false UNDEF } }',
    "boolean-values": 'SELECT ?v (!!?v AS ?b) { VALUES ?v { 0 1 0.0 "" "a" <http://a> "x"@en true } }',
    "in": "SELECT ?s { ?s foaf:age ?a FILTER(?a IN (25, 41.0)) }",
    "not-in": "SELECT ?s { ?s foaf:age ?a FILTER(?a NOT IN (25, 41)) }",
    "special-numbers": "SELECT ?v (?v = ?v AS ?same) (?v > 0 AS ?positive) { :n :v ?v FILTER(isNumeric(?v)) }",
    # functions on terms
    "term-tests": "SELECT ?o (isIRI(?o) AS ?i) (isURI(?o) AS ?u) (isBlank(?o) AS ?b) (isLiteral(?o) AS ?l)"
    " (isNumeric(?o) AS ?n) { ?s :p|:price|foaf:mbox ?o }",
    "str-lang-datatype": "SELECT (STR(?o) AS ?t) (LANG(?o) AS ?l) (DATATYPE(?o) AS ?d) { ?s foaf:name|:price|:title ?o }",
    "langmatches": 'SELECT ?t { ?b :title ?t FILTER(LANGMATCHES(LANG(?t), "en")) }',
    "langmatches-any": 'SELECT ?t { ?s ?p ?t FILTER(LANGMATCHES(LANG(?t), "*")) }',
    "iri-strdt-strlang": 'SELECT (IRI("http://example.org/made") AS ?i) (STRDT("5", xsd:integer) AS ?d)'
    ' (STRLANG("hola", "es") AS ?l) {}',
    "bnode-function": "SELECT (isBlank(BNODE()) AS ?b) (isBlank(BNODE('x')) AS ?c) {}",
    "sameterm": "SELECT (sameTerm(1, 1.0) AS ?no) (sameTerm(:a, :a) AS ?yes) {}",
    "bound": "SELECT ?s (BOUND(?age) AS ?b) { ?s foaf:name ?n OPTIONAL { ?s foaf:age ?age } }",
    "if": 'SELECT ?s (IF(?a > 29, "older", "younger") AS ?x) { ?s foaf:age ?a }',
    "coalesce": 'SELECT ?s (COALESCE(?nope, ?a / 0, "last") AS ?x) { ?s foaf:age ?a }',
    "uuid": 'SELECT (isIRI(UUID()) AS ?u) (STRLEN(STRUUID()) AS ?l) (REGEX(STR(UUID()), "^urn:uuid:") AS ?r) {}',
    # strings
    "strlen-unicode": 'SELECT (STRLEN("alimentación") AS ?a) (STRLEN("بوب") AS ?b) (STRLEN("😀") AS ?c) {}',
    "substr": 'SELECT (SUBSTR("motor car", 6) AS ?a) (SUBSTR("metadata"@en, 4, 3) AS ?b) (SUBSTR("x", 5) AS ?c) {}',
    "case": 'SELECT (UCASE("niñez"@es) AS ?u) (LCASE("ÑAndÚ") AS ?l) {}',
    "starts-ends-contains": 'SELECT ?n (STRSTARTS(?n, "A") AS ?s) (STRENDS(?n, "e") AS ?e) (CONTAINS(?n, "li") AS ?c)'
    " { ?p foaf:name ?n }",
    "before-after": 'SELECT (STRBEFORE("a/b"@en, "/") AS ?b) (STRAFTER("a/b", "/") AS ?a) (STRAFTER("ab", "x") AS ?n) {}',
    "concat": 'SELECT (CONCAT("a"@en, "b"@en) AS ?l) (CONCAT("a"@en, "b") AS ?s) (CONCAT() AS ?e) {}',
    "encode": 'SELECT (ENCODE_FOR_URI("Los Ángeles/ñ ?") AS ?e) {}',
    "regex": 'SELECT ?n { ?s foaf:name ?n FILTER REGEX(?n, "^a", "i") }',
    "regex-flags": 'SELECT (REGEX("a\\nb", "a.b", "s") AS ?s) (REGEX("A b", "a\\\\ b", "ix") AS ?x)'
    ' (REGEX("a.b", "a.b", "q") AS ?q) {}',
    "replace": 'SELECT (REPLACE("abcb", "b", "Z") AS ?a) (REPLACE("abab", "(a)(b)", "$2$1") AS ?g)'
    ' (REPLACE("AbA", "a", "x", "i") AS ?i) {}',
    "escapes-in-strings": r"""SELECT ("\t\n\r\b\f\"\'\\" AS ?e) ("\u00E9\U0001F600" AS ?u) (\'\'\'a "quoted"
line\'\'\' AS ?long) {}""".replace("\\'\\'\\'", "'''"),
    # numbers
    "rounding": "SELECT (ABS(-1.5) AS ?a) (ROUND(2.5) AS ?r) (ROUND(-2.5) AS ?s) (CEIL(1.2) AS ?c) (FLOOR(-1.2) AS ?f) {}",
    "rand": "SELECT (RAND() >= 0 && RAND() < 1 AS ?r) {}",
    "big-integers": "SELECT (9223372036854775807 AS ?max) (9223372036854775807 + 1 AS ?over) (12345678901234567890 AS ?big) {}",
    "decimals": "SELECT (0.1 + 0.2 AS ?x) (1.10 * 3 AS ?y) (1e308 * 10 AS ?inf) {}",
    # dates
    "date-parts": "SELECT ?t (YEAR(?t) AS ?y) (MONTH(?t) AS ?m) (DAY(?t) AS ?d) (HOURS(?t) AS ?h) (MINUTES(?t) AS ?i)"
    " (SECONDS(?t) AS ?s) (TIMEZONE(?t) AS ?z) (TZ(?t) AS ?tz) { :t :when ?t }",
    "date-comparison": 'SELECT ?t { :t :when ?t FILTER(?t > "2014-01-01T00:00:00Z"^^xsd:dateTime) }',
    "date-arithmetic": 'SELECT (?t - "2015-01-01T00:00:00Z"^^xsd:dateTime AS ?since) (?t + ?d AS ?later)'
    " { :t :when ?t ; :took ?d }",
    "date-filter": 'SELECT ?s { ?s :born ?b FILTER(?b < "1990-01-01"^^xsd:date) }',
    "now": "SELECT (DATATYPE(NOW()) AS ?d) (NOW() = NOW() AS ?same) {}",
    # hashes and casts
    "hashes": 'SELECT (MD5("abc") AS ?m) (SHA1("abc") AS ?s1) (SHA256("abc") AS ?s2) (SHA384("abc") AS ?s3)'
    ' (SHA512("abc") AS ?s5) {}',
    "casts": 'SELECT (xsd:integer("5") AS ?i) (xsd:decimal("1.50") AS ?d) (xsd:double("1e3") AS ?e) (xsd:float("1") AS ?f)'
    ' (xsd:boolean("1") AS ?b) (xsd:string(5) AS ?s) (xsd:dateTime("2015-03-31T00:00:00Z") AS ?t) (xsd:integer("x") AS ?n) {}',
    "cast-date": 'SELECT (xsd:date("2015-03-31") AS ?d) (xsd:duration("P1Y") AS ?u) (xsd:time("10:00:00") AS ?t) {}',
    # beyond 1.1, as the store has it
    "lateral": "SELECT * { ?s a foaf:Person LATERAL { SELECT ?n { ?s foaf:name ?n } ORDER BY ?n LIMIT 1 } }",
    "triple-terms": "SELECT (SUBJECT(?t) AS ?s) (OBJECT(?t) AS ?o) (isTRIPLE(?t) AS ?is) { BIND(<<( :a :b 1 )>> AS ?t) }",
    "triple-terms-out": "SELECT (TRIPLE(:a, :b, TRIPLE(:c, :d, 'e'@en)) AS ?t) {}",
    "adjust": 'SELECT (ADJUST("2015-03-31T10:00:00Z"^^xsd:dateTime, "PT2H"^^xsd:dayTimeDuration) AS ?t) {}',
    # what result formats have to carry
    "all-kinds-of-terms": "SELECT ?o { VALUES ?o { :a 1 1.5 1e0 true 'plain' 'tagged'@en 'typed'^^:type UNDEF } }",
    "separators-in-text": "SELECT ?s ?note { ?s :note ?note }",
    "no-variables": "SELECT * { :alice a foaf:Person }",
    "unbound-column": "SELECT ?never ?n { ?s foaf:name ?n } ORDER BY ?n",
    "base": "BASE <http://example.org/> SELECT ?n { <alice> foaf:name ?n }",
    "dollar-variables": "SELECT $n { $s foaf:name $n }",
    "unicode-names": "PREFIX é: <http://example.org/> SELECT ?größe { é:alice é:height ?größe }",
    "keywords-in-any-case": "select Distinct ?s Where { ?s a foaf:Person filter Not eXists { ?s :nick ?n } } Order By ?s",
}

ASKS = {
    "ask-true": "ASK { :alice foaf:knows :bob }",
    "ask-false": "ASK { :bob foaf:knows :alice }",
    "ask-empty": "ASK {}",
    "ask-from": "ASK FROM :g1 { :alice foaf:knows :bob }",
    "ask-graph": "ASK { GRAPH :g1 { :alice foaf:knows :eve } }",
    "ask-values": "ASK { VALUES ?x { 1 } FILTER(?x = 2) }",
}

GRAPHS = {
    "construct": "CONSTRUCT { ?b :knownBy ?a } WHERE { ?a foaf:knows ?b }",
    "construct-short": "CONSTRUCT WHERE { ?s foaf:name ?n }",
    "construct-all": "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }",
    "construct-blank": "CONSTRUCT { [] :name ?n ; :of ?s } WHERE { ?s foaf:name ?n }",
    "construct-list": "CONSTRUCT { :l :made ( 1 ?n ) } WHERE { :alice foaf:age ?n }",
    "construct-unbound": "CONSTRUCT { ?s :age ?a . ?s :name ?n } WHERE { ?s foaf:name ?n OPTIONAL { ?s foaf:age ?a } }",
    "construct-ill-formed": "CONSTRUCT { ?n :of ?s . ?s :name ?n } WHERE { ?s foaf:name ?n }",
    "construct-limit": "CONSTRUCT { ?s a :Old } WHERE { ?s foaf:age ?a } ORDER BY DESC(?a) LIMIT 1",
    "construct-graph": "CONSTRUCT { ?s ?p ?o } WHERE { GRAPH :g2 { ?s ?p ?o } }",
    "construct-from": "CONSTRUCT WHERE { ?s ?p ?o }",
    "construct-nothing": "CONSTRUCT { ?s ?p ?o } WHERE { ?s :nothing ?o ; ?p ?x }",
    "construct-twice": "CONSTRUCT { ?s a :Knower . ?s a :Knower } WHERE { ?s foaf:knows ?o }",
    "describe-iri": "DESCRIBE :alice",
    "describe-several": "DESCRIBE :alice :bob :nobody",
    "describe-where": "DESCRIBE ?s WHERE { ?s foaf:age ?a FILTER(?a > 28) }",
    "describe-all": "DESCRIBE * WHERE { ?s :born ?d }",
    "describe-blank": "DESCRIBE :x",
}

MALFORMED = {
    "unclosed": "SELECT * { ?s ?p ?o",
    "no-verb": "?s ?p ?o",
    "empty": "",
    "unknown-prefix": "SELECT * { nope:a ?p ?o }",
    "bad-iri": "SELECT * { <http://a b> ?p ?o }",
    "variable-twice": "SELECT (1 AS ?x) (2 AS ?x) {}",
    "ungrouped": "SELECT ?s (COUNT(*) AS ?n) { ?s ?p ?o }",
    "bind-in-scope": "SELECT * { ?s ?p ?o BIND(1 AS ?s) }",
    "update-as-query": "INSERT DATA { <http://a> <http://b> 1 }",
    "two-queries": "ASK {} ASK {}",
    "values-arity": "SELECT * { VALUES (?a ?b) { (1) } }",
    "bad-escape": 'SELECT ("\\x" AS ?e) {}',
    "unknown-function": "SELECT (<http://example.org/f>(1) AS ?x) {}",
    "null": "SELECT * { ?s ?p '\0",
}
