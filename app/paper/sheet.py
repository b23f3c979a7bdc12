"""Setting a sheet: a template of assets/paper and a text for each of its places become a PDF and SVG pages.

Owns the typesetter (typst) and its bounds: the fonts of the assets alone, no package and no network, nothing
written to the disk, tagged PDF after PDF/UA-1. Texts go in as data and are never read as markup. Which texts
a sheet carries is its own module's (recovery.py); printing and saving are the screens'.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from app.ui.assets import assets_dir
from crypto.errors import PaperUnavailable

if TYPE_CHECKING:
    import typst

NO_PACKAGES = Path("/nonexistent")
"""Where packages would be looked for: templates name none, and none may be fetched or found."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet to print: the whole as PDF, and each page as SVG. `file_name` says what it is, never whose."""

    file_name: str
    pdf: bytes = field(repr=False)
    svg: tuple[str, ...] = field(repr=False)


def set_sheet(
    template: str, data: Mapping[str, object], *, file_name: str, made_on: date, pictures: bool = True
) -> Sheet:
    """Set `template` (a file of assets/paper) with `data`, which becomes JSON; without `pictures` as PDF alone.

    Raises PaperUnavailable where the typesetter is missing or refuses; its message holds nothing of the data.
    """
    try:
        import typst
    except ImportError as error:  # no wheel on this device, phones among them
        raise PaperUnavailable("expected typst, found none") from error
    folder = assets_dir() / "paper"
    try:
        compiler = typst.Compiler(
            folder / template,
            root=folder,
            font_paths=_fonts(),
            ignore_system_fonts=True,
            sys_inputs={"sheet": json.dumps(data, ensure_ascii=False)},
            package_path=NO_PACKAGES,
            package_cache_path=NO_PACKAGES,
        )
        pdf = compiler.compile(
            format="pdf", pdf_standards="ua-1", timestamp=datetime(made_on.year, made_on.month, made_on.day, tzinfo=UTC)
        )
        svg = compiler.compile(format="svg") if pictures else []
    except RuntimeError:  # TypstError: what it says may quote the data, so it goes no further
        raise PaperUnavailable(f"expected {template} to be set, found a refusal of the typesetter") from None
    return Sheet(file_name, b"".join(_pages(pdf)), tuple(page.decode() for page in _pages(svg)))


def _pages(made: bytes | list[bytes] | None) -> list[bytes]:
    """The typesetter answers a single page without its list."""
    return made if isinstance(made, list) else [made or b""]


@cache
def _fonts() -> typst.Fonts:
    import typst

    return typst.Fonts(
        include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(assets_dir() / "fonts")]
    )
