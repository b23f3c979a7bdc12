"""Every refusal the passport can give, as one tree; over 500 lines because a tree is read whole, in one place.

    PassportError                      code, and a message for engineers: expected and found
    ├── Unavailable                    could not get it (network, disk, camera, login)
    ├── Unreadable                     it is not in a form we know
    ├── NotBelieved                    we read it and do not believe it
    ├── NotAllowed                     it is right, and this person may not
    └── NoLonger                       it was right and is not any more

A message never holds record content, a name, a number of a person or key bytes. The sentence a
person reads is looked up by `code` in the text catalogue (app/ui/say.py). Codes are stable: they
are printed by the command line and asserted by tests.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar


class PassportError(Exception):
    """Base of all refusals. `code` names the refusal for ever."""

    code: ClassVar[str] = "error"

    def __str__(self) -> str:
        return f"{self.code}: {super().__str__()}" if self.args else self.code


# ---- could not get it -----------------------------------------------------------------------


class Unavailable(PassportError):
    """Something outside the passport did not answer; nothing is known about its truth."""

    code = "unavailable"


class NetworkUnavailable(Unavailable):
    code = "network-unavailable"


class ServiceRefused(Unavailable):
    """The service answered with a status that is not the one asked for."""

    code = "service-refused"


class ServiceBusy(Unavailable):
    """The service asks to be left alone for a while; `retry_after` in seconds where it said how long."""

    code = "service-busy"

    def __init__(self, message: str = "", retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class ServiceTooSlow(Unavailable):
    code = "service-too-slow"


class AnswerTooLarge(Unavailable):
    code = "answer-too-large"


class LoginNeeded(Unavailable):
    code = "login-needed"


class ConsentWithdrawn(LoginNeeded):
    """The provider no longer renews a login that has time left: the patient, or somebody, ended it."""

    code = "consent-withdrawn"


class LoginFailed(Unavailable):
    code = "login-failed"


class LoginStopped(LoginFailed):
    """The patient stopped waiting for the login page."""

    code = "login-stopped"


class LoginTimedOut(LoginFailed):
    """No answer came from the login page: it was closed, or left."""

    code = "login-timed-out"


class LoginRefused(LoginFailed):
    """The patient did not allow it on the login page."""

    code = "login-refused"


class LoginMixedUp(LoginFailed):
    """An answer came that belongs to another login (state)."""

    code = "login-mixed-up"


class LoginAnswerUsed(LoginFailed):
    """The provider takes this code no more: used, or past its minute."""

    code = "login-answer-used"


class ClockWrong(LoginFailed):
    """The clock here and the provider's are too far apart to log in."""

    code = "clock-wrong"


class StoreUnavailable(Unavailable):
    """The disk refused: full, read-only, or broken."""

    code = "store-unavailable"


class KeystoreUnavailable(Unavailable):
    """This device keeps no secrets for programs, or refused to."""

    code = "keystore-unavailable"


class CardKeyUnavailable(Unavailable):
    """The card shown while locked is sealed to this device, and the device did not keep or give the key to it."""

    code = "card-key-unavailable"


class PassportOpenElsewhere(Unavailable):
    """The passport is open in another window or program, or one is replacing its store."""

    code = "passport-open-elsewhere"


class BackupNotKept(Unavailable):
    """The folder for backups is gone, full or takes no files; the copies in it before stay."""

    code = "backup-not-kept"


class NoBrowser(Unavailable):
    """There is no browser on this device that could show a page."""

    code = "no-browser"


class CameraUnavailable(Unavailable):
    code = "camera-unavailable"


class PaperUnavailable(Unavailable):
    """A sheet could not be set on this device: its typesetter is missing or refused."""

    code = "paper-unavailable"


class NoPassport(Unavailable):
    """There is no passport in this folder."""

    code = "no-passport"


class NoSuchPerson(Unavailable):
    """Nobody of this name or number is kept on this device."""

    code = "no-such-person"


class PersonUnclear(Unavailable):
    """More than one person is kept on this device and it was not said who is meant."""

    code = "person-unclear"


class NoServices(Unavailable):
    """No services are set up for this passport (no profile was given)."""

    code = "no-services"


# ---- not in a form we know ------------------------------------------------------------------


class Unreadable(PassportError):
    code = "unreadable"


class NotJson(Unreadable):
    code = "not-json"


class NotFhir(Unreadable):
    code = "not-fhir"


class TableUnreadable(Unreadable):
    """A table of measurements with a row that cannot be read; `row` counts from 1, the header."""

    code = "table-unreadable"

    def __init__(self, row: int) -> None:
        super().__init__(f"row {row}: expected a date and a number")
        self.row = row


class LinkNotAFile(Unreadable):
    """A link stands where a file is expected: what it leads to has to be fetched first."""

    code = "link-not-a-file"


class LinkHoldsNoRecord(Unreadable):
    """Behind a link is nothing that a record is made of: no file, or files of other kinds only."""

    code = "link-holds-no-record"


