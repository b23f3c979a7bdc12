"""A record holder in memory, its feed as the passport sees it, and what a refusal must leave as it was.

What the holder signs can be changed claim by claim. For tests of feed.py and update.py.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest

from crypto import json_text, jws
from crypto.errors import HeadTooOld, PassportError
from crypto.feed import Feed, FeedPosition
from crypto.keys import Issuer, SigningKey
from crypto.trust import Floors, IssuerKey, ListedIssuer, TrustList
from crypto.update import token_hash, write_head, write_update
from tests.crypto.trust_simulator import DAY, ISS, NOW

SECOND = timedelta(seconds=1)
SUB = "pairwise-1"
RESOURCES = [b'{"resourceType":"Patient","id":"p"}', b'{"resourceType":"Observation", "valueDecimal":1.50}']
BUNDLE = b'{"resourceType":"Bundle","type":"collection","entry":[{"resource":%s},{"fullUrl":"x"},{"resource":%s}]}' % (
    RESOURCES[0],
    RESOURCES[1],
)


@dataclass
class Holder:
    """A record holder in memory. What it signs next can be changed claim by claim."""

    key: SigningKey = field(default_factory=SigningKey.generate)
    iss: str = ISS
    feed: str = "feed-1"
    tokens: list[str] = field(default_factory=list)

    def append(self, **changed: Any) -> str:
        """The next update, kept in the feed."""
        self.tokens.append(self.write(**changed))
        return self.tokens[-1]

    def write(self, **changed: Any) -> str:
        """An update that would be the next one, but for what is `changed`."""
        given: dict[str, Any] = {
            "fhir_version": "4.0.1",
            "iss": self.iss,
            "sub": SUB,
            "feed": self.feed,
            "seq": len(self.tokens) + 1,
            "prev": token_hash(self.tokens[-1]) if self.tokens else None,
            "nbf": NOW,
            "key": self.key,
        }
        return write_update(changed.pop("bundle", BUNDLE), **(given | changed))

    def head(self, **changed: Any) -> str:
        given: dict[str, Any] = {
            "iss": self.iss,
            "feed": self.feed,
            "sub": SUB,
            "seq": len(self.tokens),
            "head": token_hash(self.tokens[-1]) if self.tokens else "",
            "iat": NOW,
            "exp": NOW + DAY,
            "key": self.key,
        }
        return write_head(**(given | changed))

    def position(self, seq: int) -> FeedPosition:
        return FeedPosition(self.iss, self.feed, seq, token_hash(self.tokens[seq - 1]), SUB)


def trust(*holders: Holder, revoked_at: datetime | None = None) -> TrustList:
    listed = {
        one.iss: ListedIssuer(
            Issuer(one.iss, one.iss, f"ODS{place}", "gp"), {one.key.public.kid: IssuerKey(one.key.public, revoked_at)}
        )
        for place, one in enumerate(holders)
    }
    return TrustList(listed, frozenset(), 1, NOW + DAY, NOW, Floors())


def opened(
    holder: Holder, *, seq: int = 0, now: datetime = NOW, keys: TrustList | None = None, head: str | None = None
) -> Feed:
    """A feed believed up to `seq`, its head accepted."""
    position = holder.position(seq) if seq else None
    feed = Feed(position, iss=ISS, sub=SUB, keys=keys or trust(holder), now=now)
    feed.head(head or holder.head())
    return feed


def refusal(feed: Feed, token: str) -> PassportError:
    """The refusal of an update, which leaves the feed as it was."""
    before = feed.position
    with pytest.raises(PassportError) as caught:
        feed.update(token)
    assert feed.position == before
    return caught.value


def head_refusal(feed: Feed, token: str) -> PassportError:
    """The refusal of a head, after which no update is taken either."""
    before = feed.position
    with pytest.raises(PassportError) as caught:
        feed.head(token)
    assert feed.position == before
    with pytest.raises(HeadTooOld):
        feed.update("any")
    return caught.value


def closed(holder: Holder, *, seq: int = 0, now: datetime = NOW, keys: TrustList | None = None) -> Feed:
    """The same feed before its head."""
    return Feed(holder.position(seq) if seq else None, iss=ISS, sub=SUB, keys=keys or trust(holder), now=now)


def resigned(token: str, key: SigningKey, change: Callable[[dict[str, Any]], None]) -> str:
    """The same update, its Bundle to the byte, with claims changed: what a holder itself could get wrong."""
    claims = json.loads(jws.read_unverified(token).payload)
    change(claims)
    payload = json_text.dump(claims).replace(json_text.dump(json.loads(BUNDLE)), BUNDLE)
    return jws.sign(payload, key, deflate=True)


def one_bit_off(token: str, part: int) -> str:
    parts = token.split(".")
    middle = len(parts[part]) // 2
    letter = "A" if parts[part][middle] != "A" else "B"
    parts[part] = parts[part][:middle] + letter + parts[part][middle + 1 :]
    return ".".join(parts)
