"""Home, getting the record, and bringing in a file."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime

from app.actions import browsing, emergency, emergency_choices, importing, sharing
from app.actions.card_openings import CardOpenings, openings_to_tell, openings_were_seen
from app.actions.importing import Brought
from app.actions.kept_login import is_connected, was_connected
from app.actions.link_in import link_in
from app.actions.progress import Progress
from app.actions.refreshing import Refreshed, connect, refresh
from app.actions.session import Passport, recovery_is_kept
from app.journeys import shown
from app.journeys.codes import code_or_file
from app.journeys.desk import Desk, Place
from app.journeys.lists import Lists
from app.record.entry import Section
from app.record.source import SourceKind
from app.screens.choose_person import ChoosePersonEvents, ChoosePersonState, MadeUpPerson
from app.screens.home import CardOpened, HomeEvents, HomeState, LastBackup
from app.screens.importing import ImportedState, ImportEvents, ImportPreviewState
from app.screens.message import MessageEvents, MessageState
from app.screens.places import Moves
from app.screens.progress import ProgressState, Step
from app.ui.say import sentence
from crypto.errors import (
    ClockWrong,
    LoginNeeded,
    NetworkUnavailable,
    PassportError,
    ServiceTooSlow,
    StoreUnavailable,
    Unavailable,
    WrongLogin,
)
from crypto.shlink import Link

OFFLINE = (NetworkUnavailable, ServiceTooSlow)
"""What counts as no signal; a service that answers and refuses does not."""
Picked = tuple[str, bytes]


@dataclass(frozen=True, slots=True)
class Care:
    """What keeps the record from being lost, as Home tells it: the places, and two things done along the way."""

    backup: Place
    new_words: Place
    older: Place
    last_backup: Callable[[], Awaitable[LastBackup]]


@dataclass(slots=True)
class Record:
    """One window's way through the record. `pick` opens the file picker and gives name and bytes, or None.

    `link` is where a link is brought in; `use_link` goes on with one that was found in a file.
    """

    desk: Desk
    pick: Callable[[], Awaitable[Picked | None]]
    emergency: Callable[[], Awaitable[None]]
    give_access: Callable[[], Awaitable[None]]
    connect: Callable[[], Awaitable[None]]
    lists: Lists
    care: Care
    link: Place
    use_link: Callable[[Link], Awaitable[None]]
    _since: datetime | None = None
    _looked: bool = False
    _picked: Brought | None = field(default=None, repr=False)
    _refused: frozenset[tuple[str, str]] = frozenset()
    _openings: CardOpenings = field(default_factory=CardOpenings)
    _fetching: asyncio.Lock = field(default_factory=asyncio.Lock, repr=False)
    """One asks at a time: a login is renewed with a token that counts once."""

    # ---- Home -----------------------------------------------------------------------------

    def home_events(self, moves: Moves) -> HomeEvents:
        """What Home calls."""
        go = self.desk.go
        return HomeEvents(
            moves=moves,
            emergency=lambda: go(self.emergency),
            open_section=lambda section: go(lambda: self.lists.section(section)),
            search=lambda: go(self.lists.search),
            timeline=lambda: go(self.lists.section),
            give_access=self.give_access,
            update=self.update,
            import_file=self.pick_file,
            link=lambda: go(self.link),
            backup=lambda: go(self.care.backup),
            new_words=self.care.new_words,
            older=lambda: go(self.care.older),
            card_opened_seen=self._card_opened_seen,
        )

    async def home(self) -> None:
        """Home as it stands."""
        self.desk.shell.show(await self._home_state())

    async def home_again(self) -> None:
        """Home as it stands now, where it is on the screen and nothing else was put on while it was looked up."""
        shell = self.desk.shell
        if isinstance(shell.screen, HomeState):
            state = await self._home_state()
            if isinstance(shell.screen, HomeState):
                shell.show(state)

    async def _home_state(self) -> HomeState:
        desk = self.desk
        passport = desk.passport
        if not self._looked:
            self._since = await desk.work(browsing.note_look, passport, now=desk.now())
            self._looked = True
        summary = await desk.work(browsing.home_summary, passport, since=self._since)
        why = await desk.work(emergency_choices.why_look, passport, now=desk.now())
        new = () if self._since is None else await desk.work(browsing.new_entries, passport, self._since)
        self._openings = await desk.work(_openings_to_tell, passport)
        person, updates = summary.person, shown.updated(summary, desk.kinds)
        services = desk.services
        return HomeState(
            name=person.display_name if person is not None else desk.words("home.nobody-yet"),
            age=None if person is None else person.age(desk.local(desk.now()).date()),
            sections=shown.section_cards(summary.sections, desk.words),
            new=shown.new_from(new),
            updated_at=max((desk.local(one.received_at) for one in updates), default=None),
            updated_from=tuple(one.issuer_name for one in updates),
            offline=desk.offline,
            can_update=services is not None,
            made_up=services is not None and services.profile.made_up,
            aside=summary.aside,
            backup=await self.care.last_backup(),
            words_kept=await desk.work(recovery_is_kept, passport),
            older=passport.rolled_back,
            look_again="" if why is None else why.value,
            card_opened=self._card_opened(),
        )

    def _card_opened(self) -> CardOpened | None:
        told = self._openings
        if not told.calls:
            return None
        return CardOpened(told.count, tuple(self.desk.local(at) for at in told.times), told.spoiled)

    async def _card_opened_seen(self) -> None:
        await self.desk.work(openings_were_seen, self.desk.passport, self._openings)
        await self.home()

    def forget_look(self) -> None:
        """After locking: the next Home begins a new look."""
        self._since, self._looked, self._picked, self._refused = None, False, None, frozenset()
        self._openings = CardOpenings()

    # ---- getting it -----------------------------------------------------------------------

    def people_events(self) -> ChoosePersonEvents:
        """What the choice of a made-up person calls."""
        return ChoosePersonEvents(choose=self._connect, back=self.desk.back)

    async def people(self) -> None:
        """The made-up people of the stand-in."""
        profile = self.desk.online.profile
        people = tuple(MadeUpPerson(one.id, one.label) for one in profile.people)
        self.desk.shell.show(ChoosePersonState(people))

    async def update(self) -> None:
        """Ask every holder for what is new, or begin by saying whose record it is."""
        desk = self.desk
        if not await desk.work(is_connected, desk.passport):
            await self._connect_again()
            return
        await self.fetched(lambda told: refresh(desk.passport, desk.online, now=desk.now(), told=told))

    async def _connect_again(self) -> None:
        """Say whose record it is: on the login page, or among the made-up people where nobody used that page yet."""
        desk = self.desk
        if desk.online.profile.made_up and not await desk.work(was_connected, desk.passport):
            await desk.go(self.people)
        else:
            await self.connect()

    async def update_quietly(self) -> tuple[PassportError, ...]:
        """Fetch what is new behind the screens, and give what went wrong.

        Home is drawn anew where it is what is shown. Without a network it says so and nothing else changes; what a
        holder was refused for is told once, not at each visit.
        """
        desk = self.desk
        if desk.services is None:
            return ()
        passport, services = desk.passport, desk.services
        try:
            if not await desk.work(is_connected, passport):
                return await self._end_what_waits(passport)
            async with self._fetching:
                refreshed = await desk.work(refresh, passport, services, now=desk.now(), told=lambda _progress: None)
            await desk.work(emergency.renew_locked_card, passport, now=desk.now())
        except (LoginNeeded, ClockWrong, WrongLogin):
            await self.home_again()
            raise  # a person has to do something about it
        except Unavailable as error:
            if self._is_still_at(passport):
                desk.offline = isinstance(error, OFFLINE)
                await self.home_again()
            return (error,)
        if self._is_still_at(passport):
            desk.changed()
            self._note_offline(refreshed)
            if isinstance(desk.shell.screen, HomeState) and not self._was_told(refreshed):
                await self._told(refreshed)
            else:
                await self.home_again()
        return tuple(one.refusal for one in refreshed.outcomes if one.refusal is not None)

    async def _end_what_waits(self, passport: Passport) -> tuple[PassportError, ...]:
        """A passport nobody logged in with asks no holder; what it ended still has to reach its relay."""
        desk = self.desk
        done = await desk.work(sharing.deliver_endings, passport, desk.online, now=desk.now())
        return () if done.refusal is None else (done.refusal,)

    def _is_still_at(self, passport: Passport) -> bool:
        return self.desk.is_open and self.desk.passport is passport

    def _was_told(self, refreshed: Refreshed) -> bool:
        """Whether everything that was refused was told before."""
        found = frozenset((one.name, one.refusal.code) for one in refreshed.outcomes if one.refusal is not None)
        before, self._refused = self._refused, found
        return found <= before

    def _note_offline(self, refreshed: Refreshed) -> None:
        """No signal is when none of the holders that have a record of this person could be reached."""
        services = self.desk.online
        subjects = {} if services.tokens is None else services.tokens.subjects
        holders = {holder.name for holder in services.profile.holders if holder.iss in subjects}
        unreached = {one.name for one in refreshed.outcomes if isinstance(one.refusal, OFFLINE)}
        self.desk.offline = bool(holders) and holders <= unreached

    async def _connect(self, person_id: str) -> None:
        desk = self.desk
        await self.fetched(lambda told: connect(desk.passport, desk.online, person_id, now=desk.now(), told=told))

    async def fetched(self, fetch: Callable[[Callable[[Progress], None]], Refreshed]) -> None:
        """Show how far `fetch` is, then Home, or first what was refused."""
        desk = self.desk
        names = tuple(holder.name for holder in desk.online.profile.holders)
        desk.shell.show(self._progress(Progress("", 0.0), names))

        def told(progress: Progress) -> None:
            desk.shell.post(self._show_progress, progress, names)

        try:
            async with self._fetching:
                refreshed = await desk.work(fetch, told)
            await desk.work(emergency.renew_locked_card, desk.passport, now=desk.now())
        except PassportError as error:
            desk.offline = isinstance(error, OFFLINE)
            await desk.start_at(self.home)
            raise
        finally:
            desk.changed()
        await self._told(refreshed, asked=True)

    async def _told(self, refreshed: Refreshed, *, asked: bool = False) -> None:
        """Home, or first what was refused; a holder that could not be reached is told only where one `asked`."""
        self._note_offline(refreshed)
        refused = [(one.name, one.refusal) for one in refreshed.outcomes if one.refusal is not None]
        worth = [(name, refusal) for name, refusal in refused if asked or not isinstance(refusal, Unavailable)]
        if not worth:
            await self.desk.start_at(self.home)
            return
        words = self.desk.words
        lines = [words("update.refused", name=name, why=sentence(refusal, words)) for name, refusal in worth]
        heading, action = words("update.refused.title"), words("button.continue")
        self.desk.shell.show(MessageState(heading, "\n".join(lines), action, problem=True))

    def message_events(self) -> MessageEvents:
        """What a message calls: on to Home."""
        return MessageEvents(act=lambda: self.desk.start_at(self.home))

    def _show_progress(self, progress: Progress, names: tuple[str, ...]) -> None:
        """What a thread told may come when the screen it belongs to has been left."""
        if isinstance(self.desk.shell.screen, ProgressState):
            self.desk.shell.show(self._progress(progress, names))

    def _progress(self, progress: Progress, names: tuple[str, ...]) -> ProgressState:
        words = self.desk.words
        label = words("progress.from", name=progress.holder) if progress.holder else words("progress.begin")
        if progress.entries:
            label = words.count("progress.entries", progress.entries)
        return ProgressState(label, progress.done, tuple(Step(name, name in progress.finished) for name in names))

    # ---- a file ---------------------------------------------------------------------------

    def import_events(self) -> ImportEvents:
        """What the import screens call."""
        return ImportEvents(keep=self._keep, done=lambda: self.desk.start_at(self.home), back=self.desk.back)

    async def pick_file(self) -> None:
        """Choose a file and show what is in it, or where the link in it leads, before anything is kept."""
        picked = await self.pick()
        self.desk.shell.require_current()
        if picked is None:
            return
        name, data = picked
        found = await self.desk.work(code_or_file, data)
        link = link_in(found)
        if link is not None:
            await self.use_link(link)
            return
        self._picked = importing.brought_file(found, name)
        await self.desk.go(self._preview)

    async def look_at(self, brought: Brought) -> None:
        """Show what was brought in, in place of where one is, before anything is kept."""
        self._picked = brought
        await self.desk.replace(self._preview)

    async def _preview(self) -> None:
        desk = self.desk
        if self._picked is None:
            await desk.back()
            return
        brought = self._picked
        try:
            report = await desk.work(importing.preview_brought, desk.passport, brought, now=desk.now())
        except PassportError:
            self._picked = None
            raise
        person = report.person
        counts = tuple((Section(section), number) for section, number in report.sections.items())
        desk.shell.show(
            ImportPreviewState(
                file_name=brought.name,
                person=person.display_name if person is not None else "",
                born=desk.words.partial_date(person.birth_date) if person is not None else "",
                counts=counts,
                not_displayed=len(report.not_displayed),
                signed_by=report.signed_by,
                already_here=report.already_here,
                by_link=brought.kind is SourceKind.LINK,
            )
        )

    async def _keep(self) -> None:
        desk = self.desk
        if self._picked is None:
            await desk.back()
            return
        brought, self._picked = self._picked, None
        desk.shell.busy(desk.words("busy.keeping"))
        report = await desk.work(importing.import_brought, desk.passport, brought, now=desk.now())
        desk.changed()
        await desk.work(emergency.renew_locked_card, desk.passport, now=desk.now())
        counts = tuple((Section(section), number) for section, number in report.sections.items())
        desk.shell.show(ImportedState(counts, report.accounted, len(report.not_displayed)))


def _openings_to_tell(passport: Passport) -> CardOpenings:
    """A box that the disk does not give now is told at the next Home."""
    try:
        return openings_to_tell(passport)
    except StoreUnavailable:
        return CardOpenings()
