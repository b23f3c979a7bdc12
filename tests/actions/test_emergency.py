"""The emergency card: judged by a reader, small enough to draw, and outside the vault only where that was chosen."""

from __future__ import annotations

import json
import stat

import pytest

from app.actions.emergency import renew_locked_card, show_while_locked, shown_card
from app.actions.far_side import Services
from app.actions.importing import import_file
from app.actions.locked_card import is_shown_while_locked, locked_card
from app.actions.session import Passport, unlock
from app.qr.draw import draw_words
from app.qr.scan import read_image
from app.reader.judge import judge_text
from app.reader.verdict import Kind
from crypto.errors import StoreDamaged
from tests.actions.made_up import (
    AMARA,
    HOSPITAL,
    NOOR,
    PEOPLE,
    PHRASE,
    SIAN,
    SURGERY,
    World,
    bundle_of,
    resources,
    written,
)

EVERYBODY = sorted(PEOPLE)
LOCKED_CARD = "emergency.json"
LARGEST_VERSION = 25


@pytest.fixture
def connected(world: World, fresh: Passport, services: Services) -> Passport:
    """Amara's passport with her record in it."""
    world.connect(fresh, AMARA, services)
    return fresh


def with_allergy(name: str) -> bytes:
    """Amara's surgery record, its first allergy under another name."""
    bundle = bundle_of(AMARA, "gp")
    resources(bundle, "AllergyIntolerance")[0]["code"] = {"text": name}
    return written(bundle)


def lines_of(card: object, part: str) -> list[str]:
    return [line.text for group in card.groups if group.part == part for line in group.lines]  # type: ignore[attr-defined]


# ---- the card and its code ------------------------------------------------------------------


@pytest.mark.parametrize("person_id", EVERYBODY)
def test_a_reader_says_the_code_is_the_patients_passport_speaking(
    world: World, fresh: Passport, person_id: str
) -> None:
    world.connect(fresh, person_id)
    card = shown_card(fresh, now=world.now)
    assert card is not None
    assert card.code is not None
    verdict = judge_text(card.code, world.reader_trust(), now=world.now)
    assert (verdict.kind, verdict.code) == (Kind.SAID_BY_PASSPORT, "")
    assert verdict.words == card.text
    assert verdict.person is not None
    assert verdict.person.nhs_number == PEOPLE[person_id].nhs_number


@pytest.mark.parametrize("person_id", EVERYBODY)
def test_the_code_is_drawn_in_a_size_a_phone_reads_and_comes_back_word_for_word(
    world: World, fresh: Passport, person_id: str
) -> None:
    world.connect(fresh, person_id)
    card = shown_card(fresh, now=world.now)
    assert card is not None
    assert card.code is not None
    drawing = draw_words(card.code)
    assert drawing.version <= LARGEST_VERSION
    assert read_image(drawing.png) == [card.code]


def test_one_changed_letter_is_not_genuine(world: World, connected: Passport) -> None:
    card = shown_card(connected, now=world.now)
    assert card is not None
    assert card.code is not None
    changed = card.code.replace("ALLERGIES", "ALLERGIEZ", 1)
    assert changed != card.code
    verdict = judge_text(changed, world.reader_trust(), now=world.now)
    assert (verdict.kind, verdict.words) == (Kind.NOT_GENUINE, "")


def test_before_there_is_a_record_there_is_no_card(world: World, fresh: Passport) -> None:
    assert shown_card(fresh, now=world.now) is None


def test_where_nobody_vouches_for_the_device_the_card_is_there_without_a_code(world: World, fresh: Passport) -> None:
    world.lose("service")
    world.connect(fresh, AMARA)
    card = shown_card(fresh, now=world.now)
    assert card is not None
    assert card.code is None
    assert lines_of(card, "allergies")
    assert card.text.startswith("PATIENT PASSPORT EMERGENCY CARD")


def test_a_person_without_an_nhs_number_has_a_whole_card_without_a_code(world: World, fresh: Passport) -> None:
    bundle = bundle_of(AMARA, "gp")
    del resources(bundle, "Patient")[0]["identifier"]
    import_file(fresh, written(bundle), "visitor.json", now=world.now)
    card = shown_card(fresh, now=world.now)
    assert card is not None
    assert (card.code, card.left_out, card.nhs_number) == (None, (), "")
    assert "NHS number: not recorded here" in card.text.split("\n")
    assert lines_of(card, "allergies")
    show_while_locked(fresh, True, now=world.now)
    assert locked_card(fresh.home) == card


