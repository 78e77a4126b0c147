"""A small world for tests of curation: people, proposals, a database."""

from __future__ import annotations

from pyoxigraph import Literal, NamedNode, Quad
from tests.repository.worlds import RESOURCE, TITLE, node

from escrgraph.curation.actors import Actor, Role
from escrgraph.curation.proposals import Proposal, Purpose

MEMBER = Actor("member-1", Role.MEMBER)
OTHER = Actor("member-2", Role.MEMBER)
CURATOR = Actor("curator-1", Role.CURATOR)
SECOND = Actor("curator-2", Role.CURATOR)
GOOD = {"conforms": True, "findings": [], "shapes": "abc"}
BAD = {"conforms": False, "findings": [{"severity": "Violation"}], "shapes": "abc"}


def title(record: str, text: str, graph: NamedNode = RESOURCE) -> Quad:
    return Quad(node(record), TITLE, Literal(text, language="en"), graph)


def proposal(
    record: str = "resource/a", text: str = "A title", purpose: Purpose = Purpose.NEW, report: object = None
) -> Proposal:
    found = GOOD if report is None else report
    assert isinstance(found, dict)
    quads = () if purpose is Purpose.REQUEST else (title(record, text),)
    return Proposal(purpose, record.partition("/")[0], record, text, added=quads, report=found)
