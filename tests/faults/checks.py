"""What must hold of a passport whose disk was spoilt: all that was acknowledged, and nothing half done.

Opens the passport as the next start would, and gives a line for each thing that is not as it must be.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from app.actions.backing_up import back_up_if_chosen
from app.actions.importing import import_file
from app.actions.restoring import restore
from app.actions.session import Passport, create_passport, unlock, unlock_with_pin, unlock_with_recovery
from app.actions.sharing import GIVEN
from app.record.source import Checked
from app.store.home import PassportHome
from crypto.errors import NoPassport, PassportError, PinSpent, WrongPassphrase, WrongPin, WrongRecoveryWords
from crypto.vault_header import FLOOR, read_header
from tests.actions.made_up import PHRASE
from tests.faults.acts import BACKUPS, PACKED, Said, Stage, file_of

STAYS = {"vault.json", "lock", "emergency.json", "appearance.json", "in-use", "copying", "tries.json"}
"""What may lie beside the store in the folder of a passport that is closed."""
LAST_FILE = 99


@dataclass
class Acknowledged:
    """What was said of a run: what may never be lost, and what was under way."""

    phrases: list[str] = field(default_factory=list)
    phrase_under_way: str | None = None
    words: str | None = None
    words_under_way: bool = False
    former_words: str | None = None
    backed_up: list[set[int]] = field(default_factory=list)
    restoring: tuple[str, set[int]] | None = None
    """The passphrase and the files of a backup that is being restored."""
    pins: list[str | None] = field(default_factory=lambda: [None])
    pin_under_way: tuple[str | None, ...] = ()
    files: set[int] = field(default_factory=set)
    file_under_way: int | None = None
    feeds: dict[str, int] = field(default_factory=dict)
    given: set[str] = field(default_factory=set)
    ended: set[str] = field(default_factory=set)
    switched: tuple[str | None, ...] = (None,)

    def hear(self, one: Said) -> None:
        """What one line says."""
        self._hear_of_the_keys(one)
        self._hear_of_the_record(one)
        self._hear_of_files(one)

    def _hear_of_the_keys(self, one: Said) -> None:
        match one["what"]:
            case "creating" | "changing":
                self.phrase_under_way = one["phrase"]
            case "created" | "passphrase":
                self.phrases.append(one["phrase"])
                self.phrase_under_way = None
                self.words = one.get("words", self.words)
            case "renewing":
                self.words_under_way = True
            case "words":
                self.former_words, self.words, self.words_under_way = self.words, one["words"], False
            case "pinning":
                self.pin_under_way = (one["pin"],)
            case "pin":
                self.pins.append(one["pin"])
                self.pin_under_way = ()

    def _hear_of_the_record(self, one: Said) -> None:
        match one["what"]:
            case "importing":
                self.file_under_way = one["number"]
            case "imported":
                self.files.add(one["number"])
                self.file_under_way = None
            case "updated":
                self.feeds = one["feeds"]
            case "given":
                self.given.add(one["grant"])
            case "ended":
                self.ended.add(one["grant"])

    def _hear_of_files(self, one: Said) -> None:
        match one["what"]:
            case "restoring":
                self.restoring = (one["phrase"], set(one["files"]))
            case "restored":
                self.phrases = [one["phrase"]]
                self.files, self.restoring = set(one["files"]), None
            case "backed-up":
                self.backed_up.append(set(one["files"]))
            case "switching":
                self.switched = (self.switched[-1], one["value"])
            case "switched":
                self.switched = (one["value"],)


def acknowledged(said: Sequence[Said]) -> Acknowledged:
    heard = Acknowledged()
    for one in said:
        heard.hear(one)
    return heard


def problems(stage: Stage, said: Sequence[Said]) -> list[str]:
    """Everything that is not as it must be, in words for engineers; empty when all is well."""
    known = acknowledged(said)
    try:
        found = [*beside(stage, known)]
        if not known.phrases and not stage.home.exists():
            found += made_anew(stage)
        else:
            found += opening(stage, known)
        found += left_over(stage)
    except PassportError as error:
        return [f"refused: {error}"]
    return found


def opening(stage: Stage, known: Acknowledged) -> Iterator[str]:
    """Exactly one passphrase opens; the words do; all is there; and then it can be written to again."""
    with closing_opened(stage, known) as (passport, wrong):
        yield from wrong
        if passport is None:
            return
        if passport.rolled_back:
            yield "the newest copy was called an older one"
            return
        yield from whole(passport)
        yield from contents(stage, passport, known)
        import_file(passport, file_of(LAST_FILE), "last.json", now=stage.world.now)
        state = back_up_if_chosen(passport, now=stage.world.now + timedelta(days=1))
        if state is not None and state.problem:
            yield f"no backup can be made any more: {state.problem}"
    yield from backups(stage, known, made_again=state is not None)
    yield from by_words(stage, known)
    yield from by_pin(stage, known)


def by_words(stage: Stage, known: Acknowledged) -> Iterator[str]:
    """The words open it, unless they were just being replaced; what was brought in afterwards is there."""
    if known.words is None:
        return
    try:
        passport = unlock_with_recovery(stage.home, known.words, now=stage.world.now)
    except WrongRecoveryWords:
        if not known.words_under_way:
            yield "the words do not open it"
        return
    if known.former_words is not None and not known.words_under_way:
        try:
            unlock_with_recovery(stage.home, known.former_words, now=stage.world.now).lock()
            yield "words open it that were replaced"
        except WrongRecoveryWords:
            pass
    if not passport.store.search(f"Madeupitis{LAST_FILE}").entries:
        yield "what was brought in afterwards is gone"
    passport.lock()


def backups(stage: Stage, known: Acknowledged, *, made_again: bool) -> Iterator[str]:
    """Every file that has the name of a backup brings the record back, the newest with all that was acknowledged."""
    folder = stage.folder / BACKUPS
    found = sorted(folder.glob("*.passport-backup"))
    if len(found) < len(known.backed_up[-1:]) + made_again:
        yield f"backups: {[path.name for path in found]}"
        return
    for number, path in enumerate(found):
        home = PassportHome(stage.folder / f"from-backup-{number}")
        passport = restore(home, path.read_bytes(), known.words or "", PHRASE, now=stage.world.now, cost=FLOOR)
        there = {message for message in known.files if passport.store.search(f"Madeupitis{message}").entries}
        passport.lock()
        if known.backed_up and path == found[-1 - made_again] and not there >= known.backed_up[-1]:
            yield f"a backup brings back {sorted(there)} of {sorted(known.backed_up[-1])}"
    if made_again and [path for path in folder.iterdir() if path not in found]:
        yield "half a backup is left over"


def by_pin(stage: Stage, known: Acknowledged) -> Iterator[str]:
    """Exactly one of the PINs that may open opens, where there is one; none that was replaced or taken away does."""
    may = {known.pins[-1], *known.pin_under_way}
    opens = {pin for pin in {*known.pins[-2:], *known.pin_under_way} - {None} if pin and opens_with_pin(stage, pin)}
    if opens - may:
        yield "a PIN opens that was replaced or taken away"
    if not opens and None not in may:
        yield "no PIN opens any more"
    if len(opens) > 1:
        yield "two PINs open"


def opens_with_pin(stage: Stage, pin: str) -> bool:
    try:
        unlock_with_pin(stage.home, pin, now=stage.world.now).lock()
    except (WrongPin, PinSpent):
        return False
    return True


@contextmanager
def closing_opened(stage: Stage, known: Acknowledged) -> Iterator[tuple[Passport | None, list[str]]]:
    """The passport behind the one passphrase that opens it, and what is wrong with that."""
    under_way = known.phrase_under_way or (known.restoring and known.restoring[0])
    right = known.phrases[-1:] + ([under_way] if under_way else [])
    former = [phrase for phrase in known.phrases[-2:-1] if phrase not in right]
    opens: dict[str, Passport] = {}
    for phrase in [*former, *right]:
        try:
            opens[phrase] = unlock(stage.home, phrase, now=stage.world.now)
        except WrongPassphrase:
            continue
    wrong = [f"a former passphrase opens: {phrase}" for phrase in former if phrase in opens]
    if len([phrase for phrase in right if phrase in opens]) != 1:
        wrong.append(f"{len(opens)} of {len(right)} passphrases open")
    if known.restoring is not None and known.restoring[0] in opens:
        known.files = known.restoring[1]
    try:
        yield next(iter(opens.values()), None), wrong
    finally:
        for passport in opens.values():
            passport.lock()


def whole(passport: Passport) -> Iterator[str]:
    """The library's own checks of the file."""
    ask = passport.store._driver.rows
    ask("PRAGMA wal_checkpoint(TRUNCATE)")  # the cipher's check reads the file and not what waits beside it
    for pragma, right in (("cipher_integrity_check", []), ("integrity_check", [("ok",)]), ("foreign_key_check", [])):
        found = ask(f"PRAGMA {pragma}")
        if found != right:
            yield f"{pragma}: {found[:3]}"
    ((entries, words),) = ask("SELECT (SELECT count(*) FROM entry), (SELECT count(*) FROM entry_words)")
    if entries != words:
        yield f"{entries} entries and {words} rows of the index"


