"""Files inside a record: found where sources put them, taken apart strictly, never more than fits."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from app.record import attachments
from app.record.attachments import Attachment, attachments_of

PDF = b"%PDF-1.7 made up"
CODED = base64.b64encode(PDF).decode()
HELD = {"contentType": "application/pdf", "title": "Clinic letter", "data": CODED}
LETTER = Attachment("Clinic letter", "application/pdf", PDF)


@pytest.mark.parametrize(
    "resource",
    [
        {"resourceType": "DocumentReference", "content": [{"attachment": HELD}]},
        {"resourceType": "DocumentReference", "content": {"attachment": HELD}},
        {"resourceType": "Media", "content": HELD},
        {"resourceType": "DiagnosticReport", "presentedForm": [HELD]},
        {"resourceType": "Communication", "payload": [{"contentAttachment": HELD}]},
        {"resourceType": "Consent", "sourceAttachment": HELD},
    ],
)
def test_a_letter_is_found_where_a_source_puts_it(resource: dict[str, Any]) -> None:
    assert attachments_of(resource) == (LETTER,)


@pytest.mark.parametrize("name", ["data", "content"])
def test_a_binary_is_read_as_r4_and_as_stu3(name: str) -> None:
    binary = {"resourceType": "Binary", "contentType": "application/pdf", name: CODED}
    assert [one.data for one in attachments_of(binary)] == [PDF]
    document = {"resourceType": "DocumentReference", "content": [{"attachment": {"url": "Binary/b"}}]}
    assert [one.data for one in attachments_of({**document, "contained": [binary]})] == [PDF]
    assert [one.data for one in attachments_of(document, [binary])] == [PDF]


@pytest.mark.parametrize("data", ["not base64!", CODED[:-1], CODED + "=", "é", 5, None, ["x"], "", {"a": 1}])
def test_what_is_not_base64_is_no_file(data: object) -> None:
    assert attachments_of({"resourceType": "Media", "content": {**HELD, "data": data}}) == ()


def test_base64_in_lines_is_read() -> None:
    lines = "\r\n".join(CODED[at : at + 8] for at in range(0, len(CODED), 8))
    assert attachments_of({"resourceType": "Media", "content": {**HELD, "data": lines}}) == (LETTER,)


def test_more_than_fits_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attachments, "MAX_BYTES", len(PDF))
    other = {**HELD, "data": base64.b64encode(b"%PDF other").decode()}
    held = {"resourceType": "DiagnosticReport", "presentedForm": [HELD, other]}
    assert attachments_of(held) == (LETTER,)
    monkeypatch.setattr(attachments, "MAX_BYTES", len(PDF) - 1)
    assert attachments_of({"resourceType": "DiagnosticReport", "presentedForm": [HELD]}) == ()


def test_a_file_sent_twice_is_one() -> None:
    assert attachments_of({"resourceType": "DiagnosticReport", "presentedForm": [HELD, HELD]}) == (LETTER,)


@pytest.mark.parametrize(
    ("kind", "data", "words"),
    [
        ("text/plain", "Bore da, Siân".encode(), "Bore da, Siân"),
        ("text/plain", "Siân".encode("cp1252"), "Siân"),
        ("application/pdf", b"words", ""),
        ("text/html", b"<script>", ""),
    ],
)
def test_only_plain_text_is_shown_as_words(kind: str, data: bytes, words: str) -> None:
    assert Attachment("", kind, data).as_text() == words


@pytest.mark.parametrize(
    ("kind", "ending"),
    [("application/pdf", "pdf"), ("image/png", "png"), ("application/x-msdownload", "bin"), ("", "bin")],
)
def test_a_files_ending_is_never_one_that_a_device_runs(kind: str, ending: str) -> None:
    assert Attachment("", kind, b"x").ending == ending


def test_nothing_of_a_letter_is_in_its_repr() -> None:
    assert "letter" not in repr(LETTER).lower()
    assert "PDF-1.7" not in repr(LETTER)
