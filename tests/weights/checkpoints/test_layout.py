"""Where the parts of a model lie, in every layout that goes round. The files are empty: only names are looked at."""

import subprocess
import sys
from pathlib import Path

import pytest

from yozora.errors import UserError
from yozora.weights.checkpoints import CheckpointLayout, Files, find


def lay(root: Path, *names: str) -> Path:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).touch()
    return root


def relative(layout: CheckpointLayout, root: Path) -> dict[str, list[str]]:
    return {part: [str(path.relative_to(root)) for path in files.paths] for part, files in layout.parts.items()}


DIFFUSERS = (
    "model_index.json",
    "transformer/config.json",
    "transformer/diffusion_pytorch_model-00001-of-00002.safetensors",
    "transformer/diffusion_pytorch_model-00002-of-00002.safetensors",
    "transformer/diffusion_pytorch_model.safetensors.index.json",
    "transformer_2/config.json",
    "transformer_2/diffusion_pytorch_model.safetensors",
    "vae/config.json",
    "vae/diffusion_pytorch_model.safetensors",
    "text_encoder/config.json",
    "text_encoder/model.safetensors",
    "tokenizer/spiece.model",
    "tokenizer/tokenizer.json",
    "image_encoder/config.json",
    "image_encoder/model.fp16.safetensors",
    "scheduler/scheduler_config.json",
)


def test_diffusers(tmp_path: Path) -> None:
    layout = find(lay(tmp_path, *DIFFUSERS))
    assert layout.style == "diffusers"
    shards = [f"transformer/diffusion_pytorch_model-0000{i}-of-00002.safetensors" for i in (1, 2)]
    assert relative(layout, tmp_path) == {
        "transformer": shards,
        "transformer_2": ["transformer_2/diffusion_pytorch_model.safetensors"],
        "autoencoder": ["vae/diffusion_pytorch_model.safetensors"],
        "text_encoder": ["text_encoder/model.safetensors"],
        "tokenizer": ["tokenizer"],
        "image_encoder": ["image_encoder/model.fp16.safetensors"],
    }
    files = layout.files("transformer")
    assert files.index == tmp_path / "transformer/diffusion_pytorch_model.safetensors.index.json"
    assert files.config == tmp_path / "transformer/config.json"


def test_a_hugging_face_cache(tmp_path: Path) -> None:
    """Links to blobs without endings: the links' names count."""
    cache = tmp_path / "models--Wan-AI--Wan2.1-T2V-1.3B-Diffusers"
    snapshot = cache / "snapshots" / "abc"
    for i, name in enumerate(DIFFUSERS):
        lay(cache / "blobs", f"{i:x}")
        (snapshot / name).parent.mkdir(parents=True, exist_ok=True)
        (snapshot / name).symlink_to(cache / "blobs" / f"{i:x}")
    lay(cache / "snapshots" / "older", "model_index.json")
    (cache / "refs").mkdir()
    (cache / "refs" / "main").write_text("abc\n")
    layout = find(cache)
    assert layout.path == snapshot
    assert relative(layout, snapshot)["text_encoder"] == ["text_encoder/model.safetensors"]
    assert relative(find(snapshot), snapshot) == relative(layout, snapshot)
    (cache / "refs" / "main").unlink()
    (cache / "snapshots" / "older" / "model_index.json").unlink()
    (cache / "snapshots" / "older").rmdir()
    assert find(cache).path == snapshot
    lay(tmp_path, "models--a--b/snapshots/.keep")
    (tmp_path / "models--a--b/snapshots/.keep").unlink()
    with pytest.raises(UserError, match="has no snapshot"):
        find(tmp_path / "models--a--b")


@pytest.mark.parametrize("single", [True, False])
def test_wans_own(tmp_path: Path, single: bool) -> None:
    models = ["diffusion_pytorch_model.safetensors"]
    if not single:
        models = [f"diffusion_pytorch_model-0000{i}-of-00002.safetensors" for i in (1, 2)]
        models.append("diffusion_pytorch_model.safetensors.index.json")
    names = ("Wan2.1_VAE.pth", "models_t5_umt5-xxl-enc-bf16.pth", "google/umt5-xxl/tokenizer.json", "config.json")
    clip = "models_clip_open-clip-xlm-roberta-large-vit-huge-14.pth"
    layout = find(lay(tmp_path, *models, *names, clip))
    assert layout.style == "native"
    assert relative(layout, tmp_path) == {
        "transformer": models[: 1 if single else 2],
        "autoencoder": ["Wan2.1_VAE.pth"],
        "text_encoder": ["models_t5_umt5-xxl-enc-bf16.pth"],
        "tokenizer": ["google/umt5-xxl"],
        "image_encoder": [clip],
    }
    assert layout.files("transformer").config == tmp_path / "config.json"


