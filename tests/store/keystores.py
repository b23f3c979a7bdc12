"""A keystore in memory for tests, and ways it can fail; it passes the port's contract (test_keystore.py)."""

from __future__ import annotations

from crypto.errors import KeystoreUnavailable


class MemoryKeystore:
    """What a device keeps. `broken`: nothing works; `full`: nothing can be written or deleted."""

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}
        self.broken = False
        self.full = False

    @property
    def available(self) -> bool:
        return not self.broken

    def read(self, name: str) -> bytes | None:
        self._require(works=not self.broken)
        return self.kept.get(name)

    def write(self, name: str, value: bytes) -> None:
        self._require(works=not (self.broken or self.full))
        self.kept[name] = bytes(value)

    def delete(self, name: str) -> None:
        self._require(works=not (self.broken or self.full))
        self.kept.pop(name, None)

    @staticmethod
    def _require(*, works: bool) -> None:
        if not works:
            raise KeystoreUnavailable("expected a keystore that answers, found none")


def names(keystore: MemoryKeystore, word: str) -> list[str]:
    """The names in it that have `word` in them."""
    return sorted(name for name in keystore.kept if word in name)
