"""LoRAs in every spelling, against what diffusers and PEFT make of the same files; merged, and on top of weights."""

import json
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from diffusers.loaders import WanLoraLoaderMixin
from peft import LoraConfig, get_peft_model, get_peft_model_state_dict
from tests.weights.checkpoints import toys
from torch import Tensor

from yozora.errors import UserError
from yozora.model.dit import SpacetimeTransformer, Time, TransformerConfig
from yozora.weights.checkpoints import lora
from yozora.weights.checkpoints.names import State, inverse, rename
from yozora.weights.checkpoints.tables import NATIVE_TO_DIFFUSERS

R = 3
ATTENTION = [f"blocks.{i}.{which}_attn.{name}" for i in (0, 1) for which in ("self", "cross") for name in "qkvo"]
BLOCKS = [*ATTENTION, *(f"blocks.{i}.ffn.{n}" for i in (0, 1) for n in (0, 2))]
IMAGE = [f"blocks.{i}.cross_attn.{name}_img" for i in (0, 1) for name in "kv"]
EMBEDDINGS = [f"{name}_embedding.{n}" for name in ("text", "time") for n in (0, 2)]


@pytest.fixture(autouse=True)
def numbers() -> Iterator[None]:
    with torch.random.fork_rng():
        torch.manual_seed(0)
        yield


def pair(state: State, module: str, names: tuple[str, str] = ("lora_down", "lora_up")) -> State:
    out, inside = state[f"{module}.weight"].shape
    return {f"{module}.{names[0]}.weight": torch.randn(R, inside), f"{module}.{names[1]}.weight": torch.randn(out, R)}


def pairs(modules: list[str], kind: str = "t2v", names: tuple[str, str] = ("lora_down", "lora_up")) -> State:
    state = toys.native(kind)
    return {key: x for module in modules for key, x in pair(state, module, names).items()}


def alphas(modules: list[str], alpha: float = 2.0) -> State:
    return {f"{module}.alpha": torch.tensor(alpha) for module in modules}


def kohya(state: State) -> State:
    """As musubi-tuner writes it."""
    named = {}
    for key, x in state.items():
        module, _, role = key.partition(".lora_") if ".lora_" in key else key.rpartition(".")
        role = f"lora_{role}" if ".lora_" in key else role
        named[f"lora_unet_{module.replace('.', '_')}.{role}"] = x
    return named


def prefixed(state: State, prefix: str) -> State:
    return {prefix + key: x for key, x in state.items()}


def theirs(file: Path, kind: str, strength: float) -> State:
    """The weights that diffusers ends up with, under Wan's names."""
    model: Any = toys.transformer(kind)
    state, metadata = WanLoraLoaderMixin.lora_state_dict(str(file), return_lora_metadata=True)
    WanLoraLoaderMixin.load_lora_into_transformer(state, model, adapter_name="a", metadata=metadata)
    model.set_adapters(["a"], [strength])
    model.fuse_lora()
    model.unload_lora()
    return rename(model.state_dict(), inverse(NATIVE_TO_DIFFUSERS))


def close(ours: State, expected: State, kind: str = "t2v") -> None:
    """Equal within rounding, and something has changed."""
    assert ours.keys() == expected.keys()
    for key, tensor in expected.items():
        torch.testing.assert_close(ours[key], tensor, rtol=1e-5, atol=1e-5, msg=key)
    assert any(not torch.equal(x, ours[key]) for key, x in toys.native(kind).items())


def bias(modules: list[str], kind: str = "t2v") -> State:
    state = toys.native(kind)
    return {f"{module}.diff_b": torch.randn_like(state[f"{module}.bias"]) for module in modules}


