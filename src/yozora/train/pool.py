"""Takes on the device that trains: the newest of each kind and size, drawn from at random while others come in."""

import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
from torch import Tensor

from yozora.core.canvas import patchify
from yozora.errors import UserError
from yozora.model.codec import KeyframeCodec
from yozora.train.takes import NO_ACTOR, Chunk, TakesRecipe, encoded

Kind = tuple[bool, int]
"""Whether it is a film, and the number of its size."""
AHEAD = 128
"""Takes of each kind that are rendered before rendering may wait."""


@dataclass(slots=True)
class Shelf:
    """Rows of one kind; the oldest make room for new ones."""

    room: int
    count: int = 0
    next: int = 0
    taken: int = 0  # rows that have come in
    drawn: int = 0  # rows that have gone into batches
    rows: dict[str, Tensor] = field(default_factory=dict)
    who: list[tuple[int, int]] = field(default_factory=list)

    def put(self, rows: dict[str, Tensor], who: tuple[tuple[int, int], ...]) -> None:
        if not self.rows:
            self.rows = {
                k: torch.zeros((self.room, *v.shape[1:]), dtype=v.dtype, device=v.device) for k, v in rows.items()
            }
            self.who = [NO_ACTOR] * self.room
        for start in range(0, len(who), self.room):
            part = slice(start, start + self.room)
            self._write_rows({k: v[part] for k, v in rows.items()}, who[part])

    def _write_rows(self, rows: dict[str, Tensor], who: tuple[tuple[int, int], ...]) -> None:
        places = [(self.next + k) % self.room for k in range(len(who))]
        for name, value in rows.items():
            self.rows[name][torch.tensor(places, device=value.device)] = value
        for place, looks in zip(places, who, strict=True):
            self.who[place] = looks
        self.taken += len(who)
        self.next = (self.next + len(who)) % self.room
        self.count = min(self.room, self.count + len(who))


class Pool:
    """Shelves of stills and films, filled from a stream of chunks by a thread, or where no process renders beside it,
    at once.

    `room` is how many stills and how many films are kept, over all sizes by their weights. `uses`: rendering, once
    `AHEAD` takes ahead, waits until takes have gone into so many batches each; 0: it never waits.
    """

    def __init__(
        self,
        recipe: TakesRecipe,
        chunks: Iterator[Chunk],
        codec: KeyframeCodec,
        room: tuple[int, int],
        device: str = "cpu",
        uses: float = 0.0,
    ) -> None:
        self.uses = uses
        self.recipe, self.chunks, self.codec, self.device = recipe, chunks, codec, torch.device(device)
        total = sum(recipe.size_weights)
        self.shelves = {
            (film, size): Shelf(max(1, round(room[film] * weight / total)))
            for film in (False, True)
            for size, weight in enumerate(recipe.size_weights)
        }
        self.failure: BaseException | None = None
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    @property
    def taken(self) -> int:
        """Takes that have come in."""
        return sum(shelf.taken for shelf in self.shelves.values())

    def start(self) -> None:
        """Let takes come in from now on, beside whatever is done."""
        self._thread = threading.Thread(target=self._load_chunks, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """No more takes: the processes that render them end."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join(timeout=30)
        self.chunks = iter(())

    def wait(self, least: dict[Kind, int]) -> None:
        """Until each of these shelves holds so many. Raises what went wrong where takes are made."""
        while any(self.shelves[kind].count < min(count, self.shelves[kind].room) for kind, count in least.items()):
            self.check()
            if self._thread is None:
                self._store_chunk(next(self.chunks))
            else:
                self._stop.wait(0.05)

    def check(self) -> None:
        """Raises what went wrong where takes are made."""
        if self.failure is not None:
            raise UserError(
                "The rendering of takes has stopped.", str(self.failure), code="take_rendering_stopped"
            ) from self.failure

    def _load_chunks(self) -> None:
        stream = torch.cuda.Stream() if self.device.type == "cuda" else None
        try:
            for chunk in self.chunks:
                while self._ahead() and not self._stop.is_set():
                    self._stop.wait(0.05)
                if self._stop.is_set():
                    return
                if stream is None:
                    self._store_chunk(chunk)
                    continue
                with torch.cuda.stream(stream):
                    self._store_chunk(chunk)
                    stream.synchronize()
        except BaseException as error:  # told by `check`, in the thread that trains
            self.failure = error

    def _ahead(self) -> bool:
        """Whether no takes are needed now: there are plenty of every kind, and none has been used up."""
        coming = [shelf for shelf in self.shelves.values() if shelf.taken or shelf.drawn]
        return bool(self.uses and coming) and all(shelf.drawn < self.uses * (shelf.taken - AHEAD) for shelf in coming)

    def _store_chunk(self, chunk: Chunk) -> None:
        latents = chunk.video if chunk.video.is_floating_point() else encoded(self.codec, chunk.video)
        rows = {
            "tokens": patchify(latents.to(self.device)),
            "marks": chunk.marks_RN3G.to(self.device),
            "place": chunk.place_RN6G.to(self.device),
            "text": chunk.text_RKLD.to(self.device),
        }
        self.shelves[chunk.film, chunk.size].put(rows, chunk.who)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """Takes of one kind, with one caption of each and what is true of their tokens; R rows of N = frames x G tokens."""

    tokens_RNC: Tensor  # float32, clean
    noun_RN: Tensor  # int64
    color_RN: Tensor  # int64
    cover_RN: Tensor  # float32, 0..1
    place_RN6: Tensor  # float32
    text_RLD: Tensor  # float32; that of the empty prompt for a share of the rows
    grid: tuple[int, int, int]
    start: float = 0.0  # position of the first latent frame
    beside: tuple[tuple[float, Tensor], ...] = ()  # positions and known tokens [R, G, C] that inform the picture


def sample(
    pool: Pool,
    kind: Kind,
    count: int,
    rng: np.random.Generator,
    empty_LD: Tensor,
    drop: float,
    caption: int | None = None,
    among: Sequence[int] | None = None,
) -> tuple[Sample, list[int]]:
    """Rows at random, and their numbers. `caption`: the one to take, by default one of the first two. `among`: numbers
    of the rows that may be drawn, by default all."""
    shelf, (film, size) = pool.shelves[kind], kind
    numbers = rng.integers(shelf.count, size=count) if among is None else rng.choice(np.asarray(among), size=count)
    shelf.drawn += count
    index = torch.from_numpy(numbers).to(pool.device)
    marks = shelf.rows["marks"][index].transpose(1, 2).flatten(2).long()
    which = torch.full((count,), caption) if caption is not None else torch.from_numpy(rng.integers(2, size=count))
    text = shelf.rows["text"][index, which.to(pool.device)].float()
    said = torch.from_numpy(rng.random((count, 1, 1)) >= drop).to(pool.device)
    latents = pool.recipe.latents if film else 1
    found = Sample(
        tokens_RNC=shelf.rows["tokens"][index].float(),
        noun_RN=marks[:, 0],
        color_RN=marks[:, 1],
        cover_RN=marks[:, 2].float() / 255,
        place_RN6=shelf.rows["place"][index].float().transpose(2, 3).flatten(1, 2),
        text_RLD=torch.where(said, text, empty_LD),
        grid=pool.recipe.grid(size, latents),
    )
    return found, numbers.tolist()
