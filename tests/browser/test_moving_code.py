"""Screen to camera in Chromium: what one window really shows, at its real pace, is filmed and put before another.

Pictures of the old phone's screen are taken while it shows its moving code; a part of them, chosen by a seed, is
spoilt as a camera spoils them that looks while the screen changes (two codes in one picture). The rest is real: both
windows, both journeys, the drawing, Chromium's camera, the reading, the putting together.
"""

from __future__ import annotations

import io
import random
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest
from PIL import Image, ImageChops

from app.qr.scan import read_image
from crypto.frames import Collector, read_frame
from tests.browser import camera, running
from tests.browser.harness import LAPTOP, Window, browser

pytestmark = pytest.mark.browser

FILM_FRAMES_A_SECOND = 15
PATIENCE_MS = 120_000
LONGEST_FILM_SECONDS = 90


def bytes_of(size: int) -> bytes:
    return random.Random(size).randbytes(size)


Taken = list[tuple[float, Image.Image]]


def recorded(window: Window, seconds: float, enough: Callable[[Taken], bool]) -> Taken:
    """Pictures of the code as fast as they can be taken, each with its time: so long, and on until it is enough."""
    box = window.reach(window.marked("moving-code"), whole=True).bounding_box()
    assert box is not None
    side = box["height"]
    square = {"x": box["x"] + (box["width"] - side) / 2, "y": box["y"], "width": side, "height": side}
    taken: Taken = []
    begun, until = time.monotonic(), seconds
    while until <= seconds or not (enough(taken) or until > LONGEST_FILM_SECONDS):
        while (at := time.monotonic() - begun) < until:
            picture = window.page.screenshot(clip=square)  # type: ignore[arg-type]
            taken.append((at, Image.open(io.BytesIO(picture)).convert("RGB")))
        until = max(until, at) + seconds
    return taken


def codes_in(pictures: list[Image.Image]) -> list[str]:
    found: list[str] = []
    for picture in pictures:
        out = io.BytesIO()
        picture.save(out, "PNG")
        found += read_image(out.getvalue())
    return found


def gives_all(film: list[Image.Image]) -> bool:
    """Whether the codes of a film are enough, read here and at leisure: a busy machine films fewer of them a second."""
    collector = Collector()
    for text in codes_in(film):
        collector.take(text)
    return collector.payload is not None


def filmed(taken: Taken, loss: float) -> list[Image.Image]:
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


def shown_by(folder: Path, payload: bytes, seconds: float, enough: Callable[[Taken], bool]) -> Taken:
    (folder / "payload").write_bytes(payload)
    arguments = ("--home", folder / "old", "--shows", folder / "payload")
    with running.program("tests.browser.moving_phone", *arguments) as said, browser() as found:
        window = Window(found, size=LAPTOP)
        window.open(Path(said["address_file"]))
        window.picture("moving-before")
        window.press("Show the moving code")
        window.see_heading("Show this to the new phone")
        taken = recorded(window, seconds, enough)
        window.picture("moving-shown")
        assert window.elsewhere == []
        window.close()
    return taken


@pytest.mark.parametrize(("size", "seconds", "loss"), [(20_000, 5, 0.3), (100_000, 14, 0.1)], ids=["20-kB", "100-kB"])
def test_what_is_shown_arrives_identical(tmp_path: Path, size: int, seconds: float, loss: float) -> None:
    payload = bytes_of(size)
    taken = shown_by(tmp_path, payload, seconds, lambda taken: gives_all(filmed(taken, loss)))
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


def numbers_in(taken: Taken) -> list[int]:
    texts = codes_in([picture for _, picture in taken])
    assert len(texts) == len(taken)
    return [read_frame(text).number for text in texts]


def span(numbers: list[int]) -> int:
    return numbers[-1] - numbers[0]


def test_the_screen_shows_each_frame_whole_and_no_gap_between_them(tmp_path: Path) -> None:
    """Every picture holds a code: none is blank. The numbers go up one by one, ten times a second where that can be."""
    taken = shown_by(tmp_path, bytes_of(20_000), 3, lambda taken: span(numbers_in(taken)) >= 10)
    numbers = numbers_in(taken)
    assert all(before <= after for before, after in pairwise(numbers))
    assert span(numbers) >= 10
    assert span(numbers) <= 10 * taken[-1][0] + 2


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
