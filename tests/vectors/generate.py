"""Writes the vector files beside it and the examples of crypto/FORMATS.md: `python -m tests.vectors.generate`.

Each case breaks one thing and says which refusal it must meet. Signatures are random, so every run
writes other bytes; keys come from fixed numbers and sign nothing but these made-up people.
"""

from __future__ import annotations

import base64
import json
import re
from pathlib import Path

from crypto import attestation, cbor, json_text, jwe, jws, plain_words, shlink
from crypto.card import make_card, to_numeric
from crypto.encoding import b64url_decode, base45_decode
from crypto.entries import commit
from crypto.frames import Sender
from crypto.vault import SubKey
from tests.vectors.backup_cases import HEADER, MADE, STORE, backup_cases, written
from tests.vectors.backup_cases import WORDS as BACKUP_WORDS
from tests.vectors.box_cases import examples as box_examples
from tests.vectors.box_cases import opened_note_cases
from tests.vectors.card_cases import BUNDLE, card_cases
from tests.vectors.entry_cases import RESOURCES, SEED, entry_proof_cases, good_proofs
from tests.vectors.feed_cases import feed_cases
from tests.vectors.frame_cases import PAYLOAD, SYMBOL_BYTES, frame_cases
from tests.vectors.making import FOLDER, NOW, OAK, issuers, key
from tests.vectors.share_cases import LINK, share, share_cases
from tests.vectors.words_cases import SIAN, WORDS, attest, plain_words_cases


def examples() -> dict[str, str]:
    """Each example block of FORMATS.md by its name."""
    token = make_card(BUNDLE, key("oak"), iss=OAK, nbf=NOW)
    commitment, proofs = commit(RESOURCES, SEED), good_proofs(1)
    steps = {
        "seed": SEED,
        "salt 1": b64url_decode(proofs["entries"][0]["salt"]),
        "leaf 1": commitment.leaves[1],
        "root": commitment.root,
    }
    wire = attest()
    person = [SIAN.nhs_number, SIAN.birth_date, SIAN.name]
    signed = cbor.dump([attestation.CONTEXT, *cbor.load(wire)[:5], person])
    words = plain_words.seal(WORDS, key("device"), wire, now=NOW)
    link = shlink.make(LINK)
    moving = Sender(PAYLOAD, SYMBOL_BYTES)
    return box_examples() | {
        "frames-payload": PAYLOAD.hex(),
        "frames-texts": "\n".join(moving.frame(number) for number in range(moving.need + 2)),
        "card-payload": jws.read_unverified(token).payload.decode(),
        "card-jws": token,
        "card-numeric": to_numeric(token),
        "entries-steps": "\n".join(
            [f"resource 1   {RESOURCES[1].decode()}", *(f"{name:<12} {data.hex()}" for name, data in steps.items())]
        ),
        "entries-root-payload": jws.read_unverified(proofs["root"]).payload.decode(),
        "entries-root-jws": proofs["root"],
        "entries-proofs": json_text.dump(proofs).decode(),
        "attestation-signed": signed.hex(),
        "attestation-wire": wire.hex(),
        "words": words,
        "words-cose": base45_decode(words.rpartition("PP1:")[2]).hex(),
        "link-payload": b64url_decode(link.removeprefix("shlink:/")).decode(),
        "link": link,
        "link-file": jwe.encrypt(BUNDLE, LINK.key, content_type="application/fhir+json"),
        "backup-header": HEADER.to_bytes().decode(),
        "backup-file": base64.encodebytes(written()).decode().rstrip(),
        "backup-words": BACKUP_WORDS,
        "backup-key": MADE.master.sub_key(SubKey.BACKUP).hex(),
        "backup-store": STORE.decode().rstrip(),
        "share-terms": jws.read_unverified(json.loads(share())["terms"]).payload.decode(),
    }


def fill_examples(path: Path) -> None:
    """Put each example between its fences; what is around them stays."""
    text = path.read_text(encoding="utf-8")
    for name, example in examples().items():
        fences = re.compile(rf"(```(?:json|text) {name}\n).*?(```\n)", re.DOTALL)
        text, count = fences.subn(lambda found, body=example: f"{found[1]}{body}\n{found[2]}", text)
        assert count == 1, name
    path.write_text(text, encoding="utf-8")


def main() -> None:
    text = json.dumps({"about": "Who is trusted in the vectors.", "issuers": issuers()}, indent=1)
    (FOLDER / "issuers.json").write_text(text + "\n", encoding="utf-8")
    cases = (plain_words_cases, card_cases, entry_proof_cases, share_cases, feed_cases, backup_cases, frame_cases)
    for writer in (make() for make in (*cases, opened_note_cases)):
        writer.write()
        print(writer.name, len(writer.cases), "cases,", sum(case["code"] != "ok" for case in writer.cases), "refused")
    fill_examples(FOLDER.parents[1] / "crypto" / "FORMATS.md")


if __name__ == "__main__":
    main()
