import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

import yozora
from yozora.core import sampler, schedules
from yozora.core.canvas import blank, paste, picture, refer, say
from yozora.core.modes import Generate
from yozora.core.order import Order
from yozora.core.request import Request
from yozora.engine.engine import Engine, between, is_continuation, needs
from yozora.errors import UserError
from yozora.families import presets
from yozora.families.presets import PRESETS, FilmSettings, Preset, check_known
from yozora.films.film import Film
from yozora.language import notes_on
from yozora.model.dit import SpacetimeTransformer, TransformerConfig
from yozora.model.text import TextConfig, TextEncoder
from yozora.weights import files as weights
from yozora.weights.compatible import check_parts


@pytest.fixture
def engine(toy: Preset) -> Engine:
    return Engine(toy, "cpu", torch.float32)


def film_of(engine: Engine, prompt: str = "a red car", **settings: object) -> Film:
    return engine.films(order_of(engine, prompt, **settings))


def order_of(engine: Engine, prompt: str = "a red car", **settings: object) -> Order:
    asked: FilmSettings = {"seed": 3, **settings}  # type: ignore[typeddict-item]
    request = engine.preset.ask(prompt, asked, wordless=True)
    return Order.of(request, Generate(seconds=request.seconds))


def test_a_request_becomes_a_film(engine: Engine) -> None:
    film = film_of(engine)
    assert film.frames.shape == (5, 64, 64, 3)
    assert (film.frames.dtype, film.fps, film.seed, film.prompt, film.model) == (np.uint8, 16.0, 3, "a red car", "toy")
    assert film.seconds == pytest.approx(5 / 16)
    assert film.frames.std() > 1


@pytest.mark.parametrize("size", [(96, 64), (64, 96)])
def test_size_and_length_are_those_asked_for(engine: Engine, size: tuple[int, int]) -> None:
    width, height = size
    assert film_of(engine, width=width, height=height, seconds=0.6).frames.shape == (11, height, width, 3)


def test_the_same_seed_is_the_same_film(engine: Engine) -> None:
    first = film_of(engine).frames
    film_of(engine, "something else", seed=9)  # nothing stays behind
    assert np.array_equal(first, film_of(engine).frames)
    assert not np.array_equal(first, film_of(engine, seed=4).frames)


@pytest.mark.parametrize(
    "other",
    [{"prompt": "a blue boat"}, {"guidance": 5.0}, {"steps": 5}, {"negative_prompt": "a blue boat"}],
    ids=lambda other: next(iter(other)),
)
def test_every_setting_counts(engine: Engine, other: dict[str, object]) -> None:
    settings: dict[str, object] = {"prompt": "a red car", **other}
    assert not np.array_equal(film_of(engine).frames, film_of(engine, **settings).frames)  # type: ignore[arg-type]


def test_without_guidance_the_negative_prompt_is_not_heard(engine: Engine) -> None:
    plain = film_of(engine, guidance=1.0).frames
    assert np.array_equal(plain, film_of(engine, guidance=1.0, negative_prompt="a blue boat").frames)


def test_progress_rises_and_its_end_says_what_is_shown(engine: Engine) -> None:
    steps = list(engine.run(order_of(engine, steps=4)))
    done = [step.done for step in steps]
    assert done == sorted(done)
    assert done[0] == 0
    assert done[-1] == steps[-1].total
    assert len({step.total for step in steps[1:]}) == 1  # the first one does not know yet how long the film is
    stages = list(dict.fromkeys(step.stage for step in steps))
    assert stages == ["encode", "denoise", "decode", "done"]
    assert [bool(step.pieces) for step in steps] == [False] * (len(steps) - 1) + [True]
    assert {step.stage for step in steps if step.frames is not None} == {"decode"}
    looked = next(step.preview for step in steps if step.preview is not None)
    assert looked().shape == (64, 64, 3)


def test_a_film_can_be_stopped_between_steps(engine: Engine) -> None:
    work = engine.run(order_of(engine))
    next(work)
    next(work)
    work.close()
    assert torch.is_inference_mode_enabled() is False
    assert film_of(engine).frames.shape == (5, 64, 64, 3)


