"""How the tensors of Wan's parts are named: by Wan, by diffusers, by transformers and by llama.cpp.

Tables alone. A table has rows (one name, the other name) in which each ``*`` stands for one part between dots and is
carried over, in order. Sources: Wan-Video/Wan2.1 (wan/modules/model.py, t5.py, clip.py), diffusers
(WanTransformer3DModel, WanVACETransformer3DModel), transformers (UMT5EncoderModel, CLIPVisionModel), llama.cpp (its T5
encoder).
"""

KeyTable = tuple[tuple[str, str], ...]
"""Rows of (key, key); each ``*`` stands for one part between dots and is carried over, in order."""

_BLOCK: KeyTable = (
    ("self_attn.q.*", "attn1.to_q.*"),
    ("self_attn.k.*", "attn1.to_k.*"),
    ("self_attn.v.*", "attn1.to_v.*"),
    ("self_attn.o.*", "attn1.to_out.0.*"),
    ("self_attn.norm_q.*", "attn1.norm_q.*"),
    ("self_attn.norm_k.*", "attn1.norm_k.*"),
    ("cross_attn.q.*", "attn2.to_q.*"),
    ("cross_attn.k.*", "attn2.to_k.*"),
    ("cross_attn.v.*", "attn2.to_v.*"),
    ("cross_attn.o.*", "attn2.to_out.0.*"),
    ("cross_attn.norm_q.*", "attn2.norm_q.*"),
    ("cross_attn.norm_k.*", "attn2.norm_k.*"),
    ("cross_attn.k_img.*", "attn2.add_k_proj.*"),
    ("cross_attn.v_img.*", "attn2.add_v_proj.*"),
    ("cross_attn.norm_k_img.*", "attn2.norm_added_k.*"),
    ("norm3.*", "norm2.*"),  # each side counts the norms in an order of its own
    ("ffn.0.*", "ffn.net.0.proj.*"),
    ("ffn.2.*", "ffn.net.2.*"),
    ("modulation", "scale_shift_table"),
)


def _under(prefix: str, rows: KeyTable) -> KeyTable:
    return tuple((f"{prefix}.{left}", f"{prefix}.{right}") for left, right in rows)


NATIVE_TO_DIFFUSERS: KeyTable = (
    ("patch_embedding.*", "patch_embedding.*"),
    ("text_embedding.0.*", "condition_embedder.text_embedder.linear_1.*"),
    ("text_embedding.2.*", "condition_embedder.text_embedder.linear_2.*"),
    ("time_embedding.0.*", "condition_embedder.time_embedder.linear_1.*"),
    ("time_embedding.2.*", "condition_embedder.time_embedder.linear_2.*"),
    ("time_projection.1.*", "condition_embedder.time_proj.*"),
    ("img_emb.proj.0.*", "condition_embedder.image_embedder.norm1.*"),
    ("img_emb.proj.1.*", "condition_embedder.image_embedder.ff.net.0.proj.*"),
    ("img_emb.proj.3.*", "condition_embedder.image_embedder.ff.net.2.*"),
    ("img_emb.proj.4.*", "condition_embedder.image_embedder.norm2.*"),
    ("img_emb.emb_pos", "condition_embedder.image_embedder.pos_embed"),
    *_under("blocks.*", _BLOCK),
    ("vace_patch_embedding.*", "vace_patch_embedding.*"),
    *_under("vace_blocks.*", (*_BLOCK, ("before_proj.*", "proj_in.*"), ("after_proj.*", "proj_out.*"))),
    ("head.head.*", "proj_out.*"),
    ("head.modulation", "scale_shift_table"),
)
"""The transformer as Wan spells it, and as diffusers does."""

UMT5_NATIVE: KeyTable = (
    ("token_embedding.weight", "shared.weight"),
    ("blocks.*.norm1.weight", "encoder.block.*.layer.0.layer_norm.weight"),
    ("blocks.*.attn.*.weight", "encoder.block.*.layer.0.SelfAttention.*.weight"),
    ("blocks.*.pos_embedding.embedding.weight", "encoder.block.*.layer.0.SelfAttention.relative_attention_bias.weight"),
    ("blocks.*.norm2.weight", "encoder.block.*.layer.1.layer_norm.weight"),
    ("blocks.*.ffn.gate.0.weight", "encoder.block.*.layer.1.DenseReluDense.wi_0.weight"),
    ("blocks.*.ffn.fc1.weight", "encoder.block.*.layer.1.DenseReluDense.wi_1.weight"),
    ("blocks.*.ffn.fc2.weight", "encoder.block.*.layer.1.DenseReluDense.wo.weight"),
    ("norm.weight", "encoder.final_layer_norm.weight"),
)
"""The text encoder as Wan spells it, and as transformers' UMT5EncoderModel does."""

