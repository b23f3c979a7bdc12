"""Choosing what is on the emergency card at a window, looking at it again, its other code, and calling somebody."""

from __future__ import annotations

from collections.abc import Callable

import flet as ft
import pytest

from app.actions.kept_choices import choices
from app.qr.scan import read_image
from app.record.emergency_choices import CardChoices
from app.screens.emergency_card import EmergencyState
from app.screens.emergency_choices import ChoicesState
from app.store.home import PassportHome
from tests.actions.made_up import AMARA, SIAN, World, bundle_of, resources, written
from tests.flows.conftest import Story, Window

Tell = Callable[[Story], None]


def screen(window: Window) -> object:
    assert window.desk is not None
    return window.desk.shell.screen


def card(window: Window) -> EmergencyState:
    found = screen(window)
    assert isinstance(found, EmergencyState)
    return found


def chosen(window: Window) -> CardChoices:
    assert window.desk is not None
    return choices(window.desk.passport)


async def to_choices(window: Window, person: str = SIAN) -> None:
    await window.first_run(person)
    await window.press("emergency")
    await window.press("choose-card")


def test_a_part_left_off_is_gone_from_the_card_a_paramedic_sees_and_it_says_there_may_be_more(tell: Tell) -> None:
    async def story(window: Window) -> None:
        await to_choices(window)
        await window.choose("part-allergies", False)
        await window.press("preview")
        assert not window.says("Trimethoprim allergy")
        assert not window.says("Nothing recorded here")
        assert "ALLERGIES: Left off this card by the patient" in card(window).text
        assert window.says("Chosen by the patient: more may be in the record")
        assert not window.shows("show-while-locked")
        assert not window.shows("choose-card")
        await window.press("back")
        await window.choose("part-allergies", True)
        await window.press("preview")
        assert window.says("Trimethoprim allergy")
        assert not window.says("Chosen by the patient")

    tell(story)


def test_one_line_can_be_left_off_and_put_back(tell: Tell) -> None:
    async def story(window: Window) -> None:
        await to_choices(window)
        found = screen(window)
        assert isinstance(found, ChoicesState)
        line = next(part for part in found.parts if part.name == "allergies").lines[0]
        await window.choose("line-allergies-0", False)
        assert chosen(window).lines == frozenset(line.keys)
        await window.choose("line-allergies-0", True)
        assert chosen(window) == CardChoices()

    tell(story)


def test_own_words_a_person_to_call_and_the_place_of_the_original_reach_the_card(tell: Tell) -> None:
    async def story(window: Window) -> None:
        await to_choices(window)
        await window.press("add-words")
        await window.type_into("words", "I am deaf in my left ear")
        await window.press("keep-words")
        await window.press("add-contact")
        await window.type_into("contact-name", "Iolo")
        await window.type_into("contact-who", "brother")
        await window.type_into("contact-phone", "07700 900253")
        await window.press("keep-contact")
        await window.press("say-original")
        await window.type_into("words", "Yellow folder")
        await window.press("keep-words")
        await window.press("back")
        for told in ("I am deaf in my left ear", "Iolo: brother 07700 900253", "Yellow folder"):
            assert window.says(told)
        await window.press("choose-card")
        await window.press("remove-words-0")
        await window.press("remove-contact-0")
        assert chosen(window) == CardChoices(original="Yellow folder")

    tell(story)


def test_what_may_not_stand_on_a_card_is_told_with_what_was_typed_and_nothing_is_kept(tell: Tell) -> None:
    async def story(window: Window) -> None:
        await to_choices(window)
        await window.press("add-words")
        await window.type_into("words", "one\ntwo")
        await window.press("keep-words")
        assert window.says("at most 120 characters")
        await window.press("back")
        await window.press("add-contact")
        await window.type_into("contact-name", "Iolo")
        await window.type_into("contact-phone", "ask Mam")
        await window.press("keep-contact")
        assert window.says("a phone number of digits and spaces")
        await window.type_into("contact-phone", "07700 900253")
        await window.press("keep-contact")
        assert [one.name for one in chosen(window).contacts] == ["Iolo"]
        assert chosen(window).own_words == ()

    tell(story)


