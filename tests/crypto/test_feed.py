"""A holder's feed: the next update is believed, and every way it can be wrong is refused and changes nothing."""

from __future__ import annotations

from dataclasses import replace

import pytest

from crypto import entries
from crypto.errors import (
    HeadTooOld,
    IssuerUnknown,
    KeyRevoked,
    KeyUnknown,
    UpdateForked,
    UpdateMissing,
    UpdateReplayed,
    WrongPatient,
)
from crypto.feed import Feed
from crypto.keys import SigningKey
from crypto.trust import IssuerKey, ListedIssuer
from crypto.update import token_hash
from tests.crypto.feed_simulator import (
    BUNDLE,
    RESOURCES,
    SECOND,
    SUB,
    Holder,
    closed,
    head_refusal,
    opened,
    refusal,
    trust,
)
from tests.crypto.trust_simulator import DAY, ISS, NOW, OTHER_ISS

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
    assert tuple(believed.resources) == (RESOURCES[0], b"", RESOURCES[1])
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
