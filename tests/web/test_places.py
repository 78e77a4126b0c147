"""Places for the public: held while an answer lasts, refused at once when there is none."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest
from flask import Blueprint, Flask, Response
from flask.testing import FlaskClient
from werkzeug.test import EnvironBuilder, run_wsgi_app
from werkzeug.wsgi import FileWrapper

from escrgraph.web import dumps, problems
from escrgraph.web.context import Context, attach
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

    @pages.route("/page", methods=["GET", "POST"])
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


def test_whoever_sends_a_body_takes_a_place_anywhere(client: FlaskClient) -> None:
    with client.get("/lasting", buffered=False):
        assert client.post("/page", data=b"").status_code == 200
        assert client.post("/page", data=b"name=a").status_code == 503
        assert client.post("/page", headers={"Transfer-Encoding": "chunked"}).status_code == 503
    assert client.post("/page", data=b"name=a").status_code == 200


def test_a_failure_gives_its_place_back(client: FlaskClient) -> None:
    for _ in range(3):
        with client.get("/failing") as answer:
            assert (answer.status_code, "accident" in answer.text) == (500, False)


def test_a_dump_gives_its_place_back(tmp_path: Path) -> None:
    """Servers offer to send files by themselves; then nothing that waits for the end of the answer would hear of it."""
    file = tmp_path / "x.gz"
    file.write_bytes(b"x" * 100_000)
    digest = hashlib.sha256(b"x").hexdigest()
    manifest = SimpleNamespace(
        generation=1, changed=datetime.now(UTC), dump=lambda name: SimpleNamespace(sha256=digest)
    )
    app = Flask(__name__)
    attach(app, cast(Context, SimpleNamespace(outlet=SimpleNamespace(dumps=lambda: (manifest, tmp_path)))))
    app.register_blueprint(dumps.blueprint)
    Places(1).register(app, {"dumps"})
    for _ in range(3):
        environ = EnvironBuilder(path="/dumps/x.gz").get_environ() | {"wsgi.file_wrapper": FileWrapper}
        body, status, _headers = run_wsgi_app(app, environ)
        assert status.startswith("200")
        assert b"".join(body) == file.read_bytes()
        body.close()  # type: ignore[attr-defined]
