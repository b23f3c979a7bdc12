"""Every screen of the patient's app: all their events, and which state is drawn by which screen.

Owns the table. A state that is not in it is refused when it is shown, and a test draws each one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import flet as ft

from app.screens import (
    backup,
    choose_person,
    choosing,
    connecting,
    deleting,
    emergency_card,
    emergency_choices,
    entry,
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
from app.ui.look import Look


@dataclass(frozen=True, slots=True)
class Events:
    """What a person can do, screen by screen. The controller gives them all at once."""

    welcome: welcome.WelcomeEvents
    passphrase: passphrase.PassphraseEvents
    recovery: recovery.RecoveryEvents
    pin: pin.PinEvents
    choose_person: choose_person.ChoosePersonEvents
    unlock: unlock.UnlockEvents
    progress: progress.ProgressEvents
    home: home.HomeEvents
    section: section_list.SectionEvents
    choosing: choosing.ChoosingEvents
    entry: entry.EntryEvents
    own_words: own_words.OwnWordsEvents
    trend: result_trend.TrendEvents
    search: search.SearchEvents
    emergency: emergency_card.EmergencyEvents
    choices: emergency_choices.ChoicesEvents
    access: give_access.AccessEvents
    live: live_access.LiveAccessEvents
    share: share.ShareEvents
    exporting: exporting.ExportEvents
    you: you.YouEvents
    security: security.SecurityEvents
    backup: backup.BackupEvents
    restoring: restoring.RestoreEvents
    moving: moving.MoveEvents
    receiving: receiving.ReceiveEvents
    deleting: deleting.DeleteEvents
    files: importing.FilesEvents
    importing: importing.ImportEvents
    link_in: link_in.LinkInEvents
    message: message.MessageEvents
    connecting: connecting.ConnectingEvents
    people: people.PeopleEvents


Drawing = Callable[[Any, Any, Look], ft.View]
"""A screen: from its own state, its own events and the look to a view."""

DRAWINGS: dict[type, tuple[str, Drawing]] = {
    welcome.WelcomeState: ("welcome", welcome.welcome),
    passphrase.PassphraseState: ("passphrase", passphrase.choose),
    passphrase.AskPassphraseState: ("passphrase", passphrase.ask),
    recovery.RecoveryState: ("recovery", recovery.sheet),
    recovery.ProofState: ("recovery", recovery.proof),
    pin.PinState: ("pin", pin.view),
    welcome.AddRecordState: ("welcome", welcome.add_record),
    choose_person.ChoosePersonState: ("choose_person", choose_person.view),
    connecting.ConnectingState: ("connecting", connecting.view),
    unlock.UnlockState: ("unlock", unlock.view),
    unlock.UnlockPinState: ("unlock", unlock.pin),
    unlock.AskCardState: ("unlock", unlock.ask_card),
    unlock.RecoverState: ("unlock", unlock.recover),
    progress.ProgressState: ("progress", progress.view),
    home.HomeState: ("home", home.view),
    section_list.SectionState: ("section", section_list.view),
    choosing.ChoosingState: ("choosing", choosing.view),
    entry.EntryState: ("entry", entry.view),
    own_words.NoteState: ("own_words", own_words.note),
    own_words.LetterState: ("own_words", own_words.letter),
    own_words.MarkState: ("own_words", own_words.mark),
    result_trend.TrendState: ("trend", result_trend.view),
    search.SearchState: ("search", search.view),
    emergency_card.EmergencyState: ("emergency", emergency_card.view),
    emergency_choices.ChoicesState: ("choices", emergency_choices.view),
    emergency_choices.WordsState: ("choices", emergency_choices.words),
    emergency_choices.ContactState: ("choices", emergency_choices.contact),
    give_access.AccessWhatState: ("access", give_access.what),
    give_access.AccessWhoState: ("access", give_access.who),
    give_access.AccessHowLongState: ("access", give_access.how_long),
    live_access.LiveAccessState: ("live", live_access.view),
    live_access.EndingAccessState: ("live", live_access.ending),
    live_access.EndedAccessState: ("live", live_access.ended),
    share.ShareState: ("share", share.view),
    exporting.ExportState: ("exporting", exporting.view),
    you.YouState: ("you", you.view),
    you.AboutState: ("you", you.about),
    security.SecurityState: ("security", security.view),
    security.OlderCopyState: ("security", security.older_copy),
    backup.BackupState: ("backup", backup.view),
    backup.FolderState: ("backup", backup.folder),
    restoring.RestoreFileState: ("restoring", restoring.file),
    restoring.RestoreWordsState: ("restoring", restoring.words),
    restoring.RestoreOlderState: ("restoring", restoring.older),
    moving.MoveState: ("moving", moving.view),
    moving.ShowingState: ("moving", moving.showing),
    receiving.ReceiveState: ("receiving", receiving.view),
    receiving.ReceivingState: ("receiving", receiving.receiving),
    deleting.DeleteState: ("deleting", deleting.first),
    deleting.DeleteSureState: ("deleting", deleting.sure),
    deleting.DeletedState: ("deleting", deleting.deleted),
    importing.ImportPreviewState: ("importing", importing.preview),
    importing.ImportedState: ("importing", importing.imported),
    importing.FilesState: ("files", importing.files),
    link_in.LinkInState: ("link_in", link_in.view),
    link_in.LinkCameraState: ("link_in", link_in.camera),
    link_in.LinkAskState: ("link_in", link_in.ask),
    message.MessageState: ("message", message.view),
    people.WhoseState: ("people", people.whose),
    people.PeopleState: ("people", people.people),
    people.PersonState: ("people", people.person),
}
"""State → (the name of its events in `Events`, its screen)."""


def draw(events: Events) -> Callable[[object, Look], ft.View]:
    """The function a Shell draws with; a state without a screen raises KeyError there."""

    def drawn(state: object, look: Look) -> ft.View:
        name, drawing = DRAWINGS[type(state)]
        return drawing(state, getattr(events, name), look)

    return drawn
