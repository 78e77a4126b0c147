"""Which representation a client gets: one row for each rule of RFC 9110, section 12.5.1, and of our own."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from escrgraph.web.negotiation import MediaType, NotAcceptable, negotiate

TURTLE = MediaType("text", "turtle")
TRIPLES = MediaType("application", "n-triples")
JSON_LD = MediaType("application", "ld+json")
FRAMED = MediaType("application", "ld+json", (("profile", "http://www.w3.org/ns/json-ld#framed"),))
XML = MediaType("application", "rdf+xml")
HTML = MediaType("text", "html")
OFFERS = [TURTLE, TRIPLES, JSON_LD, FRAMED, XML, HTML]


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        # nothing said: the first offer
        (None, TURTLE),
        ("", TURTLE),
        ("*/*", TURTLE),
        # one type named
        ("application/rdf+xml", XML),
        ("text/turtle", TURTLE),
        ("TEXT/Turtle", TURTLE),
        ("  text/html  ", HTML),
        ("text / html", HTML),
        # several, equal weight: the earlier offer, whatever the order of the header
        ("application/rdf+xml, text/turtle", TURTLE),
        ("text/turtle, application/rdf+xml", TURTLE),
        # weights
        ("text/turtle;q=0.5, application/rdf+xml", XML),
        ("text/turtle;q=0.5, application/rdf+xml;q=0.7, text/html;q=0.6", XML),
        ("text/turtle; q=0.001, application/rdf+xml;q=0.002", XML),
        # ranges
        ("application/*", TRIPLES),
        ("application/*;q=0.9, text/*;q=0.3", TRIPLES),
        ("text/*", TURTLE),
        # the most specific range gives the weight
        ("text/*, text/turtle;q=0.1", HTML),
        ("*/*, text/turtle;q=0.1, application/n-triples;q=0.1", JSON_LD),
        ("text/*;q=0.3, text/html;q=0.7, */*;q=0.5", HTML),
        ("*/*;q=0.8, application/*;q=0.2", TURTLE),
        # weight 0 excludes
        ("text/turtle;q=0, */*", TRIPLES),
        ("text/*;q=0, */*;q=0.1", TRIPLES),
        ("text/turtle;q=0.0, application/n-triples;q=0.000, */*;q=0.2", JSON_LD),
        ("application/*;q=0, text/turtle;q=0, */*;q=0.1", HTML),
        # what is named exactly goes before what a wildcard covers equally
        ("application/rdf+xml, */*", XML),
        ("text/html, */*", HTML),
        ("application/*, text/html", HTML),
        # parameters that no offer has change nothing
        ("text/turtle;charset=utf-8", TURTLE),
        ("text/turtle;charset=iso-8859-1", TURTLE),
        ("application/rdf+xml;version=1.2;x=y", XML),
        ('text/html;level="1,2;q=0"', HTML),
        ("text/turtle;charset=utf-8;q=0.2, text/html;charset=utf-8;q=0.4", HTML),
        # parameters that an offer has choose among its like
        ('application/ld+json;profile="http://www.w3.org/ns/json-ld#framed"', FRAMED),
        ("application/ld+json;profile=http://www.w3.org/ns/json-ld#framed", FRAMED),
        ("application/ld+json", JSON_LD),
        ('application/ld+json;q=0.5, application/ld+json;profile="http://www.w3.org/ns/json-ld#framed"', FRAMED),
        # what follows the weight is no parameter
        ('application/ld+json;q=1;profile="http://www.w3.org/ns/json-ld#framed"', JSON_LD),
        # browsers, Java, curl, SPARQL clients
        ("text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8", HTML),
        ("text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2", HTML),
        ("image/gif, *; q=.2", TURTLE),
        ("application/sparql-results+json, application/n-triples;q=0.9, application/rdf+xml;q=0.3", TRIPLES),
        # malformed: what cannot be read is passed over
        (",, ,text/html", HTML),
        ("text/html;", HTML),
        ("text/html;;q=0.5, text/turtle;q=0.4", HTML),
        ("text/html;q=abc", HTML),
        ("text/html;q=, text/turtle;q=0.9", HTML),
        ("text/html;q=nan, text/turtle;q=0.9", HTML),
        ("text/html;q=7, text/turtle;q=0.9", HTML),
        ("text/html;q=0.9, text/turtle;q=-1", HTML),
        ("garbage", TURTLE),
        ("garbage, text/html", HTML),
        ("*/html, application/rdf+xml", XML),
        ("text/html, text/turtle;q=0.9, text/tur tle", HTML),
        ('text/html;x="unclosed, text/turtle', HTML),
        # the same range twice: the higher weight
        ("text/html;q=0.2, text/html, text/turtle;q=0.9", HTML),
    ],
)
def test_negotiate(accept: str | None, expected: MediaType) -> None:
    assert negotiate(accept, OFFERS) == expected


@pytest.mark.parametrize(
    "accept",
    [
        "application/pdf",
        "image/*",
        "*/*;q=0",
        "text/turtle;q=0",
        'application/ld+json;profile="http://www.w3.org/ns/json-ld#framed";q=0',
        "application/ld+json;q=0, application/pdf",
    ],
)
def test_nothing_fits(accept: str) -> None:
    with pytest.raises(NotAcceptable) as caught:
        negotiate(accept, [TURTLE, XML])
    assert caught.value.offers == (TURTLE, XML)
    assert "text/turtle, application/rdf+xml" in str(caught.value)


def test_a_refused_profile_leaves_the_plain_type() -> None:
    accept = 'application/ld+json, application/ld+json;profile="http://www.w3.org/ns/json-ld#framed";q=0'
    assert negotiate(accept, [FRAMED, JSON_LD]) == JSON_LD


@pytest.mark.parametrize(
    ("text", "essence", "charset", "written"),
    [
        ("text/turtle", "text/turtle", None, "text/turtle"),
        ("Text/Turtle; Charset=UTF-8", "text/turtle", "UTF-8", "text/turtle; charset=UTF-8"),
        ('text/plain;charset="utf-8"', "text/plain", "utf-8", "text/plain; charset=utf-8"),
        (r'a/b;x="c\"d, e"', "a/b", None, r'a/b; x="c\"d, e"'),
    ],
)
def test_media_type(text: str, essence: str, charset: str | None, written: str) -> None:
    media = MediaType.parse(text)
    assert (media.essence, media.parameter("charset"), str(media)) == (essence, charset, written)
    assert MediaType.parse(str(media)) == media


@pytest.mark.parametrize("text", ["", "text", "text/", "/turtle", "te xt/turtle", ";charset=utf-8", "*/turtle"])
def test_what_is_no_media_type(text: str) -> None:
    with pytest.raises(ValueError, match="no media type"):
        MediaType.parse(text)


TYPES = st.sampled_from(["text/turtle", "text/html", "application/ld+json", "application/*", "text/*", "*/*", "a/b"])
WEIGHTS = st.integers(0, 1000).map(lambda n: f"{n / 1000:.3f}")
NAMES = st.from_regex(r"x[a-z0-9-]{0,8}", fullmatch=True)
VALUES = st.from_regex(r'[a-z0-9]{1,5}|"[a-z,; =]{0,9}"', fullmatch=True)
ELEMENTS = st.lists(st.tuples(TYPES, WEIGHTS, st.lists(st.tuples(NAMES, VALUES), max_size=3)), min_size=1, max_size=6)


@given(ELEMENTS)
def test_parameters_a_client_invents_never_change_the_choice(
    elements: list[tuple[str, str, list[tuple[str, str]]]],
) -> None:
    bare = ", ".join(f"{name};q={q}" for name, q, _ in elements)
    dressed = ", ".join(
        name + "".join(f";{key}={value}" for key, value in invented) + f";q={q}" for name, q, invented in elements
    )
    assert _outcome(dressed) == _outcome(bare)


@given(st.text(max_size=60))
def test_any_header_has_an_answer(accept: str) -> None:
    assert _outcome(accept) is None or _outcome(accept) in OFFERS


@given(st.lists(st.tuples(TYPES, WEIGHTS), min_size=1, max_size=6), st.randoms())
def test_the_order_of_the_header_does_not_matter(elements: list[tuple[str, str]], random: object) -> None:
    written = [f"{name};q={q}" for name, q in elements]
    shuffled = list(written)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert _outcome(", ".join(shuffled)) == _outcome(", ".join(written))


def _outcome(accept: str) -> MediaType | None:
    try:
        return negotiate(accept, OFFERS)
    except NotAcceptable:
        return None


def test_what_is_worth_less_comes_second_to_what_is_named_beside_it() -> None:
    for accept, expected in (("text/html, text/turtle;q=0.6", TURTLE), ("text/html, text/turtle;q=0.4", HTML)):
        assert negotiate(accept, [HTML, TURTLE], {HTML: 0.5}) == expected
    assert negotiate("text/html;q=0.1", [HTML, TURTLE], {HTML: 0.5}) == HTML
