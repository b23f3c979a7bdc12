"""A local stand-in for the NHS side, with made-up patients as data. Real HTTP servers on loopback."""
