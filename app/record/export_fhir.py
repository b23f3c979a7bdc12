"""Everything as FHIR: the resources of a message byte for byte in a collection Bundle, with a Provenance of ours.

Owns the form. One Bundle is one message, because one Bundle has one FHIR version (a surgery's STU3 beside a
hospital's R4) and because an id is its sender's own: "Organization/1" of two senders are two. Several messages are
Bundles in an outer Bundle that carries MESSAGES, which import_forms.py takes apart again. The Provenance says who, when
received, signed when and checked how; a signature is claimed only where one was checked. Which resources is the
caller's choice. Pure.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from html import escape
from typing import Any, Final

from app.record.bundle import STU3
from app.record.identity import clean
from app.record.source import Checked, SourceInfo, SourceKind

Json = dict[str, Any]

TAG_SYSTEM: Final = "urn:uuid:6f1c7c52-6a0e-5d0f-9d56-0c8f3f1f7a51"
"""Ours, from ips.py's namespace: the tags of what this app wrote."""
MESSAGES: Final = "messages"
_VERSIONS: Final = "http://hl7.org/fhir/FHIR-version"
_URI: Final = "urn:ietf:rfc:3986"
_AUTHORSHIP: Final = {"system": "urn:iso-astm:E1762-95:2013", "code": "1.2.840.10065.1.12.1.1"}


@dataclass(frozen=True, slots=True)
class Message:
    """What of one message goes out: each resource with its fullUrl ("" where it had none), exactly as received."""

    source: SourceInfo
    fhir_version: str
    resources: Sequence[tuple[str, bytes]] = field(repr=False)


def everything(messages: Sequence[Message], *, now: datetime) -> bytes:
    """The file: one message is its own Bundle; several are Bundles in one, the oldest first."""
    written = [_bundle(message, now) for message in messages]
    if len(written) == 1:
        return written[0]
    head = _head("|".join(str(one.source.source_id) for one in messages), now, {"system": TAG_SYSTEM, "code": MESSAGES})
    return _whole(head, [b'{"resource":' + one + b"}" for one in written])


def _bundle(message: Message, now: datetime) -> bytes:
    name = f"{message.source.source_id}|{message.source.file_hash}"
    head = _head(name, now, {"system": _VERSIONS, "code": message.fhir_version})
    told = {"resource": _provenance(message, head["id"])}
    entries = [
        (b'{"fullUrl":' + _json(url) + b"," if url else b"{") + b'"resource":' + resource + b"}"
        for url, resource in message.resources
    ]
    return _whole(head, [*entries, _json(told)])


def _head(name: str, now: datetime, tag: Json) -> Json:
    identity = str(uuid.uuid5(uuid.UUID(TAG_SYSTEM[9:]), f"{name}|{_instant(now)}"))
    meta = {"lastUpdated": _instant(now), "tag": [tag]}
    return {"resourceType": "Bundle", "id": identity, "meta": meta, "type": "collection"}


def _whole(head: Json, entries: Sequence[bytes]) -> bytes:
    return _json(head)[:-1] + b',"entry":[' + b",".join(entries) + b"]}"


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _provenance(message: Message, bundle_id: str) -> Json:
    source, stu3 = message.source, message.fhir_version == STU3
    who: Json = {"display": clean(source.issuer_name)}
    if source.iss:
        who["identifier"] = {"system": _URI, "value": source.iss}
    hashed = {"system": _URI, "value": f"urn:sha256:{source.file_hash}"}
    found: Json = {
        "resourceType": "Provenance",
        "text": _narrative(_said(source)),
        "target": [{"reference": f"Bundle/{bundle_id}", "display": "Every resource of this Bundle"}],
        "recorded": _instant(source.received_at),
        "agent": [{"whoReference" if stu3 else "who": who}],
        "entity": [{"role": "source", **({"whatIdentifier": hashed} if stu3 else {"what": {"identifier": hashed}})}],
    }
    if source.checked is Checked.CHECKED and source.signed_at is not None:
        signer = {"whoReference" if stu3 else "who": who}
        found["signature"] = [{"type": [_AUTHORSHIP], "when": _instant(source.signed_at), **signer}]
    return found


def _said(source: SourceInfo) -> str:
    name, received = clean(source.issuer_name), f"Received {_instant(source.received_at)}"
    if source.checked is not Checked.CHECKED:
        by = "by a link from" if source.kind is SourceKind.LINK else "as the file"
        return f"{received} {by} {name}. Not signed: nobody has checked who wrote it."
    signed = f" on {_instant(source.signed_at)}" if source.signed_at else ""
    against = f" against version {source.trust_version} of the list of organisations" if source.trust_version else ""
    return (
        f"{received}. Signed by {name}{signed} with key {source.kid}; checked on receipt{against}. "
        "The signature was over the whole message as received and does not cover this copy."
    )


def _narrative(text: str) -> Json:
    div = f'<div xmlns="http://www.w3.org/1999/xhtml">{escape(text, quote=False)}</div>'
    return {"status": "generated", "div": div}