def test_a_step_leaves_the_callers_torch_as_it_was(engine: Engine) -> None:
    for _ in engine.run(order_of(engine)):
        assert not torch.is_inference_mode_enabled()
        assert torch.is_grad_enabled()


def test_decoding_in_pieces_is_decoding_at_once(engine: Engine) -> None:
    film = film_of(engine, seconds=1.0)
    pieces: list[NDArray[np.uint8]] = []
    assert len(film.frames) == engine.preset.frames(1.0) == 17
    tokens = torch.randn(5 * 4, engine.layout.token_channels)
    canvas = blank(engine.layout.grid(17, 64, 64), engine.layout.token_channels)
    latents = picture(canvas, tokens, engine.layout.patch)
    pieces = list(engine.decode(latents))
    whole = engine.autoencoder.decode(latents[None])[0]
    expected = whole.detach().add(1).mul(127.5).round().byte().permute(1, 2, 3, 0).numpy()
    assert [len(piece) for piece in pieces] == [1, 4, 4, 4, 4]
    assert np.abs(np.concatenate(pieces).astype(int) - expected).max() <= 1


def test_bf16_is_close_to_fp32(toy: Preset, engine: Engine) -> None:
    half = film_of(Engine(toy, "cpu", torch.bfloat16)).frames.astype(float)
    assert np.abs(half - film_of(engine).frames).mean() < 8


def test_the_prompt_may_be_long_or_in_any_script(engine: Engine) -> None:
    for prompt in ("word " * 6000, "一辆红色的汽车", "سيارة حمراء", "🚗", "\t a \n b"):
        assert len(film_of(engine, prompt).frames) == 5


@pytest.mark.parametrize("part", ["text", "transformer", "autoencoder"])
def test_damaged_and_missing_weights_are_told(toy: Preset, tmp_path: Path, part: str) -> None:
    for name, path in toy.files.items():
        (tmp_path / path.name).write_bytes(path.read_bytes())
        assert name == path.stem
    broken = replace(toy, folder=tmp_path)
    path = broken.files[part]
    data = bytearray(path.read_bytes())
    data[-3] ^= 1
    path.write_bytes(data)
    with pytest.raises(UserError, match="damaged"):
        Engine(broken, "cpu")
    path.write_bytes(data[:100])
    with pytest.raises(UserError, match=part):
        Engine(broken, "cpu")
    path.unlink()
    assert not broken.available
    with pytest.raises(UserError, match="No weights"):
        Engine(broken, "cpu")


def test_weights_of_another_model_are_told(toy: Preset, tmp_path: Path) -> None:
    for path in toy.files.values():
        (tmp_path / path.name).write_bytes(toy.files["text"].read_bytes())
    with pytest.raises(UserError, match="another kind of model"):
        Engine(replace(toy, folder=tmp_path), "cpu")


def changed(preset: Preset, folder: Path, part: str, **config: object) -> Preset:
    """The weights in a folder, where one part says another configuration."""
    folder.mkdir(exist_ok=True)
    for path in preset.files.values():
        (folder / path.name).write_bytes(path.read_bytes())
    path = folder / f"{part}.safetensors"
    said = weights.facts(path)
    module = torch.nn.Module()
    for k, tensor in enumerate(weights.tensors(path).values()):
        module.register_buffer(f"b{k}", tensor)
    weights.save(path, module, {**said["config"], **config})
    return replace(preset, folder=folder)


@pytest.mark.parametrize("part", ["text", "transformer", "autoencoder"])
def test_weights_that_say_more_than_is_known_are_told(toy: Preset, tmp_path: Path, part: str) -> None:
    with pytest.raises(UserError, match=rf"{part}\.safetensors has the weights of another kind of model.*'colour'"):
        Engine(changed(toy, tmp_path / "new", part, colour=3), "cpu")


