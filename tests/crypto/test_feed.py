"""A holder's feed: the next update is believed, and every way it can be wrong is refused and changes nothing."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from crypto import entries, json_text, jws, update
from crypto.encoding import b64url_decode, b64url_encode
from crypto.errors import (
    EntryProofWrong,
    Expired,
    HeadTooOld,
    IssuerUnknown,
    KeyRevoked,
    KeyUnknown,
    MalformedToken,
    NotYetValid,
    PassportError,
    Tampered,
    TooLarge,
    UpdateForked,
    UpdateMissing,
    UpdateReplayed,
    WrongPatient,
)
from crypto.feed import Feed, FeedPosition
from crypto.instants import to_numeric_date
from crypto.keys import Issuer, SigningKey
from crypto.trust import Floors, IssuerKey, ListedIssuer, TrustList
from crypto.update import HEAD_TYP, token_hash, write_head, write_update
from tests.crypto.trust_simulator import DAY, ISS, NOW, OTHER_ISS

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


@pytest.fixture
def holder() -> Holder:
    holder = Holder()
    holder.append()
    return holder


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


# ---- what is believed -----------------------------------------------------------------------


def test_updates_in_order_are_believed_and_move_the_position(holder: Holder) -> None:
    holder.append()
    feed = opened(holder)
    assert feed.missing == 2
    first, second = (feed.update(token) for token in holder.tokens)
    assert (first.seq, second.seq) == (1, 2)
    assert feed.position == holder.position(2)
    feed.require_complete()


def test_a_believed_update_gives_the_exact_bytes_that_were_signed(holder: Holder) -> None:
    believed = opened(holder).update(holder.tokens[0])
    assert believed.bundle == BUNDLE
    assert believed.resources == (RESOURCES[0], b"", RESOURCES[1])
    assert believed.raw == holder.tokens[0].encode()
    assert (believed.issuer.ods, believed.kid, believed.signed_at) == ("ODS0", holder.key.public.kid, NOW)
    assert (believed.fhir_version, believed.feed, believed.hash) == ("4.0.1", "feed-1", token_hash(holder.tokens[0]))


def test_an_entry_of_a_believed_update_can_be_proven_alone(holder: Holder) -> None:
    believed = opened(holder).update(holder.tokens[0])
    proofs = entries.prove(believed.resources, believed.seed, believed.root_jws, [2])
    assert entries.check(proofs, trust(holder), now=NOW).resources == ((2, RESOURCES[1]),)


def test_a_feed_goes_on_from_a_stored_position(holder: Holder) -> None:
    token = holder.append()
    assert opened(holder, seq=1).update(token).seq == 2


def test_record_and_patient_hide_in_repr(holder: Holder) -> None:
    believed = opened(holder).update(holder.tokens[0])
    shown = repr(believed) + repr(opened(holder, seq=1).position)
    assert "Observation" not in shown
    assert SUB not in shown


# ---- order ----------------------------------------------------------------------------------


def test_an_update_before_the_head_is_refused(holder: Holder) -> None:
    refused = refusal(closed(holder), holder.tokens[0])
    assert isinstance(refused, HeadTooOld)
    assert str(refused) == "head-too-old: feed: expected a head before its updates"


def test_a_replayed_update_is_refused(holder: Holder) -> None:
    feed = opened(holder)
    feed.update(holder.tokens[0])
    refused = refusal(feed, holder.tokens[0])
    assert isinstance(refused, UpdateReplayed)
    assert str(refused) == "update-replayed: update: expected 2, found 1"


def test_a_gap_is_refused(holder: Holder) -> None:
    token = holder.append()
    refused = refusal(opened(holder), token)
    assert isinstance(refused, UpdateMissing)
    assert str(refused) == "update-missing: update: expected 1, found 2"


def test_updates_withheld_at_the_end_are_noticed(holder: Holder) -> None:
    holder.append()
    feed = opened(holder)
    feed.update(holder.tokens[0])
    with pytest.raises(UpdateMissing) as caught:
        feed.require_complete()
    assert str(caught.value) == "update-missing: feed: expected updates up to 2, found 1"


def test_a_second_version_of_a_known_update_is_a_fork_and_both_are_kept(holder: Holder) -> None:
    head, known = holder.head(), holder.tokens.pop()
    other = holder.write(bundle=b'{"resourceType":"Bundle","entry":[]}')
    holder.tokens.append(known)
    refused = refusal(opened(holder, seq=1, head=head), other)
    assert isinstance(refused, UpdateForked)
    assert str(refused) == "update-forked: update 1: expected the known hash"
    assert refused.evidence.known == token_hash(known)
    assert refused.evidence.signed == (head, other)
    assert "Bundle" not in repr(refused)
    assert other not in repr(refused.evidence)


def test_an_update_on_another_history_is_a_fork(holder: Holder) -> None:
    token = holder.write(prev=token_hash("another"))
    holder.tokens.append(token)
    refused = refusal(opened(holder, seq=1), token)
    assert isinstance(refused, UpdateForked)
    assert str(refused) == "update-forked: update 2 prev: expected the known hash"


def test_a_first_update_that_names_one_before_it_is_a_fork(holder: Holder) -> None:
    holder.tokens.clear()
    token = holder.append(prev=token_hash("another"))
    assert isinstance(refusal(opened(holder), token), UpdateForked)


def test_an_update_that_is_not_the_one_the_head_names_is_a_fork(holder: Holder) -> None:
    feed = opened(holder, head=holder.head(head=token_hash("another")))
    refused = refusal(feed, holder.tokens[0])
    assert isinstance(refused, UpdateForked)
    assert str(refused) == "update-forked: update 1: expected the head's hash"
    assert len(refused.evidence.signed) == 2


def test_an_update_of_another_feed_is_a_fork(holder: Holder) -> None:
    refused = refusal(opened(holder), holder.write(feed="feed-2", seq=1, prev=None))
    assert isinstance(refused, UpdateForked)
    assert str(refused) == "update-forked: feed: expected the head's, found another"


def test_an_update_past_the_head_is_refused(holder: Holder) -> None:
    head, token = holder.head(), holder.append()
    refused = refusal(opened(holder, seq=1, head=head), token)
    assert isinstance(refused, HeadTooOld)
    assert str(refused) == "head-too-old: head: expected update 2 or later, found 1"


# ---- who and for whom -----------------------------------------------------------------------


def test_an_issuer_outside_the_trust_list_is_refused(holder: Holder) -> None:
    stranger = Holder(iss=OTHER_ISS)
    refused = refusal(opened(holder), stranger.append())
    assert isinstance(refused, IssuerUnknown)


def test_a_listed_issuer_has_no_say_in_anothers_feed(holder: Holder) -> None:
    other = Holder(iss=OTHER_ISS)
    refused = refusal(opened(holder, keys=trust(holder, other)), other.append())
    assert isinstance(refused, IssuerUnknown)
    assert str(refused) == f"issuer-unknown: iss: expected {ISS} in this feed, found {OTHER_ISS}"


def test_a_key_that_is_not_the_issuers_is_refused(holder: Holder) -> None:
    other = Holder(iss=OTHER_ISS)
    token = other.write(iss=ISS)
    assert isinstance(refusal(opened(holder, keys=trust(holder, other)), token), KeyUnknown)


def test_an_update_signed_when_its_key_was_revoked_is_refused(holder: Holder) -> None:
    feed = closed(holder, keys=trust(holder, revoked_at=NOW))
    assert isinstance(head_refusal(feed, holder.head(iat=NOW - DAY)), KeyRevoked)
    fresh = SigningKey.generate()
    keys = trust(holder, revoked_at=NOW)
    keys = replace(
        keys,
        issuers={
            ISS: ListedIssuer(
                keys.issuers[ISS].issuer, {**keys.issuers[ISS].keys, fresh.public.kid: IssuerKey(fresh.public)}
            )
        },
    )
    assert isinstance(refusal(opened(holder, keys=keys, head=holder.head(key=fresh)), holder.tokens[0]), KeyRevoked)


def test_what_a_key_signed_one_second_before_it_was_revoked_stands_under_a_new_head(holder: Holder) -> None:
    holder.tokens.clear()
    token = holder.append(nbf=NOW - SECOND)
    fresh, listed = SigningKey.generate(), trust(holder, revoked_at=NOW).issuers[ISS]
    keys = replace(
        trust(holder),
        issuers={ISS: replace(listed, keys={**listed.keys, fresh.public.kid: IssuerKey(fresh.public)})},
    )
    assert opened(holder, keys=keys, head=holder.head(key=fresh)).update(token).seq == 1


def test_an_update_for_another_patient_is_refused(holder: Holder) -> None:
    holder.tokens.clear()
    refused = refusal(opened(holder, head=Holder(holder.key, tokens=["x"]).head()), holder.write(sub="pairwise-2"))
    assert isinstance(refused, WrongPatient)
    assert str(refused) == "wrong-patient: sub: expected this patient, found another"


def test_a_position_of_another_patient_is_not_taken(holder: Holder) -> None:
    with pytest.raises(ValueError, match="this patient"):
        Feed(holder.position(1), iss=ISS, sub="pairwise-2", keys=trust(holder), now=NOW)


# ---- bytes ----------------------------------------------------------------------------------


def test_a_signature_one_bit_off_is_refused(holder: Holder) -> None:
    refused = refusal(opened(holder), one_bit_off(holder.tokens[0], 2))
    assert isinstance(refused, Tampered)


def test_a_payload_one_bit_off_is_refused(holder: Holder) -> None:
    assert isinstance(refusal(opened(holder), one_bit_off(holder.tokens[0], 1)), Tampered | MalformedToken)


def test_a_payload_under_another_updates_signature_is_refused(holder: Holder) -> None:
    head, payload, _ = holder.tokens[0].split(".")
    signature = holder.write(bundle=b'{"entry":[]}').split(".")[2]
    assert isinstance(refusal(opened(holder), f"{head}.{payload}.{signature}"), Tampered)


def test_an_update_over_the_ceiling_is_refused_before_it_is_read(holder: Holder) -> None:
    assert isinstance(refusal(opened(holder), "." * (jws.MAX_TOKEN_BYTES + 1)), TooLarge)


def test_a_head_is_no_update_and_an_update_no_head(holder: Holder) -> None:
    assert isinstance(refusal(opened(holder), holder.head()), MalformedToken)
    update_as_head = jws.sign(jws.read_unverified(holder.head()).payload, holder.key, deflate=True)
    assert isinstance(head_refusal(closed(holder), update_as_head), MalformedToken)


@pytest.mark.parametrize(
    ("claim", "value"),
    [
        ("sub", None),
        ("jti", ""),
        ("feed", 7),
        ("seq", 0),
        ("seq", True),
        ("seq", "1"),
        ("prev", "short"),
        ("nbf", "today"),
        ("entries", []),
        ("vc", {"type": ["https://smarthealth.cards#covid19"]}),
    ],
)
def test_a_claim_in_another_form_is_refused(holder: Holder, claim: str, value: object) -> None:
    token = resigned(holder.tokens[0], holder.key, lambda claims: claims.update({claim: value}))
    assert isinstance(refusal(opened(holder), token), MalformedToken)


# ---- time -----------------------------------------------------------------------------------


def test_an_update_from_the_future_is_refused_past_the_tolerance(holder: Holder) -> None:
    holder.tokens.clear()
    token = holder.append(nbf=NOW + 120 * SECOND)
    assert opened(holder).update(token).seq == 1
    holder.tokens.clear()
    token = holder.append(nbf=NOW + 121 * SECOND)
    assert isinstance(refusal(opened(holder), token), NotYetValid)


def test_an_update_is_refused_from_the_second_it_expires(holder: Holder) -> None:
    exp = to_numeric_date(NOW + 10 * SECOND)
    token = holder.tokens[0] = resigned(holder.tokens[0], holder.key, lambda claims: claims.update({"exp": exp}))
    assert isinstance(refusal(opened(holder, now=NOW + 10 * SECOND), token), Expired)
    assert opened(holder, now=NOW + 9 * SECOND).update(token).seq == 1


# ---- the head -------------------------------------------------------------------------------


def test_a_head_is_refused_from_the_second_it_expires(holder: Holder) -> None:
    head = holder.head(exp=NOW + 10 * SECOND)
    assert closed(holder, now=NOW + 9 * SECOND).head(head).seq == 1
    refused = head_refusal(closed(holder, now=NOW + 10 * SECOND), head)
    assert isinstance(refused, HeadTooOld)
    assert "expected exp after 2026-05-04T12:00:10+00:00, found 2026-05-04T12:00:10+00:00" in str(refused)


def test_a_head_from_the_future_is_refused_past_the_tolerance(holder: Holder) -> None:
    assert closed(holder).head(holder.head(iat=NOW + 120 * SECOND)).seq == 1
    assert isinstance(head_refusal(closed(holder), holder.head(iat=NOW + 121 * SECOND)), NotYetValid)


def test_a_head_one_bit_off_is_refused(holder: Holder) -> None:
    assert isinstance(head_refusal(closed(holder), one_bit_off(holder.head(), 2)), Tampered)


def test_a_head_for_another_patient_is_refused(holder: Holder) -> None:
    assert isinstance(head_refusal(closed(holder), holder.head(sub="pairwise-2")), WrongPatient)


def test_a_head_of_another_issuer_is_refused(holder: Holder) -> None:
    other = Holder(iss=OTHER_ISS, tokens=["x"])
    assert isinstance(head_refusal(closed(holder), other.head()), IssuerUnknown)
    assert isinstance(head_refusal(closed(holder, keys=trust(holder, other)), other.head()), IssuerUnknown)


def test_a_head_that_goes_back_is_refused(holder: Holder) -> None:
    old = holder.head()
    holder.append()
    refused = head_refusal(closed(holder, seq=2), old)
    assert isinstance(refused, UpdateReplayed)
    assert str(refused) == "update-replayed: head: expected update 2 or later, found 1"


def test_a_head_with_another_hash_for_the_known_update_is_a_fork(holder: Holder) -> None:
    head = holder.head(head=token_hash("another"))
    refused = head_refusal(closed(holder, seq=1), head)
    assert isinstance(refused, UpdateForked)
    assert refused.evidence.signed == (head,)


def test_a_head_of_another_feed_is_a_fork(holder: Holder) -> None:
    assert isinstance(head_refusal(closed(holder, seq=1), holder.head(feed="feed-2", seq=9)), UpdateForked)


def test_a_head_over_its_ceiling_is_refused(holder: Holder) -> None:
    assert isinstance(head_refusal(closed(holder), holder.head(feed="f" * update.MAX_HEAD_BYTES)), TooLarge)


def test_a_head_without_an_issuer_is_refused(holder: Holder) -> None:
    claims = dict(jws.read_unverified(holder.head()).claims)
    del claims["iss"]
    token = jws.sign(json_text.dump(claims), holder.key, typ=HEAD_TYP, deflate=False)
    assert isinstance(head_refusal(closed(holder), token), MalformedToken)


def test_a_feed_takes_one_head(holder: Holder) -> None:
    with pytest.raises(RuntimeError):
        opened(holder).head(holder.head())


# ---- the entries' commitment ----------------------------------------------------------------


def test_a_commitment_to_other_resources_is_refused(holder: Holder) -> None:
    def other_seed(claims: dict[str, Any]) -> None:
        claims["entries"]["seed"] = b64url_encode(bytes(entries.SEED_BYTES))

    token = holder.tokens[0] = resigned(holder.tokens[0], holder.key, other_seed)
    refused = refusal(opened(holder), token)
    assert isinstance(refused, EntryProofWrong)
    assert str(refused) == "entry-proof-wrong: entries root: expected the tree of these 3 resources"


@pytest.mark.parametrize(("feed", "seq"), [("feed-2", 1), ("feed-1", 2)])
def test_a_commitment_for_another_place_is_refused(holder: Holder, feed: str, seq: int) -> None:
    def moved(claims: dict[str, Any]) -> None:
        seed = b64url_decode(claims["entries"]["seed"])
        commitment = entries.commit(update.read_resources(BUNDLE), seed)
        claims["entries"]["root"] = entries.sign_root(commitment, holder.key, iss=ISS, feed=feed, seq=seq, iat=NOW)

    token = holder.tokens[0] = resigned(holder.tokens[0], holder.key, moved)
    refused = refusal(opened(holder), token)
    assert str(refused) == "entry-proof-wrong: entries root: expected this issuer, feed and number"


def test_a_commitment_signed_by_another_key_is_refused(holder: Holder) -> None:
    def forged(claims: dict[str, Any]) -> None:
        claims["entries"]["root"] = one_bit_off(claims["entries"]["root"], 2)

    token = holder.tokens[0] = resigned(holder.tokens[0], holder.key, forged)
    assert isinstance(refusal(opened(holder), token), Tampered)
