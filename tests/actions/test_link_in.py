"""What lies behind a link somebody gave the patient, over the relay's own app: asked for, accounted for, or nothing."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import pytest

from app.actions import importing
from app.actions.exporting import Form, export
from app.actions.importing import ImportReport, import_brought, import_file, preview_brought, undo_import
from app.actions.link_in import RECIPIENT, fetch, host_of, link_in
from app.actions.own_words import mark_entry
from app.actions.session import Passport
from app.actions.verifying import verify_store
from app.record.own import Label
from app.record.source import Checked, SourceKind
from crypto import jwe, shlink
from crypto.encoding import b64url_encode
from crypto.errors import (
    Expired,
    LinkEnded,
    LinkHoldsNoRecord,
    LinkLeadsElsewhere,
    LinkNotAFile,
    LinkPasscodeNeeded,
    MalformedToken,
    NetworkUnavailable,
    NotAnImport,
    Tampered,
    TooLarge,
    WrongPasscode,
    WrongPatient,
)
from crypto.keys import SigningKey
from crypto.shlink import Link
from sync import links
from sync.links import OwnedLink
from sync.transport import Transport
from tests.actions.made_up import ADDRESSES, World
from tests.actions.test_importing import allergy, bundle, health_card, listing, patient

CARD, FHIR = "application/smart-health-card", "application/fhir+json"
RECORD = (FHIR, bundle(patient(), allergy("Penicillin"), {"resourceType": "Unheard"}))
HOST = ADDRESSES["relay"].removeprefix("http://")


def held(world: World, *files: tuple[str, bytes], passcode: str | None = None, flag: str = "") -> OwnedLink:
    """A link of somebody's at the relay, for an hour."""
    end = world.now + timedelta(hours=1)
    owned = links.new_link(world.profile.relay, exp=end, label="Hospital stay", flag=flag or ("P" if passcode else ""))
    links.publish(world.transport, owned, files, passcode=passcode)
    return owned


def bring_in(world: World, passport: Passport, link: Link, passcode: str | None = None) -> ImportReport:
    brought = fetch(world.transport, link, passcode, now=world.now)
    return import_brought(passport, brought, now=world.now)


def stored(passport: Passport) -> tuple[list[str], int]:
    return [each.entry.title for each in passport.store.entries()], len(passport.store.sources())


def answering(answer: httpx.Response) -> Transport:
    return Transport(monotonic=lambda: 0.0, http=httpx.MockTransport(lambda _request: answer))


def test_what_lies_behind_a_link_is_stored_as_received_from_its_host_and_not_signed(
    world: World, fresh: Passport
) -> None:
    report = bring_in(world, fresh, held(world, RECORD).link)
    (found,) = fresh.store.search("penic").entries
    source = found.source
    assert (source.kind, source.issuer_name, source.checked) == (SourceKind.LINK, HOST, Checked.NOT_SIGNED)
    assert source.received_at == world.now
    assert (dict(report.sections), report.accounted, report.merged) == ({"allergies": 1}, 3, 1)
    assert [each.resource_type for each in report.not_displayed] == ["Unheard"]
    assert fresh.store.raw_message(source.source_id) == RECORD[1]


def test_the_record_that_goes_out_says_that_it_came_by_a_link(world: World, fresh: Passport) -> None:
    bring_in(world, fresh, held(world, RECORD).link)
    out = export(fresh, Form.FHIR, None, now=world.now).data.decode()
    assert f"by a link from {HOST}. Not signed: nobody has checked who wrote it." in out


def test_the_preview_says_the_same_and_stores_nothing(world: World, fresh: Passport) -> None:
    brought = fetch(world.transport, held(world, RECORD).link, None, now=world.now)
    preview = preview_brought(fresh, brought, now=world.now)
    assert stored(fresh) == ([], 0)
    assert preview == import_brought(fresh, brought, now=world.now)


def test_several_files_are_one_import_and_go_as_a_whole(world: World, fresh: Passport) -> None:
    cards = json.dumps({"verifiableCredential": [health_card(patient(), allergy("Latex"))]}).encode()
    report = bring_in(world, fresh, held(world, RECORD, (CARD, cards)).link)
    assert (dict(report.sections), report.accounted) == ({"allergies": 2}, 5)
    assert verify_store(fresh).sound
    (file,) = importing.imported_files(fresh)
    assert undo_import(fresh, file.source_id) == 2
    assert stored(fresh) == ([], 0)
    with pytest.raises(NotAnImport):
        undo_import(fresh, file.source_id)


