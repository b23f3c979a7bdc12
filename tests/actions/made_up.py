"""A passport and everything it talks to, in this process: the stand-in with its made-up people, and no socket.

Time stands in 2098: the trust client reads the system clock, and nothing the stand-in signs may be past its time.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from starlette.types import ASGIApp

from app.actions.far_side import Services
from app.actions.progress import Progress
from app.actions.refreshing import Refreshed, connect, refresh
from app.actions.session import Passport
from app.actions.sharing import Access, give_access
from app.reader.share import LinkFile, judge_files
from app.reader.verdict import Verdict
from app.record.entry import Section
from crypto import shlink
from crypto.trust import Floors, TrustList, verify_trust
from sync import links
from sync.profile import Profile, load_profile
from sync.sandbox.in_process import InProcess
from sync.sandbox.people import HeldBundle, HolderKind, MadeUpPerson, load_people
from sync.sandbox.stand_in import HOLDERS, NAMES, StandIn, assemble
from sync.transport import Transport
from sync.trust import fetch_trust

ADDRESSES = {name: f"http://127.0.0.1:{8101 + number}" for number, name in enumerate(NAMES)}
SURGERY, HOSPITAL = HOLDERS["gp"], HOLDERS["hospital"]
PHRASE = "anchor violet teapot harvest"
AMARA, NOOR, SIAN = "amara-okafor", "noor-rahman", "sian-llyr"
LEAST = (Section.MEDICINES, Section.CONDITIONS, Section.ALLERGIES)
PEOPLE = {person.id: person for person in load_people()}


@dataclass
class StandingClock:
    """Aware UTC time that stands still until it is moved."""

    at: datetime = datetime(2098, 11, 23, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.at

    def forward(self, **by: float) -> None:
        self.at += timedelta(**by)


@dataclass
class World:
    """The stand-in over `state`, a way to reach it, and its clock. `apps` may lose an origin to play a failure."""

    state: Path
    people: Sequence[MadeUpPerson] = field(default_factory=lambda: list(PEOPLE.values()))
    clock: StandingClock = field(default_factory=StandingClock)
    apps: dict[str, ASGIApp] = field(init=False)
    stand_in: StandIn = field(init=False)
    profile: Profile = field(init=False)
    transport: Transport = field(init=False)
    progress: list[Progress] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.stand_in = assemble(self.state, addresses=ADDRESSES, people=self.people, now=self.clock)
        self.profile = load_profile(self.state / "profile.json")
        self.apps = self.stand_in.by_address()
        self.transport = Transport(monotonic=time.monotonic, http=InProcess(self.apps))

    @property
    def now(self) -> datetime:
        return self.clock.at

    def services(self) -> Services:
        """The services as a passport that was just opened has them: nobody logged in."""
        return Services(self.profile, self.transport)

    def lose(self, *names: str) -> None:
        """Take services off the network; all of them where none is named."""
        for name in names or NAMES:
            self.apps.pop(ADDRESSES[name], None)

    def bring_back(self) -> None:
        """Every service answers again."""
        self.apps.update(self.stand_in.by_address())

    # ---- what a passport does -----------------------------------------------------------

    def connect(self, passport: Passport, person_id: str = SIAN, services: Services | None = None) -> Refreshed:
        return connect(passport, services or self.services(), person_id, now=self.now, told=self.progress.append)

    def refresh(self, passport: Passport, services: Services | None = None) -> Refreshed:
        return refresh(passport, services or self.services(), now=self.now, told=self.progress.append)

    # ---- what a holder does -------------------------------------------------------------

    def subject(self, person_id: str, kind: HolderKind) -> str:
        return self.stand_in.login.subject(person_id, HOLDERS[kind].iss)

    def sign(self, person_id: str, kind: HolderKind, bundle: bytes, *, version: str | None = None) -> str:
        """The holder signs another update into this person's feed, whatever is in it."""
        stated = version or PEOPLE[person_id].bundles[kind].fhir_version
        return self.stand_in.holders[kind].append_update(self.subject(person_id, kind), bundle, fhir_version=stated)

    def publish_trust(self) -> None:
        self.stand_in.repository.publish(now=self.now)

    # ---- what a reader does -------------------------------------------------------------

    def reader_trust(self) -> TrustList:
        """The list a reader who trusts this repository has today."""
        files = fetch_trust(self.transport, self.profile, None)
        return verify_trust(files, Floors(), now=self.now, anchor=self.profile.trust.root)

    def open_files(self, access: Access, *, passcode: str | None = None, name: str = "A. Khan") -> list[LinkFile]:
        """The decrypted files behind a link, asked for as a reader asks."""
        found = links.resolve(
            self.transport,
            shlink.parse(access.code),
            recipient=name,
            passcode=access.passcode if passcode is None else passcode,
            relays=self.reader_trust().relays,
            now=self.now,
        )
        return [LinkFile(kind, data) for kind, data in found]

    def judge(self, access: Access) -> Verdict:
        """What a reader says of a link that was opened with its number."""
        return judge_files(self.open_files(access), shlink.parse(access.code), self.reader_trust(), now=self.now)


def given(world: World, passport: Passport, sections: Sequence[Section] = LEAST, **until: float) -> Access:
    expires = world.now + timedelta(**(until or {"hours": 1}))
    return give_access(passport, world.services(), sections, expires=expires, now=world.now)


def bundle_of(person_id: str, kind: HolderKind) -> dict[str, Any]:
    """What a holder has of a made-up person, to be changed."""
    found: dict[str, Any] = json.loads(PEOPLE[person_id].bundles[kind].bundle)
    return found


def written(bundle: Mapping[str, Any]) -> bytes:
    return json.dumps(bundle, ensure_ascii=False).encode()


def resources(bundle: Mapping[str, Any], kind: str) -> list[dict[str, Any]]:
    """The resources of one type in a Bundle."""
    return [one["resource"] for one in bundle["entry"] if one["resource"]["resourceType"] == kind]


def holding(person_id: str, bundles: Mapping[HolderKind, bytes]) -> MadeUpPerson:
    """A made-up person of whom the holders have something else than is shipped."""
    person = PEOPLE[person_id]
    held = {kind: HeldBundle(person.bundles[kind].fhir_version, data) for kind, data in bundles.items()}
    return replace(person, bundles={**person.bundles, **held})


def kept(passport: Passport) -> tuple[int, int]:
    """How many messages and entries a passport holds."""
    return len(passport.store.sources()), passport.store.count()


def refused(refreshed: Refreshed) -> dict[str, str]:
    return {one.name: one.refusal.code for one in refreshed.outcomes if one.refusal is not None}


def with_asthma_called(name: str) -> bytes:
    """Amara's surgery record, its first problem under another name."""
    bundle = bundle_of(AMARA, "gp")
    resources(bundle, "Condition")[0]["code"] = {"text": name}
    return written(bundle)
