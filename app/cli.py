"""`passport` on the command line: the same actions as the screens, without a window.

Owns arguments, exit codes and what is printed. Exit 0: done. Exit 1: refused; with --json as
{"code", "message"} on standard output, without it as a plain sentence on standard error. Exit 2:
the command itself was not understood. Times are the system clock's except where --at is given.
Each command imports what it needs when it runs, so that none waits for the others' libraries.
"""

from __future__ import annotations

import argparse
import getpass
import json
import os
import runpy
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.clock import system_now
from crypto.errors import PassportError, Unreadable

if TYPE_CHECKING:
    from app.actions.session import Passport
    from app.record.source import StoredEntry
    from app.store.home import PassportHome

DONE, REFUSED = 0, 1
CHECKED_VERDICTS = frozenset({"checked", "checked-could-not-ask", "said-by-passport"})


@dataclass(frozen=True, slots=True)
class Answer:
    """What a command found: as JSON, and as lines for a person."""

    members: dict[str, Any]
    lines: Sequence[str]
    code: int = DONE


Run = Callable[[argparse.Namespace], Answer]
Add = Callable[..., argparse.ArgumentParser]
"""argparse's add_parser: makes the parser of one more command."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and give its exit code; without a command, open the app."""
    given = list(sys.argv[1:] if argv is None else argv)
    if not given:
        runpy.run_module("app", run_name="__main__", alter_sys=True)
        return DONE
    arguments = _parser().parse_args(given)
    run: Run = arguments.run
    try:
        answer = run(arguments)
    except PassportError as error:
        _print_refusal(error, as_json=arguments.json)
        return REFUSED
    try:
        print(json.dumps(answer.members, ensure_ascii=False) if arguments.json else "\n".join(answer.lines), flush=True)
    except BrokenPipeError:  # whoever read our output has had enough: `passport list | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return answer.code


# ---- commands -------------------------------------------------------------------------------


def _create(arguments: argparse.Namespace) -> Answer:
    from app.actions.session import create_passport

    passport, words = create_passport(_home(arguments), _passphrase(arguments), now=system_now())
    passport.lock()
    return Answer({"created": _created(passport.home, words)}, _created_lines(words))


def _import(arguments: argparse.Namespace) -> Answer:
    """A folder without a passport gets one; a file that cannot be read is refused before that."""
    from app.actions.importing import import_file, read_file
    from app.actions.session import create_passport

    data, home = _file(arguments.file), _home(arguments)
    if home.exists():
        words: list[str] = []
        passport = _unlocked(arguments)
    else:
        read_file(data, arguments.file, now=system_now())
        passport, words = create_passport(home, _passphrase(arguments), now=system_now())
    try:
        report = import_file(passport, data, arguments.file, now=system_now())
    finally:
        passport.lock()
    shown = sum(report.sections.values())
    lines = [f"{number:6}  {_section_words(name)}" for name, number in report.sections.items()]
    lines.append(f"{report.accounted:6}  in the file: {shown} shown, {report.merged} merged, ")
    lines[-1] += f"{len(report.not_displayed)} could not be displayed"
    lines += [f"{each.position:6}  {each.resource_type}: {each.reason}" for each in report.not_displayed]
    if not words:
        return Answer(report.to_json(), lines)
    return Answer(report.to_json() | {"created": _created(home, words)}, [*_created_lines(words), *lines])


def _list(arguments: argparse.Namespace) -> Answer:
    from app.record.entry import Section

    passport = _unlocked(arguments)
    try:
        section = None if arguments.section is None else Section(arguments.section)
        found = passport.store.entries(section, arguments.offset, arguments.limit)
    finally:
        passport.lock()
    return _entries_answer(found)


def _search(arguments: argparse.Namespace) -> Answer:
    passport = _unlocked(arguments)
    try:
        found = passport.store.search(arguments.text, arguments.limit).entries
    finally:
        passport.lock()
    return _entries_answer(found)


def _sections(arguments: argparse.Namespace) -> Answer:
    passport = _unlocked(arguments)
    try:
        found = passport.store.sections()
    finally:
        passport.lock()
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


def _check(arguments: argparse.Namespace) -> Answer:
    from app.reader.check import CheckRequest, parse_time, run_check

    try:
        now = system_now() if arguments.at is None else parse_time(arguments.at)
    except ValueError:
        arguments.parser.error("--at: expected a time such as 2026-11-23T12:00:00Z")
    request = CheckRequest(arguments.file, arguments.trust, arguments.jwks, arguments.iss)
    try:
        verdict = run_check(request, now=now)
    except OSError as error:
        raise Unreadable(f"file: {error.strerror}") from error
    steps: Any = verdict["steps"]
    lines = [f"{verdict['verdict']} {verdict['code']}".strip(), *(" ".join(step.values()).strip() for step in steps)]
    return Answer(verdict, lines, DONE if verdict["verdict"] in CHECKED_VERDICTS else REFUSED)


def _evidence(arguments: argparse.Namespace) -> Answer:
    from app.actions.evidence import evidence

    passport = _unlocked(arguments)
    try:
        found = evidence(passport)
    finally:
        passport.lock()
    lines = [f"{fork['found_at']}  {fork['iss']}: {len(fork['signed'])} signed texts" for fork in found["forks"]]
    return Answer(found, lines or ["No holder has signed two histories."])


