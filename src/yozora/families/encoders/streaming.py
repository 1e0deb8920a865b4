"""UMT5 that is read from its files layer by layer, whenever a prompt is new: what it gives is the same to the bit.

Its tensors are mapped from the disk; of the table of words only the rows of the prompt are read, and of the layers one
is in memory at a time. `yozora.families.encoders.kept` keeps what was read.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from yozora.families.encoders.assembling import described
from yozora.families.encoders.umt5 import UMT5, tokenizer_of
from yozora.weights.files import page_out

TABLE = "shared.weight"


class StreamedUMT5(UMT5):
    """`UMT5`, of which one layer is in memory at a time."""

    def __init__(
        self, model: Any, state: Mapping[str, Tensor], tokenizer: Any, device: torch.device, dtype: torch.dtype
    ) -> None:
        super().__init__(model, tokenizer)
        self.state, self.device, self.dtype = state, device, dtype
        for number, block in enumerate(model.encoder.block):
            prefix = f"encoder.block.{number}."
            block.register_forward_pre_hook(lambda block, _, prefix=prefix: self._bring(block, prefix))
            block.register_forward_hook(lambda block, *_: leave(block))
        self.places: dict[str, Tensor] = {}
        self._bring(model.encoder.final_layer_norm, "encoder.final_layer_norm.")
        self.places = {}

    @classmethod
    def mapped(
        cls,
        state: Mapping[str, Tensor],
        sizes: Mapping[str, Any],
        tokenizer: Path,
        device: torch.device,
        dtype: torch.dtype,
    ) -> "StreamedUMT5":
        """From tensors in files, as `UMT5.of` has them. Raises `UserError` as it does."""
        reads = tokenizer_of(tokenizer)
        return cls(described("UMT5EncoderModel", sizes, state), state, reads, device, dtype)

    def _features(self, words_BL: Tensor, mask_BL: Tensor) -> tuple[Tensor, Tensor]:
        table = self.state[TABLE]
        embedded_BLD = table[words_BL].to(self.device, self.dtype)
        page_out(table)
        mask_BL = mask_BL.to(self.device)
        text_BLD: Tensor = self.model(inputs_embeds=embedded_BLD, attention_mask=mask_BL).last_hidden_state
        self.places = {}
        return text_BLD, mask_BL

    def _bring(self, module: nn.Module, prefix: str) -> None:
        """A module's tensors from the disk to the device; those of each layer to where the last one's were."""
        for name in [name for name, _ in module.named_parameters()]:
            stored = self.state[prefix + name]
            place = self.places.get(name)
            if place is None:
                place = self.places[name] = torch.empty(stored.shape, dtype=self.dtype, device=self.device)
            place.copy_(stored)
            page_out(stored)
            owner, _, own = name.rpartition(".")
            module.get_submodule(owner)._parameters[own] = nn.Parameter(place, requires_grad=False)


def leave(module: nn.Module) -> None:
    """A module without values again."""
    for part in module.modules():
        for name, tensor in part._parameters.items():
            if tensor is not None:
                part._parameters[name] = nn.Parameter(tensor.to("meta"), requires_grad=False)