class NotACode(Unreadable):
    """Scanned text that no part of the passport made or knows."""

    code = "not-a-code"


class PictureUnreadable(Unreadable):
    """The file given as a picture is none that can be opened."""

    code = "picture-unreadable"


class MalformedToken(Unreadable):
    """A JWS, JWE, COSE or CBOR whose form breaks its standard."""

    code = "malformed-token"


class TooLarge(Unreadable):
    code = "too-large"


class MovingCodeTooLarge(TooLarge):
    """More than a moving code carries: a file does."""

    code = "moving-code-too-large"


class FrameBroken(Unreadable):
    """A text that begins like a frame of a moving code and is none: cut off, misread or made up."""

    code = "frame-broken"


class HeaderUnreadable(Unreadable):
    """The vault header is damaged or of an unknown version."""

    code = "vault-unreadable"


class BackupUnreadable(Unreadable):
    """A file that is no backup, or one of a form this passport does not know."""

    code = "backup-unreadable"


class TrustUnreadable(Unreadable):
    """Trust metadata or one of its lists breaks its form."""

    code = "trust-unreadable"


class RecoveryWordsMistyped(Unreadable):
    """The recovery words do not fit their checksum."""

    code = "recovery-words-mistyped"


# ---- do not believe it ----------------------------------------------------------------------


class NotBelieved(PassportError):
    code = "not-believed"


class Tampered(NotBelieved):
    """A signature, tag or hash does not fit the bytes."""

    code = "tampered"


class VaultChanged(Tampered):
    """The vault header opened, and is not as it was written: damaged, or changed by somebody."""

    code = "vault-changed"


class BackupTampered(Tampered):
    """A backup that was changed, cut off or added to after it was made."""

    code = "backup-tampered"


class IssuerUnknown(NotBelieved):
    code = "issuer-unknown"


class KeyUnknown(NotBelieved):
    """The issuer is known; this key is not one of its keys."""

    code = "key-not-the-issuers"


class KeyRevoked(NotBelieved):
    code = "key-revoked"


class WrongPatient(NotBelieved):
    code = "wrong-patient"


class WrongLogin(WrongPatient):
    """Somebody else logged in than the person whose passport this is."""

    code = "wrong-login"


class UpdateReplayed(NotBelieved):
    code = "update-replayed"


class UpdateMissing(NotBelieved):
    """A gap: the update before this one was not received."""

    code = "update-missing"


@dataclass(frozen=True, slots=True)
class ForkEvidence:
    """What a fork leaves in hand: the signed texts, oldest first, that cannot stand beside each other.

    `known` is the hash of the newest update that was believed (its text is in the store), None before the first.
    `about` is the hash of the update that the last of `signed` is, or names: the same contradiction, told again
    in a newer head, is the same.
    """

    iss: str
    known: str | None
    signed: tuple[str, ...] = field(repr=False)
    about: str = ""


class UpdateForked(NotBelieved):
    """Two different updates, both signed, claim the same place in the feed; `evidence` is kept."""

    code = "update-forked"

    def __init__(self, message: str, evidence: ForkEvidence) -> None:
        super().__init__(message)
        self.evidence = evidence


class HeadTooOld(NotBelieved):
    code = "head-too-old"


class NotYetValid(NotBelieved):
    code = "not-yet-valid"


class EntryProofWrong(NotBelieved):
    """Entries with their salts and nodes do not lead to the signed root, or the proof has another form."""

    code = "entry-proof-wrong"


class EntrySaltWithheld(EntryProofWrong):
    """An entry came without the salt that its leaf was made with: nothing can be said of its bytes."""

    code = "entry-salt-withheld"


class EntryNodesWrong(EntryProofWrong):
    """A proof of entries has a node too few or too many for the places it speaks of."""

    code = "entry-nodes-wrong"


class EntriesOutOfOrder(EntryProofWrong):
    """Entries of a proof do not stand each once, in rising order, inside the tree."""

    code = "entries-out-of-order"


class EntryCountWrong(EntryProofWrong):
    """A proof speaks of a tree of another size than the holder signed."""

    code = "entry-count-wrong"


class AttestationWrong(NotBelieved):
    """The attestation speaks of another person, another key, or was not signed by its issuer."""

    code = "attestation-wrong"


class TextRefused(NotBelieved):
    """A plain-words code breaks a rule of its form (control characters, two trailers, text after it)."""

    code = "plain-words-refused"


class TermsChanged(NotBelieved):
    """What the code says and what the patient signed differ."""

    code = "terms-changed"


class FramesDoNotFit(NotBelieved):
    """Frames of one moving code contradict each other, or are not the payload they name."""

    code = "frames-do-not-fit"


class TrustRolledBack(NotBelieved):
    code = "trust-rolled-back"


class TrustNotSigned(NotBelieved):
    """Trust metadata without the signatures its root asks for."""

    code = "trust-not-signed"


class TrustMixed(Tampered):
    """Files of the trust list that do not belong together: one is not what another, signed, says it is."""

    code = "trust-mixed"


