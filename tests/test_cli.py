"""Every command of `passport`, as a person calls it. Over 500 lines: one table of commands, one fixture."""

from __future__ import annotations

import json
import re
import shutil
import stat
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from app import cli
from app.actions import far_side
from app.actions.own_words import mark_entry
from app.actions.session import unlock
from app.qr.scan import read_image
from app.record.own import Label
from app.store import system_keystore
from app.store.home import PassportHome
from crypto import shlink, vault
from crypto.errors import ForkEvidence
from crypto.vault_header import FLOOR, Argon2Cost, read_header
from sync import links
from sync.links import OwnedLink
from sync.profile import RelayService
from sync.relay.app import relay_app
from sync.sandbox.in_process import InProcess
from sync.transport import Transport
from tests.actions.test_importing import allergy, bundle, patient
from tests.store.keystores import MemoryKeystore

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
COMMANDS = ("create", "import", "export", "list", "search", "sections", "evidence", "people", "lock", "check")
COMMANDS += ("emergency", "slots", "backup", "restore", "rekey", "verify-store", "delete")


class Shell:
    """Runs `passport …` on a folder of its own and keeps what was printed."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder = folder
        self.vault = folder / "vault"
        self._capsys = capsys
        self.passphrase("correct horse battery staple\n")

    def passphrase(self, text: str) -> None:
        (self.folder / "phrase").write_text(text, encoding="utf-8")

    def file(self, data: bytes) -> str:
        path = self.folder / "record.json"
        path.write_bytes(data)
        return str(path)

    def run(self, *words: str) -> tuple[int, str, str]:
        where = ("--vault", str(self.vault), "--passphrase-file", str(self.folder / "phrase"))
        code = cli.main([*words, *where])
        printed = self._capsys.readouterr()
        return code, printed.out, printed.err

    def printed(self, *words: str) -> tuple[int, str]:
        """For a command that takes no passphrase."""
        code = cli.main([*words])
        return code, self._capsys.readouterr().out.rstrip("\n")

    def json(self, *words: str) -> tuple[int, dict[str, Any]]:
        code, out, err = self.run(*words, "--json")
        assert err == ""
        return code, json.loads(out)


@pytest.fixture
def shell(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Shell:
    monkeypatch.setattr(vault, "calibrated", lambda measure: FLOOR)
    return Shell(tmp_path, capsys)


def test_the_first_import_makes_a_passport_and_gives_its_words_once(shell: Shell) -> None:
    code, first = shell.json("import", shell.file(bundle(patient(), allergy("Penicillin"))))
    assert code == 0
    assert {key: first[key] for key in ("sections", "accounted", "merged", "not_displayed")} == {
        "sections": {"allergies": 1},
        "accounted": 2,
        "merged": 1,
        "not_displayed": [],
    }
    assert len(first["created"]["recovery_words"]) == 12
    assert "created" not in shell.json("import", shell.file(bundle(patient(), allergy("Nuts"))))[1]


def test_what_was_imported_is_listed_counted_and_found(shell: Shell) -> None:
    shell.json("import", shell.file(bundle(patient(), allergy("Penicillin"), allergy("Nuts"))))
    listed = shell.json("list")[1]["entries"]
    assert sorted(entry["title"] for entry in listed) == ["Nuts", "Penicillin"]
    assert {entry["source"]["checked"] for entry in listed} == {"not-signed"}
    assert len(shell.json("list", "--limit", "1")[1]["entries"]) == 1
    assert shell.json("list", "--section", "medicines") == (0, {"entries": []})
    assert [entry["title"] for entry in shell.json("search", "PENIC")[1]["entries"]] == ["Penicillin"]
    assert shell.json("sections")[1]["sections"] == [{"section": "allergies", "count": 2, "notes": []}]


def test_a_person_reads_lines_instead(shell: Shell) -> None:
    code, out, err = shell.run("import", shell.file(bundle(patient(), allergy("Penicillin"))))
    assert (code, err) == (0, "")
    assert "     1  Allergies\n     2  in the file: 1 shown, 1 merged, 0 could not be displayed" in out
    assert "Allergies: Penicillin" in shell.run("list")[1]


@pytest.mark.parametrize(
    ("data", "code"), [(b"not json", "not-json"), (b'{"a":1}', "not-fhir")], ids=["not json", "not fhir"]
)
def test_a_file_that_is_no_record_leaves_nothing_behind(shell: Shell, data: bytes, code: str) -> None:
    exit_code, refusal = shell.json("import", shell.file(data))
    assert (exit_code, refusal["code"]) == (1, code)
    assert not shell.vault.exists()


def test_somebody_elses_record_is_refused_in_words_and_by_code(shell: Shell) -> None:
    shell.run("import", shell.file(bundle(patient(), allergy("Penicillin"))))
    other = shell.file(bundle(patient(birthDate="1960-01-01"), allergy("Nuts")))
    exit_code, refusal = shell.json("import", other)
    assert (exit_code, refusal["code"], set(refusal)) == (1, "wrong-patient", {"code", "message"})
    exit_code, out, err = shell.run("import", other)
    assert (exit_code, out, err) == (1, "", refusal["message"] + "\n")
    assert shell.json("sections")[1]["sections"][0]["count"] == 1


# ---- a link ---------------------------------------------------------------------------------

RELAY = "http://127.0.0.1:8105"


@pytest.fixture
def relay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Transport:
    """The relay's own app, as what the command line asks."""
    app = relay_app(tmp_path / "relay", base_url=RELAY, now=lambda: datetime.now(UTC))
    transport = Transport(monotonic=time.monotonic, http=InProcess({RELAY: app}))
    monkeypatch.setattr(far_side, "way_out", lambda: transport)
    return transport


