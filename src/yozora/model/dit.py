"""The spacetime transformer: a bag of noisy tokens, each with its own time and place, to the velocity of each.

It is Wan's architecture with Wan's native parameter names (Wan-Video/Wan2.1 and Wan2.2), and time per token as in
TI2V-5B. It knows nothing of grids, modes, samplers, files or text: prompts arrive as features.

Names of shapes: B films in a batch, N tokens of a film, M runs of tokens that share a time (usually latent frames), F =
B * M runs of all films together, G = N / M tokens of a run, D width, K heads, E head width, C numbers of a token, P
prompts, L tokens of a prompt, S keys, U distinct times, J frequencies. Everything but attention works on [F, G, D], so
stills, films and windows with as many frames in all are the same to it, and to a compiler.
"""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import Self, cast

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from yozora.model.attention import rotation
from yozora.model.blocks import Block, BlockContext, BlockParts, PointwiseOps, copied, films, in_fp32, modulate, runs
from yozora.model.carry import Carriage, Carrier
from yozora.model.configurations import TransformerConfig
from yozora.model.control import Control, ControlBlock, Strength, strengths
from yozora.model.evidence import Memory
from yozora.model.heads import POINTED, WIDTHS, Head, HeadInputs, carried
from yozora.model.offload import Everywhere, Offloaded
from yozora.model.packing import PackedBlock
from yozora.model.places import Places, sinusoids, sinusoids_of
from yozora.model.reading import ImageEmbedding, TextKV, pad
from yozora.model.sharing import Attend, Share, Tokens, whole

__all__ = ["BlockParts", "SpacetimeTransformer", "Time", "Trace", "TransformerConfig", "compile_parts"]

