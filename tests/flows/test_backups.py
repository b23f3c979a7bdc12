"""Backups and bringing one back: the folder, the age on Home, a copy as a file, and the way onto an empty device."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from app.journeys import backing_up
from app.store.folders import FoundFolder
from app.store.home import PassportHome
from app.ui.shell import PickedFile, Shell
from tests.actions.made_up import AMARA, PEOPLE, PHRASE, SIAN, World
from tests.flows.conftest import Story, Window

Tell = Callable[[Story], None]
NEW_PHRASE = "copper heron under seventeen ladders"
NAME = PEOPLE[SIAN].name


@pytest.fixture
def stick(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The one place that is found on this device."""
    folder = tmp_path / "STICK"
    folder.mkdir()
    monkeypatch.setattr(backing_up, "find_folders", lambda: (FoundFolder("stick", "STICK", folder),))
    return folder


def backups(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.passport-backup"))


def picks(monkeypatch: pytest.MonkeyPatch, path: Path | None) -> None:
    async def pick(_shell: Shell) -> PickedFile | None:
        return None if path is None else PickedFile(path.name, path.read_bytes())

    monkeypatch.setattr(Shell, "pick_file", pick)


async def first_run(window: Window, *, person: str = SIAN, folder: bool = True) -> list[str]:
    """From nothing to Home, with backups to the place that is found; gives the recovery words."""
    await window.press("begin")
    await window.type_into("passphrase", PHRASE)
    await window.type_into("passphrase-again", PHRASE)
    await window.press("make")
    words = await window.keep_words()
    await window.press("folder-0" if folder else "not-now")
    await window.press("add-try")
    await window.press(f"person-{person}")
    return words


async def backup_screen(window: Window) -> None:
    await window.press("place-you")
    await window.press("backup")


async def choose_passphrase(window: Window) -> None:
    await window.type_into("passphrase", NEW_PHRASE)
    await window.type_into("passphrase-again", NEW_PHRASE)
    await window.press("make")
    await window.quiet()


# ---- making them ----------------------------------------------------------------------------


def test_a_folder_chosen_in_the_first_run_has_a_backup_of_the_record_and_home_tells_its_age(
    tell: Tell, stick: Path, world: World
) -> None:
    async def story(window: Window) -> None:
        await first_run(window)
        assert window.says("Last backup: today")
        world.clock.at += timedelta(days=3)
        await window.press("place-share")
        await window.press("place-home")
        assert window.says("Last backup: 3 days ago")

    tell(story)
    assert backups(stick)


def test_not_now_leaves_a_line_on_home_that_leads_to_the_choice(tell: Tell, stick: Path) -> None:
    async def story(window: Window) -> None:
        await first_run(window, folder=False)
        assert window.says("No backup yet.")
        assert backups(stick) == []
        await window.press("backup")
        await window.press("choose-folder")
        await window.press("folder-0")
        assert window.says("A backup was made and read back.")
        assert len(backups(stick)) == 1
        await window.press("place-home")
        assert window.says("Last backup: today")

    tell(story)


def test_a_place_that_takes_nothing_is_refused_in_words_and_nothing_is_chosen(
    tell: Tell, stick: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def browse(_shell: Shell, _title: str) -> str | None:
        return str(tmp_path / "nowhere")

    monkeypatch.setattr(Shell, "pick_folder", browse)

    async def story(window: Window) -> None:
        await first_run(window, folder=False)
        await window.press("backup")
        await window.press("choose-folder")
        await window.press("browse")
        assert window.shows("error-summary")
        await window.press("back")
        assert window.says("There is no backup yet.")

    tell(story)


def test_in_a_browser_window_the_place_is_typed(tell: Tell, stick: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Shell, "can_pick_folder", property(lambda _shell: False))

    async def story(window: Window) -> None:
        await first_run(window, folder=False)
        await window.press("backup")
        await window.press("choose-folder")
        await window.type_into("folder-path", "Documents")
        await window.press("use-folder")
        assert window.says("This is not the full place of a folder.")
        await window.type_into("folder-path", f" {stick} ")
        await window.press("use-folder")
        assert window.says("A backup was made and read back.")

    tell(story)
    assert len(backups(stick)) == 1


def test_a_folder_that_is_gone_is_told_on_home_and_the_record_is_there(tell: Tell, stick: Path, world: World) -> None:
    async def story(window: Window) -> None:
        await first_run(window)
        for path in backups(stick):
            path.unlink()
        stick.rmdir()
        await window.press("backup")
        await window.press("back-up")
        assert window.says("Your backup could not be made.")
        await window.press("problem-close")
        assert window.shows("backup-problem")
        await window.press("place-home")
        assert window.says("Backup did not work: Your backup could not be made.")
        assert window.heading() == NAME
        stick.mkdir()
        await window.press("backup")
        await window.press("back-up")
        assert not window.shows("backup-problem")

    tell(story)
    assert len(backups(stick)) == 1


def test_a_copy_is_saved_as_a_file_that_no_word_of_the_record_stands_in(
    tell: Tell, stick: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    saved: list[tuple[str, bytes]] = []

    async def save(_shell: Shell, name: str, data: bytes) -> bool:
        saved.append((name, data))
        return True

    monkeypatch.setattr(Shell, "save_file", save)

    async def story(window: Window) -> None:
        await first_run(window, folder=False)
        await backup_screen(window)
        await window.press("backup-copy")
        assert window.says("A copy was saved as a file.")

    tell(story)
    ((name, data),) = saved
    assert name.endswith(".passport-backup")
    assert not [part for part in NAME.split() if part.encode() in data or part in name]
    assert backups(stick) == []


def test_stopping_leaves_the_files_and_says_so(tell: Tell, stick: Path) -> None:
    async def story(window: Window) -> None:
        await first_run(window)
        await backup_screen(window)
        await window.press("backup-stop")
        assert window.says("No more backups are made.")
        await window.press("place-home")
        assert window.says("No backup yet.")

    tell(story)
    assert backups(stick)


# ---- bringing one back ----------------------------------------------------------------------


@pytest.fixture
def kept(tell: Tell, stick: Path, home: PassportHome) -> tuple[Path, list[str]]:
    """A backup, its words, and an empty device."""
    words: list[str] = []

    async def story(window: Window) -> None:
        words.extend(await first_run(window))

    tell(story)
    home.path.rename(home.path.with_name("old device"))
    return backups(stick)[-1], words


def test_the_words_and_the_file_bring_the_record_onto_an_empty_device(
    tell: Tell, kept: tuple[Path, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    path, words = kept
    picks(monkeypatch, path)

    async def story(window: Window) -> None:
        await window.press("restore")
        await window.press("pick-backup")
        assert window.says(path.name)
        await window.type_into("recovery-words", " ".join(words))
        await window.press("give-words")
        assert window.heading() == "Choose a passphrase for this device"
        await choose_passphrase(window)
        assert window.heading() == NAME
        await window.lock()
        await window.unlock(NEW_PHRASE)
        assert window.heading() == NAME

    tell(story)


def test_other_words_are_refused_before_a_passphrase_is_asked_for_and_nothing_is_here(
    tell: Tell, kept: tuple[Path, list[str]], home: PassportHome, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, words = kept
    picks(monkeypatch, path)

    async def story(window: Window) -> None:
        await window.press("restore")
        await window.press("pick-backup")
        await window.type_into("recovery-words", " ".join(words[:11]))
        await window.press("give-words")
        assert window.says("One of the recovery words is not right.")
        await window.type_into("recovery-words", "abandon " * 11 + "about")
        await window.press("give-words")
        assert window.says("These recovery words belong to another passport.")
        await window.press("back")
        assert window.heading() == "Bring your passport back"

    tell(story)
    assert not home.exists()


@pytest.mark.parametrize(("end", "said"), [(-1, "damaged or was changed"), (40, "not a backup of this app")])
def test_a_file_cut_short_is_refused_in_words_and_nothing_is_here(
    tell: Tell,
    kept: tuple[Path, list[str]],
    home: PassportHome,
    monkeypatch: pytest.MonkeyPatch,
    end: int,
    said: str,
) -> None:
    path, words = kept
    cut = path.with_name("cut.passport-backup")
    cut.write_bytes(path.read_bytes()[:end])
    picks(monkeypatch, cut)

    async def story(window: Window) -> None:
        await window.press("restore")
        await window.press("pick-backup")
        if not window.shows("error-summary"):
            await window.type_into("recovery-words", " ".join(words))
            await window.press("give-words")
            await choose_passphrase(window)
        assert window.says(said)
        assert window.heading() == "Bring your passport back"

    tell(story)
    assert not home.exists()


def test_picking_no_file_changes_nothing(tell: Tell, stick: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    picks(monkeypatch, None)

    async def story(window: Window) -> None:
        await window.press("restore")
        await window.press("pick-backup")
        assert window.heading() == "Bring your passport back"
        await window.press("back")
        assert window.heading() == "Your health record, kept by you"

    tell(story)


def test_moving_to_a_new_phone_is_one_tap_from_backups_and_back(tell: Tell, stick: Path) -> None:
    async def story(window: Window) -> None:
        await first_run(window)
        await backup_screen(window)
        await window.press("backup-move")
        assert window.heading() == "Move to a new phone"
        await window.press("back")
        assert window.heading() == "Backup and moving"

    tell(story)


def test_from_another_phone_is_offered_and_a_file_leads_on_from_there_too(
    tell: Tell, kept: tuple[Path, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    path, words = kept
    picks(monkeypatch, path)

    async def story(window: Window) -> None:
        await window.press("restore")
        await window.press("from-phone")
        assert window.heading() == "Move from another phone"
        await window.press("from-file")
        await window.type_into("recovery-words", " ".join(words))
        await window.press("give-words")
        await choose_passphrase(window)
        assert window.heading() == NAME

    tell(story)


async def from_the_locked_screen(window: Window, words: list[str]) -> None:
    await window.press("forgotten")
    await window.press("restore")
    await window.press("pick-backup")
    await window.type_into("recovery-words", " ".join(words))
    await window.press("give-words")
    await choose_passphrase(window)


@pytest.mark.parametrize("answer", ["keep-newer", "back", "replace"])
def test_an_older_copy_over_a_newer_one_asks(
    tell: Tell, stick: Path, world: World, monkeypatch: pytest.MonkeyPatch, answer: str
) -> None:
    async def story(window: Window) -> None:
        words = await first_run(window)
        older = backups(stick)[-1].read_bytes()
        kept = stick.parent / "older.passport-backup"
        kept.write_bytes(older)
        picks(monkeypatch, kept)
        await window.press("emergency")
        await window.choose("show-while-locked", True)
        await window.press("back")
        await window.press("backup")
        await window.press("back-up")
        await window.press("place-home")
        await window.lock()
        await from_the_locked_screen(window, words)
        assert window.heading() == "What is here is newer"
        await window.press(answer)
        await window.quiet()
        replaced = answer == "replace"
        assert window.heading() == (NAME if replaced else "Unlock your passport")
        if replaced:
            await window.lock()
        await window.unlock(NEW_PHRASE if replaced else PHRASE)
        assert window.heading() == NAME

    tell(story)


def test_another_persons_backup_is_refused_and_this_passport_stays(
    tell: Tell, kept: tuple[Path, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    path, words = kept
    picks(monkeypatch, path)

    async def story(window: Window) -> None:
        await first_run(window, person=AMARA, folder=False)
        await window.lock()
        await from_the_locked_screen(window, words)
        assert window.says("There is a passport here already. It was not changed.")
        await window.press("back")
        await window.unlock()
        assert window.heading() == PEOPLE[AMARA].name

    tell(story)
