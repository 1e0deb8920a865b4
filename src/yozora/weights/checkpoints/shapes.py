"""What a transformer's tensors say about it: its sizes, which known weights have them, and whether it is whole.

Knows names and shapes, nothing of files. Sizes are those of Wan's published configurations.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TypeVar

import torch
from torch import Tensor, nn

from yozora.errors import UserError
from yozora.weights import files as weights
from yozora.weights.checkpoints.names import State, first

M = TypeVar("M", bound=nn.Module)


@dataclass(frozen=True, slots=True)
class TransformerShape:
    """Sizes of a transformer, as far as its tensors tell them (the number of heads is not among them)."""

    dim: int  # width
    ffn: int  # hidden width of the feed-forward
    layers: int
    in_channels: int
    image_branch: bool = False  # CLIP's features are read
    vace: bool = False

    @classmethod
    def of(cls, state: Mapping[str, Tensor]) -> "TransformerShape | None":
        """Of weights under Wan's names; None where they do not say."""
        patches, up = state.get("patch_embedding.weight"), state.get("blocks.0.ffn.0.weight")
        if patches is None or up is None or patches.ndim < 2 or up.ndim != 2:
            return None
        return cls(
            dim=patches.shape[0],
            ffn=up.shape[0],
            layers=1 + max(_block_numbers("blocks", state)),
            in_channels=patches.shape[1],
            image_branch=any(key.startswith("img_emb.") for key in state),
            vace=any(key.startswith("vace_") for key in state),
        )

    def __str__(self) -> str:
        extra = ", an image branch" * self.image_branch + ", VACE" * self.vace
        return f"width {self.dim}, {self.layers} layers, ffn {self.ffn}, {self.in_channels} channels in{extra}"


KNOWN = {
    "wan2.1-t2v-1.3b": TransformerShape(1536, 8960, 30, 16),
    "wan2.1-t2v-14b": TransformerShape(5120, 13824, 40, 16),
    "wan2.1-i2v-14b": TransformerShape(5120, 13824, 40, 36, image_branch=True),
    "wan2.1-flf2v-14b": TransformerShape(5120, 13824, 40, 36, image_branch=True),
    "wan2.1-vace-1.3b": TransformerShape(1536, 8960, 30, 16, vace=True),
    "wan2.1-vace-14b": TransformerShape(5120, 13824, 40, 16, vace=True),
    "wan2.2-ti2v-5b": TransformerShape(3072, 14336, 30, 48),
    "wan2.2-t2v-a14b": TransformerShape(5120, 13824, 40, 16),
    "wan2.2-i2v-a14b": TransformerShape(5120, 13824, 40, 36),
}
"""Published weights of this architecture. Fine-tuned and few-step weights have the shape of what they come from."""

_BLOCK = {
    "modulation": "1 6 D",
    **{
        f"{attention}.{name}": shape
        for attention in ("self_attn", "cross_attn")
        for name, shape in {
            **{f"{letter}.weight": "D D" for letter in "qkvo"},
            **{f"{letter}.bias": "D" for letter in "qkvo"},
            "norm_q.weight": "D",
            "norm_k.weight": "D",
        }.items()
    },
    "norm3.weight": "D",
    "norm3.bias": "D",
    "ffn.0.weight": "F D",
    "ffn.0.bias": "F",
    "ffn.2.weight": "D F",
    "ffn.2.bias": "D",
}
_IMAGE_BLOCK = {
    **{f"cross_attn.{name}.weight": "D D" for name in ("k_img", "v_img")},
    **{f"cross_attn.{name}.bias": "D" for name in ("k_img", "v_img")},
    "cross_attn.norm_k_img.weight": "D",
}
_IMAGE = {
    "img_emb.proj.0.weight": "I",
    "img_emb.proj.0.bias": "I",
    "img_emb.proj.1.weight": "J I",
    "img_emb.proj.1.bias": "J",
    "img_emb.proj.3.weight": "D J",
    "img_emb.proj.3.bias": "D",
    "img_emb.proj.4.weight": "D",
    "img_emb.proj.4.bias": "D",
}
_ENDS = {
    "patch_embedding.weight": "D C P Q R",
    "patch_embedding.bias": "D",
    "text_embedding.0.weight": "D L",
    "text_embedding.0.bias": "D",
    "text_embedding.2.weight": "D D",
    "text_embedding.2.bias": "D",
    "time_embedding.0.weight": "D S",
    "time_embedding.0.bias": "D",
    "time_embedding.2.weight": "D D",
    "time_embedding.2.bias": "D",
    "time_projection.1.weight": "6D D",
    "time_projection.1.bias": "6D",
    "head.head.weight": "O D",
    "head.head.bias": "O",
    "head.modulation": "1 2 D",
}
_VACE = {"vace_patch_embedding.weight": "D V P Q R", "vace_patch_embedding.bias": "D"}
_AFTER = {"after_proj.weight": "D D", "after_proj.bias": "D"}
_BEFORE = {"before_proj.weight": "D D", "before_proj.bias": "D"}
_OPTIONAL = {"img_emb.emb_pos": "1 M I"}  # of first-and-last-frame weights


