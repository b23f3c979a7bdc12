"""Every parser that eats foreign bytes, given broken ones: it lets out a PassportError or nothing.

    python3 build/fuzz.py [--target NAME …] [--seconds N] [--seed N] [--list]
    python3 build/fuzz.py --target NAME --atheris [--seconds N]

Takes what is right (the project's own vectors and made-up records) and changes it at random, the same way in every
run of one seed: bytes, whole pieces, values inside JSON, the parts of a token. Ends with 1 when another exception came
out, or one input took over two seconds; prints the input in base64. With `--atheris` the same parsers run under
libFuzzer's coverage, where atheris is installed: it is not in the lock (it has no wheels for every platform).
"""

from __future__ import annotations

import argparse
import base64
import json
import os
import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import environment

if TYPE_CHECKING:
    from crypto.keys import KeySource

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
VECTORS = environment.ROOT / "tests" / "vectors"
PEOPLE = environment.ROOT / "sync" / "sandbox" / "patients"
SLOW_SECONDS = 2.0
KEY = bytes(range(32))

ODD: tuple[Any, ...] = (
    None,
    True,
    -1,
    0,
    1.5,
    1e308,
    10**40,
    "",
    "\u0000",
    "\ud800",
    "a" * 5000,
    [],
    {},
    [[[]]],
    {"a": {}},
    "2026-02-30",
)
"""Values that a member of a JSON object may turn into."""
PIECES = (
    b"\x00",
    b"\xff\xff\xff\xff",
    b"\xef\xbb\xbf",
    b"{",
    b"]",
    b'"',
    b"\\ud800",
    b".",
    b"=",
    b"PP1:",
    b"\r\n",
    b"9" * 400,
)
"""Bytes that parsers trip over."""

Parser = Callable[[bytes], object]


@dataclass(frozen=True, slots=True)
class Target:
    """One parser and what is right for it."""

    parse: Parser
    seeds: Sequence[bytes]


@dataclass(frozen=True, slots=True)
class Find:
    """An input that was not refused as it must be."""

    target: str
    what: str
    data: bytes


# ---- changing what is right ---------------------------------------------------------------------


def changed(seeds: Sequence[bytes], chance: random.Random) -> bytes:
    """One broken input."""
    data = chance.choice(seeds)
    for _ in range(chance.choice((1, 1, 2, 5))):
        data = chance.choice((one_byte, one_piece, cut, doubled, spliced, json_value, token_part))(data, seeds, chance)
    return data


def one_byte(data: bytes, _: Sequence[bytes], chance: random.Random) -> bytes:
    """One bit or byte is another."""
    if not data:
        return b"\x00"
    at = chance.randrange(len(data))
    value = data[at] ^ (1 << chance.randrange(8)) if chance.random() < 0.5 else chance.randrange(256)
    return data[:at] + bytes([value]) + data[at + 1 :]


def one_piece(data: bytes, _: Sequence[bytes], chance: random.Random) -> bytes:
    """Something that parsers trip over is put in."""
    at = chance.randrange(len(data) + 1)
    return data[:at] + chance.choice(PIECES) + data[at:]


def cut(data: bytes, _: Sequence[bytes], chance: random.Random) -> bytes:
    """A stretch is gone."""
    begin, end = sorted(chance.randrange(len(data) + 1) for _ in range(2))
    return data[:begin] + data[end:]


def doubled(data: bytes, _: Sequence[bytes], chance: random.Random) -> bytes:
    """A stretch is there again."""
    begin, end = sorted(chance.randrange(len(data) + 1) for _ in range(2))
    return data[:end] + data[begin:end] + data[end:]


def spliced(data: bytes, seeds: Sequence[bytes], chance: random.Random) -> bytes:
    """The beginning of one and the end of another."""
    other = chance.choice(seeds)
    return data[: chance.randrange(len(data) + 1)] + other[chance.randrange(len(other) + 1) :]


def json_value(data: bytes, _: Sequence[bytes], chance: random.Random) -> bytes:
    """One value inside a JSON text is something else, or gone."""
    try:
        whole = json.loads(data)
    except (ValueError, RecursionError):
        return data
    inside = list(containers(whole))
    if not inside:
        return data
    holder = chance.choice(inside)
    place = chance.choice(list(holder) if isinstance(holder, dict) else range(len(holder)))
    if chance.random() < 0.2:
        del holder[place]
    else:
        holder[place] = chance.choice(ODD)
    return json.dumps(whole).encode()


