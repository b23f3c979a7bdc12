"""Own notes, questions, labels; and a marker in what is hidden is in nothing that leaves or is shown."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from app.actions import browsing, emergency, own_words
from app.actions.far_side import Services
from app.actions.importing import import_file, imported_files
from app.actions.locked_card import ShownCard, to_bytes
from app.actions.refreshing import connect
from app.actions.session import Passport, unlock
from app.actions.share_contents import choose, contents
from app.record.entry import Section
from app.record.own import Label, Own, OwnSection
from crypto.errors import NotHere, OwnWordsNotPlain, WrongPassphrase
from tests.actions.made_up import PHRASE, SIAN, World

MARKER = "Zzyzxine"
CODE = {"system": "http://snomed.info/sct", "code": "1", "display": MARKER}


def letter() -> bytes:
    """A file that says three things of an emergency card's sections."""
    subject = {"reference": "Patient/1"}
    resources: list[dict[str, Any]] = [
        {"resourceType": "AllergyIntolerance", "id": "a", "code": {"coding": [CODE]}, "patient": subject},
        {"resourceType": "Condition", "id": "c", "code": {"coding": [CODE]}, "subject": subject},
        {"resourceType": "MedicationStatement", "id": "m", "status": "active",
         "medicationCodeableConcept": {"coding": [CODE]}, "subject": subject},
    ]  # fmt: skip
    entry = [{"resource": one} for one in resources]
    return json.dumps({"resourceType": "Bundle", "type": "collection", "entry": entry}).encode()


def only_an_allergy() -> bytes:
    """A file of one patient and one allergy."""
    patient = {"resourceType": "Patient", "id": "1", "name": [{"text": "Siân Gwenllïan"}], "birthDate": "1957-02-03",
               "identifier": [{"system": "https://fhir.nhs.uk/Id/nhs-number", "value": "9990000018"}]}  # fmt: skip
    allergy = {"resourceType": "AllergyIntolerance", "id": "a", "code": {"coding": [CODE]},
               "patient": {"reference": "Patient/1"}}  # fmt: skip
    entry = [{"resource": one} for one in (patient, allergy)]
    return json.dumps({"resourceType": "Bundle", "type": "collection", "entry": entry}).encode()


@pytest.fixture
def passport(fresh: Passport, world: World, services: Services) -> Passport:
    connect(fresh, services, SIAN, now=world.now, told=lambda _progress: None)
    return fresh


def everything(passport: Passport, world: World) -> str:
    """What is shown, shared or kept outside, as text."""
    person = passport.store.person()
    assert person is not None
    chosen = choose(passport, list(Section))
    inside = contents(passport, chosen)
    pages = [browsing.section_page(passport, section) for section in [None, *Section]]
    found = [browsing.search(passport, text) for text in (MARKER, "zzyzx", "zzyzxinn")]
    shown = [one.entry for page in (*pages, *found) for one in page.entries]
    texts = [f"{one.title} {one.detail} {one.facts} {one.codings}" for one in shown]
    travelling = [str(one.resource) for one in inside.unsigned] + [str(one) for one in inside.proofs]
    summary = browsing.home_summary(passport)
    counts = [(one.section, one.count) for one in summary.sections]
    names = [one.issuer_name for one in (*summary.sources, *imported_files(passport))]
    titles = [one.entry.title for one in chosen.entries]
    return "\n".join([*texts, *travelling, *titles, str(counts), *names, card_of(passport, world)])


def told(passport: Passport, world: World) -> ShownCard:
    card = emergency.shown_card(passport, now=world.now)
    assert card is not None
    return card


def card_of(passport: Passport, world: World) -> str:
    """The parts of the emergency card, but for the words that something was left off."""
    card = told(passport, world)
    groups = tuple(
        replace(group, absences=(), warnings=tuple(one for one in group.warnings if one[0] != "left-off"))
        for group in card.groups
        if group.part != "chosen"
    )
    return to_bytes(replace(card, code=None, text="", left_out=(), groups=groups)).decode()


