"""The trust list: what is believed, from which root, how old, and each attack of TUF with the refusal it meets."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from securesystemslib.signer import SSlibKey
from tuf.api.metadata import Delegations

from crypto.errors import (
    IssuerUnknown,
    KeyRevoked,
    KeyUnknown,
    MalformedToken,
    PassportError,
    Tampered,
    TooLarge,
    TrustNotSigned,
    TrustRolledBack,
    TrustTooOld,
    TrustUnreadable,
)
from crypto.instants import to_numeric_date
from crypto.keys import SigningKey
from crypto.trust import Floors, Freshness, TrustFiles, TrustList, verify_trust
from crypto.trust_metadata import MAX_FILE_BYTES
from tests.crypto.trust_simulator import DAY, ISS, NOW, OTHER_ISS, RELAY, TrustSimulator, issuer

SECOND = timedelta(seconds=1)


@pytest.fixture
def repository() -> TrustSimulator:
    return TrustSimulator()


def verified(repository: TrustSimulator, floors: Floors | None = None) -> TrustList:
    return verify_trust(repository.files(), floors or Floors(), now=NOW)


def refusal(files: TrustFiles, floors: Floors | None = None) -> PassportError:
    with pytest.raises(PassportError) as caught:
        verify_trust(files, floors or Floors(), now=NOW)
    return caught.value


# ---- what a verified list says --------------------------------------------------------------


def test_a_verified_list_gives_an_issuers_key(repository: TrustSimulator) -> None:
    who, key = verified(repository).key(ISS, repository.key.public.kid, NOW)
    assert (who.iss, who.ods, who.kind) == (ISS, "A81001", "gp")
    assert key == repository.key.public


def test_a_key_is_found_by_ods_code_and_short_name(repository: TrustSimulator) -> None:
    who, key = verified(repository).key_by_ods("RX1", repository.other_key.public.kid8, NOW)
    assert who.iss == OTHER_ISS
    assert key == repository.other_key.public


def test_another_issuers_key_is_not_this_issuers(repository: TrustSimulator) -> None:
    trust = verified(repository)
    with pytest.raises(KeyUnknown) as caught:
        trust.key(ISS, repository.other_key.public.kid, NOW)
    assert str(caught.value) == f"key-not-the-issuers: key: expected one of the 1 of {ISS}"
    with pytest.raises(KeyUnknown):
        trust.key_by_ods("A81001", repository.other_key.public.kid8, NOW)


def test_an_issuer_outside_the_list_is_unknown(repository: TrustSimulator) -> None:
    trust = verified(repository)
    with pytest.raises(IssuerUnknown) as caught:
        trust.key("https://elm-road.example", repository.key.public.kid, NOW)
    assert str(caught.value) == "issuer-unknown: issuer: expected one of the 2 in list v1"
    with pytest.raises(IssuerUnknown):
        trust.key_by_ods("Z99999", repository.key.public.kid8, NOW)


def test_a_revoked_key_stands_for_what_it_signed_one_second_before(repository: TrustSimulator) -> None:
    repository.lists["issuers.json"]["issuers"][0]["keys"][0]["revoked_at"] = to_numeric_date(NOW)
    trust = verified(repository)
    kid = repository.key.public.kid
    assert trust.key(ISS, kid, NOW - SECOND)[1] == repository.key.public
    with pytest.raises(KeyRevoked) as caught:
        trust.key(ISS, kid, NOW)
    assert "revoked at 2026-05-04T12:00:00+00:00, signed at 2026-05-04T12:00:00+00:00" in str(caught.value)
    with pytest.raises(KeyRevoked):
        trust.key_by_ods("A81001", repository.key.public.kid8, NOW)


def test_the_list_names_its_relays_and_the_versions_to_keep(repository: TrustSimulator) -> None:
    repository.raise_versions()
    trust = verified(repository)
    assert trust.relays == frozenset({RELAY})
    assert trust.version == 2
    assert trust.floors == Floors(root=1, timestamp=2, snapshot=2, targets=2)
    assert trust.verified_at == NOW


@pytest.mark.parametrize(
    ("past", "freshness"),
    [
        (-SECOND, Freshness.FRESH),
        (timedelta(0), Freshness.AGED),
        (14 * DAY - SECOND, Freshness.AGED),
        (14 * DAY, Freshness.OLD),
        (90 * DAY - SECOND, Freshness.OLD),
        (90 * DAY, Freshness.UNUSABLE),
    ],
)
def test_age_counts_from_the_end_of_the_timestamp(
    repository: TrustSimulator, past: timedelta, freshness: Freshness
) -> None:
    trust = verified(repository)
    assert trust.expires == NOW + DAY
    assert trust.freshness(NOW + DAY + past) is freshness


def test_a_list_past_every_grace_decides_nothing_new(repository: TrustSimulator) -> None:
    trust = verified(repository)
    trust.require_usable(NOW + 91 * DAY - SECOND)
    with pytest.raises(TrustTooOld) as caught:
        trust.require_usable(NOW + 91 * DAY)
    assert str(caught.value) == "trust-too-old: trust list v1: past its time since 2026-05-05T12:00:00+00:00"


def test_expired_metadata_still_verifies_and_says_its_age(repository: TrustSimulator) -> None:
    trust = verify_trust(repository.files(), Floors(), now=NOW + 60 * DAY)
    assert trust.freshness(NOW + 60 * DAY) is Freshness.OLD


def test_a_long_lived_timestamp_cannot_outlast_the_targets_it_points_to(repository: TrustSimulator) -> None:
    repository.timestamp.expires = NOW + 3650 * DAY
    repository.snapshot.expires = NOW + 3650 * DAY
    assert verified(repository).expires == NOW + 90 * DAY


# ---- the chain of roots ---------------------------------------------------------------------


def test_a_root_may_be_replaced_by_the_threshold_of_the_one_before(repository: TrustSimulator) -> None:
    gone = repository.replace_key("root")
    repository.add_root([gone, *repository.signers["root"]])
    assert verified(repository).floors.root == 2


def test_a_root_signed_by_too_few_of_the_root_before_is_refused(repository: TrustSimulator) -> None:
    repository.replace_key("root", 0)
    repository.replace_key("root", 1)
    repository.add_root()
    refused = refusal(repository.files())
    assert isinstance(refused, TrustNotSigned)
    assert str(refused) == "trust-not-signed: root v2: expected 2 signatures of root v1, found fewer"


def test_a_root_not_signed_by_its_own_threshold_is_refused(repository: TrustSimulator) -> None:
    before = list(repository.signers["root"])
    repository.replace_key("root", 0)
    repository.replace_key("root", 1)
    repository.add_root(before)
    refused = refusal(repository.files())
    assert isinstance(refused, TrustNotSigned)
    assert str(refused) == "trust-not-signed: root v2: expected 2 signatures of root v2, found fewer"


def test_a_root_left_out_of_the_chain_is_refused(repository: TrustSimulator) -> None:
    repository.add_root()
    repository.add_root()
    del repository.roots[1]
    refused = refusal(repository.files())
    assert isinstance(refused, TrustRolledBack)
    assert str(refused) == "trust-rolled-back: root: expected version 2, found 3"


def test_a_deleted_newer_root_does_not_bring_back_the_shipped_one(repository: TrustSimulator) -> None:
    repository.add_root()
    floors = verified(repository).floors
    del repository.roots[1]
    refused = refusal(repository.files(), floors)
    assert isinstance(refused, TrustRolledBack)
    assert str(refused) == "trust-rolled-back: root: expected version 2 or higher, found 1"


def test_a_chain_that_does_not_begin_with_the_shipped_root_is_refused(repository: TrustSimulator) -> None:
    files = repository.files()
    verify_trust(files, Floors(), now=NOW, anchor=files.roots[0])
    with pytest.raises(TrustNotSigned):
        verify_trust(files, Floors(), now=NOW, anchor=TrustSimulator().roots[0])


def test_no_root_at_all_is_refused(repository: TrustSimulator) -> None:
    assert isinstance(refusal(replace(repository.files(), roots=())), TrustUnreadable)


# ---- thresholds, versions, hashes -----------------------------------------------------------


@pytest.mark.parametrize("role", ["targets", "snapshot", "timestamp"])
def test_metadata_one_signature_short_is_refused(repository: TrustSimulator, role: str) -> None:
    repository.files()  # fills in what points to what
    short = repository.sign(getattr(repository, role), repository.signers[role][1:])
    refused = refusal(repository.files(**{role: short}))
    assert isinstance(refused, TrustNotSigned)
    assert f"{role} v1" in str(refused)


def test_one_key_signing_twice_is_one_signature(repository: TrustSimulator) -> None:
    repository.files()
    signer = repository.signers["targets"][0]
    twice = repository.sign(repository.targets, [signer, signer])
    assert isinstance(refusal(repository.files(targets=twice)), TrustNotSigned)


def test_one_key_under_two_ids_is_refused(repository: TrustSimulator) -> None:
    twice = SSlibKey.from_dict("0" * 64, repository.signers["targets"][0].public_key.to_dict())
    repository.root.add_key(twice, "targets")
    repository.add_root()
    with pytest.raises(TrustUnreadable, match="under one id"):
        verify_trust(repository.files(), Floors(), now=NOW)


def test_a_key_that_was_rotated_out_counts_no_more(repository: TrustSimulator) -> None:
    gone = repository.replace_key("targets")
    repository.add_root()
    repository.files()
    signed = repository.sign(repository.targets, [gone, repository.signers["targets"][1]])
    assert isinstance(refusal(repository.files(targets=signed)), TrustNotSigned)


@pytest.mark.parametrize("role", ["timestamp", "snapshot", "targets"])
def test_a_version_below_its_floor_is_refused(repository: TrustSimulator, role: str) -> None:
    floors = replace(verified(repository).floors, **{role: 2})
    refused = refusal(repository.files(), floors)
    assert isinstance(refused, TrustRolledBack)
    assert str(refused) == f"trust-rolled-back: {role}: expected version 2 or higher, found 1"


@pytest.mark.parametrize("role", ["snapshot", "targets"])
def test_a_version_that_is_not_the_one_pointed_to_is_refused(repository: TrustSimulator, role: str) -> None:
    repository.files()
    stale = repository.sign(getattr(repository, role))
    getattr(repository, role).version += 1
    refused = refusal(repository.files(**{role: stale}))
    assert isinstance(refused, TrustRolledBack)
    assert str(refused) == f"trust-rolled-back: {role}: expected version 2, found 1"


def test_floors_pushed_up_by_a_stolen_key_fall_when_the_root_replaces_it(repository: TrustSimulator) -> None:
    stolen = Floors(root=1, timestamp=999_999, snapshot=1, targets=1)
    assert isinstance(refusal(repository.files(), stolen), TrustRolledBack)
    repository.replace_key("timestamp")
    repository.add_root()
    assert verified(repository, stolen).floors == Floors(2, 1, 1, 1)


def test_floors_stand_when_the_root_changes_and_those_keys_do_not(repository: TrustSimulator) -> None:
    repository.add_root()
    assert isinstance(refusal(repository.files(), Floors(root=1, timestamp=2)), TrustRolledBack)


@pytest.mark.parametrize("name", ["issuers.json", "relays.json", "readers.json"])
def test_a_list_changed_by_one_bit_is_refused(repository: TrustSimulator, name: str) -> None:
    files = repository.files()
    data = bytearray(files.target_files[name])
    data[-3] ^= 1
    refused = refusal(replace(files, target_files={**files.target_files, name: bytes(data)}))
    assert isinstance(refused, Tampered)
    assert str(refused) == f"tampered: {name}: length or hash is not the signed one"


@pytest.mark.parametrize("name", ["snapshot", "targets"])
def test_metadata_changed_by_one_byte_is_refused(repository: TrustSimulator, name: str) -> None:
    files = repository.files()
    refused = refusal(replace(files, **{name: getattr(files, name) + b" "}))
    assert isinstance(refused, Tampered)


def test_a_timestamp_changed_by_one_character_is_refused(repository: TrustSimulator) -> None:
    files = repository.files()
    assert isinstance(
        refusal(replace(files, timestamp=files.timestamp.replace(b"2026-05-05", b"2026-05-06"))), TrustNotSigned
    )


def test_metadata_of_another_role_is_refused(repository: TrustSimulator) -> None:
    files = repository.files()
    refused = refusal(replace(files, timestamp=files.snapshot))
    assert isinstance(refused, TrustUnreadable)
    assert str(refused) == "trust-unreadable: timestamp: found metadata of another role"


def test_bytes_that_are_no_metadata_are_refused(repository: TrustSimulator) -> None:
    assert isinstance(refusal(replace(repository.files(), timestamp=b"{}")), TrustUnreadable)


def test_delegations_are_refused(repository: TrustSimulator) -> None:
    repository.targets.delegations = Delegations({}, {})
    assert str(refusal(repository.files())) == "trust-unreadable: targets: expected no delegations"


def test_a_list_that_is_left_out_is_refused(repository: TrustSimulator) -> None:
    files = repository.files()
    lists = {name: data for name, data in files.target_files.items() if name != "relays.json"}
    assert "relays.json" in str(refusal(replace(files, target_files=lists)))


def test_a_file_over_the_ceiling_is_refused_before_it_is_read(repository: TrustSimulator) -> None:
    files = repository.files()
    assert isinstance(refusal(replace(files, timestamp=b" " * (MAX_FILE_BYTES + 1))), TooLarge)


# ---- the form of the lists ------------------------------------------------------------------


def test_two_issuers_with_one_ods_code_are_refused(repository: TrustSimulator) -> None:
    repository.lists["issuers.json"]["issuers"][1]["ods"] = "A81001"
    assert str(refusal(repository.files())) == "trust-unreadable: issuers.json: expected each ODS code once"


def test_one_issuer_listed_twice_is_refused(repository: TrustSimulator) -> None:
    repository.lists["issuers.json"]["issuers"].append(issuer(ISS, "A81002", SigningKey.generate()))
    assert str(refusal(repository.files())) == "trust-unreadable: issuers.json: expected each issuer once"


@pytest.mark.parametrize(
    ("member", "value"),
    [("iss", 1), ("name", ""), ("ods", None), ("kind", "shop"), ("keys", {}), ("keys", ["k"])],
)
def test_an_issuer_in_the_wrong_form_is_refused(repository: TrustSimulator, member: str, value: object) -> None:
    repository.lists["issuers.json"]["issuers"][0][member] = value
    assert isinstance(refusal(repository.files()), TrustUnreadable)


def test_a_key_whose_kid_is_not_its_thumbprint_is_refused(repository: TrustSimulator) -> None:
    repository.lists["issuers.json"]["issuers"][0]["keys"][0]["kid"] = repository.other_key.public.kid
    assert isinstance(refusal(repository.files()), TrustUnreadable)


# ---- files by name, keys by hand ------------------------------------------------------------


def test_files_come_back_from_their_names(repository: TrustSimulator) -> None:
    repository.add_root()
    files = repository.files()
    assert TrustFiles.from_named({**files.named(), "notes.txt": b""}) == files
    assert sorted(files.named())[:2] == ["1.root.json", "2.root.json"]


@pytest.mark.parametrize("missing", ["2.root.json", "timestamp.json", "readers.json"])
def test_a_folder_with_a_file_missing_is_refused(repository: TrustSimulator, missing: str) -> None:
    repository.add_root()
    repository.add_root()
    named = repository.files().named()
    del named[missing]
    with pytest.raises(TrustUnreadable):
        TrustFiles.from_named(named)


def test_keys_given_by_hand_are_a_list_of_one_issuer_that_does_not_age() -> None:
    key = SigningKey.generate()
    jwks = json.dumps({"keys": [{"kty": "OKP", "crv": "Ed25519", "x": "AA"}, key.public.to_jwk()]}).encode()
    trust = TrustList.from_jwks(ISS, "Given by hand", jwks, now=NOW)
    assert trust.key(ISS, key.public.kid, NOW)[1] == key.public
    assert trust.freshness(NOW + 36500 * DAY) is Freshness.FRESH
    with pytest.raises(IssuerUnknown):
        trust.key(OTHER_ISS, key.public.kid, NOW)


def test_a_key_set_without_keys_is_refused() -> None:
    with pytest.raises(MalformedToken):
        TrustList.from_jwks(ISS, "Given by hand", b"{}", now=NOW)
