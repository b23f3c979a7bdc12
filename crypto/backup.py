"""The backup file: one encrypted file that the recovery words alone open (FORMATS.md, "Backup file").

Owns its form, sealing a store into it and unsealing it again, piece by piece, so that a large store never
sits in memory. Leaves the header inside it to crypto/vault.py, files and folders to app/actions/backing_up.py
and restoring.py, what the store's bytes mean to app/store.

The body is `cryptography.cobblestone` (C2SP chunked encryption, Cobblestone-256) under a key of its own; its
context binds every byte before it. Each piece that comes out is authentic; that nothing was cut off the end is
known only once the last one came: whoever unseals believes nothing before that.
"""

from __future__ import annotations

import hashlib
import json
import struct
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from typing import Any, Final, Protocol

from cryptography.cobblestone import Cobblestone256Decryptor, Cobblestone256Encryptor
from cryptography.exceptions import InvalidTag

from crypto import vault
from crypto.errors import BackupTampered, BackupUnreadable, HeaderUnreadable, Tampered
from crypto.vault import MasterKey, SubKey
from crypto.vault_header import MAX_HEADER_BYTES, Header, SlotKind, read_header

FIRST_LINE: Final = b"patient-passport-backup 1\n"
"""What the file is and the version of its form, for a person who opens it in an editor too."""

MAX_ABOUT_BYTES: Final = 4096
PIECE_BYTES: Final = 1024 * 1024
_LENGTH: Final = struct.Struct(">I")
_CONTEXT: Final = b"pp-backup-v1"


class Readable(Protocol):
    """Where a backup's bytes come from: a file, or bytes in memory."""

    def read(self, size: int, /) -> bytes:
        """At most `size` bytes; none at the end."""


@dataclass(frozen=True, slots=True)
class About:
    """What a backup says of itself, sealed: when it was made (seconds since 1970) and what must come out of it.

    `schema` is the store's version, `guard` the count of its changes; the other numbers are of the store inside.
    """

    made_at: int
    schema: int
    guard: int
    sources: int
    entries: int
    store_bytes: int


@dataclass(frozen=True, slots=True)
class Sealed:
    """The beginning of a backup, read and not believed yet. `header` has the recovery slot alone."""

    header: Header
    head: bytes = field(repr=False)

    def open_with_recovery(self, words: str) -> MasterKey:
        """The master key behind the recovery words.

        Raises RecoveryWordsMistyped, WrongRecoveryWords (another passport's words, words that were replaced, or a
        changed slot: nobody can tell), BackupTampered where anything else of the header was changed.
        """
        try:
            return vault.open_with_recovery(self.header, words)
        except Tampered as error:
            raise BackupTampered("header: expected its MAC to fit") from error


def seal(header: Header, master: MasterKey, about: About, store: Iterable[bytes]) -> Iterator[bytes]:
    """The pieces of a backup file. `header` holds the recovery slot alone; `store` gives `about.store_bytes` bytes.

    Raises ValueError where either is not so: that is our mistake, never a person's.
    """
    _require_recovery_alone(header)
    written = header.to_bytes()
    head = FIRST_LINE + _LENGTH.pack(len(written)) + written
    yield head
    encryptor = Cobblestone256Encryptor(master.sub_key(SubKey.BACKUP), _context(head))
    said = _canonical(about)
    yield encryptor.update(_LENGTH.pack(len(said)) + said)
    left = about.store_bytes
    for piece in store:
        left -= len(piece)
        yield encryptor.update(piece)
    if left:
        raise ValueError(f"store: expected {about.store_bytes} bytes, found {about.store_bytes - left}")
    yield encryptor.finalize()


