"""`lock`: close what is open of this folder in another process, of whomever it is, the app's window first of all."""

from __future__ import annotations

import argparse

from app.clock import monotonic, pause
from app.commands.answer import Add, Answer
from app.commands.arguments import add_command, add_whose, home, household


def add_to(add: Add) -> None:
    """`lock`: it asks for no passphrase, and locks everybody where nobody is named."""
    added = add_command(add, "lock", "lock the passport where it is open, and wait until it is", _lock)
    add_whose(added)


def _lock(arguments: argparse.Namespace) -> Answer:
    from app.actions.locking import ask_to_lock

    everybody = [one.home for one in household(arguments).people()] if arguments.person is None else []
    asked = [ask_to_lock(one, monotonic=monotonic, wait=pause) for one in everybody or [home(arguments)]]
    was_open = any(asked)
    line = "Your passport is locked." if was_open else "Your passport was locked already."
    return Answer({"was_open": was_open, "locked": True}, [line])
