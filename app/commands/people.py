"""The command that says whose passports are in a folder: what anybody who holds the device may read."""

from __future__ import annotations

import argparse

from app.commands.answer import Add, Answer
from app.commands.arguments import add_command, add_folder, household


def add_to(add: Add) -> None:
    """`people`: it opens nothing."""
    add_folder(add_command(add, "people", "list whose passports are here; needs no passphrase", _people))


def _people(arguments: argparse.Namespace) -> Answer:
    from app.ui.words import load_words

    found = household(arguments).people()
    members = [{"number": one.number, "name": one.name, "colour": one.colour} for one in found]
    unnamed = load_words()
    lines = [f"{one.number:3}  {one.name or unnamed('whose.unnamed', n=one.number)}" for one in found]
    return Answer({"people": members}, lines or [unnamed("error.no-passport")])
