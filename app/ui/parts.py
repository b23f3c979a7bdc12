"""Every part that screens are built of, under one name: `from app.ui import parts`.

Owns nothing of its own: text.py, buttons.py, cards.py, fields.py, notices.py, codes.py, viewfinder.py, plates.py and
frame.py do.
"""

from __future__ import annotations

from app.ui.buttons import danger, primary, quiet, secondary
from app.ui.cards import card, card_link, emergency_strip, summary, tag
from app.ui.codes import CodePicture, MovingPicture, caption, code_box, countdown, moving_box
from app.ui.fields import Choice, radios, secret_field, switch, text_field, tick
from app.ui.frame import Place, Places, frame
from app.ui.notices import callout, error_summary, inset, offline_chip, progress
from app.ui.plates import colour_radios, plate, plate_link, shown_name
from app.ui.text import body, figures, heading, marked, raw, small, title, told
from app.ui.viewfinder import viewfinder

__all__ = [
    "Choice",
    "CodePicture",
    "MovingPicture",
    "Place",
    "Places",
    "body",
    "callout",
    "caption",
    "card",
    "card_link",
    "code_box",
    "colour_radios",
    "countdown",
    "danger",
    "emergency_strip",
    "error_summary",
    "figures",
    "frame",
    "heading",
    "inset",
    "marked",
    "moving_box",
    "offline_chip",
    "plate",
    "plate_link",
    "primary",
    "progress",
    "quiet",
    "radios",
    "raw",
    "secondary",
    "secret_field",
    "shown_name",
    "small",
    "summary",
    "switch",
    "tag",
    "text_field",
    "tick",
    "title",
    "told",
    "viewfinder",
]