def linked(relay: Transport, data: bytes, passcode: str | None = None) -> OwnedLink:
    end = datetime.now(UTC) + timedelta(hours=1)
    owned = links.new_link(RelayService(RELAY), exp=end, label="", flag="P" if passcode else "")
    links.publish(relay, owned, [("application/fhir+json", data)], passcode=passcode)
    return owned


def test_a_link_is_imported_as_a_file_is(shell: Shell, relay: Transport) -> None:
    owned = linked(relay, bundle(patient(), allergy("Penicillin"), {"resourceType": "Unheard"}))
    code, report = shell.json("import", shlink.make(owned.link))
    assert code == 0
    assert {key: report[key] for key in ("sections", "accounted", "merged")} == {
        "sections": {"allergies": 1},
        "accounted": 3,
        "merged": 1,
    }
    assert [each["resource_type"] for each in report["not_displayed"]] == ["Unheard"]
    (entry,) = shell.json("list")[1]["entries"]
    assert {key: entry["source"][key] for key in ("kind", "name", "checked")} == {
        "kind": "link",
        "name": "127.0.0.1:8105",
        "checked": "not-signed",
    }
    assert shell.json("undo")[1] == {"removed": 1}
    assert shell.json("list")[1]["entries"] == []


def test_the_passcode_of_a_link_is_the_first_line_of_its_file(shell: Shell, relay: Transport) -> None:
    text = shlink.make(linked(relay, bundle(patient(), allergy("Penicillin")), "open-sesame").link)
    passcode = shell.folder / "passcode"
    passcode.write_text("guess\n", encoding="utf-8")
    refused = shell.json("import", text, "--passcode-file", str(passcode))
    assert refused == (1, {"code": "wrong-passcode", "message": "That is not the right number. 4 tries are left"})
    assert not shell.vault.exists()
    passcode.write_text("open-sesame\n", encoding="utf-8")
    assert shell.json("import", text, "--passcode-file", str(passcode))[0] == 0


def test_a_person_is_told_the_host_before_it_is_asked(shell: Shell, relay: Transport) -> None:
    owned = linked(relay, bundle(patient(), allergy("Penicillin")))
    written = shell.file(shlink.make(owned.link, viewer="https://viewer.example/#").encode())
    links.end(relay, owned)
    code, out, err = shell.run("import", written)
    assert (code, out) == (1, "")
    assert err.splitlines()[0] == "Asking 127.0.0.1:8105"
    assert err.splitlines()[1].startswith("This link does not work any more.")


def test_a_refused_link_stores_nothing(shell: Shell, relay: Transport) -> None:
    shell.json("import", shell.file(bundle(patient(), allergy("Penicillin"))))
    other = linked(relay, bundle(patient(birthDate="1960-01-01"), allergy("Nuts")))
    assert shell.json("import", shlink.make(other.link))[1]["code"] == "wrong-patient"
    past = shlink.make(replace(other.link, exp=datetime(2020, 1, 1, tzinfo=UTC)))
    assert shell.json("import", past)[1]["code"] == "expired"
    assert shell.json("import", "shlink:/eyJ1cmwi")[1]["code"] == "malformed-token"
    assert [each["title"] for each in shell.json("list")[1]["entries"]] == ["Penicillin"]


