"""The application in this process, before the processes of a real service."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask.testing import FlaskClient
from lxml import html
from pyoxigraph import RdfFormat, Store
from tests.places import settings_of
from werkzeug.test import TestResponse

from escrgraph.service import Service, open_service
from escrgraph.web.app import create_app

BASE = "https://w3id.org/escrgraph/"


class Client(FlaskClient):
    """Takes each answer whole, as a client does that has read it: one that is not over keeps its place."""

    def open(self, *arguments: Any, buffered: bool = True, **more: Any) -> TestResponse:
        """One answer; as FlaskClient.open."""
        return super().open(*arguments, buffered=buffered, **more)


@dataclass(slots=True)
class Site:
    """What a test asks."""

    service: Service
    client: FlaskClient

    def get(self, path: str, accept: str | None = None, **headers: str) -> TestResponse:
        """One answer. Headers are named as keywords: accept_language="fr"."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.client.get(path, headers=named | ({"Accept": accept} if accept else {}))

    def page(self, path: str, language: str = "en") -> html.HtmlElement:
        """A page that must be there, parsed."""
        answer = self.get(path, "text/html", accept_language=language)
        assert answer.status_code == 200, answer.text
        return html.document_fromstring(answer.get_data(as_text=True))

    def whole(self) -> Store:
        """All public graphs."""
        store = Store()
        store.load(self.get("/store", "application/n-quads").data, format=RdfFormat.N_QUADS)
        return store

    def rows(self, query: str) -> list[list[str]]:
        """The rows of a query, as text."""
        answer = self.client.get("/sparql", query_string={"query": query, "format": "tsv"})
        assert answer.status_code == 200, answer.text
        return [line.split("\t") for line in answer.text.splitlines()[1:]]


@contextmanager
def before(service: Service) -> Iterator[Site]:
    """The application before a service."""
    app = create_app(service)
    app.test_client_class = Client
    try:
        yield Site(service, app.test_client())
    finally:
        app.extensions["escrgraph"].records.close()
        app.extensions["escrgraph"].outlet.close()
        app.extensions["escrgraph"].desks.close()


@contextmanager
def before_store(store: Path, **settings: str) -> Iterator[Site]:
    """The application before the service that runs on a store."""
    with before(open_service(settings_of(store, **settings))) as found:
        yield found


def texts(page: html.HtmlElement, path: str) -> list[str]:
    """The text of each element at an XPath, without the space around it."""
    return [" ".join(element.text_content().split()) for element in page.xpath(path)]
