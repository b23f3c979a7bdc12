"""Cases of plain_words.json."""

from __future__ import annotations

import unicodedata
from datetime import datetime, timedelta
from typing import Any

from crypto import attestation, cbor, cose, plain_words
from crypto.attestation import Subject
from crypto.encoding import base45_decode, base45_encode
from tests.vectors.making import NOW, SECOND, Writer, flip_last_bit, key

SIAN = Subject("999 000 0018", "1959-03-07", "Siân Gwenllïan Prŷs")
OTHER = Subject("999 000 0026", "1992-05-01", "Ana Jones")
WORDS = (
    "Siân Gwenllïan Prŷs\nBorn 1959-03-07\nNHS number 999 000 0018\nALLERGY penicillin (anaphylaxis)\nTAKES warfarin"
)


RAW_BYTES = (
    ("UTF-8 with its mark", "utf-8", True),
    ("UTF-8 without a mark", "utf-8", False),
    ("UTF-16 with its mark", "utf-16-be", True),
    ("ISO 8859-14, Celtic, with its mark", "iso-8859-14", True),
)
"""Bytes of a code that all say the same words: how the text is drawn, and whether an ECI mark says so."""


def attest(
    subject: Subject = SIAN,
    *,
    device: str = "device",
    by: str = "service",
    ods: str = "Z99000",
    iat: datetime = NOW - timedelta(days=1),
    exp: datetime = NOW + timedelta(days=30),
) -> bytes:
    return attestation.issue(subject, key(device).public, ods, key(by), iat=iat, exp=exp)


def long_attestation() -> bytes:
    """91 days, which issue() would refuse to make."""
    public, service = key("device").public, key("service")
    iat = int((NOW - timedelta(days=1)).timestamp())
    parts = [service.public.kid8, "Z99000", public.compressed, iat, iat + 91 * 86400]
    person = [SIAN.nhs_number, SIAN.birth_date, SIAN.name]
    return cbor.dump([*parts, service.sign(cbor.dump([attestation.CONTEXT, *parts, person]))])


def raw_seal(text: str, wire: bytes | None = None, *, now: datetime = NOW, by: str = "device", **options: Any) -> str:
    """What seal() does, without its refusals."""
    headers = {cose.CWT_CLAIMS: {cose.CLAIM_IAT: int(now.timestamp())}, plain_words.ATTESTATION: wire or attest()}
    headers |= options.pop("headers", {})
    options = {"typ": plain_words.TYP, "detached": True} | options
    message = cose.sign(text.encode("utf-8"), key(by), headers=headers, **options)
    return f"{text}\nPP1:{base45_encode(message)}"


def remade(sealed: str, change: Any) -> str:
    """The same words with the trailer's bytes changed by `change`."""
    text, _, trailer = sealed.rpartition("\nPP1:")
    return f"{text}\nPP1:{base45_encode(change(bytearray(base45_decode(trailer))))}"


