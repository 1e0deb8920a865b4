"""Each part out of each kind of file, under our names; and what is not whole, or not ours, in one line."""

import io
import json
import math
from pathlib import Path

import gguf
import pytest
import torch
from diffusers import AutoencoderKLWan, WanTransformer3DModel, WanVACETransformer3DModel
from sentencepiece import SentencePieceProcessor, SentencePieceTrainer
from tests.weights.checkpoints import toys
from tests.weights.checkpoints.test_ggml import write
from transformers import AutoTokenizer

from yozora.errors import UserError
from yozora.families.wan_shapes import TRANSFORMERS
from yozora.model.autoencoder import VideoAutoencoder
from yozora.model.autoencoder_keys import config_from_diffusers, native_to_diffusers
from yozora.model.dit import SpacetimeTransformer, TransformerConfig
from yozora.weights import checkpoints
from yozora.weights.checkpoints.names import State, inverse, rename
from yozora.weights.checkpoints.shapes import KNOWN, TransformerShape, check_whole, looks_like
from yozora.weights.checkpoints.tables import NATIVE_TO_DIFFUSERS, UMT5_LLAMA_CPP


def config_folder(model: object, folder: Path) -> Path:
    model.save_config(folder)  # type: ignore[attr-defined]
    return folder


@pytest.mark.parametrize("kind", toys.KINDS)
@pytest.mark.parametrize("spelling", ["native", "diffusers", "prefixed", "wrapped in training"])
def test_a_transformer_is_read_in_every_spelling(kind: str, spelling: str, tmp_path: Path) -> None:
    native, theirs = toys.native(kind), toys.transformer(kind)
    states: dict[str, State] = {
        "native": native,
        "diffusers": dict(theirs.state_dict()),
        "prefixed": {f"model.diffusion_model.{key}": x for key, x in native.items()},
        "wrapped in training": {f"model._fsdp_wrapped_module.{key}": x for key, x in native.items()},
    }
    file = toys.write(tmp_path / "model.safetensors", states[spelling])
    toys.same(checkpoints.read_part(file, "transformer"), native)


@pytest.mark.parametrize("kind", ["t2v", "i2v", "vace"])
def test_native_names_are_those_that_diffusers_reads(kind: str, tmp_path: Path) -> None:
    """Its converter has no row for the positions of first-and-last-frame weights (``img_emb.emb_pos``)."""
    theirs = toys.transformer(kind)
    file = toys.write(tmp_path / "native.safetensors", toys.native(kind))
    model = WanVACETransformer3DModel if kind == "vace" else WanTransformer3DModel
    read = model.from_single_file(str(file), config=str(config_folder(theirs, tmp_path / "config")))
    toys.same(read.state_dict(), theirs.state_dict())


def test_native_names_of_the_autoencoder_are_those_that_diffusers_reads(tmp_path: Path) -> None:
    """Of Wan 2.1's; its converter leaves 2.2's nested names as they are."""
    theirs = AutoencoderKLWan(base_dim=4, z_dim=3, latents_mean=[0.0] * 3, latents_std=[1.0] * 3)
    table = native_to_diffusers(config_from_diffusers(theirs.config))
    file = toys.write(tmp_path / "vae.safetensors", rename(toys.stirred(theirs).state_dict(), inverse(table)))
    read = AutoencoderKLWan.from_single_file(str(file), config=str(config_folder(theirs, tmp_path / "config")))
    toys.same(read.state_dict(), theirs.state_dict())


@pytest.mark.parametrize("kind", ["2.1", "2.2"])
@pytest.mark.parametrize("spelling", ["native", "diffusers", "pickle"])
def test_an_autoencoder_is_read_in_every_spelling(kind: str, spelling: str, tmp_path: Path) -> None:
    theirs = toys.autoencoder(kind)
    config = config_from_diffusers(theirs.config)
    native = rename(theirs.state_dict(), inverse(native_to_diffusers(config)))
    if spelling == "pickle":
        torch.save(native, file := tmp_path / "Wan2.1_VAE.pth")
    else:
        file = toys.write(tmp_path / "vae.safetensors", native if spelling == "native" else theirs.state_dict())
    state = checkpoints.read_part(file, "autoencoder")
    toys.same(state, native)
    checkpoints.assemble(lambda: VideoAutoencoder(config), state, "autoencoder")


