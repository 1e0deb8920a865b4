"""An autoencoder that works on tiles of the picture, one after the other, and joins them without seams.

Each tile streams in time like the whole, with a past of its own. Neighbours overlap; in the middle of what they have in
common one fades into the other, and at the outer third of it, where a tile's border was seen, it counts for nothing.
Where layers reach no further than that, the result is that of the whole.

Names of shapes: as in `yozora.model.autoencoder`; cells are those of latents.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise, product
from typing import Any, Protocol

import torch
from torch import Tensor


class StreamingAutoencoder(Protocol):
    """An autoencoder: see `yozora.model.autoencoder.VideoAutoencoder`."""

    @property
    def config(self) -> Any: ...

    def encode_stream(self, chunks: Iterable[Tensor]) -> Iterator[Tensor]: ...

    def decode_stream(self, latents_BCTHW: Tensor, chunk: int = 1) -> Iterator[Tensor]: ...


@dataclass(frozen=True, slots=True)
class Span:
    """Cells [first, stop) of a row or column, of which the first `before` and the last `after` are a neighbour's
    too."""

    first: int
    stop: int
    before: int
    after: int

    def weights(self, scale: int, like: Tensor) -> Tensor:
        """How much each of its pixels counts (`scale` of them a cell): of neighbours together always 1."""
        shares = [torch.ones((self.stop - self.first) * scale, dtype=torch.float32, device=like.device)]
        for common, end in ((self.before, False), (self.after, True)):
            if common:
                ramp = fade(common * scale).to(like.device)
                whole = torch.ones_like(shares[0])
                whole[: len(ramp)] = ramp
                shares.append(whole.flip(0) if end else whole)
        return torch.stack(shares).prod(0)


def fade(pixels: int) -> Tensor:
    """From 0 to 1: zeros in the first third, a line in the second, ones in the last; with its mirror image always 1."""
    at = (torch.arange(pixels, dtype=torch.float32) + 0.5) / pixels
    return (at * 3 - 1).clamp(0, 1)


def spans(cells: int, tile: int, overlap: int) -> list[Span]:
    """As few tiles as cover a row of cells, spread evenly; one where the row is no longer than a tile."""
    if cells <= tile:
        return [Span(0, cells, 0, 0)]
    count = -(-(cells - overlap) // (tile - overlap))
    firsts = [k * (cells - tile) // (count - 1) for k in range(count)]
    edges = [0, *(a + tile - b for a, b in pairwise(firsts)), 0]
    return [Span(a, a + tile, edges[k], edges[k + 1]) for k, a in enumerate(firsts)]


class Tiled:
    """An autoencoder in tiles of so many cells a side, which have `overlap` cells in common. Sizes and results are
    those of the whole one, but for what is said above."""

    def __init__(self, whole: StreamingAutoencoder, tile: int, overlap: int) -> None:
        if not 0 < overlap <= tile // 2:
            raise ValueError(f"tiles of {tile} cells cannot have {overlap} in common")
        self.whole, self.tile, self.overlap = whole, tile, overlap

    @property
    def config(self) -> Any:
        """That of the whole."""
        return self.whole.config

    def decode(self, latents_BCTHW: Tensor) -> Tensor:
        """As `decode` of the whole."""
        return torch.cat(list(self.decode_stream(latents_BCTHW)), dim=2)

    def encode(self, frames_BCTHW: Tensor) -> Tensor:
        """As `encode` of the whole."""
        return torch.cat(list(self.encode_stream(iter([frames_BCTHW]))), dim=2)

    def decode_stream(self, latents_BCTHW: Tensor, chunk: int = 1) -> Iterator[Tensor]:
        """As `decode_stream` of the whole."""
        places = self._tile_spans(latents_BCTHW.shape[3:])
        if len(places) == 1:
            yield from self.whole.decode_stream(latents_BCTHW, chunk)
            return
        streams = [
            self.whole.decode_stream(latents_BCTHW[..., y.first : y.stop, x.first : x.stop], chunk) for y, x in places
        ]
        yield from joined(streams, places, self.config.stride[1:])

    def encode_stream(self, chunks: Iterable[Tensor]) -> Iterator[Tensor]:
        """As `encode_stream` of the whole; pieces are complete latents, as a stream of films has them."""
        height, width = self.config.stride[1:]
        streams: list[Iterator[Tensor]] = []
        places: list[tuple[Span, Span]] = []
        feeds: list[list[Tensor]] = []
        for chunk_BCTHW in chunks:
            if not streams:
                places = self._tile_spans((chunk_BCTHW.shape[3] // height, chunk_BCTHW.shape[4] // width))
                feeds = [[] for _ in places]
                streams = [self.whole.encode_stream(emptied(feed)) for feed in feeds]
            for feed, (y, x) in zip(feeds, places, strict=True):
                rows, columns = slice(y.first * height, y.stop * height), slice(x.first * width, x.stop * width)
                feed.append(chunk_BCTHW[..., rows, columns])
            yield from joined([iter([next(stream)]) for stream in streams], places, (1, 1))

    def _tile_spans(self, size: Iterable[int]) -> list[tuple[Span, Span]]:
        rows, columns = (spans(cells, self.tile, self.overlap) for cells in size)
        return list(product(rows, columns))


def emptied(feed: list[Tensor]) -> Iterator[Tensor]:
    """What was put there, as long as there is any."""
    while feed:
        yield feed.pop(0)


def joined(
    streams: list[Iterator[Tensor]], places: list[tuple[Span, Span]], scale: tuple[int, int]
) -> Iterator[Tensor]:
    """The pieces of a picture's tiles as pieces of the picture; tiles are made one after the other."""
    height, width = (max(span.stop for span in each) for each in zip(*places, strict=True))
    while True:
        whole: Tensor | None = None
        dtype = torch.float32
        for stream, (y, x) in zip(streams, places, strict=True):
            piece = next(stream, None)
            if piece is None:
                return
            dtype = piece.dtype
            if whole is None:
                size = (*piece.shape[:3], height * scale[0], width * scale[1])
                whole = torch.zeros(size, dtype=torch.float32, device=piece.device)
            share_HW = y.weights(scale[0], piece)[:, None] * x.weights(scale[1], piece)
            rows, columns = slice(y.first * scale[0], y.stop * scale[0]), slice(x.first * scale[1], x.stop * scale[1])
            whole[..., rows, columns] += piece.float() * share_HW
        assert whole is not None
        yield whole.to(dtype)