class TrustTooOld(NotBelieved):
    """The list of keys is past every grace: nothing can be checked against it."""

    code = "trust-too-old"


class StoreDamaged(NotBelieved):
    """The store opens with its key and its content fails its own check."""

    code = "store-damaged"


# ---- may not --------------------------------------------------------------------------------


class NotAllowed(PassportError):
    code = "not-allowed"


class NothingTyped(NotAllowed):
    """A passphrase or PIN of no letters: nothing was tried, so nothing is counted."""

    code = "nothing-typed"


class WrongPassphrase(NotAllowed):
    code = "wrong-passphrase"


class WrongPin(NotAllowed):
    """The PIN, or the device secret beside it, is another one."""

    code = "wrong-pin"


class WrongRecoveryWords(NotAllowed):
    """The recovery words are well formed and belong to another passport."""

    code = "wrong-recovery-words"


class WaitBeforeRetry(NotAllowed):
    """Too many wrong tries; `seconds` is how long to wait."""

    code = "wait-before-retry"

    def __init__(self, seconds: int) -> None:
        super().__init__(f"{seconds} s left")
        self.seconds = seconds


class PassphraseTooWeak(NotAllowed):
    code = "passphrase-too-weak"


class NameRefused(NotAllowed):
    """A name for a passport is too long or holds what cannot be seen."""

    code = "name-refused"


class NameTaken(NotAllowed):
    """Two people on one device may not have the same name: the banner would not tell them apart."""

    code = "name-taken"


class PinTooWeak(NotAllowed):
    """The PIN has another length, other characters than digits, or is among the first that are guessed."""

    code = "pin-too-weak"


class OlderCopyOpened(NotAllowed):
    """An older copy of the passport was put back: it is read and not written until it is put right."""

    code = "older-copy-opened"


class NotHere(NotAllowed):
    """What was named by its number is not in this passport."""

    code = "not-here"


class NothingToSave(NotAllowed):
    """What was chosen to be saved as a file is empty."""

    code = "nothing-to-save"


class FileExists(NotAllowed):
    """There is a file of this name already; it is written over only where the patient says so."""

    code = "file-exists"


class NotAnImport(NotAllowed):
    """What a holder signed is not the patient's to take back; a file brought in is."""

    code = "not-an-import"


class OwnWordsTooLong(NotAllowed):
    """A note or a reason of the patient's own has more characters than are kept."""

    code = "own-words-too-long"


class OwnWordsNotPlain(NotAllowed):
    """A note or a reason of the patient's own has characters that cannot be seen, or none that can."""

    code = "own-words-not-plain"


class CardWordsRefused(NotAllowed):
    """Own words for the emergency card are empty, too long, too many, or have characters that cannot be seen."""

    code = "card-words-refused"


class CardContactRefused(NotAllowed):
    """Somebody to call from the emergency card has no name that can be shown or no number that can be called."""

    code = "card-contact-refused"


class PassportExists(NotAllowed):
    """There is a passport here already; it is never overwritten."""

    code = "passport-exists"


class PassportOfAnother(NotAllowed):
    """This passport is here already, as another person's of the same device; it is kept once."""

    code = "passport-of-another"


class OlderBackup(NotAllowed):
    """What is here is newer than the backup, or may be: it is replaced only where the patient says so."""

    code = "older-backup"


class WrongPasscode(NotAllowed):
    """A link's passcode was wrong; `remaining` tries are left for its whole life."""

    code = "wrong-passcode"

    def __init__(self, remaining: int) -> None:
        super().__init__(f"{remaining} tries left")
        self.remaining = remaining


class PasscodeNeeded(NotAllowed):
    code = "passcode-needed"


class LinkPasscodeNeeded(PasscodeNeeded):
    """The link a patient was given opens with a passcode."""

    code = "link-passcode-needed"


class RelayNotListed(NotAllowed):
    """A link points to a relay that the trust list does not name."""

    code = "relay-not-listed"


class LinkLeadsElsewhere(RelayNotListed):
    """The files of a link lie at another host than the one the patient agreed to ask."""

    code = "link-leads-elsewhere"


# ---- not any more ---------------------------------------------------------------------------


class NoLonger(PassportError):
    code = "no-longer"


class Expired(NoLonger):
    code = "expired"


class AttestationExpired(NoLonger):
    """The attestation of the patient's key is past its time: the words may be genuine, nobody vouches for them now."""

    code = "attestation-expired"


class DeviceRevoked(NoLonger):
    """The record service no longer vouches for this device: it was reported lost."""

    code = "device-revoked"


class CardWithdrawn(NoLonger):
    """The issuer lists this card as withdrawn (SMART Health Cards `rid`)."""

    code = "card-withdrawn"


class PinSpent(NoLonger):
    """The PIN opens nothing any more: too many wrong tries, or this device no longer has its secret."""

    code = "pin-spent"


class Ended(NoLonger):
    """The relay no longer serves it: ended by the patient, used up, or past its time."""

    code = "ended"


class LinkEnded(Ended):
    """The link a patient was given opens nothing any more."""

    code = "link-ended"
