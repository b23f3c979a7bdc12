"""Several people on one device, as a carer meets them: one process, one window, and nothing goes between them.

Over 500 lines: what a window reaches is walked object by object here, and every story is held to that one walk.
"""

from __future__ import annotations

import ast
import asyncio
import gc
import importlib
import inspect
import pkgutil
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any

import flet as ft
import pytest

import app.actions
from app.actions.session import unlock
from app.actions.sharing import Access, all_access
from app.screens.people import WhoseState
from app.store.home import PassportHome
from app.store.household import Household
from crypto.errors import Ended, NoPassport
from tests.actions.made_up import AMARA, NOOR, PEOPLE, PHRASE, World, holding, with_asthma_called
from tests.flows.conftest import Story, Window

Tell = Callable[[Story], None]
ROOT = Path(__file__).resolve().parents[2]
MARKER = "Quvyzeth"
"""What one person's surgery calls a condition; nobody else may ever meet it."""
OTHER_PHRASE = "copper lantern walks slowly home"


@pytest.fixture
def world(tmp_path: Path) -> World:
    marked = holding(AMARA, {"gp": with_asthma_called(f"{MARKER} of the lung")})
    return World(tmp_path / "state", people=[marked, PEOPLE[NOOR]])


@pytest.fixture
def copied(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What stands on the clipboard, oldest first."""
    seen: list[str] = []

    async def put(_clipboard: ft.Clipboard, value: str) -> None:
        seen.append(value)

    async def there(_clipboard: ft.Clipboard) -> str:
        return seen[-1] if seen else ""

    monkeypatch.setattr(ft.Clipboard, "set", put)
    monkeypatch.setattr(ft.Clipboard, "get", there)
    return seen


async def add(window: Window, name: str, colour: str = "purple") -> None:
    """From an open passport to the first screen of somebody new."""
    await window.press("place-you")
    await window.press("people")
    await window.press("add-person")
    await window.type_into("person-name", name)
    await window.pick("colour", colour)
    await window.press("keep-person")
    await window.quiet()


async def two(window: Window) -> None:
    """Amara's passport, then her son's, which is open now."""
    await window.first_run(AMARA)
    await add(window, "Noor")
    await window.make_passport(OTHER_PHRASE)
    await window.press("add-try")
    await window.press(f"person-{NOOR}")
    await window.quiet()


async def turn_to(window: Window, number: int, phrase: str) -> None:
    await window.press("switch-person")
    await window.press(f"whose-{number}")
    await window.unlock(phrase)


def banner(window: Window) -> list[str]:
    """What the banner says, or nothing where there is none."""
    if not window.shows("whose"):
        return []
    return [str(c.value) for c in window._walk(window.marked("whose"), set()) if isinstance(c, ft.Text)]


# ---- what a carer does ----------------------------------------------------------------------


def test_one_person_alone_is_asked_for_nobody_and_sees_no_banner(tell: Tell, home: PassportHome) -> None:
    async def first(window: Window) -> None:
        await window.first_run(NOOR)
        assert not window.shows("whose")
        await window.lock()
        assert window.shows("unlock")

    async def again(window: Window) -> None:
        assert window.heading() == "Unlock your passport"
        assert not window.shows("switch-person")

    tell(first)
    tell(again)
    assert not (home.path / "household.json").exists()
    assert not (home.path / "people").exists()


def test_another_person_goes_through_first_run_and_every_screen_says_whose_passport_it_is(tell: Tell) -> None:
    async def story(window: Window) -> None:
        await window.first_run(AMARA)
        await add(window, "Noor")
        assert window.desk is not None
        assert not window.desk.is_open
        assert window.heading() == "Your health record, kept by you"
        assert banner(window) == ["Passport of Noor"]
        await window.make_passport(OTHER_PHRASE)
        await window.press("add-try")
        await window.press(f"person-{NOOR}")
        await window.quiet()
        assert window.heading() == PEOPLE[NOOR].name
        for place in ("place-share", "place-you", "place-home", "emergency"):
            await window.press(place)
            assert banner(window) == ["Passport of Noor"], place
        await window.press("back")
        await window.lock()
        assert banner(window) == ["Passport of Noor"]

    tell(story)


def test_a_new_window_asks_whose_passport_and_each_opens_with_its_own_words(tell: Tell) -> None:
    async def second(window: Window) -> None:
        assert window.heading() == "Whose passport?"
        assert not window.shows("whose")
        assert window.identifiers("whose-") == ["whose-1", "whose-2"]
        await window.press("whose-1")
        assert banner(window) == ["Passport of Person 1"]
        await window.unlock(OTHER_PHRASE)
        assert window.says("not the right passphrase")
        await window.unlock()
        assert window.heading() == PEOPLE[AMARA].name
        await turn_to(window, 2, OTHER_PHRASE)
        assert window.heading() == PEOPLE[NOOR].name
        assert banner(window) == ["Passport of Noor"]

    tell(two)
    tell(second)


def test_a_name_and_a_colour_are_changed_and_seen_at_once(tell: Tell, home: PassportHome) -> None:
    async def story(window: Window) -> None:
        await two(window)
        await window.press("place-you")
        await window.press("people")
        await window.press("person-1")
        await window.type_into("person-name", "Noor")
        await window.press("keep-person")
        assert window.says("Somebody on this device has this name already")
        await window.type_into("person-name", "Mum")
        await window.pick("colour", "pink")
        await window.press("keep-person")
        assert window.heading() == "People I look after"
        assert window.says("Mum")
        await window.press("person-2")
        await window.type_into("person-name", "")
        await window.press("keep-person")
        assert banner(window) == ["Passport of Person 2"]
        assert window.desk is not None
        assert window.desk.is_open

    tell(story)
    assert [(one.name, one.colour) for one in Household(home.path).people()] == [("Mum", "pink"), ("", "purple")]


def test_a_new_person_who_was_not_made_leaves_nothing(tell: Tell, home: PassportHome) -> None:
    async def story(window: Window) -> None:
        await window.first_run(AMARA)
        await add(window, "Noor")
        await window.press("switch-person")
        assert window.heading() == "Unlock your passport"
        assert not window.shows("whose")

    tell(story)
    assert [one.number for one in Household(home.path).people()] == [1]
    assert "Noor" not in (home.path / "household.json").read_text(encoding="utf-8")


def test_a_new_person_given_up_by_closing_the_app_leaves_nothing(tell: Tell, home: PassportHome) -> None:
    async def given_up(window: Window) -> None:
        await window.first_run(AMARA)
        await add(window, "Noor")

    async def again(window: Window) -> None:
        assert window.shows("unlock")
        assert not window.shows("whose")

    tell(given_up)
    tell(again)
    assert list((home.path / "people").iterdir()) == []
    assert "Noor" not in (home.path / "household.json").read_text(encoding="utf-8")


def test_when_one_of_two_is_gone_the_other_opens_without_a_question(tell: Tell, home: PassportHome) -> None:
    async def story(window: Window) -> None:
        await window.press("whose-2")
        for path in (home.path / "people" / "2").iterdir():
            path.unlink()
        await window.press("switch-person")
        assert window.shows("unlock")
        assert not window.shows("whose")
        await window.unlock()
        assert window.heading() == PEOPLE[AMARA].name

    tell(two)
    tell(story)
    assert "Noor" not in (home.path / "household.json").read_text(encoding="utf-8")


def test_deleting_everything_deletes_one_person(tell: Tell, home: PassportHome) -> None:
    async def story(window: Window) -> None:
        await two(window)
        before = own_files(home.path)
        await window.press("place-you")
        await window.press("delete")
        await window.press("delete-go-on")
        await window.type_into("delete-word", "Delete")
        await window.press("delete")
        assert window.heading() == "Everything is deleted"
        await window.press("continue")
        assert window.shows("unlock")
        assert not window.shows("whose")
        assert own_files(home.path) == before
        assert not (home.path / "people" / "2").exists()
        assert "Noor" not in (home.path / "household.json").read_text(encoding="utf-8")
        await window.unlock()
        assert window.heading() == PEOPLE[AMARA].name

    tell(story)


def test_each_person_has_a_language_and_a_size_of_text_of_their_own(tell: Tell) -> None:
    async def story(window: Window) -> None:
        await two(window)
        assert window.desk is not None
        await window.press("place-you")
        await window.pick("language", "cy")
        assert window.desk.words.language == "cy"
        await window.press("switch-person")
        assert window.desk.words.language == "en"
        await window.press("whose-2")
        assert window.desk.words.language == "cy"

    tell(story)


# ---- nothing goes between two people --------------------------------------------------------


def reachable(*roots: object, fence: tuple[object, ...]) -> Iterator[object]:
    """Every object that can be reached from `roots`, without the made-up world, modules and classes."""
    seen = {id(one) for one in fence}
    waiting: list[object] = list(roots)
    while waiting:
        one = waiting.pop()
        if id(one) in seen or isinstance(one, (ModuleType, type)):
            continue
        seen.add(id(one))
        yield one
        if isinstance(one, FunctionType):
            waiting += [one.__closure__, one.__defaults__, one.__kwdefaults__, one.__dict__]
        else:
            waiting += gc.get_referents(one)


def met(window: Window, world: World, secrets: dict[str, str], *fenced: object) -> set[str]:
    """Which of the secrets can be reached in memory from the window, its desk, services, session and event loop."""
    gc.collect()
    fence = (world, world.apps, world.stand_in, world.people, PEOPLE, sys.modules, secrets, *fenced)
    found: set[str] = set()
    for one in reachable(window.desk, window.session, window.client, asyncio.get_running_loop(), fence=fence):
        if isinstance(one, str):
            found |= {what for what, secret in secrets.items() if secret in one}
        elif isinstance(one, (bytes, bytearray)):
            found |= {what for what, secret in secrets.items() if secret.encode() in bytes(one)}
    return found


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def own_files(root: Path) -> dict[str, bytes]:
    """The first person's: the root without the others and what says who is here."""
    return {
        name: data
        for name, data in files(root).items()
        if not name.startswith("people/") and name not in ("household.json", "lock")
    }


async def used_by_the_first(window: Window) -> Access:
    """Amara looks for her condition, gives access, copies the link, shows her card while locked, ends access later."""
    await window.press("emergency")
    await window.choose("show-while-locked", True)
    await window.press("back")
    await window.press("search")
    await window.type_into("query", MARKER)
    await window.press("find")
    assert window.says(MARKER)
    await window.press("place-home")
    await window.press("give-access")
    await window.press("continue")
    await window.press("continue")
    await window.press("give")
    await window.settle(40)
    await window.press("link-toggle")
    await window.press("link-copy")
    assert window.desk is not None
    return all_access(window.desk.passport)[0]


def test_nothing_of_one_person_can_be_reached_while_another_is_open(
    tell: Tell, world: World, home: PassportHome, copied: list[str]
) -> None:
    async def story(window: Window) -> None:
        await window.first_run(AMARA)
        await window.quiet()
        access = await used_by_the_first(window)
        desk = window.desk
        assert desk is not None
        assert desk.services is not None
        assert desk.services.tokens is not None
        assert desk.services.heads
        secrets = {
            "condition": MARKER,
            "name": PEOPLE[AMARA].name,
            "link": access.code,
            "passcode": access.passcode,
            "token": desk.services.tokens.access,
            "NHS number": desk.services.tokens.nhs_number,
            "who one is at the surgery": next(iter(desk.services.tokens.subjects.values())),
        }
        assert all(secrets.values())
        del access
        seen = met(window, world, secrets, copied)
        assert set(secrets) - {"condition", "name"} <= seen  # the search sees what is there
        assert copied[-1].startswith("shlink:/")

        world.lose("relay")
        await window.press("end-access")
        await window.settle(40)
        assert len(desk.passport.store.outgoing()) == 1
        world.bring_back()

        await add(window, "Noor")
        before = own_files(home.path)
        assert copied[-1] == ""
        await window.make_passport(OTHER_PHRASE)
        await window.press("add-try")
        await window.press(f"person-{NOOR}")
        await window.quiet()
        assert window.heading() == PEOPLE[NOOR].name
        assert list(desk.passport.store.search(MARKER).entries) == []
        await window.press("place-share")
        assert all_access(desk.passport) == []
        assert desk.passport.store.outgoing() == []
        await window.press("place-home")
        await window.press("emergency")
        assert not window.says(PEOPLE[AMARA].name)
        await window.press("back")

        assert met(window, world, secrets, copied) == set()
        assert desk.home.read_locked_card() is None
        everything = b"".join(files(home.path / "people").values()) + (home.path / "household.json").read_bytes()
        assert [what for what, secret in secrets.items() if secret.encode() in everything] == []

        await window.lock()
        assert not window.shows("emergency")
        assert own_files(home.path) == before

    tell(story)


def test_what_waits_to_be_sent_waits_for_its_own_person(tell: Tell, world: World, home: PassportHome) -> None:
    async def story(window: Window) -> None:
        await window.first_run(AMARA)
        access = await used_by_the_first(window)
        world.lose("relay")
        await window.press("end-access")
        await window.settle(40)
        await add(window, "Noor")
        world.bring_back()
        await window.make_passport(OTHER_PHRASE)
        await window.press("add-try")
        await window.press(f"person-{NOOR}")
        await window.quiet()
        assert window.desk is not None
        assert await window.desk.work(world.open_files, access)
        await turn_to(window, 1, PHRASE)
        with pytest.raises(Ended):
            await window.desk.work(world.open_files, access)

    tell(story)


def test_the_first_person_changes_nothing_in_the_others_folder(tell: Tell, home: PassportHome) -> None:
    tell(two)
    before = files(home.path / "people" / "2")
    assert {"vault.json", "record.db"} <= set(before)

    async def story(window: Window) -> None:
        await window.press("whose-1")
        await window.unlock()
        await window.press("update")
        await window.quiet()
        await used_by_the_first(window)

    tell(story)
    assert files(home.path / "people" / "2") == before


def test_the_stage_holds_nothing_of_a_passport_that_is_locked(tell: Tell, world: World) -> None:
    async def story(window: Window) -> None:
        await two(window)
        await turn_to(window, 1, PHRASE)
        await window.press("section-conditions")
        assert window.says(MARKER)
        await window.press("switch-person")
        desk = window.desk
        assert desk is not None
        assert isinstance(desk.shell.screen, WhoseState)
        assert met(window, world, {"condition": MARKER, "name": PEOPLE[AMARA].name}) == set()

    tell(story)


# ---- types and structure --------------------------------------------------------------------


def test_the_passport_of_another_is_not_laid_on_the_desk(tell: Tell, home: PassportHome, world: World) -> None:
    async def story(window: Window) -> None:
        await two(window)
        desk = window.desk
        assert desk is not None
        other = unlock(Household(home.path).person(1).home, PHRASE, now=world.now)
        with pytest.raises(NoPassport, match="another's"):
            desk.open(other)
        assert other.locked
        assert desk.passport.home.path == home.path / "people" / "2"

    tell(story)


def test_to_sit_down_locks_whoever_was_open(tell: Tell, home: PassportHome) -> None:
    async def story(window: Window) -> None:
        await two(window)
        desk = window.desk
        assert desk is not None
        passport = desk.passport
        desk.turn_to(Household(home.path).person(1))
        assert passport.locked
        assert not desk.is_open
        assert desk.services is not None
        assert (desk.services.tokens, desk.services.heads) == (None, {})

    tell(story)


def actions_of_the_app() -> Iterator[tuple[str, Any]]:
    for found in pkgutil.iter_modules(app.actions.__path__, "app.actions."):
        module = importlib.import_module(found.name)
        for name, one in inspect.getmembers(module, inspect.isfunction):
            if one.__module__ == found.name and not name.startswith("_"):
                yield f"{found.name}.{name}", one


def test_an_action_has_one_person_and_no_way_to_another() -> None:
    takers = []
    for name, action in actions_of_the_app():
        asked = [str(hint) for what, hint in action.__annotations__.items() if what != "return"]
        people = [one for hint in asked for one in re.findall(r"\b(?:PassportHome|Passport|Store|Household)\b", hint)]
        assert people in ([], ["Passport"], ["PassportHome"], ["Store"], ["PassportHome", "Store"]), name
        takers += people
    assert len(takers) > 40


WHO_KNOWS_EVERYBODY = {
    "app/__main__.py", "app/commands/arguments.py", "app/commands/people.py", "app/compose.py", "app/journeys/desk.py",
    "app/journeys/people.py", "app/journeys/seat.py", "app/store/household.py",
}  # fmt: skip
"""Choosing who sits at the desk; everything else has one person's home or passport."""


def test_the_household_is_known_only_where_people_are_chosen() -> None:
    knowing = set()
    for path in sorted((ROOT / "app").rglob("*.py")):
        names = {
            node.id for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.Name)
        }
        attributes = {
            node.attr
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
            if isinstance(node, ast.Attribute)
        }
        if "Household" in names or "household" in attributes or path.name == "household.py":
            knowing.add(path.relative_to(ROOT).as_posix())
    assert knowing <= WHO_KNOWS_EVERYBODY
    assert {"app/journeys/desk.py", "app/journeys/seat.py"} <= knowing
