"""Wan 2.1 and 2.2: open weights (Apache-2.0) and their children of the same shape.

Settings are those of the reference: Wan-Video/Wan2.1 and Wan2.2, `generate.py` and `wan/configs`. Times of few-step
weights are those that their authors publish.
"""

from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Final

from yozora.families.family import Family
from yozora.families.preset import Fetched, Known, Preset

UNWANTED: Final = (
    "色调艳丽，过曝，静态，细节模糊不清，字幕，风格，作品，画作，画面，静止，整体发灰，最差质量，低质量，JPEG压缩残留，丑陋的，残缺的，"
    "多余的手指，画得不好的手部，画得不好的脸部，畸形的，毁容的，形态畸形的肢体，手指融合，静止不动的画面，杂乱的背景，三条腿，背景人很多，"
    "倒着走"
)
"""The negative prompt that the reference uses where none is given (`shared_config.sample_neg_prompt`)."""
SHAKING: Final = "镜头晃动，"
CUTTING: Final = "镜头切换，"
"""What the reference of 2.1 puts before it where pictures are given: a shaking camera; and for two of them, cuts."""

WORDS: Final[tuple[Known, ...]] = ("nothing", "whole clip")
SMALL: Final = ((832, 480), (480, 832))
LARGE: Final = ((1280, 720), (720, 1280))
FEW: Final = (1.0, 0.75, 0.5, 0.25)
"""Times of weights distilled to four steps (arXiv 2506.08009 and the LightX2V models), before the shift of 5."""

T2V_1B: Final = Preset(
    name="wan2.1-t2v-1.3b",
    summary="Wan 2.1, words to video, 1.3 billion parameters: the smallest",
    folder=Path(),
    family="wan",
    shape="t2v-1.3b",
    hub="Wan-AI/Wan2.1-T2V-1.3B-Diffusers",
    sizes=SMALL,
    step=16,
    max_pixels=832 * 480,
    fps=16.0,
    seconds=5.0,
    max_seconds=60.0,
    steps=50,
    guidance=6.0,
    guided=(0.0, 1.0),
    continuation_guidance=1.0,
    shift=8.0,
    solver="unipc",
    grid="diffusers unipc",
    known=WORDS,
    window=21,
    overlap=5,
    still=False,
    opening=False,
    characters=0,
    ongoing=10_000,
    captions=False,
    negative_prompt=UNWANTED,
)

T2V_14B: Final = replace(
    T2V_1B,
    name="wan2.1-t2v-14b",
    summary="Wan 2.1, words to video, 14 billion parameters",
    shape="t2v-14b",
    hub="Wan-AI/Wan2.1-T2V-14B-Diffusers",
    sizes=(*LARGE, *SMALL),
    max_pixels=1280 * 720,
    guidance=5.0,
    shift=5.0,
)

I2V_480: Final = replace(
    T2V_14B,
    name="wan2.1-i2v-14b-480p",
    summary="Wan 2.1, a first frame to video, 480 lines",
    shape="i2v-14b",
    hub="Wan-AI/Wan2.1-I2V-14B-480P-Diffusers",
    sizes=SMALL,
    max_pixels=832 * 480,
    max_seconds=5.0,
    steps=40,
    shift=3.0,
    known=("first frame",),
    conditioning="channels",
    negative_prompt=SHAKING + UNWANTED,
)

I2V_720: Final = replace(
    I2V_480,
    name="wan2.1-i2v-14b-720p",
    summary="Wan 2.1, a first frame to video, 720 lines",
    hub="Wan-AI/Wan2.1-I2V-14B-720P-Diffusers",
    sizes=LARGE,
    max_pixels=1280 * 720,
    shift=5.0,
)

FLF2V: Final = replace(
    I2V_720,
    name="wan2.1-flf2v-14b",
    summary="Wan 2.1, a first and a last frame to video, 720 lines",
    shape="flf2v-14b",
    hub="Wan-AI/Wan2.1-FLF2V-14B-720P-diffusers",
    steps=50,
    shift=16.0,
    known=("first and last frame",),
    negative_prompt=CUTTING + SHAKING + UNWANTED,
)

VACE_1B: Final = replace(
    T2V_1B,
    name="wan2.1-vace-1.3b",
    summary="Wan 2.1 with VACE: any frames and regions may be given, and references; 1.3 billion parameters",
    shape="vace-1.3b",
    hub="Wan-AI/Wan2.1-VACE-1.3B-diffusers",
    guidance=5.0,
    shift=16.0,
    known=(*WORDS, "first frame", "first and last frame", "frames"),
    conditioning="control",
    characters=3,
    character_at=-1.0,
)

VACE_14B: Final = replace(
    VACE_1B,
    name="wan2.1-vace-14b",
    summary="Wan 2.1 with VACE: any frames and regions may be given, and references; 14 billion parameters",
    shape="vace-14b",
    hub="Wan-AI/Wan2.1-VACE-14B-diffusers",
    sizes=(*LARGE, *SMALL),
    max_pixels=1280 * 720,
)

TI2V: Final = replace(
    T2V_1B,
    name="wan2.2-ti2v-5b",
    summary="Wan 2.2, words or a first frame to video, 5 billion parameters, 24 frames a second",
    shape="ti2v-5b",
    hub="Wan-AI/Wan2.2-TI2V-5B-Diffusers",
    sizes=((1280, 704), (704, 1280), (832, 480), (480, 832)),
    step=32,
    max_pixels=1280 * 704,
    fps=24.0,
    guidance=5.0,
    shift=5.0,
    known=(*WORDS, "first frame"),
    window=31,
)

