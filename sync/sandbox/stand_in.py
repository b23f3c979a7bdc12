"""The whole stand-in put together: who the services are, who is listed, and what each holder has signed.

Owns names and wiring; sockets are serve.py's, and tests may call the apps without any (in_process.py).
State lies in one folder: the same keys, feeds, links and pairwise ids after every start, trust metadata
with versions that only go up.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import httpx
from starlette.types import ASGIApp

from crypto import jws
from crypto.keys import Issuer, SigningKey
from crypto.update import read_update
from sync.files import write_whole
from sync.relay.app import relay_app
from sync.sandbox.attester import Attester
from sync.sandbox.client_assertion import ClientKey
from sync.sandbox.faults import FAULTS, Faults, UpdateFault
from sync.sandbox.gateway import Gateway
from sync.sandbox.holder import KEY_FILE, RecordHolder, stored_signing_key
from sync.sandbox.login import CLIENT_ID, Login
from sync.sandbox.people import HeldBundle, HolderKind, MadeUpPerson
from sync.sandbox.repository import TrustRepository
from sync.sandbox.spoiling import Hands

NAMES: Final = ("gp", "hospital", "login", "trust", "relay", "service", "gateway")
"""The services, each with an address of its own."""

HOLDERS: Final[Mapping[HolderKind, Issuer]] = {
    "gp": Issuer("https://oak-lane-surgery.example", "Oak Lane Surgery", "ZZ901", "gp"),
    "hospital": Issuer("https://riverside-hospital.example", "Riverside Hospital", "ZZ902", "hospital"),
}
SERVICE: Final = Issuer("https://record-service.example", "Made-up Record Service", "ZZ900", "service")


@dataclass(frozen=True, slots=True)
class StandIn:
    """The services by name, with the profile a passport needs to use them."""

    apps: Mapping[str, ASGIApp]
    addresses: Mapping[str, str]
    profile: Mapping[str, Any]
    now: Callable[[], datetime]
    faults: Faults
    repository: TrustRepository
    holders: Mapping[HolderKind, RecordHolder]
    login: Login
    attester: Attester

    def by_address(self) -> dict[str, ASGIApp]:
        """The apps by origin, for in_process.py."""
        return {self.addresses[name]: app for name, app in self.apps.items()}

    def switch(self, name: str, on: bool) -> None:
        """Switch a fault; the surgery signs its records once more where there must be an update to spoil.

        Raises KeyError for a name that is no fault.
        """
        self.faults.switch(name, on)
        if on and isinstance(FAULTS[name], UpdateFault):
            self.sign_again("gp")

    def sign_again(self, kind: HolderKind) -> None:
        """A holder signs what it has of each of its patients as the next update."""
        holder = self.holders[kind]
        for person in self.profile["people"]:
            sub = self.login.subject(person["id"], HOLDERS[kind].iss)
            updates = holder.updates(sub)
            if updates:
                newest = read_update(jws.read_unverified(updates[-1].token))
                holder.append_update(sub, newest.bundle, fhir_version=newest.fhir_version)

    def rotate_root(self) -> None:
        """The repository's root gets a new key and version."""
        self.repository.rotate_root_key(now=self.now())

    def rotate_key(self, kind: HolderKind) -> None:
        """A holder signs with a new key, which the list names beside the old one."""
        holder = self.holders[kind]
        holder.rotate_key()
        self.repository.list_issuer(holder.issuer, holder.jwks)
        self.publish()

    def revoke_key(self, kind: HolderKind) -> None:
        """The list says that the key a holder signs with is revoked from this second on."""
        holder = self.holders[kind]
        self.repository.revoke_key(holder.issuer.iss, holder.jwks[0]["kid"], at=self.now())
        self.publish()

    def publish(self) -> None:
        """The trust lists are signed anew."""
        self.repository.publish(now=self.now())


