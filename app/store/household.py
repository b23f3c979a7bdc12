"""Several people on one device: each has a passport in a folder of its own, below one root.

Owns who is here, and the little that may be read before unlocking: a name the patient typed, a colour, the
order. The first person lives in the root itself, the others in people/2, people/3 and so on; nothing of one
is ever read for another. The folders say who is here; household.json only says what they are called, so that
a damaged one hides nobody.

    household.json   {"format": 1, "people": [{"person": 1, "name": "…", "colour": "…"}, …]} in their order
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from app.store.folder import disk, make_folder, read, write
from app.store.home import PassportHome
from crypto.errors import HeaderUnreadable, NameRefused, NameTaken, NoSuchPerson, PersonUnclear
from crypto.plain_words import FORBIDDEN_CATEGORIES, JOINERS
from crypto.vault_header import read_header

COLOURS: Final = ("blue", "purple", "green", "orange", "pink", "yellow", "grey", "sky")
"""What a banner may be; which shades these are is app/ui/theme.py's."""
MAX_NAME_CHARACTERS: Final = 40
MAX_FILE_BYTES: Final = 1024 * 1024
_FORMAT: Final = 1
_FIRST: Final = 1


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody whose passport is kept here. `name` may be empty: then the number says who it is."""

    number: int
    name: str = field(repr=False)
    colour: str
    home: PassportHome = field(repr=False)


class Household:
    """One root folder with the passports in it. Making this object touches nothing."""

    def __init__(self, root: Path, home: Callable[[Path], PassportHome] = PassportHome) -> None:
        """`home` makes the home of a folder: it knows the keystore."""
        self.root = root
        self._home = home
        self._names = root / "household.json"
        self._others = root / "people"

    def people(self) -> tuple[Person, ...]:
        """Everybody whose passport is here, in their order; raises StoreUnavailable."""
        noted = self._noted()
        order = {number: place for place, number in enumerate(noted)}
        here = [number for number in self._numbers() if self._home(self._folder(number)).exists()]
        return tuple(
            self._person(number, noted) for number in sorted(here, key=lambda n: (order.get(n, len(order)), n))
        )

    def first(self) -> Person:
        """Who the root itself is for: the one person of most devices, here or not made yet."""
        return self._person(_FIRST, self._noted())

    def others(self, person: Person) -> bool:
        """Whether anybody else is kept here, so that it must always be said whose passport this is."""
        return any(one.number != person.number for one in self.people())

    def vaults_beside(self, home: PassportHome) -> frozenset[str]:
        """Which vaults everybody else here has; one whose header cannot be read has none that could be named."""
        found = set()
        for one in self.people():
            if one.home.path != home.path:
                with suppress(HeaderUnreadable):
                    found.add(read_header(one.home.read_header()).vault_id)
        return frozenset(found)

    def find(self, said: str | None) -> Person:
        """The person of this number or this name; without either, the only one there is, or the first to be made.

        Raises NoSuchPerson; PersonUnclear where nothing was said and several are here.
        """
        people = self.people()
        if said is None:
            if len(people) > 1:
                raise PersonUnclear(f"expected one person, found {len(people)}")
            return people[0] if people else self.first()
        wanted = _compared(said)
        for one in people:
            if _is_called(one, wanted):
                return one
        raise NoSuchPerson(f"expected one of {len(people)} people, found another name")

    def person(self, number: int) -> Person:
        """The person of this number; raises NoSuchPerson."""
        return self.find(str(number))

    def newcomer(self, name: str, colour: str) -> Person:
        """Make room for one more: a folder without a passport yet, which nobody sees until one is made in it.

        Raises NameRefused, NameTaken, StoreUnavailable.
        """
        with self._alone():
            noted = self._noted() | self._listed()
            number = max([_FIRST, *self._numbers(), *noted]) + 1 if self._is_taken(_FIRST) else _FIRST
            self._write(noted | {number: self._described(number, name, colour)})
            if number != _FIRST:
                with disk():
                    make_folder(self._folder(number))
        return self._person(number, self._noted())

    def describe(self, number: int, name: str, colour: str) -> None:
        """Say what a person is called and their colour. Raises NameRefused, NameTaken, NoSuchPerson."""
        with self._alone():
            listed = self._listed()
            if number not in listed:
                raise NoSuchPerson("expected somebody who is here")
            self._write(self._noted() | listed | {number: self._described(number, name, colour)})

    def tidy(self) -> None:
        """Forget the names of people who are not here any more, and the empty folders they left.

        Of a household nobody is left of, nothing stays.
        """
        if not self._gone():
            return
        with self._alone():
            gone = self._gone()
            with disk():
                for number in gone - {_FIRST}:
                    if self._folder(number).is_dir() and not any(self._folder(number).iterdir()):
                        self._folder(number).rmdir()
            left = {number: kept for number, kept in self._noted().items() if number not in gone}
            if left:
                self._write(left)
            else:
                self._forget_all()
        if not left:
            self._leave()

    def _forget_all(self) -> None:
        """Nobody is noted any more: nothing says that anybody was."""
        with disk():
            for path in self.root.iterdir():
                if path == self._names or path.name.startswith(f".{self._names.name}."):
                    path.unlink(missing_ok=True)
            if self._others.is_dir() and not any(self._others.iterdir()):
                self._others.rmdir()

    def _leave(self) -> None:
        """Remove a root in which there is nothing but the lock that was held a moment ago."""
        with disk():
            if {path.name for path in self.root.iterdir()} <= {"lock"}:
                self._home(self.root).remove_lock()

    # ---- folders ------------------------------------------------------------------------

    def _folder(self, number: int) -> Path:
        return self.root if number == _FIRST else self._others / str(number)

    def _numbers(self) -> list[int]:
        """The numbers there are folders for, the root's among them."""
        with disk():
            names = [path.name for path in self._others.iterdir() if path.is_dir()] if self._others.is_dir() else []
        found = [int(name) for name in names if name.isascii() and name.isdecimal() and not name.startswith("0")]
        return [_FIRST, *sorted(number for number in found if number > _FIRST)]

    def _is_taken(self, number: int) -> bool:
        """Whether a passport is there, or a store whose header has gone missing: that may still be brought back."""
        folder = self._folder(number)
        return self._home(folder).exists() or any(folder.glob("record*.db"))

    def _gone(self) -> set[int]:
        """Named, but without a passport, or an empty folder."""
        with disk():
            empty = {n for n in self._numbers() if n != _FIRST and not any(self._folder(n).iterdir())}
        return empty | {number for number in self._noted() if not self._is_taken(number)}

    def _alone(self) -> AbstractContextManager[None]:
        """No other process writes names meanwhile. The root's own lock: it is held for moments only."""
        return self._home(self.root).alone(make_folder=True)

    # ---- names --------------------------------------------------------------------------

    def _person(self, number: int, noted: dict[int, tuple[str, str]]) -> Person:
        name, colour = noted.get(number, ("", COLOURS[(number - 1) % len(COLOURS)]))
        return Person(number, name, colour, self._home(self._folder(number)))

    def _listed(self) -> dict[int, tuple[str, str]]:
        """What is shown of everybody here, also where nothing was noted yet."""
        return {one.number: (one.name, one.colour) for one in self.people()}

    def _described(self, number: int, name: str, colour: str) -> tuple[str, str]:
        name = require_name(name)
        if colour not in COLOURS:
            raise ValueError(f"colour: expected one of {', '.join(COLOURS)}")
        others = [one for one in self.people() if one.number != number]
        if name and any(_is_called(one, _compared(name)) for one in others):
            raise NameTaken("expected a name nobody here has")
        return name, colour

    def _noted(self) -> dict[int, tuple[str, str]]:
        """Number → name and colour, in their order; what cannot be read is left out."""
        data = read(self._names)
        if data is None or len(data) > MAX_FILE_BYTES:
            return {}
        try:
            members = json.loads(data)
        except (ValueError, RecursionError):
            return {}
        listed = members.get("people") if isinstance(members, dict) and members.get("format") == _FORMAT else None
        found = [_read_person(member) for member in listed] if isinstance(listed, list) else []
        return {one[0]: one[1:] for one in found if one is not None}

    def _write(self, noted: dict[int, tuple[str, str]]) -> None:
        people = [{"person": number, "name": name, "colour": colour} for number, (name, colour) in noted.items()]
        data = json.dumps({"format": _FORMAT, "people": people}, ensure_ascii=False, indent=1)
        with disk():
            write(self._names, data.encode())


def require_name(name: str) -> str:
    """A name as it is kept: composed, without space around it, perhaps empty. Raises NameRefused."""
    name = unicodedata.normalize("NFC", name).strip()
    if len(name) > MAX_NAME_CHARACTERS:
        raise NameRefused(f"expected at most {MAX_NAME_CHARACTERS} characters, found {len(name)}")
    if any(unicodedata.category(one) in FORBIDDEN_CATEGORIES and one not in JOINERS for one in name):
        raise NameRefused("expected no control or bidirectional characters")
    return name


def unused_colour(people: Sequence[Person]) -> str:
    """A colour nobody here has, or the first."""
    used = {one.colour for one in people}
    return next((colour for colour in COLOURS if colour not in used), COLOURS[0])


def _is_called(person: Person, compared: str) -> bool:
    return bool(compared) and compared in (str(person.number), _compared(person.name))


def _compared(name: str) -> str:
    return unicodedata.normalize("NFKC", name).casefold().strip()


def _read_person(member: object) -> tuple[int, str, str] | None:
    match member:
        case {"person": int(number), "name": str(name), "colour": str(colour)} if number >= _FIRST:
            try:
                return number, require_name(name), colour if colour in COLOURS else COLOURS[0]
            except NameRefused:
                return None
    return None
