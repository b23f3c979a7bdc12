"""How often a code is read, by what it is, where it lies and what light there is (`python3 build/optics.py`).

Each hold of the simulated camera gives up to ten frames, decoded as the app decodes them (app/qr/scan.py): by
zxing-cpp, or with `--decoder zbar` as where zxing-cpp has no wheel. Of the first frame also by the first pass alone.
Every text that is not the one drawn is counted: there may be none. Seeded: the same numbers in every run.
All from a simulator, none from a real camera.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial

import numpy as np
import zxingcpp

from app.qr import scan
from app.qr.draw import Drawing, Level, draw_card, draw_words
from app.qr.frames import FrameSize, draw_frame
from app.qr.zbar import raw_reader
from app.record.emergency import BUDGETS
from crypto.frames import Sender
from crypto.plain_words import PREFIX
from tests.outside.optics import camera
from tests.outside.optics.camera import Camera, Conditions
from tests.outside.optics.surface import Surface, creased, on_paper, on_screen, smudged
from tests.vectors.read import cases

SEED = 2026
FRAMES = 10
PAPER_SIDE = 50.0
"""Millimetres of a printed code with its quiet zone, as wide as a bank card is high."""

Wear = Callable[[np.random.Generator, Surface], Surface]


@dataclass(frozen=True, slots=True)
class Code:
    """What is drawn, and the text that must come out."""

    name: str
    text: str
    drawing: Drawing


@dataclass(frozen=True, slots=True)
class Scene:
    """Where a code lies and who looks at it. `aim`: the least part of holds read within ten frames."""

    name: str
    codes: tuple[str, ...]
    camera: Camera
    distance: float
    conditions: Conditions
    aim: float | None = None
    paper: bool = False
    wear: tuple[Wear, ...] = ()


@dataclass(frozen=True, slots=True)
class Rate:
    """How many of `holds` were read: from one frame by one pass, from one frame, within ten."""

    scene: Scene
    code: Code
    pixels_per_module: float
    holds: int
    one_pass: int
    one_frame: int
    ten_frames: int
    other_words: int

    @property
    def reached(self) -> bool:
        return self.scene.aim is None or self.ten_frames >= self.scene.aim * self.holds


ON_SCREEN = ("words V20-L", "words V25-L", "health card V22", "moving V25-L")
ON_PAPER = ("words V20-M",)
SCENES = (
    Scene("screen, 1080p, 20 cm, typical", ON_SCREEN, camera.PHONE_1080, 200, camera.TYPICAL, 0.99),
    Scene("screen, 1080p, 20 cm, glare", ON_SCREEN, camera.PHONE_1080, 200, camera.GLARE),
    Scene("screen, 1080p, 20 cm, dim", ON_SCREEN, camera.PHONE_1080, 200, camera.DIM),
    Scene("screen, 1080p, 20 cm, hard", ON_SCREEN, camera.PHONE_1080, 200, camera.HARD),
    Scene("screen, 1080p, 30 cm, typical", ON_SCREEN, camera.PHONE_1080, 300, camera.TYPICAL),
    Scene("screen, 720p, 20 cm, typical", ON_SCREEN, camera.PHONE_720, 200, camera.TYPICAL, 0.95),
    Scene("screen, 720p, 15 cm, typical", ON_SCREEN, camera.PHONE_720, 150, camera.TYPICAL, 0.95),
    Scene("paper, 1080p, 15 cm, as new", ON_PAPER, camera.PHONE_1080, 150, camera.TYPICAL, 0.99, paper=True),
    Scene("paper, crease", ON_PAPER, camera.PHONE_1080, 150, camera.TYPICAL, 0.95, paper=True, wear=(creased,)),
    Scene("paper, 10 % smudge", ON_PAPER, camera.PHONE_1080, 150, camera.TYPICAL, 0.95, paper=True, wear=(smudged,)),
    Scene("paper, both", ON_PAPER, camera.PHONE_1080, 150, camera.TYPICAL, paper=True, wear=(creased, smudged)),
    Scene("paper, both, dim", ON_PAPER, camera.PHONE_1080, 150, camera.DIM, paper=True, wear=(creased, smudged)),
    Scene("paper, 720p, 15 cm, as new", ON_PAPER, camera.PHONE_720, 150, camera.TYPICAL, 0.95, paper=True),
)


@cache
def code_named(name: str) -> Code:
    """The codes of ON_SCREEN and ON_PAPER, each as full as its version allows."""
    if name.startswith("words"):
        text = a_card(BUDGETS[name.removeprefix("words ")])
        drawing = draw_words(text, level=Level(name[-1]), module_pixels=1)
    elif name.startswith("health card"):
        text = "shc:/" + "".join(f"{pair:02}" for pair in np.random.default_rng(SEED).integers(0, 78, 1195))
        drawing = draw_card(text, module_pixels=1)
    else:
        size = FrameSize.LARGEST
        text = Sender(np.random.default_rng(SEED).bytes(20_000), size.symbol_bytes).frame(3)
        drawing = draw_frame(text, size)
    return Code(name, text, drawing)


def a_card(size: int) -> str:
    """Words of `size` bytes over the trailer of a sealed card: long enough, and the same in every run."""
    sealed: str = cases("plain_words")[0].given["text"]
    above, mark, trailer = sealed.rpartition(f"\n{PREFIX}")
    words = (above + "\nMEDICINES: " + "apixaban; insulin glargine; prednisolone; metformin; " * 20).encode()[:size]
    return words.decode() + mark + trailer


@cache
def passes(decoder: str) -> tuple[scan.Decoder, scan.Decoder]:
    """The first pass alone, and the whole of a decoder of app/qr/scan.py."""
    if decoder == "zxing":
        return partial(scan._zxing, zxingcpp, thorough=False), scan.zxing_decoder()
    return partial(scan._zbar, raw_reader()), scan.zbar_decoder()


def measured(scene: Scene, name: str, holds: int, decoder: str = "zxing") -> Rate:
    """The rate of one code in one scene."""
    code = code_named(name)
    tries = [_held(scene, code, number, *passes(decoder)) for number in range(holds)]
    near = camera.pixels_per_module(_surface(scene, code), scene.camera, scene.distance)
    return Rate(scene, code, round(near, 2), holds, *(sum(column) for column in zip(*tries, strict=True)))


def _surface(scene: Scene, code: Code) -> Surface:
    return on_paper(code.drawing, PAPER_SIDE) if scene.paper else on_screen(code.drawing)


def _held(
    scene: Scene, code: Code, number: int, one_pass: scan.Decoder, decode: scan.Decoder
) -> tuple[bool, bool, bool, int]:
    """Whether one hold was read, in the order of Rate; and how many texts came out that were not drawn."""
    chance = np.random.default_rng([SEED, *f"{scene.name} {code.name}".encode(), number])
    surface = _surface(scene, code)
    for wear in scene.wear:
        surface = wear(chance, surface)
    held = camera.hold(chance, scene.conditions, scene.distance)
    frame = camera.photograph(chance, surface, scene.camera, scene.conditions, held)
    at_once, seen = one_pass(frame), [decode(frame)]
    while not seen[-1] and len(seen) < FRAMES:
        seen.append(decode(camera.photograph(chance, surface, scene.camera, scene.conditions, held)))
    others = sum(text != code.text for texts in (at_once, *seen) for text in texts)
    return code.text in at_once, code.text in seen[0], code.text in seen[-1], others
