"""What the transformer is shown of a canvas, and how its errors count."""

import pytest
import torch

from yozora.core.canvas import blank
from yozora.families.presets import CHARACTER_AT, OPENING_AT
from yozora.train.pool import Sample
from yozora.train.recipes import smoke
from yozora.train.takes import NOUN_NAMES, PLACE
from yozora.train.transformer import SAMPLE_PROMPTS, Student, kind_of, seen, student, weighted
from yozora.world.scene import COLORS

R, C = 2, 16


def a_sample(grid: tuple[int, int, int] = (3, 2, 2), start: float = 0.0, beside: tuple[float, ...] = ()) -> Sample:
    N, G = grid[0] * grid[1] * grid[2], grid[1] * grid[2]
    return Sample(
        tokens_RNC=torch.randn(R, N, C),
        noun_RN=torch.zeros(R, N, dtype=torch.long),
        color_RN=torch.zeros(R, N, dtype=torch.long),
        cover_RN=torch.zeros(R, N),
        place_RN6=torch.zeros(R, N, 6),
        text_RLD=torch.zeros(R, 4, 8),
        grid=grid,
        start=start,
        beside=tuple((at, torch.full((R, G, C), at)) for at in beside),
    )


def test_errors_count_by_their_weights() -> None:
    error, weight = torch.tensor([[1.0, 3.0]]), torch.tensor([[1.0, 3.0]])
    assert weighted(error, weight) == pytest.approx((1 + 9) / 4)
    assert weighted(error, torch.zeros(1, 2)) == 0
    assert weighted(error, torch.tensor([[0.0, 0.5]])) == pytest.approx(1.5)  # never divided by less than one


def test_takes_are_called_what_they_are() -> None:
    assert kind_of(a_sample((1, 2, 2))) == "still"
    assert kind_of(a_sample((3, 2, 2))) == "film"


@pytest.mark.parametrize("start", [0.0, 1.0])
def test_every_latent_frame_has_its_time_and_place(start: float) -> None:
    sample = a_sample(start=start)
    t_RN = torch.rand(R, 3).repeat_interleave(4, dim=1)
    noisy_RNC, time, pos_1N3 = seen(sample, sample.tokens_RNC, t_RN)
    assert torch.equal(noisy_RNC, sample.tokens_RNC)
    assert torch.equal(time.values_U[time.index_BN].reshape(R, -1), t_RN[:, ::4])
    assert torch.equal(pos_1N3[0], blank((3, 2, 2), 1, start=start).pos_N3)


@pytest.mark.parametrize("beside", [(CHARACTER_AT,), (OPENING_AT,), (OPENING_AT, CHARACTER_AT)])
def test_what_is_beside_a_film_comes_after_it_at_rest(beside: tuple[float, ...]) -> None:
    sample = a_sample(beside=beside)
    noisy_RNC, time, pos_1N3 = seen(sample, sample.tokens_RNC, torch.ones(R, 12))
    assert noisy_RNC.shape == (R, 12 + 4 * len(beside), C)
    for place, at in enumerate(beside):
        part = slice(12 + 4 * place, 16 + 4 * place)
        assert (noisy_RNC[:, part] == at).all()
        assert torch.equal(pos_1N3[0, part], blank((1, 2, 2), 1, start=at).pos_N3)
    times = time.values_U[time.index_BN].reshape(R, -1)
    assert (times[:, :3] == 1).all()
    assert (times[:, 3:] == 0).all()


def test_a_student_reads_the_truth_half_way() -> None:
    config = smoke().transformer
    model = Student(config)
    x_RND = torch.randn(R, 5, config.dim)
    assert model.noun(x_RND).shape == (R, 5, len(NOUN_NAMES) + 1)
    assert model.color(x_RND).shape == (R, 5, len(COLORS) + 2)
    assert model.place(x_RND).shape == (R, 5, PLACE)
    assert student(model) is model
    with pytest.raises(AssertionError):
        student(model.dit)


def test_samples_are_asked_for_in_different_words_and_languages() -> None:
    assert len(set(SAMPLE_PROMPTS)) == len(SAMPLE_PROMPTS) >= 8
    assert any(not text.isascii() for text in SAMPLE_PROMPTS)
