"""LoRA files: small updates of a transformer's weights, in every spelling that goes round, and what they do to weights.

An update is of low rank, ``scale * B A`` (LoRA, arXiv 2106.09685), or a plain difference. All that stands in a file is
used or refused: where diffusers' converters drop keys (differences of norms and of modulation, a time projection's bias
alone), they are applied here. Kohya's ``lora_unet_`` names, PEFT's and diffusers' ``lora_A``/``lora_B``, ``lora_down``/
``lora_up`` with ``alpha``, ``diff``, ``diff_b`` and LightX2V's ``diff_m`` are read.
"""

import json
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn.utils import parametrize

from yozora.errors import UserError
from yozora.weights import header
from yozora.weights.checkpoints import files as on_disk
from yozora.weights.checkpoints.names import State, first, renamer
from yozora.weights.checkpoints.shapes import looks_like
from yozora.weights.checkpoints.tables import NATIVE_TO_DIFFUSERS

NAMES = ("pytorch_lora_weights.safetensors", "adapter_model.safetensors", "adapter_model.bin")
"""What a folder's file is called: by diffusers, by PEFT."""

PREFIX = re.compile(
    r"(?:base_model\.model\.|pipe\.dit\.|model\.diffusion_model\.|diffusion_model\.|transformer\.|model\.)+"
)
SECOND = re.compile(r"(?:base_model\.model\.)?transformer_2\.")
KOHYA = re.compile(r"lora_(?:unet|transformer)_+")

ROLES = (
    (r"(?:\.lora_A|\.lora_down|[._]lora\.down|\.lora_linear_layer\.down)(?:\.[^.]+)?\.weight", "down"),
    (r"(?:\.lora_B|\.lora_up|[._]lora\.up|\.lora_linear_layer\.up)(?:\.[^.]+)?\.weight", "up"),
    (r"\.lora_(?:B|up)(?:\.[^.]+)?\.bias", "up bias"),
    (r"\.alpha", "alpha"),
    (r"\.diff", "weight"),
    (r"\.diff_b", "bias"),
    (r"\.diff_m", "modulation"),
)
"""How a key ends, and what its tensor is."""

OTHERS = (
    (r"dora_scale|lora_magnitude_vector", "DoRA"),
    (r"lokr_", "LoKr"),
    (r"hada_", "LoHa"),
    (r"oft_|\.oft", "OFT"),
    (r"\.lora_mid\.", "LoCon with a core (Tucker)"),
    (r"\.(set_weight|reshape_weight)$", "an update that replaces or reshapes weights"),
)
"""Kinds of updates that are not read."""


@dataclass(frozen=True, slots=True)
class LowRank:
    """``scale * up @ down``, added to a matrix (or to a convolution's weights, flattened)."""

    down_RI: Tensor
    up_OR: Tensor
    scale: float

    def __post_init__(self) -> None:
        if self.down_RI.ndim < 2 or self.up_OR.ndim < 2 or math.prod(self.up_OR.shape[1:]) != len(self.down_RI):
            raise ValueError(f"{list(self.up_OR.shape)} times {list(self.down_RI.shape)} is no matrix")

    @property
    def size(self) -> tuple[int, int]:
        return len(self.up_OR), math.prod(self.down_RI.shape[1:])

    def added(self, weight: Tensor, strength: float) -> Tensor:
        """An fp32 tensor with the update in it."""
        down_RI, up_OR = (x.to(weight.device).float().flatten(1) for x in (self.down_RI, self.up_OR))
        return torch.addmm(weight.flatten(1), up_OR, down_RI, alpha=strength * self.scale).view(weight.shape)

    def fits(self, weight: Tensor) -> bool:
        return weight.ndim >= 2 and self.size == (len(weight), math.prod(weight.shape[1:]))


@dataclass(frozen=True, slots=True)
class Difference:
    """A tensor of the weight's own shape, added to it."""

    tensor: Tensor
    scale: float = 1.0

    def added(self, weight: Tensor, strength: float) -> Tensor:
        """An fp32 tensor with the update in it."""
        change = self.tensor.to(weight.device).float().view(weight.shape)
        return torch.add(weight, change, alpha=strength * self.scale)

    def fits(self, weight: Tensor) -> bool:
        return self.tensor.numel() == weight.numel() and [n for n in self.tensor.shape if n > 1] == [
            n for n in weight.shape if n > 1
        ]


Update = LowRank | Difference


@dataclass(frozen=True, slots=True)
class LoraUpdates:
    """What a file does: for the names of tensors, as Wan spells them, their updates."""

    name: str
    updates: Mapping[str, tuple[Update, ...]]


Weighted = Sequence[tuple[LoraUpdates, float]]
"""LoRAs and the strength of each; 1 is what they were trained for."""