def read_head(source: Readable) -> Sealed:
    """The beginning of a backup; `source` then stands at its body.

    Raises BackupUnreadable for another form or version, a header out of bounds, or one that is more than a
    recovery slot.
    """
    first = _exactly(source, len(FIRST_LINE), "first line")
    if first != FIRST_LINE:
        raise BackupUnreadable("first line: expected a backup of version 1")
    length = _exactly(source, _LENGTH.size, "header")
    (size,) = _LENGTH.unpack(length)
    if size > MAX_HEADER_BYTES:
        raise BackupUnreadable(f"header: expected at most {MAX_HEADER_BYTES} bytes, found {size}")
    written = _exactly(source, size, "header")
    try:
        header = read_header(written)
        _require_recovery_alone(header)
    except (HeaderUnreadable, ValueError) as error:
        raise BackupUnreadable(f"header: expected a recovery slot alone ({type(error).__name__})") from error
    return Sealed(header, first + length + written)


def unseal(sealed: Sealed, master: MasterKey, source: Readable) -> tuple[About, Iterator[bytes]]:
    """What the backup says of itself, and the store's bytes in pieces. `source` stands at the body.

    Raises BackupTampered, here or while the pieces are taken, for a changed, cut or lengthened body;
    BackupUnreadable for a body of another form. Nothing of the store counts before the last piece.
    """
    plain = _unsealed(sealed, master, source)
    begun = b""
    for piece in plain:
        begun += piece
        if len(begun) >= _LENGTH.size + MAX_ABOUT_BYTES:
            break
    about, rest = _about(begun)
    return about, _counted(about, rest, plain)


def _unsealed(sealed: Sealed, master: MasterKey, source: Readable) -> Iterator[bytes]:
    decryptor = Cobblestone256Decryptor(master.sub_key(SubKey.BACKUP), _context(sealed.head))
    try:
        while piece := source.read(PIECE_BYTES):
            yield decryptor.update(piece)
        yield decryptor.finalize()
    except InvalidTag as error:
        raise BackupTampered("body: expected its tags to fit") from error


def _about(begun: bytes) -> tuple[About, bytes]:
    """The metadata and what follows it. It is authentic: another form is another program's, not an attack."""
    size = _LENGTH.unpack_from(begun)[0] if len(begun) >= _LENGTH.size else MAX_ABOUT_BYTES + 1
    end = _LENGTH.size + size
    if size > MAX_ABOUT_BYTES or len(begun) < end:
        raise BackupUnreadable("metadata: expected its length and then its bytes")
    try:
        found: dict[str, Any] = json.loads(begun[_LENGTH.size : end])
        about = About(**found)
    except (ValueError, TypeError, RecursionError) as error:
        raise BackupUnreadable(f"metadata: expected what a backup says of itself ({type(error).__name__})") from None
    numbers = asdict(about).values()
    if any(type(each) is not int or each < 0 for each in numbers) or _canonical(about) != begun[_LENGTH.size : end]:
        raise BackupUnreadable("metadata: expected whole numbers in canonical JSON")
    return about, begun[end:]


def _counted(about: About, first: bytes, others: Iterator[bytes]) -> Iterator[bytes]:
    left = about.store_bytes - len(first)
    yield first
    for piece in others:
        left -= len(piece)
        yield piece
    if left:
        raise BackupUnreadable(f"store: expected {about.store_bytes} bytes, found {about.store_bytes - left}")


def _exactly(source: Readable, size: int, what: str) -> bytes:
    data = b""
    while len(data) < size and (piece := source.read(size - len(data))):
        data += piece
    if len(data) != size:
        raise BackupUnreadable(f"{what}: expected {size} bytes, found {len(data)}")
    return data


def _require_recovery_alone(header: Header) -> None:
    kinds = [slot.kind for slot in header.slots]
    if kinds != [SlotKind.RECOVERY]:
        raise ValueError(f"slots: expected a recovery slot alone, found {len(kinds)}")


def _context(head: bytes) -> bytes:
    return _CONTEXT + hashlib.sha256(head).digest()


def _canonical(about: About) -> bytes:
    return json.dumps(asdict(about), sort_keys=True, separators=(",", ":")).encode("ascii")
