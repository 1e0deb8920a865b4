"""Styles: one entry each; a new one is shown by both renderers."""

import sys
from types import ModuleType

import numpy as np
import pytest

from yozora.world.finishes import canvas_size
from yozora.world.render import render
from yozora.world.scene import Actor, Scene
from yozora.world.styles import STYLES, Edge, Style
from yozora.world.torch_render import render_batch

DOG = Actor(noun="dog", x=0.5, y=0.88, height=0.4)
EDGE = Edge(width=0.008, color=(0.1, 0.1, 0.4), alpha=0.9, shadow=0.1)


def test_edges_are_thin_and_numbers_are_shares() -> None:
    for style in STYLES.values():
        assert 0 < style.edge.width < 0.02
        assert all(0 <= share <= 1 for share in (*style.edge.color, style.edge.alpha, style.edge.shadow))
    assert [name for name, style in STYLES.items() if style.grey] == ["noir"]


def test_only_pixels_are_drawn_small() -> None:
    assert canvas_size("pixel", 160, 96) == (80, 48)
    assert canvas_size("pixel", 64, 36) == (64, 36)
    assert all(canvas_size(name, 160, 96) == (160, 96) for name in STYLES if name != "pixel")


def test_a_new_style_is_shown_alike_by_both_renderers(monkeypatch: pytest.MonkeyPatch) -> None:
    """It names one function, for a frame; the renderer of many frames takes that."""
    cold = ModuleType("cold")
    cold.__dict__["blueprint"] = lambda image_3HW, seed, frame: image_3HW[::-1] * np.float32(0.5)
    monkeypatch.setitem(sys.modules, "cold", cold)
    monkeypatch.setitem(STYLES, "blueprint", Style(edge=EDGE, finish="cold:blueprint"))
    monkeypatch.setitem(STYLES, "unfinished", Style(edge=EDGE))
    scene, plain = (Scene(seed=4, place="park", style=name, actors=(DOG,)) for name in ("blueprint", "unfinished"))
    size = {"width": 96, "height": 54, "frames": 2, "fps": 1.0}
    film, before = (render(each, **size).frames_THWC.astype(int) for each in (scene, plain))  # type: ignore[arg-type] # numbers of four arguments
    assert np.abs(film[..., ::-1] - before / 2).mean() < 0.6
    both = render_batch([scene], **size).frames_BTHWC[0].numpy().astype(int)  # type: ignore[arg-type] # the same
    assert np.abs(film - both).mean() < 0.2
