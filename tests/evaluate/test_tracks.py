from dataclasses import replace

import numpy as np
import pytest

from yozora.evaluate.tracks import TrackedFigures, count_of, follow, kinds_of, mean_of, melting, path_of, proper

CAT, DOG = (0.9, 0.1), (0.1, 0.9)
Seen = tuple[int, float, float, tuple[float, float], float]


def figures(frames: int, *seen: Seen) -> TrackedFigures:
    """Figures of (frame, x, size, noun, melted)."""
    return TrackedFigures(
        frames=frames,
        frame_N=np.array([frame for frame, *_ in seen]),
        box_N4=np.array([(x, 0.5, size, size) for _, x, size, *_ in seen], np.float32),
        score_N=np.full(len(seen), 0.9, np.float32),
        noun_NV=np.array([noun for *_, noun, _ in seen], np.float32),
        color_NV=np.array([noun for *_, noun, _ in seen], np.float32),
        melted_N=np.array([melted for *_, melted in seen], np.float32),
    )


def crossing() -> TrackedFigures:
    """A cat that goes right and a dog that goes left, through each other."""
    cat = [(t, 0.2 + 0.15 * t, 0.2, CAT, 0.0) for t in range(5)]
    dog = [(t, 0.8 - 0.15 * t, 0.2, DOG, 0.0) for t in range(5)]
    return figures(5, *cat, *dog)


def test_actors_are_followed_through_each_other() -> None:
    tracks = follow(crossing())
    assert sorted(tracks) == [[0, 1, 2, 3, 4], [5, 6, 7, 8, 9]]


def test_what_is_seen_once_is_no_actor_unless_nobody_else_is() -> None:
    found = figures(5, *((t, 0.5, 0.2, CAT, 0.0) for t in range(5)), (2, 0.1, 0.1, DOG, 0.0))
    assert follow(found) == [[0, 1, 2, 3, 4]]
    assert follow(figures(5, (2, 0.1, 0.1, DOG, 0.0))) == [[0]]


def test_actors_that_look_alike_are_counted_together() -> None:
    found = figures(3, *((t, x, 0.2, CAT, 0.0) for x in (0.2, 0.5, 0.8) for t in range(3)))
    (kind,) = kinds_of(found, follow(found))
    assert count_of(found, kind) == 3
    two = kinds_of(crossing(), follow(crossing()))
    assert [count_of(crossing(), kind) for kind in two] == [1, 1]


def test_the_larger_kind_comes_first() -> None:
    found = figures(2, *((t, 0.3, 0.1, CAT, 0.0) for t in (0, 1)), *((t, 0.7, 0.3, DOG, 0.0) for t in (0, 1)))
    first, _ = kinds_of(found, follow(found))
    assert mean_of(found, first.figures, found.noun_NV).argmax() == 1


def test_a_path_goes_straight_on_where_nothing_was_found() -> None:
    found = figures(4, (0, 0.2, 0.2, CAT, 0.0), (3, 0.5, 0.2, CAT, 0.0))
    path_T4, nearest_T = path_of(found, (0, 1))
    assert path_T4[:, 0].tolist() == pytest.approx([0.2, 0.3, 0.4, 0.5])
    assert nearest_T.tolist() == [0, 0, 1, 1]


def test_parts_of_a_figure_and_scraps_beside_it_are_no_actors() -> None:
    one = figures(
        1, (0, 0.5, 0.4, CAT, 0.1), (0, 0.55, 0.1, CAT, 0.1), (0, 0.45, 0.1, DOG, 0.1), (0, 0.5, 0.1, DOG, 0.9)
    )
    unsure = replace(one, score_N=np.array([0.9, 0.5, 0.5, 0.5], np.float32))
    assert proper(unsure) == [0, 2]
    assert proper(unsure.only([0, 2])) == [0, 1]
    cat, rest = [(t, 0.2, 0.2, CAT, 0.1) for t in range(3)], [(t, 0.8, 0.2, DOG, 0.9) for t in range(3)]
    both = figures(3, *cat, *rest)
    assert len(follow(both)) == 2
    assert follow(replace(both, score_N=np.array([0.9] * 3 + [0.4] * 3, np.float32))) == [[0, 1, 2]]


def test_a_film_is_as_melted_as_its_worst_actor_at_its_worst() -> None:
    whole = [(t, 0.5, 0.2, CAT, 0.05) for t in range(5)]
    once = [*whole[:4], (4, 0.5, 0.2, CAT, 0.9)]
    twice = [*whole[:3], (3, 0.5, 0.2, CAT, 0.9), (4, 0.5, 0.2, CAT, 0.95)]
    beside = [*whole, *((t, 0.1, 0.1, DOG, 0.9) for t in range(5))]
    films = [figures(5, *film) for film in (whole, once, twice, beside)]
    told = [melting(film, kinds_of(film, follow(film))) for film in films]
    assert told[0] < told[1] < 0.5 < min(told[2:])
    few = figures(2, *whole[:1], (1, 0.5, 0.2, CAT, 0.95))
    assert melting(few, kinds_of(few, follow(few))) > 0.9


def test_what_turns_into_something_else_is_more_melted() -> None:
    same = figures(4, *((t, 0.5, 0.2, CAT, 0.4) for t in range(4)))
    other = figures(4, *((t, 0.5, 0.2, CAT if t < 2 else DOG, 0.4) for t in range(4)))
    assert melting(other, kinds_of(other, [[0, 1, 2, 3]])) > melting(same, kinds_of(same, [[0, 1, 2, 3]])) + 0.1
