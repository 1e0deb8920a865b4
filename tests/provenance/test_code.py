"""The numbers that marks carry: they come back through many errors, and are never made up."""

import numpy as np
import pytest

from yozora.provenance import code

NUMBERS = (0, 1, 2**48 - 1, 0x5EED_CAFE_1234)


@pytest.mark.parametrize("number", NUMBERS)
def test_a_number_comes_back(number: int) -> None:
    signs = code.encode(number)
    assert signs.shape == (code.LENGTH,)
    assert set(np.unique(signs)) <= {-1.0, 1.0}
    assert code.decode(signs) == number


def test_one_sign_in_five_may_be_wrong() -> None:
    rng = np.random.default_rng(1)
    signs = code.encode(NUMBERS[3])
    signs[rng.permutation(code.LENGTH)[: code.LENGTH // 5]] *= -1
    assert code.decode(signs) == NUMBERS[3]


def test_soft_values_are_read_in_noise_of_twice_their_power() -> None:
    rng = np.random.default_rng(2)
    read = [code.decode(code.encode(NUMBERS[3]) + rng.normal(0, 1.25, code.LENGTH)) for _ in range(20)]
    assert read.count(NUMBERS[3]) >= 18
    assert set(read) <= {NUMBERS[3], None}


def test_noise_is_no_number() -> None:
    rng = np.random.default_rng(3)
    assert [code.decode(rng.normal(size=code.LENGTH)) for _ in range(100)] == [None] * 100


def test_the_check_is_the_known_one() -> None:
    assert code.checksum(int.from_bytes(b"123456", "big")) == 0x2EF4  # CRC-16/IBM-3740


@pytest.mark.parametrize("number", [-1, 2**48])
def test_a_number_has_48_bits(number: int) -> None:
    with pytest.raises(ValueError, match="48 bits"):
        code.encode(number)
