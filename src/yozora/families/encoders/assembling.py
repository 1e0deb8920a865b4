"""Models of transformers from tensors, strictly: each tensor has its place and each place its tensor."""

import importlib
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor

from yozora.errors import UserError
from yozora.extras import not_installed

TOLD_BY_TENSORS = frozenset({"dtype", "torch_dtype", "model_type", "architectures", "transformers_version"})
"""What a `config.json` says beside sizes."""
LAYER = re.compile(r"\.(?:block|layers)\.(\d+)\.")
"""Number of a layer, in names of both encoders."""


def package(name: str) -> Any:
    """transformers, what it needs, or ftfy. Raises `UserError` where it is not installed."""
    try:
        return importlib.import_module(name)
    except ImportError as error:
        needed = name.partition(".")[0]
        raise not_installed("wan", "An encoder of open weights", needed) from error


@contextmanager
def refused(what: str) -> Iterator[None]:
    """Whatever transformers raises of files that it cannot use, as `UserError(what)` with its first line."""
    invalid = package("huggingface_hub.errors").StrictDataclassError  # of a config's field
    try:
        yield
    except (ImportError, LookupError, OSError, RuntimeError, TypeError, ValueError, invalid) as error:
        said = " ".join(str(error).split())
        raise UserError(what, said[:300], code="encoder_unusable") from error


def assemble(kind: str, sizes: Mapping[str, Any], state: Mapping[str, Tensor]) -> Any:
    """A model of transformers of exactly these tensors, in their dtype and in eval mode; nothing is copied.

    Args:
        kind: its class in transformers; that of its sizes is the class's `config_class`.
        sizes: what a `config.json` says.
        state: under transformers' names; what is tied is named once.

    Raises:
        UserError: a tensor is missing, unexpected or of another shape, or transformers is not installed.
    """
    model_class, config, what = _class_of(kind, sizes, state)
    with refused(what), _silence():
        model, report = model_class.from_pretrained(
            None,
            config=config,
            state_dict=dict(state),
            dtype=next((tensor.dtype for tensor in state.values() if tensor.is_floating_point()), None),
            output_loading_info=True,
        )
    for how in ("missing", "unexpected"):
        keys = sorted(map(str, report[f"{how}_keys"]))
        if keys:
            raise UserError(
                what,
                f"{len(keys)} tensors are {how}, such as {keys[0]}. Check that it is the right file.",
                code="encoder_tensors_mismatched",
            )
    return model.eval().requires_grad_(False)


def described(kind: str, sizes: Mapping[str, Any], state: Mapping[str, Tensor]) -> Any:
    """A model as `assemble` makes it, but without values, on the meta device. Raises `UserError` as it does."""
    model_class, config, what = _class_of(kind, sizes, state)
    with refused(what), torch.device("meta"):
        model = model_class(config)
    expected = model.state_dict()
    wrong = [key for key in expected if key not in state or state[key].shape != expected[key].shape]
    wrong += [key for key in state if key not in expected]
    if wrong:
        raise UserError(
            what,
            f"{len(wrong)} tensors are missing, unexpected or of another shape, such as {sorted(wrong)[0]}. "
            "Check that it is the right file.",
            code="encoder_tensors_mismatched",
        )
    return model.eval().requires_grad_(False)


def _class_of(kind: str, sizes: Mapping[str, Any], state: Mapping[str, Tensor]) -> tuple[Any, Any, str]:
    """The class, its configuration, and what is said where the tensors are not of it."""
    model_class, what = getattr(package("transformers"), kind), f"These are not the weights of a {kind}."
    with refused(what):
        said = {name: value for name, value in sizes.items() if name not in TOLD_BY_TENSORS}
        config = model_class.config_class(**said)
    found = 1 + max((int(match[1]) for key in state if (match := LAYER.search(key))), default=-1)
    if config.num_hidden_layers != found:
        raise UserError(
            what,
            f"The configuration has {config.num_hidden_layers} layers, and the file has {found}. Fetch both again.",
            code="encoder_layers_mismatched",
        )
    return model_class, config, what


@contextmanager
def _silence() -> Iterator[None]:
    """No table of what does not fit, and no bars: an error says it in a line."""
    logging = package("transformers").utils.logging
    before, bars = logging.get_verbosity(), logging.is_progress_bar_enabled()
    logging.set_verbosity(logging.CRITICAL)
    logging.disable_progress_bar()
    try:
        yield
    finally:
        logging.set_verbosity(before)
        if bars:
            logging.enable_progress_bar()
