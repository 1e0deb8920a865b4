"""docs/adding-a-language.md runs: a language is written, captioned and understood, and is gone after the test."""

import re
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from yozora.language import known, reading
from yozora.language.languages import LANGUAGES
from yozora.language.sentences import takes
from yozora.model.text import TextConfig, TextEncoder
from yozora.world.captions import LENGTHS, said
from yozora.world.distributions import CORE_SCENES
from yozora.world.draw import draw_scene
from yozora.world.nouns import CORE

PAGE = (Path(__file__).parents[1] / "docs" / "adding-a-language.md").read_text(encoding="utf-8")


@pytest.fixture
def backwards(monkeypatch: pytest.MonkeyPatch) -> None:
    """The language of the page, among the others."""
    monkeypatch.setitem(LANGUAGES, "back", LANGUAGES["en"])  # so that it is taken away again
    snippets = re.findall(r"^```python\n(.*?)^```", PAGE, flags=re.MULTILINE | re.DOTALL)
    assert len(snippets) == 3
    page = ModuleType("page")
    for snippet in snippets:
        module = ModuleType("back") if snippet.startswith("# back.py") else page
        monkeypatch.setitem(sys.modules, module.__name__, module)
        exec(compile(snippet, f"{module.__name__}.py", "exec"), module.__dict__)
    known.known.cache_clear()
    reading._parse_prompt.cache_clear()


def captions(stream: int, count: int) -> list[tuple[str, str]]:
    """Captions in the language, and the noun of each."""
    out = []
    for k in range(count):
        rng = np.random.default_rng([stream, k])
        text, slots = said(draw_scene(rng, CORE_SCENES), rng, "back", LENGTHS[1 + k % 2])
        out.append((text, slots["noun"]))
    return out


@pytest.mark.usefixtures("backwards")
def test_the_language_on_the_page_is_read() -> None:
    told = reading.read("godik der dna tac eht krap", CORE)
    assert told.told == "godik der dna tac eht krap"
    assert [note for note in told.notes if "godik" in note] == []
    assert [part.text for part in takes("god der. tac eulb.")] == ["god der.", "tac eulb."]


@pytest.mark.usefixtures("backwards")
def test_the_language_on_the_page_is_understood() -> None:
    """A toy encoder learns it in seconds."""
    torch.manual_seed(0)
    nouns = (*CORE, "none")
    model = TextEncoder(TextConfig(dim=48, heads=2, layers=1, buckets=1024, free=0, slots={"noun": nouns}))
    optimiser = torch.optim.AdamW(model.parameters(), lr=4e-3)
    seen = captions(1, 2400)
    for step in range(110):
        some = [seen[(step * 48 + k) % len(seen)] for k in range(48)]
        logits = model.slots(model([text for text, _ in some]))["noun"]
        loss = F.cross_entropy(logits, torch.tensor([nouns.index(noun) for _, noun in some]))
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    held = captions(2, 300)
    with torch.no_grad():
        found = model.slots(model([text for text, _ in held]))["noun"].argmax(1)
    right = [nouns[int(at)] == noun for at, (_, noun) in zip(found, held, strict=True)]
    assert sum(right) / len(right) >= 0.9
