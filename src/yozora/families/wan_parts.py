"""Wan's models, ready to run, from the files of any layout that can be read."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import torch
from torch import Tensor

from yozora import paths
from yozora.core.request import Lora
from yozora.engine.parts import Autoencoder, Experts, Parts, alone
from yozora.errors import UserError
from yozora.families import wan_shapes
from yozora.families.encoders.clip import CLIP
from yozora.families.encoders.kept import Encodings, KeptEncoder, fingerprint
from yozora.families.encoders.streaming import StreamedUMT5
from yozora.families.encoders.umt5 import UMT5
from yozora.families.preset import Preset
from yozora.families.wan_files import fetched_lora, layout_of
from yozora.families.wan_sizes import autoencoder_of, read_json, transformer_of
from yozora.memory.arranging import arranged
from yozora.memory.planner import OVERLAP, Arrangement
from yozora.model.autoencoder import VideoAutoencoder
from yozora.model.configurations import TransformerConfig
from yozora.model.dit import SpacetimeTransformer
from yozora.model.graphs import Graphed
from yozora.model.quantise import in_blocks, in_eight_bits, quantise, stored_state
from yozora.model.tiling import Tiled
from yozora.weights import checkpoints
from yozora.weights.checkpoints import CheckpointLayout, Files, lora
from yozora.weights.checkpoints.reading import in_precision
from yozora.weights.files import page_out

EXPERTS = ("transformer", "transformer_2")


def build(preset: Preset, device: torch.device, dtype: torch.dtype) -> Parts:
    """The models of a preset, laid out so that they fit. Raises `UserError` for files that are missing, broken, or of
    another model, and where they do not fit into what they are allowed."""
    layout = layout_of(preset)
    config = transformer_of(preset, layout)
    arrangement = arranged(preset, device, dtype)
    experts = EXPERTS if preset.boundary is not None else EXPERTS[:1]
    loads = [
        transformer(layout.files(part), part, config, loras_of(preset, part), PartPlacement(device, dtype, arrangement))
        for part in experts
    ]
    images = None
    if config.image_dim is not None:
        aside = torch.device("cpu") if arrangement.streamed else device
        images = image_encoder(layout, aside, dtype)
    coder: Autoencoder = autoencoder(preset, layout, device, dtype)
    graphed = bool(preset.times) and device.type == "cuda" and not arrangement.offloaded
    return Parts(
        text=prompt_reader(layout, PartPlacement(device, dtype, arrangement)),
        transformers=Experts(*loads, boundary=preset.boundary or 0.0),
        autoencoder=Tiled(coder, arrangement.tile, OVERLAP) if arrangement.tile else coder,
        images=images,
        apart=arrangement.apart,
        forward=Graphed() if graphed else alone,
    )


@dataclass(frozen=True, slots=True)
class PartPlacement:
    """Where a model computes, in which dtype, and how it is laid out."""

    device: torch.device
    dtype: torch.dtype
    arrangement: Arrangement


def loras_of(preset: Preset, part: str) -> tuple[Lora, ...]:
    """The LoRAs of one of the experts. Raises `UserError` for one that is not there."""
    mine = ("both", "low" if part == EXPERTS[1] else "high") if preset.boundary is not None else ("both",)
    own = [Lora(at=str(fetched_lora(each)), expert=each.expert) for each in preset.added]
    found = tuple(each for each in (*own, *preset.loras) if each.expert in mine)
    for each in found:
        if not Path(each.at).exists():
            raise UserError(
                f"No LoRA file is at {each.at!r}.", "Pass a file, such as style.safetensors:0.8.", code="lora_not_found"
            )
    return found


def transformer(
    files: Files, part: str, config: TransformerConfig, loras: Sequence[Lora], where: PartPlacement
) -> Callable[[], SpacetimeTransformer]:
    """What loads a transformer, with its LoRAs in its weights, when it is needed."""

    def load() -> SpacetimeTransformer:
        arrangement = where.arrangement
        state = ready(files, part, loras, where)

        def make() -> SpacetimeTransformer:
            plain, kind = SpacetimeTransformer(config), arrangement.weights
            return plain if kind == "full" else in_eight_bits(plain, kind, in_blocks)

        found: SpacetimeTransformer = checkpoints.assemble(make, state, part)
        if arrangement.packed:
            found.pack()
            page_out(*state.values())
        state.clear()  # blocks move out of memory one by one
        if arrangement.offloaded:
            found.offload(where.device)
        return found.eval()

    return load


def ready(files: Files, part: str, loras: Sequence[Lora], where: PartPlacement) -> dict[str, Tensor]:
    """The tensors of a transformer as it uses them, on its device, made one after the other: each is read from its
    file, brought to the dtype, updated by LoRAs and quantised before the next."""
    state = checkpoints.read_part(files, part, where.dtype, lazy=True)
    updates = [(lora.read(each.at, part), each.strength) for each in loras]
    lora.check(state, updates)
    kind, found = where.arrangement.weights, dict[str, Tensor]()
    for key in list(state):
        stored = state.pop(key)
        moves = where.arrangement.offloaded and in_blocks(key)
        tensor = in_precision(key, stored, part, where.dtype).to(where.device)
        tensor = lora.merged(key, tensor, updates)
        each = {key: tensor} if kind == "full" else stored_state(key, tensor, kind, in_blocks)
        found |= {name: value.cpu() if moves else value for name, value in each.items()}
        if where.device.type != "cpu":
            page_out(stored)
    return found


def image_encoder(layout: CheckpointLayout, device: torch.device, dtype: torch.dtype) -> CLIP:
    """CLIP's vision transformer."""
    files = layout.files("image_encoder")
    processor = layout.path / "image_processor"
    state = checkpoints.read_part(files, "image_encoder", dtype)
    return CLIP.of(
        state, read_json(files.config) or wan_shapes.CLIP_VIT_H, processor if processor.is_dir() else None, device
    )


