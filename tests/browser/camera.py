"""A camera for Chromium that sees one picture: Y4M, 640 by 480, as the fake video device plays it.

Owns the frames and the flags. The picture is what another screen really showed.
"""

from __future__ import annotations

from pathlib import Path

from PIL import Image

WIDTH, HEIGHT = 640, 480
FRAMES = 30
DESK = (104, 112, 120)
MARGIN = 24


def film(picture: Path, to: Path, *, tilt_degrees: float = 4) -> Path:
    """A video of the picture held in front of a camera, tilted a little."""
    seen = Image.open(picture).convert("RGB")
    scale = (HEIGHT - 2 * MARGIN) / max(seen.size)
    held = seen.resize((round(seen.width * scale), round(seen.height * scale)), Image.Resampling.BICUBIC)
    held = held.rotate(tilt_degrees, expand=True, fillcolor=DESK, resample=Image.Resampling.BICUBIC)
    frame = Image.new("RGB", (WIDTH, HEIGHT), DESK)
    frame.paste(held, ((WIDTH - held.width) // 2, (HEIGHT - held.height) // 2))
    light, blue, red = frame.convert("YCbCr").split()
    half = (WIDTH // 2, HEIGHT // 2)
    planes = light.tobytes() + blue.resize(half).tobytes() + red.resize(half).tobytes()
    to.write_bytes(b"YUV4MPEG2 W640 H480 F30:1 Ip A1:1 C420jpeg\n" + (b"FRAME\n" + planes) * FRAMES)
    return to


def flags(video: Path) -> tuple[str, ...]:
    """What makes Chromium take the video for its camera, and allow it."""
    return (
        "--use-fake-device-for-media-stream",
        "--use-fake-ui-for-media-stream",
        f"--use-file-for-fake-video-capture={video}",
    )
