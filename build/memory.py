"""What of a passport is left in a process after it locked: `python3 build/memory.py` (Linux).

A first process makes a passport with a marker in its record and knows every secret of it; a second one opens it in a
window (a real session of the toolkit, without a browser), looks at the record, searches it and locks; the first then
reads the whole memory of the second through /proc and counts each secret. What is printed stands in
crypto/THREATS.md, "Memory after locking". Python promises nothing here, so nothing but the count is claimed.
"""

from __future__ import annotations

import asyncio
import json
import re
import secrets
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

if TYPE_CHECKING:
    from app.store.home import PassportHome

ROOT = Path(__file__).resolve().parents[1]
PASSPHRASE = f"velvet otter climbs {secrets.token_hex(8)}"
MARKER = f"Quv{secrets.token_hex(6)}"
"""Of this run only, and not of the second process's own program."""

CHUNK = 1 << 22


def record() -> bytes:
    """A made-up record with the marker in its name, an allergy and a note."""
    person = {
        "resourceType": "Patient",
        "id": "p",
        "identifier": [{"system": "https://fhir.nhs.uk/Id/nhs-number", "value": "9990005001"}],
        "name": [{"use": "official", "family": MARKER, "given": ["Tegwen"]}],
        "birthDate": "1981-07-09",
    }
    allergy = {
        "resourceType": "AllergyIntolerance",
        "id": "a",
        "patient": {"reference": "Patient/p"},
        "code": {"text": f"{MARKER} seeds"},
        "note": [{"text": f"Carries a {MARKER} pen"}],
    }
    inside = [{"resource": person}, {"resource": allergy}]
    return json.dumps({"resourceType": "Bundle", "type": "collection", "entry": inside}).encode()


def main() -> int:
    """Measure, and print one line for each secret."""
    from app.store.home import PassportHome

    with tempfile.TemporaryDirectory(prefix="pp-memory-") as folder:
        home = PassportHome(Path(folder) / "home")
        wanted = made(home)
        with Measured(home) as child:
            before = counted(child, wanted, "open")
            after = counted(child, wanted, "locked")
    for name in wanted:
        sys.stdout.write(f"{name:24} open {before[name]:3}   locked {after[name]:3}\n")
    return 0


def made(home: PassportHome) -> dict[str, bytes]:
    """A passport in `home`, and every secret of it by name."""
    from app.actions.importing import import_file
    from app.actions.session import create_passport
    from crypto.vault import SubKey
    from crypto.vault_header import FLOOR

    now = datetime.now(UTC)
    passport = create_passport(home, PASSPHRASE, now=now, cost=FLOOR)[0]
    import_file(passport, record(), "record.json", now=now)
    key = passport.master_key.sub_key(SubKey.DATABASE)
    wanted = {
        "master key": bytes(passport.master_key._key),  # noqa: SLF001 - to look for it
        "database key": key,
        "database key as hex": key.hex().encode(),
        "device key": passport.device_key.to_bytes(),
        "passphrase": PASSPHRASE.encode(),
        "marker in the record": MARKER.encode(),
    }
    passport.lock()
    return wanted


class Measured:
    """The second process; `reached` lets it go on and waits until it says where it is."""

    def __init__(self, home: PassportHome) -> None:
        given = (PASSPHRASE.encode().hex(), MARKER.encode().hex())
        command = [sys.executable, __file__, "--child", str(home.path), *given]
        self.process: subprocess.Popen[str] = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT
        )

    def __enter__(self) -> Measured:
        return self

    def __exit__(self, *_: object) -> None:
        assert self.process.stdin is not None
        self.process.stdin.close()
        assert self.process.wait(60) == 0
        assert self.process.stdout is not None
        self.process.stdout.close()

    def reached(self, where: str) -> int:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write("on\n")
        self.process.stdin.flush()
        assert self.process.stdout.readline() == where + "\n"
        return self.process.pid


def counted(child: Measured, wanted: Mapping[str, bytes], where: str) -> dict[str, int]:
    """How often each secret stands in the memory of the process once it is where it should be."""
    pid = child.reached(where)
    found = dict.fromkeys(wanted, 0)
    with Path(f"/proc/{pid}/mem").open("rb", buffering=0) as memory:
        for start, end in regions(pid):
            for chunk in chunks(memory, start, end):
                for name, secret in wanted.items():
                    found[name] += chunk.count(secret)
    return found


def regions(pid: int) -> Iterator[tuple[int, int]]:
    """What the process can write to."""
    for line in Path(f"/proc/{pid}/maps").read_text().splitlines():
        matched = re.match(r"([0-9a-f]+)-([0-9a-f]+) rw", line)
        if matched and "[v" not in line:
            yield int(matched[1], 16), int(matched[2], 16)


def chunks(memory: IO[bytes], start: int, end: int) -> Iterator[bytes]:
    """A region's bytes, whole: none of them is so large that it may not be."""
    memory.seek(start)
    parts = []
    at = start
    while at < end:
        try:
            part = memory.read(min(CHUNK, end - at))
        except OSError:
            break
        if not part:
            break
        parts.append(part)
        at += len(part)
    yield b"".join(parts)


# ---- the second process -------------------------------------------------------------------------


def child(folder: str) -> int:
    """Open, look, search, say so; lock, say so."""
    from app.actions.forgetting import write_over_what_is_freed
    from app.store.home import PassportHome

    write_over_what_is_freed()
    asyncio.run(story(PassportHome(Path(folder))))
    return 0


async def story(home: PassportHome) -> None:
    from app.clock import Clock
    from app.compose import open_window
    from app.store.household import Household
    from tests.flows.driver import Driver

    window = Driver()
    desks: list[Any] = []

    async def begin(page: Any) -> None:
        desks.append(await open_window(page, Household(home.path), None, Clock(), UTC))

    async def quiet() -> None:
        while tasks := set(desks[0].shell.guard.tasks):
            await asyncio.wait(tasks)
        await window.settle()

    await window.start(begin)
    sys.stdin.readline()
    await window.type_into("passphrase", bytes.fromhex(sys.argv[3]).decode())
    await window.press("unlock")
    await quiet()
    await window.press("section-allergies")
    await window.press("place-home")
    await window.press("search")
    await window.type_into("query", bytes.fromhex(sys.argv[4]).decode())
    await window.press("find")
    await quiet()
    said("open")
    await window.press("place-you")
    await window.press("lock")
    await quiet()
    said("locked")
    await window.stop()


def said(where: str) -> None:
    sys.stdout.write(where + "\n")
    sys.stdout.flush()
    sys.stdin.readline()


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    raise SystemExit(child(sys.argv[2]) if sys.argv[1:2] == ["--child"] else main())
