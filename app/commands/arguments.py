"""The arguments commands share: the folder, the person, the passphrase, files; and adding a command with them."""

from __future__ import annotations

import argparse
import getpass
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from app.clock import monotonic, system_now
from app.commands.answer import Add, Run
from crypto.errors import NoSuchPerson, OlderCopyOpened, Unreadable

if TYPE_CHECKING:
    from app.actions.session import Passport
    from app.store.home import PassportHome
    from app.store.household import Household
    from app.store.keystore import Keystore
    from crypto.vault_header import Argon2Cost


def add_vault_command(add: Add, name: str, words: str, run: Run) -> argparse.ArgumentParser:
    """A command about one passport: where it lives and the passphrase that opens it."""
    added = add_command(add, name, words, run)
    add_whose(added)
    added.add_argument("--passphrase-file", metavar="F", help="a file whose first line is the passphrase; - for input")
    return added


def add_folder(command: argparse.ArgumentParser) -> None:
    """Where the passports of this user are."""
    command.add_argument("--vault", type=Path, metavar="DIR", help="the folder the passport lives in")


def add_whose(command: argparse.ArgumentParser) -> None:
    """Where the passport is, and of which person where several are."""
    add_folder(command)
    words = "whose passport, by name or number; needed where there are several"
    command.add_argument("--person", metavar="WHO", help=words)


def add_command(add: Add, name: str, words: str, run: Run) -> argparse.ArgumentParser:
    """A command with its words for the help, and --json."""
    added = add(name, help=words, description=words)
    added.set_defaults(run=run, parser=added, person=None)
    added.add_argument("--json", action="store_true", help="print JSON")
    return added


def count(text: str) -> int:
    """A whole number from 0, as argparse asks for one."""
    number = int(text)
    if number < 0:
        raise argparse.ArgumentTypeError("expected a whole number from 0")
    return number


# ---- what was given -------------------------------------------------------------------------


def household(arguments: argparse.Namespace) -> Household:
    """The people of the folder that was named, or of this user's own, with the keystore of this desktop."""
    from app.store.home import PassportHome, default_folder
    from app.store.household import Household
    from app.store.keystore import LateKeystore

    keystore = LateKeystore(_keystore)
    return Household(arguments.vault or default_folder(), lambda folder: PassportHome(folder, keystore))


def _keystore() -> Keystore:
    from app.store import system_keystore

    return system_keystore.system_keystore()


def home(arguments: argparse.Namespace, *, newcomer: bool = False) -> PassportHome:
    """The home of the person who was named, or of the only one; with `newcomer` of somebody new of that name.

    Raises NoSuchPerson, PersonUnclear; for a newcomer NameRefused.
    """
    from app.store.household import unused_colour

    here = household(arguments)
    try:
        return here.find(arguments.person).home
    except NoSuchPerson:
        if not newcomer:
            raise
        return here.newcomer(arguments.person, unused_colour(here.people())).home


def cost() -> Argon2Cost:
    """How much stretching this device bears, measured now: once, when a passport is made."""
    from app.actions.calibrating import cost_for_this_device

    return cost_for_this_device(monotonic)


@contextmanager
def unlocked(arguments: argparse.Namespace) -> Iterator[Passport]:
    """The passport, opened with the passphrase and locked again at the end. Of an older copy standard error says so."""
    from app.actions.session import unlock

    passport = unlock(home(arguments), passphrase(arguments), now=system_now())
    try:
        if passport.rolled_back:
            from app.ui.say import sentence

            sys.stderr.write(f"{sentence(OlderCopyOpened())}\n")
        yield passport
    finally:
        passport.lock()


def passphrase(arguments: argparse.Namespace) -> str:
    """The first line of --passphrase-file, or what is typed without being shown."""
    if arguments.passphrase_file is None:
        return getpass.getpass("Passphrase: ")
    return first_line(arguments.passphrase_file)


def first_line(name: str) -> str:
    """The first line of a file that holds a secret; raises Unreadable."""
    try:
        text = file(name).decode("utf-8")
    except UnicodeDecodeError:
        raise Unreadable("secret file: expected UTF-8") from None
    return text.partition("\n")[0].removesuffix("\r")


def file(name: str) -> bytes:
    """A file's bytes, or what comes in where the name is "-"; raises Unreadable."""
    try:
        return sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
    except OSError as error:
        raise Unreadable(f"file: {error.strerror}") from error
