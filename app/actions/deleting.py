"""Deleting everything: the header overwritten, the keystore's entries and every file gone; and what that cannot reach.

Owns what is told to remain elsewhere, exactly, and the order of deleting. Files are app/store/home.py's, the names in
the keystore kept_here.py's.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from app.actions.backing_up import backups_made
from app.actions.kept_here import forget_passport
from app.actions.kept_login import kept_renewal
from app.actions.session import Passport
from app.actions.sharing import all_access
from app.record.entry import Section
from app.store.home import PassportHome
from crypto import vault
from crypto.errors import HeaderUnreadable, NoPassport
from crypto.vault_header import Header, read_header


class Elsewhere(StrEnum):
    """What remains whatever is deleted here, and what nobody here can count."""

    PRINTED = "printed"
    SAVED_BY_OTHERS = "saved-by-others"
    HOLDERS = "holders"


@dataclass(frozen=True, slots=True)
class RunningLink:
    """Access by link, to these sections, that runs on until `until`: only this passport could have ended it sooner."""

    sections: tuple[Section, ...]
    until: datetime


@dataclass(frozen=True, slots=True)
class Remains:
    """What stays when everything here is deleted.

    `backups` are the files that were made and kept, by place, there or not today (a stick may be unplugged).
    `login`: the login service still knows a login of this passport, until it runs out.
    """

    backups: tuple[Path, ...] = field(repr=False)
    links: tuple[RunningLink, ...]
    login: bool
    elsewhere: tuple[Elsewhere, ...] = tuple(Elsewhere)

    def to_json(self) -> dict[str, Any]:
        """What the command line prints."""
        return {
            "backups": [str(path) for path in self.backups],
            "links": [
                {"sections": [each.value for each in link.sections], "until": link.until.isoformat()}
                for link in self.links
            ],
            "login": self.login,
            "elsewhere": [each.value for each in self.elsewhere],
        }


def what_remains(passport: Passport, *, now: datetime) -> Remains:
    """What deleting everything here leaves in the world, to be told before it is done."""
    return Remains(
        backups=tuple(Path(one.folder) / one.name for one in backups_made(passport)),
        links=tuple(RunningLink(one.sections, one.expires) for one in all_access(passport) if one.is_live(now=now)),
        login=kept_renewal(passport) is not None,
    )


def delete_everything(home: PassportHome) -> bool:
    """Make the record unreadable for good, then remove its files and its folder; lock the passport first.

    False where the folder stays because it holds files that are not the passport's. Raises NoPassport,
    PassportOpenElsewhere (then nothing is deleted), StoreUnavailable.
    """
    if not home.path.is_dir():
        raise NoPassport("expected a passport, found no folder")
    with home.alone_with_store():
        header = _header(home)
        home.erase(vault.noise)
        if header is not None:
            forget_passport(home.keystore, header)
    return home.remove_folder()


def _header(home: PassportHome) -> Header | None:
    try:
        return read_header(home.read_header())
    except (NoPassport, HeaderUnreadable):
        return None