UMT5_LLAMA_CPP: KeyTable = (
    ("token_embd.weight", "shared.weight"),
    ("enc.blk.*.attn_norm.weight", "encoder.block.*.layer.0.layer_norm.weight"),
    ("enc.blk.*.attn_q.weight", "encoder.block.*.layer.0.SelfAttention.q.weight"),
    ("enc.blk.*.attn_k.weight", "encoder.block.*.layer.0.SelfAttention.k.weight"),
    ("enc.blk.*.attn_v.weight", "encoder.block.*.layer.0.SelfAttention.v.weight"),
    ("enc.blk.*.attn_o.weight", "encoder.block.*.layer.0.SelfAttention.o.weight"),
    ("enc.blk.*.attn_rel_b.weight", "encoder.block.*.layer.0.SelfAttention.relative_attention_bias.weight"),
    ("enc.blk.*.ffn_norm.weight", "encoder.block.*.layer.1.layer_norm.weight"),
    ("enc.blk.*.ffn_gate.weight", "encoder.block.*.layer.1.DenseReluDense.wi_0.weight"),
    ("enc.blk.*.ffn_up.weight", "encoder.block.*.layer.1.DenseReluDense.wi_1.weight"),
    ("enc.blk.*.ffn_down.weight", "encoder.block.*.layer.1.DenseReluDense.wo.weight"),
    ("enc.output_norm.weight", "encoder.final_layer_norm.weight"),
)
"""The text encoder in GGUF files, as llama.cpp names it, and as transformers does."""

_ENCODER = (
    "layer.0.layer_norm.weight",
    "layer.0.SelfAttention.q.weight",
    "layer.0.SelfAttention.k.weight",
    "layer.0.SelfAttention.v.weight",
    "layer.0.SelfAttention.o.weight",
    "layer.0.SelfAttention.relative_attention_bias.weight",
    "layer.1.layer_norm.weight",
    "layer.1.DenseReluDense.wi_0.weight",
    "layer.1.DenseReluDense.wi_1.weight",
    "layer.1.DenseReluDense.wo.weight",
)

UMT5: KeyTable = tuple(
    (name, name)
    for name in (
        "shared.weight",
        *(f"encoder.block.*.{name}" for name in _ENCODER),
        "encoder.final_layer_norm.weight",
    )
)
"""The text encoder as transformers' UMT5EncoderModel names it."""

CLIP_NATIVE: KeyTable = (
    ("cls_embedding", "embeddings.class_embedding"),
    ("patch_embedding.weight", "embeddings.patch_embedding.weight"),
    ("pos_embedding", "embeddings.position_embedding.weight"),
    ("pre_norm.*", "pre_layrnorm.*"),
    ("transformer.*.norm1.*", "encoder.layers.*.layer_norm1.*"),
    ("transformer.*.attn.q.*", "encoder.layers.*.self_attn.q_proj.*"),
    ("transformer.*.attn.k.*", "encoder.layers.*.self_attn.k_proj.*"),
    ("transformer.*.attn.v.*", "encoder.layers.*.self_attn.v_proj.*"),
    ("transformer.*.attn.proj.*", "encoder.layers.*.self_attn.out_proj.*"),
    ("transformer.*.norm2.*", "encoder.layers.*.layer_norm2.*"),
    ("transformer.*.mlp.0.*", "encoder.layers.*.mlp.fc1.*"),
    ("transformer.*.mlp.2.*", "encoder.layers.*.mlp.fc2.*"),
    ("post_norm.*", "post_layernorm.*"),
)
"""The image encoder as Wan spells it, with ``attn.to_qkv`` split in three, and as transformers' CLIPVisionModel."""

CLIP: KeyTable = tuple((right, right) for _, right in CLIP_NATIVE)
"""The image encoder as transformers' CLIPVisionModel names it."""
