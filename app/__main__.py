"""Starts the patient's app: `python -m app [--profile FILE] [--home DIR] [--no-window] [--address-file FILE]`.

Prints one line of JSON when it answers: the file that opens it (for this user only) and its origin.
"""

from __future__ import annotations

import argparse
import json
import sys
import webbrowser
from collections.abc import Sequence
from pathlib import Path

from app.actions.forgetting import collect_seldom, write_over_what_is_freed
from app.compose import Windows, local_zone
from app.dumps import forbid_core_dumps
from app.store.home import PassportHome, default_folder
from app.store.household import Household
from app.store.keystore import Keystore, LateKeystore
from app.ui.say import sentence
from app.ui.window import Address, serve
from crypto.errors import PassportError
from sync.profile import load_profile


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve the app until its window closes; 0, or 1 with a sentence on stderr."""
    forbid_core_dumps()
    write_over_what_is_freed()
    collect_seldom()
    parser = argparse.ArgumentParser(prog="python -m app", description=__doc__)
    parser.add_argument("--profile", type=Path, help="the services to use; without it files can be imported")
    parser.add_argument("--home", type=Path, default=default_folder(), help="the folder of the passports")
    parser.add_argument("--no-window", action="store_true", help="print the address and open no window")
    parser.add_argument("--address-file", type=Path, help="write the same JSON line to this file too")
    given = parser.parse_args(arguments)
    try:
        profile = None if given.profile is None else load_profile(given.profile)
    except PassportError as refusal:
        sys.stderr.write(f"{sentence(refusal)} ({refusal.code})\n")
        return 1
    outside = None if given.no_window else webbrowser.open
    keystore = LateKeystore(_keystore)
    household = Household(given.home, lambda path: PassportHome(path, keystore))
    windows = Windows(household, profile, local_zone(), outside=outside)

    def ready(address: Address) -> None:
        line = json.dumps({"address_file": str(address.opener), "url": address.origin})
        if given.address_file is not None:
            given.address_file.write_text(line + "\n", encoding="utf-8")
        sys.stdout.write(line + "\n")
        sys.stdout.flush()

    serve(windows.open, name="passport", show_window=not given.no_window, on_ready=ready, on_disconnect=windows.lock)
    return 0


def _keystore() -> Keystore:
    from app.store.system_keystore import system_keystore

    return system_keystore()


if __name__ == "__main__":
    raise SystemExit(main())
