"""A real Chromium before the shipped library."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright
from tests.running import Running

DESK, PHONE = ViewportSize(width=1200, height=800), ViewportSize(width=360, height=740)


@dataclass(slots=True)
class Reader:
    """Somebody before a browser. wrong: what the console complained of; asked: the hosts that requests went to."""

    page: Page
    home: str
    wrong: list[str] = field(default_factory=list)
    asked: set[str] = field(default_factory=set)

    def open(self, path: str) -> Page:
        """Open a page of the service, which must be there."""
        answer = self.page.goto(self.home + path.lstrip("/"), wait_until="load")
        assert answer is not None
        assert answer.ok, path
        return self.page


@dataclass(frozen=True, slots=True)
class Readers:
    """Lets readers sit down before one browser."""

    browser: Browser
    home: str

    @contextmanager
    def sit(self, *, language: str = "en", size: ViewportSize = DESK) -> Iterator[Reader]:
        """A reader with nothing remembered. Whatever page they open, its console stays silent and asks only us."""
        with self.browser.new_context(locale=language, color_scheme="light", viewport=size) as context:
            reader = Reader(context.new_page(), self.home)
            reader.page.on("console", lambda told: reader.wrong.append(f"{told.type}: {told.text}"))
            reader.page.on("pageerror", lambda error: reader.wrong.append(str(error)))
            reader.page.on("request", lambda request: reader.asked.add(urlsplit(request.url).netloc))
            yield reader
            assert not reader.wrong
            assert reader.asked <= {urlsplit(self.home).netloc}
            assert not context.cookies()


@pytest.fixture(scope="session")
def readers(library: Running) -> Iterator[Readers]:
    chromium = shutil.which("chromium")
    if chromium is None:
        reason = "There is no chromium on the PATH. On Debian and Ubuntu: apt-get install chromium"
        (pytest.fail if os.environ.get("CI") else pytest.skip)(reason)
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []  # root has no sandbox to use
    with sync_playwright() as play, play.chromium.launch(executable_path=chromium, args=arguments) as browser:
        yield Readers(browser, library.url)
