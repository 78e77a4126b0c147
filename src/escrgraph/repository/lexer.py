"""What can be read off SPARQL text without parsing it: its words, how deep it nests, what it reaches out to.

The scan knows what hides words in SPARQL 1.1 (section 19.8): strings, IRIs, comments, prefixed names, variables.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from escrgraph.repository.errors import Declined, TooLarge

LONGEST = 1 << 20
"""Bytes of text that a query or update may have."""

DEEPEST = 500
"""Brackets that may be open at once. Real queries stay under 20."""

# Every repetition is possessive and every alternative begins differently, so that no text makes the scan slow.
_TOKEN = re.compile(
    r"""
      (?P<comment>  \#[^\r\n]*+ )
    | (?P<iri>      <[^<>"{}|^`\\\x00-\x20]*+> )
    | (?P<string>   \"{3}(?:\"{0,2}+(?:[^"\\]|\\.))*+\"{3} | '{3}(?:'{0,2}+(?:[^'\\]|\\.))*+'{3}
                  | "(?:[^"\\\r\n]|\\.)*+" | '(?:[^'\\\r\n]|\\.)*+' )
    | (?P<variable> [?$]\w++ )
    | (?P<tag>      @[A-Za-z]++(?:-[A-Za-z0-9]++)*+ )
    | (?P<number>   (?:\d++(?:\.\d++)?|\.\d++)(?:[eE][+-]?\d++)?+ )
    | (?P<bare>     [^\W\d][\w\-·]*+(?:\.++[\w\-·]++)*+ )
      (?P<local>    :(?:[\w:\-·]++|\.++(?=[\w:\-·%\\])|%[0-9A-Fa-f]{2}|\\[_~.\-!$&'()*+,;=/?\#@%])*+ )?
    | (?P<name>     :(?:[\w:\-·]++|\.++(?=[\w:\-·%\\])|%[0-9A-Fa-f]{2}|\\[_~.\-!$&'()*+,;=/?\#@%])*+ )
    | (?P<open>     [({\[] )
    | (?P<close>    [)}\]] )
    | (?P<mark>     \S )
    """,
    re.VERBOSE | re.DOTALL,
)
_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]*+|\.")
_OPENING = re.compile(r"[({\[]")
_REACHING = re.compile(r"service|load", re.IGNORECASE)
_DATASET = re.compile(r"from", re.IGNORECASE)
_GRAPHS = re.compile(r"\b(?:graph|from)\b|\\u", re.IGNORECASE)  # an escape may stand for a letter of either


def tokens(text: str) -> Iterator[tuple[str, str]]:
    """Kind and text of each token; comments are left out. Text that is no SPARQL gives tokens all the same.

    Kinds: iri, string, variable, tag, number, name (prefixed), word, open, close, mark.
    """
    return ((kind, token) for kind, token, _ in placed_tokens(text))


def placed_tokens(text: str) -> Iterator[tuple[str, str, int]]:
    """The same with the position at which each token begins."""
    for match in _TOKEN.finditer(text):
        kind = match.lastgroup or "mark"
        if kind == "bare":  # words that full stops hold together
            for part in _WORD.finditer(match.group()):
                yield ("mark" if part.group() == "." else "word"), part.group(), match.start() + part.start()
        elif kind != "comment":
            yield ("name" if kind == "local" else kind), match.group(), match.start()


def words(text: str) -> set[str]:
    """The bare words of the text, in capitals: keywords, built-in functions, `a`, booleans."""
    return {token.upper() for kind, token in tokens(text) if kind == "word"}


def names_dataset(text: str) -> bool:
    """Whether the query says itself, by FROM, which graphs it reads."""
    return _DATASET.search(text) is not None and "FROM" in words(text)


def may_name_graphs(text: str) -> bool:
    """False only where the query surely sees the default graph alone: neither GRAPH nor FROM stands in it."""
    return _GRAPHS.search(text) is not None


def check(text: str) -> None:
    """Let a query or update pass that may be evaluated here.

    Raises TooLarge for what is longer or nests deeper than the limits above, Declined for SERVICE and for LOAD.
    """
    size = len(text) if text.isascii() else len(text.encode())
    if size > LONGEST:
        raise TooLarge(f"The text has {size:,} bytes; the limit is {LONGEST:,}. Split it, or bind values by VALUES.")
    if len(_OPENING.findall(text)) > DEEPEST and depth(text) > DEEPEST:
        raise TooLarge(f"More than {DEEPEST} brackets are open at once, which is the limit. Write it flatter.")
    if _REACHING.search(text):
        _check_reach(text)


def depth(text: str) -> int:
    """How many brackets are open at once at the deepest point."""
    deepest = current = 0
    for kind, _ in tokens(text):
        if kind == "open":
            current += 1
            deepest = max(deepest, current)
        elif kind == "close":
            current -= 1
    return deepest


def undeclared_prefix(text: str) -> str | None:
    """The first prefix that the text uses and does not declare, with its colon; None when all are declared."""
    declared, used, declaring = {"_:"}, [], False
    for kind, token in tokens(text):
        if kind == "name":
            prefix = token[: token.index(":") + 1]
            if declaring:
                declared.add(prefix)
            else:
                used.append(prefix)
        declaring = kind == "word" and token.upper() == "PREFIX"
    return next((prefix for prefix in used if prefix not in declared), None)


def _check_reach(text: str) -> None:
    found = words(text)
    if "SERVICE" in found:
        raise Declined(
            "SERVICE would send a request to another server, which this service does not do. "
            "Ask that server itself, or take both data sets and join them where you are. "
            "Only the search of this library is asked so: SERVICE <https://w3id.org/escrgraph/def/search>."
        )
    if "LOAD" in found:
        raise Declined(
            "LOAD would fetch a document, which this service does not do. Fetch it yourself and send its triples."
        )
