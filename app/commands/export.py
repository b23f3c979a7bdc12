"""`export`: a copy of the record as a file, for this user only, and never over one that is there unless told to."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from app.clock import system_now
from app.commands.answer import Add, Answer
from app.commands.arguments import add_vault_command, unlocked
from app.commands.saving import require_free, save_file
from app.record.entry import Section

if TYPE_CHECKING:
    from app.actions.exporting import Made
    from app.actions.session import Passport

FORMS = ("ips", "fhir", "pdf", "csv")


def add_to(add: Add) -> None:
    """`export`: it opens one passport."""
    added = add_vault_command(add, "export", "save a copy of the record as a file, which nothing protects", _export)
    added.add_argument(
        "--form",
        choices=FORMS,
        required=True,
        help="a summary, everything as received, to print, or a table of results",
    )
    names = [section.value for section in Section]
    added.add_argument(
        "--section",
        choices=names,
        action="append",
        metavar="NAME",
        help="this section; may be given again; all without it",
    )
    added.add_argument("-o", "--output", type=Path, required=True, metavar="FILE", help="where to save it")
    added.add_argument("--force", action="store_true", help="also over a file that is there")


def _export(arguments: argparse.Namespace) -> Answer:
    from app.actions.exporting import Form, note_saved

    output: Path = arguments.output
    require_free(output, force=arguments.force)
    sections = None if arguments.section is None else {Section(name) for name in arguments.section}
    form, now = Form(arguments.form), system_now()
    with unlocked(arguments) as passport:
        made = _made(passport, form.value, sections)
        save_file(output, made.data, force=arguments.force)
        note_saved(passport, form, sections, now=now)
    members = {
        "form": form.value,
        "file": str(output),
        "bytes": len(made.data),
        "entries": made.entries,
        "left_out": made.left_out,
        "sections": [one.value for one in Section if sections is None or one in sections],
    }
    line = f"{made.entries} entries were saved. The file is not protected: whoever finds it can read it."
    return Answer({"exported": members}, [line])


def _made(passport: Passport, name: str, sections: set[Section] | None) -> Made:
    from app.actions.exporting import Form, Made, export, exportable, file_name, require_something
    from app.paper.record import Printed, record_sheet
    from app.ui.words import load_words

    form, now = Form(name), system_now()
    if form is not Form.PDF:
        return export(passport, form, sections, now=now)
    found = exportable(passport, sections)
    printed = Printed(require_something(found), found.sections, found.whole, found.entries, found.notes, found.aside)
    named = file_name(form, now=now)
    sheet = record_sheet(printed, made_on=now.astimezone().date(), file_name=named, words_in=load_words())
    return Made(form, named, sheet.pdf, len(found.entries))