def forms() -> dict[str, tuple[str, State]]:
    """Kind of weights and file, for each form that diffusers reads."""
    more = [*BLOCKS, "head.head", "time_projection.1", *EMBEDDINGS]
    full = pairs(more, names=("lora_A", "lora_B")) | bias(more)
    head = {"head.head.diff": torch.randn(16, 24), "head.head.diff_b": torch.randn(16)}
    distilled = pairs(BLOCKS) | bias(BLOCKS) | head
    image = [*BLOCKS, *IMAGE, "img_emb.proj.1", "img_emb.proj.3"]
    kinds: dict[str, tuple[str, State]] = {
        "A and B": ("t2v", prefixed(pairs(BLOCKS, names=("lora_A", "lora_B")), "diffusion_model.")),
        "down and up": ("t2v", prefixed(pairs(BLOCKS), "diffusion_model.")),
        "alpha": ("t2v", prefixed(pairs(BLOCKS) | alphas(BLOCKS), "diffusion_model.")),
        "biases, head, time, text": ("t2v", prefixed(full, "diffusion_model.")),
        "difference of the head": ("t2v", prefixed(distilled, "diffusion_model.")),
        "image branch": ("i2v", prefixed(pairs(image, "i2v") | bias(image, "i2v"), "diffusion_model.")),
        "kohya": ("t2v", kohya(pairs(BLOCKS) | alphas(BLOCKS))),
        "kohya, image branch": ("i2v", kohya(pairs([*BLOCKS, *IMAGE], "i2v") | alphas([*BLOCKS, *IMAGE]))),
    }
    spelled = rename({f"{m}.weight": torch.ones(1) for m in [*BLOCKS, "head.head"]}, NATIVE_TO_DIFFUSERS)
    modules = [key.removesuffix(".weight") for key in spelled]
    sizes = toys.transformer().state_dict()
    parts = {key: x for m in modules for key, x in pair(dict(sizes), m, ("lora_A", "lora_B")).items()}
    kinds["diffusers"] = ("t2v", prefixed(parts, "transformer."))
    return kinds


FORMS = ("A and B", "down and up", "alpha", "biases, head, time, text", "difference of the head", "image branch")
FORMS += ("kohya", "kohya, image branch", "diffusers")


@pytest.mark.parametrize("form", FORMS)
def test_merged_weights_are_those_of_diffusers(form: str, tmp_path: Path) -> None:
    kind, state = forms()[form]
    file = toys.write(tmp_path / "lora.safetensors", state)
    ours = lora.merge(toys.native(kind), [(lora.read(file), 0.7)])
    close(ours, theirs(file, kind, 0.7), kind)


@pytest.mark.parametrize("rank_stabilised", [False, True])
def test_what_diffusers_saves_is_read_with_its_alpha(rank_stabilised: bool, tmp_path: Path) -> None:
    """alpha stands in the file's metadata."""
    model: Any = toys.transformer()
    patterns = {"rank_pattern": {"attn1.to_k": 2}, "alpha_pattern": {"attn1.to_k": 5}}
    config = LoraConfig(r=R, lora_alpha=7, target_modules=["to_q", "to_k", "proj_out"], **patterns)
    config.use_rslora = rank_stabilised
    model.add_adapter(config, "a")
    for name, parameter in model.named_parameters():
        if "lora_" in name:
            torch.nn.init.normal_(parameter)
    saved = get_peft_model_state_dict(model, adapter_name="a")
    metadata = {**config.to_dict(), "target_modules": list(config.target_modules or [])}
    WanLoraLoaderMixin.save_lora_weights(tmp_path, saved, transformer_lora_adapter_metadata=metadata)
    ours = lora.merge(toys.native(), [(lora.read(tmp_path), 1.0)])
    model.fuse_lora()
    model.unload_lora()
    close(ours, rename(model.state_dict(), inverse(NATIVE_TO_DIFFUSERS)))


def test_what_peft_saves_is_read_with_its_alpha(tmp_path: Path) -> None:
    config = LoraConfig(r=R, lora_alpha=7, target_modules=["to_v"], lora_bias=True, init_lora_weights=False)
    model: Any = get_peft_model(toys.transformer(), config)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it takes biases for matrices
        model.save_pretrained(tmp_path)
    ours = lora.merge(toys.native(), [(lora.read(tmp_path), 1.0)])
    close(ours, rename(model.merge_and_unload().state_dict(), inverse(NATIVE_TO_DIFFUSERS)))


def test_other_prefixes_and_names_of_adapters(tmp_path: Path) -> None:
    plain = pairs(BLOCKS)
    expected = lora.read(toys.write(tmp_path / "plain.safetensors", plain))
    ours = lora.merge(toys.native(), [(expected, 1.0)])
    named = {
        key.replace("lora_down", "lora_A.default").replace("lora_up", "lora_B.default"): x for key, x in plain.items()
    }
    ways = {
        "peft": prefixed(named, "base_model.model."),
        "both": prefixed(plain, "base_model.model.diffusion_model."),
        "single": prefixed(plain, "model.diffusion_model."),
        "DiffSynth": prefixed(named, "pipe.dit."),
        "older": {
            key.replace(".lora_down", ".lora.down").replace(".lora_up", ".lora.up"): x for key, x in plain.items()
        },
    }
    for name, state in ways.items():
        read = lora.read(toys.write(tmp_path / f"{name}.safetensors", state))
        toys.same(lora.merge(toys.native(), [(read, 1.0)]), ours)
    torch.save(plain, tmp_path / "lora.pt")
    toys.same(lora.merge(toys.native(), [(lora.read(tmp_path / "lora.pt"), 1.0)]), ours)


