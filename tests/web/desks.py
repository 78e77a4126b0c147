"""A service with people: members, curators and an administrator before the application in this process."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from flask.testing import FlaskClient
from lxml import html
from tests.running import serving
from tests.web.sites import BASE, Site, before_store
from werkzeug.test import TestResponse

from escrgraph.curation.actors import Role
from escrgraph.curation.desk import Desk
from escrgraph.curation.people import SESSION, TOKEN, Person
from escrgraph.repository.addresses import VARIABLE
from escrgraph.web.visitors import COOKIE

PASSWORD = "four words of mine"
_numbers = count(1)


@dataclass
class Somebody:
    """Somebody before a browser without JavaScript, signed in or not."""

    site: Site
    client: FlaskClient
    person: Person | None = None

    def get(self, path: str, status: int = 200) -> html.HtmlElement:
        """A page, parsed."""
        answer = self.client.get(path, headers={"Accept": "text/html"})
        assert answer.status_code == status, answer.text
        return html.document_fromstring(answer.get_data(as_text=True))

    def send(self, path: str, number: int = 0, button: str = "", at: str = "", **fields: object) -> TestResponse:
        """Open a page, fill in the form that goes to `at` (this page when not given), and press a button.

        button: the value of the button that is pressed. number: which of several such forms.
        """
        page = self.get(path)
        target = at or path.partition("?")[0]
        forms = [f for f in page.forms if f.method == "POST" and (f.action or path).partition("?")[0] == target]
        forms = [f for f in forms if not button or f.xpath(f".//button[@value='{button}']")]
        form = forms[number]
        pairs: list[tuple[str, str]] = [(k, v) for k, v in form.form_values() if k not in fields]
        for box in page.xpath(f"//input[@form='{form.get('id')}'][@checked]") if form.get("id") else []:
            if box.get("name") not in fields:
                pairs.append((box.get("name"), box.get("value")))
        if button:
            pairs.append((form.xpath(f".//button[@value='{button}']/@name")[0], button))
        for name, value in fields.items():
            values = value if isinstance(value, list) else [value]
            pairs += [(name, str(one)) for one in values]
        data: dict[str, list[str]] = {}
        for key, value in pairs:
            data.setdefault(key, []).append(value)
        return self.client.post(form.action or path, data=data, headers={"Accept": "text/html"})


@dataclass
class Office:
    """The service, its desk, and who comes to it."""

    site: Site
    desk: Desk
    people: dict[str, Person]

    def of(self, name: str = "") -> Somebody:
        """Somebody of the people, signed in; a reader without a name."""
        client = self.site.service and self.site.client.application.test_client()
        person = self.people.get(name)
        if person is not None:
            client.set_cookie(COOKIE, self.desk.people.open(person.id, SESSION))
        return Somebody(self.site, client, person)

    def token(self, name: str, scope: str) -> dict[str, str]:
        """The header of a program that somebody lets in."""
        return {"Authorization": f"Bearer {self.desk.people.open(self.people[name].id, TOKEN, scope=scope)}"}

    def turtle(self, title: str = "A journal", slug: str = "", more: str = "") -> tuple[str, bytes]:
        """A record that nobody has yet, and its Turtle."""
        record = f"journal/{slug or f'new-{next(_numbers)}'}"
        text = f"""@prefix dcterms: <http://purl.org/dc/terms/> . @prefix escr: <https://w3id.org/escrgraph/def/> .
        @prefix bibo: <http://purl.org/ontology/bibo/> .
        <{BASE}id/{record}> a escr:Journal, bibo:Journal ; dcterms:title "{title}"@en ;
          dcterms:source <https://example.org/{record}> . {more}"""
        return record, text.encode()

    def submitted(self, name: str = "ana", title: str = "A journal", more: str = "") -> tuple[str, str]:
        """A new record that somebody submitted: the id of the submission, and the record."""
        record, data = self.turtle(title, more=more)
        proposal = self.desk.making.of_file(data, "text/turtle")
        assert proposal.conforms, proposal.report
        actor = self.people[name].actor
        made, _ = self.desk.submissions.create(proposal, actor)
        return self.desk.submissions.submit(made.id, actor).id, record


@contextmanager
def office(store: Path, database: str = "", **settings: str) -> Iterator[Office]:
    """The service on a store, and five people: ana and bea are members, carla and dan curators, root administers.

    database: the address of the PostgreSQL that has its log and its curation, "" for SQLite beside the store.
    """
    where = {VARIABLE: database} if database else {}
    with serving(store, **where), before_store(store, database=database, **settings) as site:
        desk = site.client.application.extensions["escrgraph"].desks.get()
        roles = {"ana": "member", "bea": "member", "carla": "curator", "dan": "curator", "root": "admin"}
        people = {
            name: desk.people.add(name, Role(role), mail=f"{name}@example.org", password=PASSWORD)
            for name, role in roles.items()
        }
        desk.making.of_file(Office(site, desk, people).turtle()[1], "text/turtle")  # so that the checkers run
        yield Office(site, desk, people)


def csrf(page: html.HtmlElement) -> str:
    """The secret in the forms of a page."""
    return str(page.xpath("//input[@name='csrf']/@value")[0])


def address(answer: TestResponse) -> str:
    """Where an answer leads."""
    return re.sub(r"^https?://[^/]+", "", answer.headers["Location"])
