"""Unguessable names: link ids, owner tokens, download tickets, login states and PKCE verifiers.

Owns only how they are drawn. 43 characters of base64url from 32 random bytes is also exactly what a
PKCE code verifier (RFC 7636 4.1) and a SMART Health Link address (256 bits) ask for.
"""

from __future__ import annotations

import secrets

from crypto.encoding import b64url_encode

TICKET_BYTES = 32
TICKET_CHARACTERS = 43


def new_ticket() -> str:
    """43 characters of base64url that nobody can guess."""
    return b64url_encode(secrets.token_bytes(TICKET_BYTES))
