"""What people propose and curators decide, with Virtuoso as the store."""

from __future__ import annotations

import pytest
from tests.remote.conftest import Behind
from tests.web.desks import Office

from escrgraph.curation.actors import Role

pytestmark = pytest.mark.drill


@pytest.fixture(scope="module")
def office(behind: Behind) -> Office:
    desk = behind.site.client.application.extensions["escrgraph"].desks.get()
    roles = {"ana": "member", "carla": "curator"}
    people = {name: desk.people.add(name, Role(role), mail=f"{name}@example.org") for name, role in roles.items()}
    found = Office(behind.site, desk, people)
    desk.making.of_file(found.turtle()[1], "text/turtle")  # so that the checkers run
    return found


def test_what_a_member_proposes_is_checked_accepted_and_read_from_the_server(office: Office, behind: Behind) -> None:
    id_, record = office.submitted(title="A journal on the server")
    done = office.desk.decisions.accept(id_, office.people["carla"].actor)
    assert done.change == behind.site.service.pages.generation()
    iri = office.site.service.base.record_iri(record)
    for graph in ("merged", "journal"):
        asked = f"SELECT ?o WHERE {{ GRAPH <{office.site.service.base.graph(graph)}> {{ <{iri}> ?p ?o }} }}"
        assert ["A journal on the server"] in behind.server.rows(asked), graph
    assert "A journal on the server" in office.site.page(f"/doc/{record}").text_content()
    assert "ListRecords" in office.site.get("/oai?verb=ListRecords&metadataPrefix=oai_dc").text


def test_what_does_not_conform_is_told_as_before(office: Office) -> None:
    record, data = office.turtle("No address")
    text = data.decode().replace(f"<https://example.org/{record}>", '"no address"')
    proposal = office.desk.making.of_file(text.encode(), "text/turtle")
    assert not proposal.conforms
    assert "give a full web address" in str(proposal.report)
