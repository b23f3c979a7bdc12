"""Every screen in Chromium: what a screen reader is given, and that nothing is asked from elsewhere."""

from __future__ import annotations

import importlib.util
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from app.qr import scan

HERE = Path(__file__).parent


def beside(name: str, path: Path) -> ModuleType:
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, path)
        assert spec is not None
        assert spec.loader is not None
        sys.modules[name] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules[name])
    return sys.modules[name]


gallery = beside("gallery", HERE / "gallery.py")
harness, samples = gallery.harness, gallery.samples

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(harness.chromium() is None, reason="no Chromium here: apt-get install chromium"),
]

NAMELESS = re.compile(r"^\s*- (button|checkbox|switch|radio|textbox|link|img)\b(?! \")", re.M)
"""A control in the tree without a name after its role."""


@pytest.fixture(scope="module")
def shown() -> Iterator[tuple[Any, Any]]:
    running = gallery.Gallery()
    with harness.browser() as chromium:
        window = harness.Window(chromium)
        window.open(running.address.opener)
        yield running, window
        window.close()


def settled(running: Any, window: Any, name: str) -> str:
    """Show a state and wait until the tree of it stands still."""
    running.do("show", samples.STATES[name])
    before = ""
    for _ in range(40):
        window.page.wait_for_timeout(100)
        now = window.tree()
        if now == before:
            break
        before = now
    window.picture(name)
    return str(window.tree())


@pytest.mark.parametrize("name", list(samples.STATES))
def test_a_screen_reader_is_given_one_main_heading_and_a_name_for_each_control(
    shown: tuple[Any, Any], name: str
) -> None:
    tree = settled(*shown, name)
    assert len(re.findall(r"- heading .*\[level=1\]", tree)) == 1
    assert NAMELESS.findall(tree) == []


def test_the_keyboard_alone_presses_a_button(shown: tuple[Any, Any]) -> None:
    running, window = shown
    settled(running, window, "01-welcome")
    running.calls.clear()
    window.page.keyboard.press("Tab")
    window.page.keyboard.press("Enter")
    window.page.wait_for_timeout(500)
    assert running.calls == [("welcome.begin", ())]


def test_a_passphrase_is_pasted_and_handed_over(shown: tuple[Any, Any]) -> None:
    running, window = shown
    settled(running, window, "17-unlock")
    running.calls.clear()
    window.fill("Passphrase", "anchor violet teapot harvest")
    window.press("Unlock")
    window.page.wait_for_timeout(500)
    assert running.calls == [("unlock.unlock", ("anchor violet teapot harvest",))]


def test_the_code_on_the_screen_is_read_back_by_a_decoder(shown: tuple[Any, Any]) -> None:
    running, window = shown
    settled(running, window, "23-live")
    assert scan.read_image(window.picture("23-live").read_bytes()) == [samples.LIVE.link]


def test_nothing_is_asked_from_anywhere_else(shown: tuple[Any, Any]) -> None:
    assert shown[1].elsewhere == []


def test_the_banner_of_several_people_is_read_before_the_heading_and_its_button_has_a_name(
    shown: tuple[Any, Any],
) -> None:
    running, window = shown
    running.do("say_whose", gallery.FAMILY)
    tree = settled(running, window, "07-home")
    running.do("say_whose", None)
    banner, switch = tree.index("Passport of Gwenllian Ŵyn-Pritchard"), tree.index('button "Switch person"')
    assert banner < switch < tree.index("[level=1]")
    assert NAMELESS.findall(tree) == []
    assert "Passport of" not in settled(running, window, "07-home")
