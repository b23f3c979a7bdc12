from __future__ import annotations

import io
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from crypto import backup, vault
from crypto.backup import FIRST_LINE, MAX_ABOUT_BYTES, PIECE_BYTES, About
from crypto.encoding import b64url_decode
from crypto.errors import (
    BackupTampered,
    BackupUnreadable,
    PassportError,
    RecoveryWordsMistyped,
    WrongRecoveryWords,
)
from crypto.vault import MasterKey, NewVault
from crypto.vault_header import FLOOR, MAX_HEADER_BYTES, Header
from tests.vectors.judge import judge, names
from tests.vectors.read import Case, cases

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
STORE = bytes(range(256)) * 64
BODY_FORMS = {BackupTampered.code, BackupUnreadable.code}


@pytest.fixture(scope="module")
def made() -> NewVault:
    return vault.create("correct horse battery staple", now=NOW, cost=FLOOR)


def header_of(made: NewVault) -> Header:
    return vault.recovery_only(made.header, made.master)


def about(size: int = len(STORE)) -> About:
    return About(made_at=int(NOW.timestamp()), schema=5, guard=12, sources=2, entries=7, store_bytes=size)


def sealed(made: NewVault, store: bytes = STORE) -> bytes:
    return b"".join(backup.seal(header_of(made), made.master, about(len(store)), [store]))


def opened(data: bytes, words: str) -> tuple[About, bytes]:
    source = io.BytesIO(data)
    head = backup.read_head(source)
    found, pieces = backup.unseal(head, head.open_with_recovery(words), source)
    return found, b"".join(pieces)


def words_of(made: NewVault) -> str:
    return " ".join(made.recovery_words)


def refusal(data: bytes, words: str) -> str:
    with pytest.raises(PassportError) as found:
        opened(data, words)
    return found.value.code


@pytest.mark.parametrize("size", [0, 1, 4096, PIECE_BYTES, PIECE_BYTES + 5000, 3 * PIECE_BYTES + 1])
def test_the_words_alone_bring_the_store_back(made: NewVault, size: int) -> None:
    store = (STORE * (size // len(STORE) + 1))[:size]
    assert opened(sealed(made, store), words_of(made)) == (about(size), store)


def test_it_begins_with_a_line_a_person_can_read(made: NewVault) -> None:
    assert sealed(made).startswith(b"patient-passport-backup 1\n\x00\x00")


def test_two_backups_of_one_store_have_no_piece_in_common(made: NewVault) -> None:
    head = len(FIRST_LINE) + 4 + len(header_of(made).to_bytes())
    first, second = sealed(made)[head:], sealed(made)[head:]
    assert len(first) == len(second)
    assert sum(a == b for a, b in zip(first, second, strict=True)) < len(first) / 64


def test_nothing_of_the_store_stands_in_it(made: NewVault) -> None:
    assert b"SQLite format 3" not in sealed(made, b"SQLite format 3\0" * 500)


def test_words_of_another_passport_open_nothing(made: NewVault) -> None:
    other = vault.create("correct horse battery staple", now=NOW, cost=FLOOR)
    with pytest.raises(WrongRecoveryWords):
        opened(sealed(made), words_of(other))
    with pytest.raises(RecoveryWordsMistyped):
        opened(sealed(made), words_of(made).replace(made.recovery_words[0], "oxygen!", 1) + " oxygen")


def test_every_byte_of_the_head_is_held(made: NewVault) -> None:
    data = sealed(made, STORE[:100])
    head = len(FIRST_LINE) + 4 + len(header_of(made).to_bytes())
    for at in range(head):
        changed = data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]
        assert refusal(changed, words_of(made)) in {*BODY_FORMS, WrongRecoveryWords.code}, at


def test_every_byte_of_the_body_is_held(made: NewVault) -> None:
    data = sealed(made, STORE[:100])
    head = len(FIRST_LINE) + 4 + len(header_of(made).to_bytes())
    for at in range(head, len(data)):
        changed = data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]
        assert refusal(changed, words_of(made)) == BackupTampered.code, at


def test_it_is_refused_cut_off_anywhere(made: NewVault) -> None:
    data = sealed(made, STORE[:100])
    head = len(FIRST_LINE) + 4 + len(header_of(made).to_bytes())
    for size in range(len(data)):
        assert refusal(data[:size], words_of(made)) == (
            BackupUnreadable.code if size < head else BackupTampered.code
        ), size