def test_a_file_of_another_kind_is_counted_and_not_kept(world: World, fresh: Passport) -> None:
    access = ("application/smart-api-access", b'{"access_token":"MARKERTOKEN"}')
    report = bring_in(world, fresh, held(world, RECORD, access).link).to_json()
    assert report["accounted"] == 4
    assert sum(report["sections"].values()) + report["merged"] + len(report["not_displayed"]) == 4
    assert report["not_displayed"][-1] == {
        "position": 3,
        "resource_type": "application/smart-api-access",
        "reason": "not-a-record",
    }
    (source,) = fresh.store.sources()
    assert b"MARKERTOKEN" not in fresh.store.raw_message(source.source_id)


def test_a_media_type_that_is_none_is_not_repeated(world: World) -> None:
    link = held(world, RECORD).link
    files = (RECORD, ("te\x1b[2Jxt/plain", b"x"))
    sealed = [{"contentType": k, "embedded": jwe.encrypt(d, link.key, content_type=k)} for k, d in files]
    brought = fetch(answering(httpx.Response(200, json={"files": sealed})), link, None, now=world.now)
    assert brought.other == ("",)


@pytest.mark.parametrize("files", [[], [("application/smart-api-access", b"{}")]], ids=["none", "another kind"])
def test_a_link_without_a_record_is_refused(world: World, fresh: Passport, files: list[tuple[str, bytes]]) -> None:
    link = held(world, RECORD).link
    sealed = [{"contentType": k, "embedded": jwe.encrypt(d, link.key, content_type=k)} for k, d in files]
    with pytest.raises(LinkHoldsNoRecord, match=f"found {len(files)} other"):
        fetch(answering(httpx.Response(200, json={"files": sealed})), link, None, now=world.now)


def test_the_same_link_again_changes_nothing_until_something_is_new(world: World, fresh: Passport) -> None:
    owned = held(world, RECORD, flag="L")
    assert not bring_in(world, fresh, owned.link).already_here
    assert bring_in(world, fresh, owned.link).already_here
    assert len(fresh.store.sources()) == 1
    links.publish(world.transport, owned, [(FHIR, bundle(patient(), allergy("Nuts")))], passcode=None)
    assert not bring_in(world, fresh, owned.link).already_here
    assert sorted(stored(fresh)[0]) == ["Nuts", "Penicillin"]


def test_a_direct_link_is_asked_once(world: World, fresh: Passport) -> None:
    assert bring_in(world, fresh, held(world, RECORD, flag="U").link).accounted == 3


def test_whoever_made_the_link_sees_that_the_passport_opened_it_and_not_whose(world: World, fresh: Passport) -> None:
    owned = held(world, RECORD)
    bring_in(world, fresh, owned.link)
    assert [one.recipient for one in links.openings(world.transport, owned).openings] == [RECIPIENT]


# ---- cards ----------------------------------------------------------------------------------


