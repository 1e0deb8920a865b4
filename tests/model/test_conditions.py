"""What the transformer takes beside noisy tokens and prompts: images, and the control branch."""

import copy
from dataclasses import replace

import pytest
import torch
from torch import Tensor

from yozora.model.configurations import TransformerConfig
from yozora.model.dit import SpacetimeTransformer, Time, compile_parts
from yozora.weights.files import assemble

PLAIN = TransformerConfig(
    dim=48, heads=2, layers=3, ffn=64, in_channels=3, out_channels=3, text_dim=10, freq_dim=32, text_len=12
)
IMAGE = replace(PLAIN, image_dim=8)
TWO_IMAGES = replace(IMAGE, image_tokens=10)
CONTROL = replace(PLAIN, control_layers=(0, 2), control_channels=5)
BOTH = replace(CONTROL, image_dim=8)
N = 12


def draw(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


def model(config: TransformerConfig) -> SpacetimeTransformer:
    """With random weights everywhere: the initial ones are the identity."""
    made, generator = SpacetimeTransformer(config), torch.Generator().manual_seed(1)
    with torch.no_grad():
        for parameter in made.parameters():
            parameter.normal_(std=0.2, generator=generator)
    return made.requires_grad_(False)


def distance(a: Tensor, b: Tensor) -> float:
    return ((a - b).norm() / b.norm()).item()


POS = torch.cartesian_prod(torch.arange(3.0), torch.arange(2.0), torch.arange(2.0))[None]
X, TIME, TEXT = draw(2, N, 12), Time.of(torch.tensor([[0.0] * 4 + [0.7] * 8] * 2)), draw(2, 1, 5, 10, seed=3)
SEEN, STEERED = draw(1, 10, 8, seed=4), draw(1, N, 20, seed=5)


def test_images_and_control_have_no_influence_at_first() -> None:
    torch.manual_seed(0)
    fresh = SpacetimeTransformer(BOTH)
    assert not fresh(X, TIME, POS, fresh.read(TEXT, None, SEEN), control_BNC=STEERED).any()
    with torch.no_grad():
        for block in fresh.blocks:
            torch.nn.init.normal_(block.ffn[2].weight, std=0.2)
        torch.nn.init.normal_(fresh.head.head.weight, std=0.2)
    reading = fresh.read(TEXT)
    assert torch.equal(fresh(X, TIME, POS, reading, control_BNC=STEERED), fresh(X, TIME, POS, reading))


def test_without_them_a_model_is_as_one_that_takes_none() -> None:
    made = model(BOTH)
    state = {key: value for key, value in made.state_dict().items() if "img" not in key and "vace" not in key}
    plain = assemble(lambda: SpacetimeTransformer(PLAIN), state)
    assert torch.equal(made(X, TIME, POS, made.read(TEXT)), plain(X, TIME, POS, plain.read(TEXT)))


def test_one_image_or_control_is_that_of_all_films() -> None:
    made = model(BOTH)
    once = made(X, TIME, POS, made.read(TEXT, None, SEEN), control_BNC=STEERED)
    reading = made.read(TEXT, None, SEEN.repeat(2, 1, 1))
    torch.testing.assert_close(made(X, TIME, POS, reading, control_BNC=STEERED.repeat(2, 1, 1)), once)


def test_hints_are_as_strong_as_asked_for() -> None:
    made = model(CONTROL)
    reading = made.read(TEXT)

    def velocity(strength: float | tuple[float, ...]) -> Tensor:
        told: Tensor = made(X, TIME, POS, reading, control_BNC=STEERED, control_strength=strength)
        return told

    none = made(X, TIME, POS, reading)
    assert torch.equal(velocity(0.0), none)
    assert torch.equal(velocity(0.5), velocity((0.5, 0.5)))
    assert distance(velocity(0.01), none) < distance(velocity(0.1), none) < distance(velocity(1.0), none)
    assert distance(velocity((1.0, 0.0)), velocity((0.0, 1.0))) > 0.01


def test_control_belongs_to_its_token() -> None:
    made, order = model(CONTROL), torch.randperm(N, generator=torch.Generator().manual_seed(4))
    t_BN, reading = draw(2, N, seed=7).sigmoid(), made.read(TEXT)
    velocity = made(X, Time.of(t_BN), POS, reading, control_BNC=STEERED)
    shuffled = made(X[:, order], Time.of(t_BN[:, order]), POS[:, order], reading, control_BNC=STEERED[:, order])
    assert distance(shuffled, velocity[:, order]) < 1e-5


def test_a_token_that_listens_to_no_prompt_still_sees_the_image() -> None:
    made, deaf = model(IMAGE), torch.zeros(1, N, 1, dtype=torch.bool)
    one, other = (made(X, TIME, POS, made.read(TEXT, None, seen), deaf) for seen in (SEEN, -SEEN))
    assert distance(one, other) > 0.01
    silent = made.read(TEXT, torch.zeros(2, 1, 5, dtype=torch.bool), SEEN)
    assert silent.images[0][0].shape == (1, 10, 2, 24)


def test_positions_tell_two_images_apart() -> None:
    made, swapped = model(TWO_IMAGES), SEEN.roll(5, dims=1)
    one, other = (made(X, TIME, POS, made.read(TEXT, None, seen)) for seen in (SEEN, swapped))
    assert distance(one, other) > 5e-4
    alike = model(IMAGE)
    one, other = (alike(X, TIME, POS, alike.read(TEXT, None, seen)) for seen in (SEEN, swapped))
    assert distance(one, other) < 1e-5


def test_what_a_model_does_not_take_is_told() -> None:
    plain, two, control = model(PLAIN), model(TWO_IMAGES), model(CONTROL)
    with pytest.raises(ValueError, match="takes no images"):
        plain.read(TEXT, None, SEEN)
    with pytest.raises(ValueError, match="5 tokens of images, and positions for 10"):
        two.read(TEXT, None, SEEN[:, :5])
    with pytest.raises(ValueError, match="takes no control"):
        plain(X, TIME, POS, plain.read(TEXT), control_BNC=STEERED)
    with pytest.raises(ValueError, match="3 strengths of control, and the model has 2"):
        control(X, TIME, POS, control.read(TEXT), control_BNC=STEERED, control_strength=(1.0, 1.0, 1.0))


@pytest.mark.parametrize("stored", [False, True])
def test_half_precision_stays_close(stored: bool) -> None:
    made = model(BOTH)
    expected = made(X, TIME, POS, made.read(TEXT, None, SEEN), control_BNC=STEERED)
    half = made
    if stored:
        half = assemble(lambda: SpacetimeTransformer(BOTH), {k: v.bfloat16() for k, v in made.state_dict().items()})
    with torch.autocast("cpu", torch.bfloat16, enabled=not stored):
        velocity = half(X, TIME, POS, half.read(TEXT, None, SEEN), control_BNC=STEERED)
    assert velocity.dtype == torch.float32
    assert distance(velocity, expected) < 0.05


def test_compiled_parts_serve_the_control_branch() -> None:
    plain = model(BOTH)
    fused = copy.deepcopy(plain)
    compile_parts(fused, backend="eager")
    given = X, TIME, POS, plain.read(TEXT, None, SEEN)
    assert distance(fused(*given, control_BNC=STEERED), plain(*given, control_BNC=STEERED)) < 1e-5
    torch._dynamo.reset()
