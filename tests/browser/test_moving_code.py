"""Screen to camera in Chromium: what one window really shows, at its real pace, is filmed and put before another.

Pictures of the old phone's screen are taken while it shows its moving code; a part of them, chosen by a seed, is
spoilt as a camera spoils them that looks while the screen changes (two codes in one picture). The rest is real: both
windows, both journeys, the drawing, Chromium's camera, the reading, the putting together.
"""

from __future__ import annotations

import io
import random
import time
from itertools import pairwise
from pathlib import Path

import pytest
from PIL import Image, ImageChops

from app.qr.scan import read_image
from crypto.frames import read_frame
from tests.browser import camera, running
from tests.browser.harness import LAPTOP, Window, browser

pytestmark = pytest.mark.browser

FILM_FRAMES_A_SECOND = 15
PATIENCE_MS = 60_000


def bytes_of(size: int) -> bytes:
    return random.Random(size).randbytes(size)


def recorded(window: Window, seconds: float) -> list[tuple[float, Image.Image]]:
    """Pictures of the code as fast as they can be taken, each with its time."""
    box = window.reach(window.marked("moving-code"), whole=True).bounding_box()
    assert box is not None
    side = box["height"]
    square = {"x": box["x"] + (box["width"] - side) / 2, "y": box["y"], "width": side, "height": side}
    taken: list[tuple[float, Image.Image]] = []
    begun = time.monotonic()
    while (at := time.monotonic() - begun) < seconds:
        picture = window.page.screenshot(clip=square)  # type: ignore[arg-type]
        taken.append((at, Image.open(io.BytesIO(picture)).convert("RGB")))
    return taken


def filmed(taken: list[tuple[float, Image.Image]], loss: float) -> list[Image.Image]:
    """What a camera beside the screen saw, frame by frame; `loss` of them are two pictures in one."""
    chance = random.Random(11)
    seconds = taken[-1][0] - taken[0][0]
    film: list[Image.Image] = []
    for frame in range(int(seconds * FILM_FRAMES_A_SECOND)):
        at = taken[0][0] + frame / FILM_FRAMES_A_SECOND
        now = max(number for number, (when, _) in enumerate(taken) if when <= at)
        seen = taken[now][1]
        if now and chance.random() < loss:
            seen = Image.blend(seen, ImageChops.offset(taken[now - 1][1], 2, 1), 0.5)
        film.append(seen)
    return film


def shown_by(folder: Path, payload: bytes, seconds: float) -> list[tuple[float, Image.Image]]:
    (folder / "payload").write_bytes(payload)
    arguments = ("--home", folder / "old", "--shows", folder / "payload")
    with running.program("tests.browser.moving_phone", *arguments) as said, browser() as found:
        window = Window(found, size=LAPTOP)
        window.open(Path(said["address_file"]))
        window.picture("moving-before")
        window.press("Show the moving code")
        window.see_heading("Show this to the new phone")
        taken = recorded(window, seconds)
        window.picture("moving-shown")
        assert window.elsewhere == []
        window.close()
    return taken


@pytest.mark.parametrize(("size", "seconds", "loss"), [(20_000, 5, 0.3), (100_000, 14, 0.1)], ids=["20-kB", "100-kB"])
def test_what_is_shown_arrives_identical(tmp_path: Path, size: int, seconds: float, loss: float) -> None:
    payload = bytes_of(size)
    taken = shown_by(tmp_path, payload, seconds)
    film = filmed(taken, loss)
    video = camera.film_of(film, tmp_path / "film.y4m", frames_a_second=FILM_FRAMES_A_SECOND)
    arrived = tmp_path / "arrived"
    arguments = ("--home", tmp_path / "new", "--receives", arrived)
    with running.program("tests.browser.moving_phone", *arguments) as said, browser(camera.flags(video)) as found:
        window = Window(found, camera=True)
        window.open(Path(said["address_file"]))
        window.press("Start the camera")
        window.see_text(" parts", PATIENCE_MS)
        window.picture(f"receiving-{size}")
        window.see_heading("Arrived", PATIENCE_MS)
        assert window.elsewhere == []
        window.close()
    assert arrived.read_bytes() == payload


def test_the_screen_shows_each_frame_whole_and_no_gap_between_them(tmp_path: Path) -> None:
    """Every picture holds a code: none is blank. The numbers go up one by one, ten times a second where that can be."""
    taken = shown_by(tmp_path, bytes_of(20_000), 3)
    numbers: list[int] = []
    for _, picture in taken:
        out = io.BytesIO()
        picture.save(out, "PNG")
        [text] = read_image(out.getvalue())
        numbers.append(read_frame(text).number)
    assert all(before <= after for before, after in pairwise(numbers))
    assert numbers[-1] - numbers[0] >= 10
    assert numbers[-1] - numbers[0] <= 10 * taken[-1][0] + 2


@pytest.mark.parametrize(
    ("name", "flags", "allowed", "sentence"),
    [
        ("absent", [], True, "There is no camera on this device"),
        ("refused", ["--use-fake-device-for-media-stream"], False, "The camera is not allowed"),
    ],
)
def test_a_camera_that_gives_nothing_has_its_sentence_and_a_file_is_offered(
    tmp_path: Path, name: str, flags: list[str], allowed: bool, sentence: str
) -> None:
    arguments = ("--home", tmp_path / "new", "--receives", tmp_path / "arrived")
    with running.program("tests.browser.moving_phone", *arguments) as said, browser(flags) as found:
        window = Window(found, camera=allowed)
        window.open(Path(said["address_file"]))
        window.press("Start the camera")
        window.see_text(sentence, PATIENCE_MS)
        window.picture(f"receiving-camera-{name}")
        assert window.button("Use a backup file instead").count() == 1
        window.close()
    assert not (tmp_path / "arrived").exists()
