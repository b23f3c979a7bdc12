"""The real stand-in: its own process, real sockets on loopback, from the first start to the last."""

from __future__ import annotations

import contextlib
import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from crypto.errors import Ended, NetworkUnavailable
from crypto.feed import Feed
from crypto.trust import Floors, verify_trust
from sync import links
from sync.login import log_in
from sync.profile import Profile, load_profile
from sync.records import feed_head, update_pages
from sync.transport import Transport
from sync.trust import fetch_trust

pytestmark = pytest.mark.loopback
ROOT = Path(__file__).resolve().parents[2]
PERSON = {
    "resourceType": "Bundle",
    "type": "collection",
    "entry": [
        {
            "resource": {
                "resourceType": "Patient",
                "identifier": [{"system": "https://fhir.nhs.uk/Id/nhs-number", "value": "9990000018"}],
                "name": [{"family": "Testing", "given": ["Amina"]}],
                "birthDate": "1992-02-29",
            }
        },
        {"resource": {"resourceType": "Observation", "status": "final", "valueQuantity": {"value": 4.60}}},
    ],
}


@dataclass
class Running:
    process: subprocess.Popen[str]
    line: dict[str, Any]

    @property
    def profile(self) -> Profile:
        return load_profile(Path(self.line["profile"]))

    def end(self, number: int = signal.SIGTERM) -> tuple[int, str]:
        self.process.send_signal(number)
        _, errors = self.process.communicate(timeout=20)
        return self.process.returncode, errors


@contextlib.contextmanager
def started(state: Path, *arguments: str) -> Iterator[Running]:
    command = [sys.executable, "-W", "error", "-m", "sync.sandbox", "--state", str(state), *arguments]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line, process.communicate()[1]
        yield Running(process, json.loads(line))
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "amina.json"
    path.write_text(json.dumps(PERSON).replace("4.6}", "4.60}"), encoding="utf-8")
    return path


def transport() -> Transport:
    return Transport(monotonic=time.monotonic)


def person_id(profile: Profile) -> str:
    return next(person.id for person in profile.people if person.label == "Amina Testing")


def now() -> datetime:
    return datetime.now(UTC)


def test_updates_of_a_real_stand_in_are_believed_and_a_link_lives_and_ends(tmp_path: Path, file: Path) -> None:
    with started(tmp_path / "state", "--patient", str(file)) as running:
        profile, wire = running.profile, transport()
        trust = verify_trust(fetch_trust(wire, profile, None), Floors(), now=now())
        tokens = log_in(wire, profile, person_id(profile), now=now())
        (holder,) = [holder for holder in profile.holders if holder.iss in tokens.subjects]
        feed = Feed(None, iss=holder.iss, sub=tokens.subjects[holder.iss], keys=trust, now=now())
        feed.head(feed_head(wire, holder, tokens).decode())
        ((token,),) = update_pages(wire, holder, tokens)
        update = feed.update(token.decode())
        assert update.bundle == file.read_bytes()
        assert b'"value": 4.60' in update.resources[1]

        owned = links.new_link(profile.relay, exp=now() + timedelta(hours=1), label="", flag="P")
        links.publish(wire, owned, [("application/fhir+json", update.bundle)], passcode="123456")
        opening = {"recipient": "Dr A. Khan", "passcode": "123456", "relays": trust.relays}
        assert links.resolve(wire, owned.link, **opening, now=now()) == [("application/fhir+json", update.bundle)]
        links.end(wire, owned)
        with pytest.raises(Ended):
            links.resolve(wire, owned.link, **opening, now=now())
        assert [one.recipient for one in links.openings(wire, owned).openings] == ["Dr A. Khan"]

        assert running.end() == (0, "")
        with pytest.raises(NetworkUnavailable):
            log_in(wire, profile, person_id(profile), now=now())


def test_second_start_keeps_addresses_keys_and_feed(tmp_path: Path, file: Path) -> None:
    seen = []
    for _ in range(2):
        with started(tmp_path / "state", "--patient", str(file)) as running:
            profile, wire = running.profile, transport()
            tokens = log_in(wire, profile, person_id(profile), now=now())
            (holder,) = [holder for holder in profile.holders if holder.iss in tokens.subjects]
            updates = list(update_pages(wire, holder, tokens))
            seen.append((running.line, tokens.subjects, updates, profile.trust.root))
            assert running.end(signal.SIGINT) == (0, "")
    assert seen[0] == seen[1]


def test_shipped_people_can_log_in_and_each_has_a_record(tmp_path: Path) -> None:
    with started(tmp_path / "state") as running:
        profile, wire = running.profile, transport()
        assert profile.people
        for person in profile.people:
            tokens = log_in(wire, profile, person.id, now=now())
            assert tokens.subjects
            assert tokens.nhs_number.startswith("999")


def test_one_folder_is_served_once(tmp_path: Path) -> None:
    state = tmp_path / "state"
    with started(state):
        command = [sys.executable, "-m", "sync.sandbox", "--state", str(state)]
        second = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=60)
    assert (second.returncode, second.stdout) == (2, "")
    assert second.stderr.startswith("store-unavailable: expected this folder free")


def test_port_that_was_asked_for_is_used(tmp_path: Path) -> None:
    with started(tmp_path / "first") as running:
        port = int(running.line["addresses"]["relay"].rsplit(":", 1)[1])
        taken = subprocess.run(
            [sys.executable, "-m", "sync.sandbox", "--state", str(tmp_path / "second"), "--ports", f"relay={port}"],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        assert taken.returncode == 2
        assert taken.stderr == f"store-unavailable: expected port {port} to be free\n"
    with started(tmp_path / "second", "--ports", f"relay={port}") as running:
        assert running.line["addresses"]["relay"] == f"http://127.0.0.1:{port}"


@pytest.mark.parametrize(
    ("text", "code"), [("{", "not-json"), ("{}", "not-fhir"), ('{"resourceType":"Bundle","entry":[]}', "not-fhir")]
)
def test_file_that_is_no_record_ends_the_start_with_its_code(tmp_path: Path, text: str, code: str) -> None:
    (tmp_path / "x.json").write_text(text)
    arguments = ["--state", str(tmp_path / "state"), "--patient", str(tmp_path / "x.json")]
    command = [sys.executable, "-m", "sync.sandbox", *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(code + ":")
    assert not (tmp_path / "state").exists()


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="needs /proc to see what a process listens on")
def test_every_socket_is_on_loopback_and_none_outlives_the_process(tmp_path: Path) -> None:
    with started(tmp_path / "state") as running:
        addresses = [*running.line["addresses"].values(), running.line["control"]["address"]]
        ports = {int(address.rsplit(":", 1)[1]) for address in addresses}
        inodes = {
            str(link.readlink()) for link in Path(f"/proc/{running.process.pid}/fd").iterdir() if link.is_symlink()
        }
        listening = [row for row in _listening() if f"socket:[{row[2]}]" in inodes]
        assert {(host, port) for host, port, _ in listening} == {("0100007F", port) for port in ports}
        assert running.end()[0] == 0
    assert ports.isdisjoint(port for _, port, _ in _listening())


def _listening() -> list[tuple[str, int, str]]:
    rows = [line.split() for name in ("tcp", "tcp6") for line in Path(f"/proc/net/{name}").read_text().splitlines()[1:]]
    return [(row[1].split(":")[0], int(row[1].split(":")[1], 16), row[9]) for row in rows if row[3] == "0A"]
