"""Addresses of lists: what each means, which are refused, and that reading and writing are inverse."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.web.sites import BASE

from escrgraph.repository.errors import Malformed
from escrgraph.search.asking import Order, Selection
from escrgraph.search.facets import facets_of
from escrgraph.vocabulary.iris import Base
from escrgraph.vocabulary.kinds import shipped_kinds
from escrgraph.web.paging import Pages
from escrgraph.web.selecting import Addresses, Listing

FACETS = facets_of(shipped_kinds())
ADDRESSES = Addresses(FACETS, shipped_kinds(), Base())
MEXICO, HEALTH = BASE + "id/country/mex", BASE + "id/right/health"
SPANISH = "http://publications.europa.eu/resource/authority/language/SPA"


def read(query: str, *types: str) -> Listing:
    return ADDRESSES.read(parse_qsl(query, keep_blank_values=True), types)


@pytest.mark.parametrize(
    ("query", "selection"),
    [
        ("", Selection()),
        ("q=+budget+", Selection("budget")),
        ("type=finding&type=resource", Selection(types=("finding", "resource"))),
        ("country=mex", Selection(chosen={"country": (MEXICO,)})),
        ("country=" + MEXICO, Selection(chosen={"country": (MEXICO,)})),
        ("country=country/mex", Selection(chosen={"country": (MEXICO,)})),
        ("country=mex&country=mex&country=", Selection(chosen={"country": (MEXICO,)})),
        ("standing=alleged", Selection(chosen={"standing": (BASE + "id/scheme/standing/alleged",)})),
        ("year=2012", Selection(chosen={"year": ("2012",)})),
        ("language=" + SPANISH, Selection(chosen={"language": (SPANISH,)})),
        ("legal-provision=scheme/icescr/11", Selection(chosen={"legal-provision": (BASE + "id/scheme/icescr/11",)})),
    ],
)
def test_an_address_means_a_selection(query: str, selection: Selection) -> None:
    assert read(query).selection == selection


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("contry=mex", "There is no filter “contry”. A list can be narrowed by"),
        ("type=book", "Types: resource"),
        ("order=best", "relevance, date, title"),
        ("page=0", "page is “0”"),
        ("page=-1", "page is “-1”"),
        ("page=two", "page is “two”"),
        ("page=²", "page is “²”"),
        ("page=1&page=2", "2 times"),
        ("size=201", "from 1 to 200"),
        ("year=12", "four digits"),
        ("language=http://x y", "no IRI"),
        ('language=http://x"', "no IRI"),
        ("open=nothing", "no filter “nothing”"),
        ("q=" + "x" * 501, "501 characters"),
        ("&".join(f"year={1900 + n}" for n in range(41)), "more than 40"),
        ("country=" + "x" * 501, "too long"),
    ],
)
def test_an_address_that_means_nothing_is_explained(query: str, told: str) -> None:
    with pytest.raises(Malformed) as error:
        read(query)
    assert told in str(error.value)


@pytest.mark.parametrize(
    ("query", "path"),
    [
        ("", "/search"),
        ("type=finding", "/browse/finding"),
        ("type=finding&type=resource&page=1", "/search?type=finding&type=resource"),
        (
            f"year=2012&country={MEXICO}&q=x&page=2&size=50&order=date",
            "/search?q=x&year=2012&country=mex&order=date&size=50&page=2",
        ),
        ("order=title", "/search"),
        ("order=relevance", "/search"),
        ("type=update&order=date", "/browse/update"),
        ("type=update&order=title", "/browse/update?order=title"),
        ("order=relevance&q=x", "/search?q=x"),
        ("open=country", "/search?open=country"),
    ],
)
def test_a_listing_has_one_address(query: str, path: str) -> None:
    written = urlsplit(ADDRESSES.path(read(query)))
    expected = urlsplit(path)
    assert written.path == expected.path
    assert sorted(parse_qsl(written.query)) == sorted(parse_qsl(expected.query))


terms = st.one_of(
    st.tuples(st.just("country"), st.from_regex(r"[a-z]{3}", fullmatch=True)),
    st.tuples(st.just("year"), st.from_regex(r"[0-9]{4}", fullmatch=True)),
    st.tuples(st.just("standing"), st.sampled_from(["alleged", "reported", "http://x.org/é?a=b&c", "scheme/icescr/2"])),
    st.tuples(st.just("language"), st.sampled_from([SPANISH, "x"])),
)


@given(
    st.text(max_size=60).map(str.strip),
    st.lists(st.sampled_from(list(shipped_kinds().by_type)), unique=True, max_size=3),
    st.lists(terms, unique=True, max_size=6),
    st.sampled_from(list(Order)),
    st.integers(1, 9999),
)
def test_writing_and_reading_are_inverse(
    text: str, types: list[str], chosen: list[tuple[str, str]], order: Order, page: int
) -> None:
    pairs = [("q", text), *(("type", each) for each in types), *chosen, ("order", order), ("page", str(page))]
    listing = ADDRESSES.read(pairs)
    address = urlsplit(ADDRESSES.path(listing))
    of_path = (address.path.removeprefix("/browse/"),) if address.path.startswith("/browse/") else ()
    again = ADDRESSES.read(parse_qsl(address.query, keep_blank_values=True), of_path)
    assert again == listing
    for name, found in listing.selection.chosen.items():
        for term in found:
            narrowed = listing.without(name, term)
            assert term not in narrowed.selection.chosen.get(name, ())
            assert sorted(narrowed.choosing(name, term).selection.chosen[name]) == sorted(found)
            assert narrowed.page == 1


@pytest.mark.parametrize(
    ("page", "total", "offered", "entries"),
    [
        (1, 0, [1], (0, 0)),
        (1, 20, [1], (1, 20)),
        (1, 21, [1, 2], (1, 20)),
        (2, 21, [1, 2], (21, 21)),
        (1, 200, [1, 2, 3, None, 10], (1, 20)),
        (5, 200, [1, 2, 3, 4, 5, 6, 7, None, 10], (81, 100)),
        (10, 199, [1, None, 8, 9, 10], (181, 199)),
    ],
)
def test_pages_are_exact(page: int, total: int, offered: list[int | None], entries: tuple[int, int]) -> None:
    pages = Pages(page, 20, total)
    assert (pages.offered(), (pages.first_entry, pages.last_entry)) == (offered, entries)
    assert pages.there
    assert pages.previous == (page - 1 or None)
    assert pages.next == (page + 1 if page < pages.last else None)


def test_a_page_beyond_the_last_is_not_there() -> None:
    beyond = Pages(9, 20, 40)
    assert not beyond.there
    assert (beyond.previous, beyond.next) == (2, None)
