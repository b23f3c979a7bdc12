"""How a link's own file travels: a FHIR Binary beside the patient summary (D8).

A plain viewer of SMART Health Links gets only media types it knows; the share (crypto/link_share.py)
lies in a Binary of its own, which such a viewer shows as an attachment or leaves aside.
"""

from __future__ import annotations

import base64
import binascii
import json
from typing import Final

SHARE_TYPE: Final = "application/vnd.patient-passport.share+json"


def wrap_share(share: bytes) -> bytes:
    """The Binary, as JSON, that carries a share."""
    data = base64.b64encode(share).decode("ascii")
    return json.dumps({"resourceType": "Binary", "contentType": SHARE_TYPE, "data": data}).encode("ascii")


def unwrap_share(content: bytes) -> bytes | None:
    """The share in a Binary; None where the content is anything else."""
    try:
        binary = json.loads(content)
        if not isinstance(binary, dict) or binary.get("contentType") != SHARE_TYPE:
            return None
        return base64.b64decode(binary.get("data", ""), validate=True)
    except (ValueError, TypeError, binascii.Error):
        return None
