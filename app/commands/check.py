"""The command that judges a code, a card or a JWS, as the reader app does."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any, Final

from app.clock import system_now
from app.commands.answer import DONE, REFUSED, Add, Answer
from app.commands.arguments import add_command
from crypto.errors import Unreadable

CHECKED_VERDICTS: Final = frozenset({"checked", "checked-could-not-ask", "said-by-passport"})


def add_to(add: Add) -> None:
    """`check`."""
    checking = add_command(add, "check", "say whether a code, card or JWS is genuine", _check)
    checking.add_argument(
        "file", metavar="FILE", help="the text as scanned, a .smart-health-card file or a JWS; - for input"
    )
    checking.add_argument("--trust", type=Path, metavar="DIR", help="a kept list of organisations and their keys")
    checking.add_argument("--jwks", type=Path, metavar="FILE", help="the keys of one issuer; needs --iss")
    checking.add_argument("--iss", metavar="URL", help="whose keys --jwks holds")
    checking.add_argument("--at", metavar="TIME", help="judge as of this time, ISO 8601")


def _check(arguments: argparse.Namespace) -> Answer:
    from app.reader.check import CheckRequest, parse_time, run_check

    try:
        now = system_now() if arguments.at is None else parse_time(arguments.at)
    except ValueError:
        arguments.parser.error("--at: expected a time such as 2026-11-23T12:00:00Z")
    request = CheckRequest(arguments.file, arguments.trust, arguments.jwks, arguments.iss)
    try:
        verdict = run_check(request, now=now)
    except OSError as error:
        raise Unreadable(f"file: {error.strerror}") from error
    steps: Any = verdict["steps"]
    lines = [f"{verdict['verdict']} {verdict['code']}".strip(), *(" ".join(step.values()).strip() for step in steps)]
    return Answer(verdict, lines, DONE if verdict["verdict"] in CHECKED_VERDICTS else REFUSED)
