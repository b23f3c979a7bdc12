"""The reader in Chromium, scanning with the browser's camera: real servers, real signatures, a made-up person."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from app.clock import system_now
from app.qr.draw import draw_card
from crypto import card
from crypto.keys import SigningKey
from tests.browser import camera, running
from tests.browser.harness import Window, browser
from tests.reader.made_up import PENICILLIN, SIAN, bundle

pytestmark = pytest.mark.browser

SURGERY = "https://oak-lane-surgery.example"
PATIENCE_MS = 40_000


@dataclass(frozen=True)
class StandIn:
    """The stand-in's profile, and the folder with its keys."""

    profile: Path
    state: Path

    def a_card(self) -> str:
        """A health card signed just now with the surgery's own key."""
        key = SigningKey.from_bytes((self.state / "gp" / "signing.key").read_bytes())
        return card.make_card(bundle(SIAN, PENICILLIN), key, iss=SURGERY, nbf=system_now())


@pytest.fixture(scope="module")
def stand_in(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StandIn]:
    state = tmp_path_factory.mktemp("stand-in")
    with running.stand_in(state) as profile:
        yield StandIn(profile, state)


@contextmanager
def reader(known: StandIn, home: Path, flags: Sequence[str], *, allowed: bool = True) -> Iterator[Window]:
    """A reader with the newest list, in a Chromium started with `flags`."""
    with running.reader(home, known.profile) as opener, browser(flags) as found:
        window = Window(found, camera=allowed)
        window.open(opener)
        window.page.get_by_role("group", name="up to date").or_(window.page.get_by_text("up to date")).first.wait_for(
            state="attached", timeout=PATIENCE_MS
        )
        yield window
        assert window.elsewhere == []
        window.close()


def before_the_camera(token: str, folder: Path) -> tuple[str, ...]:
    """The flags of a Chromium whose camera sees this card's code."""
    picture = folder / "code.png"
    picture.write_bytes(draw_card(card.to_numeric(token)).png)
    return camera.flags(camera.film(picture, folder / "camera.y4m"))


def test_a_health_card_before_the_camera_is_checked_and_shown_until_it_is_closed(
    stand_in: StandIn, tmp_path: Path
) -> None:
    with reader(stand_in, tmp_path / "reader", before_the_camera(stand_in.a_card(), tmp_path)) as window:
        window.picture("reader-scan")
        window.press("Start the camera")
        window.marked("verdict-checked").wait_for(state="attached", timeout=PATIENCE_MS)
        window.picture("reader-checked")
        window.see_text("Signed by Oak Lane Surgery")
        shown = window.tree()
        for words in ("Penicillin", "Siân Gwenllïan Prŷs", "Check name and date of birth with the patient"):
            assert words in shown
        window.press("Close and clear")
        window.see_heading("Scan a patient's code")
        assert "Penicillin" not in window.tree()


def test_a_changed_card_before_the_camera_is_not_genuine_and_not_shown(stand_in: StandIn, tmp_path: Path) -> None:
    head, body, signature = stand_in.a_card().split(".")
    forged = f"{head}.{body}.{'B' if signature[0] == 'A' else 'A'}{signature[1:]}"
    with reader(stand_in, tmp_path / "reader", before_the_camera(forged, tmp_path)) as window:
        window.press("Start the camera")
        window.marked("verdict-not-genuine").wait_for(state="attached", timeout=PATIENCE_MS)
        window.press("Show the steps behind this")
        window.see_text("The signatures fit: nothing has been changed")
        window.picture("reader-not-genuine")
        assert "Penicillin" not in window.tree()


@pytest.mark.parametrize(
    ("name", "flags", "allowed", "sentence"),
    [
        ("absent", [], True, "There is no camera on this device"),
        ("refused", ["--use-fake-device-for-media-stream"], False, "The camera is not allowed"),
    ],
)
def test_a_camera_that_gives_nothing_has_its_sentence_and_the_window_lives_on(
    stand_in: StandIn, tmp_path: Path, name: str, flags: list[str], allowed: bool, sentence: str
) -> None:
    with reader(stand_in, tmp_path / "reader", flags, allowed=allowed) as window:
        window.press("Start the camera")
        window.page.get_by_role("group", name=sentence).wait_for(state="attached", timeout=PATIENCE_MS)
        window.picture(f"reader-camera-{name}")
        window.fill("Paste or type a code", "hello")
        window.press("Check this text")
        said = window.page.get_by_role("group", name="This is not a code")
        said.wait_for(state="attached", timeout=PATIENCE_MS)