def test_wans_own_with_two_experts(tmp_path: Path) -> None:
    names = [f"{noise}_noise_model/diffusion_pytorch_model.safetensors" for noise in ("high", "low")]
    layout = find(lay(tmp_path, *names, "Wan2.1_VAE.pth", "high_noise_model/config.json"))
    found = relative(layout, tmp_path)
    assert (found["transformer"], found["transformer_2"]) == ([names[0]], [names[1]])
    with pytest.raises(UserError) as caught:
        layout.files("text_encoder")
    assert str(caught.value) == (
        f"{tmp_path} has no text encoder: looked for models_t5_umt5-xxl-enc-*.*, *umt5*. Name it with --text-encoder."
    )


COMFYUI = (
    "diffusion_models/wan2.2_t2v_high_noise_14B_fp8_scaled.safetensors",
    "diffusion_models/wan2.2_t2v_low_noise_14B_fp8_scaled.safetensors",
    "vae/wan_2.1_vae.safetensors",
    "vae/wan2.2_vae.safetensors",
    "vae/ae.safetensors",
    "text_encoders/umt5_xxl_fp8_e4m3fn_scaled.safetensors",
    "text_encoders/t5xxl_fp16.safetensors",
    "clip_vision/clip_vision_h.safetensors",
    "clip_vision/sigclip.safetensors",
)


@pytest.mark.parametrize("root", ["", "models/", "split_files/"])
def test_comfyui(tmp_path: Path, root: str) -> None:
    layout = find(lay(tmp_path, *(root + name for name in COMFYUI)))
    assert layout.style == "ComfyUI"
    assert relative(layout, tmp_path) == {
        "transformer": [root + COMFYUI[0]],
        "transformer_2": [root + COMFYUI[1]],
        "autoencoder": [root + COMFYUI[2]],
        "text_encoder": [root + COMFYUI[5]],
        "tokenizer": [root + COMFYUI[5]],
        "image_encoder": [root + COMFYUI[7]],
    }


def test_comfyuis_older_folders_and_wan_2_2s_autoencoder(tmp_path: Path) -> None:
    lay(tmp_path, "unet/wan/wan2.2_ti2v_5B_Q4_K_M.gguf", "clip/umt5-xxl-encoder-Q8_0.gguf", *COMFYUI[2:4])
    found = relative(find(tmp_path / "unet/wan/wan2.2_ti2v_5B_Q4_K_M.gguf"), tmp_path)
    assert found["transformer"] == ["unet/wan/wan2.2_ti2v_5B_Q4_K_M.gguf"]
    assert found["autoencoder"] == ["vae/wan2.2_vae.safetensors"]
    assert found["text_encoder"] == ["clip/umt5-xxl-encoder-Q8_0.gguf"]


def test_several_models_have_to_be_told_apart(tmp_path: Path) -> None:
    lay(tmp_path, *COMFYUI, "diffusion_models/flux1-dev.safetensors", "vae/wan_video_vae.safetensors")
    with pytest.raises(UserError, match=r"several files for the transformer .*flux1-dev.*Choose one by its path\."):
        find(tmp_path)
    found = relative(find(tmp_path / COMFYUI[1]), tmp_path)
    assert (found["transformer"], found["transformer_2"]) == ([COMFYUI[0]], [COMFYUI[1]])
    lay(tmp_path, "text_encoders/umt5-xxl-enc-bf16.safetensors")
    with pytest.raises(UserError, match=r"several files for the text encoder .* Choose one with --text-encoder\."):
        find(tmp_path / COMFYUI[0])


@pytest.mark.parametrize(
    ("high", "low"),
    [
        ("wan2.2_i2v_high_noise_14B.safetensors", "wan2.2_i2v_low_noise_14B.safetensors"),
        ("Wan2_2-I2V-A14B-HIGH_fp8.safetensors", "Wan2_2-I2V-A14B-LOW_fp8.safetensors"),
        ("Wan2.2-T2V-A14B-HighNoise-Q4_K_M.gguf", "Wan2.2-T2V-A14B-LowNoise-Q4_K_M.gguf"),
        ("HighNoise/Wan-HighNoise-Q8_0.gguf", "LowNoise/Wan-LowNoise-Q8_0.gguf"),
    ],
)
def test_two_experts_in_two_files(tmp_path: Path, high: str, low: str) -> None:
    pair = {"transformer": [high], "transformer_2": [low]}
    lay(tmp_path, high, low)
    assert relative(find(tmp_path / high), tmp_path) == relative(find(tmp_path / low), tmp_path) == pair


