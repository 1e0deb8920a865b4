"""Names translate both ways, strictly."""

import pytest
import torch
from tests.weights.checkpoints import toys

from yozora.errors import UserError
from yozora.weights.checkpoints.names import first, inverse, rename, section, translated
from yozora.weights.checkpoints.tables import NATIVE_TO_DIFFUSERS, KeyTable


def test_names_translate_both_ways_and_strictly() -> None:
    table: KeyTable = (("a.*.b.*", "x.*.*"), ("c", "d"))
    one, two = torch.ones(1), torch.zeros(1)
    there = rename({"a.3.b.weight": one, "c": two}, table)
    assert there == {"x.3.weight": one, "d": two}
    assert rename(there, inverse(table)) == {"a.3.b.weight": one, "c": two}
    with pytest.raises(UserError, match=r"a\.3\.weight"):
        rename({"a.3.weight": one}, table)
    with pytest.raises(UserError, match="two tensors"):
        rename({"c": one, "e": two}, (*table, ("e", "d")))


@pytest.mark.parametrize("kind", toys.KINDS)
def test_the_table_is_a_bijection(kind: str) -> None:
    theirs = toys.transformer(kind).state_dict()
    there = rename(theirs, inverse(NATIVE_TO_DIFFUSERS))
    assert rename(there, NATIVE_TO_DIFFUSERS).keys() == theirs.keys()


def test_prefixes_come_off_where_all_names_have_them() -> None:
    one = torch.ones(1)
    assert section({"model.diffusion_model.head.head.bias": one, "scaled_fp8": one}, "transformer").keys() == {
        "head.head.bias",
        "scaled_fp8",
    }
    assert section({"model.a": one, "b": one}, "transformer").keys() == {"model.a", "b"}
    assert section({"vae.conv1.bias": one, "model.diffusion_model.b": one}, "autoencoder").keys() == {"conv1.bias"}


def test_tensors_that_nothing_needs_are_left_out() -> None:
    """diffusers' published I2V weights have them."""
    spare = {"blocks.0.attn2.norm_added_q.weight": torch.ones(1), "blocks.0.attn2.norm_q.weight": torch.ones(1)}
    assert translated(section(spare, "transformer"), "transformer")[0].keys() == {"blocks.0.cross_attn.norm_q.weight"}


def test_a_name_that_appears_twice_is_refused() -> None:
    one = torch.ones(1)
    with pytest.raises(UserError, match=r"Two tensors are named a\.b"):
        section({"a.b": one, "a._orig_mod.b": one}, "transformer")


def test_long_lists_are_cut() -> None:
    assert first("dcba") == "a, b, c and 1 more"
    assert first(["a"]) == "a"
