"""Bringing in what lies behind a link: nobody is asked before a person agrees, nothing is kept before they say so."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import flet_camera
import pytest

from app.journeys import desk
from app.qr.draw import draw_card, draw_words
from app.ui import camera
from crypto import card, shlink
from crypto.encoding import b64url_encode
from sync import links
from sync.links import OwnedLink
from tests.actions.made_up import ADDRESSES, AMARA, PEOPLE, SIAN, World, kept
from tests.actions.test_importing import allergy, health_card, patient
from tests.flows.conftest import Story, Window
from tests.flows.phones import NO_CODE, Lens, seen
from tests.flows.test_background import until
from tests.flows.test_import import STRANGE, WALNUTS, file_of, picks

Tell = Callable[[Story], None]
FHIR = "application/fhir+json"
HOST = ADDRESSES["relay"].removeprefix("http://")


def held(
    world: World, data: bytes | None = None, *, passcode: str | None = None, flag: str = "", label: str = ""
) -> OwnedLink:
    """A link to a record of Siân's at the relay, for an hour."""
    flags = "".join(sorted(flag + ("P" if passcode else "")))
    end = world.now + timedelta(hours=1)
    owned = links.new_link(world.profile.relay, exp=end, label=label, flag=flags)
    files = [(FHIR, file_of(SIAN, WALNUTS, STRANGE) if data is None else data)]
    links.publish(world.transport, owned, files, passcode=passcode)
    return owned


def tries(world: World, owned: OwnedLink) -> int:
    return links.openings(world.transport, owned).attempts


def before(window: Window) -> tuple[int, int]:
    assert window.desk is not None
    return kept(window.desk.passport)


async def worked(window: Window, owned: OwnedLink) -> int:
    """How often somebody tried the link."""
    assert window.desk is not None
    return await window.desk.work(tries, window.world, owned)


async def pasted(window: Window, owned: OwnedLink, around: str = "{}") -> None:
    await window.press("link")
    await window.type_into("link-text", around.format(shlink.make(owned.link)))
    await window.press("use-link")


async def asked(window: Window, passcode: str = "") -> None:
    if passcode:
        await window.type_into("passcode", passcode)
    await window.press("ask-host")
    await window.settle(20)


def test_a_pasted_link_is_asked_for_when_agreed_shown_and_kept_when_a_person_says_so(tell: Tell, world: World) -> None:
    owned = held(world, label="Hospital stay")

    async def story(window: Window) -> None:
        await window.first_run(SIAN)
        had = before(window)
        await pasted(window, owned, "https://viewer.example/#{}")
        assert window.says(HOST)
        assert window.says("Hospital stay")
        assert await worked(window, owned) == 0
        await asked(window)
        assert window.heading() == "Check this file"
        assert window.says(PEOPLE[SIAN].name)
        assert await worked(window, owned) == 1
        assert before(window) == had
        await window.press("keep")
        assert before(window) == (had[0] + 1, had[1] + 1)
        assert await worked(window, owned) == 1
        await window.press("continue")
        await window.press("section-allergies")
        assert window.says("Walnuts")
        assert window.says(f"Not signed: received by a link from {HOST}")

    tell(story)


def test_it_goes_out_again_as_a_whole(tell: Tell, world: World) -> None:
    owned = held(world)

    async def story(window: Window) -> None:
        await window.first_run(SIAN)
        had = before(window)
        await pasted(window, owned)
        await asked(window)
        await window.press("keep")
        await window.press("continue")
        await window.press("place-you")
        await window.press("files")
        assert window.says(f"By a link from {HOST}")
        await window.press(window.identifiers("file-")[0])
        await window.press("remove")
        assert window.shows("removed")
        assert before(window) == had

    tell(story)


def test_going_back_asks_nobody_and_forgets_the_link(tell: Tell, world: World) -> None:
    owned = held(world)

    async def story(window: Window) -> None:
        await window.first_run(SIAN)
        had = before(window)
        await pasted(window, owned)
        await window.press("back")
        assert window.shows("link-text")
        assert not window.says("shlink:/eyJ")
        await window.press("back")
        assert window.heading() == PEOPLE[SIAN].name
        assert (await worked(window, owned), before(window)) == (0, had)

    tell(story)


