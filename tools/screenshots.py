"""Pictures of the site for README and docs: the real library in a headless Chromium. `make screenshots`."""

from __future__ import annotations

import argparse
import base64
import os
import shutil
import sys
import tempfile
from pathlib import Path
from urllib.parse import quote

from playwright.sync_api import Browser, Page, sync_playwright
from tests.running import PROJECT, serving

IMAGES = PROJECT / "docs" / "images"
LARGEST = 150_000
"""Bytes of a picture: they are fetched by everybody who opens the README."""

QUERY = """PREFIX escr: <https://w3id.org/escrgraph/def/>
# Findings by the right that was denied
SELECT ?right (COUNT(DISTINCT ?finding) AS ?findings) WHERE {
  ?finding a escr:Finding ; escr:establishes/escr:right ?right .
} GROUP BY ?right ORDER BY DESC(?findings) LIMIT 8"""

PAGES = {
    "finding": "doc/finding/gtm-maternal-mortality-indigenous",
    "search": "search?q=budget+analysis+health",
    "query": f"sparql?query={quote(QUERY)}#view-chart",
    "question-ar": "queries/institutions-responsible?country=country/col&lang=ar",
}

_WEBP = """async (source) => {
  const picture = new Image();
  picture.src = 'data:image/png;base64,' + source;
  await picture.decode();
  const canvas = new OffscreenCanvas(picture.width, picture.height);
  canvas.getContext('2d').drawImage(picture, 0, 0);
  const blob = await canvas.convertToBlob({ type: 'image/webp', quality: 0.85 });
  return btoa(Array.from(new Uint8Array(await blob.arrayBuffer()), (byte) => String.fromCharCode(byte)).join(''));
}"""


def main() -> int:
    """Take the pictures that are named, or all. Returns 1 when one could not be taken."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(PAGES)}; all when none is named")
    names = parser.parse_args().names or list(PAGES)
    if unknown := set(names) - PAGES.keys():
        parser.error(f"there is no picture {', '.join(sorted(unknown))}; there are {', '.join(PAGES)}")
    chromium = shutil.which("chromium")
    if chromium is None:
        print("There is no chromium on the PATH. On Debian and Ubuntu: apt-get install chromium", file=sys.stderr)
        return 1
    IMAGES.mkdir(parents=True, exist_ok=True)
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []  # root has no sandbox to use
    with (
        tempfile.TemporaryDirectory() as folder,
        serving(Path(folder) / "store") as service,
        sync_playwright() as play,
        play.chromium.launch(executable_path=chromium, args=arguments) as browser,
    ):
        return max([_taken(browser, service.url, name) for name in names])


def _taken(browser: Browser, home: str, name: str) -> int:
    with browser.new_context(viewport={"width": 1160, "height": 860}, color_scheme="light", locale="en") as context:
        page = context.new_page()
        answer = page.goto(home + PAGES[name])
        if answer is None or not answer.ok:
            print(f"{name}: {PAGES[name]} answered {answer and answer.status}", file=sys.stderr)
            return 1
        page.wait_for_load_state("networkidle")
        page.evaluate("scrollTo(0, 0)")
        picture = _webp(context.new_page(), page.screenshot(animations="disabled"))
    if len(picture) > LARGEST:
        print(f"{name}: {len(picture):,} bytes, more than {LARGEST:,}", file=sys.stderr)
        return 1
    (IMAGES / f"{name}.webp").write_bytes(picture)
    print(f"docs/images/{name}.webp, {len(picture):,} bytes")
    return 0


def _webp(page: Page, png: bytes) -> bytes:
    """The picture as WebP, a third of the size, written by the browser that took it."""
    return base64.b64decode(page.evaluate(_WEBP, base64.b64encode(png).decode()))


if __name__ == "__main__":
    raise SystemExit(main())
