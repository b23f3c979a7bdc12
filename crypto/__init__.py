"""Bytes in, bytes out: keys, vault, signatures, trust, feeds, proofs.

No file, socket, clock, FHIR or screen is known here. FORMATS.md documents every message.
"""
