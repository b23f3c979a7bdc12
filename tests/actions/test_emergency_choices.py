"""Choosing what is on the card, and being asked to look at it again: what is kept, what follows, what is refused."""

from __future__ import annotations

from datetime import timedelta

import pytest

from app.actions import emergency_choices as choosing
from app.actions.emergency import show_while_locked, shown_card
from app.actions.far_side import Services
from app.actions.kept_choices import choices
from app.actions.locked_card import ShownCard, locked_card
from app.actions.session import Passport, unlock
from app.policy.looking_again import LOOK_AFTER, Why
from app.reader.judge import judge_text
from app.reader.verdict import Kind
from app.record.emergency import CardPart
from app.record.emergency_choices import MAX_OWN_CONTACTS, MAX_OWN_LINES, CardChoices
from crypto.errors import CardContactRefused, CardWordsRefused
from tests.actions.made_up import AMARA, PHRASE, World, bundle_of, resources, written

SECOND = timedelta(seconds=1)


@pytest.fixture
def connected(world: World, fresh: Passport, services: Services) -> Passport:
    """Amara's passport with her record in it."""
    world.connect(fresh, AMARA, services)
    return fresh


def card_of(world: World, passport: Passport) -> ShownCard:
    card = shown_card(passport, now=world.now)
    assert card is not None
    return card


def lines_of(card: ShownCard, part: str) -> list[str]:
    return [line.text for group in card.groups if group.part == part for line in group.lines]


def offered_of(world: World, passport: Passport, part: CardPart) -> tuple[choosing.OfferedLine, ...]:
    return next(lines for one, _, lines in choosing.offered(passport, now=world.now).parts if one is part)


def surgery_says(world: World, allergy: str) -> None:
    """Amara's surgery signs its record anew, its first allergy under another name."""
    world.clock.forward(days=1)
    bundle = bundle_of(AMARA, "gp")
    resources(bundle, "AllergyIntolerance")[0]["code"] = {"text": allergy}
    world.sign(AMARA, "gp", written(bundle))


# ---- what is on it --------------------------------------------------------------------------


def test_a_line_left_off_leaves_card_and_code_and_a_reader_reads_that_there_may_be_more(
    world: World, connected: Passport
) -> None:
    first = offered_of(world, connected, CardPart.MEDICINES)[0]
    choosing.put_line(connected, first.line.keys, False, now=world.now)
    card = card_of(world, connected)
    assert first.line.text not in lines_of(card, "medicines")
    assert card.groups[0].part == "chosen"
    assert card.code is not None
    verdict = judge_text(card.code, world.reader_trust(), now=world.now)
    assert verdict.kind is Kind.SAID_BY_PASSPORT
    assert "Chosen by the patient: more may be in the record" in verdict.words.split("\n")
    assert not next(one.on for one in offered_of(world, connected, CardPart.MEDICINES))


def test_put_back_on_the_card_is_as_it_was(world: World, connected: Passport) -> None:
    before = card_of(world, connected)
    keys = offered_of(world, connected, CardPart.MEDICINES)[0].line.keys
    choosing.put_line(connected, keys, False, now=world.now)
    choosing.put_part(connected, CardPart.ALLERGIES, False, now=world.now)
    choosing.put_line(connected, keys, True, now=world.now)
    choosing.put_part(connected, CardPart.ALLERGIES, True, now=world.now)
    assert choices(connected) == CardChoices()
    assert (card_of(world, connected).groups, card_of(world, connected).text) == (before.groups, before.text)


def test_what_is_chosen_and_added_is_there_after_locking(world: World, connected: Passport) -> None:
    choosing.put_part(connected, CardPart.SURGERY, False, now=world.now)
    choosing.add_words(connected, "I am deaf in my left ear", now=world.now)
    choosing.add_contact(connected, "Chidi", "brother", "07700 900253", now=world.now)
    choosing.say_where_original_is(connected, "Yellow folder", now=world.now)
    connected.lock()
    again = unlock(connected.home, PHRASE, now=world.now)
    card = card_of(world, again)
    assert lines_of(card, "own-words") == ["I am deaf in my left ear"]
    assert "Chidi: brother" in lines_of(card, "contacts")
    assert "Original of the ReSPECT form: Yellow folder" in lines_of(card, "wishes")
    assert lines_of(card, "surgery") == []
    again.lock()


def test_what_was_added_can_be_taken_off(world: World, connected: Passport) -> None:
    for words in ("One", "Two"):
        choosing.add_words(connected, words, now=world.now)
    choosing.add_contact(connected, "Chidi", "", "07700 900253", now=world.now)
    choosing.say_where_original_is(connected, "Yellow folder", now=world.now)
    choosing.remove_words(connected, 0, now=world.now)
    choosing.remove_contact(connected, 0, now=world.now)
    choosing.say_where_original_is(connected, " ", now=world.now)
    assert choices(connected) == CardChoices(own_words=("Two",))