def test_a_card_of_a_listed_issuer_is_checked_and_says_who_signed_it(
    world: World, fresh: Passport, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = SigningKey.generate()
    listing(monkeypatch, key)
    cards = json.dumps({"verifiableCredential": [health_card(patient(), allergy("Latex"), key=key)]}).encode()
    assert bring_in(world, fresh, held(world, (CARD, cards)).link).signed_by == ("Oak Lane Surgery",)
    (source,) = fresh.store.sources()
    assert (source.kind, source.issuer_name, source.checked) == (SourceKind.LINK, "Oak Lane Surgery", Checked.CHECKED)


def test_a_changed_card_of_a_listed_issuer_is_refused_with_all_that_came_beside_it(
    world: World, fresh: Passport, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = SigningKey.generate()
    listing(monkeypatch, key)
    header, _, signature = health_card(patient(), allergy("Latex"), key=key).split(".")
    _, payload, _ = health_card(patient(), allergy("Gluten"), key=key).split(".")
    changed = json.dumps({"verifiableCredential": [f"{header}.{payload}.{signature}"]}).encode()
    with pytest.raises(Tampered):
        bring_in(world, fresh, held(world, RECORD, (CARD, changed)).link)
    assert stored(fresh) == ([], 0)


# ---- refused, and nothing is stored ---------------------------------------------------------


def test_somebody_elses_record_is_refused(world: World, fresh: Passport) -> None:
    import_file(fresh, bundle(patient(), allergy("Latex")), "mine.json", now=world.now)
    before = stored(fresh)
    other = (FHIR, bundle(patient(birthDate="1960-01-01"), allergy("Nuts")))
    with pytest.raises(WrongPatient):
        bring_in(world, fresh, held(world, other).link)
    assert stored(fresh) == before


def test_files_of_two_people_behind_one_link_are_refused(world: World, fresh: Passport) -> None:
    other = (FHIR, bundle(patient(birthDate="1960-01-01"), allergy("Nuts")))
    with pytest.raises(WrongPatient):
        bring_in(world, fresh, held(world, RECORD, other).link)
    assert stored(fresh) == ([], 0)


def test_wrong_passcodes_are_counted_down_and_then_it_is_over(world: World, fresh: Passport) -> None:
    link = held(world, RECORD, passcode="open-sesame").link
    left = []
    for _ in range(5):
        with pytest.raises(WrongPasscode) as refusal:
            bring_in(world, fresh, link, "guess")
        left.append(refusal.value.remaining)
    assert left == [4, 3, 2, 1, 0]
    with pytest.raises(LinkEnded):
        bring_in(world, fresh, link, "open-sesame")
    assert stored(fresh) == ([], 0)


def test_the_right_passcode_opens_it(world: World, fresh: Passport) -> None:
    assert bring_in(world, fresh, held(world, RECORD, passcode="open-sesame").link, "open-sesame").accounted == 3


@pytest.mark.parametrize("passcode", [None, ""])
def test_without_its_passcode_nobody_is_asked(world: World, fresh: Passport, passcode: str | None) -> None:
    owned = held(world, RECORD, passcode="open-sesame")
    with pytest.raises(LinkPasscodeNeeded):
        bring_in(world, fresh, owned.link, passcode)
    assert links.openings(world.transport, owned).attempts == 0


def test_a_relay_that_wants_a_passcode_the_link_did_not_speak_of_is_heard(world: World) -> None:
    link = held(world, RECORD).link
    with pytest.raises(LinkPasscodeNeeded):
        fetch(answering(httpx.Response(401, json={"remainingAttempts": 5})), link, None, now=world.now)


def test_an_ended_link_is_over(world: World, fresh: Passport) -> None:
    owned = held(world, RECORD)
    links.end(world.transport, owned)
    with pytest.raises(LinkEnded):
        bring_in(world, fresh, owned.link)
    assert stored(fresh) == ([], 0)


def test_a_link_is_refused_from_the_second_it_ends(world: World, fresh: Passport) -> None:
    link = held(world, RECORD).link
    world.clock.forward(seconds=3599)
    fetch(world.transport, link, None, now=world.now)
    world.clock.forward(seconds=1)
    with pytest.raises(Expired):
        fetch(world.transport, link, None, now=world.now)


def test_without_a_signal_nothing_comes(world: World, fresh: Passport) -> None:
    link = held(world, RECORD).link
    world.lose()
    with pytest.raises(NetworkUnavailable):
        bring_in(world, fresh, link)
    assert stored(fresh) == ([], 0)


def test_files_at_another_host_are_not_fetched(world: World) -> None:
    link = held(world, RECORD).link
    files = [{"contentType": FHIR, "location": "https://elsewhere.example/file"}]
    asked: list[str] = []

    def handle(request: httpx.Request) -> httpx.Response:
        asked.append(str(request.url))
        return httpx.Response(200, json={"files": files})

    with pytest.raises(LinkLeadsElsewhere):
        fetch(Transport(monotonic=lambda: 0.0, http=httpx.MockTransport(handle)), link, None, now=world.now)
    assert asked == [link.url]


def test_a_file_under_another_key_is_tampered(world: World, fresh: Passport) -> None:
    link = held(world, RECORD).link
    with pytest.raises(Tampered):
        bring_in(world, fresh, replace(link, key=bytes(32)))
    assert stored(fresh) == ([], 0)


def test_files_too_large_together_are_refused(world: World, fresh: Passport, monkeypatch: pytest.MonkeyPatch) -> None:
    link = held(world, RECORD).link
    monkeypatch.setattr(links, "MAX_OPENED_BYTES", len(RECORD[1]) - 1)
    with pytest.raises(TooLarge):
        bring_in(world, fresh, link)
    monkeypatch.setattr(links, "MAX_OPENED_BYTES", len(RECORD[1]))
    bring_in(world, fresh, link)


def test_a_link_behind_a_link_is_no_record(world: World, fresh: Passport) -> None:
    link = held(world, (FHIR, b"shlink:/eyJ1cmwi")).link
    with pytest.raises(LinkNotAFile):
        bring_in(world, fresh, link)
    assert stored(fresh) == ([], 0)


# ---- the text -------------------------------------------------------------------------------


def made(**changed: Any) -> Link:
    return replace(Link("https://links.hospital.example/a/b", bytes(range(32)), flag="L"), **changed)


@pytest.mark.parametrize(
    "around",
    ["{}", "  {}\n", "https://viewer.example/#{}", "Dear Sian,\nhere it is: https://viewer.example/x#{} \nYours"],
    ids=["bare", "spaced", "viewer", "in a letter"],
)
def test_a_link_is_found_in_a_text(around: str) -> None:
    found = link_in(around.format(shlink.make(made())).encode())
    assert found == made()
    assert host_of(made()) == "links.hospital.example"


@pytest.mark.parametrize(
    "data",
    [b"", b"hello", b"https://viewer.example/", b'{"a":"shlink:/eyJ1cmwi"}', b"\xff\xd8\xffshlink:/eyJ1cmwi",
     b"shlink:/eyJ1cmwi" + b" " * 16_384],
    ids=["empty", "words", "another link", "json", "picture", "a long text"],
)  # fmt: skip
def test_other_files_are_no_link(data: bytes) -> None:
    assert link_in(data) is None


def test_a_link_that_breaks_its_rules_is_refused() -> None:
    plain = json.dumps({"url": "http://links.hospital.example/a", "key": b64url_encode(bytes(32))}).encode()
    for text in (b"shlink:/eyJ1cmwi", b"shlink:/" + b64url_encode(plain).encode()):
        with pytest.raises(MalformedToken):
            link_in(text)


# ---- nothing of it stays --------------------------------------------------------------------


def test_neither_key_nor_address_of_the_link_stays_anywhere(world: World, fresh: Passport) -> None:
    link = held(world, RECORD, passcode="open-sesame").link
    brought = fetch(world.transport, link, "open-sesame", now=world.now)
    import_brought(fresh, brought, now=world.now)
    secrets = (b64url_encode(link.key), link.url.rsplit("/", 1)[1], "open-sesame")
    rows = json.dumps(
        [
            [str(value) for value in row]
            for (table,) in fresh.store._driver.rows("SELECT name FROM sqlite_schema WHERE type = 'table'")
            if re.fullmatch("[a-z_]+", str(table))
            for row in fresh.store._driver.rows(f"SELECT * FROM {table}")
        ]
    )
    assert HOST in rows
    for secret in secrets:
        assert secret not in rows + repr(brought)


def test_no_refusal_names_the_link(world: World, fresh: Passport) -> None:
    link = held(world, RECORD, passcode="open-sesame").link
    said = []
    for passcode in ("guess", None):
        with pytest.raises((WrongPasscode, LinkPasscodeNeeded)) as refusal:
            fetch(world.transport, link, passcode, now=world.now)
        said.append(repr(refusal.value))
    world.lose()
    with pytest.raises(NetworkUnavailable) as lost:
        fetch(world.transport, link, "open-sesame", now=world.now)
    shown = repr([*said, lost.value, lost.value.__cause__])
    for secret in (b64url_encode(link.key), link.url.rsplit("/", 1)[1], "guess", "open-sesame"):
        assert secret not in shown


# ---- what the patient said of it stays ------------------------------------------------------


def hide(world: World, passport: Passport, title: str) -> int:
    """Hide the entry of this title; gives the number of what it came in."""
    entry = next(one for one in passport.store.entries() if one.entry.title == title)
    mark_entry(passport, entry.id, Label.GENERAL, hidden=True, now=world.now)
    return entry.source.source_id


def test_what_was_hidden_stays_hidden_when_it_is_taken_out_and_brought_in_again(world: World, fresh: Passport) -> None:
    link = held(world, (FHIR, bundle(patient(), allergy("Penicillin"), allergy("Nuts")))).link
    bring_in(world, fresh, link)
    undo_import(fresh, hide(world, fresh, "Penicillin"))
    bring_in(world, fresh, link)
    assert stored(fresh) == (["Nuts"], 1)
    assert fresh.store.search("penic").entries == ()


def test_what_was_hidden_stays_hidden_when_it_comes_again_beside_something_new(world: World, fresh: Passport) -> None:
    import_file(fresh, RECORD[1], "letter.json", now=world.now)
    hide(world, fresh, "Penicillin")
    bring_in(world, fresh, held(world, RECORD, (FHIR, bundle(patient(), allergy("Nuts")))).link)
    assert stored(fresh)[0] == ["Nuts"]
    assert fresh.store.search("penic").entries == ()
