"""Backwards, the language of docs/adding-a-language.md, is read and understood: run on a copy that has it."""

import numpy as np
import torch
from torch.nn import functional as F

from yozora.language import reading
from yozora.language.sentences import takes
from yozora.model.text import TextConfig, TextEncoder
from yozora.world.captions import LENGTHS, said
from yozora.world.distributions import CORE_SCENES
from yozora.world.draw import draw_scene
from yozora.world.nouns import CORE


def captions(stream: int, count: int) -> list[tuple[str, str]]:
    """Captions in the language, and the noun of each."""
    out = []
    for k in range(count):
        rng = np.random.default_rng([stream, k])
        text, slots = said(draw_scene(rng, CORE_SCENES), rng, "back", LENGTHS[1 + k % 2])
        out.append((text, slots["noun"]))
    return out


def test_the_language_on_the_page_is_read() -> None:
    told = reading.read("godik der dna tac eht krap", CORE)
    assert told.told == "godik der dna tac eht krap"
    assert [note for note in told.notes if "godik" in note] == []
    assert [part.text for part in takes("god der. tac eulb.")] == ["god der.", "tac eulb."]


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
