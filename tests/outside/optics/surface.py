"""What lies before the camera: a code on a phone's screen or on paper, with a crease or a smudge.

Owns how large a code is shown and what age does to paper. The code itself is drawn by app/qr.
"""

from __future__ import annotations

import io
import math
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from app.qr.draw import QUIET_ZONE_MODULES, Drawing

TEXELS = 8
"""Points of the texture for each module."""
SCREEN_WIDTH = 62.0
SCREEN_PITCH = 25.4 / 420
"""A phone of 6.1 inches: millimetres from pixel to pixel."""
WHITE, BLACK = 250, 4
"""Light of a screen, linear, of 255."""
PAPER, INK = 215, 14
SMUDGED_PART = 0.10


@dataclass(frozen=True, slots=True)
class Surface:
    """A square with its quiet zone. `module` and `pixel_pitch` in millimetres; no pitch for paper."""

    texture: Image.Image = field(repr=False)
    modules: int
    module: float
    pixel_pitch: float = 0.0
    around: int = 30

    @property
    def side(self) -> float:
        """With the quiet zone."""
        return self.module * self.modules


def on_screen(code: Drawing) -> Surface:
    """As large as whole screen pixels for each module let it be."""
    modules = code.modules + 2 * QUIET_ZONE_MODULES
    module_pixels = int(SCREEN_WIDTH / SCREEN_PITCH / modules)
    return Surface(_texture(code, WHITE, BLACK), modules, module_pixels * SCREEN_PITCH, SCREEN_PITCH)


def on_paper(code: Drawing, side: float) -> Surface:
    """Printed `side` millimetres wide with its quiet zone; ink runs a tenth of a module."""
    modules = code.modules + 2 * QUIET_ZONE_MODULES
    printed = _texture(code, PAPER, INK).filter(ImageFilter.GaussianBlur(TEXELS / 10))
    return Surface(printed, modules, side / modules, around=90)


def creased(chance: np.random.Generator, paper: Surface) -> Surface:
    """Folded once, anywhere across the code: cracked ink along the fold, and one half in other light."""
    light = _light(paper)
    beyond = _beyond(chance, paper)
    width = chance.uniform(0.25, 0.6)
    fold = np.exp(-((beyond / width) ** 2))
    cracked = (chance.random(light.shape) < 0.6) * fold
    light += (PAPER - light) * cracked
    light *= np.where(beyond > 0, chance.uniform(0.65, 0.9), 1.0)
    light *= 1 - 0.35 * np.exp(-(((beyond - 2 * width) / (2 * width)) ** 2))
    return replace(paper, texture=_image(light))


def smudged(chance: np.random.Generator, paper: Surface) -> Surface:
    """A thumb's smear over a tenth of the code: a seventh to a half of its contrast is left."""
    light = _light(paper)
    inside = (paper.modules - 2 * QUIET_ZONE_MODULES) * TEXELS
    wide = chance.uniform(0.6, 1.6)
    radius = inside * math.sqrt(SMUDGED_PART / math.pi)
    middle = QUIET_ZONE_MODULES * TEXELS + inside * chance.uniform(0.1, 0.9, 2)
    points = np.arange(light.shape[0])
    across, down = (points[None, :] - middle[0]) / (radius * wide), (points[:, None] - middle[1]) * wide / radius
    smear = 1 / (1 + np.exp(12 * (np.hypot(across, down) - 1)))
    left, grey = chance.uniform(0.15, 0.5), chance.uniform(70, 150)
    return replace(paper, texture=_image(light + (grey - light) * smear * (1 - left)))


def _texture(code: Drawing, white: int, black: int) -> Image.Image:
    modules = code.modules + 2 * QUIET_ZONE_MODULES
    picture = Image.open(io.BytesIO(code.png)).convert("L")
    cells = picture.resize((modules, modules), Image.Resampling.NEAREST)
    grown = cells.resize((modules * TEXELS, modules * TEXELS), Image.Resampling.NEAREST)
    return grown.point(lambda value: white if value else black)


def _beyond(chance: np.random.Generator, paper: Surface) -> NDArray[np.float64]:
    """How far each point lies beyond a line across the code, in millimetres."""
    points = (np.arange(paper.texture.width) / TEXELS - paper.modules / 2) * paper.module
    way = chance.uniform(0, math.pi)
    from_middle = chance.uniform(-0.35, 0.35) * paper.side
    beyond: NDArray[np.float64] = points[None, :] * math.cos(way) + points[:, None] * math.sin(way) - from_middle
    return beyond


def _light(paper: Surface) -> NDArray[np.float64]:
    return np.asarray(paper.texture, np.float64).copy()


def _image(light: NDArray[np.float64]) -> Image.Image:
    return Image.fromarray(np.clip(light + 0.5, 0, 255).astype(np.uint8))
