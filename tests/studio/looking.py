"""What a page shows: whether it has loaded, whether a film plays, what axe finds, and pictures of it."""

import io
import time
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import Locator, Page, expect

ROOT = Path(__file__).parents[2]
AXE = ROOT / "studio" / "node_modules" / "axe-core" / "axe.min.js"
TAGS = ("wcag2a", "wcag2aa", "wcag21aa", "wcag22aa")
PICTURES = ROOT / "docs" / "studio"
MOST_BYTES = 40_000  # of a picture in docs/
RUN_AXE = """(tags) => axe.run(document, {runOnly: tags, resultTypes: ["violations"], preload: false})"""
REST = """async () => {
  for (let still = 0; still < 3; ) {
    await new Promise(requestAnimationFrame);
    const moving = document.getAnimations().some((one) => one.effect.getComputedTiming().iterations !== Infinity);
    still = moving ? 0 : still + 1;
  }
}"""
PLAYS = """(v) => ({at: v.currentTime, seconds: v.duration, error: v.error && v.error.message, wide: v.videoWidth})"""


def settled(page: Page) -> None:
    """Until a page has its heading, and nothing in it is still loading (`aria-busy`, a loader)."""
    expect(page.locator("main h1").first).to_be_visible()
    expect(page.locator("main [aria-busy=true], main .mantine-Loader-root")).to_have_count(0)


def at_rest(page: Page) -> None:
    """Until nothing on a page changes any more: colours, too, take a moment to become others."""
    page.evaluate(REST)


def played(film: Page | Locator, seconds: float | None = None, *, past: float = 0.5, timeout: float = 90) -> None:
    """Wait until a film has played so far; fails on an error, or where its length is not as asked for within 0.1 s.

    `film`: a `video` element, or a page, whose first one it is. Whoever calls starts it, as one who looks would.
    """
    video = film.locator("video").first if isinstance(film, Page) else film
    deadline = time.monotonic() + timeout
    while True:
        now: dict[str, Any] = video.evaluate(PLAYS)
        assert not now["error"], now
        if now["at"] > past:
            break
        assert time.monotonic() < deadline, f"the film does not play: {now}"
        video.page.wait_for_timeout(50)
    assert now["wide"] > 0, now
    if seconds is not None:
        assert abs(now["seconds"] - seconds) < 0.1, now


def findings(page: Page) -> list[str]:
    """What axe finds on a page as it is: the rule, the element and what is wrong with it."""
    at_rest(page)
    if not page.evaluate("typeof axe !== 'undefined'"):
        page.evaluate(AXE.read_text(encoding="utf-8") + "; undefined")  # not a script of the page: its policy stays
    found = page.evaluate(RUN_AXE, list(TAGS))["violations"]
    return [
        f"{rule['id']}: {node['html'][:200]} {' '.join(node['failureSummary'].split())[:400]}"
        for rule in found
        for node in rule["nodes"]
    ]


def axe(page: Page) -> None:
    """Fails where axe finds anything."""
    found = findings(page)
    assert found == [], "\n".join(found)


def overflow(page: Page) -> int:
    """Pixels by which a page is wider than its window; 0 where it does not scroll sideways."""
    return int(page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))


def picture(page: Page, name: str) -> None:
    """Write docs/studio/NAME.webp."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    data = compressed(page.screenshot(animations="disabled"))
    (PICTURES / f"{name}.webp").write_bytes(data)


def compressed(png: bytes) -> bytes:
    """WebP of a picture, as good as fits into `MOST_BYTES`."""
    with Image.open(io.BytesIO(png)) as opened:
        shown = opened.convert("RGB")
    for quality in (88, 80, 70, 60, 45, 30):
        out = io.BytesIO()
        shown.save(out, "WEBP", quality=quality, method=6)
        if out.tell() <= MOST_BYTES:
            break
    return out.getvalue()