@pytest.mark.parametrize(
    ("part", "config", "says"),
    [
        (
            "transformer",
            {"in_channels": 4},
            r"takes 4 latent channels and gives 8; .*autoencoder\.safetensors has 8",
        ),
        (
            "transformer",
            {"out_channels": 4},
            r"takes 8 latent channels and gives 4; .*autoencoder\.safetensors has 8",
        ),
        ("transformer", {"text_dim": 32}, r"needs 32 text features; .*text\.safetensors has 16"),
        ("transformer", {"predicts": "clean", "carries": (4, 8, 8)}, r"latents of 4x8x8 pixels; .* has 4x16x16"),
        ("transformer", {"patch": (2, 2, 2)}, r"4 frames a latent; .*transformer\.safetensors has 2 latents a token"),
        ("autoencoder", {"temporal": (False, True)}, r"autoencoder\.safetensors has 2 frames a latent"),
        ("transformer", {"patch": (1, 4, 4)}, r"tokens of 64x64 pixels; the size step is 32"),
    ],
    ids=str,
)
def test_parts_that_do_not_fit_together_are_told(engine: Engine, part: str, config: dict[str, Any], says: str) -> None:
    configs: dict[str, Any] = {
        "text": engine.text.config,
        "transformer": engine.transformer.config,
        "autoencoder": engine.autoencoder.config,
    }
    check_parts(engine.preset.files, **configs, step=engine.preset.step, frames_a_latent=4)
    configs[part] = replace(configs[part], **config)
    with pytest.raises(UserError, match=says) as raised:
        check_parts(engine.preset.files, **configs, step=engine.preset.step, frames_a_latent=4)
    assert raised.value.hint
    assert "transformer.safetensors" in raised.value.message


def test_an_engine_checks_that_its_parts_fit(toy: Preset, tmp_path: Path) -> None:
    """Two folders' files in one, each whole in itself."""
    other = replace(TextConfig(**weights.facts(toy.files["text"])["config"]), dim=32)
    for path in toy.files.values():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    weights.save(tmp_path / "text.safetensors", TextEncoder(other), other)
    with pytest.raises(UserError, match=r"transformer\.safetensors needs 16 .*text\.safetensors has 32"):
        Engine(replace(toy, folder=tmp_path), "cpu")


def test_an_engine_checks_the_step_of_sizes(toy: Preset) -> None:
    with pytest.raises(UserError, match=r"tokens of 32x32 pixels; the size step is 16"):
        Engine(replace(toy, step=16), "cpu")


@pytest.mark.parametrize(
    "settings",
    [{"seconds": 10_000.0}, {"seconds": 700.0}, {"seconds": 0.0}, {"width": 32}],
    ids=str,
)
def test_what_the_weights_cannot_do_is_told(settings: FilmSettings) -> None:
    with pytest.raises(UserError) as raised:
        PRESETS["mini"].ask("a red car", settings)
    assert raised.value.hint


@pytest.mark.parametrize("prompt", ["", " \n\t"])
def test_an_empty_prompt_is_told_where_words_are_needed(prompt: str) -> None:
    with pytest.raises(UserError, match="The prompt is empty"):
        PRESETS["mini"].ask(prompt, {})
    assert PRESETS["mini"].ask(prompt, {}, wordless=True).text == ""


def test_an_unknown_model_lists_the_known_ones() -> None:
    with pytest.raises(UserError, match="mini"):
        presets.find("maxi")
    with pytest.raises(UserError, match="mini"):
        yozora.generate("a red car", model="maxi")


