"""Lay out the copy that `flet build` packs: app, sync, crypto, assets, a project file and a two-line main.py.

    python3 build/packaging/stage.py [--out DIR]

Owns the layout of dist/stage and what is left out of it. The commands that pack it are in RECIPES.md; they need a
Flutter SDK and were not run on the machines this project is tested on. Standard library only.
"""

from __future__ import annotations

import argparse
import shutil
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKED = ("app", "sync", "crypto", "assets")
MAIN = "from app.__main__ import main\nmain()\n"
LEFT_OUT = shutil.ignore_patterns("__pycache__", "*.pyc", "*.md", ".*")
NOT_FOR_A_DEVICE = (Path("sync/sandbox"), Path("sync/relay"))
"""The stand-in services and the relay are servers: a device carries neither, nor the made-up patients."""


def stage(out: Path) -> list[Path]:
    """Replace `out` by a fresh copy; returns the files in it, relative to it. `out` must be new or an earlier stage."""
    if out.exists():
        if not (out / "main.py").is_file():
            raise SystemExit(f"{out} is not an earlier stage; it is left alone.")
        shutil.rmtree(out)
    out.mkdir(parents=True)
    for name in PACKED:
        shutil.copytree(ROOT / name, out / name, ignore=LEFT_OUT)
    for server in NOT_FOR_A_DEVICE:
        shutil.rmtree(out / server)
    shutil.copy(ROOT / "LICENSE", out / "LICENSE")
    settings = Path(__file__).with_name("flet.toml").read_text(encoding="utf-8")
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8").replace('readme = "README.md"\n', "")
    (out / "pyproject.toml").write_text(f"{project}\n{settings}", encoding="utf-8")
    (out / "main.py").write_text(MAIN, encoding="utf-8")
    return sorted(path.relative_to(out) for path in out.rglob("*") if path.is_file())


def main() -> int:
    """Stage once and say what was laid out."""
    parser = argparse.ArgumentParser(description="Lay out the copy that flet build packs.")
    parser.add_argument("--out", type=Path, default=ROOT / "dist" / "stage", metavar="DIR", help="default: dist/stage")
    out = parser.parse_args().out.resolve()
    print(f"{len(stage(out))} files in {out}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
