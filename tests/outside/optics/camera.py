"""A seeded camera that looks at a code on a screen or on paper. A simulator: no real camera was measured for it.

Owns the way of the light: the surface in perspective (pinhole), the pixel's own area, focus and motion (one transfer
function), moiré of a screen's pixels, veiling light, glare, vignette, exposure, shot and read noise, and what a phone
does with a frame (light smoothing, gamma, sharpening, JPEG). Lengths are millimetres; light is linear, 0 to 1, until
the gamma. What lies on the surface is surface.py's; which rates come out, rates.py's.

Left out: autofocus that hunts, mirror images, screen dimming (PWM), rolling shutter, video compression.
"""

from __future__ import annotations

import io
import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from tests.outside.optics.surface import TEXELS, Surface

Light = NDArray[np.float32]
Matrix = NDArray[np.float64]
Chance = np.random.Generator

SAMPLES = 3
"""Each camera pixel is the mean of 3 × 3 samples."""
MARGIN = 24
READ_NOISE_ELECTRONS = 6.0


@dataclass(frozen=True, slots=True)
class Camera:
    """What a scanner is given: the size of its preview, how wide it looks, and electrons in a full pixel."""

    width: int
    height: int
    degrees_across: float = 69.0
    full_pixel: float = 6000.0

    @property
    def focal_pixels(self) -> float:
        return self.width / 2 / math.tan(math.radians(self.degrees_across) / 2)


PHONE_1080 = Camera(1920, 1080)
PHONE_720 = Camera(1280, 720)


@dataclass(frozen=True, slots=True)
class Conditions:
    """The bounds each hold and each frame is drawn from; `light` is the part of a full pixel that white fills."""

    tilt_degrees: float = 18
    roll_degrees: float = 30
    defocus_pixels: tuple[float, float] = (0.55, 1.0)
    motion_pixels: tuple[float, float] = (0.0, 2.0)
    veil: tuple[float, float] = (0.04, 0.15)
    glare: float = 0.4
    light: tuple[float, float] = (0.5, 1.0)
    moire: float = 0.06
    jpeg: tuple[int, int] = (75, 92)


TYPICAL = Conditions()
DIM = Conditions(light=(0.02, 0.08), motion_pixels=(0.0, 3.0), defocus_pixels=(0.6, 1.2), glare=0.1)
GLARE = Conditions(glare=1.0, veil=(0.10, 0.30))
HARD = Conditions(28, 45, (0.8, 1.6), (0.0, 4.0), (0.10, 0.35), 0.8, (0.12, 0.5), 0.08, (55, 80))


@dataclass(frozen=True, slots=True)
class Hold:
    """A hand that holds the camera: it stays about where it is from frame to frame."""

    distance: float
    turned: tuple[float, float, float]
    aside: tuple[float, float]
    glare_at: tuple[float, float] | None


def hold(chance: Chance, conditions: Conditions, distance: float) -> Hold:
    """One way to hold the camera at about this distance. Glare is where on the surface it lies, -0.5 to 0.5."""
    tilts = np.radians(chance.uniform(-conditions.tilt_degrees, conditions.tilt_degrees, 2))
    roll = math.radians(chance.uniform(-conditions.roll_degrees, conditions.roll_degrees))
    aside = chance.uniform(-0.06, 0.06, 2) * distance * np.array([1.0, 0.6])
    at = chance.uniform(-0.5, 0.5, 2)
    glares = chance.random() < conditions.glare
    return Hold(
        distance * float(chance.uniform(0.93, 1.07)),
        (float(tilts[0]), float(tilts[1]), roll),
        (float(aside[0]), float(aside[1])),
        (float(at[0]), float(at[1])) if glares else None,
    )


def photograph(chance: Chance, surface: Surface, camera: Camera, conditions: Conditions, held: Hold) -> Image.Image:
    """One frame as a scanner is given it: grey, after its JPEG."""
    onto = _onto_picture(chance, camera, held)
    box = _box(onto, surface, camera)
    seen = _seen(surface, onto, box)
    if surface.pixel_pitch:
        seen *= _moire(chance, surface, onto, box, conditions.moire)
    seen = _blurred(seen, float(chance.uniform(*conditions.defocus_pixels)), _motion(chance, conditions))
    frame = _background(chance, camera)
    frame[box[1] : box[3], box[0] : box[2]] = seen
    veil = float(chance.uniform(*conditions.veil))
    frame = frame * (1 - veil) + veil
    if held.glare_at is not None:
        _add_glare(chance, frame, _at(onto, np.array([held.glare_at]) * surface.side)[0], box)
    return _developed(chance, frame * _vignette(camera), camera, conditions)


