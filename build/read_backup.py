"""Read a backup of the passport without the passport: its recovery words and `cryptography` are enough.

Prints NDJSON: a line for each message received, with its text as it came, then one for each resource in it. Written
from crypto/FORMATS.md and SQLCipher's page layout; imports nothing of the project. In memory: nothing is written.
"""

import argparse
import base64
import hashlib
import hmac
import json
import re
import sqlite3
import struct
import sys
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from cryptography.cobblestone import Cobblestone256Decryptor
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

FIRST_LINE, PAGE, RESERVE, TAG, SALT = b"patient-passport-backup 1\n", 4096, 80, 64, 16
WORDS = Path(__file__).resolve().parents[1] / "assets" / "recovery-words" / "english.txt"


def hkdf(secret: bytes, info: str) -> bytes:  # RFC 5869 with SHA-256, no salt, one block
    return hmac.digest(hmac.digest(bytes(32), secret, "sha256"), info.encode() + b"\1", "sha256")


def entropy(text: str) -> bytes:  # BIP 39: 11 bits a word; the last four are of a SHA-256
    known, words, number = WORDS.read_text("ascii").split(), re.findall("[a-z]+", text.casefold()), 0
    if len(words) != 12 or not set(words) <= set(known):
        sys.exit("These are not twelve recovery words.")
    for word in words:
        number = number << 11 | known.index(word)
    bits = (number >> 4).to_bytes(16, "big")
    return bits if hashlib.sha256(bits).digest()[0] >> 4 == number & 15 else sys.exit("A recovery word is mistyped.")


def master_key(header: dict[str, Any], secret: bytes) -> bytes:
    vault, (slot,) = header["vault"], header["slots"]
    nonce, wrapped = (base64.urlsafe_b64decode(text) for text in (slot["nonce"], slot.pop("wrapped")))
    said = json.dumps({"slot": slot, "vault": vault}, sort_keys=True, separators=(",", ":")).encode()
    return AESGCM(hkdf(secret, f"pp-vault-v1 slot {vault} {slot['id']}")).decrypt(nonce, wrapped, said)


def pages(store: bytes, key: bytes) -> Iterator[bytes]:  # SQLCipher 4, raw key: AES-256-CBC, then HMAC-SHA512
    mac_key = hashlib.pbkdf2_hmac("sha512", key, bytes(byte ^ 0x3A for byte in store[:SALT]), 2, 32)
    for number, end in enumerate(range(PAGE, len(store) + 1, PAGE), 1):
        start = SALT if number == 1 else end - PAGE
        sealed, iv, tag = store[start : end - RESERVE], store[end - RESERVE : end - TAG], store[end - TAG : end]
        if not hmac.compare_digest(hmac.digest(mac_key, sealed + iv + struct.pack("<I", number), "sha512"), tag):
            sys.exit(f"Page {number} was changed.")
        cipher = Cipher(algorithms.AES(key), modes.CBC(iv)).decryptor()
        yield (b"SQLite format 3\0" if number == 1 else b"") + cipher.update(sealed) + bytes(RESERVE)


def plain_store(data: bytes, words: str) -> bytes:
    if not data.startswith(FIRST_LINE):
        sys.exit("This is not a backup of version 1.")
    first = len(FIRST_LINE) + 4
    body = first + struct.unpack_from(">I", data, first - 4)[0]
    master = master_key(json.loads(data[first:body]), entropy(words))
    context = b"pp-backup-v1" + hashlib.sha256(data[:body]).digest()  # binds the header
    unsealing = Cobblestone256Decryptor(hkdf(master, "pp-vault-v1 backup"), context)
    opened = unsealing.update(data[body:]) + unsealing.finalize()
    store = opened[4 + struct.unpack_from(">I", opened)[0] :]  # after what the backup says of itself
    plain = b"".join(pages(store, hkdf(master, "pp-vault-v1 database")))
    return plain[:18] + b"\1\1" + plain[20:]  # SQLite: without a write-ahead log


def messages(plain: bytes) -> Iterator[dict[str, Any]]:
    database = sqlite3.connect(":memory:")
    database.deserialize(plain)
    rows = database.execute("SELECT form, bytes, source.* FROM source JOIN received ON source_id = id ORDER BY id")
    for form, kept, *values in rows.fetchall():
        source = dict(zip([column[0] for column in rows.description[2:]], values, strict=True))
        if form == "jws":
            first, second = struct.unpack_from(">II", kept)
            parts = kept[8 : 8 + first], kept[8 + first : 8 + first + second], kept[8 + first + second :]
            text = ".".join(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in parts)
            found = json.loads(zlib.decompress(parts[1], -15))["vc"]["credentialSubject"]["fhirBundle"]
        else:
            found = json.loads(text := zlib.decompress(kept).decode("utf-8-sig"))
        yield {"source": source, "received": text}
        for entry in found.get("entry", [{"resource": found}]):
            yield {"source_id": source["id"], "resource": entry.get("resource")}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Read a backup with its recovery words; prints NDJSON.")
    parser.add_argument("file", type=argparse.FileType("rb"), help="the backup")
    parser.add_argument("words", type=argparse.FileType("r"), help="a file with the twelve words; - to type them")
    asked = parser.parse_args()
    for line in messages(plain_store(asked.file.read(), asked.words.read())):
        print(json.dumps(line, ensure_ascii=False))