def test_the_card_shown_while_locked_follows_each_choice(world: World, connected: Passport) -> None:
    show_while_locked(connected, True, now=world.now)
    choosing.add_words(connected, "I am deaf in my left ear", now=world.now)
    kept = locked_card(connected.home)
    assert kept is not None
    assert lines_of(kept, "own-words") == ["I am deaf in my left ear"]


def test_choosing_does_not_switch_the_locked_card_on(world: World, connected: Passport) -> None:
    choosing.add_words(connected, "I am deaf in my left ear", now=world.now)
    assert locked_card(connected.home) is None


@pytest.mark.parametrize("words", ["", "a\nb", "a\u202eb", "x" * 121, "PP1:AB", "see pp1:AB"])
def test_words_that_may_not_stand_on_a_card_are_refused_and_nothing_is_kept(
    world: World, connected: Passport, words: str
) -> None:
    with pytest.raises(CardWordsRefused) as refused:
        choosing.add_words(connected, words, now=world.now)
    assert refused.value.code == "card-words-refused"
    assert choices(connected) == CardChoices()


def test_a_place_of_the_original_that_may_not_stand_on_a_card_is_refused(world: World, connected: Passport) -> None:
    with pytest.raises(CardWordsRefused):
        choosing.say_where_original_is(connected, "a\u202eb", now=world.now)
    assert choices(connected) == CardChoices()


@pytest.mark.parametrize(("name", "phone"), [("Chidi", "ask Mum"), ("", "07700 900253"), ("PP1:AB", "07700 900253")])
def test_a_contact_without_name_or_number_is_refused_and_nothing_is_kept(
    world: World, connected: Passport, name: str, phone: str
) -> None:
    with pytest.raises(CardContactRefused) as refused:
        choosing.add_contact(connected, name, "brother", phone, now=world.now)
    assert refused.value.code == "card-contact-refused"
    assert choices(connected) == CardChoices()


def test_there_is_room_for_so_many_and_no_more(world: World, connected: Passport) -> None:
    for number in range(MAX_OWN_LINES):
        choosing.add_words(connected, f"Line {number}", now=world.now)
    for number in range(MAX_OWN_CONTACTS):
        choosing.add_contact(connected, f"Person {number}", "", "07700 900253", now=world.now)
    before = choices(connected)
    with pytest.raises(CardWordsRefused):
        choosing.add_words(connected, "One more", now=world.now)
    with pytest.raises(CardContactRefused):
        choosing.add_contact(connected, "One more", "", "07700 900253", now=world.now)
    assert choices(connected) == before


# ---- looking again --------------------------------------------------------------------------


def test_before_there_is_a_record_nobody_is_asked_to_look(world: World, fresh: Passport) -> None:
    assert choosing.why_look(fresh, now=world.now) is None
    choosing.note_looked(fresh, now=world.now)
    assert choosing.why_look(fresh, now=world.now) is None


def test_a_new_card_is_to_be_looked_at_until_that_was_said(world: World, connected: Passport) -> None:
    assert choosing.why_look(connected, now=world.now) is Why.NEVER
    choosing.note_looked(connected, now=world.now)
    assert choosing.why_look(connected, now=world.now) is None


def test_half_a_year_later_it_is_to_be_looked_at_again_and_not_a_second_before(
    world: World, connected: Passport
) -> None:
    choosing.note_looked(connected, now=world.now)
    assert choosing.why_look(connected, now=world.now + LOOK_AFTER - SECOND) is None
    assert choosing.why_look(connected, now=world.now + LOOK_AFTER) is Why.LONG_AGO


def test_an_allergy_that_changed_asks_again_and_an_update_that_says_the_same_does_not(
    world: World, connected: Passport, services: Services
) -> None:
    choosing.note_looked(connected, now=world.now)
    world.clock.forward(days=1)
    world.sign(AMARA, "gp", written(bundle_of(AMARA, "gp")))
    world.refresh(connected, services)
    assert choosing.why_look(connected, now=world.now) is None
    surgery_says(world, "Buckwheat")
    world.refresh(connected, services)
    assert choosing.why_look(connected, now=world.now) is Why.CHANGED


def test_ones_own_choice_is_no_change_to_look_at(world: World, connected: Passport) -> None:
    choosing.note_looked(connected, now=world.now)
    choosing.put_part(connected, CardPart.ALLERGIES, False, now=world.now)
    choosing.add_words(connected, "I am deaf in my left ear", now=world.now)
    assert choosing.why_look(connected, now=world.now) is None
