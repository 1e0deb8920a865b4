"""UMT5 read layer by layer: the same features to the bit, and one layer of it in memory."""

import subprocess
import sys
from pathlib import Path

import pytest
import torch
from tests.parity.toys import text_parts
from tests.quiet import quiet  # noqa: F401 # a fixture
from transformers import UMT5Config, UMT5EncoderModel

from yozora.errors import UserError
from yozora.families.encoders.streaming import StreamedUMT5
from yozora.families.encoders.umt5 import UMT5
from yozora.weights import checkpoints

CPU = torch.device("cpu")
PROMPTS = ["a red cat runs over the grass", "dog"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A text encoder of transformers, with random values, and its tokenizer."""
    place = tmp_path_factory.mktemp("text")
    torch.manual_seed(0)
    parts = text_parts()
    parts["text_encoder"].to(torch.bfloat16).save_pretrained(place / "text_encoder")
    parts["tokenizer"].save_pretrained(place / "tokenizer")
    return place


def both(folder: Path, dtype: torch.dtype) -> tuple[UMT5, StreamedUMT5]:
    sizes = UMT5Config.from_pretrained(folder / "text_encoder").to_dict()
    file, tokenizer = folder / "text_encoder" / "model.safetensors", folder / "tokenizer"
    whole = UMT5.of(checkpoints.read_part(file, "text_encoder", dtype), sizes, tokenizer)
    lazy = checkpoints.read_part(file, "text_encoder", dtype, lazy=True)
    return whole, StreamedUMT5.mapped(lazy, sizes, tokenizer, CPU, dtype)


@pytest.mark.usefixtures("quiet")
@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float32])
def test_features_are_the_same_to_the_bit(folder: Path, dtype: torch.dtype) -> None:
    whole, streamed = both(folder, dtype)
    for prompts in (PROMPTS, [""], PROMPTS):
        text, mask = whole.encode(prompts)
        again, mask_again = streamed.encode(prompts)
        assert torch.equal(text, again)
        assert torch.equal(mask, mask_again)
        assert again.dtype == dtype


@pytest.mark.usefixtures("quiet")
def test_between_prompts_no_layer_is_in_memory(folder: Path) -> None:
    _, streamed = both(folder, torch.float32)
    streamed.encode(PROMPTS)
    layers = streamed.model.encoder.block
    assert {parameter.device.type for parameter in layers.parameters()} == {"meta"}


@pytest.mark.usefixtures("quiet")
def test_tensors_of_another_model_are_refused(folder: Path) -> None:
    state = checkpoints.read_part(folder / "text_encoder" / "model.safetensors", "text_encoder", lazy=True)
    sizes = UMT5Config.from_pretrained(folder / "text_encoder").to_dict()
    missing = {key: tensor for key, tensor in state.items() if not key.endswith("wo.weight")}
    with pytest.raises(UserError, match="2 tensors are missing, unexpected or of another shape"):
        StreamedUMT5.mapped(missing, sizes, folder / "tokenizer", CPU, torch.float32)
    with pytest.raises(UserError, match="has 3 layers, and the file has 2"):
        StreamedUMT5.mapped(state, sizes | {"num_layers": 3}, folder / "tokenizer", CPU, torch.float32)


LAYERS = 12
SIZES = {"d_model": 1024, "d_kv": 64, "d_ff": 2816, "num_heads": 16, "num_layers": LAYERS, "vocab_size": 32000}
CHILD = """
import sys, torch
from pathlib import Path
from yozora.weights import checkpoints
from yozora.families.encoders.streaming import StreamedUMT5
from yozora.memory.prediction import resident, highest
from transformers import UMT5Config, UMT5EncoderModel
folder = Path(sys.argv[1])
sizes = UMT5Config.from_pretrained(folder / "text_encoder").to_dict()
file = folder / "text_encoder" / "model.safetensors"
state = checkpoints.read_part(file, "text_encoder", torch.float32, lazy=True)
reads = StreamedUMT5.mapped(state, sizes, folder / "tokenizer", torch.device("cpu"), torch.float32)
before = resident()
reads.encode(["a cat", "a dog"])
print(highest() - before)
"""


@pytest.mark.usefixtures("quiet")
@pytest.mark.skipif(sys.platform != "linux", reason="memory is read from /proc")
def test_memory_is_that_of_a_layer_or_two(folder: Path, tmp_path: Path) -> None:
    """An encoder of 750 MB: more than its table and its twelve layers of 50 MB never is in memory."""
    torch.manual_seed(0)
    with torch.device("meta"):
        model = UMT5EncoderModel(UMT5Config(**SIZES))
    model = model.to_empty(device="cpu")
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.fill_(0.01)
    model.save_pretrained(tmp_path / "text_encoder")
    (tmp_path / "tokenizer").symlink_to(folder / "tokenizer")
    whole = (tmp_path / "text_encoder" / "model.safetensors").stat().st_size
    del model
    done = subprocess.run([sys.executable, "-c", CHILD, str(tmp_path)], capture_output=True, text=True, check=True)
    layer = 4 * (4 * 1024 * 1024 + 3 * 1024 * 2816)
    assert whole > 14 * layer
    assert int(done.stdout) < 3 * layer, (int(done.stdout) / 1e6, layer / 1e6)
