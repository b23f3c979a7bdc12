"""Commands about keeping a passport: its ways in, backups, a new key, whether it is whole, and the end of it."""

from __future__ import annotations

import argparse
import getpass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.clock import system_now
from app.commands.answer import DONE, REFUSED, Add, Answer, recovery_lines
from app.commands.arguments import (
    add_command,
    add_vault_command,
    add_whose,
    cost,
    file,
    home,
    household,
    passphrase,
    unlocked,
)
from crypto.errors import BackupUnreadable, Unreadable

if TYPE_CHECKING:
    from app.actions.backing_up import BackupState
    from app.actions.deleting import Remains


def add_to(add: Add) -> None:
    """`slots`, `backup`, `restore`, `rekey`, `verify-store`, `delete`."""
    listing = add_command(add, "slots", "list what opens the passport; needs no passphrase", _slots)
    add_whose(listing)
    backing = add_vault_command(add, "backup", "make a backup now, in the folder that was chosen", _backup)
    choice = backing.add_mutually_exclusive_group()
    choice.add_argument("--folder", type=Path, metavar="DIR", help="choose this folder for backups, from now on")
    choice.add_argument("--off", action="store_true", help="make no more backups; those there are stay")
    restoring = add_vault_command(
        add,
        "restore",
        "bring a record back from a backup, with the recovery words; the passphrase is a new one",
        _restore,
    )
    restoring.add_argument("file", type=Path, metavar="FILE", help="the backup")
    restoring.add_argument("--words-file", metavar="W", help="a file that holds the twelve words; - for input")
    restoring.add_argument("--replace", action="store_true", help="also where what is here is newer")
    add_vault_command(add, "rekey", "encrypt everything again under a new key, with new recovery words", _rekey)
    add_vault_command(add, "verify-store", "look whether everything kept is whole", _verify)
    deleting = add_vault_command(
        add, "delete", "say what would remain elsewhere; with --yes, delete the passport here for good", _delete
    )
    deleting.add_argument("--yes", action="store_true", help="delete it; this cannot be undone")


def _slots(arguments: argparse.Namespace) -> Answer:
    from app.actions.session import slots

    found = slots(home(arguments))
    members = [{"kind": slot.kind.value, "created": slot.created.isoformat()} for slot in found]
    return Answer({"slots": members}, [f"{slot.kind.value:12}  {slot.created:%Y-%m-%d}" for slot in found])


def _backup(arguments: argparse.Namespace) -> Answer:
    from app.actions.backing_up import back_up, choose_backup_folder, stop_backups

    with unlocked(arguments) as passport:
        if arguments.off:
            stop_backups(passport)
            return Answer({"backup": None}, ["No more backups are made. Those there are stay."])
        if arguments.folder is None:
            state = back_up(passport, now=system_now())
        else:
            state = choose_backup_folder(passport, arguments.folder, now=system_now())
    return Answer({"backup": _state(state)}, [f"A backup of {state.size} bytes was made and read back: {state.folder}"])


def _restore(arguments: argparse.Namespace) -> Answer:
    from app.actions.restoring import restore

    words, new = _words(arguments), passphrase(arguments)
    folder = home(arguments, newcomer=True)
    try:
        with arguments.file.open("rb") as data:
            elsewhere = household(arguments).vaults_beside(folder)
            passport = restore(
                folder, data, words, new, now=system_now(), replace=arguments.replace, elsewhere=elsewhere, cost=cost()
            )
    except OSError as error:
        raise BackupUnreadable(f"file: {error.strerror}") from error
    finally:
        household(arguments).tidy()
    counts = passport.store.counts()
    passport.lock()
    members = {"folder": str(folder.path), "messages": counts["source"], "entries": counts["entry"]}
    return Answer({"restored": members}, [f"{counts['entry']} entries are back, from {counts['source']} messages."])


def _rekey(arguments: argparse.Namespace) -> Answer:
    from app.actions.backing_up import back_up_if_chosen
    from app.actions.rekeying import rekey
    from app.actions.session import unlock

    phrase = passphrase(arguments)
    passport = unlock(home(arguments), phrase, now=system_now())
    try:
        passport, words = rekey(passport, phrase, now=system_now(), cost=cost())
        back_up_if_chosen(passport, now=system_now())  # the backups before open with the old words alone
    finally:
        passport.lock()
    return Answer({"rekeyed": {"recovery_words": words}}, recovery_lines(words))


def _verify(arguments: argparse.Namespace) -> Answer:
    from app.actions.verifying import verify_store

    with unlocked(arguments) as passport:
        report = verify_store(passport)
    said = [f"{value!s:>8}  {name.replace('_', ' ')}" for name, value in report.to_json().items() if name != "faults"]
    return Answer(report.to_json(), [*said, *report.faults], DONE if report.sound else REFUSED)


def _delete(arguments: argparse.Namespace) -> Answer:
    from app.actions.deleting import delete_everything, what_remains

    with unlocked(arguments) as passport:
        remains = what_remains(passport, now=system_now())
    gone = arguments.yes
    folder_gone = delete_everything(passport.home) if gone else False
    if gone:
        household(arguments).tidy()
    first = "Everything here is deleted." if gone else "Nothing is deleted yet: add --yes."
    members = {"deleted": gone, "folder_gone": folder_gone, "remains": remains.to_json()}
    return Answer(members, [first, "What remains elsewhere:", *_remains_lines(remains)])


def _words(arguments: argparse.Namespace) -> str:
    if arguments.words_file is None:
        return getpass.getpass("Recovery words: ")
    try:
        return file(arguments.words_file).decode("utf-8")
    except UnicodeDecodeError:
        raise Unreadable("words file: expected UTF-8") from None


def _state(state: BackupState) -> dict[str, Any]:
    last = None if state.last is None else state.last.isoformat()
    return {"folder": str(state.folder), "last": last, "size": state.size, "problem": state.problem}


def _remains_lines(remains: Remains) -> list[str]:
    lines = [f"  backup: {path}" for path in remains.backups]
    lines += [f"  access by link until {link.until:%Y-%m-%d %H:%M} UTC" for link in remains.links]
    if remains.login:
        lines.append("  a login that the login service keeps until it runs out")
    return [
        *lines,
        "  recovery sheets and cards you printed",
        "  what others saved of what you showed them",
        "  the records your surgery and hospitals keep",
    ]