def pixels_per_module(surface: Surface, camera: Camera, distance: float) -> float:
    """Camera pixels to a module, seen straight on."""
    return camera.focal_pixels * surface.module / distance


# ---- where it lies ------------------------------------------------------------------------------


def _onto_picture(chance: Chance, camera: Camera, held: Hold) -> Matrix:
    """From millimetres on the surface, its middle at 0, to pixels; with the tremor of this frame."""
    yaw, pitch, roll = np.array(held.turned) + np.radians(chance.normal(0, 0.8, 3))
    away = held.distance * (1 + chance.normal(0, 0.01))
    x, y = np.array(held.aside) + chance.normal(0, 1.0, 2)
    turn_y = np.array([[math.cos(yaw), 0, math.sin(yaw)], [0, 1, 0], [-math.sin(yaw), 0, math.cos(yaw)]])
    turn_x = np.array([[1, 0, 0], [0, math.cos(pitch), -math.sin(pitch)], [0, math.sin(pitch), math.cos(pitch)]])
    turn_z = np.array([[math.cos(roll), -math.sin(roll), 0], [math.sin(roll), math.cos(roll), 0], [0, 0, 1]])
    turned = turn_z @ turn_y @ turn_x
    focal = camera.focal_pixels
    lens = np.array([[focal, 0, camera.width / 2], [0, focal, camera.height / 2], [0, 0, 1]])
    onto: Matrix = lens @ np.column_stack([turned[:, 0], turned[:, 1], np.array([x, y, away])])
    return onto


def _at(matrix: Matrix, points: Matrix) -> Matrix:
    """Where points (n × 2) come to lie."""
    lifted = np.column_stack([points, np.ones(len(points))]) @ matrix.T
    placed: Matrix = lifted[:, :2] / lifted[:, 2:]
    return placed


def _box(onto: Matrix, surface: Surface, camera: Camera) -> tuple[int, int, int, int]:
    """The part of the frame the surface is in, with a margin for blur."""
    corners = _at(onto, np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) * surface.side / 2)
    (left, top), (right, bottom) = corners.min(0), corners.max(0)
    return (
        max(0, int(left) - MARGIN),
        max(0, int(top) - MARGIN),
        min(camera.width, int(right) + MARGIN),
        min(camera.height, int(bottom) + MARGIN),
    )


def _seen(surface: Surface, onto: Matrix, box: tuple[int, int, int, int]) -> Light:
    """The surface in perspective, each pixel the mean over its area."""
    left, top, right, bottom = box
    texels = surface.texture.width
    sampled = np.array([[1 / SAMPLES, 0, left], [0, 1 / SAMPLES, top], [0, 0, 1]])
    scale = TEXELS / surface.module
    to_texture = np.array([[scale, 0, texels / 2], [0, scale, texels / 2], [0, 0, 1]]) @ np.linalg.inv(onto) @ sampled
    numbers = tuple((to_texture / to_texture[2, 2]).flatten()[:8])
    size = ((right - left) * SAMPLES, (bottom - top) * SAMPLES)
    warped = surface.texture.transform(
        size, Image.Transform.PERSPECTIVE, numbers, Image.Resampling.BILINEAR, fillcolor=surface.around
    )
    return np.asarray(warped.reduce(SAMPLES), np.float32) / np.float32(255)


# ---- what the light meets -----------------------------------------------------------------------


def _motion(chance: Chance, conditions: Conditions) -> tuple[float, float]:
    """How far the picture moves while the shutter is open, across and down."""
    length, way = chance.uniform(*conditions.motion_pixels), chance.uniform(0, math.pi)
    return float(length * math.cos(way)), float(length * math.sin(way))


