"""What Home says of updates that nobody on the list signed."""

from __future__ import annotations

from collections.abc import Callable

from tests.actions.made_up import AMARA, SURGERY, World
from tests.flows.conftest import Story, Window

Tell = Callable[[Story], None]


def test_home_counts_what_is_kept_aside(tell: Tell, world: World) -> None:
    async def story(window: Window) -> None:
        world.stand_in.repository.remove_issuer(SURGERY.iss)
        world.publish_trust()
        await window.first_run(AMARA)
        await window.press("message-action")
        assert window.says("1 update kept aside: it is not from an organisation on the list of keys")

    tell(story)