def hide_all(passport: Passport, world: World) -> list[int]:
    ids = [one.id for one in passport.store.entries(None, 0, -1) if MARKER in one.entry.title]
    for number in ids:
        own_words.mark_entry(passport, number, Label.GENERAL, hidden=True, now=world.now)
    return ids


def test_a_marker_that_is_hidden_is_in_nothing_that_is_shown_shared_or_on_the_card(
    passport: Passport, world: World
) -> None:
    without = everything(passport, world)
    import_file(passport, letter(), f"{MARKER}.json", now=world.now)
    assert everything(passport, world).count(MARKER) > 10
    assert MARKER in told(passport, world).text
    assert len(hide_all(passport, world)) == 3
    assert everything(passport, world) == without
    assert MARKER not in told(passport, world).text


def test_a_hidden_only_allergy_never_reads_as_no_allergy(fresh: Passport, world: World) -> None:
    import_file(fresh, only_an_allergy(), "letter.json", now=world.now)
    hide_all(fresh, world)
    emergency.show_while_locked(fresh, True, now=world.now)
    card, kept = told(fresh, world), str(fresh.home.read_locked_card())
    (allergies,) = (group for group in card.groups if group.part == "allergies")
    assert allergies.absences == ()
    assert [warning for warning, _ in allergies.warnings] == ["left-off"]
    assert "No allergies" not in card.text
    assert MARKER not in card.text + str(card.groups) + kept
    assert "left-off" in kept


def visit_about_a_problem() -> bytes:
    """A consultation and the problem it was about, linked by their source and by no word of the consultation's own."""
    subject = {"reference": "Patient/1"}
    resources: list[dict[str, Any]] = [
        {"resourceType": "Encounter", "id": "v", "status": "finished", "subject": subject,
         "type": [{"text": "Consultation"}], "period": {"start": "2019-05-06"},
         "diagnosis": [{"condition": {"reference": "Condition/c"}}]},
        {"resourceType": "Condition", "id": "c", "code": {"coding": [CODE]}, "subject": subject},
    ]  # fmt: skip
    entry = [{"resource": one} for one in resources]
    return json.dumps({"resourceType": "Bundle", "type": "collection", "entry": entry}).encode()


def linked_facts(passport: Passport) -> set[tuple[str, str]]:
    shown = passport.store.entries(None, 0, -1)
    return {(fact.name, fact.value) for one in shown for fact in one.entry.facts if fact.name in ("problem", "visit")}


def test_a_hidden_problem_is_not_named_by_its_consultation_nor_found_by_it(passport: Passport, world: World) -> None:
    import_file(passport, visit_about_a_problem(), "visit.json", now=world.now)
    assert ("problem", MARKER) in linked_facts(passport)
    assert [one.entry.resource_type for one in browsing.search(passport, MARKER).entries] == ["Condition"]
    assert len(hide_all(passport, world)) == 1
    assert ("problem", MARKER) not in linked_facts(passport)
    assert MARKER not in everything(passport, world)
    own_words.show_hidden(passport, PHRASE, now=world.now)
    assert ("problem", MARKER) in linked_facts(passport)


def test_a_hidden_section_of_problems_is_not_named_by_consultations(passport: Passport, world: World) -> None:
    import_file(passport, visit_about_a_problem(), "visit.json", now=world.now)
    own_words.mark_section(passport, Section.CONDITIONS, Label.GENERAL, hidden=True, now=world.now)
    assert ("problem", MARKER) not in linked_facts(passport)


def test_the_day_of_a_hidden_consultation_is_not_told_by_its_problem(passport: Passport, world: World) -> None:
    import_file(passport, visit_about_a_problem(), "visit.json", now=world.now)
    assert ("visit", "2019-05-06") in linked_facts(passport)
    (visit,) = (one for one in passport.store.entries(None, 0, -1) if one.entry.title == "Consultation")
    own_words.mark_entry(passport, visit.id, Label.GENERAL, hidden=True, now=world.now)
    assert ("visit", "2019-05-06") not in linked_facts(passport)


