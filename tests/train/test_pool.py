"""Shelves keep the newest takes, canvases are drawn from them, and what goes wrong while rendering is told."""

import multiprocessing
import time
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import Tensor

from yozora.core.canvas import blank, paste, patchify, say, unpatchify
from yozora.core.windows import cut
from yozora.errors import UserError
from yozora.families.presets import CHARACTER_AT, OPENING_AT
from yozora.model.codec import FLOW, KeyframeCodec
from yozora.model.text import TextEncoder
from yozora.train.canvases import Canvases, painted, without_flow
from yozora.train.pool import Kind, Pool, Sample, Shelf, sample
from yozora.train.recipes import smoke
from yozora.train.takes import NO_ACTOR, Chunk, Takes, TakesRecipe, stream
from yozora.train.tasks import PAINTERS
from yozora.train.transformer import seen

Z, L, D = 12, 3, 4
EMPTY = torch.full((L, D), -1.0)
RECIPE = replace(smoke().takes, frames=17, sizes=((64, 64), (128, 32)), size_weights=(3.0, 1.0))
G, N = 16, 5


def a_chunk(film: bool, size: int, rows: int, value: float, who: tuple[int, int] = (0, 0)) -> Chunk:
    """Takes whose every number is `value`; a film's latent frames differ, and so do its captions."""
    frames, captions = N if film else 1, 3
    width, height = RECIPE.sizes[size]
    latents = torch.full((rows, Z, frames, height // 8, width // 8), value)
    latents += torch.arange(frames).view(-1, 1, 1) / 100
    said = value + torch.arange(captions).view(1, -1, 1, 1).expand(rows, -1, L, D) / 10
    return Chunk(
        film=film,
        size=size,
        video=latents.half(),
        marks_RN3G=torch.full((rows, frames, 3, G), int(value), dtype=torch.int16),
        place_RN6G=torch.full((rows, frames, 6, G), value).half(),
        text_RKLD=said.half(),
        who=(who,) * rows,
    )


def a_pool(chunks: Iterator[Chunk], room: tuple[int, int] = (40, 20), uses: float = 0.0) -> Pool:
    torch.manual_seed(0)
    return Pool(RECIPE, chunks, KeyframeCodec(smoke().codec.config), room, uses=uses)


def endless() -> Iterator[Chunk]:
    value = 0
    while True:
        value += 1
        yield a_chunk(value % 2 == 0, value // 2 % 2, 4, float(value % 100), who=(value % 3, value % 3))


# --- shelves


def test_the_oldest_rows_make_room_for_new_ones() -> None:
    shelf = Shelf(5)
    for value, count in ((1, 2), (2, 4), (3, 5), (4, 5)):
        shelf.put({"x": torch.full((2, 1), value)}, ((value, value),) * 2)
        assert shelf.count == count
    assert shelf.rows["x"].flatten().tolist() == [3, 4, 4, 2, 3]
    assert shelf.who == [(k, k) for k in (3, 4, 4, 2, 3)]
    shelf.put({"x": torch.arange(10, 17)[:, None]}, tuple((k, k) for k in range(10, 17)))
    assert shelf.count == 5
    assert sorted(shelf.rows["x"].flatten().tolist()) == [12, 13, 14, 15, 16]
    assert shelf.who == [(k, k) for k in shelf.rows["x"].flatten().tolist()]


def test_room_is_shared_by_the_weights_of_the_sizes() -> None:
    pool = a_pool(endless())
    rooms = {kind: shelf.room for kind, shelf in pool.shelves.items()}
    assert rooms == {(False, 0): 30, (False, 1): 10, (True, 0): 15, (True, 1): 5}
    assert a_pool(endless(), room=(1, 1)).shelves[True, 1].room == 1


def test_without_a_thread_takes_are_made_when_they_are_needed() -> None:
    pool = a_pool(endless())
    pool.wait({(False, 0): 1})
    before = pool.taken
    pool.wait({(False, 0): 1})
    assert pool.taken == before
    pool.wait({(True, 1): 6, (False, 0): 9})
    assert pool.shelves[True, 1].count == 5, "there is no room for more"
    assert pool.shelves[False, 0].count >= 9


def test_with_a_thread_takes_come_by_themselves_until_it_is_stopped() -> None:
    def slowly() -> Iterator[Chunk]:
        for chunk in endless():
            time.sleep(0.01)
            yield chunk

    pool = a_pool(slowly())
    pool.start()
    pool.wait({(False, 0): 4, (True, 1): 4})
    taken = pool.taken
    until = time.monotonic() + 10
    while pool.taken == taken and time.monotonic() < until:
        time.sleep(0.01)
    assert pool.taken > taken
    pool.stop()
    taken = pool.taken
    time.sleep(0.1)
    assert pool.taken == taken
    pool.check()


def test_rendering_waits_until_takes_have_been_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("yozora.train.pool.AHEAD", 8)

    def settled() -> int:
        """Takes that there are once no more come."""
        before = -1
        while before != pool.taken:
            before = pool.taken
            time.sleep(0.2)
        return before

    def use(takes: int) -> None:
        """Of every kind."""
        for kind in pool.shelves:
            sample(pool, kind, takes, np.random.default_rng(0), EMPTY, 0.0)

    pool = a_pool(endless(), uses=3.0)
    pool.start()
    assert settled() == 4 * 12, "of each of the four kinds more than 8"
    use(3 * 3)
    assert settled() == 4 * 12, "those ahead have not been used"
    use(3 * 3)
    assert settled() > 4 * 12
    pool.stop()


@pytest.mark.parametrize("thread", [False, True], ids=["alone", "thread"])
def test_what_goes_wrong_while_rendering_is_told(thread: bool) -> None:
    def broken() -> Iterator[Chunk]:
        yield a_chunk(False, 0, 4, 1.0)
        raise RuntimeError("the atlas is gone")

    pool = a_pool(broken())
    if not thread:
        with pytest.raises(RuntimeError, match="the atlas is gone"):
            pool.wait({(False, 0): 8})
        return
    pool.start()
    with pytest.raises(UserError, match=r"The rendering of takes has stopped\.") as told:
        pool.wait({(False, 0): 8})
    assert told.value.hint == "the atlas is gone"
    with pytest.raises(UserError, match=r"The rendering of takes has stopped\."):
        pool.check()
    pool.stop()


def test_a_process_renders_until_the_pool_is_stopped() -> None:
    torch.manual_seed(0)
    text, codec = TextEncoder(smoke().text.config).eval(), KeyframeCodec(smoke().codec.config).eval()
    takes = Takes(
        replace(smoke().takes, workers=1, stills=0.7), text.requires_grad_(False), codec.requires_grad_(False)
    )
    pool = Pool(takes.recipe, stream(takes), codec, (64, 8))
    processes = multiprocessing.active_children()
    assert len(processes) == 1
    pool.start()
    pool.wait({(False, 0): 40, (True, 0): 2})
    found, _ = sample(pool, (False, 0), 8, np.random.default_rng(0), text([""])[0], drop=0.0)
    assert found.tokens_RNC.shape == (8, 16, 48)
    assert found.tokens_RNC.isfinite().all()
    assert found.tokens_RNC.std() > 0
    pool.stop()
    processes[0].join(timeout=20)
    assert not processes[0].is_alive()
    pool.check()


# --- samples


def test_rows_of_a_sample_belong_together() -> None:
    pool = a_pool(endless())
    pool.wait({(True, 1): 4, (False, 0): 30})
    found, numbers = sample(pool, (True, 1), 6, np.random.default_rng(0), EMPTY, drop=0.0)
    assert found.grid == (5, 2, 8)
    assert found.tokens_RNC.shape == (6, N * G, 4 * Z)
    assert found.noun_RN.shape == found.color_RN.shape == found.cover_RN.shape == (6, N * G)
    assert found.place_RN6.shape == (6, N * G, 6)
    assert found.text_RLD.shape == (6, L, D)
    assert len(numbers) == 6
    found, numbers = sample(pool, (False, 0), 12, np.random.default_rng(0), EMPTY, drop=0.0)
    assert len(set(numbers)) > 3
    value_R = found.tokens_RNC[:, 0, 0]
    assert len(value_R.unique()) > 1
    for row, value in enumerate(value_R.tolist()):
        assert set(found.noun_RN[row].tolist()) == {int(value)}
        assert found.cover_RN[row].tolist() == pytest.approx([value / 255] * G)
        assert (found.place_RN6[row] == value).all()
        assert float(found.text_RLD[row, 0, 0]) - value == pytest.approx(0.0, abs=0.15)


def test_the_caption_is_one_of_the_first_two_or_the_one_asked_for_or_empty() -> None:
    pool = a_pool(iter([a_chunk(True, 0, 8, 0.0)]))
    pool.wait({(True, 0): 8})

    def captions(drop: float, caption: int | None = None) -> set[float]:
        found, _ = sample(pool, (True, 0), 60, np.random.default_rng(0), EMPTY, drop, caption)
        return {round(value, 2) for value in found.text_RLD[:, 0, 0].tolist()}

    assert captions(0.0) == {0.0, 0.1}
    assert captions(0.0, caption=-1) == {0.2}
    assert captions(0.3) == {0.0, 0.1, -1.0}
    assert captions(1.0, caption=-1) == {-1.0}


def test_a_first_still_says_where_its_tokens_lie() -> None:
    """Tokens are those that a canvas makes of the latents."""
    latents = torch.randn(2, Z, N, 8, 8).half()
    pool = a_pool(iter([replace(a_chunk(True, 0, 2, 0.0), video=latents)]))
    pool.wait({(True, 0): 2})
    found, (number,) = sample(pool, (True, 0), 1, np.random.default_rng(0), EMPTY, 0.0)
    assert torch.equal(found.tokens_RNC[0], patchify(latents[number].float()))


# --- canvases


@pytest.fixture(scope="module")
def pool() -> Pool:
    made = a_pool(endless())
    made.wait(Canvases(frames=10, stills=0.5).needs(made, 8))
    return made


def kind_of(found: Sample) -> str:
    if found.grid[0] == 1:
        return "hero's still" if found.beside else "still"
    if found.beside:
        return "hero" if found.beside[0][0] == CHARACTER_AT else "opening"
    return "window" if found.start else "film"


def test_canvases_are_drawn_in_the_shares_that_they_are_asked_for(pool: Pool) -> None:
    canvases = Canvases(frames=10, stills=0.2, windows=0.25, openings=0.25, characters=0.25)
    rng, found = np.random.default_rng(0), []
    for _ in range(400):
        drawn, strength_RN = canvases.draw(pool, rng, EMPTY)
        R, frames = len(drawn.tokens_RNC), drawn.grid[0]
        assert strength_RN.shape == drawn.noun_RN.shape == (R, frames * G)
        assert drawn.tokens_RNC.shape == (R, frames * G, 4 * Z)
        assert drawn.place_RN6.shape == (R, frames * G, 6)
        assert R * (frames + len(drawn.beside)) <= 10
        frames_RTG = strength_RN.unflatten(1, (frames, G))
        assert torch.equal(frames_RTG, frames_RTG[..., :1].expand_as(frames_RTG)), "a frame is known or it is not"
        assert (strength_RN.amax(1) == 1).all(), "something is left to invent"
        lengths = {"still": 1, "hero's still": 1, "film": 5, "hero": 5, "window": 4, "opening": 4}
        assert frames == lengths[kind_of(drawn)]
        found.append(kind_of(drawn))
    shares = {kind: found.count(kind) / len(found) for kind in set(found)}
    wanted = {"still": 0.15, "hero's still": 0.05} | dict.fromkeys(("window", "opening", "hero", "film"), 0.2)
    assert shares == pytest.approx(wanted, abs=0.06)


def test_only_what_is_drawn_is_waited_for(pool: Pool) -> None:
    assert set(Canvases(frames=8).needs(pool, 3)) == {(False, 0), (False, 1)}
    assert set(Canvases(frames=8, stills=0.0).needs(pool, 3)) == {(True, 0), (True, 1)}
    assert set(Canvases(frames=8, stills=0.5).needs(pool, 3)) == {(True, 0), (True, 1)}  # stills come when they come


@pytest.mark.parametrize("film", [False, True])
def test_a_take_is_shown_another_still_of_its_first_actor(film: bool) -> None:
    def of(who: tuple[int, int], value: float) -> Chunk:
        return a_chunk(film, 0, 2, value, who)

    pool = a_pool(iter([of((1, 1), 1.0), of((2, 1), 2.0), of((1, 1), 1.5), of(NO_ACTOR, 4.0), of(NO_ACTOR, 5.0)]))
    pool.wait({(film, 0): 10})
    canvases = Canvases(frames=60, stills=1.0 - film, windows=0.0, openings=0.0, characters=1.0, drop=0.0, unmoved=0.0)
    recipe = replace(pool.recipe, size_weights=(1.0, 0.0))
    pool.recipe = recipe
    drawn, _ = canvases.draw(pool, np.random.default_rng(0), EMPTY)
    ((at, character_RGC),) = drawn.beside
    assert at == CHARACTER_AT
    assert character_RGC.shape == (10 if film else 30, G, 4 * Z)
    own = [round(value, 2) for value in drawn.tokens_RNC[:, 0, 0].tolist()]
    theirs = [round(value, 2) for value in character_RGC[:, 0, 0].tolist()]
    alike = {1.0: {1.0, 1.5}, 1.5: {1.0, 1.5}, 2.0: {2.0}}
    assert set(own) == set(alike), "only takes of one actor"
    assert all(still in alike[take] for take, still in zip(own, theirs, strict=True))
    assert any(still != take for take, still in zip(own, theirs, strict=True))
    named = [float(text[0, 0]) - take for text, take in zip(drawn.text_RLD, own, strict=True)]
    assert named == pytest.approx([0.2] * len(own), abs=0.01)


def test_who_looks_like_no_other_is_not_shown_himself() -> None:
    chunks = [a_chunk(True, 0, 1, 1.0, (1, 1)), a_chunk(True, 0, 1, 2.0, (2, 1)), a_chunk(True, 0, 1, 3.0, NO_ACTOR)]
    pool = a_pool(iter([*chunks, chunks[2]]))
    pool.wait({(True, 0): 4})
    pool.recipe = replace(pool.recipe, size_weights=(1.0, 0.0))
    drawn, _ = Canvases(frames=60, stills=0.0, characters=1.0).draw(pool, np.random.default_rng(0), EMPTY)
    assert drawn.beside == ()
    assert len(drawn.tokens_RNC) == 12


def test_a_window_is_shown_to_the_model_as_films_are_made() -> None:
    """Tokens and positions of a later window are those that `windows.cut` makes of a film."""
    latents = torch.randn(1, Z, N, 8, 8).half().float()
    pool = a_pool(iter([replace(a_chunk(True, 0, 1, 0.0), video=latents.half())]))
    pool.wait({(True, 0): 1})
    pool.recipe = replace(pool.recipe, size_weights=(1.0, 0.0))
    canvases = Canvases(frames=5, stills=0.0, windows=0.0, openings=1.0, characters=0.0, unmoved=0.0)
    drawn, strength_RN = canvases.draw(pool, np.random.default_rng(0), EMPTY)
    film = say(paste(blank((20, 4, 4), 4 * Z), latents[0][:, :1]), "a dog")
    film = paste(film, latents[0][:, 1:], at=7)
    window = cut(film, 7, 11, opening=OPENING_AT)
    t_RN = torch.rand(1, 4).repeat_interleave(G, 1) * strength_RN
    x, time, pos = seen(drawn, drawn.tokens_RNC, t_RN)
    assert torch.equal(x[0], window.known_NC)
    assert torch.equal(pos[0], window.pos_N3)
    assert pos[0, -1, 0] == OPENING_AT
    assert torch.equal(time.per_token(5 * G)[:, : 4 * G], t_RN)
    assert (time.per_token(5 * G)[:, 4 * G :] == 0).all()


def test_known_frames_after_the_first_may_come_without_flow() -> None:
    tokens = torch.randn(2, 5 * 4, 4 * Z)
    found = Sample(
        tokens_RNC=tokens,
        noun_RN=torch.zeros(2, 20, dtype=torch.long),
        color_RN=torch.zeros(2, 20, dtype=torch.long),
        cover_RN=torch.zeros(2, 20),
        place_RN6=torch.zeros(2, 20, 6),
        text_RLD=torch.zeros(2, L, D),
        grid=(5, 2, 2),
    )
    strength_RN = torch.tensor([0.0, 0.0, 1.0, 0.5, 0.0]).repeat_interleave(4).expand(2, -1)
    plain = without_flow(found, strength_RN, torch.tensor([True, False])[:, None, None])
    assert torch.equal(plain[1], tokens[1])
    before, after = (unpatchify(x, found.grid) for x in (tokens[0], plain[0]))
    assert torch.equal(after[:-FLOW], before[:-FLOW])
    assert torch.equal(after[-FLOW:, [0, 2, 3]], before[-FLOW:, [0, 2, 3]])
    assert not after[-FLOW:, [1, 4]].any()


def test_painted_canvases_are_the_same_every_time_and_in_their_shares() -> None:
    table = painted((5, 2, 2), tuple(PAINTERS.items()))
    frames = table.unflatten(1, (5, 4))
    assert torch.equal(frames, frames[..., :1].expand_as(frames))
    assert set(frames.unique().tolist()) == {0.0, 1.0}
    patterns = [tuple(row) for row in frames[..., 0].int().tolist()]
    assert patterns.count((1, 1, 1, 1, 1)) / len(patterns) == pytest.approx(0.25, abs=0.06)
    assert patterns.count((0, 1, 1, 1, 1)) / len(patterns) == pytest.approx(0.47 + 0.13 / 4, abs=0.08)
    painted.cache_clear()
    assert torch.equal(painted((5, 2, 2), tuple(PAINTERS.items())), table)


def test_pools_of_other_recipes_have_other_kinds() -> None:
    kinds: list[Kind] = [(False, 0), (True, 0)]
    recipe: TakesRecipe = smoke().takes
    assert list(Pool(recipe, iter([]), KeyframeCodec(smoke().codec.config), (4, 4)).shelves) == kinds


def test_empty_text_is_that_of_the_empty_prompt(pool: Pool) -> None:
    found, _ = sample(pool, (False, 0), 5, np.random.default_rng(0), EMPTY, drop=1.0)
    expected: Tensor = EMPTY.expand(5, -1, -1)
    assert torch.equal(found.text_RLD, expected)
