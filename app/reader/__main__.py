"""Starts the professional's reader: `python -m app.reader --profile FILE --home DIR`.

Prints one line of JSON when it answers: the file that opens it (for this user only) and its origin.
`--no-window` opens no window; `--address-file FILE` gets the same line.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from app.dumps import forbid_core_dumps
from app.reader.compose import Readers
from app.ui.say import sentence
from app.ui.window import Address, serve
from crypto.errors import PassportError
from sync.profile import load_profile


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve the reader until its window closes; 0, or 1 with a sentence on stderr."""
    forbid_core_dumps()
    parser = argparse.ArgumentParser(prog="python -m app.reader", description="The professional's reader.")
    parser.add_argument("--profile", type=Path, required=True, help="the services to use")
    parser.add_argument("--home", type=Path, required=True, help="the folder for the list of organisations")
    parser.add_argument("--no-window", action="store_true", help="print the address and open no window")
    parser.add_argument("--address-file", type=Path, help="write the same JSON line to this file too")
    given = parser.parse_args(arguments)
    try:
        readers = Readers(given.home, load_profile(given.profile))
    except PassportError as refusal:
        sys.stderr.write(f"{sentence(refusal)} ({refusal.code})\n")
        return 1

    def ready(address: Address) -> None:
        line = json.dumps({"address_file": str(address.opener), "url": address.origin})
        if given.address_file is not None:
            given.address_file.write_text(line + "\n", encoding="utf-8")
        sys.stdout.write(line + "\n")
        sys.stdout.flush()

    serve(readers.open, name="reader", show_window=not given.no_window, on_ready=ready, on_disconnect=readers.forget)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
