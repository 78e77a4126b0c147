"""Problems that come up before anything is sent are told as such."""

from __future__ import annotations

from flask import Flask

from escrgraph.repository.errors import Interrupted
from escrgraph.web import problems


def test_an_answer_that_breaks_off_before_anything_is_sent_may_be_asked_for_again() -> None:
    app = Flask("escrgraph.web")
    problems.register(app)

    @app.get("/")
    def broken() -> str:
        raise Interrupted("The answers broke off before their end.")

    answer = app.test_client().get("/", headers={"Accept": "application/problem+json"})
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert answer.json is not None
    assert "ask again" in answer.json["detail"]
