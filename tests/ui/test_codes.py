"""Codes on the screen: whole pixels for each module, white around it, a name for screen readers."""

from __future__ import annotations

import flet as ft
import pytest

from app.ui.codes import CodePicture, code_box, side
from app.ui.guard import Guard
from app.ui.look import Look
from app.ui.theme import DARK
from app.ui.words import load_words


def look(width: float, ratio: float) -> Look:
    words = load_words()
    return Look(words, DARK, Guard(words, lambda _problem: None), width, 1.0, ratio)


@pytest.mark.parametrize("modules", [29, 91, 105, 125, 185])
@pytest.mark.parametrize(("width", "ratio"), [(320, 1.0), (390, 3.0), (360, 2.625), (1280, 1.0)])
def test_each_module_is_a_whole_number_of_device_pixels(modules: int, width: float, ratio: float) -> None:
    shown = side(look(width, ratio), CodePicture(b"", modules)) * ratio / modules
    assert shown == pytest.approx(round(shown))
    assert shown >= 1


def test_a_code_that_fits_stays_inside_the_content() -> None:
    assert side(look(390, 3.0), CodePicture(b"", 125)) <= 390 - 32 - 16


def test_the_code_stands_on_white_in_the_dark_and_has_a_name() -> None:
    box = code_box(look(390, 1.0), CodePicture(b"png", 91), "The code", identifier="code")
    assert isinstance(box, ft.Semantics)
    assert (box.label, box.image) == ("The code", True)
    assert isinstance(box.content, ft.Container)
    assert box.content.bgcolor == "#ffffff"