def _blurred(light: Light, defocus: float, motion: tuple[float, float]) -> Light:
    """Through the transfer function of a soft focus (gaussian) and of a straight motion (sinc)."""
    down, across = np.fft.fftfreq(light.shape[0])[:, None], np.fft.rfftfreq(light.shape[1])[None, :]
    passed = np.exp(-2 * (math.pi * defocus) ** 2 * (down**2 + across**2))
    passed *= np.sinc(across * motion[0] + down * motion[1])
    blurred: Light = np.fft.irfft2(np.fft.rfft2(light) * passed, light.shape).astype(np.float32)
    return blurred


def _moire(chance: Chance, surface: Surface, onto: Matrix, box: tuple[int, int, int, int], most: float) -> Light:
    """The screen's own pixels against the camera's: their first harmonic where each camera pixel looks."""
    left, top, right, bottom = box
    back = np.linalg.inv(onto)
    across, down = np.arange(left, right)[None, :] + 0.5, np.arange(top, bottom)[:, None] + 0.5
    depth = back[2, 0] * across + back[2, 1] * down + back[2, 2]
    strength = chance.uniform(0, most) / 2
    waves = np.ones(depth.shape)
    for row in back[:2]:
        waves += strength * np.cos(
            2 * math.pi / surface.pixel_pitch * (row[0] * across + row[1] * down + row[2]) / depth
        )
    return waves.astype(np.float32)


def _background(chance: Chance, camera: Camera) -> Light:
    """Blotches and a few things with edges."""
    blotches = Image.fromarray(chance.integers(5, 90, (9, 16), dtype=np.uint8))
    frame = np.asarray(
        blotches.resize((camera.width, camera.height), Image.Resampling.BICUBIC), np.float32
    ) / np.float32(255)
    frame = frame.copy()
    for _ in range(12):
        x, y = int(chance.integers(0, camera.width)), int(chance.integers(0, camera.height))
        wide, high = int(chance.integers(8, camera.width // 5)), int(chance.integers(6, camera.height // 5))
        frame[y : y + high, x : x + wide] = chance.uniform(0.01, 0.6)
    return frame


def _add_glare(chance: Chance, frame: Light, at: Matrix, box: tuple[int, int, int, int]) -> None:
    """A lamp in the glass: a soft spot, brighter than white in its middle."""
    left, top, right, bottom = box
    size = chance.uniform(0.05, 0.14) * (right - left)
    wide = size * chance.uniform(1.0, 2.5)
    across, down = np.arange(left, right)[None, :] - at[0], np.arange(top, bottom)[:, None] - at[1]
    spot = chance.uniform(0.3, 0.9) * np.exp(-((across / wide) ** 2 + (down / size) ** 2) / 2)
    frame[top:bottom, left:right] += spot.astype(np.float32)


def _vignette(camera: Camera) -> Light:
    across, down = np.linspace(-1, 1, camera.width)[None, :], np.linspace(-1, 1, camera.height)[:, None]
    darker: Light = (1 - 0.12 * (across**2 + down**2)).astype(np.float32)
    return darker


# ---- what the camera makes of it ----------------------------------------------------------------


def _developed(chance: Chance, frame: Light, camera: Camera, conditions: Conditions) -> Image.Image:
    """Exposure, noise, smoothing, gamma, sharpening, JPEG."""
    filled = camera.full_pixel * chance.uniform(*conditions.light)
    electrons = np.clip(frame * chance.uniform(0.75, 1.08), 0, 1) * filled
    noise = chance.standard_normal(frame.shape, np.float32) * np.sqrt(electrons + READ_NOISE_ELECTRONS**2)
    light = np.clip((electrons + noise) / filled, 0, 1).astype(np.float32)
    grey = np.power(_softened(light, 0.10), 1 / 2.2)
    sharp = np.clip(grey + 0.8 * (grey - _softened(grey, 0.25)), 0, 1)
    out = io.BytesIO()
    picture = Image.fromarray((sharp * 255 + 0.5).astype(np.uint8))
    picture.save(out, "JPEG", quality=int(chance.integers(*conditions.jpeg)))
    return Image.open(out).convert("L")


def _softened(light: Light, side: float) -> Light:
    """Each pixel with `side` of each neighbour beside, above and below it."""
    for axis in (0, 1):
        light = (1 - 2 * side) * light + side * (np.roll(light, 1, axis) + np.roll(light, -1, axis))
    return light
