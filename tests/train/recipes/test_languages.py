"""The recipe that teaches the text encoder further languages runs, and leaves what was known as it was."""

from pathlib import Path

import torch

from yozora.engine.parts import load_text
from yozora.language.languages import LANGUAGES, TRANSFORMER_LANGUAGES
from yozora.model.text import TextEncoder
from yozora.train.recipes.languages import begun, main, recipe
from yozora.train.recipes.mini import smoke
from yozora.weights.files import save


def test_a_toy_encoder_is_taught_for_two_steps(tmp_path: Path) -> None:
    config = smoke().text.config
    torch.manual_seed(0)
    first = TextEncoder(config).eval()
    save(tmp_path / "text.safetensors", first, config)
    settings = recipe()
    assert set(settings.languages) == set(LANGUAGES) - set(TRANSFORMER_LANGUAGES)
    toy = ["--weights", str(tmp_path / "text.safetensors"), "--batch", "4", "--steps", "2", "--out", str(tmp_path)]
    main([*toy, "--buckets", "256", "--pairs", "64"])
    taught = load_text(tmp_path / "languages.safetensors")
    before = {name: value.half() for name, value in first.state_dict().items()}
    assert all(torch.equal(taught.state_dict()[name].half(), value) for name, value in before.items())
    assert begun(tmp_path / "languages.safetensors", settings).config == taught.config, "taught on as it is"
    assert "fr: {" in (tmp_path / "slots.txt").read_text()
