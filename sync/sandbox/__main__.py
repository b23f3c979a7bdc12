"""`python -m sync.sandbox --state DIR [--patient FILE …] [--ports NAME=PORT …] [--fault NAME,…]`: start the stand-in.

Prints one JSON line when every service answers, {"profile": PATH, "addresses": {NAME: ADDRESS}, "control": {"address":
ADDRESS, "token": PATH}}, and runs until SIGINT or SIGTERM. The faults are in FAULTS.md, the control port in control.py.
Exits with 2 and one line on stderr when it cannot start.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from crypto.errors import PassportError
from sync.sandbox.control import TOKEN_FILE
from sync.sandbox.faults import FAULTS
from sync.sandbox.people import lifelong_person, load_people, person_from_file
from sync.sandbox.serve import CONTROL, serve
from sync.sandbox.stand_in import NAMES, StandIn

PORTS = (*NAMES, CONTROL)


def main(arguments: list[str] | None = None) -> int:
    """Run the stand-in; returns the exit code."""
    asked = _parser().parse_args(arguments)
    state: Path = asked.state.resolve()

    def ready(stand_in: StandIn, control: str) -> None:
        line = {
            "profile": str(state / "profile.json"),
            "addresses": dict(stand_in.addresses),
            "control": {"address": control, "token": str(state / TOKEN_FILE)},
        }
        print(json.dumps(line), flush=True)

    try:
        people = [*load_people(), lifelong_person(), *(person_from_file(path) for path in asked.patient)]
        serve(state, people, dict(asked.ports), asked.fault, ready)
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
        help=f"fix ports of some of: {', '.join(PORTS)}",
    )
    parser.add_argument(
        "--fault",
        type=_faults,
        action="extend",
        default=[],
        metavar="NAME[,NAME]",
        help=f"goes wrong from the start, of: {', '.join(FAULTS)}",
    )
    return parser


def _port(text: str) -> tuple[str, int]:
    name, _, number = text.partition("=")
    if name not in PORTS or not number.isdigit() or not 0 < int(number) <= 65535:
        raise argparse.ArgumentTypeError(f"expected NAME=PORT with a name of {', '.join(PORTS)}")
    return name, int(number)


def _faults(text: str) -> list[str]:
    names = text.split(",")
    if not FAULTS.keys() >= set(names):
        raise argparse.ArgumentTypeError(f"expected one or more of {', '.join(FAULTS)}")
    return names


if __name__ == "__main__":
    sys.exit(main())
