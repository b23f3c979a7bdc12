"""Commands about one passport and its record: make it, bring a file in, look, give out evidence."""

from __future__ import annotations

import argparse
import getpass
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from app.clock import system_now
from app.commands.answer import Add, Answer, recovery_lines
from app.commands.arguments import (
    add_vault_command,
    cost,
    count,
    file,
    first_line,
    home,
    household,
    passphrase,
    unlocked,
)
from crypto.errors import NotHere

if TYPE_CHECKING:
    from app.actions.importing import Brought
    from app.record.source import StoredEntry
    from app.store.home import PassportHome
    from app.ui.words import Words
    from crypto.shlink import Link


def add_to(add: Add) -> None:
    """`create`, `import`, `undo`, `list`, `show`, `search`, `sections`, `evidence`: each opens one passport."""
    add_vault_command(add, "create", "make a new, empty passport", _create)
    importing = add_vault_command(
        add,
        "import",
        "bring in a file (FHIR, health card, table, letter), or what lies behind a SMART Health Link, asked for at the"
        " host the link names; makes a passport where there is none",
        _import,
    )
    importing.add_argument("file", metavar="FILE", help="the file, or shlink:/… itself; - for input")
    words = "a file whose first line is the passcode of the link; asked for without it"
    importing.add_argument("--passcode-file", metavar="F", help=words)
    undoing = add_vault_command(add, "undo", "take out a file that was brought in; the newest without --source", _undo)
    undoing.add_argument("--source", type=count, metavar="ID", help="which one, by the number `passport list` gives it")
    showing = add_vault_command(add, "show", "show one entry with its versions and its source text", _show)
    showing.add_argument("entry", type=count, metavar="ID", help="the number `passport list` gives it")
    listing = add_vault_command(add, "list", "list entries, newest first", _list)
    listing.add_argument("--section", choices=_section_names(), metavar="NAME", help="one section only")
    listing.add_argument("--offset", type=count, default=0, metavar="N", help="leave out the first N")
    listing.add_argument("--limit", type=count, default=-1, metavar="N", help="at most N; all without it")
    searching = add_vault_command(add, "search", "find entries by words or beginnings of words", _search)
    searching.add_argument("text", metavar="TEXT", help="what to look for")
    searching.add_argument("--limit", type=count, default=50, metavar="N", help="at most N; 50 without it")
    add_vault_command(add, "sections", "count the entries of each section", _sections)
    add_vault_command(add, "evidence", "print what proves that a holder signed two histories", _evidence)


def _create(arguments: argparse.Namespace) -> Answer:
    from app.actions.session import create_passport

    secret = passphrase(arguments)
    try:
        made = create_passport(home(arguments, newcomer=True), secret, now=system_now(), cost=cost())
    finally:
        household(arguments).tidy()
    passport, words = made
    passport.lock()
    return Answer({"created": _created(passport.home, words)}, recovery_lines(words))


def _import(arguments: argparse.Namespace) -> Answer:
    """A folder without a passport gets one; a file that cannot be read is refused before that."""
    from app.actions.backing_up import back_up_if_chosen
    from app.actions.importing import import_brought, read_brought
    from app.actions.session import create_passport

    given, folder = _given(arguments), home(arguments)
    words: list[str] = []
    with ExitStack() as stack:
        if folder.exists():
            passport = stack.enter_context(unlocked(arguments))
            brought = _brought(given, arguments)
        else:
            brought = _brought(given, arguments)
            read_brought(brought, now=system_now())
            passport, words = create_passport(folder, passphrase(arguments), now=system_now(), cost=cost())
            stack.callback(passport.lock)
        report = import_brought(passport, brought, now=system_now())
        back_up_if_chosen(passport, now=system_now())
    shown = sum(report.sections.values())
    lines = [f"{number:6}  {_section_words(name)}" for name, number in report.sections.items()]
    lines.append(f"{report.accounted:6}  in the file: {shown} shown, {report.merged} merged, ")
    lines[-1] += f"{len(report.not_displayed)} could not be displayed"
    lines += [f"{each.position:6}  {each.resource_type}: {each.reason}" for each in report.not_displayed]
    if not words:
        return Answer(report.to_json(), lines)
    return Answer(report.to_json() | {"created": _created(folder, words)}, [*recovery_lines(words), *lines])


def _given(arguments: argparse.Namespace) -> bytes | Link:
    """The file, or the link that was named or stands in it."""
    from app.actions.link_in import link_in

    named = link_in(arguments.file.encode("utf-8", "surrogateescape"))
    if named is not None:
        return named
    data = file(arguments.file)
    return link_in(data) or data


def _brought(given: bytes | Link, arguments: argparse.Namespace) -> Brought:
    """What is to be brought in; a link is asked for now, at the host that is said first."""
    from app.actions.far_side import way_out
    from app.actions.importing import brought_file
    from app.actions.link_in import fetch, host_of

    if isinstance(given, bytes):
        return brought_file(given, arguments.file)
    host = host_of(given)
    if not arguments.json:
        sys.stderr.write(f"{_words()('busy.asking', host=host)}\n")
    return fetch(way_out(), given, _passcode(given, arguments), now=system_now())


