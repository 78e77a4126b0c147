"""A change becomes one entry with what really changed, the records it touched, and what follows from them."""

from __future__ import annotations

import pytest
from pyoxigraph import BlankNode, DefaultGraph, Literal, NamedNode, Quad, Triple
from tests.repository.worlds import (
    BASE,
    ESCR,
    INFERRED,
    RESOURCE,
    STATE,
    TITLE,
    by_the_log,
    change,
    finding,
    merge_is_right,
    named,
    node,
    title,
)

from escrgraph.repository.changes import Action
from escrgraph.repository.errors import Malformed, Unavailable
from escrgraph.repository.publishing import Publisher
from escrgraph.repository.room import Room


def actions(publisher: Publisher, number: int) -> dict[str, Action]:
    return {change.record: change.action for change in publisher.log.record_changes(number)}


def inferred(publisher: Publisher) -> set[tuple[str, str, str]]:
    quads = publisher.store.quads_for_pattern(None, None, None, INFERRED)
    return {(q.subject.value, q.predicate.value.removeprefix(ESCR), q.object.value) for q in quads}


def test_only_what_has_an_effect_is_logged(publisher: Publisher) -> None:
    one, two = title("resource/a", "One"), title("resource/a", "Two")
    publisher.commit(change([one]))
    receipt = publisher.commit(change([one, two], [title("resource/a", "Three")])).receipt
    assert (receipt.number, receipt.added, receipt.removed) == (2, 1, 0)
    assert list(publisher.log.quads(2)[0]) == [two]


def test_a_change_without_effect_makes_no_entry(publisher: Publisher) -> None:
    publisher.commit(change([title("resource/a", "One")]))
    outcome = publisher.commit(change([title("resource/a", "One")]))
    assert (outcome.changed, outcome.receipt.number, outcome.receipt.added) == (False, 1, 0)
    assert len(publisher.log.entries()) == 1


def test_literals_are_logged_as_the_store_keeps_them(publisher: Publisher) -> None:
    integer = NamedNode("http://www.w3.org/2001/XMLSchema#integer")
    written = Quad(node("resource/a"), TITLE, Literal("007", datatype=integer), RESOURCE)
    publisher.commit(change([written]))
    assert [quad.object.value for quad in publisher.log.quads(1)[0]] == ["7"]
    assert publisher.commit(change([written])).changed is False
    assert publisher.commit(change(removed=[written])).receipt.removed == 1


@pytest.mark.parametrize(
    ("quad", "words"),
    [
        (Quad(BlankNode(), TITLE, Literal("x"), RESOURCE), "blank node"),
        (Quad(node("resource/a"), TITLE, BlankNode(), RESOURCE), "blank node"),
        (Quad(node("resource/a"), TITLE, Triple(node("resource/a"), TITLE, Literal("x")), RESOURCE), "triple term"),
        (Quad(node("resource/a"), TITLE, Literal("x"), DefaultGraph()), "names no graph"),
        (Quad(node("resource/a"), TITLE, Literal("x"), NamedNode("http://example.org/g")), "graphs begin with"),
        (Quad(node("resource/a"), TITLE, Literal("x"), INFERRED), "kept by the repository itself"),
        (Quad(node("resource/a"), TITLE, Literal("x"), STATE), "kept by the repository itself"),
    ],
)
def test_what_cannot_be_published_is_refused_with_a_sentence(publisher: Publisher, quad: Quad, words: str) -> None:
    for asked in (change([quad]), change(removed=[quad])):
        with pytest.raises(Malformed, match=words):
            publisher.commit(asked)
    assert publisher.log.entries() == []


def test_records_are_created_modified_withdrawn_and_created_again(publisher: Publisher) -> None:
    one, below = (
        title("resource/a", "One"),
        Quad(node("resource/a", "contribution", "1"), TITLE, Literal("x"), RESOURCE),
    )
    done = [
        publisher.commit(asked).receipt.number
        for asked in (
            change([one, title("resource/b", "Two")]),
            change([below]),
            change(removed=[one, below]),
            change([one]),
        )
    ]
    assert [actions(publisher, number).get("resource/a") for number in done] == [
        Action.CREATED,
        Action.MODIFIED,
        Action.WITHDRAWN,
        Action.CREATED,
    ]
    assert actions(publisher, 1) == {"resource/a": Action.CREATED, "resource/b": Action.CREATED}


