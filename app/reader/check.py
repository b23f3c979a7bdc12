"""`passport check`: the verdict on a text from a file, without a window.

Owns reading what is named on the command line and nothing of the judging (judge.py). The result is
what `--json` prints.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from app.reader.judge import judge_text
from app.reader.recognise import MAX_FILE_CHARACTERS
from app.reader.trust_folder import read_trust
from crypto.errors import NotACode, NotAllowed, TooLarge, TrustUnreadable
from crypto.trust import TrustList, verify_trust


@dataclass(frozen=True, slots=True)
class CheckRequest:
    """What is asked: a file or "-", against a kept trust list or one issuer's keys, at a time."""

    source: str
    trust: Path | None = None
    jwks: Path | None = None
    iss: str | None = None


def run_check(request: CheckRequest, *, now: datetime) -> dict[str, object]:
    """{"verdict", "code", "issuer", "steps"} for the text in `request.source`.

    Raises NotAllowed for a request that names keys without their issuer or twice, NotACode where the
    file is no text, TooLarge, OSError as the disk says, and what verifying a kept list raises.
    """
    return judge_text(read_text(request.source), trust_of(request, now=now), now=now).as_json()


def read_text(source: str) -> str:
    """The text of a file, or of standard input for "-"; raises TooLarge, NotACode, OSError."""
    if source == "-":
        data = sys.stdin.buffer.read(MAX_FILE_CHARACTERS + 1)
    else:
        with Path(source).open("rb") as file:
            data = file.read(MAX_FILE_CHARACTERS + 1)
    if len(data) > MAX_FILE_CHARACTERS:
        raise TooLarge(f"expected at most {MAX_FILE_CHARACTERS} bytes of text, found more")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise NotACode("expected text in UTF-8, found other bytes") from error


def trust_of(request: CheckRequest, *, now: datetime) -> TrustList | None:
    """The list to judge by; None where none is named. Raises as run_check does."""
    if request.trust is not None and request.jwks is not None:
        raise NotAllowed("expected a kept list or one issuer's keys, found both")
    if request.trust is not None:
        kept = read_trust(request.trust)
        if kept is None:
            raise TrustUnreadable("expected a kept trust list in the folder, found none")
        return verify_trust(*kept, now=now)
    if request.jwks is None:
        return None
    if request.iss is None:
        raise NotAllowed("expected the issuer whose keys these are, found none")
    return TrustList.from_jwks(request.iss, request.iss, request.jwks.read_bytes(), now=now)


def parse_time(text: str) -> datetime:
    """A time as given to `--at`: ISO 8601 with a zone, or a date for its midnight UTC. Raises ValueError."""
    at = datetime.fromisoformat(text)
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