def containers(value: Any) -> Iterator[Any]:
    """Every object and list in a JSON value that holds something."""
    if isinstance(value, dict | list) and value:
        yield value
        for item in list(value.values()) if isinstance(value, dict) else list(value):
            yield from containers(item)


def token_part(data: bytes, seeds: Sequence[bytes], chance: random.Random) -> bytes:
    """One part of a token is decoded, changed and put back, inflated first where it was deflated."""
    from crypto import encoding
    from crypto.errors import PassportError

    parts = data.split(b".")
    at = chance.randrange(len(parts))
    try:
        inside = encoding.b64url_decode(parts[at].decode("ascii"))
    except (PassportError, UnicodeDecodeError):
        return data
    try:
        parts[at] = encoding.b64url_encode(
            encoding.deflate(json_value(encoding.inflate(inside, 1 << 20), seeds, chance))
        ).encode()
    except PassportError:
        change = chance.choice((json_value, one_byte, cut))
        parts[at] = encoding.b64url_encode(change(inside, seeds, chance)).encode()
    return b".".join(parts)


# ---- the parsers --------------------------------------------------------------------------------


def of_text(parse: Callable[[str], object]) -> Parser:
    """A parser of text, given bytes as whatever reads files and cameras gives them."""
    return lambda data: parse(data.decode("utf-8", "replace"))


def targets() -> dict[str, Target]:
    """Every parser by its name."""
    return {**tokens(), **texts(), **lists_and_records()}


def tokens() -> dict[str, Target]:
    """Signed and sealed messages, in JSON and in CBOR."""
    from app.store.received import signed_update
    from crypto import attestation, card, cbor, cose, encoding, jwe, jws, update
    from crypto.keys import SigningKey

    key = SigningKey.generate()
    cards = [given["token"].encode() for given in vectors("cards")]
    bundle = first_bundle("gp.stu3.json")
    feed: dict[str, Any] = {"iss": "https://a.example", "sub": "s", "feed": "f", "seq": 1, "key": key}
    updates = [update.write_update(bundle, fhir_version="3.0.1", prev=None, nbf=NOW, **feed).encode()]
    head = update.write_head(head=encoding.b64url_encode(KEY), iat=NOW, exp=NOW + timedelta(days=1), **feed).encode()
    sealed = [jwe.encrypt(bundle, KEY, content_type="application/fhir+json").encode()]
    signed_words = [encoding.base45_decode(vectors("plain_words")[0]["text"].rpartition("PP1:")[2])]
    person = attestation.Subject("9990000018", "1959-03-07", "Sian")
    attested = attestation.issue(person, key.public, "A1", key, iat=NOW, exp=NOW + timedelta(days=1))
    return {
        "jws": Target(of_text(jws.read_unverified), [*cards, *updates]),
        "jwe": Target(of_text(lambda text: jwe.decrypt(text, KEY)), sealed),
        "card": Target(of_text(lambda text: card.open_card(text, vector_trust(), now=NOW)), cards),
        "update": Target(signed_update, updates),
        "head": Target(of_text(lambda text: update.read_head(jws.read_unverified(text).claims)), [head]),
        "cbor": Target(cbor.load, signed_words),
        "cose": Target(cose.read_unverified, signed_words),
        "attestation": Target(attestation.read_unverified, [attested]),
    }


def texts() -> dict[str, Target]:
    """What a camera, a clipboard or a file gives."""
    from app.qr.draw import draw_card
    from app.qr.scan import read_image
    from app.reader.recognise import recognise
    from crypto import card, plain_words, shlink
    from crypto.attestation import Subject
    from crypto.frames import Collector

    frames = [text for given in vectors("frames")[:3] for text in given["texts"]]
    cards = [given["token"] for given in vectors("cards")]
    words = [given["text"].encode() for given in vectors("plain_words")]
    links = [given["link"].encode() for given in vectors("shares")]
    numeric = card.to_numeric(cards[0])
    file = json.dumps({"verifiableCredential": cards[:2]}).encode()
    somebody = Subject("9990000018", "1959-03-07", "Siân Gwenllïan Prŷs")

    def open_words(text: str) -> object:
        return plain_words.open_words(text, lambda _: somebody, vector_trust(), now=NOW)

    return {
        "numeric": Target(of_text(card.from_numeric), [numeric.encode()]),
        "card-file": Target(card.from_file, [file]),
        "shlink": Target(of_text(shlink.parse), links),
        "words": Target(of_text(open_words), words),
        "recognise": Target(of_text(recognise), [numeric.encode(), file, cards[0].encode(), *links[:2], *words[:2]]),
        "frame": Target(of_text(lambda text: Collector().take(text)), [text.encode() for text in frames]),
        "picture": Target(read_image, [draw_card(numeric).png]),
    }