@pytest.mark.parametrize("spelling", ["transformers", "native", "llama.cpp", "ComfyUI"])
def test_a_text_encoder_is_read_in_every_spelling(spelling: str, tmp_path: Path) -> None:
    theirs = dict(toys.text_encoder().state_dict())
    once = {key: x for key, x in theirs.items() if key != "encoder.embed_tokens.weight"}
    states: dict[str, State] = {
        "transformers": {key: x for key, x in theirs.items() if key != "shared.weight"},
        "native": toys.native_text(),
        "llama.cpp": rename(once, inverse(UMT5_LLAMA_CPP)),
        "ComfyUI": {**once, "spiece_model": torch.tensor([1, 2, 255], dtype=torch.uint8)},
    }
    file = toys.write(tmp_path / "umt5.safetensors", states[spelling])
    state = checkpoints.read_part(file, "text_encoder")
    toys.same(state, theirs)
    assert state["shared.weight"] is state["encoder.embed_tokens.weight"]


def test_the_tokenizer_comes_out_of_comfyuis_file(tmp_path: Path) -> None:
    """With the same numbers as sentencepiece gives, and the end's."""
    words = ["a red cat runs over the grass", "夜空 blue night", "the dog left at night"] * 9
    special = {"pad_id": 0, "eos_id": 1, "unk_id": 2, "bos_id": -1, "hard_vocab_limit": False, "minloglevel": 2}
    model = io.BytesIO()
    SentencePieceTrainer.train(
        sentence_iterator=iter(words), model_writer=model, vocab_size=60, model_type="unigram", **special
    )
    stored = torch.frombuffer(bytearray(model.getvalue()), dtype=torch.uint8)
    file = toys.write(tmp_path / "umt5.safetensors", {**toys.native_text(), "spiece_model": stored})
    with checkpoints.tokenizer(checkpoints.Files(paths=(file,))) as folder:
        read = AutoTokenizer.from_pretrained(folder, local_files_only=True)
    said = "a red dog 夜空"
    theirs = SentencePieceProcessor(model_proto=model.getvalue()).encode(said)
    assert read(said).input_ids == [*theirs, 1]
    assert not folder.exists()
    with checkpoints.tokenizer(checkpoints.Files(paths=(tmp_path,))) as folder:
        assert folder == tmp_path
    bare = checkpoints.Files(paths=(toys.write(tmp_path / "bare.safetensors", toys.native_text()),))
    with pytest.raises(UserError, match=r"bare\.safetensors has no tokenizer"), checkpoints.tokenizer(bare):
        pass


@pytest.mark.parametrize("spelling", ["native", "transformers", "transformers before 5", "with projection"])
def test_an_image_encoder_is_read_in_every_spelling(spelling: str, tmp_path: Path) -> None:
    theirs = dict(toys.image_encoder().state_dict())
    before = {f"vision_model.{key}": x for key, x in theirs.items()}
    ids = {"vision_model.embeddings.position_ids": torch.arange(5)[None]}
    states: dict[str, State] = {
        "native": toys.native_image(),
        "transformers": theirs,
        "transformers before 5": before | ids,
        "with projection": {**before, "visual_projection.weight": torch.ones(5, 8)},
    }
    file = toys.write(tmp_path / "clip.safetensors", states[spelling])
    toys.same(checkpoints.read_part(file, "image_encoder"), theirs)


def test_what_transformers_saves_is_read(tmp_path: Path) -> None:
    toys.text_encoder().save_pretrained(tmp_path / "text_encoder")
    toys.image_encoder().save_pretrained(tmp_path / "image_encoder")
    toys.transformer("i2v").save_pretrained(tmp_path / "transformer", max_shard_size="20KB")
    toys.autoencoder("2.1").save_pretrained(tmp_path / "vae")
    (tmp_path / "model_index.json").write_text("{}")
    layout = checkpoints.find(tmp_path)
    toys.same(checkpoints.read_part(layout.files("text_encoder"), "text_encoder"), toys.text_encoder().state_dict())
    toys.same(checkpoints.read_part(layout.files("image_encoder"), "image_encoder"), toys.image_encoder().state_dict())
    assert len(layout.files("transformer").paths) > 1
    toys.same(checkpoints.read_part(layout.files("transformer"), "transformer"), toys.native("i2v"))
    config = json.loads((layout.files("autoencoder").config or tmp_path).read_text())
    state = checkpoints.read_part(layout.files("autoencoder"), "autoencoder")
    checkpoints.assemble(lambda: VideoAutoencoder(config_from_diffusers(config)), state)


