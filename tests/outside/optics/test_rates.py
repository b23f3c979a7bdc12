"""A short slice of rates.py: every aim, with few holds. From a simulator, not a camera."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.outside.optics.rates import SCENES, Scene, code_named, measured

HOLDS = 2
AIMED = [(scene, name) for scene in SCENES if scene.aim for name in scene.codes]


@pytest.mark.parametrize(("scene", "name"), AIMED, ids=[f"{scene.name}, {name}" for scene, name in AIMED])
def test_a_code_is_read_within_ten_frames_where_it_is_aimed_at(scene: Scene, name: str) -> None:
    rate = measured(scene, name, HOLDS)
    assert (rate.ten_frames, rate.other_words) == (HOLDS, 0)


@pytest.mark.parametrize(
    ("name", "version", "level"),
    [("words V20-L", 20, "L"), ("words V25-L", 25, "L"), ("words V20-M", 20, "M"), ("health card V22", 22, "L"),
     ("moving V25-L", 25, "L")],
)  # fmt: skip
def test_a_code_is_of_the_version_and_level_it_is_named_for(name: str, version: int, level: str) -> None:
    drawing = code_named(name).drawing
    assert (drawing.version, drawing.level) == (version, level)


def test_the_retry_step_reads_frames_at_720p_that_the_first_pass_does_not() -> None:
    [scene] = [scene for scene in SCENES if scene.name == "screen, 720p, 20 cm, typical"]
    rate = measured(scene, "moving V25-L", 5)
    assert rate.one_pass < rate.one_frame


def test_zbar_reads_cards_held_at_an_angle_that_it_loses_in_one_pass() -> None:
    rate = measured(SCENES[0], "words V20-L", 4, "zbar")
    assert rate.one_pass < rate.ten_frames == 4


def test_a_code_too_far_away_is_not_read_and_the_aim_counts_as_missed() -> None:
    rate = measured(replace(SCENES[0], distance=900), "words V25-L", 1)
    assert (rate.one_frame, rate.ten_frames, rate.other_words, rate.reached) == (0, 0, 0, False)
    assert rate.pixels_per_module < 1
