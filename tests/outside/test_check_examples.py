"""`passport check` on the published SMART Health Cards examples: the verdict their authors would expect.

Files: HL7/smart-health-cards-and-links (examples, keys) and smart-on-fhir/health-cards-dev-tools (mistakes).
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.reader.check import CheckRequest, run_check

VECTORS = Path(__file__).resolve().parents[3] / "shared" / "vectors"
EXAMPLES, MISTAKES, JWKS = (
    VECTORS / "shc-hl7-ig",
    VECTORS / "shc-devtools-testdata",
    VECTORS / "shc-issuer" / "jwks.json",
)
ISS = "https://spec.smarthealth.cards/examples/issuer"
BEFORE, WITHIN, AFTER_03 = (datetime(year, 1, 1, tzinfo=UTC) for year in (2024, 2025, 2026))

pytestmark = [pytest.mark.outside, pytest.mark.usefixtures("vectors")]


def checked(path: Path, at: datetime, *, iss: str = ISS) -> tuple[object, object]:
    found = run_check(CheckRequest(str(path), jwks=JWKS, iss=iss), now=at)
    return found["verdict"], found["code"]


@pytest.mark.parametrize("form", ["d-jws.txt", "e-file.smart-health-card", "f-qr-code-numeric-value-0.txt"])
@pytest.mark.parametrize("example", ["00", "01", "03"])
def test_an_official_example_is_checked_within_its_time_in_each_form(example: str, form: str) -> None:
    path = EXAMPLES / f"example-{example}-{form}"
    assert checked(path, BEFORE) == ("cannot-check", "not-yet-valid")
    assert checked(path, WITHIN) == ("checked", "")
    assert checked(path, AFTER_03) == (("ended-or-expired", "expired") if example == "03" else ("checked", ""))
    assert checked(path, WITHIN, iss="https://other.example") == ("cannot-check", "issuer-unknown")


def test_the_large_example_is_checked_as_a_file_and_not_read_from_its_given_up_chunks() -> None:
    assert checked(EXAMPLES / "example-02-e-file.smart-health-card", WITHIN) == ("checked", "")
    for chunk in range(3):
        path = EXAMPLES / f"example-02-f-qr-code-numeric-value-{chunk}.txt"
        assert checked(path, WITHIN) == ("cannot-check", "not-a-code")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("d-jws-der-signature.txt", ("not-genuine", "malformed-token")),
        ("d-jws-der-signature-s-neg.txt", ("not-genuine", "malformed-token")),
        ("d-jws-issuer-kid-mismatch.txt", ("not-genuine", "key-not-the-issuers")),
        ("d-jws-issuer-not-valid-with-smart-key.txt", ("cannot-check", "issuer-unknown")),
        ("d-jws-no_jws_header_zip.txt", ("not-genuine", "malformed-token")),
        ("d-jws-wrong_jws_header_kid.txt", ("not-genuine", "key-not-the-issuers")),
        ("e-file-invalid_issuer_url_http.smart-health-card", ("not-genuine", "malformed-token")),
        ("e-file-multi-jws-issues.smart-health-card", ("not-genuine", "malformed-token")),
        ("e-file-no_deflate.smart-health-card", ("not-genuine", "malformed-token")),
        ("f-qr-code-numeric-value-0-number-too-big.txt", ("not-genuine", "malformed-token")),
    ],
)
def test_a_published_mistake_is_never_checked(name: str, expected: tuple[str, str]) -> None:
    assert checked(MISTAKES / f"test-example-00-{name}", WITHIN) == expected


def test_a_published_link_is_not_checked_without_asking() -> None:
    assert checked(EXAMPLES / "IPS_IG-bundle-01-shl.txt", WITHIN) == ("cannot-check", "network-unavailable")
