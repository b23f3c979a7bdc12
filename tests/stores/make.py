"""Writes the store of today's schema into this folder: `python -m tests.stores.make`.

Run once for each schema version, by the code that made it; a file that is here is never written again, so
that every past store stays what it was. What must be found in each is tests/store/test_past_stores.py.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from app.record.entry import Absence, ListWarning, NotDisplayed, Section, SectionNote, Standing, When
from app.record.own import Label, Own, OwnSection
from app.store.ledger import AccessRow, GrantRow, StoredTrust
from app.store.record import Store
from app.store.schema import MIGRATIONS
from crypto.feed import FeedPosition
from crypto.trust_metadata import Floors, TrustFiles
from tests.store.made_up import FULL, KEY, NOW, bundle, entry, imported, reading, update

FOLDER = Path(__file__).parent
ISS = "https://oak-lane-surgery.example"
POSITION = FeedPosition(ISS, f"feed-{ISS}", 2, "hash-2", "sub-1")
TRUST = StoredTrust(
    TrustFiles((b"r1",), b"ts", b"sn", b"ta", dict.fromkeys(("issuers.json", "readers.json", "relays.json"), b"x")),
    Floors(root=1, timestamp=9, snapshot=5, targets=4),
)
GRANT = GrantRow("grant-1", "link", '{"label":"Seen at A&E"}', "active", NOW, NOW + timedelta(hours=1))
OWN = Own("Taken at night", label=Label.SOCIAL_CARE)
OWN_SECTION = OwnSection(Label.SOCIAL_CARE)
LINE = AccessRow(NOW, "opened", "A. Khan", "care", ("medicines",), "grant-1")


def fill(store: Store) -> None:
    """Two updates of one feed, one file, and a row of everything kept beside them."""
    first = (
        entry("MedicationStatement/1", "Aspirin 75 mg", when=When("2020-01-02")),
        FULL,
        entry("Condition/9", "Gout", section=Section.CONDITIONS, position=2, standing=Standing.CURRENT),
        entry("#3", "Walking stick", section=Section.DEVICES, position=3),
        entry("Condition/7", "Low mood", section=Section.CONDITIONS, position=5, standing=Standing.CURRENT),
    )
    notes = (SectionNote(Section.RESULTS, warning=ListWarning.CONFIDENTIAL),)
    none = (SectionNote(Section.ALLERGIES, absence=Absence.NONE_KNOWN),)
    broken = (NotDisplayed(4, "Basic", "no-mapper"),)
    store.add_update(reading(*first, notes=(*notes, *none), not_displayed=broken), b"first update", update(1))
    second = (
        entry("MedicationStatement/1", "Aspirin 150 mg", when=When("2021-01-02")),
        entry("Condition/8", "Asthma", section=Section.CONDITIONS, position=1, standing=Standing.ENTERED_IN_ERROR),
    )
    told = replace(reading(*second), taken_back=("Condition/8",))
    store.add_update(told, b"second update", update(2), POSITION, TRUST)
    raw = bundle({"resourceType": "Basic", "id": "1"})
    store.add_update(reading(entry("Basic/1", "A letter", section=Section.OTHER), person=None), raw, imported(raw))
    store.add_grant(GRANT)
    store.log(LINE)
    low_mood, _ = sorted(store.entries(Section.CONDITIONS), key=lambda one: one.entry.key)
    store.set_own(low_mood.id, Own(hidden=True))
    (aspirin,) = store.entries(Section.MEDICINES)
    store.set_own(aspirin.id, OWN)
    store.set_own_section(Section.DEVICES, OWN_SECTION)
    store.set_setting("login.person", "sian-llyr")
    store.set_secret("device.key", bytes(range(32)))


def main() -> None:
    path = FOLDER / f"schema-{len(MIGRATIONS)}.db"
    store = Store.create(path, KEY, now=NOW)
    fill(store)
    store.close()
    print(path.name, path.stat().st_size, "bytes")


if __name__ == "__main__":
    main()
