"""The look: every colour, size and space of SCREENS.md as values, and the Flet themes made of them.

Owns tokens (light and dark), the type scale with its fonts and fallback chain, and the breakpoints.
How a part is put together is parts; which language and text size are chosen is `Look`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import flet as ft

PHONE_BELOW = 641
RAIL_FROM = 990
CONTENT_WIDTH = 720
TOUCH_TARGET = 48
RADIUS = 4
LOWER_EDGE = 4
MIN_SCALE, MAX_SCALE = 1.0, 2.0

FOCUS = "#ffeb3b"
FOCUS_EDGE = "#212b32"
QR_WHITE = "#ffffff"

FONT = "Noto Sans"
FONT_SEMIBOLD = "Noto Sans SemiBold"
FONT_FILES = {
    FONT: "NotoSans-Regular.ttf",
    FONT_SEMIBOLD: "NotoSans-SemiBold.ttf",
    "Noto Sans Arabic": "NotoSansArabic-Regular.ttf",
    "Noto Sans Bengali": "NotoSansBengali-Regular.ttf",
    "Noto Sans Devanagari": "NotoSansDevanagari-Regular.ttf",
    "Noto Sans Gurmukhi": "NotoSansGurmukhi-Regular.ttf",
    "Noto Sans Math": "NotoSansMath-Subset.ttf",
    "Noto Sans Symbols 2": "NotoSansSymbols2-Subset.ttf",
}
FALLBACK_FONTS = tuple(name for name in FONT_FILES if name not in (FONT, FONT_SEMIBOLD))


@dataclass(frozen=True, slots=True)
class Pair:
    """A background and the text upon it."""

    back: str
    text: str


PLATES = {
    "blue": Pair("#005eb8", "#ffffff"),
    "purple": Pair("#5b2b82", "#ffffff"),
    "green": Pair("#00703c", "#ffffff"),
    "orange": Pair("#9a4a00", "#ffffff"),
    "pink": Pair("#ae2573", "#ffffff"),
    "yellow": Pair("#ffe14d", "#212b32"),
    "grey": Pair("#425563", "#ffffff"),
    "sky": Pair("#a9d6f5", "#212b32"),
}
"""The name plates of several people on one device: the same by day and by night."""


@dataclass(frozen=True, slots=True)
class Tokens:
    """The colours of one brightness, by what they are for."""

    dark: bool
    page: str
    card: str
    text: str
    secondary: str
    link: str
    primary: Pair
    primary_edge: str
    danger: Pair
    danger_edge: str
    danger_text: str
    border: str
    input_border: str
    brand: Pair
    callout: Pair
    callout_label: Pair
    emergency: Pair
    tags: dict[str, Pair]


LIGHT = Tokens(
    dark=False,
    page="#f0f4f5",
    card="#ffffff",
    text="#212b32",
    secondary="#4c6272",
    link="#005eb8",
    primary=Pair("#007f3b", "#ffffff"),
    primary_edge="#00401e",
    danger=Pair("#d5281b", "#ffffff"),
    danger_edge="#6b140e",
    danger_text="#b8221a",
    border="#d8dde0",
    input_border="#4c6272",
    brand=Pair("#0b4a53", "#ffffff"),
    callout=Pair("#fff9c4", "#212b32"),
    callout_label=Pair("#ffeb3b", "#212b32"),
    emergency=Pair("#d5281b", "#ffffff"),
    tags={
        "green": Pair("#cce5d8", "#004c23"),
        "blue": Pair("#ccdff1", "#004281"),
        "yellow": Pair("#fff59d", "#4d4712"),
        "red": Pair("#f7d4d1", "#6b140e"),
        "grey": Pair("#dbe0e3", "#354550"),
    },
)

DARK = Tokens(
    dark=True,
    page="#1b2429",
    card="#263037",
    text="#ffffff",
    secondary="#c8d3d9",
    link="#52a0ff",
    primary=Pair("#00c55f", "#10191e"),
    primary_edge="#007f3b",
    danger=Pair("#f76957", "#10191e"),
    danger_edge="#a5281c",
    danger_text="#ff9c8f",
    border="#4c5a63",
    input_border="#c8d3d9",
    brand=Pair("#0b4a53", "#ffffff"),
    callout=Pair("#423d10", "#ffe799"),
    callout_label=Pair("#ffe799", "#423d10"),
    emergency=Pair("#d5281b", "#ffffff"),
    tags={
        "green": Pair("#004c23", "#adffc7"),
        "blue": Pair("#002f5c", "#add1ff"),
        "yellow": Pair("#423d10", "#ffe799"),
        "red": Pair("#4a1917", "#ffb5ad"),
        "grey": Pair("#3a474f", "#dbe0e3"),
    },
)


class Kind(StrEnum):
    """The places text stands in; each has its size, line and weight."""

    TITLE = "title"
    SECTION = "section"
    CARD = "card"
    BODY = "body"
    BODY_BOLD = "body-bold"
    SMALL = "small"
    FIGURES = "figures"


@dataclass(frozen=True, slots=True)
class Type:
    """Size and line height in px, on a phone and on a laptop, and weight 400 or 600."""

    size: int
    line: int
    wide_size: int
    wide_line: int
    bold: bool


TYPES = {
    Kind.TITLE: Type(32, 38, 48, 54, bold=True),
    Kind.SECTION: Type(22, 29, 27, 33, bold=True),
    Kind.CARD: Type(19, 27, 22, 29, bold=True),
    Kind.BODY: Type(16, 24, 19, 28, bold=False),
    Kind.BODY_BOLD: Type(16, 24, 19, 28, bold=True),
    Kind.SMALL: Type(14, 24, 16, 24, bold=False),
    Kind.FIGURES: Type(32, 38, 48, 54, bold=True),
}

SLOTS = {
    "display_large": Kind.TITLE,
    "display_medium": Kind.TITLE,
    "display_small": Kind.TITLE,
    "headline_large": Kind.TITLE,
    "headline_medium": Kind.SECTION,
    "headline_small": Kind.SECTION,
    "title_large": Kind.SECTION,
    "title_medium": Kind.CARD,
    "title_small": Kind.CARD,
    "body_large": Kind.BODY,
    "body_medium": Kind.BODY,
    "body_small": Kind.SMALL,
    "label_large": Kind.BODY,
    "label_medium": Kind.SMALL,
    "label_small": Kind.SMALL,
}
"""Every slot of Flet's TextTheme: one left out falls back to a font that is not shipped."""


