"""A process with the shim under it and everything imported, that makes a new process for each run.

Started by running.py: python -m tests.faults.workshop. Reads a line of JSON for each run, forks, and answers with a
line once the child has ended, in whatever way. It opens no store itself, so each child begins as a fresh start does.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
import traceback
from pathlib import Path
from typing import Any

from crypto.errors import PassportError
from tests.faults import acts, checks
from tests.faults.shim import Action, Arm, Kind, Shim

MAX_SECONDS = 60
"""A child that takes longer is ended; that is a failed run."""


def child(asked: dict[str, Any]) -> dict[str, Any]:
    """Play a story, or check what one left; what there is to say of it."""
    folder = Path(asked["folder"])
    shim = Shim(acts.disk_of(folder))
    if asked["do"] == "check":
        stage = acts.Stage(folder, shim, until=asked.get("until"))
        return {"problems": checks.problems(stage, acts.read_said(folder, asked.get("until")))}
    stage = acts.Stage(folder, shim, asked.get("retries", False))
    if asked.get("log"):
        shim.log(folder / acts.LOG)
    if arm := asked.get("arm"):
        shim.arm(Arm(Kind(arm[0]), arm[1], Action(arm[2]), arm[3], arm[4]))
    stage.keystore.fails_at, stage.keystore.stays = asked.get("keystore") or (0, False)
    refused = None
    try:
        acts.run(stage, asked["act"])
    except PassportError as error:
        refused = error.code
    if asked.get("kill_after") is not None:
        signal.pause()  # it was faster: then it is killed after its last act
    counts = {**shim.counts(), "KEYSTORE": stage.keystore.calls}
    return {"refused": refused, "counts": counts, "fired": shim.fired() + stage.keystore.fired}


def forked(asked: dict[str, Any]) -> dict[str, Any]:
    """One run in a process group of its own, killed after `kill_after` seconds where that is asked."""
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        signal.alarm(MAX_SECONDS)
        os.close(reading)
        code = 0
        try:
            answer = child(asked)
        except BaseException:  # noqa: BLE001  (whatever it is, the run failed and says why)
            answer, code = {"broke": traceback.format_exc()}, 1
        with os.fdopen(writing, "w") as pipe:
            pipe.write(json.dumps(answer))
        os._exit(code)
    os.close(writing)
    os.setpgid(pid, pid)
    if asked.get("kill_after") is not None:
        time.sleep(asked["kill_after"])
        os.killpg(pid, signal.SIGKILL)
    with os.fdopen(reading) as pipe:
        text = pipe.read()
    status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    return {"status": status, **(json.loads(text) if text else {})}


def main() -> None:
    for line in sys.stdin:
        print(json.dumps(forked(json.loads(line))), flush=True)


if __name__ == "__main__":
    main()
