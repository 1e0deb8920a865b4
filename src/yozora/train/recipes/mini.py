"""The recipes of `mini`: a night of two cores, a quarter of an hour of one GPU, and minutes of toys for the tests."""

from dataclasses import replace

from yozora.families.presets import ASSETS, PRESETS, Preset
from yozora.model.codec import FLOW, CodecConfig
from yozora.model.dit import TransformerConfig
from yozora.model.text import TextConfig
from yozora.train.canvases import Canvases
from yozora.train.codec_films import CodecRecipe
from yozora.train.loop import TrainingPlan
from yozora.train.run import Recipe
from yozora.train.takes import TakesRecipe
from yozora.train.text import TextRecipe, slots_of_the_world
from yozora.world.distributions import (
    LIVELY_NOUNS,
    LIVELY_SCENES,
    LONE_SCENES,
    SceneDistribution,
    with_moving_camera,
)
from yozora.world.nouns import CORE

PRESET = replace(
    PRESETS["mini"],
    sizes=((256, 144), (144, 256), (192, 192)),
    step=16,
    steps=10,
    guidance=1.8,
    shift=4.0,
    still_guidance=3.5,
    still_shift=2.0,
    continuation_guidance=0.0,
    ongoing=1,
)
"""Of the weights that these recipes make. From a known frame on, guidance brings nothing and costs a second pass."""


CAPTIONED = (
    LONE_SCENES,
    LIVELY_SCENES,
    SceneDistribution(),
    *(replace(scenes, pairs=1.0, counts=0.0, company=0.0) for scenes in (LONE_SCENES, LIVELY_SCENES)),
    replace(SceneDistribution(), pairs=0.6),
)
"""Scenes of the captions that the text encoder learns from: half of them have two different actors, who are rare in
films, and whose nouns and colours are the hardest slots.
"""


