"""The holder's signed summary: checked by a reader, kept only if it is this person's, never telling what is hidden."""

from __future__ import annotations

import secrets
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from app.actions.emergency_health_card import RENEW_AFTER, health_card, health_card_of
from app.actions.far_side import Services
from app.actions.own_words import mark_entry, mark_section
from app.actions.session import Passport
from app.qr.draw import draw_card
from app.qr.scan import read_image
from app.reader.judge import judge_text
from app.reader.verdict import Kind
from app.record.entry import Section
from app.record.own import Label
from crypto import card
from crypto.bundle import EMERGENCY_TYPE
from crypto.keys import SigningKey
from sync.sandbox import holder as sandbox_holder
from tests.actions.made_up import (
    AMARA,
    HOSPITAL,
    NOOR,
    PEOPLE,
    SURGERY,
    World,
    bundle_of,
    holding,
    kept,
    refused,
    resources,
    with_asthma_called,
    written,
)

EVERYBODY = sorted(PEOPLE)


@pytest.mark.parametrize("person_id", EVERYBODY)
def test_a_reader_checks_it_from_the_picture_of_its_code(world: World, fresh: Passport, person_id: str) -> None:
    world.connect(fresh, person_id)
    token = health_card_of(fresh)
    assert token is not None
    drawing = draw_card(card.to_numeric(token))
    texts = read_image(drawing.png)
    assert texts == [card.to_numeric(token)]
    verdict = judge_text(texts[0], world.reader_trust(), now=world.now)
    assert (verdict.kind, verdict.issuer) == (Kind.CHECKED, SURGERY)
    assert {line.who for line in verdict.lines} <= {SURGERY.name}
    assert verdict.person is not None
    assert verdict.person.nhs_number == PEOPLE[person_id].nhs_number


def test_it_says_who_signed_it_and_when(world: World, fresh: Passport) -> None:
    world.connect(fresh, AMARA)
    shown = health_card(fresh)
    assert shown is not None
    assert (shown.issuer_name, shown.iss, shown.signed_at) == (SURGERY.name, SURGERY.iss, world.now)
    assert shown.token not in repr(shown)


def test_before_there_is_a_record_there_is_none(fresh: Passport) -> None:
    assert health_card_of(fresh) is None


def test_where_the_surgery_gives_none_the_hospital_is_asked(world: World, fresh: Passport, services: Services) -> None:
    world.lose("gp")
    assert refused(world.connect(fresh, AMARA, services)) == {SURGERY.name: "network-unavailable"}
    shown = health_card(fresh)
    assert shown is not None
    assert shown.iss == HOSPITAL.iss
    world.bring_back()
    world.refresh(fresh, services)
    shown = health_card(fresh)
    assert shown is not None
    assert shown.iss == SURGERY.iss


# ---- when it is asked for again --------------------------------------------------------------


def test_it_stays_while_nothing_changed_and_it_is_not_old(world: World, fresh: Passport, services: Services) -> None:
    world.connect(fresh, AMARA, services)
    first = health_card_of(fresh)
    world.clock.forward(seconds=RENEW_AFTER.total_seconds())
    world.publish_trust()
    world.refresh(fresh, services)
    assert health_card_of(fresh) == first


def test_a_second_past_its_time_it_is_asked_for_again(world: World, fresh: Passport, services: Services) -> None:
    world.connect(fresh, AMARA, services)
    first = health_card(fresh)
    world.clock.forward(seconds=RENEW_AFTER.total_seconds() + 1)
    world.publish_trust()
    world.refresh(fresh, services)
    second = health_card(fresh)
    assert first is not None
    assert second is not None
    assert second.signed_at - first.signed_at > RENEW_AFTER


def test_a_changed_record_brings_a_new_one(world: World, fresh: Passport, services: Services) -> None:
    world.connect(fresh, AMARA, services)
    first = health_card_of(fresh)
    world.clock.forward(days=1)
    world.publish_trust()
    world.sign(AMARA, "gp", with_asthma_called("Made-up illness"))
    world.refresh(fresh, services)
    token = health_card_of(fresh)
    assert token not in (None, first)
    assert token is not None
    verdict = judge_text(token, world.reader_trust(), now=world.now)
    assert "Made-up illness" in [line.entry.title for line in verdict.lines]


def test_a_holder_that_signs_no_summary_is_no_failure(tmp_path: Path, fresh: Passport) -> None:
    """A record whose Patient alone fills a code."""
    bundle = bundle_of(NOOR, "gp")
    far_too_long = [{"use": "official", "family": "Rahman", "given": ["Noor", *(f"{n:x}" * 3 for n in range(900))]}]
    resources(bundle, "Patient")[0]["name"] = far_too_long
    world = World(tmp_path / "long", [replace(holding(NOOR, {"gp": written(bundle)}), given=("Noor",))])
    world.lose("hospital")
    assert refused(world.connect(fresh, NOOR)) == {HOSPITAL.name: "network-unavailable"}
    assert health_card_of(fresh) is None


