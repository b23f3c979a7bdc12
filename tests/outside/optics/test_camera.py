"""The simulated camera keeps to geometry and light, and is the same in every run."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import zxingcpp
from PIL import Image, ImageStat

from tests.outside.optics.camera import DIM, PHONE_720, PHONE_1080, TYPICAL, Camera, Conditions, Hold, hold, photograph
from tests.outside.optics.rates import PAPER_SIDE, code_named
from tests.outside.optics.surface import SMUDGED_PART, creased, on_paper, on_screen, smudged

STRAIGHT = Hold(200.0, (0.0, 0.0, 0.0), (0.0, 0.0), None)
CLEAR = replace(TYPICAL, motion_pixels=(0, 0), defocus_pixels=(0.5, 0.5), glare=0, light=(1, 1))


def seen(seed: int, conditions: Conditions = CLEAR, camera: Camera = PHONE_1080, held: Hold = STRAIGHT) -> Image.Image:
    return photograph(
        np.random.default_rng(seed), on_screen(code_named("words V20-L").drawing), camera, conditions, held
    )


def test_the_same_seed_gives_the_same_frame_and_another_another() -> None:
    assert seen(1).tobytes() == seen(1).tobytes() != seen(2).tobytes()


@pytest.mark.parametrize(("camera", "distance"), [(PHONE_1080, 200.0), (PHONE_1080, 300.0), (PHONE_720, 120.0)])
def test_a_code_is_as_large_in_the_frame_as_its_distance_says(camera: Camera, distance: float) -> None:
    surface = on_screen(code_named("words V20-L").drawing)
    [code] = zxingcpp.read_barcodes(seen(3, camera=camera, held=replace(STRAIGHT, distance=distance)))
    corner = code.position
    wide = np.hypot(corner.top_right.x - corner.top_left.x, corner.top_right.y - corner.top_left.y)
    focal = camera.width / 2 / np.tan(np.radians(69 / 2))
    assert wide == pytest.approx(focal * 97 * surface.module / distance, rel=0.05)


def test_little_light_is_noise_and_blur_takes_the_edges() -> None:
    def roughness(conditions: Conditions) -> float:
        middle = np.asarray(seen(4, conditions).crop((800, 400, 1100, 700)), np.float64)
        return float(np.abs(np.diff(middle, axis=1)).mean())

    blurred = roughness(replace(CLEAR, defocus_pixels=(3, 3)))
    assert blurred < roughness(CLEAR) / 2
    assert roughness(replace(CLEAR, light=DIM.light, defocus_pixels=(3, 3))) > 1.5 * blurred


def test_glare_is_brighter_than_the_code_around_it() -> None:
    spot = seen(5, held=replace(STRAIGHT, glare_at=(0.0, 0.0))).crop((930, 510, 990, 570))
    assert ImageStat.Stat(spot).mean[0] > ImageStat.Stat(seen(5).crop((930, 510, 990, 570))).mean[0] + 30


def test_a_hold_stays_within_its_conditions() -> None:
    holds = [hold(np.random.default_rng(seed), TYPICAL, 200) for seed in range(200)]
    assert all(186 <= held.distance <= 214 for held in holds)
    assert np.degrees(max(abs(turn) for held in holds for turn in held.turned[:2])) == pytest.approx(18, abs=0.5)
    assert 60 <= sum(held.glare_at is not None for held in holds) <= 100


def test_a_smudge_is_over_a_tenth_of_the_code_and_a_crease_across_it() -> None:
    paper = on_paper(code_named("words V20-M").drawing, PAPER_SIDE)
    clean = np.asarray(paper.texture, np.float64)
    parts, folds = [], []
    for seed in range(20):
        changed = np.abs(np.asarray(smudged(np.random.default_rng(seed), paper).texture, np.float64) - clean) > 12
        parts.append(changed.mean() * (105 / 97) ** 2)
        folded = np.asarray(creased(np.random.default_rng(seed), paper).texture, np.float64)
        folds.append(((folded - clean) > 60).mean())
    assert np.mean(parts) == pytest.approx(SMUDGED_PART, abs=0.03)
    assert 0.002 < min(folds) < max(folds) < 0.05