def test_a_file_that_holds_all_parts(tmp_path: Path) -> None:
    """As ComfyUI saves a checkpoint."""
    parts = {"model.diffusion_model.": toys.native(), "vae.": toys.autoencoder("2.2").state_dict()}
    parts["text_encoders.umt5xxl.transformer."] = {
        key: x for key, x in toys.text_encoder().state_dict().items() if key != "encoder.embed_tokens.weight"
    }
    packed = {prefix + key: x for prefix, state in parts.items() for key, x in state.items()}
    file = toys.write(tmp_path / "all.safetensors", packed)
    toys.same(checkpoints.read_part(file, "transformer"), toys.native())
    assert "decoder.head.0.gamma" in checkpoints.read_part(file, "autoencoder")
    toys.same(checkpoints.read_part(file, "text_encoder"), toys.text_encoder().state_dict())


def test_the_caller_says_the_dtype(tmp_path: Path) -> None:
    state = toys.native("i2v")
    state["head.modulation"] = state["head.modulation"].bfloat16()
    file = toys.write(tmp_path / "model.safetensors", state)
    assert checkpoints.read_part(file, "transformer")["blocks.0.ffn.0.weight"].dtype == torch.float32
    read = checkpoints.read_part(file, "transformer", torch.bfloat16)
    exact = {key for key, x in read.items() if x.dtype == torch.float32}
    assert read["blocks.0.ffn.0.weight"].dtype == read["head.modulation"].dtype == torch.bfloat16
    assert {"blocks.1.modulation", "blocks.0.self_attn.norm_q.weight", "time_embedding.0.bias"} <= exact
    assert not any(key.endswith((".q.weight", "ffn.2.bias", "patch_embedding.weight")) for key in exact)
    theirs = toys.write(tmp_path / "vae.safetensors", toys.autoencoder("2.1").state_dict())
    assert {x.dtype for x in checkpoints.read_part(theirs, "autoencoder", torch.float16).values()} == {torch.float16}


def test_weights_lie_on_the_disk_until_they_are_used(tmp_path: Path) -> None:
    """Mapped: what the file becomes, the tensor is."""
    state = toys.native()
    file = toys.write(tmp_path / "model.safetensors", state)
    read = checkpoints.read_part(file, "transformer")["patch_embedding.bias"]
    with file.open("r+b") as opened:
        at = file.read_bytes().index(bytes(state["patch_embedding.bias"].numpy().data))
        opened.seek(at)
        opened.write(bytes(4))
    assert read[0] == 0


# --- strictness


def test_what_is_missing_unexpected_or_of_another_shape_is_one_line(tmp_path: Path) -> None:
    state = toys.native()
    del state["blocks.1.ffn.0.bias"], state["head.modulation"]
    with pytest.raises(UserError) as caught:
        checkpoints.read_part(toys.write(tmp_path / "holes.safetensors", state), "transformer")
    assert str(caught.value) == (
        "The weights do not fit the transformer in holes.safetensors: 2 tensors are missing (blocks.1.ffn.0.bias, "
        "head.modulation). It is none of the known ones (width 24, 2 layers, ffn 32, 4 channels in)."
    )
    more = toys.write(tmp_path / "more.safetensors", toys.native() | {"blocks.0.extra.weight": torch.ones(1)})
    with pytest.raises(UserError, match=r"1 tensors that Wan's transformer does not have: blocks\.0\.extra\.weight\."):
        checkpoints.read_part(more, "transformer")
    mixed = toys.native() | {k: x for k, x in toys.native(ffn_dim=40).items() if k.startswith("blocks.1")}
    with pytest.raises(
        UserError, match=r"2 tensors are of another shape \(blocks\.1\.ffn\.0\.bias|3 tensors are of an"
    ):
        checkpoints.read_part(toys.write(tmp_path / "mixed.safetensors", mixed), "transformer")


@pytest.mark.parametrize("kind", toys.KINDS)
def test_every_tensor_of_a_transformer_is_asked_for(kind: str) -> None:
    whole = toys.native(kind)
    check_whole(whole)
    optional = {"img_emb.emb_pos"}
    for key in whole.keys() - optional:
        without = {name: x for name, x in whole.items() if name != key}
        last = key.startswith(("blocks.1.", "vace_blocks.1.")) and len([k for k in whole if k[:9] == key[:9]]) == 1
        if not last:
            with pytest.raises(UserError):
                check_whole(without)


