"""Security: the passphrase, the PIN, new words, new keys; each asked for twice where somebody could be shut out."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from app.actions import session
from app.policy.pin import MAX_WRONG_PINS
from app.policy.tries import DELAYS
from app.store.home import PassportHome
from tests.actions.made_up import PEOPLE, PHRASE, SIAN, World
from tests.flows.conftest import Story, Window
from tests.store.keystores import MemoryKeystore

Tell = Callable[[Story], None]
NEW_PHRASE = "copper heron under seventeen ladders"
PIN, OTHER_PIN = "274951", "836204"
NAME = PEOPLE[SIAN].name


@pytest.fixture
def keystore() -> MemoryKeystore:
    return MemoryKeystore()


@pytest.fixture
def home(tmp_path: Path, keystore: MemoryKeystore) -> PassportHome:
    """A device that keeps secrets for programs."""
    return PassportHome(tmp_path / "home", keystore)


async def security(window: Window) -> None:
    await window.press("place-you")
    await window.press("security")


async def choose_pin(window: Window, pin: str = PIN, again: str | None = None) -> None:
    await window.type_into("pin", pin)
    await window.type_into("pin-again", pin if again is None else again)
    await window.press("set-pin")


async def unlock_pin(window: Window, pin: str) -> None:
    await window.type_into("pin", pin)
    await window.press("unlock")
    await window.quiet()


async def answer(window: Window, phrase: str = PHRASE) -> None:
    await window.type_into("passphrase", phrase)
    await window.press("answer")


# ---- the PIN --------------------------------------------------------------------------------


def test_in_the_first_run_a_pin_is_offered_and_opens_afterwards(tell: Tell) -> None:
    async def story(window: Window) -> None:
        await window.press("begin")
        await window.type_into("passphrase", PHRASE)
        await window.type_into("passphrase-again", PHRASE)
        await window.press("make")
        await window.keep_words()
        assert window.heading() == "Choose a PIN"
        await choose_pin(window)
        assert window.heading() == "Where to keep your backups"
        await window.press("back")
        assert window.heading() == "Choose a PIN"
        await window.press("without-pin")
        await window.press("not-now")
        await window.press("add-try")
        await window.press(f"person-{SIAN}")
        await window.lock()
        await unlock_pin(window, OTHER_PIN)
        assert window.says("PIN")
        assert window.desk is not None
        assert not window.desk.is_open
        await unlock_pin(window, PIN)
        assert window.heading() == NAME

    tell(story)


def test_where_the_device_keeps_no_secrets_no_pin_is_offered(
    tell: Tell, home: PassportHome, keystore: MemoryKeystore
) -> None:
    keystore.broken = True

    async def story(window: Window) -> None:
        await window.make_passport()
        assert window.heading() == "Add your record"
        await window.press("later")
        await security(window)
        assert window.says("A PIN is not possible here.")
        assert not window.identifiers("security-pin")

    tell(story)


def test_an_easy_pin_is_refused_and_nothing_is_set(tell: Tell, home: PassportHome) -> None:
    async def story(window: Window) -> None:
        await window.first_run(SIAN)
        await security(window)
        await window.press("security-pin-set")
        await choose_pin(window, "123456")
        assert window.shows("error-summary")
        assert not session.has_pin(home)
        await choose_pin(window, PIN, OTHER_PIN)
        assert window.says("The two PINs are not the same")
        assert not session.has_pin(home)

    tell(story)


def test_a_pin_is_set_changed_and_removed_later(tell: Tell, home: PassportHome) -> None:
    async def story(window: Window) -> None:
        await window.first_run(SIAN)
        await security(window)
        await window.press("security-pin-set")
        await choose_pin(window)
        assert window.says("Your PIN is set.")
        await window.press("security-pin-change")
        assert window.heading() == "Choose a new PIN"
        await choose_pin(window, OTHER_PIN)
        await window.lock()
        await unlock_pin(window, PIN)
        assert window.desk is not None
        assert not window.desk.is_open
        await unlock_pin(window, OTHER_PIN)
        assert window.desk.is_open
        await security(window)
        await window.press("security-pin-remove")
        assert window.says("The PIN no longer opens your passport.")
        assert not session.has_pin(home)
        await window.lock()
        assert not window.shows("use-passphrase")
        await window.unlock()
        assert window.heading() == NAME

    tell(story)


def test_with_a_pin_the_passphrase_is_one_tap_away_and_back(tell: Tell) -> None:
    async def story(window: Window) -> None:
        await window.first_run(SIAN)
        await security(window)
        await window.press("security-pin-set")
        await choose_pin(window)
        await window.lock()
        await window.press("use-passphrase")
        await window.press("use-pin")
        await window.press("use-passphrase")
        await window.unlock()
        assert window.heading() == NAME

    tell(story)


def test_a_spent_pin_says_so_and_the_passphrase_opens(tell: Tell, world: World) -> None:
    async def story(window: Window) -> None:
        await window.first_run(SIAN)
        await security(window)
        await window.press("security-pin-set")
        await choose_pin(window)
        await window.lock()
        for _ in range(MAX_WRONG_PINS):
            await unlock_pin(window, OTHER_PIN)
            world.clock.at += DELAYS[-1]
        if window.shows("pin"):
            await unlock_pin(window, PIN)
        assert window.shows("error-summary")
        assert window.shows("passphrase")
        assert not window.shows("pin")
        world.clock.at += DELAYS[-1]
        await window.unlock()
        assert window.heading() == NAME

    tell(story)


# ---- passphrase, words, keys ----------------------------------------------------------------


def test_the_passphrase_is_changed_only_by_who_knows_it(tell: Tell) -> None:
    async def story(window: Window) -> None:
        await window.first_run(SIAN)
        await security(window)
        await window.press("security-passphrase")
        await answer(window, "not this one at all")
        assert window.says("That is not the right passphrase.")
        await answer(window)
        await window.type_into("passphrase", NEW_PHRASE)
        await window.type_into("passphrase-again", NEW_PHRASE)
        await window.press("make")
        assert window.says("Your passphrase is changed.")
        await window.lock()
        await window.unlock()
        assert window.desk is not None
        assert not window.desk.is_open
        await window.unlock(NEW_PHRASE)
        assert window.heading() == NAME

    tell(story)


def test_nothing_typed_counts_as_no_try_where_the_passphrase_is_asked_for(tell: Tell) -> None:
    async def story(window: Window) -> None:
        await window.first_run(SIAN)
        await security(window)
        await window.press("security-words")
        for _ in range(4):
            await answer(window, "")
            assert window.says("Type your passphrase")
        await answer(window, "not this one at all")
        assert window.says("That is not the right passphrase.")

    tell(story)


def test_a_wrong_passphrase_counts_as_while_it_is_locked(tell: Tell) -> None:
    async def story(window: Window) -> None:
        await window.first_run(SIAN)
        await security(window)
        await window.press("security-words")
        for _ in range(4):
            await answer(window, "not this one at all")
        assert window.says("Too many wrong tries. Wait 5 seconds")
        await window.press("back")
        assert window.heading() == "Security"

    tell(story)


@pytest.mark.parametrize(
    ("link", "said"), [("security-words", "recovery words are in use"), ("security-keys", "The keys are changed.")]
)
def test_new_words_open_and_the_old_ones_do_not(tell: Tell, link: str, said: str) -> None:
    async def story(window: Window) -> None:
        await window.press("begin")
        await window.type_into("passphrase", PHRASE)
        await window.type_into("passphrase-again", PHRASE)
        await window.press("make")
        old = await window.keep_words()
        await window.press("without-pin")
        await window.press("not-now")
        await window.press("add-try")
        await window.press(f"person-{SIAN}")
        await security(window)
        await window.press(link)
        await answer(window)
        new = await window.keep_words()
        assert new != old
        assert window.says(said)
        await window.press("back")
        assert window.heading() == "You"
        await window.press("place-home")
        assert window.heading() == NAME
        await window.lock()
        await window.press("forgotten")
        await window.type_into("recovery-words", " ".join(old))
        await window.press("recover")
        assert window.says("These recovery words belong to another passport.")
        await window.type_into("recovery-words", " ".join(new))
        await window.press("recover")
        assert window.heading() == "Now choose a new passphrase"

    tell(story)


def test_the_times_after_which_it_locks_are_told(tell: Tell) -> None:
    async def story(window: Window) -> None:
        await window.first_run(SIAN)
        await security(window)
        assert window.says("After 5 minutes without use")
        assert window.says("When you come back after more than 1 minute")

    tell(story)
