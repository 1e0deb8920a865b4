"""The text encoder: any language in, one vector a slot out."""

from dataclasses import replace

import torch

from yozora.model.text import TextConfig, TextEncoder, pieces, words

CONFIG = TextConfig(
    dim=32, heads=2, layers=1, buckets=512, slots={"noun": ("unsaid", "dog", "cat"), "color": ("unsaid", "red")}
)


def encoder() -> TextEncoder:
    torch.manual_seed(0)
    return TextEncoder(CONFIG).eval()


def test_words_of_four_languages() -> None:
    assert words("A red Car, driving!") == ["a", "red", "car", "driving"]
    assert words("un perro  marrón") == ["un", "perro", "marrón"]
    assert words("红色的car") == ["红", "色", "的", "car"]
    assert words("سَيَّارَة حمراء") == ["سيارة", "حمراء"]
    assert words("") == []


def test_words_share_pieces_with_their_forms() -> None:
    assert set(pieces("bicycle", 1 << 20)) & set(pieces("bicycles", 1 << 20))
    assert max(pieces("bicycle", 16)) < 16


def test_a_prompt_does_not_depend_on_its_neighbours() -> None:
    model = encoder()
    alone = model(["a red dog"])
    beside = model(["a red dog", "a cat that sleeps on a very long and very soft sofa", ""])
    assert alone.shape == (1, CONFIG.length, 32)
    torch.testing.assert_close(alone[0], beside[0], rtol=1e-5, atol=1e-5)


def test_empty_and_endless_prompts_are_read() -> None:
    out, mask = encoder().encode(["", "dog " * 5000])
    assert out.isfinite().all()
    assert mask.all()


def test_slots_and_what_was_understood() -> None:
    model = encoder()
    logits = model.slots(model(["a red dog", "a cat"]))
    assert {slot: tuple(x.shape) for slot, x in logits.items()} == {"noun": (2, 3), "color": (2, 2)}
    assert set(model.understood("a red dog")) == {"noun", "color"}


def test_word_order_counts() -> None:
    model = encoder()
    assert not torch.allclose(model(["red dog blue cat"]), model(["blue dog red cat"]), atol=1e-4)


def test_a_word_is_also_read_with_the_one_before() -> None:
    torch.manual_seed(0)
    model = TextEncoder(replace(CONFIG, pairs=4096)).eval()
    alone = model._embed(["to", "left", "from"])
    assert not model._paired([["to", "left"], ["from"]]).any(), "nothing before it is trained"
    with torch.no_grad():
        model.pairs.weight.normal_()
        to, _, left, there, again = model._paired([["to"], ["from", "left"], ["to", "left"]])
    assert len(alone) == 3
    assert not torch.equal(left, again), "the same word behind another"
    assert torch.equal(to, there), "each prompt begins anew"
