"""What both painters know of a scene: depth, reflections, shadows, and where cut-outs, sheets and curtains lie."""

from dataclasses import replace

import numpy as np
import pytest

from yozora.world import particles, staging
from yozora.world.cameras import CAMERAS
from yozora.world.light import light_of
from yozora.world.scene import Actor, Scene
from yozora.world.stages import GROUND
from yozora.world.view import View, view
from yozora.world.weathers import WEATHERS

SECONDS = np.arange(5, dtype=np.float32) / 2
NEAR = Actor(noun="dog", action="walk", direction="right", x=0.3, y=GROUND["park"] + 0.06, height=0.4, speed=0.2)
FAR = replace(NEAR, noun="woman", y=GROUND["park"] + 0.01)
SCENE = Scene(seed=6, place="park", actors=(NEAR, FAR))


def seen(scene: Scene) -> View:
    return view(scene, 160, 90, SECONDS)


def roles(scene: Scene) -> list[staging.Role]:
    return staging.roles(scene, seen(scene), SECONDS)


def test_who_stands_farther_up_is_farther_away() -> None:
    order, depth_A = staging.order(roles(SCENE))
    assert order == [1, 0]
    assert depth_A.tolist() == [1, 0]


def test_who_stands_on_somebody_comes_after_him_and_who_flies_before_those_on_the_ground() -> None:
    assert staging.order(roles(replace(SCENE, actors=(FAR, NEAR), relation="on top of")))[0] == [1, 0]
    assert staging.order(roles(replace(SCENE, actors=(FAR, replace(NEAR, action="fly")))))[0] == [1, 0]


def test_people_have_variants_and_who_is_alike_has_the_same() -> None:
    crowd = replace(SCENE, actors=(FAR, FAR, FAR), count=2)
    assert [role.variant for role in roles(crowd)] == [2, 2, (6 // 4 + 2) % 4]
    assert roles(SCENE)[0].variant == 0


@pytest.mark.parametrize("camera", CAMERAS)
def test_matrices_to_pixels_are_those_to_the_world_and_then_the_cameras(camera: str) -> None:
    scene = replace(SCENE, camera=camera)
    for role in roles(scene):
        for frame, (k, bx, by) in enumerate(seen(scene).places(1.0)):
            foot = k * role.motion.matrix_T23[frame, :, 2] + (bx, by)
            assert np.allclose(role.matrix_T23[frame, :, 2], foot, atol=1e-4)
            assert np.allclose(role.matrix_T23[frame, :, :2], k * role.motion.matrix_T23[frame, :, :2], atol=1e-4)


def test_the_sea_and_wet_streets_mirror() -> None:
    assert staging.mirror(replace(SCENE, place="sea")) == staging.WATER
    assert staging.mirror(replace(SCENE, place="city", weather="rain")) == staging.WET
    assert staging.mirror(replace(SCENE, place="city")) == staging.mirror(SCENE) == 0.0


def test_a_reflection_stands_on_its_head_below_the_feet() -> None:
    scene = replace(SCENE, place="sea", actors=(replace(NEAR, action="stand", direction="none"),))
    (role,), near_T3 = roles(scene), seen(scene).places(1.0)
    matrix_T23, seen_T = staging.mirrored(role, near_T3)
    ground_T = near_T3[:, 0] * role.motion.ground_T2[:, 1] + near_T3[:, 2]
    for point in ((0.0, 0.0, 1.0), (0.2, -0.7, 1.0)):
        upright, reflected = role.matrix_T23 @ np.array(point), matrix_T23 @ np.array(point)
        assert np.allclose(upright[:, 0], reflected[:, 0])
        assert np.allclose(upright[:, 1] + reflected[:, 1], 2 * ground_T, atol=1e-3)
    assert seen_T.all()
    flying = replace(scene, actors=(replace(NEAR, action="fly", y=0.3),))
    assert not staging.mirrored(roles(flying)[0], near_T3)[1].any()


def test_shadows_fall_on_land_and_fade_with_height() -> None:
    light, near_T3 = light_of("day", "clear"), seen(SCENE).places(1.0)
    low, high = roles(replace(SCENE, actors=(NEAR, replace(NEAR, action="fly", y=0.5))))
    near, far = (staging.shadow(SCENE, light, role, 0.8, near_T3) for role in (low, high))
    assert near is not None
    assert far is not None
    assert (near[:, 3] > far[:, 3]).all()
    assert (staging.shaded(near, seen(SCENE))[:, 1] > staging.shaded(near, seen(SCENE))[:, 0]).all()
    assert staging.shadow(replace(SCENE, place="sea"), light, low, 0.8, near_T3) is None
    swimmer = roles(replace(SCENE, actors=(replace(NEAR, action="swim"),)))[0]
    assert staging.shadow(SCENE, light, swimmer, 0.8, near_T3) is None


def test_the_map_of_a_cut_out_leads_back_from_its_pixels() -> None:
    geometry_T5 = np.tile(np.array((50.0, 40.0, 20.0, 45.0, 40.0)), (len(SECONDS), 1))
    role = roles(SCENE)[0]
    map_T6, bounds_T4 = staging.laid(geometry_T5, role.matrix_T23, seen(SCENE))
    u, v = 0.25, -0.5
    for frame, (a, b, c, d, e, f) in enumerate(map_T6):
        col, row = role.matrix_T23[frame] @ np.array((u, v, 1.0)) - 0.5  # of the pixel with that middle
        assert a * col + b * row + c == pytest.approx(u * 40 + 20 - 0.5, abs=1e-2)
        assert d * col + e * row + f == pytest.approx(v * 40 + 45 - 0.5, abs=1e-2)
        x0, x1, y0, y1 = bounds_T4[frame]
        assert x0 <= col < x1
        assert y0 <= row < y1


def test_flakes_are_dimmed_at_night_and_fog_has_the_colour_of_the_haze() -> None:
    (flakes, _), (mist, _) = WEATHERS["snow"].falling, WEATHERS["fog"].falling
    assert staging.curtain_color(flakes, light_of("day", "snow")) == flakes.color
    assert max(staging.curtain_color(flakes, light_of("night", "snow"))) < 0.9
    assert staging.curtain_color(mist, light_of("night", "fog")) == light_of("night", "fog").haze


def test_single_drops_are_what_a_veil_has_where_it_has_anything() -> None:
    for kind in ("snow", "rain"):
        for curtain in WEATHERS[kind].falling:
            for at in ((0.0, 0.0), (3.25, 17.5), (41.9, 2.0)):
                pixels_K, cover_K = particles.drops(curtain, 5, 43, at, (60, 100))
                cover_HW = np.zeros((60, 100))
                cover_HW.reshape(-1)[pixels_K] = cover_K
                assert np.allclose(cover_HW, particles.veil(curtain, 5, 43, at, (60, 100)), atol=1e-6)
                assert len(set(pixels_K.tolist())) == len(pixels_K)
