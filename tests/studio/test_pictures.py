"""Pictures of every page for docs/studio.md, of films with all their steps: `make pictures`. Nothing else runs this."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import expect
from tests.studio.conftest import PHONE, View
from tests.studio.looking import at_rest, picture
from tests.studio.served import Studio
from tests.studio.shown import PAGES, Shown

SIZE = "640x360"
SECONDS = 2
PROMPTS = {
    "A red car": "A red car drives left on a city street at sunset.",
    "Boat at night": "A blue boat on the sea at night.",
    "Dog on the beach": "A brown dog runs right on the beach.",
    "First snow": "A green bus drives right on a street in the snow.",
    "Balloons": "Two yellow balloons rise over a park.",
    "Cat in the garden": "A white cat walks left in a garden.",
    "Kite": "A purple kite flies in the sky in the rain.",
    "Forest": "A red bird flies left over a forest, watercolor.",
}
FILMED = "A red car"  # the one whose page is shown
VIEWS = {
    "light": View(),
    "dark": View(scheme="dark"),
    "phone": View(size=PHONE),
    "ar": View(locale="ar"),
}


@pytest.fixture(scope="module")
def scene(studio: Studio) -> Iterator[dict[str, str]]:
    """Films, a folder, a character, a feed with a report, and a queue: ids by title."""
    ids = {}
    for title, prompt in PROMPTS.items():
        video = studio.call("POST", "/v1/videos", json={"prompt": prompt, "size": SIZE, "seconds": SECONDS, "seed": 7})
        studio.call("POST", f"/v1/videos/{video['id']}", json={"title": title})
        ids[title] = video["id"]
    for video_id in ids.values():
        studio.completed(video_id, seconds=600)
    first, second = list(ids.values())[:2]
    remix = studio.call("POST", f"/v1/videos/{first}/remix", json={"prompt": "A red car drives left in the snow."})
    studio.completed(remix["id"], seconds=600)
    studio.call("POST", "/v1/folders", json={"name": "Short films"})
    for name, title in (("Rex", "Dog on the beach"), ("Mia", "Cat in the garden")):
        studio.call("POST", "/v1/videos/characters", json={"name": name, "video": {"id": ids[title]}})
    for video_id in (first, second, ids["Balloons"], ids["Forest"]):
        studio.call("POST", f"/v1/videos/{video_id}/publish")
    studio.call("POST", f"/v1/feed/{second}/report", "second", json={"reason": "This is my boat."})
    later = {"prompt": "A black horse runs left on a meadow.", "size": SIZE, "seconds": SECONDS, "steps": 200}
    queued = [studio.call("POST", "/v1/videos", json=later)["id"] for _ in range(2)]
    ids["In the snow"] = remix["id"]
    yield ids
    for video_id in queued:
        studio.call("DELETE", f"/v1/videos/{video_id}")


def drafts(scene: dict[str, str], key_id: str) -> dict[str, Any]:
    """What somebody is working on, by its place in the browser: a prompt, its last films, and a board."""
    cards = [
        {"key": "a", "prompt": PROMPTS["A red car"], "seconds": 2, "preview": scene["A red car"], "camera": "pan left"},
        {"key": "b", "prompt": PROMPTS["First snow"], "seconds": 1.5, "preview": scene["First snow"]},
        {"key": "c", "prompt": PROMPTS["Boat at night"], "seconds": 2.5, "preview": scene["Boat at night"]},
    ]
    plain = {"transition": "cut", "camera": "", "style": "", "source": None, "preview": None}
    board = {"title": "A day out", "cards": [{**plain, **card} for card in cards]}
    batch = {"at": 1, "ids": [scene["Balloons"], scene["Kite"]], "draft": {"prompt": PROMPTS["Balloons"]}, "seed": 7}
    prompt = {"prompt": "A red car and a gramophone on a beach at sunset."}
    drafts = {f"yozora.draft.{key_id}.create": prompt, f"yozora.draft.{key_id}.board": board}
    return {**drafts, f"yozora.batches.{key_id}": [batch]}


STORE = "(kept) => Object.entries(kept).forEach(([place, value]) => localStorage.setItem(place, JSON.stringify(value)))"


@pytest.mark.timeout(3000)
@pytest.mark.parametrize("name", VIEWS)
@pytest.mark.parametrize("shown", PAGES, ids=lambda shown: shown.name)
def test_a_picture_is_made(
    open_page: Callable[..., Any], studio: Studio, scene: dict[str, str], shown: Shown, name: str
) -> None:
    view = VIEWS[name]
    page = open_page(View(key=shown.key, locale=view.locale, scheme=view.scheme, size=view.size))
    if shown.key is not None:
        page.add_init_script(f"({STORE})({json.dumps(drafts(scene, studio.keys[shown.key].id))})")
    page.goto(shown.address.format(film=scene[FILMED], other=scene["In the snow"]))
    expect(page.locator("main h1").first).to_be_visible()
    page.watch.wait_for_quiet(page)
    at_rest(page)
    page.wait_for_timeout(500)  # pictures of films are decoded after they were loaded
    picture(page, f"{shown.name}-{name}")
