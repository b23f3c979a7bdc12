"""What lies around the card that is kept outside the vault: the patient's choices, the box's key, a seal or none.

Owns that form (FORMATS.md, "Card shown while locked"), read and written without unsealing anything. The card inside
is locked_card.py's. The choices stand readable because they are needed while locked; a seal holds them too.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Final

from app.policy.locked_choices import LockedChoices
from crypto import json_text, members
from crypto.encoding import b64url_decode, b64url_encode
from crypto.errors import MalformedToken

VERSION: Final = 2
FIRST_VERSION: Final = 1
"""The card itself, readable, without choices or box."""

BOX_KEY_BYTES: Final = 32
_CONTEXT: Final = "pp-locked-card-v2"


@dataclass(frozen=True, slots=True)
class Outside:
    """The file. Either `card` stands in it readable, or `sealed` does.

    `box` is the public key of the box that openings are written into, None where there is no such box.
    """

    choices: LockedChoices = field(default_factory=LockedChoices)
    box: bytes | None = None
    card: Mapping[str, Any] = field(default_factory=dict, repr=False)
    sealed: bytes | None = field(default=None, repr=False)
    version: int = VERSION


def context_of(outside: Outside, vault_id: str) -> bytes:
    """What a seal is bound to: this form, the vault, and everything readable beside the seal."""
    return f"{_CONTEXT} {vault_id} ".encode("ascii") + json_text.dump(_readable(outside))


def to_bytes(outside: Outside) -> bytes:
    """The file, in today's version."""
    if outside.sealed is None:
        return json_text.dump(_readable(outside) | {"card": outside.card})
    return json_text.dump(_readable(outside) | {"sealed": b64url_encode(outside.sealed)})


def read_outside(kept: bytes) -> Outside:
    """The file out of its bytes; raises NotJson, MalformedToken."""
    of = json_text.parse_object(kept)
    version = members.ordinal(of, "v")
    if version == FIRST_VERSION:
        return Outside(card=of, version=version)
    if version != VERSION:
        raise MalformedToken(f"expected version {VERSION}, found {version}")
    if ("card" in of) == ("sealed" in of):
        raise MalformedToken("expected a card or a sealed one")
    return Outside(
        choices=LockedChoices(**{name: members.flag(of, name) for name in asdict(LockedChoices())}),
        box=_box(of),
        card=members.object_in(of["card"], "card") if "card" in of else {},
        sealed=b64url_decode(members.text(of, "sealed")) if "sealed" in of else None,
    )


def _readable(outside: Outside) -> dict[str, object]:
    box = None if outside.box is None else b64url_encode(outside.box)
    return {"v": VERSION} | asdict(outside.choices) | {"box": box}


def _box(of: Mapping[str, Any]) -> bytes | None:
    if "box" in of and of["box"] is None:
        return None
    public = b64url_decode(members.text(of, "box"))
    if len(public) != BOX_KEY_BYTES:
        raise MalformedToken(f"box: expected {BOX_KEY_BYTES} bytes, found {len(public)}")
    return public
