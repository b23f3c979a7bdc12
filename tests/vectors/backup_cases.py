"""Cases of backups.json. The stores inside are made-up bytes: what a store is, the backup file does not know."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from typing import Any

from cryptography.cobblestone import Cobblestone256Encryptor

from crypto import backup, vault
from crypto.backup import FIRST_LINE, About
from crypto.encoding import b64url_encode
from crypto.vault import SubKey
from crypto.vault_header import FLOOR
from tests.vectors.making import NOW, Writer

PASSPHRASE = "a made up passphrase for vectors"
STORE = b"a made-up store\n" * 8
MADE = vault.create(PASSPHRASE, now=NOW, cost=FLOOR)
OTHER = vault.create(PASSPHRASE, now=NOW, cost=FLOOR)
HEADER = vault.recovery_only(MADE.header, MADE.master)
WORDS = " ".join(MADE.recovery_words)
ABOUT = About(int(NOW.timestamp()), 5, 12, 2, 7, len(STORE))


def written(store: bytes = STORE) -> bytes:
    about = replace(ABOUT, store_bytes=len(store))
    return b"".join(backup.seal(HEADER, MADE.master, about, [store]))


def of_parts(header: bytes, plain: bytes, first: bytes = FIRST_LINE) -> bytes:
    """A backup of any header and any content, sealed as it should be."""
    head = first + len(header).to_bytes(4, "big") + header
    context = backup._context(head)
    encryptor = Cobblestone256Encryptor(MADE.master.sub_key(SubKey.BACKUP), context)
    return head + encryptor.update(plain) + encryptor.finalize()


def about_bytes(about: dict[str, Any], **form: Any) -> bytes:
    text = json.dumps(about, **({"sort_keys": True, "separators": (",", ":")} | form)).encode()
    return len(text).to_bytes(4, "big") + text


def backup_cases() -> Writer:
    out = Writer("backups", "Backup files (base64url), the recovery words, and the store inside.")
    good, head = written(), len(FIRST_LINE) + 4 + len(HEADER.to_bytes())
    members = asdict(ABOUT)

    def case(name: str, code: str, message: str, data: bytes, words: str = WORDS, store: bytes = STORE) -> None:
        out.add(name, code, message, file=b64url_encode(data), words=words, store=b64url_encode(store))

    def of(plain: bytes) -> bytes:
        return of_parts(HEADER.to_bytes(), plain)

    def flipped(at: int) -> bytes:
        return good[:at] + bytes([good[at] ^ 1]) + good[at + 1 :]

    case("a backup", "ok", "", good)
    case("a backup of an empty store", "ok", "", written(b""), store=b"")
    unreadable, tampered, wrong = "backup-unreadable", "backup-tampered", "wrong-recovery-words"
    case("no backup at all", unreadable, "first line", b"PK\3\4" + bytes(60))
    case("version 2", unreadable, "version 1", FIRST_LINE.replace(b"1", b"2") + good[len(FIRST_LINE) :])
    case("cut in the first line", unreadable, "first line", good[:10])
    case("cut in the length", unreadable, "header", good[: len(FIRST_LINE) + 2])
    case("cut in the header", unreadable, "header", good[: head - 1])
    case("header length one less", unreadable, "header", flipped(len(FIRST_LINE) + 3))
    case("header over the limit", unreadable, "65536", FIRST_LINE + b"\0\1\0\1" + bytes(32))
    case("header with a passphrase slot", unreadable, "recovery slot alone", of_parts(MADE.header.to_bytes(), b""))
    case("header with blanks", unreadable, "recovery slot alone", of_parts(HEADER.to_bytes() + b" ", b""))
    later = HEADER.to_bytes().replace(b'"generation":1', b'"generation":2')
    case("generation one up", tampered, "MAC", of_parts(later, about_bytes(members) + STORE))
    case("slot changed by one bit", wrong, "no recovery slot", flipped(good.index(b'"wrapped":"') + 11))
    case("words of another passport", wrong, "no recovery slot", good, " ".join(OTHER.recovery_words))
    case("words mistyped", "recovery-words-mistyped", "expected 12 words", good, WORDS.rpartition(" ")[0])
    case("body changed by one bit at its begin", tampered, "body", flipped(head))
    case("body changed by one bit at its end", tampered, "body", flipped(len(good) - 1))
    case("body cut by one byte", tampered, "body", good[:-1])
    case("no body", tampered, "body", good[:head])
    case("one byte after it", tampered, "body", good + b"\0")
    case(
        "body under another header",
        tampered,
        "body",
        good[:head] + of_parts(later, about_bytes(members) + STORE)[head:],
    )
    case("metadata with a member more", unreadable, "metadata", of(about_bytes(members | {"x": 1})))
    case("metadata not canonical", unreadable, "canonical", of(about_bytes(members, separators=None)))
    case("metadata below zero", unreadable, "whole numbers", of(about_bytes(members | {"guard": -1})))
    case("store shorter than said", unreadable, "store", of(about_bytes(members) + STORE[:-1]))
    case("store longer than said", unreadable, "store", of(about_bytes(members) + STORE + b"x"))
    return out
