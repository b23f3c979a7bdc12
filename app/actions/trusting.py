"""Which keys are believed today: the stored trust list re-verified, and a newer one where it can be had (D2).

Owns the order: fetch, verify against the floors the store keeps, only then store. What a list says is
crypto/trust.py, fetching it sync/trust.py.
"""

from __future__ import annotations

from datetime import datetime

from app.actions.far_side import Services
from app.actions.session import Passport
from app.record.source import Checked, SourceInfo
from app.store.ledger import StoredTrust
from crypto.errors import Expired, NotBelieved, TrustTooOld, Unavailable, Unreadable
from crypto.trust import TrustList, verify_trust


def stored_trust(passport: Passport, *, now: datetime) -> TrustList | None:
    """The trust list in the store, verified again from its root; None before the first.

    Raises TrustNotSigned, TrustRolledBack, Tampered or TrustUnreadable when it does not hold any more.
    """
    kept = passport.store.trust()
    return None if kept is None else verify_trust(kept.files, kept.floors, now=now)


def key_given_up_at(passport: Passport, source: SourceInfo, *, now: datetime) -> datetime | None:
    """When the key behind a stored message was given up, by the list stored today; None where it stands.

    It marks only: what was checked when it came stays checked (D2). A list that does not verify any more marks nothing.
    """
    if source.checked is not Checked.CHECKED:
        return None
    try:
        trust = stored_trust(passport, now=now)
    except (NotBelieved, Unreadable):
        return None
    return None if trust is None else trust.given_up_at(source.iss, source.kid)


def newest_trust(passport: Passport, services: Services, *, now: datetime) -> TrustList:
    """The newest list the repository serves, stored once it is verified; the stored one without a network.

    Raises TrustTooOld when the list left is past every grace, or the first one served past its time;
    Unavailable when there is none at all, and what `stored_trust` raises when a served list is not
    right: then the stored one stays.
    """
    from sync.trust import fetch_trust  # its client binds a socket when it is imported, to learn whether there is IPv6

    kept = passport.store.trust()
    try:
        files = fetch_trust(services.transport, services.profile, None if kept is None else kept.files)
    except (Unavailable, Expired) as error:  # nobody answers, or nobody renewed what is served: D2's grace decides
        trust = stored_trust(passport, now=now)
        if trust is None and isinstance(error, Expired):
            raise TrustTooOld("trust repository: expected metadata within its time") from error
        if trust is None:
            raise
    else:
        anchor = services.profile.trust.root
        trust = verify_trust(files, passport.store.floors(), now=now, anchor=anchor)
        passport.store.set_trust(StoredTrust(files, trust.floors))
    trust.require_usable(now)
    return trust
