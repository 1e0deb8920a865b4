"""Train the evaluation's parser: `python -m yozora.train.recipes.parser --minutes 60 --threads 1 --out DIR`.

Every batch is rendered afresh. Every other one shows frames, crowded, which teaches the eye and the closer look; the
others show films. Not one of `RECIPES`: it trains the judge, not a model.
"""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from yozora.engine.parts import load_autoencoder
from yozora.evaluate.batches import Squares, Targets, cut, cut_coded, jitter, targets, together
from yozora.evaluate.clip import AIR, FRAMES, MOTION
from yozora.evaluate.close import Closer, squares
from yozora.evaluate.coded import Pair, coded
from yozora.evaluate.data import TakeBatch, crowded, lone, shoot, slots_of, wear
from yozora.evaluate.eye import SIZES, Glance
from yozora.evaluate.parser import INVERSE, NONE, SCENERY, UPON, WEIGHTS, Parser, ParserConfig, load
from yozora.train.loop import TrainingPlan, train
from yozora.train.watching import watch
from yozora.weights.files import save
from yozora.world import cutouts
from yozora.world.cameras import CAMERAS
from yozora.world.distributions import CORE_SCENES, SceneDistribution
from yozora.world.nouns import NOUNS
from yozora.world.styles import STYLES
from yozora.world.tables import weights_of
from yozora.world.weathers import WEATHERS

CODERS = tuple(WEIGHTS.parent / name / "autoencoder.safetensors" for name in ("codec", "mini"))
SHARES = (0.65, 0.17, 0.18)  # of the sizes, in their order
SQUARES = (140, 48)  # whole actors that are looked at closely, in a batch of stills and in one of films
CODED, AGAIN = 20, 10  # takes that are coded together, and of these in a batch
LOOKS = 2  # frames of a film that the eye looks at
STILL = 0.12  # of the films show one frame only
NATURAL = 0.2  # of what is as drawn goes by the nearest colour that has a name


@dataclass(frozen=True, slots=True, kw_only=True)
class ParserCurriculum:
    """What the parser is taught."""

    nouns: tuple[str, ...] = tuple(NOUNS)
    stream: int = 90  # that the scenes come from
    coders: tuple[Path, ...] = ()  # autoencoders that some renders pass through; the first one's are whole
    stills: int = 24  # takes in a batch
    films: int = 12
    coded: int = 300  # stills through them, and a fifth as many short films


@dataclass(frozen=True, slots=True, kw_only=True)
class ParserBatch:
    """A batch: frames or whole films, with squares about their actors."""

    rendered: TakeBatch
    looks: Tensor  # which frames the eye looks at
    targets: Targets
    squares: Squares
    way_BT5: Tensor | None  # of films: see `Clip.forward`
    closer_NCHW: Tensor | None  # of films: the squares about the actor whose way it is, frame after frame


def varied(nouns: Sequence[str]) -> tuple[SceneDistribution, SceneDistribution]:
    """Scenes of all sorts, and scenes on one rail as the core recipe draws them."""
    free = SceneDistribution(
        nouns=tuple(nouns),
        cameras=weights_of(CAMERAS, "parser"),
        styles=weights_of(STYLES, "parser"),
        weathers=weights_of(WEATHERS, "parser"),
        counts=0.22,
        pairs=0.32,
        company=0.1,
        empty=0.0,
    )
    rail = replace(
        CORE_SCENES, nouns=free.nouns, cameras=free.cameras, styles=free.styles, counts=0.15, max_actors=4, empty=0.0
    )
    return free, rail


