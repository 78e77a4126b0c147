"""Answers begin when their first bytes are there, and are closed however they end."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask

from escrgraph.repository.errors import Interrupted, OutOfTime, TooLarge, Unavailable
from escrgraph.web.streaming import OLD_HTTP_BYTES, SHORT, stream

LONG = b"x" * SHORT


class Source:
    """Chunks, an error in their midst, and how often they were closed and how far they were read."""

    def __init__(self, *chunks: bytes | Exception) -> None:
        self.closed = self.read = 0
        self.chunks = self._given(chunks)

    def _given(self, chunks: tuple[bytes | Exception, ...]) -> Iterator[bytes]:
        for chunk in chunks:
            self.read += 1
            if isinstance(chunk, Exception):
                raise chunk
            yield chunk

    def close(self) -> None:
        self.closed += 1


@pytest.fixture(autouse=True)
def _request() -> Iterator[None]:
    with Flask("escrgraph.web").test_request_context(environ_overrides={"SERVER_PROTOCOL": "HTTP/1.1"}):
        yield


@pytest.mark.parametrize("chunks", [(), (b"a",), (b"a", b"b"), (LONG,), (LONG, b"b"), (LONG, LONG, LONG)])
def test_whole_answers(chunks: tuple[bytes, ...]) -> None:
    source = Source(*chunks)
    response = stream(source.chunks, source.close, "text/csv")
    assert b"".join(response.iter_encoded()) == b"".join(chunks)
    response.close()
    assert source.closed == 1


def test_a_short_answer_has_its_length() -> None:
    source = Source(b"short")
    assert stream(source.chunks, source.close, "text/csv").content_length == 5


def test_no_more_is_read_than_the_client_takes() -> None:
    source = Source(*[LONG] * 10)
    taken = stream(source.chunks, source.close, "text/csv").iter_encoded()
    assert source.read == 1
    next(iter(taken))
    assert source.read <= 2


@pytest.mark.parametrize("before", [(), (b"a",)])
def test_what_fails_before_an_answer_begins_is_raised_at_once(before: tuple[bytes, ...]) -> None:
    source = Source(*before, OutOfTime("too long"))
    with pytest.raises(OutOfTime):
        stream(source.chunks, source.close, "text/csv")
    assert source.closed == 1


def test_an_answer_that_breaks_before_anything_is_sent_is_an_error_like_others() -> None:
    source = Source(b"short", Interrupted("broke."))
    with pytest.raises(Unavailable, match="ask again"):
        stream(source.chunks, source.close, "text/csv")
    assert source.closed == 1


def test_what_fails_later_is_raised_to_the_server() -> None:
    source = Source(LONG, Interrupted("broke"))
    response = stream(source.chunks, source.close, "text/csv")
    with pytest.raises(Interrupted):
        list(response.iter_encoded())
    response.close()
    assert source.closed == 1


def test_http_1_0_gets_an_answer_with_its_length_or_none() -> None:
    with Flask("escrgraph.web").test_request_context(environ_overrides={"SERVER_PROTOCOL": "HTTP/1.0"}):
        source = Source(LONG, LONG)
        assert stream(source.chunks, source.close, "text/csv").content_length == 2 * SHORT
        for failing in (Source(*[LONG] * (OLD_HTTP_BYTES // SHORT + 1)), Source(LONG, Interrupted("broke"))):
            with pytest.raises((TooLarge, Unavailable)):
                stream(failing.chunks, failing.close, "text/csv")
            assert failing.closed == 1
