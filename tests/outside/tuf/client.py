"""A TUF client as a command, over the passport's own two steps: sync.trust fetches, crypto.trust verifies again.

    python -m tests.outside.tuf.client --metadata-dir DIR init ROOT
    python -m tests.outside.tuf.client --metadata-dir DIR --metadata-url URL --target-base-url URL refresh
    python -m tests.outside.tuf.client … --target-name NAME --target-dir DIR download

The arguments are those of the tuf-conformance suite's client protocol, but that a refresh needs the address of
the targets too: the passport takes its lists together with what signs them. Ends with 0, or with 1 and a code.
DIR keeps what the passport's store keeps: the files by name and the version floors. It is written after both
steps, whole or not at all.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from app.clock import monotonic, system_now
from crypto.errors import PassportError, TrustUnreadable
from crypto.trust import Floors, TrustFiles, verify_trust
from sync.profile import LoginService, Profile, RelayService, TrustSource
from sync.transport import Transport
from sync.trust import fetch_trust

ANCHOR, FLOORS = "anchor", "floors"


def main(arguments: Sequence[str], transport: Transport | None = None) -> int:
    """Run one command; `transport` replaces the sockets, in tests."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--metadata-dir", type=Path, required=True)
    for name in ("metadata-url", "target-base-url", "target-name"):
        parser.add_argument(f"--{name}", default="")
    parser.add_argument("--target-dir", type=Path)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("init").add_argument("root", type=Path)
    commands.add_parser("refresh")
    commands.add_parser("download")
    asked = parser.parse_args(arguments)
    try:
        return _run(asked, transport or Transport(monotonic=monotonic))
    except PassportError as refusal:
        print(f"{refusal.code}: {refusal}", file=sys.stderr)
        return 1


def _run(asked: argparse.Namespace, transport: Transport) -> int:
    if asked.command == "init":
        asked.metadata_dir.mkdir(parents=True, exist_ok=True)
        (asked.metadata_dir / ANCHOR).write_bytes(asked.root.read_bytes())
        return 0
    lists = refresh(asked.metadata_dir, asked.metadata_url, asked.target_base_url, transport).target_files
    if asked.command == "download":
        if asked.target_name not in lists:
            raise TrustUnreadable("target: expected one of the passport's lists")
        asked.target_dir.mkdir(parents=True, exist_ok=True)
        (asked.target_dir / asked.target_name).write_bytes(lists[asked.target_name])
    return 0


def refresh(folder: Path, metadata_url: str, targets_url: str, transport: Transport) -> TrustFiles:
    """What app/actions/trusting.py does: fetch, verify against the anchor and the floors, only then keep."""
    anchor = (folder / ANCHOR).read_bytes()
    profile = Profile(
        name="conformance",
        made_up=True,
        holders=(),
        login=LoginService("http://127.0.0.1:1", "none", "http://127.0.0.1:1"),
        trust=TrustSource(metadata_url, targets_url, anchor),
        relay=RelayService("http://127.0.0.1:1"),
        people=(),
    )
    files = fetch_trust(transport, profile, kept(folder))
    trust = verify_trust(files, floors(folder), now=system_now(), anchor=anchor)
    for path in folder.glob("*.json"):
        path.unlink()
    for name, data in files.named().items():
        (folder / name).write_bytes(data)
    (folder / FLOORS).write_text(json.dumps(asdict(trust.floors)), encoding="utf-8")
    return files


def kept(folder: Path) -> TrustFiles | None:
    """The files of the last refresh that succeeded, None before the first."""
    files = {path.name: path.read_bytes() for path in folder.glob("*.json")}
    return TrustFiles.from_named(files) if files else None


def floors(folder: Path) -> Floors:
    """The version floors of the last refresh that succeeded."""
    path = folder / FLOORS
    return Floors(**json.loads(path.read_text(encoding="utf-8"))) if path.exists() else Floors()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
