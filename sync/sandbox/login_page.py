"""The page of the stand-in's login: what is asked for, whom one may be, yes and no. Plain HTML, no script.

Owns the page only; what an answer leads to is login.py's. Each text that is not ours is escaped.
"""

from __future__ import annotations

import html
from collections.abc import Iterable, Mapping
from typing import Final

from sync.sandbox.people import MadeUpPerson

ALLOW: Final = "allow"
REFUSE: Final = "refuse"

_STYLE: Final = (
    "body{font:1.125rem/1.5 sans-serif;max-width:36rem;margin:0 auto;padding:1rem;color:#212b32;background:#fff}"
    "fieldset{border:0;margin:0 0 1rem;padding:0}legend{font-weight:bold;padding:0 0 .5rem}"
    "label{display:block;padding:.6rem 0}input{width:1.4rem;height:1.4rem;margin-right:.6rem;vertical-align:middle}"
    "button{font:inherit;min-height:3rem;padding:.5rem 1.25rem;margin:0 .75rem .75rem 0;border:2px solid #005eb8;"
    "border-radius:4px;background:#fff;color:#005eb8}button.yes{background:#005eb8;color:#fff}"
    ":focus-visible{outline:4px solid #212b32;outline-offset:2px}"
)


def consent_page(people: Iterable[MadeUpPerson], asked: Mapping[str, str]) -> str:
    """The page that answers an authorisation request whose members are `asked`."""
    hidden = "".join(
        f'<input type="hidden" name="{html.escape(name)}" value="{html.escape(value)}">'
        for name, value in asked.items()
        if name not in ("person", "decision", "prompt", "login_hint")
    )
    choices = "".join(
        f'<label><input type="radio" name="person" value="{html.escape(one.id)}" required>{html.escape(one.label)}'
        "</label>"
        for one in people
    )
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>Log in with a made-up person</title><style>{_STYLE}</style></head><body><main>"
        "<h1>Log in with a made-up person</h1>"
        "<p>This is a stand-in for a login service. Nobody here is real, and no password is asked for.</p>"
        "<h2>What Patient Passport asks for</h2><ul>"
        "<li>the name, birth date and NHS number of the person you choose</li>"
        "<li>the record their GP surgery and their hospital hold, now and for the next 30 days</li></ul>"
        "<p>You can take this back at any time.</p>"
        f'<form method="post" action="/authorize">{hidden}'
        f"<fieldset><legend>Who are you?</legend>{choices}</fieldset>"
        f'<button class="yes" name="decision" value="{ALLOW}">Allow</button>'
        f'<button name="decision" value="{REFUSE}" formnovalidate>Do not allow</button>'
        "</form></main></body></html>"
    )