def _block_numbers(blocks: str, names: Iterable[str]) -> set[int]:
    return {int(match[1]) for name in names if (match := re.match(rf"{blocks}\.(\d+)\.", name))}


def _expected(shape: TransformerShape, state: Mapping[str, Tensor]) -> dict[str, str]:
    """The name of every tensor of a transformer of this shape, and its axes; equal letters are equal sizes."""
    block = _BLOCK | (_IMAGE_BLOCK if shape.image_branch else {})
    expected = _ENDS | (_IMAGE if shape.image_branch else {}) | (_VACE if shape.vace else {})
    expected = expected | {name: axes for name, axes in _OPTIONAL.items() if name in state}
    for i in range(shape.layers):
        expected |= {f"blocks.{i}.{name}": axes for name, axes in block.items()}
    for i in range(1 + max(_block_numbers("vace_blocks", state), default=0) if shape.vace else 0):
        beside = block | _AFTER | (_BEFORE if i == 0 else {})
        expected |= {f"vace_blocks.{i}.{name}": axes for name, axes in beside.items()}
    return expected


def looks_like(state: Mapping[str, Tensor]) -> str:
    """A sentence on which published weights have these sizes; empty where the tensors do not say."""
    shape = TransformerShape.of(state)
    if shape is None:
        return ""
    names = [name for name, known in KNOWN.items() if known == shape]
    if "img_emb.emb_pos" in state:
        names = [name for name in names if "flf2v" in name]
    elif len(names) > 1:
        names = [name for name in names if "flf2v" not in name]
    return f"It looks like {' or '.join(names)}." if names else f"It is none of the known ones ({shape})."


def check_whole(state: Mapping[str, Tensor], what: str = "transformer") -> None:
    """See that a transformer under Wan's names is all there and of one piece, whatever its size.

    Raises:
        UserError: a tensor is missing or unexpected, or its shape does not go with the others.
    """
    shape = TransformerShape.of(state)
    if shape is None:
        raise UserError(
            f"The {what} has no patch_embedding.weight or blocks.0.ffn.0.weight.",
            "Fetch the file again.",
            code="tensors_missing",
        )
    if shape.layers > 1000:
        raise UserError(
            f"The {what} has a layer {shape.layers - 1}, which no known weights have.",
            "Check that it is the right file.",
            code="layer_count_unknown",
        )
    expected = _expected(shape, state)
    sizes = {"D": shape.dim, "6D": 6 * shape.dim, "F": shape.ffn, "C": shape.in_channels, "1": 1, "2": 2, "6": 6}
    wrong = []
    for name, axes in expected.items():
        tensor, letters = state.get(name), axes.split()
        if tensor is not None and (
            tensor.ndim != len(letters)
            or any(sizes.setdefault(letter, size) != size for letter, size in zip(letters, tensor.shape, strict=True))
        ):
            wrong.append(name)
    report(what, expected.keys() - state.keys(), state.keys() - expected.keys(), wrong, looks_like(state))


def check(state: Mapping[str, Tensor], expected: Mapping[str, Tensor], what: str = "model") -> None:
    """See that the tensors have the names and shapes of those expected (a module's ``state_dict``, on any device).

    Raises:
        UserError: one is missing, unexpected or of another shape.
    """
    wrong = [name for name in expected.keys() & state.keys() if state[name].shape != expected[name].shape]
    report(what, expected.keys() - state.keys(), state.keys() - expected.keys(), wrong, looks_like(state))


def report(what: str, missing: Iterable[str], unexpected: Iterable[str], wrong: Iterable[str], like: str) -> None:
    """Raise one UserError that names what does not fit, if anything does not."""
    found = (("missing", list(missing)), ("unexpected", list(unexpected)), ("of another shape", list(wrong)))
    said = [f"{len(names)} tensors are {how} ({first(names)})" for how, names in found if names]
    if said:
        raise UserError(f"The weights do not fit the {what}: {'; '.join(said)}.", like, code="tensors_mismatched")


def assemble(make: Callable[[], M], state: State, what: str = "model") -> M:
    """`weights.assemble`, with an error that says which known weights these are.

    Raises:
        UserError: a tensor is missing, unexpected or of another shape.
    """
    try:
        return weights.assemble(make, state)
    except UserError:
        with torch.device("meta"):
            expected = make().state_dict()
        check(state, expected, what)
        raise