def read(path: str | Path, part: str = "transformer") -> LoraUpdates:
    """The updates in a LoRA file, or in a folder that diffusers or PEFT wrote.

    Args:
        part: transformer, or transformer_2: of a file that has updates for both experts, those that are taken.

    Raises:
        UserError: the file is missing, broken, of a kind that is not read, or names modules that Wan does not have.
    """
    path = _find_lora_file(Path(path).expanduser())
    state = on_disk.one(path)
    _refuse_others(path, state)
    second = {key: x for key, x in state.items() if SECOND.match(key)}
    if second:
        state = second if part == "transformer_2" else {key: x for key, x in state.items() if key not in second}
    modules: dict[str, dict[str, Tensor]] = {}
    lost = [key for key, tensor in state.items() if not _sorted_in(key, tensor, modules)]
    if lost or not modules:
        raise UserError(
            f"{path.name} has {len(lost)} tensors for modules that Wan does not have: {first(lost)}.",
            _ASK,
            code="lora_modules_unknown",
        )
    scales, updates = _Scales.beside(path), dict[str, tuple[Update, ...]]()
    for module, found in modules.items():
        for name, update in _updates(path, module, found, scales):
            updates[name] = (*updates.get(name, ()), update)
    return LoraUpdates(path.name, updates)


_ASK = "Check that it is a LoRA for this kind of model."


def _find_lora_file(path: Path) -> Path:
    if not path.is_dir():
        return path
    found = [path / name for name in NAMES if (path / name).is_file()] or sorted(path.glob("*.safetensors"))
    if len(found) != 1:
        raise UserError(
            f"{path} has {len(found)} files that may be a LoRA.", "Pass the path of one.", code="lora_ambiguous"
        )
    return found[0]


def _refuse_others(path: Path, state: State) -> None:
    for pattern, kind in OTHERS:
        keys = [key for key in state if re.search(pattern, key)]
        if keys:
            raise UserError(
                f"{path.name} is {kind}, which is not supported ({first(keys)}).",
                "Use a plain LoRA.",
                code="lora_kind_unsupported",
            )


# --- names


def _modules() -> dict[str, str]:
    """Every module's name in any spelling, with ``*`` for a block's number, and Wan's."""
    pairs = [(left.removesuffix(".*"), right.removesuffix(".*")) for left, right in NATIVE_TO_DIFFUSERS]
    return {name: left for left, right in reversed(pairs) for name in (right, left)}


MODULES = _modules()
_NATIVE = renamer(tuple(MODULES.items()))
_DIFFUSERS = renamer(tuple((left, right) for right, left in MODULES.items()))
_FLAT = {re.sub(r"[.]", "_", name): left for name, left in MODULES.items()}
_OF_FLAT = [(re.compile(re.escape(flat).replace(r"\*", r"(?P<block>\d+)")), left) for flat, left in _FLAT.items()]


def _native_name(module: str) -> str | None:
    """Wan's name of a module in any spelling; None where it has no such module."""
    if prefix := KOHYA.match(module):
        for row, name in _OF_FLAT:
            if flat := row.fullmatch(module, prefix.end()):
                return name.replace("*", flat["block"]) if "*" in name else name
        return None
    module = SECOND.sub("", module)
    return _NATIVE(PREFIX.sub("", module, count=1) if PREFIX.match(module) else module)


def _sorted_in(key: str, tensor: Tensor, modules: dict[str, dict[str, Tensor]]) -> bool:
    """Put a tensor to those of its module; False where it has no place."""
    for pattern, role in ROLES:
        if match := re.fullmatch(rf"(.+?){pattern}", key):
            owner = match[1]
            name = _native_name(f"{owner}_modulation" if KOHYA.match(owner) else f"{owner}.modulation")
            module = name.removesuffix(".modulation") if role == "modulation" and name else _native_name(owner)
            if module is None:
                return False
            roles = modules.setdefault(module, {})
            return roles.setdefault(role, tensor) is tensor
    return False


# --- updates


@dataclass(frozen=True, slots=True, kw_only=True)
class _Scales:
    """``alpha`` of modules that have no tensor for it, as PEFT's config or diffusers' metadata says it beside them."""

    alpha: float | None = None  # of all modules
    alphas: Mapping[str, float] = field(default_factory=dict)  # of some, by the end of their names
    rank_stabilised: bool = False  # alpha / sqrt(rank), arXiv 2312.03732

    @classmethod
    def beside(cls, path: Path) -> "_Scales":
        config = path.with_name("adapter_config.json")
        try:
            if path.name.startswith("adapter_model") and config.is_file():
                said = json.loads(config.read_text(encoding="utf-8"))
            else:
                said = json.loads(_metadata(path).get("lora_adapter_metadata", "{}"))
            plain = {key.removeprefix("transformer."): value for key, value in said.items()}
            alpha = plain.get("lora_alpha")
            return cls(
                alpha=None if alpha is None else float(alpha),
                alphas={name: float(value) for name, value in (plain.get("alpha_pattern") or {}).items()},
                rank_stabilised=bool(plain.get("use_rslora")),
            )
        except (OSError, ValueError, TypeError, AttributeError, RecursionError) as error:
            raise UserError(
                f"The file with alpha beside {path} cannot be read. Fetch it again.", code="lora_alpha_unreadable"
            ) from error

    def of(self, module: str, rank: int) -> float:
        """alpha / rank of a module, by Wan's name."""
        alpha = self.alpha
        for name, value in self.alphas.items():
            if name == module or f".{_DIFFUSERS(module)}".endswith(f".{name}"):
                alpha = value
        if alpha is None:
            return 1.0
        return alpha / (math.sqrt(rank) if self.rank_stabilised else rank)