def test_a_still_has_a_sampling_of_its_own(engine: Engine, toy: Preset, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[tuple[str, float]] = []

    def guide(denoise: sampler.Denoise, scale: float, when: tuple[float, float]) -> sampler.Denoise:
        seen.append(("guidance", scale))
        return sampler.guide(denoise, scale, when)

    def even(steps: int, shift: float) -> schedules.Schedule:
        seen.append(("shift", shift))
        return schedules.even(steps, shift)

    monkeypatch.setattr("yozora.engine.denoising.guide", guide)
    monkeypatch.setitem(schedules.GRIDS, "even", even)
    plain = film_of(engine).frames
    film = {("guidance", 2.0), ("shift", toy.shift)}
    assert set(seen) == film  # the still and the film from it
    seen.clear()
    engine.preset = replace(toy, still_guidance=3.5, still_shift=1.5)
    assert not np.array_equal(film_of(engine).frames, plain)
    assert set(seen) == {("guidance", 3.5), ("shift", 1.5), *film}
    seen.clear()
    film_of(engine, guidance=3.0)
    assert set(seen) == {("guidance", 6.0), ("shift", 1.5), ("guidance", 3.0), ("shift", toy.shift)}


# --- weights that take the guidance scale as an input


@pytest.fixture
def distilled(toy: Preset, tmp_path: Path) -> Engine:
    """The toy, with an embedding of the guidance scale that has learnt something."""
    folder = tmp_path / "distilled"
    shutil.copytree(toy.folder, folder)
    config = TransformerConfig(**weights.facts(toy.files["transformer"])["config"])
    config = replace(config, guidance_embeds=6.0)
    torch.manual_seed(0)
    dit = SpacetimeTransformer(config)
    for parameter in dit.guidance_embedding.parameters():
        torch.nn.init.normal_(parameter, std=0.2)
    dit.load_state_dict(weights.tensors(toy.files["transformer"]), strict=False)
    weights.save(folder / "transformer.safetensors", dit, config)
    return Engine(replace(toy, folder=folder), "cpu", torch.float32)


def rows_of(engine: Engine, prompt: str = "a red car", **settings: object) -> list[int]:
    """Rows that the transformer is told apart, step by step."""
    rows: list[int] = []
    handle = engine.transformer.register_forward_pre_hook(lambda module, given: rows.append(given[3].rows))
    film_of(engine, prompt, **settings)
    handle.remove()
    return rows


def test_a_guidance_scale_that_is_an_input_halves_the_rows(engine: Engine, distilled: Engine) -> None:
    assert rows_of(engine) == [2] * 6
    assert rows_of(distilled) == [1] * 6
    films = [film_of(distilled, guidance=scale).frames for scale in (1.0, 2.0, 4.0)]
    assert not np.array_equal(films[0], films[1])
    assert not np.array_equal(films[1], films[2])


def test_what_the_input_cannot_say_takes_two_passes(distilled: Engine) -> None:
    assert rows_of(distilled, negative_prompt="a blue boat") == [2] * 6
    assert rows_of(distilled, guidance=7.0) == [2] * 6
    assert rows_of(distilled, guidance=0.5) == [2] * 6
    assert rows_of(distilled, guidance=6.0) == rows_of(distilled, guidance=1.0) == [1] * 6


def test_a_negative_prompt_guides_weights_at_scale_1(distilled: Engine) -> None:
    canvas = say(blank((2, 2, 2), distilled.layout.token_channels), "a red car")
    x_BNC, t_BN = torch.randn(1, 8, distilled.layout.token_channels), torch.full((1, 8), 0.6)
    request = distilled.preset.ask("a red car", {"negative_prompt": "a blue boat"})
    velocity = distilled.denoiser(canvas, request, (3.0,))(x_BNC, t_BN)
    plain = replace(request, negative_prompt="")
    text = distilled.denoiser(canvas, plain, (1.0,))(x_BNC, t_BN)
    negative = distilled.denoiser(replace(canvas, prompts=("a blue boat",)), plain, (1.0,))(x_BNC, t_BN)
    torch.testing.assert_close(velocity, negative + 3.0 * (text - negative), rtol=1e-4, atol=1e-5)


def test_the_input_is_1_at_times_without_guidance(distilled: Engine) -> None:
    distilled.preset = replace(distilled.preset, guided=(0.3, 0.7))
    canvas = say(blank((2, 2, 2), distilled.layout.token_channels), "a red car")
    request = distilled.preset.ask("a red car", {})
    x_BNC = torch.randn(1, 8, distilled.layout.token_channels)
    one, three = (distilled.denoiser(canvas, request, (scale,)) for scale in (1.0, 3.0))
    for time, same in ((0.2, True), (0.3, False), (0.7, False), (0.8, True)):
        t_BN = torch.full((1, 8), time)
        assert torch.equal(one(x_BNC, t_BN), three(x_BNC, t_BN)) == same


def test_guidance_away_from_the_prompt_itself_is_none(engine: Engine, distilled: Engine) -> None:
    for made in (engine, distilled):
        canvas = say(blank((2, 2, 2), made.layout.token_channels), "")
        x_BNC, t_BN = torch.randn(1, 8, made.layout.token_channels), torch.full((1, 8), 0.6)
        request = made.preset.ask("", {}, wordless=True)
        rows: list[int] = []
        made.transformer.register_forward_pre_hook(lambda module, given, rows=rows: rows.append(given[3].rows))
        assert torch.equal(
            made.denoiser(canvas, request, (3.0,))(x_BNC, t_BN), made.denoiser(canvas, request)(x_BNC, t_BN)
        )
        assert rows == [1, 1]


def test_a_folder_of_weights_is_a_model(toy: Preset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("yozora.families.presets.PRESETS", {"mini": replace(toy, name="mini")})
    monkeypatch.setattr("yozora.families.stated.MINI", replace(toy, name="mini"))
    folder = tmp_path / "run"
    shutil.copytree(toy.folder, folder)
    film = yozora.generate("a red car", seed=3, model=folder)
    assert (film.model, film.origin and film.origin.model) == ("run", "run")
    assert str(tmp_path) not in repr(film.origin)
    assert np.array_equal(film.frames, yozora.generate("a red car", seed=3, model=str(folder)).frames)
    assert np.array_equal(film.frames, yozora.generate("a red car", seed=3).frames)
    assert yozora.extend(film, seconds=0.3, model=folder).model == "run"


def test_presets_keep_their_own_limits() -> None:
    for name, preset in PRESETS.items():
        assert preset.name == name
        for width, height in preset.sizes:
            request = preset.ask("a red car", {"width": width, "height": height})
            assert (request.seconds, request.fps, request.steps) == (preset.seconds, preset.fps, preset.steps)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
def test_a_gpu_makes_the_same_film(toy: Preset, engine: Engine) -> None:
    there = film_of(Engine(toy, "cuda", torch.float32)).frames.astype(float)
    assert np.abs(there - film_of(engine).frames).mean() < 2


# --- the weights that ship


@pytest.fixture(scope="module")
def shipped() -> Engine:
    return Engine(PRESETS["mini"], "cpu")


def test_shipped_films_differ_by_prompt_and_move(shipped: Engine) -> None:
    red = film_of(shipped, "a red car driving left on a beach", steps=8).frames.astype(float)
    blue = film_of(shipped, "a blue boat in the snow at night", steps=8).frames.astype(float)
    assert red.shape == (33, 128, 224, 3)
    assert np.abs(red - blue).mean() > 10
    assert np.abs(np.diff(red, axis=0)).mean() > 0.2


def test_shipped_films_are_the_same_for_the_same_seed(shipped: Engine) -> None:
    settings = {"steps": 4, "seconds": 0.5, "seed": 11}
    first = film_of(shipped, "a dog", **settings).frames
    assert np.array_equal(first, film_of(shipped, "a dog", **settings).frames)


def test_python_makes_and_saves_a_film(tmp_path: Path) -> None:
    film = yozora.generate("a white cat sitting in a park", seed=1, steps=4, seconds=0.5, width=160, height=160)
    assert film.frames.shape == (9, 160, 160, 3)
    assert film.save(tmp_path / "cat.mp4").stat().st_size > 1000
    assert isinstance(film, yozora.Film)


def test_shipped_weights_say_where_they_come_from() -> None:
    from yozora.weights.files import facts

    total = 0
    for path in PRESETS["mini"].files.values():
        said = facts(path)
        assert {"config", "sha256", "recipe", "seed"} <= set(said), path.name
        total += path.stat().st_size
    assert total <= 64_000_000


def told(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the text encoder is going to be told."""
    found: list[str] = []
    encode = engine.text.encode
    monkeypatch.setattr(engine.text, "encode", lambda prompts: found.extend(prompts) or encode(prompts))
    return found


def test_the_model_is_told_words_that_it_knows(toy: Preset, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was typed stays in the film. Fault 15: what is not to be there is not asked for."""
    engine = Engine(toy)
    heard = told(engine, monkeypatch)
    film = film_of(engine, "a taxi jogging, no cars", negative_prompt="no taxis")
    assert set(heard) == {"a car running", "no cars"}
    assert film.prompt == "a taxi jogging, no cars"
    assert notes_on(["a taxi jogging, no cars"], toy.nouns, "toy") == (
        "toy shows the nearest that it knows: car for taxi",
        "toy cannot leave out what a prompt names, so it is not asked for: no cars",
    )


def test_weights_of_other_words_are_told_what_was_typed(toy: Preset, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = Engine(replace(toy, captions=False))
    heard = told(engine, monkeypatch)
    film_of(engine, "a taxi, no cars")
    assert set(heard) == {"a taxi, no cars", ""}
    assert notes_on(["a taxi, no cars"], replace(toy, captions=False).nouns, "toy") == ()


def test_python_is_told_what_was_not_understood(
    toy: Preset, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Fault 14, in Python: the logger `yozora` and the film say it."""
    monkeypatch.setattr("yozora.families.presets.PRESETS", {"mini": replace(toy, name="mini")})
    film = yozora.generate("🐶🏃🌳", seed=1)
    assert film.notes == ("mini does not know: 🐶, 🌳 (it knows car)",)
    assert [(record.name, record.getMessage()) for record in caplog.records] == [("yozora", film.notes[0])]
    assert (film.prompt, yozora.generate("a red car", seed=1).notes) == ("🐶🏃🌳", ())


# --- canvases


def test_long_films_are_made_in_windows(engine: Engine) -> None:
    steps = list(engine.run(order_of(engine, "a car", seconds=5.0, steps=2)))
    assert len([step for step in steps if step.stage == "denoise"]) == 2 * 5
    # 21 latent frames: the first, 9, then 4 more each, and what is left
    assert sum(len(step.frames) for step in steps if step.frames is not None) == 81
    assert [step.done for step in steps] == sorted(step.done for step in steps)
    assert steps[-1].done == steps[-1].total


def test_a_shot_shows_a_part_of_what_is_decoded() -> None:
    pieces = [np.full((n, 1, 1, 3), k, np.uint8) for k, n in enumerate((1, 4, 4))]
    assert [len(piece) for piece in between(iter(pieces), 2, 7)] == [0, 3, 2]
    assert [len(piece) for piece in between(iter(pieces), 0, None)] == [1, 4, 4]


def test_what_weights_need_is_what_is_known(engine: Engine) -> None:
    canvas = blank((5, 2, 2), engine.layout.token_channels)
    latents = torch.zeros(engine.layout.channels, 1, 4, 4)
    assert needs(canvas) == "nothing"
    assert needs(paste(canvas, latents, at=0)) == "first frame"
    assert needs(paste(canvas, latents, at=1)) == "frames"
    both = paste(paste(canvas, latents, at=0), latents, at=4)
    assert needs(both) == "first and last frame"
    assert needs(paste(both, latents, at=2, strength=0.5)) == "anything"
    assert needs(paste(canvas, latents.expand(-1, 5, -1, -1), strength=0.5)) == "whole clip"
    assert needs(refer(canvas, latents, at=-4.0)) == "nothing", "an identity is no part of the film"
    assert needs(refer(canvas, latents, at=2.0)) == "anything"
    check_known(replace(engine.preset, known=("nothing",)), "nothing")
    with pytest.raises(UserError, match="not trained"):
        check_known(replace(engine.preset, known=("nothing",)), "first frame")


def test_words_lead_less_where_a_film_goes_on(engine: Engine) -> None:
    canvas = blank((5, 2, 2), engine.layout.token_channels)
    frames = torch.zeros(engine.layout.channels, 3, 4, 4)
    half = torch.zeros(canvas.grid, dtype=torch.bool)
    half[:, 0] = True
    most = engine.preset.ongoing
    assert not is_continuation(canvas, most)
    assert is_continuation(paste(canvas, frames, at=1), most)
    assert not is_continuation(paste(canvas, frames[:, :2], at=1), most), "a still or two do not say what happens"
    assert not is_continuation(paste(canvas, frames, at=1, strength=0.5), most)
    longer, share = paste(canvas, frames, at=1), engine.preset.continuation_guidance
    asked = Request(prompt="a red car", guidance=3.0)
    assert engine.scales(asked, canvas) == (3.0, 3.0)
    assert engine.scales(asked, longer) == (1 + 2 * share,) * 2
    assert engine.scales(replace(asked, negative_prompt="rain"), longer) == (3.0, 3.0), "it always counts"
    assert not is_continuation(paste(canvas, frames, at=1, region=half[1:4]), most)
