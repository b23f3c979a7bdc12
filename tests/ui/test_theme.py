"""The look: contrasts are computed, every slot has the shipped fonts, and the fonts are there."""

from __future__ import annotations

import dataclasses

import flet as ft
import pytest

from app.store.household import COLOURS
from app.ui import theme
from app.ui.assets import assets_dir
from app.ui.theme import DARK, LIGHT, Kind, Tokens, contrast

BOTH = pytest.mark.parametrize("tokens", [LIGHT, DARK], ids=["light", "dark"])


def test_contrast_is_that_of_wcag() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.01)


@BOTH
def test_the_brand_bar_is_at_least_seven_to_one(tokens: Tokens) -> None:
    assert contrast(tokens.brand.back, tokens.brand.text) >= 7


@BOTH
def test_text_is_readable_on_page_and_card(tokens: Tokens) -> None:
    for color in (tokens.text, tokens.secondary, tokens.link, tokens.danger_text):
        assert contrast(color, tokens.card) >= 4.5
        assert contrast(color, tokens.page) >= 4.5


@BOTH
def test_every_pair_is_readable(tokens: Tokens) -> None:
    pairs = [
        tokens.primary,
        tokens.danger,
        tokens.callout,
        tokens.callout_label,
        tokens.emergency,
        *tokens.tags.values(),
    ]
    assert [pair for pair in pairs if contrast(pair.back, pair.text) < 4.5] == []


@BOTH
def test_fields_have_a_visible_edge(tokens: Tokens) -> None:
    assert contrast(tokens.input_border, tokens.card) >= 3


def test_focus_is_seen_against_its_own_edge() -> None:
    assert contrast(theme.FOCUS, theme.FOCUS_EDGE) >= 7


def test_every_slot_of_the_text_theme_is_filled() -> None:
    slots = {field.name for field in dataclasses.fields(ft.TextTheme) if not field.name.startswith("_")}
    assert set(theme.SLOTS) == slots


@pytest.mark.parametrize("kind", list(Kind))
def test_every_kind_of_text_has_the_font_and_its_fallbacks(kind: Kind) -> None:
    style = theme.text_style(kind, wide=False, scale=1.0)
    assert style.font_family in theme.FONT_FILES
    assert set(theme.FALLBACK_FONTS) <= set(style.font_family_fallback or [])


def test_large_text_is_twice_the_size() -> None:
    plain = theme.text_style(Kind.BODY, wide=False, scale=1.0)
    large = theme.text_style(Kind.BODY, wide=False, scale=2.0)
    assert (plain.size, large.size, plain.height) == (16, 32, large.height)


def test_every_font_is_shipped_with_its_licence() -> None:
    folder = assets_dir() / "fonts"
    assert [file for file in theme.FONT_FILES.values() if not (folder / file).is_file()] == []
    assert "SIL OPEN FONT LICENSE Version 1.1" in (folder / "OFL.txt").read_text(encoding="utf-8")
    assert sum(path.stat().st_size for path in folder.iterdir()) < 2_500_000


def test_every_name_plate_can_be_read_and_each_colour_of_the_household_has_one() -> None:
    assert tuple(theme.PLATES) == COLOURS
    assert [name for name, pair in theme.PLATES.items() if contrast(pair.back, pair.text) < 4.5] == []
    assert len({pair.back for pair in theme.PLATES.values()}) == len(COLOURS)