@pytest.mark.parametrize("size", [16 * 1024, 64 * 1024, PIECE_BYTES])
def test_a_large_one_cut_between_chunks_is_refused_at_its_end(made: NewVault, size: int) -> None:
    data = sealed(made, STORE * 100)
    head = len(FIRST_LINE) + 4 + len(header_of(made).to_bytes())
    assert refusal(data[: head + 56 + size // 16384 * 16400], words_of(made)) == BackupTampered.code


def test_it_is_refused_with_anything_after_it(made: NewVault) -> None:
    assert refusal(sealed(made) + b"\0", words_of(made)) == BackupTampered.code
    assert refusal(sealed(made) * 2, words_of(made)) == BackupTampered.code


def test_the_body_of_another_backup_of_the_same_vault_does_not_fit_under_an_older_header(made: NewVault) -> None:
    later = vault.change_passphrase(made.header, made.master, "another horse battery staple", now=NOW, cost=FLOOR)
    newer = b"".join(backup.seal(vault.recovery_only(later, made.master), made.master, about(), [STORE]))
    old_head = len(FIRST_LINE) + 4 + len(header_of(made).to_bytes())
    new_head = len(FIRST_LINE) + 4 + len(vault.recovery_only(later, made.master).to_bytes())
    assert refusal(sealed(made)[:old_head] + newer[new_head:], words_of(made)) == BackupTampered.code


def test_a_header_with_a_passphrase_in_it_is_refused_and_never_written(made: NewVault) -> None:
    written = made.header.to_bytes()
    data = FIRST_LINE + len(written).to_bytes(4, "big") + written
    assert refusal(data, words_of(made)) == BackupUnreadable.code
    with pytest.raises(ValueError, match="recovery slot alone"):
        next(backup.seal(made.header, made.master, about(), [STORE]))


def test_a_header_over_the_limit_is_not_even_read(made: NewVault) -> None:
    class Endless(io.RawIOBase):
        taken = 0

        def read(self, size: int = -1, /) -> bytes:
            self.taken += size
            return (FIRST_LINE + (MAX_HEADER_BYTES + 1).to_bytes(4, "big"))[self.taken - size : self.taken]

    source = Endless()
    with pytest.raises(BackupUnreadable, match="at most 65536 bytes"):
        backup.read_head(source)
    assert source.taken == len(FIRST_LINE) + 4


def raw(made: NewVault, plain: bytes) -> bytes:
    """A body of any content, properly sealed: another program's, or a newer version's."""
    from cryptography.cobblestone import Cobblestone256Encryptor

    written = header_of(made).to_bytes()
    head = FIRST_LINE + len(written).to_bytes(4, "big") + written
    encryptor = Cobblestone256Encryptor(made.master.sub_key(vault.SubKey.BACKUP), backup._context(head))
    return head + encryptor.update(plain) + encryptor.finalize()


def said(**changes: object) -> bytes:
    members = {name: getattr(about(), name) for name in About.__slots__} | changes
    text = json.dumps(
        {k: v for k, v in members.items() if v is not None}, sort_keys=True, separators=(",", ":")
    ).encode()
    return len(text).to_bytes(4, "big") + text


@pytest.mark.parametrize(
    "plain",
    [
        b"",
        b"\0\0\0",
        (MAX_ABOUT_BYTES + 1).to_bytes(4, "big") + b" " * (MAX_ABOUT_BYTES + 1),
        b"\0\0\0\x02[]",
        b"\0\0\0\x04null",
        said(guard=None) + STORE,
        said(more=1) + STORE,
        said(guard=-1) + STORE,
        said(guard=True) + STORE,
        said(guard="1") + STORE,
        said()[:4] + said()[4:].replace(b",", b", ", 1)[: len(said()) - 4] + STORE,
        said(store_bytes=len(STORE) + 1) + STORE,
        said(store_bytes=len(STORE) - 1) + STORE,
    ],
    ids=["empty", "short", "long", "list", "null", "less", "more", "minus", "true", "text", "blank", "longer", "cut"],
)  # fmt: skip
def test_a_body_of_another_form_is_refused(made: NewVault, plain: bytes) -> None:
    assert refusal(raw(made, plain), words_of(made)) == BackupUnreadable.code


def test_a_store_of_another_size_than_said_is_never_sealed(made: NewVault) -> None:
    with pytest.raises(ValueError, match="expected 16385 bytes"):
        list(backup.seal(header_of(made), made.master, replace(about(), store_bytes=len(STORE) + 1), [STORE]))


def test_no_more_than_a_few_pieces_are_in_memory(made: NewVault) -> None:
    """Pieces come out while others have not gone in yet."""
    taken = 0

    def store() -> Iterator[bytes]:
        nonlocal taken
        for _ in range(50):
            taken += 1
            yield bytes(PIECE_BYTES)

    writing = backup.seal(header_of(made), made.master, about(50 * PIECE_BYTES), store())
    data = [next(writing) for _ in range(5)]
    assert taken == 3
    data += list(writing)
    source = io.BytesIO(b"".join(data))
    head = backup.read_head(source)
    _, pieces = backup.unseal(head, made.master, source)
    next(pieces)
    assert source.tell() < 4 * PIECE_BYTES
    assert sum(map(len, pieces)) > 40 * PIECE_BYTES


def test_what_is_read_shows_no_key_in_its_repr(made: NewVault) -> None:
    head = backup.read_head(io.BytesIO(sealed(made)))
    assert head.head.hex()[-32:] not in repr(head)
    assert str(head.head[-20:])[2:-1] not in repr(head)


def test_a_wrong_master_key_unseals_nothing(made: NewVault) -> None:
    source = io.BytesIO(sealed(made))
    head = backup.read_head(source)
    with pytest.raises(BackupTampered):
        backup.unseal(head, MasterKey(bytes(32)), source)


@pytest.mark.parametrize("case", cases("backups"), ids=names)
def test_a_backup_is_taken_as_the_vector_says(case: Case) -> None:
    found = judge(case, lambda: opened(b64url_decode(case.given["file"]), case.given["words"]))
    if found is not None:
        assert b64url_decode(case.given["store"]) == found[1]


def test_most_vectors_fail() -> None:
    found = [case.code for case in cases("backups")]
    assert found.count("ok") == 2
    assert len(found) >= 20