def test_what_diffusers_drops_is_applied(tmp_path: Path) -> None:
    """Differences of norms, of modulation and of weights, and biases of a time projection without its weights."""
    state = toys.native()
    updates = {
        "blocks.0.norm3.diff": "blocks.0.norm3.weight",
        "blocks.0.norm3.diff_b": "blocks.0.norm3.bias",
        "blocks.1.self_attn.norm_q.diff": "blocks.1.self_attn.norm_q.weight",
        "blocks.1.diff_m": "blocks.1.modulation",
        "head.diff_m": "head.modulation",
        "time_projection.1.diff_b": "time_projection.1.bias",
        "patch_embedding.diff": "patch_embedding.weight",
        "blocks.0.ffn.0.diff": "blocks.0.ffn.0.weight",
    }
    changes = {key: torch.randn_like(state[name]) for key, name in updates.items()}
    read = lora.read(toys.write(tmp_path / "d.safetensors", prefixed(changes, "diffusion_model.")))
    merged = lora.merge(state, [(read, 0.5)])
    for key, name in updates.items():
        torch.testing.assert_close(merged[name], state[name] + 0.5 * changes[key])
    assert all(merged[name] is state[name] for name in state.keys() - set(updates.values()))


def test_convolutions_have_low_rank_too(tmp_path: Path) -> None:
    state = toys.native()
    down, up = torch.randn(R, 4, 1, 2, 2), torch.randn(24, R, 1, 1, 1)
    parts = {"patch_embedding.lora_down.weight": down, "patch_embedding.lora_up.weight": up}
    merged = lora.merge(state, [(lora.read(toys.write(tmp_path / "c.safetensors", parts)), 1.0)])
    change = torch.einsum("or,rcthw->octhw", up[..., 0, 0, 0], down)
    torch.testing.assert_close(merged["patch_embedding.weight"], state["patch_embedding.weight"] + change)


def test_several_at_once_add_up_and_are_rounded_once(tmp_path: Path) -> None:
    state = {key: x.bfloat16() for key, x in toys.native().items()}
    one, two = (lora.read(toys.write(tmp_path / f"{i}.safetensors", pairs(BLOCKS[i : 9 + i]))) for i in (0, 4))
    both = lora.merge(state, [(one, 0.3), (two, -1.0)])
    exact = {key: x.float() for key, x in state.items()}
    exact = lora.merge(lora.merge(exact, [(one, 0.3)]), [(two, -1.0)])
    toys.same(both, {key: x.bfloat16() for key, x in exact.items()})
    assert {x.dtype for x in both.values()} == {torch.bfloat16}


def test_updates_for_both_experts_in_one_file(tmp_path: Path) -> None:
    high, low = pairs(BLOCKS[:2]), pairs(BLOCKS[2:4])
    parts = prefixed(high, "transformer.") | prefixed(low, "transformer_2.")
    file = toys.write(tmp_path / "pair.safetensors", parts)
    assert set(lora.read(file).updates) == {f"{module}.weight" for module in BLOCKS[:2]}
    assert set(lora.read(file, "transformer_2").updates) == {f"{module}.weight" for module in BLOCKS[2:4]}
    alone = toys.write(tmp_path / "low.safetensors", low)
    assert set(lora.read(alone, "transformer_2").updates) == {f"{module}.weight" for module in BLOCKS[2:4]}


def test_attached_is_merged_exactly_until_it_is_removed(tmp_path: Path) -> None:
    config = TransformerConfig(
        dim=24, heads=2, layers=2, ffn=32, in_channels=4, out_channels=4, text_dim=10, freq_dim=16, text_len=8
    )

    def build(state: State) -> SpacetimeTransformer:
        made = SpacetimeTransformer(config).requires_grad_(False)
        made.load_state_dict(state)
        return made.to(torch.bfloat16)

    def velocity(made: SpacetimeTransformer) -> Tensor:
        pos = torch.cartesian_prod(torch.arange(2.0), torch.arange(2.0), torch.arange(1.0))[None]
        draw = torch.Generator().manual_seed(5)
        x, text = torch.randn(1, 4, 16, generator=draw), torch.randn(1, 1, 5, 10, generator=draw)
        return made(x, Time.of(torch.full((1, 4), 0.5)), pos, made.read(text))

    state = {key: x.bfloat16().float() for key, x in toys.native().items()}
    more = [*BLOCKS, "time_projection.1", "head.head", "time_embedding.0", "text_embedding.2"]
    one = lora.read(toys.write(tmp_path / "1.safetensors", pairs(more) | bias(more)))
    two = lora.read(toys.write(tmp_path / "2.safetensors", {"blocks.1.diff_m": torch.randn(1, 6, 24)}))
    loras = [(one, 0.4), (two, 1.5)]
    bf16 = {key: x.bfloat16() for key, x in state.items()}
    merged = velocity(build(lora.merge(bf16, loras)))
    plain = build(bf16)
    before = velocity(plain)
    attached = lora.attach(plain, loras)
    assert torch.equal(velocity(plain), merged)
    assert not torch.equal(before, merged)
    attached.remove()
    assert torch.equal(velocity(plain), before)
    toys.same(plain.state_dict(), bf16)
    assert not any(hasattr(module, "parametrizations") for module in plain.modules())


