"""The weights of one part of a model, out of whatever files hold them, under our names.

Knows files and names, nothing of engines, canvases or presets.
"""

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import torch
from torch import Tensor

from yozora.errors import UserError
from yozora.weights.checkpoints import files as on_disk
from yozora.weights.checkpoints.layout import PARTS, Files
from yozora.weights.checkpoints.lookalikes import refuse
from yozora.weights.checkpoints.names import State, first, reshaped, section, translated
from yozora.weights.checkpoints.scaled import unscaled
from yozora.weights.checkpoints.shapes import check_whole, looks_like
from yozora.weights.files import page_out

EXACT = re.compile(r".*(modulation|\.norm_?\w*\.\w+)|(time_(embedding|projection)|img_emb)\..*")
"""Tensors of a transformer that are used in fp32 whatever the rest is: kept so where they are stored so."""
NONE = re.compile(r"(?!)")

NAMED = {"transformer_2": "transformer"}
"""Parts whose names are those of another."""


def read_part(
    files: Files | Path | Iterable[Path], part: str, dtype: torch.dtype | None = None, *, lazy: bool = False
) -> State:
    """The tensors of a part under our names: Wan's for transformer (VACE's blocks with it) and autoencoder, those of
    transformers' UMT5EncoderModel and CLIPVisionModel (5.x, without ``vision_model.``) for text and image encoder.

    Args:
        files: as `find` gives them, or the path of one file, or of all shards.
        part: transformer, transformer_2, autoencoder, text_encoder or image_encoder.
        dtype: of floating-point tensors; None: as stored, and bfloat16 for what is stored in FP8 or in blocks. Norms,
            modulation and time embedding of a transformer that are stored in fp32 stay so.
        lazy: tensors stay in their files, in FP8 too, until they are used; see `in_precision`.

    Raises:
        UserError: files are missing or broken, hold code, hold weights of another kind, or not all of these. A
            transformer is checked whole; of the others the names alone (`assemble` does the rest).
    """
    if part not in PARTS or part == "tokenizer":
        raise ValueError(f"{part!r} is no part with weights; known: {', '.join(PARTS)}")
    kind = NAMED.get(part, part)
    if not isinstance(files, Files):
        files = Files(paths=(files,) if isinstance(files, Path) else tuple(files))
    where = ", ".join(path.name for path in files.paths)
    state = section(on_disk.read(files.paths, files.index, dtype), kind)
    if kind == "transformer":
        refuse(state, files.paths[0] if files.paths else Path())
    known, unknown = translated(reshaped(unscaled(state, dtype, lazy=lazy), kind), kind)
    if unknown:
        raise _unknown_tensors_error(kind, known, unknown, where)
    if kind == "transformer":
        check_whole(known, f"transformer in {where}")
    if dtype is not None and not lazy:
        known = {key: in_precision(key, x, part, dtype) for key, x in known.items()}
    if kind == "text_encoder" and "shared.weight" in known:
        known["encoder.embed_tokens.weight"] = known["shared.weight"]  # one table under two names
    return known


def in_precision(key: str, tensor: Tensor, part: str, dtype: torch.dtype) -> Tensor:
    """A tensor of a part in the dtype that it is used in; where it was converted, its pages of the file leave
    memory."""
    kept = EXACT if NAMED.get(part, part) == "transformer" else NONE
    found = tensor.to(tensor.dtype if _stays(tensor, kept.fullmatch(key)) else dtype)
    if found is not tensor:
        page_out(tensor)
    return found


@contextmanager
def tokenizer(files: Files) -> Iterator[Path]:
    """The folder that transformers reads the text encoder's tokenizer from.

    Of ComfyUI's files, which hold sentencepiece's model among the tensors (``spiece_model``), one that lasts as long as
    the context.

    Raises:
        UserError: there is no tokenizer.
    """
    if len(files.paths) == 1 and files.paths[0].is_dir():
        yield files.paths[0]
        return
    found = on_disk.read(files.paths, files.index).get("spiece_model")
    if found is None or found.dtype not in (torch.uint8, torch.int8):
        where = ", ".join(path.name for path in files.paths)
        raise UserError(
            f"{where} has no tokenizer.",
            "Copy the folder tokenizer/ of the diffusers weights beside it.",
            code="tokenizer_missing",
        )
    with TemporaryDirectory() as folder:
        (Path(folder) / "spiece.model").write_bytes(bytes(found.view(torch.uint8).flatten().tolist()))
        (Path(folder) / "tokenizer_config.json").write_text('{"tokenizer_class": "T5Tokenizer", "extra_ids": 0}')
        yield Path(folder)


def _stays(x: Tensor, exact: object) -> bool:
    return not x.is_floating_point() or (exact is not None and x.dtype == torch.float32)


def _unknown_tensors_error(part: str, known: State, unknown: list[str], where: str) -> UserError:
    what = part.replace("_", " ")
    if len(known) < len(unknown):
        return UserError(
            f"{where} has no {what} of Wan: its tensors are {first(unknown)}.",
            "Check that it is the right file.",
            code="weights_wrong_kind",
        )
    like = looks_like(known)
    return UserError(
        f"{where} has {len(unknown)} tensors that Wan's {what} does not have: {first(unknown)}.",
        like,
        code="tensors_unknown",
    )
