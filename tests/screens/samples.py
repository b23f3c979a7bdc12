"""Made-up states of every screen, for the screen tests and the gallery. Nobody here is real."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import flet as ft

from app.policy.access import HowLong
from app.policy.locked_choices import LockedChoices
from app.policy.passphrase import grade_passphrase
from app.qr import draw
from app.record.entry import (
    Absence,
    Entry,
    Fact,
    ListWarning,
    Quantity,
    Section,
    Standing,
    When,
)
from app.record.own import Label, Own
from app.record.source import Checked as StoredChecked
from app.record.source import SourceInfo, SourceKind, StoredEntry
from app.record.trend import trend_of
from app.screens import (
    backup,
    choose_person,
    choosing,
    connecting,
    deleting,
    emergency_card,
    emergency_choices,
    entry,
    every,
    exporting,
    give_access,
    home,
    importing,
    link_in,
    live_access,
    message,
    moving,
    own_words,
    passphrase,
    people,
    pin,
    progress,
    receiving,
    recovery,
    restoring,
    result_trend,
    search,
    section_list,
    security,
    share,
    unlock,
    welcome,
    you,
)
from app.screens.entry_list import Row
from app.screens.places import Moves
from app.screens.source import Checked, Kind, Source
from app.ui import parts
from app.ui.shell import Appearance

NOW = datetime(2026, 11, 23, 15, 12, tzinfo=UTC)
WORDS = (
    *("abandon", "ability", "able", "about", "above", "absent"),
    *("absorb", "abstract", "absurd", "abuse", "access", "zoo"),
)

SURGERY = Source("Oak Lane Surgery", Kind.GP, Checked.CHECKED, NOW, NOW, NOW, 7)
HOSPITAL = Source("Northfield University Hospitals", Kind.HOSPITAL, Checked.CHECKED, NOW, NOW, NOW, 7)
FILE = Source("letter-2024.json", Kind.IMPORT, Checked.NOT_SIGNED, NOW)
ASIDE = Source("Old Mill Practice", Kind.GP, Checked.ASIDE, NOW)

ASTHMA = Entry(
    "MedicationStatement/1", 3, Section.MEDICINES, "MedicationStatement",
    "Salbutamol 100 micrograms/dose inhaler CFC free", "One or two puffs, up to 4 times a day, when needed",
    When("2026-10-02"), Standing.CURRENT,
    (Fact("dose", "One or two puffs"), Fact("frequency", "up to 4 times a day"), Fact("reason", "Asthma")),
    organisation="Oak Lane Surgery", author="Dr Siân Rhys-Llewelyn",
)  # fmt: skip
WARFARIN = Entry(
    "MedicationStatement/2", 4, Section.MEDICINES, "MedicationStatement", "Warfarin 3 mg tablets",
    "As your yellow book says", When("2026-03"), Standing.PAST, organisation="Northfield University Hospitals",
)  # fmt: skip
POTASSIUM = Entry(
    "Observation/9", 9, Section.RESULTS, "Observation", "Potassium", "4.6 mmol/L", When("2026-11-20T08:15:00+00:00"),
    Standing.CURRENT, (Fact("specimen", "Blood"), Fact("status", "Final")),
    quantity=Quantity("4.6", "mmol/L", "3.5", "5.3"), organisation="Northfield University Hospitals",
)  # fmt: skip

LABORATORY = SourceInfo(SourceKind.UPDATE, "Northfield University Hospitals", StoredChecked.CHECKED, NOW)


def measured(number: int, year: int, value: str) -> StoredEntry:
    quantity = Quantity(value, "mmol/L", "3.5", "5.3")
    return StoredEntry(number, replace(POTASSIUM, when=When(f"{year}-03-04"), quantity=quantity), LABORATORY)


def pressed(number: int, year: int, pair: str) -> StoredEntry:
    reading = Entry(
        f"Observation/{number}",
        0,
        Section.MEASUREMENTS,
        "Observation",
        "Blood pressure",
        f"{pair} mmHg",
        When(f"{year}"),
    )
    return StoredEntry(number, reading, LABORATORY)


RESULTS = [
    measured(number, 2012 + number, value)
    for number, value in enumerate(("4.1", "4.60", "5.5", "3.9", "4.2", "4.8", "5.1", "4.4", "4.0", "3.4", "4.7"), 1)
]
PRESSURES = [
    pressed(number, 2016 + number, pair)
    for number, pair in enumerate(("150/95", "146/92", "139/88", "135/85", "131/80", "128/79"), 1)
]

CARD_TEXT = (
    "EMERGENCY CARD\nName: Gwenllian Angharad Ŵyn-Pritchard\nBorn: 3 March 1959\nNHS number: 999 123 4567\n"
    "Allergies: Penicillin V (anaphylaxis, severe)\nHealth conditions: Type 2 diabetes; Atrial fibrillation\n"
    "Medicines: Warfarin, Metformin, Bisoprolol"
)


def picture(text: str) -> parts.CodePicture:
    drawing = draw.draw_words(text)
    return parts.CodePicture(drawing.png, drawing.modules + 2 * draw.QUIET_ZONE_MODULES)


EMERGENCY = emergency_card.EmergencyState(
    name="Gwenllian Angharad Ŵyn-Pritchard",
    born="3 March 1959",
    age=67,
    nhs_number="999 123 4567",
    groups=(
        emergency_card.CardGroup(
            "allergies",
            (emergency_card.CardLine("Penicillin V: anaphylaxis, severe", "Oak Lane Surgery", "4 May 2011"),),
        ),
        emergency_card.CardGroup(
            "conditions",
            (
                emergency_card.CardLine("Type 2 diabetes", "Oak Lane Surgery", "2009"),
                emergency_card.CardLine("Atrial fibrillation", "Northfield University Hospitals", "March 2019"),
            ),
        ),
        emergency_card.CardGroup(
            "medicines",
            (
                emergency_card.CardLine("Warfarin", "Oak Lane Surgery", "2 October 2026"),
                emergency_card.CardLine("Metformin", "Oak Lane Surgery", "2 October 2026"),
            ),
        ),
        emergency_card.CardGroup("implants", (), "Not asked (said by Oak Lane Surgery)"),
        emergency_card.CardGroup("needs", (emergency_card.CardLine("Speaks Welsh", "", own_words=True),)),
    ),
    code=picture(CARD_TEXT + "\nPP1:" + "A7$K" * 80),
    text=CARD_TEXT,
    left_out=(emergency_card.LeftOut("medicines", 2, 9),),
    updated="23 November 2026 at 3:12pm",
)
LEFT_OFF = (
    emergency_card.CardGroup("chosen", (), "Chosen by the patient: more may be in the record"),
    emergency_card.CardGroup(
        "contacts", (emergency_card.CardLine("Iolo: brother 07700 900253", "", own_words=True, dial="07700900253"),)
    ),
)
CHOICES = emergency_choices.ChoicesState(
    (
        emergency_choices.PartChoice(
            "allergies", True, (emergency_choices.LineChoice(("k1",), "Penicillin V: anaphylaxis, severe", True),)
        ),
        emergency_choices.PartChoice(
            "medicines",
            True,
            (
                emergency_choices.LineChoice(("k2",), "Warfarin", True),
                emergency_choices.LineChoice(("k3", "k4"), "Testosterone undecanoate intramuscular injection", False),
            ),
        ),
        emergency_choices.PartChoice("pregnancy", False, (emergency_choices.LineChoice(("k5",), "Pregnant", True),)),
    ),
    ("I am deaf in my left ear. Please speak slowly and let me see your face.",),
    ("Iolo: brother 07700 900253",),
    "Yellow folder by the phone",
)

HOME = home.HomeState(
    name="Gwenllian Angharad Ŵyn-Pritchard",
    age=67,
    sections=(
        home.SectionCard(Section.MEDICINES, 9),
        home.SectionCard(Section.APPOINTMENTS, 1),
        home.SectionCard(Section.RESULTS, 1204, ("Some items are still on their way",)),
        home.SectionCard(Section.VACCINATIONS, 12),
        home.SectionCard(Section.CONDITIONS, 5),
        home.SectionCard(Section.ALLERGIES, 0, ("No known allergies (said by Oak Lane Surgery)",)),
        home.SectionCard(Section.DOCUMENTS, 0),
        home.SectionCard(Section.DEVICES, 1),
    ),
    new=(home.NewFrom("Oak Lane Surgery", 3), home.NewFrom("Northfield University Hospitals", 1)),
    updated_at=NOW,
    updated_from=("Oak Lane Surgery", "Northfield University Hospitals"),
    can_update=True,
    made_up=True,
    backup=home.LastBackup(3),
)

FOLDERS = backup.FolderState(
    (
        backup.FolderChoice(backup.FolderKind.ONLINE, "Nextcloud", "/mnt/gwen/Nextcloud"),
        backup.FolderChoice(backup.FolderKind.STICK, "GWEN-STICK", "/media/gwen/GWEN-STICK"),
        backup.FolderChoice(backup.FolderKind.DOCUMENTS, "Documents", "/mnt/gwen/Documents"),
    ),
    can_browse=False,
    first=True,
)
KEPT = backup.Kept("/mnt/gwen/Nextcloud", NOW, "4.2 MB")
REMAINS = (
    "A backup file: /mnt/gwen/Nextcloud/2026-11-23 4f2a91c3.passport-backup",
    "A link to Medicines, Allergies works until 23 November 2026 at 4:12pm. To end it sooner, end it under Share first",
    "Sheets and cards you printed or saved",
    "The records of your GP surgery and hospital",
)

VERSIONS = (
    entry.Version(5, WARFARIN, "Oak Lane Surgery", NOW),
    entry.Version(2, WARFARIN, "Oak Lane Surgery", NOW, replaced=True),
)

TAKEN_BACK = (replace(VERSIONS[0], taken_back_at=NOW), VERSIONS[1])

LIST = section_list.SectionState(
    Section.MEDICINES,
    (
        section_list.Group(SURGERY, (Row(1, ASTHMA), Row(2, WARFARIN)), (ListWarning.CONFIDENTIAL,)),
        section_list.Group(HOSPITAL, (), absence=Absence.NONE_KNOWN),
        section_list.Group(FILE, (Row(3, WARFARIN),)),
    ),
    total=120,
    offset=50,
)

LIVE = live_access.LiveAccessState(
    access_id="1",
    code=picture("shlink:/" + "eyJ1cmwiOiJodHRwczovL3JlbGF5LmV4YW1wbGUv" * 5),
    link="shlink:/" + "eyJ1cmwiOiJodHRwczovL3JlbGF5LmV4YW1wbGUv" * 5,
    passcode="482913",
    seconds_left=3541,
    until=NOW,
    sections=(Section.MEDICINES, Section.CONDITIONS, Section.ALLERGIES),
    openings=(live_access.Opening(NOW, "Dr A. Khan"),),
)

FAMILY = (
    people.PersonPlate(1, "Mam", "blue"),
    people.PersonPlate(2, "Gwenllian Angharad Ŵyn-Pritchard the Younger", "orange"),
    people.PersonPlate(4, "", "yellow"),
)

STATES: dict[str, object] = {
    "01-welcome": welcome.WelcomeState(),
    "02-passphrase": passphrase.PassphraseState(),
    "03-recovery": recovery.RecoveryState(WORDS),
    "03-recovery-saved": recovery.RecoveryState(WORDS, saved=True),
    "03-proof": recovery.ProofState((3, 9)),
    "03-proof-wrong": recovery.ProofState((3, 9), "Word 9 is not the one on your sheet. Look at it again."),
    "03-pin": pin.PinState(pin.Offer.FIRST),
    "03-folder": FOLDERS,
    "04-add-record": welcome.AddRecordState(can_connect=True, can_try=True),
    "05-choose-person": choose_person.ChoosePersonState(
        (
            choose_person.MadeUpPerson("asthma", "Ada Okonkwo-Smith, 34"),
            choose_person.MadeUpPerson("pacemaker", "Gwenllian Angharad Ŵyn-Pritchard, 67"),
        )
    ),
    "05-connecting": connecting.ConnectingState(),
    "06-progress": progress.ProgressState(
        "Fetching 3 of 8 updates", 0.4, (progress.Step("Oak Lane Surgery", True), progress.Step("Northfield", False))
    ),
    "07-home": HOME,
    "08-home-offline": replace(HOME, offline=True, new=(), can_update=False),
    "08-home-no-backup": replace(HOME, new=(), backup=home.LastBackup(), words_kept=False),
    "08-home-backup-problem": replace(HOME, new=(), backup=home.LastBackup(3, "The folder is not there")),
    "08-home-card-opened": replace(HOME, new=(), card_opened=home.CardOpened(22, (NOW, NOW), 1)),
    "08-home-older": replace(HOME, new=(), older=True),
    "09-section": LIST,
    "10-entry": entry.EntryState(1, ASTHMA, SURGERY, on_emergency_card=True),
    "11-entry-result": entry.EntryState(
        9, POTASSIUM, FILE, results=11, raw='{"resourceType": "Observation",\n "id": "9"}'
    ),
    "12-entry-aside": entry.EntryState(2, WARFARIN, ASIDE, VERSIONS),
    "12-entry-taken-back": entry.EntryState(5, WARFARIN, SURGERY, TAKEN_BACK),
    "12-entry-key-given-up": entry.EntryState(5, WARFARIN, replace(SURGERY, key_given_up_at=NOW)),
    "12-entry-own": entry.EntryState(
        5, WARFARIN, SURGERY, own=Own("I stopped this in May.\nDr Khan knows.", NOW, Label.MENTAL_HEALTH, hidden=True)
    ),
    "12-own-note": own_words.NoteState(5, WARFARIN.title, "I stopped this in May.", "This is too long."),
    "12-own-letter": own_words.LetterState(5, WARFARIN.title, "Oak Lane Surgery"),
    "12-own-mark": own_words.MarkState(Label.GENERAL, entry_id=5, title=WARFARIN.title),
    "12-own-mark-section": own_words.MarkState(Label.SEXUAL_HEALTH, True, shown=True, section=Section.RESULTS),
    "12-section-taken-back": replace(LIST, offset=0, taken_back=(Row(5, WARFARIN, SURGERY),)),
    "12-trend": result_trend.TrendState(trend_of(POTASSIUM, RESULTS), NOW.date()),
    "12-trend-pressure": result_trend.TrendState(trend_of(PRESSURES[0].entry, PRESSURES), NOW.date()),
    "12-timeline": section_list.SectionState(
        None, (), 120, 0, rows=(Row(1, ASTHMA, SURGERY), Row(2, WARFARIN, HOSPITAL)), narrowed=("Oak Lane Surgery",)
    ),
    "12-choosing": choosing.ChoosingState(
        None,
        (("Oak Lane Surgery", 1204), ("Northfield University Hospitals", 88)),
        ((Standing.CURRENT, 40), (Standing.PAST, 1100), (Standing.UNKNOWN, 152)),
        tuple((str(year), 40 + year % 7) for year in range(2026, 1990, -1)),
        standing=Standing.PAST,
        total=1100,
    ),
    "12-files": importing.FilesState(
        (importing.BroughtIn(4, "letter-2024.json", NOW), importing.BroughtIn(3, "blood-pressure.csv", NOW))
    ),
    "12-files-ask": importing.FilesState((), importing.BroughtIn(4, "letter-2024.json", NOW)),
    "13-search": search.SearchState("warf", (Row(2, WARFARIN, HOSPITAL), Row(3, WARFARIN, FILE)), more=True),
    "14-search-like": search.SearchState("water tablet", (), like=(Row(2, WARFARIN, HOSPITAL),)),
    "14-search-nothing": search.SearchState("xyz", ()),
    "15-emergency": EMERGENCY,
    "15-emergency-unsigned": replace(EMERGENCY, signed=False, contact=False, look_again="changed", groups=LEFT_OFF),
    "15-emergency-contact": replace(EMERGENCY, groups=LEFT_OFF, contact=True),
    "15-emergency-no-code": replace(EMERGENCY, code=None, look_again="long-ago"),
    "15-choices": CHOICES,
    "15-choices-full": replace(CHOICES, room_for_words=False, room_for_contacts=False, original=""),
    "15-choices-words": emergency_choices.WordsState(),
    "15-choices-original": emergency_choices.WordsState(True, "Yellow folder", "Write it in plain letters."),
    "15-choices-contact": emergency_choices.ContactState("Iolo", "brother", "ask Mam", "Write a phone number."),
    "15-emergency-choices": replace(
        EMERGENCY, shown_while_locked=True, keystore="system", choices=LockedChoices(hold=True, hide_wishes=True)
    ),
    "16-emergency-locked": replace(EMERGENCY, locked=True),
    "16-emergency-codes-only": replace(EMERGENCY, locked=True, groups=(), text="", code=None, left_out=()),
    "17-unlock": unlock.UnlockState(emergency=True),
    "17-unlock-hold": unlock.UnlockState(emergency=True, hold=True),
    "17-unlock-ask-card": unlock.AskCardState(),
    "17-unlock-card-waiting": unlock.AskCardState(waiting=True),
    "18-unlock-wrong": unlock.UnlockState(True, "That is not the right passphrase. Check capital letters."),
    "17-unlock-either": unlock.UnlockState(emergency=True, pin=True),
    "17-unlock-pin": unlock.UnlockPinState(emergency=True),
    "18-unlock-pin-wrong": unlock.UnlockPinState(False, "Too many wrong tries. Wait 1 minute and try again."),
    "19-recover": unlock.RecoverState(),
    "19-recovered": passphrase.PassphraseState(passphrase.Choosing.RECOVERED),
    "20-access-what": give_access.AccessWhatState(
        (
            give_access.SectionChoice(Section.MEDICINES, 9, True),
            give_access.SectionChoice(Section.CONDITIONS, 5, True),
            give_access.SectionChoice(Section.ALLERGIES, 1, True),
            give_access.SectionChoice(Section.RESULTS, 1204, False),
        )
    ),
    "21-access-who": give_access.AccessWhoState(),
    "22-access-how-long": give_access.AccessHowLongState(HowLong.HOUR, (Section.MEDICINES, Section.ALLERGIES)),
    "23-live": LIVE,
    "24-live-link": replace(LIVE, link_shown=True, openings=(), unasked=True),
    "25-live-ended": live_access.EndedAccessState("1", NOW, "ended", LIVE.sections, LIVE.openings),
    "25-live-ending": live_access.EndingAccessState("1", NOW, LIVE.sections, LIVE.openings),
    "26-share": share.ShareState(
        (share.AccessLine("1", LIVE.sections, NOW, 1), share.AccessLine("3", LIVE.sections, NOW, 0, ending=True)),
        (share.AccessLine("2", (Section.RESULTS,), NOW, 0),)
    ),
    "27-share-empty": share.ShareState(),
    "27a-export": exporting.ExportState(
        ("pdf", "ips", "fhir", "csv"),
        "pdf",
        (
            give_access.SectionChoice(Section.MEDICINES, 12, True),
            give_access.SectionChoice(Section.RESULTS, 1_204, False),
            give_access.SectionChoice(Section.ALLERGIES, 0, True, "No known allergies (said by Oak Lane Surgery)"),
        ),
    ),
    "27b-export-saved": exporting.ExportState(
        ("pdf", "ips", "fhir", "csv"),
        "csv",
        (give_access.SectionChoice(Section.RESULTS, 7, False),),
        ("The file was saved: patient-passport-results-2026-11-23.csv.", "2 results have no value of their own."),
        "Tick at least one part.",
    ),
    "28-you": you.YouState(Appearance(), (("en", "English"), ("cy", "Cymraeg")), "0.1.0", connected=True),
    "29-about": you.AboutState("0.1.0", "Version 7, renewed 23 November 2026"),
    "33-security": security.SecurityState(security.Pin.SET, True, 5, 1),
    "33-security-no-pin": security.SecurityState(security.Pin.IMPOSSIBLE, False, 5, 1, "Your passphrase is changed."),
    "33-security-pin-unset": security.SecurityState(security.Pin.UNSET, True, 5, 1),
    "34-ask-change": passphrase.AskPassphraseState(passphrase.Asking.CHANGE),
    "33-security-hidden-shown": security.SecurityState(security.Pin.SET, True, 5, 1, hidden_shown=True),
    "34-ask-show-hidden": passphrase.AskPassphraseState(passphrase.Asking.SHOW_HIDDEN),
    "34-ask-new-words": passphrase.AskPassphraseState(passphrase.Asking.NEW_WORDS),
    "34-ask-new-keys": passphrase.AskPassphraseState(passphrase.Asking.NEW_KEYS, "That is not the right passphrase."),
    "34-change-passphrase": passphrase.PassphraseState(passphrase.Choosing.CHANGE),
    "34-change-pin": pin.PinState(pin.Offer.CHANGE, "This PIN is too easy to guess."),
    "35-older-copy": security.OlderCopyState(can_update=True),
    "36-backup": backup.BackupState(KEPT),
    "36-backup-none": backup.BackupState(None),
    "36-backup-problem": backup.BackupState(replace(KEPT, problem="The folder is not there."), "Backed up.", True),
    "36-folder-browse": replace(FOLDERS, found=(), can_browse=True, first=False, problem="This is not a folder."),
    "37-restore-file": restoring.RestoreFileState(),
    "37-restore-words": restoring.RestoreWordsState("2026-11-23 4f2a91c3.passport-backup"),
    "37-restore-passphrase": passphrase.PassphraseState(passphrase.Choosing.RESTORE),
    "37-restore-older": restoring.RestoreOlderState(),
    "37-restore-from-phone": restoring.RestoreWordsState(""),
    "39-move": moving.MoveState(),
    "39-move-too-large": moving.MoveState(too_large=True),
    "39-showing": moving.ShowingState(
        parts.MovingPicture(picture("PPF1:" + "A7$K" * 80).png, 97), 240, 3, "24 seconds",
        moving.Steps(slower=True, faster=False, bigger=True, smaller=False),
    ),
    "40-receive": receiving.ReceiveState(),
    "40-receiving": receiving.ReceivingState(ft.Container(height=200), receiving.Hint.STILL, 60, 240),
    "38-delete": deleting.DeleteState(REMAINS),
    "38-delete-sure": deleting.DeleteSureState(),
    "38-deleted": deleting.DeletedState(REMAINS),
    "30-import-preview": importing.ImportPreviewState(
        "my-record-from-the-hospital-2026.json", "Ada Okonkwo-Smith", "4 May 1992",
        ((Section.MEDICINES, 3), (Section.RESULTS, 41)), 2,
    ),
    "30-import-preview-link": importing.ImportPreviewState(
        "links.northfield.example", "Ada Okonkwo-Smith", "4 May 1992", ((Section.MEDICINES, 3),), 0, by_link=True,
    ),
    "30-link-in": link_in.LinkInState("This is not a link to a record. Copy the whole link and paste it again."),
    "30-link-camera": link_in.LinkCameraState(ft.Container()),
    "30-link-ask": link_in.LinkAskState(
        "links.northfield.example", True, "Hospital stay in May", NOW, True, "That is not the right number.",
    ),
    "31-imported": importing.ImportedState(((Section.MEDICINES, 3), (Section.RESULTS, 41)), 52, 2),
    "70-whose": people.WhoseState(FAMILY),
    "71-people": people.PeopleState(FAMILY, 2),
    "72-person": people.PersonState(2, "Gwenllian Angharad Ŵyn-Pritchard the Younger", "orange"),
    "73-person-new": people.PersonState(None, "Mam", "purple", "Somebody on this device has this name already."),
    "32-message": message.MessageState("There is a problem", "There is no connection.", "Try again", True),
}  # fmt: skip


class Calls(list[tuple[str, tuple[object, ...]]]):
    """Notes each event with its arguments."""

    def noting(self, name: str) -> Any:
        return lambda *arguments: self.append((name, arguments))


def events(calls: Calls) -> every.Events:
    """Events of every screen, each noting its own name."""

    def note(name: str) -> Any:
        return calls.noting(name)

    moves = Moves(note("home"), note("share"), note("you"))
    made: dict[str, object] = {}
    for name, kind in every.Events.__annotations__.items():
        module, class_name = str(kind).split(".")
        cls = getattr(globals()[module], class_name)
        fields = {f: note(f"{name}.{f}") for f in cls.__annotations__ if f != "moves"}
        if "moves" in cls.__annotations__:
            fields["moves"] = moves
        if "strength" in fields:
            fields["strength"] = grade_passphrase
        made[name] = cls(**fields)
    return every.Events(**made)