# --- refusals


def refused(tmp_path: Path, state: State) -> str:
    file = toys.write(tmp_path / "lora.safetensors", state)
    with pytest.raises(UserError) as caught:
        lora.merge(toys.native(), [(lora.read(file), 1.0)])
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_what_matches_no_module_is_named(tmp_path: Path) -> None:
    strange = {"blocks.0.self_attn.qkv.lora_A.weight": torch.ones(2, 2), "blocks.0.self_attn.q.weight": torch.ones(1)}
    said = refused(tmp_path, pairs(BLOCKS) | strange)
    assert said == (
        "lora.safetensors has 2 tensors for modules that Wan does not have: blocks.0.self_attn.q.weight, "
        "blocks.0.self_attn.qkv.lora_A.weight. Check that it is a LoRA for this kind of model."
    )
    assert "modules that Wan does not have" in refused(
        tmp_path, {"lora_te_text_model_encoder.lora_down.weight": torch.ones(2, 2)}
    )
    assert "1 tensors for modules that Wan does not have" in refused(
        tmp_path, kohya(pairs(BLOCKS)) | {"lora_unet_x.alpha": torch.ones(1)}
    )


@pytest.mark.parametrize(
    ("key", "kind"),
    [
        ("blocks.0.self_attn.q.dora_scale", "DoRA"),
        ("lora_unet_blocks_0_self_attn_q.lokr_w1", "LoKr"),
        ("lora_unet_blocks_0_self_attn_q.hada_w1_a", "LoHa"),
        ("lora_unet_blocks_0_self_attn_q.lora_mid.weight", "LoCon"),
        ("diffusion_model.patch_embedding.set_weight", "replaces"),
    ],
)
def test_other_kinds_are_named(key: str, kind: str, tmp_path: Path) -> None:
    assert kind in refused(tmp_path, pairs(BLOCKS) | {key: torch.ones(1)})


def test_what_the_model_does_not_have_is_named(tmp_path: Path) -> None:
    said = refused(tmp_path, pairs([*BLOCKS, *IMAGE], "i2v"))
    assert "updates modules that the model does not have: blocks.0.cross_attn.k_img.weight" in said
    assert "made for weights with an image branch" in said
    wide = pairs(BLOCKS) | {"blocks.0.ffn.0.lora_down.weight": torch.ones(R, 30)}
    assert "is for a model of other sizes: blocks.0.ffn.0.weight. The model is none of the known ones" in refused(
        tmp_path, wide
    )


def test_halves_are_refused(tmp_path: Path) -> None:
    whole = pairs(BLOCKS[:2])
    for key in whole:
        half = {name: x for name, x in whole.items() if name != key}
        assert "only one half of the update of blocks.0.self_attn" in refused(tmp_path, half)
    assert "only one half" in refused(tmp_path, whole | {"head.head.alpha": torch.tensor(1.0)})
    odd = whole | {"blocks.0.self_attn.q.lora_up.weight": torch.ones(24, R + 1)}
    assert "is damaged at blocks.0.self_attn.q: [24, 4] times [3, 24] is no matrix" in refused(tmp_path, odd)
    assert "modules that Wan does not have" in refused(tmp_path, {"x": torch.ones(1)})


def test_folders_and_their_settings(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="has 0 files that may be a LoRA"):
        lora.read(tmp_path)
    toys.write(tmp_path / "adapter_model.safetensors", pairs(BLOCKS))
    for broken in ("[", "[]", '{"lora_alpha": "much"}', '{"alpha_pattern": 3}', '{"lora_alpha": [1]}'):
        (tmp_path / "adapter_config.json").write_text(broken)
        with pytest.raises(UserError, match=r"with alpha beside .* cannot be read"):
            lora.read(tmp_path)
    (tmp_path / "adapter_config.json").write_text(json.dumps({"lora_alpha": 6}))
    assert all(update.scale == 2.0 for updates in lora.read(tmp_path).updates.values() for update in updates)
    with pytest.raises(UserError, match="does not exist"):
        lora.read(tmp_path / "absent.safetensors")
