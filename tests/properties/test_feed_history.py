"""Whatever comes in whatever order, the store holds a beginning of the true history that verifies, and never goes back.

Over a real sealed store, real TUF files, the real feed and the real Receiver; only the cost of the key is left out.
Messages are lost, doubled, reordered, corrupted, forged, of another person, or a second version of a known place.
The same examples in every run: a failure here is found again by running it again.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from app.actions.receiving import Receiver
from app.actions.session import Passport
from app.actions.trusting import stored_trust
from app.store.home import PassportHome
from app.store.ledger import StoredTrust
from app.store.record import Store
from crypto import vault
from crypto.errors import PassportError, TrustUnreadable
from crypto.keys import SigningKey
from crypto.trust import TrustFiles, verify_trust
from crypto.vault_header import FLOOR
from sync.login import Tokens
from tests.crypto.feed_simulator import SUB, Holder, one_bit_off
from tests.crypto.trust_simulator import DAY, ISS, NOW, TrustSimulator, issuer

KEY = bytes(range(32))
MADE = vault.create("anchor violet teapot harvest", now=NOW, cost=FLOOR)
LONGEST = 9


def bundle(number: int, *, family: str = "Made-Up") -> bytes:
    """An update's record: whose it is, and one entry of its own."""
    patient = {
        "resourceType": "Patient",
        "id": "p",
        "identifier": [{"system": "https://fhir.nhs.uk/Id/nhs-number", "value": "9990000018"}],
        "name": [{"family": family, "given": ["Anna"]}],
        "birthDate": "1961-02-03",
    }
    weight = {"resourceType": "Observation", "id": f"o{number}", "status": "final", "code": {"text": "Weight"}}
    entries = [{"resource": patient}, {"resource": weight}]
    return json.dumps({"resourceType": "Bundle", "type": "collection", "entry": entries}).encode()


TOKENS = Tokens(
    access="a",
    renewal=None,
    expires_at=NOW + DAY,
    subjects={ISS: SUB},
    nhs_number="9990000018",
    birth_date="1961-02-03",
    family_name="Made-Up",
)


@dataclass(frozen=True)
class Sent:
    """One message on the wire: which true update it is, or None for anything else."""

    token: str
    place: int | None = None