def autoencoder(preset: Preset, layout: CheckpointLayout, device: torch.device, dtype: torch.dtype) -> VideoAutoencoder:
    """The autoencoder, in the precision of the transformer."""
    files = layout.files("autoencoder")
    config = autoencoder_of(preset, layout)
    state = checkpoints.read_part(files, "autoencoder", dtype)
    moved = {key: tensor.to(device, dtype) for key, tensor in state.items()}
    found: VideoAutoencoder = checkpoints.assemble(lambda: VideoAutoencoder(config), moved, "autoencoder")
    return found.eval()


def prompt_reader(layout: CheckpointLayout, where: PartPlacement) -> KeptEncoder:
    """What reads prompts: UMT5, loaded when the first prompt comes that was not read before."""
    files, words, folder = layout.files("text_encoder"), layout.files("tokenizer"), paths.encodings()
    encodings = None
    if folder is not None:
        beside = [path for path in (files.config, files.index) if path is not None]
        precision = "full" if where.arrangement.streamed else where.arrangement.weights
        facts = (where.device.type, str(where.dtype), precision, _version("torch"), _version("transformers"))
        encodings = Encodings(folder, fingerprint([*files.paths, *beside, *words.paths], *facts))
    return KeptEncoder(partial(text_encoder, layout, where), encodings, where.device)


def text_encoder(layout: CheckpointLayout, where: PartPlacement) -> UMT5:
    """UMT5 and its tokenizer."""
    files, kind = layout.files("text_encoder"), where.arrangement.weights
    sizes = read_json(files.config) or wan_shapes.UMT5_XXL
    with checkpoints.tokenizer(layout.files("tokenizer")) as folder:
        if where.arrangement.streamed:
            state = checkpoints.read_part(files, "text_encoder", where.dtype, lazy=True)
            return StreamedUMT5.mapped(state, sizes, folder, where.device, where.dtype)
        state = checkpoints.read_part(files, "text_encoder", where.dtype)
        found = UMT5.of(state, sizes, folder, "cpu" if kind != "full" else where.device)
    if kind != "full":
        quantise(found.model, kind, lambda name: ".layer." in name)
        found.model.to(where.device)
    return found


def _version(package: str) -> str:
    """Of a package; nothing where it is not installed, which is told when it is needed."""
    try:
        return version(package)
    except PackageNotFoundError:
        return ""
