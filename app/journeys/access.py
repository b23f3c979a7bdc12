"""Giving access in three steps, the access that runs, and ending it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal

from app.actions import sharing
from app.actions.sharing import Access
from app.journeys import shown
from app.journeys.desk import Desk, Place
from app.policy.access import DEFAULT_HOW_LONG, LEAST_SECTIONS, HowLong, ends_at
from app.qr.draw import draw_link
from app.record.entry import Section
from app.screens.give_access import AccessEvents, AccessHowLongState, AccessWhatState, AccessWhoState, SectionChoice
from app.screens.home import SectionCard
from app.screens.live_access import (
    EndedAccessState,
    EndingAccessState,
    LiveAccessEvents,
    LiveAccessState,
    Opening,
)
from app.screens.places import Moves
from app.screens.share import AccessLine, ShareEvents, ShareState
from app.ui.parts import CodePicture
from crypto.errors import Unavailable

ASK_EVERY_SECONDS = 3
"""How often the relay is asked who opened a link, while its screen is open."""


@dataclass(slots=True)
class Choice:
    """What is being put together, step by step."""

    ticked: set[Section] = field(default_factory=set)
    how_long: HowLong = DEFAULT_HOW_LONG


@dataclass(slots=True)
class GiveAccess:
    """One window's way through giving access. `copy` puts a link on the clipboard, `save_record` leads to a file."""

    desk: Desk
    copy: Callable[[str], Awaitable[None]]
    save_record: Place
    _choice: Choice = field(default_factory=Choice)
    _pictures: dict[str, CodePicture] = field(default_factory=dict, repr=False)
    _following: object = None

    def forget(self) -> None:
        """After locking: no code stays drawn, no choice stays made."""
        self._choice, self._pictures, self._following = Choice(), {}, None

    # ---- three steps ----------------------------------------------------------------------

    def events(self, moves: Moves) -> AccessEvents:
        """What the three steps call."""
        return AccessEvents(
            moves=moves, tick=self._tick, choose=self._choose, on=self._on, give=self._give, back=self.desk.back
        )

    async def begin(self) -> None:
        """Step 1, with the least ticked."""
        self._choice = Choice({one.section for one in await self._sections() if one.section in LEAST_SECTIONS})
        await self.desk.go(self._what)

    async def _sections(self) -> list[SectionCard]:
        """What may go along: sections with entries, and those a list said something of."""
        counted = await self.desk.work(self.desk.passport.store.sections)
        cards = shown.section_cards(counted, self.desk.words)
        return [card for card in cards if card.count or card.said]

    async def _what(self, problem: str = "") -> None:
        choices = tuple(
            SectionChoice(one.section, one.count, one.section in self._choice.ticked, ". ".join(one.said))
            for one in await self._sections()
        )
        self.desk.shell.show(AccessWhatState(choices, problem))

    async def _tick(self, section: Section, ticked: bool) -> None:
        (self._choice.ticked.add if ticked else self._choice.ticked.discard)(section)
        await self._what()

    async def _on(self) -> None:
        if isinstance(self.desk.shell.screen, AccessWhoState):
            await self.desk.go(self._how_long)
        elif self._choice.ticked:
            await self.desk.go(self._who)
        else:
            await self._what(self.desk.words("access.nothing-ticked"))

    async def _who(self) -> None:
        self.desk.shell.show(AccessWhoState())

    async def _how_long(self, problem: str = "") -> None:
        self.desk.shell.show(AccessHowLongState(self._choice.how_long, self._chosen(), problem))

    async def _choose(self, how_long: HowLong) -> None:
        self._choice.how_long = how_long
        await self._how_long()

    def _chosen(self) -> tuple[Section, ...]:
        return tuple(section for section in Section if section in self._choice.ticked)

    async def _give(self) -> None:
        desk = self.desk
        now = desk.now()
        expires = ends_at(self._choice.how_long, now=now, zone=desk.zone)
        desk.shell.busy(desk.words("busy.giving"))
        try:
            access = await desk.work(
                sharing.give_access, desk.passport, desk.online, self._chosen(), expires=expires, now=now
            )
        except Unavailable:
            await self._how_long(desk.words("access.no-signal"))
            return
        desk.changed()
        await desk.start_at(self.share)
        await desk.go(lambda: self._live(access.grant_id))

    # ---- while it runs, and after ---------------------------------------------------------

    def live_events(self, moves: Moves) -> LiveAccessEvents:
        """What the live screen calls."""
        return LiveAccessEvents(
            moves=moves, end=self._end, show_link=self._show_link, copy=self.copy, back=self.desk.back
        )

    def share_events(self, moves: Moves) -> ShareEvents:
        """What the list of access calls."""
        desk = self.desk
        return ShareEvents(
            moves=moves,
            give_access=self.begin,
            open_access=lambda grant_id: desk.go(lambda: self._live(grant_id)),
            save_record=self.save_record,
        )

    async def share(self) -> None:
        """All access, running and over."""
        desk = self.desk
        now, every = desk.now(), await desk.work(sharing.all_access, desk.passport)
        lines = [(access, await self._line(access, now)) for access in every]
        running = tuple(line for access, line in lines if access.is_live(now=now))
        over = tuple(line for access, line in lines if not access.is_live(now=now))
        desk.shell.show(ShareState(running, over))

    async def _line(self, access: Access, now: datetime) -> AccessLine:
        opened = len(await self._openings(access.grant_id))
        when = access.expires if access.is_live(now=now) else access.ended_at or access.expires
        ending = access.is_live(now=now) and access.ending_since is not None
        return AccessLine(access.grant_id, access.sections, self.desk.local(when), opened, ending)

    async def _openings(self, grant_id: str) -> tuple[Opening, ...]:
        rows = await self.desk.work(self.desk.passport.store.access_log, grant_id)
        opened = [row for row in rows if row.what == sharing.OPENED]
        return tuple(Opening(self.desk.local(row.at), row.who) for row in opened)

    async def _live(self, grant_id: str) -> None:
        """The screen of one access, asked about at the relay while it is open."""
        self.desk.shell.show(await self._state(grant_id, unasked=False))
        self._following = following = object()
        self.desk.shell.start(self._follow, grant_id, following)

    async def _state(
        self, grant_id: str, *, unasked: bool, link_shown: bool = False
    ) -> LiveAccessState | EndingAccessState | EndedAccessState:
        desk = self.desk
        every = await desk.work(sharing.all_access, desk.passport)
        access = next(one for one in every if one.grant_id == grant_id)
        openings = await self._openings(grant_id)
        now = desk.now()
        if not access.is_live(now=now):
            at = desk.local(access.ended_at or access.expires)
            why: Literal["ended", "expired"] = "expired" if access.ended_at is None else "ended"
            return EndedAccessState(grant_id, at, why, access.sections, openings)
        if access.ending_since is not None:
            return EndingAccessState(grant_id, desk.local(access.expires), access.sections, openings)
        return LiveAccessState(
            access_id=grant_id,
            code=await self._picture(access),
            link=access.code,
            passcode=access.passcode,
            seconds_left=int((access.expires - now).total_seconds()),
            until=desk.local(access.expires),
            sections=access.sections,
            openings=openings,
            unasked=unasked,
            link_shown=link_shown,
        )

    async def _picture(self, access: Access) -> CodePicture:
        if access.grant_id not in self._pictures:
            drawing = await self.desk.work(draw_link, access.code)
            self._pictures = {access.grant_id: CodePicture(drawing.png, drawing.modules + 8)}
        return self._pictures[access.grant_id]

    async def _show_link(self, shown: bool) -> None:
        state = self.desk.shell.screen
        if isinstance(state, LiveAccessState):
            self.desk.shell.show(replace(state, link_shown=shown))

    async def _end(self, grant_id: str) -> None:
        desk = self.desk
        desk.shell.busy(desk.words("busy.ending"))
        await desk.work(sharing.end_access, desk.passport, desk.services, grant_id, now=desk.now())
        desk.changed()
        await self._live(grant_id)

    async def _follow(self, grant_id: str, following: object) -> None:
        """Ask who opened it and count down, until the screen is left, shown anew, or access is over."""
        desk = self.desk
        until_asked = 0
        unasked = False
        while self._is_followed(grant_id, following):
            if until_asked <= 0:
                unasked = not await self._ask(grant_id)
                until_asked = ASK_EVERY_SECONDS
            try:
                state = await self._state(grant_id, unasked=unasked)
            except Unavailable:
                return  # locked meanwhile
            shown = desk.shell.screen
            if self._is_followed(grant_id, following) and desk.shell.stage.busy is None:
                if isinstance(state, LiveAccessState) and isinstance(shown, LiveAccessState):
                    state = replace(state, link_shown=shown.link_shown)
                desk.shell.show(state)
            await asyncio.sleep(1)
            until_asked -= 1

    def _is_followed(self, grant_id: str, following: object) -> bool:
        """Whether this access is still on the screen and no later task follows it."""
        state = self.desk.shell.screen
        shown = isinstance(state, (LiveAccessState, EndingAccessState)) and state.access_id == grant_id
        return self.desk.is_open and shown and self._following is following

    async def _ask(self, grant_id: str) -> bool:
        desk = self.desk
        if desk.services is None:
            return False
        try:
            await desk.work(sharing.deliver_endings, desk.passport, desk.services, now=desk.now())
            await desk.work(sharing.openings, desk.passport, desk.services, grant_id, now=desk.now())
        except Unavailable:
            return False
        return True
