"""`passport` on the command line: the same actions as the screens, without a window.

Owns exit codes and how an answer is printed; the commands are app/commands/. Exit 0: done. Exit 1:
refused; with --json as {"code", "message"} on standard output, without it as a plain sentence on
standard error. Exit 2: the command itself was not understood. Times are the system clock's except
where --at is given. Each command imports what it needs when it runs, so that none waits for the
others' libraries.
"""

from __future__ import annotations

import argparse
import json
import os
import runpy
import sys
from collections.abc import Sequence

from app.actions.forgetting import collect_seldom
from app.commands import check, emergency, export, keeping, lock, people, record
from app.commands.answer import DONE, REFUSED, Add, Run
from app.dumps import forbid_core_dumps
from crypto.errors import PassportError

SUBJECTS = (record, export, emergency, people, keeping, lock, check)
"""Each adds its commands, in the order the help shows them."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and give its exit code; without a command, open the app."""
    forbid_core_dumps()
    given = list(sys.argv[1:] if argv is None else argv)
    if not given:
        runpy.run_module("app", run_name="__main__", alter_sys=True)
        return DONE
    collect_seldom()
    arguments = _parser().parse_args(given)
    run: Run = arguments.run
    try:
        answer = run(arguments)
    except PassportError as error:
        _print_refusal(error, as_json=arguments.json)
        return REFUSED
    try:
        print(json.dumps(answer.members, ensure_ascii=False) if arguments.json else "\n".join(answer.lines), flush=True)
    except BrokenPipeError:  # whoever read our output has had enough: `passport list | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return answer.code


def _print_refusal(error: PassportError, *, as_json: bool) -> None:
    from app.ui.say import sentence

    if as_json:
        print(json.dumps({"code": error.code, "message": sentence(error)}, ensure_ascii=False))
    else:
        print(sentence(error), file=sys.stderr)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="passport", description="Your own health record. Without a command: opens the app."
    )
    add: Add = parser.add_subparsers(required=True, metavar="COMMAND").add_parser
    for subject in SUBJECTS:
        subject.add_to(add)
    return parser


if __name__ == "__main__":
    sys.exit(main())
