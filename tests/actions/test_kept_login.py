"""What is kept of a login: in the sealed store only, for thirty days, and gone with the login."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.actions.far_side import Services
from app.actions.kept_login import is_connected, kept_renewal, log_out, new_tokens, tokens_in_use, was_connected
from app.actions.refreshing import connect_with
from app.actions.session import Passport, unlock
from crypto.errors import (
    ClockWrong,
    ConsentWithdrawn,
    LoginNeeded,
    NetworkUnavailable,
    WrongLogin,
)
from sync.login import Renewal, Tokens, log_in, renew
from tests.actions.made_up import AMARA, PHRASE, SIAN, World, kept


def logged_in(world: World, person_id: str = SIAN) -> Tokens:
    """The tokens of a login on the page: who it is came from the provider alone."""
    return log_in(world.transport, world.profile, person_id, now=world.now)


def on_the_page(world: World, passport: Passport, services: Services, person_id: str = SIAN) -> Renewal:
    tokens = logged_in(world, person_id)
    connect_with(passport, services, tokens, now=world.now, told=world.progress.append)
    renewal = kept_renewal(passport)
    assert renewal is not None
    return renewal


def test_login_survives_a_restart_and_stands_in_no_file_in_clear(
    world: World, fresh: Passport, services: Services
) -> None:
    renewal = on_the_page(world, fresh, services)
    home = fresh.home
    fresh.lock()
    again = unlock(home, PHRASE, now=world.now)
    try:
        assert kept_renewal(again) == renewal
        assert tokens_in_use(again, world.services(), now=world.now).subjects
        files = [path for path in home.path.rglob("*") if path.is_file()]
        assert files
        assert [path.name for path in files if renewal.token.encode() in path.read_bytes()] == []
    finally:
        again.lock()


def test_each_renewal_is_kept_in_the_place_of_the_one_before(world: World, fresh: Passport, services: Services) -> None:
    first = on_the_page(world, fresh, services)
    world.clock.forward(minutes=5)
    tokens = tokens_in_use(fresh, services, now=world.now)
    second = kept_renewal(fresh)
    assert second == tokens.renewal
    assert second is not None
    assert second.token != first.token
    assert (second.sub, second.until) == (first.sub, first.until)


def test_tokens_with_time_left_are_used_without_asking(world: World, fresh: Passport, services: Services) -> None:
    on_the_page(world, fresh, services)
    before = services.tokens
    world.lose()
    world.clock.forward(minutes=5, seconds=-1)
    assert tokens_in_use(fresh, services, now=world.now) is before
    world.clock.forward(seconds=1)
    with pytest.raises(NetworkUnavailable):
        tokens_in_use(fresh, services, now=world.now)
    assert kept_renewal(fresh) is not None


def test_withdrawn_consent_leaves_nothing_of_the_login_and_all_of_the_record(
    world: World, fresh: Passport, services: Services
) -> None:
    on_the_page(world, fresh, services)
    before = kept(fresh)
    world.stand_in.login.withdraw(SIAN)
    world.clock.forward(minutes=5)
    with pytest.raises(ConsentWithdrawn) as refusal:
        world.refresh(fresh, services)
    assert refusal.value.code == "consent-withdrawn"
    assert (kept_renewal(fresh), services.tokens, is_connected(fresh), was_connected(fresh)) == (
        None,
        None,
        False,
        True,
    )
    assert kept(fresh) == before


def test_two_who_find_the_same_tokens_refused_share_one_renewal(
    world: World, fresh: Passport, services: Services
) -> None:
    on_the_page(world, fresh, services)
    refused = services.tokens
    first = new_tokens(fresh, services, instead_of=refused, now=world.now)
    second = new_tokens(fresh, services, instead_of=refused, now=world.now)
    assert first is second
    assert first is not refused
    assert kept_renewal(fresh) == first.renewal


def test_after_thirty_days_a_person_logs_in_again(world: World, fresh: Passport, services: Services) -> None:
    on_the_page(world, fresh, services)
    world.clock.forward(days=30)
    with pytest.raises(LoginNeeded) as refusal:
        new_tokens(fresh, services, instead_of=services.tokens, now=world.now)
    assert refusal.value.code == "login-needed"
    assert kept_renewal(fresh) is None


def test_provider_with_another_clock_does_not_end_the_login(world: World, fresh: Passport, services: Services) -> None:
    on_the_page(world, fresh, services)
    here = world.now
    world.clock.forward(hours=1)
    with pytest.raises(ClockWrong):
        new_tokens(fresh, services, instead_of=services.tokens, now=here)
    assert is_connected(fresh)


def test_tokens_of_somebody_else_end_the_login_and_store_nothing(
    world: World, fresh: Passport, services: Services
) -> None:
    renewal = on_the_page(world, fresh, services)
    before = kept(fresh)
    other = logged_in(world, AMARA).renewal
    assert other is not None
    mixed_up = replace(logged_in(world), renewal=replace(renewal, token=other.token))
    connect_with(fresh, services, mixed_up, now=world.now, told=world.progress.append)
    with pytest.raises(WrongLogin, match="wrong-login: id_token sub"):
        new_tokens(fresh, services, instead_of=services.tokens, now=world.now)
    assert (kept_renewal(fresh), kept(fresh)) == (None, before)


def test_somebody_else_on_the_page_is_refused_before_anything_is_stored(
    world: World, fresh: Passport, services: Services
) -> None:
    renewal = on_the_page(world, fresh, services)
    before = kept(fresh)
    with pytest.raises(WrongLogin) as refusal:
        connect_with(fresh, services, logged_in(world, AMARA), now=world.now, told=world.progress.append)
    assert refusal.value.code == "wrong-login"
    assert "Okafor" not in str(refusal.value)
    assert (kept_renewal(fresh), kept(fresh), services.tokens) == (renewal, before, None)


def test_logging_out_tells_the_provider_and_keeps_nothing(world: World, fresh: Passport, services: Services) -> None:
    renewal = on_the_page(world, fresh, services)
    assert log_out(fresh, services).told
    assert (kept_renewal(fresh), services.tokens, is_connected(fresh)) == (None, None, False)
    with pytest.raises(ConsentWithdrawn):
        renew(world.transport, world.profile, renewal, now=world.now)


def test_logging_out_without_a_network_keeps_nothing_and_says_who_was_not_told(
    world: World, fresh: Passport, services: Services
) -> None:
    on_the_page(world, fresh, services)
    world.lose()
    assert not log_out(fresh, services).told
    assert (kept_renewal(fresh), services.tokens, is_connected(fresh)) == (None, None, False)


def test_nothing_is_kept_for_a_made_up_person_who_was_named(world: World, fresh: Passport, services: Services) -> None:
    world.connect(fresh, SIAN, services)
    assert is_connected(fresh)
    assert kept_renewal(fresh) is None


def test_renewal_hides_its_token(world: World, fresh: Passport, services: Services) -> None:
    renewal = on_the_page(world, fresh, services)
    assert renewal.token not in repr(renewal)
    assert renewal.sub not in repr(renewal)