def test_a_wrong_passcode_says_how_many_tries_are_left_and_the_right_one_opens_it(tell: Tell, world: World) -> None:
    owned = held(world, passcode="open-sesame")

    async def story(window: Window) -> None:
        await window.first_run(SIAN)
        had = before(window)
        await pasted(window, owned)
        await asked(window)
        assert window.says("This link opens with a passcode.")
        assert await worked(window, owned) == 0
        await asked(window, "guess")
        assert window.says("4 tries are left")
        assert before(window) == had
        await asked(window, " open-sesame ")
        assert window.shows("keep")

    tell(story)


def test_without_a_signal_a_sentence_says_so_and_asking_again_works(tell: Tell, world: World) -> None:
    owned = held(world)

    async def story(window: Window) -> None:
        await window.first_run(SIAN)
        had = before(window)
        await pasted(window, owned)
        world.lose()
        await asked(window)
        assert window.says("There is no connection to the service.")
        assert before(window) == had
        world.bring_back()
        await asked(window)
        assert window.shows("keep")

    tell(story)


def test_an_ended_link_says_so_and_nothing_is_stored(tell: Tell, world: World) -> None:
    owned = held(world)
    links.end(world.transport, owned)

    async def story(window: Window) -> None:
        await window.first_run(SIAN)
        had = before(window)
        await pasted(window, owned)
        await asked(window)
        assert window.says("This link does not work any more.")
        assert before(window) == had

    tell(story)


def test_a_link_past_its_time_asks_nobody(tell: Tell, world: World) -> None:
    owned = held(world)

    async def story(window: Window) -> None:
        await window.first_run(SIAN)
        world.clock.forward(minutes=59)
        await pasted(window, owned)
        world.clock.forward(minutes=1)
        await asked(window)
        assert window.says("The time for this has run out.")
        await window.press("back")
        await window.type_into("link-text", shlink.make(owned.link))
        await window.press("use-link")
        assert window.says("The time for this has run out.")
        assert window.shows("link-text")

    tell(story)


def test_what_is_too_large_is_refused_in_words(tell: Tell, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    owned = held(world)
    monkeypatch.setattr(links, "MAX_OPENED_BYTES", 10)

    async def story(window: Window) -> None:
        await window.first_run(SIAN)
        had = before(window)
        await pasted(window, owned)
        await asked(window)
        assert window.says("This is too large for the passport.")
        assert before(window) == had

    tell(story)


def test_somebody_elses_record_is_refused_in_words_and_the_link_is_gone(tell: Tell, world: World) -> None:
    owned = held(world, file_of(AMARA, WALNUTS))

    async def story(window: Window) -> None:
        await window.first_run(SIAN)
        had = before(window)
        await pasted(window, owned)
        await asked(window)
        assert window.says("This record is about somebody else.")
        assert not window.says("Okafor")
        await window.press("problem-close")
        assert before(window) == had
        await window.press("ask-host")
        assert window.shows("link-text")
        assert await worked(window, owned) == 1

    tell(story)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "This is not a link to a record."),
        ("https://viewer.example/", "This is not a link to a record."),
        ("shlink:/eyJ1cmwi", "This is damaged and could not be read."),
    ],
)
def test_what_is_no_link_is_said(tell: Tell, text: str, said: str) -> None:
    async def story(window: Window) -> None:
        await window.first_run(SIAN)
        await window.press("link")
        await window.type_into("link-text", text)
        await window.press("use-link")
        assert window.says(said)
        assert window.shows("link-text")

    tell(story)