def test_withdrawal_takes_the_record_with_its_parts_and_leaves_links_to_it(publisher: Publisher) -> None:
    link = Quad(node("resource/b"), NamedNode("http://purl.org/dc/terms/relation"), node("finding/x"), RESOURCE)
    publisher.commit(change([*finding("x"), link]))
    receipt = publisher.commit(change(withdrawn=["finding/x"])).receipt
    assert (receipt.withdrawn, receipt.modified) == (1, 0)
    assert named(publisher.store) == {link}
    assert merge_is_right(publisher.store)


def test_a_renamed_record_names_its_successor(publisher: Publisher) -> None:
    publisher.commit(change([title("resource/a", "One")]))
    publisher.commit(change([title("resource/z", "One")], renamed={"resource/a": "resource/z"}))
    last = publisher.log.last_change("resource/a")
    assert last is not None
    assert (last[1].action, last[1].successor) == (Action.RENAMED, "resource/z")
    assert named(publisher.store) == {title("resource/z", "One")}


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        (change(withdrawn=["resource/none"]), "no record resource/none"),
        (change(withdrawn=["rubbish"]), "not a type of record"),
        (change(renamed={"resource/a": "resource/none"}), "does not exist"),
        (change([title("resource/a", "Two")], withdrawn=["resource/a"]), "Do one of the two"),
    ],
)
def test_a_change_that_contradicts_itself_is_refused(publisher: Publisher, asked: object, words: str) -> None:
    publisher.commit(change([title("resource/a", "One")]))
    with pytest.raises(Malformed, match=words):
        publisher.commit(asked)
    assert len(publisher.log.entries()) == 1


def test_what_follows_from_a_record_is_in_the_same_entry_and_follows_its_changes(publisher: Publisher) -> None:
    publisher.commit(change(finding("x")))
    iri = BASE.record_iri("finding/x")
    assert (f"{iri}", "responsibleInstitution", BASE.record_iri("organization/gov-gtm")) in inferred(publisher)
    assert (f"{iri}/deprivation", "earliest", "2009-01-01") in inferred(publisher)
    assert named(publisher.store) == set(publisher.log.quads(1)[0])
    publisher.commit(change(finding("x", "ministry-of-health")[-1:], finding("x")[-1:]))
    institutions = {value for _, predicate, value in inferred(publisher) if predicate == "responsibleInstitution"}
    assert institutions == {BASE.record_iri("organization/ministry-of-health")}
    assert by_the_log(publisher.log) == named(publisher.store)
    publisher.commit(change(withdrawn=["finding/x"]))
    assert inferred(publisher) == set()


def test_an_inferred_quad_moves_no_other_record(publisher: Publisher) -> None:
    publisher.commit(change([title("organization/gov-gtm", "Guatemala")]))
    publisher.commit(change(finding("x")))
    assert set(actions(publisher, 2)) == {"finding/x"}


def test_triples_about_no_record_are_kept_and_counted_to_none(publisher: Publisher) -> None:
    loose = Quad(NamedNode(BASE.iri + "def/Finding"), TITLE, Literal("Finding"), NamedNode(BASE.graph("def")))
    receipt = publisher.commit(change([loose])).receipt
    assert (receipt.added, receipt.created, named(publisher.store)) == (1, 0, {loose})


def test_a_nearly_full_disk_refuses_the_change_before_the_log(publisher: Publisher) -> None:
    publisher._room = Room(publisher._directory, 1 << 62)
    with pytest.raises(Unavailable, match=r"nearly full.*Nothing was changed"):
        publisher.commit(change([title("resource/a", "One")]))
    publisher._room = Room(publisher._directory, 0)
    assert publisher.commit(change([title("resource/a", "One")])).receipt.number == 1


def test_the_store_made_again_from_the_log_is_the_same(publisher: Publisher) -> None:
    publisher.commit(change([*finding("x"), *finding("y"), title("resource/a", "One")]))
    publisher.commit(change(withdrawn=["finding/y"]))
    before = set(publisher.store)
    publisher.rebuild()
    assert set(publisher.store) == before
    assert publisher.commit(change([title("resource/b", "Two")])).receipt.number == 3
