"""The examples of crypto/FORMATS.md are opened by the code they describe."""

from __future__ import annotations

import base64
import hashlib
import hmac
import io
import json
import re
import zlib
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.cobblestone import Cobblestone256Decryptor

from crypto import (
    attestation,
    backup,
    card,
    cbor,
    device_seal,
    entries,
    frames,
    jwe,
    link_share,
    plain_words,
    sealed_box,
    shlink,
    vault_header,
)
from crypto.encoding import b64url_decode, b64url_encode, base45_decode
from crypto.errors import Tampered
from tests.vectors.read import subject_of, vector_trust

FORMATS = Path(__file__).resolve().parents[2] / "crypto" / "FORMATS.md"
NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
BLOCK = re.compile(r"^```(?:json|text) ([a-z-]+)\n(.*?)\n```$", re.DOTALL | re.MULTILINE)

EXAMPLE = dict(BLOCK.findall(FORMATS.read_text(encoding="utf-8")))


def test_the_card_is_its_payload_and_its_digits() -> None:
    opened = card.open_card(EXAMPLE["card-jws"], vector_trust(), now=NOW)
    assert opened.payload == json.loads(EXAMPLE["card-payload"])
    assert card.from_numeric(EXAMPLE["card-numeric"]) == EXAMPLE["card-jws"]


def test_the_steps_from_a_resource_to_the_root_are_those_written_down() -> None:
    steps = dict(re.split(r"  +", line, maxsplit=1) for line in EXAMPLE["entries-steps"].splitlines())
    salt = hmac.new(bytes.fromhex(steps["seed"]), b"\0\0\0\1", "sha256").hexdigest()
    assert steps["salt 1"] == salt
    leaf = hashlib.sha256(b"\0" + bytes.fromhex(salt) + steps["resource 1"].encode()).hexdigest()
    assert steps["leaf 1"] == leaf
    assert json.loads(EXAMPLE["entries-root-payload"])["root"] == b64url_encode(bytes.fromhex(steps["root"]))


def test_the_entry_proofs_lead_to_the_root_beside_them() -> None:
    proofs = entries.EntryProofs.from_object(json.loads(EXAMPLE["entries-proofs"]))
    assert proofs.root == EXAMPLE["entries-root-jws"]
    assert entries.check(proofs, vector_trust(), now=NOW).resources[0][0] == 1


def test_the_attestation_is_signed_over_the_bytes_shown() -> None:
    wire = bytes.fromhex(EXAMPLE["attestation-wire"])
    signed = bytes.fromhex(EXAMPLE["attestation-signed"])
    *parts, signature = cbor.load(wire)
    context, *rest, person = cbor.load(signed)
    assert (context, rest) == ("pp-attestation-v1", parts)
    _, key = vector_trust().key_by_ods(parts[1], parts[0], NOW)
    key.verify(signature, signed)
    assert attestation.verify(wire, attestation.Subject(*person), vector_trust(), now=NOW).issuer.ods == "Z99000"


def test_the_plain_words_are_believed_and_their_trailer_is_the_message_shown() -> None:
    assert plain_words.open_words(EXAMPLE["words"], subject_of, vector_trust(), now=NOW).signed_at == NOW
    assert base45_decode(EXAMPLE["words"].rpartition("PP1:")[2]).hex() == EXAMPLE["words-cose"]


def test_the_link_is_its_payload_and_opens_its_file() -> None:
    link = shlink.parse(EXAMPLE["link"])
    assert b64url_decode(EXAMPLE["link"].removeprefix("shlink:/")).decode() == EXAMPLE["link-payload"]
    assert json.loads(jwe.decrypt(EXAMPLE["link-file"], link.key).plaintext)["resourceType"] == "Bundle"


def test_the_terms_are_those_of_the_link() -> None:
    terms, link = json.loads(EXAMPLE["share-terms"]), shlink.parse(EXAMPLE["link"])
    assert terms["url_sha256"] == b64url_encode(hashlib.sha256(link.url.encode()).digest())
    assert terms["key_sha256"] == b64url_encode(hashlib.sha256(link.key).digest())
    assert (terms["label"], terms["flag"]) == (link.label, link.flag)


