"""Staying logged in: what is kept of a login in the sealed store, and the tokens that come of it.

Owns the kept refresh token (nowhere but in the store, gone with a login that ended) and the order of ways
to tokens with time left. A made-up person who was named logs in again by name; nothing is kept for that.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from pydantic import TypeAdapter

from app.actions.far_side import Services
from app.actions.session import Passport
from crypto.errors import LoginNeeded, Unavailable, WrongLogin
from sync.login import Renewal, Tokens, end_login, renew

PERSON_ID: Final = "login.person"
"""The made-up person one logs in as by name; empty where a person logs in on the provider's page."""

_RENEWAL: Final = "login-renewal"
_NONE: Final = b""
_FORM: Final = TypeAdapter(Renewal)


@dataclass(frozen=True, slots=True)
class LoggedOut:
    """A login that is over here; `told` says whether the provider heard of it."""

    told: bool


def is_connected(passport: Passport) -> bool:
    """Whether this passport can ask for new entries without a person logging in again."""
    return bool(passport.store.setting(PERSON_ID)) or kept_renewal(passport) is not None


def was_connected(passport: Passport) -> bool:
    """Whether somebody ever logged in with this passport."""
    return passport.store.setting(PERSON_ID) is not None


def kept_renewal(passport: Passport) -> Renewal | None:
    """What renews this passport's login; None where a person has to log in."""
    found = passport.store.secret(_RENEWAL)
    return _FORM.validate_json(found) if found else None


def keep_login(passport: Passport, tokens: Tokens, person_id: str) -> None:
    """Keep what a login leaves: the name of a made-up person, or what renews a login made on a page."""
    passport.store.set_setting(PERSON_ID, person_id)
    _keep(passport, None if person_id else tokens.renewal)


def tokens_in_use(passport: Passport, services: Services, *, now: datetime) -> Tokens:
    """Tokens with time left: those of this session, or new ones; raises as `new_tokens` does."""
    if services.tokens is not None and now < services.tokens.expires_at:
        return services.tokens
    return new_tokens(passport, services, instead_of=services.tokens, now=now)


def new_tokens(passport: Passport, services: Services, *, instead_of: Tokens | None, now: datetime) -> Tokens:
    """Tokens that are not `instead_of`: renewed ones, or those of a new login of a made-up person who was named.

    Where another thread has replaced `instead_of` meanwhile, those are given. Raises LoginNeeded (30 days
    are over, or nobody logged in), ConsentWithdrawn, WrongLogin: what was kept of the login is gone then.
    Raises LoginFailed and Unavailable's other kinds, which leave it.
    """
    with services.renewing:
        if services.tokens is not None and services.tokens is not instead_of:
            return services.tokens
        person_id = passport.store.setting(PERSON_ID)
        return _named_again(services, person_id, now=now) if person_id else _renewed(passport, services, now=now)


def _renewed(passport: Passport, services: Services, *, now: datetime) -> Tokens:
    renewal = kept_renewal(passport)
    if renewal is None:
        services.tokens = None
        raise LoginNeeded("expected a login, found none")
    try:
        tokens = renew(services.transport, services.profile, renewal, now=now)
    except (LoginNeeded, WrongLogin):
        services.tokens = None
        _keep(passport, None)
        raise
    _keep(passport, tokens.renewal)
    services.tokens = tokens
    return tokens


def log_out(passport: Passport, services: Services) -> LoggedOut:
    """End the login: nothing of it is kept here, and the provider is told if it can be reached."""
    renewal, services.tokens = kept_renewal(passport), None
    keep_nothing(passport)
    if renewal is None:
        return LoggedOut(told=True)
    try:
        end_login(services.transport, services.profile, renewal)
    except Unavailable:
        return LoggedOut(told=False)
    return LoggedOut(told=True)


def keep_nothing(passport: Passport) -> None:
    """Forget the login; the record stays."""
    passport.store.set_setting(PERSON_ID, "")
    _keep(passport, None)


def _named_again(services: Services, person_id: str, *, now: datetime) -> Tokens:
    renewal = None if services.tokens is None else services.tokens.renewal
    if renewal is not None:
        try:
            services.tokens = renew(services.transport, services.profile, renewal, now=now)
        except LoginNeeded:
            services.tokens = None
        else:
            return services.tokens
    return services.log_in(person_id, now=now)


def _keep(passport: Passport, renewal: Renewal | None) -> None:
    passport.store.set_secret(_RENEWAL, _NONE if renewal is None else _FORM.dump_json(renewal))