def _passcode(link: Link, arguments: argparse.Namespace) -> str | None:
    if arguments.passcode_file is not None:
        return first_line(arguments.passcode_file)
    return getpass.getpass("Passcode: ") if link.needs_passcode else None


def _undo(arguments: argparse.Namespace) -> Answer:
    from app.actions.backing_up import back_up_if_chosen
    from app.actions.importing import imported_files, undo_import

    with unlocked(arguments) as passport:
        files = imported_files(passport)
        newest = files[0].source_id if files else 0
        removed = undo_import(passport, newest if arguments.source is None else arguments.source)
        back_up_if_chosen(passport, now=system_now())
    return Answer({"removed": removed}, [f"{removed:6}  entries taken out"])


def _show(arguments: argparse.Namespace) -> Answer:
    from app.actions.browsing import entry_view, raw_source

    with unlocked(arguments) as passport:
        found = entry_view(passport, arguments.entry)
        if found is None:
            raise NotHere("entry: expected one with this number, found none")
        raw = raw_source(passport, arguments.entry)
    history = [_entry_members(one) for one in found.history]
    members = _entry_members(found.stored)
    facts = [f"  {fact['name']}: {fact['value']}" for fact in members["facts"]]
    lines = [f"{members['title']}  {members['detail']}".rstrip(), *facts, f"  {found.stored.source.issuer_name}", raw]
    return Answer(members | {"history": history, "raw": raw}, lines)


def _list(arguments: argparse.Namespace) -> Answer:
    from app.record.entry import Section

    with unlocked(arguments) as passport:
        section = None if arguments.section is None else Section(arguments.section)
        found = passport.store.entries(section, arguments.offset, arguments.limit)
    return _entries_answer(found)


def _search(arguments: argparse.Namespace) -> Answer:
    with unlocked(arguments) as passport:
        found = passport.store.search(arguments.text, arguments.limit).entries
    return _entries_answer(found)


def _sections(arguments: argparse.Namespace) -> Answer:
    with unlocked(arguments) as passport:
        found = passport.store.sections()
    members = [
        {
            "section": each.section.value,
            "count": each.count,
            "notes": [
                {"warning": said.note.warning, "absence": said.note.absence, "source": said.source.issuer_name}
                for said in each.notes
            ],
        }
        for each in found
    ]
    lines = [f"{each.count:6}  {_section_words(each.section.value)}" for each in found]
    return Answer({"sections": members}, lines)


def _evidence(arguments: argparse.Namespace) -> Answer:
    from app.actions.evidence import evidence

    with unlocked(arguments) as passport:
        found = evidence(passport)
    lines = [f"{fork['found_at']}  {fork['iss']}: {len(fork['signed'])} signed texts" for fork in found["forks"]]
    return Answer(found, lines or ["No holder has signed two histories."])


def _entries_answer(found: Sequence[StoredEntry]) -> Answer:
    lines = [
        f"{stored.entry.when.text if stored.entry.when else '':25.25}  {_section_words(stored.entry.section.value)}: "
        f"{stored.entry.title} {stored.entry.detail}".rstrip()
        for stored in found
    ]
    return Answer({"entries": [_entry_members(stored) for stored in found]}, lines)


def _entry_members(stored: StoredEntry) -> dict[str, Any]:
    entry, source = stored.entry, stored.source
    return {
        "id": stored.id,
        "section": entry.section.value,
        "resource_type": entry.resource_type,
        "key": entry.key,
        "title": entry.title,
        "detail": entry.detail,
        "when": None if entry.when is None else entry.when.text,
        "standing": entry.standing.value,
        "quantity": None if entry.quantity is None else asdict(entry.quantity),
        "codings": [{"system": c.system, "code": c.code, "display": c.display} for c in entry.codings],
        "facts": [{"name": fact.name, "value": fact.value} for fact in entry.facts],
        "organisation": entry.organisation,
        "author": entry.author,
        "source": {
            "id": source.source_id,
            "kind": source.kind.value,
            "name": source.issuer_name,
            "iss": source.iss or None,
            "checked": source.checked.value,
            "received_at": source.received_at.isoformat(),
            "signed_at": None if source.signed_at is None else source.signed_at.isoformat(),
        },
    }


def _created(folder: PassportHome, words: Sequence[str]) -> dict[str, Any]:
    return {"folder": str(folder.path), "recovery_words": list(words)}


def _section_words(name: str) -> str:
    return _words()(f"section.{name}")


def _words() -> Words:
    from app.ui.words import load_words

    return load_words()


def _section_names() -> list[str]:
    from app.record.entry import Section

    return [section.value for section in Section]