T2V_A14B: Final = replace(
    T2V_14B,
    name="wan2.2-t2v-a14b",
    summary="Wan 2.2, words to video, two experts of 14 billion parameters",
    hub="Wan-AI/Wan2.2-T2V-A14B-Diffusers",
    steps=40,
    guidance=4.0,
    low_guidance=3.0,
    boundary=0.875,
    shift=12.0,
)

I2V_A14B: Final = replace(
    T2V_A14B,
    name="wan2.2-i2v-a14b",
    summary="Wan 2.2, a first frame to video, two experts of 14 billion parameters",
    shape="i2v-a14b",
    hub="Wan-AI/Wan2.2-I2V-A14B-Diffusers",
    max_seconds=5.0,
    guidance=3.5,
    low_guidance=3.5,
    boundary=0.9,
    shift=5.0,
    known=("first frame",),
    conditioning="channels",
)

FASTWAN: Final = replace(
    TI2V,
    name="fastwan2.2-ti2v-5b",
    summary="Wan 2.2 5B distilled to three steps by FastVideo (full attention)",
    hub="FastVideo/FastWan2.2-TI2V-5B-FullAttn-Diffusers",
    steps=3,
    guidance=1.0,
    times=(1.0, 0.757, 0.522),
    shift=1.0,
    solver="renoise",
    negative_prompt="",
)

SELF_FORCING: Final = replace(
    T2V_1B,
    name="self-forcing-1.3b",
    summary="Wan 2.1 1.3B distilled to four steps by Self-Forcing, run as a plain few-step model",
    hub="gdhe17/Self-Forcing",
    hub_file="checkpoints/self_forcing_dmd.pt",
    base=T2V_1B.hub,
    steps=4,
    guidance=1.0,
    times=FEW,
    shift=5.0,
    solver="renoise",
    negative_prompt="",
)


def _in_four_steps(preset: Preset, what: str, *added: Fetched) -> Preset:
    """Weights with LightX2V's LoRAs, which distil them to four steps without guidance (ModelTC/LightX2V)."""
    return replace(
        preset,
        name=f"{preset.name}-lightx2v",
        summary=f"{what}, in four steps by LightX2V's LoRA{'s' * (len(added) > 1)}",
        added=added,
        steps=4,
        guidance=1.0,
        low_guidance=None if preset.low_guidance is None else 1.0,
        times=FEW,
        shift=5.0,
        solver="euler",
        negative_prompt="",
    )


def _lightning(folder: str) -> tuple[Fetched, Fetched]:
    """The LoRAs of both experts."""
    hub = "lightx2v/Wan2.2-Lightning"
    high, low = f"{folder}/high_noise_model.safetensors", f"{folder}/low_noise_model.safetensors"
    return Fetched(hub=hub, file=high, expert="high"), Fetched(hub=hub, file=low, expert="low")


T2V_FAST: Final = _in_four_steps(
    T2V_14B,
    "Wan 2.1, words to video, 14 billion parameters",
    Fetched(
        hub="lightx2v/Wan2.1-T2V-14B-StepDistill-CfgDistill-Lightx2v",
        file="loras/Wan21_T2V_14B_lightx2v_cfg_step_distill_lora_rank64.safetensors",
    ),
)
I2V_FAST: Final = _in_four_steps(
    I2V_480,
    "Wan 2.1, a first frame to video, 480 lines",
    Fetched(
        hub="lightx2v/Wan2.1-I2V-14B-480P-StepDistill-CfgDistill-Lightx2v",
        file="loras/Wan21_I2V_14B_lightx2v_cfg_step_distill_lora_rank64.safetensors",
    ),
)
T2V_A14B_FAST: Final = _in_four_steps(
    T2V_A14B,
    "Wan 2.2, words to video, two experts",
    *_lightning("Wan2.2-T2V-A14B-4steps-lora-rank64-Seko-V1.1"),
)
I2V_A14B_FAST: Final = _in_four_steps(
    I2V_A14B,
    "Wan 2.2, a first frame to video, two experts",
    *_lightning("Wan2.2-I2V-A14B-4steps-lora-rank64-Seko-V1"),
)

FAMILY: Final = Family(
    name="wan",
    presets=MappingProxyType(
        {
            each.name: each
            for each in (
                T2V_1B,
                T2V_14B,
                I2V_480,
                I2V_720,
                FLF2V,
                VACE_1B,
                VACE_14B,
                TI2V,
                T2V_A14B,
                I2V_A14B,
                FASTWAN,
                SELF_FORCING,
                T2V_FAST,
                I2V_FAST,
                T2V_A14B_FAST,
                I2V_A14B_FAST,
            )
        }
    ),
    recognised="yozora.families.wan_files:recognise",
    find_files="yozora.families.wan_files:files",
    built="yozora.families.wan_parts:build",
    sized="yozora.families.wan_sizes:sized",
    source="https://github.com/Wan-Video",
    extra="wan",
    packages=("transformers", "tokenizers", "sentencepiece", "ftfy", "gguf", "huggingface_hub"),
    composed=True,
)