def lists_and_records() -> dict[str, Target]:
    """Shares, proofs, trust lists, the vault's header, records and profiles."""
    from app.record.reading import read_bundle
    from crypto import entries, json_text, shlink, trust, vault, vault_header
    from crypto.link_share import open_share
    from crypto.vault_header import FLOOR

    share = vectors("shares")[0]
    link = shlink.parse(share["link"])
    proofs = [json.dumps(given["proofs"]).encode() for given in vectors("entry_proofs")]
    issuers = json.dumps(
        {"issuers": [{"iss": "https://a.example", "name": "A", "ods": "A1", "kind": "gp", "keys": []}]}
    )
    header = vault.create("anchor violet teapot harvest", now=NOW, cost=FLOOR).header.to_bytes()

    def check(data: bytes) -> object:
        proofs = entries.EntryProofs.from_object(json_text.parse_object(data))
        return entries.check(proofs, vector_trust(), now=NOW)

    found = {
        "share": Target(lambda data: open_share(data, link, vector_trust(), now=NOW), [share["share"].encode()]),
        "proofs": Target(check, proofs),
        "issuers": Target(trust._read_issuers, [issuers.encode()]),  # noqa: SLF001  (what a signed list holds)
        "vault-header": Target(vault_header.read_header, [header]),
        "record": Target(read_bundle, [first_bundle("gp.stu3.json"), first_bundle("hospital.r4.json")]),
        "profile": Target(read_profile, [PROFILE]),
    }
    return found | trust_files()


def trust_files() -> dict[str, Target]:
    """Each file of a trust repository, changed while the others are right."""
    from crypto.trust import Floors, TrustFiles, verify_trust
    from sync.sandbox.repository import TrustRepository

    with tempfile.TemporaryDirectory(prefix="fuzz-") as name:
        repository = TrustRepository(Path(name), now=NOW)
        repository.publish(now=NOW)
        files = {path.name: path.read_bytes() for path in Path(name).rglob("*") if path.suffix == ".json"}
    named = {plain_name(name): data for name, data in files.items()}

    def verify(role: str, data: bytes) -> object:
        return verify_trust(TrustFiles.from_named({**named, role: data}), Floors(), now=NOW)

    roles = ("1.root.json", "timestamp.json", "snapshot.json", "targets.json", "issuers.json")
    return {f"trust-{role}": Target(partial(verify, role), [named[role]]) for role in roles}


def plain_name(name: str) -> str:
    """A repository's file without the version or hash that consistent snapshots put before its name."""
    first, _, rest = name.partition(".")
    return rest if rest.count(".") and not rest.startswith("root") and (first.isdigit() or len(first) == 64) else name


# ---- what is right for them ---------------------------------------------------------------------

PROFILE = json.dumps(
    {
        "name": "fuzz",
        "made_up": True,
        "holders": [{"iss": "https://a.example", "name": "A", "kind": "gp", "base_url": "http://127.0.0.1:1"}],
        "login": {"base_url": "http://127.0.0.1:2", "client_id": "c", "gateway": "http://127.0.0.1:5"},
        "trust": {"metadata_url": "http://127.0.0.1:3/m", "targets_url": "http://127.0.0.1:3/t", "root": "e30="},
        "relay": {"base_url": "http://127.0.0.1:4"},
        "people": [{"id": "a", "label": "A"}],
    }
).encode()


def vectors(name: str) -> list[Mapping[str, str]]:
    """What each case of one of our vector files gives; the first is right."""
    cases = json.loads((VECTORS / f"{name}.json").read_text(encoding="utf-8"))["cases"]
    return [case["given"] for case in cases]


def vector_trust() -> KeySource:
    """The list the vectors are judged by."""
    global _TRUST
    if _TRUST is None:
        sys.path.insert(0, str(environment.ROOT))
        from tests.vectors.read import vector_trust as read

        _TRUST = read()
    return _TRUST


_TRUST: KeySource | None = None