# ---- what they share ------------------------------------------------------------------------


def _home(arguments: argparse.Namespace) -> PassportHome:
    from app.store.home import PassportHome, default_folder

    return PassportHome(arguments.vault or default_folder())


def _unlocked(arguments: argparse.Namespace) -> Passport:
    from app.actions.session import unlock

    return unlock(_home(arguments), _passphrase(arguments), now=system_now())


def _passphrase(arguments: argparse.Namespace) -> str:
    """The first line of --passphrase-file, or what is typed without being shown."""
    if arguments.passphrase_file is None:
        return getpass.getpass("Passphrase: ")
    try:
        text = _file(arguments.passphrase_file).decode("utf-8")
    except UnicodeDecodeError:
        raise Unreadable("passphrase file: expected UTF-8") from None
    return text.partition("\n")[0].removesuffix("\r")


def _file(name: str) -> bytes:
    try:
        return sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
    except OSError as error:
        raise Unreadable(f"file: {error.strerror}") from error


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
            "kind": source.kind.value,
            "name": source.issuer_name,
            "iss": source.iss or None,
            "checked": source.checked.value,
            "received_at": source.received_at.isoformat(),
            "signed_at": None if source.signed_at is None else source.signed_at.isoformat(),
        },
    }


def _created(home: PassportHome, words: Sequence[str]) -> dict[str, Any]:
    return {"folder": str(home.path), "recovery_words": list(words)}


def _created_lines(words: Sequence[str]) -> list[str]:
    numbered = [f"{number:2}. {word}" for number, word in enumerate(words, 1)]
    return ["Your recovery words. They are shown this once: write them down.", *numbered]


def _section_words(name: str) -> str:
    from app.ui.words import load_words

    return load_words()(f"section.{name}")


def _print_refusal(error: PassportError, *, as_json: bool) -> None:
    from app.ui.say import sentence

    if as_json:
        print(json.dumps({"code": error.code, "message": sentence(error)}, ensure_ascii=False))
    else:
        print(sentence(error), file=sys.stderr)


# ---- arguments ------------------------------------------------------------------------------


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="passport", description="Your own health record. Without a command: opens the app."
    )
    add: Add = parser.add_subparsers(required=True, metavar="COMMAND").add_parser
    _add_vault_commands(add)
    _add_check(add)
    return parser


def _add_vault_commands(add: Add) -> None:
    """The commands about one passport, which they open."""
    _vault_command(add, "create", "make a new, empty passport", _create)
    importing = _vault_command(
        add, "import", "bring in a FHIR file (R4 or STU3); makes a passport where there is none", _import
    )
    importing.add_argument("file", metavar="FILE", help="the file; - for input")
    listing = _vault_command(add, "list", "list entries, newest first", _list)
    listing.add_argument("--section", choices=_section_names(), metavar="NAME", help="one section only")
    listing.add_argument("--offset", type=_count, default=0, metavar="N", help="leave out the first N")
    listing.add_argument("--limit", type=_count, default=-1, metavar="N", help="at most N; all without it")
    searching = _vault_command(add, "search", "find entries by words or beginnings of words", _search)
    searching.add_argument("text", metavar="TEXT", help="what to look for")
    searching.add_argument("--limit", type=_count, default=50, metavar="N", help="at most N; 50 without it")
    _vault_command(add, "sections", "count the entries of each section", _sections)
    _vault_command(add, "evidence", "print what proves that a holder signed two histories", _evidence)


def _add_check(add: Add) -> None:
    checking = _command(add, "check", "say whether a code, card or JWS is genuine", _check)
    checking.add_argument(
        "file", metavar="FILE", help="the text as scanned, a .smart-health-card file or a JWS; - for input"
    )
    checking.add_argument("--trust", type=Path, metavar="DIR", help="a kept list of organisations and their keys")
    checking.add_argument("--jwks", type=Path, metavar="FILE", help="the keys of one issuer; needs --iss")
    checking.add_argument("--iss", metavar="URL", help="whose keys --jwks holds")
    checking.add_argument("--at", metavar="TIME", help="judge as of this time, ISO 8601")


def _vault_command(add: Add, name: str, words: str, run: Run) -> argparse.ArgumentParser:
    added = _command(add, name, words, run)
    added.add_argument("--vault", type=Path, metavar="DIR", help="the folder the passport lives in")
    added.add_argument("--passphrase-file", metavar="F", help="a file whose first line is the passphrase; - for input")
    return added


def _command(add: Add, name: str, words: str, run: Run) -> argparse.ArgumentParser:
    added = add(name, help=words, description=words)
    added.set_defaults(run=run, parser=added)
    added.add_argument("--json", action="store_true", help="print JSON")
    return added


def _section_names() -> list[str]:
    from app.record.entry import Section

    return [section.value for section in Section]


def _count(text: str) -> int:
    number = int(text)
    if number < 0:
        raise argparse.ArgumentTypeError("expected a whole number from 0")
    return number


if __name__ == "__main__":
    sys.exit(main())
