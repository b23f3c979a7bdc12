"""The emergency card as a contact: a vCard whose note holds the lines of the plain text.

Owns this form (RFC 2426, version 3.0: the one that phones' cameras know): lines ended by CR LF, folded at 75
octets and never within a character, commas, semicolons, backslashes and line ends escaped. It carries no
signature: a phone shows a contact, not its source. The numbers of people to call stand in the note alone,
because a number of its own would be taken for the patient's.
"""

from __future__ import annotations

from app.record.identity import clean

MAX_LINE_OCTETS = 75
"""RFC 2426 section 2.6, without the line end."""


def contact_card(name: str, birth_date: str, text: str) -> str:
    """The vCard of a person by their name, with the card's text in its note; a birth date without a day is left out."""
    called = clean(name) or "Emergency card"
    lines = ["BEGIN:VCARD", "VERSION:3.0", f"FN:{_escaped(called)}", f"N:{_escaped(called)};;;;"]
    lines += [f"BDAY:{birth_date}"] if len(birth_date) == len("YYYY-MM-DD") else []
    lines += [f"NOTE:{_escaped(text)}", "END:VCARD"]
    return "".join(f"{_folded(line)}\r\n" for line in lines)


def _escaped(value: str) -> str:
    for plain, escaped in (("\\", "\\\\"), (";", "\\;"), (",", "\\,"), ("\n", "\\n")):
        value = value.replace(plain, escaped)
    return value


def _folded(line: str) -> str:
    """The line in pieces of at most 75 octets, each after the first begun by the space that marks it."""
    folded, octets = "", 0
    for character in line:
        size = len(character.encode("utf-8"))
        if octets + size > MAX_LINE_OCTETS:
            folded, octets = f"{folded}\r\n ", 1
        folded, octets = folded + character, octets + size
    return folded
