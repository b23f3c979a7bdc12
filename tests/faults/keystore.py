"""A keystore that outlives the process, lies on another disk than the passport, and refuses at the call it was told.

It passes the port's contract (tests/store/test_keystore.py). Owns a file of its own, to which every change is added
with how long the log of the disk was by then: so a power cut finds what it held at that moment.
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, field
from pathlib import Path

from crypto.errors import KeystoreUnavailable


@dataclass
class KeptKeystore:
    """`until`: only what was written before that place of the log. `fails_at`: the call (from 1) that is refused.

    `stays`: so is every call after it.
    """

    path: Path
    log: Path | None = None
    until: int | None = None
    fails_at: int = 0
    stays: bool = False
    calls: int = 0
    fired: int = 0
    kept: dict[str, bytes] = field(init=False, default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        lines = self.path.read_text(encoding="ascii").splitlines() if self.path.exists() else []
        for one in map(json.loads, lines):
            if self.until is None or one["at"] <= self.until:
                self._take(one["name"], one["value"])

    @property
    def available(self) -> bool:
        return True

    def read(self, name: str) -> bytes | None:
        self._answer()
        return self.kept.get(name)

    def write(self, name: str, value: bytes) -> None:
        self._answer()
        self._note(name, base64.b64encode(value).decode("ascii"))

    def delete(self, name: str) -> None:
        self._answer()
        self._note(name, None)

    def heal(self) -> None:
        """It answers again."""
        self.fails_at = 0

    def _answer(self) -> None:
        self.calls += 1
        if self.fails_at and (self.calls == self.fails_at or (self.stays and self.calls > self.fails_at)):
            self.fired += 1
            raise KeystoreUnavailable("expected a keystore that answers, found none")

    def _note(self, name: str, value: str | None) -> None:
        at = self.log.stat().st_size if self.log is not None and self.log.exists() else 0
        with self.path.open("a", encoding="ascii") as file:
            file.write(json.dumps({"at": at, "name": name, "value": value}) + "\n")
        self._take(name, value)

    def _take(self, name: str, value: str | None) -> None:
        if value is None:
            self.kept.pop(name, None)
        else:
            self.kept[name] = base64.b64decode(value)
