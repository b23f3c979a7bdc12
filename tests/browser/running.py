"""The real programs as a test runs them: the stand-in, the patient's app and the reader, each its own process.

Owns starting, the JSON line that says where each one is, and ending. Nothing in them is replaced.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
END_SECONDS = 15


@contextmanager
def program(
    module: str, *arguments: str | Path, environment: Mapping[str, str] | None = None, printed: Path | None = None
) -> Iterator[dict[str, Any]]:
    """`python -m module` until the block ends; gives what its JSON line says.

    All it prints goes to the file `printed`: stderr as it comes, stdout at the end.
    """
    with contextlib.nullcontext() if printed is None else printed.open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", module, *map(str, arguments)],
            cwd=ROOT,
            env={**os.environ, "PYTHONUNBUFFERED": "1", **(environment or {})},
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
        assert process.stdout is not None
        line = process.stdout.readline()
        try:
            assert line, f"{module} ended before it was ready"
            yield json.loads(line)
        finally:
            process.terminate()
            ended = process.wait(timeout=END_SECONDS)
            with process.stdout:
                line += process.stdout.read()
            if log is not None:
                log.write(line.encode())
    assert ended in (0, -15)


@contextmanager
def stand_in(state: Path, *arguments: str | Path) -> Iterator[Path]:
    """The services of the other side; gives the profile that leads to them."""
    with program("sync.sandbox", "--state", state, *arguments) as said:
        yield Path(said["profile"])


@contextmanager
def passport(
    home: Path, profile: Path, environment: Mapping[str, str] | None = None, printed: Path | None = None
) -> Iterator[Path]:
    """The patient's app; gives the file that opens it."""
    arguments = ("--home", home, "--profile", profile, "--no-window")
    with program("app", *arguments, environment=environment, printed=printed) as said:
        yield Path(said["address_file"])


@contextmanager
def reader(
    home: Path, profile: Path, environment: Mapping[str, str] | None = None, printed: Path | None = None
) -> Iterator[Path]:
    """The professional's app; gives the file that opens it."""
    arguments = ("--home", home, "--profile", profile, "--no-window")
    with program("app.reader", *arguments, environment=environment, printed=printed) as said:
        yield Path(said["address_file"])