@pytest.mark.parametrize("said", ["Penicillin PP1:", "Penicillin " + "y" * 2000])
def test_a_line_that_cannot_stand_in_a_code_takes_only_the_code(world: World, connected: Passport, said: str) -> None:
    patient = resources(bundle_of(AMARA, "hospital"), "Patient")[0]
    allergy = {"resourceType": "AllergyIntolerance", "id": "n", "code": {"text": said}}
    file = {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": patient}, {"resource": allergy}]}
    import_file(connected, written(file), "letter.json", now=world.now)
    card = shown_card(connected, now=world.now)
    assert card is not None
    assert any(line.startswith(said) for line in lines_of(card, "allergies"))
    assert (card.code is None) == ("PP1" in said)


def test_the_code_comes_with_the_next_refresh(world: World, fresh: Passport, services: Services) -> None:
    world.lose("service")
    world.connect(fresh, AMARA, services)
    world.bring_back()
    world.refresh(fresh, services)
    card = shown_card(fresh, now=world.now)
    assert card is not None
    assert card.code is not None


def test_each_line_names_who_said_it_and_when(world: World, connected: Passport) -> None:
    card = shown_card(connected, now=world.now)
    assert card is not None
    allergies = next(group for group in card.groups if group.part == "allergies")
    assert allergies.lines
    assert {name for line in allergies.lines for name in line.said_by} <= {SURGERY.name, HOSPITAL.name}
    assert {line.when for line in allergies.lines} == {world.now.date().isoformat()}


def test_an_imported_line_names_its_file(world: World, connected: Passport) -> None:
    patient = resources(bundle_of(AMARA, "hospital"), "Patient")[0]
    walnuts = {"resourceType": "AllergyIntolerance", "id": "n", "code": {"text": "Walnuts"}}
    file = {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": patient}, {"resource": walnuts}]}
    import_file(connected, written(file), "letter.json", now=world.now)
    card = shown_card(connected, now=world.now)
    assert card is not None
    (line,) = [one for group in card.groups for one in group.lines if one.text.startswith("Walnuts")]
    assert line.said_by == ("letter.json",)


def test_that_no_allergies_are_known_is_told_with_who_said_so(world: World, fresh: Passport) -> None:
    world.connect(fresh, NOOR)
    card = shown_card(fresh, now=world.now)
    assert card is not None
    allergies = next(group for group in card.groups if group.part == "allergies")
    assert (allergies.lines, allergies.absences) == ((), (("none-known", SURGERY.name),))
    assert f"No known allergies (said by {SURGERY.name}" in card.text


def test_what_has_no_room_in_the_code_is_counted_and_still_on_the_screen(world: World, fresh: Passport) -> None:
    world.connect(fresh, SIAN)
    card = shown_card(fresh, now=world.now)
    assert card is not None
    assert card.left_out
    for part, left, total in card.left_out:
        assert 0 < left <= total
        assert len(lines_of(card, part)) == total


# ---- while locked ---------------------------------------------------------------------------


def test_it_is_not_shown_while_locked_until_that_is_switched_on(world: World, connected: Passport) -> None:
    assert not is_shown_while_locked(connected.home)
    assert locked_card(connected.home) is None
    assert not (connected.home.path / LOCKED_CARD).exists()


def test_switched_on_it_is_readable_after_locking_and_the_same_as_before(world: World, connected: Passport) -> None:
    show_while_locked(connected, True, now=world.now)
    before = shown_card(connected, now=world.now)
    connected.lock()
    after = locked_card(connected.home)
    assert after is not None
    assert before is not None
    assert (after.groups, after.text, after.name, after.left_out) == (
        before.groups,
        before.text,
        before.name,
        before.left_out,
    )
    assert after.code is not None
    assert judge_text(after.code, world.reader_trust(), now=world.now).kind is Kind.SAID_BY_PASSPORT


def test_only_this_user_may_read_its_file(world: World, connected: Passport) -> None:
    show_while_locked(connected, True, now=world.now)
    assert stat.S_IMODE((connected.home.path / LOCKED_CARD).stat().st_mode) == 0o600


def test_switched_off_it_is_gone_from_the_disk(world: World, connected: Passport) -> None:
    show_while_locked(connected, True, now=world.now)
    show_while_locked(connected, False, now=world.now)
    assert not is_shown_while_locked(connected.home)
    assert not (connected.home.path / LOCKED_CARD).exists()


def test_it_is_written_anew_after_the_record_changed(world: World, connected: Passport, services: Services) -> None:
    show_while_locked(connected, True, now=world.now)
    world.clock.forward(days=1)
    world.sign(AMARA, "gp", with_allergy("Buckwheat"))
    world.refresh(connected, services)
    renew_locked_card(connected, now=world.now)
    card = locked_card(connected.home)
    assert card is not None
    assert any(line.startswith("Buckwheat") for line in lines_of(card, "allergies"))
    assert card.made_at == world.now


def test_renewing_does_not_switch_it_on(world: World, connected: Passport) -> None:
    renew_locked_card(connected, now=world.now)
    assert not (connected.home.path / LOCKED_CARD).exists()


def test_an_older_card_stays_what_it_was_until_it_is_renewed(world: World, connected: Passport) -> None:
    show_while_locked(connected, True, now=world.now)
    made = world.now
    world.clock.forward(days=1)
    connected.lock()
    unlock(connected.home, PHRASE, now=world.now).lock()
    card = locked_card(connected.home)
    assert card is not None
    assert card.made_at == made


@pytest.mark.parametrize(
    "damage",
    [
        lambda _: b"",
        lambda kept: kept[:-1],
        lambda _: b"[]",
        lambda kept: kept.replace(b'"name"', b'"nome"', 1),
        lambda kept: json.dumps(json.loads(kept) | {"v": 3}).encode(),
    ],
    ids=["empty", "cut off", "another form", "a member gone", "another version"],
)
def test_a_damaged_locked_card_is_refused_and_says_nothing_of_its_content(
    world: World, connected: Passport, damage: object
) -> None:
    show_while_locked(connected, True, now=world.now)
    kept = connected.home.read_locked_card()
    assert kept is not None
    connected.home.write_locked_card(damage(kept))  # type: ignore[operator]
    with pytest.raises(StoreDamaged) as refusal:
        locked_card(connected.home)
    assert refusal.value.code == "store-damaged"
    assert "Okafor" not in str(refusal.value)


def test_a_damaged_locked_card_is_mended_by_switching_it_on_again(world: World, connected: Passport) -> None:
    connected.home.write_locked_card(b"{")
    show_while_locked(connected, True, now=world.now)
    assert locked_card(connected.home) is not None