def test_a_wrong_passphrase_is_refused(shell: Shell) -> None:
    shell.run("create")
    shell.passphrase("another horse battery staple")
    code, refusal = shell.json("list")
    assert (code, refusal["code"]) == (1, "wrong-passphrase")


def test_a_weak_passphrase_makes_nothing(shell: Shell) -> None:
    shell.passphrase("hunter2")
    code, refusal = shell.json("create")
    assert (code, refusal["code"]) == (1, "passphrase-too-weak")
    assert not shell.vault.exists()


@pytest.mark.parametrize("ending", ["", "\n", "\r\n", "\nsecond line\n"])
def test_the_passphrase_is_the_first_line_of_its_file(shell: Shell, ending: str) -> None:
    shell.run("create")
    shell.passphrase("correct horse battery staple" + ending)
    assert shell.json("list") == (0, {"entries": []})


def test_where_there_is_no_passport_or_no_file_it_says_so(shell: Shell) -> None:
    assert shell.json("list")[1]["code"] == "no-passport"
    assert shell.json("import", str(shell.folder / "missing.json"))[1]["code"] == "unreadable"
    assert not shell.vault.exists()


def test_a_text_that_is_no_code_cannot_be_checked(shell: Shell, capsys: pytest.CaptureFixture[str]) -> None:
    code = cli.main(["check", shell.file(b"hello"), "--json", "--at", "2026-11-23T12:00:00Z"])
    verdict = json.loads(capsys.readouterr().out)
    assert set(verdict) == {"verdict", "code", "issuer", "steps"}
    assert (code, verdict["verdict"], verdict["code"]) == (1, "cannot-check", "not-a-code")