def contents(stage: Stage, passport: Passport, known: Acknowledged) -> Iterator[str]:
    """Files, updates and access as they were acknowledged; of what was under way all or nothing."""
    store = passport.store
    sources = store.sources()
    raw = [store.raw_message(source.source_id) for source in sources]
    for number in sorted(known.files):
        if raw.count(file_of(number)) != 1 or not store.search(f"Madeupitis{number}").entries:
            yield f"file {number} is there {raw.count(file_of(number))} times"
    unsigned = {source.source_id for source in sources if source.checked is Checked.NOT_SIGNED}
    if len(unsigned) - len(known.files) not in (0, int(known.file_under_way is not None)):
        yield f"{len(unsigned)} files, of which {len(known.files)} were acknowledged"
    for feed in store.feeds():
        stored = len([source for source in sources if source.iss == feed.iss])
        if stored != feed.seq:
            yield f"a feed stands at {feed.seq} with {stored} updates"
    positions = {feed.iss: feed.seq for feed in store.feeds()}
    for iss, seq in known.feeds.items():
        if positions.get(iss, 0) < seq:
            yield f"a feed went back from {seq} to {positions.get(iss, 0)}"
    yield from access(passport, known)


def access(passport: Passport, known: Acknowledged) -> Iterator[str]:
    """Each access given is there with its line in the log; each ended is ended, or waits to be."""
    store = passport.store
    grants = {grant.id: grant for grant in store.grants()}
    waiting = {row.about for row in store.outgoing()}
    for grant in known.given - set(grants):
        yield f"access {grant[:6]} is gone"
    for grant in known.ended:
        if grants[grant].ended_at is None and grant not in waiting:
            yield f"access {grant[:6]} is not ended"
    logged = sorted(row.grant_id for row in store.access_log() if row.what == GIVEN)
    if logged != sorted(grants):
        yield f"{len(grants)} times access, {len(logged)} lines in the log"


