"""`lock`: close what is open of this folder in another process, the app's window first of all."""

from __future__ import annotations

import argparse
from pathlib import Path

from app.clock import monotonic, pause
from app.commands.answer import Add, Answer
from app.commands.arguments import add_command, home


def add_to(add: Add) -> None:
    """`lock`: it asks for no passphrase."""
    added = add_command(add, "lock", "lock the passport where it is open, and wait until it is", _lock)
    added.add_argument("--vault", type=Path, metavar="DIR", help="the folder the passport lives in")


def _lock(arguments: argparse.Namespace) -> Answer:
    from app.actions.locking import ask_to_lock

    was_open = ask_to_lock(home(arguments), monotonic=monotonic, wait=pause)
    line = "Your passport is locked." if was_open else "Your passport was locked already."
    return Answer({"was_open": was_open, "locked": True}, [line])