class Histories(RuleBasedStateMachine):
    """One holder, one passport, and everybody in between."""

    @initialize()
    def begin(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="properties-"))
        self.passport = self.opened(Store.create(self.folder / "record.db", KEY, now=NOW))
        self.repository = TrustSimulator()
        self.holder = Holder(key=self.repository.key)
        self.forger = Holder()
        self.lists: list[tuple[TrustFiles, bool]] = [(self.repository.files(), True)]
        self.believed = 0  # how much of the true history the store must hold
        self.listed = -1  # which of the lists it must hold
        self.holder_writes(3)
        self.trust_list_comes(0, "whole")

    def opened(self, store: Store) -> Passport:
        home = PassportHome(self.folder)
        return Passport(home, home.hold_open(), MADE.header, store, SigningKey.generate(), MADE.master)

    # ---- the far side -------------------------------------------------------------------

    @precondition(lambda self: len(self.holder.tokens) < LONGEST)
    @rule(count=st.integers(1, 3))
    def holder_writes(self, count: int) -> None:
        for _ in range(count):
            self.holder.append(bundle=bundle(len(self.holder.tokens) + 1))

    @precondition(lambda self: len(self.lists) < 4)
    @rule(holder_is_listed=st.sampled_from([True, True, True, False]))
    def repository_publishes(self, holder_is_listed: bool) -> None:
        listed = [issuer(ISS, "A81001", self.holder.key)] if holder_is_listed else []
        self.repository.lists["issuers.json"] = {"issuers": listed}
        self.repository.raise_versions()
        self.lists.append((self.repository.files(), holder_is_listed))

    # ---- the wire -----------------------------------------------------------------------

    @rule(number=st.integers(0, 3), state=st.sampled_from(["whole", "one byte off", "mixed with another", "unsigned"]))
    def trust_list_comes(self, number: int, state: str) -> None:
        number %= len(self.lists)
        files = damaged(self.lists[number][0], self.lists[-1][0], state)
        unharmed = files == self.lists[number][0]
        try:
            trust = verify_trust(files, self.passport.store.floors(), now=NOW, anchor=self.lists[0][0].roots[0])
        except PassportError:
            assert not unharmed or number < self.listed, "a list that is right and not older was refused"
            return
        assert unharmed, "a list that was changed on the way was taken"
        assert number >= self.listed, "an older list was taken"
        self.passport.store.set_trust(StoredTrust(files, trust.floors))
        self.listed = number

    @rule(data=st.data())
    def one_visit(self, data: st.DataObject) -> None:
        """A head and some messages, each drawn from all that there is; what must be believed is counted beside it."""
        newest = len(self.holder.tokens)
        ahead = data.draw(st.sampled_from([newest, newest, *range(1, newest)]), label="head at")
        head = data.draw(st.sampled_from(["whole", "whole", "whole", "one bit off", "forged"]), label="head")
        messages = data.draw(st.one_of(self.on_its_way(), st.lists(self.messages(), max_size=6)), label="messages")
        token = self.head(ahead, head)
        if head == "whole" and self.lists[self.listed][1] and ahead >= self.believed:
            expected = self.believable(messages, ahead)
        else:
            expected = self.believed
        self.visit(token, [sent.token for sent in messages])
        self.believed = expected

    @rule()
    def a_visit_where_nothing_goes_wrong(self) -> None:
        """The newest head, and all that is missing in its order: then everything must be here."""
        missing = self.holder.tokens[self.believed :]
        refusal = self.visit(self.holder.head(), missing)
        if self.lists[self.listed][1]:
            assert refusal is None
            self.believed = len(self.holder.tokens)
        else:
            assert refusal is not None

    @rule()
    def the_passport_is_closed_and_opened_again(self) -> None:
        self.passport.lock()
        self.passport = self.opened(Store.open(self.folder / "record.db", KEY, now=NOW))

    def visit(self, head: str, messages: Sequence[str]) -> PassportError | None:
        """What refreshing does with one holder; anything but a PassportError is a failure of the test."""
        try:
            trust = stored_trust(self.passport, now=NOW)
            if trust is None:
                raise TrustUnreadable("no list yet")
            receiver = Receiver(self.passport, trust, TOKENS, iss=ISS, now=later())
            receiver.accept_head(head.encode())
            receiver.accept([message.encode() for message in messages])
            receiver.require_complete()
        except PassportError as refusal:
            return refusal
        return None

    def head(self, ahead: int, state: str) -> str:
        signer = self.forger if state == "forged" else self.holder
        whole = Holder(key=signer.key, tokens=self.holder.tokens[:ahead]).head()
        return one_bit_off(whole, 2) if state == "one bit off" else whole

    def on_its_way(self) -> st.SearchStrategy[list[Sent]]:
        """What `_since` answers: some that are known, then what is missing; disturbed."""
        true = [Sent(token, at) for at, token in enumerate(self.holder.tokens)]
        return st.integers(0, 2).flatmap(lambda back: disturbed(true[max(0, self.believed - back) :], self.messages()))

    def messages(self) -> st.SearchStrategy[Sent]:
        """True ones mostly; and each kind of wrong one."""
        place = st.integers(0, len(self.holder.tokens) - 1)
        true = place.map(lambda at: Sent(self.holder.tokens[at], at))
        return st.one_of(true, true, true, place.flatmap(self.wrong))

    def wrong(self, at: int) -> st.SearchStrategy[Sent]:
        before = Holder(key=self.holder.key, tokens=self.holder.tokens[:at])
        made: dict[str, Callable[[], str]] = {
            "payload": lambda: one_bit_off(self.holder.tokens[at], 1),
            "signature": lambda: one_bit_off(self.holder.tokens[at], 2),
            "forged": lambda: Holder(key=self.forger.key, tokens=before.tokens).write(bundle=bundle(at + 1)),
            "another subject": lambda: before.write(bundle=bundle(at + 1), sub="somebody else"),
            "nonsense": lambda: "not.a.token",
            "not ASCII": lambda: "é.é.é",
        }
        if at >= self.believed - 1:  # what is older is known by number only: another version of it is a replay
            made["another person"] = lambda: before.write(bundle=bundle(at + 1, family="Else"))
        if at == self.believed - 1:  # two first versions cannot be told apart by one passport: THREATS.md, Fork
            made["second version"] = lambda: before.write(bundle=bundle(at + 1))
        return st.sampled_from(sorted(made)).map(lambda kind: Sent(made[kind]()))

    def believable(self, messages: Sequence[Sent], ahead: int) -> int:
        """How far the true history is known after these, counted without any of the code under test."""
        at = self.believed
        for sent in messages:
            if sent.place == at and at < ahead:
                at += 1
            elif sent.place is None or sent.place >= at or at > self.believed:
                break  # wrong, too early, or again after something new: the visit ends
        return at

    # ---- what always holds --------------------------------------------------------------

    @invariant()
    def the_store_is_the_beginning_of_the_true_history(self) -> None:
        store = self.passport.store
        sources = sorted(store.sources(), key=lambda source: source.seq or 0)
        raw = [store.raw_message(source.source_id) for source in sources]
        assert raw == [token.encode() for token in self.holder.tokens[: self.believed]]
        assert store.count() == self.believed
        position = store.feed_position(ISS)
        assert position == (self.holder.position(self.believed) if self.believed else None)

    @invariant()
    def the_list_is_the_newest_that_was_whole(self) -> None:
        kept = self.passport.store.trust()
        assert kept is not None
        assert kept.files == self.lists[self.listed][0]

    def teardown(self) -> None:
        if hasattr(self, "passport"):
            self.passport.lock()
            shutil.rmtree(self.folder)


@st.composite
def disturbed(draw: st.DrawFn, whole: list[Sent], others: st.SearchStrategy[Sent]) -> list[Sent]:
    """An answer in its order, with something put in, lost or doubled at one place."""
    at = draw(st.integers(0, max(0, len(whole) - 1)))
    put_in = draw(st.lists(others, max_size=1))
    kept = draw(st.sampled_from([whole[at : at + 1], [], whole[at : at + 1] * 2]))
    return [*whole[:at], *put_in, *kept, *whole[at + 1 :]]


def damaged(files: TrustFiles, newest: TrustFiles, state: str) -> TrustFiles:
    """A trust list as it arrives."""
    named = files.named()
    if state == "one byte off":
        named["issuers.json"] = named["issuers.json"].replace(b"A81001", b"A81002") + b" "
    elif state == "mixed with another":
        named["snapshot.json"] = newest.snapshot
    elif state == "unsigned":
        timestamp = json.loads(named["timestamp.json"])
        named["timestamp.json"] = json.dumps(timestamp | {"signatures": []}).encode()
    return TrustFiles.from_named(named)


def later() -> datetime:
    """The moment of every visit."""
    return NOW


TestHistories = Histories.TestCase
TestHistories.settings = settings(
    max_examples=70,
    stateful_step_count=20,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)