# ---- what is never kept ----------------------------------------------------------------------


def sold_as(monkeypatch: pytest.MonkeyPatch, make: Any) -> None:
    """The surgery answers with what `make` gives for its Bundle, its key, its name and the time."""
    monkeypatch.setattr(sandbox_holder, "emergency_card", lambda held, key, *, iss, now: make(held, key, iss, now))


def card_over(held: bytes, key: SigningKey, iss: str, now: Any, types: tuple[str, ...] = (EMERGENCY_TYPE,)) -> str:
    return card.make_card(held, key, iss=iss, nbf=now, types=types)


PERSON = b'{"resourceType":"Bundle","type":"collection","entry":[{"resource":{"resourceType":"Patient","identifier":[{"system":"https://fhir.nhs.uk/Id/nhs-number","value":"9990001006"}],"name":[{"family":"Okafor","given":["Amara"]}],"birthDate":"1992-05-17"}}]}'
OTHER = PERSON.replace(b"9990001006", b"9990003106")
STRANGER = SigningKey.generate()
LARGE = PERSON[:-1] + b',"x":"%s"}' % secrets.token_hex(1_000).encode()


def test_the_card_these_refusals_change_is_kept(world: World, fresh: Passport, monkeypatch: pytest.MonkeyPatch) -> None:
    sold_as(monkeypatch, lambda held, key, iss, now: card_over(PERSON, key, iss, now))
    world.connect(fresh, AMARA)
    assert health_card_of(fresh) is not None


@pytest.mark.parametrize(
    "make",
    [
        lambda held, key, iss, now: card_over(OTHER, key, iss, now),
        lambda held, key, iss, now: card_over(PERSON, STRANGER, iss, now),
        lambda held, key, iss, now: card_over(PERSON, key, "https://nowhere.example", now),
        lambda held, key, iss, now: card_over(PERSON, key, iss, now, ()),
        lambda held, key, iss, now: card_over(LARGE, key, iss, now),
        lambda held, key, iss, now: "a.b.c",
    ],
    ids=["another-person", "key-not-the-issuers", "unlisted-issuer", "no-summary", "too-large", "no-jws"],
)  # fmt: skip
def test_what_is_not_this_persons_summary_is_not_kept(
    world: World, fresh: Passport, monkeypatch: pytest.MonkeyPatch, make: Any
) -> None:
    sold_as(monkeypatch, make)
    assert refused(world.connect(fresh, AMARA)) == {}
    assert health_card_of(fresh) is None
    assert not fresh.store.secret("emergency-health-card")
    assert kept(fresh)[0] == 2


def test_another_listed_holders_signature_is_not_kept(
    world: World, fresh: Passport, monkeypatch: pytest.MonkeyPatch
) -> None:
    hospitals = sandbox_holder.stored_signing_key(world.state / "hospital" / sandbox_holder.KEY_FILE)
    sold_as(monkeypatch, lambda held, key, iss, now: card_over(PERSON, hospitals, HOSPITAL.iss, now))
    world.lose("hospital")
    world.connect(fresh, AMARA)
    assert health_card_of(fresh) is None


def test_one_whose_key_was_revoked_is_kept_no_longer(world: World, fresh: Passport, services: Services) -> None:
    world.connect(fresh, AMARA, services)
    assert health_card_of(fresh) is not None
    world.clock.forward(seconds=-60)
    world.stand_in.revoke_key("gp")
    world.clock.forward(seconds=120)
    world.publish_trust()
    world.refresh(fresh, services)
    shown = health_card(fresh)
    assert shown is not None
    assert shown.iss == HOSPITAL.iss


# ---- what the patient hid --------------------------------------------------------------------


def entry_of(passport: Passport, title: str) -> int:
    shelf = passport.store
    found = [one.id for one in shelf.entries(Section.CONDITIONS, 0, 99) if one.entry.title == title and one.live]
    assert found
    return found[0]


def test_while_something_it_tells_is_hidden_it_is_not_shown(world: World, fresh: Passport) -> None:
    world.connect(fresh, AMARA)
    token = health_card_of(fresh)
    hidden = entry_of(fresh, "Migraine")
    mark_entry(fresh, hidden, Label.GENERAL, hidden=True, now=world.now)
    assert health_card_of(fresh) is None
    fresh.store.show_hidden(True)
    assert health_card_of(fresh) is None
    mark_entry(fresh, hidden, Label.GENERAL, hidden=False, now=world.now)
    assert health_card_of(fresh) == token


def test_what_is_hidden_elsewhere_leaves_it_shown(world: World, fresh: Passport) -> None:
    world.connect(fresh, AMARA)
    mark_section(fresh, Section.VACCINATIONS, Label.GENERAL, hidden=True, now=world.now)
    assert health_card_of(fresh) is not None
    mark_section(fresh, Section.ALLERGIES, Label.GENERAL, hidden=True, now=world.now)
    assert health_card_of(fresh) is None