class ParserTask:
    """Everything that a parser can tell, of worn renders."""

    name = "parser"

    def __init__(self, course: ParserCurriculum) -> None:
        self.course = course
        self.slots = slots_of(course.nouns)
        self.config = ParserConfig(slots=self.slots)
        self.model: nn.Module = Parser(self.config).to(memory_format=torch.channels_last)  # type: ignore[call-overload] # its stub lacks the keyword alone
        self.distributions = varied(course.nouns)
        self.nearest_colors = nearest_colors(course.nouns)
        self.pairs = self._coded() if course.coders else []

    def batch(self, step: int) -> ParserBatch:
        """A batch; every other one is one of films."""
        rng = np.random.default_rng([self.course.stream, step])
        generator = torch.Generator().manual_seed(step)
        size = SIZES[int(rng.choice(len(SIZES), p=SHARES))]
        return self._films_batch(rng, size, generator) if step % 2 else self._stills_batch(rng, size, generator)

    def _coded(self) -> list[Pair]:
        """Stills and short films through the autoencoders, made once."""
        coders = [load_autoencoder(path) for path in self.course.coders]
        generator, made = torch.Generator().manual_seed(self.course.stream), []
        for count, frames, kept in ((self.course.coded, 1, (0,)), (self.course.coded // 5, 9, (2, 5, 8))):
            for start in range(0, count, CODED):
                rng = np.random.default_rng([self.course.stream, 1, frames, start])
                scenes = [crowded(rng, self.distributions[k % 2]) for k in range(CODED)]
                rendered = shoot(scenes, self.slots, SIZES[0], frames, [(frames - 1) / 16.0] * CODED)
                made.append(coded(rendered, coders, kept, generator))
        return made

    def _stills_batch(self, rng: np.random.Generator, size: tuple[int, int], generator: torch.Generator) -> ParserBatch:
        draw = [crowded if rng.random() < 0.7 else lone for _ in range(self.course.stills)]
        scenes = [make(rng, self.distributions[int(rng.random() < 0.25)]) for make in draw]
        rendered = shoot(scenes, self.slots, size, 2, rng.uniform(0.2, 2.0, self.course.stills).tolist())
        rendered = replace(rendered, video_BTCHW=wear(rendered.video_BTCHW, generator))
        looks = torch.randint(2, (1,), generator=generator)
        shown = cut(rendered, SQUARES[0], self._noir_mask(rendered), generator)
        if self.pairs:
            pair = self.pairs[int(rng.integers(len(self.pairs)))]
            takes = torch.randperm(len(pair.broken_BTCHW), generator=generator)[:AGAIN]
            shown = together(shown, cut_coded(pair, takes, generator))
        return ParserBatch(
            rendered=rendered,
            looks=looks,
            targets=targets(rendered, looks),
            squares=shown,
            way_BT5=None,
            closer_NCHW=None,
        )

    def _films_batch(self, rng: np.random.Generator, size: tuple[int, int], generator: torch.Generator) -> ParserBatch:
        scenes = [lone(rng, self.distributions[int(rng.random() < 0.35)]) for _ in range(self.course.films)]
        seconds = np.where(rng.random(self.course.films) < 0.4, 2.0, rng.uniform(0.6, 4.0, self.course.films))
        rendered = _stilled(shoot(scenes, self.slots, size, FRAMES, seconds.tolist()), rng)
        rendered = replace(rendered, video_BTCHW=wear(rendered.video_BTCHW, generator))
        looks = torch.randperm(FRAMES, generator=generator)[:LOOKS].sort().values
        which = [int(rng.integers(scene.count)) for scene in scenes]
        way = self._way(rendered, which, rng, generator)
        frame = torch.arange(len(scenes) * FRAMES)
        return ParserBatch(
            rendered=rendered,
            looks=looks,
            targets=targets(rendered, looks),
            squares=cut(rendered, SQUARES[1], self._noir_mask(rendered), generator),
            way_BT5=way,
            closer_NCHW=squares(rendered.video_BTCHW.flatten(0, 1), frame, way[..., :4].flatten(0, 1)),
        )

    def _way(
        self, rendered: TakeBatch, which: list[int], rng: np.random.Generator, generator: torch.Generator
    ) -> Tensor:
        """The ways of one actor each, not quite exact; where it is out of sight, it stays where it was seen last."""
        box = torch.stack([rendered.box_BTA4[b, :, a] for b, a in enumerate(which)])
        seen = torch.stack([rendered.seen_BTA[b, :, a] for b, a in enumerate(which)])
        seen &= torch.rand(seen.shape, generator=generator) > 0.04
        for b in range(len(box)):
            known = seen[b].nonzero()[:, 0]
            if len(known):
                nearest = (torch.arange(FRAMES)[:, None] - known[None]).abs().argmin(1)
                box[b] = box[b, known[nearest]]
            else:
                box[b] = box[b].clamp(0.05, 0.95)
        return torch.cat([jitter(box, generator, 0.03), (rendered.seconds_BT * _pace(rng, len(box)))[..., None]], -1)

    def _noir_mask(self, rendered: TakeBatch) -> Tensor:
        names = list(self.slots)
        return rendered.truth_BK[:, names.index("style")] == self.slots["style"].index("noir")

    def loss(self, batch: ParserBatch, generator: torch.Generator) -> tuple[Tensor, dict[str, float]]:
        parser: Parser = self.model  # type: ignore[assignment] # it is one
        rendered, clips = batch.rendered, len(batch.rendered.truth_BK)
        with torch.autocast("cpu", torch.bfloat16):
            glance, scenery = parser(rendered.video_BTCHW[:, batch.looks].flatten(0, 1))
            closer = parser.close(batch.squares.pixels_NCHW)
        known = {slot: rendered.truth_BK[:, k] for k, slot in enumerate(self.slots)}
        total, facts = eye_loss(glance, batch.targets)
        each = {slot: value.unflatten(0, (clips, -1)).mean(1) for slot, value in scenery.items()}
        total = total + sum(_label_loss(each[slot], known[slot]) for slot in SCENERY)
        close, more = self._close_loss(closer, batch.squares)
        total, facts = total + close, facts | more
        total = total + self._pair_loss(parser, rendered, known["relation"], generator)
        if batch.way_BT5 is not None:
            clip, more = self._clip_loss(parser, batch, glance, known)
            total, facts = total + clip, facts | more
        return total, facts

    def _close_loss(self, closer: Closer, shown: Squares) -> tuple[Tensor, dict[str, float]]:
        whole = len(shown.noun_N)
        noun = _label_loss(closer.noun_NV[:whole], shown.noun_N)
        colored = shown.color_N >= 0
        aim_NV = F.one_hot(shown.color_N.clamp_min(0), len(self.slots["color"])).float()
        plain = (shown.color_N == 0)[:, None]
        aim_NV = torch.where(plain, (1 - NATURAL) * aim_NV + NATURAL * self.nearest_colors[shown.noun_N], aim_NV)
        color = F.cross_entropy(closer.color_NV[:whole][colored], aim_NV[colored], label_smoothing=0.02)
        broken = F.binary_cross_entropy_with_logits(closer.melted_N, shown.melted_N)
        right = (closer.noun_NV[:whole].argmax(1) == shown.noun_N).float().mean()
        told = ((closer.melted_N > 0) == (shown.melted_N > 0.5)).float().mean()
        return 1.5 * noun + color + 1.5 * broken, {"noun": float(right), "melted": float(told)}

    def _pair_loss(self, parser: Parser, rendered: TakeBatch, relation_B: Tensor, generator: torch.Generator) -> Tensor:
        """Of two actors that have a relation, either of them first."""
        names = self.slots["relation"]
        both = rendered.seen_BTA[:, :, :2].all(2)
        rows = [b for b in range(len(both)) if names[int(relation_B[b])] != NONE and both[b].any()]
        if not rows:
            return torch.zeros(())
        boxes = torch.stack([rendered.box_BTA4[b, both[b], :2].mean(0) for b in rows])
        told = [names[int(relation_B[b])] for b in rows]
        turned = [k for k, name in enumerate(told) if name != UPON]
        a, b = (jitter(boxes[:, k], generator, 0.02) for k in (0, 1))
        first, other = torch.cat([a, b[turned]]), torch.cat([b, a[turned]])
        aim = torch.tensor([names.index(name) for name in [*told, *(INVERSE[told[k]] for k in turned)]])
        aspect = rendered.video_BTCHW.shape[-1] / rendered.video_BTCHW.shape[-2]
        return 0.5 * F.cross_entropy(parser.related(first, other, aspect), aim)

    def _clip_loss(
        self, parser: Parser, batch: ParserBatch, glance: Glance, known: dict[str, Tensor]
    ) -> tuple[Tensor, dict[str, float]]:
        assert batch.way_BT5 is not None
        assert batch.closer_NCHW is not None
        clips = len(batch.way_BT5)
        with torch.autocast("cpu", torch.bfloat16):
            closer = parser.close(batch.closer_NCHW)
            noun_BV = closer.noun_NV.detach().log_softmax(1).unflatten(0, (clips, -1)).mean(1).softmax(1)
            logits = parser.clip(
                batch.rendered.video_BTCHW,
                glance.whole_MD.unflatten(0, (clips, -1)),
                batch.way_BT5,
                closer.gait_NE.unflatten(0, (clips, -1)),
                noun_BV,
            )
        total = sum((_label_loss(logits[slot].float(), known[slot]) for slot in (*MOTION, *AIR)), torch.zeros(()))
        facts = {
            slot: float((logits[slot].argmax(1) == known[slot]).float().mean()) for slot in ("direction", "action")
        }
        return total, facts

    def sample(self, model: nn.Module, folder: Path, step: int) -> None:
        """The figures in the log say enough."""

    def export(self, model: nn.Module, path: Path, facts: dict[str, object]) -> None:
        save(path, model, self.config, dtype=torch.float16, recipe="parser", stream=self.course.stream, **facts)


def eye_loss(glance: Glance, aim: Targets) -> tuple[Tensor, dict[str, float]]:
    """Focal loss of centres (Law and Deng 2018, eq. 1), and the distance of boxes at the centres."""
    logits, hills = glance.centre_MHW, aim.centre_MHW
    at = logits.flatten(1)[aim.frame_N, aim.cell_N]
    actors = max(1, len(at))
    p = logits.sigmoid()
    missed = (F.softplus(-at) * (1 - at.sigmoid()) ** 2).sum()
    wrong = F.softplus(logits) * p**2 * (1 - hills) ** 4 * aim.weight_MHW
    centre = torch.ones_like(logits).flatten(1)
    centre[aim.frame_N, aim.cell_N] = 0.0
    wrong = (wrong.flatten(1) * centre).sum()
    raw = glance.box_M4HW.flatten(2).transpose(1, 2)[aim.frame_N, aim.cell_N]
    off = torch.cat([raw[:, :2].sigmoid(), raw[:, 2:]], 1) - aim.box_N4
    box = off.abs().sum() / actors
    return (missed + wrong) / actors + 0.5 * box, {"box": float(box.detach())}


def _label_loss(logits_BV: Tensor, known_B: Tensor) -> Tensor:
    """Cross-entropy of what is known (-1: nothing)."""
    return F.cross_entropy(logits_BV.float(), known_B, ignore_index=-1, label_smoothing=0.02)


def _pace(rng: np.random.Generator, films: int) -> Tensor:
    """How much faster time goes `[films, 1]`: a quarter are at another rate than films are taken for."""
    off = np.where(rng.random(films) < 0.25, rng.uniform(-1.4, 0.7, films), rng.normal(0, 0.1, films))
    return torch.from_numpy(np.exp(off)[:, None]).float()


def _stilled(rendered: TakeBatch, rng: np.random.Generator) -> TakeBatch:
    """Some of the films, in place, become one frame again and again."""
    for b in range(len(rendered.truth_BK)):
        if rng.random() < STILL:
            at = int(rng.integers(rendered.video_BTCHW.shape[1]))
            for of in (rendered.video_BTCHW, rendered.box_BTA4, rendered.seen_BTA, rendered.hidden_BTA):
                of[b] = of[b, at].clone()
            rendered.seconds_BT[b] = 0.0
    return rendered


@lru_cache(maxsize=2)
def nearest_colors(nouns: tuple[str, ...]) -> Tensor:
    """`[V, colors]`: 1 at the colour with a name that each noun's own colour is nearest to."""
    names = slots_of(nouns)["color"]
    made = torch.zeros(len(nouns), len(names))
    paints = np.array([cutouts.PAINTS[name] for name in names[1:]], np.float32)  # type: ignore[index] # names of colours
    for k, noun in enumerate(nouns):
        planes = cutouts.layers(noun).astype(np.float32)
        painted = (planes[3] > 127) & (planes[4] > 127) if (planes[4] > 127).sum() > 50 else planes[3] > 127
        color = np.median(planes[:3, painted], axis=1)
        made[k, 1 + int(((paints - color) ** 2).sum(1).argmin())] = 1.0
    return made


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description="Train the parser of the evaluation.")
    parser.add_argument("--minutes", type=float, help="stop by the clock")
    parser.add_argument("--steps", type=int, help="stop after so many (default: 2000, without --minutes)")
    parser.add_argument("--stream", type=int, default=90, help="of the scenes; another one shows other takes")
    parser.add_argument("--lr", type=float, default=1.5e-3)
    parser.add_argument("--out", type=Path, default=Path("runs/parser"))
    parser.add_argument("--resume", type=Path, help="folder of an earlier run to continue")
    parser.add_argument("--weights", type=Path, help="a parser to begin with, such as the one that is shipped")
    parser.add_argument("--coders", type=Path, nargs="*", default=CODERS, help="autoencoders that renders pass through")
    parser.add_argument("--threads", type=int)
    arguments = parser.parse_args(argv)
    if arguments.threads:
        torch.set_num_threads(arguments.threads)
    task = ParserTask(ParserCurriculum(stream=arguments.stream, coders=tuple(arguments.coders)))
    if arguments.weights:
        task.model.load_state_dict(load(arguments.weights).state_dict())
    steps = arguments.steps or (None if arguments.minutes else 2000)
    plan = TrainingPlan(
        minutes=None if steps else arguments.minutes,
        steps=steps,
        lr=arguments.lr,
        muon_lr=2 * arguments.lr,
        weight_decay=0.02,
        cooldown=0.5,
        ema=0.995,
    )
    watch(train(task, plan, arguments.out, arguments.resume), task.name)


if __name__ == "__main__":
    main()
