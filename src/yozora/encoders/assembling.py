"""Models of transformers from tensors, strictly: each tensor has its place and each place its tensor."""

import importlib
from collections.abc import Mapping
from typing import Any

from torch import Tensor

from yozora.errors import UserError

TOLD_BY_TENSORS = frozenset({"dtype", "torch_dtype", "model_type", "architectures", "transformers_version"})
"""What a `config.json` says beside sizes."""


def package(name: str) -> Any:
    """transformers or ftfy. Raises `UserError` where it is not installed."""
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise UserError(f"Encoders of open weights need the package {name}.", "pip install 'yozora[wan]'") from error


def assemble(kind: str, sizes: Mapping[str, Any], state: Mapping[str, Tensor]) -> Any:
    """A model of transformers of exactly these tensors, in their dtype and in eval mode; nothing is copied.

    Args:
        kind: its class in transformers; that of its sizes is the class's `config_class`.
        sizes: what a `config.json` says.
        state: under transformers' names; what is tied is named once.

    Raises:
        UserError: a tensor is missing, unexpected or of another shape, or transformers is not installed.
    """
    library = package("transformers")
    model_class, logging = getattr(library, kind), library.utils.logging
    config = model_class.config_class(**{name: value for name, value in sizes.items() if name not in TOLD_BY_TENSORS})
    dtype = next(tensor.dtype for tensor in state.values() if tensor.is_floating_point())
    before, bars = logging.get_verbosity(), logging.is_progress_bar_enabled()
    logging.set_verbosity(logging.CRITICAL)  # what does not fit is told below, in a line
    logging.disable_progress_bar()
    try:
        model, report = model_class.from_pretrained(
            None, config=config, state_dict=dict(state), dtype=dtype, output_loading_info=True
        )
    except RuntimeError as error:
        raise UserError(f"These are not the weights of a {kind}:", "a tensor has another shape.") from error
    finally:
        logging.set_verbosity(before)
        if bars:
            logging.enable_progress_bar()
    for what in ("missing", "unexpected"):
        keys = sorted(map(str, report[f"{what}_keys"]))
        if keys:
            raise UserError(f"These are not the weights of a {kind}:", f"{len(keys)} are {what}, as {keys[0]}.")
    return model.eval().requires_grad_(False)
