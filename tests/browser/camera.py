"""A camera for Chromium that sees one picture or a row of them: Y4M, played round and round by the fake video device.

Owns the frames and the flags. The pictures are what another screen really showed.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from PIL import Image

WIDTH, HEIGHT = 640, 480
FRAMES = 30
DESK = (104, 112, 120)
MARGIN = 24


def film(picture: Path, to: Path, *, tilt_degrees: float = 4) -> Path:
    """A video of the picture held in front of a camera, tilted a little."""
    return film_of([Image.open(picture)] * FRAMES, to, frames_a_second=30, tilt_degrees=tilt_degrees)


def film_of(
    pictures: Iterable[Image.Image],
    to: Path,
    *,
    frames_a_second: int,
    tilt_degrees: float = 4,
    size: tuple[int, int] = (WIDTH, HEIGHT),
) -> Path:
    """A video of these pictures, one after the other, held in front of a camera and tilted a little."""
    with to.open("wb") as out:
        out.write(f"YUV4MPEG2 W{size[0]} H{size[1]} F{frames_a_second}:1 Ip A1:1 C420jpeg\n".encode())
        for picture in pictures:
            out.write(b"FRAME\n" + _planes(picture.convert("RGB"), tilt_degrees, size))
    return to


def _planes(seen: Image.Image, tilt_degrees: float, size: tuple[int, int]) -> bytes:
    scale = (size[1] - 2 * MARGIN) / max(seen.size)
    held = seen.resize((round(seen.width * scale), round(seen.height * scale)), Image.Resampling.BICUBIC)
    held = held.rotate(tilt_degrees, expand=True, fillcolor=DESK, resample=Image.Resampling.BICUBIC)
    frame = Image.new("RGB", size, DESK)
    frame.paste(held, ((size[0] - held.width) // 2, (size[1] - held.height) // 2))
    light, blue, red = frame.convert("YCbCr").split()
    half = (size[0] // 2, size[1] // 2)
    return light.tobytes() + blue.resize(half).tobytes() + red.resize(half).tobytes()


def flags(video: Path) -> tuple[str, ...]:
    """What makes Chromium take the video for its camera, and allow it."""
    return (
        "--use-fake-device-for-media-stream",
        "--use-fake-ui-for-media-stream",
        f"--use-file-for-fake-video-capture={video}",
    )