def beside(stage: Stage, known: Acknowledged) -> Iterator[str]:
    """The card and the looks, which lie beside the vault: the one acknowledged, or the one under way."""
    for name, found in (("card", stage.home.read_locked_card()), ("looks", stage.home.read_appearance())):
        if (None if found is None else found.decode()) not in known.switched:
            yield f"{name}: {found!r} is none of {known.switched}"


def made_anew(stage: Stage) -> Iterator[str]:
    """A creation that was cut off leaves no passport, and the next creation makes one."""
    try:
        unlock(stage.home, PHRASE, now=stage.world.now)
        yield "what was never finished opens"
    except NoPassport:
        pass
    if (stage.folder / PACKED).exists():
        data, words = (stage.folder / PACKED).read_bytes(), stage.words()
        restore(stage.home, data, words, PHRASE, now=stage.world.now, cost=FLOOR).lock()
    else:
        create_passport(stage.home, PHRASE, now=stage.world.now, cost=FLOOR)[0].lock()
    unlock(stage.home, PHRASE, now=stage.world.now).lock()


def left_over(stage: Stage) -> Iterator[str]:
    """Nothing lies about once the passport was opened and closed: no temporary file, no second store."""
    header = read_header(stage.home.read_header())
    number = int(getattr(header, "store", 1))
    store = "record.db" if number == 1 else f"record-{number}.db"
    for path in sorted(stage.home.path.iterdir()):
        if path.name not in STAYS | {store}:
            yield f"left over: {generic(path)}"


def generic(path: Path) -> str:
    """A file's name without what is random in it."""
    return ".".join(path.name.split(".")[:3])
