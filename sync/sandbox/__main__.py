"""`python -m sync.sandbox --state DIR [--patient FILE …] [--ports NAME=PORT …]`: start the stand-in.

Prints one JSON line when every service answers, {"profile": PATH, "addresses": {NAME: ADDRESS}}, and runs
until SIGINT or SIGTERM. Exits with 2 and one line on stderr when it cannot start.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from crypto.errors import PassportError
from sync.sandbox.people import lifelong_person, load_people, person_from_file
from sync.sandbox.serve import serve
from sync.sandbox.stand_in import NAMES, StandIn


def main(arguments: list[str] | None = None) -> int:
    """Run the stand-in; returns the exit code."""
    asked = _parser().parse_args(arguments)
    state: Path = asked.state.resolve()

    def ready(stand_in: StandIn) -> None:
        line = {"profile": str(state / "profile.json"), "addresses": dict(stand_in.addresses)}
        print(json.dumps(line), flush=True)

    try:
        people = [*load_people(), lifelong_person(), *(person_from_file(path) for path in asked.patient)]
        serve(state, people, dict(asked.ports), ready)
    except PassportError as refusal:
        print(refusal, file=sys.stderr)
        return 2
    except OSError as error:
        print(f"unavailable: {error.strerror}: {error.filename}", file=sys.stderr)
        return 2
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m sync.sandbox", description="A local stand-in for the NHS side.")
    parser.add_argument("--state", type=Path, required=True, metavar="DIR", help="where keys, feeds and links are kept")
    parser.add_argument(
        "--patient",
        type=Path,
        nargs="+",
        action="extend",
        default=[],
        metavar="FILE",
        help="also serve the record in a FHIR R4 or STU3 Bundle",
    )
    parser.add_argument(
        "--ports",
        type=_port,
        nargs="+",
        action="extend",
        default=[],
        metavar="NAME=PORT",
        help=f"fix ports of some of: {', '.join(NAMES)}",
    )
    return parser


def _port(text: str) -> tuple[str, int]:
    name, _, number = text.partition("=")
    if name not in NAMES or not number.isdigit() or not 0 < int(number) <= 65535:
        raise argparse.ArgumentTypeError(f"expected NAME=PORT with a name of {', '.join(NAMES)}")
    return name, int(number)


if __name__ == "__main__":
    sys.exit(main())