def text_style(kind: Kind, *, wide: bool, scale: float, color: str | None = None) -> ft.TextStyle:
    """The style of a kind of text; `scale` 1.0 to 2.0 is the large text setting."""
    spec = TYPES[kind]
    size, line = (spec.wide_size, spec.wide_line) if wide else (spec.size, spec.line)
    return ft.TextStyle(
        size=size * scale,
        height=line / size,
        weight=ft.FontWeight.W_600 if spec.bold else ft.FontWeight.W_400,
        font_family=FONT_SEMIBOLD if spec.bold else FONT,
        font_family_fallback=[FONT, *FALLBACK_FONTS] if spec.bold else list(FALLBACK_FONTS),
        color=color,
    )


def text_theme(*, wide: bool, scale: float) -> ft.TextTheme:
    """Every slot filled, so that no control falls back to a font that is not shipped."""
    return ft.TextTheme(**{slot: text_style(kind, wide=wide, scale=scale) for slot, kind in SLOTS.items()})


def theme(tokens: Tokens, *, wide: bool, scale: float) -> ft.Theme:
    """The Flet theme of one brightness, for the controls that colour themselves."""
    return ft.Theme(
        font_family=FONT,
        text_theme=text_theme(wide=wide, scale=scale),
        scaffold_bgcolor=tokens.page,
        visual_density=ft.VisualDensity.STANDARD,
        color_scheme=ft.ColorScheme(
            primary=tokens.link,
            on_primary=tokens.card,
            secondary=tokens.link,
            on_secondary=tokens.card,
            secondary_container=tokens.tags["blue"].back,
            on_secondary_container=tokens.tags["blue"].text,
            error=tokens.danger_text,
            on_error=tokens.card,
            surface=tokens.card,
            on_surface=tokens.text,
            on_surface_variant=tokens.secondary,
            surface_container=tokens.card,
            surface_container_high=tokens.card,
            surface_container_highest=tokens.border,
            surface_tint=tokens.card,
            outline=tokens.input_border,
            outline_variant=tokens.border,
        ),
    )


def fonts() -> dict[str, str]:
    """Font families and their addresses below the assets folder, for `page.fonts`."""
    return {family: f"/fonts/{file}" for family, file in FONT_FILES.items()}


def contrast(one: str, other: str) -> float:
    """Contrast ratio of two #rrggbb colours, 1 to 21 (WCAG 2.2, relative luminance)."""
    high, low = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def _luminance(color: str) -> float:
    channels = (int(color[i : i + 2], 16) / 255 for i in (1, 3, 5))
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