def first_bundle(name: str) -> bytes:
    """A made-up record, its first entries."""
    whole = json.loads((PEOPLE / "noor-rahman" / name).read_bytes())
    whole["entry"] = whole["entry"][:12]
    return json.dumps(whole).encode()


def read_profile(data: bytes) -> object:
    """The profile in a file that holds `data`."""
    from sync.profile import load_profile

    with tempfile.TemporaryDirectory(prefix="fuzz-") as name:
        path = Path(name) / "profile.json"
        path.write_bytes(data)
        return load_profile(path)


# ---- the runs -----------------------------------------------------------------------------------


def problem(target: Target, data: bytes) -> str:
    """What is wrong with how one input was taken; "" when nothing is."""
    from crypto.errors import PassportError

    before = time.monotonic()
    try:
        target.parse(data)
    except PassportError:
        pass
    except Exception as error:  # noqa: BLE001  (this is what is looked for)
        return f"{type(error).__name__}: {error}"[:200]
    taken = time.monotonic() - before
    return f"{taken:.1f} seconds" if taken > SLOW_SECONDS else ""


def fuzz(
    name: str, target: Target, *, seed: int, runs: int | None = None, seconds: float = 0
) -> tuple[int, list[Find]]:
    """Run one parser over broken inputs, `runs` of them or for `seconds`; how many there were, and what came out."""
    chance = random.Random(f"{seed} {name}")  # noqa: S311  (nothing secret: the same inputs in every run)
    finds: dict[str, Find] = {}
    ended, count = time.monotonic() + seconds, 0
    while count < runs if runs is not None else time.monotonic() < ended:
        data = changed(target.seeds, chance)
        count += 1
        if what := problem(target, data):
            finds.setdefault(what.split(":")[0], Find(name, what, data))
    return count, list(finds.values())


def instrumented_targets() -> dict[str, Target]:
    """The same parsers, our own code in them watched by atheris."""
    try:
        import atheris  # type: ignore[import-untyped]
    except ImportError:
        raise SystemExit("atheris is not installed: pip install atheris, outside the lock") from None
    with atheris.instrument_imports(include=["app", "sync", "crypto"]):
        return targets()


def under_atheris(name: str, target: Target, seconds: int) -> None:
    """The same parser with libFuzzer choosing the inputs; does not come back."""
    import atheris

    def once(data: bytes) -> None:
        if what := problem(target, data):
            raise RuntimeError(f"{name}: {what}")

    with tempfile.TemporaryDirectory(prefix="fuzz-corpus-") as folder:
        for number, seed in enumerate(target.seeds):
            (Path(folder) / str(number)).write_bytes(seed)
        atheris.Setup([sys.argv[0], folder, f"-max_total_time={seconds}", "-verbosity=1"], once)
        atheris.Fuzz()


def main() -> int:
    """Fuzz and print; runs itself again in the project's environment when it is started by another Python."""
    parser = argparse.ArgumentParser(description="Give broken bytes to every parser that eats foreign ones.")
    parser.add_argument("--target", action="append", metavar="NAME", help="only this parser (may be repeated)")
    parser.add_argument("--seconds", type=float, default=5, metavar="N", help="how long for each parser (default 5)")
    parser.add_argument("--seed", type=int, default=1, metavar="N", help="another seed, other inputs (default 1)")
    parser.add_argument("--list", action="store_true", help="print the parsers' names")
    parser.add_argument("--atheris", action="store_true", help="let atheris choose the inputs of one parser")
    asked = parser.parse_args()
    python = environment.python_for(environment.TEST_LOCK)
    if Path(sys.prefix) != environment.VENV:
        os.execv(python, [str(python), *sys.argv])
    known = instrumented_targets() if asked.atheris else targets()
    if asked.list:
        print("\n".join(known))
        return 0
    chosen = {name: known[name] for name in asked.target or known}
    if asked.atheris:
        name, target = next(iter(chosen.items()))
        under_atheris(name, target, int(asked.seconds))
    finds: list[Find] = []
    for name, target in chosen.items():
        count, found = fuzz(name, target, seed=asked.seed, seconds=asked.seconds)
        finds += found
        print(f"{name:22}{count:9} inputs, {len(found)} let out", flush=True)
    for find in finds:
        print(f"{find.target}: {find.what}\n  {base64.b64encode(find.data[:4000]).decode()}")
    return 1 if finds else 0


if __name__ == "__main__":
    sys.exit(main())