def test_the_card_while_locked_holds_what_was_chosen(tell: Tell, home: PassportHome) -> None:
    async def story(window: Window) -> None:
        await window.first_run(SIAN)
        await window.press("emergency")
        await window.choose("show-while-locked", True)
        await window.press("choose-card")
        await window.choose("part-allergies", False)
        await window.press("back")
        await window.press("back")
        await window.lock()
        await window.press("emergency")
        assert not window.says("Trimethoprim allergy")
        assert window.says("Chosen by the patient: more may be in the record")

    tell(story)


# ---- looking again --------------------------------------------------------------------------


def test_home_asks_to_look_until_one_said_so_and_again_after_a_change(tell: Tell, world: World) -> None:
    async def story(window: Window) -> None:
        await window.first_run(AMARA)
        assert window.says("You have not looked at it yet")
        await window.press("look-again")
        await window.press("looked")
        assert not window.shows("looked")
        await window.press("back")
        assert not window.shows("look-again")
        world.clock.forward(days=1)
        bundle = bundle_of(AMARA, "gp")
        resources(bundle, "AllergyIntolerance")[0]["code"] = {"text": "Buckwheat"}
        world.sign(AMARA, "gp", written(bundle))
        await window.press("update")
        assert window.says("Something on it has changed")
        await window.press("look-again")
        assert window.shows("looked")

    tell(story)


def test_after_half_a_year_home_asks_again(tell: Tell, world: World) -> None:
    async def story(window: Window) -> None:
        await window.first_run(SIAN)
        await window.press("look-again")
        await window.press("looked")
        world.clock.forward(days=183)
        await window.press("back")
        assert window.says("about 6 months ago or more")

    tell(story)


# ---- its codes, and calling -----------------------------------------------------------------


def test_the_code_can_be_turned_into_a_contact_with_the_same_lines_and_back(tell: Tell) -> None:
    async def story(window: Window) -> None:
        await window.first_run(SIAN)
        await window.press("emergency")
        words = card(window)
        assert words.code is not None
        await window.press("as-contact")
        contact = card(window)
        assert contact.code is not None
        (read,) = read_image(contact.code.png)
        note = read.replace("\r\n ", "").split("NOTE:", 1)[1].split("\r\n", 1)[0]
        unescaped = note.replace("\\n", "\n").replace("\\,", ",").replace("\\;", ";")
        assert unescaped == words.text
        await window.press("as-contact")
        again = card(window)
        assert again.code is not None
        (signed,) = read_image(again.code.png)
        assert signed.startswith(f"{words.text}\nPP1:")

    tell(story)


def test_without_anybody_to_vouch_the_code_is_the_words_alone_and_says_that_it_is_not_signed(
    tell: Tell, world: World
) -> None:
    async def story(window: Window) -> None:
        world.lose("service")
        await window.first_run(SIAN)
        await window.press("emergency")
        shown = card(window)
        assert window.says("This code is not signed")
        assert shown.code is not None
        assert read_image(shown.code.png) == [shown.text]
        assert "PP1:" not in shown.text

    tell(story)


def test_a_tap_calls_the_number_and_nothing_else(tell: Tell, monkeypatch: pytest.MonkeyPatch) -> None:
    called: list[str] = []

    async def launch(_self: ft.UrlLauncher, url: str, **_how: object) -> None:
        called.append(url)

    async def story(window: Window) -> None:
        monkeypatch.setattr(ft.UrlLauncher, "launch_url", launch)
        await to_choices(window)
        await window.choose("part-contacts", False)
        await window.press("add-contact")
        await window.type_into("contact-name", "Iolo")
        await window.type_into("contact-phone", "+44 (0)7700 900253")
        await window.press("keep-contact")
        await window.press("back")
        await window.press("call-0")
        assert called == ["tel:+447700900253"]

    tell(story)