@pytest.mark.parametrize("picture", [True, False], ids=["picture", "text"])
def test_a_picked_file_with_a_link_in_it_leads_where_a_pasted_one_does(tell: Tell, world: World, picture: bool) -> None:
    owned = held(world)
    text = shlink.make(owned.link)

    async def story(window: Window) -> None:
        await window.first_run(SIAN)
        picks(window, "code.png", seen(draw_words(text).png) if picture else text.encode())
        await window.press("import")
        assert window.says(HOST)
        assert await worked(window, owned) == 0
        await asked(window)
        await window.press("back")
        assert window.heading() == PEOPLE[SIAN].name

    tell(story)


def test_without_any_services_set_up_a_link_is_brought_in_and_may_begin_a_record(
    tell: Tell, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    owned = held(world)
    monkeypatch.setattr(desk, "way_out", lambda: world.transport)

    async def story(window: Window) -> None:
        await window.make_passport()
        assert window.desk is not None
        window.desk.services = None
        await window.press("add-link")
        await window.type_into("link-text", shlink.make(owned.link))
        await window.press("use-link")
        await asked(window)
        await window.press("keep")
        await window.press("continue")
        assert window.heading() == PEOPLE[SIAN].name

    tell(story)


def test_locking_forgets_the_link(tell: Tell, world: World) -> None:
    owned = held(world, passcode="open-sesame")

    async def story(window: Window) -> None:
        await window.first_run(SIAN)
        await pasted(window, owned)
        assert window.desk is not None
        window.desk.clear()
        window.desk.lock()
        await window.settle()
        assert window.shows("unlock")
        assert not window.says(HOST)
        key = b64url_encode(owned.link.key)
        assert not [text for text in window.texts() if key in text]

    tell(story)


# ---- the camera ---------------------------------------------------------------------------------


@pytest.fixture
def lens(monkeypatch: pytest.MonkeyPatch) -> Lens:
    """The camera of the window."""
    made = Lens()
    monkeypatch.setattr(camera, "READY_SECONDS", 0)
    monkeypatch.setattr(flet_camera, "Camera", lambda: made)
    return made


def picture_of(text: str) -> bytes:
    return seen(draw_words(text).png)


def test_the_camera_reads_a_code_and_says_so_of_another_kind(tell: Tell, world: World, lens: Lens) -> None:
    owned = held(world)
    lens.sees(NO_CODE, picture_of("WIFI:S:cafe;;"))

    async def story(window: Window) -> None:
        await window.first_run(SIAN)
        await window.press("link")
        await window.press("start-camera")
        await until(window, lambda: window.says("That is another kind of code."))
        lens.sees(picture_of(shlink.make(owned.link)))
        await until(window, lambda: window.shows("ask-host"))
        assert window.says(HOST)
        assert await worked(window, owned) == 0

    tell(story)


def test_the_camera_takes_a_health_card_as_a_file(tell: Tell, lens: Lens) -> None:
    lens.sees(seen(draw_card(card.to_numeric(health_card(patient(), allergy("Latex")))).png))

    async def story(window: Window) -> None:
        await window.make_passport()
        await window.press("add-link")
        await window.press("start-camera")
        await until(window, lambda: window.shows("keep"))
        assert window.says("QR code")
        await window.press("keep")
        assert before(window) == (1, 1)

    tell(story)


@pytest.mark.parametrize("absent", [True, False], ids=["absent", "refused"])
def test_a_camera_that_gives_nothing_leaves_the_other_ways(tell: Tell, lens: Lens, absent: bool) -> None:
    lens.sees(RuntimeError("permission denied"), **({"cameras": ()} if absent else {}))

    async def story(window: Window) -> None:
        await window.first_run(SIAN)
        await window.press("link")
        await window.press("start-camera")
        await until(window, lambda: window.says("The camera could not be used."))
        assert window.shows("link-text")

    tell(story)


def test_the_camera_stops_when_a_person_stops_it(tell: Tell, lens: Lens) -> None:
    lens.sees(NO_CODE)

    async def story(window: Window) -> None:
        await window.first_run(SIAN)
        await window.press("link")
        await window.press("start-camera")
        await window.press("stop-camera")
        await window.quiet()
        assert window.shows("link-text")

    tell(story)