def test_one_expert_alone(tmp_path: Path) -> None:
    lay(tmp_path, "low/wan_low_noise.safetensors", "high/wan_high_noise.safetensors", "flow-low-vram.safetensors")
    (tmp_path / "high" / "wan_high_noise.safetensors").unlink()
    layout = find(tmp_path / "low" / "wan_low_noise.safetensors")
    assert set(layout.parts) == {"transformer_2"}
    with pytest.raises(UserError, match="has no transformer: looked for the same name with high for low"):
        layout.files("transformer")
    assert set(find(tmp_path / "flow-low-vram.safetensors").parts) == {"transformer"}


def test_a_single_file_and_what_is_said_beside_it(tmp_path: Path) -> None:
    lay(tmp_path, "a/model.safetensors", "b/my_vae.pth", "c/umt5.safetensors", "c/tokenizer/spiece.model")
    lay(tmp_path / "whole", *DIFFUSERS)
    file = tmp_path / "a" / "model.safetensors"
    assert find(file).style == "single file"
    assert relative(find(tmp_path / "a"), tmp_path) == relative(find(file), tmp_path)
    layout = find(file, autoencoder=tmp_path / "b/my_vae.pth", text_encoder=str(tmp_path / "c/umt5.safetensors"))
    assert relative(layout, tmp_path) == {
        "transformer": ["a/model.safetensors"],
        "autoencoder": ["b/my_vae.pth"],
        "text_encoder": ["c/umt5.safetensors"],
        "tokenizer": ["c/tokenizer"],
    }
    layout = find(file, autoencoder=tmp_path / "whole", text_encoder=tmp_path / "whole/text_encoder")
    found = relative(layout, tmp_path)
    assert found["autoencoder"] == ["whole/vae/diffusion_pytorch_model.safetensors"]
    assert found["text_encoder"] == ["whole/text_encoder/model.safetensors"]
    assert found["tokenizer"] == ["whole/tokenizer"]
    assert layout.files("text_encoder").config == tmp_path / "whole/text_encoder/config.json"
    assert relative(find(file, text_encoder=tmp_path / "whole"), tmp_path)["tokenizer"] == ["whole/tokenizer"]
    assert relative(find(file, autoencoder=tmp_path / "b"), tmp_path)["autoencoder"] == ["b/my_vae.pth"]
    (tmp_path / "none").mkdir()
    for wrong in ("none", "absent"):
        with pytest.raises(UserError, match=f"No autoencoder is at .*{wrong}"):
            find(file, autoencoder=tmp_path / wrong)


def test_nothing_is_told(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="does not exist"):
        find(tmp_path / "absent")
    with pytest.raises(UserError, match=r"The layout of the weights in .* is not known"):
        find(tmp_path)
    lay(tmp_path, "film.mp4")
    with pytest.raises(UserError, match=r"film\.mp4 is not a weights file"):
        find(tmp_path / "film.mp4")
    lay(tmp_path, "a.gguf", "b.gguf")
    with pytest.raises(UserError, match=r"several files for the transformer \(a\.gguf, b\.gguf\)"):
        find(tmp_path)


def test_half_a_download_is_not_found(tmp_path: Path) -> None:
    """Its name ends in .incomplete until it is whole."""
    lay(tmp_path, "model_index.json", "transformer/diffusion_pytorch_model.safetensors.incomplete")
    with pytest.raises(
        UserError, match=r"no transformer: looked for transformer/diffusion_pytorch_model\*\.safetensors"
    ):
        find(tmp_path).files("transformer")


def test_the_part_that_is_not_asked_for_may_be_missing(tmp_path: Path) -> None:
    layout = find(lay(tmp_path, *DIFFUSERS[:6]))
    assert isinstance(layout.files("transformer"), Files)
    with pytest.raises(UserError, match=r"no image encoder: looked for image_encoder/.*Copy it there"):
        layout.files("image_encoder")


def test_finding_files_needs_no_torch() -> None:
    code = "import sys; from yozora.weights.checkpoints import find; assert not {'torch', 'numpy'} & sys.modules.keys()"
    subprocess.run([sys.executable, "-c", code], check=True)
