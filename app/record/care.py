"""Procedures, devices and the needs of a person: what was done, what is carried, what to mind."""

from __future__ import annotations

from app.record.codes import ADJUSTMENT_SYSTEM, REASONABLE_ADJUSTMENT, WISHES
from app.record.context import Context, entry
from app.record.element import Resource, as_map, codes, codings, concept, concepts, facts, maps, notes, text, when
from app.record.entry import Entry, Section
from app.record.standing import standing_of


def read_procedure(position: int, resource: Resource, context: Context) -> Entry:
    """A Procedure that was done, or was not and says so."""
    named = resource.get("code")
    reason = concepts(resource.get("reasonCode"))
    return entry(
        position,
        resource,
        Section.PROCEDURES,
        concept(named),
        detail=concept(resource.get("outcome")) or reason,
        when=when(resource, "performedDateTime", "performedPeriod", "occurrenceDateTime", "occurrencePeriod"),
        standing=standing_of(resource, "status", done_is_current=True),
        facts=facts(
            ("status", text(resource.get("status"))),
            ("status-reason", concept(resource.get("statusReason")) or concept(resource.get("notDoneReason"))),
            ("reason", reason),
            ("result", concept(resource.get("outcome"))),
            ("body-site", concepts(resource.get("bodySite"))),
            ("category", concepts(resource.get("category"))),
            ("place", context.frame.name(resource.get("location"), resource)),
            ("note", notes(resource.get("note"))),
        ),
        codings=codings(named),
        said_by=context.said_by(resource, "performer", "recorder", "asserter"),
    )


def read_device(position: int, resource: Resource, context: Context) -> Entry:
    """A Device, or a DeviceUseStatement told with its Device."""
    used = context.told(position, "Device")
    device = used[0] if used else resource
    pointer = as_map(resource.get("device"))
    udi = as_map(device.get("udiCarrier")) or as_map(device.get("udi"))
    named = device.get("type") or device.get("code")
    title = concept(named) or _device_name(device) or text(pointer.get("display")) or concept(pointer.get("concept"))
    return entry(
        position,
        resource,
        Section.DEVICES,
        title,
        detail=concepts(resource.get("bodySite")),
        when=when(resource, "timingPeriod", "timingDateTime", "whenUsed", "recordedOn", "manufactureDate"),
        standing=standing_of(resource, "status"),
        facts=facts(
            ("maker", text(device.get("manufacturer"))),
            ("model", _device_name(device) or text(device.get("modelNumber")) or text(device.get("model"))),
            ("serial", text(device.get("serialNumber")) or text(udi.get("deviceIdentifier"))),
            ("batch", text(device.get("lotNumber"))),
            ("body-site", concepts(resource.get("bodySite"))),
            ("reason", concepts(resource.get("reasonCode")) or concepts(resource.get("indication"))),
            ("expires", text(device.get("expirationDate"))),
            ("status", text(resource.get("status"))),
            ("note", notes(resource.get("note"))),
        ),
        codings=codings(named),
        said_by=context.said_by(resource, "source", "owner"),
    )


def read_flag(position: int, resource: Resource, context: Context) -> Entry:
    """A Flag: a wish, a reasonable adjustment, or another thing to mind."""
    named = resource.get("code")
    said = codes(named) | codes(resource.get("category"))
    systems = {text(one.get("system")) for item in (named, resource.get("category")) for one in maps(item)}
    period = as_map(resource.get("period"))
    adjustment = bool(said & REASONABLE_ADJUSTMENT) or any(system.endswith(ADJUSTMENT_SYSTEM) for system in systems)
    return entry(
        position,
        resource,
        Section.PLANS if said & WISHES else Section.NEEDS,
        concept(named),
        detail="Reasonable adjustment" if adjustment else concepts(resource.get("category")),
        when=when(resource, "period"),
        standing=standing_of(resource, "status"),
        facts=facts(
            ("category", concepts(resource.get("category"))),
            ("status", text(resource.get("status"))),
            ("until", text(period.get("end"))),
            ("note", notes(resource.get("note"))),
        ),
        codings=codings(named),
        said_by=context.said_by(resource, "author"),
    )


def _device_name(device: Resource) -> str:
    names = maps(device.get("deviceName")) or maps(device.get("name"))
    return next((text(one.get("name")) or text(one.get("value")) for one in names), "")
