"""The faults without a window: each spoiled update is refused for its own reason, and off means genuine."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path
from typing import Any

import pytest

from crypto.errors import (
    KeyRevoked,
    KeyUnknown,
    PassportError,
    Tampered,
    TooLarge,
    Unavailable,
    UpdateForked,
    UpdateMissing,
    UpdateReplayed,
)
from crypto.feed import Feed
from crypto.trust import Floors, TrustList, verify_trust
from crypto.update import token_hash
from sync.login import Tokens, log_in
from sync.profile import Profile
from sync.records import feed_head, update_pages
from sync.sandbox import __main__ as command
from sync.sandbox.faults import FAULTS, UpdateFault
from sync.sandbox.people import MadeUpPerson
from sync.sandbox.spoiling import BOMB_BYTES, HUGE_CHARACTERS, SOMEBODY_ELSE
from sync.sandbox.stand_in import HOLDERS, StandIn
from sync.transport import Transport
from sync.trust import fetch_trust
from tests.sync.sandbox.conftest import ADDRESSES

Reach = Callable[[StandIn], Transport]
LATE = datetime(2098, 5, 4, 12, 0, tzinfo=UTC)  # the trust client reads the system clock


@pytest.fixture
def stand_in(assembled: Callable[..., StandIn], mair: MadeUpPerson, clock: Any) -> StandIn:
    clock.at = LATE
    return assembled(mair)


class Visitor:
    """Somebody who visits the surgery as a passport does, without one."""

    def __init__(self, stand_in: StandIn, transport: Transport, profile: Profile, clock: Any) -> None:
        self.transport, self.profile, self.clock = transport, profile, clock
        self.stand_in = stand_in
        self.tokens: Tokens = log_in(transport, profile, "mair", now=clock())
        self.holder = next(one for one in profile.holders if one.kind == "gp")
        self.position: Any = None

    def trust(self) -> TrustList:
        return verify_trust(fetch_trust(self.transport, self.profile, None), Floors(), now=self.clock())

    def tokens_served(self) -> list[bytes]:
        return list(chain.from_iterable(update_pages(self.transport, self.holder, self.tokens)))

    def visit(self) -> Feed:
        """A feed with its head, and every update that was served and is new."""
        sub = self.tokens.subjects[self.holder.iss]
        feed = Feed(self.position, iss=self.holder.iss, sub=sub, keys=self.trust(), now=self.clock())
        feed.head(feed_head(self.transport, self.holder, self.tokens).decode())
        for token in self.tokens_served():
            try:
                feed.update(token.decode())
            except UpdateReplayed:
                continue
            finally:
                self.position = feed.position
        feed.require_complete()
        return feed


@pytest.fixture
def visitor(stand_in: StandIn, reach: Reach, written_profile: Callable[[], Profile], clock: Any) -> Visitor:
    return Visitor(stand_in, reach(stand_in), written_profile(), clock)


@pytest.mark.parametrize(
    ("name", "refusal", "says"),
    [
        ("wrong_key", KeyUnknown, "expected one of the 1 of"),
        ("foreign_kid", KeyUnknown, "expected one of the 1 of"),
        ("revoked_key", KeyRevoked, "revoked at 2001-01-01"),
        ("tampered", Tampered, "signature"),
        ("gap", UpdateMissing, "expected 2, found 3"),
        ("fork", UpdateForked, "update 2 prev"),
        ("huge", TooLarge, f"found {HUGE_CHARACTERS}"),
        ("zip_bomb", TooLarge, str(128 * 1024 * 1024)),
    ],
)
def test_a_spoiled_update_is_refused_for_its_own_reason_and_the_genuine_one_comes_after(
    visitor: Visitor, name: str, refusal: type[PassportError], says: str
) -> None:
    before = visitor.visit().position
    visitor.clock.forward(minutes=1)
    visitor.stand_in.switch(name, True)
    with pytest.raises(refusal) as refused:
        visitor.visit()
    assert says in str(refused.value)
    assert visitor.position == before
    visitor.stand_in.switch(name, False)
    assert visitor.visit().position != before


def test_somebody_elses_record_is_signed_and_in_its_place(visitor: Visitor) -> None:
    """Only the Patient inside tells: that is for the app to see, tests/flows/test_faults.py."""
    visitor.stand_in.switch("other_patient", True)
    sub = visitor.tokens.subjects[visitor.holder.iss]
    feed = Feed(None, iss=visitor.holder.iss, sub=sub, keys=visitor.trust(), now=visitor.clock())
    feed.head(feed_head(visitor.transport, visitor.holder, visitor.tokens).decode())
    *_, last = [feed.update(token.decode()) for token in visitor.tokens_served()]
    feed.require_complete()
    assert last.bundle == SOMEBODY_ELSE


def test_a_bomb_is_small_on_the_wire(visitor: Visitor) -> None:
    visitor.stand_in.switch("zip_bomb", True)
    assert len(visitor.tokens_served()[-1]) < BOMB_BYTES / 500


@pytest.mark.parametrize("name", [name for name, fault in FAULTS.items() if isinstance(fault, UpdateFault)])
def test_only_the_newest_update_is_spoiled_and_always_in_the_same_way(visitor: Visitor, name: str) -> None:
    visitor.stand_in.switch(name, True)
    genuine = [
        update.token.encode()
        for update in visitor.stand_in.holders["gp"].updates(visitor.tokens.subjects[visitor.holder.iss])
    ]
    first, second = visitor.tokens_served(), visitor.tokens_served()
    assert first == second
    assert first[:-1] == genuine[:-1]
    assert first[-1] != genuine[-1]


@pytest.mark.parametrize(("name", "says"), [("429", "found 429"), ("5xx", "found 500"), ("not_json", "updates: ")])
def test_another_answer_than_asked_for_is_refused(visitor: Visitor, name: str, says: str) -> None:
    visitor.stand_in.switch(name, True)
    with pytest.raises(Unavailable) as refused:
        visitor.tokens_served()
    assert says in str(refused.value)


def test_too_many_requests_says_when_to_come_again(visitor: Visitor) -> None:
    visitor.stand_in.switch("429", True)
    url = f"{ADDRESSES['gp']}/Patient/x/$feed-head"
    assert visitor.transport.get(url).headers["retry-after"] == "120"


def test_whoever_has_no_token_is_refused_as_ever_while_an_update_is_spoiled(visitor: Visitor) -> None:
    visitor.stand_in.switch("tampered", True)
    assert visitor.transport.get(f"{ADDRESSES['gp']}/Patient/x/$feed-head").status == 401


def test_the_hospital_is_always_right(visitor: Visitor) -> None:
    visitor.holder = next(one for one in visitor.profile.holders if one.kind == "hospital")
    for name in FAULTS:
        if name not in ("expired", "rollback", "freeze", "mixed"):
            visitor.stand_in.faults.switch(name, True)
    assert visitor.visit().position is not None


def test_of_several_faults_the_first_in_the_table_has_its_say(visitor: Visitor) -> None:
    for name in ("5xx", "gap", "tampered"):
        visitor.stand_in.faults.switch(name, True)
    assert visitor.stand_in.faults.on == ("tampered", "gap", "5xx")
    with pytest.raises(Tampered):
        visitor.visit()


def test_a_name_that_is_no_fault_is_refused_and_switches_nothing(stand_in: StandIn) -> None:
    with pytest.raises(KeyError):
        stand_in.switch("nonsense", True)
    assert stand_in.faults.on == ()


def test_a_fault_nobody_knows_ends_the_start(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        command.main(["--state", str(tmp_path / "never"), "--fault", "tampered,nonsense"])
    assert ended.value.code == 2
    assert "expected one or more of expired, rollback" in capsys.readouterr().err
    assert not (tmp_path / "never").exists()


# ---- what else the stand-in can be made to do -----------------------------------------------


def test_a_rotated_root_is_followed(visitor: Visitor) -> None:
    visitor.visit()
    visitor.stand_in.rotate_root()
    assert visitor.trust().floors.root == 2
    visitor.visit()


def test_what_a_key_signed_before_it_was_rotated_and_revoked_stays_believed(visitor: Visitor) -> None:
    old = visitor.stand_in.holders["gp"].jwks[0]["kid"]
    visitor.clock.forward(minutes=1)
    visitor.stand_in.revoke_key("gp")
    with pytest.raises(KeyRevoked):
        visitor.visit()
    assert visitor.position is None
    visitor.stand_in.rotate_key("gp")
    visitor.stand_in.sign_again("gp")
    feed = visitor.visit()
    assert feed.position is not None
    assert feed.position.seq == 2
    listed = visitor.trust().issuers[HOLDERS["gp"].iss].keys
    assert {kid: key.revoked_at is not None for kid, key in listed.items()} == {
        old: True,
        visitor.stand_in.holders["gp"].jwks[0]["kid"]: False,
    }


def test_a_rotated_key_is_the_one_after_a_restart_and_the_old_ones_are_still_published(
    assembled: Callable[..., StandIn], mair: MadeUpPerson, stand_in: StandIn
) -> None:
    first = stand_in.holders["gp"].jwks
    stand_in.rotate_key("gp")
    stand_in.rotate_key("gp")
    again = assembled(mair).holders["gp"].jwks
    assert again == stand_in.holders["gp"].jwks
    assert again[-1:] == first
    assert len({key["kid"] for key in again}) == 3


def test_signing_again_continues_each_feed(visitor: Visitor) -> None:
    sub = visitor.tokens.subjects[visitor.holder.iss]
    visitor.stand_in.sign_again("gp")
    first, second = visitor.stand_in.holders["gp"].updates(sub)
    assert (second.feed, second.seq) == (first.feed, first.seq + 1)
    position = visitor.visit().position
    assert position is not None
    assert position.head == token_hash(second.token)
