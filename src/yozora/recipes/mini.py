"""The recipes of `mini`: two hours of two cores, half an hour of one GPU, and a minute's smoke for the tests."""

from dataclasses import replace

from yozora.model.autoencoder import MINI
from yozora.model.dit import TransformerConfig
from yozora.model.text import TextConfig
from yozora.train.autoencoder import AutoencoderRecipe
from yozora.train.cutter import CutterRecipe
from yozora.train.data import Shape
from yozora.train.loop import Plan
from yozora.train.run import Recipe
from yozora.train.text import TextRecipe, slots_of_the_world
from yozora.world.draw import CORE_CAST, ROVING_CAST, Cast
from yozora.world.nouns import CORE, NOUNS

WIDE, TALL, SQUARE = (224, 128), (128, 224), (160, 160)


def shapes(frames: int, batch: int, wide: float = 0.8) -> tuple[Shape, ...]:
    """The three aspects of mini in batches of a size."""
    rest = (1.0 - wide) / 2
    return tuple(
        Shape(width=width, height=height, frames=frames, batch=batch, weight=weight)
        for (width, height), weight in ((WIDE, wide), (TALL, rest), (SQUARE, rest))
    )


def weighted(chosen: tuple[Shape, ...], factor: float) -> tuple[Shape, ...]:
    """The same shapes, `factor` times as often."""
    return tuple(replace(shape, weight=shape.weight * factor) for shape in chosen)


def transformer(dim: int, layers: int, text: TextConfig) -> TransformerConfig:
    """A Wan of mini's size: heads 64 wide, clean latents guessed and weighed (`model.evidence`)."""
    return TransformerConfig(
        dim=dim,
        heads=max(1, dim // 64),
        layers=layers,
        ffn=4 * dim,
        in_channels=MINI.z,
        out_channels=MINI.z,
        text_dim=text.dim,
        text_len=None,
        predicts="clean",
        recalls=True,
        points=True,
        carries=MINI.stride,
        place_dim=16,
    )


def mini_cpu() -> Recipe:
    """Two hours of two cores: the core vocabulary, large actors, three aspects, 2 seconds at 16 frames a second."""
    text = TextConfig(pairs=4096, slots=slots_of_the_world())
    dit = transformer(256, 10, text)
    stills, films, long = shapes(1, 96), shapes(33, 12), shapes(53, 12)
    return Recipe(
        name="mini-cpu",
        minutes=110.0,
        device="cpu",
        autoencoder=AutoencoderRecipe(
            config=MINI,
            cast=replace(CORE_CAST, nouns=tuple(NOUNS)),
            shapes=(
                Shape(width=128, height=128, frames=33, batch=2),
                Shape(width=128, height=128, frames=1, batch=16, weight=0.3),
            ),
        ),
        text=TextRecipe(config=text, casts=(CORE_CAST, CORE_CAST, CORE_CAST, Cast())),
        cutter=CutterRecipe(cast=ROVING_CAST, shapes=(*shapes(5, 12), *weighted(shapes(33, 2), 0.2))),
        transformer=dit,
        truth_layer=dit.layers // 2,
        cast=CORE_CAST,
        long_cast=ROVING_CAST,
        nouns=CORE,
        stills=stills,
        films=(*films, *weighted(stills, 0.4), *weighted(long, 0.8)),
        still_takes=30_720,
        film_takes=16_384,
        plans={
            "autoencoder": Plan(steps=1, lr=1e-4, muon_lr=5e-4, weight_decay=0.0, cooldown=0.9, ema=0.99),
            "text": Plan(steps=1, lr=1e-3),
            "cutter": Plan(steps=1, lr=2e-3, cooldown=0.95, ema=0.99),
            "mover": Plan(steps=1, lr=1e-3, muon_lr=2e-3, cooldown=0.95, ema=0.99),
            "stills": Plan(steps=1, lr=1e-3, muon_lr=3e-3, cooldown=0.0),
            "film": Plan(steps=1, lr=6e-4, muon_lr=2e-3, cooldown=0.95, ema=0.995),
        },
        shares={"autoencoder": 0.14, "text": 0.04, "cutter": 0.14, "mover": 0.12, "stills": 0.16, "film": 0.4},
    )


def mini_gpu() -> Recipe:
    """Half an hour of one large GPU, the same code: every noun, a wider and deeper transformer, larger batches."""
    text = TextConfig(dim=256, heads=4, pairs=8192, slots=slots_of_the_world())
    dit = transformer(512, 12, text)
    stills, films, long = (shapes(*of, wide=0.5) for of in ((1, 512), (33, 64), (53, 64)))
    cpu = mini_cpu()
    return replace(
        cpu,
        name="mini-gpu",
        minutes=24.0,
        device="cuda",
        autoencoder=replace(
            cpu.autoencoder,
            cast=Cast(),
            shapes=(*shapes(17, 16, 0.5), *weighted(shapes(1, 128, 0.5), 0.3)),
            fit=Shape(frames=17, batch=256),
            device="cuda",
        ),
        text=replace(cpu.text, config=text, device="cuda"),
        cutter=replace(
            cpu.cutter, cast=Cast(), shapes=(*shapes(5, 64, 0.5), *weighted(shapes(33, 8, 0.5), 0.2)), device="cuda"
        ),
        transformer=dit,
        truth_layer=dit.layers // 2,
        cast=Cast(),
        long_cast=Cast(),
        nouns=tuple(NOUNS),
        stills=stills,
        films=(*films, *weighted(stills, 0.2), *weighted(long, 0.6)),
        still_takes=200_000,
        film_takes=60_000,
        shares={"autoencoder": 0.2, "text": 0.05, "cutter": 0.05, "mover": 0.05, "stills": 0.15, "film": 0.5},
        compile=True,
    )


def smoke() -> Recipe:
    """Under a minute on one core: every stage at toy size, bounded by steps and therefore exact."""
    text = TextConfig(dim=32, heads=2, layers=1, buckets=512, pairs=128, slots=slots_of_the_world())
    dit = transformer(64, 2, text)
    tiny = (Shape(width=64, height=32, frames=1, batch=8),)
    clip = (Shape(width=64, height=32, frames=9, batch=4),)
    cpu = mini_cpu()
    cast = replace(CORE_CAST, nouns=CORE[:3])
    return replace(
        cpu,
        name="smoke",
        minutes=1.0,
        autoencoder=replace(
            cpu.autoencoder,
            config=replace(MINI, dim=8, dec_dim=8),
            cast=cast,
            shapes=clip,
            fit=replace(clip[0], batch=32),
        ),
        text=replace(cpu.text, config=text, casts=(cast,), batch=32),
        cutter=replace(cpu.cutter, cast=cast, shapes=clip),
        transformer=dit,
        truth_layer=dit.layers // 2,
        cast=cast,
        long_cast=cast,
        nouns=CORE[:3],
        stills=tiny,
        films=clip,
        still_takes=32,
        film_takes=32,
        plans={
            "autoencoder": Plan(steps=20, lr=3e-4, ema=0.9),
            "text": Plan(steps=30, lr=3e-3, ema=0.9),
            "cutter": Plan(steps=30, lr=2e-3, ema=0.9),
            "mover": Plan(steps=30, lr=2e-3, ema=0.9),
            "stills": Plan(steps=40, lr=3e-3, muon_lr=4e-3, ema=0.9),
            "film": Plan(steps=20, lr=1e-3, muon_lr=4e-3, ema=0.9),
        },
    )