@pytest.mark.parametrize(
    "words", [["check", "-", "--at", "yesterday"], ["list", "--limit", "-1"], ["list", "--section", "x"], ["nothing"]]
)
def test_a_command_that_is_not_understood_exits_with_2(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(words)
    assert ended.value.code == 2
    assert "usage: passport" in capsys.readouterr().err


def test_evidence_is_printed_whole_and_there_is_none_where_nobody_signed_two_histories(shell: Shell) -> None:
    shell.json("import", shell.file(bundle(patient(), allergy("Penicillin"))))
    assert shell.json("evidence") == (0, {"v": 1, "forks": []})
    assert shell.run("evidence")[1] == "No holder has signed two histories.\n"
    passport = unlock(PassportHome(shell.vault), "correct horse battery staple", now=NOW)
    passport.store.keep_fork(ForkEvidence("https://a.example", None, ("head", "update"), "x"), now=NOW)
    passport.lock()
    code, found = shell.json("evidence")
    assert code == 0
    [fork] = found["forks"]
    assert (fork["iss"], fork["known"], fork["signed"]) == ("https://a.example", None, ["head", "update"])
    assert fork["found_at"] == "2026-11-23T12:00:00+00:00"
    assert "https://a.example: 2 signed texts" in shell.run("evidence")[1]


def test_lock_says_whether_it_was_open_and_refuses_where_it_stays_open(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.actions.locking.WAIT_SECONDS", 0.2)
    vault = ("lock", "--vault", str(shell.vault))
    code, said = shell.printed(*vault, "--json")
    assert (code, json.loads(said)["code"]) == (1, "no-passport")
    shell.json("create")
    assert shell.printed(*vault, "--json") == (0, '{"was_open": false, "locked": true}')
    assert shell.printed(*vault) == (0, "Your passport was locked already.")
    opened = unlock(PassportHome(shell.vault), "correct horse battery staple", now=NOW)
    code, said = shell.printed(*vault, "--json")
    assert (code, json.loads(said)["code"]) == (1, "passport-open-elsewhere")
    assert not opened.locked
    opened.lock()


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main([command, "--help"])
    assert ended.value.code == 0
    assert "--json" in capsys.readouterr().out


# ---- several people -------------------------------------------------------------------------


def people_of(shell: Shell, capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    assert cli.main(["people", "--vault", str(shell.vault), "--json"]) == 0
    found: list[dict[str, Any]] = json.loads(capsys.readouterr().out)["people"]
    return found


@pytest.fixture
def family(shell: Shell) -> Shell:
    """Two people: the first without a name, who has penicillin, and "Mam", who has nuts."""
    shell.json("import", shell.file(bundle(patient(), allergy("Penicillin"))))
    shell.json("create", "--person", "Mam")
    shell.json("import", shell.file(bundle(patient(), allergy("Nuts"))), "--person", "Mam")
    return shell


def test_people_lists_who_is_here_without_a_passphrase(family: Shell, capsys: pytest.CaptureFixture[str]) -> None:
    assert [(one["number"], one["name"]) for one in people_of(family, capsys)] == [(1, ""), (2, "Mam")]
    assert cli.main(["people", "--vault", str(family.vault)]) == 0
    assert capsys.readouterr().out == "  1  Person 1\n  2  Mam\n"


def test_people_of_an_empty_folder_is_nobody(shell: Shell, capsys: pytest.CaptureFixture[str]) -> None:
    assert people_of(shell, capsys) == []
    assert not shell.vault.exists()


@pytest.mark.parametrize(("who", "title"), [("1", "Penicillin"), ("Mam", "Nuts"), ("mam", "Nuts"), ("2", "Nuts")])
def test_a_command_is_about_the_person_who_was_named(family: Shell, who: str, title: str) -> None:
    assert [one["title"] for one in family.json("list", "--person", who)[1]["entries"]] == [title]


@pytest.mark.parametrize("words", [("list",), ("create",), ("import", "x.json"), ("search", "Nuts"), ("evidence",)])
def test_with_several_people_a_command_that_names_nobody_is_refused(family: Shell, words: tuple[str, ...]) -> None:
    before = {path: path.read_bytes() for path in family.vault.rglob("*") if path.is_file()}
    given = [family.file(b"{}") if word == "x.json" else word for word in words]
    code, said = family.json(*given)
    assert (code, said["code"]) == (1, "person-unclear")
    assert {path: path.read_bytes() for path in family.vault.rglob("*") if path.is_file()} == before


def test_only_create_makes_somebody_new(family: Shell, capsys: pytest.CaptureFixture[str]) -> None:
    for words in (("list",), ("import", family.file(bundle(patient())))):
        assert family.json(*words, "--person", "Dad")[1]["code"] == "no-such-person"
    assert family.json("create", "--person", "Mam")[1]["code"] == "passport-exists"
    assert len(people_of(family, capsys)) == 2
    assert family.json("create", "--person", "Dad")[0] == 0
    assert [one["name"] for one in people_of(family, capsys)] == ["", "Mam", "Dad"]


@pytest.mark.parametrize(
    ("who", "phrase", "code"), [("Dad", "short", "passphrase-too-weak"), ("a\nb", "", "name-refused")]
)
def test_a_new_person_who_is_refused_leaves_nothing(
    family: Shell, capsys: pytest.CaptureFixture[str], who: str, phrase: str, code: str
) -> None:
    before = sorted(family.vault.rglob("*"))
    if phrase:
        family.passphrase(f"{phrase}\n")
    assert family.json("create", "--person", who)[1]["code"] == code
    assert sorted(family.vault.rglob("*")) == before
    assert len(people_of(family, capsys)) == 2


def test_the_help_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        cli.main(["--help"])
    shown = re.findall(r"^    ([a-z-]+)(?:  |$)", capsys.readouterr().out, re.MULTILINE)
    assert set(COMMANDS) <= set(shown)


def test_slots_are_listed_without_a_passphrase(shell: Shell, capsys: pytest.CaptureFixture[str]) -> None:
    shell.run("create")
    assert cli.main(["slots", "--json", "--vault", str(shell.vault)]) == 0
    found = json.loads(capsys.readouterr().out)["slots"]
    assert {slot["kind"] for slot in found} == {"passphrase", "recovery"}
    assert all(datetime.fromisoformat(slot["created"]).tzinfo for slot in found)


# ---- the emergency card ---------------------------------------------------------------------


@pytest.fixture
def ill(shell: Shell) -> Shell:
    """Sian, whose record came as a file: nobody vouches for her device."""
    shell.json(
        "import", shell.file(bundle(patient(name=[{"family": "Llŷr", "given": ["Siân"]}]), allergy("Penicillin")))
    )
    return shell


def test_the_emergency_card_is_printed_with_its_code_and_what_was_trimmed(ill: Shell) -> None:
    code, said = ill.json("emergency")
    assert code == 0
    assert (said["card"]["name"], said["card"]["birth_date"]) == ("Siân Llŷr", "1959-03-04")
    allergies = next(group for group in said["card"]["groups"] if group["part"] == "allergies")
    assert [line["text"] for line in allergies["lines"]] == ["Penicillin"]
    words = said["plain_words"]
    assert (words["signed"], words["trimmed"], words["version"] <= 20) == (False, [], True)
    assert words["text"].split("\n")[1] == "Name: Siân Llŷr"
    assert (said["health_card"], said["drawn"]) == (None, [])
    assert ill.run("emergency")[1].rstrip("\n") == words["text"]


def test_an_emergency_card_that_was_cut_to_its_code_says_so(shell: Shell) -> None:
    many = [allergy(f"A long name of something eaten, number {number}") for number in range(60)]
    shell.json("import", shell.file(bundle(patient(), *many)))
    words = shell.json("emergency")[1]["plain_words"]
    (cut,) = words["trimmed"]
    assert (cut["part"], cut["of"]) == ("allergies", 60)
    assert f"{cut['left_out']} of 60 allergies not shown" in words["text"]
    assert words["version"] <= 25


@pytest.mark.parametrize(("kind", "form"), [("png", "words"), ("png", "contact"), ("svg", "words"), ("svg", "contact")])
def test_the_code_that_is_drawn_holds_the_words_that_are_printed(ill: Shell, kind: str, form: str) -> None:
    picture = ill.folder / f"code.{kind}"
    said = ill.json("emergency", f"--{kind}", str(picture), "--form", form)[1]
    assert said["drawn"] == [str(picture)]
    assert stat.S_IMODE(picture.stat().st_mode) == 0o600
    if kind == "png":
        (read,) = read_image(picture.read_bytes())
        told = read.replace("\r\n ", "").replace("\\n", "\n").replace("\\,", ",").replace("\\;", ";")
        assert said["plain_words"]["text"] in told
        assert told.startswith("BEGIN:VCARD") == (form == "contact")
    else:
        assert picture.read_text(encoding="utf-8").startswith("<svg ")


def test_a_picture_that_is_there_is_not_written_over_unless_told_to(ill: Shell) -> None:
    there, other = ill.folder / "there.svg", ill.folder / "other.png"
    there.write_text("kept", encoding="utf-8")
    code, said = ill.json("emergency", "--svg", str(there), "--png", str(other))
    assert (code, said["code"], there.read_text(encoding="utf-8")) == (1, "file-exists", "kept")
    assert not other.exists()
    assert ill.json("emergency", "--svg", str(there), "--force")[0] == 0
    assert there.read_text(encoding="utf-8") != "kept"


def test_without_a_record_there_is_no_emergency_card(shell: Shell) -> None:
    shell.run("create")
    picture = shell.folder / "code.png"
    code, said = shell.json("emergency", "--png", str(picture))
    assert (code, said["code"]) == (1, "not-here")
    assert not picture.exists()


class Stick:
    """A folder for backups, and the words that open what is in it."""

    def __init__(self, shell: Shell) -> None:
        created = shell.json("import", shell.file(bundle(patient(), allergy("Penicillin"))))[1]["created"]
        self.folder = shell.folder / "stick"
        self.folder.mkdir()
        self.words = shell.folder / "words"
        self.words.write_text(" ".join(created["recovery_words"]), encoding="utf-8")

    def newest(self) -> str:
        return str(max(self.folder.iterdir()))


def test_a_backup_is_made_where_it_was_chosen_and_after_each_import(shell: Shell) -> None:
    stick = Stick(shell)
    code, made = shell.json("backup", "--folder", str(stick.folder))
    assert (code, made["backup"]["folder"], made["backup"]["problem"]) == (0, str(stick.folder), "")
    first = Path(stick.newest())
    assert made["backup"]["size"] == first.stat().st_size
    before = first.read_bytes()
    shell.json("import", shell.file(bundle(patient(), allergy("Nuts"))))
    assert Path(stick.newest()).read_bytes() != before
    assert "was made and read back" in shell.run("backup")[1]
    assert shell.json("backup", "--off") == (0, {"backup": None})
    assert shell.json("backup")[1]["code"] == "backup-not-kept"


def test_the_words_bring_it_back_onto_an_empty_device_under_a_new_passphrase(shell: Shell) -> None:
    stick = Stick(shell)
    shell.json("backup", "--folder", str(stick.folder))
    shell.vault = shell.folder / "new"
    shell.passphrase("another horse battery staple")
    code, found = shell.json("restore", stick.newest(), "--words-file", str(stick.words))
    assert (code, found["restored"]["entries"], found["restored"]["messages"]) == (0, 1, 1)
    assert [entry["title"] for entry in shell.json("list")[1]["entries"]] == ["Penicillin"]


def test_over_something_newer_it_asks_for_replace(shell: Shell) -> None:
    stick = Stick(shell)
    shell.json("backup", "--folder", str(stick.folder))
    backup = shutil.copy(stick.newest(), shell.folder / "older.passport-backup")
    shell.json("import", shell.file(bundle(patient(), allergy("Nuts"))))
    asked = shell.json("restore", str(backup), "--words-file", str(stick.words))
    assert (asked[0], asked[1]["code"]) == (1, "older-backup")
    assert len(shell.json("list")[1]["entries"]) == 2
    assert shell.json("restore", str(backup), "--words-file", str(stick.words), "--replace")[0] == 0
    assert len(shell.json("list")[1]["entries"]) == 1


def test_a_file_that_is_no_backup_or_not_there_is_refused(shell: Shell) -> None:
    stick = Stick(shell)
    for name in (shell.file(b"a letter"), str(shell.folder / "missing")):
        code, refusal = shell.json("restore", name, "--words-file", str(stick.words), "--replace")
        assert (code, refusal["code"]) == (1, "backup-unreadable")
    assert len(shell.json("list")[1]["entries"]) == 1


def test_a_new_key_gives_new_words(shell: Shell) -> None:
    stick = Stick(shell)
    shell.json("backup", "--folder", str(stick.folder))
    before = Path(stick.newest()).read_bytes()
    code, found = shell.json("rekey")
    assert code == 0
    assert Path(stick.newest()).read_bytes() != before
    words = found["rekeyed"]["recovery_words"]
    assert len(words) == 12
    assert " ".join(words) != stick.words.read_text(encoding="utf-8")
    assert len(shell.json("list")[1]["entries"]) == 1


def test_a_whole_store_is_said_to_be_sound_and_a_changed_one_exits_with_1(shell: Shell) -> None:
    Stick(shell)
    code, report = shell.json("verify-store")
    assert (code, report["sound"], report["messages"], report["entries"], report["faults"]) == (0, True, 1, 1, [])
    passport = unlock(PassportHome(shell.vault), "correct horse battery staple", now=NOW)
    passport.store._driver.run("UPDATE received SET bytes = x'00'")
    passport.lock()
    code, report = shell.json("verify-store")
    assert (code, report["sound"], report["messages_changed"]) == (1, False, 1)
    assert "messages changed" in shell.run("verify-store")[1]


def test_deleting_is_offered_twice_and_says_what_remains(shell: Shell) -> None:
    stick = Stick(shell)
    shell.json("backup", "--folder", str(stick.folder))
    code, offered = shell.json("delete")
    assert (code, offered["deleted"], offered["remains"]["backups"]) == (0, False, [stick.newest()])
    assert len(shell.json("list")[1]["entries"]) == 1
    shell.passphrase("another horse battery staple")
    assert shell.json("delete", "--yes")[1]["code"] == "wrong-passphrase"
    shell.passphrase("correct horse battery staple")
    code, out, _ = shell.run("delete", "--yes")
    assert code == 0
    assert stick.newest() in out
    assert not shell.vault.exists()
    assert Path(stick.newest()).is_file()


def test_a_passport_is_made_with_as_much_stretching_as_this_device_bears(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    measured: list[object] = []

    def calibrated(measure: object) -> Argon2Cost:
        measured.append(measure)
        return Argon2Cost(FLOOR.memory_kib, 3, 1)

    monkeypatch.setattr(vault, "calibrated", calibrated)
    assert shell.json("create")[0] == 0
    slots = read_header((shell.vault / "vault.json").read_bytes()).slots
    assert [slot.cost for slot in slots] == [Argon2Cost(FLOOR.memory_kib, 3, 1), None]
    assert shell.json("sections")[0] == 0
    assert len(measured) == 1


def test_an_older_copy_is_listed_said_to_be_one_and_not_written(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    keystore = MemoryKeystore()
    monkeypatch.setattr(system_keystore, "system_keystore", lambda: keystore)
    shell.json("import", shell.file(bundle(patient(), allergy("Penicillin"))))
    shutil.copytree(shell.vault, shell.folder / "copy")
    shell.json("import", shell.file(bundle(patient(), allergy("Latex"))))
    shutil.rmtree(shell.vault)
    shutil.copytree(shell.folder / "copy", shell.vault)
    code, out, err = shell.run("list")
    assert (code, "Penicillin" in out, "Latex" in out) == (0, True, False)
    assert err == "This is an older copy of your record. You can read it. Update it before you change anything.\n"
    code, out, _ = shell.run("import", shell.file(bundle(patient(), allergy("Latex"))), "--json")
    assert (code, json.loads(out)["code"]) == (1, "older-copy-opened")
    assert "Latex" not in shell.run("list")[1]


@pytest.mark.parametrize("words", [("backup",), ("rekey",), ("verify-store",), ("delete", "--yes"), ("undo",)])
def test_of_several_people_nobody_is_changed_by_a_command_that_names_nobody(
    family: Shell, words: tuple[str, ...]
) -> None:
    before = {path: path.read_bytes() for path in family.vault.rglob("*") if path.is_file()}
    code, said = family.json(*words)
    assert (code, said["code"]) == (1, "person-unclear")
    assert {path: path.read_bytes() for path in family.vault.rglob("*") if path.is_file()} == before


@pytest.mark.parametrize(("who", "left", "title"), [("1", 2, "Nuts"), ("Mam", 1, "Penicillin")])
def test_deleting_one_person_leaves_the_other_and_deleting_both_leaves_nothing(
    family: Shell, capsys: pytest.CaptureFixture[str], who: str, left: int, title: str
) -> None:
    code, said = family.json("delete", "--yes", "--person", who)
    assert (code, said["deleted"], said["folder_gone"]) == (0, True, True)
    assert [one["number"] for one in people_of(family, capsys)] == [left]
    assert [one["title"] for one in family.json("list")[1]["entries"]] == [title]
    named = (family.vault / "household.json").read_text(encoding="utf-8")
    assert ("Mam" in named) == (left == 2)
    assert family.json("delete", "--yes")[0] == 0
    assert not family.vault.exists()


def test_the_ways_in_of_a_named_person_are_listed(family: Shell, capsys: pytest.CaptureFixture[str]) -> None:
    def kinds(*words: str) -> tuple[int, str]:
        code = cli.main(["slots", "--json", "--vault", str(family.vault), *words])
        return code, capsys.readouterr().out

    assert kinds()[0] == 1
    assert '"recovery"' in kinds("--person", "Mam")[1]
    assert '"no-such-person"' in kinds("--person", "Dad")[1]


def test_lock_is_for_everybody_where_nobody_is_named(family: Shell, capsys: pytest.CaptureFixture[str]) -> None:
    for words in ((), ("--person", "Mam")):
        assert cli.main(["lock", "--json", "--vault", str(family.vault), *words]) == 0
        assert json.loads(capsys.readouterr().out) == {"was_open": False, "locked": True}
    assert cli.main(["lock", "--json", "--vault", str(family.vault), "--person", "Dad"]) == 1


def test_a_backup_comes_back_for_somebody_new_and_for_nobody_else(
    shell: Shell, capsys: pytest.CaptureFixture[str]
) -> None:
    stick = Stick(shell)
    shell.json("backup", "--folder", str(stick.folder))
    backup = stick.newest()
    shell.vault = shell.folder / "another device"
    shell.json("create", "--person", "Mam")
    before = {path: path.read_bytes() for path in shell.vault.rglob("*") if path.is_file()}
    words = ("restore", backup, "--words-file", str(stick.words))
    assert shell.json(*words)[1]["code"] == "passport-exists"
    other = shell.folder / "other words"
    other.write_text("abandon " * 12, encoding="utf-8")
    assert shell.json("restore", backup, "--words-file", str(other), "--person", "Siân")[0] == 1
    assert [one["name"] for one in people_of(shell, capsys)] == ["Mam"]
    assert shell.json(*words, "--person", "Siân")[0] == 0
    assert [one["name"] for one in people_of(shell, capsys)] == ["Mam", "Siân"]
    assert [one["title"] for one in shell.json("list", "--person", "Siân")[1]["entries"]] == ["Penicillin"]
    assert shell.json("list", "--person", "Mam")[1]["entries"] == []
    kept = {path: path.read_bytes() for path in before if path.name in ("vault.json", "record.db")}
    assert kept == {path: before[path] for path in kept}


def test_a_copy_is_saved_for_this_user_only_and_noted(shell: Shell) -> None:
    shell.run("import", shell.file(bundle(patient(), allergy("Latex"))))
    out = shell.folder / "copy.json"
    code, said = shell.json("export", "--form", "fhir", "-o", str(out))
    assert code == 0
    assert said["exported"]["bytes"] == out.stat().st_size
    assert (said["exported"]["entries"], out.stat().st_mode & 0o777) == (1, 0o600)
    passport = unlock(PassportHome(shell.vault), "correct horse battery staple", now=NOW)
    assert [(row.what, row.why) for row in passport.store.access_log()] == [("record-saved", "fhir")]
    passport.lock()
    second = PassportHome(shell.folder / "second")
    shell.vault = second.path
    assert shell.json("import", str(out))[1]["sections"] == {"allergies": 1}


@pytest.mark.parametrize("form", ["ips", "fhir", "pdf"])
def test_only_the_sections_that_were_named_are_saved(shell: Shell, form: str) -> None:
    shell.run("import", shell.file(bundle(patient(), allergy("Latex"))))
    out = shell.folder / "copy"
    code, said = shell.json("export", "--form", form, "--section", "allergies", "--section", "plans", "-o", str(out))
    assert (code, said["exported"]["sections"]) == (0, ["allergies", "plans"])
    assert out.read_bytes().startswith(b"%PDF-" if form == "pdf" else b'{"resourceType":"Bundle"')


def test_a_file_that_is_there_is_not_written_over_without_force(shell: Shell) -> None:
    shell.run("import", shell.file(bundle(patient(), allergy("Latex"))))
    out = shell.folder / "mine.txt"
    out.write_text("mine", encoding="utf-8")
    code, said = shell.json("export", "--form", "ips", "-o", str(out))
    assert (code, said["code"], out.read_text(encoding="utf-8")) == (1, "file-exists", "mine")
    assert shell.json("export", "--form", "ips", "-o", str(out), "--force")[0] == 0
    assert (out.read_bytes()[:2], out.stat().st_mode & 0o777) == (b'{"', 0o600)
    assert sorted(one.name for one in shell.folder.iterdir()) == ["mine.txt", "phrase", "record.json", "vault"]


def test_nothing_to_save_leaves_no_file(shell: Shell) -> None:
    shell.run("import", shell.file(bundle(patient(), allergy("Latex"))))
    out = shell.folder / "results.csv"
    code, said = shell.json("export", "--form", "csv", "-o", str(out))
    assert (code, said["code"], out.exists()) == (1, "nothing-to-save", False)
    code, said = shell.json("export", "--form", "ips", "-o", str(shell.folder / "nowhere" / "x"))
    assert (code, said["code"]) == (1, "store-unavailable")
    passport = unlock(PassportHome(shell.vault), "correct horse battery staple", now=NOW)
    assert passport.store.access_log() == []
    passport.lock()


def test_what_is_hidden_is_in_no_answer_of_the_command_line(shell: Shell) -> None:
    shell.run("import", shell.file(bundle(patient(), allergy("Penicillin"))))
    _, listed = shell.json("list")
    number = str(listed["entries"][0]["id"])
    asked = [("list",), ("search", "penicillin"), ("search", "penicilin"), ("sections",), ("show", number)]
    assert all("enicillin" in shell.run(*words)[1] for words in asked if words[0] != "sections")
    passport = unlock(PassportHome(shell.vault), "correct horse battery staple", now=NOW)
    mark_entry(passport, int(number), Label.GENERAL, hidden=True, now=NOW)
    passport.lock()
    for words in asked:
        for form in ((), ("--json",)):
            _, out, err = shell.run(*words, *form)
            assert "enicillin" not in out + err
            assert "llergies" not in out + err
    assert shell.json("show", number)[1]["code"] == "not-here"
