"""How often a code is read by a simulated camera (tests/outside/optics/rates.py), as a table.

    python3 build/optics.py [--holds N] [--decoder zxing|zbar]

Numbers are from a simulator: no real camera is behind them. Ends with 1 where an aim is missed or other words came out.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import environment

if TYPE_CHECKING:
    from tests.outside.optics.rates import Rate


def main() -> int:
    """Measure and print; runs itself again in the project's environment when it is started by another Python."""
    parser = argparse.ArgumentParser(description="How often codes are read by a simulated camera.")
    parser.add_argument("--holds", type=int, default=100, metavar="N", help="holds of each code (default 100)")
    parser.add_argument("--decoder", choices=("zxing", "zbar"), default="zxing", help="which one (default zxing)")
    asked = parser.parse_args()
    python = environment.python_for(environment.TEST_LOCK)  # numpy is in this one
    if Path(sys.prefix) != environment.VENV:
        os.execv(python, [str(python), *sys.argv])
    from tests.outside.optics.rates import SCENES, measured

    print(f"From a simulator, not a camera. {asked.decoder}, {asked.holds} holds each, percent read.")
    print(f"{'':32}{'code':17}{'px/module':>9}{'1 pass':>8}{'1 frame':>8}{'10 fr.':>8}   aim")
    rates = [told(measured(scene, name, asked.holds, asked.decoder)) for scene in SCENES for name in scene.codes]
    return int(any(not rate.reached or rate.other_words for rate in rates))


def told(rate: Rate) -> Rate:
    """The rate, after its line is printed."""
    parts = (rate.one_pass, rate.one_frame, rate.ten_frames)
    numbers = "".join(f"{100 * part / rate.holds:8.0f}" for part in parts)
    aim = "" if rate.scene.aim is None else f"{rate.scene.aim:.0%}{'' if rate.reached else ' missed'}"
    others = f" {rate.other_words} other texts" if rate.other_words else ""
    print(f"{rate.scene.name:32}{rate.code.name:17}{rate.pixels_per_module:9.2f}{numbers}   {aim}{others}", flush=True)
    return rate


if __name__ == "__main__":
    sys.exit(main())
