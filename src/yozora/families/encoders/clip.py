"""CLIP's vision transformer (arXiv 2103.00020), which Wan 2.1's image to video sees its pictures with."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from yozora.families.encoders.assembling import assemble, package, refused


class CLIP:
    """Pictures to what Wan's cross-attention reads beside the prompt."""

    def __init__(self, model: Any, processor: Any) -> None:
        self.model, self.processor = model, processor

    @classmethod
    def of(
        cls,
        state: Mapping[str, Tensor],
        sizes: Mapping[str, Any],
        processor: Path | None = None,
        device: torch.device | str = "cpu",
    ) -> "CLIP":
        """From the tensors of a CLIPVisionModel, its `config.json` and the folder of its `preprocessor_config.json`;
        without one pictures are prepared as CLIP's are by default.

        Raises:
            UserError: the tensors are not those of this model, or transformers is not installed.
        """
        prepare = package(
            "transformers"
        ).CLIPImageProcessorPil  # resizes alike on all machines, with torchvision and without
        with refused(f"{processor} does not say how pictures are prepared:"):
            found = prepare() if processor is None else prepare.from_pretrained(processor, local_files_only=True)
        return cls(assemble("CLIPVisionModel", sizes, state).to(device), found)

    @torch.inference_mode()
    def encode(self, frames: Sequence[NDArray[np.uint8]]) -> Tensor:
        """Pictures, uint8 ``[H, W, 3]``, to ``[1, S, D]``: the hidden state before the last layer of each (257 tokens
        of ViT-H/14), one after the other. Their middle square is seen, as diffusers does it (Wan's own code squeezes
        the whole picture into the square).
        """
        like = next(self.model.parameters())
        pixels_B3HW = self.processor(
            images=list(frames), return_tensors="pt", input_data_format="channels_last"
        ).pixel_values
        told = self.model(pixels_B3HW.to(like.device, like.dtype), output_hidden_states=True)
        image_BSD: Tensor = told.hidden_states[-2]
        return image_BSD.flatten(0, 1)[None]
