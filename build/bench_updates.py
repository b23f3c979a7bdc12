"""Rows of build/bench.py about signed updates and the trust list: how fast they are believed, and in how much memory.

Owns a made-up holder in memory with its feed of updates, and the plain programs each row is measured against.
"""

from __future__ import annotations

import base64
import http.server
import json
import sqlite3
import subprocess
import sys
import tempfile
import threading
import urllib.request
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import environment
from bench import KEY, NOW, PERSON, SEED, Row, compare, spent, texts

ISS = "https://oak-lane-surgery.example"
SUB, FEED = "pairwise-1", "feed-1"
UPDATES = 60
ISSUERS = 300
UPDATE_MIB = 16
"""The largest update of the memory row, inflated."""


class Feed:
    """A holder, its key and its updates, all over one made-up life."""

    def __init__(self, entries: int, updates: int, seed: int = SEED) -> None:
        from crypto.keys import SigningKey
        from crypto.update import token_hash, write_head, write_update
        from sync.sandbox.lifetime import lifetime

        whole = lifetime(seed, entries, PERSON)["entry"]
        patient, others = whole[:1], whole[1:]
        size = -(-len(others) // updates)
        self.key = SigningKey.generate()
        self.tokens: list[str] = []
        common: dict[str, Any] = {"iss": ISS, "sub": SUB, "feed": FEED, "key": self.key}
        for at in range(updates):
            part = [*patient, *others[at * size : (at + 1) * size]]
            bundle = {"resourceType": "Bundle", "type": "collection", "entry": part}
            data = json.dumps(bundle, ensure_ascii=False, separators=(",", ":")).encode()
            prev = token_hash(self.tokens[-1]) if self.tokens else None
            self.tokens.append(write_update(data, fhir_version="4.0.1", seq=at + 1, prev=prev, nbf=NOW, **common))
        ends = NOW + timedelta(days=1)
        self.head = write_head(seq=updates, head=token_hash(self.tokens[-1]), iat=NOW, exp=ends, **common)

    def trust(self) -> Any:
        """A list with this holder in it."""
        from crypto.trust import TrustList

        jwks = json.dumps({"keys": [self.key.public.to_jwk()]}).encode()
        return TrustList.from_jwks(ISS, "Oak Lane Surgery", jwks, now=NOW)

    def answer(self) -> bytes:
        """What the holder's $health-cards-issue gives for all of it."""
        found = [{"name": "verifiableCredential", "valueString": token} for token in self.tokens]
        return json.dumps({"resourceType": "Parameters", "parameter": found}).encode()


# ---- updates verified ---------------------------------------------------------------------------


def updates_verified(rounds: int) -> Row:
    """One update of 20 entries: all that crypto/feed.py asks of it, against the bare signature and json.loads."""
    from crypto.feed import Feed as Checked

    feed, trust = Feed(20 * UPDATES, UPDATES), None
    trust = feed.trust()

    def ours() -> None:
        checked = Checked(None, iss=ISS, sub=SUB, keys=trust, now=NOW)
        checked.head(feed.head)
        for token in feed.tokens:
            checked.update(token)

    def theirs() -> None:
        for token in feed.tokens:
            signing, _, signature = token.rpartition(".")
            feed.key.public.verify(unpadded(signature), signing.encode())
            payload_of(token)

    times = [(spent(ours) / UPDATES, spent(theirs) / UPDATES) for _ in range(rounds)]
    return compare("update verified", times, "bare ES256 + inflate + json.loads")


def unpadded(text: str) -> bytes:
    """Bytes of base64url without padding."""
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def payload_of(token: str) -> Any:
    """What a plain program reads in an update."""
    return json.loads(zlib.decompress(unpadded(token.split(".")[1]), -15))


# ---- socket to committed ------------------------------------------------------------------------


@contextmanager
def served(body: bytes) -> Iterator[str]:
    """A loopback server that gives `body` to every request."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Nothing is told."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def socket_to_committed(entries: int, rounds: int, folder: Path) -> Row:
    """A whole first visit: fetched, believed, read, sealed and searchable; one transaction for each update."""
    feed = Feed(entries, UPDATES)
    with served(feed.answer()) as base_url:

        def ours(at: int) -> None:
            receive(feed, base_url, folder / f"visit{at}.db")

        def theirs(at: int) -> None:
            with urllib.request.urlopen(urllib.request.Request(base_url, b"{}")) as answer:  # noqa: S310
                found = json.loads(answer.read())["parameter"]
            plain_store([item["valueString"] for item in found], folder / f"plain-visit{at}.db")

        times = [(spent(partial(ours, at)), spent(partial(theirs, at))) for at in range(rounds)]
    return compare("socket to committed", times, "urllib + json.loads + sqlite3 FTS5")


def receive(feed: Feed, base_url: str, path: Path) -> None:
    """What app/actions/refreshing.py does with one holder."""
    from app.actions.receiving import Receiver
    from app.clock import monotonic
    from sync.profile import Holder
    from sync.records import update_pages
    from sync.transport import Transport

    passport, tokens = opened(path), login()
    receiver = Receiver(passport, feed.trust(), tokens, iss=ISS, now=NOW)
    receiver.accept_head(feed.head.encode())
    holder = Holder(ISS, "Oak Lane Surgery", "gp", base_url)
    for page in update_pages(Transport(monotonic=monotonic), holder, tokens):
        receiver.accept(page)
    receiver.require_complete()
    passport.store.close()


def opened(path: Path) -> Any:
    """An unlocked passport over a new store."""
    from app.actions.session import Passport
    from app.store.home import PassportHome
    from app.store.record import Store
    from crypto import vault
    from crypto.keys import SigningKey
    from crypto.vault_header import FLOOR

    made = vault.create("a passphrase for one benchmark", now=NOW, cost=FLOOR)
    home, store = PassportHome(path.parent), Store.create(path, KEY, now=NOW)
    return Passport(home, home.hold_open(), made.header, store, SigningKey.generate(), made.master)


def login() -> Any:
    """A login of the person whose life it is."""
    from sync.login import Tokens

    return Tokens(
        access="a",
        renewal=None,
        expires_at=NOW + timedelta(days=1),
        subjects={ISS: SUB},
        nhs_number=str(PERSON["nhs_number"]),
        birth_date=str(PERSON["birth_date"]),
        family_name=str(PERSON["family"]),
    )


def plain_store(tokens: list[str], path: Path) -> None:
    """Every text of every resource into plain SQLite, one transaction for each update."""
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE entry(id INTEGER PRIMARY KEY, type TEXT, resource TEXT)")
    connection.execute("CREATE VIRTUAL TABLE words USING fts5(said, content='')")
    for token in tokens:
        entries = payload_of(token)["vc"]["credentialSubject"]["fhirBundle"]["entry"]
        with connection:
            for item in entries:
                one = item["resource"]
                row = connection.execute(
                    "INSERT INTO entry(type, resource) VALUES(?,?)", (one["resourceType"], json.dumps(one))
                )
                connection.execute("INSERT INTO words(rowid, said) VALUES(?,?)", (row.lastrowid, " ".join(texts(one))))
    connection.close()


# ---- memory -------------------------------------------------------------------------------------


def peak_memory() -> tuple[float, float, float]:
    """Of one large update in a process of its own: MiB inflated, MiB more than before at the peak, the multiple.

    Linux only: elsewhere the multiple is 0.
    """
    if not sys.platform.startswith("linux"):
        return 0.0, 0.0, 0.0
    with tempfile.TemporaryDirectory(prefix="passport-bench-") as name:
        done = subprocess.run(
            [sys.executable, str(environment.ROOT / "build" / "bench_updates.py"), name],
            cwd=environment.ROOT, check=True, capture_output=True, text=True,
        )  # fmt: skip
    inflated, peak = json.loads(done.stdout.splitlines()[-1])
    return inflated, peak, round(peak / inflated, 1)


def in_a_process_of_its_own(folder: Path) -> None:
    """Made in one process, received in a forked one, so that making it is not counted."""
    import os

    feed = Feed(2_000, 1)
    inflated = len(zlib.decompress(unpadded(feed.tokens[0].split(".")[1]), -15))
    feed = Feed(2_000 * UPDATE_MIB * 1024 * 1024 // inflated, 1)
    inflated = len(zlib.decompress(unpadded(feed.tokens[0].split(".")[1]), -15))
    (folder / "feed.json").write_text(
        json.dumps({"token": feed.tokens[0], "head": feed.head, "jwk": feed.key.public.to_jwk()}), encoding="utf-8"
    )
    os.execv(sys.executable, [sys.executable, __file__, str(folder), str(inflated)])


def received_alone(folder: Path, inflated: int) -> None:
    """Believe and store the one update in the folder; prints MiB inflated and MiB at the peak beyond the start."""
    from app.actions.receiving import Receiver
    from crypto.trust import TrustList

    made = json.loads((folder / "feed.json").read_text(encoding="utf-8"))
    token, head = made["token"].encode(), made["head"].encode()
    jwks = json.dumps({"keys": [made.pop("jwk")]}).encode()
    del made
    trust = TrustList.from_jwks(ISS, "Oak Lane Surgery", jwks, now=NOW)
    passport = opened(folder / "record.db")
    receiver = Receiver(passport, trust, login(), iss=ISS, now=NOW)
    receiver.accept_head(head)
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # the peak counts from here
    before = kib("VmRSS")
    receiver.accept([token])
    print(json.dumps([round(inflated / 2**20, 1), round((kib("VmHWM") - before) / 1024, 1)]))


def kib(name: str) -> int:
    """A line of this process's status."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return int(next(line for line in lines if line.startswith(f"{name}:")).split()[1])


# ---- trust at start -----------------------------------------------------------------------------


def trust_at_start(rounds: int, folder: Path) -> Row:
    """The whole stored list of 300 issuers verified again, against json.loads of the same files."""
    from crypto.keys import Issuer, SigningKey
    from crypto.trust import Floors, TrustFiles, verify_trust
    from sync.sandbox.repository import TrustRepository

    repository = TrustRepository(folder / "trust", now=NOW)
    for number in range(ISSUERS):
        issuer = Issuer(f"https://surgery-{number}.example", f"Surgery {number}", f"A{number:05}", "gp")
        repository.list_issuer(issuer, [SigningKey.generate().public.to_jwk()])
    repository.publish(now=NOW)
    named = {plain_name(path.name): path.read_bytes() for path in (folder / "trust").rglob("*.json")}
    files = TrustFiles.from_named(named)

    def ours() -> None:
        verify_trust(files, Floors(), now=NOW)

    def theirs() -> None:
        for data in files.named().values():
            json.loads(data)

    return compare("trust at start", [(spent(ours), spent(theirs)) for _ in range(rounds * 3)], "json.loads")


def plain_name(name: str) -> str:
    """A repository's file without the version or hash before its name; roots keep theirs."""
    first, _, rest = name.partition(".")
    return rest if "." in rest and not rest.startswith("root") and (first.isdigit() or len(first) == 64) else name


if __name__ == "__main__":
    if len(sys.argv) == 2:
        in_a_process_of_its_own(Path(sys.argv[1]))
    else:
        received_alone(Path(sys.argv[1]), int(sys.argv[2]))
