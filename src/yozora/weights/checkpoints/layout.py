"""Where the parts of a model are: in diffusers' folders, in Wan's own, in ComfyUI's, or round a single file.

Looks at names of files and folders and opens none. Links are kept as they are: in a Hugging Face cache the names are
the links' and not those of what they lead to. Needs no torch.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from fnmatch import fnmatch
from pathlib import Path

from yozora.errors import UserError

PARTS = ("transformer", "transformer_2", "autoencoder", "text_encoder", "tokenizer", "image_encoder")
"""A model's parts; transformer_2 is the expert for low noise where there are two."""

WEIGHTS = (".safetensors", ".gguf", ".pth", ".pt", ".ckpt", ".bin")

FLAGS = {"autoencoder": "--vae", "text_encoder": "--text-encoder", "tokenizer": "--text-encoder"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Files:
    """The files of one part."""

    paths: tuple[Path, ...]  # of weights; of a tokenizer: its folder, or the one file that it is in
    index: Path | None = None  # says which of them each tensor is in
    config: Path | None = None  # the JSON file of sizes beside them


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckpointLayout:
    """The parts that were found, and the names of files that were looked for in vain."""

    path: Path
    style: str
    parts: Mapping[str, Files]
    searched: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def files(self, part: str) -> Files:
        """Of a part.

        Raises:
            UserError: it was not found.
        """
        if part in self.parts:
            return self.parts[part]
        flag = f"Name it with {FLAGS[part]}." if part in FLAGS else "Copy it there, or pass the whole folder."
        searched = ", ".join(self.searched.get(part, ())) or "nothing, because this layout does not have such a part"
        raise UserError(
            f"{self.path} has no {part.replace('_', ' ')}: looked for {searched}.", flag, code="model_part_missing"
        )


Found = tuple[dict[str, Files], dict[str, tuple[str, ...]]]

NATIVE = {
    "autoencoder": ("Wan2.?_VAE.*", "*vae*"),
    "text_encoder": ("models_t5_umt5-xxl-enc-*.*", "*umt5*"),
    "tokenizer": ("google/umt5-xxl",),
    "image_encoder": ("models_clip_open-clip-xlm-roberta-large-vit-huge-14*", "*open-clip-xlm-roberta*"),
}
"""Names of Wan's own files, the most usual first."""

COMFYUI = {
    "transformer": (("diffusion_models", "unet"), ("*",)),
    "autoencoder": (("vae",), ("*wan*", "*")),
    "text_encoder": (("text_encoders", "clip"), ("*umt5*",)),
    "image_encoder": (("clip_vision",), ("*clip_vision_h*", "*open-clip-xlm-roberta*")),
}
"""ComfyUI's folders, and names of files in them."""

DIFFUSERS = {
    "transformer": "transformer",
    "transformer_2": "transformer_2",
    "autoencoder": "vae",
    "text_encoder": "text_encoder",
    "tokenizer": "tokenizer",
    "image_encoder": "image_encoder",
}
"""Folders of diffusers' layout."""

STEMS = ("diffusion_pytorch_model", "model", "pytorch_model")
"""What diffusers and transformers call files of weights."""

OPPOSITE = {"high": "low", "low": "high", "High": "Low", "Low": "High", "HIGH": "LOW", "LOW": "HIGH"}

EXPERTS = {"transformer": ("the same name with high for low",), "transformer_2": ("the same name with low for high",)}

Given = str | Path | None


def find(path: str | Path, *, autoencoder: Given = None, text_encoder: Given = None) -> CheckpointLayout:
    """The files of each part of the model at a path.

    Args:
        path: a folder in diffusers', Wan's or ComfyUI's layout, a repository in a Hugging Face cache, or the file of a
            transformer (of two experts: either, where the other's name differs in ``high`` and ``low`` alone).
        autoencoder, text_encoder: a file, its folder, or the folder of another whole model, instead of what is there.

    Raises:
        UserError: nothing is there, or no such thing; or it cannot be told which of several files is meant.
    """
    root = _snapshot(Path(path).expanduser())
    if not root.exists():
        raise UserError(f"{root} does not exist.", "Pass a folder or file of weights.", code="weights_not_found")
    style, (parts, searched) = _detect_layout(root)
    for part, given in (("autoencoder", autoencoder), ("text_encoder", text_encoder)):
        if given is not None:
            parts |= _given(part, _snapshot(Path(given).expanduser()))
    return CheckpointLayout(path=root, style=style, parts=parts, searched=searched)


def _snapshot(path: Path) -> Path:
    """The newest snapshot of a repository in a Hugging Face cache; any other path as it is."""
    snapshots = path / "snapshots"
    if not path.name.startswith("models--") or not snapshots.is_dir():
        return path
    main = path / "refs" / "main"
    if main.is_file() and (snapshots / (name := main.read_text(encoding="utf-8").strip())).is_dir() and name:
        return snapshots / name
    found = sorted(snapshots.iterdir(), key=lambda each: each.stat().st_mtime)
    if not found:
        raise UserError(f"{path} has no snapshot.", "Fetch the weights again.", code="snapshot_missing")
    return found[-1]


def _detect_layout(root: Path) -> tuple[str, Found]:
    """What is found at a path, and in which style."""
    if root.is_file():
        return "single file", _single(root)
    if (root / "model_index.json").is_file() or (root / "transformer").is_dir():
        return "diffusers", _diffusers(root)
    if (root / "high_noise_model").is_dir() or _shards(root, STEMS[:1]) is not None:
        return "native", _find_native(root)
    for folder in (root, root / "models", root / "split_files"):
        if any((folder / name).is_dir() for name in COMFYUI["transformer"][0]):
            return "ComfyUI", _comfyui(folder)
    files = _weights(root)
    if not files:
        raise UserError(
            f"The layout of the weights in {root} is not known.",
            "Use the layout of diffusers, Wan or ComfyUI.",
            code="weights_layout_unknown",
        )
    return "single file", _single(_only("transformer", files, root))


def _diffusers(root: Path) -> Found:
    parts = {}
    for part, name in DIFFUSERS.items():
        files = _find_part_files(root / name) if part != "tokenizer" else _tokenizer(root / name)
        if files is not None:
            parts[part] = files
    stems = " or ".join(f"{stem}*.safetensors" for stem in STEMS[:2])
    searched = {part: f"{name}/{stems}" if part != "tokenizer" else f"{name}/" for part, name in DIFFUSERS.items()}
    return parts, {part: (names,) for part, names in searched.items()}


def _find_native(root: Path) -> Found:
    parts, searched = {}, dict(NATIVE)
    searched["transformer"] = ("diffusion_pytorch_model*.safetensors",)
    experts = {"transformer": root / "high_noise_model", "transformer_2": root / "low_noise_model"}
    if not experts["transformer"].is_dir():
        experts = {"transformer": root}
    for part, folder in experts.items():
        if (files := _find_part_files(folder)) is not None:
            parts[part] = files
        searched[part] = (f"{'' if folder == root else folder.name + '/'}diffusion_pytorch_model*.safetensors",)
    return parts | _find_other_parts(root), searched


def _find_other_parts(root: Path) -> dict[str, Files]:
    """The parts of Wan's layout in a folder beside the transformer."""
    parts = {}
    for part, names in NATIVE.items():
        files = _tokenizer(root / names[0]) if part == "tokenizer" else None
        if part != "tokenizer":
            found = _matching(_weights(root), names)
            files = Files(paths=(_only(part, found, root),)) if found else None
        if files is not None:
            parts[part] = files
    return parts


def _comfyui(root: Path, transformer: Path | None = None) -> Found:
    parts: dict[str, Files] = {}
    searched: dict[str, tuple[str, ...]] = {}
    for part, (folders, names) in COMFYUI.items():
        searched[part] = tuple(f"{folder}/{name}" for folder in folders for name in names)
        files = [file for folder in folders for file in _weights(root / folder, deep=True)]
        if part == "transformer":
            transformer = transformer or _one_model(files, root)
            parts |= _experts(transformer)
        elif found := _matching(files, names):
            if part == "autoencoder" and transformer is not None:
                found = _of_version(found, transformer.name) or found
            parts[part] = Files(paths=(_only(part, found, root),))
    if "text_encoder" in parts:
        parts["tokenizer"] = parts["text_encoder"]  # ComfyUI's files of text encoders hold theirs
    return parts, searched | {"tokenizer": searched["text_encoder"]} | EXPERTS


def _one_model(files: list[Path], root: Path) -> Path:
    """The transformer, where there is one, or one pair of experts."""
    seconds = {experts["transformer_2"].paths for file in files if len(experts := _experts(file)) == 2}
    return _only("transformer", [file for file in files if (file,) not in seconds], root)


def _of_version(files: list[Path], transformer: str) -> list[Path]:
    """The autoencoders that go with a transformer, by names: TI2V-5B has Wan 2.2's, all others Wan 2.1's."""
    version = "2[._]2" if re.search("ti2v|5b", transformer, re.IGNORECASE) else "2[._]1"
    return [file for file in files if re.search(version, file.name)]


def _single(file: Path) -> Found:
    if file.suffix.lower() not in WEIGHTS:
        raise UserError(
            f"{file} is not a weights file.", f"Use one of: {', '.join(WEIGHTS)}.", code="weights_type_unknown"
        )
    for folder in file.parents:
        if folder.name in COMFYUI["transformer"][0]:
            return _comfyui(folder.parent, file)
    return _experts(file) | _find_other_parts(file.parent), dict(NATIVE) | EXPERTS


def _experts(file: Path) -> dict[str, Files]:
    """The transformer that a file holds, and the other expert beside it, if its name says that there are two."""
    low, high = _counterpart(file, "high"), _counterpart(file, "low")
    if low is not None and low.is_file():
        return {"transformer": Files(paths=(file,)), "transformer_2": Files(paths=(low,))}
    if high is not None and high.is_file():
        return {"transformer": Files(paths=(high,)), "transformer_2": Files(paths=(file,))}
    alone = high is not None and re.search("low[_-]?noise", file.name, re.IGNORECASE)
    return {"transformer_2" if alone else "transformer": Files(paths=(file,))}


def _counterpart(file: Path, word: str) -> Path | None:
    """The file of the other expert, where the name says ``word`` (high or low), whether or not it is there.

    It is beside this one, or in a folder whose name differs in the same word.
    """
    said = rf"(?<![a-z]){word}(?=[_-]?noise|[_.-]|$)"
    if not re.search(said, file.name, re.IGNORECASE):
        return None

    def swapped(name: str) -> str:
        return re.sub(said, lambda found: OPPOSITE.get(found[0], OPPOSITE[word]), name, flags=re.IGNORECASE)

    beside = file.with_name(swapped(file.name))
    elsewhere = file.parent.with_name(swapped(file.parent.name)) / beside.name if file.parent.name else beside
    return elsewhere if elsewhere.is_file() and not beside.is_file() else beside


def _given(part: str, path: Path) -> dict[str, Files]:
    """A part that the caller points at, and with a text encoder its tokenizer."""
    what = part.replace("_", " ")
    if path.is_file():
        parts = {part: Files(paths=(path,))}
        folder = path.parent
    elif not path.is_dir():
        raise UserError(f"No {what} is at {path}.", "Check the path.", code="model_part_missing")
    elif (files := _find_part_files(path)) is not None and not (path / "model_index.json").is_file():
        parts, folder = {part: files}, path
    else:
        try:
            parts = dict(find(path).parts)
        except UserError:
            parts = {part: Files(paths=(_only(part, _weights(path), path),))} if _weights(path) else {}
        folder = path
    if part not in parts:
        raise UserError(f"No {what} is at {path}.", "Check the path.", code="model_part_missing")
    if part == "text_encoder":
        places = (folder, folder / "tokenizer", folder.parent / "tokenizer", folder / NATIVE["tokenizer"][0])
        found = next((files for place in places if (files := _tokenizer(place)) is not None), None)
        parts.setdefault("tokenizer", found or parts[part])
    return {name: parts[name] for name in (part, *(("tokenizer",) if part == "text_encoder" else ()))}


def _find_part_files(folder: Path) -> Files | None:
    """The weights in a part's folder, as diffusers and transformers name them; None where there are none."""
    files = _shards(folder, STEMS)
    config = folder / "config.json"
    return replace(files, config=config) if files is not None and config.is_file() else files


def _shards(folder: Path, stems: Iterable[str]) -> Files | None:
    for suffix in (".safetensors", ".bin"):
        for stem in stems:
            for name in (f"{stem}{suffix}", f"{stem}.*{suffix}"):  # a variant (fp16, ...) only where nothing else is
                index = next(iter(sorted(folder.glob(f"{name}.index.json"))), None)
                shards = sorted(folder.glob(name.replace(suffix, f"-*-of-*{suffix}")))
                if index is not None:
                    return Files(paths=tuple(shards), index=index)
                if shards or (shards := sorted(folder.glob(name))[:1]):
                    return Files(paths=tuple(shards))
    return None


def _tokenizer(folder: Path) -> Files | None:
    names = ("tokenizer.json", "spiece.model", "sentencepiece.bpe.model")
    return Files(paths=(folder,)) if any((folder / name).is_file() for name in names) else None


def _weights(folder: Path, *, deep: bool = False) -> list[Path]:
    if not folder.is_dir():
        return []
    files = folder.rglob("*") if deep else folder.iterdir()
    return sorted(file for file in files if file.suffix.lower() in WEIGHTS and not file.is_dir())


def _matching(files: Iterable[Path], names: Iterable[str]) -> list[Path]:
    """The files that match the first of the names that any matches."""
    files = list(files)
    for name in names:
        if found := [file for file in files if fnmatch(file.name.lower(), name.lower())]:
            return found
    return []


def _only(part: str, files: list[Path], root: Path) -> Path:
    if len(files) == 1:
        return files[0]
    if not files:
        raise UserError(
            f"{root} has no {part.replace('_', ' ')}.", "Check that it is the right folder.", code="model_part_missing"
        )
    names = ", ".join(str(file.relative_to(root)) for file in files[:5]) + (", ..." if len(files) > 5 else "")
    flag = f"with {FLAGS[part]}" if part in FLAGS else "by its path"
    raise UserError(
        f"{root} has several files for the {part.replace('_', ' ')} ({names}).",
        f"Choose one {flag}.",
        code="model_part_ambiguous",
    )
