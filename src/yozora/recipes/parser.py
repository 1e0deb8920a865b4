"""Train the evaluation's parser: `python -m yozora.recipes.parser --minutes 12 --out DIR`.

Takes are rendered once and kept in memory. Half of the steps look at single frames, which teaches what things look like
at a third of the cost; the others at whole films. Not one of `RECIPES`: it trains the judge, not a model.
"""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from yozora.evaluate.data import Lesson, Shelf, lesson, shelve, slots_of
from yozora.evaluate.parser import FRAMES, LOOKS, SIZES, Parser, ParserConfig, load
from yozora.train.loop import Plan, train, watch
from yozora.weights import save
from yozora.world.draw import CORE_CAST, Cast
from yozora.world.nouns import CORE
from yozora.world.scene import CAMERAS, STYLES

SHARES = (0.7, 0.15, 0.15)  # of the sizes, in their order
STILLS, FILMS = 64, 24  # takes in a batch
EVERY_SLOT = {"noun": 1.5}  # weights of the slots' losses, 1 where nothing is said


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """What the parser is taught."""

    nouns: tuple[str, ...] = CORE
    takes: int = 5000
    stream: int = 90  # that the scenes come from
    scales: tuple[int, ...] = (1, 2)  # takes are rendered so many times larger than the parser sees them


def varied(nouns: Sequence[str]) -> Cast:
    """Scenes about one kind of thing, in more sizes, places, looks and numbers than films are asked for."""
    return replace(
        CORE_CAST,
        nouns=tuple(nouns),
        cameras=(("static", 0.6), *((name, 0.4 / 6) for name in CAMERAS[1:])),
        styles=(("paper", 0.75), *((name, 0.05) for name in STYLES[1:])),
        weathers=(("clear", 3.0), ("snow", 1.5), ("rain", 1.5), ("leaves", 1.5), ("fog", 1.5)),
        max_actors=4,
        counts=0.2,
        pairs=0.0,
        empty=0.0,
        depth=0.15,
        heights=(0.36, 0.58),
        height_jitter=0.15,
        position_jitter=0.8,
    )


class ParserTask:
    """Slots, mask and nouns of worn renders."""

    name = "parser"

    def __init__(self, course: Course) -> None:
        self.course = course
        self.slots = slots_of(course.nouns)
        self.config = ParserConfig(slots=self.slots)
        self.model: nn.Module = Parser(self.config).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        cast = varied(course.nouns)
        kinds = [(size, share, scale) for size, share in zip(SIZES, SHARES, strict=True) for scale in course.scales]
        self.shelves, first = [], 0
        for size, share, scale in kinds:
            count = max(1, round(course.takes * share / len(course.scales)))
            self.shelves.append(shelve(cast, self.slots, course.stream, first, count, size, scale))
            first += count

    def batch(self, step: int) -> tuple[Lesson, list[int]]:
        """A lesson and the frames to look at; every other step is one of stills."""
        generator = torch.Generator().manual_seed(step)
        shelf = self._pick(generator)
        stills = step % 2 == 0
        index_B = torch.randint(len(shelf), (STILLS if stills else FILMS,), generator=generator)
        if not stills:
            return lesson(shelf, index_B, self.slots, generator), list(LOOKS)
        when = int(torch.randint(FRAMES, (1,), generator=generator))
        still = Shelf(
            frames_NTHWC=shelf.frames_NTHWC[:, when : when + 1],
            cover_NTHW=shelf.cover_NTHW[:, when : when + 1],
            truth_NK=shelf.truth_NK,
        )
        return lesson(still, index_B, self.slots, generator), [0]

    def _pick(self, generator: torch.Generator) -> Shelf:
        counts = torch.tensor([float(len(shelf)) for shelf in self.shelves])
        return self.shelves[int(torch.multinomial(counts, 1, generator=generator))]

    def loss(self, batch: tuple[Lesson, list[int]], generator: torch.Generator) -> tuple[Tensor, dict[str, float]]:
        taught, looks = batch
        parser: Parser = self.model  # type: ignore[assignment]
        video_BTCHW = taught.video_BTCHW
        with torch.autocast("cpu", torch.bfloat16):
            whole = video_BTCHW.shape[1] == FRAMES  # read unaided, as later; in stills the actors are shown
            look = parser.looks(video_BTCHW[:, looks], None if whole else taught.cover_BTHW[:, looks])
            logits = parser.appears(look, len(video_BTCHW))
            if whole:
                logits |= parser.happens(video_BTCHW, look)
        cover_MHW = taught.cover_BTHW[:, looks].flatten(0, 1)
        total = 4.0 * F.binary_cross_entropy_with_logits(look.mask_MHW, cover_MHW)
        facts = {}
        for k, slot in enumerate(self.slots):
            if slot in logits:
                wrong = F.cross_entropy(logits[slot].float(), taught.truth_BK[:, k], label_smoothing=0.02)
                total = total + EVERY_SLOT.get(slot, 1.0) * wrong
                if slot in ("noun", "color", "direction"):
                    facts[slot] = float((logits[slot].argmax(1) == taught.truth_BK[:, k]).float().mean())
        return total, facts

    def sample(self, model: nn.Module, folder: Path, step: int) -> None:
        """The figures in the log say enough."""

    def export(self, model: nn.Module, path: Path, facts: dict[str, object]) -> None:
        save(path, model, self.config, dtype=torch.float16, recipe="parser", stream=self.course.stream, **facts)


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description="Train the parser of the evaluation.")
    parser.add_argument("--minutes", type=float, help="stop by the clock")
    parser.add_argument("--steps", type=int, help="stop after so many (default: 2000, without --minutes)")
    parser.add_argument("--stream", type=int, default=90, help="of the scenes; another one shows new takes")
    parser.add_argument("--takes", type=int, default=5000)
    parser.add_argument("--out", type=Path, default=Path("runs/parser"))
    parser.add_argument("--resume", type=Path, help="folder of an earlier run to go on from")
    parser.add_argument("--weights", type=Path, help="a parser to begin with, such as the one that is shipped")
    parser.add_argument("--threads", type=int)
    arguments = parser.parse_args(argv)
    if arguments.threads:
        torch.set_num_threads(arguments.threads)
    task = ParserTask(Course(takes=arguments.takes, stream=arguments.stream))
    if arguments.weights:
        task.model.load_state_dict(load(arguments.weights).state_dict())
    steps = arguments.steps or (None if arguments.minutes else 2000)
    plan = Plan(minutes=None if steps else arguments.minutes, steps=steps, lr=2e-3, weight_decay=0.02, ema=0.995)
    watch(train(task, plan, arguments.out, arguments.resume), task.name)


if __name__ == "__main__":
    main()
