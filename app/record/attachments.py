"""Files that travel inside a record: a letter as PDF, a page as text, a picture.

Owns finding them in a resource and taking their base64 apart. Nothing is fetched, opened or drawn
here; what only has an address stays an address. What cannot be read is left out, and said by
nothing: the entry itself still says where its document is kept.
"""

from __future__ import annotations

import binascii
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from app.record.element import Resource, as_map, maps, text

MAX_BYTES = 20_000_000
MAX_ATTACHMENTS = 20
MAX_TEXT_CHARS = 20_000
HOLDING: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "Binary": (),
        "DocumentReference": ("content",),
        "Media": ("content",),
        "Communication": ("payload",),
        "DiagnosticReport": ("presentedForm",),
        "Consent": ("sourceAttachment",),
    }
)
"""The types that may carry a file, and the elements it is in."""
_ENDINGS = {
    "application/pdf": "pdf",
    "text/plain": "txt",
    "text/html": "html",
    "text/rtf": "rtf",
    "application/rtf": "rtf",
    "text/richtext": "rtf",
    "image/jpeg": "jpg",
    "image/png": "png",
    "image/tiff": "tif",
    "image/gif": "gif",
    "application/dicom": "dcm",
    "application/msword": "doc",
    "application/xml": "xml",
    "text/xml": "xml",
}


@dataclass(frozen=True, slots=True)
class Attachment:
    """One file as its source sent it. `media_type` is without parameters, "" where none was said."""

    title: str = field(repr=False)
    media_type: str
    data: bytes = field(repr=False)

    @property
    def ending(self) -> str:
        """What a file of this kind is called after its dot; never something a device would run."""
        return _ENDINGS.get(self.media_type, "bin")

    def as_text(self) -> str:
        """Its words where it is plain text in UTF-8 or Windows-1252, cut to what a screen holds, else ""."""
        if self.media_type != "text/plain":
            return ""
        try:
            said = self.data.decode("utf-8")
        except UnicodeDecodeError:
            said = self.data.decode("cp1252", "replace")
        return said[:MAX_TEXT_CHARS]


def attachments_of(resource: Resource, related: Iterable[Resource] = ()) -> tuple[Attachment, ...]:
    """The files inside a resource, those of its contained Binaries, and of `related` (a Binary told through it)."""
    left = MAX_BYTES
    found: list[Attachment] = []
    for title, holder in _holders(resource, related):
        data = _decoded(holder, left)
        if not data:
            continue
        kind = text(holder.get("contentType")).split(";")[0].strip().lower()
        one = Attachment(title, kind, data)
        if one not in found:
            found.append(one)
            left -= len(data)
        if len(found) == MAX_ATTACHMENTS:
            break
    return tuple(found)


def _holders(resource: Resource, related: Iterable[Resource]) -> Iterator[tuple[str, Resource]]:
    """Every element that may hold data, with what it is called."""
    kind = text(resource.get("resourceType"))
    if kind == "Binary":
        yield "", resource
    for name in HOLDING.get(kind, ()):
        for one in maps(resource.get(name)):
            holder = as_map(one.get("attachment") or one.get("contentAttachment") or one)
            yield text(holder.get("title")), holder
    for one in (*maps(resource.get("contained")), *related):
        if one.get("resourceType") == "Binary":
            yield "", one


def kept_apart(resource: Resource) -> frozenset[str]:
    """Ids of the Binaries that a document says its content is in."""
    addresses = (text(as_map(one.get("attachment")).get("url")) for one in maps(resource.get("content")))
    parts = (address.split("/_history/", 1)[0].split("/") for address in addresses)
    return frozenset(one[-1] for one in parts if one[-2:-1] == ["Binary"])


def _decoded(holder: Resource, most: int) -> bytes:
    """The bytes of base64 as FHIR writes it (white space may stand between), b"" where it is not that or too long."""
    written = holder.get("data") or holder.get("content")  # STU3's Binary says content
    if not isinstance(written, str) or len(written) > most * 2:
        return b""
    try:
        data = binascii.a2b_base64("".join(written.split()).encode("ascii"), strict_mode=True)
    except (UnicodeEncodeError, binascii.Error):
        return b""
    return data if len(data) <= most else b""
