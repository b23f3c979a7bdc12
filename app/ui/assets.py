"""Where the shipped assets lie: the fonts, the words, the icons and the trust root.

Owns the one locator. A checkout keeps them in `assets/` beside `app/`; an installed wheel carries
them as `app/_assets/`. Who reads which file is decided by the caller.
"""

from __future__ import annotations

from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[1]


def assets_dir() -> Path:
    """The folder of assets, as an absolute path; raises FileNotFoundError where the installation lost it."""
    for candidate in (PACKAGE / "_assets", PACKAGE.parent / "assets"):
        if (candidate / "words").is_dir():
            return candidate
    raise FileNotFoundError("no assets folder beside app/ or inside it")
