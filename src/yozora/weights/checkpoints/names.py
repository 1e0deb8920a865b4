"""Names of tensors: whose spelling they are, and the same tensors under our names.

Ours are Wan's own names for transformer, VACE branch and autoencoder, and transformers' names for text and image
encoder. Knows nothing of files.
"""

import re
from collections.abc import Callable, Iterable, Mapping

from torch import Tensor

from yozora.errors import UserError
from yozora.weights.checkpoints.tables import (
    CLIP,
    CLIP_NATIVE,
    NATIVE_TO_DIFFUSERS,
    UMT5,
    UMT5_LLAMA_CPP,
    UMT5_NATIVE,
    KeyTable,
)

State = dict[str, Tensor]

PACKED = {
    "transformer": ("model.diffusion_model.",),
    "autoencoder": ("first_stage_model.", "vae."),
    "text_encoder": ("text_encoders.umt5xxl.transformer.", "cond_stage_model.transformer."),
    "image_encoder": ("visual.", "vision_model."),
}
"""What stands before the names of a part in files that hold several."""

PREFIXES = ("diffusion_model.", "transformer.", "model.", "module.")
"""What other programs put before all names of a part."""

WRAPPERS = ("_fsdp_wrapped_module.", "_checkpoint_wrapped_module.", "_orig_mod.")
"""What training leaves in the middle of names."""

SPARE = {
    "transformer": r"blocks\.\d+\.attn2\.norm_added_q\.weight",  # diffusers' conversion of I2V made it; nothing uses it
    "autoencoder": r"(?!)",
    "text_encoder": r"spiece_model",  # ComfyUI's tokenizer
    "image_encoder": (
        r"log_scale|logit_scale|head|textual\..*|text_model\..*|text_projection\..*|visual_projection\..*"
        r"|embeddings\.position_ids"
    ),  # the other half of CLIP, and what only leads there
}
"""Names that are there in published files and that nothing of the part needs."""


def inverse(table: KeyTable) -> KeyTable:
    """The table that leads back."""
    return tuple((right, left) for left, right in table)


def renamer(table: KeyTable) -> Callable[[str], str | None]:
    """A function from a name in the left column to the one in the right; None where no row matches."""
    rows = [(re.compile(re.escape(left).replace(r"\*", r"([^.]+)")), right.split("*")) for left, right in table]

    def renamed(name: str) -> str | None:
        for row, parts in rows:
            if match := row.fullmatch(name):
                return parts[0] + "".join(a + b for a, b in zip(match.groups(), parts[1:], strict=True))
        return None

    return renamed


def rename(state: Mapping[str, Tensor], table: KeyTable) -> State:
    """The same tensors under the names in the table's right column.

    Raises:
        UserError: keys that no row matches, or two keys that become one.
    """
    to, renamed, unknown = renamer(table), State(), list[str]()
    for key, tensor in state.items():
        name = to(key)
        if name is None:
            unknown.append(key)
        elif name in renamed:
            raise UserError(
                f"After {key!r} is renamed, two tensors are named {name!r}. Use another file.", code="tensor_duplicate"
            )
        else:
            renamed[name] = tensor
    if unknown:
        raise UserError(
            f"The names of these tensors are not known: {first(unknown)}.",
            "Check that this is the right kind of model.",
            code="tensors_unknown",
        )
    return renamed


def first(names: Iterable[str], most: int = 3) -> str:
    """A few of the names, and how many more there are."""
    ordered = sorted(names)
    more = f" and {len(ordered) - most} more" if len(ordered) > most else ""
    return ", ".join(ordered[:most]) + more


def section(state: Mapping[str, Tensor], part: str) -> State:
    """The tensors of the part, without what stands before their names, and without what the part does not need.

    Raises:
        UserError: two tensors then have one name.
    """
    plain = {key: _unwrapped(key) for key in state}
    others = tuple(prefix for name, prefixes in PACKED.items() if name != part for prefix in prefixes)
    for prefix in PACKED[part]:
        if any(name.startswith(prefix) for name in plain.values()):
            plain = {key: name.removeprefix(prefix) for key, name in plain.items() if not name.startswith(others)}
    for prefix in PREFIXES:
        if all(name.startswith(prefix) for name in plain.values()):
            plain = {key: name.removeprefix(prefix) for key, name in plain.items()}
    spare = re.compile(SPARE[part])
    found = State()
    for key, name in plain.items():
        if name in found:
            raise UserError(
                f"Two tensors are named {name}; the file calls one of them {key}.",
                "Check that these weights are of one model.",
                code="tensor_duplicate",
            )
        if not spare.fullmatch(name):
            found[name] = state[key]
    return found


def _unwrapped(key: str) -> str:
    for wrapper in WRAPPERS:
        key = key.replace(wrapper, "")
    return key


def spellings(part: str, state: Mapping[str, Tensor]) -> dict[str, KeyTable]:
    """Every spelling of the part that is known, and the table that leads from it to ours."""
    if part == "transformer":
        native = tuple((left, left) for left, _ in NATIVE_TO_DIFFUSERS)
        return {"native": native, "diffusers": inverse(NATIVE_TO_DIFFUSERS)}
    if part == "text_encoder":
        return {"transformers": UMT5, "native": UMT5_NATIVE, "llama.cpp": UMT5_LLAMA_CPP}
    if part == "image_encoder":
        return {"transformers": CLIP, "native": CLIP_NATIVE}
    from yozora.weights.checkpoints.autoencoder import tables

    return tables(state)


def translated(state: Mapping[str, Tensor], part: str) -> tuple[State, list[str]]:
    """The part's tensors under our names, and the names that are in none of its spellings.

    The spelling is the one that most names belong to. Where nothing matches, no tensor is returned.
    """
    tables = [renamer(table) for table in spellings(part, state).values()]
    to = max(tables, key=lambda to: sum(to(key) is not None for key in state), default=lambda _: None)
    names = {key: to(key) for key in state}
    return {name: state[key] for key, name in names.items() if name}, [key for key, name in names.items() if not name]


def reshaped(state: Mapping[str, Tensor], part: str) -> State:
    """The tensors as our names want them, where another spelling also cuts them otherwise.

    CLIP's native file keeps queries, keys and values in one matrix, and its embeddings with empty axes in front. Of the
    text encoder's table of tokens, which has two names, files hold either or both.
    """
    if part == "text_encoder" and (tokens := state.get("encoder.embed_tokens.weight")) is not None:
        return {"shared.weight": tokens, **{k: x for k, x in state.items() if k != "encoder.embed_tokens.weight"}}
    if part != "image_encoder":
        return dict(state)
    cut = State()
    for key, tensor in state.items():
        if ".attn.to_qkv." in key and len(tensor) % 3 == 0:
            for letter, third in zip("qkv", tensor.chunk(3), strict=True):
                cut[key.replace(".to_qkv.", f".{letter}.")] = third
        elif key in ("cls_embedding", "pos_embedding"):
            cut[key] = tensor.flatten() if key == "cls_embedding" else tensor.flatten(0, -2)
        else:
            cut[key] = tensor
    return cut