def transformer(dim: int, layers: int, text: TextConfig, codec: CodecConfig) -> TransformerConfig:
    """A Wan of mini's size, heads 64 wide."""
    return TransformerConfig(
        dim=dim,
        heads=max(1, dim // 64),
        layers=layers,
        ffn=4 * dim,
        in_channels=codec.z,
        out_channels=codec.z,
        text_dim=text.dim,
        text_len=None,
        place_dim=16,
    )


def plans() -> dict[str, TrainingPlan]:
    """How fast each stage learns; time is shared out."""
    codec = TrainingPlan(steps=1, lr=1.2e-3, muon_lr=2e-3, weight_decay=0.0, cooldown=0.7, ema=0.995)
    dit = TrainingPlan(steps=1, lr=1e-3, muon_lr=2.5e-3, ema=0.999, sample_seconds=600)
    return {
        "keys": codec,
        "motion": replace(codec, lr=1.5e-3),
        "between": codec,
        "text": TrainingPlan(steps=1, lr=1e-3),
        "stills": replace(dit, cooldown=0.1),
        "films": replace(dit, cooldown=0.3),
        "full-stills": replace(dit, cooldown=0.35),
        "full": replace(dit, lr=7e-4, muon_lr=1.75e-3, cooldown=0.5),
        "distill": replace(dit, lr=4e-4, muon_lr=1e-3, cooldown=0.6, ema=0.998),
    }


def mini_cpu() -> Recipe:
    """A night of two cores: a transformer of 7 million parameters."""
    text, codec = TextConfig(pairs=4096, slots=slots_of_the_world()), CodecConfig()
    return Recipe(
        name="mini-cpu",
        minutes=600.0,
        device="cpu",
        preset=PRESET,
        codec=CodecRecipe(
            config=codec,
            distributions=(with_moving_camera(LONE_SCENES, 0.5), with_moving_camera(LIVELY_SCENES, 0.5)),
            films=800,
        ),
        text=TextRecipe(config=text, distributions=CAPTIONED),
        transformer=transformer(192, 10, text, codec),
        nouns=CORE,
        takes=TakesRecipe(distributions=((replace(LONE_SCENES, pairs=0.2), 1.0),)),
        small=(((144, 128), 0.6), ((128, 144), 0.4)),
        room=(40_000, 5_000),
        uses=5.0,
        stills=Canvases(frames=40),
        films=Canvases(frames=40, stills=0.4),
        full=Canvases(frames=40, stills=0.4),
        least=8,
        given={"autoencoder": ASSETS / "codec" / "autoencoder.safetensors", "text": PRESETS["mini"].files["text"]},
        plans=plans(),
        shares={
            "keys": 0.11,
            "motion": 0.04,
            "between": 0.09,
            "text": 0.04,
            "stills": 0.1,
            "films": 0.16,
            "full-stills": 0.2,
            "full": 0.18,
            "distill": 0.08,
        },
    )


def mini_gpu() -> Recipe:
    """A quarter of an hour of one large GPU, the same code: more nouns, a wider transformer, larger batches."""
    cpu = mini_cpu()
    return replace(
        cpu,
        name="mini-gpu",
        minutes=14.0,
        device="cuda",
        codec=replace(cpu.codec, films=3000, batch=96, workers=14, device="cuda"),
        text=replace(cpu.text, device="cuda"),
        transformer=transformer(384, 10, cpu.text.config, cpu.codec.config),
        nouns=LIVELY_NOUNS,
        takes=replace(cpu.takes, distributions=((LONE_SCENES, 0.55), (LIVELY_SCENES, 0.45)), workers=14),
        room=(300_000, 60_000),
        uses=0.0,
        stills=Canvases(frames=1080),
        films=Canvases(frames=1080, stills=0.3),
        full=Canvases(frames=720, stills=0.3),
        shares={
            "keys": 0.18,
            "motion": 0.09,
            "between": 0.13,
            "text": 0.05,
            "stills": 0.1,
            "films": 0.1,
            "full-stills": 0.14,
            "full": 0.13,
            "distill": 0.08,
        },
        least=64,
        compile=True,
    )


def smoke() -> Recipe:
    """Under a minute on one core: every stage at toy size, bounded by steps and therefore exact."""
    text = TextConfig(dim=32, heads=2, layers=1, buckets=512, pairs=128, slots=slots_of_the_world())
    codec = toy_codec()
    cpu, few = mini_cpu(), replace(LONE_SCENES, nouns=CORE[:3])
    brief = TrainingPlan(steps=20, lr=2e-3, muon_lr=4e-3, ema=0.9)
    return replace(
        cpu,
        name="smoke",
        minutes=None,
        preset=toy(),
        codec=replace(
            cpu.codec, config=codec, distributions=(few,), films=8, width=64, height=64, crop=64, batch=4, workers=0
        ),
        text=replace(cpu.text, config=text, distributions=(few,), batch=32),
        transformer=transformer(64, 2, text, codec),
        nouns=CORE[:3],
        takes=TakesRecipe(distributions=((few, 1.0),), sizes=((64, 64),), size_weights=(1.0,), frames=9, workers=0),
        small=(((64, 32), 0.5), ((32, 64), 0.5)),
        room=(64, 8),
        uses=0.0,
        given={},
        stills=Canvases(frames=12),
        films=Canvases(frames=12, stills=0.2),
        full=Canvases(frames=12, stills=0.2),
        plans=dict.fromkeys(cpu.plans, brief)
        | {"text": TrainingPlan(steps=30, lr=3e-3, ema=0.9)}
        | dict.fromkeys(("full-stills", "distill"), replace(brief, steps=10)),
        still_share=0.5,
        least=4,
    )


def toy_codec() -> CodecConfig:
    """Of the smoke recipe: a few channels everywhere."""
    return CodecConfig(
        still=4,
        mean=(0.0,) * (4 + FLOW),
        spread=(1.0,) * (4 + FLOW),
        encoder=(8, 1),
        decoder=(16, 1),
        decoder_fine=(8, 1),
        estimator=(16, 1),
        refiner=(16, 1),
        refinements=2,
        drawing=(8, 1),
        drawing_wide=(16, 1),
    )


def toy() -> Preset:
    """Of the smoke recipe's weights: half a second of 64x64 in three steps."""
    return replace(PRESET, sizes=((64, 64),), seconds=0.5, steps=3, window=4, overlap=1)
