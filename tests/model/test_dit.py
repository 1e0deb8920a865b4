"""The transformer against diffusers' Wan, and its exact savings against the slow way."""

import copy
from collections.abc import Iterator
from dataclasses import replace
from typing import cast

import pytest
import torch
from diffusers import WanTransformer3DModel
from torch import Tensor
from torch._dynamo.testing import CompileCounterWithBackend

from yozora.model.attention import rotate, rotation
from yozora.model.dit import SpacetimeTransformer, Time, TransformerConfig, compile_parts
from yozora.model.evidence import Memory, agree, point, recall, settle
from yozora.weights.checkpoints.names import inverse, rename
from yozora.weights.checkpoints.tables import NATIVE_TO_DIFFUSERS
from yozora.weights.files import assemble

CONFIG = TransformerConfig(
    dim=48, heads=2, layers=2, ffn=64, in_channels=3, out_channels=3, text_dim=10, freq_dim=32, text_len=12
)
GRID = (3, 2, 3)  # frames, rows and columns of patches
N = 18


def draw(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


def model(config: TransformerConfig = CONFIG) -> SpacetimeTransformer:
    """With random weights everywhere: the initial ones are the identity."""
    made = SpacetimeTransformer(config)
    generator = torch.Generator().manual_seed(1)
    with torch.no_grad():
        for parameter in made.parameters():
            parameter.normal_(std=0.2, generator=generator)
    return made.requires_grad_(False)


def positions(grid: tuple[int, int, int] = GRID) -> Tensor:
    return torch.cartesian_prod(*(torch.arange(n).float() for n in grid))[None]


def tokens(latents_BCTHW: Tensor) -> Tensor:
    """Patches of 1x2x2 in the order (channels, frames, rows, columns)."""
    x = latents_BCTHW.unflatten(4, (-1, 2)).unflatten(3, (-1, 2))
    return x.permute(0, 2, 3, 5, 1, 4, 6).flatten(4).flatten(1, 3)


def distance(a: Tensor, b: Tensor) -> float:
    return ((a - b).norm() / b.norm()).item()


@pytest.mark.parametrize("per_token", [False, True], ids=["2.1 T2V", "2.2 TI2V"])
@pytest.mark.parametrize("channels", [(4, 4), (9, 4)], ids=["text", "36 channels"])
def test_it_is_wan(per_token: bool, channels: tuple[int, int]) -> None:
    torch.manual_seed(0)
    theirs = WanTransformer3DModel(
        num_attention_heads=2,
        attention_head_dim=26,
        in_channels=channels[0],
        out_channels=channels[1],
        text_dim=10,
        freq_dim=32,
        ffn_dim=64,
        num_layers=2,
    ).eval()
    for parameter in theirs.parameters():
        torch.nn.init.normal_(parameter, std=0.3)
    config = replace(CONFIG, dim=52, in_channels=channels[0], out_channels=channels[1], text_len=20)
    ours = assemble(lambda: SpacetimeTransformer(config), rename(theirs.state_dict(), inverse(NATIVE_TO_DIFFUSERS)))

    latents_BCTHW, text_BLD = draw(2, channels[0], *(3, 4, 6)), draw(2, 7, 10, seed=1)
    t_BN = torch.tensor([[0.9], [0.35]]).expand(2, N).clone()
    if per_token:
        t_BN[:, :6] = 0.0
        t_BN[1, 7] = 0.2
    with torch.no_grad():
        padded = torch.nn.functional.pad(text_BLD, (0, 0, 0, 13))
        (expected,) = theirs(latents_BCTHW, 1000 * (t_BN if per_token else t_BN[:, 0]), padded, return_dict=False)
        velocity_BNC = ours(tokens(latents_BCTHW), Time.of(t_BN), positions(), ours.read(text_BLD[:, None]))
    assert distance(velocity_BNC, tokens(expected)) < 1e-4


def test_native_names_are_a_bijection_with_diffusers() -> None:
    state = SpacetimeTransformer(CONFIG).state_dict()
    assert {"blocks.1.cross_attn.norm_k.weight", "time_projection.1.bias", "head.modulation"} <= state.keys()
    there = rename(state, NATIVE_TO_DIFFUSERS)
    assert rename(there, inverse(NATIVE_TO_DIFFUSERS)).keys() == state.keys()


def test_tokens_are_a_set() -> None:
    made = model()
    x, t, reads = draw(2, N, 12), draw(2, N, seed=1).sigmoid(), draw(2, N, 2, seed=2) > 0
    reading = made.read(draw(2, 2, 5, 10, seed=3))
    order = torch.randperm(N, generator=torch.Generator().manual_seed(4))
    velocity = made(x, Time.of(t), positions(), reading, reads)
    shuffled = made(x[:, order], Time.of(t[:, order]), positions()[:, order], reading, reads[:, order])
    assert distance(shuffled, velocity[:, order]) < 1e-5


def test_distinct_times_are_times_per_token() -> None:
    made = model()
    x, reading = draw(2, N, 12), made.read(draw(2, 1, 5, 10, seed=3))
    frame_times = torch.tensor([[0.0, 0.7, 0.7], [0.2, 0.7, 0.9]])
    for t_BN, runs in (
        (torch.full((2, N), 0.4), 1),
        (torch.tensor([[0.1], [0.6]]).expand(2, N), 1),
        (frame_times.repeat_interleave(6, dim=1), 3),
        (torch.where(torch.arange(N) < 7, 0.0, 0.5).expand(2, N), N),
    ):
        time = Time.of(t_BN)
        assert time.index_BN.shape == (2, runs)
        assert len(time.values_U) == len(t_BN.unique())
        torch.testing.assert_close(time.per_token(N), t_BN.float())
        each = Time(values_U=t_BN.flatten(), index_BN=torch.arange(2 * N).view(2, N))
        velocity = made(x, time, positions(), reading)
        assert distance(velocity, made(x, each, positions(), reading)) < 1e-6
        frames = Time.of(t_BN, most=6)
        assert frames.index_BN.shape == (2, max(runs, 3))
        assert distance(velocity, made(x, frames, positions(), reading)) < 1e-6


def test_one_row_of_times_is_that_of_all_films() -> None:
    made = model()
    x, reading = draw(2, N, 12), made.read(draw(2, 1, 5, 10, seed=3))
    once = Time.of(torch.tensor([[0.0, 0.7, 0.2]]).repeat_interleave(6, dim=1))
    each = replace(once, index_BN=once.index_BN.repeat(2, 1))
    assert torch.equal(made(x, once, positions(), reading), made(x, each, positions(), reading))


def test_an_embedding_of_the_guidance_scale_starts_without_influence() -> None:
    plain, config = model(), replace(CONFIG, guidance_embeds=6.0)
    scaled = SpacetimeTransformer(config)
    fresh = {name: value for name, value in scaled.state_dict().items() if name.startswith("guidance_embedding.")}
    scaled.load_state_dict({**fresh, **plain.state_dict()})
    assert len(fresh) == 4
    x, text = draw(2, N, 12), draw(2, 1, 5, 10, seed=3)
    once = Time.of(torch.tensor([[0.2] * 9 + [0.7] * 9] * 2))
    scales = [None, torch.tensor([1.0, 1.0]), torch.tensor([1.0, 4.0])]
    expected = plain(x, once, positions(), plain.read(text))

    def velocities() -> list[Tensor]:
        return [scaled(x, replace(once, scales_U=U), positions(), scaled.read(text)) for U in scales]

    assert all(torch.equal(expected, velocity) for velocity in velocities())
    (velocities()[2] - draw(2, N, 12, seed=5)).square().mean().backward()
    gradient = scaled.guidance_embedding[2].weight.grad
    assert gradient is not None
    with torch.no_grad():
        scaled.guidance_embedding[2].weight -= 0.1 * gradient / gradient.norm()
    with torch.no_grad():
        none, one, four = velocities()
    assert torch.equal(none, one)  # without a scale it is 1
    assert not torch.allclose(one, four)


def test_guidance_scales_belong_to_rows_and_times() -> None:
    made = model(replace(CONFIG, guidance_embeds=6.0))
    x, text = draw(2, N, 12), draw(2, 1, 5, 10, seed=3)
    index = torch.arange(6).view(2, 3)
    time = Time(values_U=torch.tensor([0.1, 0.7, 0.7] * 2), index_BN=index)
    both = replace(time, scales_U=torch.tensor([1.0, 2.0, 2.0, 5.0, 5.0, 5.0]))
    velocity = made(x, both, positions(), made.read(text))
    for row in range(2):
        alone = Time(values_U=time.values_U[:3], index_BN=index[:1], scales_U=both.scales_U.view(2, 3)[row])  # type: ignore[union-attr]
        assert distance(made(x[row, None], alone, positions(), made.read(text[row, None])), velocity[row, None]) < 1e-5


def test_a_guidance_scale_where_none_is_taken_is_told() -> None:
    made = model()
    time = replace(Time.of(torch.full((1, N), 0.5)), scales_U=torch.tensor([2.0]))
    with pytest.raises(ValueError, match="takes no guidance scale"):
        made(draw(1, N, 12), time, positions(), made.read(draw(1, 1, 5, 10)))
    with pytest.raises(ValueError, match="guidance_embeds is 1"):
        replace(CONFIG, guidance_embeds=1.0)


def test_prompts_read_once_serve_every_step() -> None:
    made = model()
    text, mask = draw(2, 1, 5, 10), torch.arange(5) < torch.tensor([[[3]], [[5]]])
    once = made.read(text, mask)
    x = draw(2, N, 12)
    for t in (0.9, 0.4):
        time = Time.of(torch.full((2, N), t))
        torch.testing.assert_close(
            made(x, time, positions(), once), made(x, time, positions(), made.read(text, mask)), rtol=0, atol=0
        )


@pytest.mark.parametrize("lengths", [(5, 2), (12, 1), (0, 12)])
def test_collapsed_pads_weigh_what_all_pads_weigh(lengths: tuple[int, int]) -> None:
    slow = model(replace(CONFIG, collapse_pads=False))
    fast = assemble(lambda: SpacetimeTransformer(CONFIG), slow.state_dict())
    L = max(lengths)
    text, mask = draw(2, 1, L, 10), torch.arange(L) < torch.tensor(lengths)[:, None, None]
    x, time = draw(2, N, 12), Time.of(torch.full((2, N), 0.5))
    assert fast.read(text, mask).keys[0].shape[1] == L + 1
    assert slow.read(text, mask).keys[0].shape[1] == 12
    expected = slow(x, time, positions(), slow.read(text, mask))
    assert distance(fast(x, time, positions(), fast.read(text, mask)), expected) < 1e-5


def test_what_the_mask_hides_has_no_influence() -> None:
    made = model(replace(CONFIG, text_len=None))
    text, x, time = draw(2, 1, 5, 10), draw(2, N, 12), Time.of(torch.full((2, N), 0.5))
    mask = (torch.arange(5) < 3).expand(2, 1, 5)
    short = made(x, time, positions(), made.read(text[:, :, :3]))
    assert distance(made(x, time, positions(), made.read(text, mask)), short) < 1e-5


def test_a_token_hears_only_the_prompts_that_it_reads() -> None:
    for config in (CONFIG, replace(CONFIG, text_len=None)):
        made = model(config)
        text, x, time = draw(1, 2, 4, 10), draw(1, N, 12), Time.of(torch.full((1, N), 0.5))
        mask = torch.tensor([[[True] * 4, [True] * 2 + [False] * 2]])
        both = made.read(text, mask)
        for prompt in (0, 1):
            reads = torch.zeros(1, N, 2, dtype=torch.bool)
            reads[..., prompt] = True
            alone = made.read(text[:, prompt : prompt + 1], mask[:, prompt : prompt + 1])
            heard = made(x, time, positions(), both, reads)
            assert distance(heard, made(x, time, positions(), alone)) < 1e-5
        everything = made(x, time, positions(), both, torch.ones(1, N, 2, dtype=torch.bool))
        assert distance(everything, made(x, time, positions(), both)) < 1e-6


@pytest.mark.parametrize("grad", [True, False])
def test_a_token_that_reads_nothing_is_as_with_no_words(grad: bool) -> None:
    made = model(replace(CONFIG, text_len=None))
    text, x, time = draw(1, 2, 4, 10), draw(1, N, 12), Time.of(torch.full((1, N), 0.5))
    with torch.set_grad_enabled(grad):
        silent = made(x, time, positions(), made.read(text, torch.zeros(1, 2, 4, dtype=torch.bool)))
        deaf = made(x, time, positions(), made.read(text), torch.zeros(1, N, 2, dtype=torch.bool))
        mask = torch.tensor([[[True] * 4, [False] * 4]])
        reads_the_empty_one = torch.tensor([False, True]).expand(1, N, 2)
        empty = made(x, time, positions(), made.read(text, mask), reads_the_empty_one)
    assert silent.isfinite().all()
    torch.testing.assert_close(deaf, silent)
    torch.testing.assert_close(empty, silent)


def test_a_model_of_clean_latents_returns_velocity() -> None:
    clean = model(replace(CONFIG, predicts="clean"))
    cast(torch.nn.Linear, clean.head.doubt).weight.zero_()
    state = clean.state_dict()
    state.pop("head.doubt.weight")
    doubt_C = state.pop("head.doubt.bias").exp().repeat_interleave(CONFIG.volume)
    raw = assemble(lambda: SpacetimeTransformer(CONFIG), state)
    x, reading = draw(1, N, 12), clean.read(draw(1, 1, 4, 10))
    t_BN = torch.tensor([0.0, 0.02, 0.8]).repeat_interleave(6)[None]
    guess = raw(x, Time.of(t_BN), positions(), reading)
    velocity = clean(x, Time.of(t_BN), positions(), reading)
    torch.testing.assert_close(velocity, settle(x, guess, t_BN[..., None], doubt_C))


def test_a_guess_and_what_is_seen_are_weighed_as_bayes_would() -> None:
    """Where clean tokens are normal round the guess with the spread of the doubt, the best velocity is known."""
    torch.manual_seed(0)
    doubt_C, guess = torch.tensor([0.1, 0.5, 4.0]), torch.tensor([1.0, -2.0, 0.3])
    clean = guess + doubt_C * torch.randn(20_000, 1, 3)
    noise = torch.randn_like(clean)
    for t in (0.05, 0.5, 0.95):
        x = torch.lerp(clean, noise, torch.tensor(t))
        velocity = settle(x, guess.expand_as(x), torch.full((1, 1, 1), t), doubt_C)
        gain = (1 - t) * doubt_C**2 / ((1 - t) ** 2 * doubt_C**2 + t**2)
        posterior = guess + gain * (x - (1 - t) * guess)
        torch.testing.assert_close(velocity, (x - posterior) / t, rtol=1e-3, atol=1e-4)
        off = (clean - posterior).square().mean((0, 1))
        torch.testing.assert_close(off, doubt_C**2 * (1 - gain * (1 - t)), rtol=0.05, atol=1e-4)


def test_memory_is_the_nearest_known_token_of_the_same_place() -> None:
    pos = torch.cartesian_prod(torch.arange(5.0), torch.arange(2.0), torch.arange(2.0))
    pos = torch.cat([pos, torch.tensor([[-2.0, 0.0, 0.0]])])[None]  # and how the film began
    x = torch.arange(21.0).reshape(1, 21, 1).expand(2, -1, 3)
    t = torch.ones(2, 21)
    t[0, 0:4] = t[0, 16:20] = t[:, 20] = 0  # the first film knows both its ends
    memory = recall(x, t, pos, torch.ones(2, 21, 3))
    assert memory.content_BNC[0, 4:16, 0].tolist() == [0, 1, 2, 3, 0, 1, 2, 3, 16, 17, 18, 19]
    assert memory.there_BN1[0, :20].all()
    assert not memory.there_BN1[1, :20].any()


def test_a_pointer_brings_what_is_known_where_it_aims() -> None:
    """Queries turned by a step of two columns find what stood there, of what is known alone."""
    pos = torch.cartesian_prod(torch.arange(2.0), torch.arange(1.0), torch.arange(5.0))[None]
    x, t = torch.randn(1, 10, 3), torch.tensor([[0.0] * 5 + [1.0] * 5])
    ones, steps = torch.full((1, 10, 1, 60), 20.0), torch.tensor([1.0, 0.0, 2.0])
    k, q = (rotate(ones, rotation(at, 60)) for at in (pos, pos - steps))
    memory = point(x, t, q, k, torch.ones(1, 10, 3))
    torch.testing.assert_close(memory.content_BNC[0, 7:], x[0, :3])
    assert memory.there_BN1.all()
    nothing = point(x, torch.ones(1, 10), q, k, torch.ones(1, 10, 3))
    assert not nothing.there_BN1.any()
    assert torch.equal(nothing.content_BNC, torch.zeros_like(x))


def test_two_estimates_agree_by_their_variances() -> None:
    """As the mean of a normal distribution does, given two measurements."""
    guess, memory = torch.tensor([[[1.0, 1.0]]]), torch.tensor([[[2.0, 5.0]]])
    doubt, change = torch.tensor([[[1.0, 0.5]]]), torch.tensor([[[1.0, 0.25]]])
    both, left = agree(guess, doubt, Memory(memory, change, torch.tensor([[[True]]])))
    torch.testing.assert_close(both, torch.tensor([[[1.5, (1 * 4 + 5 * 16) / 20]]]))
    torch.testing.assert_close(left, torch.tensor([[[0.5**0.5, 20**-0.5]]]))
    alone, doubts = agree(guess, doubt, Memory(memory, change, torch.tensor([[[False]]])))
    assert torch.equal(alone, guess)
    assert torch.equal(doubts, doubt)


def test_a_stage_that_rests_is_passed_on_exactly() -> None:
    torch.manual_seed(0)
    model = SpacetimeTransformer(
        replace(CONFIG, predicts="clean", recalls=True, out_channels=CONFIG.in_channels)
    ).eval()
    with torch.no_grad():
        model.head.recall.bias.fill_(-9.0)
    clean = torch.randn(1, 6, CONFIG.in_channels * CONFIG.volume)
    t_BN = torch.tensor([[0.0] * 6 + [0.7] * 6])
    x = torch.cat([clean, torch.lerp(clean, torch.randn_like(clean), 0.7)], 1)
    pos = torch.cartesian_prod(torch.arange(2.0), torch.arange(2.0), torch.arange(3.0))[None]
    reading = model.read(torch.randn(1, 1, 3, CONFIG.text_dim))
    with torch.no_grad():
        velocity = model(x, Time.of(t_BN), pos, reading)
    torch.testing.assert_close((x - t_BN[..., None] * velocity)[:, 6:], clean, atol=1e-3, rtol=0)


def test_at_the_ends_of_time_only_one_of_them_counts() -> None:
    x, guess, doubt_C = draw(1, N, 3), draw(1, N, 3), torch.tensor([0.2, 0.5, 1.0])
    torch.testing.assert_close(settle(x, guess, torch.ones(1, 1, 1), doubt_C), x - guess)
    torch.testing.assert_close(settle(x, guess, torch.zeros(1, 1, 1), doubt_C), -x)


def test_the_hidden_state_is_that_after_the_chosen_block() -> None:
    deep = model()
    state = {key: value for key, value in deep.state_dict().items() if not key.startswith("blocks.1.")}
    shallow = assemble(lambda: SpacetimeTransformer(replace(CONFIG, layers=1)), state)
    x, time, text = draw(1, N, 12), Time.of(torch.full((1, N), 0.5)), draw(1, 1, 4, 10)
    told = deep.trace(x, time, positions(), deep.read(text), truth_layer=1)
    velocity, hidden = told.velocity_BNC, told.middle_BND
    assert hidden.shape == (1, N, 48)
    alone = shallow.trace(x, time, positions(), shallow.read(text), truth_layer=1)
    torch.testing.assert_close(hidden, alone.middle_BND)
    torch.testing.assert_close(velocity, deep(x, time, positions(), deep.read(text)))
    embedded = torch.nn.functional.linear(x, deep.patch_embedding.weight.flatten(1), deep.patch_embedding.bias)
    torch.testing.assert_close(deep.trace(x, time, positions(), deep.read(text)).middle_BND, embedded)
    for wrong in (-1, 3):
        with pytest.raises(ValueError, match=r"is not in 0\.\.2"):
            deep.trace(x, time, positions(), deep.read(text), truth_layer=wrong)


def test_it_starts_as_the_identity_and_learns() -> None:
    made = SpacetimeTransformer(replace(CONFIG, text_len=None))
    x, time, text = draw(2, N, 12), Time.of(torch.rand(2, N)), draw(2, 1, 4, 10)
    told = made.trace(x, time, positions(), made.read(text), truth_layer=2)
    velocity, hidden = told.velocity_BNC, told.middle_BND
    assert not velocity.any()
    start = torch.nn.functional.linear(x, made.patch_embedding.weight.flatten(1))
    torch.testing.assert_close(hidden, start)
    optimizer = torch.optim.AdamW(made.parameters(), lr=3e-3)
    losses = []
    for _ in range(30):
        loss = (made(x, time, positions(), made.read(text)) - x).square().mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < 0.3 * losses[0]
    assert all(p.grad is not None and p.grad.isfinite().all() for p in made.parameters())


@pytest.fixture
def compiler() -> Iterator[CompileCounterWithBackend]:
    """Counts graphs and differentiates them as a compiler does, but runs them with torch: no C++ compiler is needed."""
    torch._dynamo.reset()
    yield CompileCounterWithBackend("aot_eager")
    torch._dynamo.reset()


@pytest.mark.filterwarnings("ignore:The .grad attribute")  # torch asks for it while it compiles
def test_stills_films_and_windows_share_three_graphs(compiler: CompileCounterWithBackend) -> None:
    """72 frames in all of 6 tokens each; the prompts and what is known differ too."""
    plain = model(replace(CONFIG, text_len=None, place_dim=4)).requires_grad_(True)
    fused = copy.deepcopy(plain)
    compile_parts(fused, backend=compiler)
    for B, T in ((72, 1), (8, 9), (9, 8)):
        pos = positions((T, 2, 3))
        x, text, t = draw(B, 6 * T, 12), draw(B, 1, 3 + T, 10, seed=1), draw(B, T, seed=2).sigmoid()
        for shared, reads in ((pos, None), (pos.expand(B, -1, -1), draw(B, 6 * T, 1, seed=4) > 0)):
            time = Time.of(t.repeat_interleave(6, dim=1), most=6)
            told = []
            for dit in (plain, fused):
                dit.zero_grad()
                trace = dit.trace(x, time, shared, dit.read(text), reads, truth_layer=1)
                (trace.velocity_BNC.square().mean() + trace.middle_BND.square().mean()).backward()
                told.append((trace.velocity_BNC, torch.cat([p.grad.flatten() for p in dit.parameters()])))  # type: ignore[union-attr]
            assert distance(told[1][0], told[0][0]) < 1e-5
            assert distance(told[1][1], told[0][1]) < 1e-5
        assert compiler.frame_count == 3, (B, T)


def test_bf16_by_autocast_and_by_storage_stay_close_to_fp32() -> None:
    made = model()
    x, time, text = draw(2, N, 12), Time.of(torch.tensor([[0.0] * 6 + [0.7] * 12] * 2)), draw(2, 1, 4, 10)
    expected = made(x, time, positions(), made.read(text))
    with torch.autocast("cpu", torch.bfloat16):
        velocity = made(x, time, positions(), made.read(text))
    assert velocity.dtype == torch.float32
    assert distance(velocity, expected) < 0.05
    half = assemble(lambda: SpacetimeTransformer(CONFIG), {k: v.bfloat16() for k, v in made.state_dict().items()})
    velocity = half(x, time, positions(), half.read(text))
    assert velocity.dtype == torch.float32
    assert distance(velocity, expected) < 0.05


@pytest.mark.parametrize(
    "wrong",
    [
        {"heads": 5},
        {"predicts": "noise"},
        {"predicts": "clean", "in_channels": 7},
    ],
)
def test_impossible_sizes_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"heads|predicts"):
        replace(CONFIG, **wrong)  # type: ignore[arg-type]


def test_a_prompt_beyond_the_length_is_refused() -> None:
    with pytest.raises(ValueError, match="13 tokens"):
        model().read(draw(1, 1, 13, 10))
