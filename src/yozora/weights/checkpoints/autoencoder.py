"""How the layers of a Wan autoencoder are counted, read off their names, and the key tables that follow.

Wan 2.1 keeps all layers of a half in one row, Wan 2.2 nests them by level, diffusers nests both: the table between the
two spellings depends on the number of levels and of blocks in each.
"""

import re
from collections.abc import Iterable, Mapping

from torch import Tensor

from yozora.model.autoencoder_keys import native_to_diffusers
from yozora.model.configurations import AutoencoderConfig
from yozora.weights.checkpoints.tables import KeyTable


def tables(state: Mapping[str, Tensor]) -> dict[str, KeyTable]:
    """The spelling that an autoencoder's names are in, and the table from it to Wan's; empty where it is none."""
    native = _example_config(*_counted_native(state))
    if native is not None:
        return {"native": tuple((left, left) for left, _ in native_to_diffusers(native))}
    diffusers = _example_config(*_counted_diffusers(state))
    if diffusers is not None:
        return {"diffusers": tuple((right, left) for left, right in native_to_diffusers(diffusers))}
    return {}


def _counted_native(names: Iterable[str]) -> tuple[int, int, bool]:
    """Levels, blocks a level in the encoder, and whether they are nested as in Wan 2.2; no levels: other names."""
    names = list(names)
    nested = _count(r"decoder\.upsamples\.\d+\.upsamples\.(\d+)\.residual\..*", names)
    if nested:
        return _count(r"decoder\.upsamples\.(\d+)\..*", names), nested - 1, True
    up, down = _count(r"decoder\.upsamples\.(\d+)\..*", names), _count(r"encoder\.downsamples\.(\d+)\..*", names)
    levels = up - down  # each level of the decoder has one block more than the encoder's
    return levels, (up + 1) // levels - 2 if levels > 0 else 0, False


def _counted_diffusers(names: Iterable[str]) -> tuple[int, int, bool]:
    names = list(names)
    blocks = _count(r"decoder\.up_blocks\.\d+\.resnets\.(\d+)\..*", names)
    nested = any(re.match(r"decoder\.up_blocks\.\d+\.upsampler\.", name) for name in names)
    return _count(r"decoder\.up_blocks\.(\d+)\..*", names), blocks - 1, nested


def _count(pattern: str, names: Iterable[str]) -> int:
    """One more than the highest number that stands in the names; 0 where none does."""
    return max((1 + int(match[1]) for name in names if (match := re.fullmatch(pattern, name))), default=0)


def _example_config(levels: int, res_blocks: int, nested: bool) -> AutoencoderConfig | None:
    """Any config with as many layers; its other sizes mean nothing."""
    if not (0 < levels < 10 and 0 < res_blocks < 10):
        return None
    return AutoencoderConfig(
        dim=2,
        dec_dim=2,
        z=1,
        mean=(0.0,),
        std=(1.0,),
        mult=(1,) * levels,
        res_blocks=res_blocks,
        temporal=(False,) * (levels - 1),
        shortcuts=nested,
    )