def _metadata(path: Path) -> dict[str, str]:
    if path.suffix.lower() != ".safetensors":
        return {}
    return header.metadata(path)


def _updates(path: Path, module: str, found: Mapping[str, Tensor], scales: _Scales) -> Iterable[tuple[str, Update]]:
    down, up = found.get("down"), found.get("up")
    if (down is None) != (up is None) or ("alpha" in found and down is None):
        raise UserError(
            f"{path.name} has only one half of the update of {module}.",
            "Fetch the file again.",
            code="lora_half_missing",
        )
    scale = 1.0
    if down is not None and up is not None:
        alpha = found.get("alpha")
        scale = scales.of(module, len(down)) if alpha is None else float(alpha.flatten()[0]) / len(down)
        try:
            yield f"{module}.weight", LowRank(down, up, scale)
        except ValueError as error:
            raise UserError(
                f"{path.name} is damaged at {module}: {error}.", "Fetch the file again.", code="lora_damaged"
            ) from error
    if "up bias" in found:
        yield f"{module}.bias", Difference(found["up bias"], scale)
    for role in ("weight", "bias", "modulation"):
        if role in found:
            yield f"{module}.{role}", Difference(found[role])


# --- use


def merge(state: Mapping[str, Tensor], loras: Weighted) -> State:
    """The weights with all updates in them: computed in fp32, rounded once; tensors without updates are the same ones.

    Args:
        state: of a transformer, under Wan's names.

    Raises:
        UserError: a LoRA updates a tensor that is not there, or one of another shape.
    """
    check(state, loras)
    return {name: merged(name, tensor, loras) for name, tensor in state.items()}


def merged(name: str, tensor: Tensor, loras: Weighted) -> Tensor:
    """One tensor with all its updates; itself where it has none."""
    updates = [(lora.updates.get(name, ()), strength) for lora, strength in loras]
    return _sum(tensor, updates) if any(of_it for of_it, _ in updates) else tensor


def attach(module: nn.Module, loras: Weighted) -> "Attached":
    """Add the updates to a transformer's weights whenever they are used, and leave the weights as they are.

    The result equals that of `merge`, exactly. It costs each update's product at every use, which is little beside the
    products with the weights of a long film, and lets LoRAs change without loading weights again.

    Raises:
        UserError: as `merge`.
    """
    parameters = dict(module.named_parameters())
    check(parameters, loras)
    names = sorted({name for lora, _ in loras for name in lora.updates})
    for name in names:
        owner, _, own = name.rpartition(".")
        updates = [(lora.updates.get(name, ()), strength) for lora, strength in loras]
        updated = _Updated(updates, parameters[name].dtype)
        parametrize.register_parametrization(module.get_submodule(owner), own, updated, unsafe=True)
    return Attached(module, tuple(names))


@dataclass(frozen=True, slots=True)
class Attached:
    """LoRAs on a module, until `remove`."""

    module: nn.Module
    names: tuple[str, ...]

    def remove(self) -> None:
        """Leave the module as it was."""
        for name in self.names:
            owner, _, own = name.rpartition(".")
            parametrize.remove_parametrizations(self.module.get_submodule(owner), own, leave_parametrized=False)


class _Updated(nn.Module):
    """A weight with updates, rounded to the dtype that it was stored in when they were attached."""

    def __init__(self, updates: Sequence[tuple[tuple[Update, ...], float]], dtype: torch.dtype) -> None:
        super().__init__()
        self.updates = tuple(updates)
        self.dtype = dtype

    def forward(self, weight: Tensor) -> Tensor:
        return _sum(weight.to(self.dtype), self.updates).to(weight.dtype)


def _sum(weight: Tensor, updates: Iterable[tuple[tuple[Update, ...], float]]) -> Tensor:
    total = weight.float()
    for each, strength in updates:
        for update in each:
            total = update.added(total, strength)
    return total.to(weight.dtype)


def check(state: Mapping[str, Tensor], loras: Weighted) -> None:
    for lora, _ in loras:
        lost = [name for name in lora.updates if name not in state]
        if lost:
            image = "It was made for weights with an image branch. " * any("img" in name for name in lost)
            like = looks_like(state).replace("It", "The model")
            raise UserError(
                f"The LoRA {lora.name} updates modules that the model does not have: {first(lost)}.",
                image + like,
                code="lora_modules_mismatched",
            )
        wrong = [name for name, updates in lora.updates.items() if not all(u.fits(state[name]) for u in updates)]
        if wrong:
            like = looks_like(state).replace("It", "The model")
            raise UserError(
                f"The LoRA {lora.name} is for a model of other sizes: {first(wrong)}.",
                like,
                code="lora_sizes_mismatched",
            )