ZEROS = (
    *(".bias", "attn.o.weight", "ffn.2.weight", "head.head.weight", "modulation", "guidance_embedding.2.weight"),
    *("emb_pos", "before_proj.weight", "after_proj.weight"),
)
"""Ends of the names of parameters that start at zero."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Time:
    """When every token is: a few distinct times, and which of them each token has.

    Of models that take the guidance scale as an input, a time has its scale beside it.

    A clip's tokens share a handful of times (known ones, invented ones), so all that depends on time alone is computed
    once for each of the U values. M divides N: each column of the index stands for N / M tokens in a row, so a whole
    latent frame, or with M = 1 a whole canvas, is modulated by broadcasting. M = N is a time for each token.
    """

    values_U: Tensor  # fp32 in [0, 1]: 0 is clean, 1 is noise
    index_BN: Tensor  # int64 [B, M] into values_U; B may be 1
    scales_U: Tensor | None = None  # guidance scale at each of the values; None: 1, no guidance

    @classmethod
    def of(cls, t_BN: Tensor, most: int = 0) -> Self:
        """The most compact form of a time for each token. Looks at the values, so it waits for the device.

        Args:
            t_BN: in [0, 1].
            most: no column stands for more tokens than this, which divides N; 0: for as many as can be. Training gives
                the tokens of a latent frame, so that films at one time are as large as those whose frames differ.
        """
        values_U, index_BN = torch.unique(t_BN.float(), return_inverse=True)
        N = index_BN.shape[1]
        changes = (index_BN[:, 1:] != index_BN[:, :-1]).any(dim=0).nonzero().flatten() + 1
        return cls(values_U=values_U, index_BN=index_BN[:, :: math.gcd(N, most, *changes.tolist())])

    def per_token(self, tokens: int) -> Tensor:
        """The time of each token, ``[B, tokens]``."""
        return self.values_U[self.index_BN].repeat_interleave(tokens // self.index_BN.shape[1], dim=1)


@dataclass(frozen=True, slots=True)
class Trace:
    """A forward, the fp32 hidden state ``[B, N, dim]`` that ``truth_layer`` chose, and what was remembered."""

    velocity_BNC: Tensor
    middle_BND: Tensor
    memories: tuple[Memory, ...]


class SpacetimeTransformer(nn.Module):
    """Velocity of every token of a canvas, given its time, its place and the prompts that condition it.

    Matrix products run in the dtype of the parameters, or in that of ``torch.autocast``; the residual stream, norms,
    modulation and the output are fp32.
    """

    def __init__(self, config: TransformerConfig) -> None:
        super().__init__()
        D = config.dim
        self.config = config
        self.patch_embedding = nn.Conv3d(config.in_channels, D, config.patch, config.patch)
        if config.place_dim:
            self.place_embedding = nn.Linear(3 * config.place_dim, D)
        self.text_embedding = nn.Sequential(nn.Linear(config.text_dim, D), nn.GELU(approximate="tanh"), nn.Linear(D, D))
        self.time_embedding = nn.Sequential(nn.Linear(config.freq_dim, D), nn.SiLU(), nn.Linear(D, D))
        if config.guidance_embeds is not None:
            self.guidance_embedding = nn.Sequential(nn.Linear(config.freq_dim, D), nn.SiLU(), nn.Linear(D, D))
        self.time_projection = nn.Sequential(nn.SiLU(), nn.Linear(D, 6 * D))
        if config.image_dim is not None:
            self.img_emb = ImageEmbedding(config.image_dim, D, config.image_tokens)
        self.blocks = nn.ModuleList(Block(config) for _ in range(config.layers))
        if config.control_layers:
            self.vace_patch_embedding = nn.Conv3d(config.control_channels, D, config.patch, config.patch)
            self.vace_blocks = nn.ModuleList(ControlBlock(config, first=i == 0) for i in config.control_layers)
        self.head = Head(config)
        self.carrier = Carrier(config.out_channels, config.carries, config.patch) if config.carries else None
        self.mover = SpacetimeTransformer(config.teller) if config.carries else None
        self.parts, self.pointwise = BlockParts(), PointwiseOps()
        self.residence: Everywhere | Offloaded = Everywhere()
        self.share: Callable[[Tokens], Share] = whole
        self.reset_parameters()

    @torch.no_grad()
    def reset_parameters(self) -> None:
        """Start from nothing: every block is the identity and the output is zero.

        Linears are Xavier uniform with zero biases and the time MLP is normal (0.02), as in Wan. Unlike Wan, whose text
        is 4096 wide, the text MLP is Xavier too (0.02 would silence narrow text), the projections that write to the
        residual stream are zero, and the gates on them one. The guidance scale has no influence.
        """
        for name, parameter in self.named_parameters():
            if name.startswith(("carrier.", "mover.")):  # they start by themselves
                continue
            if name.endswith(ZEROS):
                nn.init.zeros_(parameter)
            elif name.startswith(("time_embedding.", "guidance_embedding.")):
                nn.init.normal_(parameter, std=0.02)
            elif parameter.ndim == 1:
                nn.init.ones_(parameter)
            else:
                nn.init.xavier_uniform_(parameter.flatten(1))
            if name.endswith(".modulation") and name.startswith(("blocks.", "vace_blocks.")):
                parameter[:, (2, 5)] = 1.0
            if name in WIDTHS:
                nn.init.zeros_(parameter)
            if name.replace(".bias", ".weight") in WIDTHS and name.endswith(".bias"):
                nn.init.constant_(parameter, math.log(0.5 if "doubt" in name else 1.5))
            if name in ("head.q.bias", "head.k.bias"):  # who knows nothing better points to where he is
                nn.init.constant_(parameter, POINTED)

    def read(self, text_BPLD: Tensor, mask_BPL: Tensor | None = None, image_BSD: Tensor | None = None) -> TextKV:
        """Read P prompts of at most L tokens: all that depends on the text alone, once for all sampler steps.

        Args:
            text_BPLD: features of the text encoder, ``text_dim`` wide.
            mask_BPL: True where there is a token; None: everywhere. What stands elsewhere has no influence.
            image_BSD: features of the image encoder, ``image_dim`` wide, of all images one after the other; B may be 1;
                None: no image. Tokens attend to them whatever prompts they listen to.

        Raises:
            ValueError: L exceeds the config's ``text_len``, or there are images that the model does not take.
        """
        config, dtype = self.config, self._dtype
        told = None if self.mover is None else self.mover.read(text_BPLD, mask_BPL)
        text_BPLD, counts_BPS, bias_BPS = pad(text_BPLD, mask_BPL, config)
        text_BSD = self.text_embedding(text_BPLD.flatten(1, 2).to(dtype)).to(dtype)
        seen = None if image_BSD is None else self._images(image_BSD)
        attentions = (block.cross_attn for block in self.residence.visit([*self._stack, *self._branch]))
        read = [(each.keys_values(text_BSD), seen is not None and each.image_keys_values(seen)) for each in attentions]
        keys, values = zip(*(both for both, _ in read), strict=True)
        images = tuple(each for _, each in read if each)
        if counts_BPS is not None:
            counts_BS11 = counts_BPS.flatten(1)[:, :, None, None].to(dtype)
            values = tuple(v_BSKE * counts_BS11 for v_BSKE in values)
        return TextKV(keys=keys, values=values, bias_BPS=bias_BPS, mover=told, images=images)

    def places(self, pos_BN3: Tensor | Places) -> Places:
        """All that depends on places ``[B, N, 3]`` alone, once for all sampler steps; it stays as it is where it was
        made before."""
        if isinstance(pos_BN3, Places):
            return pos_BN3
        rope, embedded_BND = rotation(pos_BN3, self.config.head_dim), None
        if self.config.place_dim:
            embedded_BND = in_fp32(self.place_embedding, sinusoids_of(pos_BN3, self.config.place_dim))
        return Places(pos_BN3=pos_BN3, rope=rope, rope_BN1J=torch.complex(*rope), embedded_BND=embedded_BND)

    def pack(self) -> None:
        """Lay the weights of blocks out for inference on a CPU, once for all films; nothing where that is not to be had
        (see `packing`). It takes as much memory as they do once more."""
        for block in (*self._stack, *self._branch):
            block.packed = PackedBlock.of(block)

    def offload(self, device: torch.device) -> None:
        """Keep the blocks, which are in main memory, there; they are copied to the device when it is their turn."""
        self.residence = Offloaded([*self._stack, *self._branch], device)

    def _images(self, image_BSD: Tensor) -> Tensor:
        """Images' features at the width of the model, in the dtype of matrix products."""
        if self.config.image_dim is None:
            raise ValueError("a model without image_dim takes no images")
        embedded_BSD: Tensor = in_fp32(self.img_emb, image_BSD.float())
        return embedded_BSD.to(self._dtype)

    def forward(
        self,
        x_BNC: Tensor,
        time: Time,
        pos_BN3: Tensor | Places,
        reading: TextKV,
        reads_BNP: Tensor | None = None,
        carriage: Carriage | None = None,
        control_BNC: Tensor | None = None,
        control_strength: Strength = 1.0,
    ) -> Tensor:
        """Velocity (noise minus clean) of every token, ``[B, N, out_channels * volume]`` in fp32.

        Args:
            x_BNC: noisy tokens; C = (in_channels, frames, rows, columns of a patch), channels slowest. One row where
                ``reading`` has more is told each of them, and what comes before the first cross-attention is done once.
            time: of each token, with its guidance scale where the model takes one.
            pos_BN3: frame, row and column in patches, real-valued; B may be 1. Or what `places` made of them.
            reading: what `read` made of the prompts; its B may be 1.
            reads_BNP: bool, which prompts condition each token; None: all. None of them is allowed.
            carriage: what `carriage` made of the same but for the noise; None: it is made here.
            control_BNC: what the control branch sees at each token's place; C = (control_channels, frames, rows,
                columns of a patch), B may be 1; None: layers get no hints.
            control_strength: how strong hints are: all of them, or each.

        Raises:
            ValueError: there are guidance scales or control, and the model takes none.
        """
        control = None
        if control_BNC is not None:
            control = Control(tokens_BNC=control_BNC, strengths=strengths(control_strength, self.config))
        return self._run(x_BNC, time, self.places(pos_BN3), reading, reads_BNP, carriage, control).velocity_BNC

    def trace(
        self,
        x_BNC: Tensor,
        time: Time,
        pos_BN3: Tensor,
        reading: TextKV,
        reads_BNP: Tensor | None = None,
        carriage: Carriage | None = None,
        truth_layer: int = 0,
    ) -> Trace:
        """`forward`, and what training wants to know beside it.

        Args:
            truth_layer: how many blocks are before the hidden state that is returned, 0..layers; 0: it is the embedding
                of the tokens.

        Raises:
            ValueError: there are fewer blocks than ``truth_layer``, or guidance scales, and the model takes none.
        """
        if not 0 <= truth_layer <= self.config.layers:
            raise ValueError(f"truth_layer {truth_layer} is not in 0..{self.config.layers}")
        return self._run(x_BNC, time, self.places(pos_BN3), reading, reads_BNP, carriage, truth_layer=truth_layer)

    def _run(
        self,
        x_BNC: Tensor,
        time: Time,
        places: Places,
        reading: TextKV,
        reads_BNP: Tensor | None,
        carriage: Carriage | None,
        control: Control | None = None,
        truth_layer: int = 0,
    ) -> Trace:
        if torch.is_grad_enabled():
            x_BNC = x_BNC.expand(max(len(x_BNC), reading.rows), -1, -1)
        share = self.share(Tokens(x_BNC=x_BNC, time=time, places=places, reads_BNP=reads_BNP, control=control))
        own = share.tokens
        B, M, copies = len(x_BNC), own.time.index_BN.shape[1], max(1, reading.rows // len(x_BNC))
        index_F = own.time.index_BN.expand(B, -1).flatten().repeat(copies)
        time_UD, steps_U6D = self._clock(time)
        apart = self._block_context(own, reading, B * copies, steps_U6D[index_F], share.attend)
        context = replace(apart, batch=B, copies=copies, time_F6D=apart.time_F6D[: B * M])
        x_FGD = middle_FGD = runs(self._embed(own.x_BNC, own.places), B, M)
        hints = iter(()) if own.control is None else self._hints(own.control, copied(x_FGD, copies), reading, apart)
        for i, block in enumerate(self.residence.visit(self._stack)):
            x_FGD = block(x_FGD, apart if i else context, *reading.of(i))
            if own.control is not None and i in self.config.control_layers:
                x_FGD = x_FGD + next(hints)
            if i + 1 == truth_layer:
                middle_FGD = x_FGD
        out_BND = share.joined(films(self._last(x_FGD, time_UD[index_F][:, None]), apart.batch))
        middle_BND = films(middle_FGD, middle_FGD.shape[0] // M)
        if self.config.predicts != "clean":
            return Trace(velocity_BNC=self.head.project(out_BND), middle_BND=middle_BND, memories=())
        pos_BN3, x_BNC = places.pos_BN3, x_BNC.float().expand(apart.batch, -1, -1)
        if carriage is None:
            carriage = self.carriage(x_BNC, time, pos_BN3, reading, reads_BNP)
        seen = HeadInputs(
            x_BNC=x_BNC, t_BN=time.per_token(x_BNC.shape[1]), pos_BN3=pos_BN3, rope=places.rope, out_BND=out_BND
        )
        out_BNC, memories = self.head.weighed(self.head.project(out_BND), seen, self.carrier, carriage)
        return Trace(velocity_BNC=out_BNC, middle_BND=middle_BND, memories=memories)

    def _block_context(
        self, own: Tokens, reading: TextKV, batch: int, time_F6D: Tensor, attend: Attend
    ) -> BlockContext:
        """What all blocks of a forward share, of so many films that are told one prompt each."""
        rope, M = own.places.rope, own.time.index_BN.shape[1]
        if torch.is_grad_enabled():
            rope = (runs(rope[0], batch, M), runs(rope[1], batch, M))
        return BlockContext(
            parts=self.parts,
            pointwise=self.pointwise,
            batch=batch,
            copies=1,
            time_F6D=time_F6D,
            rope=rope,
            rope_BN1J=own.places.rope_BN1J,
            bias=reading.attention_bias(own.reads_BNP),
            has_prompt_BN1=None if own.reads_BNP is None else reading.has_prompt(own.reads_BNP),
            dtype=self._dtype,
            attend=attend,
        )

    def _hints(self, control: Control, x_FGD: Tensor, reading: TextKV, context: BlockContext) -> Iterator[Tensor]:
        """What the control branch adds to each of its layers, made one at a time, when it is asked for."""
        embedding, B = self.vace_patch_embedding, context.batch
        tokens_BNC = control.tokens_BNC.to(context.dtype)
        control_BND = F.linear(tokens_BNC, embedding.weight.flatten(1), embedding.bias)
        stream_FGD = runs(control_BND, B, len(x_FGD) // B)
        for i, block in enumerate(self.residence.visit(self._branch)):
            stream_FGD = stream_FGD if i else block.begun(stream_FGD, x_FGD)
            stream_FGD = block(stream_FGD, context, *reading.of(self.config.layers + i))
            yield block.hint(stream_FGD, context.dtype) * control.strengths[i]

    @torch.no_grad()
    def carriage(
        self, x_BNC: Tensor, time: Time, pos_BN3: Tensor, reading: TextKV, reads_BNP: Tensor | None = None
    ) -> Carriage | None:
        """Figures of what is known, carried to where the mover tells that they get; None of a model without a mover.

        It depends on what is known and on the prompts alone, not on the noise: a sampler makes it once and gives
        it to every `forward`.
        """
        mover, told = self.mover, reading.mover
        if self.carrier is None or mover is None or told is None:
            return None
        t_BN = time.per_token(x_BNC.shape[1]).expand(len(x_BNC), -1)

        def tell(known_BNC: Tensor, free_BN: Tensor) -> Tensor:
            moves_BNC: Tensor = mover(known_BNC, Time.of(free_BN), pos_BN3, told, reads_BNP)
            return moves_BNC

        return carried(self.carrier, tell, x_BNC, t_BN, pos_BN3)

    @property
    def _stack(self) -> list[Block]:
        return cast(list[Block], list(self.blocks))

    @property
    def _branch(self) -> list[ControlBlock]:
        return cast(list[ControlBlock], list(self.vace_blocks) if self.config.control_layers else [])

    @property
    def _dtype(self) -> torch.dtype:
        weight = self.patch_embedding.weight
        if torch.is_autocast_enabled(weight.device.type):
            return torch.get_autocast_dtype(weight.device.type)
        return weight.dtype

    def _clock(self, time: Time) -> tuple[Tensor, Tensor]:
        """The time's embedding [U, D] and its projection to shifts, scales and gates [U, 6, D], in fp32."""
        most, width = self.config.guidance_embeds, self.config.freq_dim
        if most is None and time.scales_U is not None:
            raise ValueError("a model without guidance_embeds takes no guidance scale")
        with torch.autocast(time.values_U.device.type, enabled=False):
            time_UD = in_fp32(self.time_embedding, sinusoids(time.values_U * 1000.0, width))
            if most is not None:
                scales_U = torch.ones_like(time.values_U) if time.scales_U is None else time.scales_U
                share_U = scales_U.float().log() / math.log(most)  # 0 at 1, 1 at the highest
                time_UD = time_UD + in_fp32(self.guidance_embedding, sinusoids(share_U * 1000.0, width))
            return time_UD, in_fp32(self.time_projection, time_UD).unflatten(-1, (6, -1))

    def _embed(self, x_BNC: Tensor, places: Places) -> Tensor:
        weight, bias = self.patch_embedding.weight.flatten(1), self.patch_embedding.bias
        x_BND = F.linear(x_BNC.to(self._dtype), weight, bias).float()
        return x_BND if places.embedded_BND is None else x_BND + places.embedded_BND

    def _last(self, x_FGD: Tensor, time_F1D: Tensor) -> Tensor:
        shift_D, scale_D = self.head.modulation.float()[0]
        return modulate(x_FGD, time_F1D + shift_D, time_F1D + scale_D, self.config.eps).to(self._dtype)


def compile_parts(dit: SpacetimeTransformer, backend: str | Callable[..., object] = "inductor") -> None:
    """Compile what is between the attentions of a transformer, once for all blocks and for every [F, G, D].

    On a CPU it takes a C++ compiler and about a minute for each shape. A mover stays as it is. The backend is one of
    ``torch.compile``.
    """
    torch._dynamo.config.recompile_limit = 64  # shapes, with gradients and without
    fuse = partial(torch.compile, backend=backend, dynamic=False, fullgraph=True)
    dit.parts = BlockParts(fuse(Block.self_attention_qkv), fuse(Block.cross_attention_query), fuse(Block.block_output))
    op = PointwiseOps()
    dit.pointwise = PointwiseOps(
        fuse(op.self_attention_input), fuse(op.cross_attention_input), fuse(op.feed_forward_input), fuse(op.gated_sum)
    )