@pytest.mark.parametrize(
    ("sentence", "value"),
    [
        ("at most 1,195 characters of jws", card.MAX_QR_CHARACTERS == 1195),
        ("300 to 364 characters in all", plain_words.MAX_TRAILER_CHARACTERS == 364),
        ("over 4,296 characters", plain_words.MAX_CHARACTERS == 4296),
        ("wire form, at most 160 bytes", attestation.MAX_WIRE_BYTES == 160),
        ("no bytes. at most 1,000,000", entries.MAX_ENTRIES == 1_000_000),
        ("version 1, at most 64 mib", link_share.MAX_SHARE_BYTES == 64 * 1024 * 1024),
        ("of the header, big-endian, at most 65,536", vault_header.MAX_HEADER_BYTES == 65_536),
        ("big-endian, at most 4,096), so many bytes", backup.MAX_ABOUT_BYTES == 4096),
        ("most 256 of them filled by notes", sealed_box.MAX_NOTES == 256),
        ("to 128 mib at most", jwe.MAX_PLAINTEXT_BYTES == 128 * 1024 * 1024),
    ],
)
def test_the_limits_written_down_are_those_of_the_code(sentence: str, value: bool) -> None:
    assert sentence in FORMATS.read_text(encoding="utf-8").lower()
    assert value


def test_the_backup_opens_with_its_words_and_is_bound_to_the_bytes_before_its_body() -> None:
    data = base64.b64decode(EXAMPLE["backup-file"])
    source = io.BytesIO(data)
    sealed = backup.read_head(source)
    assert sealed.header.to_bytes().decode() == EXAMPLE["backup-header"]
    about, pieces = backup.unseal(sealed, sealed.open_with_recovery(EXAMPLE["backup-words"]), source)
    assert b"".join(pieces).decode() == EXAMPLE["backup-store"] + "\n"
    assert about.store_bytes == len(EXAMPLE["backup-store"]) + 1
    head = len("patient-passport-backup 1\n") + 4 + len(EXAMPLE["backup-header"])
    assert data[:head].endswith(EXAMPLE["backup-header"].encode())
    context = b"pp-backup-v1" + hashlib.sha256(data[:head]).digest()
    opened = Cobblestone256Decryptor(bytes.fromhex(EXAMPLE["backup-key"]), context)
    assert (opened.update(data[head:]) + opened.finalize()).endswith(EXAMPLE["backup-store"].encode() + b"\n")


def test_the_frames_are_those_of_the_payload_and_any_six_that_differ_give_it() -> None:
    payload, texts = bytes.fromhex(EXAMPLE["frames-payload"]), EXAMPLE["frames-texts"].splitlines()
    sender = frames.Sender(payload, 20)
    assert [sender.frame(number) for number in range(8)] == texts
    collector = frames.Collector()
    for text in reversed(texts):
        collector.take(text)
    assert collector.payload == payload


def test_a_frame_is_made_by_the_steps_written_down() -> None:
    payload, texts = bytes.fromhex(EXAMPLE["frames-payload"]), EXAMPLE["frames-texts"].splitlines()
    digest = hashlib.sha256(payload).digest()
    session = hashlib.sha256(b"pp-frames-v1" + b"\0\0\0\x14" + digest + payload).digest()[:4]
    message = (digest + payload).ljust(6 * 20, b"\0")
    picked = hashlib.shake_128(b"pp-frames-v1" + session + b"\0\0\0\7").digest(1)[0] & 0b111111
    symbol = bytes(20)
    for at in range(6):
        if picked >> at & 1:
            symbol = bytes(a ^ b for a, b in zip(symbol, message[20 * at : 20 * at + 20], strict=True))
    head = session + b"\0\0\0\7" + len(payload).to_bytes(4, "big")
    crc = zlib.crc32(head + symbol).to_bytes(4, "big")
    assert base45_decode(texts[7].removeprefix("PPF1:")) == head + crc + symbol


def test_the_note_opens_with_the_key_beside_it() -> None:
    key = sealed_box.BoxKey.from_bytes(b64url_decode(EXAMPLE["opened-note-key"]))
    note = sealed_box.open_note(key, "VXDknG3Pzju5G4JXm4zRMg", bytes.fromhex(EXAMPLE["opened-note"]))
    assert note == sealed_box.Note(datetime(2026, 11, 23, 12, 0, 0, 7000, tzinfo=UTC), 3)


def test_the_sealed_card_is_the_card_beside_it_bound_to_all_that_stands_before_it() -> None:
    of = json.loads(EXAMPLE["locked-card-sealed"])
    key, sealed = bytes(range(32)), b64url_decode(of.pop("sealed"))
    context = b"pp-locked-card-v2 VXDknG3Pzju5G4JXm4zRMg " + json.dumps(of, separators=(",", ":")).encode()
    assert device_seal.unseal(key, context, sealed).decode() == EXAMPLE["locked-card"]
    with pytest.raises(Tampered):
        device_seal.unseal(key, context.replace(b"true", b"false", 1), sealed)
