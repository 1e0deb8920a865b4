"""Attention and rotary positions against their definitions."""

import pytest
import torch
from torch import Tensor

from yozora.model import attention
from yozora.model.attention import (
    BLOCKED,
    MASKED,
    SHORT,
    attend,
    attend_in_blocks,
    attend_reference,
    halves,
    rotate,
    rotation,
)


def draw(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


def heads(seed: int, B: int = 2, N: int = 5, K: int = 3, E: int = 8) -> Tensor:
    return draw(B, N, K, E, seed=seed)


def reference(q: Tensor, k: Tensor, v: Tensor, bias: Tensor | float = 0.0) -> Tensor:
    scores = torch.einsum("bnke,bske->bkns", q.double(), k.double()) * q.shape[-1] ** -0.5 + bias
    return torch.einsum("bkns,bske->bnke", scores.softmax(-1), v.double()).flatten(2)


@pytest.mark.parametrize("grad", [True, False])
@pytest.mark.parametrize("biased", [True, False])
def test_attend_is_softmax_attention_on_both_paths(grad: bool, biased: bool) -> None:
    q, k, v = heads(0, N=5), heads(1, N=7), heads(2, N=7)
    bias = draw(2, 1, 5, 7, seed=3) if biased else None
    with torch.set_grad_enabled(grad):
        out = attend(q, k, v, bias)
    assert out.shape == (2, 5, 24)
    torch.testing.assert_close(out.double(), reference(q, k, v, 0.0 if bias is None else bias), rtol=1e-5, atol=1e-5)


def test_the_plain_path_has_the_gradients_of_the_kernel() -> None:
    bias = draw(2, 1, 1, 7, seed=3)
    gradients = []
    for pad in (0, SHORT):  # beyond SHORT keys the kernel is taken; the added keys are muted
        q, k, v = (heads(i, N=n).requires_grad_() for i, n in enumerate((5, 7, 7)))
        more = torch.nn.functional.pad
        wide = (more(x, (0, 0, 0, 0, 0, pad)) for x in (k, v))
        attend(q, *wide, more(bias, (0, pad), value=MASKED)).square().sum().backward()
        gradients.append([x.grad for x in (q, k, v)])
    torch.testing.assert_close(*gradients, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("sharpness", [1.0, 4.0])
@pytest.mark.parametrize("sizes", [(520, 520, 64), (130, 600, 128)], ids=str)
def test_in_blocks_it_is_nearly_as_exact_as_the_kernel(
    sizes: tuple[int, int, int], sharpness: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    N, S, E = sizes
    generator = torch.Generator().manual_seed(0)
    q = (sharpness * torch.randn(2, N, 3, E, generator=generator)).bfloat16()
    k, v = (torch.randn(2, S, 3, E, generator=generator).bfloat16() for _ in range(2))
    with torch.inference_mode():
        exact = attend(q.double(), k.double(), v.double())
        errors = []
        for block in (attention.BLOCK, 100 * S):  # several heads at once; some queries of a head
            monkeypatch.setattr(attention, "BLOCK", block)
            errors.append(float((attend_in_blocks(q, k, v) - exact).norm() / exact.norm()))
    assert errors[0] < 0.006  # of the kernel: 0.002
    assert errors[1] == pytest.approx(errors[0], rel=0.05)


def test_blocks_are_for_bf16_on_a_cpu_without_gradients(monkeypatch: pytest.MonkeyPatch) -> None:
    used = []
    monkeypatch.setattr(attention, "attend_in_blocks", lambda q, k, v: used.append(q.dtype) or q.flatten(2))
    monkeypatch.setattr(torch.ops.mkldnn, "_is_mkldnn_bf16_supported", lambda: True)
    q = torch.randn(1, BLOCKED.start, 1, 64).bfloat16()
    attend(q, q, q)  # gradients are wanted
    with torch.inference_mode():
        attend(q.float(), q.float(), q.float())
        attend(q, q[:, :64], q[:, :64])
        attend(q, q, q, torch.zeros(1, 1, 1, len(q[0])))
        assert used == []
        attend(q, q, q)
    assert used == [torch.bfloat16]


def test_muted_keys_have_no_influence() -> None:
    q, k, v = heads(0), heads(1, N=7), heads(2, N=7)
    bias = torch.zeros(1, 1, 1, 7)
    bias[..., 4:] = MASKED
    expected = attend_reference(q, k[:, :4], v[:, :4], None)
    torch.testing.assert_close(attend_reference(q, k, v, bias), expected, rtol=1e-5, atol=1e-6)
    with torch.no_grad():
        torch.testing.assert_close(attend(q, k, v, bias), expected, rtol=1e-5, atol=1e-6)


def test_keys_of_one_prompt_serve_a_batch() -> None:
    q, k, v = heads(0, B=2), heads(1, B=1), heads(2, B=1)
    expected = attend(q, k.expand(2, -1, -1, -1), v.expand(2, -1, -1, -1))
    torch.testing.assert_close(attend(q, k, v), expected)


@pytest.mark.parametrize("E", [12, 26, 64, 128])
def test_rotation_turns_neighbouring_features_by_their_angle(E: int) -> None:
    K, D, N = 2, 10, 4
    pos_BN3 = draw(1, N, 3, seed=1) * 20
    x_BND, weight = draw(1, N, D, seed=2), draw(K * E, D, seed=3)
    turned_BNKE = rotate((x_BND @ halves(weight, K).T).unflatten(-1, (K, E)), rotation(pos_BN3, E))

    side = 2 * (E // 6)
    angles = [
        pos_BN3[0, :, axis, None].double() * 10000.0 ** -(torch.arange(0, width, 2).double() / width)
        for axis, width in enumerate((E - 2 * side, side, side))
    ]
    turn_NF = torch.polar(torch.ones(N, E // 2, dtype=torch.float64), torch.cat(angles, dim=-1))
    pairs_BNKF2 = (x_BND @ weight.T).double().unflatten(-1, (K, E // 2, 2)).contiguous()
    expected = torch.view_as_real(torch.view_as_complex(pairs_BNKF2) * turn_NF[None, :, None])
    torch.testing.assert_close(turned_BNKE.double(), expected.transpose(-1, -2).flatten(-2), rtol=1e-4, atol=1e-4)


def test_only_distances_count() -> None:
    E = 64
    q, k = heads(0, E=E), heads(1, E=E)
    pos = draw(2, 5, 3, seed=2) * 5
    scores = []
    for shift in (0.0, torch.tensor([700.25, -3.5, 12.0])):
        rope = rotation(pos + shift, E)
        scores.append(torch.einsum("bnke,bske->bkns", rotate(q, rope), rotate(k, rope)))
    torch.testing.assert_close(*scores, rtol=1e-3, atol=2e-3)
