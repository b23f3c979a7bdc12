"""Fetching the trust list: python-tuf's client workflow over our own transport.

Owns which files are asked for and where they lie meanwhile (a temporary folder that is gone before
this returns; nothing in it is secret or about a person). What comes back is not believed for that:
the caller verifies it again with crypto/trust.py against the floors it keeps, as at every start.
The library's workflow reads the system clock itself to refuse metadata past its time.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from tuf.api.exceptions import (
    BadVersionNumberError,
    DownloadError,
    DownloadHTTPError,
    DownloadLengthMismatchError,
    ExpiredMetadataError,
    LengthOrHashMismatchError,
    RepositoryError,
    UnsignedMetadataError,
)
from tuf.api.metadata import Metadata, Root
from tuf.ngclient import FetcherInterface, Updater

from crypto.errors import (
    Expired,
    NetworkUnavailable,
    PassportError,
    ServiceRefused,
    StoreUnavailable,
    TrustMixed,
    TrustNotSigned,
    TrustRolledBack,
    TrustUnreadable,
)
from crypto.trust_metadata import MAX_FILE_BYTES, TARGET_NAMES, TrustFiles
from sync.profile import Profile, TrustSource
from sync.transport import Transport

FILE_SECONDS: Final = 20.0
"""One file of the repository; the largest is some 80 kB."""

_REFUSALS: Final[tuple[tuple[type[RepositoryError], type[PassportError]], ...]] = (
    (ExpiredMetadataError, Expired),
    (UnsignedMetadataError, TrustNotSigned),
    (BadVersionNumberError, TrustRolledBack),
    (LengthOrHashMismatchError, TrustMixed),
)


def fetch_trust(transport: Transport, profile: Profile, cached: TrustFiles | None) -> TrustFiles:
    """The newest trust files of the profile's repository; `cached` are the last ones, None at first.

    A cache that does not begin with the profile's own root is left aside. Nothing of `cached` changes.
    Raises Unavailable and its kinds when the repository cannot be reached, Expired when what it serves
    is past its time, TrustNotSigned, TrustRolledBack, TrustMixed or TrustUnreadable when it is not right.
    """
    try:
        with tempfile.TemporaryDirectory(prefix="trust-") as name:
            return _refresh(transport, profile.trust, cached, Path(name))
    except DownloadLengthMismatchError as error:  # no trouble on the way: it is not the file that was named
        raise TrustMixed("trust repository: a file is longer than the signed length") from error
    except DownloadError as error:
        raise _unavailable(error) from error
    except RepositoryError as error:
        refusal = next((ours for theirs, ours in _REFUSALS if isinstance(error, theirs)), TrustUnreadable)
        raise refusal(f"trust repository: {error}") from error
    except OSError as error:
        raise StoreUnavailable("temporary folder for the trust list") from error


class _TransportFetcher(FetcherInterface):
    """Lets the library fetch through our transport; its own caps on each file come on top."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def _fetch(self, url: str) -> Iterator[bytes]:
        answer = self._transport.get(url, max_bytes=MAX_FILE_BYTES, deadline_seconds=FILE_SECONDS)
        if answer.status != 200:
            raise DownloadHTTPError(f"expected 200, found {answer.status}", answer.status)
        return iter((answer.body,))


def _refresh(transport: Transport, source: TrustSource, cached: TrustFiles | None, folder: Path) -> TrustFiles:
    metadata, targets = folder / "metadata", folder / "targets"
    for part in (metadata / "root_history", targets):
        part.mkdir(parents=True)
    anchor = _root_version(source.root)
    if cached is not None and cached.roots[:1] == (source.root,):
        _lay_out(cached, anchor, metadata, targets)
    updater = Updater(
        str(metadata),
        source.metadata_url,
        str(targets),
        source.targets_url,
        _TransportFetcher(transport),
        bootstrap=source.root,
    )
    updater.refresh()
    newest = _root_version((metadata / "root.json").read_bytes())
    return TrustFiles(
        roots=tuple(
            (metadata / "root_history" / f"{version}.root.json").read_bytes() for version in range(anchor, newest + 1)
        ),
        timestamp=(metadata / "timestamp.json").read_bytes(),
        snapshot=(metadata / "snapshot.json").read_bytes(),
        targets=(metadata / "targets.json").read_bytes(),
        target_files={name: _fetch_list(updater, name) for name in TARGET_NAMES},
    )


def _lay_out(cached: TrustFiles, anchor: int, metadata: Path, targets: Path) -> None:
    """Put the cached files where the library looks for them; it verifies each before it uses it."""
    for version, data in enumerate(cached.roots, start=anchor):
        (metadata / "root_history" / f"{version}.root.json").write_bytes(data)
    for role in ("timestamp", "snapshot", "targets"):
        (metadata / f"{role}.json").write_bytes(getattr(cached, role))
    for name in TARGET_NAMES:
        if name in cached.target_files:
            (targets / name).write_bytes(cached.target_files[name])


def _fetch_list(updater: Updater, name: str) -> bytes:
    target = updater.get_targetinfo(name)
    if target is None:
        raise TrustUnreadable(f"{name}: expected in targets")
    return Path(updater.find_cached_target(target) or updater.download_target(target)).read_bytes()


def _root_version(data: bytes) -> int:
    return Metadata[Root].from_bytes(data).signed.version


def _unavailable(error: DownloadError) -> PassportError:
    if isinstance(error.__cause__, PassportError):
        return error.__cause__
    if isinstance(error, DownloadHTTPError):
        return ServiceRefused(f"trust repository: {error}")
    return NetworkUnavailable("trust repository: a file could not be fetched")
