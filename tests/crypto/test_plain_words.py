"""Plain words (D6): every rule of the form, and both signatures."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from crypto import attestation, plain_words
from crypto.attestation import Subject
from crypto.encoding import BASE45_ALPHABET
from crypto.errors import TextRefused
from crypto.keys import SigningKey
from tests.vectors.judge import judge, names
from tests.vectors.read import Case, cases, subject_of, vector_trust

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
TEXT = "Ana Jones\nBorn 1992-05-01\nNHS number 999 000 0026\nTAKES salbutamol"


def attested(device: SigningKey, ods: str = "Z99000") -> bytes:
    person = Subject("9990000026", "1992-05-01", "Ana Jones")
    return attestation.issue(person, device.public, ods, SigningKey.generate(), iat=NOW, exp=NOW + timedelta(days=90))


@pytest.mark.parametrize("case", cases("plain_words"), ids=names)
def test_a_reader_takes_scanned_words_as_the_vector_says(case: Case) -> None:
    judge(case, lambda: plain_words.open_words(case.given["text"], subject_of, vector_trust(), now=case.now))


def test_opened_words_say_who_attests_and_when() -> None:
    [case] = [case for case in cases("plain_words") if case.name == "as sealed"]
    opened = plain_words.open_words(case.given["text"], subject_of, vector_trust(), now=case.now)
    assert opened.text.split("\n")[3:] == ["ALLERGY penicillin (anaphylaxis)", "TAKES warfarin"]
    assert (opened.attested.issuer.name, opened.signed_at) == ("Record service", NOW)
    assert opened.device_key == opened.attested.device_key


def test_the_trailer_is_one_line_of_300_to_364_characters_a_qr_code_packs_well() -> None:
    device = SigningKey.generate()
    for ods in ("Z1", "Z99000", "Z99000ABCDEF"):
        trailer = plain_words.seal(TEXT, device, attested(device, ods), now=NOW).rpartition("\n")[2]
        assert 300 <= len(trailer) <= plain_words.MAX_TRAILER_CHARACTERS
        assert set(trailer) <= set(BASE45_ALPHABET)


def test_the_trailer_never_ends_in_a_space_that_pasting_would_drop() -> None:
    device = SigningKey.generate()
    wire = attested(device)
    assert not any(plain_words.seal(TEXT, device, wire, now=NOW).endswith(" ") for _ in range(100))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("tel:999\nBorn", "no colon"),
        ("Ana\u202eJones", "U+202E"),
        ("Ana Jones\nPP1:ABC", "a second"),
        ("Sia\u0302n", "form C"),
        ("", "expected words"),
        ("x" * 4000, "4296"),
    ],
)
def test_words_that_a_reader_would_refuse_are_not_sealed(text: str, message: str) -> None:
    device = SigningKey.generate()
    with pytest.raises(TextRefused) as refusal:
        plain_words.seal(text, device, attested(device), now=NOW)
    assert refusal.value.code == "plain-words-refused"
    assert message in str(refusal.value)


def test_words_are_not_sealed_with_an_attestation_of_another_key() -> None:
    with pytest.raises(TextRefused, match="this passport's key"):
        plain_words.seal(TEXT, SigningKey.generate(), attested(SigningKey.generate()), now=NOW)
