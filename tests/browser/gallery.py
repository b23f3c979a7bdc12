"""Every screen with made-up states, through the real guarded server, as pictures and screen-reader trees.

Run: `python tests/browser/gallery.py [NAME…]` writes pictures/NAME-LOOK.png, for each of LOOKS, and
pictures/trees/NAME.yaml. With `--language cy` (or ar, as often as wanted) the same in that language, as
pictures/NAME-LOOK-cy.png and pictures/trees/NAME-cy.yaml; without names, then, the KEY screens only. The look
of a picture is judged by a person; test_gallery.py judges the trees.
"""

from __future__ import annotations

import argparse
import importlib.util
import sys
import threading
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import flet as ft

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from app.screens import every  # noqa: E402
from app.ui import window  # noqa: E402
from app.ui.look import Whose  # noqa: E402
from app.ui.shell import Appearance, Brightness, Shell  # noqa: E402


def beside(name: str, path: Path) -> ModuleType:
    """A module of the tests by its path: tests are no package."""
    if name in sys.modules:
        return sys.modules[name]
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


samples = beside("samples", ROOT / "tests" / "screens" / "samples.py")
harness = beside("harness", ROOT / "tests" / "browser" / "harness.py")


class Gallery:
    """One window server whose screen is set from outside."""

    def __init__(self) -> None:
        self.calls = samples.Calls()
        self.ready, self.opened = threading.Event(), threading.Event()
        self.address: window.Address | None = None
        self.shell: Shell | None = None
        threading.Thread(target=self._serve, daemon=True).start()
        assert self.ready.wait(30)

    def _serve(self) -> None:
        window.serve(
            self._main, name="passport", show_window=False, on_ready=self._note, on_disconnect=lambda: None
        )  # fmt: skip

    def _note(self, address: window.Address) -> None:
        self.address = address
        self.ready.set()

    def _main(self, page: ft.Page) -> None:
        self.shell = Shell(page, every.draw(samples.events(self.calls)), Appearance())
        self.shell.open(samples.STATES["01-welcome"])
        self.opened.set()

    def do(self, name: str, *arguments: object) -> None:
        """Call a method of the shell on its own loop, and wait until it is done."""
        done = threading.Event()

        def call() -> None:
            getattr(self.shell, name)(*arguments)
            done.set()

        assert self.shell is not None
        self.shell.post(call)
        assert done.wait(10)


LOOKS = {
    "phone": (harness.PHONE, Appearance(brightness=Brightness.LIGHT)),
    "dark": (harness.PHONE, Appearance(brightness=Brightness.DARK)),
    "laptop": (harness.LAPTOP, Appearance(brightness=Brightness.LIGHT)),
    "whole": ((390, 1900), Appearance(brightness=Brightness.LIGHT)),
    "large": (harness.PHONE, Appearance(brightness=Brightness.LIGHT, scale=2.0)),
    "family": (harness.PHONE, Appearance(brightness=Brightness.DARK)),
    "family-laptop": (harness.LAPTOP, Appearance(brightness=Brightness.LIGHT)),
    "family-large": (harness.PHONE, Appearance(brightness=Brightness.LIGHT, scale=2.0)),
}

FAMILY = Whose(2, "Gwenllian Ŵyn-Pritchard", "orange", lambda: None)
"""Whose passport it is, said in the looks named after a family: several people are kept on the device."""


KEY = ("07", "10", "15", "17", "20", "23")
"""Home, an entry, the emergency card, unlock, the first step of giving access, live access."""


def main(names: list[str], languages: list[str]) -> None:
    """Write the pictures and trees of the named states, or of all; `whole` shows what a phone scrolls to."""
    trees = harness.PICTURES / "trees"
    trees.mkdir(parents=True, exist_ok=True)
    gallery = Gallery()
    with harness.browser() as running:
        shown = harness.Window(running)
        assert gallery.address is not None
        shown.open(gallery.address.opener)
        for language in languages:
            ending = "" if language == "en" else f"-{language}"
            for look, ((width, height), appearance) in LOOKS.items():
                shown.page.set_viewport_size({"width": width, "height": height})
                gallery.do("appear", replace(appearance, language=language))
                gallery.do("say_whose", FAMILY if look.startswith("family") else None)
                for name, state in samples.STATES.items():
                    if names and not any(name.startswith(one) for one in names):
                        continue
                    gallery.do("show", state)
                    shown.page.wait_for_timeout(250)
                    shown.picture(f"{name}-{look}{ending}")
                    if look == "phone":
                        (trees / f"{name}{ending}.yaml").write_text(shown.tree(), encoding="utf-8")
        print("requests elsewhere:", shown.elsewhere)
        shown.close()


if __name__ == "__main__":
    told = argparse.ArgumentParser()
    told.add_argument("names", nargs="*", help="the beginnings of names; all where none is given")
    told.add_argument("--language", action="append", help="a code of assets/words; en where none is given")
    given = told.parse_args()
    main(given.names or list(KEY if given.language else ()), given.language or ["en"])