def plain_words_cases() -> Writer:
    out = Writer("plain_words", "Scanned text of an emergency card, and how a reader must take it.")
    good = plain_words.seal(WORDS, key("device"), attest(), now=NOW)
    trailer = good.rpartition("\n")[2]
    of_another_card = raw_seal(WORDS.replace("warfarin", "apixaban")).rpartition("\n")[2]
    refused = "plain-words-refused"
    out.add("as sealed", "ok", text=good)
    out.add("decoder wrote CRLF", "ok", text=good.replace("\n", "\r\n"))
    out.add("a line end after it", "ok", text=good + "\n")
    for name, encoding, mark in RAW_BYTES:
        out.add(f"drawn as {name}", "ok", text=good, encoding=encoding, mark=mark)
    out.add("a joiner inside a name", "ok", text=raw_seal(WORDS + "\nNOTE می\u200cخواهم"))
    out.add("one letter of the words changed", "tampered", "signature", text=good.replace("warfarin", "Warfarin"))
    out.add("an accent of the words changed", "tampered", "signature", text=good.replace("Siân", "Sián"))
    out.add("an accent of the words left out", "tampered", "signature", text=good.replace("Siân", "Sian"))
    out.add("a line end put into the words", "tampered", "signature", text=good.replace(" (anaph", "\n(anaph"))
    out.add("a line put between", "tampered", "signature", text=good.replace("\nTAKES", "\nNo other allergy\nTAKES"))
    out.add("the trailer of another card", "tampered", "signature", text=f"{WORDS}\n{of_another_card}")
    out.add("a line of the words left out", "tampered", "signature", text=good.replace("\nTAKES warfarin", ""))
    out.add("two lines swapped", "tampered", "signature", text=swapped_lines(good))
    out.add("last bit of the signature", "tampered", "signature", text=remade(good, flip_last_bit))
    out.add("signed by another key than the attested one", "tampered", text=raw_seal(WORDS, by="thief"))
    out.add("no trailer", "not-a-code", "PP1:", text=WORDS)
    out.add("text after the trailer", refused, "nothing after", text=good + "\nno allergies")
    out.add("an empty line after the trailer", refused, "nothing after", text=good + "\n\n")
    out.add("a second trailer", refused, "a second", text=good + "\n" + trailer)
    out.add("a second trailer inside the words", refused, "a second", text=raw_seal(WORDS + "\npp1:see below"))
    out.add("an empty line before the trailer", refused, "no empty line", text=raw_seal(WORDS + "\n"))
    out.add("a tab", refused, "U+0009", text=raw_seal(WORDS + "\nNOTE\tone"))
    out.add("a carriage return alone", refused, "U+000D", text=raw_seal(WORDS + "\nNOTE\rone"))
    out.add("right-to-left override", refused, "U+202E", text=raw_seal(WORDS + "\nNOTE \u202egninnur"))
    out.add("next line", refused, "U+0085", text=raw_seal(WORDS + "\nNOTE one\u0085two"))
    out.add("bidirectional isolate", refused, "U+2066", text=raw_seal(WORDS + "\nNOTE \u2066x\u2069"))
    out.add("zero-width space", refused, "U+200B", text=raw_seal(WORDS + "\nNOTE pen\u200bicillin"))
    out.add("byte order mark", refused, "U+FEFF", text="\ufeff" + good)
    out.add("line separator", refused, "U+2028", text=raw_seal(WORDS + "\u2028NOTE"))
    out.add("not in form C", refused, "form C", text=raw_seal(unicodedata.normalize("NFD", WORDS)))
    out.add("as sealed, but not in form C", refused, "form C", text=unicodedata.normalize("NFD", good))
    out.add("colon in the first line", refused, "no colon", text=raw_seal("tel: " + WORDS))
    out.add("empty first line", refused, "expected words", text=raw_seal("\n" + WORDS))
    out.add("4,297 characters", refused, "4296", text="x" * (4297 - len(good) - 1) + "\n" + good)
    out.add("lower case in the trailer", refused, "base45", text=good.replace(trailer, "PP1:" + trailer[4:].lower()))
    out.add("trailer one character short", refused, text=good[:-1])
    out.add("trailer too long", refused, "364", text=good + "0" * 60)
    out.add("another message's typ", refused, "typ", text=raw_seal(WORDS, typ="pp-request"))
    out.add("the words inside the signature too", refused, "payload", text=raw_seal(WORDS[:9], detached=False))
    out.add("no time of signing", refused, "time", text=raw_seal(WORDS, headers={cose.CWT_CLAIMS: 0}))
    out.add("no attestation", refused, "attestation", text=raw_seal(WORDS, headers={plain_words.ATTESTATION: 0}))
    out.add("long form of a length in CBOR", refused, "canonical", text=remade(good, long_length))
    out.add("words that name no person", refused, "birth date", text=raw_seal("Penicillin allergy"))
    wrong = "attestation-wrong"
    out.add("another name", wrong, "this person", text=raw_seal(WORDS.replace("Siân", "Sian")))
    out.add("another number", wrong, "this person", text=raw_seal(WORDS.replace("999 000 0018", "999 000 0026")))
    out.add("another birth date", wrong, "this person", text=raw_seal(WORDS.replace("1959-03-07", "1959-03-08")))
    out.add("attestation of another person", wrong, "this person", text=raw_seal(WORDS, attest(OTHER)))
    out.add("attested by a surgery", wrong, "gp", text=raw_seal(WORDS, attest(by="oak", ods="Z99001")))
    out.add("attested for 91 days", wrong, "90 days", text=raw_seal(WORDS, long_attestation()))
    out.add("attested by an unknown organisation", "issuer-unknown", text=raw_seal(WORDS, attest(ods="Z99009")))
    out.add("attested with another key", "key-not-the-issuers", text=raw_seal(WORDS, attest(by="thief")))
    ends = raw_seal(WORDS, attest(exp=NOW))
    out.add("one second before the attestation ends", "ok", text=ends, now=NOW - SECOND)
    out.add("the second the attestation ends", "attestation-expired", text=ends)
    out.add("signed 120 s ahead", "ok", text=raw_seal(WORDS, now=NOW + 120 * SECOND))
    out.add("signed 121 s ahead", "not-yet-valid", text=raw_seal(WORDS, now=NOW + 121 * SECOND))
    ahead = attest(iat=NOW + 121 * SECOND)
    out.add("attested 121 s ahead", "not-yet-valid", "attestation", text=raw_seal(WORDS, ahead))
    return out


def swapped_lines(sealed: str) -> str:
    lines = sealed.split("\n")
    lines[3], lines[4] = lines[4], lines[3]
    return "\n".join(lines)


def long_length(data: bytearray) -> bytes:
    """d2 84 58 len → d2 84 59 00 len: the same value, written longer."""
    assert data[2] == 0x58
    return bytes(data[:2]) + b"\x59\x00" + bytes(data[3:])