def test_the_card_kept_outside_is_written_anew_at_once_and_never_holds_what_is_hidden(
    passport: Passport, world: World
) -> None:
    import_file(passport, letter(), "letter.json", now=world.now)
    emergency.show_while_locked(passport, True, now=world.now)
    assert MARKER in str(passport.home.read_locked_card())
    hide_all(passport, world)
    assert MARKER not in str(passport.home.read_locked_card())
    own_words.show_hidden(passport, PHRASE, now=world.now)
    emergency.renew_locked_card(passport, now=world.now)
    assert MARKER not in str(passport.home.read_locked_card())


def test_hidden_entries_are_shown_for_the_passphrase_until_the_lock_and_the_log_says_when(
    passport: Passport, world: World
) -> None:
    import_file(passport, letter(), "letter.json", now=world.now)
    first, *_ = hide_all(passport, world)
    log = len(passport.store.access_log())
    with pytest.raises(WrongPassphrase):
        own_words.show_hidden(passport, "not this one at all", now=world.now)
    assert (passport.store.shows_hidden, len(passport.store.access_log())) == (False, log)
    own_words.show_hidden(passport, PHRASE, now=world.now)
    (shown,) = passport.store.access_log()[: len(passport.store.access_log()) - log]
    assert (shown.what, shown.at) == (own_words.SHOWN, world.now)
    assert browsing.entry_view(passport, first) is not None
    home = passport.home
    passport.lock()
    again = unlock(home, PHRASE, now=world.now)
    assert browsing.entry_view(again, first) is None
    again.lock()


def test_nothing_of_an_entry_changes_when_something_is_said_about_it(passport: Passport, world: World) -> None:
    one = passport.store.entries()[0]
    raw = passport.store.raw_resource(one.id)
    own_words.write_note(passport, one.id, " Not me. ")
    own_words.note_questioned(passport, one.id, now=world.now)
    own_words.mark_entry(passport, one.id, Label.SOCIAL_CARE, hidden=False, now=world.now)
    assert own_words.own(passport, one.id) == Own("Not me.", world.now, Label.SOCIAL_CARE)
    assert (passport.store.entry(one.id), passport.store.raw_resource(one.id)) == (one, raw)
    own_words.take_question_off(passport, one.id)
    own_words.write_note(passport, one.id, "")
    assert own_words.own(passport, one.id) == Own(label=Label.SOCIAL_CARE)


def test_a_note_that_is_refused_leaves_the_one_before(passport: Passport) -> None:
    number = passport.store.entries()[0].id
    own_words.write_note(passport, number, "before")
    with pytest.raises(OwnWordsNotPlain):
        own_words.write_note(passport, number, "after\u202e")
    assert own_words.own(passport, number).note == "before"
    with pytest.raises(OwnWordsNotPlain, match="found nothing"):
        own_words.wrong_words("  \n")


def test_of_a_hidden_entry_nothing_is_said_and_nothing_can_be_said(passport: Passport, world: World) -> None:
    number = passport.store.entries()[0].id
    own_words.mark_entry(passport, number, Label.GENERAL, hidden=True, now=world.now)
    said = passport.store.own(number)
    with pytest.raises(NotHere):
        own_words.own(passport, number)
    with pytest.raises(NotHere):
        own_words.write_note(passport, number, "x")
    assert passport.store.own(number) == said


def test_a_hidden_section_does_not_tell_that_it_is_and_is_not_changed_unseen(passport: Passport, world: World) -> None:
    section = Section.CONDITIONS
    own_words.mark_section(passport, section, Label.MENTAL_HEALTH, hidden=True, now=world.now)
    assert own_words.section_mark(passport, section) == OwnSection()
    assert passport.store.count(section) == 0
    own_words.mark_section(passport, section, Label.GENERAL, hidden=False, now=world.now)
    assert passport.store.own_section(section) == OwnSection(Label.MENTAL_HEALTH, hidden=True)
    own_words.show_hidden(passport, PHRASE, now=world.now)
    own_words.mark_section(passport, section, Label.GENERAL, hidden=False, now=world.now)
    assert passport.store.own_section(section) == OwnSection()