def assemble(
    state: Path,
    *,
    addresses: Mapping[str, str],
    people: Sequence[MadeUpPerson],
    now: Callable[[], datetime],
) -> StandIn:
    """The stand-in over the folder `state`; `addresses` gives an origin for each of NAMES.

    Signs what holders have and have not signed yet, publishes the trust lists and writes profile.json.
    """
    state.mkdir(mode=0o700, parents=True, exist_ok=True)
    client_key = ClientKey(state / "gateway" / "client-key.json")
    login = _login(state / "login", addresses, people, client_key, now)
    holders = {kind: _holder(state / kind, issuer, login, now) for kind, issuer in HOLDERS.items()}
    for person in people:
        for kind, held in person.bundles.items():
            _sign_if_new(holders[kind], login.subject(person.id, HOLDERS[kind].iss), held)
    service_key = stored_signing_key(state / "service" / "signing.key")
    repository = _trust(state / "trust", holders, service_key, addresses["relay"], now())
    attester = Attester(SERVICE, service_key, folder=state / "service", identify=login.access, now=now)
    faults = _faults(state, repository, holders["gp"], now)
    login_app = login.app()
    apps: dict[str, ASGIApp] = {
        "gp": faults.around_surgery(holders["gp"].app()),
        "hospital": holders["hospital"].app(),
        "login": login_app,
        "trust": faults.around_repository(repository.app()),
        "relay": relay_app(state / "relay", base_url=addresses["relay"], now=now),
        "service": attester.app(),
        "gateway": _gateway(addresses, client_key, login_app, now).app(),
    }
    profile = _profile(addresses, people, repository.first_root)
    write_whole(state / "profile.json", json.dumps(profile, ensure_ascii=False, indent=1).encode("utf-8"))
    return StandIn(apps, dict(addresses), profile, now, faults, repository, holders, login, attester)


def _login(
    folder: Path,
    addresses: Mapping[str, str],
    people: Sequence[MadeUpPerson],
    client_key: ClientKey,
    now: Callable[[], datetime],
) -> Login:
    return Login(
        folder,
        base_url=addresses["login"],
        people=people,
        holders={kind: issuer.iss for kind, issuer in HOLDERS.items()},
        redirect_uri=f"{addresses['gateway']}/callback",
        client_keys=client_key.jwks,
        now=now,
    )


def _gateway(
    addresses: Mapping[str, str], client_key: ClientKey, login_app: ASGIApp, now: Callable[[], datetime]
) -> Gateway:
    return Gateway(
        base_url=addresses["gateway"],
        client_id=CLIENT_ID,
        key=client_key,
        provider=addresses["login"],
        http=httpx.ASGITransport(app=login_app),  # the two stand in one process: no socket between them
        now=now,
    )


def _holder(folder: Path, issuer: Issuer, login: Login, now: Callable[[], datetime]) -> RecordHolder:
    def subject_of(token: str) -> str | None:
        access = login.access(token)
        return None if access is None else login.subject(access.person_id, issuer.iss)

    return RecordHolder(folder, issuer=issuer, subject_of=subject_of, now=now)


def _faults(state: Path, repository: TrustRepository, surgery: RecordHolder, now: Callable[[], datetime]) -> Faults:
    def hands() -> Hands:
        return Hands(
            surgery.issuer.iss,
            own=stored_signing_key(state / "gp" / KEY_FILE),
            others=stored_signing_key(state / "hospital" / KEY_FILE),
            unlisted=stored_signing_key(state / "faults" / "unlisted.key"),
            retired=stored_signing_key(state / "faults" / "retired.key"),
        )

    return Faults(repository=repository, feed=surgery.updates, hands=hands, now=now)


def _sign_if_new(holder: RecordHolder, sub: str, held: HeldBundle) -> None:
    """Sign a Bundle unless it is what the feed ends with: a changed file becomes the next update."""
    updates = holder.updates(sub)
    if not updates or read_update(jws.read_unverified(updates[-1].token)).bundle != held.bundle:
        holder.append_update(sub, held.bundle, fhir_version=held.fhir_version)


def _trust(
    folder: Path, holders: Mapping[HolderKind, RecordHolder], service_key: SigningKey, relay: str, now: datetime
) -> TrustRepository:
    repository = TrustRepository(folder, now=now)
    for holder in holders.values():
        repository.list_issuer(holder.issuer, holder.jwks)
    repository.list_issuer(SERVICE, [service_key.public.to_jwk()])
    repository.list_relays([relay])
    repository.publish(now=now)
    return repository


def _profile(addresses: Mapping[str, str], people: Sequence[MadeUpPerson], root: bytes) -> dict[str, Any]:
    return {
        "name": "Local stand-in",
        "made_up": True,
        "holders": [
            {"iss": issuer.iss, "name": issuer.name, "kind": kind, "base_url": addresses[kind]}
            for kind, issuer in HOLDERS.items()
        ],
        "login": {"base_url": addresses["login"], "client_id": CLIENT_ID, "gateway": addresses["gateway"]},
        "trust": {
            "metadata_url": f"{addresses['trust']}/metadata",
            "targets_url": f"{addresses['trust']}/targets",
            "root": base64.b64encode(root).decode("ascii"),
        },
        "relay": {"base_url": addresses["relay"]},
        "service": {"iss": SERVICE.iss, "name": SERVICE.name, "base_url": addresses["service"]},
        "people": [{"id": person.id, "label": person.label} for person in people],
    }
