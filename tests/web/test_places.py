"""Places for the public: held while an answer lasts, refused at once when there is none."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Blueprint, Flask, Response
from flask.testing import FlaskClient

from escrgraph.web import problems
from escrgraph.web.places import Places


@pytest.fixture
def client() -> FlaskClient:
    """An application with one place for the public, and pages beside."""
    app = Flask("escrgraph.web")
    public, pages = Blueprint("public", __name__), Blueprint("pages", __name__)

    @public.get("/lasting")
    def lasting() -> Response:
        def pieces() -> Iterator[bytes]:
            yield b"one"
            yield b"two"

        return Response(pieces())

    @public.get("/failing")
    def failing() -> Response:
        raise ValueError("an accident")

    @pages.get("/page")
    def page() -> str:
        return "a page"

    problems.register(app)
    Places(1).register(app, {"public"})
    app.register_blueprint(public)
    app.register_blueprint(pages)
    return app.test_client()


def test_a_place_is_held_until_the_last_byte_is_taken(client: FlaskClient) -> None:
    first = client.get("/lasting", buffered=False)
    refused = client.get("/lasting")
    assert (refused.status_code, refused.headers["Retry-After"]) == (503, "2")
    assert client.get("/page").status_code == 200
    first.close()
    assert client.get("/lasting", buffered=True).data == b"onetwo"


def test_a_failure_gives_its_place_back(client: FlaskClient) -> None:
    for _ in range(3):
        with client.get("/failing") as answer:
            assert (answer.status_code, "accident" in answer.text) == (500, False)
