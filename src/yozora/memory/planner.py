"""Which arrangement of a model fits into the memory that there is: a pure function of sizes, a film and bounds.

Arrangements are tried from the fastest down: all of it on the device; the text encoder read layer by layer, whenever a
prompt is new; the autoencoder in tiles; guidance in two passes of one row each; blocks of the transformer in main
memory, copied ahead while others compute; all of these in other precisions last, since what they give differs.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import product
from typing import Literal

from yozora.memory import autoencoders, transformers
from yozora.memory.models import PIXEL, Codec, FilmSize, ModelParts
from yozora.model.configurations import AutoencoderConfig

Weights = Literal["full", "fp8", "int8"]
WEIGHTS: tuple[Weights, ...] = ("full", "fp8", "int8")
"""Precisions of weights: that of products (bf16, or fp32 where a device has none), or eight bits."""
TILE = 32
"""Latent cells along the side of a tile."""
OVERLAP = 8
"""Latent cells that a tile has in common with the next."""
PROGRAM = 450_000_000
"""Bytes of main memory of the program itself: Python, torch and codecs."""
CUDA_PROGRAM = 2_500_000_000
"""The same where torch brings CUDA's libraries."""
CUDA_CONTEXT = 500_000_000
"""Bytes of a GPU that CUDA takes for itself, and that its libraries work in."""
CONVOLUTIONS = 0.3
"""What a CPU's convolutions take for themselves, in shares of what they are given and give: both are laid out again."""
SCRATCH = 130_000_000
"""Bytes of main memory that a film takes whatever its size: tables, codecs, what is left between two allocations."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """Where a film is made: the kind of device, bytes of a number in products, bytes of the device and of main memory
    that may be taken (0: as much as one likes), and what the program takes of each by itself."""

    kind: str
    itemsize: int
    memory: int = 0
    ram: int = 0
    program: int = PROGRAM
    context: int = 0

    @property
    def apart(self) -> bool:
        """Whether the device has memory of its own."""
        return self.kind == "cuda"


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrangement:
    """How a model is laid out. `weights`: their precision. `streamed`: the text encoder is read from its files layer by
    layer, and an image encoder computes in main memory. `tile`: latent cells along the side of a tile of the
    autoencoder; 0: whole. `apart`: guidance in two passes. `offloaded`: blocks are in main memory. `packed`: weights
    are laid out for a CPU once more.
    """

    weights: Weights = "full"
    offloaded: bool = False
    apart: bool = False
    tile: int = 0
    streamed: bool = False
    packed: bool = False

    @property
    def words(self) -> str:
        """What it does beside the usual."""
        said = (
            f"{self.weights.upper()} weights" if self.weights != "full" else "",
            "blocks copied from main memory" if self.offloaded else "",
            "text encoder read layer by layer" if self.streamed else "",
            "autoencoder in tiles" if self.tile else "",
            "guidance in two passes" if self.apart else "",
        )
        return ", ".join(filter(None, said))


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """An arrangement, and the most bytes that it takes of the device and of main memory. On a CPU both are one."""

    arrangement: Arrangement
    device: int
    main: int

    def fits(self, machine: Machine) -> bool:
        """Whether it stays within the bounds."""
        return self.device <= (machine.memory or self.device) and self.main <= (machine.ram or self.main)


def plan(model: ModelParts, film: FilmSize, machine: Machine, weights: Weights | None = None) -> Plan | None:
    """The fastest arrangement that fits; None where none does. `weights`: the precision that was asked for."""
    return next((each for each in plans(model, film, machine, weights) if each.fits(machine)), None)


def least(model: ModelParts, film: FilmSize, machine: Machine, weights: Weights | None = None) -> Plan:
    """The arrangement that takes the least of what there is least of."""

    def excess(each: Plan) -> float:
        return max(each.device / (machine.memory or float("inf")), each.main / (machine.ram or float("inf")))

    return min(plans(model, film, machine, weights), key=lambda each: (excess(each), each.device))


def plans(model: ModelParts, film: FilmSize, machine: Machine, weights: Weights | None = None) -> Iterator[Plan]:
    """All arrangements, the fastest first, and what they take."""
    for arrangement in arrangements(model, film, machine, weights):
        yield measured(model, film, machine, arrangement)


def arrangements(
    model: ModelParts, film: FilmSize, machine: Machine, weights: Weights | None = None
) -> Iterator[Arrangement]:
    """All that make sense there, the fastest first."""
    either, never = (False, True), (False,)
    tiles = (0, TILE) if film_cells(model, film) > TILE * TILE else (0,)
    choices = product(
        ("full", "int8") if weights is None else (weights,),
        either if machine.apart and model.moves else never,
        either if film.rows > 1 else never,
        tiles,
        either if model.text.streams else never,
        (True, False) if machine.kind == "cpu" else never,
    )
    for precision, offloaded, apart, tile, streamed, packed in choices:
        if packed and precision != "full":
            continue
        yield Arrangement(
            weights=precision,
            offloaded=offloaded,
            apart=apart,
            tile=tile,
            streamed=streamed,
            packed=packed,
        )


def film_cells(model: ModelParts, film: FilmSize) -> int:
    """Latent cells of one frame."""
    return -(-film.height // model.stride[1]) * -(-film.width // model.stride[2])


def measured(model: ModelParts, film: FilmSize, machine: Machine, arrangement: Arrangement) -> Plan:
    """What an arrangement takes: what stays all the time, and the most of what the stages take in turn."""
    d = machine.itemsize
    blocks, rest, moved = transformer_bytes(model, machine, arrangement)
    text, layer = text_bytes(model, machine, arrangement)
    aside = model.images * d if machine.apart and arrangement.streamed else 0  # the image encoder, in main memory
    stays = rest + text + (autoencoder_numbers(model) + model.images) * d - aside
    rows = 1 if arrangement.apart else film.rows
    denoising = transformers.working(
        model.transformer, film.tokens, rows, d, packed=arrangement.packed, fused=machine.kind != "cpu"
    )
    if arrangement.weights != "full":
        denoising += transformers.weights(model.transformer).largest * d
    frames = film.width * film.height * 3 * model.stride[0] * 4
    decoding = autoencoder_working(model, film, machine, arrangement) * d + frames
    loading = 3 * transformers.weights(model.transformer).largest * 4
    if machine.apart:
        device = machine.context + stays + moved + max(denoising, decoding, layer)
        main = machine.program + SCRATCH + model.packages + blocks + aside + max(loading, 2 * layer, frames)
        return Plan(arrangement=arrangement, device=int(device), main=int(main))
    working = max(denoising, decoding, layer, loading)
    whole = machine.program + SCRATCH + model.packages + stays + moved + working
    return Plan(arrangement=arrangement, device=int(whole), main=int(whole))


def transformer_bytes(model: ModelParts, machine: Machine, arrangement: Arrangement) -> tuple[float, float, float]:
    """Bytes of a transformer's blocks in main memory beside the device's, of all but the blocks, and of the blocks on
    the device."""
    numbers, d = transformers.weights(model.transformer), machine.itemsize
    rest = float(numbers.rest * max(d, 4 if model.stored >= 4 else 0) if d < 4 else numbers.rest * d)
    blocks = float(numbers.linear * d)
    if arrangement.weights != "full":
        blocks = float(numbers.linear + 4 * numbers.outputs)
    if arrangement.packed:
        D, F = model.transformer.dim, model.transformer.ffn
        again = numbers.blocks * (6 * D * D + 2 * D * F) * d
        return 0.0, rest, blocks + (0 if model.stored == d else again)
    if arrangement.offloaded:
        return blocks, rest, 2 * blocks / numbers.blocks
    return 0.0, rest, blocks


def text_bytes(model: ModelParts, machine: Machine, arrangement: Arrangement) -> tuple[float, float]:
    """Bytes of the text encoder that stay, and those that reading a prompt takes."""
    text, d = model.text, machine.itemsize
    reading = 2 * text.reads * text.dim * 4 * 6.0
    if arrangement.streamed:
        return 0.0, 2 * text.layer * d + reading
    if arrangement.weights != "full" and text.streams:
        return float((text.all - text.linear) * d + text.linear), reading + text.layer * d / 7
    return float(text.all * (d if text.streams else 4)), reading


def autoencoder_numbers(model: ModelParts) -> int:
    """Numbers of weights in an autoencoder."""
    found = model.autoencoder
    return found.weights if isinstance(found, Codec) else autoencoders.weights(found)


def autoencoder_working(model: ModelParts, film: FilmSize, machine: Machine, arrangement: Arrangement) -> float:
    """Numbers that decoding a latent frame holds at once."""
    found, cells = model.autoencoder, film_cells(model, film)
    if not isinstance(found, AutoencoderConfig):
        return float(PIXEL * film.width * film.height)
    tile = min(cells, arrangement.tile**2) if arrangement.tile else None
    return autoencoders.working(found, cells, tile, scratch=0.0 if machine.kind == "cuda" else CONVOLUTIONS)


def within(machine: Machine, memory: int, ram: int) -> Machine:
    """A machine of which no more may be taken."""
    bounds = [bound for bound in (memory, ram) if bound]
    if not machine.apart and bounds:
        memory = ram = min(bounds)
    return replace(machine, memory=memory or machine.memory, ram=ram or machine.ram)