def test_weights_are_told_by_their_sizes() -> None:
    def meta(shape: TransformerShape, *more: str) -> State:
        with torch.device("meta"):
            return {
                "patch_embedding.weight": torch.empty(shape.dim, shape.in_channels, 1, 2, 2),
                "blocks.0.ffn.0.weight": torch.empty(shape.ffn, shape.dim),
                f"blocks.{shape.layers - 1}.modulation": torch.empty(1),
                **({"img_emb.proj.0.weight": torch.empty(1)} if shape.image_branch else {}),
                **({"vace_blocks.0.modulation": torch.empty(1)} if shape.vace else {}),
                **{name: torch.empty(1) for name in more},
            }

    told = {name: looks_like(meta(shape)) for name, shape in KNOWN.items()}
    assert told["wan2.2-ti2v-5b"] == "It looks like wan2.2-ti2v-5b."
    assert told["wan2.1-t2v-14b"] == "It looks like wan2.1-t2v-14b or wan2.2-t2v-a14b."
    assert told["wan2.1-i2v-14b"] == "It looks like wan2.1-i2v-14b."
    assert looks_like(meta(KNOWN["wan2.1-i2v-14b"], "img_emb.emb_pos")) == "It looks like wan2.1-flf2v-14b."
    assert told["wan2.1-vace-1.3b"] == "It looks like wan2.1-vace-1.3b."
    assert looks_like({}) == ""


def test_sizes_are_those_of_the_presets() -> None:
    ours = {"wan2.2-t2v-a14b": "t2v-14b", "wan2.2-i2v-a14b": "i2v-a14b"}
    for name, shape in KNOWN.items():
        config = TRANSFORMERS[ours.get(name, name.partition("-")[2])]
        sizes = (config.dim, config.ffn, config.layers, config.in_channels)
        assert shape == TransformerShape(
            *sizes, image_branch=config.image_dim is not None, vace=bool(config.control_layers)
        )


def test_shapes_are_read_without_the_tensors(tmp_path: Path) -> None:
    state = toys.native()
    kinds = gguf.GGMLQuantizationType
    torch.save(state, tmp_path / "m.pth")
    write(tmp_path / "m.gguf", {key: (x.numpy(), kinds.F32) for key, x in state.items()})
    for file in (toys.write(tmp_path / "m.safetensors", state), tmp_path / "m.pth", tmp_path / "m.gguf"):
        assert checkpoints.shapes_of(file) == {key: tuple(x.shape) for key, x in state.items()}


def test_sizes_are_those_of_the_table_in_diffusers_configs() -> None:
    """width = heads * head width; the defaults of its classes are those of 14B."""
    with torch.device("meta"):
        theirs = WanTransformer3DModel(num_layers=1).state_dict()
    shape = TransformerShape.of(rename(theirs, inverse(NATIVE_TO_DIFFUSERS)))
    known = KNOWN["wan2.1-t2v-14b"]
    assert shape is not None
    assert (shape.dim, shape.ffn, shape.in_channels) == (known.dim, known.ffn, known.in_channels)


def test_another_config_than_the_weights_says_which_weights_they_are(tmp_path: Path) -> None:
    sizes = {"heads": 2, "layers": 2, "ffn": 32, "in_channels": 4, "out_channels": 4, "text_dim": 10, "freq_dim": 16}
    state = checkpoints.read_part(toys.write(tmp_path / "a.safetensors", toys.native()), "transformer")
    made = checkpoints.assemble(lambda: SpacetimeTransformer(TransformerConfig(dim=24, **sizes)), state)  # type: ignore[arg-type]
    assert math.prod(made.head.head.weight.shape) == 24 * 16
    with pytest.raises(
        UserError, match=r"of another shape .* It is none of the known ones \(width 24, 2 layers"
    ) as caught:
        checkpoints.assemble(lambda: SpacetimeTransformer(TransformerConfig(dim=36, **sizes)), state)  # type: ignore[arg-type]
    assert "\n" not in str(caught.value)


def test_the_wrong_part_is_told(tmp_path: Path) -> None:
    vae = toys.write(tmp_path / "vae.safetensors", toys.autoencoder("2.1").state_dict())
    with pytest.raises(UserError, match="look like weights of another kind: an autoencoder"):
        checkpoints.read_part(vae, "transformer")
    dit = toys.write(tmp_path / "dit.safetensors", toys.native())
    for part in ("autoencoder", "text_encoder", "image_encoder"):
        with pytest.raises(UserError, match=r"dit\.safetensors has no .* of Wan"):
            checkpoints.read_part(dit, part)
    with pytest.raises(ValueError, match="no part with weights"):
        checkpoints.read_part(dit, "tokenizer")
